"""The graph as JSON: states, lines cell by cell, the run; and as DOT, read by Graphviz's own parser where it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.comparison import compare_machines
from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import examine_file
from sfdebug.drawing import build, containers
from sfdebug.drawing.elements import EdgeKind
from sfdebug.errors import DefinitionError
from sfdebug.reports.graphs import dot, json_text
from sfdebug.reports.graphs.changes import DrawnChanges
from sfdebug.reports.graphs.export import GraphExport, state_id
from tests.command_line import ROOT
from tests.graph_checks import expected
from tests.graph_machines import Asl, generated, machine
from tests.graph_pictures import CHAIN, NEST, POLL, catching, declined, picture, polled, task


def read(drawn: GraphExport) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(json_text.render(drawn))
    return value


def check(definition: StateMachine, drawn: GraphExport) -> None:
    """What is written stands for itself: without the layout at hand, boxes and cells make a drawing."""
    value = read(drawn)
    nodes = {node["id"]: node for node in value["nodes"]}
    assert len(nodes) == len(value["nodes"])
    for node in nodes.values():
        box = node["box"]
        assert 0 <= box["x"] <= box["x"] + box["w"] <= value["width"]
        assert 0 <= box["y"] <= box["y"] + box["h"] <= value["height"]
        if node["parent"] is not None:
            around = nodes[node["parent"]]["box"]
            assert around["x"] < box["x"]
            assert box["x"] + box["w"] < around["x"] + around["w"]
            assert around["y"] < box["y"]
            assert box["y"] + box["h"] < around["y"] + around["h"]
    for edge in value["edges"]:
        cells = edge["cells"]
        assert all(abs(x - a) + abs(y - b) == 1 for (x, y), (a, b) in pairwise(cells)), edge
        source, target = nodes[edge["source"]]["box"], nodes[edge["target"]]["box"]
        (x, y), (to_x, to_y) = cells[0], cells[-1]
        assert y == source["y"] + source["h"] - 1
        assert source["x"] < x < source["x"] + source["w"] - 1
        assert to_y == target["y"]
        assert target["x"] < to_x < target["x"] + target["w"] - 1
        assert len(edge["labels"]) == max(len(edge["rules"]), edge["kind"] == "default")
    said = {(edge["source"], edge["target"], edge["kind"]) for edge in value["edges"]}
    declared = expected(definition, drawn.layout)
    assert said == {(state_id(source), state_id(target), kind) for source, target, kind in declared}
    assert len(said) == len(value["edges"])


@pytest.mark.parametrize("definition", [CHAIN, POLL, NEST, *(generated(seed, 60) for seed in range(3))])
def test_it_stands_for_the_drawing(definition: Asl) -> None:
    made = machine(definition)
    check(made, picture(made))
    check(made, picture(made, collapsed=containers(made)))


def workflows(shared: Path) -> Iterator[tuple[str, StateMachine]]:
    for file in sorted((shared / "workflows").iterdir()):
        try:
            found = examine_file(file).machine
        except DefinitionError:
            continue
        if found is not None:
            yield file.name, found


def test_all_real_workflows(shared: Path) -> None:
    for name, found in workflows(shared):
        check(found, GraphExport(build(found), name))


def test_a_chain_in_full() -> None:
    value = read(picture({"StartAt": "A", "States": {"A": task("B", Retry=[{"ErrorEquals": ["X"]}]), "B": task()}}))
    assert value == {
        "title": "machine.asl.json",
        "width": 19,
        "height": 9,
        "nodes": [
            {
                "id": "A", "name": "A", "type": "Task", "box": {"x": 0, "y": 2, "w": 19, "h": 3}, "parent": None,
                "container": False, "collapsed": False, "badges": ["retry"],
            },
            {
                "id": "B", "name": "B", "type": "Task", "box": {"x": 0, "y": 6, "w": 19, "h": 3}, "parent": None,
                "container": False, "collapsed": False, "badges": ["end"],
            },
        ],
        "edges": [
            {
                "source": "A", "target": "B", "kind": "next", "rules": [], "labels": [],
                "cells": [[9, 4], [9, 5], [9, 6]],
            }
        ],
        "starts": [{"parent": None, "target": "A", "cells": [[9, 0], [9, 1], [9, 2]]}],
        "legend": [],
        "notes": [],
    }  # fmt: skip


def test_ids_of_nested_states() -> None:
    value = read(picture(NEST))
    assert [node["id"] for node in value["nodes"] if node["parent"] == "Each order/0/Fan out"] == [
        "Each order/0/Fan out/0/Resize",
        "Each order/0/Fan out/0/Store",
        "Each order/0/Fan out/1/Notify",
    ]
    assert {"parent": "Each order", "target": "Each order/0/Fan out", "cells": []} in value["starts"]


def test_a_run() -> None:
    run = read(picture(CHAIN, declined()))["run"]
    assert (run["source"], run["status"], run["events"], run["problems"]) == ("run.json", "FAILED", 16, [])
    assert run["states"] == [
        {"id": "Reserve", "status": "done", "word": "done", "visits": 1, "failures": 1, "caught": 0},
        {"id": "Charge card", "status": "caught", "word": "caught", "visits": 1, "failures": 1, "caught": 1},
        {"id": "Ship", "status": "unvisited", "word": "not visited", "visits": 0, "failures": 0, "caught": 0},
        {"id": "Refused", "status": "failed", "word": "failed", "visits": 1, "failures": 0, "caught": 0},
    ]
    assert [(each["source"], each["target"], each["kind"], each["count"]) for each in run["taken"]] == [
        (None, "Reserve", "start", 1),
        ("Reserve", "Charge card", "next", 1),
        ("Charge card", "Refused", "catch", 1),
    ]


def test_faults_are_flagged() -> None:
    value = read(picture({"StartAt": "A", "States": {"A": task("Nope"), "Lost": task()}}))
    assert {node["id"]: (node["type"], node["badges"]) for node in value["nodes"]} == {
        "A": ("Task", []),
        "Lost": ("Task", ["unreachable", "end"]),
        "Nope": ("Missing", []),
    }
    assert len(value["notes"]) == 2


def test_every_field_is_in_the_documentation() -> None:
    told = (ROOT / "docs" / "GRAPH_JSON.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in told.split("\n## ")}

    def check(value: Any, section: str) -> None:
        for name, inner in value.items() if isinstance(value, dict) else ():
            assert f"`{name}`" in sections[section], f"{name} of {section}"
            for each in inner if name in ("states", "transitions", "taken") else ():
                check(each, section)

    comparison = compare_machines(machine(CHAIN), machine(POLL))
    changed = GraphExport(build(comparison), "b", None, DrawnChanges(comparison, "a → b"))
    for value in (read(picture(NEST)), read(picture(CHAIN, declined())), read(changed)):
        for name, inner in value.items():
            assert f"| `{name}`" in told or f", `{name}`" in told
            for each in inner if isinstance(inner, list) else [inner]:
                check(each, name if name in sections else next(iter(sections)))


# DOT


def test_dot_of_a_chain() -> None:
    assert (
        dot.render(picture(CHAIN))
        == """\
digraph "machine.asl.json" {
    graph [compound=true, rankdir=TB, labelloc=t, fontname="Helvetica", label="machine.asl.json"]
    node [shape=box, style=rounded, fontname="Helvetica", fontsize=12]
    edge [fontname="Helvetica", fontsize=10]
    s_Reserve [label="Reserve\\nTask, Retry", id="Reserve"]
    start_s_Reserve [label="", shape=circle, width=0.15, style=filled, fillcolor=black]
    s_Charge_card [label="Charge card\\nTask", id="Charge card"]
    s_Ship [label="Ship\\nTask, End", id="Ship"]
    s_Refused [label="Refused\\nFail", id="Refused", shape=oval]
    start_s_Reserve -> s_Reserve
    s_Reserve -> s_Charge_card
    s_Charge_card -> s_Ship
    s_Charge_card -> s_Refused [label=" !States.ALL ", LOOK]
}
""".replace("LOOK", 'style=dashed, arrowhead=empty, color="#a8440c", fontcolor="#a8440c"')
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash \\N", '"back\\\\slash \\\\N"'),
        ("two\nlines", '"two\\nlines"'),
        (
            "nul\x00 bell\x07 \ud800",
            '"nul\N{REPLACEMENT CHARACTER} bell\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"',
        ),
    ],
)
def test_dot_strings(text: str, written: str) -> None:
    assert dot.quoted(text) == written


def test_dot_edges_of_containers_end_at_their_clusters() -> None:
    source = dot.render(picture(NEST))
    assert "s_Store -> s_Done [ltail=cluster_s_Each_order]" in source
    assert "start_s_Each_order -> s_Resize [lhead=cluster_s_Each_order]" in source


def test_dot_has_the_start_of_a_branch_inside_it() -> None:
    rule = {"Variable": "$.a", "IsPresent": True, "Next": "Done"}
    branch = {
        "StartAt": "Look",
        "States": {
            "Look": {"Type": "Wait", "Seconds": 1, "Next": "There?"},
            "There?": {"Type": "Choice", "Choices": [rule], "Default": "Look"},
            "Done": {"Type": "Succeed"},
        },
    }
    lines = dot.render(
        picture({"StartAt": "P", "States": {"P": {"Type": "Map", "ItemProcessor": branch, "End": True}}})
    )
    cluster = lines[lines.index("subgraph cluster_s_P {") : lines.index("\n    }\n")]
    assert "        start_s_Look [" in cluster
    assert 's_There [label="There?\\nChoice", id="P/0/There?", style=diagonals]' in cluster  # no lozenge
    assert '[label="Map: P\\nEnd", id="P"' in cluster, "type and name in one line, as on the screen"
    assert "    start_s_P -> start_s_Look [lhead=cluster_s_P]" in lines, "from above, as Graphviz ranks it"


def test_dot_has_no_edge_inside_a_container_that_leads_to_itself() -> None:
    inner = {"StartAt": "A", "States": {"A": task("B"), "B": task()}}
    again = {"Type": "Map", "ItemProcessor": inner, "Catch": catching("Each"), "End": True}
    source = dot.render(picture({"StartAt": "Each", "States": {"Each": again}}))
    assert "s_B -> s_A" not in source
    [out] = [line for line in source.splitlines() if "s_B -> again_s_Each_1 [ltail=cluster_s_Each" in line]
    [back] = [line for line in source.splitlines() if "again_s_Each_1 -> s_A [lhead=cluster_s_Each" in line]
    assert 'label=" !States.ALL "' in out
    assert "arrowhead=empty" in back


def test_dot_of_a_run() -> None:
    source = dot.render(picture(POLL, polled(2)))
    assert 'label="Look\\nTask\\n✓ done ×3", id="Look", class="done", color="#0a5fb4", penwidth=2]' in source
    assert 's_Wait -> s_Look [label=" ×2 ", class="taken", color="#0a5fb4", penwidth=3]' in source


def test_graphviz_reads_it(shared: Path) -> None:
    pygraphviz = pytest.importorskip(
        "pygraphviz", reason="Graphviz's parser comes with pygraphviz, a development extra"
    )
    names = ['a "b"', "end", "node", "\\n\\\\", "x\x00\x1b", "<b>&amp;</b>", "", "漢字", "digraph {"]
    states: Asl = {name: task(after) for name, after in zip(names, [*names[1:], None], strict=True)}
    pictures = [picture({"StartAt": names[0], "States": states}), picture(NEST), picture(generated(5, 80))]
    pictures += [GraphExport(build(found), name) for name, found in workflows(shared)]
    for drawn in pictures:
        graph = pygraphviz.AGraph(string=dot.render(drawn))
        leaves = [box for box in drawn.layout.boxes if not box.is_open]
        empty = [box for box in drawn.layout.boxes if box.is_open and not any(o.parent == box.path for o in leaves)]
        starts = [edge for edge in drawn.layout.edges if edge.kind is EdgeKind.START and edge.corners]
        assert len(leaves) + len(starts) <= len(graph.nodes()) <= len(leaves) + len(starts) + len(empty)
        drawn_edges = [edge for edge in drawn.layout.edges if edge.corners]
        assert len(graph.edges()) == len(drawn_edges)
