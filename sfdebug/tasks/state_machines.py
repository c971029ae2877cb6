"""Tasks that start other state machines, answered by running these: `states:startExecution` and the SDK's calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sfdebug.asl.load import Definition
from sfdebug.engine import Execution, Settings, start
from sfdebug.engine.execution.decisions import Provenance, TaskResult
from sfdebug.engine.program import Program
from sfdebug.errors import SfdebugError, UnansweredTaskError, UsageError
from sfdebug.projects.addresses import load
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.handler import FirstAnswer, checked_handler, checked_settings
from sfdebug.tasks.inside_calls import scope_of
from sfdebug.tasks.nesting import NestedStart
from sfdebug.tasks.outside import CallCancelledError, calling_handlers
from sfdebug.tasks.running import run_to_end
from sfdebug.tasks.start_calls import (
    StartCall,
    called_action,
    description_of,
    name_in_arn,
    start_call,
    start_kind,
    start_response,
    unqualified,
    waits_for_token,
)
from sfdebug.text import with_article
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer, TaskFailure
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler

MAX_DEPTH: Final = 10
MAX_TRANSITIONS: Final = 100_000
_DESCRIBE: Final = "aws-sdk:sfn:describeExecution"
_MOST_DESCRIBED: Final = 1_000
"""So many executions that were run last can be described."""


class NestedExecutionError(SfdebugError):
    """A nested execution that cannot be run to its end: nested too deeply, or going on for too long."""


class StateMachines:
    """Answers the Tasks that start an execution of a state machine whose definition is given.

    `definitions` maps the state machine's ARN, or only its name, to a definition. The nested execution is run to its
    end at once; its own Tasks are answered by `tasks`, or, where they start state machines in turn, by this handler,
    which comes before what of `tasks` really calls.
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
        name = name_in_arn(arn) if isinstance(arn, str) else "a state machine"
        why_not = f"the definition of {name} is not given"
        if isinstance(arn, str) and any(one in self._programs for one in (arn, unqualified(arn), name)):
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
        if not isinstance(call, StartCall):
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
        return self._begun(call, request) if isinstance(call, StartCall) else None

    def _description(self, request: TaskRequest) -> TaskResult | None:
        """How an execution ended, for a Task that asks for it; None when it does not, or it was not run here."""
        arguments = request.input
        if called_action(request) != _DESCRIBE or not isinstance(arguments, dict):
            return None
        found = self._ended.get(str(arguments.get("ExecutionArn")))
        return TaskResult(found, provenance=Provenance.COMPUTED) if found is not None else None

    def _answered(self, call: StartCall, ended: Execution) -> Answer:
        arn, description = description_of(call, ended)
        self._ended.pop(arn, None)
        self._ended[arn] = description
        if len(self._ended) > _MOST_DESCRIBED:
            del self._ended[next(iter(self._ended))]
        return start_response(call, ended)

    def _call(self, request: TaskRequest) -> StartCall | TaskFailure | None:
        kind = start_kind(request)
        arguments = request.input
        if kind is None or not isinstance(arguments, dict):
            return None
        arn = arguments.get("StateMachineArn")
        if not isinstance(arn, str) or self._program(arn) is None or waits_for_token(kind, request):
            return None
        return start_call(kind, arn, arguments, request, self._path)

    def _program(self, arn: str) -> Program | None:
        for name in (arn, unqualified(arn), name_in_arn(arn)):
            if name in self._programs:
                return self._programs[name]
        return None

    def _program_of(self, call: StartCall) -> Program:
        program = self._program(call.machine_arn)
        assert program is not None, "only what is given is called"
        return program

    def _path_of(self, call: StartCall, request: TaskRequest) -> tuple[str, ...]:
        return (*self._path, f"{request.state.name} › {call.machine_name}")

    def _begun(self, call: StartCall, request: TaskRequest) -> NestedStart:
        path = self._path_of(call, request)
        if len(path) > MAX_DEPTH:
            raise NestedExecutionError(
                f"state machines are nested more than {MAX_DEPTH} deep",
                where=" › ".join(path),
                fix="Does one of them start itself, directly or through another, without an end?",
            )
        below = _Level(self._programs, self._tasks, self._settings, path, self._ended, self._cancelling)
        tasks = FirstAnswer(*_around(below, self._tasks))
        settings = self._nested_settings(call, request)
        machine = self._program_of(call).machine
        return NestedStart(
            call.machine_name, machine, call.input, settings, tasks, lambda ended: self._answered(call, ended)
        )

    def _nested_settings(self, call: StartCall, request: TaskRequest) -> Settings:
        parts = call.machine_arn.split(":")
        named = replace(
            self._settings,
            execution_type=call.execution_type,
            name=call.name,
            state_machine_name=call.machine_name,
            nested_in=f"{request.nested_in}/{request.branch!r}{request.state.path!r}{request.invocation}",
            started_by=scope_of(request),
        )
        return replace(named, region=parts[3], account=parts[4]) if len(parts) > 6 else named


def _around(below: TaskHandler, tasks: TaskHandler | None) -> Iterator[TaskHandler]:
    """The handlers of a nested execution's Tasks: what answers in place of a machine, such as a mock; then `below`, the
    machines that are given; then what really calls, which would ask a service for them."""
    handlers = tasks.handlers if isinstance(tasks, FirstAnswer) else (tasks,) if tasks is not None else ()
    calling = [one for one in handlers if next(calling_handlers(one), None) is not None]
    yield from (one for one in handlers if one not in calling)
    yield below
    yield from calling


def starts_state_machine(request: TaskRequest) -> bool:
    """Whether a Task is one that `StateMachines` answers when it is given the definition."""
    return start_kind(request) is not None


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
