"""How long it takes to lay out and paint a state machine, from ten states to five hundred."""

from __future__ import annotations

import math
import statistics
import time
from typing import Final, NamedTuple

from sfdebug.asl.definition import StateMachine
from sfdebug.drawing import build
from sfdebug.drawing.painting.paint import paint
from tests.graph_machines import generated, machine


class Size(NamedTuple):
    """So many states, drawn for so many seeds, in so many milliseconds at most, 95 times of 100."""

    states: int
    seeds: int
    budget: int


SIZES: Final = (Size(10, 60, 5), Size(50, 40, 40), Size(200, 12, 200), Size(500, 8, 500))
_SCREEN: Final = 50
"""The rows that a screen shows at once, which are put together when they are asked for."""


def drawing_times(states: int, seeds: int) -> list[float]:
    """The seconds that each of `seeds` machines takes to be laid out and painted: the median of three times."""
    draw(machine(generated(0, 5)))  # what is loaded at the first use is not part of it
    definitions = [machine(generated(seed, states)) for seed in range(seeds)]
    return sorted(statistics.median(draw(definition) for _ in range(3)) for definition in definitions)


def draw(definition: StateMachine) -> float:
    """The seconds that it takes to lay out and paint, and to put together the rows of one screen."""
    begun = time.perf_counter()
    canvas = paint(build(definition))
    for row in range(min(_SCREEN, canvas.height)):
        canvas.row(row)
    return time.perf_counter() - begun


def percentile(times: list[float], share: float) -> float:
    """The least of the sorted `times` that `share` of them do not exceed."""
    return times[max(0, math.ceil(share * len(times)) - 1)]


def graph_rows() -> list[tuple[str, str, str]]:
    """What was measured, the figures, and what they are built to keep within: one row for each size."""
    rows = []
    for states, seeds, budget in SIZES:
        times = drawing_times(states, seeds)
        measured = f"{1000 * percentile(times, 0.5):,.1f} ms, 95%: {1000 * percentile(times, 0.95):,.1f} ms"
        rows.append((f"graph of {states} states, layout and paint", measured, f"95% in {budget} ms"))
    return rows
