"""Calls of TestState recorded from AWS, made again offline: the same response, or the same error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.state_testing import TestStateError, test_state
from tests.conformance.compare import equal

FOLDER = Path(__file__).parents[3] / "shared" / "conformance" / "test_state"
CASES = sorted(FOLDER.glob("*.json"))


@dataclass(frozen=True)
class RecordedFunction:
    """Answers as the Lambda function did that TestState really called."""

    response: dict[str, Any]

    def answer(self, request: TaskRequest) -> TaskResult:
        """What the recording says: the raw result, or the output of a state that hands it on."""
        recorded = self.response.get("inspectionData", {}).get("result", self.response["output"])
        return TaskResult(json.loads(recorded) if isinstance(recorded, str) else recorded)


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What the call gives, in the form of a recorded case."""
    is_called = "mock" not in case["request"] and "response" in case
    tasks = RecordedFunction(case["response"]) if is_called else None
    try:
        return {"response": test_state(tasks=tasks, **case["request"])}
    except TestStateError as error:
        answer = error.response["Error"]
        return {"error": {"code": answer["Code"], "message": answer["Message"]}}


def first_difference(recorded: Any, computed: Any, path: str = "") -> str | None:
    """The first field, in depth, in which the computed value is not the recorded one."""
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for name in sorted(recorded.keys() | computed.keys()):
            place = f"{path}.{name}".lstrip(".")
            if name not in computed or name not in recorded:
                return f"{place}: recorded {recorded.get(name)!r}, computed {computed.get(name)!r}"
            difference = first_difference(recorded[name], computed[name], place)
            if difference:
                return difference
        return None
    return None if equal(recorded, computed) else f"{path}: recorded {recorded!r}, computed {computed!r}"


@pytest.mark.skipif(not CASES, reason="the recorded calls are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:160])
def test_recorded_call(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    recorded = {name: case[name] for name in ("response", "error") if name in case}
    computed = outcome(case)
    assert first_difference(recorded, computed) is None
    payloads = computed.get("response", {}).get("inspectionData", {})
    numbers = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage", "errorDetails")
    assert all(isinstance(value, str) for name, value in payloads.items() if name not in numbers)


@pytest.mark.parametrize(
    ("recorded", "computed", "place"),
    [
        ({"response": {"status": "FAILED"}}, {"response": {"status": "SUCCEEDED"}}, "response.status"),
        ({"response": {"output": {"a": 1}}}, {"response": {"output": '{"a":2}'}}, "response.output"),
        ({"response": {}}, {"response": {"nextState": "A"}}, "response.nextState"),
        ({"response": {"inspectionData": {"result": "1"}}}, {"response": {"inspectionData": {}}}, "result"),
        ({"error": {"code": "A", "message": "b"}}, {"response": {"status": "FAILED"}}, "error"),
    ],
)
def test_the_comparison_can_fail(recorded: Any, computed: Any, place: str) -> None:
    difference = first_difference(recorded, computed)
    assert difference is not None
    assert place in difference


def test_the_comparison_takes_payloads_as_json() -> None:
    recorded = {"response": {"output": {"a": [1, "<uuid:1>"]}}}
    assert first_difference(recorded, {"response": {"output": '{"a": [1, "6f2b"]}'}}) is None
