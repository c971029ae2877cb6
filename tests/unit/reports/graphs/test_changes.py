"""Two definitions in one drawing: what came, went and changed, in every format."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

from sfdebug.asl.comparison import compare_machines, nothing
from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import examine_file
from sfdebug.drawing import Zoom, build
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.union import union_containers
from sfdebug.errors import DefinitionError
from sfdebug.reports.graphs import dot, json_text, mermaid, svg, text
from sfdebug.reports.graphs.changes import DrawnChanges
from sfdebug.reports.graphs.export import GraphExport
from tests.graph_checks import faults
from tests.graph_machines import Asl, generated, machine
from tests.graph_pictures import CHAIN, NEST, catching, task
from tests.mermaid_parser import parsed

NS = "{http://www.w3.org/2000/svg}"


def drawn(before: StateMachine, after: StateMachine, *, shut: bool = False, zoom: Zoom = Zoom.FULL) -> GraphExport:
    comparison = compare_machines(before, after)
    layout = build(comparison, union_containers(comparison) if shut else frozenset(), zoom=zoom)
    return GraphExport(layout, "new.json", None, DrawnChanges(comparison, "old.json → new.json"))


def compared(before: Asl, after: Asl, **others: Any) -> GraphExport:
    return drawn(machine(before), machine(after), **others)


def mended() -> Asl:
    """CHAIN with a longer way: Charge card has other Catchers, Pack stands before Ship, Refused has another name."""
    found = deepcopy(CHAIN)
    states = found["States"]
    states["Charge card"] = task("Pack", Catch=catching("Declined", "Card.Declined"), TimeoutSeconds=5)
    states["Pack"] = task("Ship")
    states["Declined"] = states.pop("Refused")
    return found


def test_changes_in_place() -> None:
    after = deepcopy(CHAIN)
    states = after["States"]
    del states["Refused"]
    states["Charge card"] = task("Pack")
    states["Pack"] = {"Type": "Pass", "Next": "Ship"}
    lines = [line.rstrip() for line in text.render(compared(CHAIN, after)).split("\n\n")[0].splitlines()]
    for part in ("~ 2 fields", "- removed", "+ added", "┃", "╎ -", "▽ !States.ALL", "▼ +"):
        assert any(part in line for line in lines), part
    assert [line for line in lines if "Reserve" in line or "Ship" in line] == [
        line for line in lines if re.fullmatch(r" *│ (Reserve|Ship) +│.*", line)
    ]


def test_the_words_below() -> None:
    below = text.render(compared(CHAIN, mended()), width=100).split("\n\n")[1]
    assert below == (
        "old.json → new.json: 1 state added, 1 changed, 1 renamed; 2 transitions added, 1 removed, 1 changed\n"
        "~ Charge card: Next, Catch, TimeoutSeconds\n"
        "+ Pack\n"
        "~ Declined: was Refused, and has the same body\n"
        "+ Charge card → Pack\n"
        "~ Charge card → Declined: !Card.Declined, was !States.ALL\n"
        "+ Pack → Ship\n"
        "- Charge card → Ship\n"
    )


def test_a_definition_that_came_or_went() -> None:
    new, none = machine(NEST), nothing("/dev/null")
    came, went = drawn(none, new), drawn(new, none)
    for export, kind in ((came, "added"), (went, "removed")):
        count = len(list(new.walk()))
        assert export.summary().startswith(f"{count} states {kind}; ")
        assert {export.status(box) for box in export.layout.boxes} == {kind}
        assert set(export.looks.values()) == {kind}
        assert not export.layout.notes
        assert not export.changes.comparison.fields  # type: ignore[union-attr]


def test_nothing_has_changed() -> None:
    export = compared(NEST, NEST)
    assert text.render(export).endswith("\nold.json → new.json: nothing has changed\n")
    assert not re.search(r"[+~]", text.render(export))
    assert json_text.as_dict(export)["changes"]["same"] is True  # type: ignore[index, call-overload]


def test_a_folded_container_says_that_something_in_it_has_changed() -> None:
    after = deepcopy(NEST)
    after["States"]["Each order"]["ItemProcessor"]["States"]["Fan out"]["Branches"][1]["States"]["Notify"][
        "Comment"
    ] = "x"
    assert "~ inside" in text.render(compared(NEST, after, shut=True))
    assert "~ Comment" in text.render(compared(NEST, after))


def test_ascii() -> None:
    assert text.render(compared(CHAIN, mended()), ascii=True).isascii()


def test_svg_tells_by_class_sign_and_word() -> None:
    root = ET.fromstring(svg.render(compared(CHAIN, mended()), key=True))
    classes = {
        group.attrib["data-id"]: group.attrib["class"] for group in root.iter(f"{NS}g") if "data-id" in group.attrib
    }
    assert classes == {
        "Reserve": "state", "Charge card": "state changed", "Pack": "state added", "Ship": "state",
        "Declined": "state renamed",
    }  # fmt: skip
    lines = {path.attrib["class"] for path in root.iter(f"{NS}path") if "data-edges" in path.attrib}
    assert {"line", "line added", "line removed", "line catch changed"} <= lines
    words = ["".join(each.itertext()) for each in root.iter(f"{NS}text")]
    assert {"+ added", "~ 3 fields", "~ was Refused", "only the first definition has it"} <= set(words)


def test_json_has_every_change_and_its_fields() -> None:
    changes = json.loads(json_text.render(compared(CHAIN, mended())))["changes"]
    assert set(changes) == {"before", "after", "same", "machine", "states", "transitions"}
    assert {each["id"]: (each["change"], each["before"], each["fields"]) for each in changes["states"]} == {
        "Charge card": ("changed", "Charge card", ["Next", "Catch", "TimeoutSeconds"]),
        "Pack": ("added", None, []),
        "Declined": ("renamed", "Refused", []),
    }
    [catcher] = [each for each in changes["transitions"] if each["kind"] == "catch"]
    assert (catcher["change"], catcher["fields"]) == ("changed", ["ErrorEquals"])
    assert (catcher["before"], catcher["after"]) == (
        [{"ErrorEquals": ["States.ALL"]}],
        [{"ErrorEquals": ["Card.Declined"]}],
    )


def test_mermaid_and_dot() -> None:
    export = compared(CHAIN, mended())
    [read] = parsed([mermaid.render(export)])
    assert {node["id"]: node["classes"] for node in read["nodes"] if node["classes"]} == {
        "s_Charge_card": ["changed"], "s_Pack": ["added"], "s_Declined": ["renamed"],
    }  # fmt: skip
    assert {(edge["source"], edge["target"], edge["text"]) for edge in read["edges"]} >= {
        ("s_Charge_card", "s_Pack", "+"), ("s_Charge_card", "s_Ship", "-"),
        ("s_Charge_card", "s_Declined", "!Card.Declined ~"),
    }  # fmt: skip
    source = dot.render(export)
    assert 's_Charge_card -> s_Ship [label=" - ", class="removed"' in source
    assert 's_Pack [label="Pack\\nTask\\n+ added", id="Pack", class="added"' in source


def edits(shared: Path) -> Iterator[tuple[str, StateMachine, StateMachine]]:
    """Machines with others that are like them, or not at all."""
    last: StateMachine | None = None
    for file in sorted((shared / "workflows").iterdir()):
        try:
            found = examine_file(file).machine
        except DefinitionError:
            continue
        if found is not None:
            yield file.name, found, last or found
            last = found


def test_of_any_two_machines_all_is_drawn_and_each_is_what_it_is() -> None:
    machines = [machine(generated(seed, 30)) for seed in range(4)]
    for before, after in [*pairwise(machines), (machines[0], machines[0])]:
        _check(drawn(before, after))
        _check(drawn(before, after, shut=True, zoom=Zoom.LINES))


def test_of_any_two_real_workflows(shared: Path) -> None:
    for _, before, after in list(edits(shared))[::4]:
        _check(drawn(before, after))


def _check(export: GraphExport) -> None:
    """Every state and transition of both is drawn once, and is marked as the paths of the two say."""
    assert export.changes is not None
    comparison, layout = export.changes.comparison, export.layout
    assert faults(layout) == []
    old = {comparison.places[state.path] for state in comparison.before.walk()}
    new = {state.path for state in comparison.after.walk()}
    for box in layout.boxes:
        if box.path in old | new:
            assert (export.status(box) == "added") == (box.path not in old), box.path
            assert (export.status(box) == "removed") == (box.path not in new), box.path
    if any(box.collapsed for box in layout.boxes):
        return
    shown = {box.path for box in layout.boxes}
    assert new <= shown
    drawn_edges = {(edge.source, edge.target, str(edge.kind)) for edge in layout.edges}
    for change in comparison.transitions:
        place = change.place
        if place.source in shown | {()} and place.target in shown and place.kind != EdgeKind.START:
            assert (place.source, place.target, place.kind) in drawn_edges
