"""An HTTP connection that another thread can end, while somebody waits for what comes over it."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib.parse import SplitResult


class EndableConnection:
    """One connection at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self.is_cancelled = False
        """Whether somebody has ended it, so that what fails from then on fails for that."""

    def to(self, address: SplitResult, seconds: float) -> http.client.HTTPConnection:
        """A new one, that waits so long for each answer. Raises ConnectionAbortedError when it was cancelled by now."""
        make = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = make(address.hostname or "", address.port, timeout=seconds)
        with self._lock:
            if self.is_cancelled:
                raise ConnectionAbortedError("it was cancelled before it began")
            self._connection = connection
        return connection

    def cancel(self) -> None:
        """End it for good, from another thread."""
        with self._lock:
            self.is_cancelled = True
        self.close()

    def close(self) -> None:
        """Close it: who waits for an answer gets an error."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()


def reason_of(error: Exception) -> str:
    """Why an exchange has failed, in the system's words where it has some."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
