"""The verdict on a recorded execution run again under a definition: what can be said of it, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sfdebug.engine import Program
from sfdebug.engine.execution.decisions import RefuseTask
from sfdebug.history.replay.event_comparison import TIMESTAMPS, Difference, DifferenceKind, Rules
from sfdebug.history.replay.replay import Replay, replay
from sfdebug.history.verification.unseen import UnchangedStates, first_of, unseen_map_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.recording import Recording

_MOST_IDS = 5


class VerificationStatus(StrEnum):
    """What came of one recorded execution."""

    IDENTICAL = "identical"
    """Every recorded event came again, with every value; of made-up values it was checked what can be."""
    SAME_EFFECTS = "same effects"
    """Every recorded task call was made again, and the execution ended alike; nothing else was compared."""
    PARTIAL = "partial"
    """What was recorded came again, but something was not recorded."""
    DIVERGES = "diverges"
    NOT_VERIFIED = "not verified"
    """It could not be told: the file cannot be read, data is missing, or what hangs on a made-up value."""


@dataclass(frozen=True, slots=True)
class Verification:
    """One recorded execution under a definition: the verdict, and all differences in the order of the events.

    `events` is how many were recorded, `followed` how many of them the replay came to. `is_complete` is false when the
    recording does not go to the end of the execution. `drawn` counts the values that AWS made up, which were taken over
    as recorded after it was checked that the definition can give them; `calls`, where only effects were compared, the
    task calls that were made again. `reasons` say why it is partial, or was not verified, the weightiest first; `notes`
    what was odd in the file.
    """

    history: str
    status: VerificationStatus
    events: int = 0
    followed: int = 0
    is_complete: bool = True
    differences: tuple[Difference, ...] = ()
    drawn: int = 0
    calls: int | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Difference | None:
        """The first difference."""
        return self.differences[0] if self.differences else None

    @property
    def reason(self) -> str:
        """The weightiest reason, "" when there is none."""
        return self.reasons[0] if self.reasons else ""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a replay proves: the status, the differences that are known to be some, and the reasons for doubt."""

    status: VerificationStatus
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()


def verify(
    definition: StateMachine | Program,
    recording: Recording,
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
) -> Verification:
    """The verdict on one recording.

    Args:
        definition: What is verified.
        recording: What AWS did.
        rules: What counts as a difference.
        recorded_definition: The definition that the execution ran, where it is known: what the history does not hold
            came out alike where nothing changed.

    Raises UnsupportedError when the definition cannot be run, RecordingError when the recording has no input.
    """
    program = definition if isinstance(definition, Program) else Program(definition)
    found = unverified(recording)
    if found.reasons:
        return found
    run = replay(program, recording, rules=rules)
    found_out = conclude(run, rules or Rules(), recorded_definition)
    return replace(
        found, status=found_out.status, followed=run.events_followed, differences=found_out.differences,
        drawn=len(run.drawn), reasons=found_out.reasons,
    )  # fmt: skip


def unverified(recording: Recording) -> Verification:
    """A recording before it is verified; with a reason when it cannot be."""
    reason = _why_not(recording)
    return Verification(
        recording.title,
        VerificationStatus.NOT_VERIFIED,
        len(recording.events),
        is_complete=recording.end is not None and not recording.has_more,
        reasons=(reason,) if reason else (),
        notes=tuple(f"{one.place}: {one.what}" if one.place else one.what for one in recording.problems),
    )


def conclude(run: Replay, rules: Rules, recorded_definition: StateMachine | None = None) -> Conclusion:
    """What a replay proves. A difference is one, whatever else is not known; a doubt outweighs what is missing."""
    differences = tuple(one for one in run.differences if one.kind is not DifferenceKind.UNKNOWN)
    if differences:
        return Conclusion(VerificationStatus.DIVERGES, differences)
    doubts = tuple(_doubts(run, recorded_definition))
    gaps = tuple(_gaps(run, rules))
    if doubts:
        return Conclusion(VerificationStatus.NOT_VERIFIED, (), doubts + gaps)
    if gaps:
        return Conclusion(VerificationStatus.PARTIAL, (), gaps)
    return Conclusion(VerificationStatus.IDENTICAL)


def _why_not(recording: Recording) -> str:
    if recording.why_not_followed:
        return recording.why_not_followed
    if not recording.has_data:
        return "it was recorded without execution data"
    if recording.events[0].type != "ExecutionStarted":
        return f"its first event, ExecutionStarted, is missing: it begins with {recording.events[0].type}"
    if recording.missing_ids:
        return f"event {recording.missing_ids[0]} is missing"
    return ""


def _doubts(run: Replay, recorded_definition: StateMachine | None) -> Iterator[str]:
    """Why it cannot be told whether the definition does what was recorded."""
    end = next((one for one in run.differences if one.kind is DifferenceKind.UNKNOWN), None)
    if end is not None and not _is_for_truncation(run, end):
        yield f"event {end.event_id}: {end.explanation}"
    unchanged = UnchangedStates(run.machine, recorded_definition) if recorded_definition is not None else None
    for name in _refused(run):
        if unchanged is None or not unchanged.is_unchanged(name):
            yield f"'{name}' could not be scheduled when it was recorded, and whether it can be now is not known"
    untraced, drawn_otherwise = list(run.untraced), []
    if unchanged is not None:
        untraced = [one for one in untraced if not unchanged.computes_alike(one)]
        drawn_otherwise = [one for one in run.drawn if not unchanged.draws_alike(one)]
    if untraced:
        yield f"{_values(untraced)} {_hangs(untraced)} on a random value or a clock in a way that cannot be followed"
    if drawn_otherwise:
        yield f"{_values(drawn_otherwise)} {_hangs(drawn_otherwise)} on a random value that is drawn otherwise now"
    yield from unseen_map_runs(run.alignment, run.machine, recorded_definition)


def _refused(run: Replay) -> Iterator[str]:
    """The Tasks that were not scheduled because the recording says so, by a reason that is outside of a definition."""
    for decision in run.decisions:
        if isinstance(decision, RefuseTask):
            visits = (visit for visit in reversed(run.execution.visits) if visit.branch == decision.branch)
            yield next((visit.state.name for visit in visits), "a Task")


def _gaps(run: Replay, rules: Rules) -> Iterator[str]:
    """What was not recorded, so that only the rest was compared."""
    yield from gaps_of_file(run.recording)
    end = next((one for one in run.differences if one.kind is DifferenceKind.UNKNOWN), None)
    if end is not None and _is_for_truncation(run, end):
        yield f"nothing was compared from event {end.event_id} on: {end.explanation}"
    if run.unnamed:
        fact = "the execution's name, or on another fact that the recording does not say"
        yield f"{_values(run.unnamed)} {_hangs(run.unnamed)} on {fact}"
    if TIMESTAMPS not in rules.ignore and any(event.time is None for event in run.recording.events):
        yield "events have no timestamps, so that waits and delays are not compared"


def gaps_of_file(recording: Recording) -> Iterator[str]:
    """What of an execution is not in its file."""
    if recording.selection:
        yield recording.selection
    if recording.truncated:
        yield f"AWS cut off the data of event{_ids(recording.truncated)}: compared as far as it goes"
    if recording.has_more:
        yield "only the first events are in the file: its nextToken leads to more"
    elif recording.end is None:
        yield f"it is recorded up to event {recording.events[-1].id}, which does not end the execution"


def _is_for_truncation(run: Replay, end: Difference) -> bool:
    """Whether a replay ended where AWS cut off what it needs: the data of that very event."""
    return end.event_id in run.recording.truncated


def _values(found: Sequence[Difference]) -> str:
    return f"{len(found)} values (the first: {first_of(found)})" if len(found) > 1 else f"a value ({first_of(found)})"


def _hangs(found: Sequence[Difference]) -> str:
    return "hang" if len(found) > 1 else "hangs"


def _ids(ids: Iterable[int]) -> str:
    listed = list(ids)
    shown = ", ".join(map(str, listed[:_MOST_IDS])) + (", …" if len(listed) > _MOST_IDS else "")
    return f"{'s' if len(listed) > 1 else ''} {shown}"
