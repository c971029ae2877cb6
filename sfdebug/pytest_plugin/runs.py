"""Runs of a state machine in a test: what came of one, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.limits import ExecutionType
from sfdebug.pytest_plugin.asserting import OwnAssertions
from sfdebug.pytest_plugin.machines import address_from
from sfdebug.pytest_plugin.names import PathNames, VisitedNames
from sfdebug.reports.testing import explanation
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.testing.comparing import path_of, variables_of, visits_of
from sfdebug.testing.model import ANYTHING, EVERY_PATH, CasePlace, Expected, MachineCase
from sfdebug.testing.running import (
    FinishedCase,
    check_answered,
    check_names,
    finish_case,
    judged,
    kept_run,
    machine_at,
    mock_file,
    mocked_tasks,
)
from sfdebug.values import MISSING, Json, Value, is_present, why_not_json

if TYPE_CHECKING:
    import pytest

    from sfdebug.engine import Execution
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.testing.model import KeptRun, Mismatch, PathStep


class CaseRun:
    """A run that is over. What it came to can be asserted on as it is; `expect` says in words what differs."""

    def __init__(self, case: MachineCase, execution: Execution) -> None:
        self.case = case
        self.execution = execution
        self.found: tuple[Mismatch, ...] = ()
        """What was not as it was expected."""

    @property
    def is_over(self) -> bool:
        """Whether it came to an end: else it stopped at a Task."""
        return self.execution.status is not ExecutionStatus.RUNNING

    @property
    def status(self) -> str:
        """AWS's status: "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"."""
        return self.execution.status.value

    @property
    def output(self) -> Json:
        """The output; None where it has none."""
        output = self.execution.output
        return output if is_present(output) else None

    @property
    def error(self) -> str | None:
        """The error's name; None where it has none."""
        return self.execution.fault.error if self.execution.fault is not None else None

    @property
    def cause(self) -> str | None:
        """The error's cause; None where it has none."""
        return self.execution.fault.cause if self.execution.fault is not None else None

    @property
    def path(self) -> list[str]:
        """The names of the states in the order in which they were entered, those in branches and iterations too. To
        ask whether one is `in` it that the machine has not is an error."""
        return PathNames((step.name for step in self.steps), self._check)

    @property
    def steps(self) -> tuple[PathStep, ...]:
        """The same, with the branch of each, how it ended, and how often it was tried."""
        return path_of(self.execution)

    @property
    def visited(self) -> set[str]:
        """The names of the states that were entered; as with `path`, names that the machine has not are an error."""
        return VisitedNames((step.name for step in self.steps), self._check)

    def _check(self, state: str) -> None:
        """Raises UsageError for a state that the machine has not."""
        __tracebackhide__ = True
        check_names(replace(self.case, expected=Expected(visited=(state,))), self.execution.machine)

    @property
    def transitions(self) -> int:
        """How many states were entered."""
        return len(self.steps)

    @property
    def history(self) -> list[dict[str, Json]]:
        """The events, in the shape of GetExecutionHistory."""
        return [event.as_dict() for event in self.execution.events]

    @property
    def variables(self) -> dict[str, Json]:
        """The variables of the machine's own level at the end."""
        return variables_of(self.execution)

    def attempts(self, state: str) -> int:
        """How often a state was tried, all its visits together. Raises UsageError for one that the machine has not."""
        __tracebackhide__ = True
        self._check(state)
        return sum(visit.attempt for visit in visits_of(self.execution) if visit.state.name == state)

    @property
    def kept(self) -> KeptRun:
        """All that the run can be gone through again with."""
        return kept_run(self.case, self.execution, self.found)

    def expect(
        self,
        *,
        status: str | None = None,
        output: Value = MISSING,
        output_exactly: Value = MISSING,
        error: str | None = None,
        cause: str | None = None,
        path: Sequence[str] | None = None,
        visited: Sequence[str] = (),
        not_visited: Sequence[str] = (),
        attempts: Mapping[str, int] | None = None,
        variables: Mapping[str, Json] | None = None,
    ) -> CaseRun:
        """Hold the run against what is expected, as a `*.sfn.yaml` file does (docs/testing.md); gives the run itself.

        Raises AssertionError with all that differs, the path, and where a wrong value is from; UsageError for a status
        that there is not, an output that is expected twice, a state that the machine has not, what is no JSON, and what
        could never fail.
        """
        __tracebackhide__ = True
        if is_present(output) and is_present(output_exactly):
            raise UsageError("the output is expected twice", fix="Give output or output_exactly.")
        if cause == "":
            raise UsageError("each cause has an empty text in it", fix="Give a part of the cause.")
        _check_names_given(path=path, visited=visited, not_visited=not_visited)
        _check_values(output=output, output_exactly=output_exactly, variables=dict(variables or {}))
        _check_types(error=error, cause=cause, attempts=attempts)
        wanted = _status(status, error)
        expected = Expected(
            wanted,
            output if is_present(output) else output_exactly,
            not is_present(output_exactly),
            error,
            cause,
            None if path is None else tuple(path),
            tuple(visited),
            tuple(not_visited),
            dict(attempts or {}),
            dict(variables or {}),
        )
        case = replace(self.case, expected=expected)
        check_names(case, self.execution.machine)
        found = judged(case, FinishedCase(self.execution))
        self.found = found.mismatches
        if not found.is_good:
            raise AssertionError("the run is not as it is expected\n" + "\n".join(explanation(found)))
        return self

    def __repr__(self) -> str:
        error = f" {self.error}" if self.error else ""
        return f"<run of {self.case.machine.text}: {self.status}{error}, {self.transitions} states>"


def _check_names_given(**lists: Sequence[str] | None) -> None:
    """Raises UsageError for one name in place of several, and for a path that is every path."""
    __tracebackhide__ = True
    for name, given in lists.items():
        if isinstance(given, str):
            raise UsageError(f"{name} is a list of names, not one: {given!r}", fix=f"Write {name}=[{given!r}].")
    path = lists["path"]
    if path and all(name == ANYTHING for name in path):
        raise UsageError(EVERY_PATH, fix="Name states in it, or leave it out.")


def _check_values(**values: Value) -> None:
    """Raises UsageError for what no run could come to: it is no JSON."""
    __tracebackhide__ = True
    for name, value in values.items():
        why = why_not_json(value) if is_present(value) else None
        if why is not None:
            fix = "Give dicts with text keys, lists, text, numbers, booleans and None only."
            raise UsageError(f"{name} {why}", fix=fix)


def _check_types(*, error: object, cause: object, attempts: Mapping[str, object] | None) -> None:
    """Raises UsageError for other types than a run has."""
    __tracebackhide__ = True
    for name, text in (("error", error), ("cause", cause)):
        if text is not None and not isinstance(text, str):
            raise UsageError(f"{name} is a text, not {text!r}", fix="Put it in quotes.")
    for state, count in (attempts or {}).items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise UsageError(f"the attempts of '{state}' are a whole number, not {count!r}", fix="Write: {'Pay': 3}")


def _status(status: str | None, error: str | None) -> ExecutionStatus | None:
    if status is None:
        return ExecutionStatus.SUCCEEDED if error is None else None
    try:
        return ExecutionStatus(status)
    except ValueError:
        raise UsageError(f"{status!r} is no status", fix=f"Say one of {', '.join(ExecutionStatus)}.") from None


class MachineRunner:
    """Runs the machine of a test."""

    def __init__(self, request: pytest.FixtureRequest, done: Callable[[CaseRun], None]) -> None:
        self._request = request
        self._done = done

    def __call__(
        self,
        input: Value = MISSING,
        *,
        case: str | None = None,
        mocks: str | None = None,
        tasks: TaskHandler | Mapping[str, Any] | None = None,
        s3: str | None = None,
        machine: str | None = None,
        type: str | None = None,
        start_time: str | None = None,
    ) -> CaseRun:
        """Run it to its end, in virtual time.

        Args:
            input: The execution's input; `{}` where there is none.
            case: A test case of a mock file; where the file has one alone, it need not be named.
            mocks: The mock file, from the folder of the test; else MockConfigFile.json beside the test or the machine.
            tasks: What answers Tasks that the case does not: functions and values by the names of states, or a task
                handler. An assertion of the test that does not hold in a function fails the test, not the Task.
            s3: A folder that stands for S3, from the folder of the test: where ItemReaders of distributed Maps read.
            machine: The machine, in place of the test's, from the folder of the test.
            type: "STANDARD" or "EXPRESS", in place of what the machine is.
            start_time: When it starts, such as "2026-01-01T00:00:00Z"; all runs start at one time without.

        Returns:
            The run.

        Raises:
            SfdebugError: For what cannot be used, or would change nothing; a Task that nobody answers.
        """
        __tracebackhide__ = True
        node: pytest.Item = self._request.node
        address = address_from(node, self._request.getfixturevalue("sfn_machine") if machine is None else machine)
        named = _mocked(node, address, case, mocks)
        made = MachineCase(
            node.name,
            CasePlace(node.nodeid.partition("::")[0]),
            address,
            input if is_present(input) else {},
            mocks=named[0],
            mock_case=named[1],
            expected=Expected(status=None),
            type=None if type is None else _execution_type(type),
            start_time=None if start_time is None else _moment(start_time),
            s3="" if s3 is None else _folder(node, address, s3),
        )
        run = _run(made, self._done, tasks, node.path)
        self._done(run)
        return run


def run_marked(case: MachineCase, stopped: Callable[[CaseRun], None]) -> CaseRun:
    """Run a test case of a mock file; `stopped` is given a run that comes to no end. Raises what `MachineRunner`
    raises."""
    __tracebackhide__ = True
    return _run(case, stopped)


def _run(
    case: MachineCase,
    stopped: Callable[[CaseRun], None],
    tasks: TaskHandler | Mapping[str, Any] | None = None,
    test_file: Path | None = None,
) -> CaseRun:
    """Run a case. What is wrong with it is said where the test asks: the way to it through sfdebug tells no more."""
    __tracebackhide__ = True
    assertions = OwnAssertions(test_file or Path(case.place.file))
    try:
        handler = _handler(tasks, case, assertions)
        return CaseRun(
            case, finish_case(case, tasks=handler, stopped=lambda far: stopped(CaseRun(case, far))).execution
        )
    except SfdebugError as error:
        if assertions.broken is not None:
            raise assertions.broken from None
        raise error.with_traceback(None) from None


def _handler(
    tasks: TaskHandler | Mapping[str, Any] | None, case: MachineCase, assertions: OwnAssertions
) -> TaskHandler | None:
    """Raises UsageError for a function that would never be called, as `check_answered` does, and where no one would."""
    __tracebackhide__ = True
    if not isinstance(tasks, Mapping):
        return tasks
    opened, program = machine_at(case.machine.path, case.machine.name)
    check_answered(dict.fromkeys(tasks, str(case.place)), program.machine, opened.project)
    if case.mocks and tasks and tasks.keys() <= mocked_tasks(case).states:
        what = f"case {case.mock_case} answers {', '.join(map(repr, tasks))} itself: tasks would never be asked"
        raise UsageError(what, where=str(case.place), fix="Leave out tasks, or take the states out of the case.")
    return FunctionTasks(
        {name: assertions.watched(one) if callable(one) else _constant(one) for name, one in tasks.items()}
    )


def _constant(value: Json) -> Callable[[Json], Json]:
    return lambda given: value


def _mocked(node: pytest.Item, address: DefinitionAddress, case: str | None, mocks: str | None) -> tuple[str, str]:
    """The mock file and the test case that are meant. Raises UsageError where a file is named, and it has several."""
    __tracebackhide__ = True
    if case is None and mocks is None:
        return "", ""
    if case == "":
        raise UsageError(
            "the test case has no name", where=node.nodeid, fix='Write: case="HappyPath", or leave it out.'
        )
    file = _mock_file(node, address, mocks)
    if case:
        return file, case
    names = mock_file(file).choices(address.name)
    if len(names) == 1:
        return file, names[0]
    what = "it is not said which test case of the mock file is meant" if names else "the mock file has no test case"
    fix = f'Say which: sfn_run(..., case="{names[0]}"). There are {", ".join(names)}.' if names else ""
    raise UsageError(what, where=file, fix=fix)


def _folder(node: pytest.Item, address: DefinitionAddress, s3: str) -> str:
    """The folder in place of S3. Raises UsageError where there is none, or nothing in the machine reads of it."""
    __tracebackhide__ = True
    folder = node.path.parent / s3
    if not folder.is_dir():
        fix = "Give one that stands for S3: BUCKET/KEY are files in it."
        raise UsageError(f"there is no folder {folder}", where=node.nodeid, fix=fix)
    opened, program = machine_at(address.path, address.name)
    others = [one.definition for one in opened.project.machines] if opened.project is not None else []
    machines = [program.machine, *(one for one in others if one is not None)]
    if not any("ItemReader" in state.fields for one in machines for state in one.walk() if state.is_distributed):
        what = f"nothing in {program.machine.name} reads from S3: s3 would change nothing"
        raise UsageError(what, where=node.nodeid, fix="It is for ItemReaders of distributed Maps; leave it out.")
    return str(folder)


def _mock_file(node: pytest.Item, address: DefinitionAddress, mocks: str | None) -> str:
    __tracebackhide__ = True
    if mocks is not None:
        return str(node.path.parent / mocks)
    beside = Path(address.path)
    folders = (node.path.parent, beside if beside.is_dir() else beside.parent)
    found = [folder / "MockConfigFile.json" for folder in folders if (folder / "MockConfigFile.json").is_file()]
    if not found:
        fix = 'Say which: sfn_run(..., case="HappyPath", mocks="mocks.json")'
        raise UsageError("no mock file stands beside the test or the machine", where=node.nodeid, fix=fix)
    return str(found[0])


def _execution_type(type: str) -> ExecutionType:
    try:
        return ExecutionType(type)
    except ValueError:
        raise UsageError(f"{type!r} is no type", fix=f"Say one of {', '.join(ExecutionType)}.") from None


def _moment(text: str) -> int:
    found = parse_timestamp(text)
    if found is None:
        raise UsageError(f"{text!r} is no time with an offset", fix='Write: start_time="2026-01-01T00:00:00Z"')
    return found
