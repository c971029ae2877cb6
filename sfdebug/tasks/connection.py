"""An HTTP connection that another thread can end, while somebody waits for it or for what comes over it."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

SECONDS_TO_CONNECT: Final = 5.0
"""So long may it take until somebody is there, with all that belongs to it: the address of a name, TLS."""


class EndableConnection:
    """One connection at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._socket: socket.socket | None = None
        """That of the connection, which gives it away with the head of an answer behind which it ends: what is still to
        come of that is read from it."""
        self._connecting: SimpleQueue[Exception | None] | None = None
        self.is_cancelled = False
        """Whether somebody has ended it, so that what fails from then on fails for that."""

    def to(self, address: SplitResult, seconds: float) -> http.client.HTTPConnection:
        """A new one that stands, and waits so long for each answer: once it is closed, it is not made again.

        Raises ConnectionAbortedError when it is cancelled by then, TimeoutError after `SECONDS_TO_CONNECT`, and OSError
        for whatever else stands in its way.
        """
        make = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = make(address.hostname or "", address.port, timeout=SECONDS_TO_CONNECT)
        connection.auto_open = 0
        connected: SimpleQueue[Exception | None] = SimpleQueue()
        with self._lock:
            if self.is_cancelled:
                raise ConnectionAbortedError("it was cancelled before it began")
            self._connecting = connected
        # On a thread of its own: neither the address of a name nor a connection can be waited for but to their end.
        connect = partial(_connect, connection, connected, self._keep)
        threading.Thread(target=connect, name="sfdebug-connects", daemon=True).start()
        try:
            failed = connected.get(timeout=SECONDS_TO_CONNECT)
        except Empty:
            failed = TimeoutError(f"nobody took the connection within {SECONDS_TO_CONNECT:g} s")
        finally:
            with self._lock:
                self._connecting = None
        if failed is not None:
            raise failed
        with self._lock:
            if self._connection is not connection:
                raise ConnectionAbortedError("it was cancelled before it began")
            connection.sock.settimeout(seconds)
        return connection

    def _keep(self, connection: http.client.HTTPConnection, connected: SimpleQueue[Exception | None]) -> bool:
        """Take one that stands, if somebody still waits for it; whether that is so."""
        with self._lock:
            is_wanted = self._connecting is connected and not self.is_cancelled
            if is_wanted:
                self._connection, self._socket = connection, connection.sock
            return is_wanted

    def cancel(self) -> None:
        """End it for good, from another thread."""
        with self._lock:
            self.is_cancelled = True
            if self._connecting is not None:
                self._connecting.put(ConnectionAbortedError("it was cancelled while it was made"))
        self.close()

    def close(self) -> None:
        """Close it: who waits for an answer gets an error."""
        with self._lock:
            connection, self._connection = self._connection, None
            stream, self._socket = self._socket, None
        if connection is not None and stream is not None:
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            connection.close()


def _connect(
    connection: http.client.HTTPConnection,
    connected: SimpleQueue[Exception | None],
    keep: Callable[[http.client.HTTPConnection, SimpleQueue[Exception | None]], bool],
) -> None:
    """Have a connection stand, and tell who waits; close it where nobody waits any more."""
    try:
        connection.connect()
    except UnicodeError as error:  # a label that is empty or too long: the name is none
        connected.put(OSError(f"{connection.host} is no name of a host: {error}"))
    except Exception as error:  # whatever it is, it is raised where it is waited for
        connected.put(error)
    else:
        if not keep(connection, connected):
            connection.close()
        connected.put(None)


def reason_of(error: Exception) -> str:
    """Why an exchange has failed, in the system's words where it has some."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
