"""`make bench`: prints what sfdebug takes, what it is built for, and how both compare with this machine's speed.

The baseline is a loop of json.loads and json.dumps in the same run: a ratio to it says more about the program than
a number of milliseconds, which says as much about the machine.
"""

from __future__ import annotations

import platform
import statistics
from dataclasses import dataclass

from bench.graphs import graph_rows
from bench.histories import rows as history_rows
from bench.loop import TRANSITIONS, debug_loop, json_round_trips, run_loop
from bench.machines import (
    BRANCHES,
    ITEMS,
    JSONATA_TRANSITIONS,
    MAP_TRANSITIONS,
    PARALLEL_TRANSITIONS,
    STATES_IN_BRANCH,
    run_distributed_map,
    run_inline_map,
    run_jsonata_loop,
    run_parallel,
)
from bench.processes import first_paint, median_seconds, memory_of
from bench.recordings import rows as recording_rows

ROUND_TRIPS = 20_000
BUILT_FOR = "30,000"
"""Transitions per second, headless. An interpreter that writes no events reaches 27,500 on a machine like ours."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    built_for: str = ""
    baselines: str = ""


def main() -> None:
    """Measure everything and print the table."""
    baseline = statistics.median(json_round_trips(ROUND_TRIPS) for _ in range(3)) / ROUND_TRIPS
    rows = [
        Row("baseline: one JSON text of 600 bytes read and written", microseconds(baseline), "", "1.0"),
        *speed(baseline),
        *memory(),
        *start_up(),
        *(Row(*row) for row in graph_rows()),
        *(Row(*row) for row in history_rows()),
        *(Row(*row) for row in recording_rows()),
    ]
    print(f"sfdebug on Python {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    print(table(rows))


def speed(baseline: float) -> list[Row]:
    """Transitions per second, with all events, and for the loop also with a timeline."""
    bare = min(run_loop() for _ in range(3)) / TRANSITIONS
    kept = min(debug_loop() for _ in range(2)) / TRANSITIONS
    return [
        Row("one transition, headless", microseconds(bare), "", f"{bare / baseline:.1f}"),
        Row(f"transitions per second, JSONPath loop of {TRANSITIONS:,}", f"{1 / bare:,.0f}", BUILT_FOR),
        *machines(),
        Row("one transition, debugger, timeline kept", microseconds(kept), "", f"{kept / baseline:.1f}"),
        Row(f"transitions per second, debugger, of {TRANSITIONS:,}", f"{1 / kept:,.0f}"),
    ]


def machines() -> list[Row]:
    """Transitions per second of the other machines, headless."""
    measured = (
        (f"JSONata loop of {TRANSITIONS:,}", JSONATA_TRANSITIONS, run_jsonata_loop, BUILT_FOR),
        (f"Map of {ITEMS:,} items, two states each", MAP_TRANSITIONS, run_inline_map, ""),
        (f"Parallel of {BRANCHES} by {STATES_IN_BRANCH}", PARALLEL_TRANSITIONS, run_parallel, ""),
        (f"distributed Map of {ITEMS:,} items", MAP_TRANSITIONS, run_distributed_map, ""),
    )
    return [
        Row(f"transitions per second, {what}", f"{transitions / min(run() for _ in range(3)):,.0f}", built_for)
        for what, transitions, run, built_for in measured
    ]


def memory() -> list[Row]:
    """What the process grows by."""
    bare, kept = memory_of("run_loop"), memory_of("debug_loop")
    return [
        Row(f"memory for {TRANSITIONS:,} transitions, headless", megabytes(bare)),
        Row(f"memory for {TRANSITIONS:,} transitions, timeline kept", megabytes(kept)),
        Row("memory per kept transition", f"{kept / TRANSITIONS / 1024:,.1f} KB"),
    ]


def start_up() -> list[Row]:
    """Times from the start of a process."""
    bare = median_seconds("-c", "pass")
    empty = Row("python -c pass", milliseconds(bare))
    imported = Row("import sfdebug", milliseconds(median_seconds("-c", "import sfdebug")), "under 50 ms")
    shown = Row("sfdebug --help", milliseconds(median_seconds("-m", "sfdebug", "--help")), "under 100 ms")
    sample = "samples/polling"
    run = ("-m", "sfdebug", "run", f"{sample}/polling.asl.json", "-i", f"@{sample}/input.json")
    headless = median_seconds(*run, "-m", f"{sample}/MockConfigFile.json", "-c", "ReadyAtFourthLook", times=5)
    painted = first_paint("samples/order/order.asl.json")
    return [
        empty,
        imported,
        shown,
        Row("sfdebug run, the polling sample", milliseconds(headless), "under 200 ms"),
        Row("first paint, the order sample", milliseconds(painted), "under 400 ms"),
    ]


def microseconds(seconds: float) -> str:
    """`seconds` in µs."""
    return f"{seconds * 1e6:,.1f} µs"


def milliseconds(seconds: float) -> str:
    """`seconds` in ms."""
    return f"{seconds * 1e3:,.0f} ms"


def megabytes(count: float) -> str:
    """`count` bytes in MB."""
    return f"{count / 1024 / 1024:,.1f} MB"


def table(rows: list[Row]) -> str:
    """The rows below a heading, in columns."""
    heading = Row("what", "measured", "built for", "baselines")
    widths = [max(len(row.what) for row in rows), max(len(row.measured) for row in rows)]
    lines = []
    for row in (heading, *rows):
        line = f"{row.what:<{widths[0]}}  {row.measured:>{widths[1]}}  {row.built_for:<17}  {row.baselines:>9}"
        lines.append(line.rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
