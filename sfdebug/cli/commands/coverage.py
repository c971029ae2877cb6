"""`sfdebug coverage`: what recorded executions took of a definition, and what never happened."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import STDIN, say
from sfdebug.cli.covered import (
    add_coverage_options,
    check_coverage_options,
    is_enough,
    print_coverage,
    summarize_coverage,
    write_coverage,
)
from sfdebug.cli.definitions import add_project_options, definition_title, load_runnable
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import (
    add_aws_options,
    add_log_options,
    add_recorded_arguments,
    check_stdin,
    files_in,
    is_arn,
    recordings_elsewhere,
)
from sfdebug.errors import UsageError
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from sfdebug.asl.definition import StateMachine
    from sfdebug.cli.shards import Shard
    from sfdebug.history.coverage.model import Coverage, TakenItems
    from sfdebug.history.verification.verdict import Verification
    from sfdebug.history.verification.verify import FolderFile
    from sfdebug.values import Json

_WIDTH: Final = 120
_SHOWN: Final = 3


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug coverage`."""
    from sfdebug.cli.continuous import add_summary_option
    from sfdebug.cli.shards import add_shard_option

    add_recorded_arguments(parser)
    parser.add_argument(
        "--add",
        metavar="FILE",
        action="append",
        default=[],
        help="add what --json wrote elsewhere, such as in another job (may be given several times)",
    )
    parser.add_argument("--all", action="store_true", help="name all that was never taken, however much that is")
    parser.add_argument("--json", action="store_true", help="print one object with the count of everything")
    parser.add_argument("--graph", action="store_true", help="draw the graph, with what was never taken faint")
    add_coverage_options(parser)
    add_summary_option(parser)
    parser.add_argument("--jobs", metavar="N", type=int, help="read files by so many processes")
    add_shard_option(parser, "the files")
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, has_region=True)


def run(args: Namespace) -> ExitCode:
    """Count what the executions took. EXECUTION_FAILED when it is less than was asked for."""
    from sfdebug.history.coverage.items import merged
    from sfdebug.reports.coverage.places import CoveredDefinition

    shard = _check(args)
    machine = load_runnable(args.file, args)
    others = [_read(path, machine) for path in args.add]
    files = files_in(args.histories)
    facts: dict[str, Json] = {}
    if shard is not None:
        files, all_files = shard.of(files, lambda file: file[0]), len(files)
        facts["shard"] = str(shard)
        if not files:
            say(f"sfdebug: none of the {counted(all_files, 'file')} is in shard {shard}: there is nothing to follow")
    tally = CountedExecutions()
    found = sum((coverage for coverage, _ in others), start=merged(machine, tally.taken(machine, files, args)))
    tally.tell()
    for path, (_, count) in zip(args.add, others, strict=True):
        if count:
            say(f"sfdebug: not counted: {counted(count, 'execution')} that {escaped(path)} leaves out")
    not_counted = len(tally.unread) + sum(count for _, count in others)
    if not_counted:
        facts["notCounted"] = not_counted
    if not found.executions and shard is None:
        raise UsageError("nothing was taken by no execution", where=escaped(", ".join([*args.histories, *args.add])))
    covered = [CoveredDefinition(definition_title(args.file, args, machine), machine, found)]
    width = max(20, shutil.get_terminal_size((_WIDTH, 24)).columns) if args.graph else None
    print_coverage(covered, as_json=args.json, all_items=args.all, width=width, facts=facts)
    write_coverage(covered, args)
    summarize_coverage(covered, args)
    is_good = not not_counted and (is_enough(covered, args) or not (files or others))
    return ExitCode.SUCCEEDED if is_good else ExitCode.EXECUTION_FAILED


def _check(args: Namespace) -> Shard | None:
    """Which part of the files is to be followed. Raises UsageError when it is not clear what is."""
    from sfdebug.cli.shards import shard_of

    if not args.histories and not args.add:
        raise UsageError("no recorded execution was given", fix="Give a HISTORY: a file, a folder, a quoted glob.")
    if args.jobs is not None and args.jobs < 1:
        raise UsageError("this is no number of processes", where="--jobs", fix="Write: --jobs 2")
    if args.json and args.graph:
        raise UsageError("only one form can be printed", where="--graph", fix="Leave out this, or --json.")
    check_coverage_options(args)
    check_stdin(args.file, *args.histories)
    shard = shard_of(args.shard)
    elsewhere = [one for one in args.histories if one == STDIN or is_arn(one)]
    if shard is not None and elsewhere:
        fix = "Fetch the executions first: sfdebug fetch."
        raise UsageError("files are divided, and this is none", where=elsewhere[0], fix=fix)
    return shard


class CountedExecutions:
    """Takes what each execution took, and notes of which not all counts: those cut short, and those not read."""

    def __init__(self) -> None:
        self.parted: list[str] = []
        self.unread: list[str] = []

    def taken(self, machine: StateMachine, files: Sequence[tuple[Path, bool]], args: Namespace) -> Iterator[TakenItems]:
        """What each execution took, one after the other, so that no more than one of them is held."""
        from sfdebug.history.verification.verify import FolderFile

        with closing(_verdicts(machine, files, args)) as verdicts:
            for one in verdicts:
                if isinstance(one, FolderFile):
                    continue
                if one.taken is None:
                    self.unread.append(f"{escaped(one.history)}: {escaped(one.reason)}")
                    continue
                if any(difference.is_end for difference in one.differences):
                    self.parted.append(escaped(one.history))
                yield one.taken

    def tell(self) -> None:
        """Say of which executions not all counts."""
        for text in self.unread[:_SHOWN]:
            say(f"sfdebug: not counted: {text}")
        if len(self.unread) > _SHOWN:
            say(f"sfdebug: not counted: {len(self.unread) - _SHOWN:,} more")
        if self.parted:
            listed = ", ".join(self.parted[:_SHOWN]) + (" and others" if len(self.parted) > _SHOWN else "")
            say(
                f"sfdebug: {counted(len(self.parted), 'execution')} went another way than this definition does, and "
                f"{'counts' if len(self.parted) == 1 else 'count'} up to there: {listed}"
            )


def _verdicts(
    machine: StateMachine, files: Sequence[tuple[Path, bool]], args: Namespace
) -> Generator[Verification | FolderFile, None, None]:
    """What is known of all executions that were given, files first."""
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.history.verification.together import Question, verify_files
    from sfdebug.history.verification.verify import verify_found

    question = Question(machine, Rules(), coverage=True)
    line = ProgressLine(sys.stderr)
    try:
        with closing(verify_files(question, files, args.jobs, line.begin("histories", "Following"))) as verdicts:
            yield from verdicts
    finally:
        line.clear()
    yield from verify_found(machine, recordings_elsewhere(args.histories, args), question.rules, coverage=True)


def _read(path: str, machine: StateMachine) -> tuple[Coverage, int]:
    """Coverage that was written before, and how many executions are not counted in it. Raises UsageError."""
    from sfdebug.files import read_file
    from sfdebug.reports.coverage.data import MOST_BYTES, coverage_from, not_counted_in

    try:
        value = json.loads(read_file(path, MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"this cannot be read as JSON: {error}", where=escaped(path)) from None
    return coverage_from(value, machine, escaped(path)), not_counted_in(value, escaped(path))


COMMAND = Command(
    name="coverage",
    summary="what recorded executions took of a definition, and what never happened",
    usage="sfdebug coverage DEFINITION HISTORY... [options]",
    description="""\
Follow recorded executions through a definition and count what they took of it: states, Choice rules and their
Defaults, Retriers that had something tried again and that ran out of attempts, Catchers, timeouts, missed
heartbeats, how many items Maps had, items and branches that failed. What never happened is named with its line
in the file that its author edits: states, then the error paths, which nobody has seen work, then all else.

A HISTORY is whatever `sfdebug verify` takes. Each execution is computed again, event for event, so that it is
known which rule matched and which Retrier it was. One that went another way than this definition does, since
another version ran it, counts up to there. What a history does not hold is not known, and is counted neither as
taken nor as left out: the child executions of a distributed Map.

The shares are of what can be taken, each thing once; what is not known is left out of both numbers.""",
    epilog=f"""\
examples:
  sfdebug coverage order.asl.json 'recorded/*.json'
      what a month of production never did
  sfdebug coverage order.asl.json recorded/ --graph
      the graph, with what was never taken faint
  sfdebug coverage template.yaml#Orders recorded/ --lcov lcov.info --html coverage.html
      for editors, and for people; lines are those of the template
  sfdebug coverage order.asl.json recorded/ --fail-under-errors 80
      in CI: one error path in five may be untried
  sfdebug coverage order.asl.json --add shard-1.json --add shard-2.json --markdown "$GITHUB_STEP_SUMMARY"
      what several jobs have written with --json, together

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
