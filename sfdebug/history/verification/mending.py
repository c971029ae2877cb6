"""Finding out what would have come of a recorded execution under another definition.

A replay ends where the paths part: from there on the execution goes on by itself, as it would on AWS, for as long as
nobody has to be asked. A Task that was asked the very same when it was recorded, by whichever state, is answered as it
was then, each answer once. Any other question ends it: what a Task would have said is nothing that can be computed.
Neither is what hangs on a clock, a random value or a name: the shadows of the replay go along, and where one of them
goes another way, nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine import ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import AnswerTask, Proceed
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind, VisitStatus
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.readiness import next_to_move
from sfdebug.errors import DecisionError
from sfdebug.history.coverage.taking import taken_in
from sfdebug.history.recording import PAYLOADS
from sfdebug.history.replay.event_comparison import DifferenceKind, Rules
from sfdebug.history.replay.nondeterminism import reads_what_is_made_up
from sfdebug.history.replay.replay import Replaying
from sfdebug.history.replay.timing import timed
from sfdebug.history.verification.outcomes import Mending, MendOutcome, RecordedFailure
from sfdebug.history.verification.verdict import (
    VerificationStatus,
    conclude,
    concluded,
    doubts_of,
    gaps_of,
    unverified,
)
from sfdebug.values import MISSING, Value, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution, Program
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt
    from sfdebug.history.recording import RecordedEvent, Recording
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.history.replay.nondeterminism import Shadows
    from sfdebug.history.replay.replay import Replay
    from sfdebug.history.verification.verdict import Conclusion, Verification

_MOST_STEPS: Final = 20_000
"""After so many steps beyond the recording nobody waits for the end any longer: a loop may have none."""
_ENTERED: Final = re.compile(r" \(entered at the event id #\d+\)")
_WHERE: Final = frozenset({"region", "roleArn"})
"""Fields of a scheduled Task that say where and by whom it ran, not what it was asked."""


def verify_mending(
    definition: StateMachine | Program,
    recording: Recording,
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
) -> Verification:
    """The verdict on one recording, with what would have come of it, and what of the definition it took.

    Args:
        definition: What is verified.
        recording: What AWS did.
        rules: What counts as a difference.
        recorded_definition: The definition that the execution ran, where it is known.

    Raises UnsupportedError when the definition cannot be run, RecordingError when the recording has no input.
    """
    rules = rules or Rules()
    found = unverified(recording)
    if found.reasons:
        return replace(found, mending=not_verified(recording, found.reasons))
    replaying = Replaying(definition, recording, rules=rules)
    run = replaying.finish()
    conclusion = conclude(run, rules, recorded_definition)
    mending, execution = mending_of(run, conclusion, replaying.shadows, rules, recorded_definition)
    return replace(concluded(found, run, conclusion), mending=mending, taken=taken_in(execution))


def mending_of(
    run: Replay, conclusion: Conclusion, shadows: Shadows, rules: Rules, recorded_definition: StateMachine | None = None
) -> tuple[Mending, Execution]:
    """What would have come of a recorded execution, and the execution as far as it was computed.

    Args:
        run: The recording, replayed under the definition that is verified.
        conclusion: What that proves.
        shadows: Those of the replay, as they stood at its end.
        rules: What counts as a difference.
        recorded_definition: The definition that the execution ran, where it is known.
    """
    judge = _Judge(run, conclusion, shadows, rules, recorded_definition)
    found = judge.mending()
    last = run.recording.events[run.events_behind - 1].id if run.events_behind else 0
    return replace(found, compared_to=last, failure=failure_of(run.alignment)), judge.execution


def not_verified(recording: Recording | None, reasons: tuple[str, ...]) -> Mending:
    """The outcome of what cannot be verified at all; None of a recording that cannot be read."""
    status = recording.status if recording is not None else ExecutionStatus.RUNNING
    return Mending(MendOutcome.NOT_VERIFIED, status, what=without_ids(reasons[0]) if reasons else "", reasons=reasons)


def failure_of(alignment: Alignment) -> RecordedFailure | None:
    """What a recorded execution failed with, in the end; None when it did not."""
    recording, index = alignment.recording, alignment.failure
    if recording.end is None or recording.status is ExecutionStatus.SUCCEEDED:
        return None
    event = recording.events[index] if index is not None else recording.end
    error = event.text("error") or recording.error or ""
    cause = event.text("cause") or recording.cause or ""
    return RecordedFailure(alignment.state_at(index) if index is not None else "", error, cause)


def without_ids(text: str) -> str:
    """A reason without the numbers of events in it, so that it is the same for all executions that have it."""
    return re.sub(r"\bevents? \d+(?:, \d+)*", "an event", text)


class _Judge:
    """Finds out what came of one execution; `execution` is how far it was computed."""

    def __init__(
        self,
        run: Replay,
        conclusion: Conclusion,
        shadows: Shadows,
        rules: Rules,
        recorded_definition: StateMachine | None,
    ) -> None:
        self.execution = run.execution
        self._run = run
        self._conclusion = conclusion
        self._shadows = shadows
        self._rules = rules
        self._recorded_definition = recorded_definition
        self._recording = run.recording
        self._status = run.recording.status

    def mending(self) -> Mending:
        conclusion, recording = self._conclusion, self._recording
        if conclusion.status is VerificationStatus.NOT_VERIFIED:
            return self._not_verified(*conclusion.reasons)
        if recording.end is None or recording.has_more:
            return self._not_verified(f"it is recorded up to event {recording.events[-1].id}, which does not end it")
        if conclusion.status is not VerificationStatus.DIVERGES:
            if self._run.divergence is not None:  # nothing was compared from there on
                return self._not_verified(*conclusion.reasons)
            return self._as_recorded()
        return self._otherwise(conclusion.differences[0])

    def _as_recorded(self) -> Mending:
        """All that was recorded came again, to the end."""
        reasons = self._conclusion.reasons
        if self._status is ExecutionStatus.SUCCEEDED:
            if reasons:  # not all of it was recorded: nothing differs, and not everything is proved
                return self._not_verified(*reasons)
            return Mending(MendOutcome.SUCCEEDS_AS_RECORDED, self._status)
        return replace(self._same_failure(), reasons=reasons)

    def _otherwise(self, first: Difference) -> Mending:
        """Something differs: what is known of where that leads."""
        asked = _asked_otherwise(self._run, self._conclusion.differences)
        if asked is not None:
            return self._differs(*asked)
        unknown = (*doubts_of(self._run, self._recorded_definition), *gaps_of(self._run, self._rules))
        if unknown:
            return self._differs(first, _in_words(first), *unknown)
        parting = self._run.divergence
        if parting is None:
            return self._ended(first)
        if parting.kind is DifferenceKind.UNKNOWN:
            return self._differs(first, _in_words(first), f"event {parting.event_id}: {parting.explanation}")
        return self._beyond(first, parting)

    def _ended(self, first: Difference) -> Mending:
        """It came to the recorded end, with other data."""
        if self._status is ExecutionStatus.FAILED:
            return self._failed()
        if self._status is ExecutionStatus.SUCCEEDED:
            return self._differs(first, f"{_in_words(first)}; it still succeeds")
        verb = "aborted" if self._status is ExecutionStatus.ABORTED else "timed out"
        why = f"it {verb} when it was recorded, and is ended there: what it would have done then was not computed"
        return self._differs(first, _in_words(first), why)

    def _beyond(self, first: Difference, parting: Difference) -> Mending:
        """The paths part, and the execution goes on by itself."""
        going_on = _GoingOn(self._run, self._shadows)
        stopped = going_on.go()
        self.execution = going_on.execution
        answered = going_on.answered
        if stopped is not None:
            if self._is_behind_failure(parting):
                found = Mending(MendOutcome.GOES_ON, self._status, stopped.state, what=stopped.what)
                found = replace(found, reasons=(stopped.why,), branch=parting.branch)
            else:
                found = self._differs(first, _in_words(first), stopped.why)
            return replace(found, answered=answered)
        if self.execution.status is not ExecutionStatus.SUCCEEDED:
            return replace(self._failed(), answered=answered)
        if self._status is ExecutionStatus.SUCCEEDED:
            return replace(self._differs(first, f"{_in_words(first)}; it succeeds on this way too"), answered=answered)
        what = f"it goes another way from '{state}' on" if (state := self._parted_in(parting)) else "another way"
        outcome = MendOutcome.NOW_SUCCEEDS
        return Mending(outcome, self._status, state, parting.branch, what=what, answered=answered)

    def _parted_in(self, parting: Difference) -> str:
        """The state from which the paths part; of an end of the execution, that which led to it."""
        failed = self._run.alignment.failure
        return parting.state or (self._run.alignment.state_at(failed) if failed is not None else "")

    def _failed(self) -> Mending:
        """It fails now: as it did, or otherwise."""
        execution, recording = self.execution, self._recording
        visit = _failed_visit(execution)
        state = visit.state.name if visit is not None else ""
        was = failure_of(self._run.alignment)
        ended = (recording.end.text("error"), recording.cause) if recording.end is not None else (None, None)
        is_same = was is not None and execution.status is self._status and was.state == state
        if is_same and (execution.error, _plain(execution.cause)) == (ended[0], _plain(ended[1])):
            return self._same_failure()
        error = execution.error or str(execution.status)
        what = f"{error} in '{state}'" if state else error
        if was is not None and (was.state, ended[0]) == (state, execution.error):
            what += ", with another cause"
        outcome = MendOutcome.NOW_FAILS if self._status is ExecutionStatus.SUCCEEDED else MendOutcome.FAILS_OTHERWISE
        cause = (execution.cause,) if execution.cause else ()
        return Mending(
            outcome, self._status, state, visit.branch if visit is not None else (), what=what, reasons=cause
        )

    def _same_failure(self) -> Mending:
        was = failure_of(self._run.alignment)
        state, error = (was.state, was.error) if was is not None else ("", "")
        what = error or str(self._status)
        return Mending(MendOutcome.SAME_FAILURE, self._status, state, what=f"{what} in '{state}'" if state else what)

    def _differs(self, at: Difference, what: str, *reasons: str) -> Mending:
        place = (at.state, at.branch, at.field)
        return Mending(MendOutcome.DIFFERS, self._status, *place, what, reasons=tuple(reasons))

    def _not_verified(self, *reasons: str) -> Mending:
        return not_verified(self._recording, tuple(reasons))

    def _is_behind_failure(self, parting: Difference) -> bool:
        """Whether the paths part at what it failed with, or behind that, in the branch of it or around it."""
        failed = self._run.alignment.failure
        at = self._recording.index_of(parting.event_id)
        if failed is None or at is None or at < failed:
            return False
        branch, depth = self._run.alignment.branches[failed], len(parting.branch)
        return branch[:depth] == parting.branch


def _in_words(found: Difference) -> str:
    """What differs, the same for every execution in which that does."""
    if found.field == "type":
        return f"it does not come to {found.event_type}" if found.event_type else "it goes another way"
    kind = "when it happens" if found.kind is DifferenceKind.TIMING else found.field
    return f"{kind} of {found.event_type}" + (f" at {found.pointer}" if found.pointer else "")


def _asked_otherwise(run: Replay, differences: tuple[Difference, ...]) -> tuple[Difference, str, str] | None:
    """Where a Task is asked something else than was recorded, or at another time, before the paths part: its answer,
    and all that hangs on it, is that of another question. Gives the difference, what it is and why that is one."""
    timing: Difference | None = None
    for found in differences:
        if found.is_end:
            break
        if found.event_type.endswith("Scheduled") and found.kind is not DifferenceKind.TIMING:
            why = f"what '{found.state}' says to that is not recorded"
            return found, f"'{found.state}' is called with something else: {_in_words(found)}", why
        if timing is None and found.kind is DifferenceKind.TIMING:
            timing = found
    if timing is None:
        return None
    events = run.recording.events
    later = (events[index] for index in sorted(run.computed) if events[index].id >= timing.event_id)
    called = next((event for event in later if event.type.endswith("Scheduled")), None)
    if called is None:
        return None
    index = run.recording.index_of(called.id)
    state = run.alignment.state_at(index) if index is not None else ""
    return timing, f"'{state}' is called at another time", f"what '{state}' says at that time is not recorded"


def _plain(cause: str | None) -> str:
    """A cause without the number of the event in it, which is another one on another way."""
    return _ENTERED.sub("", cause or "")


def _failed_visit(execution: Execution) -> Visit | None:
    """The visit whose failure ended an execution, below the containers that it took along."""
    found: Visit | None = None
    for visit in reversed(execution.visits):
        if visit.status is VisitStatus.ABORTED:
            continue
        if visit.status is not VisitStatus.FAILED:
            break
        if found is None or visit.branch[: len(found.branch)] == found.branch:
            found = visit
    return found


# going on beyond the recording


class _Stopped(Struct, frozen=True, gc=False):
    """Why nobody can say how it goes on: in which state, in words for a group, and in a sentence."""

    state: str
    what: str
    why: str


class _GoingOn:
    """An execution that goes on from where the paths part; `answered` counts the calls that were recorded."""

    def __init__(self, run: Replay, shadows: Shadows) -> None:
        self.execution = run.execution
        self.answered = 0
        self._shadows = shadows
        self._start = run.recording.start_time
        self._asked: dict[int, Attempt] = {}
        self._calls: list[tuple[str, Attempt]] = []
        computed = run.computed
        for state, attempt in _attempts(run.alignment):
            index = run.recording.index_of(attempt.began.id)
            if index is not None and index in computed:
                self._asked[computed[index].id] = attempt
            else:
                self._calls.append((state, attempt))

    def go(self) -> _Stopped | None:
        """Go on to the end; gives why that cannot be said, or None."""
        for _ in range(_MOST_STEPS):
            if self._shadows.parted:
                return self._hangs_on_what_is_made_up(None)
            if self.execution.status is not ExecutionStatus.RUNNING:
                return None
            decision = self._next()
            if isinstance(decision, _Stopped):
                return decision
            if self._is_way_made_up(decision):
                return self._hangs_on_what_is_made_up(decision)
            before = self.execution
            try:
                self.execution = step(before, decision)
            except DecisionError as error:
                return _Stopped("", error.what, error.what)
            self._shadows.follow(before, decision, self.execution)
        why = f"it still runs after {_MOST_STEPS:,} steps more"
        return _Stopped(self._state(self.execution), "it does not come to an end", why)

    def _is_way_made_up(self, decision: Decision) -> bool:
        """Whether a Choice is next that reads what is made up, or data that hang on it: a shadow can take the same way
        by accident, so here nothing is claimed that was not computed from what is known."""
        if not self._shadows or not isinstance(decision, Proceed) or decision.branch is None:
            return False
        branch = self.execution.branches[decision.branch]
        if branch.phase is not Phase.READY:
            return False
        state = self.execution.program.state(branch.scope_path, branch.state_name)
        if state.type is not StateType.CHOICE:
            return False
        return reads_what_is_made_up(state) or not self._shadows.is_alike(self.execution, branch.id)

    def _hangs_on_what_is_made_up(self, decision: Decision | None) -> _Stopped:
        branch = self.execution.branches.get(decision.branch or ()) if isinstance(decision, Proceed) else None
        state = branch.state_name if branch is not None else self._state(self.execution)
        what = f"the way from '{state}' hangs on a clock, a random value or a name"
        return _Stopped(state, what, what)

    def _state(self, execution: Execution) -> str:
        branch = execution.branches.get(execution.moved)
        return branch.state_name if branch is not None else ""

    def _next(self) -> Decision | _Stopped:
        mover = next_to_move(self.execution)
        if mover is not None:
            return Proceed(mover)
        possible = readiness(self.execution)
        question = possible.question
        if question is None:
            return Proceed(possible.ready[0] if possible.ready else None)
        answer = self._answer(question)
        if answer is not None:
            return AnswerTask(question.branch, answer)
        name = question.state.name
        if question.kind is RequestKind.MAP_RUN:
            return _Stopped(
                name, f"the Map Run of '{name}' is begun", f"what the Map Run of '{name}' gives is not known"
            )
        again = f", attempt {question.attempt}" if question.attempt > 1 else ""
        why = f"what '{name}' would answer then is not recorded: it was never asked that"
        return _Stopped(name, f"'{name}' is called{again}", why)

    def _answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to the very same call; None when there is none."""
        if request.kind is RequestKind.MAP_RUN or self.execution.branches[request.branch].child_id:
            return None
        attempt = self._asked.pop(request.scheduled_event_id, None)
        if attempt is None:
            attempt = self._same_call(request)
        found = attempt.answer if attempt is not None else None
        if attempt is None or found is None or found.is_unknown or found.event is None:
            return None
        self.answered += 1
        branch = self.execution.branches[request.branch]
        if not isinstance(branch.work, TaskWork):
            return found.answer
        return timed(found.answer, branch.work, (attempt.milliseconds or 0) / 1000)

    def _same_call(self, request: TaskRequest) -> Attempt | None:
        computed = self.execution.events[request.scheduled_event_id - 1]
        alike = [pair for pair in self._calls if _is_same_call(pair[1].began, computed)]
        if not alike:
            return None
        found = next((pair for pair in alike if pair[0] == request.state.name), alike[0])
        self._calls.remove(found)
        return found[1]


def _attempts(alignment: Alignment) -> Iterator[tuple[str, Attempt]]:
    """The recorded attempts of Tasks, with the state of each, in the order in which they were scheduled."""
    found = [(visit.state, attempt) for visit in alignment.visits for attempt in visit.attempts if attempt.is_of_task]
    yield from sorted(found, key=lambda pair: pair[1].began.id)


def _is_same_call(recorded: RecordedEvent, computed: Event) -> bool:
    """Whether a Task is asked what was recorded, to the last value; what was not recorded or cut off is another."""
    mine: dict[str, Value] = {name: value for name, value in (computed.details or {}).items() if value is not None}
    if recorded.type != computed.type or not recorded.details:
        return False
    for name in (mine.keys() | recorded.details.keys()) - _WHERE:
        if name.endswith("Details"):
            continue
        value = recorded.payload(name) if name in PAYLOADS else recorded.details.get(name, MISSING)
        other = mine.get(name, MISSING)
        if value is MISSING or other is MISSING or not same(value, other):
            return False
    return True
