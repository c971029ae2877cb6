"""What became of an execution, from a whole recording, from its last events, from a description."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.executions.outcome import (
    ExecutionOutcome,
    Known,
    described,
    has_error,
    outcome_of,
    outcome_of_end,
)
from sfdebug.history.reading.read import recordings_of
from sfdebug.history.recording import Recording
from sfdebug.simulation import simulate
from sfdebug.tasks.functions import FunctionTasks

ARN = "arn:aws:states:eu-west-1:123456789012:execution:Orders:run-1"
BASE = ExecutionOutcome(arn=ARN, name="run-1", status="FAILED")


def _task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:charge", "End": True, **fields}


def _failing(error: Exception) -> Any:
    def charge(value: Any) -> Any:
        if isinstance(value, dict) and value.get("bad", True):
            raise error
        return value

    return FunctionTasks(by_state={"Charge": charge})


def _recording(states: dict[str, Any], input: Any = None, **more: Any) -> Recording:
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    run = simulate(definition, {} if input is None else input, _failing(KeyError("no order 4711")))
    return recordings_of([event.as_dict() for event in run.events], ARN)[0]


RETRYING = _task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}])
EACH = {
    "Each": {
        "Type": "Map",
        "ItemsPath": "$.orders",
        "MaxConcurrency": 1,
        "ItemProcessor": {
            "StartAt": "Both",
            "States": {
                "Both": {
                    "Type": "Parallel",
                    "Branches": [
                        {"StartAt": "Note", "States": {"Note": {"Type": "Pass", "End": True}}},
                        {"StartAt": "Charge", "States": {"Charge": RETRYING}},
                    ],
                    "End": True,
                }
            },
        },
        "End": True,
    }
}


def test_a_whole_recording_says_whose_fault_it_was_and_where() -> None:
    recording = _recording(EACH, {"orders": [{"bad": False}, {"bad": True}]})
    outcome = outcome_of(recording, None, BASE)
    state = outcome.failed_state
    assert state is not None
    assert (outcome.known, outcome.status, outcome.retries) == (Known.WHOLE, "FAILED", 2)
    assert (state.path, state.is_fault, state.attempts) == ("Each[1]/Both[1]/Charge", True, 3)
    assert (outcome.error, state.error) == ("KeyError", "KeyError")
    assert has_error(outcome, "keyerr")
    assert has_error(outcome, "*4711*")
    assert not has_error(outcome, "Timeout")


def test_the_last_events_say_as_much_as_is_in_them() -> None:
    recording = _recording(EACH, {"orders": [{"bad": False}, {"bad": True}]})
    entry = next(event.id for event in reversed(recording.events) if event.name == "Charge" and event.is_entry)
    tail = replace(recording, events=recording.events[entry - 1 :])
    outcome = outcome_of_end(tail, BASE)
    state = outcome.failed_state
    assert state is not None
    assert (outcome.known, outcome.error, outcome.retries) == (Known.END, "KeyError", None)
    assert (state.path, state.attempts) == ("…/Each[1]/Charge", 3)
    later = outcome_of_end(replace(recording, events=recording.events[entry:]), BASE)
    assert later.failed_state is None
    count = len(recording.events) - entry
    assert later.why_no_state == f"the entry of the failed state is not among the last {count} events"


@pytest.mark.parametrize(
    ("states", "error", "path"),
    [
        ({"Stop": {"Type": "Fail", "Error": "Refused", "Cause": "no stock"}}, "Refused", "Stop"),
        ({"Pick": {"Type": "Pass", "InputPath": "$.gone", "End": True}}, "States.Runtime", "Pick"),
    ],
)
def test_states_that_fail_without_a_task(states: dict[str, Any], error: str, path: str) -> None:
    outcome = outcome_of(_recording(states))
    assert outcome.failed_state is not None
    assert (outcome.error, outcome.failed_state.path, outcome.retries) == (error, path, 0)


def test_what_a_description_says_and_what_it_does_not() -> None:
    answer = {
        "executionArn": ARN,
        "stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:Orders",
        "name": "run-1",
        "status": "FAILED",
        "startDate": "2025-01-01T00:00:00+00:00",
        "stopDate": "2025-01-01T00:00:09+00:00",
        "error": "Refused",
        "redriveStatus": "REDRIVABLE",
        "stateMachineVersionArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:Orders:7",
    }
    outcome = described(answer)
    assert (outcome.known, outcome.milliseconds, outcome.error, outcome.failed_state) == (1, 9_000, "Refused", None)
    assert outcome.version == answer["stateMachineVersionArn"]
    assert not outcome.is_settled
    again = described({**answer, "status": "RUNNING", "redriveCount": 1, "stopDate": None}, outcome)
    assert (again.error, again.stopped_at, again.redrive_count) == (None, None, 1)
    only_named = described({"executionArn": ARN, "name": "run-1"}, outcome)
    assert only_named == outcome


def test_a_running_or_cut_off_recording_claims_no_end() -> None:
    recording = _recording({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}})
    running = outcome_of(replace(recording, events=recording.events[:-1]))
    assert (running.status, running.stopped_at, running.is_over) == ("RUNNING", None, False)
    more = outcome_of(replace(recording, events=recording.events[:-1], has_more=True))
    assert (more.status, more.known) == ("", Known.LISTED)
