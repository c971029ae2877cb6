"""Tasks that start other state machines, answered by running these: `states:startExecution` and the SDK's calls.

The shapes of the answers are those of recorded executions, where there are any: `startExecution.sync` (input and
output as text), `.sync:2` (as JSON) and `aws-sdk:sfn:startExecution`. The fields of StartSyncExecution are the
API's, spelled as Step Functions spells the fields of SDK integrations.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.load import Definition
from sfdebug.aws.answer_metadata import http_date, metadata, time_in_answer
from sfdebug.engine import Execution, ExecutionStatus, Settings, start
from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.faults import TASK_FAILED
from sfdebug.engine.items.writing import redrive_fields
from sfdebug.engine.program import Program
from sfdebug.errors import SfdebugError, UnansweredTaskError, UsageError
from sfdebug.limits import ExecutionType
from sfdebug.projects.addresses import load
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.handler import FirstAnswer, checked_handler, checked_settings
from sfdebug.tasks.nesting import NestedStart
from sfdebug.tasks.outside import CallCancelledError
from sfdebug.tasks.running import run_to_end
from sfdebug.text import with_article
from sfdebug.values import Json, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler

MAX_DEPTH: Final = 10
MAX_TRANSITIONS: Final = 100_000
_DESCRIBE: Final = "aws-sdk:sfn:describeExecution"
_MOST_DESCRIBED: Final = 1_000
"""So many executions that were run last can be described."""


class _StartCallKind(StrEnum):
    """The calls that start a state machine, as a Resource names them."""

    REQUEST = "states:startExecution"
    SYNC = "states:startExecution.sync"
    SYNC_JSON = "states:startExecution.sync:2"
    SDK = "aws-sdk:sfn:startExecution"
    SDK_SYNC = "aws-sdk:sfn:startSyncExecution"

    @property
    def is_sdk(self) -> bool:
        return self in (_StartCallKind.SDK, _StartCallKind.SDK_SYNC)


class NestedExecutionError(SfdebugError):
    """A nested execution that cannot be run to its end: nested too deeply, or going on for too long."""


class StateMachines:
    """Answers the Tasks that start an execution of a state machine whose definition is given.

    `definitions` maps the state machine's ARN, or only its name, to a definition. The nested execution is run to its
    end at once; its own Tasks are answered by `tasks`, or, where they start state machines in turn, by this handler.
    A Task that starts a machine that is not given is not its matter, nor is one that waits for a task token: a
    TaskToken in Input makes a `.sync` call wait for it too (recorded).

    A Task that describes one of these executions is told how it ended: they are over as soon as they are started.
    A request-response call has its answer at once, with the nested execution run all the same, so that what goes
    wrong in it is told. Nested executions start at `settings.start_time`, for a Task does not tell the time.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        tasks: TaskHandler | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Compile the definitions.

        Args:
            definitions: By the ARN or the name of their state machines.
            tasks: What answers the Tasks of nested executions.
            settings: When nested executions start, and more.

        Raises:
            DefinitionError: When a definition cannot be read, or is no valid one.
            UnsupportedError: When it cannot be run as it stands.
            UsageError: For what is no mapping of definitions, no handler or no settings.
        """
        given: Any = definitions
        if not isinstance(given, Mapping):
            what = f"state machines are given by their ARNs or names, not as {with_article(given)}"
            raise UsageError(what, fix="Write: StateMachines({'Orders': definition})")
        self._settings, self._tasks = checked_settings(settings), checked_handler(tasks)
        self._programs = {name: Program(load(definition)) for name, definition in definitions.items()}
        self._ended: dict[str, Json] = {}
        self._cancelling = _Cancelling()

    @property
    def handlers(self) -> tuple[TaskHandler, ...]:
        """What answers the Tasks of nested executions."""
        return (self._tasks,) if self._tasks is not None else ()

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The state machine that would be run; None when the Task does something else."""
        if not starts_state_machine(request):
            return None
        arn = request.input.get("StateMachineArn") if isinstance(request.input, dict) else None
        name = _machine_name(arn) if isinstance(arn, str) else "a state machine"
        why_not = f"the definition of {name} is not given"
        if isinstance(arn, str) and any(one in self._programs for one in (arn, _unqualified(arn), name)):
            why_not = ""
        return Answerer(AnswererKind.MACHINE, name, "" if why_not else "run here", why_not)

    def answer(self, request: TaskRequest) -> Answer | None:
        """What starting the state machine gives; None when the Task does something else, or its machine is not given.

        Raises UnansweredTaskError when a Task of the nested execution has no answer, NestedExecutionError when it
        nests too deeply or does not end.
        """
        return self._top.answer(request)

    def nested(self, request: TaskRequest) -> NestedStart | None:
        """What a Task starts, before it is run; None as for `answer`. Raises NestedExecutionError."""
        return self._top.nested(request)

    def cancel(self) -> None:
        """Run what is being run no further, from another thread: who waits for it there is told so."""
        self._cancelling.count += 1

    @property
    def _top(self) -> _Level:
        return _Level(self._programs, self._tasks, self._settings, (), self._ended, self._cancelling)


class _Cancelling:
    """How often what was being run was cancelled: whoever runs something sees it change."""

    def __init__(self) -> None:
        self.count = 0


class _StartCall(Struct, frozen=True):
    """A call that starts a state machine, taken apart."""

    kind: _StartCallKind
    machine_arn: str
    input: Json
    input_text: str
    name: str

    @property
    def execution_type(self) -> str:
        return ExecutionType.EXPRESS if self.kind is _StartCallKind.SDK_SYNC else ExecutionType.STANDARD

    @property
    def machine_name(self) -> str:
        """The name in the ARN, without a version or an alias."""
        return _machine_name(self.machine_arn)


class _Level:
    """The handler of one depth of nesting; `path` names what led here."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        tasks: TaskHandler | None,
        settings: Settings,
        path: tuple[str, ...],
        ended: dict[str, Json],
        cancelling: _Cancelling,
    ) -> None:
        self._programs = programs
        self._ended = ended
        self._cancelling = cancelling
        self._tasks = tasks
        self._settings = settings
        self._path = path

    def answer(self, request: TaskRequest) -> Answer | None:
        call = self._call(request)
        if not isinstance(call, _StartCall):
            return call if call is not None else self._description(request)
        begun = self._begun(call, request)
        path = self._path_of(call, request)
        execution, cancelled_before = start(self._program_of(call), begun.input, begun.settings), self._cancelling.count

        def why_not_on(run: Execution) -> SfdebugError | None:
            if self._cancelling.count != cancelled_before:
                return CallCancelledError(f"running {begun.name} was cancelled; what was called in it stays done")
            return _endless(run, path)

        ended = run_to_end(
            execution,
            begun.tasks,
            lambda asked, _: _unanswered(asked, path),
            why_not_on,
            keep_visits=False,
        )
        return begun.answer(ended)

    def cancel(self) -> None:
        self._cancelling.count += 1

    def nested(self, request: TaskRequest) -> NestedStart | None:
        call = self._call(request)
        return self._begun(call, request) if isinstance(call, _StartCall) else None

    def _description(self, request: TaskRequest) -> TaskResult | None:
        """How an execution ended, for a Task that asks for it; None when it does not, or it was not run here."""
        arguments = request.input
        if _call_of(request) != _DESCRIBE or not isinstance(arguments, dict):
            return None
        found = self._ended.get(str(arguments.get("ExecutionArn")))
        return TaskResult(found, provenance=Provenance.COMPUTED) if found is not None else None

    def _answered(self, call: _StartCall, ended: Execution) -> Answer:
        arn, description = _description_of(call, ended)
        self._ended.pop(arn, None)
        self._ended[arn] = description
        if len(self._ended) > _MOST_DESCRIBED:
            del self._ended[next(iter(self._ended))]
        return _response(call, ended)

    def _call(self, request: TaskRequest) -> _StartCall | TaskFailure | None:
        kind = _kind(request)
        arguments = request.input
        if kind is None or not isinstance(arguments, dict):
            return None
        arn = arguments.get("StateMachineArn")
        if not isinstance(arn, str) or self._program(arn) is None or _waits_for_token(kind, request):
            return None
        return _call(kind, arn, arguments, request, self._path)

    def _program(self, arn: str) -> Program | None:
        for name in (arn, _unqualified(arn), _machine_name(arn)):
            if name in self._programs:
                return self._programs[name]
        return None

    def _program_of(self, call: _StartCall) -> Program:
        program = self._program(call.machine_arn)
        assert program is not None, "only what is given is called"
        return program

    def _path_of(self, call: _StartCall, request: TaskRequest) -> tuple[str, ...]:
        return (*self._path, f"{request.state.name} › {call.machine_name}")

    def _begun(self, call: _StartCall, request: TaskRequest) -> NestedStart:
        path = self._path_of(call, request)
        if len(path) > MAX_DEPTH:
            raise NestedExecutionError(
                f"state machines are nested more than {MAX_DEPTH} deep",
                where=" › ".join(path),
                fix="Does one of them start itself, directly or through another, without an end?",
            )
        below = _Level(self._programs, self._tasks, self._settings, path, self._ended, self._cancelling)
        tasks = FirstAnswer(self._tasks, below) if self._tasks is not None else below
        scope = f"{request.nested_in}/{request.branch!r}{request.state.path!r}{request.invocation}"
        settings = self._nested_settings(call, scope)
        machine = self._program_of(call).machine
        return NestedStart(
            call.machine_name, machine, call.input, settings, tasks, lambda ended: self._answered(call, ended)
        )

    def _nested_settings(self, call: _StartCall, scope: str) -> Settings:
        parts = call.machine_arn.split(":")
        named = replace(
            self._settings,
            execution_type=call.execution_type,
            name=call.name,
            state_machine_name=call.machine_name,
            nested_in=scope,
        )
        return replace(named, region=parts[3], account=parts[4]) if len(parts) > 6 else named


def starts_state_machine(request: TaskRequest) -> bool:
    """Whether a Task is one that `StateMachines` answers when it is given the definition."""
    return _kind(request) is not None


def _kind(request: TaskRequest) -> _StartCallKind | None:
    """Which of the calls this Task makes; None when none."""
    return next((kind for kind in _StartCallKind if kind == _call_of(request)), None)


def _call_of(request: TaskRequest) -> str:
    """What a Task calls, as its Resource has it behind the account; "" for what is no Task."""
    return ":".join(request.resource.split(":")[5:]) if request.kind is RequestKind.TASK else ""


def _waits_for_token(kind: _StartCallKind, request: TaskRequest) -> bool:
    is_sync = kind in (_StartCallKind.SYNC, _StartCallKind.SYNC_JSON)
    return is_sync and request.task_token is not None and request.task_token in compact(request.input)


def _unqualified(arn: str) -> str:
    """The ARN without a version or an alias."""
    return ":".join(arn.split(":")[:7])


def _machine_name(arn: str) -> str:
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def _call(
    kind: _StartCallKind, arn: str, arguments: Mapping[str, Json], request: TaskRequest, path: tuple[str, ...]
) -> _StartCall | TaskFailure:
    """The call, or the failure that AWS answers it with.

    Recorded: an Input that is null starts the execution with {}; one that is text is the JSON text itself.
    """
    given = arguments.get("Input")
    text = given if isinstance(given, str) else "{}" if given is None else compact(given)
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        family = "Sfn" if kind.is_sdk else "StepFunctions"
        return TaskFailure(
            f"{family}.InvalidExecutionInputException",
            f"Invalid State Machine Execution Input: {text!r} is not JSON.",
            provenance=Provenance.COMPUTED,
            submission=Submission(begun=False),
        )
    name = arguments.get("Name")
    return _StartCall(kind, arn, value, text, name if isinstance(name, str) and name else _made_up_name(request, path))


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _made_up_name(request: TaskRequest, path: tuple[str, ...]) -> str:
    """A UUID, as AWS makes one up: the same whenever the same call is made again."""
    return str(
        uuid.uuid5(
            uuid.NAMESPACE_OID,
            repr(
                (
                    *([request.nested_in] if request.nested_in else []),
                    path,
                    request.branch,
                    request.state.path,
                    request.invocation,
                )
            ),
        )
    )


# answers


def _response(call: _StartCall, execution: Execution) -> Answer:
    """What the Task that made the call gets."""
    settings = execution.settings
    arn = root_identity(settings, call.input).arn
    started, ended = settings.start_time, settings.start_time + execution.clock
    if call.kind is _StartCallKind.SDK:
        return TaskResult({"ExecutionArn": arn, "StartDate": _date(call, started)}, provenance=Provenance.COMPUTED)
    if call.kind is _StartCallKind.REQUEST:
        return TaskResult(_begun(arn, started), provenance=Provenance.COMPUTED)
    described = _described(call, execution, arn, started, ended)
    after = execution.clock / 1000
    if call.kind is _StartCallKind.SDK_SYNC:
        described["BillingDetails"] = _billing(execution.clock)
        return TaskResult(dict(sorted(described.items())), after, Provenance.COMPUTED)
    submission = Submission(_begun(arn, started))
    described |= redrive_fields(execution.status)
    described = dict(sorted(described.items()))
    if execution.status is ExecutionStatus.SUCCEEDED:
        return TaskResult(described, after, Provenance.COMPUTED, submission)
    return TaskFailure(TASK_FAILED, compact(described), after, Provenance.COMPUTED, submission)


def _description_of(call: _StartCall, execution: Execution) -> tuple[str, Json]:
    """The ARN of an execution that has ended, and what the SDK integration of DescribeExecution tells of it."""
    settings = execution.settings
    arn = root_identity(settings, call.input).arn
    started = settings.start_time
    fields = _described(replace(call, kind=_StartCallKind.SDK), execution, arn, started, started + execution.clock)
    return arn, dict(sorted((fields | redrive_fields(execution.status)).items()))


def _begun(arn: str, started: int) -> dict[str, Json]:
    """What the optimized StartExecution answers (recorded)."""
    sent = compact({"executionArn": arn, "startDate": started / 1000})
    headers = {"content-length": str(len(sent)), "date": http_date(started / 1000)}
    request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, arn))
    return {"ExecutionArn": arn, **metadata("states", request_id, headers), "StartDate": started}


def _described(call: _StartCall, execution: Execution, arn: str, started: int, ended: int) -> dict[str, Json]:
    """The execution as DescribeExecution and StartSyncExecution tell it, without what it does not have."""
    included: dict[str, Json] = {"Included": True}
    # Measured on AWS by others: an execution that timed out as a whole is described without error and cause.
    fault = None if execution.status is ExecutionStatus.TIMED_OUT else execution.fault
    fields: dict[str, Json] = {
        "Cause": fault.cause if fault else None,
        "Error": fault.error if fault else None,
        "ExecutionArn": arn,
        "InputDetails": included,
        "Name": call.name,
        "StartDate": _date(call, started),
        "StateMachineArn": call.machine_arn,
        "Status": execution.status.value,
        "StopDate": _date(call, ended),
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    # Measured on AWS by others: the description of a failure, which is a cause, has its Input as text in both modes.
    as_json = call.kind is _StartCallKind.SYNC_JSON and execution.status is ExecutionStatus.SUCCEEDED
    fields["Input"] = call.input if as_json else call.input_text
    if is_present(execution.output):
        fields["Output"] = execution.output if as_json else compact(execution.output)
        fields["OutputDetails"] = included
    return fields


def _date(call: _StartCall, time: int) -> Json:
    return time_in_answer(time, is_sdk=call.kind.is_sdk)


def _billing(clock: int) -> dict[str, Json]:
    """AWS bills in steps of 100 ms and of 64 MB; here the memory is always the least."""
    return {"BilledDurationInMilliseconds": -(-int(clock) // 100) * 100 or 100, "BilledMemoryUsedInMB": 64}


# errors


def _unanswered(request: TaskRequest, path: tuple[str, ...]) -> UnansweredTaskError:
    name = request.state.name
    return UnansweredTaskError(
        f"'{name}' of a nested execution asks for a result and nothing answers it "
        f"(its Resource is {request.resource or 'empty'})",
        where=" › ".join((*path, name)),
        fix="Answer it as the Tasks of the execution itself, or answer the Task that starts the nested execution.",
    )


def _endless(execution: Execution, path: tuple[str, ...]) -> NestedExecutionError | None:
    if execution.visit_count <= MAX_TRANSITIONS:
        return None
    return NestedExecutionError(
        f"the nested execution has entered {execution.visit_count} states and is not over",
        where=" › ".join(path),
        fix="If it is no endless loop, answer the Task that starts it.",
    )
