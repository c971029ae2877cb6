"""A server of HTTP on the loopback interface: a thread for each connection, so many at once, until it is closed.

When all connections are taken, the one that has said nothing for longest makes room, or else the one whose call has
been coming for longest: who floods the port with connections, or with halves of calls, keeps nobody out. Only where a
call that has come whole is under way on each is the next one told so.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

from msgspec import Struct

from sfdebug.loopback.connection import ByteBudget, HttpBounds, HttpConnection
from sfdebug.loopback.messages import HttpAnswer, HttpRefusalError, HttpRequestHead, written

NAMES: Final = ("127.0.0.1", "localhost", "::1", "[::1]")
"""What this machine is called by its clients."""

_BACKLOG: Final = 256
_FAREWELL: Final = 2.0
"""Seconds that calls under way have to be answered when the server closes."""
_ROOM: Final = 10.0
"""Seconds that a connection has to make room: it does at once, but for a machine with much else to do."""
_REFUSAL: Final = 0.05
"""Seconds that a connection which is refused has to send what it has begun."""
_RESPITE: Final = 0.05
"""Seconds until the next connection is asked for when the system gives none, as it has no descriptors left."""


class HttpCall(Struct, frozen=True, eq=False):
    """A request that has come whole; `is_abandoned` says whether nobody waits for the answer any more."""

    head: HttpRequestHead
    body: bytes
    is_abandoned: Callable[[], bool]


class HttpService(Protocol):
    """What answers calls, on the threads of their connections."""

    def check(self, head: HttpRequestHead) -> HttpAnswer | None:
        """The answer to a call that is refused by its head, before its body is read; None where it goes on."""

    def answer(self, call: HttpCall) -> HttpAnswer:
        """The answer to a call."""

    def refused(self, refusal: HttpRefusalError) -> HttpAnswer:
        """The answer to what is no call, is too large or too slow, in the form of the service's other errors."""


class LoopbackServer:
    """Serves at a port of this machine."""

    def __init__(
        self, service: HttpService, port: int, bounds: HttpBounds, *, name: str, host: str = "127.0.0.1"
    ) -> None:
        """Listen; `port` 0 is any that is free, `name` what the threads are called. Raises OSError when nothing can
        listen there."""
        self._service = service
        self._bounds = bounds
        self._name = name
        self._budget = ByteBudget(bounds.held)
        self._changed = threading.Condition()
        self._open: set[HttpConnection] = set()
        self._is_closing = False
        self._waker, self._woken = socket.socketpair()
        self._thread: threading.Thread | None = None
        self._listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((host, port))
            self._listener.listen(_BACKLOG)
            self._listener.setblocking(False)
        except OSError:
            self._end()
            raise
        self.port: int = self._listener.getsockname()[1]
        """Where it listens."""

    @property
    def open_connections(self) -> int:
        """How many connections there are."""
        return len(self._open)

    def start(self) -> None:
        """Serve, on threads of its own."""
        self._thread = threading.Thread(name="sfdebug-serves-" + self._name, target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve nothing any more: calls that wait are answered, for a moment at most, connections are closed."""
        with self._changed:
            if self._is_closing:
                return
            self._is_closing = True
        self._waker.send(b"x")
        if self._thread is not None:
            self._thread.join()
        with self._changed:
            connections = tuple(self._open)
        for connection in connections:
            connection.stop_reading()
        with self._changed:  # the program may end behind this
            self._changed.wait_for(lambda: not self._open, _FAREWELL)
        self._end()

    def _end(self) -> None:
        for each in (self._listener, self._waker, self._woken):
            each.close()

    # connections

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._is_closing:
                selector.select()
                try:
                    client, _ = self._listener.accept()
                except (BlockingIOError, ConnectionError):
                    continue
                except OSError:
                    self._make_room()
                    with self._changed:
                        self._changed.wait(_RESPITE)
                    continue
                try:
                    self._take(client)
                except (OSError, RuntimeError):  # it has gone, or the system gives no thread
                    client.close()

    def _take(self, client: socket.socket) -> None:
        """Serve a connection on a thread; one too many is told so, and closed."""
        if len(self._open) >= self._bounds.connections:
            self._make_room()
        if len(self._open) >= self._bounds.connections:
            self._refuse(client)
            return
        connection = HttpConnection(client, self._bounds, self._budget)
        with self._changed:
            self._open.add(connection)
        serve = partial(self._serve, connection)
        try:
            threading.Thread(name="sfdebug-serves-" + self._name + "-call", target=serve, daemon=True).start()
        except RuntimeError:
            self._forget(connection)
            raise

    def _make_room(self) -> None:
        """End the connection that has been without a call for longest, or else without the whole of one."""
        with self._changed:
            idle = [(since, id(each), each) for each in self._open if (since := each.idle_since) is not None]
            late = [(since, id(each), each) for each in self._open if (since := each.incomplete_since) is not None]
            if idle or late:
                *_, oldest = min(idle or late)
                oldest.stop_reading()
                self._changed.wait_for(lambda: oldest not in self._open, _ROOM)

    def _refuse(self, client: socket.socket) -> None:
        what = f"{self._bounds.connections} connections are open, and no more are taken"
        answer = self._service.refused(HttpRefusalError(503, what))
        with client, suppress(OSError):  # what it has sent is read, or the answer would be lost with the connection
            client.settimeout(_REFUSAL)
            client.sendall(written(answer, method="POST", closes=True))
            client.shutdown(socket.SHUT_WR)
            client.recv(65_536)

    def _forget(self, connection: HttpConnection) -> None:
        connection.close()
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    # calls

    def _serve(self, connection: HttpConnection) -> None:
        try:
            while self._exchange(connection):
                pass
        except OSError:
            pass  # the client has gone, or does not take its answer
        finally:
            self._forget(connection)

    def _exchange(self, connection: HttpConnection) -> bool:
        """Read a call and answer it; whether another one may follow. Raises OSError."""
        head: HttpRequestHead | None = None
        is_read = False
        try:
            head = connection.next_head()
            if head is None:
                return False
            answer = self._service.check(head)
            if answer is None:
                body = connection.read_body(head)
                is_read = True
                answer = self._service.answer(HttpCall(head, body, partial(self._is_abandoned, connection)))
            method, closes = head.method, head.is_last or not is_read or answer.closes or self._is_closing
            connection.write(answer, method, closes=closes)
        except OSError:
            raise
        except Exception as error:  # the last resort: the server goes on
            closes = True
            what = f"sfdebug itself failed: {type(error).__name__}: {error}"
            refusal = error if isinstance(error, HttpRefusalError) else HttpRefusalError(500, what)
            connection.write(self._service.refused(refusal), "POST" if head is None else head.method, closes=True)
        if closes and not is_read:
            connection.linger()
        return not closes

    def _is_abandoned(self, connection: HttpConnection) -> bool:
        """Whether the client has closed the connection, or the server ends."""
        return self._is_closing or connection.is_gone()
