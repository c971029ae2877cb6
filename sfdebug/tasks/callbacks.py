"""What handlers send to Step Functions: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat, on loopback.

Workers are told of it by AWS_ENDPOINT_URL, so that no call of theirs ever leaves this machine. What is not served is
refused in words, with a status that SDKs do not try again.

Source: AWS API, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.
"""

from __future__ import annotations

import http.server
import json
import threading
from functools import partial
from html import escape
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.errors import UsageError
from sfdebug.tasks.call_log import attempt_key

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.call_log import CallLog

SENT: Final = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")
_LONGEST: Final = {"output": 262_144, "error": 256, "cause": 32_768, "taskToken": 2048}
"""Characters. Source: AWS API, the length constraints of the members."""
MAX_BODY: Final = 1024 * 1024
"""Bytes of a call. Source: AWS docs, "Step Functions service quotas": 1 MB in a request, with all that is in it."""
_PATIENCE: Final = 60.0
"""Seconds that a connection may say nothing."""
MOST_ENDED: Final = 10_000
"""So many tokens of attempts that are over are still told from those that never were."""


_NO_SERVICE: Final = "NoLocalService"


class TaskCallback(Struct, frozen=True):
    """What was sent for a task token: its result, as JSON text, or an error; so many seconds after the call began."""

    is_failure: bool
    output: str = ""
    error: str | None = None
    cause: str | None = None
    seconds: float = 0.0

    def answer(self, seconds: float, provenance: Provenance) -> TaskResult | TaskFailure:
        """What the Task gets that waited for it, the call of which took so many `seconds`."""
        seconds = max(seconds, self.seconds)
        if self.is_failure:
            return TaskFailure(self.error or "", self.cause or "", seconds, provenance)
        return TaskResult(json.loads(self.output), seconds, provenance)


class Callbacks:
    """The server, started when its address is asked for."""

    def __init__(self, port: int = 0) -> None:
        """`port` is the one that it is at, 0 for any that is free."""
        self._port = port
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._tokens: dict[str, TaskCallback | None] = {}
        """What was sent for each token that is waited for."""
        self._ended: dict[str, None] = {}
        """Tokens of attempts that are over, the oldest first."""
        self._began: dict[str, float] = {}
        """When the call of each token began that is waited for."""
        self._heartbeats: dict[str, float] = {}

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:PORT`. Raises UsageError when the port is taken."""
        with self._lock:
            if self._server is None:
                try:
                    self._server = _Server(("127.0.0.1", self._port), _Handler)
                except OSError as error:
                    what = f"nothing can listen at port {self._port}: {error.strerror or error}"
                    raise UsageError(what, where="--callback-port", fix="Give another port.") from error
                self._server.callbacks = self
                self._server.daemon_threads = True
                serve = partial(self._server.serve_forever, poll_interval=0.05)
                threading.Thread(target=serve, name="sfdebug-serves-callbacks", daemon=True).start()
            return f"http://127.0.0.1:{self._server.server_address[1]}"

    def expect(self, token: str) -> None:
        """Take what is sent for a token."""
        with self._lock:
            self._ended.pop(token, None)
            self._tokens[token] = None
            self._began[token] = monotonic()

    def knows(self, token: str) -> bool:
        """Whether a token is one of a Task here, which may be over."""
        with self._lock:
            return token in self._tokens or token in self._ended

    def take_sent(self, token: str) -> TaskCallback | None:
        """What was sent for a token, if it was: who takes it keeps it, and nothing else is waited for."""
        with self._lock:
            sent = self._tokens.get(token)
            if sent is not None:
                del self._tokens[token]
                self._heartbeats.pop(token, None)
                self._began.pop(token, None)
                self._ended[token] = None
                if len(self._ended) > MOST_ENDED:
                    del self._ended[next(iter(self._ended))]
            return sent

    def answer(
        self, request: TaskRequest, log: CallLog, provenance: Provenance, note: str, seconds: float | None = None
    ) -> Answer | None:
        """What came for the task token that a call in `log` waits for, which the log then knows, too.

        Args:
            request: What was called.
            log: Where the call is.
            provenance: Where the answer is from.
            note: What is said of the call while nothing has come.
            seconds: How long the call took, where that is not what the log says.
        """
        key = attempt_key(request)
        call = log.call(key)
        if call is None:  # made before the session went on: its token is not waited for any more
            return None
        sent = self.take_sent(request.task_token) if request.task_token is not None else None
        if sent is None:
            log.add(key, replace(call, note=note))
            return None
        answer = sent.answer(call.milliseconds / 1000 if seconds is None else seconds, provenance)
        answer = replace(answer, submission=call.submission)
        log.add(key, replace(call, answer=answer, note="", submission=None))
        return answer

    def heartbeat(self, token: str) -> float:
        """When the last heartbeat for a token came that is waited for, by the monotonic clock; 0 where none did."""
        with self._lock:
            return self._heartbeats.get(token, 0.0)

    def take(self, action: str, body: dict[str, Any]) -> tuple[int, dict[str, str]]:
        """What a call is answered with: the status, and the members of the answer."""
        for name, most in _LONGEST.items():
            value = body.get(name)
            if isinstance(value, str) and len(value) > most:
                message = f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must "
                return 400, _refused("ValidationException", f"{message}have length less than or equal to {most}")
        token = body.get("taskToken")
        if not isinstance(token, str) or not token:
            return 400, _refused("InvalidToken", "Invalid Token: 'Invalid token'")
        with self._lock:
            if token not in self._tokens and token not in self._ended:
                return 400, _refused("InvalidToken", "Invalid Token: 'Invalid token'")
            if self._tokens.get(token) is not None or token in self._ended:
                message = "Task Timed Out: 'Provided task does not exist anymore'"
                return 400, _refused("TaskTimedOut", message)
            seconds = monotonic() - self._began.get(token, monotonic())
            if action == "SendTaskSuccess":
                output = body.get("output")
                if not isinstance(output, str) or not _is_json(output):
                    return 400, _refused("InvalidOutput", "Invalid output: 'Invalid output'")
                self._tokens[token] = TaskCallback(False, output, seconds=seconds)
            elif action == "SendTaskFailure":
                self._tokens[token] = TaskCallback(True, "", body.get("error"), body.get("cause"), seconds)
            else:
                self._heartbeats[token] = monotonic()
        return 200, {}

    def close(self) -> None:
        """Serve nothing any more."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    callbacks: Callbacks

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a worker that was killed has left its connection."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = _PATIENCE
    server: _Server

    def do_POST(self) -> None:
        given = self.headers.get("Content-Length") or "0"
        length = int(given) if given.isascii() and given.isdecimal() and len(given) < 20 else -1
        if "Transfer-Encoding" in self.headers or not 0 <= length <= MAX_BODY:
            self.close_connection = True  # what it sends besides is not read
            said = f"sfdebug takes calls with a Content-Length of up to {MAX_BODY} bytes"
            self._send(413 if length > MAX_BODY else 400, _refused("ValidationException", said))
            return
        data = self.rfile.read(length)
        target = self.headers.get("X-Amz-Target") or ""
        service, _, action = target.partition(".")
        if service == "AWSStepFunctions" and action in SENT:
            try:
                body = json.loads(data)
            except ValueError:
                body = {}
            self._send(*self.server.callbacks.take(action, body if isinstance(body, dict) else {}))
            return
        called = target or f"{self.command} {self.path}"
        self._refuse_call(f"sfdebug has no local service for this call: {called[:200]}")

    def _refuse_call(self, message: str) -> None:
        """In the protocol of the service that is called, so that its client gives the words: S3 and what takes forms
        speak XML. Source: Smithy docs, "AWS protocols"."""
        if "/s3/aws4_request" in (self.headers.get("Authorization") or ""):
            self._send_text(400, f"<Error><Code>{_NO_SERVICE}</Code><Message>{escape(message)}</Message></Error>")
        elif "x-www-form-urlencoded" in (self.headers.get("Content-Type") or ""):
            error = f"<Error><Type>Sender</Type><Code>{_NO_SERVICE}</Code><Message>{escape(message)}</Message></Error>"
            self._send_text(400, f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>")
        else:
            self._send(400, _refused(_NO_SERVICE, message))

    def __getattr__(self, name: str) -> Any:
        """Every other method is answered alike, in words."""
        if name.startswith("do_"):
            return self.do_POST
        raise AttributeError(name)

    def _send(self, status: int, body: dict[str, str]) -> None:
        self._send_text(status, json.dumps(body), "application/x-amz-json-1.0")

    def _send_text(self, status: int, text: str, kind: str = "application/xml") -> None:
        data = text.encode()
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: stderr is the user's terminal."""


def _refused(kind: str, message: str) -> dict[str, str]:
    return {"__type": f"com.amazonaws.swf.service.v2.model#{kind}", "message": message}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
