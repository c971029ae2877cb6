"""`sfdebug replay`: opens the debugger on a recorded execution, from a file or from AWS."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.archives import holds_many, is_archive
from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import STDIN, say
from sfdebug.cli.definitions import add_project_options, address_of, load, looked_at, open_for_recorded
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_break_option
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import (
    EXECUTION,
    access_of,
    add_aws_options,
    add_log_options,
    check_stdin,
    is_arn,
    log_search_of,
    machine_in_aws,
    recordings_at,
)
from sfdebug.cli.screen import (
    add_screen_options,
    check_terminal,
    is_on_terminal,
    keyboard_on_stdin,
    list_folder,
    screen_settings,
    show_session,
)
from sfdebug.cli.sessions import add_session_options, new_path_of
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.history.recording import Recording

_PRINTED: Final = "sfdebug replay {} --summary"
_NAME: Final = re.compile(r"[\w-]+", re.ASCII)
"""What can be the name of a state machine, and reads like none of a file."""
_DEFINITION: Final = "definition.asl.json"
"""The definition beside a history, as `sfdebug fetch` writes it."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug replay`."""
    parser.add_argument(
        "history",
        metavar="HISTORY",
        nargs="?",
        help="a recorded execution: a file, a folder that fetch wrote, - for stdin, or the ARN of an execution, a Map "
        "Run or a state machine; without it, a list to choose from",
    )
    parser.add_argument(
        "definition",
        metavar="DEFINITION",
        nargs="?",
        help=f"the definition that it ran, or its project (default: {_DEFINITION} beside the history; for an ARN, the "
        "one AWS names)",
    )
    parser.add_argument(
        "-d", "--definition", dest="definition_file", metavar="FILE", help="the same, where AWS does not give it"
    )
    parser.add_argument(
        "--execution", metavar="NAME", help="which execution, for a file that holds several (default: a list of them)"
    )
    parser.add_argument(
        "-m", "--mocks", metavar="FILE", help="a mock file that answers, after leaving the recording, what it does not"
    )
    parser.add_argument("-c", "--case", metavar="NAME", help="the test case of the mock file")
    _add_printing_options(parser)
    _add_machine_option(parser)
    parser.add_argument("--browse", action="store_true", help="choose from the state machines and executions in AWS")
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, names_machine=False, has_region=True)
    add_break_option(parser, "stop there, in a history from a file or stdin")
    add_screen_options(parser)
    add_session_options(parser)


def _add_machine_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--machine",
        metavar="NAME",
        help="without HISTORY or with a folder: list the executions of this state machine, by name or ARN; with a "
        "project as DEFINITION: which of its state machines (PATH#NAME says the same)",
    )


def _add_printing_options(parser: ArgumentParser) -> None:
    """What prints something in place of a screen."""
    parser.add_argument(
        "--tree",
        action="store_true",
        help="print what it started, what that started, and what started it, down to what failed first",
    )
    parser.add_argument(
        "--summary",
        action="store_true",
        help="print how it ended, where and why, what was retried and redriven, and what a redrive would do",
    )
    parser.add_argument("--json", action="store_true", help="with --tree or --summary: as one object")
    parser.add_argument(
        "--ticket",
        action="store_true",
        help="print what a ticket needs, as Markdown: what failed, where, why, how often, the data, links",
    )
    parser.add_argument(
        "--redact", action="store_true", help="with --ticket: stand-ins in place of all values and causes"
    )
    parser.add_argument(
        "--last-succeeded",
        action="store_true",
        help="with --ticket: what is different from the last of the same state machine that succeeded",
    )


def run(args: Namespace) -> ExitCode:
    """Open what was named, and show it until the user leaves."""
    if args.ticket or args.redact or args.last_succeeded:
        return _ticket(args)
    if args.tree or args.summary or args.json:
        return _told(args)
    if args.browse or args.history is None:
        if args.history is not None:
            raise UsageError("--browse lists what is in AWS", fix="Leave the history out, or leave --browse out.")
        check_terminal(f"sfdebug executions --machine {args.machine or 'NAME'}")
        return _browse(args) if args.machine is None else _list_of_named(args)
    if args.definition is not None and args.definition_file is not None:
        raise UsageError("two definitions are given", where="--definition", fix="Give one of them.")
    args.definition = args.definition or args.definition_file
    check_stdin(args.history, args.definition or "", args.mocks or "")
    if is_arn(args.history):
        if args.breaks:
            raise UsageError(
                "a history that is read from AWS takes no breakpoints here",
                where="--break",
                fix="Set them on the screen, or save the execution first: sfdebug fetch " + args.history,
            )
        return _replay_arn(args)
    path = Path(args.history)
    if args.history != STDIN and _NAME.fullmatch(args.history) and not path.exists():
        fix = f"Check the path. The executions of a state machine in AWS: sfdebug replay --machine {args.history}"
        raise UsageError("there is no such file or folder here", where=args.history, fix=fix)
    is_list = args.execution is None and args.history != STDIN and holds_many(path)
    return _list_folder(args) if is_list and (is_on_terminal() or is_archive(path)) else _replay_file(args)


def _told(args: Namespace) -> ExitCode:
    """What is printed of one execution, in place of a screen."""
    from sfdebug.cli.around import print_family
    from sfdebug.cli.summaries import print_summary

    if args.tree and args.summary:
        raise UsageError("--summary and --tree print different things", where="--summary", fix="Give one of them.")
    if not args.tree and not args.summary:
        what = "--json is the form of what --tree and --summary print"
        raise UsageError(what, where="--json", fix="Give one of them too.")
    option = "--tree" if args.tree else "--summary"
    if args.history is None:
        raise UsageError(f"{option} is of one execution", where=option, fix="Give its file, its folder or its ARN.")
    if args.tree:
        return print_family(args)
    if args.definition is not None and args.definition_file is not None:
        raise UsageError("two definitions are given", where="--definition", fix="Give one of them.")
    args.definition = args.definition or args.definition_file
    return print_summary(args, lambda: _definition(args))


def _ticket(args: Namespace) -> ExitCode:
    from sfdebug.cli.ticket import print_ticket

    if not args.ticket and args.last_succeeded:
        fix = "Give --ticket too; or compare two: sfdebug diff HISTORY --last-succeeded"
        raise UsageError("--last-succeeded is about what --ticket prints", where="--last-succeeded", fix=fix)
    if not args.ticket:
        fix = "Give --ticket too; or keep the files without their values: sfdebug fetch --redact"
        raise UsageError("--redact is about what --ticket prints", where="--redact", fix=fix)
    if args.tree or args.summary or args.json:
        fix = "Give one of them."
        raise UsageError("--ticket and --tree print different things", where="--ticket", fix=fix)
    return print_ticket(args)


# Files


def _replay_file(args: Namespace) -> ExitCode:
    from sfdebug.history.reading.read import chosen

    line = ProgressLine(sys.stderr)
    line.tell(f"Reading {_shown_name(args.history)}")
    try:
        recordings = recordings_at(args.history, args)
    finally:
        line.clear()
    names = {recording.facts.state_machine_name for recording in recordings}
    machine = _definition(args, names.pop() if len(names) == 1 else "")
    for problem in dict.fromkeys(problem for recording in recordings for problem in recording.problems[:5]):
        say(str(problem))
    if args.execution is None and len(recordings) > 1 and is_on_terminal():
        if args.breaks:
            raise UsageError(
                "there are several executions, each with states of its own", where="--break", fix=f"Add {EXECUTION}."
            )
        return _choose(recordings, machine, args)
    return _replay(chosen(recordings, args.execution, _shown_name(args.history), EXECUTION), machine, args)


def _replay(recording: Recording, machine: StateMachine | None, args: Namespace) -> ExitCode:
    from sfdebug.cli.around import around_file
    from sfdebug.cli.inputs import read_breaks, read_mocks
    from sfdebug.cli.recorded_sessions import NewRecordedSession
    from sfdebug.tui import run as show

    recorded = _recorded_definition(recording, machine, args)
    new = NewRecordedSession(
        recording, machine, recorded, args, args.history, args.execution or "", args.definition or ""
    )
    line = ProgressLine(sys.stderr)
    line.tell(f"Following {len(recording.events):,} events")
    try:
        found = new.followed()
    finally:
        line.clear()
    tasks = read_mocks(args.mocks, args.case, found.machine)
    new = new._replace(tasks=tasks, breakpoints=tuple(read_breaks(args, found.machine)))
    check_terminal(_PRINTED.format(args.history))
    chosen_settings = screen_settings(args)
    keyboard_on_stdin()
    debugger = new.debugger(found)
    title = recording.facts.name or Path(_shown_name(args.history)).name
    if args.history == STDIN:
        return ExitCode(show(debugger, title=title, settings=chosen_settings))
    around = around_file(args.history, recording, machine if args.definition is not None else None, tasks)
    plan = new.plan(debugger, chosen_settings)
    try:
        return show_session(debugger, args, plan, chosen_settings, title=title, relatives=around)
    finally:
        if new_path_of(args, chosen_settings) is not None:
            from sfdebug.cli.recents import recent_of, remember

            remember(recent_of(str(Path(args.history).resolve()), is_recording=True))


def _list_folder(args: Namespace) -> ExitCode:
    """A folder of executions: a list of them, from which one after the other can be opened."""
    from sfdebug.cli.inputs import read_mocks

    if args.breaks:
        what = "there are several executions, each with states of its own"
        raise UsageError(what, where="--break", fix="Name one of them.")
    machine = load(args.definition, args) if args.definition is not None else None
    if args.mocks is not None and machine is None:
        raise UsageError("--mocks answers Tasks of a definition", where="--mocks", fix="Give the definition too.")
    tasks = read_mocks(args.mocks, args.case, machine) if machine is not None else None
    return list_folder(Path(args.history), args, machine, tasks, args.machine if machine is None else None)


def _choose(recordings: Sequence[Recording], machine: StateMachine | None, args: Namespace) -> ExitCode:
    """Several executions: a list of them, from which one after the other can be opened."""
    from sfdebug.cli.inputs import read_mocks
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.executions import ExecutionsScreen
    from sfdebug.tui.browser.kept import RecordingsSource
    from sfdebug.tui.browser.places import KeptPlace

    if args.mocks is not None and machine is None:
        raise UsageError("--mocks answers Tasks of a definition", where="--mocks", fix="Give the definition too.")
    tasks = read_mocks(args.mocks, args.case, machine) if machine is not None else None
    keyboard_on_stdin()
    name = Path(_shown_name(args.history)).name
    place = KeptPlace(_shown_name(args.history), RecordingsSource(recordings, name), machine, tasks)
    return ExitCode(run_home(lambda: ExecutionsScreen(place, "", name), settings=screen_settings(args)))


def _shown_name(history: str) -> str:
    return "<stdin>" if history == STDIN else history


def _definition(args: Namespace, state_machine: str = "") -> StateMachine | None:
    """The definition that was given, or that lies beside; of a project the machine that the execution is of."""
    if args.definition is not None:
        opened = open_for_recorded(address_of(args.definition, args), state_machine)
        args.definition = opened.address.text
        return looked_at(opened)
    if args.history == STDIN:
        return None
    given = Path(args.history)
    beside = (given if given.is_dir() else given.parent) / _DEFINITION
    if not beside.is_file():
        return None
    return load(str(beside))


def _recorded_definition(recording: Recording, machine: StateMachine | None, args: Namespace) -> StateMachine | None:
    """The definition that the execution ran, where `sfdebug fetch` has saved it beside: the machine itself, unless
    another one was given."""
    from sfdebug.history.reading.read import DefinitionsBeside

    if args.history == STDIN or not recording.facts.arn:
        return None
    beside = DefinitionsBeside()
    if args.definition is None:
        return machine if beside.is_saved(Path(args.history)) else None
    return beside.definition_of(Path(args.history))


# AWS


def _replay_arn(args: Namespace) -> ExitCode:
    from sfdebug.aws.arns import ArnKind, read_arn

    arn = read_arn(args.history)
    check_terminal(_PRINTED.format(args.history))
    if arn.kind in (ArnKind.MAP_RUN, ArnKind.STATE_MACHINE):
        return _list_of(arn, args)
    return _replay_execution(arn, args)


def _replay_execution(arn: Arn, args: Namespace) -> ExitCode:
    from sfdebug.aws.session import AwsReader
    from sfdebug.executions.outcome import outcome_at
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.around import Around
    from sfdebug.tui.browser.executions import children_screen
    from sfdebug.tui.browser.loading import read_ready
    from sfdebug.tui.browser.places import AccountPlace

    machine = _definition(args, arn.state_machine) if args.definition is not None else None
    access = access_of(args).at(arn)
    line = ProgressLine(sys.stderr)
    reader = AwsReader(access, on_wait=line.waits, on_pace=line.paces)
    try:
        ready = read_ready(reader, arn, line.begin, log_search_of(args), machine)
    finally:
        line.clear()
    try:
        place = AccountPlace(access)
        code = run_home(
            lambda: ready.screen(is_nested=False, relatives=lambda: Around(place, outcome_at(arn), children_screen)),
            settings=screen_settings(args),
        )
    finally:
        if ready.follower is not None:
            ready.follower.stop()
    return ExitCode(code)


def _list_of(arn: Arn, args: Namespace) -> ExitCode:
    from sfdebug.aws.arns import ArnKind
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.executions import ExecutionsScreen
    from sfdebug.tui.browser.machines import MachinesScreen
    from sfdebug.tui.browser.places import AccountPlace

    is_map_run = arn.kind is ArnKind.MAP_RUN
    title = f"Child executions of {arn.state_machine}/{arn.label}" if is_map_run else arn.state_machine
    place = AccountPlace(access_of(args).at(arn))
    return ExitCode(
        run_home(
            lambda: ExecutionsScreen(place, arn.text, title, is_map_run=is_map_run, elsewhere=MachinesScreen),
            settings=screen_settings(args),
        )
    )


def _list_of_named(args: Namespace) -> ExitCode:
    """The executions of the state machine that --machine names, by ARN or name."""
    line = ProgressLine(sys.stderr)
    try:
        _, arn = machine_in_aws(args.machine, args, line)
    finally:
        line.clear()
    return _list_of(arn, args)


def _browse(args: Namespace) -> ExitCode:
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.machines import MachinesScreen
    from sfdebug.tui.browser.places import AccountPlace

    place = AccountPlace(access_of(args))
    code = run_home(lambda: MachinesScreen(place), settings=screen_settings(args))
    return ExitCode(code)


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
  sfdebug replay arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c --tree
      what it started and what started it, as text: down to what failed first
  sfdebug replay arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c --ticket --redact > ticket.md
      what a ticket needs, as Markdown, without the values of the data
  sfdebug replay failed
      a folder that fetch --machine wrote: the list of its executions
  sfdebug replay --machine Orders --profile production --region eu-west-1
      the executions of one state machine in AWS, failed ones first; without --machine choose from all

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
