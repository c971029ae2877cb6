"""What handlers send to Step Functions: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat, on loopback.

Workers are told of it by AWS_ENDPOINT_URL, so that no call of theirs ever leaves this machine. What is not served is
refused in words, with a status that SDKs do not try again.

Source: AWS API, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.
"""

from __future__ import annotations

import json
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.loopback.connection import HttpBounds
from sfdebug.loopback.holders import who_has
from sfdebug.loopback.messages import HttpAnswer
from sfdebug.loopback.other_services import NO_LOCAL_SERVICE, called_service, refused_in_xml
from sfdebug.loopback.server import LoopbackServer
from sfdebug.tasks.call_log import attempt_key

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.loopback.messages import HttpRefusalError, HttpRequestHead
    from sfdebug.loopback.server import HttpCall
    from sfdebug.tasks.call_log import CallLog

SENT: Final = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")
_LONGEST: Final = {"output": 262_144, "error": 256, "cause": 32_768, "taskToken": 2048}
"""Characters. Source: AWS API, the length constraints of the members."""
MAX_BODY: Final = 1024 * 1024
"""Bytes of a call. Source: AWS docs, "Step Functions service quotas": 1 MB in a request, with all that is in it."""
MOST_ENDED: Final = 10_000
"""So many tokens of attempts that are over are still told from those that never were."""


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


class TokensElsewhere(Protocol):
    """What waits for task tokens besides the calls that were made here."""

    def take_callback(self, token: str, sent: TaskCallback | None) -> bool | None:
        """What was sent for a token, None for a heartbeat; whether it was waited for, None where there is no such
        token. Raises SfdebugError where that cannot be said now."""


class Callbacks:
    """The server, started when its address is asked for."""

    def __init__(self, port: int = 0) -> None:
        """`port` is the one that it is at, 0 for any that is free."""
        self._port = port
        self._lock = threading.Lock()
        self._server: LoopbackServer | None = None
        self._tokens: dict[str, TaskCallback | None] = {}
        """What was sent for each token that is waited for."""
        self._ended: dict[str, None] = {}
        """Tokens of attempts that are over, the oldest first."""
        self._began: dict[str, float] = {}
        """When the call of each token began that is waited for."""
        self._heartbeats: dict[str, float] = {}
        self.elsewhere: TokensElsewhere | None = None
        """Asked first for each token that something is sent for."""

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:PORT`. Raises UsageError when the port is taken."""
        with self._lock:
            if self._server is None:
                service, name = _CallbackService(self), "callbacks"
                try:
                    self._server = LoopbackServer(service, self._port, HttpBounds(MAX_BODY), name=name)
                except OSError as error:
                    what = f"nothing can listen at port {self._port}: {error.strerror or error}"
                    raise UsageError(
                        what, where="--callback-port", fix=f"{who_has(self._port, error)}Give another port."
                    ) from error
                self._server.start()
            return f"http://127.0.0.1:{self._server.port}"

    def expect(self, token: str) -> None:
        """Take what is sent for a token."""
        with self._lock:
            self._ended.pop(token, None)
            self._tokens[token] = None
            self._began[token] = monotonic()

    def drop(self, token: str) -> None:
        """What is sent for a token is not asked for any more."""
        with self._lock:
            if token in self._tokens:
                self._end(token)

    def _end(self, token: str) -> None:
        del self._tokens[token]
        self._heartbeats.pop(token, None)
        self._began.pop(token, None)
        self._ended[token] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def knows(self, token: str) -> bool:
        """Whether a token is one of a Task here, which may be over."""
        with self._lock:
            return token in self._tokens or token in self._ended

    def take_sent(self, token: str) -> TaskCallback | None:
        """What was sent for a token, if it was: who takes it keeps it, and nothing else is waited for."""
        with self._lock:
            sent = self._tokens.get(token)
            if sent is not None:
                self._end(token)
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
            log.add(key, replace(call, note=note), request.started_by)
            return None
        answer = sent.answer(call.milliseconds / 1000 if seconds is None else seconds, provenance)
        answer = replace(answer, submission=call.submission)
        log.add(key, replace(call, answer=answer, note="", submission=None), request.started_by)
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
        taken = self._taken_elsewhere(action, token, body)
        if taken is not None:
            return taken
        with self._lock:
            if token not in self._tokens and token not in self._ended:
                return 400, _refused("InvalidToken", "Invalid Token: 'Invalid token'")
            if self._tokens.get(token) is not None or token in self._ended:
                return _TIMED_OUT
            seconds = monotonic() - self._began.get(token, monotonic())
            if action == SENT[2]:
                self._heartbeats[token] = monotonic()
                return 200, {}
            sent = _callback(action, body, seconds)
            if sent is None:
                return _INVALID_OUTPUT
            self._tokens[token] = sent
        return 200, {}

    def _taken_elsewhere(self, action: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, str]] | None:
        """The answer to a call for a token that is waited for elsewhere; None where it is not."""
        if self.elsewhere is None:
            return None
        sent = _callback(action, body, 0.0)
        if sent is None and action != SENT[2]:
            return _INVALID_OUTPUT if self.knows(token) else None
        try:
            was_awaited = self.elsewhere.take_callback(token, sent)
        except SfdebugError as error:
            return 503, _refused("ServiceUnavailableException", error.what)
        if was_awaited is None:
            return None
        return (200, {}) if was_awaited else _TIMED_OUT

    def close(self) -> None:
        """Serve nothing any more."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()


class _CallbackService:
    """Takes the calls, as a service of HTTP."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks

    def check(self, head: HttpRequestHead) -> HttpAnswer | None:
        """A call of another service is refused before its body has come, in the protocol of that service."""
        service, _, action = head.header("x-amz-target").partition(".")
        if service == "AWSStepFunctions" and action in SENT:
            return None
        message = f"sfdebug has no local service for this call: {called_service(head)[:200]}"
        return refused_in_xml(head, message) or _answer(400, _refused(NO_LOCAL_SERVICE, message))

    def answer(self, call: HttpCall) -> HttpAnswer:
        """What a call is answered with."""
        action = call.head.header("x-amz-target").partition(".")[2]
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            body = {}
        return _answer(*self._callbacks.take(action, body if isinstance(body, dict) else {}))

    def refused(self, refusal: HttpRefusalError) -> HttpAnswer:
        """What is no call, in the form of the other errors."""
        return _answer(refusal.status, _refused("ValidationException", refusal.message))


def _answer(status: int, body: dict[str, str]) -> HttpAnswer:
    return HttpAnswer(status, json.dumps(body).encode(), "application/x-amz-json-1.0")


def _refused(kind: str, message: str) -> dict[str, str]:
    return {"__type": f"com.amazonaws.swf.service.v2.model#{kind}", "message": message}


def _callback(action: str, body: dict[str, Any], seconds: float) -> TaskCallback | None:
    """What a call sends; None for a heartbeat, and for an output that is no JSON."""
    if action == SENT[1]:
        return TaskCallback(True, "", body.get("error"), body.get("cause"), seconds)
    output = body.get("output")
    if action != SENT[0] or not isinstance(output, str) or not _is_json(output):
        return None
    return TaskCallback(False, output, seconds=seconds)


_TIMED_OUT: Final = 400, _refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
_INVALID_OUTPUT: Final = 400, _refused("InvalidOutput", "Invalid output: 'Invalid output'")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
