"""What must hold of every drawing, on generated machines from tidy to wild."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.drawing import Zoom, build, containers
from sfdebug.drawing.labels import Caption
from sfdebug.drawing.layout.coordinates import spread
from sfdebug.drawing.layout.ports import fit_ports
from sfdebug.drawing.layout.routes import ChannelPiece, route_gap
from sfdebug.drawing.layout.scopes import DrawnScopes, ScopePlans, plan
from sfdebug.drawing.layout.sizes import shelve
from sfdebug.drawing.layout.widths import Room
from sfdebug.drawing.model import scope_model
from sfdebug.drawing.painting.paint import paint
from sfdebug.text import cell_width, fit, stripped
from tests.graph_checks import declared, expected, faults
from tests.graph_machines import generated, machine
from tests.graph_tracer import misread

ROOT = Path(__file__).parents[2]
MACHINES = [
    *((seed, states, 0.05) for states in (2, 7, 20, 50) for seed in range(6)),
    *((seed, states, 0.6) for states in (6, 18, 45) for seed in range(6)),
    (1, 100, 0.05),
    (2, 100, 0.3),
]


@pytest.mark.parametrize(("seed", "states", "wild"), MACHINES)
def test_boxes_and_lines_keep_apart_and_read_true(seed: int, states: int, wild: float) -> None:
    definition = machine(generated(seed, states, wild))
    layout = build(definition)
    assert faults(layout) == []
    drawn = {(edge.source, edge.target, edge.kind.value) for edge in layout.edges if edge.kind != "start"}
    assert drawn == expected(definition, layout)
    for ascii in (False, True):
        assert misread(paint(layout, ascii=ascii), declared(definition, layout)) == []


@pytest.mark.parametrize("zoom", list(Zoom))
@pytest.mark.parametrize("seed", range(8))
def test_every_zoom_draws_the_same_and_reads_true(seed: int, zoom: Zoom) -> None:
    definition = machine(generated(seed, 30, 0.15))
    full, layout = build(definition), build(definition, zoom=zoom)
    assert faults(layout) == []
    assert [box.path for box in layout.boxes] == [box.path for box in full.boxes]
    assert [(edge.source, edge.target, edge.kind, edge.labels) for edge in layout.edges] == [
        (edge.source, edge.target, edge.kind, edge.labels) for edge in full.edges
    ]
    shut = build(definition, zoom=zoom, collapsed=containers(definition))
    assert not any(box.is_open for box in shut.boxes)
    for each in (layout, shut):
        for ascii in (False, True):
            assert misread(paint(each, ascii=ascii), declared(definition, each)) == []


@pytest.mark.parametrize(("states", "wild"), [(200, 0.05), (500, 0.05), (200, 0.4)])
def test_large_machines_keep_apart_and_read_true(states: int, wild: float) -> None:
    definition = machine(generated(7, states, wild))
    layout = build(definition)
    assert faults(layout) == []
    for ascii in (False, True):
        assert misread(paint(layout, ascii=ascii), declared(definition, layout)) == []


@pytest.mark.parametrize("seed", range(12))
def test_any_containers_can_be_collapsed(seed: int) -> None:
    definition = machine(generated(seed, 40, 0.1))
    containers = [state.path for state in definition.walk() if state.is_container]
    random = Random(seed)
    layout = build(definition, collapsed=frozenset(path for path in containers if random.random() < 0.5))
    assert faults(layout) == []
    assert misread(paint(layout), declared(definition, layout)) == []
    assert all(layout.shown(state.path) is not None for state in definition.walk())


def test_the_drawing_does_not_depend_on_hashing() -> None:
    program = (
        "from tests.graph_machines import generated, machine\n"
        "from sfdebug.drawing import Zoom, build\n"
        "from sfdebug.drawing.painting.paint import paint\n"
        "import sys\n"
        "for seed in range(4):\n"
        "    for zoom in Zoom:\n"
        "        drawing = paint(build(machine(generated(seed, 60, 0.2)), zoom=zoom)).text()\n"
        "        sys.stdout.buffer.write(drawing.encode())\n"
    )
    texts = []
    for hash_seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr.decode()
        texts.append(run.stdout)
    assert texts[0]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize("zoom", list(Zoom))
def test_what_is_too_wide_without_its_lines_is_too_wide(zoom: Zoom) -> None:
    for seed in range(20):
        plans, scope = ScopePlans(), scope_model(machine(generated(seed, 5 + seed)), frozenset())
        rooms = [Room(64, 48, 118, 20, 1, zoom), Room(64, 12, 42, 10, 1, zoom)]
        plan(scope, rooms[0], plans)
        for room in rooms:
            sketch = DrawnScopes(plans).sketch(scope, room)
            assert 0 < sketch.least_width <= sketch.drawing.width
            assert sketch.drawing == DrawnScopes(plans).draw(scope, room)


def test_drawing_again_gives_the_same() -> None:
    definition = machine(generated(5, 60, 0.2))
    assert paint(build(definition)).text() == paint(build(definition)).text()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
RULES = st.dictionaries(
    st.sampled_from(["Variable", "And", "Or", "Not", "Condition", "StringEquals", "IsPresent", "NumericLessThanPath"]),
    JSON,
    max_size=4,
)


@given(RULES, st.integers(min_value=1, max_value=40))
def test_any_rule_gets_a_label_that_fits(rule: dict[str, object], width: int) -> None:
    caption = Caption(rule=rule)  # type: ignore[arg-type]
    assert stripped(caption.full) == caption.full
    assert cell_width(caption.fitted(width)) <= width


@given(st.text(), st.integers(min_value=0, max_value=30))
def test_any_text_fits(value: str, width: int) -> None:
    assert cell_width(fit(value, width)) <= width
    assert all(character.isprintable() for character in stripped(value))


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=9), st.integers(1, 90))
def test_branches_on_shelves_keep_apart(sizes: list[tuple[int, int]], limit: int) -> None:
    shelves = shelve(sizes, limit)
    assert shelves.width <= max(limit, *(width for width, _ in sizes))
    taken: set[tuple[int, int]] = set()
    for (x, y), (width, height) in zip(shelves.corners, sizes, strict=True):
        cells = {(x + column, y + row) for column in range(width) for row in range(height)}
        assert taken.isdisjoint(cells)
        assert 0 <= x <= shelves.width - width
        assert 0 <= y <= shelves.height - height
        taken |= cells
    for x, y, length, is_vertical in shelves.dividers:
        line = {(x, y + step) if is_vertical else (x + step, y) for step in range(length)}
        assert taken.isdisjoint(line)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=8), st.data())
def test_spreading_keeps_distances(wanted: list[tuple[int, int]], data: st.DataObject) -> None:
    apart = data.draw(st.lists(st.integers(1, 12), min_size=len(wanted) - 1, max_size=len(wanted) - 1))
    columns = spread([float(column) for column, _ in wanted], [float(weight) for _, weight in wanted], apart)
    for left, right, distance in zip(columns, columns[1:], apart, strict=False):
        assert right - left >= distance - 1e-6


@given(st.lists(st.integers(-20, 60), min_size=1, max_size=7), st.integers(0, 20))
def test_ports_stay_on_their_border(goals: list[int], spare: int) -> None:
    last = 2 * len(goals) + 2 + spare
    columns = fit_ports(sorted(goals), [1.0] * len(goals), 0, last)
    assert all(0 < column < last for column in columns)
    assert all(right - left >= 2 for left, right in pairwise(columns))


@given(st.permutations(range(6)), st.permutations(range(6)), st.integers(2, 4))
def test_lines_across_a_gap_never_run_over_one_another(tops: list[int], bottoms: list[int], pitch: int) -> None:
    pieces = [ChannelPiece([top * pitch], [bottom * pitch]) for top, bottom in zip(tops, bottoms, strict=True)]
    rows = route_gap(pieces)
    level: dict[tuple[int, int], int] = {}
    upright: dict[tuple[int, int], int] = {}
    for number, piece in enumerate(pieces):
        top, bottom = piece.tops[0], piece.bottoms[0]
        runs = [(top, bottom, piece.upper_track)]
        falls = [(top, -1, piece.upper_track), (bottom, piece.lower_track, rows)]
        if piece.is_straight:
            runs, falls = [], [(top, -1, rows)]
        elif piece.upper_track != piece.lower_track:
            runs = [(top, piece.dogleg, piece.upper_track), (piece.dogleg, bottom, piece.lower_track)]
            falls.append((piece.dogleg, piece.upper_track, piece.lower_track))
        for start, end, track in runs:
            assert 0 <= track < rows
            for x in range(min(start, end), max(start, end) + 1):
                assert level.setdefault((x, track), number) == number
        for x, first, last in falls:
            for y in range(first, last + 1):
                assert upright.setdefault((x, y), number) == number
