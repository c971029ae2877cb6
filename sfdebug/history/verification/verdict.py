"""The verdict on a recorded execution run again under a definition: what can be said of it, and no more.

A history does not hold the child executions of a Map Run: whether a change there matters cannot be computed. Only the
definition that the execution ran can tell that nothing changed: then the same came of it.
Source: AWS docs, "Using Map state in Distributed mode": child workflow executions have histories of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine import Program
from sfdebug.engine.execution.decisions import RefuseTask
from sfdebug.engine.execution.events import EventType
from sfdebug.history.leaves import is_same
from sfdebug.history.replay.event_comparison import TIMESTAMPS, Difference, DifferenceKind, Rules
from sfdebug.history.replay.nondeterminism import draws_of
from sfdebug.history.replay.replay import Replay, replay
from sfdebug.values import MISSING, Json, Value, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.coverage.model import TakenItems
    from sfdebug.history.recording import Recording
    from sfdebug.history.verification.outcomes import Mending

_MOST_IDS: Final = 5
_SHOWN: Final = frozenset(
    {"Type", "Comment", "Next", "End", "Retry", "Catch", "InputPath", "OutputPath", "ResultPath", "ResultSelector",
     "Assign", "Output", "Branches", "Iterator", "Arguments", "Parameters", "Result"}
)  # fmt: skip
"""Fields of a Map whose effects the history of the execution itself shows; `Parameters` is the older ItemSelector."""
_COMMENTED: Final = ("Retry", "Catch", "Choices")
_SCOPES: Final = ("ItemProcessor", "Iterator")


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


class Verification(Struct, frozen=True, gc=False):
    """One recorded execution under a definition: the verdict, and all differences in the order of the events.

    `events` is how many were recorded, `followed` how many of them the replay came to. `is_complete` is false when the
    recording does not go to the end of the execution. `drawn` counts the values that AWS made up, which were taken over
    as recorded after it was checked that the definition can give them; `calls`, where only effects were compared, the
    task calls that were made again. `reasons` say why it is partial, or was not verified, the weightiest first; `notes`
    what was unusual in the file. Where it was asked for, `mending` is what would have come of the execution, `taken`
    what of the definition it took, as far as it was computed.
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
    mending: Mending | None = None
    taken: TakenItems | None = None

    @property
    def first(self) -> Difference | None:
        """The first difference."""
        return self.differences[0] if self.differences else None

    @property
    def reason(self) -> str:
        """The weightiest reason, "" when there is none."""
        return self.reasons[0] if self.reasons else ""


class Conclusion(Struct, frozen=True, gc=False):
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
    return concluded(found, run, conclude(run, rules or Rules(), recorded_definition))


def concluded(found: Verification, run: Replay, conclusion: Conclusion) -> Verification:
    """The verdict on a recording that was replayed."""
    return replace(
        found, status=conclusion.status, followed=run.events_followed, differences=conclusion.differences,
        drawn=len(run.drawn), reasons=conclusion.reasons,
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
        notes=tuple(str(one) if one.location else one.what for one in recording.problems),
    )


def conclude(run: Replay, rules: Rules, recorded_definition: StateMachine | None = None) -> Conclusion:
    """What a replay proves. A difference is one, whatever else is not known; a doubt outweighs what is missing."""
    differences = tuple(one for one in run.differences if one.kind is not DifferenceKind.UNKNOWN)
    if differences:
        return Conclusion(VerificationStatus.DIVERGES, differences)
    doubts = tuple(doubts_of(run, recorded_definition))
    gaps = tuple(gaps_of(run, rules))
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
    if recording.events[0].type != EventType.EXECUTION_STARTED:
        return f"its first event, ExecutionStarted, is missing: it begins with {recording.events[0].type}"
    if recording.missing_ids:
        return f"event {recording.missing_ids[0]} is missing"
    return ""


def doubts_of(run: Replay, recorded_definition: StateMachine | None) -> Iterator[str]:
    """Why it cannot be told whether the definition does what was recorded."""
    end = next((one for one in run.differences if one.kind is DifferenceKind.UNKNOWN), None)
    if end is not None and not _is_for_truncation(run, end):
        yield f"event {end.event_id}: {end.explanation}"
    unchanged = _UnchangedStates(run.machine, recorded_definition) if recorded_definition is not None else None
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


def gaps_of(run: Replay, rules: Rules) -> Iterator[str]:
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
    unplaced = [event.id for event in recording.events if not event.is_placed]
    if unplaced:
        says = "do not say" if len(unplaced) > 1 else "does not say"
        yield f"event{_ids(unplaced)} {says} which one was before (previousEventId): their order is not compared"
    if recording.truncated:
        yield f"AWS cut off the data of event{_ids(recording.truncated)}: compared as far as it goes"
    if recording.has_more:
        yield "only the first events are in the file: its nextToken leads to more"
    elif recording.end is None:
        yield f"it is recorded up to event {recording.events[-1].id}, which does not end the execution"


def _is_for_truncation(run: Replay, end: Difference) -> bool:
    """Whether a replay ended where AWS cut off what it needs: the data of that very event."""
    return not run.is_stopped and end.event_id in run.recording.truncated


def _values(found: Sequence[Difference]) -> str:
    return f"{len(found)} values (the first: {_first_of(found)})" if len(found) > 1 else f"a value ({_first_of(found)})"


def _hangs(found: Sequence[Difference]) -> str:
    return "hang" if len(found) > 1 else "hangs"


def _ids(ids: Iterable[int]) -> str:
    listed = list(ids)
    shown = ", ".join(map(str, listed[:_MOST_IDS])) + (", …" if len(listed) > _MOST_IDS else "")
    return f"{'s' if len(listed) > 1 else ''} {shown}"


def _first_of(differences: Sequence[Difference]) -> str:
    """Where the first of some values stands, for a reason: "event 5, output at /id"."""
    found = differences[0]
    return f"event {found.event_id}, {found.field}{f' at {found.pointer}' if found.pointer else ''}"


# what a history does not hold


def unseen_map_runs(alignment: Alignment, machine: StateMachine, recorded: StateMachine | None) -> tuple[str, ...]:
    """Why the Map Runs of a history cannot be verified, a reason for each Map state.

    Args:
        alignment: The recording, followed.
        machine: The definition that is verified.
        recorded: The definition that the execution ran, None when it is not known.
    """
    reasons = []
    for name in dict.fromkeys(_map_runs(alignment)):
        state = _state(machine, name)
        if state is None or not state.is_distributed:
            continue  # the events differ
        was = _state(recorded, name) if recorded is not None else None
        if was is None:
            reasons.append(
                f"the history does not hold the child executions of '{name}', so what its items, its processor and its "
                "results came from is not compared"
            )
            continue
        changed = _changed_fields(was, state)
        if changed:
            reasons.append(
                f"'{name}' is changed in {', '.join(changed)}, and the history does not hold its child executions, "
                "which would show what that does"
            )
    return tuple(reasons)


def _map_runs(alignment: Alignment) -> Iterator[str]:
    for index, event in enumerate(alignment.recording.events):
        visit = alignment.visit_at(index) if event.type == EventType.MAP_RUN_STARTED else None
        if visit is not None:
            yield visit.state


def _state(machine: StateMachine, name: str) -> State | None:
    return next((state for state in machine.walk() if state.name == name), None)


def _changed_fields(was: State, state: State) -> list[str]:
    """The fields that matter in child executions and are not the same in both."""
    names = [name for name in {**was.fields, **state.fields} if name not in _SHOWN or name in _SCOPES]
    if "ItemSelector" not in {**was.fields, **state.fields}:
        names.append("Parameters")
    changed = [name for name in names if not _is_same_field(was.fields, state.fields, name)]
    if was.query_language is not state.query_language:
        changed.append("QueryLanguage")
    return sorted(set(changed))


def _is_same_field(was: Mapping[str, Json], now: Mapping[str, Json], name: str) -> bool:
    left, right = was.get(name, MISSING), now.get(name, MISSING)
    if name in _SCOPES:
        left, right = _without_comments(left), _without_comments(right)
    return is_same(left, right)


def _without_comments(scope: Value) -> Value:
    """A scope without its comments, those of its states, and those of their Retriers, Catchers and rules."""
    if not isinstance(scope, dict):
        return scope
    kept = {key: value for key, value in scope.items() if key != "Comment"}
    states = scope.get("States")
    if isinstance(states, dict):
        kept["States"] = {name: _state_without_comments(state) for name, state in states.items()}
    return kept


def _state_without_comments(state: Json) -> Json:
    if not isinstance(state, dict):
        return state
    kept: dict[str, Json] = {}
    for key, value in state.items():
        if key == "Comment":
            continue
        if key in _SCOPES:
            inner = _without_comments(value)
            kept[key] = value if inner is MISSING else inner
        elif key == "Branches" and isinstance(value, list):
            kept[key] = [branch if (one := _without_comments(branch)) is MISSING else one for branch in value]
        elif key in _COMMENTED and isinstance(value, list):
            kept[key] = [_entry_without_comment(entry) for entry in value]
        else:
            kept[key] = value
    return kept


def _entry_without_comment(entry: Json) -> Json:
    return {name: given for name, given in entry.items() if name != "Comment"} if isinstance(entry, dict) else entry


class _UnchangedStates:
    """Which states of a definition compute as those that the execution ran: by the same fields, wherever they lead."""

    def __init__(self, machine: StateMachine, recorded: StateMachine) -> None:
        self._machine = machine
        self._recorded = recorded

    def computes_alike(self, difference: Difference) -> bool:
        """Whether the value was made by the same fields: those of its state, or of the container that gave it."""
        name = difference.state
        if difference.field == "input" and difference.event_type.endswith("StateEntered") and difference.branch:
            name = difference.branch[-1][0]
        return self.is_unchanged(name)

    def is_unchanged(self, name: str) -> bool:
        """Whether a state has the same fields in both, but for where it leads."""
        pair = self._pair(name)
        if pair is None:
            return False
        left, right = ({key: value for key, value in one.fields.items() if key not in ("Next", "End")} for one in pair)
        return same(_state_without_comments(left), _state_without_comments(right))

    def draws_alike(self, difference: Difference) -> bool:
        """Whether the state draws random values by the same expressions."""
        pair = self._pair(difference.state)
        return pair is None or draws_of(pair[0].fields) == draws_of(pair[1].fields)

    def _pair(self, name: str) -> tuple[State, State] | None:
        now, was = _state(self._machine, name), _state(self._recorded, name)
        return None if now is None or was is None else (now, was)
