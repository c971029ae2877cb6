"""The executions of an AWS account and region: Standard ones by the API, Express ones by the log of their machine."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.concurrency import Cancellation, read_together
from sfdebug.aws.errors import (
    OF_ONE_THING,
    AwsError,
    DeniedError,
    NotFoundError,
    NotSupportedError,
    UnexpectedAnswerError,
)
from sfdebug.aws.executions import (
    describe_execution,
    describe_machine_for_execution,
    event_id,
    newest_pages,
)
from sfdebug.aws.express import LogSearch
from sfdebug.aws.fetching import silent
from sfdebug.aws.listing import Wanted, child_pages, describe_map_run, entry_in, execution_pages, state_machine_pages
from sfdebug.aws.opening import open_execution, read_events
from sfdebug.aws.session import PAGE, ReadOperation, moment_in
from sfdebug.executions.log import logged_pages
from sfdebug.executions.outcome import (
    RUNNING,
    UNSUCCESSFUL,
    ExecutionOutcome,
    Known,
    definition_hash,
    described,
    listed,
    outcome_at,
    outcome_of,
    outcome_of_end,
)
from sfdebug.executions.source import Count, MachineCounts, MapRunFacts
from sfdebug.executions.trail import Trail
from sfdebug.history.reading.event_shapes import moment_of
from sfdebug.history.reading.read import recording_of, recordings_of
from sfdebug.history.recording import ExecutionInfo, RecordingError
from sfdebug.limits import EXPRESS_MAX_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sfdebug.aws.executions import HistoryEvent
    from sfdebug.aws.fetching import Begin
    from sfdebug.aws.listing import ExecutionEntry, MachineEntry
    from sfdebug.aws.opening import OpenedExecution
    from sfdebug.aws.pacing import Slowdown
    from sfdebug.aws.session import AwsReader
    from sfdebug.executions.kept import KeptExecutions
    from sfdebug.history.recording import Recording

_MOST_PAGES: Final = 3
"""Pages of a thousand events that are read from the end of a history to find the failed state."""

_TRAIL_FIRST: Final = 500
"""Events from the end of a history that are read to find where an execution is that runs."""
_TRAIL_MORE: Final = 100

_AROUND: Final = 120_000
"""Milliseconds by which an event can come late to a log, or a clock be off."""
_DENIED_IN_A_ROW: Final = 3
"""After so many executions that may not be looked into it is taken for true of all."""

_NEWS: Final = 100
"""Entries that are read with the first request of a look for what is new."""


class AccountSource:
    """What AWS has, asked through one reader; `kept` is what is known from earlier looks (None: nothing, and nothing is
    kept)."""

    def __init__(self, reader: AwsReader, kept: KeptExecutions | None = None) -> None:
        self.reader = reader
        self._kept = kept
        self._express: set[str] = set()
        self.denied: DeniedError | None = None
        """Why nothing more of any execution is told than the list does, as far as that was tried."""
        self._denied: dict[str, DeniedError] = {}
        """Why the histories of a state machine's executions may not be read, by its ARN: it is not tried with each."""

    def ended_by(self, cancellation: Cancellation) -> AccountSource:
        """The same account, with what is known of it, whose reading another cancellation ends."""
        source = AccountSource(self.reader.ended_by(cancellation), self._kept)
        source._express, source._denied = self._express, self._denied
        return source

    @property
    def title(self) -> str:
        """Region and profile."""
        access = self.reader.access
        parts = (access.region or "", access.profile or "", access.endpoint_url or "")
        return ", ".join(part for part in parts if part) or "AWS"

    @property
    def slowdown(self) -> Slowdown | None:
        """What has to wait for its turn now, or is asked more slowly because AWS throttled; from any thread."""
        return self.reader.slowdown

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        """The state machines of the account and region."""
        for page in state_machine_pages(self.reader, name):
            self._express.update(machine.arn for machine in page if machine.type == "EXPRESS")
            yield page

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts | None:
        """With two requests: those that run, and the newest of all. None for Express: AWS lists none of them."""
        if machine.type == "EXPRESS":
            return None
        running = self._first_page(machine.arn, statusFilter=RUNNING)
        newest = self._first_page(machine.arn)
        entries = newest.get("executions") or []
        failed = sum(entry.get("status") in UNSUCCESSFUL and _is_since(entry, since) for entry in entries)
        is_all = not newest.get("nextToken") or not _is_since(entries[-1], since)
        going = Count(len(running.get("executions") or []), not running.get("nextToken"))
        return MachineCounts(going, Count(failed, is_all), since)

    def executions(self, of: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        """Those of a state machine, also an Express one, or of a Map Run. Of Express ones the log is read, from
        `wanted.since` on: an execution comes again when more of it is known."""
        wanted = wanted or Wanted()
        if of in self._express:
            return logged_pages(self.reader, of, wanted)
        try:
            return self.listed(of, wanted)
        except NotSupportedError:
            self._express.add(of)
            return logged_pages(self.reader, of, wanted)

    def listed(self, of: str, wanted: Wanted) -> Iterator[list[ExecutionOutcome]]:
        """The same out of AWS's list alone, of which the first page is asked for at once. Raises NotSupportedError for
        an Express state machine."""
        pages = (child_pages if read_arn(of).kind is ArnKind.MAP_RUN else execution_pages)(self.reader, of, wanted)
        first = next(pages, [])
        return self._listed(chain([first], pages), of)

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        """With one request as a rule: AWS lists what has ended or started last first. A known one that runs and is not
        among those is asked about when it runs no more."""
        found: dict[str, ExecutionOutcome] = {}
        seen: set[str] = set()
        parameters = {"mapRunArn" if read_arn(of).kind is ArnKind.MAP_RUN else "stateMachineArn": of}
        for page in self.reader.pages(ReadOperation.LIST_EXECUTIONS, of, maxResults=_NEWS, **parameters):
            outcomes = [self._completed(listed(entry_in(entry), of)) for entry in page.get("executions") or ()]
            seen.update(one.key for one in outcomes)
            found |= {one.key: one for one in outcomes if _is_news(one, known.get(one.key))}
            if any(one.key in known and one.is_over for one in outcomes) or not known:
                break
        unseen = [one for one in known.values() if one.is_running and one.key not in seen]
        if unseen:
            still = {entry.get("executionArn") for entry in self._running(of, parameters)}
            for one in unseen:
                if one.key not in still:
                    found[one.key] = self._described(one)
        return sorted(found.values(), key=lambda one: one.newest_time or 0, reverse=True)

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """With one request as a rule, for the end of the history without its data; where that is denied, the
        description tells error and cause. Raises AwsError when neither is to be had."""
        outcome = self._completed(outcome)
        if outcome.known >= Known.END or not outcome.arn:
            return outcome
        with _once_listed(outcome):
            found = self._looked_for(outcome)
        if self._kept is not None:
            self._kept.put(found)
        return found

    def _looked_for(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        if outcome.is_running:
            return self._described(outcome)
        arn = read_arn(outcome.arn)
        if arn.kind is ArnKind.EXPRESS_EXECUTION and not arn.is_child:
            return outcome_of(self.recording(outcome), None, outcome)
        denied = self._denied.get(arn.state_machine_arn)
        try:
            if denied is not None:
                raise denied
            return self._from_end(outcome)
        except OF_ONE_THING as error:
            if isinstance(error, DeniedError):
                self._denied[arn.state_machine_arn] = error
            return replace(self._described(outcome), refusal=error.what)

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        """As `outcome`, several requests at a time. `denied` says when one after the other is. What holds for all is
        raised when what was under way is there."""
        denied = 0
        fatal: AwsError | None = None
        for asked, answer in read_together(self.outcome, many, Cancellation()):
            denied = denied + 1 if isinstance(answer, DeniedError) else 0
            if isinstance(answer, DeniedError) and denied >= _DENIED_IN_A_ROW:
                self.denied = answer
            if not isinstance(answer, AwsError):
                yield answer
            elif isinstance(answer, OF_ONE_THING):
                yield replace(asked, refusal=answer.what)
            else:  # nothing more is asked: whatever is left has this answer, too
                fatal = fatal or answer
        if fatal is not None:
            raise fatal

    def revised(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """The same with the definition that it ran: a hash of its text, and since when it was the state machine's. With
        one request. Raises AwsError."""
        if outcome.definition_hash:
            return outcome
        machine = describe_machine_for_execution(self.reader, outcome.arn)
        revised_at = moment_of(machine.answer.get("updateDate"))
        found = replace(outcome, definition_hash=definition_hash(machine.definition), definition_at=revised_at)
        if self._kept is not None:
            self._kept.put(found)
        return found

    def trail(self, outcome: ExecutionOutcome, trail: Trail | None = None) -> Trail:
        """Where an execution is that runs, with one request as a rule: the end of its history without its data, after a
        first time as far back as `trail`, which is added to, has followed it. Raises AwsError."""
        trail = trail or Trail()
        events: list[HistoryEvent] = []
        size = _TRAIL_MORE if trail.last else _TRAIL_FIRST
        for number, page in enumerate(newest_pages(self.reader, outcome.arn, size, with_data=False), start=1):
            events += page
            if not trail.last or not page or event_id(page[-1]) <= trail.last + 1:
                break
            if number >= _MOST_PAGES:  # more has happened than is worth to be followed
                trail = Trail()
                break
        trail.add(sorted(events, key=event_id))
        return trail

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        """All of its history, read from AWS."""
        return recording_of(self.opened(outcome))

    def opened(
        self, outcome: ExecutionOutcome, begin: Begin = silent, search: LogSearch | None = None
    ) -> OpenedExecution:
        """The execution with its description, history and the definition that it ran, as far as AWS gives them; from
        what is kept where it was read before. `search` says where the log of an Express execution is looked for: by
        default around the time that it ran."""
        kept = self._kept.opened(outcome) if self._kept is not None else None
        if kept is not None:
            return kept
        arn = read_arn(outcome.arn)
        search = search or _search_for(outcome)
        with _once_listed(outcome):
            opened = open_execution(self.reader, arn, begin, search)
        if self._kept is not None:
            self._kept.put_opened(outcome, opened)
        return opened

    def history(self, outcome: ExecutionOutcome, search: LogSearch | None = None) -> OpenedExecution:
        """The history of an execution, with one request where it has no Map Run; nothing is asked where it was read
        before. Raises AwsError."""
        kept = self._kept.history(outcome) if self._kept is not None else None
        if kept is not None:
            return kept
        search = search or LogSearch(since=(outcome.started_at or 0) - 60_000)
        with _once_listed(outcome):
            read = read_events(self.reader, read_arn(outcome.arn), search)
        if self._kept is not None:
            self._kept.put_history(outcome, read)
        return read

    def histories(
        self, many: Iterable[ExecutionOutcome]
    ) -> Iterator[tuple[ExecutionOutcome, OpenedExecution | AwsError]]:
        """The same for many, several at once, each with its answer, in their order."""
        return read_together(self.history, many, Cancellation())

    def find(self, arn: str) -> ExecutionOutcome:
        """The execution with that ARN. Express ones are not described: what becomes of one is in its log. Raises
        SfdebugError."""
        read = read_arn(arn)
        outcome = outcome_at(read)
        if read.kind is ArnKind.EXPRESS_EXECUTION and not read.is_child:
            return outcome
        return self._described(outcome)

    def map_run(self, arn: str) -> MapRunFacts:
        """What AWS says of a Map Run. Raises AwsError."""
        found = describe_map_run(self.reader, arn)
        return MapRunFacts(arn, found.execution_arn, found.status, found.execution_counts)

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        """The text of the definition as it was for this execution; None where AWS does not tell."""
        kept = self._kept.opened(outcome) if self._kept is not None else None
        if kept is not None and kept.definition:
            return kept.definition
        try:
            return describe_machine_for_execution(self.reader, outcome.arn).definition
        except OF_ONE_THING:
            return None

    def _first_page(self, arn: str, **more: str) -> dict[str, Any]:
        return self.reader.ask(ReadOperation.LIST_EXECUTIONS, arn, stateMachineArn=arn, maxResults=PAGE, **more)

    def _running(self, of: str, parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        pages = self.reader.pages(
            ReadOperation.LIST_EXECUTIONS, of, maxResults=PAGE, statusFilter=RUNNING, **parameters
        )
        for page in pages:
            yield from page.get("executions") or ()

    def _listed(self, pages: Iterable[list[ExecutionEntry]], of: str) -> Iterator[list[ExecutionOutcome]]:
        seen: set[str] = set()
        for page in pages:
            # What changes its status while the list is read is listed twice.
            yield [self._completed(listed(entry, of)) for entry in page if entry.arn not in seen]
            seen.update(entry.arn for entry in page)

    def _completed(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        return self._kept.completed(outcome) if self._kept is not None else outcome

    def _described(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        return described(describe_execution(self.reader, outcome.arn).answer, outcome)

    def _from_end(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        events: list[HistoryEvent] = []
        found = outcome
        for number, page in enumerate(newest_pages(self.reader, outcome.arn, PAGE, with_data=False), start=1):
            known = event_id(events[-1]) if events else 0
            events += [event for event in page if not known or event_id(event) < known]
            if not events:
                break
            found = outcome_of_end(_recording(events[::-1], outcome), outcome)
            if found.known is Known.WHOLE or found.failed_state is not None or number >= _MOST_PAGES:
                break
        return found


@contextmanager
def _once_listed(outcome: ExecutionOutcome) -> Iterator[None]:
    """What AWS does not know, although it told its status before, is gone: account and region are the right ones."""
    try:
        yield
    except NotFoundError as error:
        if not outcome.status or error.where != outcome.arn:
            raise
        fix = "Read the list again. AWS deletes an execution with its state machine, and 90 days after its end."
        raise NotFoundError("it was deleted since it was listed", fix, where=error.where) from error


def _recording(events: list[HistoryEvent], outcome: ExecutionOutcome) -> Recording:
    """The recording that these events make. Raises RecordingError when they make none."""
    facts = ExecutionInfo.of_arn(outcome.arn, outcome.name, outcome.state_machine_arn)
    try:
        return replace(recordings_of(events, outcome.arn)[0], facts=facts)
    except RecordingError as error:
        raise UnexpectedAnswerError(error.what, "Check the endpoint's address.", where=outcome.arn) from error


def _search_for(outcome: ExecutionOutcome) -> LogSearch:
    """The time of an Express execution in its log: from a little before its start to a little after its end."""
    until = outcome.stopped_at + _AROUND if outcome.stopped_at is not None else None
    since = outcome.started_at
    if since is None and outcome.stopped_at is not None:  # a log at the level ERROR has no starts
        since = outcome.stopped_at - EXPRESS_MAX_SECONDS * 1000
    return LogSearch((since or 0) - _AROUND, until)


def _is_since(entry: Mapping[str, Any], since: int | None) -> bool:
    """Whether an entry of AWS's list ended or began since then."""
    times = [moment_in(entry, name) for name in ("stopDate", "startDate", "redriveDate")]
    return since is None or max((time for time in times if time is not None), default=since) >= since


def _is_news(outcome: ExecutionOutcome, known: ExecutionOutcome | None) -> bool:
    return known is None or (known.status, known.redrive_count) != (outcome.status, outcome.redrive_count)
