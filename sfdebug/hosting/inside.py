"""Calls of Step Functions itself that Tasks make: executions started inside of others, described, stopped; tokens sent.

The names of errors are those of SDK integrations: `Sfn.` and the API's exception, as recorded for StartExecution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.engine.execution.events import utc_text
from sfdebug.hosting.handlers import NOT_BEGUN, Called, broken
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.tasks.start_calls import StartCall, StartCallKind, called_action, description_of, start_call
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.machines import MachineRegistry
    from sfdebug.hosting.records import ExecutionRecord, StartFacts
    from sfdebug.hosting.starting import ExecutionStarter
    from sfdebug.hosting.tokens import TokenBook

_MOST_DEPTH: Final = 10
"""So deep executions may wait for one another."""
_CALLBACK: Final = ".waitForTaskToken"
_SDK: Final = "aws-sdk:sfn:"
_ERRORS: Final = {
    RefusalReason.EXECUTION_UNKNOWN: ("ExecutionDoesNotExistException", "Execution Does Not Exist: '{}'"),
    RefusalReason.TOKEN_INVALID: ("InvalidTokenException", "Invalid Token: '{}'"),
    RefusalReason.TOKEN_TIMED_OUT: (
        "TaskTimedOutException",
        "Task Timed Out: 'Provided task does not exist anymore'",
    ),
    RefusalReason.TASK_GONE: ("TaskTimedOutException", "Task Timed Out: 'Provided task does not exist anymore'"),
    RefusalReason.OUTPUT_INVALID: ("InvalidOutputException", "Invalid Output: 'Invalid output'"),
}


class InsideHost(Protocol):
    """What is called."""

    @property
    def machines(self) -> MachineRegistry:
        """The state machines."""

    @property
    def tokens(self) -> TokenBook:
        """The task tokens."""

    @property
    def starter(self) -> ExecutionStarter:
        """Who starts executions."""

    def hosted(self, arn: str) -> HostedExecution:
        """An execution."""

    def stop_execution(self, arn: str, error: str | None = None, cause: str | None = None) -> ExecutionRecord:
        """End an execution."""


class InsideCallTable:
    """What Tasks may call of the host that runs them."""

    def __init__(self, host: InsideHost) -> None:
        self._host = host
        self._calls: dict[str, Callable[[Mapping[str, Json]], Json]] = {
            f"{_SDK}describeExecution": self._describe,
            f"{_SDK}stopExecution": self._stop,
            f"{_SDK}sendTaskSuccess": self._succeed,
            f"{_SDK}sendTaskFailure": self._fail,
            f"{_SDK}sendTaskHeartbeat": self._heartbeat,
        }

    def start_call(self, request: TaskRequest, started: int, line: int = 0) -> StartCall | TaskFailure | None:
        """The call of a Task that starts a state machine which is here; None where it does something else. Names that
        are made up are other ones for each `line` of the execution that calls."""
        found = self._started_of(request)
        if found is None or not self._is_here(found[1]):
            return None
        kind, arn = found
        arguments = request.input
        assert isinstance(arguments, dict), "the ARN is in it"
        path = (request.execution_arn, str(started), *((str(line),) if line else ()))
        return start_call(kind, arn, arguments, request, path)

    def missing(self, request: TaskRequest) -> TaskFailure | None:
        """What a Task gets that starts a state machine which nobody has: AWS's StateMachineDoesNotExist; None for what
        starts none, or one that is here."""
        found = self._started_of(request)
        if found is None or self._is_here(found[1]):
            return None
        kind, arn = found
        unknown = HostRefusalError(RefusalReason.MACHINE_UNKNOWN, arn.partition("#")[0])
        return _refused_call(StartCall(kind, arn, None, "", ""), unknown)

    def _started_of(self, request: TaskRequest) -> tuple[StartCallKind, str] | None:
        """Which call of a start a Task makes, and the ARN of what it starts; None for what starts nothing."""
        action = called_action(request).removesuffix(_CALLBACK)
        kind = next((kind for kind in StartCallKind if kind == action), None)
        arn = request.input.get("StateMachineArn") if isinstance(request.input, dict) else None
        return (kind, arn) if kind is not None and isinstance(arn, str) else None

    def _is_here(self, arn: str) -> bool:
        try:
            self._host.machines.get(arn.partition("#")[0])
        except HostRefusalError:
            return False
        return True

    def start_inside(
        self, call: StartCall, parent: StartFacts, started_by: str, at: int
    ) -> HostedExecution | TaskFailure:
        """Start what an attempt starts; or why that is refused."""
        depth = parent.depth + 1 if call.kind.waits else 0
        if depth > _MOST_DEPTH:
            return broken(f"Executions that wait for one another are nested more than {_MOST_DEPTH} deep.")
        try:
            return self._host.starter.start_inside(call, started_by, depth, at)
        except HostRefusalError as refused:
            return _refused_call(call, refused)

    def started(self, arn: str) -> HostedExecution | None:
        """An execution that was started before; None where it is not in memory."""
        try:
            return self._host.hosted(arn)
        except HostRefusalError:
            return None

    def is_asked(self, request: TaskRequest) -> bool:
        """Whether a Task calls Step Functions itself in a way that is known here."""
        return called_action(request) in self._calls and isinstance(request.input, dict)

    def asked(self, request: TaskRequest) -> Called:
        """What comes of such a call."""
        arguments = request.input
        assert isinstance(arguments, dict), "that was asked before"
        return Called(self._answer(self._calls[called_action(request)], arguments), None)

    def _answer(self, call: Callable[[Mapping[str, Json]], Json], arguments: Mapping[str, Json]) -> Answer:
        try:
            return TaskResult(call(arguments), provenance=Provenance.COMPUTED)
        except HostRefusalError as refused:
            error, cause = _ERRORS.get(refused.reason, ("SfnException", str(refused)))
            told = cause.format(refused.subject)
            return TaskFailure(f"Sfn.{error}", told, provenance=Provenance.COMPUTED, submission=NOT_BEGUN)

    def _describe(self, arguments: Mapping[str, Json]) -> Json:
        hosted = self._host.hosted(_text(arguments, "ExecutionArn"))
        facts, execution = hosted.facts, hosted.execution
        started_of = facts.machine.version_arn or facts.machine.arn
        call = StartCall(StartCallKind.SDK, started_of, execution.input, facts.input_text, facts.name)
        return description_of(call, execution)[1]

    def _stop(self, arguments: Mapping[str, Json]) -> Json:
        error, cause = _text(arguments, "Error"), _text(arguments, "Cause")
        stopped = self._host.stop_execution(_text(arguments, "ExecutionArn"), error or None, cause or None)
        return {"StopDate": utc_text(stopped.stopped or 0)}

    def _succeed(self, arguments: Mapping[str, Json]) -> Json:
        output = arguments.get("Output")
        self._host.tokens.succeed(_text(arguments, "TaskToken"), output if isinstance(output, str) else compact(output))
        return {}

    def _fail(self, arguments: Mapping[str, Json]) -> Json:
        error, cause = _text(arguments, "Error"), _text(arguments, "Cause")
        self._host.tokens.fail(_text(arguments, "TaskToken"), error or None, cause or None)
        return {}

    def _heartbeat(self, arguments: Mapping[str, Json]) -> Json:
        self._host.tokens.heartbeat(_text(arguments, "TaskToken"))
        return {}


def _text(arguments: Mapping[str, Json], name: str) -> str:
    value = arguments.get(name)
    return value if isinstance(value, str) else ""


def _refused_call(call: StartCall, refused: HostRefusalError) -> TaskFailure:
    """What a Task gets whose start of an execution is refused."""
    family = "Sfn" if call.kind.is_sdk else "StepFunctions"
    if refused.reason is RefusalReason.EXECUTION_EXISTS:
        cause = f"Execution Already Exists: '{refused.subject}'"
        error = f"{family}.ExecutionAlreadyExistsException"
    elif refused.reason is RefusalReason.TYPE_NOT_SUPPORTED:
        cause = "This operation is not supported by this type of state machine"
        error = f"{family}.StateMachineTypeNotSupportedException"
    elif refused.reason in (RefusalReason.MACHINE_UNKNOWN, RefusalReason.MACHINE_DELETING):
        cause = f"State Machine Does Not Exist: '{refused.subject}'"
        error = f"{family}.StateMachineDoesNotExistException"
    else:
        return broken(str(refused))
    return TaskFailure(error, cause, provenance=Provenance.COMPUTED, submission=NOT_BEGUN)
