"""The wire: what clients send, and what others do; over real connections, each answered on its own thread."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from queue import Queue

import pytest
from msgspec.structs import replace

from sfdebug.errors import UsageError
from sfdebug.hosting.activities import ActivityPoll
from sfdebug.hosting.host import ExecutionHost
from sfdebug.loopback.holders import holder_of
from sfdebug.server import wire
from sfdebug.server.api import StepFunctionsApi
from sfdebug.server.wire import ApiServer
from tests.hosted_runs import HandHost
from tests.programs import LONGEST

JSON = "Content-Type: application/x-amz-json-1.0"


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with HandHost() as host:
        found = ApiServer(StepFunctionsApi(host))
        found.start()
        yield found
        found.close()


def connected(server: ApiServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST)


def sent(server: ApiServer, head: str, body: bytes = b"", *, ends: bool = True) -> tuple[int, str, bytes]:
    """The status, the head and the body of what comes back for a call; the sender says no more where it `ends`."""
    with connected(server) as client:
        client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        if ends:
            client.shutdown(socket.SHUT_WR)
        data = b""
        while part := client.recv(65_536):
            data += part
    found, _, rest = data.partition(b"\r\n\r\n")
    return int(found.split()[1]), found.decode(), rest


def call(server: ApiServer, *more: str, target: str = "AWSStepFunctions.ListStateMachines") -> tuple[int, str, str]:
    lines = ["POST / HTTP/1.1", *more, f"X-Amz-Target: {target}", "Content-Length: 2"]
    if not any(line.startswith("Host:") for line in more):
        lines.insert(1, "Host: 127.0.0.1:1")
    if not any(line.startswith("Content-Type:") for line in more):
        lines.append(JSON)
    status, _, body = sent(server, "\n".join(lines), b"{}")
    told = json.loads(body) if body else {}
    return status, told.get("__type", "").rpartition("#")[2], told.get("message", "")


def test_a_call_is_answered_with_a_request_id_in_one_piece(server: ApiServer) -> None:
    with connected(server) as client:
        request = f"POST / HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n"
        for _ in range(2):  # on the same connection
            client.sendall(f"{request}Content-Length: 2\r\n\r\n{{}}".encode())
            head, _, body = client.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\nx-amzn-RequestId: ")
            assert b"application/x-amz-json-1.0" in head
            assert body == b'{"activities":[]}'


@pytest.mark.parametrize("host", ["localhost:8083", "127.0.0.1", "[::1]:9", "sync-localhost:1", "sync-127.0.0.1"])
def test_this_machine_has_several_names(server: ApiServer, host: str) -> None:
    assert call(server, f"Host: {host}")[0] == 200


@pytest.mark.parametrize(
    "line",
    [
        "Host: evil.example:8083",
        "Host: 127.0.0.1.evil.example",
        "Origin: https://evil.example",
        "Origin: null",
        "Sec-Fetch-Site: cross-site",
    ],
)
def test_a_page_in_a_browser_is_refused(server: ApiServer, line: str) -> None:
    status, type, message = call(server, line)
    assert (status, type) == (403, "AccessDeniedException")
    assert message.startswith("sfdebug ")
    head = sent(server, f"OPTIONS / HTTP/1.1\nHost: localhost\n{line}".replace("Host: localhost\nHost", "Host"))[1]
    assert "Access-Control" not in head


def test_a_simple_request_of_a_form_is_none(server: ApiServer) -> None:
    status, type, _ = call(server, "Content-Type: text/plain")
    assert (status, type) == (400, "SerializationException")


def test_calls_of_other_services_are_told_which_variable_leads_here(server: ApiServer) -> None:
    for target in ("DynamoDB_20120810.GetItem", "AmazonSQS.SendMessage"):
        status, type, message = call(server, target=target)
        assert (status, type) == (400, "NoLocalService")
        assert message.startswith(f"'{target}' is a call of another service. ")
        assert "AWS_ENDPOINT_URL_SFN alone, and not AWS_ENDPOINT_URL," in message
    signed = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request, Signature=x"
    for method in ("GET", "PUT", "DELETE"):
        status, _, body = sent(server, f"{method} /bucket/key HTTP/1.1\nHost: localhost\n{signed}")
        assert (status, body[:40]) == (400, b"<Error><Code>NoLocalService</Code><Messa")
        assert b"s3" in body
    form = "Content-Type: application/x-www-form-urlencoded"
    body = sent(server, f"POST / HTTP/1.1\nHost: localhost\n{form}\nContent-Length: 3", b"a=1")[2]
    assert body.startswith(b"<ErrorResponse><Error><Type>Sender</Type><Code>NoLocalService</Code>")


def test_an_operation_that_is_none_is_told_so(server: ApiServer) -> None:
    status, type, message = call(server, target="AWSStepFunctions.Nope")
    assert (status, type, message) == (
        400,
        "UnknownOperationException",
        "Step Functions has no operation 'Nope'",
    )


def test_a_browser_is_greeted_in_a_sentence(server: ApiServer) -> None:
    status, head, body = sent(server, "GET / HTTP/1.1\nHost: localhost:8083")
    assert status == 200
    assert "text/plain" in head
    assert b"AWS_ENDPOINT_URL_SFN=http://localhost:8083;" in body
    assert sent(server, "HEAD / HTTP/1.1\nHost: localhost")[0] == 400


def test_a_body_is_bounded_and_comes_whole(server: ApiServer) -> None:
    post = "POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: AWSStepFunctions.ListActivities\n"
    large = sent(server, f"{post}{JSON}\nContent-Length: {wire.MAX_BODY + 1}", b"x" * 100_000)
    assert (large[0], b"RequestEntityTooLargeException" in large[2]) == (413, True)
    half = sent(server, f"{post}{JSON}\nContent-Length: 10", b"{}")
    assert (half[0], b"says that it has 10 bytes, and 2 have come" in half[2]) == (408, True)
    with HandHost() as host:
        impatient = ApiServer(StepFunctionsApi(host), bounds=replace(wire.BOUNDS, patience=0.02))
        impatient.start()
        slow = sent(impatient, f"{post}{JSON}\nContent-Length: 10", b"{}", ends=False)
        impatient.close()
    assert (slow[0], b"SerializationException" in slow[2]) == (408, True)
    for lines in ("Content-Length: -1", "Content-Length: 1e3", "Content-Length: 2\nContent-Length: 3"):
        refused = sent(server, f"{post}{JSON}\n{lines}", b"{} ")
        assert (refused[0], b"SerializationException" in refused[2]) == (400, True), lines
    assert sent(server, f"{post}{JSON}\nTransfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    "data", ["NONSENSE", "POST / HTTP/9.9", "\x16\x03\x01", "GET " + "/" * 70_000, "POST / HTTP/1.1\n" + "A: b\n" * 200]
)
def test_what_is_no_http_is_answered_and_closed(server: ApiServer, data: str) -> None:
    with connected(server) as client:
        try:
            client.sendall(data.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n")
            head = client.recv(65_536)
        except ConnectionError:  # closed with more under way
            return
        assert not head or head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))


def test_one_connection_too_many_is_told_so() -> None:
    with HandHost() as host:
        server = ApiServer(StepFunctionsApi(host), bounds=replace(wire.BOUNDS, connections=0))
        server.start()
        status, _, body = sent(server, "POST / HTTP/1.1\nHost: localhost", ends=False)
        server.close()
    assert status == 503
    assert json.loads(body)["__type"].endswith("#ServiceUnavailableException")
    assert json.loads(body)["message"] == "0 connections are open, and no more are taken"


def test_a_port_that_is_taken_is_said_with_what_to_do(server: ApiServer) -> None:
    with pytest.raises(UsageError) as caught:
        ApiServer(StepFunctionsApi(HandHost()), server.port)
    assert caught.value.what.startswith(f"nothing can listen at port {server.port} of 127.0.0.1: ")
    assert "--port 0" in caught.value.fix
    if holder_of(server.port) is not None:
        assert f"Process {os.getpid()} has it: " in caught.value.fix
    with pytest.raises(UsageError) as caught:
        ApiServer(StepFunctionsApi(HandHost()), 0, "192.0.2.1")
    assert "has it" not in caught.value.fix, "it is no address of this machine"


def test_what_nobody_expected_is_an_answer_and_told() -> None:
    faults: list[Exception] = []
    host = HandHost()
    api = StepFunctionsApi(host, on_fault=faults.append)
    del host.tags
    body = json.dumps({"resourceArn": "arn:aws:states:us-east-1:123456789012:activity:a"}).encode()
    answer = api.answer("AWSStepFunctions.ListTagsForResource", body)
    assert answer.status == 500
    assert b"InternalFailure" in answer.body
    assert [type(fault) for fault in faults] == [AttributeError]


def test_a_poll_ends_when_its_worker_has_gone_and_when_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task goes to the next worker, and nobody waits for the other sixty seconds."""
    polls: Queue[ActivityPoll] = Queue()

    def noted(arn: str, worker_name: str | None = None) -> ActivityPoll:
        polls.put(poll := begun(arn, worker_name))
        return poll

    with ExecutionHost() as host:
        arn, begun = host.activities.create("work").arn, host.activities.poll
        monkeypatch.setattr(host.activities, "poll", noted)
        server = ApiServer(StepFunctionsApi(host))
        server.start()
        body = json.dumps({"activityArn": arn})
        head = (
            f"POST / HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with connected(server) as gone:
            gone.sendall(head.encode())
            first = polls.get(timeout=LONGEST)
        assert first.wait(LONGEST) is None  # closed by the server: it waits no longer
        with connected(server) as client:
            client.sendall(head.encode())
            polls.get(timeout=LONGEST)
            server.close()
            client.setblocking(False)  # it is there when the program goes on, and may end
            assert client.recv(65_536).endswith(b"\r\n\r\n{}")
