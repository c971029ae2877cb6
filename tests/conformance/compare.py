"""The comparer: whether a computed history is the recorded one, event for event.

Strict, ids and previousEventIds included, but for what the recordings lost: placeholders (`<uuid:1>`, `date`) match
any text, a regular expression that the recorder left in a string matches what it describes, payload strings are
compared as JSON, and a nested string that held JSON equals that JSON. Timestamps and the role ARN were made up by the
recorder: not compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z0-9_-]*(?::\d+)?>|\[[A-Za-z0-9/=+-]+\]\+")
_WHOLE_WORDS = frozenset(
    {
        "date",
        "datetime",
        "timestamp",
        "start-time",
        "start-date",
        "stop-date",
        "entered-time",
        "state-machine-arn",
        "execution-arn",
        "x-amzn-RequestId",
        "x-amz-crc32",
        "RandomNumberGenerated",
        "map_run_arn",
    }
)
"""What the recorder wrote in place of a whole value, a number in the last case."""
_PAYLOADS = ("input", "output", "parameters", "cause")


@dataclass(frozen=True)
class Difference:
    """The first place where two histories part: the event's number (from 1), the field, and both values."""

    number: int
    field: str
    recorded: Any
    computed: Any

    def __str__(self) -> str:
        return f"event {self.number}, {self.field}: recorded {self.recorded!r}, computed {self.computed!r}"


def first_difference(recorded: Sequence[Mapping[str, Any]], computed: Sequence[Mapping[str, Any]]) -> Difference | None:
    """The first difference between two histories, None when they are the same."""
    map_runs = _map_runs(recorded)
    for number, (left, right) in enumerate(zip(recorded, computed, strict=False), 1):
        if left["type"] == right["type"] == "MapStateExited":
            left = _with_either_predecessor(left, right, map_runs)
        difference = _event_difference(number, _normal(left), _normal(right))
        if difference:
            return difference
    if len(recorded) != len(computed):
        return Difference(
            min(len(recorded), len(computed)) + 1,
            "type",
            [event["type"] for event in recorded[len(computed) :]],
            [event["type"] for event in computed[len(recorded) :]],
        )
    return None


def _with_either_predecessor(
    recorded: Mapping[str, Any], computed: Mapping[str, Any], map_runs: Mapping[int, int]
) -> Mapping[str, Any]:
    """AWS is of two minds: for like definitions it has MapStateExited follow MapRunStarted or MapRunSucceeded."""
    run = map_runs.get(recorded["previousEventId"])
    if run is None or map_runs.get(computed["previousEventId"]) != run:
        return recorded
    return {**recorded, "previousEventId": computed["previousEventId"]}


def _map_runs(recorded: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """The ids of MapRunStarted and MapRunSucceeded events, each with the id of the Map Run's start."""
    runs: dict[int, int] = {}
    for event in recorded:
        if event["type"] == "MapRunStarted":
            runs[event["id"]] = event["id"]
        elif event["type"] == "MapRunSucceeded":
            runs[event["id"]] = runs.get(event["previousEventId"], event["id"])
    return runs


def _event_difference(number: int, recorded: dict[str, Any], computed: dict[str, Any]) -> Difference | None:
    for field in ("type", *sorted(recorded.keys() | computed.keys())):
        left, right = recorded.get(field), computed.get(field)
        if not equal(left, right):
            return Difference(number, field, left, right)
    return None


def equal(recorded: Any, computed: Any) -> bool:
    """Whether a computed value is the recorded one; placeholders count in the recorded value only."""
    if isinstance(recorded, str):
        return _equal_text(recorded, computed)
    if isinstance(recorded, dict | list) and isinstance(computed, str):
        parsed = _parsed(computed)
        return parsed is not computed and equal(recorded, parsed)
    if isinstance(recorded, dict):
        return (
            isinstance(computed, dict)
            and recorded.keys() == computed.keys()
            and all(equal(value, computed[key]) for key, value in recorded.items())
        )
    if isinstance(recorded, list):
        return isinstance(computed, list) and len(recorded) == len(computed) and all(map(equal, recorded, computed))
    if isinstance(recorded, bool) or isinstance(computed, bool):
        return recorded is computed
    return bool(recorded == computed)


def _equal_text(recorded: str, computed: Any) -> bool:
    if recorded in _WHOLE_WORDS:
        return isinstance(computed, str | int)
    if not isinstance(computed, str):
        parsed = _parsed(recorded)
        return parsed is not recorded and isinstance(computed, dict | list) and equal(parsed, computed)
    if recorded == computed:
        return True
    left, right = _parsed(recorded), _parsed(computed)
    if isinstance(left, dict | list) and isinstance(right, dict | list):
        return equal(left, right)
    if not _PLACEHOLDER.search(recorded):
        return False
    pattern = ".*".join(re.escape(part) for part in _PLACEHOLDER.split(recorded))
    return re.fullmatch(pattern, computed, re.DOTALL) is not None


def _parsed(text: str) -> Any:
    if text[:1] not in "[{" or not text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _normal(event: Mapping[str, Any]) -> dict[str, Any]:
    normal = {key: value for key, value in event.items() if key != "timestamp"}
    for key, details in normal.items():
        if isinstance(details, dict):
            normal[key] = {name: _payload(name, value) for name, value in details.items() if name != "roleArn"}
    return normal


def _payload(name: str, value: Any) -> Any:
    if name == "assignedVariables" and isinstance(value, dict):
        return {variable: _payload("output", text) for variable, text in value.items()}
    if name in _PAYLOADS and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
