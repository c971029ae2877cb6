"""Tasks that call services, on a caller that is not there: what is called with what, and what answers come to."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from sfdebug.aws.service_calls import ServiceAnswer, ServiceCallError, ServiceFaultError
from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine import Settings
from sfdebug.simulation import simulate
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.services.calls import NO_CALLBACK, NeedsConsentError, ServiceTasks
from sfdebug.tasks.services.wording import sdk_prefix
from sfdebug.values import Json

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
SEND = "arn:aws:states:::sqs:sendMessage"


class Caller:
    """Answers with what it was given, in this order; raises what is an error."""

    def __init__(self, *answers: Mapping[str, Json] | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, str, Mapping[str, Json], bool, str | None]] = []

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        self.calls.append((service, call, arguments, is_sdk, region))
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return ServiceAnswer(dict(answer), 200, {"content-length": "9", "x-amz-crc32": "7"}, "id-1")


def tasks(caller: Caller, **others: Any) -> ServiceTasks:
    return ServiceTasks(caller, Callbacks(), "at a test", **others)


def machine(resource: str, parameters: dict[str, Any], **others: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **others}
    return {"StartAt": "Call", "States": {"Call": state}}


def test_what_services_are_said_to_be_without_is_not_called_there() -> None:
    definition = machine(SEND, {"QueueUrl": QUEUE, "MessageBody": "1"})
    for without, sent in (((), 1), (("lambda:",), 1), (("sqs:",), 0)):
        caller = Caller()
        Debugger(definition, {}, tasks=tasks(caller, without=without)).run()
        assert len(caller.calls) == sent


def test_an_optimized_call_has_metadata_as_recorded_in_the_order_of_names() -> None:
    caller = Caller({"MessageId": "m", "MD5OfMessageBody": "5"})
    output: Any = simulate(machine(SEND, {"QueueUrl": QUEUE, "MessageBody": {"a": 1}}), {}, tasks(caller)).output
    assert caller.calls == [("sqs", "sendMessage", {"QueueUrl": QUEUE, "MessageBody": {"a": 1}}, False, "eu-west-1")]
    assert list(output) == ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]
    http = output["SdkHttpMetadata"]
    assert list(http) == ["AllHttpHeaders", "HttpHeaders", "HttpStatusCode"]
    assert list(http["AllHttpHeaders"]) == ["x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type"]
    assert list(http["HttpHeaders"]) == ["connection", "Content-Length", "Content-Type", "Date", "x-amzn-RequestId"]
    assert http["AllHttpHeaders"]["Content-Length"] == ["9"]
    assert output["SdkResponseMetadata"] == {"RequestId": "id-1"}


class Silent(Caller):
    """Does not answer before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def call(self, *arguments: Any, **others: Any) -> ServiceAnswer:
        self.has_begun.set()
        assert self.may_end.wait(60)
        return super().call(*arguments, **others)


def test_a_call_that_is_not_answered_is_cancelled_from_another_thread() -> None:
    caller = Silent()
    services = tasks(caller)
    debugger = Debugger(machine(SEND, {"QueueUrl": QUEUE, "MessageBody": {"a": 1}}), {}, tasks=services)

    def cancel() -> None:
        assert caller.has_begun.wait(60)
        debugger.calls.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    stop = debugger.step_over()
    other.join(60)
    assert stop.is_refused
    assert stop.text == "waiting for sqs:sendMessage was cancelled; what was asked for may still be done"
    caller.may_end.set()
    debugger.run()
    assert debugger.execution.output["SdkResponseMetadata"] == {"RequestId": "id-1"}


def test_a_call_that_is_not_answered_soon_is_said_while_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.services.calls.SLOW", 0.0)
    caller, said = Silent(), list[str]()
    services = tasks(caller)

    def told(words: str) -> None:
        said.append(words)
        caller.may_end.set()

    services.on_slow = told
    run = simulate(machine(SEND, {"QueueUrl": QUEUE, "MessageBody": {"a": 1}}), {}, services)
    assert run.fault is None
    assert said == [f"sqs:sendMessage has not answered {services.place} for 0 s, and is waited for"]


def test_an_sdk_call_has_the_answer_alone() -> None:
    caller = Caller({"Item": {"id": {"S": "1"}}, "ConsumedCapacity": {"TableName": "t"}})
    definition = machine("arn:aws:states:::aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "1"}}})
    assert simulate(definition, {}, tasks(caller)).output == {"Item": {"id": {"S": "1"}}}
    assert caller.calls[0][:2] == ("dynamodb", "getItem")
    assert caller.calls[0][3]


@pytest.mark.parametrize(
    ("resource", "fault", "error", "cause"),
    [
        (
            "dynamodb:putItem",
            ServiceFaultError("ResourceNotFoundException", "no table", 400, "r", "ResourceNotFoundException"),
            "DynamoDB.ResourceNotFoundException",
            "no table (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; "
            "Request ID: r; Proxy: null)",
        ),
        (
            "dynamodb:putItem",
            ServiceFaultError("ValidationException", "bad", 400, "r"),
            "DynamoDB.AmazonDynamoDBException",
            "bad (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: r; "
            "Proxy: null)",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            ServiceFaultError("ValidationException", "bad", 400, "r"),
            "DynamoDb.DynamoDbException",
            "bad (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
        ),
        (
            "aws-sdk:sqs:sendMessage",
            ServiceFaultError("AWS.SimpleQueueService.NonExistentQueue", "no", 400, "r", "", "QueueDoesNotExist"),
            "Sqs.QueueDoesNotExistException",
            "no (Service: Sqs, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
        ),
        (
            "sqs:sendMessage",
            ServiceFaultError("AWS.SimpleQueueService.NonExistentQueue", "no", 400, "r", "", "QueueDoesNotExist"),
            "SQS.AmazonSQSException",
            "no (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; "
            "Request ID: r; Proxy: null)",
        ),
    ],
)
def test_what_a_service_refuses_has_the_names_and_words_of_its_integration(
    resource: str, fault: ServiceFaultError, error: str, cause: str
) -> None:
    queue = {"QueueUrl": QUEUE, "MessageBody": "x"}
    parameters = queue if "sqs" in resource else {"TableName": "t", "Item": {"id": {"S": "1"}}}
    run = simulate(machine(f"arn:aws:states:::{resource}", parameters), {}, tasks(Caller(fault)))
    assert run.fault is not None
    assert (run.fault.error, run.fault.cause) == (error, cause)


@pytest.mark.parametrize(
    ("service_id", "prefix"),
    [
        ("DynamoDB", "DynamoDb"), ("S3", "S3"), ("SFN", "Sfn"), ("SQS", "Sqs"), ("Secrets Manager", "SecretsManager"),
        ("EventBridge", "EventBridge"), ("Cognito Identity Provider", "CognitoIdentityProvider"), ("EC2", "Ec2"),
    ],
)  # fmt: skip
def test_the_prefix_of_sdk_errors(service_id: str, prefix: str) -> None:
    assert sdk_prefix(service_id) == prefix


def test_an_event_that_the_bus_did_not_take_fails_the_task() -> None:
    answer: dict[str, Json] = {"Entries": [{"ErrorCode": "MalformedDetail"}], "FailedEntryCount": 1}
    run = simulate(machine("arn:aws:states:::events:putEvents", {"Entries": []}), {}, tasks(Caller(answer)))
    assert run.fault is not None
    assert run.fault.error == "EventBridge.FailedEntry"
    assert run.fault.cause == '{"Entries":[{"ErrorCode":"MalformedDetail"}],"FailedEntryCount":1}'


def test_an_event_has_no_metadata() -> None:
    answer: dict[str, Json] = {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}
    run = simulate(machine("arn:aws:states:::events:putEvents", {"Entries": []}), {}, tasks(Caller(answer)))
    assert run.output == {"Entries": [{"EventId": "e"}], "FailedEntryCount": 0}


def test_a_job_is_waited_for_and_its_description_is_the_result() -> None:
    caller = Caller(
        {"JobRunId": "r1"}, {"JobRun": {"JobRunState": "RUNNING"}}, {"JobRun": {"JobRunState": "SUCCEEDED"}}
    )
    run = simulate(machine("arn:aws:states:::glue:startJobRun.sync", {"JobName": "j"}), {}, tasks(caller))
    assert run.output == {"JobRunState": "SUCCEEDED"}
    assert [call[1] for call in caller.calls] == ["startJobRun", "GetJobRun", "GetJobRun"]
    assert caller.calls[1][2] == {"JobName": "j", "RunId": "r1"}
    submitted = next(event for event in run.events if event.type == "TaskSubmitted")
    assert '"JobRunId":"r1"' in str(submitted.as_dict())


def test_a_job_that_failed_fails_the_task_with_its_description() -> None:
    caller = Caller({"QueryExecutionId": "q"}, {"QueryExecution": {"Status": {"State": "FAILED"}}})
    run = simulate(machine("arn:aws:states:::athena:startQueryExecution.sync", {"QueryString": "x"}), {}, tasks(caller))
    assert run.fault is not None
    assert (run.fault.error, run.fault.cause) == (
        "States.TaskFailed", '{"QueryExecution":{"Status":{"State":"FAILED"}}}'
    )  # fmt: skip


def test_a_nested_execution_at_an_endpoint_gives_its_output_as_json() -> None:
    caller = Caller({"ExecutionArn": "e"}, {"Status": "SUCCEEDED", "Output": '{"a":1}', "Input": "{}"})
    definition = machine("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": "m"})
    assert simulate(definition, {}, tasks(caller)).output == {"Status": "SUCCEEDED", "Output": {"a": 1}, "Input": {}}


def test_events_name_the_state_machine_and_the_execution_that_sent_them() -> None:
    caller = Caller({"Entries": [], "FailedEntryCount": 0}, {"ExecutionArn": "e", "StartDate": 0})
    entries = [{"Source": "s", "Resources": ["own"]}, {"Source": "s"}, {"Source": "s", "Resources": "no list"}]
    definition = machine("arn:aws:states:::events:putEvents", {"Entries": entries})
    run = simulate(definition, {}, tasks(caller), Settings(name="run-1", state_machine_name="Shop"))
    place = f"arn:aws:states:{run.settings.region}:{run.settings.account}"
    senders = [f"{place}:stateMachine:Shop", f"{place}:execution:Shop:run-1"]
    called: Any = caller.calls[0][2]["Entries"]
    assert [entry["Resources"] for entry in called] == [["own", *senders], senders, "no list"]
    scheduled = next(event for event in run.history if event["type"] == "TaskScheduled")
    details: Any = scheduled["taskScheduledEventDetails"]
    assert json.loads(details["parameters"]) == {"Entries": entries}  # recorded: as they were written
    # The SDK integration has none of this.
    simulate(machine("arn:aws:states:::aws-sdk:eventbridge:putEvents", {"Entries": entries}), {}, tasks(caller))
    assert caller.calls[1][2] == {"Entries": entries}


def test_a_task_token_is_waited_for_and_answered_once() -> None:
    caller, callbacks = Caller({"MessageId": "m"}), Callbacks()
    handler = ServiceTasks(caller, callbacks, "at a test")
    definition = machine(f"{SEND}.waitForTaskToken", {"QueueUrl": QUEUE, "MessageBody": {"token.$": "$$.Task.Token"}})
    debugger = Debugger(definition, {}, tasks=handler)
    assert debugger.run().reason is StopReason.QUESTION
    question = debugger.question
    assert question is not None
    assert question.task_token is not None
    call = handler.call_of(question)
    assert call is not None
    assert call.note == NO_CALLBACK
    assert callbacks.take("SendTaskSuccess", {"taskToken": "another", "output": "{}"})[0] == 400
    assert callbacks.take("SendTaskSuccess", {"taskToken": question.task_token, "output": "no json"})[0] == 400
    assert callbacks.take("SendTaskHeartbeat", {"taskToken": question.task_token}) == (200, {})
    assert callbacks.take("SendTaskSuccess", {"taskToken": question.task_token, "output": '"paid"'}) == (200, {})
    assert callbacks.take("SendTaskSuccess", {"taskToken": question.task_token, "output": '"twice"'})[0] == 400
    assert simulate(definition, {}, handler).output == "paid"  # the same question, not sent again
    assert len(caller.calls) == 1


def test_what_has_no_answer_stops_the_debugger_in_words_and_can_be_asked_again() -> None:
    caller = Caller(ServiceCallError("nothing answers"), {"MessageId": "m"})
    debugger = Debugger(machine(SEND, {"QueueUrl": QUEUE}), {}, tasks=tasks(caller))
    assert debugger.run().text == "nothing answers"
    assert debugger.run().reason is StopReason.END


def test_each_action_is_allowed_once() -> None:
    caller = Caller()
    handler = tasks(caller, asks_first=True, follows_arns=False)
    handler.account_of = lambda: ", account 123456789012"
    definition = machine(SEND, {"QueueUrl": QUEUE})
    with pytest.raises(NeedsConsentError, match="sqs:sendMessage would really be called at a test, account 1234"):
        simulate(definition, {}, handler)
    assert not caller.calls
    handler.allow()
    simulate(definition, {}, handler)
    with pytest.raises(NeedsConsentError, match="sns:publish"):
        simulate(machine("arn:aws:states:::sns:publish", {"Message": "x"}), {}, handler)
    assert [call[1] for call in caller.calls] == ["sendMessage"]


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::http:invoke",
        "arn:aws:states:eu-west-1:123456789012:activity:review",
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "arn:aws:states:::nosuch:thing",
    ],
)
def test_what_is_no_call_of_a_service_is_left_to_others(resource: str) -> None:
    debugger = Debugger(machine(resource, {"ApiEndpoint": "https://x"}), {}, tasks=tasks(Caller()))
    assert debugger.run().reason is StopReason.QUESTION


def test_a_task_token_of_a_task_here_is_answered_here_without_being_allowed() -> None:
    """AWS knows nothing of it; so nobody is asked, and nothing is called."""
    caller, callbacks = Caller(), Callbacks()
    services = ServiceTasks(caller, callbacks, "in AWS", asks_first=True)
    callbacks.expect("token")
    given = {"TaskToken": "token", "Output": '{"a":1}'}
    run = simulate(machine("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", given), {}, services)
    assert (run.output, caller.calls) == ({}, [])
    assert callbacks.take_sent("token") is not None
    run = simulate(machine("arn:aws:states:::aws-sdk:sfn:sendTaskFailure", {"TaskToken": "token"}), {}, services)
    assert run.fault is not None
    assert (run.fault.error, caller.calls) == ("Sfn.TaskTimedOutException", [])


@pytest.mark.parametrize(("pattern", "error"), [("", None), (".sync", "AmazonECS.Unknown")])
def test_a_task_of_ecs_without_a_place_fails_what_is_waited_for(pattern: str, error: str | None) -> None:
    caller = Caller({"Tasks": [], "Failures": [{"Reason": "RESOURCE:MEMORY"}]})
    definition = machine(f"arn:aws:states:::ecs:runTask{pattern}", {"TaskDefinition": "t"})
    run = simulate(definition, {}, tasks(caller))
    assert (run.fault.error if run.fault is not None else None) == error
    assert len(caller.calls) == 1


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        ("sns:publish", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": {}}),
        ("events:putEvents", {"Entries": [{"Detail": {}, "DetailType": "t", "Source": "s"}]}),
        ("ecs:runTask", {"TaskDefinition": "t"}),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {}}),
        ("aws-sdk:sfn:startExecution", {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:m"}),
    ],
)
def test_any_call_can_wait_for_its_task_token(resource: str, parameters: dict[str, Any]) -> None:
    caller, callbacks = Caller({"MessageId": "m"}), Callbacks()
    services = ServiceTasks(caller, callbacks, "at a test")
    token = "ClientToken" if "ecs" in resource else "Token"
    definition = machine(f"arn:aws:states:::{resource}.waitForTaskToken", {**parameters, f"{token}.$": "$$.Task.Token"})
    debugger = Debugger(definition, {}, tasks=services, settings=Settings(checks_arguments=False))
    assert debugger.run().reason is StopReason.QUESTION
    (call,) = caller.calls
    status, _ = callbacks.take("SendTaskSuccess", {"taskToken": call[2][token], "output": '{"a":1}'})
    assert status == 200
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.output == {"a": 1}
    assert len(caller.calls) == 1


def test_a_job_of_which_nothing_is_said_is_not_waited_for_without_an_end() -> None:
    caller = Caller({"QueryExecutionId": "q"}, {})
    definition = machine("arn:aws:states:::athena:startQueryExecution.sync", {"QueryString": "select 1"})
    with pytest.raises(ServiceCallError, match="athena:GetQueryExecution does not say how the job"):
        simulate(definition, {}, tasks(caller))
