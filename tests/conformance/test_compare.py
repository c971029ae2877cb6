"""The comparer is able to fail: each kind of difference is found, and only placeholders are forgiven."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conformance.compare import equal, first_difference


def _event(number: int, previous: int, kind: str, **details: Any) -> dict[str, Any]:
    key = "stateExitedEventDetails" if kind.endswith("Exited") else "stateEnteredEventDetails"
    return {"id": number, "previousEventId": previous, "type": kind, "timestamp": "x", key: details}


HISTORY: list[dict[str, Any]] = [
    _event(1, 0, "ExecutionStarted", input="{}"),
    _event(2, 0, "PassStateEntered", name="A", input='{"a":1}'),
    _event(3, 2, "PassStateExited", name="A", output='{"a": [1, "b"]}'),
]


def test_a_history_equals_itself_whatever_the_time_and_the_spelling_of_json() -> None:
    other = copy.deepcopy(HISTORY)
    other[0]["timestamp"] = "y"
    other[2]["stateExitedEventDetails"]["output"] = '{"a":[1,"b"]}'
    assert first_difference(HISTORY, other) is None


@pytest.mark.parametrize(
    ("event", "path", "value"),
    [
        (0, ("type",), "ExecutionFailed"),
        (1, ("previousEventId",), 1),
        (1, ("id",), 9),
        (1, ("stateEnteredEventDetails", "name"), "B"),
        (1, ("stateEnteredEventDetails", "input"), '{"a":true}'),
        (1, ("stateEnteredEventDetails", "input"), '{"a":1,"b":2}'),
        (2, ("stateExitedEventDetails", "output"), '{"a":["b",1]}'),
        (2, ("stateExitedEventDetails", "extra"), 1),
    ],
)
def test_any_change_is_found(event: int, path: tuple[str, ...], value: Any) -> None:
    other = copy.deepcopy(HISTORY)
    target = other[event]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    difference = first_difference(HISTORY, other)
    assert difference is not None
    assert difference.number == event + 1


def test_missing_and_added_events_are_found() -> None:
    assert first_difference(HISTORY, HISTORY[:2]) is not None
    assert first_difference(HISTORY[:2], HISTORY) is not None


@pytest.mark.parametrize(
    ("recorded", "computed", "is_equal"),
    [
        ("<uuid:1>", "8c1e", True),
        ("arn:x:<ArnPart_0idx>", "arn:x:abc", True),
        ("arn:x:<ArnPart_0idx>", "arn:y:abc", False),
        ("plain", "other", False),
        ("plain", "<uuid:1>", False),
        ("Request ID: [a-zA-Z0-9-]+)", "Request ID: 12-34)", True),
        ({"a": 1}, '{"a":1}', True),
        ({"a": 1}, '{"a":2}', False),
        ('{"a":1}', {"a": 1}, True),
        (1, 1.0, True),
        (1, True, False),
        (None, "", False),
        ([], {}, False),
    ],
)
def test_what_counts_as_equal(recorded: Any, computed: Any, is_equal: bool) -> None:
    assert equal(recorded, computed) is is_equal
