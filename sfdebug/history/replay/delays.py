"""Times in a replay: when a branch that sleeps is due, when a task times out, what was cut short after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import ExpireExecution, StopExecution, TaskFailure, TaskSilence
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RetryVerdict, StageName, StageStatus
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT
from sfdebug.limits import MAX_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.execution import Branch


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


def stalled_by(before: Execution, decision: Decision, after: Execution, failed_at: int | None) -> Iterator[Stalled]:
    """The branches that a step cut short: by a failure beside them, or the end of the execution.

    Args:
        before: The execution before the step.
        decision: The step.
        after: The execution after it.
        failed_at: When the failure was, where it was before the step.
    """
    at = after.clock if failed_at is None else min(after.clock, failed_at)
    is_end = isinstance(decision, ExpireExecution | StopExecution)
    if not is_end and len(after.branches) >= len(before.branches):
        return
    for branch in before.branches.values():
        if branch.child_id or (branch.id in after.branches and not is_end):
            continue
        if branch.phase is Phase.SLEEPING and branch.wake_at is not None:
            if isinstance(branch.work, TaskWork) and branch.work.answer is not None:
                continue  # when it was answered is not recorded
            delay = retry_delay(branch)
            due = branch.wake_at if delay is None else branch.wake_at - delay.drawn + delay.longest
            yield Stalled(branch, due, at)
        elif branch.phase is Phase.READY and branch.id and branch.previous_event_id:
            last = before.events[branch.previous_event_id - 1]
            is_first = last.type in ("ParallelStateStarted", "MapIterationStarted")
            due = max(last.time - after.settings.start_time, after.redriven_at or 0)
            yield Stalled(branch, due, at, is_first)


def timed_out(answer: TaskSilence, work: TaskWork, seconds: float) -> Answer:
    """A task that timed out after `seconds`. By which limit is not recorded: a heartbeat may have been missed at any
    time between the two."""
    heartbeat, timeout = work.heartbeat_seconds, work.timeout_seconds
    if heartbeat is None or (timeout is not None and timeout <= heartbeat) or seconds < heartbeat:
        return answer
    is_whole = timeout is not None and seconds >= timeout
    error, after = (TIMEOUT, float(timeout or 0)) if is_whole else (HEARTBEAT_TIMEOUT, seconds)
    return TaskFailure(error, None, after, answer.provenance, answer.submission)


def limits_of(work: TaskWork, wake_at: int) -> tuple[int, int] | None:
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


def after_seconds(answer: Answer, seconds: float) -> Answer:
    """The answer, so long after the task was scheduled."""
    return answer if isinstance(answer, TaskSilence) else replace(answer, after_seconds=seconds)


@dataclass(frozen=True, slots=True)
class RetryDelay:
    """A Retrier's delay, in milliseconds: what the engine drew, and the most that AWS can have drawn."""

    drawn: int
    longest: int
    is_jittered: bool


def retry_delay(branch: Branch) -> RetryDelay | None:
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
        return RetryDelay(round(drawn * 1000), round(longest * 1000), is_jittered == "FULL")
    return None
