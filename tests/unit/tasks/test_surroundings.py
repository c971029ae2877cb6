"""Functions and services together, on moto's server: what is made, what calls give, what a function's calls meet."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.aws.service_calls import ServiceAnswer, ServiceCallError, ServiceClients, ServiceEndpoint
from sfdebug.debugger import Debugger
from sfdebug.errors import UnansweredTaskError, UsageError
from sfdebug.projects.loading import load_project
from sfdebug.simulation import simulate
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.outside import calling_handlers
from sfdebug.tasks.services.local import LocalServices, LocalServicesError
from sfdebug.tasks.surroundings import ServicesAt, Surroundings
from tests.moto_server import missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")

PREFIX = "arn:aws:states:::"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
TABLE = "orders-table"
STATES: dict[str, Any] = {
    "Send": {"Resource": "sqs:sendMessage", "Parameters": {"QueueUrl": QUEUE, "MessageBody": {"n.$": "$.n"}}},
    "Put": {
        "Resource": "dynamodb:putItem",
        "Parameters": {"TableName": TABLE, "Item": {"id": {"S": "1"}, "n": {"N": "2"}}},
    },
    "Get": {"Resource": "dynamodb:getItem", "Parameters": {"TableName": TABLE, "Key": {"id": {"S": "1"}}}},
    "Tell": {
        "Resource": "sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:news", "Message": {"a": 1}},
    },
    "Store": {
        "Resource": "aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "pictures", "Key": "a.json", "Body": {"z": 1}},
    },
    "Load": {"Resource": "aws-sdk:s3:getObject", "Parameters": {"Bucket": "pictures", "Key": "a.json"}},
    "Emit": {
        "Resource": "events:putEvents",
        "Parameters": {"Entries": [{"Detail": {"a": 1}, "DetailType": "t", "Source": "s", "EventBusName": "shop"}]},
    },
}


def chain(states: dict[str, Any]) -> dict[str, Any]:
    names = list(states)
    following = {name: {"Next": after} for name, after in pairwise(names)}
    made = {
        name: {
            "Type": "Task",
            **state,
            "Resource": PREFIX + state["Resource"],
            "ResultPath": f"$.{name}",
            **following.get(name, {"End": True}),
        }
        for name, state in states.items()
    }
    return {"StartAt": names[0], "States": made}


MACHINE = definition_from(chain(STATES))


@pytest.fixture(scope="module")
def services() -> Iterator[Surroundings]:
    found = Surroundings(MACHINE, None, services=ServicesAt.LOCAL)
    yield found
    found.close()


@pytest.fixture(scope="module")
def output(services: Surroundings) -> dict[str, Any]:
    found = simulate(MACHINE, {"n": 5}, services).output
    assert isinstance(found, dict)
    return found


def failure(services: Surroundings, resource: str, parameters: dict[str, Any]) -> tuple[str, str]:
    run = simulate(chain({"Call": {"Resource": resource, "Parameters": parameters}}), {}, services)
    assert run.fault is not None, run.output
    return run.fault.error or "", run.fault.cause or ""


def test_what_a_definition_names_is_made_before_the_first_call(services: Surroundings, output: object) -> None:
    assert services.notes == ("made 1 queue, 1 topic, 1 bucket, 1 event bus, 1 table",)
    assert (services.region, services.local.account if services.local else "") == ("eu-west-1", "111122223333")


def test_results_have_the_shapes_that_are_recorded(output: dict[str, Any]) -> None:
    beside = ["SdkHttpMetadata", "SdkResponseMetadata"]
    assert list(output["Send"]) == ["MD5OfMessageBody", "MessageId", *beside]
    assert list(output["Put"]) == beside
    assert output["Get"]["Item"] == {"id": {"S": "1"}, "n": {"N": "2"}}
    assert list(output["Get"]) == ["Item", *beside]
    assert list(output["Get"]["SdkHttpMetadata"]["AllHttpHeaders"]) == [
        "Server", "Connection", "x-amzn-RequestId", "x-amz-crc32", "Content-Length", "Date", "Content-Type",
    ]  # fmt: skip
    assert list(output["Tell"]) == ["MessageId", *beside]
    assert output["Load"]["Body"] == '{"z":1}'
    assert output["Load"]["ContentLength"] == 7
    assert isinstance(output["Load"]["LastModified"], str)
    assert output["Emit"]["FailedEntryCount"] == 0
    assert list(output["Emit"]) == ["Entries", "FailedEntryCount"]


def test_what_was_sent_is_there(services: Surroundings, output: object) -> None:
    received = services.clients.client("sqs").receive_message(QueueUrl=QUEUE)["Messages"]
    assert [json.loads(message["Body"]) for message in received] == [{"n": 5}]


@pytest.mark.parametrize(
    ("resource", "parameters", "error"),
    [
        ("dynamodb:putItem", {"TableName": "nope", "Item": {"id": {"S": "1"}}}, "DynamoDB.ResourceNotFoundException"),
        ("dynamodb:putItem", {"TableName": TABLE, "Item": None}, "DynamoDB.AmazonDynamoDBException"),
        ("aws-sdk:dynamodb:putItem", {"TableName": "nope", "Item": {}}, "DynamoDb.ResourceNotFoundException"),
        ("aws-sdk:dynamodb:putItem", {"TableName": TABLE, "Item": None}, "DynamoDb.DynamoDbException"),
        ("aws-sdk:s3:listObjects", {"Bucket": "no-such-bucket"}, "S3.NoSuchBucketException"),
        ("aws-sdk:s3:getObject", {"Bucket": "pictures", "Key": "no"}, "S3.NoSuchKeyException"),
        ("sns:publish", {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:no", "Message": ""}, "SNS.NotFoundException"),
        ("aws-sdk:sqs:sendMessage", {"QueueUrl": f"{QUEUE}x", "MessageBody": "x"}, "Sqs.QueueDoesNotExistException"),
        (
            "events:putEvents",
            {"Entries": [{"Detail": "x", "DetailType": "t", "Source": "s"}]},
            "EventBridge.FailedEntry",
        ),
    ],
)
def test_errors_have_the_names_that_are_recorded(
    services: Surroundings, output: object, resource: str, parameters: dict[str, Any], error: str
) -> None:
    assert failure(services, resource, parameters)[0] == error


def test_an_argument_that_is_null_is_refused_in_recorded_words(services: Surroundings, output: object) -> None:
    _, cause = failure(services, "dynamodb:putItem", {"TableName": TABLE, "Item": None})
    said = "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null ("
    assert cause.startswith(said)


def test_a_service_that_moto_lacks_is_said(services: Surroundings) -> None:
    given = {"Text": "x", "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
    definition = chain({"Call": {"Resource": "aws-sdk:translate:translateText", "Parameters": given}})
    with pytest.raises(Exception, match="translate is not among the services that moto knows: translate:Tr"):
        simulate(definition, {}, services)


def test_a_function_that_waits_for_its_token_is_called_by_nobody_else(tmp_path: Path) -> None:
    """Local services have no functions: that one is missing there says nothing of AWS."""
    (tmp_path / "app.py").write_text("def handler(event, context):\n    print('called')\n")
    function = function_from(f"ask={tmp_path / 'app.py'}:handler")
    asked = {"Resource": "lambda:invoke.waitForTaskToken", "Parameters": {"FunctionName": "ask", "Payload": {}}}
    tasks = Surroundings(MACHINE, None, [function], services=ServicesAt.LOCAL)
    calls: list[str] = []
    for handler in calling_handlers(tasks):
        handler.on_call = lambda request, call: calls.append(call.callee)
    try:
        with pytest.raises(UnansweredTaskError, match="has called ask, and nobody has answered its task token"):
            simulate(chain({"Ask": asked}), {}, tasks)
    finally:
        tasks.close()
    assert calls == ["ask"]


@pytest.mark.parametrize("call", ["sfn:listExecutions", "sfn:describeStateMachine", "lambda:getFunction"])
def test_machines_and_functions_are_not_asked_of_local_services(services: Surroundings, call: str) -> None:
    """They hold none: an answer that one is missing, or that there are none, would not be true of AWS."""
    given = (
        {"FunctionName": "pay"}
        if call.startswith("lambda")
        else {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:pay"}
    )
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Call"}]
    asked = {"Resource": f"aws-sdk:{call}", "Parameters": given, "Catch": caught}
    with pytest.raises(UnansweredTaskError):
        simulate(chain({"Call": asked}), {}, services)


@pytest.mark.parametrize("resource", ["lambda:invoke", "aws-sdk:lambda:invoke"])
def test_a_function_that_is_not_run_here_is_not_missing(services: Surroundings, resource: str) -> None:
    """Nothing catches it, for it is no error of the function: it is not built, or nobody has said where it is."""
    services.functions.left_out = {"pay": "pay has no code at dist: build it first"}
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Call"}]
    call = {"Resource": resource, "Parameters": {"FunctionName": "pay"}, "Catch": caught}
    with pytest.raises(UnansweredTaskError, match="answers it: pay has no code at dist: build it first") as error:
        simulate(chain({"Call": call}), {}, services)
    assert "--function pay=FILE:HANDLER" in str(error.value)


def test_what_is_cancelled_while_services_start_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = Surroundings(MACHINE, None, services=ServicesAt.LOCAL)
    assert tasks.local is not None
    assert tasks.services is not None
    start, began = tasks.local.start, []

    def start_and_cancel() -> None:
        start()
        began.append(tasks.is_beginning)
        for handler in calling_handlers(tasks):
            handler.cancel()

    monkeypatch.setattr(tasks.local, "start", start_and_cancel)
    debugger = Debugger(MACHINE, {"n": 5}, tasks=tasks)
    try:
        assert "nothing was called: that was cancelled while local" in debugger.step_over().text
        assert tasks.contents()[1]["queues"] == {"orders": {}}
        debugger.step_over()
        assert len(tasks.contents()[1]["queues"]["orders"]) == 1, "made by the next step"  # type: ignore[index, call-overload, arg-type]
    finally:
        tasks.close()
    assert (began, tasks.is_beginning) == ([True], False)


def test_a_function_meets_the_same_tables_and_is_reset_with_them(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    table = boto3.resource('dynamodb').Table(os.environ['TABLE'])\n"
        "    table.put_item(Item={'id': event['id'], 'seen': True})\n"
        "    return sorted(item['id'] for item in table.scan()['Items'])\n"
    )
    template = tmp_path / "template.yaml"
    template.write_text(
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: seen}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: inbox.fifo, FifoQueue: true}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Pay:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: See
        States:
          See: {Type: Task, Resource: "arn:aws:lambda:eu-west-1:123456789012:function:see", End: true}
"""
    )
    data = tmp_path / "data" / "tables"
    data.mkdir(parents=True)
    (data / "seen.json").write_text('[{"id": "seeded", "n": 1, "on": null, "of": ["a", {"b": false}]}]')
    project = load_project(str(template), region="eu-west-1")
    function = replace(
        function_from(f"see={tmp_path / 'app.py'}:handler"),
        interpreter=sys.executable,
        environment={"TABLE": "seen"},
        timeout=30,
    )
    machine = project.machine().checked()
    found = Surroundings(machine, project, (function,), services=ServicesAt.LOCAL, seeds=data.parent)
    try:
        assert simulate(machine, {"id": "a"}, found).output == ["a", "seeded"]
        assert found.notes == ("made 1 table, 1 queue, 1 topic, 1 event bus", "put 1 item into seen")
        assert simulate(machine, {"id": "a"}, found).output == ["a", "seeded"]
        found.reset()
        assert simulate(machine, {"id": "b"}, found).output == ["b", "seeded"]
        assert found.local is not None
        found.local._process.kill()  # type: ignore[union-attr]
        found.local._process.wait()  # type: ignore[union-attr]
        with pytest.raises(LocalServicesError, match="moto's server was killed by signal 9"):
            found.call("sqs", "ListQueues", {}, is_sdk=True)
        found.is_watched = True
        with pytest.raises(LocalServicesError, match="the local services have gone") as error:
            simulate(machine, {"id": "watched"}, found)
        assert "Reset them" in error.value.fix
        found.reset()
        assert simulate(machine, {"id": "c"}, found).output == ["c", "seeded"]
    finally:
        found.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"orders-table.json:1:2: it is no JSON"),
        ("{}", "it is no list"),
        ('[{"id": "1"}, {"x": "1"}]', "orders-table.json, item 1: the service does not take"),
        ('["x"]', "orders-table.json, item 0: the service does not take"),
    ],
)
def test_seeds_that_cannot_be_taken_say_which_file(
    services: Surroundings, tmp_path: Path, text: str, said: str
) -> None:
    from sfdebug.tasks.services.seeding import seed

    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / f"{TABLE}.json").write_text(text)
    with pytest.raises(UsageError, match=said):
        seed(tmp_path, services.clients)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "secrets",
            b"s" * 65_537,
            "secrets/key: it cannot be read: it is larger than 65,536 bytes, the most that is read",
        ),
        ("parameters", b"s" * 8_193, "parameters/key: it cannot be read: it is larger than 8,192 bytes"),
        ("secrets", b"\xff", "secrets/key: it is no text in UTF-8"),
        ("tables", b"[" * 100_000, "tables/key.json: it is nested too deeply"),
    ],
    ids=["secret", "parameter", "bytes", "nesting"],
)
def test_seeds_are_read_within_bounds(tmp_path: Path, name: str, text: bytes, said: str) -> None:
    from sfdebug.aws.service_calls import ServiceClients, ServiceEndpoint
    from sfdebug.tasks.services.seeding import seed

    path = tmp_path / name / ("key.json" if name == "tables" else "key")
    path.parent.mkdir()
    path.write_bytes(text)
    nowhere = ServiceClients(ServiceEndpoint("http://127.0.0.1:9", "eu-west-1", None))
    with pytest.raises(UsageError, match=said):
        seed(tmp_path, nowhere)


def test_moto_that_is_not_installed_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.services.local.find_spec", lambda name: None if name == "moto" else object())
    with pytest.raises(LocalServicesError, match="need moto") as error:
        Surroundings(MACHINE, None, services=ServicesAt.LOCAL)
    assert error.value.fix == "Install it: pip install 'sfdebug[local]'"


def starting(script: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Why a server of this script does not start."""
    monkeypatch.setattr("sfdebug.tasks.services.local._SERVER", script)
    services = LocalServices("eu-west-1", "123456789012")
    with pytest.raises(LocalServicesError) as error:
        services.start()
    assert not services.is_running
    return error.value.what


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    said = starting("import sys; print('no module [x]', file=sys.stderr); sys.exit(3)", monkeypatch)
    assert said == "moto's server does not start: it ended with 3: no module [x]"


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.services.local.LONGEST_START", 0.0)
    said = starting("import sys; sys.stdin.read()", monkeypatch)
    assert said.startswith("moto's server does not start: it was killed by signal 9")


def test_one_that_is_closed_while_it_starts_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """From another thread: what it was to be read from is closed then, too."""
    from sfdebug.tasks.services import local

    services, told = LocalServices("eu-west-1", "123456789012"), local._port_told

    def closing(process: Any) -> str:
        services.close()
        return told(process)

    monkeypatch.setattr(local, "_SERVER", "import sys; sys.stdin.read()")
    monkeypatch.setattr(local, "_port_told", closing)
    with pytest.raises(LocalServicesError, match="moto's server does not start: it was ended"):
        services.start()


def test_what_cannot_be_listed_is_not_taken_for_empty() -> None:
    _, now = Surroundings(MACHINE, None, services="http://127.0.0.1:9").contents()
    assert set(now) == {"queues", "tables", "buckets"}
    assert all("Could not connect" in str(held) for held in now.values())


class Slow:
    """What reads what services hold, and does not come to an end before it is let."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, clients: object, messages: object) -> dict[str, Any]:
        self.has_begun.set()
        assert self.may_end.wait(60)
        return {}


def looking(monkeypatch: pytest.MonkeyPatch) -> tuple[Surroundings, Slow, list[str]]:
    """Services at an address that take each call, with a reading of what they hold that does not end."""
    found, slow, called = Surroundings(MACHINE, None, services="http://127.0.0.1:9"), Slow(), list[str]()

    def call(service: str, name: str, *rest: object, **others: object) -> ServiceAnswer:
        called.append(name)
        return ServiceAnswer({})

    monkeypatch.setattr("sfdebug.tasks.surroundings.contents_of", slow)
    monkeypatch.setattr(found, "call", call)
    found.is_watched = True
    return found, slow, called


def test_reading_what_services_hold_before_a_call_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    found, slow, called = looking(monkeypatch)
    debugger = Debugger(MACHINE, {"n": 5}, tasks=found)

    def cancel() -> None:
        assert slow.has_begun.wait(60)
        debugger.calls.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    stop = debugger.step_over()
    other.join(60)
    slow.may_end.set()
    assert stop.is_refused
    assert stop.text == "reading what services hold was cancelled; nothing was called"
    assert called == []


def test_reading_what_services_hold_before_a_call_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    found, slow, called = looking(monkeypatch)
    monkeypatch.setattr("sfdebug.tasks.surroundings.LONGEST_LOOK", 0.0)
    debugger = Debugger(MACHINE, {"n": 5}, tasks=found)
    assert not debugger.step_over().is_refused
    slow.may_end.set()
    assert len(called) == 1
    assert not found.is_watched, "it does not cost that time before each call"


def test_how_long_was_waited_for_an_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = ServiceClients(ServiceEndpoint("http://127.0.0.1:9", "eu-west-1"))
    monkeypatch.setattr("sfdebug.aws.service_calls.time.monotonic", iter((0.0, 61.2)).__next__)

    def silent(service: str, region: str | None = None) -> Any:
        def refuse(**arguments: object) -> None:
            raise OSError("Read timeout")

        meta = SimpleNamespace(method_to_api_mapping={"list_queues": "ListQueues"})
        return SimpleNamespace(meta=meta, list_queues=refuse)

    monkeypatch.setattr(clients, "client", silent)
    with pytest.raises(
        ServiceCallError, match=r"^sqs:ListQueues has no answer at http://127.0.0.1:9 after 61 s: Read timeout$"
    ):
        clients.call("sqs", "ListQueues", {}, is_sdk=True)
