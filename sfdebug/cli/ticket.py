"""`sfdebug replay … --ticket`: one execution for a ticket, as Markdown, with how often its failure happened."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.console import STDIN, say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import access_of, is_arn, log_search_of, recording_at
from sfdebug.errors import SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.ticket import FailureStatistics, Ticket
    from sfdebug.executions.account import AccountSource
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.recording import Recording

_MOST: Final = 200
"""So many executions that ended alike are looked at, the newest of them: the end of each history is one request."""
_DAY: Final = 86_400_000


def print_ticket(args: Namespace) -> ExitCode:
    """The ticket of the execution that was named. SUCCEEDED when it could be written, however the execution ended."""
    from sfdebug.reports.ticket import ticket_markdown

    if args.history is None:
        raise UsageError("--ticket is of one execution", where="--ticket", fix="Give its file, its folder or its ARN.")
    if args.definition is not None and args.definition_file is not None:
        raise UsageError("two definitions are given", where="--definition", fix="Give one of them.")
    given = args.definition or args.definition_file
    machine = _loaded(given, args) if given else None
    ticket = _from_aws(args, machine) if is_arn(args.history) else _from_file(args, machine)
    write_data(ticket_markdown(ticket, redact=args.redact, now=int(time.time() * 1000)).rstrip("\n"))
    return ExitCode.SUCCEEDED


def _loaded(path: str, args: Namespace | None = None) -> StateMachine:
    from sfdebug.cli.definitions import load

    return load(path, args)


# from AWS


def _from_aws(args: Namespace, machine: StateMachine | None) -> Ticket:
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.aws.errors import DeniedError, NotSupportedError
    from sfdebug.aws.session import AwsReader
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.debugger.ticket import ticket_of, ticket_without_history
    from sfdebug.executions.account import AccountSource
    from sfdebug.executions.kept import KeptExecutions
    from sfdebug.history.reading.read import definition_of, recording_of

    arn = read_arn(args.history)
    if arn.kind in (ArnKind.STATE_MACHINE, ArnKind.MAP_RUN):
        fix = f"Choose one of its executions: sfdebug replay {arn.text}"
        raise UsageError(f"this names a {arn.kind}, and an execution is needed", where=arn.text, fix=fix)
    access = access_of(args).at(arn)
    line = ProgressLine(sys.stderr)
    reader = AwsReader(access, on_wait=line.waits, on_pace=line.paces)
    source = AccountSource(reader, KeptExecutions(reader=reader))
    try:
        line.tell("Reading the execution")
        outcome = source.find(arn.text)
        try:
            opened = source.opened(outcome, search=log_search_of(args))
        except (DeniedError, NotSupportedError) as error:
            ticket = ticket_without_history(outcome, error.what)
        else:
            recorded = definition_of(opened)
            run = open_recording(recording_of(opened), machine or recorded, recorded_definition=recorded)
            line.clear()
            ticket = ticket_of(run, outcome, against=_against(run, args, machine))
        return _with_count(ticket, outcome, source, line)
    finally:
        line.clear()


def _with_count(ticket: Ticket, outcome: ExecutionOutcome, source: AccountSource, line: ProgressLine) -> Ticket:
    """The same with how often the state machine failed like that, or why that is not known."""
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.aws.errors import AwsError

    if not ticket.outcome.is_unsuccessful or not outcome.state_machine_arn:
        return ticket
    if read_arn(outcome.arn).kind is ArnKind.EXPRESS_EXECUTION:
        why = "AWS lists no Express executions, and the log of others is not searched for this"
        return replace(ticket, why_not_counted=why)
    try:
        return replace(ticket, statistics=_counted(source, outcome, line))
    except AwsError as error:
        return replace(ticket, why_not_counted=error.what)


def _counted(source: AccountSource, outcome: ExecutionOutcome, line: ProgressLine) -> FailureStatistics | None:
    """How often it failed like that: among the newest that ended the same way, from a week before it on. Raises
    AwsError."""
    from sfdebug.aws.listing import Wanted
    from sfdebug.debugger.ticket import statistics_of
    from sfdebug.executions.groups import group_failures

    since = (outcome.started_at or int(time.time() * 1000)) - 7 * _DAY
    listed: list[ExecutionOutcome] = []
    is_whole = True
    progress = line.begin("failures that are alike", "Looking for")
    for page in source.executions(outcome.state_machine_arn, Wanted((outcome.status,), since=since)):
        listed += page
        is_whole = len(listed) <= _MOST
        if not is_whole:
            break
    others = [one for one in listed[:_MOST] if one.key != outcome.key]
    own = source.outcome(outcome)  # from the end of its history, as that of the others: both by the same words
    known = [own]
    for one in source.outcomes(others):
        known.append(one)
        progress(len(known), len(others) + 1)
    return statistics_of(own, group_failures(known), known, since=since, is_whole=is_whole)


# from files


def _from_file(args: Namespace, machine: StateMachine | None) -> Ticket:
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.debugger.ticket import ticket_of
    from sfdebug.executions.outcome import outcome_of
    from sfdebug.history.reading.read import DefinitionsBeside

    recording = recording_at(args.history, args, args.execution)
    beside = DefinitionsBeside()
    recorded = beside.definition_of(Path(recording.source)) if args.history != STDIN else None
    run = open_recording(recording, machine or recorded or _beside(args), recorded_definition=recorded)
    against = _against(run, args, machine)
    if args.history == STDIN:
        return ticket_of(run, against=against)
    own = outcome_of(recording, run.alignment)
    return ticket_of(run, own, _counted_beside(recording, own), against=against)


def _against(run: RecordedSession, args: Namespace, machine: StateMachine | None) -> RecordedSession | None:
    """The last of the same state machine that succeeded, where --last-succeeded asks what is different from that. That
    there is none is said: the ticket does without."""
    from sfdebug.cli.around import last_that_succeeded
    from sfdebug.debugger.recorded.session import open_recording

    if not args.last_succeeded:
        return None
    try:
        recording, recorded = last_that_succeeded(run.recording, args.history, args, "B")
    except SfdebugError as error:
        say(f"sfdebug: what is different is not told: {error.what}")
        return None
    return open_recording(recording, machine or recorded, recorded_definition=recorded)


def _beside(args: Namespace) -> StateMachine | None:
    """The definition that lies beside a history without a description of the execution."""
    from sfdebug.history.reading.read import SAVED_DEFINITION

    given = Path(args.history)
    path = (given if given.is_dir() else given.parent) / SAVED_DEFINITION
    return _loaded(str(path)) if args.history != STDIN and path.is_file() else None


def _counted_beside(recording: Recording, own: ExecutionOutcome) -> FailureStatistics | None:
    """How often the state machine failed like that in the folder that fetch wrote, or in the same file."""
    from sfdebug.debugger.ticket import statistics_of
    from sfdebug.executions.folder import FolderSource
    from sfdebug.executions.groups import group_failures
    from sfdebug.history.reading.read import DESCRIPTION

    if not own.is_unsuccessful:
        return None
    path = Path(recording.source).absolute()
    folder = path.parent
    source: ExecutionSource = FolderSource(folder.parent if (folder / DESCRIPTION).is_file() else path)
    try:
        of = own.state_machine_arn or own.state_machine_name
        known = [own]
        for page in source.executions(of):
            failed = (one for one in page if one.status == own.status and not _is_same(one, own, path))
            known += source.outcomes(failed)
    except SfdebugError:
        return None
    return statistics_of(own, group_failures(known), known, since=None, is_whole=True)


def _is_same(one: ExecutionOutcome, own: ExecutionOutcome, path: Path) -> bool:
    if own.arn or one.arn:
        return one.arn == own.arn
    return (one.place, one.label) == (str(path), own.label)
