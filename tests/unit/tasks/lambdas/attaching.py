"""What an IDE does when it attaches to a handler, in a few lines: the Debug Adapter Protocol, and Node's inspector."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import struct
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

Stop = tuple[str, int, str]
"""Where a debugger stopped: the file's name, the line, the function."""


def connected(port: int, is_over: Callable[[], bool]) -> socket.socket:
    """A connection to a port at which somebody is about to listen."""
    while not is_over():
        with contextlib.suppress(ConnectionError):
            found = socket.create_connection(("127.0.0.1", port), timeout=60)
            if found.getsockname() != found.getpeername():  # nobody listened, and it reached itself
                return found
            found.close()
    raise AssertionError("what should wait for a debugger has ended")


class PythonClient:
    """Attaches to debugpy. Source: the Debug Adapter Protocol's specification."""

    def __init__(self, port: int, is_over: Callable[[], bool] = lambda: False, **options: Any) -> None:
        self._socket = connected(port, is_over)
        self._file = self._socket.makefile("rwb")
        self._sent = 0
        self._answered(self._send("initialize", adapterID="test", pathFormat="path"))
        self._send("attach", **options)
        self._next(lambda message: message.get("event") == "initialized")
        self._answered(self._send("configurationDone"))

    def stop(self) -> Stop:
        """Wait until it stops, and say where."""
        self._thread = self._next(lambda message: message.get("event") == "stopped")["body"]["threadId"]
        frame = self._answered(self._send("stackTrace", threadId=self._thread))["stackFrames"][0]
        return Path(frame["source"]["path"]).name, frame["line"], frame["name"]

    def go_on(self) -> None:
        """Let it run."""
        self._answered(self._send("continue", threadId=self._thread))

    def close(self) -> None:
        """Leave it alone."""
        self._file.close()
        self._socket.close()

    def _send(self, command: str, **arguments: Any) -> int:
        self._sent += 1
        message = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._file.flush()
        return self._sent

    def _answered(self, request: int) -> dict[str, Any]:
        body: dict[str, Any] = self._next(lambda message: message.get("request_seq") == request).get("body") or {}
        return body

    def _next(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            length = 0
            while line := self._file.readline().strip():
                length = int(line.partition(b":")[2])
            assert length, "the debugger has gone"
            message: dict[str, Any] = json.loads(self._file.read(length))
            if is_wanted(message):
                return message


class NodeClient:
    """Attaches to Node's inspector. Source: the Chrome DevTools Protocol; RFC 6455, for the little of it."""

    def __init__(self, port: int, is_over: Callable[[], bool] = lambda: False) -> None:
        connected(port, is_over).close()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=60) as response:
            url = json.load(response)[0]["webSocketDebuggerUrl"]
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._socket.makefile("rwb")
        key = base64.b64encode(bytes(16)).decode()
        head = f"GET /{url.split('/', 3)[3]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        more = f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        self._file.write((head + more).encode())
        self._file.flush()
        while self._file.readline().strip():
            pass
        self._sent = 0
        self._scripts: dict[str, str] = {}
        for method in ("Debugger.enable", "Runtime.runIfWaitingForDebugger"):
            self._send(method)

    def stop(self) -> Stop:
        """Wait until it stops, but for the start of the program, and say where."""
        while True:
            message = self._read()
            if message.get("method") == "Debugger.scriptParsed":
                self._scripts[message["params"]["scriptId"]] = message["params"]["url"]
            if message.get("method") != "Debugger.paused":
                continue
            if message["params"]["reason"] == "Break on start":
                self.go_on()
                continue
            frame = message["params"]["callFrames"][0]
            place = frame["location"]
            return self._scripts[place["scriptId"]].rpartition("/")[2], place["lineNumber"] + 1, frame["functionName"]

    def go_on(self) -> None:
        """Let it run."""
        self._send("Debugger.resume")

    def close(self) -> None:
        """Leave it alone."""
        self._file.close()
        self._socket.close()

    def _send(self, method: str) -> None:
        self._sent += 1
        body = json.dumps({"id": self._sent, "method": method}).encode()
        self._file.write(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)
        self._file.flush()

    def _read(self) -> dict[str, Any]:
        length = self._file.read(2)[1] & 127
        if length >= 126:
            length = struct.unpack(">H" if length == 126 else ">Q", self._file.read(2 if length == 126 else 8))[0]
        found: dict[str, Any] = json.loads(self._file.read(length))
        return found
