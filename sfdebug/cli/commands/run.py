"""`sfdebug run`: a whole execution without a screen."""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import STDIN, printable, say, writing_file, writing_stdout
from sfdebug.cli.definitions import (
    FILE,
    add_project_options,
    add_type_option,
    address_of,
    open_definition,
    runnable,
    type_of,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import (
    add_break_option,
    add_input_options,
    add_start_option,
    read_breaks,
    read_input,
    read_start_time,
    read_tasks,
)
from sfdebug.cli.progress import ProgressLine, RunWatch
from sfdebug.errors import UsageError
from sfdebug.files import replaced
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Debugger, Stop
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.reports.result import HistoryWriter, LogWriter
    from sfdebug.reports.stops import SaidReport, StopReport
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.real_time import RealWait
    from sfdebug.values import Json, Value

MAX_TRANSITIONS: Final = 1_000_000
MOST_OF_EXPRESS: Final = 100_000
"""More states than an Express execution enters in its five minutes, at three milliseconds for each."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug run`."""
    parser.add_argument("file", metavar="FILE", help=FILE)
    add_input_options(parser)
    add_start_option(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one object: status, output, error, cause, transitions, ..."
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="print stage by stage what happened, why, and what one might have expected, instead of the output",
    )
    parser.add_argument(
        "--history",
        metavar="OUT",
        help="write the events to this file, in the shape of GetExecutionHistory (-: to stdout, instead of the output)",
    )
    parser.add_argument(
        "--log",
        metavar="OUT",
        help="write the events to this file as CloudWatch Logs gets those of an Express workflow, one a line",
    )
    add_break_option(parser, "tell on stderr where the debugger would stop, with the data there, and go on")
    add_type_option(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=0,
        help="where States.Random, States.UUID and Retry jitter begin; the same seed gives the same run (default: 0)",
    )
    parser.add_argument(
        "--max-transitions",
        metavar="N",
        type=int,
        help=f"give up after entering so many states (default: {MAX_TRANSITIONS:,}; {MOST_OF_EXPRESS:,} for EXPRESS, "
        "whose history has no bound)",
    )
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Run the definition to its end and print what came of it."""
    from sfdebug.simulation import run_settings

    if args.history == STDIN and args.json:
        raise UsageError("--json and --history - would both print to stdout", fix="Write the history to a file.")
    if args.explain and (args.json or args.history == STDIN):
        other = "--json" if args.json else "--history -"
        raise UsageError(f"--explain and {other} would both print to stdout", fix="Ask for one of them.")
    from msgspec.structs import replace

    from sfdebug.engine import ExecutionStatus
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.simulation import EndlessExecutionError, simulate
    from sfdebug.tasks.outside import ended_after

    start_time = read_start_time(args.start_time)
    opened = open_definition(address_of(args.file, args))
    args.type = type_of(opened, args.type)
    machine = runnable(opened, args.type)
    execution_input = read_input(args.input, args.file)
    tasks = read_tasks(args, machine, start_time, DefinitionInUse.of(opened), has_user=False)
    settings = replace(run_settings(opened, start_time), execution_type=args.type, seed=args.seed)
    most = args.max_transitions
    if most is None:
        most = MOST_OF_EXPRESS if args.type == ExecutionType.EXPRESS else MAX_TRANSITIONS
    with _Files(args) as files, ended_after(tasks):
        # Express histories have no bound; of one that is to be printed as a whole, all has to be kept.
        keeps_all = args.history == STDIN or args.explain
        seen = files.write if args.type == ExecutionType.EXPRESS and not keeps_all else None
        stops = _Stops(read_breaks(args, machine), tells=not args.json)
        try:
            # The stops are told when the line that says how far the run is has gone.
            with stops.told(), RunWatch(line := ProgressLine(sys.stderr)) as watch:
                _tell_calls(tasks, line)
                if args.real_time:
                    _tell_waits(tasks, line)
                if stops.breakpoints:
                    execution = stops.run(machine, execution_input, tasks, settings, most, watch)
                else:
                    execution = simulate(
                        machine, execution_input, tasks, settings, max_transitions=most, seen=seen, watch=watch
                    )
        except EndlessExecutionError as endless:
            if args.json or args.history is not None:
                _report(endless.execution, args, files, stops)
            raise
        _report(execution, args, files, stops)
    return ExitCode.SUCCEEDED if execution.status is ExecutionStatus.SUCCEEDED else ExitCode.EXECUTION_FAILED


def _tell_calls(tasks: TaskHandler | None, line: ProgressLine) -> None:
    """Have what handlers write be on stderr, behind the state that called them."""
    from sfdebug.tasks.outside import OutsideCall, calling_handlers, surroundings_in

    def tell(request: TaskRequest, call: OutsideCall) -> None:
        state = printable(request.state.name)
        notes = [call.note] if call.note else []
        lost = [f"({call.lost:,} more lines)"] if call.lost else []
        written = [f"{state} | {printable(text)}" for text in (*notes, *lost, *(each.text for each in call.lines))]
        if written:
            line.clear()
            say("\n".join(written))

    def begun(notes: tuple[str, ...]) -> None:
        if notes:
            line.clear()
            say("\n".join(f"sfdebug: {note}" for note in notes))

    for handler in calling_handlers(tasks):
        handler.on_call = tell
    for surroundings in surroundings_in(tasks):
        surroundings.on_begin = begun


def _tell_waits(tasks: TaskHandler | None, line: ProgressLine) -> None:
    """Have what is waited for be on the progress line."""
    from sfdebug.tasks.real_time import real_time_in

    pace = real_time_in(tasks)
    assert pace is not None, "the option has put it there"

    def waits(wait: RealWait | None) -> None:
        if wait is None:
            line.clear()
        else:
            line.tell(f"Waiting {wait.how_long}for {wait.what}; Ctrl+C ends the run")

    pace.on_tick = waits


class _Stops:
    """Where the run would stop at the breakpoints of `--break`, and what these say."""

    def __init__(self, breakpoints: Sequence[Breakpoint], *, tells: bool) -> None:
        """`tells`: on stderr, once the run is over."""
        self.breakpoints = breakpoints
        self._tells = tells
        self._stops: list[StopReport] = []
        self._said: list[SaidReport] = []

    def run(
        self,
        machine: StateMachine,
        execution_input: Value,
        tasks: TaskHandler | None,
        settings: Settings,
        most: int,
        watch: Callable[[Execution], None],
    ) -> Execution:
        """Run to the end; the execution there. Raises what `simulate` raises."""
        from sfdebug.reports.stops import StopReport, said_by
        from sfdebug.simulation import simulate_stopping

        def stopped(debugger: Debugger, stop: Stop) -> None:
            self._stops.append(StopReport.of(debugger, stop))

        debugger = simulate_stopping(
            machine,
            execution_input,
            tasks,
            settings,
            self.breakpoints,
            stopped,
            max_transitions=most,
            watch=watch,
        )
        self._said = said_by(debugger)
        return debugger.execution

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell them afterwards, however the run ends."""
        try:
            yield
        finally:
            if self._tells and self.breakpoints:
                from sfdebug.reports.stops import stop_lines

                lines = stop_lines(self._stops, self._said)
                if lines:
                    say("\n".join(lines))

    def as_dict(self) -> dict[str, Json]:
        """What `--json` has of it; nothing without breakpoints."""
        if not self.breakpoints:
            return {}
        return {
            "stops": [stop.as_dict() for stop in self._stops],
            "messages": [said.as_dict() for said in self._said],
        }


class _Files:
    """The files of `--history` and `--log`. They are opened when there is something to write, and put in their places
    by `end`: of a run that ends with an error of the command line, or from outside, nothing is left, and what was there
    stays."""

    def __init__(self, args: Namespace) -> None:
        self._paths = {"history": args.history if args.history != STDIN else None, "log": args.log}
        self._open: dict[str, ExitStack] = {}
        self._files: dict[str, io.TextIOWrapper] = {}
        self._writers: dict[str, HistoryWriter | LogWriter] = {}

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *exception: Any) -> None:
        for what, place in self._open.items():
            with suppress(OSError, ValueError):  # reported already
                self._files[what].detach()
            with suppress(OSError):
                place.__exit__(*exception)

    def write(self, execution: Execution) -> None:
        """Write the events that have come since. Raises UsageError when that cannot be."""
        self._each(lambda writer: writer.write(execution))

    def end(self, execution: Execution) -> None:
        """Write the rest. Raises UsageError when that cannot be."""

        def finish(writer: HistoryWriter | LogWriter) -> None:
            writer.write(execution)
            writer.end()

        self._each(finish, is_last=True)

    def _each(self, write: Callable[[HistoryWriter | LogWriter], None], *, is_last: bool = False) -> None:
        for what, path in self._paths.items():
            if path is None:
                continue
            with writing_file(path, what):
                write(self._writer(what, path))
                if is_last:
                    self._files[what].flush()
                    self._open.pop(what).close()

    def _writer(self, what: str, path: str) -> HistoryWriter | LogWriter:
        if what not in self._writers:
            from sfdebug.reports.result import HistoryWriter, LogWriter

            place = ExitStack()
            file = self._files[what] = io.TextIOWrapper(place.enter_context(replaced(path)), encoding="utf-8")
            self._open[what] = place
            self._writers[what] = HistoryWriter(file) if what == "history" else LogWriter(file)
        return self._writers[what]


def _report(execution: Execution, args: Namespace, files: _Files, stops: _Stops) -> None:
    from sfdebug.reports.result import RunResult, write_history, write_json, write_text

    result = RunResult.from_execution(execution)
    files.end(execution)
    diagnostics = io.StringIO()
    with writing_stdout() as output:
        if args.json:
            write_json(result, output, stops.as_dict())
        elif args.history == STDIN:
            write_history(execution, output)
        elif args.explain:
            from sfdebug.reports.walk import walk_lines

            for line in walk_lines(execution):
                output.write(f"{line}\n")
        else:
            write_text(result, output, diagnostics)
    if args.history == STDIN or args.explain:
        write_text(result, None, diagnostics)
    if diagnostics.getvalue():
        say(diagnostics.getvalue().rstrip("\n"))


COMMAND = Command(
    name="run",
    summary="run a definition to its end, without a screen",
    usage="sfdebug run FILE [options]",
    description="""\
Run a definition to its end and print the execution's output, as JSON, on stdout. Time is virtual: a Wait of a
day takes no time. When the execution fails, its error and cause are printed on stderr and the exit code is 1.

Every Task needs an answer: give a mock file, in the format of Step Functions Local's MockConfigFile.json, and
the name of one of its test cases; or have what it calls really called: --real runs a project's Lambda handlers,
with its queues, tables, topics and buckets on this machine. A Task that starts another state machine can run
its definition, and a distributed Map can read its items from files.""",
    epilog=f"""\
examples:
  sfdebug run order.asl.json --input @order.json --mocks MockConfigFile.json --case HappyPath
      print the output of that test case
  sfdebug run template.yaml#Orders --real -i @order.json
      with the handlers, queues and tables of a project; --function gives a handler of a definition that is none
  sfdebug run order.asl.json -i @order.json -m mocks.json -c CardDeclined --json | jq .error
      look at one field of the result
  sfdebug run order.asl.json -m mocks.json -c CardDeclined --explain
      read what each stage did, by which rule, and what one might have expected
  sfdebug run orders.asl.json --s3 testdata -i '{{"Bucket": "in", "Key": "orders.csv"}}'
      a distributed Map reads testdata/in/orders.csv where it would read the object orders.csv of the bucket in
  sfdebug run parent.asl.json --nested Billing=billing.asl.json
      a Task that starts the state machine Billing runs that definition
  sfdebug run loop.asl.yaml --history events.json
      keep the events, as GetExecutionHistory would give them
  sfdebug run order.asl.json --start-time 2025-01-01T00:00:00Z --history -
      the same timestamps every time
  generate | sfdebug run - --type EXPRESS --log events.log
      read the definition from a pipe, run it as an Express workflow, and keep its log
  sfdebug run order.asl.json -m mocks.json -c HappyPath --break 'Ship order if $.total > 100'
      tell on stderr each time that Ship order is about to be entered with a total above 100, and go on
  sfdebug run order.asl.json -m mocks.json -c HappyPath --break 'Charge log "try {{$states.attempt}}"'
      say something there instead

--break: a state, or: STATE at STAGE, STATE -> STATE, event TYPE, error NAME, variable $NAME, payload over
200 KiB, clock +00:05:00, fault. Behind it, in any order: iteration N, hit N, hit N+, every N, log "MESSAGE
{{$.path}}", if CONDITION. A condition is JSONPath ($.total > 100 && $mode == 'late') or JSONata ({{%
$states.input.total > 100 %}}), with $states.input, .result, .output, .errorOutput, .context, .attempt and
.iteration, and the variables. Where one cannot be told, that is a stop, and says why. Breakpoints change
nothing in the run, nor the exit code.

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
