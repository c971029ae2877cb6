"""`sfdebug executions`: which executions there are, in AWS or a folder, how they stand, and what failed how often."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import (
    LAST,
    access_of,
    add_aws_options,
    add_log_options,
    check_last,
    log_search_of,
    machine_in_aws,
    patient_reader,
    since_of,
    statuses_of,
)
from sfdebug.errors import SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from sfdebug.aws.errors import AwsError
    from sfdebug.executions.account import AccountSource
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource

_LOOKED: Final = 1_000
"""So many that failed are looked into when groups or an error are asked for, and no number."""
_VERSIONS: Final = 50
"""Groups of which it is asked which definition the first of them ran: AWS takes one such request a second."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug executions`."""
    parser.add_argument(
        "folders",
        metavar="DIR",
        nargs="*",
        help="folders with executions: what fetch wrote, or any histories; without any, AWS is asked",
    )
    parser.add_argument(
        "--machine",
        metavar="ARN",
        help="only executions of this state machine: its ARN or its name (in AWS, default: of all in the region)",
    )
    parser.add_argument(
        "--status",
        metavar="STATUS",
        action="append",
        default=[],
        help="only those that stand so: FAILED, TIMED_OUT, ABORTED, RUNNING, SUCCEEDED; several with commas",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="only those that were started since then: 90m, 12h, 7d ago, or 2026-11-28T03:00:00Z (UTC)",
    )
    parser.add_argument(
        "--name", metavar="TEXT", default="", help="only those with this in their name; * and ? fit all"
    )
    parser.add_argument(
        "--error",
        metavar="TEXT",
        default="",
        help="only those with this in their error or cause",
    )
    parser.add_argument(
        "--groups", action="store_true", help="what failed how often: by error, state and what is alike in the causes"
    )
    parser.add_argument(
        "--last",
        metavar="N",
        type=int,
        help=f"how many of them, the newest (default: {LAST}; with --groups or --error, of {_LOOKED:,} that failed)",
    )
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--local", action="store_true", help="times on this machine's clock, not in UTC")
    add_aws_options(parser)
    add_log_options(parser)


def run(args: Namespace) -> ExitCode:
    """List them. What AWS did not say of one is said at the end, and the exit code is USAGE; raises SfdebugError for
    what ends it, after what is known was listed."""
    _check(args)
    line = ProgressLine(sys.stderr)
    listing = _Listing(args, line)
    try:
        listing.read()
    finally:
        line.clear()
    return listing.report()


def _check(args: Namespace) -> None:
    if args.last is not None:
        check_last(args.last)
    if args.folders and (args.profile or args.region):
        where = "--profile" if args.profile else "--region"
        raise UsageError("a folder is looked through without AWS", where=where, fix="Leave it out, or the folder.")


_NAMED: Final = 3
"""So many files that cannot be read are named for each reason."""


class _Listing:
    """What is asked for, what was found, and what ended it before it was all there."""

    def __init__(self, args: Namespace, line: ProgressLine) -> None:
        from sfdebug.aws.listing import Wanted
        from sfdebug.executions.outcome import UNSUCCESSFUL

        self._args = args
        self._line = line
        self._is_of_failed = bool(args.groups or args.error)
        statuses = statuses_of(args.status, and_running=True)
        if self._is_of_failed and not statuses:
            statuses = UNSUCCESSFUL
        self._wanted = Wanted(statuses, args.name, since_of(args.since))
        self._bound = args.last or (_LOOKED if self._is_of_failed else LAST)
        if args.error and not args.groups:  # so many of which the error fits, out of more
            self._bound = max(self._bound, _LOOKED)
        self._rows: dict[str, ExecutionOutcome] = {}
        self._sources: dict[str, ExecutionSource] = {}
        self._is_cut = False
        self._error: SfdebugError | None = None
        self._unread: dict[str, ExecutionOutcome] = {}
        """What is in files that cannot be read, where only some statuses are wanted: any of them may have failed."""
        self._unlisted: dict[str, list[str]] = {}
        """The names of state machines of which AWS gave no list, by why."""

    def read(self) -> None:
        """List, then look into those that failed. An error ends it; what was read stays."""
        from sfdebug.aws.errors import OF_ONE_THING

        try:
            for source, of in self._places():
                try:
                    self._list(source, of)
                except OF_ONE_THING as error:
                    if self._args.machine is not None:
                        raise
                    self._unlisted.setdefault(_sort_of(error), []).append(of.rpartition(":")[2])
        except SfdebugError as error:
            if not self._rows:
                raise
            self._error = error
        self._line.clear()
        found = sorted(self._rows.values(), key=lambda one: one.newest_time or 0, reverse=True)
        self._is_cut = self._is_cut or len(found) > self._bound
        self._rows = {one.key: one for one in found[: self._bound]}
        try:
            if self._error is None:
                self._look()
                if self._args.groups:
                    self._ask_versions()
        except SfdebugError as error:
            self._error = error

    def _places(self) -> Iterator[tuple[ExecutionSource, str]]:
        """Where executions are asked for, and of which state machine there."""
        if self._args.folders:
            from sfdebug.executions.folder import source_of_folder

            for folder in self._args.folders:
                self._line.tell(f"Looking through {folder}")
                yield source_of_folder(folder), self._args.machine or ""
            return
        from sfdebug.executions.account import AccountSource
        from sfdebug.executions.kept import KeptExecutions

        if self._args.machine is not None:
            reader, arn = machine_in_aws(self._args.machine, self._args, self._line)
            yield AccountSource(reader, KeptExecutions(reader=reader)), arn.text
            return
        reader = patient_reader(access_of(self._args), self._line)
        source = AccountSource(reader, KeptExecutions(reader=reader))
        for page in source.machines():
            for machine in page:
                if machine.type == "EXPRESS":
                    self._line.clear()
                    say(f"sfdebug: {machine.name} is an Express state machine: --machine {machine.name} reads its log")
                else:
                    yield source, machine.arn

    def _list(self, source: ExecutionSource, of: str) -> None:
        """The newest that are wanted, of each status so many as are bounded."""
        from sfdebug.aws.errors import NotSupportedError
        from sfdebug.executions.account import AccountSource

        progress = self._line.begin("the list of executions")
        for status in self._wanted.statuses or ("",):
            wanted = replace(self._wanted, statuses=(status,) if status else ())
            count = 0
            try:
                listed = source.listed if isinstance(source, AccountSource) else source.executions
                for page in listed(of, wanted):
                    count += len(page)
                    self._put(source, page)
                    progress(len(self._rows), None)
                    if count > self._bound:
                        self._is_cut = True
                        break
            except NotSupportedError:
                if not isinstance(source, AccountSource):
                    raise
                self._list_logged(source, of)
                return

        if self._wanted.statuses and not isinstance(source, AccountSource):
            for page in source.executions("", replace(self._wanted, statuses=("",))):
                self._unread.update((one.key, one) for one in page if one.refusal)

    def _list_logged(self, source: AccountSource, of: str) -> None:
        from sfdebug.aws.arns import read_arn
        from sfdebug.cli.logs import logged_executions
        from sfdebug.executions.outcome import takes

        search = log_search_of(self._args)
        if self._wanted.since is not None:
            search = replace(search, since=self._wanted.since)
        found, _ = logged_executions(source.reader, read_arn(of), search, self._line)
        self._put(source, [one for one in found.values() if takes(self._wanted, one)])

    def _put(self, source: ExecutionSource, page: Sequence[ExecutionOutcome]) -> None:
        for one in page:
            self._rows[one.key] = one
            self._sources[one.key] = source

    def _look(self) -> None:
        """Find out the errors of those that failed, newest first."""
        from sfdebug.executions.outcome import has_error

        lacking = [one for one in self._rows.values() if one.is_unsuccessful and not one.is_settled]
        progress = self._line.begin("what failed")
        for source in dict.fromkeys(self._sources[one.key] for one in lacking):
            of_this = [one for one in lacking if self._sources[one.key] is source]
            for done, one in enumerate(source.outcomes(of_this), start=1):
                self._rows[one.key] = one
                progress(done, len(of_this))
        self._line.clear()
        fitting = [one for one in self._rows.values() if has_error(one, self._args.error)]
        if self._args.last is not None and len(fitting) > self._args.last:
            self._is_cut = True
        self._rows = {one.key: one for one in fitting[: self._args.last]}

    def _ask_versions(self) -> None:
        """Which definition the first of each group ran, and since when that is the state machine's."""
        from sfdebug.aws.errors import OF_ONE_THING, DeniedError
        from sfdebug.executions.account import AccountSource
        from sfdebug.executions.groups import group_failures

        progress = self._line.begin("which definitions they ran")
        for done, group in enumerate(group_failures(self._rows.values())[:_VERSIONS]):
            first = self._rows[group.members[-1]]
            source = self._sources[first.key]
            if not isinstance(source, AccountSource) or not first.arn or ":express:" in first.arn:
                continue
            progress(done, None)
            try:
                self._rows[first.key] = source.revised(first)
            except DeniedError:
                return  # so are the others; the column stays empty
            except OF_ONE_THING:
                continue

    def report(self) -> ExitCode:
        """The rows or the groups on stdout; how many there are, and what is not known, on stderr."""
        from sfdebug.executions.groups import group_failures
        from sfdebug.reports.executions import ExecutionTable, counts_text, execution_dict, group_dict

        rows = list(self._rows.values())
        groups = group_failures(rows) if self._args.groups else ()
        if self._args.json:
            import json

            found: dict[str, object] = {"executions": [execution_dict(one) for one in rows]}
            if self._args.groups:
                found["groups"] = [group_dict(one) for one in groups]
            found["isWhole"] = not self._is_cut and self._error is None and not self._unlisted and not self._unread
            write_data(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            table = ExecutionTable(width, None if self._args.local else UTC)
            lines = table.group_lines(groups, self._rows.get) if self._args.groups else table.execution_lines(rows)
            if lines:
                write_data("\n".join(lines))
        more = "; there are more: --last N looks at so many" if self._is_cut else ""
        in_groups = f" in {len(groups):,} group{'' if len(groups) == 1 else 's'}" if groups else ""
        say(f"sfdebug: {counts_text(rows)}{in_groups}{more}")
        for why, machines in self._unlisted.items():
            say(f"sfdebug: not listed: {', '.join(machines)}: {why}")
        for why in dict.fromkeys(one.refusal for one in self._unread.values()):
            files = [one.place for one in self._unread.values() if one.refusal == why]
            others = f" and {len(files) - _NAMED:,} more" if len(files) > _NAMED else ""
            say(f"sfdebug: not counted, for it cannot be read: {', '.join(files[:_NAMED])}{others}: {why}")
        refused = Counter(one.refusal for one in rows if one.refusal)
        for why, count in refused.items():
            say(f"sfdebug: not known of {count:,} why {'it' if count == 1 else 'they'} failed: {why}")
        if self._error is not None:
            say("sfdebug: this is not all: what follows ended it; what was read is kept for the next time")
            raise self._error
        return ExitCode.USAGE if refused or self._unlisted or self._unread else ExitCode.SUCCEEDED


def _sort_of(error: AwsError) -> str:
    """What is the same in an error of several state machines."""
    from sfdebug.aws.errors import DeniedError

    return f"these credentials may not {error.action}" if isinstance(error, DeniedError) else error.what


COMMAND = Command(
    name="executions",
    summary="list executions in AWS or in a folder, and what failed how often",
    usage="sfdebug executions [DIR...] [--machine ARN] [--status FAILED] [--since 1h] [--groups] [options]",
    description="""\
List executions, the newest first: of a state machine in AWS or of all in a region, or of what is in folders,
which needs no AWS. Of those that failed it is found out with which error, in which state and why: with one
request each, no faster than AWS's quotas allow; what is known is kept on this machine, and not asked for again.
With --groups those that failed alike are one row: the same error and state, and causes that differ only in
numbers, ids, times and quoted values.

Of an Express state machine the log is searched, from --since or --hours on; what that means is said first.

AWS is only read. It needs the permissions states:ListExecutions and GetExecutionHistory (or, for less,
DescribeExecution); by a state machine's name and for all of them also ListStateMachines; for Express
DescribeStateMachine and logs:FilterLogEvents.""",
    epilog="""\
examples:
  sfdebug executions --machine Orders --since 1h
      the last hour of a state machine
  sfdebug executions --since 1d --groups
      what failed today in all state machines of the region, how often and since when
  sfdebug executions --machine Orders --status FAILED,TIMED_OUT --error 'Card*' --json
      for a script
  sfdebug executions failed --groups
      the same of a folder that fetch --machine wrote; the screen: sfdebug replay failed

exit codes:
  0    it worked, whatever the executions did
  2    the command line cannot be used, or AWS did not say all that was asked for
  130  interrupted with Ctrl+C""",
    configure=configure,
    run=run,
)
