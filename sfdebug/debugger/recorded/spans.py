"""The recorded visits as spans of time: when each began and ended, its attempts, and what it waited for in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.visits import RecordedVisit


class SpanPartKind(StrEnum):
    """What a part of a span is."""

    STAY = "stay"
    """In the state, without an attempt under way."""
    WORK = "work"
    FAILED = "failed"
    """An attempt that failed."""
    RETRY_WAIT = "waits to retry"
    WAIT = "waits"
    """A Wait state."""


class SpanPart(Struct, frozen=True, gc=False):
    """A part of a span, in milliseconds since the start of the execution."""

    kind: SpanPartKind
    begin: int
    end: int


class TimeSpan(Struct, frozen=True, gc=False):
    """One visit in time. `index` is that of its first event in the recording, `depth` how many containers are around
    it; `attempts` counts its tries, 0 for a state that has none. `idle` is for how many milliseconds in between the
    execution was over, until it was redriven."""

    visit: RecordedVisit
    index: int
    depth: int
    begin: int
    end: int
    parts: tuple[SpanPart, ...]
    idle: int = 0

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        return self.end - self.begin - self.idle

    @property
    def attempts(self) -> int:
        """How often its work was tried."""
        return len(self.visit.attempts)


def spans(run: RecordedSession) -> tuple[TimeSpan, ...]:
    """A span for each visit, in order of entry; empty when the recording has no times."""
    start = run.recording.start_time
    if start is None:
        return ()
    found = []
    gaps = _gaps(run, start)
    for visit in run.alignment.visits:
        span = _span(visit, run.recording.index_of(visit.entered.id) or 0, start)
        found.append(_without_gaps(span, gaps) if visit.redriven else span)
    return tuple(found)


def _gaps(run: RecordedSession, start: int) -> list[tuple[int, int]]:
    """The times in which the execution was over until it was redriven, in milliseconds since `start`."""
    return [
        (end.time - start, redriven.time - start)
        for end, redriven in run.alignment.failed_ends
        if end.time is not None and redriven.time is not None
    ]


def _without_gaps(span: TimeSpan, gaps: Sequence[tuple[int, int]]) -> TimeSpan:
    """The span without the times in which the execution was over."""
    parts, idle = list(span.parts), 0
    for over, redriven in gaps:
        if span.begin < redriven and over < span.end:
            idle += _overlap(over, redriven, span.begin, span.end)
            parts = [rest for part in parts for rest in _cut(part, over, redriven)]
    return replace(span, parts=tuple(parts), idle=idle)


def _overlap(over: int, redriven: int, begin: int, end: int) -> int:
    return max(0, min(redriven, end) - max(over, begin))


def _cut(part: SpanPart, over: int, redriven: int) -> Iterator[SpanPart]:
    if part.end <= over or part.begin >= redriven:
        yield part
        return
    if part.begin < over:
        yield replace(part, end=over)
    if part.end > redriven:
        yield replace(part, begin=redriven)


def _span(visit: RecordedVisit, index: int, start: int) -> TimeSpan:
    begin = (visit.entered.time if visit.entered.time is not None else start) - start
    last = visit.exited or visit.last
    end = max(begin, (last.time if last.time is not None else start + begin) - start)
    return TimeSpan(visit, index, len(visit.branch), begin, end, tuple(_parts(visit, begin, end, start)))


def _parts(visit: RecordedVisit, begin: int, end: int, start: int) -> Sequence[SpanPart]:
    if visit.type == "Wait":
        return [SpanPart(SpanPartKind.WAIT, begin, end)]
    parts: list[SpanPart] = []
    at = begin
    for attempt in visit.attempts:
        began = attempt.began.time
        closing = attempt.ended or attempt.events[-1]
        if began is None or closing.time is None:
            continue
        first, last = max(at, began - start), max(at, closing.time - start)
        if first > at:
            is_retry = attempt.number > 1 and visit.attempts[attempt.number - 2].redrives == attempt.redrives
            parts.append(SpanPart(SpanPartKind.RETRY_WAIT if is_retry else SpanPartKind.STAY, at, first))
        parts.append(SpanPart(SpanPartKind.FAILED if attempt.failed else SpanPartKind.WORK, first, last))
        at = last
    if end > at or not parts:
        was_waiting = visit.status == "aborted" and bool(visit.attempts) and visit.attempts[-1].failed
        parts.append(SpanPart(SpanPartKind.RETRY_WAIT if was_waiting else SpanPartKind.STAY, at, max(at, end)))
    return parts


class RecordedBranch(Struct, frozen=True, gc=False):
    """One run of a branch or an iteration of a visited Parallel or Map.

    `status` is "failed", "aborted", "running", "caught" or "succeeded"; `state` the one that it failed in, or was in
    last; `index` is that of the event to go to: of its failure, or else of its first state.
    """

    id: BranchId
    status: str
    state: str
    error: str
    index: int
    milliseconds: int


_ORDER = ("failed", "aborted", "running", "caught", "succeeded")


def branches_of(run: RecordedSession, container: RecordedVisit) -> tuple[RecordedBranch, ...]:
    """The branches or iterations that ran in a visit to a Parallel or Map, the last time that it was tried: those that
    failed first. What failed within, and was tried again or was cut short before it could be, did not fail."""
    by_branch: dict[BranchId, list[RecordedVisit]] = {}
    depth = len(container.branch) + 1
    inside = {container.number}
    began = container.attempts[-1].began.id if container.attempts else 0  # a Retrier can have started it anew
    for visit in run.alignment.visits:
        if visit.container in inside and visit.entered.id > began:
            inside.add(visit.number)
            by_branch.setdefault(visit.branch[:depth], []).append(visit)
    found = [_recorded_branch(run, branch, visits) for branch, visits in by_branch.items()]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.status), one.id)))


def _recorded_branch(run: RecordedSession, branch: BranchId, visits: Sequence[RecordedVisit]) -> RecordedBranch:
    own = [visit for visit in visits if visit.branch == branch]
    statuses = [visit.status for visit in own]
    status = next((status for status in _ORDER[:3] if status in statuses), "")
    if not status:
        status = "caught" if "caught" in statuses else "succeeded"
    wanted = [visit for visit in visits if visit.status == status and status in ("failed", "caught")]
    visit = wanted[-1] if wanted else own[-1] if own else visits[-1]
    error = visit.attempts[-1].error or "" if visit.attempts else visit.last.text("error") or ""
    event = visit.last if status in ("failed", "aborted", "running") else visits[0].entered
    if status == "failed" and visit.attempts and visit.attempts[-1].ended is not None:
        event = visit.attempts[-1].ended  # TaskStateAborted can follow it
    first, last = visits[0].entered.time, max((one.last.time or 0 for one in visits), default=0)
    idle = sum(_overlap(over, redriven, first, last) for over, redriven in _gaps(run, 0)) if first else 0
    took = max(0, last - first - idle) if first else 0
    return RecordedBranch(branch, status, visit.state, error, run.recording.index_of(event.id) or 0, took)
