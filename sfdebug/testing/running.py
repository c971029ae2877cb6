"""Running a test case: the machine, with nobody but the case to answer its Tasks, held against what is expected."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine import Execution, Program, start, step
from sfdebug.engine.execution.decisions import InjectFailure
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.errors import DecisionError, SfdebugError, UnansweredTaskError, UsageError
from sfdebug.history.coverage.taking import taken_in
from sfdebug.simulation import EndlessExecutionError, checked_machine, run_settings
from sfdebug.tasks.datasets import LocalFiles
from sfdebug.tasks.handler import FirstAnswer, TaskHandler, checked_input
from sfdebug.tasks.mock_config import MockConfig, MockedTasks, closest
from sfdebug.tasks.running import run_to_end
from sfdebug.testing.answering import AnsweredCalls, NotedCalls, StartedMachines, left_over
from sfdebug.testing.comparing import mismatches, path_of
from sfdebug.testing.model import ANYTHING, CaseOutcome, CaseVerdict, KeptRun, Mismatch, MismatchKind
from sfdebug.testing.origins import with_origins
from sfdebug.testing.read_once import ReadOnce
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.engine import Settings
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.projects.project import Project
    from sfdebug.testing.model import CasePlace, MachineCase

MOST_TRANSITIONS: Final = 50_000
"""So many states are entered before a run is taken for endless."""
_CASE: Final = "#"
_PLAIN_KEY: Final = re.compile(r"[A-Za-z](?:[\w -]*\w)?")


def run_case(
    case: MachineCase,
    *,
    keeps_run: bool = False,
    program: Program | None = None,
    tasks: TaskHandler | None = None,
    most_transitions: int = MOST_TRANSITIONS,
) -> CaseOutcome:
    """Run a case, and hold it against what is expected. Never raises for what is wrong with it: that is an error.

    Args:
        case: The case.
        keeps_run: Whether a run that is not as expected, or that stops at a Task, is kept to be gone through again.
        program: The machine in place of the one that the case names: another version of it.
        tasks: What answers Tasks that the case does not.
        most_transitions: So many states are entered before the run is taken for endless.
    """
    stopped: list[Execution] = []
    try:
        finished = finish_case(
            case, program=program, tasks=tasks, most_transitions=most_transitions, stopped=stopped.append
        )
    except SfdebugError as error:
        run = kept_run(case, stopped[0]) if keeps_run and stopped else None
        return CaseOutcome(case, CaseVerdict.ERROR, error=told(error, case.place), run=run)
    return judged(case, finished, keeps_run=keeps_run)


class FinishedCase(Struct, frozen=True):
    """The run of a case, to its end; which of its answers nobody asked for, and what else is odd, in words."""

    execution: Execution
    left_over: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()


def finish_case(
    case: MachineCase,
    *,
    program: Program | None = None,
    tasks: TaskHandler | None = None,
    most_transitions: int = MOST_TRANSITIONS,
    stopped: Callable[[Execution], None] | None = None,
) -> FinishedCase:
    """The run of a case, to its end; `program`, `tasks` and `most_transitions` are as in `run_case`. `stopped` is given
    the execution as far as it came, where it stops at a Task that nobody answers.

    Raises UnansweredTaskError where nobody answers a Task, EndlessExecutionError for a run that does not end, and
    SfdebugError for a machine, an input, a mock file or a name in the case that cannot be used.
    """
    opened, own, settings = _prepared(case)
    so_far = _SoFar(most_transitions)
    try:
        return _run(case, program or own, settings, tasks, opened.project, so_far)
    except EndlessExecutionError:
        raise
    except SfdebugError:
        if stopped is not None and so_far.execution is not None:
            stopped(so_far.execution)
        raise


def judged(case: MachineCase, finished: FinishedCase, *, keeps_run: bool = False) -> CaseOutcome:
    """A run that is over, held against what a case expects. Answers that were left over are told last: they may be so
    because the run went another way than it should."""
    execution = finished.execution
    path = path_of(execution)
    found = [*_not_injected(case, execution), *mismatches(case.expected, execution, path), *finished.left_over]
    fault = execution.fault
    found = with_origins(found, execution)
    return CaseOutcome(
        case,
        CaseVerdict.FAILED if found else CaseVerdict.PASSED,
        execution.status,
        execution.output,
        (fault.error, fault.cause) if fault is not None else (None, None),
        path,
        tuple(found),
        len(execution.events),
        taken=taken_in(execution),
        run=kept_run(case, execution, found) if keeps_run and found else None,
        notes=finished.notes,
    )


def _not_injected(case: MachineCase, execution: Execution) -> Iterator[Mismatch]:
    """The failures of a case that no attempt had: its state was never tried."""
    left = {(one.state[-1], one.error): one.attempts for one in execution.injections}
    for failure in case.failures:
        if left.get((failure.state, failure.error)) == failure.attempts:
            yield Mismatch(MismatchKind.NOT_INJECTED, failure.error, MISSING, subject=failure.state)


def kept_run(case: MachineCase, execution: Execution, found: Iterable[Mismatch] = ()) -> KeptRun:
    """All that an execution can be gone through again with; it is opened where the first of what was `found` shows."""
    shows = [one.shows for one in found if one.shows is not None]
    source = execution.machine.document.source
    return KeptRun(
        case.id,
        source.text,
        getattr(source, "format", ""),
        execution.input,
        execution.settings,
        tuple(execution.decisions),
        min(shows, default=None),
    )


def told(error: SfdebugError, place: CasePlace | None = None) -> str:
    """An error in words: what, where, and how to mend it; `place` is the case that asks for what is wrong elsewhere."""
    where = error.where
    if place is not None and not where:
        where = str(place)
    asks = place is not None and place.line and not where.startswith(place.file)
    text = f"{where}: {error.what}" if where else error.what
    return "\n".join([text, *([f"  {error.fix}"] if error.fix else []), *([f"  asked for at {place}"] if asks else [])])


_machines: Final[ReadOnce[tuple[OpenedDefinition, Program]]] = ReadOnce(64)
_mock_files: Final[ReadOnce[MockConfig]] = ReadOnce(16)


def machine_at(path: str, name: str) -> tuple[OpenedDefinition, Program]:
    """The machine at an address, read and compiled once, and again when a file of it has changed. Raises what reading
    and running it would."""
    from sfdebug.projects.addresses import DefinitionAddress

    def read() -> tuple[tuple[OpenedDefinition, Program], Iterable[str]]:
        opened = DefinitionAddress(path, name).opened()
        settings = run_settings(opened, 0)
        return (opened, Program(checked_machine(opened.definition, settings))), map(os.path.abspath, opened.files)

    return _machines.get((path, name, _folder_of(path)), read)


def forget_machines() -> None:
    """Read machines and mock files anew from now on."""
    _machines.clear()
    _mock_files.clear()


def mock_file(path: str) -> MockConfig:
    """A mock file, read once, and again when it has changed. Raises MockConfigError."""
    return _mock_files.get((path, _folder_of(path)), lambda: (MockConfig.load(path), (os.path.abspath(path),)))


def _folder_of(path: str) -> str:
    """Where a relative path leads from: a test can go to another folder."""
    return "" if os.path.isabs(path) else os.getcwd()


def _prepared(case: MachineCase) -> tuple[OpenedDefinition, Program, Settings]:
    opened, program = machine_at(case.machine.path, case.machine.name)
    settings = run_settings(opened, case.start_time)
    if case.type is not None and case.type != settings.execution_type:
        settings = replace(settings, execution_type=case.type)
        checked_machine(program.machine, settings)
    return opened, program, settings


def _run(
    case: MachineCase,
    program: Program,
    settings: Settings,
    tasks: TaskHandler | None,
    project: Project | None,
    so_far: _SoFar,
) -> FinishedCase:
    machine = program.machine
    check_names(case, machine, project)
    own = NotedCalls(AnsweredCalls(case.answers))
    mocked = mocked_tasks(case) if case.mocks else None
    mocks = NotedCalls(mocked) if mocked is not None else None
    handlers: list[TaskHandler] = [own] if case.answers else []
    if mocks is not None:
        handlers.append(mocks)
    if case.s3:
        handlers.append(LocalFiles(case.s3))
    if tasks is not None:
        handlers.append(tasks)
    if project is not None and len(project.machines) > 1:
        inside = FirstAnswer(*handlers) if handlers else None
        handlers.append(StartedMachines(project, inside, settings))
    execution = start(program, checked_input(case.input, settings), settings)
    for failure in case.failures:
        path = next(state.path for state in machine.walk() if state.name == failure.state)
        try:
            execution = step(execution, InjectFailure(path, failure.error, failure.cause, failure.attempts))
        except DecisionError as error:
            raise UsageError(error.what, where=str(failure.place), fix="Name one of these.") from error
    handler = FirstAnswer(*handlers) if handlers else None
    execution = run_to_end(execution, handler, _unanswered(case, machine, project), so_far)
    notes = [*mocked.left_over(mocks.calls), *_misnamed(case, machine, project)] if mocked and mocks else ()
    return FinishedCase(execution, tuple(left_over(case.answers, own.calls)), tuple(notes))


def _misnamed(case: MachineCase, machine: StateMachine, project: Project | None) -> Iterator[str]:
    """What the test case of the mock file answers and nobody asks, in words: of no machine of the project."""
    config, (whose, name) = mock_file(case.mocks), _mock_case(case)
    others = [one.definition for one in project.machines] if project is not None else []
    found = config.check(machine, whose, name)
    for other in others:
        if found and other is not None and other is not machine:
            places = {problem.location for problem in config.check(other, whose, name)}
            found = tuple(problem for problem in found if problem.location in places)
    return (f"{problem.location}: {problem.what}. {problem.fix}" for problem in found)


def mocked_tasks(case: MachineCase) -> MockedTasks:
    """The test case of the mock file: one of any machine, where its name does not say whose. Raises MockConfigError."""
    machine, name = _mock_case(case)
    return mock_file(case.mocks).handler(machine, name)


def _mock_case(case: MachineCase) -> tuple[str | None, str]:
    """Whose test case it is in the mock file, None where only one machine has it, and what it is called."""
    machine, mark, name = case.mock_case.rpartition(_CASE)
    if not mark and case.machine.name in mock_file(case.mocks).state_machines:
        machine = case.machine.name
    return machine or None, name


def check_names(case: MachineCase, machine: StateMachine, project: Project | None = None) -> None:
    """Raises UsageError for a state that the case names and the machine has not: it would be waited for in vain."""
    __tracebackhide__ = True
    states = {state.name: state for state in machine.walk()}
    expected = case.expected
    in_path = [name for name in expected.path or () if name != ANYTHING]
    listed = (*in_path, *expected.visited, *expected.not_visited, *expected.attempts)
    places = [(one.state, str(one.place)) for one in case.failures]
    places += [(name, str(expected.places.get(name, case.place))) for name in listed]
    for name, place in places:
        if name not in states:
            raise _no_state(name, machine, states, place)
    check_answered({name: str(one.place) for name, one in case.answers.items()}, machine, project)


def check_answered(places: Mapping[str, str], machine: StateMachine, project: Project | None) -> None:
    """Raises UsageError for an answer that would never be given: to a state that is not there, or that asks nobody.

    Tasks of the other machines of a project can be answered too. `places` says where each answer stands.
    """
    __tracebackhide__ = True
    states = {state.name: state for state in machine.walk()}
    others: dict[str, State] | None = None
    for name, place in places.items():
        state = states.get(name)
        if state is not None and _asks(state):
            continue
        if others is None:
            others = _others(machine, project)
        if name in others:
            continue
        if state is None:
            raise _no_state(name, machine, states, place)
        what = f"'{name}' is a {state.type}, which asks nobody: the answer to it would never be given"
        raise UsageError(what, where=place, fix="Answer Tasks and distributed Maps.")


def _asks(state: State) -> bool:
    return state.type is StateType.TASK or state.is_distributed


def _others(machine: StateMachine, project: Project | None) -> dict[str, State]:
    """The states that ask, of all machines of a project but one."""
    found = [one.definition for one in project.machines if one.definition is not None] if project is not None else []
    return {state.name: state for one in found if one is not machine for state in one.walk() if _asks(state)}


def _no_state(name: str, machine: StateMachine, states: Iterable[str], place: str) -> UsageError:
    fix = closest(name, states) or f"Its states are {', '.join(sorted(states))}."
    return UsageError(f"the definition {machine.name} has no state '{name}'", where=place, fix=fix)


def _unanswered(
    case: MachineCase, machine: StateMachine, project: Project | None
) -> Callable[[TaskRequest, Execution], SfdebugError]:
    def error(request: TaskRequest, execution: Execution) -> SfdebugError:
        name = request.state.name
        files = ", as files (s3: FOLDER)" if request.kind is RequestKind.MAP_RUN else ""
        misnamed = "".join(f"\n  {text}" for text in _misnamed(case, machine, project)) if case.mocks else ""
        return UnansweredTaskError(
            f"nobody answers '{name}' ({request.resource or 'its Map Run'}), and no answer is made up",
            where=str(case.place),
            fix=f"Give it one in the test (answers: {{{_key(name)}: {{return: ...}}}}), in a test case of a mock file "
            f"(mocks:, case:){files}, or with a function from Python (tasks=).{misnamed}",
        )

    return error


def _key(name: str) -> str:
    """A name as a key in YAML."""
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


class _SoFar:
    """Sees an execution before each of its steps: `execution` is how far it came. What goes on for too long ends."""

    def __init__(self, most_transitions: int) -> None:
        self._most_transitions = most_transitions
        self.execution: Execution | None = None

    def __call__(self, execution: Execution) -> SfdebugError | None:
        self.execution = execution
        return EndlessExecutionError(execution) if execution.visit_count > self._most_transitions else None
