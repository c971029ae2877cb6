"""Executions recorded from AWS without the order inside their Parallels: the same events, each as often.

The recorder took the ids of the events inside Parallels, and lost some of those that end a Parallel. The id of the
last event still says how many there were: nothing else may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.compare import equal
from tests.conformance.known_misses import KNOWN_MISSES
from tests.conformance.test_executions import replay

FOLDER: Final = Path(__file__).parents[3] / "shared" / "conformance" / "executions_unordered"
_MADE_UP: Final = ("id", "previousEventId", "timestamp")
_LOST: Final = ("ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited")


def cases() -> list[Path]:
    """The recorded executions, one file each; none when they are not beside this checkout."""
    return sorted(FOLDER.glob("*.json"))


def check(path: Path) -> str | None:
    """What the execution run again differs in; None when it is the recorded one."""
    case = json.loads(path.read_text(encoding="utf-8"))
    return difference(case["history"]["events"], replay(case).history)


def difference(recorded: Sequence[Mapping[str, Any]], computed: Sequence[Mapping[str, Any]]) -> str | None:
    """How two histories differ as multisets of events; None when they do not but for what the recorder lost."""
    left = list(computed)
    for event in recorded:
        twin = next((other for other in left if _same(event, other)), None)
        if twin is None:
            return f"recorded {event['type']}, not computed: {_bare(event)}"
        left.remove(twin)
    too_many = [event["type"] for event in left if event["type"] not in _LOST]
    if too_many:
        return f"computed, not recorded: {too_many}"
    if len(computed) != recorded[-1]["id"]:
        return f"recorded {recorded[-1]['id']} events, computed {len(computed)}"
    return None


def _same(recorded: Mapping[str, Any], computed: Mapping[str, Any]) -> bool:
    # An event outside of a Parallel kept its id, and with it its place.
    return (not recorded["id"] or recorded["id"] == computed["id"]) and equal(_bare(recorded), _bare(computed))


def _bare(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: {name: field for name, field in value.items() if name != "roleArn"} if isinstance(value, dict) else value
        for key, value in event.items()
        if key not in _MADE_UP
    }


@pytest.mark.skipif(not cases(), reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem[:120])
def test_recorded_execution(path: Path) -> None:
    found, reason = check(path), KNOWN_MISSES.get(path.stem)
    if reason is not None:
        assert found is not None, f"no longer a miss, take it off the list: {reason}"
        pytest.xfail(reason)
    assert found is None, found


def _event(number: int, kind: str, **details: Any) -> dict[str, Any]:
    return {"id": number, "previousEventId": 0, "type": kind, "stateEnteredEventDetails": details}


COMPUTED: Final = [
    _event(1, "ExecutionStarted"),
    _event(2, "PassStateEntered", name="A", input="[1, 2]"),
    _event(3, "PassStateEntered", name="A", input="[1, 2]"),
    _event(4, "ParallelStateSucceeded"),
    _event(5, "ExecutionSucceeded"),
]
RECORDED: Final = [
    _event(1, "ExecutionStarted"),
    _event(0, "PassStateEntered", name="A", input="[1,2]"),
    _event(0, "PassStateEntered", name="A", input="[1,2]"),
    _event(5, "ExecutionSucceeded"),
]


def test_the_order_and_what_the_recorder_lost_do_not_count() -> None:
    assert difference(RECORDED, COMPUTED) is None
    assert difference([RECORDED[1], RECORDED[0], *RECORDED[2:]], COMPUTED) is None


@pytest.mark.parametrize(
    ("recorded", "computed"),
    [
        (RECORDED, [COMPUTED[0], *COMPUTED[2:]]),
        (RECORDED, [*COMPUTED, _event(6, "PassStateEntered", name="A", input="[1,2]")]),
        (RECORDED, [*COMPUTED, _event(6, "ParallelStateSucceeded")]),
        (RECORDED, [*COMPUTED[:2], _event(3, "PassStateEntered", name="A", input="[2,1]"), *COMPUTED[3:]]),
        (RECORDED, [*COMPUTED[:4], _event(6, "ExecutionSucceeded")]),
        ([*RECORDED[:3], _event(4, "ExecutionSucceeded")], COMPUTED),
    ],
    ids=["too few", "too many", "too many ends", "another payload", "another place", "another number"],
)
def test_a_difference_is_found(recorded: list[dict[str, Any]], computed: list[dict[str, Any]]) -> None:
    assert difference(recorded, computed) is not None
