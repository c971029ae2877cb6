"""Where an execution is that runs, by the end of its history."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sfdebug.executions.trail import Trail, Whereabouts

Fields = dict[str, Any]


def event(number: int, previous: int, kind: str, name: str = "") -> Fields:
    found: Fields = {"id": number, "previousEventId": previous, "type": kind, "timestamp": 1_700_000_000 + number}
    return found | ({"stateEnteredEventDetails": {"name": name}} if name else {})


TASK = [
    event(1, 0, "ExecutionStarted"),
    event(2, 0, "TaskStateEntered", "Charge"),
    event(3, 2, "TaskScheduled"),
    event(4, 3, "TaskStarted"),
    event(5, 4, "TaskFailed"),
    event(6, 5, "TaskScheduled"),
]
PARALLEL = [
    event(1, 0, "ExecutionStarted"),
    event(2, 0, "ParallelStateEntered", "Both"),
    event(3, 2, "ParallelStateStarted"),
    event(4, 3, "TaskStateEntered", "Left"),
    event(5, 3, "TaskStateEntered", "Right"),
    event(6, 5, "TaskScheduled"),
    event(7, 4, "TaskScheduled"),
]
CAUGHT = [
    *PARALLEL,
    event(8, 7, "TaskFailed"),
    event(9, 6, "TaskStateAborted"),
    event(10, 8, "ParallelStateFailed"),
]
MAP = [
    event(1, 0, "ExecutionStarted"),
    event(2, 0, "MapStateEntered", "Lines"),
    event(3, 2, "MapStateStarted"),
    event(4, 3, "MapIterationStarted"),
    event(5, 4, "TaskStateEntered", "Line"),
    event(6, 3, "MapIterationStarted"),
    event(7, 6, "TaskStateEntered", "Line"),
    event(8, 3, "MapIterationStarted"),
    event(9, 8, "TaskStateEntered", "Line"),
    event(10, 9, "TaskStateExited"),
    event(11, 10, "MapIterationSucceeded"),
]
NESTED = [
    *MAP[:4],
    event(5, 4, "MapStateEntered", "Inner"),
    event(6, 5, "MapStateStarted"),
    event(7, 6, "MapIterationStarted"),
    event(8, 7, "FailStateEntered", "Broken"),
    event(9, 8, "MapIterationFailed"),
    event(10, 8, "MapStateFailed"),
]


@pytest.mark.parametrize(
    ("events", "states", "tries"),
    [
        (TASK[:1], "", None),
        (TASK[:2], "Charge", None),
        (TASK[:4], "Charge", 1),
        (TASK, "Charge", 2),
        ([*TASK, event(7, 6, "TaskStateExited")], "", None),
        (PARALLEL, "Left, Right", None),
        (CAUGHT, "Both", None),
        ([*CAUGHT, event(11, 10, "ParallelStateExited")], "", None),
        ([*CAUGHT, event(11, 10, "ParallelStateStarted"), event(12, 11, "PassStateEntered", "Left")], "Left", None),
        (MAP, "Line ×2", None),
        ([*MAP, event(12, 7, "MapIterationFailed"), event(13, 7, "MapStateFailed")], "Lines", None),
        (NESTED, "Inner", None),
        ([*NESTED, event(11, 10, "MapStateExited"), event(12, 11, "PassStateEntered", "After")], "After", None),
        ([*NESTED, event(11, 8, "MapIterationFailed"), event(12, 8, "MapStateFailed")], "Lines", None),
        (TASK[2:], "", None),  # what was entered before nobody knows
        (MAP[5:], "Line", None),
    ],
)
def test_what_is_under_way(events: list[Fields], states: str, tries: int | None) -> None:
    trail = Trail()
    trail.add(events)
    found = trail.whereabouts
    assert (found.states, found.tries) == (states, tries)
    in_parts = Trail()
    for number in range(len(events)):
        in_parts.add(events[: number + 1])
    assert in_parts.whereabouts == found, "what is known already is not followed twice"
    assert (in_parts.last, found.is_over) == (events[-1]["id"], False)


def test_since_when() -> None:
    trail = Trail()
    trail.add(TASK)
    assert trail.whereabouts.since == 1_700_000_002_000
    trail.add([event(7, 6, "TaskTimedOut"), event(8, 7, "ExecutionTimedOut")])
    assert trail.whereabouts == Whereabouts(is_over=True)
    trail.add([event(9, 0, "ExecutionRedriven"), event(10, 9, "TaskScheduled")])
    assert not trail.whereabouts.is_over, "redriven"


def test_long_histories_do_not_add_up() -> None:
    trail = Trail()
    trail.add([event(1, 0, "ExecutionStarted"), event(2, 1, "TaskStateEntered", "Long")])
    trail.add(event(number, number - 1, "TaskScheduled") for number in range(3, 30_000))
    assert len(trail._stay_of) <= 4_000
    assert trail.whereabouts.states == "Long"


def test_recorded_executions_end_with_nothing_under_way_and_a_part_tells_no_more_than_all(shared: Path) -> None:
    files = sorted((shared / "conformance" / "executions").glob("*.json"))
    assert files
    for path in files:
        history = json.loads(path.read_bytes()).get("history", {})
        events = sorted(history.get("events", ()), key=lambda one: one["id"])
        if (
            not events
            or not events[-1]["type"].startswith("Execution")
            or "previousEventId" not in events[-1]
            or len(events) > 200
        ):
            continue
        whole = Trail()
        for number in range(1, len(events)):
            whole.add(events[:number])
            assert _names(whole) <= Counter(
                one["stateEnteredEventDetails"]["name"] for one in events[:number] if "stateEnteredEventDetails" in one
            )
        middle = Trail()
        middle.add(events[len(events) // 2 : -1])
        assert _names(middle) <= _names(whole) or any("StateFailed" in one["type"] for one in events), path.name
        whole.add(events)
        assert whole.whereabouts.is_over, path.name


def _names(trail: Trail) -> Counter[str]:
    return Counter(trail._stays[number].name for number in trail._shown)
