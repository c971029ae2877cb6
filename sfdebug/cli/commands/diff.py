"""`sfdebug diff`: where two recorded executions part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.cli.around import last_that_succeeded
from sfdebug.cli.command import Command
from sfdebug.cli.commands.verify import add_rule_options, rules_of
from sfdebug.cli.console import STDIN, say, write_data
from sfdebug.cli.definitions import add_project_options, load
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.recordings import (
    EXECUTION,
    add_aws_options,
    add_execution_option,
    add_log_options,
    check_stdin,
    is_arn,
    recordings_at,
    recordings_elsewhere,
)
from sfdebug.cli.screen import add_screen_options, check_terminal, screen_settings
from sfdebug.errors import SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.decisive_data.model import ExecutionContrast
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.comparison import ExecutionDifference
    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Rules

_SHOWN: Final = 200
"""How many differences the text shows; --json has all of them."""
_NO_SCREEN: Final = "Leave --screen out: the text says what there is."


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug diff`."""
    parser.add_argument(
        "left", metavar="A", help="a recorded execution: a file, a folder that fetch wrote, an ARN, or - for stdin"
    )
    parser.add_argument("right", metavar="B", nargs="?", help="another one")
    parser.add_argument(
        "--last-succeeded",
        action="store_true",
        help="compare A with the last execution of its state machine that succeeded: of an ARN in AWS, of a file in "
        "the folder around it",
    )
    parser.add_argument(
        "-d",
        "--definition",
        metavar="FILE",
        help="the definition that both ran, or its project (default: for each the one beside it, or the one AWS names)",
    )
    add_execution_option(parser, "which execution, for a file that holds several; given twice, of A and of B")
    add_rule_options(parser)
    parser.add_argument("--json", action="store_true", help="print one object with all differences")
    parser.add_argument("--screen", action="store_true", help="show the two side by side on the terminal")
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, has_region=True)
    add_screen_options(parser)


class _Side(NamedTuple):
    """One of the two executions, and the definition that it ran, where that is known."""

    recording: Recording
    definition: StateMachine | None = None


def run(args: Namespace) -> ExitCode:
    """Print the differences. EXECUTION_FAILED when there are some."""
    from sfdebug.history.comparison import compare_recordings

    rules = rules_of(args)
    machine = _given_definition(args)
    left, right = _both(args)
    for side in (left, right):
        _tell_problems(side.recording)
    if args.screen:
        check_terminal()
    found = [] if args.screen else compare_recordings(left.recording, right.recording, rules)
    if args.screen or args.json or found:
        sessions = _opened(left, machine), _opened(right, machine)
        if args.screen:
            return _show(*sessions, rules, args)
        mine, theirs = sessions
        whole = _contrast(mine, theirs, rules) if mine is not None and theirs is not None else None
    else:
        whole = None
    _print(left.recording, right.recording, found, whole, args)
    return ExitCode.EXECUTION_FAILED if found else ExitCode.SUCCEEDED


def _print(
    left: Recording,
    right: Recording,
    found: Sequence[ExecutionDifference],
    whole: ExecutionContrast | None,
    args: Namespace,
) -> None:
    """What is different, as text or as one object."""
    from sfdebug.reports.contrasts import contrast_dict, contrast_text
    from sfdebug.reports.differences import comparison_dict, contrast_lines, summary

    if args.json:
        import json

        answer = comparison_dict(left, right, found)
        if whole is not None:  # before the many that follow
            differences = answer.pop("differences")
            answer = {**answer, "first": contrast_dict(whole), "differences": differences}
        write_data(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    lines = [summary(left, right, found)]
    if whole is not None:
        lines += ["", *contrast_text(whole)]
    if found:
        lines += ["", "all differences, in the order of the events of A:" if len(found) > 1 else "the difference:"]
    for one in found[:_SHOWN]:
        lines += ["", *contrast_lines(one)]
    if len(found) > _SHOWN:
        lines += ["", f"and {len(found) - _SHOWN} more: --json has all of them"]
    write_data("\n".join(lines))


def _given_definition(args: Namespace) -> StateMachine | None:
    return load(args.definition, args) if args.definition is not None else None


def _opened(side: _Side, machine: StateMachine | None) -> RecordedSession | None:
    """An execution with its definition; None for one that never entered a state, of which nothing can be followed."""
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.history.recording import RecordingError

    try:
        return open_recording(side.recording, machine or side.definition, recorded_definition=side.definition)
    except RecordingError:
        return None


def _contrast(left: RecordedSession, right: RecordedSession, rules: Rules) -> ExecutionContrast:
    from sfdebug.debugger.decisive_data.contrast import contrast

    return contrast(left, right, rules)


def _both(args: Namespace) -> tuple[_Side, _Side]:
    """The two executions. Raises SfdebugError when one cannot be read, or it is not clear which one is meant."""
    wanted: list[str] = args.execution
    if len(wanted) > 2:
        raise UsageError("two executions are compared", where="--execution", fix="Give it once or twice.")
    if args.last_succeeded:
        if args.right is not None:
            fix = "Leave B out, or leave --last-succeeded out."
            raise UsageError("--last-succeeded finds B", where=args.right, fix=fix)
        left = _one(args.left, _sides_at(args.left, args), wanted[0] if wanted else None)
        return left, _Side(*last_that_succeeded(left.recording, args.left, args, "B"))
    if args.right is None:
        fix = "Give another one, or --last-succeeded: the last of the same state machine that succeeded."
        raise UsageError("A is compared with another execution", where="B", fix=fix)
    check_stdin(args.left, args.right)
    files = [_sides_at(args.left, args), _sides_at(args.right, args)]
    if len(wanted) == 2:
        names: list[str | None] = [*wanted]
    else:  # one name is for the file that holds several
        names = [wanted[0] if wanted and len(held) > 1 else None for held in files]
        if wanted and names == [None, None]:
            names = [wanted[0], wanted[0]]
    left, right = (
        _one(where, held, name) for held, name, where in zip(files, names, (args.left, args.right), strict=True)
    )
    return left, right


def _one(where: str, held: Sequence[_Side], name: str | None) -> _Side:
    from sfdebug.history.reading.read import chosen

    found = chosen([side.recording for side in held], name, where, EXECUTION)
    return next(side for side in held if side.recording is found)


def _sides_at(given: str, args: Namespace) -> list[_Side]:
    """The executions that an argument names, each with its definition."""
    if is_arn(given):
        (found,) = recordings_elsewhere([given], args)
        if isinstance(found.found, SfdebugError):
            raise found.found
        return [_Side(found.found, found.definition)]
    definition = _beside(given) if given != STDIN else None
    return [_Side(one, definition) for one in recordings_at(given, args)]


def _beside(given: str) -> StateMachine | None:
    """The definition beside a history; None where there is none that can be read."""
    from sfdebug.asl.load import load_definition
    from sfdebug.history.reading.read import SAVED_DEFINITION

    path = Path(given)
    beside = (path if path.is_dir() else path.parent) / SAVED_DEFINITION
    if not beside.is_file():
        return None
    try:
        return load_definition(beside)
    except SfdebugError as error:
        say(f"sfdebug: it is compared without its definition: {error}")
        return None


def _show(left: RecordedSession | None, right: RecordedSession | None, rules: Rules, args: Namespace) -> ExitCode:
    """Both on the terminal, side by side."""
    from sfdebug.tui import run_home
    from sfdebug.tui.browser.around import at_event
    from sfdebug.tui.recordings.compare import CompareScreen

    if left is None or right is None:
        where = args.left if left is None else args.right
        raise UsageError("no state was entered in it: there is nothing to show", where=where or "", fix=_NO_SCREEN)
    found = _contrast(left, right, rules)

    def home() -> CompareScreen:
        return CompareScreen(found, rules, opens=at_event)

    return ExitCode(run_home(home, settings=screen_settings(args)))


def _tell_problems(recording: Recording) -> None:
    from sfdebug.text import escaped

    for problem in recording.problems:
        say(f"sfdebug: {escaped(problem.location)}: {escaped(problem.what)}")


COMMAND = Command(
    name="diff",
    summary="say where two recorded executions part: in path, in data, in timing",
    usage="sfdebug diff A [B] [options]",
    description="""\
Compare two recorded executions: a failed one, A, with one that went well, as a rule. First it says where
their paths part, and with the definition the data that decided it, followed back to where they first differ:
the rule of a Choice and what it read, what a failed Task was called with, the field that was missing. Then
what took much longer, and where the inputs differ.

Then come all differences in the order of the events of A. Visits are paired by branch, by state and by the
order of the visits, the attempts of a visit by their numbers: which states were entered, what they were given
and gave on, what tasks were called with and returned, errors and causes, retries, times. The exit code is 1
when there are some.""",
    epilog="""\
examples:
  sfdebug diff good.json failed.json
  sfdebug diff arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c --last-succeeded
      with the last one of its state machine that succeeded, from AWS
  sfdebug diff log.json log.json --execution run-1 --execution run-2
      two executions of one log
  sfdebug diff good.json arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c
      with one that is in AWS
  sfdebug diff good.json failed.json --screen
      side by side on the terminal
  sfdebug diff good.json failed.json --ignore timestamps,/orderId --json | jq '.differences[0]'""",
    configure=configure,
    run=run,
)
