"""The server side of the Lambda Runtime API, on loopback: one for each worker, with one event at a time.

Source: AWS docs, "Using the Lambda runtime API".
"""

from __future__ import annotations

import http.server
import json
import queue
import threading
from collections import deque
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PREFIX: Final = "/2018-06-01/runtime/"
MAX_RESPONSE: Final = 6_291_556
"""Bytes. Source: AWS docs, "Lambda quotas"."""

_MAX_READ: Final = 64 << 20
_PIECE: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 16
_MOST_DIGITS: Final = 16
_NOTHING: Final = "-"
"""No request has this id; that of a start is ""."""


class Ending(Enum):
    """How an event, or a start, came out."""

    RESULT = "result"
    ERROR = "error"
    INIT_ERROR = "init error"
    TOO_LARGE = "too large"
    GONE = "gone"
    """The process has ended without a word."""


class Outcome(Struct, frozen=True):
    """What a worker sent: its result as text, or its error as the JSON text that it is."""

    ending: Ending
    text: str = ""


class InvocationEvent(Struct, frozen=True):
    """One invocation: what the handler is given, and until when, in milliseconds since 1970."""

    request_id: str
    body: bytes
    deadline: int
    arn: str
    trace: str = ""


class RuntimeApi:
    """A server for one worker. `address` is what AWS_LAMBDA_RUNTIME_API says."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """`wake` is called, on a thread of the server, when there is something new."""
        self._events: queue.SimpleQueue[InvocationEvent | None] = queue.SimpleQueue()
        self._wake = wake
        self.has_asked = False
        """Whether the worker has started, and asked for an event."""
        self.has_taken = False
        """Whether the worker has taken the last event that it was given."""
        self.outcomes: deque[Outcome] = deque()
        self._under_way = ""
        self._server = _RuntimeApiServer(("127.0.0.1", 0), _RuntimeApiHandler)
        self._server.api = self
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        serve = partial(self._server.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, name="sfdebug-serves-runtime-api", daemon=True).start()

    def put(self, event: InvocationEvent) -> None:
        """Give the worker an event; it asks for it."""
        self.has_taken = False
        self._under_way = event.request_id
        self._events.put(event)

    def next(self) -> InvocationEvent | None:
        """The next event, waited for; None when there are no more."""
        if not self.has_asked:
            self.has_asked = True
            self._wake()
        event = self._events.get()
        self.has_taken = event is not None
        return event

    def came_out(self, outcome: Outcome, request_id: str) -> bool:
        """What the worker sends for an event, or for its start; whether that is the one under way, and the first."""
        if request_id != self._under_way:
            return False
        self._under_way = _NOTHING
        self.outcomes.append(outcome)
        self._wake()
        return True

    def close(self) -> None:
        """Answer nothing any more."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()


class _BrokenBodyError(Exception):
    """A body that ends before it should, or that says no length."""


class _RuntimeApiServer(http.server.ThreadingHTTPServer):
    api: RuntimeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a worker that was killed has left its connection."""


class _RuntimeApiHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet
    disable_nagle_algorithm = True
    server: _RuntimeApiServer

    def do_GET(self) -> None:
        if self.path != _PREFIX + "invocation/next":
            self._send(404, b"{}")
            return
        event = self.server.api.next()
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": event.arn,
            "Lambda-Runtime-Trace-Id": event.trace,
        }
        self._send(200, event.body, headers)

    def do_POST(self) -> None:
        try:
            body, is_whole = self._body()
        except _BrokenBodyError:
            self.close_connection = True  # nobody knows where the next request begins
            self._send(400, b'{"errorType":"InvalidRequest","errorMessage":"The body is not whole"}')
            return
        path = self.path.removeprefix(_PREFIX)
        request_id = path.split("/")[1] if path.startswith("invocation/") else ""
        if path == "init/error":
            outcome = Outcome(Ending.INIT_ERROR, body.decode("utf-8", "replace"))
        elif path.startswith("invocation/") and path.endswith("/response"):
            is_fit = is_whole and len(body) <= MAX_RESPONSE
            outcome = Outcome(Ending.RESULT, body.decode("utf-8", "replace")) if is_fit else Outcome(Ending.TOO_LARGE)
        elif path.startswith("invocation/") and path.endswith("/error"):
            outcome = Outcome(Ending.ERROR, body.decode("utf-8", "replace"))
        else:
            self._send(404, b"{}")
            return
        if self.server.api.came_out(outcome, request_id):
            self._send(202, b'{"status":"OK"}')
        else:
            self._send(400, b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}')

    def _body(self) -> tuple[bytes, bool]:
        """What was sent, up to a bound, and whether that is all of it. Raises _BrokenBodyError."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunks()
        given = self.headers.get("Content-Length") or "0"
        if not (given.isascii() and given.isdecimal() and len(given) < _MOST_DIGITS):
            raise _BrokenBodyError
        parts: list[bytes] = []
        self._read(int(given), parts, _MAX_READ)
        return b"".join(parts), int(given) <= _MAX_READ

    def _chunks(self) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        left = _MAX_READ
        while (length := _chunk_length(self.rfile.readline(_LONGEST_LINE))) > 0:
            self._read(length, parts, left)
            left -= length
            self.rfile.readline(_LONGEST_LINE)
        self.rfile.readline(_LONGEST_LINE)
        return b"".join(parts), left >= 0

    def _read(self, length: int, parts: list[bytes], most: int) -> None:
        """Read so many bytes, a piece at a time, and keep up to `most`. Raises _BrokenBodyError when fewer come."""
        left = length
        while left > 0:
            part = self.rfile.read(min(left, _PIECE))
            if not part:
                raise _BrokenBodyError
            left -= len(part)
            most -= len(part)
            if most >= 0:
                parts.append(part)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: stderr is the user's terminal."""


def _chunk_length(line: bytes) -> int:
    """What the line in front of a chunk says. Raises _BrokenBodyError where that is no length."""
    digits = line.split(b";")[0].strip()
    if not 0 < len(digits) < _MOST_DIGITS or any(each not in b"0123456789abcdefABCDEF" for each in digits):
        raise _BrokenBodyError
    return int(digits, 16)


def error_text(kind: str, message: str) -> str:
    """An error of Lambda itself, as the text that becomes the Cause."""
    return json.dumps({"errorType": kind, "errorMessage": message}, separators=(",", ":"))
