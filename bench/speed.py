"""How fast the engine and the debugger run: transitions a second, and what they keep of each in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import process_time
from typing import Final

from bench.figures import Figure, Unit
from bench.loop import TRANSITIONS, debug_loop, run_loop
from bench.machines import (
    BRANCHES,
    ITEMS,
    JSONATA_TRANSITIONS,
    MAP_TRANSITIONS,
    PARALLEL_TRANSITIONS,
    STATES_IN_BRANCH,
    debug_parallel,
    run_distributed_map,
    run_inline_map,
    run_jsonata_loop,
    run_parallel,
)
from bench.processes import memory_of

_HEADLESS: Final = (
    ("jsonpath", f"JSONPath loop of {TRANSITIONS:,}", TRANSITIONS, run_loop, 60_000),
    ("jsonata", f"JSONata loop of {TRANSITIONS:,}", JSONATA_TRANSITIONS, run_jsonata_loop, 60_000),
    ("map", f"Map of {ITEMS:,} items, two states each", MAP_TRANSITIONS, run_inline_map, 40_000),
    ("parallel", f"Parallel of {BRANCHES} by {STATES_IN_BRANCH}", PARALLEL_TRANSITIONS, run_parallel, 30_000),
    ("distributed", f"distributed Map of {ITEMS:,} items", MAP_TRANSITIONS, run_distributed_map, 30_000),
)
_ENOUGH: Final = 0.3
"""Seconds that a figure is measured for at least."""
_WIDTHS: Final = (10, 100, 500)


def headless(baseline: float) -> Iterator[Figure]:
    """Transitions a second, with all events and stages."""
    for key, what, transitions, run, built_for in _HEADLESS:
        rate = transitions / _least(run)
        yield Figure(f"headless/{key}", f"transitions, {what}", Unit.PER_SECOND, rate, built_for, baseline)


def kept(baseline: float) -> Iterator[Figure]:
    """The debugger, which keeps every step."""
    rate = TRANSITIONS / _least(debug_loop, 2)
    what = f"transitions, debugger, loop of {TRANSITIONS:,}"
    yield Figure("debugger/loop", what, Unit.PER_SECOND, rate, 20_000, baseline)
    for width in _WIDTHS:
        transitions, seconds = debug_parallel(width)
        what = f"one transition, debugger, Parallel of {width} by 4"
        yield Figure(f"debugger/parallel-{width}", what, Unit.MICROSECONDS, seconds / transitions, None, baseline)


def memory(_: float) -> Iterator[Figure]:
    """What the process grows by for each transition."""
    for key, what, built_for in (
        ("run_loop", "headless, with stages", None),
        ("run_loop_for_its_events", "headless, events alone", None),
        ("debug_loop", "timeline kept", 2 * 1024),
    ):
        grown = memory_of(key) / TRANSITIONS
        yield Figure(f"memory/{key}", f"memory for a transition, {what}", Unit.KILOBYTES, grown, built_for)


def round_trip(count: int = 20_000) -> float:
    """Seconds for reading and writing a small order as JSON: how fast this machine is today."""
    from bench.loop import ORDER

    text = json.dumps(ORDER)

    def trips() -> float:
        begun = process_time()
        for _ in range(count):
            json.dumps(json.loads(text))
        return process_time() - begun

    return _least(trips) / count


def _least(run: Callable[[], float], times: int = 3) -> float:
    """The least of so many runs; of more when they are short."""
    found = [run() for _ in range(times)]
    while sum(found) < _ENOUGH:
        found.append(run())
    return min(found)
