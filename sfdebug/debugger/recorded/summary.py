"""The summary of a recorded execution: what somebody on call wants to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.recorded.redrive_words import redrive_lines
from sfdebug.engine.execution.events import EventType, utc_text
from sfdebug.history.recording import ENDINGS, parse_payload
from sfdebug.history.redrive import redrive_outlook
from sfdebug.history.replay.event_comparison import DifferenceKind
from sfdebug.history.verification.verdict import VerificationStatus
from sfdebug.text import counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import Recording

_MOST: Final = 8
"""Lines of one kind that the text of a summary has at most."""
_WIDEST: Final = 400
_MOST_NAMED: Final = 4


class Retried(Struct, frozen=True, gc=False):
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


def retried(alignment: Alignment) -> tuple[Retried, ...]:
    """The visits that were tried more than once in a run, in the order of their entry."""
    return tuple(one for visit in alignment.visits if len(visit.attempts) > 1 for one in _retried(visit, alignment))


def _retried(visit: RecordedVisit, alignment: Alignment) -> Iterator[Retried]:
    for _, of_a_run in groupby(visit.attempts, key=lambda attempt: attempt.redrives):
        attempts = tuple(of_a_run)
        if len(attempts) > 1:
            errors = tuple(alignment.error_of(attempt) or "no error name" for attempt in attempts if attempt.failed)
            is_last = attempts[-1] is visit.attempts[-1]
            is_saved = is_last and not attempts[-1].failed and visit.status == "succeeded"
            yield Retried(visit, attempts, errors, is_saved)


def summary_lines(run: RecordedSession, now: int | None = None) -> list[tuple[str, str]]:
    """The summary as a heading and a text for each fact, the most important first.

    `now` is the time, in milliseconds since 1970, by which it is told whether a redrive is possible any more.
    """
    recording, alignment = run.recording, run.alignment
    lines = [("Status", _status(recording, alignment)), *_failure(recording, alignment)]
    if recording.start_time is not None:
        lines.append(("Started", _moment(recording.start_time)))
    tried = retried(alignment)
    lines += [("Retried", _retry_text(one)) for one in tried[:_MOST]]
    lines += _more("Retried", len(tried))
    caught = [visit for visit in alignment.visits if visit.status == "caught"]
    lines += [
        ("Caught", f"{visit_name(visit)}: {alignment.error_of(visit.attempts[-1]) or 'no error name'}"[:_WIDEST])
        for visit in caught[:_MOST]
    ]
    lines += _more("Caught", len(caught))
    lines += [("Redriven", _redriven_text(alignment, index)[:_WIDEST]) for index in alignment.redrives[-_MOST:]]
    outlook = redrive_outlook(alignment)
    lines += [("Redrive", line[:_WIDEST]) for line in redrive_lines(outlook, now)] if outlook is not None else []
    arns = [event.text("mapRunArn") for event in recording.events if event.type == EventType.MAP_RUN_STARTED]
    lines += [("Map Run", f"sfdebug replay {arn}") for arn in arns[:_MOST] if arn]
    lines.append(("Definition", definition_text(run)[:_WIDEST]))
    cut, missing = recording.truncated, recording.missing_ids
    if cut:
        lines.append(("Cut off", f"AWS cut data off from {counted(len(cut), 'event')}: {_ids(cut)}"))
    if missing:
        lines.append(("Missing", f"{counted(len(missing), 'event')} that the file lacks: {_ids(missing)}"))
    lines += [("File", str(problem)[:_WIDEST]) for problem in recording.problems[:_MOST]]
    return lines + _more("File", len(recording.problems))


def _status(recording: Recording, alignment: Alignment) -> str:
    first, last = recording.events[0].time, recording.events[-1].time
    took = f" after {duration_text(last - first)}" if first is not None and last is not None else ""
    count = len(alignment.redrives)
    redriven = f", redriven {'once' if count == 1 else f'{count:,} times'}" if count else ""
    counts = f"{counted(len(recording.events), 'event')}, {counted(len(alignment.visits), 'state visit')}"
    status = "not in the file, which ends" if recording.has_more else recording.status
    return f"{status}{took}{redriven}, {counts}"


def _redriven_text(alignment: Alignment, index: int) -> str:
    """`2025-11-20 09:10:00.000 UTC, event 41, 6 h 15 min after it FAILED in Ship order with E; Ship order goes on`.

    The visits that go on are named without the containers around them.
    """
    events = alignment.recording.events
    event, end = events[index], events[index - 1] if index else None
    text = f"{_moment(event.time)}, event {event.id}" if event.time is not None else f"event {event.id}"
    if end is not None and end.type in ENDINGS:
        is_timed = event.time is not None and end.time is not None
        text += f", {duration_text((event.time or 0) - (end.time or 0))} after it" if is_timed else ", after it"
        began = alignment.failure_behind(end)
        failed_at = alignment.visit_at(began) if began is not None else None
        error = (events[began].text("error") if began is not None else None) or end.text("error")
        text += f" {ENDINGS[end.type]}"
        text += f" in {visit_name(failed_at)}" if failed_at is not None else ""
        text += f" with {error}" if error else ""
    found = [visit for visit in alignment.visits if event.id in visit.redriven]
    around = {visit.container for visit in found}
    names = [visit_name(visit) for visit in found if visit.number not in around]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{text}; goes on in {', '.join(names[:_MOST_NAMED])}{more}" if names else text


def _moment(milliseconds: int) -> str:
    return utc_text(milliseconds).replace("T", " ").replace("Z", " UTC")


def _failure(recording: Recording, alignment: Alignment) -> list[tuple[str, str]]:
    """Where the failure began, and with what; nothing where there was none."""
    index, ended = alignment.failure, recording.error or ""
    event = recording.events[index] if index is not None else None
    failed_at = alignment.visit_at(index) if index is not None else None
    if failed_at is None and not ended:
        return []
    error = (event.text("error") if event is not None else None) or ended
    cause = (event.text("cause") if event is not None else None) or recording.cause
    lines = []
    if failed_at is not None and event is not None:
        last = failed_at.attempts[-1].redrives if failed_at.attempts else 0
        attempts = sum(attempt.redrives == last for attempt in failed_at.attempts)
        tries = f", attempt {attempts}" if attempts > 1 else ""
        lines.append(("Failed in", f"{visit_name(failed_at)}{tries}, event {event.id}"))
    if error:
        lines.append(("Error", error[:_WIDEST]))
    if cause:
        lines.append(("Cause", cause_text(cause)[:_WIDEST]))
    if ended and ended != error:
        lines.append(("Ended with", ended[:_WIDEST]))
    return lines


def cause_text(cause: str) -> str:
    """A cause for a person: of the JSON that Lambda gives as one, its message."""
    if not cause.startswith("{"):
        return cause
    found = parse_payload(cause)
    message = found.get("errorMessage") if isinstance(found, dict) else None
    return message if isinstance(message, str) and message else cause


def _retry_text(one: Retried) -> str:
    counts = Counter(one.errors)
    errors = ", ".join(f"{error}{f' ×{count}' if count > 1 else ''}" for error, count in counts.items())
    milliseconds = one.milliseconds
    took = f" in {duration_text(milliseconds)}" if milliseconds is not None else ""
    text = f"{visit_name(one.visit)}: {len(one.attempts)} attempts{took}{f', {errors}' if errors else ''}"
    return f"{text}; {_last_attempt(one)}"[:_WIDEST]


def _last_attempt(one: Retried) -> str:
    if one.is_saved:
        return "then it succeeded"
    if one.attempts[-1].failed:
        return "the last one too"
    return "how the last one ended is not recorded"


def definition_text(run: RecordedSession) -> str:
    """What the definition makes of the recording, in a sentence that claims no more than was compared."""
    replay, conclusion = run.replay, run.conclusion
    if run.replaying is not None:
        progress = run.replaying.progress
        return f"{run.why_not_replayed}: {progress.done:,} of {counted(progress.of, 'event')} so far"
    if replay is None or conclusion is None:
        return run.why_not_replayed
    divergence = replay.divergence
    if replay.is_stopped:
        assert divergence is not None, "it says where"
        text = f"the replay was stopped: what is computed ends before event {divergence.event_id}"
        own = sum(not one.is_carried for one in conclusion.differences)
        return f"{text}, with {counted(own, 'difference')}" if own else text
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
