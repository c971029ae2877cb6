"""Tasks that start state machines whose definitions are given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import DefinitionError, UnansweredTaskError
from sfdebug.simulation import simulate
from sfdebug.tasks import state_machines
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.state_machines import MAX_DEPTH, NestedExecutionError, StateMachines
from sfdebug.values import MISSING, Json, Value
from tests.task_requests import task_request

CHILD = "arn:aws:states:eu-west-1:111122223333:stateMachine:Child"
SYNC = "arn:aws:states:::states:startExecution.sync"
SDK_START = "arn:aws:states:::aws-sdk:sfn:startExecution"
ECHO: dict[str, Any] = {"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": True}}}
WAITS: dict[str, Any] = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 90, "End": True}}}
FAILS: dict[str, Any] = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops", "Cause": "why"}}}
CALLS_LAMBDA: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {"Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": True}},
}


def starts(machine: str, resource: str = SYNC, **arguments: Any) -> dict[str, Any]:
    """A definition whose only Task starts `machine`."""
    task = {"Type": "Task", "Resource": resource, "Parameters": {"StateMachineArn": machine, **arguments}, "End": True}
    return {"StartAt": "Start", "States": {"Start": task}}


def ask(
    definition: dict[str, Any],
    resource: str = SYNC,
    input: Value = MISSING,
    **fields: Any,
) -> Answer | None:
    arguments: dict[str, Json] = {"StateMachineArn": CHILD, "Name": "run", **fields}
    if input is not MISSING:
        arguments["Input"] = input
    request = task_request("Start", input=arguments, resource=resource)
    return StateMachines({CHILD: definition}).answer(request)


def output(answer: Answer | None) -> dict[str, Any]:
    assert isinstance(answer, TaskResult), answer
    assert isinstance(answer.output, dict)
    return answer.output


class TestSync:
    def test_input_and_output_are_text(self) -> None:
        answer = ask(ECHO, input={"a": [1, "é"]})
        assert output(answer) == {
            "ExecutionArn": "arn:aws:states:eu-west-1:111122223333:execution:Child:run",
            "Input": '{"a":[1,"é"]}',
            "InputDetails": {"Included": True},
            "Name": "run",
            "Output": '{"a":[1,"é"]}',
            "OutputDetails": {"Included": True},
            "RedriveCount": 0,
            "RedriveStatus": "NOT_REDRIVABLE",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            "StartDate": 1_735_689_600_000,
            "StateMachineArn": CHILD,
            "Status": "SUCCEEDED",
            "StopDate": 1_735_689_600_000,
        }
        assert list(output(answer)) == sorted(output(answer))

    def test_sync_2_gives_json(self) -> None:
        fields = output(ask(ECHO, f"{SYNC}:2", input={"a": 1}))
        assert (fields["Input"], fields["Output"]) == ({"a": 1}, {"a": 1})

    def test_it_was_submitted_first(self) -> None:
        answer = ask(ECHO)
        assert isinstance(answer, TaskResult)
        assert answer.submission is not None
        assert isinstance(answer.submission.response, dict)
        beside = ["SdkHttpMetadata", "SdkResponseMetadata"]
        assert sorted(answer.submission.response) == ["ExecutionArn", *beside, "StartDate"]

    def test_it_takes_the_virtual_time_of_the_nested_execution(self) -> None:
        answer = ask(WAITS)
        assert isinstance(answer, TaskResult)
        assert answer.after_seconds == 90
        assert output(answer)["StopDate"] - output(answer)["StartDate"] == 90_000

    @pytest.mark.parametrize("resource", [SYNC, f"{SYNC}:2"])
    def test_a_failure_has_the_execution_as_its_cause_with_its_input_as_text(self, resource: str) -> None:
        answer = ask(FAILS, resource, input={"a": 1})
        assert isinstance(answer, TaskFailure)
        assert answer.error == "States.TaskFailed"
        cause = json.loads(str(answer.cause))
        assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Oops", "why", "FAILED")
        assert cause["Input"] == '{"a":1}'
        assert "Output" not in cause

    def test_an_execution_that_times_out(self) -> None:
        answer = ask({**WAITS, "TimeoutSeconds": 5})
        assert isinstance(answer, TaskFailure)
        assert json.loads(str(answer.cause))["Status"] == "TIMED_OUT"

    def test_a_call_that_waits_for_its_token_too_is_left_to_others(self) -> None:
        request = task_request("Start", input={"StateMachineArn": CHILD, "Input": {"TaskToken": "tok"}}, resource=SYNC)
        handler = StateMachines({CHILD: ECHO})
        assert handler.answer(replace(request, task_token="tok")) is None
        assert handler.answer(replace(request, task_token="other")) is not None


class TestOtherCalls:
    def test_request_response_has_the_arn_at_once(self) -> None:
        answer = ask(WAITS, "arn:aws:states:::states:startExecution")
        assert isinstance(answer, TaskResult)
        assert answer.after_seconds == 0
        told = output(answer)
        assert list(told) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
        assert told["ExecutionArn"] == "arn:aws:states:eu-west-1:111122223333:execution:Child:run"
        assert told["StartDate"] == 1_735_689_600_000
        assert told["SdkHttpMetadata"]["HttpHeaders"]["Date"] == "Wed, 01 Jan 2025 00:00:00 GMT"
        assert answer == ask(WAITS, "arn:aws:states:::states:startExecution"), "the same whenever it is asked"
        assert isinstance(ask(FAILS, "arn:aws:states:::states:startExecution"), TaskResult)

    def test_the_sdk_call_gives_the_time_as_text(self) -> None:
        fields = output(ask(ECHO, "arn:aws:states:::aws-sdk:sfn:startExecution"))
        assert fields["StartDate"] == "2025-01-01T00:00:00Z"

    def test_start_sync_execution_runs_an_express_workflow(self) -> None:
        fields = output(ask(ECHO, "arn:aws:states:::aws-sdk:sfn:startSyncExecution", input='{"a": 1}'))
        assert fields["ExecutionArn"].startswith("arn:aws:states:eu-west-1:111122223333:express:Child:run:")
        assert (fields["Status"], fields["Output"]) == ("SUCCEEDED", '{"a":1}')
        assert fields["Input"] == '{"a": 1}'
        assert fields["BillingDetails"] == {"BilledDurationInMilliseconds": 100, "BilledMemoryUsedInMB": 64}
        assert "RedriveCount" not in fields

    def test_start_sync_execution_succeeds_with_an_execution_that_failed(self) -> None:
        fields = output(ask(FAILS, "arn:aws:states:::aws-sdk:sfn:startSyncExecution"))
        assert (fields["Status"], fields["Error"], fields["Cause"]) == ("FAILED", "Oops", "why")


class TestInput:
    @pytest.mark.parametrize(
        ("given", "shown", "value"),
        [(MISSING, "{}", {}), (None, "{}", {}), ('"text"', '"text"', "text"), (" [1 ] ", " [1 ] ", [1]), (7, "7", 7)],
    )
    def test_what_the_nested_execution_starts_with(self, given: Value, shown: str, value: Json) -> None:
        fields = output(ask(ECHO, input=given))
        assert (fields["Input"], json.loads(fields["Output"])) == (shown, value)

    @pytest.mark.parametrize(
        ("resource", "error"),
        [
            (SYNC, "StepFunctions.InvalidExecutionInputException"),
            ("arn:aws:states:::aws-sdk:sfn:startSyncExecution", "Sfn.InvalidExecutionInputException"),
        ],
    )
    def test_text_that_is_no_json(self, resource: str, error: str) -> None:
        answer = ask(ECHO, resource, input="{nope")
        assert isinstance(answer, TaskFailure)
        assert answer.error == error

    def test_without_a_name_one_is_made_up_and_stays(self) -> None:
        names = [output(ask(ECHO, Name=None))["Name"] for _ in range(2)]
        assert names[0] == names[1]
        assert len(names[0]) == 36


class TestWhichMachine:
    @pytest.mark.parametrize("arn", [CHILD, f"{CHILD}:7", f"{CHILD}:PROD"])
    @pytest.mark.parametrize("given", [CHILD, "Child"])
    def test_by_arn_or_by_name(self, given: str, arn: str) -> None:
        request = task_request("Start", input={"StateMachineArn": arn}, resource=SYNC)
        assert output(StateMachines({given: ECHO}).answer(request))["StateMachineArn"] == arn

    def test_others_are_not_its_matter(self) -> None:
        handler = StateMachines({"Other": ECHO})
        for request in (
            task_request(input={"StateMachineArn": CHILD}, resource=SYNC),
            task_request(input={"StateMachineArn": "Other"}, resource=f"{SYNC[:-5]}.waitForTaskToken"),
            task_request(input={"StateMachineArn": "Other"}),
            task_request(input={"StateMachineArn": ["Other"]}, resource=SYNC),
            task_request(input=None, resource=SYNC),
        ):
            assert handler.answer(request) is None

    def test_a_definition_with_errors_is_refused_at_once(self) -> None:
        with pytest.raises(DefinitionError):
            StateMachines({"Child": {"StartAt": "X", "States": {}}})


class TestNesting:
    def test_a_whole_run(self) -> None:
        tasks = FunctionTasks({"Charge": lambda given: {"charged": given}})
        parent = starts("Middle", f"{SYNC}:2", Input={"n": 1})
        machines = StateMachines(
            {"Middle": starts("Leaf", f"{SYNC}:2", **{"Input.$": "$"}), "Leaf": CALLS_LAMBDA}, tasks
        )
        execution = simulate(parent, {}, machines)
        assert execution.error is None, execution.cause
        assert isinstance(execution.output, dict)
        result: Any = execution.output["Output"]
        assert result["Output"] == {"charged": {"n": 1}}

    def test_the_settings_reach_it(self) -> None:
        settings = Settings(start_time=1_000_000, account="999999999999")
        request = task_request("Start", input={"StateMachineArn": "Child"}, resource=SYNC)
        fields = output(StateMachines({"Child": ECHO}, settings=settings).answer(request))
        assert fields["StartDate"] == 1_000_000
        assert ":999999999999:execution:Child:" in fields["ExecutionArn"]

    def test_an_unanswered_task_is_named_with_its_way(self) -> None:
        machines = StateMachines({"Middle": starts("Leaf"), "Leaf": CALLS_LAMBDA})
        with pytest.raises(UnansweredTaskError) as caught:
            machines.answer(task_request("Begin", input={"StateMachineArn": "Middle"}, resource=SYNC))
        assert caught.value.where == "Begin › Middle › Start › Leaf › Charge"
        assert "'Charge' of a nested execution" in caught.value.what

    def test_a_machine_that_starts_itself_without_an_end(self) -> None:
        asked: list[TaskRequest] = []

        class Watching:
            def answer(self, request: TaskRequest) -> Answer | None:
                asked.append(request)
                return None

        machines = StateMachines({"Loop": starts("Loop")}, Watching())
        with pytest.raises(NestedExecutionError, match="more than 10 deep") as caught:
            machines.answer(task_request("Begin", input={"StateMachineArn": "Loop"}, resource=SYNC))
        assert caught.value.where.startswith("Begin › Loop › Start › Loop › Start")
        assert len(asked) == MAX_DEPTH

    def test_one_that_starts_itself_less_and_less_ends(self) -> None:
        states: dict[str, Any] = {
            "More": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Start"}],
                "Default": "Done",
            },
            "Start": {
                "Type": "Task",
                "Resource": f"{SYNC}:2",
                "Parameters": {
                    "StateMachineArn": "Down",
                    "Input": {"n.$": "States.MathAdd($.n, -1)"},
                },
                "OutputPath": "$.Output",
                "End": True,
            },
            "Done": {"Type": "Succeed"},
        }
        machines = StateMachines({"Down": {"StartAt": "More", "States": states}})
        request = task_request("Begin", input={"StateMachineArn": "Down", "Input": {"n": 5}}, resource=f"{SYNC}:2")
        assert output(machines.answer(request))["Output"] == {"n": 0}

    def test_an_endless_nested_execution_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(state_machines, "MAX_TRANSITIONS", 50)
        choices = [{"Variable": "$.stop", "IsPresent": True, "Next": "B"}]
        states = {"A": {"Type": "Choice", "Choices": choices, "Default": "A"}, "B": {"Type": "Succeed"}}
        loop = {"StartAt": "A", "States": states}
        with pytest.raises(NestedExecutionError, match="entered 51 states"):
            ask(loop)


def test_an_execution_that_timed_out_is_described_without_error_and_cause() -> None:
    answer = ask({**WAITS, "TimeoutSeconds": 1}, f"{SYNC}:2")
    assert isinstance(answer, TaskFailure)
    cause = json.loads(str(answer.cause))
    assert cause["Status"] == "TIMED_OUT"
    assert not {"Error", "Cause"} & cause.keys()


def test_an_execution_that_was_started_can_be_described() -> None:
    machines = StateMachines({CHILD: FAILS})
    request = task_request("Start", input={"StateMachineArn": CHILD, "Name": "run"}, resource=SDK_START)
    arn = output(machines.answer(request))["ExecutionArn"]

    def described(arn: str) -> Answer | None:
        resource = "arn:aws:states:::aws-sdk:sfn:describeExecution"
        return machines.answer(task_request("Look", input={"ExecutionArn": arn}, resource=resource))

    found = output(described(arn))
    assert (found["Status"], found["Error"], found["Cause"], found["Input"]) == ("FAILED", "Oops", "why", "{}")
    assert found["StopDate"] == "2025-01-01T00:00:00Z"
    assert list(found) == sorted(found)
    assert described(f"{arn}-other") is None
