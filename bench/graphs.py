"""How long it takes to lay out and paint a state machine, from ten states to five hundred."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from time import process_time
from typing import Final, NamedTuple

from bench.figures import Figure, Unit
from sfdebug.asl.definition import StateMachine
from sfdebug.drawing import build
from sfdebug.drawing.painting.paint import paint
from tests.graph_machines import generated, machine


class Size(NamedTuple):
    """So many states, drawn for so many seeds, in so many milliseconds at most, 95 times of 100."""

    states: int
    seeds: int
    budget: int


SIZES: Final = (Size(10, 60, 5), Size(50, 40, 20), Size(200, 12, 200), Size(500, 8, 500))
_SCREEN: Final = 50
"""The rows that a screen shows at once, which are put together when they are asked for."""


def drawing_times(states: int, seeds: int) -> list[float]:
    """The seconds that each of `seeds` machines takes to be laid out and painted: the median of three times."""
    draw(machine(generated(0, 5)))  # what is loaded at the first use is not part of it
    definitions = [machine(generated(seed, states)) for seed in range(seeds)]
    return sorted(statistics.median(draw(definition) for _ in range(3)) for definition in definitions)


def draw(definition: StateMachine) -> float:
    """The seconds that it takes to lay out and paint, and to put together the rows of one screen."""
    begun = process_time()
    canvas = paint(build(definition))
    for row in range(min(_SCREEN, canvas.height)):
        canvas.row(row)
    return process_time() - begun


def percentile(times: list[float], share: float) -> float:
    """The least of the sorted `times` that `share` of them do not exceed."""
    return times[max(0, math.ceil(share * len(times)) - 1)]


def figures(baseline: float) -> Iterator[Figure]:
    """The time that 95 of 100 drawings keep within, for each size."""
    for states, seeds, budget in SIZES:
        slow = percentile(drawing_times(states, seeds), 0.95)
        what = f"graph of {states} states, layout and paint, 95%"
        yield Figure(f"graph/{states}", what, Unit.MILLISECONDS, slow, budget / 1e3, baseline)
