"""When things happened in a recording, and when by the fields of the definition they should have: what was late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sfdebug.engine.decisions import ExpireExecution, StopExecution, TaskFailure, TaskSilence
from sfdebug.engine.execution import Phase
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT
from sfdebug.engine.visit import RetryVerdict, StageName, StageStatus
from sfdebug.engine.work import TaskWork
from sfdebug.history.nondeterminism import Nature
from sfdebug.limits import EXPRESS_MAX_SECONDS, MAX_TIMEOUT_SECONDS, STANDARD_MAX_SECONDS

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.decisions import Answer, Decision
    from sfdebug.engine.execution import Branch
    from sfdebug.history.nondeterminism import Shadows

_SLACK: Final = 2.0
"""Seconds by which AWS may be late in timing out a task that does answer."""


@dataclass(frozen=True, slots=True)
class Woken:
    """A branch that slept by its own fields and was woken when its recorded event happened: when it was due, and when
    it was. `earliest` and `latest` are when it may have been due, where that was drawn. `is_expiry`: the time of the
    whole execution was over."""

    branch: Branch
    due: int
    at: int
    earliest: int
    latest: int
    is_expiry: bool = False


@dataclass(frozen=True, slots=True)
class Stalled:
    """A branch that was cut short at `at`, though by its fields it should have gone on at `due`. `is_first`: it never
    entered a state."""

    branch: Branch
    due: int
    at: int
    is_first: bool = False


def deadline(execution: Execution) -> int:
    """When the time of the execution is over by its definition, in milliseconds since the start."""
    is_express = execution.settings.execution_type == "EXPRESS"
    longest = EXPRESS_MAX_SECONDS if is_express else STANDARD_MAX_SECONDS
    begun = execution.redriven_at or 0
    return begun + min(longest, execution.machine.timeout_seconds or longest) * 1000


def stalled_by(before: Execution, decision: Decision, now: Execution) -> Iterator[Stalled]:
    """The branches that were cut short by a decision: by a failure beside them, or the end of the execution."""
    is_end = isinstance(decision, ExpireExecution | StopExecution)
    if not is_end and len(now.branches) >= len(before.branches):
        return
    clock = now.clock
    for branch in before.branches.values():
        if branch.unit or (branch.id in now.branches and not is_end):
            continue
        if branch.phase is Phase.SLEEPING and branch.wake_at is not None:
            if isinstance(branch.work, TaskWork) and branch.work.answer is not None:
                continue  # when it was answered is not recorded
            delay = _jittered_delay(branch)
            due = branch.wake_at if delay is None else branch.wake_at - delay.drawn + delay.longest
            yield Stalled(branch, due, clock)
        elif branch.phase is Phase.READY and branch.id and branch.previous_event_id:
            last = before.events[branch.previous_event_id - 1]
            is_first = last.type in ("ParallelStateStarted", "MapIterationStarted")
            due = max(last.time - now.settings.start_time, now.redriven_at or 0)
            yield Stalled(branch, due, clock, is_first)


def woken_at(branch: Branch, at: int, shadows: Shadows) -> Woken | None:
    """A branch that sleeps and is woken at `at`; None where it is not recorded when it should have been."""
    work = branch.work
    if branch.wake_at is None:
        return None
    if isinstance(work, TaskWork) and work.answer is not None:
        limits = _limits(work, branch.wake_at)
        return None if limits is None else Woken(branch, limits[1], at, *limits)
    earliest = latest = branch.wake_at
    delay = _jittered_delay(branch)
    if delay is not None:  # AWS drew it: anything up to the whole delay
        begun = branch.wake_at - delay.drawn
        earliest, latest = begun, begun + delay.longest
    else:
        drawn = shadows.read(lambda execution: execution.branches[branch.id].wake_at)
        dues = [due for shadow, due in drawn if shadow.nature is Nature.CHANCE and isinstance(due, int)]
        earliest, latest = min((earliest, *dues)), max((latest, *dues))
    return Woken(branch, branch.wake_at, at, earliest, latest)


def timed(answer: Answer, work: TaskWork, seconds: float) -> Answer:
    """The answer, `seconds` after now as it was recorded: the task's own limits are judged by the engine."""
    limit = work.timeout_seconds
    if isinstance(answer, TaskSilence):
        return _timed_out(answer, work, seconds)
    if limit is not None and limit < seconds <= limit + _SLACK:
        seconds = float(limit)
    return replace(answer, after_seconds=seconds)


def _timed_out(answer: TaskSilence, work: TaskWork, seconds: float) -> Answer:
    """A task that timed out after `seconds`. By which limit is not recorded: a heartbeat may have been missed at any
    time between the two."""
    heartbeat, timeout = work.heartbeat_seconds, work.timeout_seconds
    if heartbeat is None or (timeout is not None and timeout <= heartbeat) or seconds < heartbeat:
        return answer
    is_whole = timeout is not None and seconds >= timeout
    error, after = (TIMEOUT, float(timeout or 0)) if is_whole else (HEARTBEAT_TIMEOUT, seconds)
    return TaskFailure(error, None, after, answer.provenance, answer.submission)


def _limits(work: TaskWork, wake_at: int) -> tuple[int, int] | None:
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


@dataclass(frozen=True, slots=True)
class _JitteredDelay:
    """A Retrier's delay that is drawn, in milliseconds: what the engine drew, and the most that AWS can have drawn."""

    drawn: int
    longest: int


def _jittered_delay(branch: Branch) -> _JitteredDelay | None:
    """The delay for which the branch sleeps, if it is one that AWS draws at random."""
    if branch.visit is None:
        return None
    for stage in reversed(branch.visit.stages):
        if stage.name is not StageName.RETRY or stage.status is not StageStatus.MATCHED or stage.index is None:
            continue
        if branch.visit.state.retriers[stage.index].jitter_strategy != "FULL":
            return None
        verdict, drawn = stage.detail, stage.after
        assert isinstance(verdict, RetryVerdict)
        assert isinstance(drawn, int | float)
        return _JitteredDelay(round(drawn * 1000), round((verdict.delay_seconds or 0) * 1000))
    return None
