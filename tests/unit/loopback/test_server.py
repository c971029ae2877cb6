"""The server of HTTP: threads for connections, room for those who call, an end for all of them."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sfdebug.loopback.connection import HttpBounds
from sfdebug.loopback.messages import HttpAnswer, HttpRefusalError, HttpRequestHead
from sfdebug.loopback.server import HttpCall, LoopbackServer
from tests.programs import LONGEST

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Echo:
    """Answers with the body; `/wait` only when nobody waits for it any more, `/break` not at all."""

    def __init__(self) -> None:
        self.is_waiting = threading.Event()

    def check(self, head: HttpRequestHead) -> HttpAnswer | None:
        return HttpAnswer(403, b"no") if head.target == "/no" else None

    def answer(self, call: HttpCall) -> HttpAnswer:
        if call.head.target == "/wait":
            self.is_waiting.set()
            while not call.is_abandoned():
                pass
        if call.head.target == "/break":
            raise KeyError("broken")
        return HttpAnswer(200, call.body)

    def refused(self, refusal: HttpRefusalError) -> HttpAnswer:
        return HttpAnswer(refusal.status, refusal.message.encode())


@contextmanager
def served(**bounds: float) -> Iterator[LoopbackServer]:
    server = LoopbackServer(Echo(), 0, HttpBounds(**{"max_body": 100, **bounds}), name="test-serves")  # type: ignore[arg-type]
    server.start()
    try:
        yield server
    finally:
        server.close()


def connected(server: LoopbackServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST)


def answered(client: socket.socket, data: bytes) -> bytes:
    """What comes back for a call with a body of up to a few bytes, as a whole."""
    client.sendall(data)
    found = b""
    while b"\r\n\r\n" not in found:
        part = client.recv(65_536)
        if not part:
            return found
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length and (part := client.recv(65_536)):
        body += part
    return head + b"\r\n\r\n" + body


def test_calls_follow_each_other_on_a_connection_until_one_is_the_last() -> None:
    with served() as server, connected(server) as client:
        for body in (b"one", b"two"):
            post = GET.replace(b"GET", b"POST") + b"Content-Length: 3\r\n\r\n" + body
            assert answered(client, post).endswith(b"\r\n\r\n" + body)
        assert b"Connection: close" in answered(client, GET + b"Connection: close\r\n\r\n")
        assert client.recv(1) == b""


def test_two_calls_at_once_are_answered_in_their_order() -> None:
    post = GET.replace(b"GET", b"POST") + b"Content-Length: 1\r\n\r\n"
    with served() as server, connected(server) as client:
        client.sendall(post + b"a" + post + b"b" + GET + b"Connection: close\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        data = b""
        while part := client.recv(65_536):
            data += part
    assert [part[:1] for part in data.split(b"\r\n\r\n")[1:3]] == [b"a", b"b"]


def test_what_a_service_refuses_or_breaks_on_is_an_answer() -> None:
    with served() as server:
        with connected(server) as client:
            assert answered(client, GET.replace(b"/ ", b"/no ") + b"\r\n").startswith(b"HTTP/1.1 403 ")
        with connected(server) as client:
            told = answered(client, GET.replace(b"/ ", b"/break ") + b"\r\n")
            assert told.startswith(b"HTTP/1.1 500 ")
            assert told.endswith(b"sfdebug itself failed: KeyError: 'broken'")


def test_who_says_nothing_makes_room_for_who_calls() -> None:
    with served(connections=8) as server, ExitStack() as flood:
        silent = [flood.enter_context(connected(server)) for _ in range(50)]
        for _ in range(3):
            with connected(server) as client:
                assert answered(client, GET + b"\r\n").startswith(b"HTTP/1.1 200 ")
        assert silent[0].recv(1) == b"", "the oldest is closed"


def test_halves_of_calls_make_room_for_who_calls() -> None:
    """Who has begun a call and does not go on is told so, as if its time were up."""
    halves = (GET[:-1], GET.replace(b"GET", b"POST") + b"Content-Length: 30\r\n\r\nten bytes.")
    with served(connections=8, patience=1000) as server, ExitStack() as flood:
        late = [flood.enter_context(connected(server)) for _ in range(8)]
        for number, each in enumerate(late):
            each.sendall(halves[number % 2])
        for _ in range(3):
            with connected(server) as client:
                assert answered(client, GET + b"\r\n").startswith(b"HTTP/1.1 200 ")
        told = select.select(late, [], [], LONGEST)[0]
        assert told
        assert all(each.recv(12) in {b"HTTP/1.1 400", b"HTTP/1.1 408"} for each in told)


def test_calls_under_way_are_not_given_up_for_another() -> None:
    service = Echo()
    server = LoopbackServer(service, 0, HttpBounds(100, connections=1), name="test-serves")
    server.start()
    with connected(server) as waiting:
        waiting.sendall(GET.replace(b"/ ", b"/wait ") + b"\r\n")
        assert service.is_waiting.wait(LONGEST)
        with connected(server) as client:
            told = answered(client, GET + b"\r\n")
            assert told.startswith(b"HTTP/1.1 503 ")
            assert told.endswith(b"1 connections are open, and no more are taken")
        server.close()
        assert waiting.recv(65_536).startswith(b"HTTP/1.1 200 "), "it has its answer when the server ends"


def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    with served() as server, pytest.raises(OSError, match="in use"):
        LoopbackServer(Echo(), server.port, HttpBounds(100), name="test-serves")


def test_nothing_is_left_of_a_server_that_was_closed() -> None:
    with served() as server, connected(server) as client:
        assert answered(client, GET + b"\r\n")
        server.close()
        assert client.recv(1) == b""
        assert not [each for each in threading.enumerate() if each.name.startswith("test-serves")]
        with pytest.raises(OSError, match="refused"):
            connected(server)
