"""How calls reach services, or do not: arguments that no call can carry, moto's own faults, large answers, and an
account that is asked for nothing before somebody has allowed it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.aws.service_calls import BY_HAND, ServiceCallError, ServiceClients, ServiceEndpoint
from sfdebug.simulation import simulate
from sfdebug.tasks.services.calls import NeedsConsentError
from sfdebug.tasks.surroundings import ServicesAt, Surroundings
from sfdebug.values import Json
from tests.moto_server import missing

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"


def machine(resource: str, parameters: dict[str, Any]) -> Any:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    return definition_from({"StartAt": "Call", "States": {"Call": state}})


@pytest.mark.parametrize(
    ("service", "call", "arguments", "said"),
    [
        ("dynamodb", "putItem", {"TableName": "t", "Item": "x"}, "/Item is a text, not an object"),
        ("dynamodb", "putItem", {"TableName": "t", "Item": {"n": {"N": 5}}}, "/Item/n/N is a number, not a text"),
        ("dynamodb", "putItem", {"TableName": "t", "Item": {}, "Nope": 1}, "there is no field /Nope"),
        ("sqs", "sendMessage", {"QueueUrl": "q", "MessageBody": True}, "/MessageBody is a boolean, not a text"),
        ("events", "putEvents", {"Entries": {}}, "/Entries is an object, not an array"),
        ("s3", "listObjectsV2", {"Bucket": "b", "MaxKeys": []}, "/MaxKeys is an array, not a single value"),
    ],
)
def test_arguments_that_no_call_can_carry_are_said_with_their_place(
    service: str, call: str, arguments: dict[str, Json], said: str
) -> None:
    clients = ServiceClients(ServiceEndpoint("http://127.0.0.1:9", "eu-west-1"))
    with pytest.raises(ServiceCallError, match="does not take these arguments") as error:
        clients.call(service, call, arguments, is_sdk=True)
    assert said in error.value.what
    assert error.value.fix == "Mend the Parameters or Arguments of the state."


@pytest.fixture(scope="module")
def local() -> Iterator[Surroundings]:
    if missing():
        pytest.skip(f"moto's server mode lacks {', '.join(missing())}")
    found = Surroundings(machine("sqs:sendMessage", {"QueueUrl": QUEUE}), None, services=ServicesAt.LOCAL)
    found.begin()
    yield found
    found.close()


@pytest.mark.parametrize(
    ("resource", "parameters", "said"),
    [
        ("rekognition:detectModerationLabels", {"Image": {}}, "is not among the calls that moto knows"),
        ("sns:publish", {"Message": "x"}, "moto fails at sns:Publish: AttributeError"),
        ("mediaconvert:listJobs", {}, "mediaconvert is not among the services that moto knows"),
    ],
)
def test_what_moto_cannot_do_is_said_with_a_way_on(
    local: Surroundings, resource: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ServiceCallError, match=said) as error:
        simulate(machine(f"aws-sdk:{resource}", parameters), {}, local)
    assert error.value.fix == BY_HAND


def test_any_json_is_a_message_body(local: Surroundings) -> None:
    given = {"QueueUrl": QUEUE, "MessageBody": 5}
    assert simulate(machine("sqs:sendMessage", given), {}, local).fault is None
    received = local.clients.client("sqs").receive_message(QueueUrl=QUEUE)["Messages"]
    assert [message["Body"] for message in received] == ["5"]


def test_an_object_that_is_too_large_is_not_read_whole(local: Surroundings) -> None:
    s3 = local.clients.client("s3")
    s3.create_bucket(Bucket="large", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="large", Key="k", Body=b"x" * (3 << 20))
    found = local.clients.call("s3", "getObject", {"Bucket": "large", "Key": "k"}, is_sdk=True)
    assert len(str(found.output["Body"])) == 1 << 20
    run = simulate(machine("aws-sdk:s3:getObject", {"Bucket": "large", "Key": "k"}), {}, local)
    assert run.fault is not None
    assert run.fault.error == "States.DataLimitExceeded"


class Account(http.server.BaseHTTPRequestHandler):
    """An account that says whose it is and takes messages; what was asked is kept on the server."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        target = self.headers.get("X-Amz-Target") or body.partition("Action=")[2].partition("&")[0]
        self.server.asked.append(target)  # type: ignore[attr-defined]
        is_identity = target == "GetCallerIdentity"
        identity = "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn>"
        result = f"<GetCallerIdentityResult>{identity}</GetCallerIdentityResult>"
        text = (
            f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>" if is_identity else '{"MessageId":"m"}'
        )
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What an account was asked that stands where AWS is."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Account)
    found: list[str] = []
    server.asked = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


SEND = machine("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "x"})


def test_without_a_person_nothing_at_all_is_asked_of_an_account(asked: list[str]) -> None:
    surroundings = Surroundings(SEND, None, services=ServicesAt.AWS)
    assert surroundings.services is not None
    surroundings.services.is_attended = False
    with pytest.raises(NeedsConsentError, match=r"sqs:sendMessage would really be called in AWS, eu-west-1\n") as error:
        simulate(SEND, {}, surroundings)
    assert "--yes-call-aws" in error.value.fix
    assert asked == []


def test_a_person_is_told_the_account_and_the_call_is_made_when_allowed(asked: list[str]) -> None:
    surroundings = Surroundings(SEND, None, services=ServicesAt.AWS)
    services = surroundings.services
    assert services is not None
    whose = "in AWS, eu-west-1, account 123456789012, as arn:aws:iam::123456789012:user/me"
    with pytest.raises(NeedsConsentError, match=f"sqs:sendMessage would really be called {whose}"):
        simulate(SEND, {}, surroundings)
    assert asked == ["GetCallerIdentity"]
    assert services.question().endswith(whose)
    services.allow()
    assert simulate(SEND, {}, surroundings).fault is None
    assert asked == ["GetCallerIdentity", "AmazonSQS.SendMessage"]


def test_an_account_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    surroundings = Surroundings(SEND, None, services=ServicesAt.AWS)
    with pytest.raises(ServiceCallError, match="AWS does not say whose credentials these are: Could not connect"):
        simulate(SEND, {}, surroundings)
