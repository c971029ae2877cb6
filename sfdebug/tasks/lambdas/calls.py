"""Tasks that call Lambda functions, answered by running them: what each form of Resource calls, and gives.

The shapes of results and errors are those of recorded executions: a function's ARN as the Resource gives its result
alone, `lambda:invoke` gives it with what Lambda says of the call, `aws-sdk:lambda:invoke` as Lambda's API does.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.errors import UsageError
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.call_log import CallLog, attempt_key
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.inside_calls import CalleeKind
from sfdebug.tasks.lambdas.crew import MOST_WORKERS, PATIENCE, WorkerCrew
from sfdebug.tasks.lambdas.debugging import debug_address
from sfdebug.tasks.lambdas.endpoint import MissingFunctionError
from sfdebug.tasks.lambdas.function import LambdaFunction, function_name
from sfdebug.tasks.lambdas.worker import Invocation, Worker
from sfdebug.tasks.outside import OutsideCall
from sfdebug.tasks.under_way import CallsUnderWay
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.lambdas.endpoint import LambdaEndpoint

_INVOKE: Final = "lambda:invoke"
_SDK_INVOKE: Final = "aws-sdk:lambda:invoke"
_TOKEN: Final = ".waitForTaskToken"
_REGION, _ACCOUNT = "us-east-1", "123456789012"
_LOG_BYTES: Final = 4096
_LATEST: Final = "$LATEST"
NO_CALLBACK: Final = "it has run, and has not answered the task token: SendTaskSuccess or SendTaskFailure is to come"

UNDER_DEBUGGER: Final = "under a debugger: no timeout counts, and no time passes in the execution"


class _Call(Struct, frozen=True):
    """What a Task asks of Lambda. `form` is "" for a function's ARN as the Resource."""

    form: str
    name: str
    target: str
    event: str
    kind: str = "RequestResponse"
    waits: bool = False
    is_sdk: bool = False
    has_log: bool = False
    """Whether the end of what the function has written is asked for (`LogType` is `Tail`)."""


class LambdaTasks:
    """Answers the Tasks that call one of the functions that are given, or any at all where there is an `endpoint`.

    A call is made once: who asks the same of the same attempt again, with the same input, has the answer of then. Which
    attempts these are is told by the branch, the state and the number of the call in the execution, so that stepping
    back, forking and playing again calls nothing twice.
    """

    def __init__(
        self,
        functions: Sequence[LambdaFunction],
        endpoint: LambdaEndpoint | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        callbacks: Callbacks | None = None,
        on_call: Callable[[TaskRequest, OutsideCall], None] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            functions: Those that are run here, each in a worker.
            endpoint: Where those are invoked that are not.
            environment: What workers are told besides, such as endpoints.
            callbacks: What takes the answers to task tokens, where others share it.
            on_call: Told of each call when it is over.
        """
        self._callbacks = callbacks or Callbacks()
        self.environment = dict(environment or {})
        """What workers are told besides; one that runs is told what was there when it started."""
        self._crews: dict[str, WorkerCrew] = {}
        self._starting = threading.Lock()
        """Tasks of several executions may call at once: of each function there is one crew."""
        self._functions = {function.name: function for function in functions}
        self._endpoint = endpoint
        self._log = CallLog(CalleeKind.FUNCTION)
        self.inside = self._log.inside
        self._under_way: CallsUnderWay[Worker] = CallsUnderWay()
        self.on_call = on_call
        self.debug_ports: Mapping[str, int] = {}
        """Where functions wait for a debugger, by their names."""
        self.on_wait: Callable[[str], None] | None = None
        """Told in words when one begins to wait."""
        self.left_out: Mapping[str, str] = {}
        """Why functions of the project are not run here, a sentence each, by their names."""

    @property
    def functions(self) -> tuple[LambdaFunction, ...]:
        """Those that are run here."""
        return tuple(self._functions.values())

    def knows(self, request: TaskRequest) -> bool:
        """Whether a Task calls a function that is run here, or invoked at the endpoint."""
        call = _call(request)
        return call is not None and (call.name in self._functions or self._endpoint is not None)

    def why_not(self, request: TaskRequest) -> str:
        """Why the function that a Task calls is not run here; "" where it is, or where nothing is known of it."""
        call = _call(request)
        return "" if call is None or self.knows(request) else self.left_out.get(call.name, "")

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The handler that is run, or the address at which the function is invoked; None for what calls no function."""
        call = _call(request)
        if call is None:
            is_invoked = request.resource.rpartition(":::")[2].removesuffix(_TOKEN) in (_INVOKE, _SDK_INVOKE)
            return Answerer(AnswererKind.FUNCTION, "that it names") if is_invoked else None
        function = self._functions.get(call.name)
        if function is not None:
            return Answerer(AnswererKind.FUNCTION, call.name, f"{function.language.value} {function.place}")
        if self._endpoint is not None:
            return Answerer(AnswererKind.FUNCTION, call.name, f"at {self._endpoint.url}")
        why_not = self.left_out.get(call.name) or f"no handler is given for {call.name}"
        return Answerer(AnswererKind.FUNCTION, call.name, why_not=why_not)

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the function gives; None for what is no call of a function that is known here, and while a task token is
        not answered.

        Raises CallCancelledError, and UsageError or EndpointError when the function cannot be called at all.
        """
        call = _call(request)
        if call is None or (call.name not in self._functions and self._endpoint is None):
            return None
        key = attempt_key(request)
        if key in self._log:
            return self._log.answer(key, request.started_by) or self._called_back(request)
        self.inside.check_known(key)
        began = time.monotonic()
        found = self._log.add(key, self._made(call, request), request.started_by)
        if found.answer is None:
            self._called_back(request, time.monotonic() - began)
        if self.on_call is not None:
            self.on_call(request, self._log.call(key) or found)
        return self._log.answer(key)

    def call_of(self, request: TaskRequest) -> OutsideCall | None:
        """The call that a request led to, if it did."""
        return self._log.call(attempt_key(request))

    @property
    def can_call(self) -> bool:
        """Whether functions are run here, or invoked at an endpoint."""
        return bool(self._functions) or self._endpoint is not None

    def heartbeat(self, token: str) -> float:
        """When the last heartbeat for a task token came, by the monotonic clock; 0 where none did."""
        return self._callbacks.heartbeat(token)

    def forget(self, request: TaskRequest) -> bool:
        """Have the next asking call anew; whether there was a call to forget."""
        return self._log.forget(attempt_key(request))

    def forget_all(self) -> None:
        """Have everything that is asked from now on be called anew."""
        self._log.clear()

    @property
    def waits_for(self) -> str:
        """What a call that is under way waits for, in words: a debugger; "" where all do their work."""
        waiting = next((worker for worker in self._under_way if worker.waits_for_debugger), None)
        if waiting is None:
            return ""
        return f"{waiting.function.name} waits for a debugger at {debug_address(waiting.debug_port or 0)}"

    def cancel(self) -> None:
        """End the calls that are under way, from another thread."""
        self._under_way.cancel()
        if self._endpoint is not None:
            self._endpoint.cancel()

    def renew(self) -> None:
        """Have functions be started anew by the next calls, with the environment as it is then."""
        while self._crews:
            self._crews.popitem()[1].close()

    def close(self) -> None:
        """End all workers."""
        self.renew()
        self._callbacks.close()

    # one call

    def _made(self, call: _Call, request: TaskRequest) -> OutsideCall:
        if request.task_token is not None:
            self._callbacks.expect(request.task_token)
        if call.kind == "DryRun":
            return OutsideCall(call.name, "", _result(call, None, 204, "", 0.0), 0.0)
        function = self._functions.get(call.name)
        try:
            found = self._invoked(call, function)
        except MissingFunctionError:
            arn = _arn(call)
            return OutsideCall(call.name, "", _missing(call, arn), 0.0)
        place = function.place if function is not None else (self._endpoint.url if self._endpoint else "")
        is_debugged = call.name in self.debug_ports
        answer = self._answer(call, replace(found, milliseconds=0) if is_debugged else found)
        note = "; ".join((*found.notes, UNDER_DEBUGGER) if is_debugged else found.notes)
        return OutsideCall(call.name, place, answer, found.milliseconds, found.lines, found.lost, note)

    def _invoked(self, call: _Call, function: LambdaFunction | None) -> Invocation:
        if function is not None:
            with self._crew(function).worker() as worker, self._under_way.during(worker):
                return worker.invoke(call.event, function.arn or _arn(call))
        assert self._endpoint is not None
        return self._endpoint.invoke(call.name, call.event)

    def _crew(self, function: LambdaFunction) -> WorkerCrew:
        with self._starting:
            crew = self._crews.get(function.name)
            if crew is None:
                # A debugger attaches to one process.
                most = 1 if function.name in self.debug_ports else MOST_WORKERS
                crew = self._crews[function.name] = WorkerCrew(partial(self._made_worker, function), most, PATIENCE)
            return crew

    def _made_worker(self, function: LambdaFunction) -> Worker:
        environment = {
            "AWS_REGION": _REGION,
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "AWS_ENDPOINT_URL": self._callbacks.url,
            "AWS_ENDPOINT_URL_SFN": self._callbacks.url,
            **self.environment,
        }
        return Worker(function, environment, debug_port=self.debug_ports.get(function.name), on_wait=self._tell_wait)

    def _tell_wait(self) -> None:
        if self.on_wait is not None and (words := self.waits_for):
            self.on_wait(words)

    def _answer(self, call: _Call, found: Invocation) -> Answer | None:
        if call.kind == "Event":
            return _result(call, None, 202, found.request_id, found.milliseconds)
        if found.is_error and not call.is_sdk:
            return _failure(found)
        if call.waits:
            return None
        return _result(call, found, 200, found.request_id, found.milliseconds)

    def _called_back(self, request: TaskRequest, seconds: float = 0.0) -> Answer | None:
        call = self._log.call(attempt_key(request))
        if call is None:  # made before the session went on: its token is not waited for any more
            return None
        took = 0.0 if call.callee in self.debug_ports else max(seconds, call.milliseconds / 1000)
        return self._callbacks.answer(request, self._log, Provenance.FUNCTION, NO_CALLBACK, took)


def called_function(request: TaskRequest) -> str:
    """The name of the Lambda function that a Task calls; "" when it does something else."""
    call = _call(request)
    return call.name if call is not None else ""


def _call(request: TaskRequest) -> _Call | None:
    if request.kind is not RequestKind.TASK:
        return None
    parts = request.resource.split(":")
    if len(parts) > 6 and parts[2] == "lambda" and parts[5] == "function":
        return _Call("", function_name(request.resource), request.resource, compact(request.input))
    action = ":".join(parts[5:])
    waits = action.endswith(_TOKEN)
    form = action.removesuffix(_TOKEN)
    arguments = request.input
    if parts[2:3] != ["states"] or form not in (_INVOKE, _SDK_INVOKE) or not isinstance(arguments, dict):
        return None
    target = arguments.get("FunctionName")
    if not isinstance(target, str) or not target:
        return None
    kind = arguments.get("InvocationType")
    payload = arguments.get("Payload", {} if form == _INVOKE else "")
    is_sdk = form == _SDK_INVOKE
    event = payload if is_sdk and isinstance(payload, str) else compact(payload)
    return _Call(
        form,
        function_name(target),
        target,
        event or "{}",
        kind if isinstance(kind, str) else "RequestResponse",
        waits,
        is_sdk,
        arguments.get("LogType") == "Tail",
    )


def _arn(call: _Call) -> str:
    if call.target.startswith("arn:"):
        return call.target
    return f"arn:aws:lambda:{_REGION}:{_ACCOUNT}:function:{call.name}"


def _result(call: _Call, found: Invocation | None, status: int, request_id: str, milliseconds: float) -> TaskResult:
    """What the Task gets, in the shape of its form."""
    text = found.text if found is not None else ""
    log = _log_of(found) if call.has_log and found is not None else None
    output: Json
    if not call.form:
        output = _parsed(text)
    elif call.is_sdk:
        output = {"ExecutedVersion": _LATEST, "Payload": text, "StatusCode": status}
        if found is not None and found.is_error:
            output = {"ExecutedVersion": _LATEST, "FunctionError": "Unhandled", "Payload": text, "StatusCode": status}
    else:
        payload: dict[str, Json] = {} if found is None else {"Payload": _parsed(text)}
        output = {
            "ExecutedVersion": _LATEST,
            **payload,
            **_metadata(request_id or str(uuid.uuid4()), len(text.encode()), status, log),
            "StatusCode": status,
        }
    if log is not None and call.form and isinstance(output, dict):
        output = dict(sorted({**output, "LogResult": log}.items()))
    return TaskResult(output, milliseconds / 1000, Provenance.FUNCTION)


def _log_of(found: Invocation) -> str:
    """The end of what a function has written, up to 4 KB in base64, as Lambda gives it."""
    text = "\n".join(line.text for line in found.lines).encode()
    return b64encode(text[-_LOG_BYTES:]).decode()


def _metadata(request_id: str, length: int, status: int, log: str | None = None) -> dict[str, Json]:
    """As AWS records it beside the result of lambda:invoke."""
    date = formatdate(usegmt=True)
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(length),
        "Content-Type": "application/json",
        "Date": date,
        "X-Amz-Executed-Version": _LATEST,
        **({"X-Amz-Log-Result": log} if log is not None else {}),
        "X-Amzn-Trace-Id": f"root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};sampled=0",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request_id,
    }
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": dict(headers),
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _failure(found: Invocation) -> TaskFailure:
    """The error is named after the exception; the Cause is all that Lambda says, as text without blanks (recorded)."""
    described = _parsed(found.text)
    kind = described.get("errorType") if isinstance(described, dict) else None
    error = kind if isinstance(kind, str) and kind else "Lambda.Unknown"
    cause = compact(described) if isinstance(described, dict) else found.text
    return TaskFailure(error, cause, found.milliseconds / 1000, Provenance.FUNCTION)


def _missing(call: _Call, arn: str) -> TaskFailure:
    request_id = str(uuid.uuid4())
    cause = (
        f"Function not found: {arn} (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; "
        f"Request ID: {request_id}; Proxy: null)"
    )
    return TaskFailure("Lambda.ResourceNotFoundException", cause, provenance=Provenance.FUNCTION)


def _parsed(text: str) -> Json:
    """A result of a handler; Python writes NaN, which JSON does not have."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse) if text else None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"what the function gave is not JSON: {text[:80]}", fix="Return what JSON has.") from error
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(constant)
