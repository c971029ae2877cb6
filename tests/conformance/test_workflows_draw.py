"""Every real definition draws: nothing overlaps, every transition can be followed, and most fit a screen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import load_definition
from sfdebug.drawing import Layout, Zoom, build, containers
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.painting.lines import LineMark, trace
from sfdebug.drawing.painting.paint import paint
from sfdebug.errors import DefinitionError
from sfdebug.text import cell_width, stripped
from tests.graph_checks import crossings, declared, expected, faults
from tests.graph_tracer import misread

WORKFLOWS: Final = sorted((Path(__file__).parents[3] / "shared" / "workflows").glob("*.asl.*"))
CROSSINGS: Final = 8
"""How many places of all the drawings together may have one line cross another."""

COLUMNS: Final = 120
LEAST_NAME: Final = 10
LABELS_CUT: Final = 27
"""Of 250; there are longer conditions than a screen is wide."""


@lru_cache(maxsize=256)
def loaded(path: Path) -> StateMachine | None:
    """The definition, None for one of the malformed files (test_workflows_load.py knows which)."""
    try:
        return load_definition(path)
    except DefinitionError:
        return None


@lru_cache(maxsize=512)
def drawn(path: Path, *, collapsed: bool, zoom: Zoom = Zoom.FULL) -> Layout:
    machine = loaded(path)
    assert machine is not None
    return build(machine, collapsed=containers(machine) if collapsed else frozenset(), zoom=zoom)


def machines() -> list[Path]:
    found = [path for path in WORKFLOWS if loaded(path) is not None]
    if not found:
        pytest.skip("the real definitions are not beside this checkout")
    return found


@pytest.mark.skipif(not WORKFLOWS, reason="the real definitions are not beside this checkout")
@pytest.mark.parametrize("zoom", list(Zoom))
@pytest.mark.parametrize("collapsed", [False, True], ids=["open", "collapsed"])
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem[:100])
def test_a_real_definition_draws(path: Path, collapsed: bool, zoom: Zoom) -> None:
    machine = loaded(path)
    if machine is None:
        return
    layout = drawn(path, collapsed=collapsed, zoom=zoom)
    assert faults(layout) == []
    edges = {(edge.source, edge.target, edge.kind.value) for edge in layout.edges if edge.kind != "start"}
    assert edges == expected(machine, layout)
    for ascii in (False, True):
        assert misread(paint(layout, ascii=ascii), declared(machine, layout)) == []


def test_lines_hardly_cross() -> None:
    assert sum(crossings(drawn(path, collapsed=False)) for path in machines()) <= CROSSINGS


@pytest.mark.parametrize("zoom", list(Zoom))
def test_each_catch_shows_a_dash(zoom: Zoom) -> None:
    """It is told by more than its arrow and its label; a transition that shares all of its line shares the dash."""
    for path in machines():
        layout = drawn(path, collapsed=False, zoom=zoom)
        cells = [line for row in trace(layout) for line in row.values()]
        dashed = {index for line in cells if line.is_dashed and line.mark is LineMark.LINE for index in line.edges}
        catches = {index for index, edge in enumerate(layout.edges) if edge.kind is EdgeKind.CATCH and edge.corners}
        assert catches <= dashed, path.name


def test_most_fit_a_screen_and_all_do_collapsed() -> None:
    paths = machines()
    assert sum(drawn(path, collapsed=False).width <= COLUMNS for path in paths) >= 0.95 * len(paths)
    assert [path.name for path in paths if drawn(path, collapsed=True).width > COLUMNS] == []


def test_little_is_cut_and_names_that_are_cut_still_tell() -> None:
    """Also where nothing fits: names do not shrink to a few letters then."""
    for width, cut in ((118, 20), (90, 35), (58, 80), (20, 180)):
        sizes = []
        for path in machines():
            machine = loaded(path)
            assert machine is not None
            names = {state.path: stripped(state.name) for state in machine.walk()}
            boxes = build(machine, max_width=width).boxes
            sizes += [cell_width(box.name) for box in boxes if box.name != names.get(box.path, box.name)]
        assert len(sizes) <= cut
        assert min(sizes) >= LEAST_NAME


def test_labels_take_the_room_there_is() -> None:
    drawings = [(path, build(machine, max_width=118)) for path in machines() if (machine := loaded(path)) is not None]
    cut = {path.name: sum(label.number > 0 for label in layout.labels) for path, layout in drawings}
    assert sum(cut.values()) <= LABELS_CUT
    assert all(layout.width <= COLUMNS for _, layout in drawings)


def test_nothing_is_wrong_with_what_loads() -> None:
    """What AWS's samples say reaches every state, so a note would be this program's mistake."""
    unreached = {path.name: drawn(path, collapsed=False).notes for path in machines()}
    assert {name: notes for name, notes in unreached.items() if notes} == {}
