"""The wire: HTTP on loopback, as AWS's SDKs speak it.

A page in a browser cannot drive it: Host and Origin are looked at, no answer allows other origins, and a body of
another type than AWS's is refused. Source: Smithy docs, "AWS JSON 1.0 protocol".
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from sfdebug.errors import UsageError
from sfdebug.loopback.connection import HttpBounds
from sfdebug.loopback.holders import who_has
from sfdebug.loopback.messages import HttpAnswer
from sfdebug.loopback.other_services import called_service, refused_in_xml
from sfdebug.loopback.server import NAMES, LoopbackServer
from sfdebug.server.api import TARGETS, answer_of, refused_service
from sfdebug.server.errors import ApiRefusalError, ErrorType

if TYPE_CHECKING:
    from sfdebug.loopback.messages import HttpRefusalError, HttpRequestHead
    from sfdebug.loopback.server import HttpCall
    from sfdebug.server.api import ApiAnswer, StepFunctionsApi

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes of a call. AWS takes 1 MB (AWS docs, "Step Functions service quotas"); JSON may write a character in six."""
BOUNDS: Final = HttpBounds(MAX_BODY)

_PREFIXES: Final = ("sync-",)
"""What clients put before the host for StartSyncExecution and TestState, where they are not told to leave it."""
_JSON_TYPES: Final = ("application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json")
_ANSWER_TYPE: Final = "application/x-amz-json-1.0"
_TYPES: Final = {
    403: ErrorType.ACCESS_DENIED,
    413: ErrorType.REQUEST_TOO_LARGE,
    500: ErrorType.INTERNAL_FAILURE,
    503: ErrorType.SERVICE_UNAVAILABLE,
}
"""What AWS would call what is refused before the API is asked; all else is a SerializationException."""

_GREETING: Final = (
    "sfdebug serve: AWS Step Functions' API on this machine. Clients come here by AWS_ENDPOINT_URL_SFN={url}; a "
    "browser has nothing to do here.\n"
)


class ApiServer:
    """Serves an API at a port of the loopback interface, on threads, until it is closed."""

    def __init__(
        self, api: StepFunctionsApi, port: int = 0, host: str = "127.0.0.1", bounds: HttpBounds = BOUNDS
    ) -> None:
        """Listen; `port` 0 is any that is free. Raises UsageError when nothing can listen there."""
        try:
            self._server = LoopbackServer(_ApiService(api, host), port, bounds, name="api", host=host)
        except OSError as error:
            what = f"nothing can listen at port {port} of {host}: {error.strerror or error}"
            fix = f"{who_has(port, error)}Give another port, or 0 for any: --port 0"
            raise UsageError(what, where="--port", fix=fix) from error
        self._host = f"[{host}]" if ":" in host else host

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def url(self) -> str:
        """Its address, as clients are told it."""
        return f"http://{self._host}:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many connections of clients there are."""
        return self._server.open_connections

    def start(self) -> None:
        """Serve, on threads of its own."""
        self._server.start()

    def close(self) -> None:
        """Serve nothing any more: calls that wait are answered, for a moment at most, connections are closed."""
        self._server.close()


class _ApiService:
    """The API as a service of HTTP."""

    def __init__(self, api: StepFunctionsApi, host: str) -> None:
        self._api = api
        self._names = ("", host, *NAMES)

    def check(self, head: HttpRequestHead) -> HttpAnswer | None:
        """What a page in a browser sends is refused, also under another name of this machine; then what is a call of
        another service. A plain sentence for who looks with a browser."""
        host = _host_of(head.header("host"))
        for prefix in _PREFIXES:
            host = host.removeprefix(prefix)
        if host not in self._names:
            what = f"sfdebug serves {' and '.join(NAMES[:2])}, and not {host[:100]!r}"
            return _answer(answer_of(ApiRefusalError(ErrorType.ACCESS_DENIED, what, 403)))
        if "origin" in head.headers or head.headers.get("sec-fetch-site", "none") != "none":
            what = "sfdebug takes no calls from pages in a browser"
            return _answer(answer_of(ApiRefusalError(ErrorType.ACCESS_DENIED, what, 403)))
        if head.method == "POST" and head.header("x-amz-target").startswith(TARGETS):
            return None
        if head.method == "GET" and head.target == "/" and "AWS4-HMAC" not in head.header("authorization"):
            url = f"http://{head.header('host') or NAMES[0]}"
            return HttpAnswer(200, _GREETING.format(url=url).encode("utf-8", "replace"), "text/plain; charset=utf-8")
        refusal = refused_service(called_service(head))
        return refused_in_xml(head, refusal.message) or _answer(answer_of(refusal))

    def answer(self, call: HttpCall) -> HttpAnswer:
        """The API's answer."""
        head = call.head
        given = head.header("content-type").partition(";")[0].strip().lower()
        if given not in _JSON_TYPES:
            what = f"the Content-Type is {given[:100]!r}, and {_ANSWER_TYPE} is what Step Functions takes"
            return _answer(answer_of(ApiRefusalError(ErrorType.SERIALIZATION, what)))
        return _answer(self._api.answer(head.header("x-amz-target"), call.body, call.is_abandoned))

    def refused(self, refusal: HttpRefusalError) -> HttpAnswer:
        """What is no call, in the form of the API's errors."""
        type = _TYPES.get(refusal.status, ErrorType.SERIALIZATION)
        return _answer(answer_of(ApiRefusalError(type, refusal.message, refusal.status)))


def _answer(answer: ApiAnswer) -> HttpAnswer:
    return HttpAnswer(answer.status, answer.body, _ANSWER_TYPE, (("x-amzn-RequestId", str(uuid.uuid4())),))


def _host_of(header: str) -> str:
    """The host of a Host header, without the port."""
    if header.startswith("["):
        return header.partition("]")[0].lower() + "]"
    return header.partition(":")[0].lower()
