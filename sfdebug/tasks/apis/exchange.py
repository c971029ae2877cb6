"""One HTTP exchange, within bounds of time and size, that another thread can end. Redirects are not followed."""

from __future__ import annotations

import http.client
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.tasks.apis.requests import KEPT
from sfdebug.tasks.connection import EndableConnection, reason_of
from sfdebug.tasks.outside import CallCancelledError

if TYPE_CHECKING:
    from sfdebug.tasks.apis.requests import ApiRequest

MAX_BODY: Final = 262_144
"""Bytes of an answer: AWS asks for no more (the Range header), and no state takes more."""


class ApiResponse(Struct, frozen=True):
    """What came: at most `MAX_BODY` bytes and one, by which it is seen that there are more."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class NotReachedError(SfdebugError):
    """Nothing takes the connection."""


class BrokenError(SfdebugError):
    """The connection ended before the answer did."""


class LateError(SfdebugError):
    """No whole answer in the time that there is."""


class Exchange:
    """Sends a request, and waits for what comes."""

    def __init__(self) -> None:
        self._connection = EndableConnection()
        self._is_late = False

    def send(self, request: ApiRequest, address: str, seconds: float) -> ApiResponse:
        """What `address` answers within so many seconds.

        Raises NotReachedError, BrokenError, LateError and CallCancelledError.
        """
        parts = urlsplit(address)
        timer = threading.Timer(seconds, self._end_late)
        timer.name, timer.daemon = "sfdebug-api-deadline", True
        try:
            try:
                connection = self._connection.to(parts, seconds)
            except OSError as error:
                raise NotReachedError(f"nothing answers at {address}: {reason_of(error)}") from error
            timer.start()
            query = f"?{quote(parts.query, safe=f'{KEPT}?')}" if parts.query else ""
            target = quote(parts.path or "/", safe=KEPT) + query
            return _exchanged(connection, request, target)
        except (OSError, http.client.HTTPException, NotReachedError) as error:
            if self._connection.is_cancelled:
                is_sent = not isinstance(error, NotReachedError)
                stays = "what was asked for may still be done" if is_sent else "nothing was sent"
                raise CallCancelledError(f"the call of {request.url} was cancelled; {stays}") from None
            if isinstance(error, NotReachedError):
                raise
            if self._is_late or isinstance(error, TimeoutError):
                raise LateError(f"{address} has not answered within {seconds:g} s") from error
            raise BrokenError(f"{address} has broken off: {reason_of(error)}") from error
        finally:
            timer.cancel()
            self._connection.close()

    def cancel(self) -> None:
        """End it, from another thread."""
        self._connection.cancel()

    def _end_late(self) -> None:
        self._is_late = True
        self._connection.close()


def _exchanged(connection: http.client.HTTPConnection, request: ApiRequest, target: str) -> ApiResponse:
    connection.putrequest(request.method, target, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value.encode("utf-8", "surrogatepass"))
    if request.body is not None:
        connection.putheader("Content-Length", str(len(request.body)))
    connection.putheader("Connection", "close")
    connection.endheaders(request.body)
    response = connection.getresponse()
    body = response.read(MAX_BODY + 1)
    if response.length and len(body) <= MAX_BODY:
        raise http.client.IncompleteRead(body, response.length)
    reason = response.reason or http.client.responses.get(response.status, "")
    return ApiResponse(response.status, reason, tuple(response.getheaders()), body)
