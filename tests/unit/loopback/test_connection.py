"""One connection within its bounds: what trickles in, breaks off, is too large, or is not taken; on a clock of ours."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import cast

import pytest

from sfdebug.loopback.connection import ByteBudget, HttpBounds, HttpConnection
from sfdebug.loopback.messages import HttpAnswer, HttpRefusalError

BOUNDS = HttpBounds(max_body=1000, max_head=500)
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


class SlowSocket:
    """Gives one part after another, each of which takes `pace` seconds of the test's clock; then it is silent."""

    def __init__(self, parts: Sequence[bytes], pace: float = 0.0, *, closes: bool = True) -> None:
        self.parts = list(parts)
        self.pace = pace
        self.closes = closes
        self.now = 1000.0
        self.timeout = 0.0
        self.nap = 0.0
        """Seconds for which the program is kept from its work behind each part."""
        self.sent = b""

    def setsockopt(self, *option: int) -> None:
        """Nothing."""

    def settimeout(self, seconds: float) -> None:
        self.timeout = seconds

    def recv(self, count: int) -> bytes:
        if self.pace > self.timeout or (not self.parts and not self.closes):
            self.now += self.timeout
            raise TimeoutError if self.timeout else BlockingIOError
        self.now += self.pace + self.nap
        return self.parts.pop(0) if self.parts else b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[SlowSocket]:
    """The socket whose time it is."""
    found: list[SlowSocket] = []
    monkeypatch.setattr("sfdebug.loopback.connection.monotonic", lambda: found[0].now)
    return found


def connection(clock: list[SlowSocket], slow: SlowSocket, budget: ByteBudget | None = None) -> HttpConnection:
    clock[:] = [slow]
    return HttpConnection(cast("socket.socket", slow), BOUNDS, budget or ByteBudget(BOUNDS.held))


def trickling(data: bytes, pace: float) -> SlowSocket:
    return SlowSocket([bytes([each]) for each in data], pace)


def read(call: HttpConnection) -> bytes:
    """The body of the next call."""
    head = call.next_head()
    assert head is not None
    return call.read_body(head)


def refused(call: HttpConnection) -> tuple[int, str]:
    with pytest.raises(HttpRefusalError) as caught:
        read(call)
    return caught.value.status, caught.value.message


def test_a_head_has_one_deadline_however_it_trickles_in(clock: list[SlowSocket]) -> None:
    slow = trickling(POST + b"\r\n", 1.0)
    call = connection(clock, slow)
    assert refused(call) == (408, "the head of the call has not come whole in time")
    assert slow.now == 1000.0 + 1 + BOUNDS.patience, "from the first byte on"
    quick = trickling(POST + b"\r\n", 0.1)
    assert connection(clock, quick).next_head() is not None


def test_a_body_has_one_too(clock: list[SlowSocket]) -> None:
    slow = trickling(b"x" * 30, 1.0)
    slow.parts.insert(0, POST + b"Content-Length: 30\r\n\r\n")
    assert refused(connection(clock, slow)) == (408, "the call says that it has 30 bytes, and 10 have come")


def test_what_came_in_time_is_taken_by_a_server_that_was_kept_from_reading(clock: list[SlowSocket]) -> None:
    parts = [POST, b"Content-Length: 3\r\n\r\na", b"bc"]
    slow = SlowSocket(parts)
    slow.nap = 1.5 * BOUNDS.patience
    assert read(connection(clock, slow)) == b"abc"
    silent = SlowSocket([POST], closes=False)
    silent.nap = 1.5 * BOUNDS.patience
    assert refused(connection(clock, silent))[0] == 408
    endless = SlowSocket([POST, *[b"x: y\r\n"] * 9])
    endless.nap = 1.5 * BOUNDS.patience
    assert refused(connection(clock, endless))[0] == 408


def test_a_connection_that_says_nothing_ends_in_silence(clock: list[SlowSocket]) -> None:
    slow = SlowSocket([], closes=False)
    call = connection(clock, slow)
    assert call.next_head() is None
    assert slow.now == 1000.0 + BOUNDS.idle
    assert call.idle_since == 1000.0


def test_calls_follow_each_other_however_they_are_cut(clock: list[SlowSocket]) -> None:
    first = POST + b"Content-Length: 3\r\n\r\nabc"
    second = b"\r\n\nGET /x HTTP/1.1\nHost: h\n\n"
    whole = first + second + POST + b"\r\n"
    for size in (1, 2, 3, 7, 1000):
        parts = [whole[start : start + size] for start in range(0, len(whole), size)]
        call = connection(clock, SlowSocket(parts))
        assert read(call) == b"abc"
        head = call.next_head()
        assert head is not None
        assert (head.method, head.target, call.read_body(head)) == ("GET", "/x", b"")
        assert call.next_head() is not None
        assert call.next_head() is None


def test_chunks_come_together_and_are_bounded(clock: list[SlowSocket]) -> None:
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    whole = chunked + b"3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nTrailer: t\r\n\r\n" + POST + b"\r\n"
    for size in (1, 4, 1000):
        call = connection(clock, SlowSocket([whole[start : start + size] for start in range(0, len(whole), size)]))
        assert read(call) == b"abcdefgh"
        assert call.next_head() is not None, "what follows is the next call"
    for body, status in (
        (b"3e9\r\n", 413),
        (b"1f4\r\n" + b"x" * 500 + b"\r\n1f5\r\n", 413),
        (b"3\r\nabcd\r\n0\r\n\r\n", 400),
        (b"zz\r\n", 400),
        (b"3\r\nab", 408),
        (b"3", 408),
        (b"0\r\n" + b"A: b\r\n" * 200, 431),
        (b"1" * 100_000, 400),
    ):
        assert refused(connection(clock, SlowSocket([chunked + body])))[0] == status, body[:20]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (POST + b"A: " + b"b" * 600, 431),
        (b"x" * 600, 431),
        (POST, 400),
        (POST + b"Content-Length: 1001\r\n\r\n", 413),
        (POST + b"Content-Length: 5\r\n\r\nabc", 408),
    ],
)
def test_what_is_too_long_or_breaks_off_is_refused(clock: list[SlowSocket], data: bytes, status: int) -> None:
    assert refused(connection(clock, SlowSocket([data])))[0] == status


def test_a_client_that_asks_first_is_told_to_go_on(clock: list[SlowSocket]) -> None:
    head, body = POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"abc"
    slow = SlowSocket([head, body])
    call = connection(clock, slow)
    assert (read(call), slow.sent) == (b"abc", b"HTTP/1.1 100 Continue\r\n\r\n")
    at_once = SlowSocket([head + body])
    call = connection(clock, at_once)
    assert (read(call), at_once.sent) == (b"abc", b"")


def test_what_is_large_counts_until_it_is_answered(clock: list[SlowSocket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.loopback.connection._SMALL", 100)
    budget = ByteBudget(1200)
    data = POST + b"Content-Length: 900\r\n\r\n" + b"x" * 900
    first = connection(clock, SlowSocket([data]), budget)
    read(first)
    assert budget.held == 900
    second = connection(clock, SlowSocket([data]), budget)
    assert refused(second) == (503, "too many large calls are under way at once; try again")
    small = connection(clock, SlowSocket([POST + b"Content-Length: 3\r\n\r\nabc"]), budget)
    assert read(small) == b"abc", "what is small has room"
    with pytest.raises(HttpRefusalError, match="too many large calls"):
        small.write(HttpAnswer(200, b"x" * 400), "POST", closes=False)
    first.write(HttpAnswer(200, b"x" * 200), "POST", closes=False)
    assert budget.held == 0
    small.write(HttpAnswer(200, b"x" * 5000), "POST", closes=False)
    assert budget.held == 0, "one alone always has room"


def test_a_client_that_has_gone_is_seen_at_any_descriptor() -> None:
    """Also from 1,024 on, where select() breaks off."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()) as there:
        here = at_a_high_descriptor(listener.accept()[0])
        with here:
            found = HttpConnection(here, BOUNDS, ByteBudget(0))
            assert not found.is_gone()
            there.sendall(b"x")
            assert not found.is_gone()
            here.recv(1)
            there.close()
            here.settimeout(10)
            here.recv(1)  # waits until the end is known here
            assert found.is_gone()


def at_a_high_descriptor(client: socket.socket) -> socket.socket:
    """The same connection, at a descriptor of 1,024 or more."""
    resource = pytest.importorskip("resource")
    fcntl = pytest.importorskip("fcntl")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1100:
        pytest.skip("the system gives no descriptor of 1,024 or more")
    if soft != resource.RLIM_INFINITY and soft < 1100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1100, hard))
    high = socket.socket(fileno=fcntl.fcntl(client.fileno(), fcntl.F_DUPFD, 1024))
    client.close()
    return high
