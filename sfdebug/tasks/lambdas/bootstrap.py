"""Runs a Lambda handler in Python: the client side of the Lambda Runtime API, in the standard library alone.

It runs under whatever interpreter the function wants, Python 3.8 or newer, and knows nothing of sfdebug. Results go
over the Runtime API, so that a handler may print what it likes.

Source: AWS docs, "Using the Lambda runtime API"; what it does and says is what AWS's own client does, awslambdaric,
which the tests run beside it.
"""

from __future__ import annotations

import contextlib
import decimal
import functools
import http.client
import importlib
import importlib.machinery
import json
import logging
import os
import re
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

_API = "/2018-06-01/runtime/"
_OWN = "/bootstrap.py"


class CognitoIdentity:
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
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = CognitoIdentity()
        self.client_context = None
        self.tenant_id = None
        self._deadline = deadline

    def __repr__(self) -> str:
        told = ",".join(f"{name}={value}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"LambdaContext([{told}])"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function times out."""
        return max(0, int(self._deadline - time.time() * 1000))

    def w3c(self) -> dict[str, str]:
        """The trace that the call belongs to: none."""
        return {}

    def log(self, message: object) -> None:
        """Write to the log of the function."""
        sys.stdout.write(str(message))


class FaultException(Exception):
    """What keeps a handler from being there."""

    def __init__(self, kind: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


def load(handler: str) -> Callable[..., Any]:
    """The function that `handler` names. Raises FaultException, with the names and words of AWS."""
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        message = f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)"
        raise FaultException("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise FaultException("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise FaultException("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        line = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise FaultException("Runtime.UserCodeSyntaxError", message, [line]) from None
    try:
        found: Callable[..., Any] = getattr(module, name)
    except AttributeError:
        message = f"Handler '{name}' missing on module '{module_name}'"
        raise FaultException("Runtime.HandlerNotFound", message) from None
    return found


def described(error: BaseException, request_id: str) -> dict[str, Any]:
    """An error in the shape that Lambda gives it."""
    if isinstance(error, FaultException):
        kind, lines = error.kind, error.trace
    else:
        kind, lines = type(error).__name__, frames_of(error)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": lines}


def frames_of(error: BaseException) -> list[str]:
    """The lines of a traceback from the first on that is not of this file; all of them where there is none."""
    found = traceback.extract_tb(error.__traceback__)
    # Without columns, so that no carets are below a line.
    frames = [(frame.filename, frame.lineno or 0, frame.name, frame.line) for frame in found]
    own = (index for index, frame in enumerate(found) if _OWN not in frame.filename)
    return traceback.format_list(frames[next(own, 0) :])


class Marshaller:
    """Results as JSON text, as simplejson writes them, which AWS's client uses: bytes are text, a tuple with names is
    an object, and a Decimal is a number with all of its digits."""

    def __init__(self) -> None:
        version = re.fullmatch(r"AWS_Lambda_python3\.(\d+)", os.environ.get("AWS_EXECUTION_ENV", ""))
        self._is_ascii = version is None or int(version[1]) < 12
        self._mark = os.urandom(16).hex()
        self._has_marked = False

    def text(self, value: object) -> str | bytes:
        """A result as it is sent; bytes are sent as they are. Raises FaultException for what JSON does not have."""
        if isinstance(value, bytes):
            return value
        try:
            self._has_marked = False
            with contextlib.suppress(RecursionError):  # what holds itself is told by json
                value = self._plain(value)
            text = json.dumps(value, ensure_ascii=self._is_ascii, default=self._unknown)
        except Exception as error:
            raise FaultException("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
        if self._has_marked:
            text = re.sub(f'"{self._mark}([^"]*)"', r"\1", text)
        return text

    def _plain(self, value: object) -> object:
        if isinstance(value, dict):
            return {_text(key): self._plain(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            fields = getattr(value, "_asdict", None)
            return self._plain(fields()) if callable(fields) else [self._plain(one) for one in value]
        return _text(value)

    def _unknown(self, value: object) -> str:
        if isinstance(value, decimal.Decimal):
            self._has_marked = True
            return self._mark + ("NaN" if value.is_nan() else str(value))
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _text(value: object) -> Any:
    return value.decode() if isinstance(value, bytes) else value


class LambdaRuntimeClient:
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

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a result or an error."""
        self._connection.request("POST", _API + path, body, headers or {})
        self._connection.getresponse().read()


def report(api: LambdaRuntimeClient, path: str, error: BaseException, request_id: str) -> None:
    """Send an error, and write it to the log as Lambda does."""
    shape = described(error, request_id)
    lines = "".join(shape["stackTrace"])
    traced = "Traceback (most recent call last):\n" + lines if lines else ""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # a handler may have closed it
        sys.stderr.write(f"[ERROR] {shape['errorType']}: {shape['errorMessage']}\n{traced}")
    flush()
    kind = shape["errorType"].encode("ascii", "replace").decode()
    api.post(path, json.dumps(shape).encode(), {"Lambda-Runtime-Function-Error-Type": kind})


def flush() -> None:
    """Have all that was printed be read before the answer is."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()


class LambdaLoggerHandler(logging.Handler):
    """What a handler logs, in Lambda's words. Without it `logging` says nothing of what is no warning."""

    request_id = ""

    def __init__(self) -> None:
        super().__init__()
        line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        self.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
        logging.Formatter.converter = time.gmtime
        root = logging.getLogger()
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        if level in logging._nameToLevel:
            root.setLevel(level)
        root.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Write it where what is printed goes."""
        record.aws_request_id = self.request_id
        try:
            sys.stdout.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


class RuntimePackages:
    """Finds boto3 and what it needs where the interpreter has none, as they are in Lambda's own runtime.

    Source: AWS docs, "Building Lambda functions with Python", Runtime-included SDK versions.
    """

    names = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Where a module is."""
        if path is None and name in self.names:
            return importlib.machinery.PathFinder.find_spec(name, [self._folder])
        return None


def run(api: LambdaRuntimeClient, function: Callable[..., Any], log: LambdaLoggerHandler) -> None:
    """One event after the other, until the other side ends."""
    marshaller, process = Marshaller(), os.getpid()
    while True:
        body, request_id, deadline, arn, trace = api.next()
        log.request_id = request_id
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        try:
            try:
                event = json.loads(body)
            except ValueError as error:
                raise FaultException("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
            returned = function(event, Context(request_id, deadline, arn))
            if os.getpid() != process:
                os._exit(0)  # a child that the handler forked, and that came back here: the connection is not its own
            result = marshaller.text(returned)
        except Exception as error:
            report(api, f"invocation/{request_id}/error", error, request_id)
            error.__traceback__ = None
            continue
        flush()
        # Half a surrogate pair ends the process with what encode() says, as AWS's client does.
        api.post(f"invocation/{request_id}/response", result if isinstance(result, bytes) else result.encode())


def keep_from_aws() -> None:
    """Have no call reach AWS that goes by neither AWS_ENDPOINT_URL nor another address: boto3 before 1.28 knows none.

    Databases of the project, which are no services that an SDK calls, are left alone.
    """
    services = re.compile(r"(?<!\.rds)(?<!\.cache)(?<!\.redshift)(\.amazonaws\.com(\.cn)?|\.api\.aws)$")
    resolve = socket.getaddrinfo
    told = set()

    def resolved(host: Any, *others: Any, **named: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if not isinstance(name, str) or not services.search(name.rstrip(".").lower()):
            return resolve(host, *others, **named)
        said = (
            f"sfdebug: {name} is not called, for handlers do not leave this machine: AWS_ENDPOINT_URL, which "
            "boto3 knows from 1.28 on, has the services"
        )
        if name not in told:
            told.add(name)
            sys.stderr.write(said + "\n")
        raise socket.gaierror(socket.EAI_NONAME, said)

    socket.getaddrinfo = resolved


def stopping(function: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, at whose first line the debugger stops that has attached.

    All is one expression, so that the next line that is traced is the handler's.
    """
    import debugpy

    pydevd = importlib.import_module("pydevd")  # it comes with debugpy

    stop = functools.partial(pydevd.settrace, trace_only_current_thread=True, patch_multiprocessing=False)
    return lambda event, context: (debugpy.is_client_connected() and stop(), function)[1](event, context)


def prepare(root: str) -> None:
    """Have modules be found where Lambda finds them, and what is printed be sent at once."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    layers: list[str] = []
    for layer in filter(None, os.environ.get("SFDEBUG_LAYERS", "").split(os.pathsep)):
        layers += [os.path.join(layer, "lib", version, "site-packages"), layer]
    sys.path[0:1] = [root, *layers]
    sys.argv[:] = [root]
    packages = os.environ.get("SFDEBUG_RUNTIME_PACKAGES")
    if packages and sys.version_info >= (3, 10):
        sys.meta_path.append(RuntimePackages(packages))
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] = getattr(stream, "reconfigure", lambda **_: None)
        reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")


def main() -> None:
    """Load the handler, then run it."""
    api = LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    prepare(os.environ["LAMBDA_TASK_ROOT"])
    keep_from_aws()
    log = LambdaLoggerHandler()
    try:
        try:
            function = load(os.environ["_HANDLER"])
        except Exception as error:
            report(api, "init/error", error, "")
            sys.exit(1)
        run(api, stopping(function) if "SFDEBUG_DEBUGGED" in os.environ else function, log)
    except (ConnectionError, http.client.HTTPException):
        os._exit(0)  # nobody is there any more


if __name__ == "__main__":
    main()
