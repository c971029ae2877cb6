"""One connection: heads and bodies are read and answers written, each within a number of bytes and a time.

A head has one deadline, however it trickles in; so have a body and an answer. What is large is entered in a budget that
all connections share, so that many of them together cannot take more memory than that.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import Final

from msgspec import Struct

from sfdebug.loopback.messages import (
    MOST_HEADERS,
    HttpAnswer,
    HttpRefusalError,
    HttpRequestHead,
    read_chunk_length,
    read_head,
    written,
)

_PIECE: Final = 65_536
_SMALL: Final = 65_536
"""Bytes of a body or an answer that is not entered in the budget."""
_LINGER: Final = 1.0
"""Seconds that what a client still sends is read for, so that it gets its answer before the connection ends."""


class HttpBounds(Struct, frozen=True):
    """How much is taken, and for how long.

    `idle` is how long a connection may stay open without a call, `patience` the time for a head from its first byte on,
    for a body and for an answer, in seconds. `held` is how many bytes of large bodies and answers there are at once.
    """

    max_body: int
    max_head: int = 65_536
    connections: int = 512
    idle: float = 75.0
    patience: float = 10.0
    held: int = 256 << 20


class ByteBudget:
    """How much of what is large is in memory, for all connections together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self.held = 0

    def take(self, count: int) -> bool:
        """Enter so many bytes; whether there is room for them. There always is when nothing else is entered."""
        with self._lock:
            if self.held and self.held + count > self._most:
                return False
            self.held += count
            return True

    def give_back(self, count: int) -> None:
        """Strike out so many bytes."""
        with self._lock:
            self.held -= count


class HttpConnection:
    """A connection of a client, which one thread serves."""

    def __init__(self, client: socket.socket, bounds: HttpBounds, budget: ByteBudget) -> None:
        self._socket = client
        self._bounds = bounds
        self._budget = budget
        self._buffer = bytearray()
        self._held = 0
        self.idle_since: float | None = monotonic()
        """Since when no call is under way, by the monotonic clock; None while one is."""
        self.incomplete_since: float | None = None
        """Since when a call is under way that has not come whole; None where there is none, or it has."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # reading

    def next_head(self) -> HttpRequestHead | None:
        """The head of the next call, waited for; None where none comes.

        Raises HttpRefusalError for one that is none, is too long, or is not whole in time.
        """
        if not self._buffer:
            self.idle_since = monotonic()
            if not self._fill(1, self.idle_since + self._bounds.idle):
                return None
        self.idle_since, self.incomplete_since = None, monotonic()
        until = self.incomplete_since + self._bounds.patience
        searched = 0
        while True:
            while self._buffer.startswith((b"\r\n", b"\n")):  # RFC 9112, 2.2: empty lines before a call are nothing
                del self._buffer[: 1 + self._buffer.startswith(b"\r\n")]
                searched = 0
            end, start = _head_end(self._buffer, searched)
            if end >= 0:
                break
            searched = max(0, len(self._buffer) - 3)
            if len(self._buffer) > self._bounds.max_head:
                raise HttpRefusalError(431, f"the head of a call has {self._bounds.max_head:,} bytes at most")
            try:
                came = self._receive(until)
            except TimeoutError:
                raise HttpRefusalError(408, "the head of the call has not come whole in time") from None
            if not came:
                if not self._buffer:
                    return None
                raise HttpRefusalError(400, "the call breaks off in its head")
        data = bytes(self._buffer[:end])
        del self._buffer[:start]
        return read_head(data)

    def read_body(self, head: HttpRequestHead) -> bytes:
        """The body of a call. Raises HttpRefusalError for one that is too long, or is not whole in time."""
        body = self._body(head)
        self.incomplete_since = None
        return body

    def _body(self, head: HttpRequestHead) -> bytes:
        most = self._bounds.max_body
        if head.length is not None and head.length > most:
            raise _too_long(most)
        if head.length != 0 and not self._buffer and head.header("expect").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        until = monotonic() + self._bounds.patience
        if head.length is None:
            return self._chunks(until)
        self._hold(head.length)
        if not self._fill(head.length, until):
            words = f"the call says that it has {head.length:,} bytes, and {len(self._buffer):,} have come"
            raise HttpRefusalError(408, words)
        return self._taken(head.length)

    def _chunks(self, until: float) -> bytes:
        body = bytearray()
        while length := read_chunk_length(self._line(until)):
            if len(body) + length > self._bounds.max_body:
                raise _too_long(self._bounds.max_body)
            self._hold(length)
            if not self._fill(length + 2, until):
                raise HttpRefusalError(408, "the call breaks off in a chunk")
            body += self._taken(length)
            if self._line(until):
                raise HttpRefusalError(400, "a chunk is longer than it says")
        for _ in range(MOST_HEADERS):  # what stands behind the chunks is not asked for
            if not self._line(until):
                return bytes(body)
        raise HttpRefusalError(431, f"{MOST_HEADERS} lines stand behind the chunks of a call at most")

    def _line(self, until: float) -> bytes:
        """The next line, without its end. Raises HttpRefusalError."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _PIECE:
                raise HttpRefusalError(400, "a line between chunks is too long")
            if not self._fill(len(self._buffer) + 1, until):
                raise HttpRefusalError(408, "the call breaks off between its chunks")
        return self._taken(end + 1).rstrip(b"\r\n")

    def _fill(self, count: int, until: float) -> bool:
        """Have so many bytes in the buffer; whether they have come by then."""
        with suppress(TimeoutError):
            while len(self._buffer) < count:
                if not self._receive(until):
                    return False
        return len(self._buffer) >= count

    def _taken(self, count: int) -> bytes:
        data = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return data

    def _receive(self, until: float) -> bool:
        """Take what has come, or comes by then; whether there was more. For as long again what is there is taken, too:
        the client was in time where this program was kept from reading. Raises TimeoutError."""
        left = until - monotonic()
        if left <= -self._bounds.patience:
            raise TimeoutError
        self._socket.settimeout(max(0.0, left))
        try:
            part = self._socket.recv(_PIECE)
        except BlockingIOError:
            raise TimeoutError from None
        self._buffer += part
        return bool(part)

    def _hold(self, count: int) -> None:
        """Enter bytes in the budget until the call is answered. Raises HttpRefusalError where there is no room."""
        if count <= _SMALL:
            return
        if not self._budget.take(count):
            raise HttpRefusalError(503, "too many large calls are under way at once; try again")
        self._held += count

    # answering

    def write(self, answer: HttpAnswer, method: str, *, closes: bool) -> None:
        """Send an answer, and be done with the call.

        Raises OSError where the client does not take it in time, HttpRefusalError where there is no room for it.
        """
        self.incomplete_since = None
        self._hold(len(answer.body))
        try:
            self._socket.settimeout(self._bounds.patience)
            self._socket.sendall(written(answer, method=method, closes=closes or answer.closes))
        finally:
            self._budget.give_back(self._held)
            self._held = 0

    def is_gone(self) -> bool:
        """Whether the client has closed the connection, as far as that can be seen."""
        try:
            self._socket.settimeout(0)
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def linger(self) -> None:
        """Say no more, and read for a moment what still comes: data that nobody reads would take the answer along."""
        self.idle_since = monotonic()  # who comes meanwhile, and finds no room, ends that
        until = self.idle_since + _LINGER
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while (left := until - monotonic()) > 0:
                self._socket.settimeout(left)
                if not self._socket.recv(_PIECE):
                    break

    def stop_reading(self) -> None:
        """Have nothing more come: whoever waits for the client goes on. May be called by any thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """End it."""
        self._budget.give_back(self._held)
        self._held = 0
        self._socket.close()


def _too_long(most: int) -> HttpRefusalError:
    return HttpRefusalError(413, f"the call has more bytes than sfdebug takes: {most:,}")


def _head_end(buffer: bytearray, searched: int) -> tuple[int, int]:
    """Where a head ends, and where what follows begins; -1 while it has no end. Lines may end without CR."""
    found = [(at, at + len(mark)) for mark in (b"\n\r\n", b"\n\n") if (at := buffer.find(mark, searched)) >= 0]
    return min(found, default=(-1, -1))
