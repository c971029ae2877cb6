"""Tasks that call an HTTP API, answered by calling the address that its URL is mapped to.

Source of the shapes: AWS Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows" (with its sample
of TestState's answer), "Create API Gateway REST APIs with Step Functions" and "Handling errors in Step Functions
workflows"; the Cause of an HTTP Task was measured on AWS by others.
"""

from __future__ import annotations

import json
from email.message import Message
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.resources import IntegrationPattern, parse_resource
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.apis.exchange import MAX_BODY, BrokenError, Exchange, LateError, NotReachedError
from sfdebug.tasks.apis.requests import RUNTIME, ApiCallError, ApiService, api_request, api_service, source_of, url_of
from sfdebug.tasks.apis.url_map import OPTION
from sfdebug.tasks.call_log import CallLog, attempt_key
from sfdebug.tasks.inside_calls import CalleeKind
from sfdebug.tasks.outside import CallLine, OutsideCall
from sfdebug.tasks.under_way import CallsUnderWay
from sfdebug.text import counted
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.apis.exchange import ApiResponse
    from sfdebug.tasks.apis.requests import ApiRequest
    from sfdebug.tasks.apis.url_map import UrlMap
    from sfdebug.tasks.callbacks import Callbacks

LONGEST: Final = 60.0
"""Seconds. AWS docs, "Step Functions service quotas": an HTTP Task times out then, as States.Http.Socket."""
SOCKET: Final = "States.Http.Socket"
_STATUS: Final = "States.Http.StatusCode."
_GATEWAY_STATUS: Final = "ApiGateway."
_BINARY: Final = ("application/octet-stream", "image/", "video/", "audio/")
_NOT_GIVEN: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
NO_CALLBACK: Final = "called; SendTaskSuccess or SendTaskFailure for its task token is to come at {}"


class ApiTasks:
    """Answers the Tasks that call an API whose URL is mapped. A call is made once; who asks the same again has the
    answer of then."""

    def __init__(self, urls: UrlMap, callbacks: Callbacks, region: str = "us-east-1") -> None:
        """`region` is what the requests say that they are from."""
        self._urls = urls
        self._callbacks = callbacks
        self._region = region
        self._log = CallLog(CalleeKind.API)
        self.inside = self._log.inside
        self._under_way: CallsUnderWay[Exchange] = CallsUnderWay()
        self.on_call: Callable[[TaskRequest, OutsideCall], None] | None = None

    def knows(self, request: TaskRequest) -> bool:
        """Whether a Task calls an API whose URL is mapped."""
        url = url_of(request)
        return bool(url) and self._urls.address_of(url) is not None

    def why_not(self, request: TaskRequest) -> str:
        """Why the API that a Task calls is not called; "" where it is, or where it calls none."""
        url = url_of(request)
        if not url or self.knows(request):
            return ""
        return f"no {OPTION} says where {url} is: {OPTION} {source_of(request)}=http://127.0.0.1:PORT"

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The API, and where it is called; None for what calls none."""
        url = url_of(request)
        address = self._urls.address_of(url) if url else None
        if address is not None:
            return Answerer(AnswererKind.SERVICE, url, f"at {_origin(address)}")
        return Answerer(AnswererKind.SERVICE, url, why_not=self.why_not(request)) if url else None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the API answers; None for what is no call of a mapped one, and while a task token is not answered.

        Raises ApiCallError when it cannot be called at all, CallCancelledError.
        """
        if not self.knows(request):
            return None
        key = attempt_key(request)
        if key in self._log:
            return self._log.answer(key, request.started_by) or self._called_back(request)
        self.inside.check_known(key)
        if request.task_token is not None:
            self._callbacks.expect(request.task_token)
        began = monotonic()
        call = self._log.add(key, self._made(request, began), request.started_by)
        answer = call.answer or self._called_back(request)
        if self.on_call is not None:
            self.on_call(request, self._log.call(key) or call)
        return answer

    def call_of(self, request: TaskRequest) -> OutsideCall | None:
        """The call that a request led to, if it did."""
        return self._log.call(attempt_key(request)) if api_service(request) is not None else None

    @property
    def can_call(self) -> bool:
        """Whether any URL is mapped."""
        return bool(self._urls)

    def heartbeat(self, token: str) -> float:
        """When the last heartbeat for a task token came, by the monotonic clock; 0 where none did."""
        return self._callbacks.heartbeat(token)

    def forget(self, request: TaskRequest) -> bool:
        """Have the next asking call anew; whether there was a call to forget."""
        return self._log.forget(attempt_key(request))

    def forget_all(self) -> None:
        """Call everything anew that is asked from now on."""
        self._log.clear()

    def cancel(self) -> None:
        """End the calls that are under way, from another thread."""
        self._under_way.cancel()

    def close(self) -> None:
        """Nothing was started for it."""

    # one call

    def _made(self, request: TaskRequest, began: float) -> OutsideCall:
        made = api_request(request, self._region)
        if isinstance(made, TaskFailure):
            return OutsideCall(request.resource.rpartition(":::")[2], "", made, 0.0)
        address = self._urls.address_of(made.url)
        assert address is not None
        most = min(LONGEST, request.timeout_seconds or LONGEST)
        answer: Answer | None
        lines = [CallLine(f"{made.method} {address}")]
        try:
            with self._under_way.during(Exchange()) as exchange:
                found = exchange.send(made, address, most)
        except NotReachedError as error:
            raise ApiCallError(error.what, where=OPTION, fix="Is it started? Then try again.") from error
        except BrokenError as error:
            answer = _broken(made, error.what)
        except LateError as error:
            answer = TaskSilence(Provenance.SERVICE) if most < LONGEST else _broken(made, error.what)
        else:
            answer = _answer(made, found)
            size = counted(min(len(found.body), MAX_BODY), "byte")
            more = " and more, which are not read" if len(found.body) > MAX_BODY else ""
            lines.append(CallLine(f"{found.status} {found.reason}, {size}{more}"))
        seconds = monotonic() - began
        if isinstance(answer, TaskResult | TaskFailure):
            answer = replace(answer, after_seconds=seconds)
        submission = None
        if isinstance(answer, TaskResult) and parse_resource(request.resource).pattern is IntegrationPattern.CALLBACK:
            submission, answer = Submission(answer.output), None
        callee = f"{made.method} {made.url.partition('?')[0]}"
        note = "; ".join(made.notes)
        place = f"at {_origin(address)}"
        return OutsideCall(callee, place, answer, seconds * 1000, tuple(lines), note=note, submission=submission)

    def _called_back(self, request: TaskRequest) -> Answer | None:
        return self._callbacks.answer(request, self._log, Provenance.SERVICE, NO_CALLBACK.format(self._callbacks.url))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme else url.partition("/")[0]


# answers


def _answer(request: ApiRequest, found: ApiResponse) -> TaskResult | TaskFailure:
    is_http = request.service is ApiService.HTTP
    kind, text = _content_type(found), _text(found)
    if not 200 <= found.status < 300:
        error = f"{_STATUS if is_http else _GATEWAY_STATUS}{found.status}"
        # Measured on AWS by others: of what an API says, the Cause of an HTTP Task has the status text alone.
        return TaskFailure(error, found.reason if is_http else text or "", provenance=Provenance.SERVICE)
    if is_http and (text is None or kind.startswith(_BINARY)):
        said = f"of type {kind}" if text is not None else "that is no text"
        return TaskFailure(RUNTIME, f"The API answered with a body {said}.", provenance=Provenance.SERVICE)
    body = found.body.decode("utf-8", "replace") if text is None else text
    headers: dict[str, Json] = dict(_headers(found, is_http=is_http))
    output: dict[str, Json] = {
        "Headers": headers,
        "ResponseBody": _parsed(body),
        "StatusCode": found.status,
        "StatusText": found.reason,
    }
    return TaskResult(output, provenance=Provenance.SERVICE)


def _headers(found: ApiResponse, *, is_http: bool) -> Mapping[str, list[Json]]:
    """Each with the list of its values. AWS's sample of an HTTP Task's answer has small names, and none of those that
    are about the connection."""
    headers: dict[str, list[Json]] = {}
    for name, value in found.headers:
        if is_http and name.lower() in _NOT_GIVEN:
            continue
        headers.setdefault(name.lower() if is_http else name, []).append(value)
    return headers


def _content_type(found: ApiResponse) -> str:
    return next((value for name, value in found.headers if name.lower() == "content-type"), "").strip().lower()


def _text(found: ApiResponse) -> str | None:
    """The body as text, in the encoding that its type names; None where it is none."""
    message = Message()
    message["Content-Type"] = _content_type(found) or "text/plain"
    try:
        return found.body.decode(message.get_content_charset("utf-8"))
    except (UnicodeDecodeError, LookupError):
        return None


def _parsed(text: str) -> Json:
    """JSON where it is JSON, else the text."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _broken(request: ApiRequest, why: str) -> TaskFailure:
    """What an exchange that has no end comes to. Raises ApiCallError where it is not known what AWS calls that."""
    if request.service is ApiService.HTTP:
        return TaskFailure(SOCKET, why, provenance=Provenance.SERVICE)
    raise ApiCallError(why, fix="What AWS calls this is not documented: answer the Task by hand to go on.")
