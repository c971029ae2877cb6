"""An HTTP API on loopback that keeps what it was sent, and answers what a test has said."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct


class ApiAnswer(Struct, frozen=True):
    """What is answered. `waits` is an event that has to come first, `breaks_off` ends the connection in the middle."""

    body: bytes = b"{}"
    status: int = 200
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    waits: threading.Event | None = None
    breaks_off: bool = False


class ApiCall(Struct, frozen=True):
    """What was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class ApiServer(http.server.ThreadingHTTPServer):
    """`answers` are given in this order, then an empty object again and again; `calls` has all that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[ApiAnswer] = []
        self.calls: list[ApiCall] = []
        self.has_called = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: who called has gone."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: ApiServer

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.calls.append(ApiCall(self.command, self.path, dict(self.headers.items()), body))
        answer = self.server.answers.pop(0) if self.server.answers else ApiAnswer()
        self.server.has_called.set()
        if answer.waits is not None:
            answer.waits.wait(60)
        self.send_response(answer.status, answer.reason)
        for name, value in answer.headers:
            self.send_header(name, value)
        length = len(answer.body) + (1 if answer.breaks_off else 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or answer.breaks_off

    def __getattr__(self, name: str) -> Any:
        """Every method is answered alike."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """Serve while a test lasts."""
    server = ApiServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="test-api", daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
