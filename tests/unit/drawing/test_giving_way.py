"""A drawing that gives way asks all the time whether to wait, and is the same as another."""

from __future__ import annotations

import pytest

from sfdebug.drawing import Canvas, build
from sfdebug.drawing.giving_way import give_way, giving_way
from sfdebug.drawing.painting.paint import paint
from tests.graph_machines import generated, machine


def drawn(states: int) -> Canvas:
    return paint(build(machine(generated(3, states))))


def test_a_drawing_asks_all_the_time_whether_to_wait() -> None:
    asked: list[int] = []
    with giving_way(lambda: asked.append(0)):
        canvas = drawn(60)
    times = len(asked)
    assert times > 10 * len(canvas.layout.boxes)
    assert drawn(60).text() == canvas.text()
    give_way()
    assert len(asked) == times, "nothing gives way any more"


def test_what_is_raised_where_it_gives_way_ends_the_drawing() -> None:
    def end() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), giving_way(end):
        drawn(10)
    drawn(10)
