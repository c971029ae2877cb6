"""The recorded executions that a command line names: files, folders, globs, stdin, ARNs, a state machine's last ones.

What is read from AWS is read by a few threads, with progress on stderr; what cannot be read is an answer like another,
so that one execution does not hide the others.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sfdebug.cli import console
from sfdebug.cli.console import STDIN, say
from sfdebug.cli.definitions import FILE
from sfdebug.cli.progress import Patience, ProgressLine
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.files import MAX_HISTORY_BYTES
from sfdebug.text import escaped
from sfdebug.times import moment_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.arns import Arn
    from sfdebug.aws.express import LogSearch
    from sfdebug.aws.listing import ExecutionEntry, Wanted
    from sfdebug.aws.opening import OpenedExecution
    from sfdebug.aws.session import Access, AwsReader
    from sfdebug.history.recording import Recording

HOURS: Final = 24.0
LAST: Final = 100
EXECUTION: Final = "--execution NAME"
"""How a command line says which of several executions it means."""
_STDIN_NAME: Final = "<stdin>"
_MOST_LAST: Final = 100_000
_RUNNING: Final = ("RUNNING", "PENDING_REDRIVE")
_ENDED_SO: Final = ("FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED")
_KEPT_BY_AWS: Final = "AWS keeps a Standard execution for 90 days after its end."
_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)([mhdw])", re.ASCII)
_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class FoundRecording(NamedTuple):
    """A recorded execution that was asked for, or why there is none.

    `title` is what reports call it; `is_named` whether it was asked for by itself, not found in a folder or by a glob;
    `path` is the file that it is in, None for what came from elsewhere; `definition` the one that it ran, where AWS
    said it.
    """

    title: str
    found: Recording | SfdebugError
    is_named: bool = True
    path: Path | None = None
    definition: StateMachine | None = None


def add_aws_options(parser: ArgumentParser) -> None:
    """Who asks AWS, and where: the same for every command that reads from it."""
    parser.add_argument("--profile", metavar="NAME", help="the profile of the AWS configuration to use")
    parser.add_argument("--region", metavar="NAME", help="the AWS region (default: the one in the ARN)")
    parser.add_argument("--endpoint-url", metavar="URL", help="ask this address in place of AWS's own")


def add_log_options(parser: ArgumentParser) -> None:
    """Where to look for what only a log has, and how far back."""
    parser.add_argument(
        "--hours",
        metavar="N",
        type=float,
        default=HOURS,
        help=f"how far back to search the log of an Express execution (default: {HOURS:g})",
    )
    parser.add_argument(
        "--log-group", metavar="NAME", help="the log group of an Express execution (default: that of its state machine)"
    )


def add_recorded_arguments(parser: ArgumentParser) -> None:
    """A definition, and the recorded executions that are held against it."""
    parser.add_argument("file", metavar="DEFINITION", help=FILE)
    parser.add_argument(
        "histories",
        metavar="HISTORY",
        nargs="*",
        help="recorded executions: files, folders (with all below them), quoted globs, ARNs, or - for stdin",
    )


def add_execution_option(parser: ArgumentParser, help: str) -> None:
    """Which of the executions in a file: by name, by label or by ARN. May be given several times."""
    parser.add_argument("--execution", metavar="NAME", action="append", default=[], help=help)


def access_of(args: Namespace) -> Access:
    """What the options of `add_aws_options` say."""
    from sfdebug.aws.session import Access

    return Access(args.profile, args.region, args.endpoint_url)


def log_search_of(args: Namespace) -> LogSearch:
    """What the options of `add_log_options` say. Raises UsageError when --hours is no length of time."""
    from sfdebug.aws.express import LogSearch

    if not 0 < args.hours <= 24 * 365 * 10:
        raise UsageError(
            "this is not a number of hours between 0 and ten years", where="--hours", fix="Write: --hours 48"
        )
    return LogSearch(since=int((time.time() - args.hours * 3600) * 1000), group=args.log_group or "")


def statuses_of(given: Sequence[str], *, and_running: bool = False) -> tuple[str, ...]:
    """The statuses that `--status` names, each once; RUNNING only where that makes sense. Raises UsageError for what no
    execution has."""
    names = [name.strip().upper().replace("-", "_") for one in given for name in one.split(",")]
    there = (*_ENDED_SO, "RUNNING") if and_running else _ENDED_SO
    for name in names:
        if name not in there:
            does = "has" if and_running else "ends with"
            fix = f"There are: {', '.join(there)}"
            raise UsageError(f"no execution {does} the status '{name}'", where="--status", fix=fix)
    return tuple(dict.fromkeys(names))


def since_of(given: str | None) -> int | None:
    """The time that `--since` names, in milliseconds since 1970: so long ago, or a moment. Raises UsageError."""
    if given is None:
        return None
    from sfdebug.history.reading.event_shapes import moment_of

    match = _AGO.fullmatch(given.strip())
    if match is not None:
        return int((time.time() - float(match[1]) * _UNITS[match[2]]) * 1000)
    found = moment_of(given.strip()) if "-" in given else None
    if found is None:
        fix = "Write how long ago (90m, 12h, 7d), or a time in UTC: 2026-11-28T03:00:00Z"
        raise UsageError(f"'{given}' is no time", where="--since", fix=fix)
    return found


def is_arn(text: str) -> bool:
    """Whether an argument names something in AWS: an ARN, or the address of a page of the console."""
    return text.startswith(("arn:", "https://", "http://"))


def check_stdin(*given: str) -> None:
    """Raises UsageError when standard input is to hold two things."""
    if list(given).count(STDIN) > 1:
        raise UsageError("stdin can hold only one of them", where=STDIN, fix="Give the others as files.")


def read_stdin() -> bytes:
    """All of standard input. Raises UsageError when there is none, or too much of it."""
    try:
        return console.read_stdin(MAX_HISTORY_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"standard input cannot be read: {reason}", where=STDIN, fix="Give a file.") from error


# One


def recordings_at(given: str, args: Namespace) -> tuple[Recording, ...]:
    """The executions in one file or folder, on stdin, or the one that an ARN names. Raises SfdebugError."""
    from sfdebug.history.reading.read import parse_recordings, read_recordings

    if given == STDIN:
        return parse_recordings(read_stdin(), _STDIN_NAME)
    if not is_arn(given):
        return read_recordings(given)
    (found,) = _named_in_aws([given], args)
    if isinstance(found.found, SfdebugError):
        raise found.found
    return (found.found,)


def recording_at(given: str, args: Namespace, wanted: str | None = None) -> Recording:
    """The one execution there, or the one called `wanted`. Raises SfdebugError, also when it is not clear which."""
    from sfdebug.history.reading.read import chosen

    return chosen(recordings_at(given, args), wanted, _STDIN_NAME if given == STDIN else given, EXECUTION)


# Many


def recordings_in(given: Sequence[str], args: Namespace) -> Iterator[FoundRecording]:
    """All executions in files, folders (with all below them) and globs, then those on stdin, then those in AWS.

    Raises UsageError when a path names nothing.
    """
    from sfdebug.history.verification.verify import found_in

    for path, is_named in files_in(given):
        yield from (FoundRecording(*one) for one in found_in(path, is_named))
    yield from recordings_elsewhere(given, args)


def readable_in(given: Sequence[str], args: Namespace, hint: Callable[[str], str] | None = None) -> Iterator[Recording]:
    """The executions in what was given that can be read; others are left out, which is said on stderr.

    Raises the error of one that was named itself, and UsageError when nothing that was given has a history in it; with
    what `hint` says of what was given behind how it is mended.
    """
    is_any = False
    for one in recordings_in(given, args):
        if not isinstance(one.found, SfdebugError):
            is_any = True
            yield one.found
        elif one.is_named:
            error, more = one.found, hint(str(one.path)) if hint is not None and one.path is not None else ""
            fix = "\n".join(filter(None, (error.fix, more)))
            raise UsageError(error.what, where=error.where, fix=fix) if more else error
        else:
            say(f"sfdebug: {one.title}: left out: {escaped(one.found.what)}")
    if not is_any:
        fix = next(filter(None, map(hint, given)), "") if hint is not None else ""
        raise UsageError("there is no history in what was given", where=", ".join(given), fix=fix)


def files_in(given: Sequence[str]) -> list[tuple[Path, bool]]:
    """The files that arguments name, in folders and by globs too, and whether each was named itself.

    Raises UsageError when a path names nothing.
    """
    from sfdebug.history.verification.verify import history_files

    return history_files([one for one in given if not is_arn(one) and one != STDIN])


def recordings_elsewhere(given: Sequence[str], args: Namespace) -> Iterator[FoundRecording]:
    """The executions on stdin, then those in AWS."""
    from sfdebug.history.reading.read import parse_recordings
    from sfdebug.history.recording import RecordingError

    if STDIN in given:
        try:
            recordings = parse_recordings(read_stdin(), _STDIN_NAME)
        except RecordingError as error:
            yield FoundRecording(_STDIN_NAME, error)
        else:
            yield from (FoundRecording(recording.title, recording) for recording in recordings)
    yield from _named_in_aws([one for one in given if is_arn(one)], args)


def selected(found: Iterable[FoundRecording], wanted: Sequence[str]) -> Iterator[FoundRecording]:
    """Those that are called by one of the names, with their errors; all without names. Raises UsageError for a name
    that none has."""
    missing = list(wanted)
    keys: list[str] = []
    for one in found:
        if not wanted or isinstance(one.found, SfdebugError):
            yield one
            continue
        names = {one.found.label, one.found.facts.name, one.found.facts.arn} - {""}
        keys.append(one.found.key)
        missing = [name for name in missing if name not in names]
        if names & set(wanted):
            yield one
    if missing:
        listed = ", ".join(key for key in keys[:20] if key) or "none with a name"
        raise UsageError(f"there is no execution '{missing[0]}'", where="--execution", fix=f"There are: {listed}")


def last_of_machine(
    machine: str, last: int, args: Namespace, statuses: tuple[str, ...] = (), since: int | None = None
) -> Iterator[FoundRecording]:
    """The last executions of a state machine that have ended, newest first.

    Args:
        machine: The ARN of the state machine, or its name.
        last: How many of them, at most.
        args: The options that say who asks AWS, and where.
        statuses: Only those that ended so; all when it is empty.
        since: Only those that were started since then, in milliseconds since 1970.

    Raises UsageError for an ARN of something else and when none has ended, AwsError when they cannot be listed.
    """
    from sfdebug.aws.errors import NotSupportedError
    from sfdebug.aws.listing import Wanted

    check_last(last)
    line = ProgressLine(sys.stderr)
    try:
        reader, arn = machine_in_aws(machine, args, line)
        try:
            entries = _ended(reader, arn, last, line, Wanted(statuses, since=since))
        except NotSupportedError:
            search = log_search_of(args)
            search = search if since is None else replace(search, since=since)
            yield from _last_in_log(reader, arn, last, search, line, statuses)
            return
        yield from _read_kept(entries, reader, arn, line)
    finally:
        line.clear()


def _read_kept(
    entries: Sequence[ExecutionEntry], reader: AwsReader, machine: Arn, line: ProgressLine
) -> Iterator[FoundRecording]:
    """The executions of a list, as they are read; those that are over are kept, so that a second look asks nothing."""
    from sfdebug.aws.arns import read_arn
    from sfdebug.executions.account import AccountSource
    from sfdebug.executions.kept import KeptExecutions
    from sfdebug.executions.outcome import listed

    source = AccountSource(reader, KeptExecutions(reader=reader))
    outcomes = {entry.arn: listed(entry, machine.text) for entry in entries}
    yield from _read([read_arn(arn) for arn in outcomes], reader, line, lambda arn: source.history(outcomes[arn.text]))


def patient_reader(access: Access, line: ProgressLine) -> AwsReader:
    """Who reads there, saying what keeps it waiting."""
    from sfdebug.aws.session import AwsReader

    patience = Patience(line)
    reader = AwsReader(access, on_wait=patience.waits, on_pace=patience.paces)
    patience.slowdown = lambda: reader.slowdown
    return reader


def check_last(last: int) -> None:
    """Raises UsageError when this is no number of executions to ask for."""
    if not 0 < last <= _MOST_LAST:
        raise UsageError(f"this is not a number from 1 to {_MOST_LAST:,}", where="--last", fix=f"Write: --last {LAST}")


def machine_in_aws(given: str, args: Namespace, line: ProgressLine) -> tuple[AwsReader, Arn]:
    """The state machine that an ARN or a name means, and who reads where it is. A name is looked for in the region that
    the options or AWS's configuration say. Raises SfdebugError."""
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.aws.listing import state_machine_pages

    if is_arn(given):
        arn = read_arn(given)
        if arn.kind is not ArnKind.STATE_MACHINE:
            fix = f"Give the state machine's ARN: {arn.state_machine_arn}"
            raise UsageError(f"this names not a state machine but: {arn.kind}", where=f"--machine {given}", fix=fix)
        return patient_reader(access_of(args).at(arn), line), arn
    reader = patient_reader(access_of(args), line)
    line.tell(f"Looking for the state machine {given}")
    names = []
    for page in state_machine_pages(reader):
        for machine in page:
            if machine.name == given:
                return reader, read_arn(machine.arn)
            names.append(machine.name)
    from difflib import get_close_matches

    near = get_close_matches(given, names, n=3, cutoff=0.5) or sorted(names)[:5]
    fix = f"There are: {', '.join(near)}" if near else "There is none: check the region and the profile."
    raise UsageError(f"there is no state machine '{given}' there", where="--machine", fix=fix)


def _named_in_aws(given: Sequence[str], args: Namespace) -> Iterator[FoundRecording]:
    """The executions that ARNs name, each region with a reader of its own. Raises InvalidArnError before it reads."""
    if not given:
        return
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.aws.errors import InvalidArnError
    from sfdebug.aws.opening import read_events

    arns = [read_arn(one) for one in given]
    for arn in arns:
        if arn.kind in (ArnKind.STATE_MACHINE, ArnKind.MAP_RUN):
            fix = f"Choose one of them: sfdebug replay {arn.text}"
            if arn.kind is ArnKind.STATE_MACHINE:
                fix += f"\nVerify the last ones: sfdebug verify DEFINITION --machine {arn.text} --last {LAST}"
            raise InvalidArnError(f"this names a {arn.kind}, and an execution is needed", fix, where=arn.text)
    line, search = ProgressLine(sys.stderr), log_search_of(args)
    access = access_of(args)
    try:
        for region in dict.fromkeys(arn.region for arn in arns):
            there = [arn for arn in arns if arn.region == region]
            reader = patient_reader(access.at(there[0]), line)
            yield from _read(there, reader, line, partial(read_events, reader, search=search))
    finally:
        line.clear()


def _read(
    arns: Sequence[Arn], reader: AwsReader, line: ProgressLine, ask: Callable[[Arn], OpenedExecution]
) -> Iterator[FoundRecording]:
    """The executions, as `ask` reads them."""
    from sfdebug.aws.concurrency import read_together
    from sfdebug.aws.errors import OF_ONE_THING
    from sfdebug.history.reading.read import definition_of, recording_of
    from sfdebug.history.recording import RecordingError

    progress = line.begin("executions" if len(arns) > 1 else "the execution")
    fixes: dict[str, None] = {}
    unread = 0
    answers = read_together(ask, arns, reader.cancellation)
    for number in range(len(arns)):
        progress(number, len(arns))
        arn, answer = next(answers)
        line.clear()
        if isinstance(answer, SfdebugError) and len(arns) > 1:
            fixes[answer.fix] = None
            unread += not isinstance(answer, OF_ONE_THING)
        try:
            if isinstance(answer, SfdebugError):
                yield FoundRecording(arn.text, answer)
            else:
                yield FoundRecording(arn.text, recording_of(answer), definition=definition_of(answer))
        except RecordingError as error:
            yield FoundRecording(arn.text, error)
    for fix in filter(None, fixes):  # once for all that have it
        say(f"sfdebug: {fix}")
    if unread:
        say(f"sfdebug: {unread:,} of {len(arns):,} were not read, for a reason that held for all of them")


def _ended(reader: AwsReader, machine: Arn, last: int, line: ProgressLine, wanted: Wanted) -> list[ExecutionEntry]:
    from sfdebug.aws.listing import execution_pages

    progress = line.begin("the list of executions")
    found: list[ExecutionEntry] = []
    running = 0
    for status in wanted.statuses or (None,):
        of_this: list[ExecutionEntry] = []
        asked = wanted if status is None else replace(wanted, statuses=(status,))
        for page in execution_pages(reader, machine.text, asked):
            running += sum(entry.status in _RUNNING for entry in page)
            of_this += [entry for entry in page if entry.status not in _RUNNING]
            progress(min(len(of_this), last), last)
            if len(of_this) >= last:
                break
        found += of_this[:last]
    line.clear()
    if not found:
        raise UsageError(why_none(wanted, running), where=machine.text, fix=_KEPT_BY_AWS)
    if running:
        say(f"sfdebug: {running:,} that still run{'s' if running == 1 else ''} left out")
    if len(wanted.statuses) > 1:  # AWS lists one status after the other
        found.sort(key=lambda entry: entry.newest_time or 0, reverse=True)
    return found[:last]


def why_none(wanted: Wanted, running: int) -> str:
    """Why a state machine has no execution of those that are wanted and have ended; `running` do not count."""
    if wanted.statuses or wanted.since is not None:
        ended = f" that ended {' or '.join(wanted.statuses)}" if wanted.statuses else " that has ended"
        since = "" if wanted.since is None else f" and was started since {moment_text(wanted.since)} UTC"
        return f"it has no execution{ended}{since}"
    return "it has no execution" if not running else f"all of its executions still run ({running:,})"


def _last_in_log(
    reader: AwsReader, machine: Arn, last: int, search: LogSearch, line: ProgressLine, statuses: tuple[str, ...]
) -> Iterator[FoundRecording]:
    """The last executions of an Express state machine: those whose start is in the log."""
    from sfdebug.aws.express import read_machine_log
    from sfdebug.history.reading.read import recordings_of

    events = read_machine_log(reader, machine, search, line.begin("the log"))
    line.clear()
    recordings = [one for one in recordings_of(events, machine.text) if one.end is not None and one.events[0].id == 1]
    if statuses:
        recordings = [one for one in recordings if one.status in statuses]
    if not recordings:
        raise UsageError(
            "its log has no whole execution in that time", where=machine.text, fix="Look further back: --hours 48"
        )
    recordings.sort(key=lambda one: one.start_time or 0, reverse=True)
    for recording in recordings[:last]:
        named = replace(recording, source=recording.facts.arn or recording.source, label="")
        yield FoundRecording(named.title, named)
