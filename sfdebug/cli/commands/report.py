"""`sfdebug report`: a run as one page that anybody can open; two runs beside one another; the coverage of many."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.commands.coverage import CountedExecutions
from sfdebug.cli.console import STDIN, say, show_problems, writing_stdout
from sfdebug.cli.definitions import (
    add_project_options,
    address_beside,
    address_of,
    is_definition,
    load_runnable,
    open_definition,
    open_for_recorded,
    runnable,
    type_of,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_input_options, add_start_option, read_input, read_start_time, read_tasks
from sfdebug.cli.progress import ProgressLine, RunWatch
from sfdebug.cli.recordings import (
    EXECUTION,
    add_aws_options,
    add_execution_option,
    add_log_options,
    check_stdin,
    files_in,
    is_arn,
    recordings_at,
    recordings_elsewhere,
)
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.text import escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.recording import Recording
    from sfdebug.page.document import NamedRun
    from sfdebug.page.family import StartedRun

_MOST_TRANSITIONS = 1_000_000
_MOST_STARTED = 50


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug report`."""
    parser.add_argument(
        "runs",
        metavar="FILE",
        nargs="+",
        help="a run: a recorded history (or an ARN, or - for stdin), a saved session, or a definition to run now. "
        "Two are compared; of more, or of a folder, their coverage is written",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="write the page to this file (-: to stdout)")
    parser.add_argument(
        "--redact",
        action="store_true",
        help="leave out the values of the data: stand-ins of their shape and order take their place",
    )
    parser.add_argument(
        "-d",
        "--definition",
        metavar="FILE",
        help="the definition that recorded executions ran, or its project (default: the one beside each)",
    )
    parser.add_argument(
        "--children",
        metavar="COUNT",
        type=int,
        default=_MOST_STARTED,
        help="of a recorded run: so many of the executions that it started are in the page with their steps, failed "
        f"ones first (default: {_MOST_STARTED})",
    )
    add_execution_option(parser, "which execution, for a file that holds several")
    add_input_options(parser)
    add_start_option(parser)
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, has_region=True)


def run(args: Namespace) -> ExitCode:
    """Write the page. SUCCEEDED when it could be written, however the runs ended."""
    check_stdin(*args.runs, args.input or "", args.mocks or "")
    if args.output is None:
        raise UsageError("nothing says where the page goes", where="-o", fix="Write: -o run.html (-: stdout)")
    if args.children < 0:
        raise UsageError("this is no count", where="--children", fix="Give 0 or more.")
    if len(args.runs) > 2 or any(_is_folder_of_many(given) for given in args.runs):
        return _coverage(args)
    from sfdebug.page.document import PageMaking

    line = ProgressLine(sys.stderr)
    runs = [_opened(given, number, args, line) for number, given in enumerate(args.runs)]
    making = PageMaking(runs, redact=args.redact)
    try:
        said = ""
        for _ in making.steps():
            if making.how_far != said:
                said = making.how_far
                line.tell(f"Writing the page: {said}")
    finally:
        line.clear()
    _write(making.text, args.output)
    return ExitCode.SUCCEEDED


def _is_folder_of_many(given: str) -> bool:
    from sfdebug.cli.archives import holds_many

    path = Path(given)
    return given != STDIN and not is_arn(given) and path.is_dir() and holds_many(path) and not is_definition(given)


def _write(text: str, output: str) -> None:
    """Write the page: as a file that nobody but the user may read, since the data of the run are in it."""
    if output == STDIN:
        with writing_stdout():
            sys.stdout.write(text)
        return
    from sfdebug.aws.saving import SavedFile, save
    from sfdebug.files import path_typed

    path = path_typed(output)
    save((SavedFile(path.name, text),), path.parent, force=True)
    say(f"{escaped(output)}: {max(1, len(text.encode('utf-8', 'replace')) >> 10):,} KB")


# What a FILE is


def _opened(given: str, number: int, args: Namespace, line: ProgressLine) -> NamedRun:
    """The run that an argument names. Raises SfdebugError when it is none."""
    from sfdebug.debugger.sessions.folder import SUFFIX

    if given.endswith(SUFFIX):
        return _session(given)
    file = given.rpartition("#")[0] or given
    if given != STDIN and not is_arn(given) and Path(file).exists() and is_definition(file):
        return _simulated(given, args, line)
    return _recorded(given, number, args, line)


def _session(given: str) -> NamedRun:
    from sfdebug.cli.sessions import recorded_again
    from sfdebug.debugger.sessions.restoring import read_session, restored
    from sfdebug.page.document import NamedRun

    session = read_session(Path(given))
    run = recorded_again(session) if session.beginning.recording is not None else None
    found = restored(session, run.machine if run is not None else None, run=run)
    for note in found.notes:
        say(f"sfdebug: {escaped(given)}: {escaped(note)}")
    return NamedRun(found.debugger, Path(given).name)


def _simulated(given: str, args: Namespace, line: ProgressLine) -> NamedRun:
    from msgspec.structs import replace

    from sfdebug.page.document import NamedRun
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.simulation import run_settings, simulate_stopping
    from sfdebug.tasks.outside import ended_after

    start_time = read_start_time(args.start_time)
    opened = open_definition(address_of(given, args) if len(args.runs) == 1 else address_beside(given, args))
    execution_type = type_of(opened)
    machine = runnable(opened, execution_type)
    given_input = read_input(args.input, given)
    tasks = read_tasks(args, machine, start_time, DefinitionInUse.of(opened), has_user=False)
    settings = replace(run_settings(opened, start_time), execution_type=execution_type)
    with ended_after(tasks), RunWatch(line) as watch:
        debugger = simulate_stopping(
            machine, given_input, tasks, settings, (), lambda *_: None, max_transitions=_MOST_TRANSITIONS, watch=watch
        )
    return NamedRun(debugger, f"{Path(machine.name).name}{f' {args.case}' if args.case else ''}")


def _recorded(given: str, number: int, args: Namespace, line: ProgressLine) -> NamedRun:
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.page.document import NamedRun

    recording, machine = _recording(given, number, args)
    if recording.problems:
        show_problems(recording.problems)
    line.tell(f"Following {len(recording.events):,} events")
    try:
        run = open_recording(recording, machine)
    finally:
        line.clear()
    title = recording.facts.name or Path(recording.title).name
    return NamedRun(Debugger.on_recording(run), title, *_started(given, args, run, line))


def _started(
    given: str, args: Namespace, run: RecordedSession, line: ProgressLine
) -> tuple[tuple[StartedRun, ...] | None, str]:
    """What a recorded run started, as far as it is to be had; None where nobody looks: of two that are compared, of
    what came through stdin, and of a run that started nothing."""
    from sfdebug.cli.around import source_around
    from sfdebug.cli.started import StartedFinder
    from sfdebug.history.started import started_in

    if len(args.runs) > 1 or given == STDIN or not started_in(run.alignment):
        return None, ""
    try:
        with source_around(given, args, "what it started") as source:
            return StartedFinder(source, args.children, line.tell).started(run)
    except SfdebugError as error:
        return None, f"What it started was not looked for: {error.what}"
    finally:
        line.clear()


def _recording(given: str, number: int, args: Namespace) -> tuple[Recording, StateMachine | None]:
    from sfdebug.history.reading.read import DefinitionsBeside, chosen

    if is_arn(given):
        (found,) = recordings_elsewhere([given], args)
        if isinstance(found.found, SfdebugError):
            raise found.found
        return found.found, _definition(args, found.found) or found.definition
    names = args.execution
    wanted = names[min(number, len(names) - 1)] if names else None
    recording = chosen(recordings_at(given, args), wanted, given, EXECUTION)
    beside = DefinitionsBeside()
    saved = beside.definition_of(Path(given)) if given != STDIN and args.definition is None else None
    return recording, _definition(args, recording) or saved


def _definition(args: Namespace, recording: Recording) -> StateMachine | None:
    if args.definition is None:
        return None
    return open_for_recorded(address_of(args.definition, args), recording.facts.state_machine_name).definition


# Many


def _coverage(args: Namespace) -> ExitCode:
    """The page of what many recorded executions took of one definition."""
    from sfdebug.history.coverage.items import merged
    from sfdebug.reports.coverage.html import coverage_page
    from sfdebug.reports.coverage.places import CoveredDefinition

    if args.redact:
        raise UsageError(
            "the coverage of many runs has no data to leave out", where="--redact", fix="Leave it out, or give one run."
        )
    if args.definition is None:
        what = "of more than two runs their coverage is written, which is of one definition"
        raise UsageError(what, where="FILE", fix="Name it: --definition order.asl.json; or give one run, or two.")
    machine = load_runnable(args.definition, args)
    args.histories, args.jobs = args.runs, None
    tally = CountedExecutions()
    found = merged(machine, tally.taken(machine, files_in(args.runs), args))
    tally.tell()
    if not found.executions:
        raise UsageError("nothing was taken by no execution", where=escaped(", ".join(args.runs)))
    _write(coverage_page([CoveredDefinition(args.definition, machine, found)]), args.output)
    return ExitCode.SUCCEEDED


COMMAND = Command(
    name="report",
    summary="write a run as one page that anybody can open, with all its data; two runs beside one another",
    usage="sfdebug report FILE [FILE ...] -o OUT [options]",
    description="""\
Write a run as one page of HTML that needs nothing else: no program, no network, no server. It opens in any
browser, from a disk, a mail or the artifacts of a CI job: the graph with the run on it, a slider over the
events, each stage with the data before and after it and the difference, a search, durations, faults. Keys are
those of the debugger, and #event=17 behind the address is a link to an event.

FILE is a recorded history (with the definition beside it, or --definition), an ARN, a session that was saved
(.sfdebug-session), or a definition, which is run with --input and --mocks. Two of them are shown side by side,
and what decided that they went other ways is named. Of more than two, or of a folder of them, the page is that
of `sfdebug coverage --html`.

The executions that a run started are in its page too: the children of a distributed Map that was simulated; of
a recorded run those that are found around it, in the folder that `sfdebug fetch` wrote, or in AWS for an ARN.
Those that are not are listed with the reason.

The page holds the data of the run. With --redact stand-ins of the same shape take the place of all values;
causes, names of executions, account numbers and sentences that quote data are left out. Names of states and
fields, names of errors, times and what the definition itself says stay.""",
    epilog=f"""\
examples:
  sfdebug report history.json -o run.html
  sfdebug report order.asl.json -i @order.json --mocks mocks.json --case Declined -o declined.html
  sfdebug report bug.sfdebug-session -o bug.html --redact
  sfdebug report failed/history.json succeeded/history.json -o difference.html
  sfdebug report recorded -d order.asl.json -o coverage.html

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
