"""Functions behind an address that serves Lambda's Invoke: `sam local start-lambda`, serverless-offline, a container.

Source: AWS API, Lambda Invoke.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import time
from contextlib import suppress
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from sfdebug.errors import SfdebugError, UsageError
from sfdebug.tasks.connection import EndableConnection, reason_of
from sfdebug.tasks.lambdas.runtime_api import MAX_RESPONSE
from sfdebug.tasks.lambdas.worker import Invocation
from sfdebug.tasks.outside import CallCancelledError, CallLine, is_http_address
from sfdebug.tasks.under_way import CallsUnderWay
from sfdebug.text import escaped

_LONGEST_LOG: Final = 4_096
_LONGEST: Final = 15 * 60.0
"""Seconds. Source: AWS docs, "Lambda quotas": the longest timeout of a function."""


class EndpointError(SfdebugError):
    """The address of `--lambda-endpoint` does not answer, or not as Lambda does."""


class MissingFunctionError(SfdebugError):
    """The endpoint has no function of that name."""


class _Posted(NamedTuple):
    """What the address answered; `lines` are the end of the function's log."""

    status: int
    text: str
    is_error: bool
    request_id: str
    lines: tuple[CallLine, ...]


def _log_lines(header: str) -> tuple[CallLine, ...]:
    """The last 4 KB of a function's log, which stand in a header. Source: AWS API, Lambda Invoke, `LogResult`."""
    with suppress(binascii.Error, ValueError):
        text = base64.b64decode(header, validate=True)[-_LONGEST_LOG:].decode("utf-8", "backslashreplace")
        return tuple(map(CallLine, text.splitlines()))
    return ()


class LambdaEndpoint:
    """An address that functions are invoked at."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for what is no http address."""
        if not is_http_address(url):
            fix = "Write it as http://127.0.0.1:3001, where sam local start-lambda serves."
            raise UsageError(f"'{escaped(url)}' is no http address", where="--lambda-endpoint", fix=fix)
        self.url = url.rstrip("/")
        self._parts = urlsplit(url)
        self._under_way: CallsUnderWay[EndableConnection] = CallsUnderWay()

    def invoke(self, name: str, event: str) -> Invocation:
        """Invoke a function with an event, as JSON text.

        Raises EndpointError when nothing answers there, MissingFunctionError when it has no such function,
        CallCancelledError.
        """
        began = time.monotonic()
        with self._under_way.during(EndableConnection()) as connection:
            try:
                found = self._posted(connection, name, event)
            except (OSError, http.client.HTTPException) as failure:
                if connection.is_cancelled:
                    raise CallCancelledError(f"the call of {name} was cancelled") from None
                what = f"nothing answers at {self.url}: {reason_of(failure)}"
                fix = "Is it started? sam local start-lambda, for example."
                raise EndpointError(what, where="--lambda-endpoint", fix=fix) from failure
            finally:
                connection.close()
        if found.status == 404:
            raise MissingFunctionError(found.text)
        if not 200 <= found.status < 300:
            what = f"{self.url} answers {found.status} for {name}: {found.text[:300]}"
            raise EndpointError(what, where="--lambda-endpoint")
        took = (time.monotonic() - began) * 1000
        return Invocation(found.text, found.is_error, found.request_id, took, found.lines)

    def cancel(self) -> None:
        """End the calls that are under way; from another thread."""
        self._under_way.cancel()

    def _posted(self, endable: EndableConnection, name: str, event: str) -> _Posted:
        parts = self._parts
        connection = endable.to(parts, _LONGEST)
        path = f"{parts.path.rstrip('/')}/2015-03-31/functions/{quote(name, safe='')}/invocations"
        kind = {"X-Amz-Invocation-Type": "RequestResponse", "X-Amz-Log-Type": "Tail"}
        headers = {"Content-Type": "application/json", **kind}
        connection.request("POST", path, event.encode("utf-8", "surrogatepass"), headers)
        response = connection.getresponse()
        body = response.read(MAX_RESPONSE + 1)
        if len(body) > MAX_RESPONSE:
            what = f"{self.url} answers with more than the {MAX_RESPONSE:,} bytes that Lambda lets a function give"
            raise EndpointError(what, where="--lambda-endpoint")
        return _Posted(
            response.status,
            body.decode("utf-8", "replace"),
            bool(response.getheader("X-Amz-Function-Error")),
            response.getheader("x-amzn-RequestId") or "",
            _log_lines(response.getheader("X-Amz-Log-Result") or ""),
        )
