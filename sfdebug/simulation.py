"""A whole run without a person: `simulate` answers Tasks from a handler and goes on until the execution ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.load import Definition
from sfdebug.asl.rules.resources import express_problems
from sfdebug.engine import start
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.errors import DefinitionError, SfdebugError, UnansweredTaskError, UsageError
from sfdebug.limits import ExecutionType
from sfdebug.projects.addresses import load
from sfdebug.tasks.handler import checked_input, checked_settings
from sfdebug.tasks.running import run_to_end
from sfdebug.tasks.state_machines import starts_state_machine
from sfdebug.text import with_article
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Debugger, Stop
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.tasks.handler import TaskHandler


class EndlessExecutionError(SfdebugError):
    """An execution that went on for more transitions than the caller wanted to wait for.

    Attributes:
        execution: As far as it came.
    """

    def __init__(self, execution: Execution) -> None:
        super().__init__(
            f"the execution has entered {execution.visit_count} states and is not over",
            where=execution.machine.name,
            fix="If it is no endless loop, allow more transitions.",
        )
        self.execution = execution


def run_settings(opened: OpenedDefinition, start_time: int | None = None) -> Settings:
    """What a run of a definition begins with: a machine of a project has its name, type, role, region and account.

    Args:
        opened: The definition, perhaps of a project.
        start_time: When it starts, in milliseconds since 1970; None for when all runs do.
    """
    from sfdebug.engine import Settings

    settings = Settings() if start_time is None else Settings(start_time=start_time)
    machine, project = opened.machine, opened.project
    if machine is None or project is None:
        return settings
    settings = replace(
        settings,
        execution_type=machine.type,
        state_machine_name=machine.physical_name,
        region=project.region,
        account=project.account,
    )
    is_role = machine.role.startswith("arn:") and "${" not in machine.role
    return replace(settings, role_arn=machine.role) if is_role else settings


def simulate(
    definition: Definition,
    input: Value = MISSING,
    tasks: TaskHandler | None = None,
    settings: Settings | None = None,
    *,
    execution_type: str | None = None,
    max_transitions: int | None = None,
    seen: Callable[[Execution], None] | None = None,
    keep_visits: bool = True,
    watch: Callable[[Execution], None] | None = None,
) -> Execution:
    """Run a definition to its end.

    Args:
        definition: A path, a text in JSON or YAML, a dict, or a loaded definition.
        input: The execution's input; without one it starts with `{}`, as StartExecution does.
        tasks: What answers its Tasks.
        settings: When it starts, what it is called, and more. Without a start_time it starts at 2025-01-01T00:00:00Z,
            so that equal runs are equal.
        execution_type: "STANDARD" or "EXPRESS", a short form for settings that say so.
        max_transitions: Bounds an execution that might never end.
        seen: Called each time that many events have come, with the execution that has them: after that they are
            forgotten, so that one which goes on for long needs no more memory than a short one.
        keep_visits: Whether the result has all visits with their stages, and all decisions. Without them it has the
            last 1,000 at least, and half of the memory does: all events and the result are there either way.
        watch: Called before each step with the execution as it stands; what it raises ends the run.

    Returns:
        The finished execution, whatever its status. `execution.machine.warnings` has what is unusual about the
        definition, and what AWS would refuse of it.

    Raises:
        DefinitionError: When the definition is none, or cannot be an Express workflow if it is to be one.
        UnsupportedError: When it cannot be run as it stands.
        InputError: When StartExecution would not take the input.
        UnansweredTaskError: When a Task asks and `tasks` has no answer.
        EndlessExecutionError: When `max_transitions` is reached.
        UsageError: For any other `execution_type`, and for a definition, task handler or settings that are none.
    """
    settings = checked_settings(settings)
    settings = settings if execution_type is None else replace(settings, execution_type=execution_type)
    machine = checked_machine(load(definition), settings)
    begun = start(machine, checked_input(input, settings), settings)
    endless = _bound(max_transitions, watch)

    def unanswered_in(request: TaskRequest, execution: Execution) -> UnansweredTaskError:
        return unanswered(request, execution.machine.name, tasks)

    return run_to_end(begun, tasks, unanswered_in, endless, seen, keep_visits=keep_visits)


def simulate_stopping(
    machine: StateMachine,
    input: Value,
    tasks: TaskHandler | None,
    settings: Settings,
    breakpoints: Iterable[Breakpoint],
    stopped: Callable[[Debugger, Stop], None],
    *,
    max_transitions: int | None = None,
    watch: Callable[[Execution], None] | None = None,
) -> Debugger:
    """Run a definition to its end in a debugger, which goes on from every breakpoint once `stopped` was told.

    Args:
        machine: The definition.
        input: The execution's input; MISSING for `{}`.
        tasks: What answers its Tasks.
        settings: As for `simulate`.
        breakpoints: Where to stop.
        stopped: Called with the debugger, which stands there, and why it stopped.
        max_transitions: Bounds an execution that might never end.
        watch: Called between its steps with how far it has come.

    Returns:
        The debugger at the end of the execution, with its timeline and what the breakpoints have said.

    Raises:
        DefinitionError: When the definition cannot be an Express workflow if it is to be one.
        UnsupportedError: When it cannot be run as it stands.
        InputError: When StartExecution would not take the input.
        UnansweredTaskError: When a Task asks and `tasks` has no answer.
        EndlessExecutionError: When `max_transitions` is reached.
        UsageError: When a task handler cannot do its work.
    """
    from sfdebug.debugger import Debugger

    debugger = Debugger(checked_machine(machine, settings), input, tasks=tasks, settings=settings, most_steps=_AT_ONCE)
    for point in breakpoints:
        debugger.breakpoints.add(point)
    endless, looks = _bound(max_transitions, None), _looking(debugger, watch)
    first = debugger.stop_here()
    if first is not None:
        stopped(debugger, first)
    while _goes_on(debugger, debugger.run(looks), stopped):
        error = endless(debugger.execution)
        if error is not None:
            raise error
    return debugger


def _looking(debugger: Debugger, watch: Callable[[Execution], None] | None) -> Callable[[], bool]:
    """What is asked between steps whether to stop: it never says so, and lets `watch` look."""

    def look() -> bool:
        if watch is not None:
            watch(debugger.execution)
        return False

    return look


def _goes_on(debugger: Debugger, stop: Stop, stopped: Callable[[Debugger, Stop], None]) -> bool:
    """Whether a run goes on after a stop. Raises UnansweredTaskError, and UsageError for what a handler cannot do."""
    from sfdebug.debugger import StopReason

    name = debugger.machine.name
    if stop.reason in (StopReason.BREAKPOINT, StopReason.FAULT):
        stopped(debugger, stop)
        return debugger.execution.status is ExecutionStatus.RUNNING
    if stop.reason is StopReason.QUESTION and debugger.question is not None:
        raise unanswered(debugger.question, name, debugger.tasks)
    if stop.reason is StopReason.REFUSED:
        raise UsageError(stop.text, where=name)
    return stop.reason is StopReason.LIMIT


_AT_ONCE: Final = 10_000
"""So many steps are made between two looks at how far it has come."""


def _bound(
    max_transitions: int | None, watch: Callable[[Execution], None] | None
) -> Callable[[Execution], EndlessExecutionError | None]:
    if max_transitions is not None and (isinstance(max_transitions, bool) or not isinstance(max_transitions, int)):
        what = f"max_transitions is a whole number, not {with_article(max_transitions)}"
        raise UsageError(what, fix="Write: max_transitions=1000")

    def endless(execution: Execution) -> EndlessExecutionError | None:
        is_long = max_transitions is not None and execution.visit_count > max_transitions
        return EndlessExecutionError(execution) if is_long else None

    def watched(execution: Execution) -> EndlessExecutionError | None:
        if watch is not None:
            watch(execution)
        return endless(execution)

    return endless if watch is None else watched


def checked_machine(machine: StateMachine, settings: Settings) -> StateMachine:
    """The machine, where it can be run as these settings want it. Raises UsageError, DefinitionError."""
    if settings.execution_type not in tuple(ExecutionType):
        raise UsageError(
            f"there is no execution type {settings.execution_type!r}", fix=f"Say {' or '.join(ExecutionType)}."
        )
    problems = express_problems(machine) if settings.execution_type == ExecutionType.EXPRESS else ()
    if problems:
        raise DefinitionError(problems)
    return machine


def unanswered(request: TaskRequest, definition: str, tasks: TaskHandler | None = None) -> UnansweredTaskError:
    """The error for a question that nobody answers: which one, and the ways to answer it."""
    name, resource = request.state.name, request.resource or "empty"
    from sfdebug.tasks.outside import call_of, why_not_called  # here: a run that goes well does without

    call = call_of(tasks, request)
    if call is not None:  # its token is not answered
        fix = "--real-time waits for it, as long as TimeoutSeconds and HeartbeatSeconds allow."
        what = f"the Task '{name}' has called {call.callee}, and nobody has answered its task token"
        return UnansweredTaskError(what, where=definition, fix=f"{call.note}.\n  {fix}" if call.note else fix)
    if request.kind is RequestKind.MAP_RUN:
        return UnansweredTaskError(
            f"the Map '{name}' asks for its items and nothing answers it (its ItemReader's Resource is {resource})",
            where=definition,
            fix=_ways(
                ("local files", "--s3 DIR, where the object KEY of BUCKET is the file DIR/BUCKET/KEY"),
                (
                    "in Python",
                    f"sfdebug.simulate(..., tasks=sfdebug.LocalFiles('DIR')), or FunctionTasks({{{name!r}: …}})",
                ),
                ("the debugger", "sfdebug FILE, which stops at the Map and asks you"),
            ),
        )
    ways = [
        ("a mock file", f"--mocks MockConfigFile.json --case NAME, with an entry for '{name}'"),
        ("a Python function", f"sfdebug.simulate(..., tasks=sfdebug.FunctionTasks({{{name!r}: function}}))"),
        ("the debugger", "sfdebug FILE, which stops at the Task and asks you"),
    ]
    left_out = why_not_called(tasks, request) if "lambda" in request.resource.split(":") else ""
    why = f": {left_out}" if left_out else f" (its Resource is {resource})"
    ways += _ways_of_its_own(request)
    return UnansweredTaskError(
        f"the Task '{name}' asks for a result and nothing answers it{why}",
        where=definition,
        fix=_ways(*ways),
    )


def _ways_of_its_own(request: TaskRequest) -> list[tuple[str, str]]:
    """How what a Task calls can answer it itself."""
    parts = request.resource.split(":")
    if "lambda" in parts:
        from sfdebug.tasks.lambdas.calls import called_function

        function = called_function(request) or "NAME"
        return [("its handler", f"--function {function}=FILE:HANDLER; --real runs those of a project")]
    if starts_state_machine(request):
        return [("its definition", "--nested NAME=FILE, or tasks=sfdebug.StateMachines({NAME: definition})")]
    if parts[2:5] != ["states", "", ""]:
        return []
    if parts[5] in ("http", "apigateway"):
        from sfdebug.tasks.apis.requests import source_of

        url = source_of(request)
        return [("its API", f"--url {url}=http://127.0.0.1:PORT, or --url URL alone for the real one")]
    return [("its service", "--services local has it on this machine; --real too, with those of a project")]


def _ways(*ways: tuple[str, str]) -> str:
    width = max(len(name) for name, _ in ways) + 1
    count = {3: "three", 4: "four"}[len(ways)]
    lines = [f"    {name + ':':{width}} {how}" for name, how in ways]
    return "\n".join((f"There are {count} ways to answer it:", *lines))
