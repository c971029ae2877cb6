"""Parameters checked when a Task starts, tokens, long waits, the size of all variables, and what Express has not."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.aws.catalogue.models import MissingModelsError
from sfdebug.engine.execution.decisions import TaskResult
from tests.engine_machines import distributed, jsonata, scope
from tests.engine_runs import one, run, scripted, types

INVOKE = "arn:aws:states:::lambda:invoke"
GATEWAY = "arn:aws:states:::apigateway:invoke"
UNUSABLE = " could not be used to start the Task: ["


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


@pytest.mark.parametrize("field", ["Headers", "QueryParameters"])
@pytest.mark.parametrize("value", ["a=1", {"h": "single"}, {"h": ["a"], "i": 5}, ["h"]])
def test_fields_of_an_api_gateway_call_are_lists_by_name(field: str, value: Any) -> None:
    parameters = {"ApiEndpoint": "e", "Method": "GET", f"{field}.$": "$.h"}
    ended = run(one(task(GATEWAY, Parameters=parameters)), {"h": value})
    assert ended.error == "States.Runtime"
    assert UNUSABLE in (ended.cause or "")
    assert (ended.cause or "").endswith(f"[The value of the field '{field}' has an invalid format]")
    assert types(ended) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    caught = one(task(GATEWAY, Parameters=parameters, Catch=catch), B={"Type": "Succeed"})
    assert run(caught, {"h": value}).error == "States.Runtime"


@pytest.mark.parametrize("resource", [GATEWAY, f"{GATEWAY}.waitForTaskToken"])
def test_lists_by_name_are_taken(resource: str) -> None:
    parameters = {"ApiEndpoint": "e", "Method": "GET", "Headers.$": "$.h", "QueryParameters": {}}
    assert run(one(task(resource, Parameters=parameters)), {"h": {"a": ["1", "2"]}}).error is None


@pytest.mark.parametrize("value", ["abc", 5, None, "States.Nope()", "States.Format('{}'"])
@pytest.mark.parametrize("place", [lambda inner: inner, lambda inner: {"deep": [inner]}])
def test_a_key_of_the_data_that_looks_computed(value: Any, place: Any) -> None:
    parameters = {"FunctionName": "f", "Payload.$": "$"}
    ended = run(one(task(INVOKE, Parameters=parameters)), place({"token.$": value}))
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith(
        "[The value for the field 'token.$' must be a valid JSONPath or a valid intrinsic function call]"
    )


@pytest.mark.parametrize("value", ["$.a", "$$.Execution.Id", "States.UUID()"])
def test_a_key_of_the_data_that_is_one(value: str) -> None:
    parameters = {"FunctionName": "f", "Payload.$": "$"}
    assert run(one(task(INVOKE, Parameters=parameters)), {"token.$": value}).error is None


def test_where_keys_of_the_data_are_not_looked_at() -> None:
    given: Any = {"token.$": "abc"}
    assert run(one(task("arn:aws:lambda:us-east-1:123456789012:function:f")), given).output == given
    arguments = {"FunctionName": "f", "Payload": "{% $states.input %}"}
    assert run(jsonata(task(INVOKE, Arguments=arguments)), given).error is None


SDK_CALLS = [
    (
        "sqs:sendMessage",
        {"QueueUrl": "u", "MessageBody": "b"},
        {"QueueUrl": "u", "messageBody": "b"},
        'The field "messageBody" is not supported by Step Functions',
    ),
    (
        "dynamodb:putItem",
        {"TableName": "t", "Item": {"any": {"S": "x"}}},
        {"TableName": "t", "Item": {"any": {"s": "x"}}},
        'The field "s" is not supported by Step Functions',
    ),
    (
        "batch:submitJob",
        {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "DependsOn": [{"JobId": "i"}]},
        {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "DependsOn": [{"jobId": "i"}]},
        'The field "jobId" is not supported by Step Functions',
    ),
    ("s3:getObject", {"Bucket": "b", "Key": "k"}, {"Bucket": "b"}, "The field 'Key' is required but was missing"),
]


@pytest.mark.parametrize(("call", "good", "bad", "words"), SDK_CALLS)
def test_the_arguments_of_an_sdk_integration(call: str, good: Any, bad: Any, words: str) -> None:
    resource = f"arn:aws:states:::aws-sdk:{call}"
    computed = jsonata(task(resource, Arguments="{% $states.input %}"))
    assert run(computed, good).error is None
    ended = run(computed, bad)
    assert ended.error == "States.Runtime"
    assert words in (ended.cause or "")
    assert UNUSABLE in (ended.cause or "")
    assert run(one(task(resource, Parameters=good))).error is None
    assert run(one(task(resource, Parameters=bad))).error == "States.Runtime"
    assert run(computed, bad, checks_arguments=False).error is None


def test_arguments_are_not_held_against_an_api_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise MissingModelsError("botocore is not installed")

    monkeypatch.setattr("sfdebug.engine.parameters.argument_faults", missing)
    assert run(one(task("arn:aws:states:::aws-sdk:s3:getObject", Parameters={"nope": 1}))).error is None


def test_the_kind_of_a_value_is_not_looked_at_when_it_runs() -> None:
    arguments = {"Bucket": "b", "Key": "k", "Body": "{% 5 %}"}
    assert run(jsonata(task("arn:aws:states:::aws-sdk:s3:putObject", Arguments=arguments))).error is None


@pytest.mark.parametrize("pattern", [".sync", ".sync:2", ".waitForTaskToken"])
def test_a_task_that_waits_has_its_token_after_the_work_too(pattern: str) -> None:
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    token = "{% $states.context.Task.Token %}"
    state = task(resource, Arguments={"Input": {"t": token}}, Assign={"t": token}, Output=token)
    del state["End"]
    tell = {"Type": "Pass", "Output": "{% [$t = $states.input, $exists($states.context.Task)] %}", "End": True}
    assert run(jsonata({**state, "Next": "B"}, B=tell), {}, scripted({"A": [TaskResult({})]})).output == [True, False]


def test_a_task_that_does_not_wait_has_none() -> None:
    state = task(INVOKE, Arguments={"FunctionName": "f"}, Output="{% $exists($states.context.Task) %}")
    assert run(jsonata(state), {}).output is False


def test_all_variables_together_have_a_bound() -> None:
    states: dict[str, Any] = {}
    for index in range(60):
        assign = {f"v{index}": f"{{% $pad('x', {200_000}, 'x') %}}"}
        states[f"S{index}"] = {"Type": "Pass", "Assign": assign, "Next": f"S{index + 1}"}
    definition = {"QueryLanguage": "JSONata", "StartAt": "S0", "States": {**states, "S60": {"Type": "Succeed"}}}
    ended = run(definition)
    assert ended.error == "States.DataLimitExceeded"
    assert "'S52'" in (ended.cause or "")
    for state in states.values():
        state["Assign"] = {"same": next(iter(state["Assign"].values()))}
    assert run(definition).error is None


def test_an_express_execution_has_no_redrive_count() -> None:
    tell = {"Type": "Pass", "Output": "{% $exists($states.context.Execution.RedriveCount) %}", "End": True}
    assert run(jsonata(tell), execution_type="EXPRESS").output is False
    assert run(jsonata(tell)).output is True
    for kind, has_it in (("EXPRESS", False), ("STANDARD", True)):
        assert run(jsonata(distributed(scope(T=tell), kind, Items=[1]))).output == [has_it]
