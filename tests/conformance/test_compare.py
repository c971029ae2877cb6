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


def _map_run(exit_follows: int) -> list[dict[str, Any]]:
    def event(number: int, previous: int, kind: str) -> dict[str, Any]:
        return {"id": number, "previousEventId": previous, "type": kind}

    return [
        event(3, 2, "MapRunStarted"),
        event(4, 3, "MapRunSucceeded"),
        event(5, 4, "MapStateSucceeded"),
        event(6, exit_follows, "MapStateExited"),
    ]


def test_the_exit_of_a_distributed_map_may_follow_either_end_of_its_map_run_and_nothing_else() -> None:
    assert first_difference(_map_run(3), _map_run(4)) is None
    assert first_difference(_map_run(4), _map_run(3)) is None
    for other in (2, 5):
        difference = first_difference(_map_run(4), _map_run(other))
        assert difference is not None
        assert difference.field == "previousEventId"


def test_assigned_variables_are_compared_as_json() -> None:
    def exited(text: str) -> list[dict[str, Any]]:
        details = {"assignedVariables": {"x": text}}
        return [{"id": 1, "previousEventId": 0, "type": "PassStateExited", "stateExitedEventDetails": details}]

    assert first_difference(exited('"date"'), exited('"2024-01-01"')) is None
    assert first_difference(exited('{"a": 1}'), exited('{"a":1}')) is None
    assert first_difference(exited('{"a": 1}'), exited('{"a":2}')) is not None
    assert first_difference(exited('"1"'), exited("1")) is not None
