"""What a key takes in a session on a machine of three hundred states; the state at hand is in sight after each."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from itertools import cycle, islice
from time import process_time
from typing import Final

from bench.figures import Figure, Unit
from bench.graph_pictures import Echo, steps
from sfdebug.debugger import Debugger
from tests.tui_runs import Session, opened

STATES: Final = 300
SIZES: Final = ((80, 24), (120, 40))
KEYS: Final = ("n", "n", "s", "n", "j", "n", "N", "n", "k", "n")
"""Mostly steps, some back, and looking around."""

_COUNT: Final = 150
_BUDGET: Final = 0.030


class OutOfSightError(AssertionError):
    """The state at hand is not where one looks."""


def key_times(size: tuple[int, int], count: int = _COUNT) -> list[float]:
    """The seconds that each of so many keys takes, until the screen has settled. Raises OutOfSightError."""
    return asyncio.run(_pressed(size, count))


async def _pressed(size: tuple[int, int], count: int) -> list[float]:
    debugger = Debugger(steps(STATES), {"again": False}, tasks=Echo())
    times: list[float] = []
    async with opened(debugger, size=size) as session:
        while session.screen.graph.drawer.is_drawing or session.screen.graph.drawing is None:
            await session.pilot.pause(0.01)
        for key in islice(cycle(KEYS), count):
            begun = process_time()
            await session.press(key)
            times.append(process_time() - begun)
            look(session, key)
    return times


def look(session: Session, key: str) -> None:
    """Raise OutOfSightError where the box of the selected state is not wholly in view."""
    graph = session.screen.graph
    box = graph.drawing.box(graph.selected) if graph.drawing is not None else None
    seen = graph.in_view
    if box is None or not (seen.x <= box.x and box.right < seen.right and seen.y <= box.y and box.bottom < seen.bottom):
        raise OutOfSightError(f"after {key}: {graph.selected} is not in {seen}")


def figures(baseline: float) -> Iterator[Figure]:
    """The median of a key, in a small terminal and in a middling one."""
    for width, height in SIZES:
        median = statistics.median(key_times((width, height)))
        what = f"a key on {STATES} states in {width} by {height}, median"
        yield Figure(f"stepping/{width}x{height}", what, Unit.MILLISECONDS, median, _BUDGET, baseline)
