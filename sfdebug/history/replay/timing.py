"""Times in a replay: when a branch that sleeps is due, when a task times out, what was cut short after that; and what
differs from the recorded times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.decisions import ExpireExecution, StopExecution, TaskFailure, TaskSilence
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RetryVerdict, StageName, StageStatus
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT
from sfdebug.history.recording import BRANCH_STARTS
from sfdebug.history.replay.event_comparison import TIMESTAMPS, Difference, DifferenceKind, Rules
from sfdebug.history.replay.nondeterminism import Nature, Shadows
from sfdebug.limits import EXPRESS_MAX_SECONDS, MAX_TIMEOUT_SECONDS, STANDARD_MAX_SECONDS, ExecutionType

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.history.recording import RecordedEvent

ENDS: Final = (ExpireExecution, StopExecution)
"""The decisions that end an execution from outside."""
_SLACK: Final = 2.0
"""Seconds by which AWS may be late in timing out a task that does answer."""
_EXPIRY_EARLY: Final = 500
"""Milliseconds by which AWS's clock for the time of a whole execution may be ahead of the one that stamps events."""
_AT_ONCE: Final = 1_000
"""Milliseconds within which the branches of a Parallel begin."""


class Woken(Struct, frozen=True, gc=False):
    """A branch that slept by its own fields and was woken when its recorded event happened: when it was. `earliest` and
    `latest` are when it may have been due. `is_expiry`: the time of the whole execution was over."""

    branch: Branch
    at: int
    earliest: int
    latest: int
    is_expiry: bool = False

    def difference(self, rules: Rules, recorded: RecordedEvent, start: int) -> Difference | None:
        """What is wrong with when a wait or a delay ended: AWS may be late by the tolerance, and is never early.

        Args:
            rules: What counts as a difference.
            recorded: The event by which it ended.
            start: When the execution started, in milliseconds since 1970.
        """
        late = rules.tolerance_seconds * 1000
        least = _EXPIRY_EARLY if self.is_expiry else self._rounding(recorded)
        early = max(least, rules.early_seconds * 1000)
        if self.earliest - early <= self.at <= self.latest + late:
            return None
        due = self.latest if self.at > self.latest else self.earliest
        return _timing(recorded, self.branch, start, self.at, due, self._explanation(due))

    def _rounding(self, recorded: RecordedEvent) -> int:
        """How many milliseconds early a written time can seem: one, or, in whole seconds, a fraction of a delay."""
        return 1 if recorded.time is not None and recorded.time % 1_000 else self.earliest % 1_000

    def _explanation(self, due: int) -> str:
        """How much earlier or later something happened than its fields say, which is `due`."""
        seconds = (self.at - due) / 1000
        off = f"{abs(seconds):g} s {'later' if seconds > 0 else 'earlier'}"
        if self.is_expiry:
            return f"the execution timed out {off} than the definition says"
        return f"{_sleep(self.branch)} ended {off} than its fields say"


class Stalled(Struct, frozen=True, gc=False):
    """A branch that was cut short at `at`, though by its fields it should have gone on at `due`. `is_first`: it never
    entered a state."""

    branch: Branch
    due: int
    at: int
    is_first: bool = False

    def difference(self, rules: Rules, recorded: RecordedEvent, start: int) -> Difference | None:
        """What it would have done long before is not recorded. Arguments as for `Woken`."""
        late = rules.tolerance_seconds * 1000
        if recorded.time is None or self.at - self.due <= (min(late, _AT_ONCE) if self.is_first else late):
            return None
        seconds = f"{(self.at - self.due) / 1000:g} s before it was cut short"
        if self.branch.visit is None:
            explanation = f"'{self.branch.state_name}' would have been entered {seconds}"
        else:
            explanation = f"{_sleep(self.branch)} would have ended {seconds}"
        return _timing(recorded, self.branch, start, self.at, self.due, explanation)


def _sleep(branch: Branch) -> str:
    """What a branch sleeps for, in words."""
    visit = branch.visit
    kind = "the wait" if visit is not None and visit.state.type is StateType.WAIT else "the delay"
    return f"{kind} of '{branch.state_name}'"


def _timing(recorded: RecordedEvent, branch: Branch, start: int, at: int, due: int, explanation: str) -> Difference:
    given = (TIMESTAMPS, start + at, start + due, explanation)
    return Difference.at(recorded, branch.id, branch.state_name, *given, kind=DifferenceKind.TIMING)


class Timekeeper:
    """Notes when branches are woken or cut short, until it is asked what of that differs.

    An execution that goes on for longer than its definition allows, and `tolerance_seconds` more, has run out of time
    (`has_expired`); with None recorded times are not judged. `failed_at` is when the failure was that the event at hand
    follows, where it was before.
    """

    def __init__(self, execution: Execution, tolerance_seconds: float | None) -> None:
        self.failed_at: int | None = None
        self._tolerance = None if tolerance_seconds is None else round(tolerance_seconds * 1000)
        self.woken: list[Woken] = []
        self.stalled: list[Stalled] = []
        self.deadline = 0
        self.begin(execution)

    def begin(self, execution: Execution) -> None:
        """The time of the execution is counted from here: it starts, or is redriven."""
        is_express = execution.settings.execution_type == ExecutionType.EXPRESS
        longest = EXPRESS_MAX_SECONDS if is_express else STANDARD_MAX_SECONDS
        begun = execution.redriven_at or 0
        self.deadline = begun + min(longest, execution.machine.timeout_seconds or longest) * 1000

    def has_expired(self, at: int | None) -> bool:
        """Whether the time of the execution is over by its definition, and has long been."""
        return at is not None and self._tolerance is not None and at > self.deadline + self._tolerance

    def differences(self, rules: Rules, recorded: RecordedEvent, start: int) -> Iterator[Difference]:
        """What differs in the times that were noted since the last question, at a recorded event."""
        if not self.woken and not self.stalled:
            return
        noted: list[Woken | Stalled] = [*self.woken, *self.stalled]
        self.woken.clear()
        self.stalled.clear()
        if TIMESTAMPS not in rules.ignore:
            found = (one.difference(rules, recorded, start) for one in noted)
            yield from (difference for difference in found if difference is not None)

    def note_expiry(self, execution: Execution, at: int | None) -> None:
        """The recorded execution ran out of time: whether it does under this definition too is a matter of timing."""
        if at is not None:
            self.woken.append(Woken(execution.branches[()], at, self.deadline, self.deadline, is_expiry=True))

    def note_wake(self, branch: Branch, at: int | None, shadows: Shadows) -> None:
        """A branch that sleeps is woken."""
        work = branch.work
        if at is None or branch.wake_at is None:
            return
        if isinstance(work, TaskWork) and work.answer is not None:
            limits = _limits_of(work, branch.wake_at)
            if limits is not None:
                self.woken.append(Woken(branch, at, *limits))
            return
        earliest = latest = branch.wake_at
        delay = _retry_delay(branch)
        if delay is not None:
            begun = branch.wake_at - delay.drawn
            if begun == at and self.failed_at is not None:  # the replay takes in the failure only now
                begun = min(begun, self.failed_at)
            # when it is drawn: anything up to the whole delay
            earliest, latest = begun if delay.is_jittered else begun + delay.longest, begun + delay.longest
        else:
            drawn = shadows.read(lambda execution: execution.branches[branch.id].wake_at)
            dues = [due for shadow, due in drawn if shadow.nature is Nature.CHANCE and isinstance(due, int)]
            earliest, latest = min((earliest, *dues)), max((latest, *dues))
        self.woken.append(Woken(branch, at, earliest, latest))

    def note_cut_short(self, before: Execution, decision: Decision, after: Execution) -> None:
        """The branches that a step cut short: by a failure beside them, or the end of the execution."""
        is_end = isinstance(decision, ENDS)
        at = after.clock if self.failed_at is None else min(after.clock, self.failed_at)
        for branch in before.branches.values():
            if branch.child_id or (branch.id in after.branches and not is_end):
                continue
            if branch.phase is Phase.SLEEPING and branch.wake_at is not None:
                if isinstance(branch.work, TaskWork) and branch.work.answer is not None:
                    continue  # when it was answered is not recorded
                delay = _retry_delay(branch)
                due = branch.wake_at if delay is None else branch.wake_at - delay.drawn + delay.longest
                self.stalled.append(Stalled(branch, due, at))
            elif branch.phase is Phase.READY and branch.id and branch.previous_event_id:
                last = before.events[branch.previous_event_id - 1]
                is_first = last.type in BRANCH_STARTS
                due = max(last.time - after.settings.start_time, after.redriven_at or 0)
                self.stalled.append(Stalled(branch, due, at, is_first))


def timed(answer: Answer, work: TaskWork, seconds: float) -> Answer:
    """The answer, so long after the task was scheduled. The task's own limits are judged by the engine.

    By which of them a task timed out is not recorded: a heartbeat may have been missed at any time between the two.
    """
    heartbeat, timeout = work.heartbeat_seconds, work.timeout_seconds
    if not isinstance(answer, TaskSilence):
        is_late = timeout is not None and timeout < seconds <= timeout + _SLACK
        return replace(answer, after_seconds=float(timeout or 0) if is_late else seconds)
    if heartbeat is None or (timeout is not None and timeout <= heartbeat) or seconds < heartbeat:
        return answer
    is_whole = timeout is not None and seconds >= timeout
    error, after = (TIMEOUT, float(timeout or 0)) if is_whole else (HEARTBEAT_TIMEOUT, seconds)
    return TaskFailure(error, None, after, answer.provenance, answer.submission)


def _limits_of(work: TaskWork, wake_at: int) -> tuple[int, int] | None:
    """When a task that timed out may have done so, earliest and latest; None for one that answered."""
    answer, begun = work.answer, work.scheduled_at
    if isinstance(answer, TaskSilence):
        return wake_at, wake_at
    if not isinstance(answer, TaskFailure) or answer.cause is not None or begun is None:
        return None
    if answer.error == TIMEOUT and work.timeout_seconds is not None:
        due = begun + work.timeout_seconds * 1000
        return due, due
    if answer.error == HEARTBEAT_TIMEOUT and work.heartbeat_seconds is not None:
        latest = work.timeout_seconds if work.timeout_seconds is not None else MAX_TIMEOUT_SECONDS
        return begun + work.heartbeat_seconds * 1000, begun + latest * 1000
    return None


class _RetryDelay(Struct, frozen=True, gc=False):
    """A Retrier's delay, in milliseconds: what the engine drew, and the most that AWS can have drawn."""

    drawn: int
    longest: int
    is_jittered: bool


def _retry_delay(branch: Branch) -> _RetryDelay | None:
    """The delay of the Retrier for which the branch sleeps; None when it sleeps for something else."""
    if branch.visit is None:
        return None
    for stage in reversed(branch.visit.stages):
        if stage.name is not StageName.RETRY or stage.status is not StageStatus.MATCHED or stage.index is None:
            continue
        verdict, drawn = stage.detail, stage.after
        assert isinstance(verdict, RetryVerdict)
        assert isinstance(drawn, int | float)
        longest, is_jittered = verdict.delay_seconds or 0, branch.visit.state.retriers[stage.index].jitter_strategy
        return _RetryDelay(round(drawn * 1000), round(longest * 1000), is_jittered == "FULL")
    return None
