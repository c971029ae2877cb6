"""`sfdebug replay`: opens the debugger on a recorded execution, from a file or from AWS."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.commands.fetch import ProgressLine, access_of, add_aws_options
from sfdebug.cli.console import say
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.screen import add_screen_options, check_terminal
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.debugger import Debugger
    from sfdebug.history.recording import Recording

_HOURS: Final = 24.0
_DEFINITION: Final = "definition.asl.json"
"""The definition beside a history, as `sfdebug fetch` writes it."""
_LONG: Final = 3_000
"""From so many events on, opening takes long enough for a word about it."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug replay`."""
    parser.add_argument(
        "history",
        metavar="HISTORY",
        nargs="?",
        help="a recorded execution: a file, a folder that fetch wrote, or the ARN of an execution or a Map Run; "
        "without it, a list to choose from",
    )
    parser.add_argument(
        "definition",
        metavar="DEFINITION",
        nargs="?",
        help=f"the definition that it ran (default: {_DEFINITION} beside the history; for an ARN, the one AWS names)",
    )
    parser.add_argument(
        "--execution", metavar="NAME", help="which execution, for a file that holds several (a log of Express ones)"
    )
    parser.add_argument(
        "-m", "--mocks", metavar="FILE", help="a mock file that answers, after leaving the recording, what it does not"
    )
    parser.add_argument("-c", "--case", metavar="NAME", help="the test case of the mock file")
    parser.add_argument("--browse", action="store_true", help="choose from the state machines and executions in AWS")
    add_aws_options(parser)
    parser.add_argument(
        "--hours",
        metavar="N",
        type=float,
        default=_HOURS,
        help=f"how far back to search the log of an Express execution (default: {_HOURS:g})",
    )
    add_screen_options(parser)


def run(args: Namespace) -> ExitCode:
    """Open what was named, and show it until the user leaves."""
    if args.browse or args.history is None:
        if args.history is not None:
            raise UsageError("--browse lists what is in AWS", fix="Leave the history out, or leave --browse out.")
        check_terminal()
        return _browse(args)
    if _is_arn(args.history):
        return _replay_arn(args)
    return _replay_file(args)


def _is_arn(text: str) -> bool:
    return text.startswith(("arn:", "https://", "http://"))


# Files


def _replay_file(args: Namespace) -> ExitCode:
    from sfdebug.cli.inputs import read_mocks
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recording import open_recording

    recording = _chosen(args.history, args.execution)
    machine = _definition(args)
    for problem in recording.problems[:5]:
        say(f"{problem.place}: {problem.what}")
    if len(recording.events) >= _LONG and sys.stderr is not None and sys.stderr.isatty():
        say(f"Replaying {len(recording.events):,} events...")
    found = open_recording(recording, machine)
    tasks = read_mocks(args.mocks, args.case, found.machine)
    check_terminal()
    return _show(Debugger.on_recording(found, tasks=tasks), recording.facts.name or Path(args.history).name, args)


def _chosen(path: str, wanted: str | None) -> Recording:
    """The execution to open. Raises RecordingError, and UsageError when it is not clear which one."""
    from sfdebug.history.reading import read_recordings

    recordings = read_recordings(path)
    if wanted is None and len(recordings) == 1:
        return recordings[0]
    labels = [recording.label or recording.facts.name for recording in recordings]
    listed = ", ".join(labels[:5]) + (", ..." if len(labels) > 5 else "")
    if wanted is None:
        raise UsageError(
            f"the file holds {len(recordings)} executions", where=path, fix=f"Say which: --execution {listed}"
        )
    found = [
        recording for recording, label in zip(recordings, labels, strict=True) if wanted in (label, recording.facts.arn)
    ]
    if not found:
        raise UsageError(f"there is no execution '{wanted}' in the file", where=path, fix=f"There are: {listed}")
    return found[0]


def _definition(args: Namespace) -> StateMachine | None:
    from sfdebug.cli.definitions import load

    if args.definition is not None:
        return load(args.definition)
    given = Path(args.history)
    beside = (given if given.is_dir() else given.parent) / _DEFINITION
    if not beside.is_file():
        return None
    return load(str(beside))


# AWS


def _replay_arn(args: Namespace) -> ExitCode:
    from sfdebug.aws.arns import ArnKind, read_arn

    arn = read_arn(args.history)
    check_terminal()
    if arn.kind in (ArnKind.MAP_RUN, ArnKind.STATE_MACHINE):
        return _list_of(arn, args)
    return _replay_execution(arn, args)


def _replay_execution(arn: Arn, args: Namespace) -> ExitCode:
    from sfdebug.aws.fetching import Steps
    from sfdebug.aws.session import Reader
    from sfdebug.cli.definitions import load
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.opening import read_ready

    machine = load(args.definition) if args.definition is not None else None
    line = ProgressLine(sys.stderr)
    reader = Reader(access_of(args).at(arn), on_wait=line.waits)
    try:
        ready = read_ready(reader, arn, Steps(line.begin), int((time.time() - args.hours * 3600) * 1000), machine)
    finally:
        line.clear()
    try:
        code = run_home(
            lambda: ready.screen(is_nested=False), ascii=args.ascii, theme=args.theme, mouse=not args.no_mouse
        )
    finally:
        if ready.follower is not None:
            ready.follower.stop()
    return ExitCode(code)


def _list_of(arn: Arn, args: Namespace) -> ExitCode:
    from sfdebug.aws.arns import ArnKind
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.screens import ExecutionsScreen

    is_map_run = arn.kind is ArnKind.MAP_RUN
    title = (
        f"Child executions of {arn.state_machine}/{arn.label}" if is_map_run else f"Executions of {arn.state_machine}"
    )
    access = access_of(args).at(arn)
    return ExitCode(
        run_home(
            lambda: ExecutionsScreen(access, arn.text, title, is_map_run=is_map_run),
            ascii=args.ascii,
            theme=args.theme,
            mouse=not args.no_mouse,
        )
    )


def _browse(args: Namespace) -> ExitCode:
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.screens import MachinesScreen

    access = access_of(args)
    code = run_home(lambda: MachinesScreen(access), ascii=args.ascii, theme=args.theme, mouse=not args.no_mouse)
    return ExitCode(code)


def _show(debugger: Debugger, title: str, args: Namespace) -> ExitCode:
    from sfdebug.tui import run

    return ExitCode(run(debugger, title=title, theme=args.theme, ascii=args.ascii, mouse=not args.no_mouse))


COMMAND = Command(
    name="replay",
    summary="debug a recorded execution: from a history file, or from AWS",
    usage="sfdebug replay [HISTORY [DEFINITION]] [options]",
    description="""\
Open the debugger on an execution that AWS ran. History leaves out the values after InputPath, Parameters,
ResultSelector and ResultPath, the rule that a Choice took, the Retrier or Catcher that took a failure: with
the definition sfdebug computes them, and says for each value whether it was recorded, computed, or both agree.
It opens with a summary; Enter, or the key !, goes to what failed. From any place the recording can be
left: edit data, force a Choice, inject or remove a failure, and go on as a simulation.

HISTORY is a file that `aws stepfunctions get-execution-history --output json`, `sfdebug fetch` or an export
of CloudWatch Logs (Express, level ALL) wrote, gzipped perhaps; or an ARN. An execution that still runs is
followed. AWS is only read.""",
    epilog=f"""\
examples:
  sfdebug replay history.json order.asl.json
      a recorded execution with the definition that it ran
  sfdebug replay history.json
      without it: only what was recorded, on a graph made of the events
  sfdebug replay arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c
      from AWS, with the definition as it was for this execution
  sfdebug replay --profile production --region eu-west-1
      choose from the state machines and their executions, failed ones first

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
