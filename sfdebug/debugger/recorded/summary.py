"""The summary of a recorded execution: what somebody on call wants to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.events import EventType, utc_text
from sfdebug.history.recording import ENDINGS, parse_payload
from sfdebug.history.replay.event_comparison import DifferenceKind
from sfdebug.history.verification.verdict import VerificationStatus
from sfdebug.text import counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.status import ExecutionStatus
    from sfdebug.errors import Problem
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit

_MOST: Final = 8
"""Lines of one kind that the text of a summary has at most."""
_WIDEST: Final = 400
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Retried:
    """A visit whose state was tried more than once in a run: with which errors, and whether the last try was a success.

    `attempts` are those of one run: of a redriven execution, those before or after a redrive.
    """

    visit: RecordedVisit
    attempts: tuple[Attempt, ...]
    errors: tuple[str, ...]
    is_saved: bool

    @property
    def milliseconds(self) -> int | None:
        """How long the visit was, or, when the execution was redriven in it, how long these attempts took in all."""
        if len(self.attempts) == len(self.visit.attempts):
            return self.visit.milliseconds
        first, last = self.attempts[0].began.time, self.attempts[-1].events[-1].time
        return last - first if first is not None and last is not None else None


@dataclass(frozen=True, slots=True)
class RedrivenAt:
    """A redrive: its event, when it was (milliseconds since 1970), and what it went on from and with.

    `ended` is how the execution had ended, `idle` how long before; `failed_at` the visit in which that began, and
    `error` with what. `goes_on` are the visits that go on, without the containers around them.
    """

    event_id: int
    time: int | None
    count: int
    ended: ExecutionStatus | None
    idle: int | None
    failed_at: RecordedVisit | None
    error: str
    goes_on: tuple[RecordedVisit, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording comes to. Times are in milliseconds; `failed_at` is the visit in which the failure began."""

    status: ExecutionStatus
    error: str
    cause: str
    failed_at: RecordedVisit | None
    failure_event: int | None
    failed_error: str
    failed_cause: str
    started: int | None
    milliseconds: int | None
    events: int
    visits: int
    retried: tuple[Retried, ...]
    caught: tuple[RecordedVisit, ...]
    redriven: tuple[RedrivenAt, ...]
    map_runs: tuple[str, ...]
    truncated: tuple[int, ...]
    missing: tuple[int, ...]
    problems: tuple[Problem, ...]
    has_more: bool = False
    """Whether the file does not go to the end of what AWS has, so that it is not known how the execution stands."""


def summarise_run(run: RecordedSession) -> Summary:
    """The summary of a recording."""
    recording, alignment, visits = run.recording, run.alignment, run.alignment.visits
    failure = alignment.failure
    event = recording.events[failure] if failure is not None else None
    times = [event.time for event in (recording.events[0], recording.events[-1]) if event.time is not None]
    return Summary(
        status=recording.status,
        error=recording.error or "",
        cause=recording.cause or "",
        failed_at=alignment.visit_at(failure) if failure is not None else None,
        failure_event=event.id if event is not None else None,
        failed_error=(event.text("error") or "") if event is not None else "",
        failed_cause=(event.text("cause") or "") if event is not None else "",
        started=recording.start_time,
        milliseconds=times[-1] - times[0] if len(times) > 1 else None,
        events=len(recording.events),
        visits=len(visits),
        retried=tuple(retried for visit in visits if len(visit.attempts) > 1 for retried in _retried(visit)),
        caught=tuple(visit for visit in visits if visit.status == "caught"),
        redriven=tuple(_redriven(alignment, index, number) for number, index in enumerate(alignment.redrives, 1)),
        map_runs=tuple(
            event.text("mapRunArn") or "" for event in recording.events if event.type == EventType.MAP_RUN_STARTED
        ),
        truncated=recording.truncated,
        missing=recording.missing_ids,
        problems=recording.problems,
        has_more=recording.has_more,
    )


def _retried(visit: RecordedVisit) -> Iterator[Retried]:
    for _, of_a_run in groupby(visit.attempts, key=lambda attempt: attempt.redrives):
        attempts = tuple(of_a_run)
        if len(attempts) > 1:
            errors = tuple(attempt.error or "no error name" for attempt in attempts if attempt.failed)
            is_last = attempts[-1] is visit.attempts[-1]
            is_saved = is_last and not attempts[-1].failed and visit.status == "succeeded"
            yield Retried(visit, attempts, errors, is_saved)


def _redriven(alignment: Alignment, index: int, number: int) -> RedrivenAt:
    events, visits = alignment.recording.events, alignment.visits
    event = events[index]
    end = events[index - 1] if index and events[index - 1].type in ENDINGS else None
    began = alignment.failure_behind(end) if end is not None else None
    failed_at = alignment.visit_at(began) if began is not None else None
    fault = events[began] if began is not None else end
    idle = event.time - end.time if end is not None and event.time is not None and end.time is not None else None
    found = [visit for visit in visits if event.id in visit.redriven]
    around = {visit.container for visit in found}
    count = event.details.get("redriveCount")
    return RedrivenAt(
        event_id=event.id,
        time=event.time,
        count=count if isinstance(count, int) else number,
        ended=ENDINGS[end.type] if end is not None else None,
        idle=idle,
        failed_at=failed_at,
        error=(fault.text("error") or (end.text("error") if end is not None else "") or "")
        if fault is not None
        else "",
        goes_on=tuple(visit for visit in found if visit.number not in around),
    )


def summary_lines(run: RecordedSession) -> list[tuple[str, str]]:
    """The summary as a heading and a text for each fact, the most important first."""
    summary = summarise_run(run)
    lines = [("Status", _status(summary))]
    if summary.failed_at is not None or summary.error:
        lines += _failure(summary)
    if summary.started is not None:
        lines.append(("Started", _moment(summary.started)))
    lines += [("Retried", _retry_text(one)) for one in summary.retried[:_MOST]]
    lines += _more("Retried", len(summary.retried))
    lines += [
        ("Caught", f"{visit_name(visit)}: {visit.attempts[-1].error or 'no error name'}"[:_WIDEST])
        for visit in summary.caught[:_MOST]
    ]
    lines += _more("Caught", len(summary.caught))
    lines += [("Redriven", _redriven_text(redriven)[:_WIDEST]) for redriven in summary.redriven[-_MOST:]]
    lines += [("Map Run", f"sfdebug replay {arn}") for arn in summary.map_runs[:_MOST] if arn]
    lines.append(("Definition", definition_text(run)[:_WIDEST]))
    if summary.truncated:
        lines.append(
            ("Cut off", f"AWS cut data off from {counted(len(summary.truncated), 'event')}: {_ids(summary.truncated)}")
        )
    if summary.missing:
        lines.append(
            ("Missing", f"{counted(len(summary.missing), 'event')} that the file lacks: {_ids(summary.missing)}")
        )
    lines += [("File", str(problem)[:_WIDEST]) for problem in summary.problems[:_MOST]]
    return lines + _more("File", len(summary.problems))


def _status(summary: Summary) -> str:
    took = f" after {duration_text(summary.milliseconds)}" if summary.milliseconds is not None else ""
    count = len(summary.redriven)
    redriven = f", redriven {'once' if count == 1 else f'{count:,} times'}" if count else ""
    counts = f"{counted(summary.events, 'event')}, {counted(summary.visits, 'state visit')}"
    status = "not in the file, which ends" if summary.has_more else summary.status
    return f"{status}{took}{redriven}, {counts}"


def _redriven_text(redriven: RedrivenAt) -> str:
    """`2025-11-20 09:10:00.000 UTC, event 41, 6 h 15 min after it FAILED in Ship order with E; Ship order goes on`."""
    when = [_moment(redriven.time)] if redriven.time is not None else []
    when.append(f"event {redriven.event_id}")
    text = ", ".join(when)
    if redriven.ended is not None:
        text += f", {duration_text(redriven.idle)} after it" if redriven.idle is not None else ", after it"
        text += f" {redriven.ended}"
        text += f" in {visit_name(redriven.failed_at)}" if redriven.failed_at is not None else ""
        text += f" with {redriven.error}" if redriven.error else ""
    names = [visit_name(visit) for visit in redriven.goes_on]
    shown = ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )
    return f"{text}; goes on in {shown}" if names else text


def _moment(milliseconds: int) -> str:
    return utc_text(milliseconds).replace("T", " ").replace("Z", " UTC")


def _failure(summary: Summary) -> list[tuple[str, str]]:
    error, cause = summary.failed_error or summary.error, summary.failed_cause or summary.cause
    lines = []
    if summary.failed_at is not None:
        where = visit_name(summary.failed_at)
        last = summary.failed_at.attempts[-1].redrives if summary.failed_at.attempts else 0
        attempts = sum(attempt.redrives == last for attempt in summary.failed_at.attempts)
        tries = f", attempt {attempts}" if attempts > 1 else ""
        lines.append(("Failed in", f"{where}{tries}, event {summary.failure_event}"))
    if error:
        lines.append(("Error", error[:_WIDEST]))
    if cause:
        lines.append(("Cause", cause_text(cause)[:_WIDEST]))
    if summary.error and summary.error != error:
        lines.append(("Ended with", summary.error[:_WIDEST]))
    return lines


def cause_text(cause: str) -> str:
    """A cause for a person: of the JSON that Lambda gives as one, its message."""
    if not cause.startswith("{"):
        return cause
    found = parse_payload(cause)
    message = found.get("errorMessage") if isinstance(found, dict) else None
    return message if isinstance(message, str) and message else cause


def _retry_text(retried: Retried) -> str:
    counts = Counter(retried.errors)
    errors = ", ".join(f"{error}{f' ×{count}' if count > 1 else ''}" for error, count in counts.items())
    milliseconds = retried.milliseconds
    took = f" in {duration_text(milliseconds)}" if milliseconds is not None else ""
    text = f"{visit_name(retried.visit)}: {len(retried.attempts)} attempts{took}{f', {errors}' if errors else ''}"
    return f"{text}; {_last_attempt(retried)}"[:_WIDEST]


def _last_attempt(retried: Retried) -> str:
    if retried.is_saved:
        return "then it succeeded"
    if retried.attempts[-1].failed:
        return "the last one too"
    return "how the last one ended is not recorded"


def definition_text(run: RecordedSession) -> str:
    """What the definition makes of the recording, in a sentence that claims no more than was compared."""
    replay, conclusion = run.replay, run.conclusion
    if replay is None or conclusion is None:
        return run.why_not_replayed
    divergence = replay.divergence
    if divergence is not None and divergence.kind is DifferenceKind.UNKNOWN and not conclusion.differences:
        return f"computed up to event {divergence.event_id}, where the recording lacks what is needed to go on"
    if conclusion.status is VerificationStatus.IDENTICAL:
        drawn = f", {counted(len(replay.drawn), 'made-up value')} taken over" if replay.drawn else ""
        return f"every recorded value is computed alike{drawn}"
    if conclusion.status is VerificationStatus.PARTIAL:
        return f"what was recorded is computed alike, but {conclusion.reasons[0]}"
    if conclusion.status is VerificationStatus.NOT_VERIFIED:
        return f"not verified: {conclusion.reasons[0]}"
    begun = [one for one in conclusion.differences if not one.is_carried]
    count = counted(len(begun), "difference")
    if divergence is None:
        return f"{count} between recorded and computed"
    return f"{count}; it leaves the recording at event {divergence.event_id}"


def _more(heading: str, count: int) -> list[tuple[str, str]]:
    return [(heading, f"and {count - _MOST:,} more")] if count > _MOST else []


def _ids(ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, ids[:_MOST])) + (", …" if len(ids) > _MOST else "")


def visit_name(visit: RecordedVisit) -> str:
    """`Ship`, `Ship in Each order #3`."""
    return f"{visit.state}{branch_text(visit.branch)}"


def branch_text(branch: BranchId) -> str:
    """A branch as an addition to a name: ` in Each order #3`, counted from 0 as AWS does; "" at the top level."""
    return " in " + ", ".join(f"{name} #{index}" for name, index in branch) if branch else ""
