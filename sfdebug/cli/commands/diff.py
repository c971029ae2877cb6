"""`sfdebug diff`: where two recorded executions part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.commands.verify import add_rule_options, rules_of
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.recordings import (
    EXECUTION,
    add_aws_options,
    add_execution_option,
    add_log_options,
    check_stdin,
    recordings_at,
)
from sfdebug.cli.screen import add_screen_options, check_terminal, screen_settings
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Rules

_SHOWN: Final = 200
"""How many differences the text shows; --json has all of them."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug diff`."""
    parser.add_argument(
        "left", metavar="A", help="a recorded execution: a file, a folder that fetch wrote, an ARN, or - for stdin"
    )
    parser.add_argument("right", metavar="B", help="another one")
    add_execution_option(parser, "which execution, for a file that holds several; given twice, of A and of B")
    add_rule_options(parser)
    parser.add_argument("--json", action="store_true", help="print one object with all differences")
    parser.add_argument("--screen", action="store_true", help="show the two side by side on the terminal")
    add_aws_options(parser)
    add_log_options(parser)
    add_screen_options(parser)


def run(args: Namespace) -> ExitCode:
    """Print the differences. EXECUTION_FAILED when there are some."""
    from sfdebug.history.comparison import compare_recordings
    from sfdebug.reports.differences import comparison_dict, contrast_lines, summary

    rules = rules_of(args)
    left, right = _both(args)
    for recording in (left, right):
        _tell_problems(recording)
    if args.screen:
        return _show(left, right, rules, args)
    found = compare_recordings(left, right, rules)
    if args.json:
        import json

        write_data(json.dumps(comparison_dict(left, right, found), ensure_ascii=False, indent=2))
    else:
        lines = [summary(left, right, found)]
        for number, one in enumerate(found[:_SHOWN]):
            lines += ["", "the first difference" if number == 0 else ""][: 2 if number == 0 else 1]
            lines += contrast_lines(one)
        if len(found) > _SHOWN:
            lines += ["", f"and {len(found) - _SHOWN} more: --json has all of them"]
        write_data("\n".join(lines))
    return ExitCode.EXECUTION_FAILED if found else ExitCode.SUCCEEDED


def _both(args: Namespace) -> tuple[Recording, Recording]:
    """The two executions. Raises SfdebugError when one cannot be read, or it is not clear which one is meant."""
    from sfdebug.history.reading.read import chosen

    wanted: list[str] = args.execution
    if len(wanted) > 2:
        raise UsageError("two executions are compared", where="--execution", fix="Give it once or twice.")
    check_stdin(args.left, args.right)
    files = [recordings_at(args.left, args), recordings_at(args.right, args)]
    if len(wanted) == 2:
        names: list[str | None] = [*wanted]
    else:  # one name is for the file that holds several
        names = [wanted[0] if wanted and len(held) > 1 else None for held in files]
        if wanted and names == [None, None]:
            names = [wanted[0], wanted[0]]
    left, right = (
        chosen(held, name, where, EXECUTION)
        for held, name, where in zip(files, names, (args.left, args.right), strict=True)
    )
    return left, right


def _show(left: Recording, right: Recording, rules: Rules, args: Namespace) -> ExitCode:
    """Both on the terminal, side by side."""
    check_terminal()
    from sfdebug.tui import run_home
    from sfdebug.tui.recordings.compare import CompareScreen

    def home() -> CompareScreen:
        return CompareScreen(left, right, rules)

    return ExitCode(run_home(home, settings=screen_settings(args)))


def _tell_problems(recording: Recording) -> None:
    from sfdebug.text import escaped

    for problem in recording.problems:
        say(f"sfdebug: {escaped(problem.location)}: {escaped(problem.what)}")


COMMAND = Command(
    name="diff",
    summary="say where two recorded executions part: in path, in data, in timing",
    usage="sfdebug diff A B [options]",
    description="""\
Compare two recorded executions. Their visits are paired by branch, by state and by the order of the visits, the
attempts of a visit by their numbers; then the first difference is reported, and all others in the order of the
events of A: which states were entered, what they were given and gave on, what tasks were called with and
returned, errors and causes, retries, and how long it all took. The exit code is 1 when there are differences.""",
    epilog="""\
examples:
  sfdebug diff good.json failed.json
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
