"""Runs a Lambda handler in Python: the client side of the Lambda Runtime API, in the standard library alone.

It runs under whatever interpreter the function wants, Python 3.8 or newer, and knows nothing of sfdebug. Results go
over the Runtime API, so that a handler may print what it likes.

Source: AWS docs, "Using the Lambda runtime API"; the words of errors are those of AWS's awslambdaric.
"""

from __future__ import annotations

import contextlib
import decimal
import http.client
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

_API = "/2018-06-01/runtime/"
_HERE = os.path.abspath(__file__)


class Identity:
    """Who calls through Amazon Cognito: nobody, here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """What a handler is told of its invocation.

    Source: AWS docs, "Using the Lambda context object to retrieve Python function information".
    """

    def __init__(self, request_id: str, deadline: int, arn: str) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity()
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function times out."""
        return max(0, int(self._deadline - time.time() * 1000))

    def log(self, message: object) -> None:
        """Write to the log of the function."""
        sys.stdout.write(str(message))


class Fault(Exception):
    """What keeps a handler from being there."""

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


def load(handler: str) -> Callable[..., Any]:
    """The function that `handler` names. Raises Fault, with the names and words of AWS."""
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        message = f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        line = '  File "{}" Line {}\n    {}\n'.format(error.filename, error.lineno, (error.text or "").strip())
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, [line]) from None
    try:
        found: Callable[..., Any] = getattr(module, name)
    except AttributeError:
        message = f"Handler '{name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None
    return found


def described(error: BaseException, request_id: str) -> dict[str, Any]:
    """An error in the shape that Lambda gives it."""
    kind = error.kind if isinstance(error, Fault) else type(error).__name__
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": own_lines(error)}


def own_lines(error: BaseException) -> list[str]:
    """The lines of a traceback that are the function's own."""
    return error.trace if isinstance(error, Fault) else own_frames(error)


def own_frames(error: BaseException) -> list[str]:
    """The frames of the handler and of what it called: those of this file and of the import system are not its own."""
    frames = traceback.extract_tb(error.__traceback__)
    first = 0
    for index, frame in enumerate(frames):
        if os.path.abspath(frame.filename) == _HERE or frame.filename.startswith(
            ("<frozen importlib", importlib.__file__)
        ):
            first = index + 1
        else:
            break
    return traceback.format_list(frames[first:])


def plain(value: object) -> float:
    """What JSON does not know: a Decimal, as DynamoDB gives numbers, is a number."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class Api:
    """The connection to the Runtime API."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def next(self) -> tuple[bytes, str, int, str, str]:
        """The next event with its request id, deadline and ARN. It waits for it."""
        self._connection.request("GET", _API + "invocation/next")
        response = self._connection.getresponse()
        body = response.read()

        def header(name: str) -> str:
            return response.getheader("Lambda-Runtime-" + name) or ""

        return (
            body,
            header("Aws-Request-Id"),
            int(header("Deadline-Ms")),
            header("Invoked-Function-Arn"),
            header("Trace-Id"),
        )

    def post(self, path: str, text: str, headers: dict[str, str] | None = None) -> None:
        """Send a result or an error."""
        self._connection.request("POST", _API + path, text.encode("utf-8", "surrogatepass"), headers or {})
        self._connection.getresponse().read()


def report(api: Api, path: str, error: BaseException, request_id: str) -> None:
    """Send an error, and write it to the log as Lambda does."""
    shape = described(error, request_id)
    lines = "".join(shape["stackTrace"])
    traced = "Traceback (most recent call last):\n" + lines if lines else ""
    sys.stderr.write(f"[ERROR] {shape['errorType']}: {shape['errorMessage']}\n{traced}")
    flush()
    text = json.dumps(shape, ensure_ascii=False)
    api.post(path, text, {"Lambda-Runtime-Function-Error-Type": shape["errorType"]})


def flush() -> None:
    """Have all that was printed be read before the answer is."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()


def run(api: Api, function: Callable[..., Any]) -> None:
    """One event after the other, until the other side ends."""
    while True:
        body, request_id, deadline, arn, trace = api.next()
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        try:
            try:
                event = json.loads(body)
            except ValueError as error:
                raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
            result = function(event, Context(request_id, deadline, arn))
            try:
                text = json.dumps(result, ensure_ascii=False, default=plain)
            except (TypeError, ValueError, RecursionError) as error:
                raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
        except Exception as error:
            report(api, f"invocation/{request_id}/error", error, request_id)
            error.__traceback__ = None
            continue
        flush()
        api.post(f"invocation/{request_id}/response", text)


def main() -> None:
    """Load the handler, then run it."""
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path[0:1] = [root, *filter(None, os.environ.get("SFDEBUG_LAYERS", "").split(os.pathsep))]
    sys.argv[:] = [root]
    try:
        for stream in (sys.stdout, sys.stderr):
            reconfigure: Callable[..., None] = getattr(stream, "reconfigure", lambda **_: None)
            reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
        try:
            function = load(os.environ["_HANDLER"])
        except Exception as error:
            report(api, "init/error", error, "")
            sys.exit(1)
        run(api, function)
    except (ConnectionError, http.client.HTTPException, KeyboardInterrupt):
        os._exit(0)  # nobody is there any more


if __name__ == "__main__":
    main()
