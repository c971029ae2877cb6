"""The served API under load: many executions of many clients at once, and what else may come to an open port.

Whatever comes, who calls is answered, and what is held in memory stays within its bounds.
"""

from __future__ import annotations

import json
import random
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.hosting.host import ExecutionHost
from sfdebug.server.wire import BOUNDS, MAX_BODY, ApiServer
from tests.api_calls import PASS
from tests.hosted_runs import ROLE
from tests.programs import LONGEST, until
from tests.served_api import PlainClient, api_served

CLIENTS = 16
AT_ONCE = 100
EXECUTIONS = 1_000
PAYLOAD = 100_000
ANSWER = 80 * PAYLOAD
"""A history of forty states that hand it on has more than that."""
HEAD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions."
)


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    """One that has not much room."""
    with ExecutionHost() as host, api_served(host, replace(BOUNDS, connections=64, patience=0.3)) as found:
        yield found


def created(client: PlainClient, name: str, definition: str = PASS) -> str:
    return str(client("CreateStateMachine", name=name, definition=definition, roleArn=ROLE)["stateMachineArn"])


def test_a_thousand_executions_by_sixteen_clients_a_hundred_at_once() -> None:
    """Each waits for a worker, which a client plays; each comes to its own end, and none is lost."""
    with ExecutionHost(keep=EXECUTIONS) as host, api_served(host) as server, ExitStack() as open_clients:
        clients = [open_clients.enter_context(PlainClient(server)) for _ in range(CLIENTS)]
        resource = clients[0]("CreateActivity", name="work")["activityArn"]
        work = {"StartAt": "W", "States": {"W": {"Type": "Task", "Resource": resource, "End": True}}}
        arn = created(clients[0], "Load", json.dumps(work))

        def own(number: int) -> PlainClient:
            return clients[number % CLIENTS]

        def share(client: int, first: int, job: Callable[[int], Any]) -> list[Any]:
            """What a client does of the round that begins at `first`."""
            return [job(number) for number in range(first + client, first + AT_ONCE, CLIENTS)]

        def started(number: int) -> str:
            answer = own(number)("StartExecution", stateMachineArn=arn, name=f"n{number}", input=str(number))
            return str(answer["executionArn"])

        def worked(number: int) -> str:
            client = own(number)
            task = client("GetActivityTask", activityArn=resource)
            client("SendTaskSuccess", taskToken=task["taskToken"], output=f"[{task['input']}]")
            return str(task["input"])

        def output(number: int) -> str:
            execution = f"{arn.replace(':stateMachine:', ':execution:')}:n{number}"
            return str(own(number)("DescribeExecution", executionArn=execution)["output"])

        def named(status: str) -> set[str]:
            answer = clients[0]("ListExecutions", stateMachineArn=arn, statusFilter=status, maxResults=1000)
            return {each["name"] for each in answer["executions"]}

        with ThreadPoolExecutor(CLIENTS) as pool:
            for first in range(0, EXECUTIONS, AT_ONCE):

                def together(job: Callable[[int], Any], first: int = first) -> list[Any]:
                    parts = pool.map(lambda client: share(client, first, job), range(CLIENTS))
                    return [each for part in parts for each in part]

                assert len(set(together(started))) == AT_ONCE
                assert named("RUNNING") >= {f"n{number}" for number in range(first, first + AT_ONCE)}, "all at once"
                assert sorted(map(int, together(worked))) == list(range(first, first + AT_ONCE))
            until(lambda: not named("RUNNING"))
            assert named("SUCCEEDED") == {f"n{number}" for number in range(EXECUTIONS)}
            assert sorted(together(output)) == sorted(f"[{number}]" for number in range(first, EXECUTIONS))


def _starts_one_more(server: ApiServer, arn: str) -> bool:
    """Whether one more client starts an execution: where all connections are busy for a moment, it is told so."""
    with PlainClient(server) as client:
        status, answer = client.sent("StartExecution", json.dumps({"stateMachineArn": arn}).encode())
    assert status in {200, 503}, answer
    return status == 200


def test_floods_keep_nobody_out(server: ApiServer) -> None:
    """Connections that say nothing, rubbish, halves of calls, clients that vanish in the middle of an answer."""
    some = random.Random(5)
    half = HEAD + b"ListStateMachines\r\nContent-Length: 50\r\n\r\n{"
    whole = HEAD + b"ListStateMachines\r\nContent-Length: 2\r\n\r\n{}"
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: b"",
        lambda: some.randbytes(300),
        lambda: some.randbytes(20) + b"\r\n\r\n",
        lambda: half[: some.randrange(len(half))],
        lambda: half,
        lambda: whole,
        lambda: whole * 50,
        lambda: b"GET / HTTP/1.1\r\n" * 3000,
    )
    with ExitStack() as flood, PlainClient(server) as client:
        arn = created(client, "Flooded")
        for number in range(300):
            each = flood.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            with suppress(OSError):
                each.settimeout(5)
                each.sendall(kinds[number % len(kinds)]())
            if number % 3 == 0:
                each.close()
            if number % 30 == 0:
                until(lambda: _starts_one_more(server, arn))  # it tries again, as AWS's SDKs do
    with PlainClient(server) as client:
        assert len(client("ListExecutions", stateMachineArn=arn)["executions"]) == 10


def test_large_bodies_take_no_memory(server: ApiServer) -> None:
    """Ten megabytes each: refused, while the client sends, and gets its answer."""
    body = memoryview(b"x" * (10 << 20))
    lengths = (b"Content-Length: 10485760\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\na00000\r\n")

    def send(number: int) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST) as client:
            client.sendall(HEAD + b"CreateStateMachine\r\n" + lengths[number % 2])
            client.sendall(body)
            return client.recv(65_536)

    tracemalloc.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(send, range(8)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(b" 413 " in answer and b"RequestEntityTooLargeException" in answer for answer in answers)
    assert peak < 8 * MAX_BODY, "less than what is taken of each"


def test_who_reads_slowly_holds_nobody(server: ApiServer) -> None:
    """Histories taken byte by byte, or not at all: others are answered meanwhile, and in the end they are cut off."""
    with PlainClient(server) as client:
        text = json.dumps("x" * PAYLOAD)
        states = {str(n): {"Type": "Pass", "Next": str(n + 1)} for n in range(40)} | {"40": {"Type": "Succeed"}}
        arn = created(client, "Long", json.dumps({"StartAt": "0", "States": states}))
        execution = client("StartExecution", stateMachineArn=arn, input=text)["executionArn"]
        while client("DescribeExecution", executionArn=execution, includedData="METADATA_ONLY")["status"] == "RUNNING":
            pass
        body = json.dumps({"executionArn": execution, "maxResults": 1000}).encode()
        call = HEAD + b"GetExecutionHistory\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        with ExitStack() as slow:
            readers = [slow.enter_context(narrow(server)) for _ in range(4)]
            for reader in readers:
                reader.sendall(call)
            for reader in readers[:2]:
                assert [reader.recv(1) for _ in range(9)] == [b"H", b"T", b"T", b"P", b"/", b"1", b".", b"1", b" "]
            for _ in range(20):
                assert client("ListExecutions", stateMachineArn=arn)["executions"]
            until(lambda: server.open_connections == 1)
            assert all(cut_off(reader) for reader in readers)


def narrow(server: ApiServer) -> socket.socket:
    """A connection on which little is under way."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect(("127.0.0.1", server.port))
    return client


def cut_off(reader: socket.socket) -> bool:
    """Whether the connection ends before the answer does."""
    total = 0
    with suppress(ConnectionError):
        while part := reader.recv(1 << 20):
            total += len(part)
    return total < ANSWER
