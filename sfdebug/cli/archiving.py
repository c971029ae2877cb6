"""`sfdebug fetch --machine`: executions of a state machine from AWS into a folder, an archive to work on offline."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sfdebug.cli.console import printable, say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.logs import logged_executions
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import LAST, check_last, log_search_of, machine_in_aws, since_of, statuses_of, why_none
from sfdebug.text import counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.errors import AwsError
    from sfdebug.aws.express import MachineLog
    from sfdebug.aws.listing import ExecutionEntry
    from sfdebug.aws.session import AwsReader
    from sfdebug.executions.archive import Archive, Taken
    from sfdebug.executions.outcome import ExecutionOutcome

_MOST: Final = 10_000
"""So many executions are fetched at most when a time is given, and no number."""
_RUNNING: Final = ("RUNNING", "PENDING_REDRIVE")
_MOST_NAMED: Final = 3
_LONG: Final = 20
"""Seconds from which on somebody wants to know before how long it takes."""


def fetch_machine(args: Namespace, output: str) -> ExitCode:
    """Fetch executions of a state machine into the archive in `output`, or go on with it. SUCCEEDED when all that were
    asked for are there then. Raises SfdebugError, after it was said how far it came."""
    from sfdebug.executions.archive import check_archive, opened_archive

    statuses, since, last = statuses_of(args.status), since_of(args.since), args.last
    if last is None:
        last = LAST if since is None else _MOST
    check_last(last)
    folder = Path(output)
    check_archive(folder, redacts=args.redact, force=args.force)  # before AWS is asked for anything
    line = ProgressLine(sys.stderr)
    try:
        reader, arn = machine_in_aws(args.machine, args, line)
        listed = _list(reader, arn, _AskedExecutions(statuses, since, last, args), line)
        if not listed.entries:
            return ExitCode.SUCCEEDED
        with opened_archive(folder, redacts=args.redact, force=args.force) as archive:
            return _Fetching(archive, reader, arn, listed, line).run()
    finally:
        line.clear()


class _AskedExecutions(NamedTuple):
    """What the command line asks for."""

    statuses: tuple[str, ...]
    since: int | None
    last: int
    args: Namespace


class _Listed(NamedTuple):
    """What there is of that, the newest first: out of AWS's list, or of the log of an Express state machine."""

    entries: Sequence[ExecutionEntry | ExecutionOutcome]
    log: MachineLog | None = None


def _list(reader: AwsReader, machine: Arn, asked: _AskedExecutions, line: ProgressLine) -> _Listed:
    from sfdebug.aws.errors import NotSupportedError

    try:
        return _Listed(_list_standard(reader, machine, asked, line))
    except NotSupportedError:
        return _list_express(reader, machine, asked, line)


def _list_standard(
    reader: AwsReader, machine: Arn, asked: _AskedExecutions, line: ProgressLine
) -> list[ExecutionEntry]:
    from sfdebug.aws.listing import Wanted, execution_pages

    progress = line.begin("the list of executions")
    found: dict[str, ExecutionEntry] = {}
    running: set[str] = set()
    for status in asked.statuses or ("",):
        of_this: dict[str, ExecutionEntry] = {}
        for page in execution_pages(reader, machine.text, Wanted((status,) if status else (), since=asked.since)):
            running.update(one.arn for one in page if one.status in _RUNNING)
            of_this |= {one.arn: one for one in page if one.status not in _RUNNING}
            progress(len(found) + len(of_this), None)
            if len(of_this) > asked.last:
                break
        found |= of_this
    line.clear()
    # AWS lists one status after the other.
    entries = sorted(found.values(), key=lambda one: one.newest_time or 0, reverse=True)
    _say_left_out(len(running), len(entries), asked)
    return entries[: asked.last]


def _list_express(reader: AwsReader, machine: Arn, asked: _AskedExecutions, line: ProgressLine) -> _Listed:
    search = log_search_of(asked.args)
    search = search if asked.since is None else replace(search, since=asked.since)
    found, log = logged_executions(reader, machine, search, line)
    statuses = asked.statuses
    ended = [one for one in found.values() if one.is_over and (not statuses or one.status in statuses)]
    ended.sort(key=lambda one: one.newest_time or 0, reverse=True)
    _say_left_out(sum(one.is_running for one in found.values()), len(ended), asked)
    return _Listed(ended[: asked.last], log)


def _say_left_out(running: int, found: int, asked: _AskedExecutions) -> None:
    from sfdebug.aws.listing import Wanted

    if not found:
        say(f"sfdebug: {why_none(Wanted(asked.statuses, since=asked.since), running)}")
    elif running:
        say(f"sfdebug: {running:,} that still run{'s' if running == 1 else ''} left out")
    if found > asked.last:
        say(f"sfdebug: there are more than {asked.last:,}: the newest are fetched; --last N fetches so many")


class _Fetching:
    """One run of it: what is wanted, what is there, and what came."""

    def __init__(self, archive: Archive, reader: AwsReader, machine: Arn, listed: _Listed, line: ProgressLine) -> None:
        self._archive = archive
        self._line = line
        lacking = [one for one in listed.entries if archive.lacks(one.arn, one.redrive_count)]
        self._wanted, self._there = len(listed.entries), len(listed.entries) - len(lacking)
        self._taken = 0
        self._errors: dict[str, list[Taken]] = {}
        self._refusals: Counter[str] = Counter()
        self._map_runs: list[str] = []
        self._name = machine.state_machine
        self._answers = _answers(archive, reader, lacking, listed.log)
        self._about = _about(reader, machine, len(lacking), is_log=listed.log is not None)

    def run(self) -> ExitCode:
        """Fetch what is not there, and say what came of it."""
        there = f", {self._there:,} of them there already" if self._there else ""
        say(f"sfdebug: {counted(self._wanted, 'execution')} of {self._name}{there}{self._about}")
        self._take()
        return self._report()

    def _take(self) -> None:
        """Fetch what is not there. Whoever ends it, and whatever AWS says of all: what came by then stays, and it is
        said how to go on."""
        progress = self._line.begin("executions")
        lacking = self._wanted - self._there
        try:
            for done, one in enumerate(self._answers, start=1):
                progress(done, lacking)
                if one.error is not None:
                    self._errors.setdefault(_sort_of(one.error), []).append(one)
                    continue
                self._taken += 1
                self._map_runs += one.map_runs
                self._refusals.update({_sort_of(refusal): 1 for refusal in one.refusals})
        except BaseException:
            self._line.clear()
            say(f"sfdebug: {self._so_far}\n  The same command goes on where this ended.")
            raise

    @property
    def _so_far(self) -> str:
        there = f"{self._there + self._taken:,} of {counted(self._wanted, 'execution')}"
        return f"{there} are in {self._archive.folder}, {self._taken:,} of them new"

    def _report(self) -> ExitCode:
        """Say what was fetched, what was not, and how to go on; the archive's path on stdout."""
        for sort, count in self._refusals.items():
            say(f"sfdebug: not given of {counted(count, 'execution')}: {sort}")
        if self._map_runs:
            count = len(self._map_runs)
            were = "was" if count == 1 else "were"
            say(f"sfdebug: {counted(count, 'Map Run')} {were} started; their children are not here")
            say(f"  With its children, failed ones first: sfdebug fetch {printable(self._map_runs[0])}")
        for sort, those in self._errors.items():
            say(f"sfdebug: {counted(len(those), 'execution')} could not be fetched: {sort}")
            for one in those[:_MOST_NAMED]:
                say(f"  {one.arn}")
            if len(those) > _MOST_NAMED:
                say(f"  and {len(those) - _MOST_NAMED:,} more")
            first = those[0].error
            if first is not None and first.fix:
                say(f"  {first.fix}")
        folder = str(self._archive.folder)
        say(f"sfdebug: {self._so_far}")
        if self._errors:
            say("  The same command tries those again that are not there.")
        from shlex import quote

        quoted = quote(folder)
        say(f"  sfdebug replay {quoted} lists them; sfdebug executions {quoted} --groups says what failed how often.")
        write_data(folder)
        return ExitCode.USAGE if self._errors else ExitCode.SUCCEEDED


def _sort_of(error: AwsError) -> str:
    """What is the same in an error of several executions."""
    from sfdebug.aws.errors import DeniedError

    return f"these credentials may not {error.action}" if isinstance(error, DeniedError) else error.what


def _about(reader: AwsReader, machine: Arn, count: int, *, is_log: bool) -> str:
    """How long so many executions take at AWS's quotas, where that is worth a word."""
    from sfdebug.aws.pacing import least_seconds
    from sfdebug.aws.session import ReadOperation

    if reader.endpoint_url is not None:
        return ""
    standard = (ReadOperation.DESCRIBE_EXECUTION, ReadOperation.GET_EXECUTION_HISTORY)
    operations = (ReadOperation.FILTER_LOG_EVENTS,) if is_log else standard
    seconds = least_seconds(dict.fromkeys(operations, count), machine.region)
    return f"; at AWS's quotas this takes at least {duration_text(int(seconds) * 1000)}" if seconds >= _LONG else ""


def _answers(
    archive: Archive, reader: AwsReader, lacking: Sequence[ExecutionEntry | ExecutionOutcome], log: MachineLog | None
) -> Iterator[Taken]:
    from sfdebug.aws.listing import ExecutionEntry
    from sfdebug.executions.archive import take_express, take_standard
    from sfdebug.executions.outcome import ExecutionOutcome

    if log is not None:
        return take_express(archive, reader, log, (one for one in lacking if isinstance(one, ExecutionOutcome)))
    return take_standard(archive, reader, [one for one in lacking if isinstance(one, ExecutionEntry)])
