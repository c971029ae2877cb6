"""How large a graph is drawn at first, and how wide its pane is."""

from __future__ import annotations

from functools import partial

import pytest

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import definition_from, load_definition
from sfdebug.cli.samples import find_sample
from sfdebug.drawing import Layout, Zoom, build, containers
from sfdebug.drawing.layout.build import MAX_NAME, Builder
from sfdebug.tui.graph.drawings import Wish, draw, fitting, next_zoom
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
        laid_out = partial(build_size, definition, width)
        drawing = draw(definition, Wish(width, height))
        assert drawing.size == fitting(laid_out, width, height)
        assert drawing.layout == laid_out(drawing.size)
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
