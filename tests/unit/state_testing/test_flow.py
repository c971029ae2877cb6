"""TestState's answer: the status, the output, and the data after each stage of each state type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

import sfdebug
from sfdebug import TaskFailure, TaskResult, UnansweredTaskError, test_state
from sfdebug.engine.execution.visit import TaskRequest

ROLE = "arn:aws:iam::210987654321:role/test"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
TASK: dict[str, Any] = {"Type": "Task", "Resource": FUNCTION, "End": True}
JSONATA_TASK: dict[str, Any] = {**TASK, "QueryLanguage": "JSONata"}
PAYLOADS = ("output", "input", "result", "variables")


def call(definition: dict[str, Any], *, level: str = "DEBUG", **request: Any) -> dict[str, Any]:
    """The response with its payloads parsed."""
    response = test_state(definition=definition, inspectionLevel=level, **request)
    for fields in (response, response.get("inspectionData", {})):
        for name, value in fields.items():
            if name in PAYLOADS or name.startswith("after"):
                assert isinstance(value, str)
                fields[name] = json.loads(value)
    return response


def inspected(definition: dict[str, Any], **request: Any) -> dict[str, Any]:
    data: dict[str, Any] = call(definition, **request)["inspectionData"]
    return data


def failing(error: str = "Broken", cause: str | None = "no reason") -> dict[str, Any]:
    return {"errorOutput": {"error": error} | ({"cause": cause} if cause else {})}


# what is shown of each type


def test_info_shows_no_data() -> None:
    assert call({"Type": "Succeed"}, level="INFO", input="{}") == {"output": {}, "status": "SUCCEEDED"}


def test_payloads_are_compact_json_texts() -> None:
    response = test_state(definition={"Type": "Pass", "End": True}, input='{ "a" : [1, "é"] }', inspectionLevel="TRACE")
    assert response["output"] == response["inspectionData"]["input"] == '{"a":[1,"é"]}'


def test_the_fields_are_in_the_order_of_the_api() -> None:
    state = {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fix"}]}
    response = test_state(definition=state, mock=failing(), inspectionLevel="DEBUG")
    assert list(response) == ["output", "error", "cause", "inspectionData", "nextState", "status"]


def test_pass() -> None:
    state = {
        "Type": "Pass",
        "InputPath": "$.a",
        "Parameters": {"p.$": "$.b"},
        "ResultPath": "$.r",
        "OutputPath": "$.r",
        "End": True,
    }
    assert call(state, input='{"a": {"b": 1}}') == {
        "output": {"p": 1},
        "inspectionData": {
            "input": {"a": {"b": 1}},
            "afterInputPath": {"b": 1},
            "afterParameters": {"p": 1},
            "afterResultSelector": {"p": 1},
            "afterResultPath": {"a": {"b": 1}, "r": {"p": 1}},
        },
        "status": "SUCCEEDED",
    }


def test_pass_with_a_result_shows_no_input_stages() -> None:
    state = {"Type": "Pass", "InputPath": "$.a", "Result": [1], "ResultPath": "$.r", "End": True}
    assert inspected(state, input='{"a": {}}') == {
        "input": {"a": {}},
        "result": [1],
        "afterResultSelector": [1],
        "afterResultPath": {"a": {}, "r": [1]},
    }


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Succeed", "InputPath": "$.a"},
        {"Type": "Wait", "Seconds": 5, "InputPath": "$.a", "End": True},
        {
            "Type": "Choice",
            "InputPath": "$.a",
            "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "Found"}],
            "Default": "Lost",
        },
    ],
)
def test_states_without_a_result_show_their_input(state: dict[str, Any]) -> None:
    assert inspected(state, input='{"a": {"b": 1}}') == {"input": {"a": {"b": 1}}, "afterInputPath": {"b": 1}}


def test_fail() -> None:
    assert call({"Type": "Fail", "Error": "E", "Cause": "why"}, input="{}") == {
        "error": "E",
        "cause": "why",
        "inspectionData": {"input": {}, "afterInputPath": {}},
        "status": "FAILED",
    }
    assert call({"Type": "Fail"}, level="INFO") == {"status": "FAILED"}


def test_task() -> None:
    state = {
        **TASK,
        "InputPath": "$.a",
        "Parameters": {"p.$": "$.b"},
        "ResultSelector": {"s.$": "$.x"},
        "ResultPath": "$.r",
        "OutputPath": "$.r.s",
    }
    assert call(state, input='{"a": {"b": 1}}', mock={"result": '{"x": 2}'}) == {
        "output": 2,
        "inspectionData": {
            "input": {"a": {"b": 1}},
            "afterInputPath": {"b": 1},
            "afterParameters": {"p": 1},
            "result": {"x": 2},
            "afterResultSelector": {"s": 2},
            "afterResultPath": {"a": {"b": 1}, "r": {"s": 2}},
        },
        "status": "SUCCEEDED",
    }


def test_a_failed_task_shows_what_it_was_given() -> None:
    assert call(TASK, input='{"a": 1}', mock=failing()) == {
        "error": "Broken",
        "cause": "no reason",
        "inspectionData": {"input": {"a": 1}, "afterInputPath": {"a": 1}, "afterParameters": {"a": 1}},
        "status": "FAILED",
    }
    assert call(TASK, level="INFO", mock=failing(cause=None)) == {"error": "Broken", "status": "FAILED"}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"InputPath": "$.no"}, {"input"}),
        ({"Parameters": {"p.$": "$.no"}}, {"input", "afterInputPath"}),
        ({"ResultSelector": {"p.$": "$.no"}}, {"input", "afterInputPath", "afterParameters", "result"}),
        (
            {"ResultPath": "$.a.b"},
            {"input", "afterInputPath", "afterParameters", "result", "afterResultSelector"},
        ),
        (
            {"OutputPath": "$.no"},
            {"input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath"},
        ),
    ],
)
def test_a_stage_that_fails_is_the_last_one(fields: dict[str, Any], shown: set[str]) -> None:
    response = call({**TASK, **fields}, input='{"a": "text"}', mock={"result": "{}"})
    assert response["status"] == "FAILED"
    assert set(response["inspectionData"]) == shown
    assert not response["cause"].startswith("An error occurred")


def test_parallel() -> None:
    branches = [{"StartAt": name, "States": {name: {"Type": "Fail"}}} for name in ("One", "Two")]
    state = {
        "Type": "Parallel",
        "InputPath": "$.a",
        "ResultSelector": {"first.$": "$[0]"},
        "ResultPath": "$.r",
        "Branches": branches,
        "End": True,
    }
    assert call(state, input='{"a": 1}', mock={"result": '["{% one %}", {"b.$": 2}]'}) == {
        "output": {"a": 1, "r": {"first": "{% one %}"}},
        "inspectionData": {
            "input": {"a": 1},
            "afterResultSelector": {"first": "{% one %}"},
            "afterResultPath": {"a": 1, "r": {"first": "{% one %}"}},
        },
        "status": "SUCCEEDED",
    }
    plain = {name: state[name] for name in ("Type", "Branches", "End")}
    assert call(plain, level="INFO", mock={"result": "[1, 2]"}) == {"output": [1, 2], "status": "SUCCEEDED"}
    assert call(plain, level="INFO", mock=failing()) == {
        "error": "Broken",
        "cause": "no reason",
        "status": "FAILED",
    }


def test_jsonata() -> None:
    state = {
        **JSONATA_TASK,
        "Arguments": {"p": "{% $states.input.a %}"},
        "Output": "{% $states.result.x + $states.input.a %}",
    }
    assert call(state, input='{"a": 1}', mock={"result": '{"x": 2}'}) == {
        "output": 3,
        "inspectionData": {"input": {"a": 1}, "afterArguments": {"p": 1}, "result": {"x": 2}},
        "status": "SUCCEEDED",
    }


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Output": {"a": 1}, "End": True},
        {"Type": "Wait", "Seconds": "{% 1 + 1 %}", "End": True},
        {"Type": "Succeed", "Output": 1},
        {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Found"}]},
        {"Type": "Fail", "Error": "{% 'E' %}"},
    ],
)
def test_jsonata_states_show_their_input_alone(state: dict[str, Any]) -> None:
    assert inspected({**state, "QueryLanguage": "JSONata"}, input='{"a": 1}') == {"input": {"a": 1}}


def test_the_language_of_the_machine_is_that_of_its_states() -> None:
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "First",
        "States": {"First": {"Type": "Pass", "Output": "{% 1 + 1 %}", "End": True}},
    }
    assert call(machine, level="INFO", stateName="First")["output"] == 2


# transitions


def test_next_state() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Many"}],
        "Default": "Few",
    }
    assert call(choice, input='{"n": 2}')["nextState"] == "Many"
    assert call(choice, input='{"n": 1}')["nextState"] == "Few"
    assert "nextState" not in call({"Type": "Succeed"})


def test_the_state_that_comes_next_is_not_run() -> None:
    machine = {
        "StartAt": "First",
        "States": {"First": {"Type": "Pass", "Next": "Second"}, "Second": {"Type": "Fail", "Error": "E"}},
    }
    assert call(machine, level="INFO", stateName="First")["status"] == "SUCCEEDED"


# faults


RETRY = {"ErrorEquals": ["Broken"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1.5}
CATCH = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fix"}


@pytest.mark.parametrize(("count", "seconds"), [(None, 2), (0, 2), (1, 3), (2, 4)])
def test_a_retrier_takes_the_fault(count: int | None, seconds: int) -> None:
    other = {"ErrorEquals": ["Other"]}
    configuration = {} if count is None else {"retrierRetryCount": count}
    response = call({**TASK, "Retry": [other, RETRY]}, mock=failing(), stateConfiguration=configuration)
    assert response["status"] == "RETRIABLE"
    assert response["error"] == "Broken"
    assert "output" not in response
    assert response["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": seconds}


def test_a_retrier_that_is_used_up_leaves_the_fault_to_the_catchers() -> None:
    configuration = {"retrierRetryCount": 3}
    response = call({**TASK, "Retry": [RETRY]}, mock=failing(), stateConfiguration=configuration)
    assert response["status"] == "FAILED"
    assert response["inspectionData"]["errorDetails"] == {"retryIndex": 0}
    state = {**TASK, "Retry": [RETRY], "Catch": [CATCH]}
    response = call(state, input='{"a": 1}', mock=failing(), stateConfiguration=configuration)
    assert response["status"] == "CAUGHT_ERROR"
    assert response["nextState"] == "Fix"
    assert response["output"] == {"a": 1, "error": {"Error": "Broken", "Cause": "no reason"}}
    assert response["inspectionData"]["errorDetails"] == {"retryIndex": 0, "catchIndex": 0}


def test_a_fault_of_the_state_itself_is_caught_too() -> None:
    state = {**TASK, "ResultPath": "$.a.b", "Catch": [CATCH]}
    response = call(state, input='{"a": "text"}', mock={"result": "{}"})
    assert response["status"] == "CAUGHT_ERROR"
    assert response["error"] == "States.ReferencePathConflict"
    assert response["inspectionData"]["errorDetails"] == {"catchIndex": 0}
    assert "afterResultPath" not in response["inspectionData"]


def test_a_parallel_is_tried_again() -> None:
    branch = {"StartAt": "Inner", "States": {"Inner": {"Type": "Succeed"}}}
    state = {"Type": "Parallel", "Branches": [branch], "Retry": [RETRY], "End": True}
    assert call(state, mock=failing())["status"] == "RETRIABLE"


# variables and the Context object


def test_variables_go_in_and_come_out() -> None:
    state = {"Type": "Pass", "Assign": {"sum.$": "States.MathAdd($n, 1)"}, "End": True}
    assert inspected(state, variables='{"n": 1}')["variables"] == {"n": 1, "sum": 2}
    assert "variables" not in inspected({"Type": "Pass", "End": True}, variables="{}")
    assert inspected({"Type": "Succeed"}, variables={"n": 1})["variables"] == {"n": 1}


def test_a_failed_state_assigns_nothing() -> None:
    state = {**TASK, "Assign": {"n": 2}}
    assert inspected(state, variables='{"n": 1}', mock=failing())["variables"] == {"n": 1}


def test_the_context_object_is_that_of_an_express_execution() -> None:
    state = {"Type": "Pass", "Parameters": {"all.$": "$$"}, "End": True}
    context = call(state, input='{"a": 1}', roleArn=ROLE)["output"]["all"]
    assert context["Execution"].keys() == {"Id", "Input", "Name", "RoleArn", "StartTime"}
    assert context["Execution"]["Id"] == "arn:aws:states:us-east-1:210987654321:express:StateMachine:execution"
    assert context["Execution"]["RoleArn"] == ROLE
    assert context["Execution"]["Input"] == {"a": 1}
    assert context["State"]["Name"] == "StateName"
    alone = call(state, input='{"a": 1}')["output"]["all"]
    assert alone["Execution"].keys() == context["Execution"].keys()
    assert alone["Execution"]["RoleArn"] is None, "no role is made up"
    machine = {"StartAt": "Whole", "States": {"Whole": state}}
    assert call(machine, stateName="Whole")["output"]["all"]["State"]["Name"] == "StateName"


def test_a_given_context_object_is_the_whole_of_it() -> None:
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    state = {**TASK, "Resource": resource, "Parameters": {"FunctionName": "f"}, "ResultSelector": {"all.$": "$$"}}
    given = {"Execution": {"Input": {"b": 2}}, "Task": {"Token": "abc"}}
    assert call(state, context=given, mock={"result": "1"}, input='{"a": 1}')["output"] == {"all": given}


def test_a_given_token_is_the_task_s() -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        "End": True,
    }
    data = inspected(state, context={"Task": {"Token": "abc"}}, mock={"result": "{}"})
    assert data["afterParameters"] == {"QueueUrl": "q", "MessageBody": "abc"}


# tasks without a mock, and time


@dataclass
class Handler:
    """Gives one answer, and keeps what it was asked."""

    response: TaskResult | TaskFailure | None
    asked: TaskRequest | None = None

    def answer(self, request: TaskRequest) -> TaskResult | TaskFailure | None:
        self.asked = request
        return self.response


def test_a_task_handler_answers_in_place_of_a_mock() -> None:
    handler = Handler(TaskResult({"b": 2}))
    response = call({**TASK, "ResultPath": "$.r"}, input='{"a": 1}', roleArn=ROLE, tasks=handler)
    assert response["output"] == {"a": 1, "r": {"b": 2}}
    assert handler.asked is not None
    assert handler.asked.input == {"a": 1}
    failed = call(TASK, level="INFO", roleArn=ROLE, tasks=Handler(TaskFailure("E")))
    assert failed == {"error": "E", "status": "FAILED"}


@pytest.mark.parametrize("tasks", [None, Handler(None)])
def test_a_task_that_nothing_answers(tasks: Handler | None) -> None:
    with pytest.raises(UnansweredTaskError, match="mock"):
        test_state(definition=TASK, roleArn=ROLE, tasks=tasks)


def test_a_test_takes_no_more_than_five_minutes() -> None:
    wait = {"Type": "Wait", "Seconds": 300, "End": True}
    assert call({**wait, "Seconds": 299}, level="INFO")["status"] == "SUCCEEDED"
    assert call({**wait, "Seconds": 3000}, level="INFO") == {"error": "States.Timeout", "status": "FAILED"}


def test_a_retry_is_not_waited_for() -> None:
    late = {**RETRY, "IntervalSeconds": 3000}
    assert call({**TASK, "Retry": [late]}, mock=failing())["status"] == "RETRIABLE"


def test_equal_calls_give_equal_answers() -> None:
    state = {"Type": "Pass", "Parameters": {"u.$": "States.UUID()", "t.$": "$$.State.EnteredTime"}, "End": True}
    assert test_state(definition=state) == test_state(definition=state)
    other = test_state(definition=state, settings=sfdebug.Settings(seed=7))
    assert other != test_state(definition=state)
