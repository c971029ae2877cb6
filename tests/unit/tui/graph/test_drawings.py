"""How large a graph is drawn at first, and how wide its pane is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import definition_from, load_definition
from sfdebug.cli.samples import find_sample
from sfdebug.drawing import Layout, Zoom, build, containers
from sfdebug.drawing.giving_way import DrawingGivenUp, giving_way
from sfdebug.drawing.layout.build import MAX_NAME, Builder
from sfdebug.drawing.layout.edge_bundles import Planner
from sfdebug.tui.graph.drawings import Drawings, Wish, draw, fitting, next_zoom
from sfdebug.tui.panes.arrangement import Arrangement, arrangement_for, columns, widest
from tests.debugger_runs import EACH, ORDER, PARALLEL, machine, passing
from tests.graph_machines import generated
from tests.graph_machines import machine as graph_machine

FULL, LINES, DOTS = Zoom.FULL, Zoom.LINES, Zoom.DOTS
SIZES = {FULL: (90, 40), LINES: (70, 24), DOTS: (50, 18)}


def drawn(zoom: Zoom) -> Layout:
    """A drawing of the sizes above."""
    return Layout(*SIZES[zoom], (), ())


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (100, 50, FULL),
        (100, 30, LINES),
        (100, 22, FULL),
        (100, 12, LINES),
        (75, 50, LINES),
        (75, 10, LINES),
        (60, 50, DOTS),
        (40, 50, DOTS),
        (30, 50, FULL),
    ],
)
def test_the_largest_that_fits(width: int, height: int, size: Zoom) -> None:
    assert fitting(drawn, width, height) == size


def test_what_is_hopelessly_wide_is_drawn_in_lines() -> None:
    assert fitting(lambda size: Layout(500, 400, (), ()), 60, 30) == LINES
    assert fitting(lambda size: Layout(500, 60, (), ()), 60, 30) == FULL


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "height"), [(24, 10), (46, 20), (70, 24), (100, 40)])
def test_what_is_not_laid_out_since_it_cannot_fit_would_not_have_fitted(seed: int, width: int, height: int) -> None:
    for states in (4, 12, 24):
        definition = graph_machine(generated(seed, states))
        sized = {size: draw(definition, Wish(width, height, size=size)).layout for size in (FULL, LINES, DOTS)}
        drawing = draw(definition, Wish(width, height))
        assert drawing.size == fitting(sized.__getitem__, width, height)
        assert drawing.layout == sized[drawing.size]
        laid_out = partial(build_size, definition, width)
        builder = Builder(definition)
        for size in (FULL, LINES, DOTS):
            least = builder.least_size(MAX_NAME, width, size)
            whole = laid_out(size)
            assert least[0] <= whole.width
            assert least[1] <= whole.height


def build_size(definition: StateMachine, width: int, zoom: Zoom) -> Layout:
    return build(definition, max_width=width, zoom=zoom)


def test_what_cannot_fit_is_not_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[object] = []
    build_one = Builder.build

    def noted(builder: Builder, name: int, width: int, zoom: Zoom) -> Layout:
        laid_out.append(zoom)
        return build_one(builder, name, width, zoom)

    monkeypatch.setattr(Builder, "build", noted)
    drawing = draw(graph_machine(generated(1, 200)), Wish(74, 24))
    assert drawing.size in laid_out
    assert len(laid_out) == len(set(laid_out))
    assert FULL not in laid_out


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_the_order_sample_is_not_scrolled_sideways(size: tuple[int, int]) -> None:
    arrangement = arrangement_for(*size)
    width = widest(arrangement, size[0]) or size[0]
    height = {24: 17, 40: 20, 50: 42}[size[1]]
    layout = draw(load_definition(str(find_sample("order").definition)), Wish(width, height)).layout
    assert layout.width + (layout.height > height) <= width
    if arrangement is not Arrangement.ONE:
        assert columns(arrangement, size[0], layout.width) - 2 >= layout.width


def test_a_small_machine_has_full_boxes() -> None:
    assert draw(definition_from(machine(A=passing("B"), B=passing())), Wish(60, 20)).size == FULL


def test_the_pane_is_no_wider_than_need_be() -> None:
    assert columns(Arrangement.TWO, 120, 10) == 55
    assert columns(Arrangement.TWO, 120, 60) == 62
    assert columns(Arrangement.TWO, 120, 500) == 76
    assert widest(Arrangement.TWO, 120) == 74
    assert columns(Arrangement.WIDE, 200, 500) == 100
    assert widest(Arrangement.ONE, 80) == 0


def test_zooming_ends_at_both_ends() -> None:
    assert next_zoom(Zoom.LINES, 1) is Zoom.FULL
    assert next_zoom(Zoom.LINES, -1) is Zoom.DOTS
    assert next_zoom(Zoom.FULL, 1) is None
    assert next_zoom(Zoom.DOTS, -1) is None


def test_containers() -> None:
    assert containers(definition_from(EACH)) == {("Each",)}
    assert containers(definition_from(PARALLEL)) == {("Both",)}
    assert containers(definition_from(ORDER)) == frozenset()


def test_a_size_that_was_drawn_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[tuple[int, Zoom]] = []
    ordered: list[object] = []
    build_one, plan_one = Builder.build, Planner.plan

    def noted(builder: Builder, name: int, width: int, zoom: Zoom) -> Layout:
        laid_out.append((width, zoom))
        return build_one(builder, name, width, zoom)

    def planned(planner: Planner, *args: Any) -> None:
        ordered.append(args[0])
        plan_one(planner, *args)

    monkeypatch.setattr(Builder, "build", noted)
    monkeypatch.setattr(Planner, "plan", planned)
    definition = graph_machine(generated(3, 60))
    drawings = Drawings(definition)
    wide, narrow = Wish(118, 38, size=FULL), Wish(74, 20, size=FULL)
    first = drawings.draw(wide)
    scopes = len(ordered)
    assert first is not None
    assert first.layout == build_size(definition, 118, FULL)
    laid_out.clear()
    ordered.clear()
    other = drawings.draw(narrow)
    assert other is not None
    assert laid_out == [(74, FULL)]
    assert not ordered, f"the order of {scopes} scopes hangs on no width"
    assert other.layout == build_size(definition, 74, FULL)
    laid_out.clear()
    assert drawings.draw(wide) is first is drawings.kept(wide)
    assert not laid_out


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lent", [0, 6])
def test_there_is_room_for_a_scroll_bar_beside_what_has_one(seed: int, lent: int) -> None:
    definition = graph_machine(generated(seed, 20))
    natural = build_size(definition, 118, FULL)
    kept_free = 0
    for width in range(natural.width - 3, natural.width + 2):
        for height in (natural.height - 1, natural.height, natural.height + lent):
            layout = draw(definition, Wish(width, height, size=FULL, lent=lent)).layout
            has_bar = layout.height > height - lent
            if build_size(definition, width - has_bar, FULL).width <= width - has_bar:
                assert layout.width + has_bar <= width
                kept_free += has_bar
            assert layout in (build_size(definition, width, FULL), build_size(definition, width - 1, FULL))
    assert kept_free


def test_so_many_drawings_are_kept() -> None:
    drawings = Drawings(definition_from(machine(A=passing("B"), B=passing())))
    wishes = [Wish(40 + number, 20) for number in range(10)]
    made = [drawings.draw(wish) for wish in wishes]
    assert drawings.kept(wishes[0]) is None
    assert drawings.kept(wishes[-1]) is made[-1]


def test_what_nobody_waits_for_any_more_is_not_drawn() -> None:
    drawings = Drawings(definition_from(machine(A=passing("B"), B=passing())))
    assert drawings.draw(Wish(60, 20), lambda: True) is None
    assert drawings.kept(Wish(60, 20)) is None


def test_what_is_given_up_in_the_middle_leaves_nothing_half_made() -> None:
    definition, wish = graph_machine(generated(3, 20)), Wish(90, 30)
    times: list[int] = []
    with giving_way(lambda: times.append(0)):
        whole = draw(definition, wish)
    drawings, most = Drawings(definition), len(times)
    assert most > 100
    for last in (0, 1, most // 3, most // 2, most - 1):
        left = iter(range(last))

        def go_on(left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise DrawingGivenUp

        with pytest.raises(DrawingGivenUp), giving_way(go_on):
            drawings.draw(wish)
        assert drawings.kept(wish) is None
        drawings._layouts.clear()  # those are whole; without them it comes to the same place again
    made = drawings.draw(wish)
    assert made is not None
    assert made.layout == whole.layout
    assert made.canvas.text() == whole.canvas.text()
