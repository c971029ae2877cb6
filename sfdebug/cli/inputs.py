"""Reads what the command line names: the execution input, and what answers Tasks and distributed Maps."""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import STDIN, read_stdin, say, show_problems
from sfdebug.cli.real_tasks import add_real_options, read_real_tasks
from sfdebug.errors import InputError, Problem, UnansweredTaskError, UsageError
from sfdebug.files import MAX_MOCK_FILE_BYTES, MAX_TEXT_BYTES, has_too_many_values, read_file
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.values import MISSING, Json, Value, compact

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.projects.project import Project
    from sfdebug.tasks.answerers import Answerer
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.nesting import NestedStart
    from sfdebug.tasks.state_machines import StateMachines

_ELSEWHERE: Final = "Put the data elsewhere (S3, for example) and pass a reference to it."
NOW: Final = "now"
_LAST_START: Final = 221_845_392_000_000
"""The year 9000: a thousand years before the last time that can be written."""


class InputTextError(InputError):
    """An input that is not JSON; `problems` says where."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(problems[0].what, where=problems[0].location, fix=problems[0].fix)


def add_break_option(parser: ArgumentParser, what: str) -> None:
    """`--break`, for the commands that stop at breakpoints; `what` says what becomes of one."""
    parser.add_argument(
        "--break",
        dest="breaks",
        metavar="WHERE",
        action="append",
        default=[],
        help=f"{what}: a state, with a condition if you like: 'Ship order if $.total > 100' (may be given again)",
    )


def read_breaks(args: Namespace, machine: StateMachine) -> list[Breakpoint]:
    """The breakpoints of `--break`. Raises UsageError that shows the place in the text."""
    if not args.breaks:
        return []
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.expressions.language import DebugSyntaxError

    reader = Breakpoints(machine)
    try:
        return [reader.read(text) for text in args.breaks]
    except DebugSyntaxError as error:
        caret = f"  {error.text}\n    {' ' * error.offset}^"
        raise UsageError(error.what, where="--break", fix=f"{caret}\n  {error.fix}" if error.fix else caret) from None


def add_ask_option(parser: ArgumentParser) -> None:
    """`--ask`, for the commands with a screen."""
    parser.add_argument(
        "--ask",
        dest="asks",
        metavar="STATE",
        action="append",
        default=[],
        help="ask what the Task STATE gives, though a handler or a mock could answer it (may be given several times)",
    )


def read_asks(args: Namespace, machine: StateMachine) -> list[StatePath]:
    """The Tasks of `--ask`, by their paths. Raises UsageError for what is none."""
    names: Sequence[str] = getattr(args, "asks", ())
    if not names:
        return []
    from sfdebug.asl.definition import StateType

    tasks = {state.name: state.path for state in machine.walk() if state.type is StateType.TASK}
    for name in names:
        if name not in tasks:
            from difflib import get_close_matches

            near = get_close_matches(name, tasks, n=1)
            listed = f"Did you mean '{near[0]}'?" if near else f"Its Tasks: {', '.join(tasks) or 'none'}."
            from sfdebug.text import escaped

            raise UsageError(f"there is no Task '{escaped(name)}'", where="--ask", fix=listed)
    return [tasks[name] for name in names]


def add_input_options(parser: ArgumentParser, *, many_cases: bool = False) -> None:
    """`--input` and the options that say what answers Tasks, the same for every command that runs something.

    `many_cases`: there can be several, each with its weight.
    """
    parser.add_argument(
        "-i",
        "--input",
        metavar="JSON",
        help="the execution input: JSON text, @FILE to read a file, or - to read stdin (default: {})",
    )
    parser.add_argument(
        "-m",
        "--mocks",
        metavar="FILE",
        help="answer Tasks from this mock file, in the format of Step Functions Local's MockConfigFile.json (-: stdin)",
    )
    if many_cases:
        parser.add_argument(
            "-c",
            "--case",
            metavar="NAME[=WEIGHT]",
            action="append",
            default=[],
            help="a test case of the mock file, and how often it is against the others (default: all, equally often)",
        )
    else:
        _add_case_option(parser)
    parser.add_argument(
        "--s3",
        metavar="DIR",
        help="read the datasets of distributed Maps from this folder: the object KEY of BUCKET is the file "
        "DIR/BUCKET/KEY",
    )
    parser.add_argument(
        "--nested",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="run the definition in FILE when a Task starts the state machine NAME, its name or its ARN (may be given "
        "several times)",
    )
    add_real_options(parser)
    parser.add_argument(
        "--real-time",
        action="store_true",
        help="let Waits, retries' back-off and timeouts take the time that they say, and wait for task tokens",
    )


def _add_case_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-c",
        "--case",
        metavar="NAME",
        help="which test case of the mock file; STATE_MACHINE#NAME when several state machines have one of that name "
        "(may be left out when the file has only one)",
    )


def add_start_option(parser: ArgumentParser) -> None:
    """`--start-time`, for every command that runs something."""
    parser.add_argument(
        "--start-time",
        metavar="TIME",
        default=NOW,
        help="when the execution starts: 2025-01-01T00:00:00Z, for example, or now (the default); a fixed time gives "
        "the same timestamps in every run",
    )


def read_start_time(given: str) -> int:
    """The value of `--start-time` in milliseconds since 1970; "now" is the real clock. Raises UsageError."""
    if given == NOW:
        return time.time_ns() // 1_000_000
    from sfdebug.expressions.timestamps import parse_timestamp
    from sfdebug.text import escaped

    start = parse_timestamp(given)
    if start is None or not 0 <= start < _LAST_START:
        raise UsageError(
            f"'{escaped(given)}' is not a time from 1970 to 8999 with an offset",
            where="--start-time",
            fix="Write it as 2025-01-01T00:00:00Z or 2025-01-01T09:30:00+01:00, or: now",
        )
    return start


def read_input(given: str | None, definition: str = "") -> Value:
    """The value of `--input`; MISSING when it was not given.

    Raises InputError with `file:line:col` when it is not JSON or larger than AWS accepts, UsageError when the
    definition has already been read from stdin.
    """
    if given is None:
        return MISSING
    if given == STDIN and definition == STDIN:
        raise UsageError(
            "the definition and the input cannot both be read from stdin",
            fix="Give one of them as a file: --input @FILE.",
        )
    name, text = _text_of(given)
    value = _parse(name, text, given)
    size = len(compact(value).encode("utf-8", "surrogatepass"))
    if size > MAX_PAYLOAD_BYTES:
        raise InputError(
            f"the input has {size:,} bytes, and AWS accepts no more than {MAX_PAYLOAD_BYTES:,}",
            where=name,
            fix=_ELSEWHERE,
        )
    return value


def _text_of(given: str) -> tuple[str, str]:
    if given == STDIN:
        if sys.stdin is not None and sys.stdin.isatty():
            say("Reading the input from the terminal; end it with Ctrl+D.")
        try:
            return "<stdin>", _decode("<stdin>", read_stdin(MAX_TEXT_BYTES))
        except OSError as error:
            raise _unreadable(error, "<stdin>") from error
    if not given.startswith("@"):
        return "--input", given
    path = given[1:]
    try:
        return path, _decode(path, read_file(path, MAX_TEXT_BYTES))
    except OSError as error:
        raise _unreadable(error, path) from error
    except ValueError as error:  # a path with a NUL character
        raise InputError(f"the input cannot be read: {error}", where=repr(path)) from error


def _unreadable(error: OSError, where: str) -> InputError:
    fix = f"AWS accepts no more than {MAX_PAYLOAD_BYTES:,} bytes." if error.errno == errno.EFBIG else ""
    return InputError(f"the input cannot be read: {error.strerror or error}", where=where, fix=fix)


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start} is not UTF-8", where=name, fix="Save the input as UTF-8.") from error


def _parse(name: str, text: str, given: str) -> Json:
    from sfdebug.asl.text.json import scan_json
    from sfdebug.asl.text.source import Source

    if not text.strip():
        raise InputError("the input is empty", where=name, fix="An execution without input gets {}: leave --input out.")
    if has_too_many_values(text, MAX_PAYLOAD_BYTES):  # each takes a byte at least
        raise InputError(
            f"the input has more than {MAX_PAYLOAD_BYTES:,} values, and AWS accepts no more than so many bytes",
            where=name,
            fix=_ELSEWHERE,
        )
    scan = scan_json(Source(name, text))
    if scan.document is not None and not scan.problems:
        return scan.document.value
    if name == "--input" and _is_file(given):
        raise InputError(f"'{given}' is a file name, not JSON", where=name, fix=f"To read the file: --input @{given}")
    # Warnings count too: a bare ${Placeholder} may stand in a definition, but it is no data.
    raise InputTextError(scan.problems)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def read_tasks(
    args: Namespace,
    machine: StateMachine,
    start_time: int,
    in_use: DefinitionInUse | None = None,
    *,
    has_user: bool = True,
    first: TaskHandler | None = None,
) -> TaskHandler | None:
    """What answers the Tasks and Maps of `machine`, by the options of `add_input_options`; None without any.

    What is `first` comes before all, then mocks, the files of `--s3`, what is really called, then the state machines of
    `--nested` and those of the project that is `in_use`, whose own Tasks are answered by the same; `has_user` says that
    somebody can be asked for what these do not answer. Raises what `read_mocks`, `read_real_tasks` and `read_nested`
    raise, and UsageError when there is no such folder.
    """
    if args.input == args.mocks == STDIN:
        raise UsageError("stdin cannot hold both the input and the mocks", fix="Give one of them as a file.")
    real = read_real_tasks(args, machine, in_use.project if in_use is not None else None)
    if real is not None and not has_user:
        real.functions.on_wait = lambda words: say(f"sfdebug: {words}")
    if real is not None and real.services is not None and not has_user:
        real.services.on_slow = lambda words: say(f"sfdebug: {words}")
        real.services.is_attended = False
    nested = read_nested(args.nested, args)
    project = in_use.project if in_use is not None and args.mocks is not None else None
    others = (one.definition for one in (project.machines if project is not None else ()))
    run_too = (*nested.values(), *(one for one in others if one is not None))
    mocks = read_mocks(args.mocks, args.case, machine, run_too)
    handlers: list[TaskHandler] = [one for one in (first, mocks) if one is not None]
    if args.s3 is not None:
        handlers.append(read_s3(args.s3))
    inner = _first([*handlers, real] if real is not None else handlers)
    if nested:
        from sfdebug.engine import Settings
        from sfdebug.tasks.state_machines import StateMachines

        handlers.append(StateMachines(nested, inner, Settings(start_time=start_time)))
    if in_use is not None and in_use.is_of_project:
        handlers.append(ProjectMachines(in_use, inner, start_time, has_user=has_user))
    if real is not None:  # after the machines that run here, which it would ask a service for
        handlers.append(real)
    tasks = _first(handlers)
    if not getattr(args, "real_time", False):
        return tasks
    from sfdebug.tasks.real_time import RealTime

    return RealTime(tasks)


class ProjectMachines:
    """Runs the machines of a project that Tasks of another one start, as the project was read last.

    Where there is a user, a nested execution that would have to ask is not run: the user is asked what comes of it.
    """

    def __init__(self, in_use: DefinitionInUse, tasks: TaskHandler | None, start_time: int, *, has_user: bool) -> None:
        self._has_user = has_user
        self._in_use = in_use
        self._compiled: tuple[Project, StateMachines] | None = None
        self._tasks = tasks
        self._start_time = start_time

    @property
    def handlers(self) -> tuple[TaskHandler, ...]:
        """What answers the Tasks of these machines."""
        return (self._tasks,) if self._tasks is not None else ()

    def _machines(self, project: Project) -> StateMachines:
        """They are compiled when the first is started."""
        if self._compiled is None or self._compiled[0] is not project:
            from sfdebug.engine import Settings
            from sfdebug.tasks.state_machines import StateMachines

            found = {
                machine.arn: machine.definition
                for machine in project.machines
                if machine.definition is not None and not machine.definition.unresolved
            }
            self._compiled = project, StateMachines(found, self._tasks, Settings(start_time=self._start_time))
        return self._compiled[1]

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The machine that would be run; None when the Task starts none."""
        from sfdebug.tasks.state_machines import starts_state_machine

        project = self._in_use.project if starts_state_machine(request) else None
        return self._machines(project).answerer(request) if project is not None else None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What starting the machine gives; None when the Task does something else, or starts none of the project."""
        from sfdebug.tasks.state_machines import starts_state_machine

        project = self._in_use.project if starts_state_machine(request) else None
        if project is None:
            return None
        try:
            return self._machines(project).answer(request)
        except UnansweredTaskError:
            if self._has_user:
                return None
            raise

    def nested(self, request: TaskRequest) -> NestedStart | None:
        """What a Task starts, before it is run; None as for `answer`."""
        from sfdebug.tasks.state_machines import starts_state_machine

        project = self._in_use.project if starts_state_machine(request) else None
        return self._machines(project).nested(request) if project is not None else None

    def cancel(self) -> None:
        """Run what is being run no further, from another thread: who waits for it there is told so."""
        if self._compiled is not None:
            self._compiled[1].cancel()


def _first(handlers: Sequence[TaskHandler]) -> TaskHandler | None:
    if len(handlers) < 2:
        return handlers[0] if handlers else None
    from sfdebug.tasks.handler import FirstAnswer

    return FirstAnswer(*handlers)


def read_s3(folder: str) -> TaskHandler:
    """The task handler for `--s3`. Raises UsageError when there is no such folder."""
    from sfdebug.tasks.datasets import LocalFiles

    try:
        return LocalFiles(folder)
    except UsageError as error:
        raise UsageError(error.what, where=f"--s3 {folder}", fix=error.fix) from error


def read_nested(given: Sequence[str], args: Namespace | None = None) -> dict[str, StateMachine]:
    """The definitions that `--nested` names, by the state machine's name or ARN; their warnings go to stderr.

    Raises UsageError when an option is not NAME=FILE, and what loading a definition raises.
    """
    from sfdebug.cli.definitions import address_beside, address_of, open_definition, runnable

    machines: dict[str, StateMachine] = {}
    for option in given:
        name, _, file = option.partition("=")
        if not name or not file:
            raise UsageError(
                f"'{option}' does not say which state machine a file defines",
                where="--nested",
                fix="Write it as NAME=FILE: the state machine's name or ARN, and its definition.",
            )
        if name in machines:
            raise UsageError(f"'{name}' is given twice", where="--nested", fix="Give each state machine once.")
        if file == STDIN:
            raise UsageError("stdin cannot hold a nested definition", where="--nested", fix="Give it as a file.")
        machines[name] = runnable(open_definition(address_beside(file, args) if args is not None else address_of(file)))
    return machines


def read_mocks(
    file: str | None, case: str | None, machine: StateMachine, nested: Sequence[StateMachine] = ()
) -> TaskHandler | None:
    """The task handler for `--mocks` and `--case`; None without them. State names that neither `machine` nor one of the
    `nested` ones has become warnings on stderr.

    Raises MockConfigError when the file or the case cannot be used, UsageError when one of the two is missing.
    """
    if file is None:
        if case is not None:
            raise UsageError("--case needs --mocks", fix="Name the mock file that has the case: --mocks FILE.")
        return None
    from sfdebug.tasks.mock_config import MockConfig

    config = MockConfig.load(file) if file != STDIN else MockConfig.parse(_mocks_on_stdin(machine), "<stdin>")
    state_machine, name = _named_case(config.cases(), case, file)
    warnings = config.check(machine, state_machine, name)
    for other in nested:
        locations = {problem.location for problem in config.check(other, state_machine, name)}
        warnings = tuple(problem for problem in warnings if problem.location in locations)
    show_warnings(warnings)
    return config.handler(state_machine, name)


def _mocks_on_stdin(machine: StateMachine) -> bytes:
    """The mock file on standard input. Raises UsageError when the definition has been read from there."""
    if machine.name.startswith("<stdin>"):
        raise UsageError("stdin cannot hold both the definition and the mocks", fix="Give one of them as a file.")
    try:
        return read_stdin(MAX_MOCK_FILE_BYTES)
    except OSError as error:
        raise UsageError(f"the mock file cannot be read: {error.strerror or error}", where="<stdin>") from error


def _named_case(cases: tuple[str, ...], case: str | None, file: str) -> tuple[str | None, str]:
    if case is not None:
        if case in cases or "#" not in case:
            return None, case
        state_machine, _, name = case.partition("#")
        return state_machine, name
    if len(cases) == 1:
        return None, cases[0]
    listed = ", ".join(cases) or "none"
    raise UsageError("--mocks needs --case", where=file, fix=f"The test cases in the file: {listed}.")


def show_warnings(problems: tuple[Problem, ...]) -> None:
    """Warnings on stderr; nothing when there are none."""
    if problems:
        show_problems(problems)
