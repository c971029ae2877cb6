"""The graph of a definition, as networkx has it: what is in it, and what can be asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import sfdebug
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.model import ScopeModel, scope_model


def machine(start: str, **states: Any) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


DONE = {"Type": "Succeed"}
FAN_OUT = machine(
    "Fan out",
    **{
        "Fan out": {
            "Type": "Parallel",
            "Branches": [machine("A", A={"Type": "Pass", "End": True}), machine("B", B={"Type": "Fail"})],
            "Catch": [{"ErrorEquals": ["States.Timeout", "Own"], "Next": "Mop up"}],
            "Next": "Each",
        },
        "Each": {"Type": "Map", "ItemProcessor": machine("C", C={"Type": "Pass", "End": True}), "End": True},
        "Mop up": DONE,
    },
)


def edges(graph: nx.MultiDiGraph[Any], source: Any) -> dict[str, tuple[Any, ...]]:
    return {
        key: (target, data["kind"], data["index"], data["condition"], data["errors"])
        for _, target, key, data in graph.edges(source, keys=True, data=True)
    }


def test_transitions_have_kinds_and_say_why() -> None:
    rules = [
        {"Variable": "$.x", "NumericGreaterThan": 1, "Next": "A"},
        {"Variable": "$.x", "IsPresent": False, "Next": "A"},
    ]
    graph = sfdebug.graph(machine("Ask", Ask={"Type": "Choice", "Choices": rules, "Default": "B"}, A=DONE, B=DONE))
    assert edges(graph, ("Ask",)) == {
        "choice 0": (("A",), "choice", 0, "x > 1", ()),
        "choice 1": (("A",), "choice", 1, "x is not present", ()),
        "default": (("B",), "default", None, "", ()),
    }
    assert edges(graph, ()) == {"start 0": (("Ask",), "start", 0, "", ())}
    assert edges(graph, ("A",)) == {"end": ((-1,), "end", None, "", ())}


def test_a_way_through_a_container_leads_through_its_content() -> None:
    graph = sfdebug.graph(FAN_OUT)
    assert edges(graph, ("Fan out",)) == {
        "start 0": (("Fan out", 0, "A"), "start", 0, "", ()),
        "start 1": (("Fan out", 1, "B"), "start", 1, "", ()),
    }
    assert edges(graph, ("Fan out", 1, "B")) == {"end": (("Fan out", -1), "end", None, "", ())}
    assert edges(graph, ("Fan out", -1)) == {
        "next": (("Each",), "next", None, "", ()),
        "catch 0": (("Mop up",), "catch", 0, "", ("States.Timeout", "Own")),
    }
    assert edges(graph, ("Each",))["empty"] == (("Each", -1), "empty", None, "", ())
    assert edges(graph, ("Each", -1)) == {"end": ((-1,), "end", None, "", ())}


def test_nodes_say_where_they_are() -> None:
    graph = sfdebug.graph(FAN_OUT)
    assert graph.nodes["Fan out", 1, "B"] == {
        "name": "B",
        "type": "Fail",
        "scope": ("Fan out", 1),
        "container": ("Fan out",),
        "is_start": True,
        "is_end": True,
        "exit": None,
        "is_exit": False,
    }
    assert graph.nodes["Fan out",]["exit"] == ("Fan out", -1)
    assert (graph.graph["start"], graph.graph["end"]) == ((), (-1,))
    assert [path for path, is_exit in graph.nodes(data="is_exit") if is_exit] == [(-1,), ("Fan out", -1), ("Each", -1)]
    assert len({frozenset(attributes) for _, attributes in graph.nodes(data=True)}) == 1


def test_reachability() -> None:
    graph = sfdebug.graph(machine("A", A={"Type": "Pass", "Next": "B"}, B=DONE, Lost={"Type": "Pass", "Next": "B"}))
    assert nx.descendants(graph, ()) == {("A",), ("B",), (-1,)}
    assert set(graph) - nx.descendants(graph, ()) - {()} == {("Lost",)}
    assert nx.ancestors(graph, ("B",)) == {(), ("A",), ("Lost",)}


def test_loops(root: Path) -> None:
    graph = sfdebug.graph(root / "samples" / "polling" / "polling.asl.json")
    (loop,) = nx.simple_cycles(graph)
    assert set(loop) == {("Wait a little",), ("Look",), ("Ended?",), ("Count",)}
    assert nx.is_directed_acyclic_graph(sfdebug.graph(FAN_OUT))


def test_dominators() -> None:
    found = nx.immediate_dominators(sfdebug.graph(FAN_OUT), ())
    assert found["Each",] == ("Fan out", -1)
    assert found["Each", -1] == ("Each",)  # a Map without items does not enter its content
    assert found[-1,] == ("Fan out", -1)


def test_longest_paths() -> None:
    graph = sfdebug.graph(FAN_OUT)
    longest = nx.dag_longest_path(graph)
    assert longest == [(), ("Fan out",), longest[2], ("Fan out", -1), ("Each",), ("Each", 0, "C"), ("Each", -1), (-1,)]


def test_a_faulty_definition_is_refused() -> None:
    with pytest.raises(sfdebug.DefinitionError):
        sfdebug.graph({"StartAt": "A", "States": {}})


SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*/*.asl.*"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_it_has_what_the_drawing_has(path: Path) -> None:
    loaded = sfdebug.load(path)
    graph = sfdebug.graph(loaded)
    states = {key for key, data in graph.nodes(data=True) if data["name"] and not data["is_exit"]}
    assert states == {state.path for state in loaded.walk()}
    drawn: set[tuple[Any, ...]] = set()
    waiting: list[ScopeModel] = [scope_model(loaded, frozenset())]
    while waiting:
        scope = waiting.pop()
        waiting.extend(branch for item in scope.items for branch in item.branches)
        drawn |= {(each.source, each.target, each.kind) for wire in scope.wires for each in wire.transitions}
        drawn |= {(scope.owner, scope.start, EdgeKind.START)} if scope.start is not None else set()
    assert drawn == {
        (source[:-1] if graph.nodes[source]["is_exit"] else source, target, data["kind"])
        for source, target, data in graph.edges(data=True)
        if data["kind"] not in ("end", "empty")
    }
