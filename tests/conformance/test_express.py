"""Express executions recorded from AWS (StartSyncExecution), run again: status, output, error and cause.

A result says no more of the Tasks than what came of them, so the answers are read back out of it: an execution that
failed, or whose output is an Error Output, had Tasks that failed with that error and cause; any other output holds the
Lambda function's response among the fields that the states added. What the states make of the answer is compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.engine import Execution, Settings
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import UnsupportedError
from sfdebug.simulation import simulate
from sfdebug.values import is_present
from tests.conformance.compare import equal
from tests.conformance.known_misses import KNOWN_MISSES

FOLDER: Final = Path(__file__).parents[3] / "shared" / "conformance" / "express"
_INVOKE_RESPONSE: Final = (
    "ExecutedVersion",
    "FunctionError",
    "LogResult",
    "Payload",
    "SdkHttpMetadata",
    "SdkResponseMetadata",
    "StatusCode",
)
"""What the Lambda integration returns. Source: AWS API, Lambda Invoke; recorded: the Sdk… fields."""


def cases() -> list[Path]:
    """The recorded results, one file each; none when they are not beside this checkout."""
    return sorted(FOLDER.glob("*.json"))


def check(path: Path) -> str | None:
    """What the execution run again differs in; None when it ends as the recorded one did."""
    case = json.loads(path.read_text(encoding="utf-8"))
    try:
        execution = simulate(
            case["definition"], case["input"], ReadBack(case["result"]), Settings(execution_type="EXPRESS")
        )
    except UnsupportedError as error:
        return f"not run: {error.what}"
    return difference(case["result"], result_of(execution))


def result_of(execution: Execution) -> dict[str, Any]:
    """What StartSyncExecution returns of an execution, as far as it was recorded."""
    result: dict[str, Any] = {"status": str(execution.status), "error": execution.error, "cause": execution.cause}
    if is_present(execution.output):
        result["output"] = execution.output
    return {name: value for name, value in result.items() if value is not None or name == "output"}


def difference(recorded: Mapping[str, Any], computed: Mapping[str, Any]) -> str | None:
    """The first field in which two results differ, None when there is none."""
    for name in ("status", "output", "error", "cause"):
        if (name in recorded) != (name in computed) or not equal(recorded.get(name), computed.get(name)):
            return f"{name}: recorded {recorded.get(name)!r}, computed {computed.get(name)!r}"
    return None


class ReadBack:
    """Answers Tasks with what a recorded result says of them."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._result = result

    def answer(self, request: TaskRequest) -> Answer:
        """The failure that the result tells of, or else the response of the function."""
        output = self._result.get("output")
        if self._result["status"] == "FAILED":
            return TaskFailure(self._result.get("error"), self._result.get("cause"))
        if isinstance(output, dict) and output.keys() == {"Error", "Cause"}:
            return TaskFailure(output["Error"], output["Cause"])
        if request.resource.endswith(":lambda:invoke") and isinstance(output, dict) and "StatusCode" in output:
            return TaskResult({name: value for name, value in output.items() if name in _INVOKE_RESPONSE})
        return TaskResult(output)


@pytest.mark.skipif(not cases(), reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem[:120])
def test_recorded_result(path: Path) -> None:
    found, reason = check(path), KNOWN_MISSES.get(path.stem)
    if reason is not None:
        assert found is not None, f"no longer a miss, take it off the list: {reason}"
        pytest.xfail(reason)
    assert found is None, found


RESULT: Final = {"status": "SUCCEEDED", "output": {"a": ["<uuid:1>", None]}}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "FAILED"},
        {"output": {"a": ["x"]}},
        {"output": {"a": ["x", False]}},
        {"output": None},
        {"error": "E"},
        {"cause": "because"},
    ],
    ids=lambda change: str(change),
)
def test_any_change_is_found(change: dict[str, Any]) -> None:
    computed = {"status": "SUCCEEDED", "output": {"a": ["x", None]}}
    assert difference(RESULT, computed) is None
    assert difference(RESULT, {**computed, **change}) is not None
    assert difference({**RESULT, **change}, computed) is not None


def test_a_missing_field_is_found() -> None:
    assert difference(RESULT, {"status": "SUCCEEDED"}) is not None
    assert difference({"status": "SUCCEEDED"}, {"status": "SUCCEEDED", "output": None}) is not None


def test_an_answer_is_what_the_result_says_and_no_more() -> None:
    """The states still have to do their work: an output that they did not build is a difference."""
    definition = {
        "StartAt": "Call",
        "States": {
            "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Add"},
            "Add": {"Type": "Pass", "Result": 1, "ResultPath": "$.added", "End": True},
        },
    }
    response = {"StatusCode": 200, "Payload": {}}
    for recorded, is_same in (({**response, "added": 1}, True), ({**response, "added": 2}, False), (response, False)):
        result = {"status": "SUCCEEDED", "output": recorded}
        execution = simulate(definition, {}, ReadBack(result), Settings(execution_type="EXPRESS"))
        assert (difference(result, result_of(execution)) is None) is is_same
