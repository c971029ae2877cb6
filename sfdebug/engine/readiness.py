"""What an execution can do next: which branches can move, what asks, and when the next timer is due."""

from __future__ import annotations

from msgspec import Struct

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork


class Readiness(Struct, frozen=True):
    """What an execution can do next.

    `requests` are the questions that wait for an answer; `ready` the branches that can move now, the one that the
    engine would move first; `wakes_at` the virtual time (ms) of the earliest timer, None when there is none.
    A branch whose question is optional is in both when there is nothing else that can move. `question` is the request
    to put to the outside now: None while something else can move.
    """

    requests: tuple[TaskRequest, ...]
    ready: tuple[BranchId, ...]
    wakes_at: int | None
    finished: bool
    question: TaskRequest | None = None


def readiness(execution: Execution) -> Readiness:
    """What `execution` waits for, and which branches can move."""
    if execution.status is not ExecutionStatus.RUNNING:
        return Readiness((), (), None, finished=True)
    ready: list[Branch] = []
    late: list[Branch] = []
    requests: list[TaskRequest] = []
    wakes_at: int | None = None
    for branch in execution.branches.values():
        if branch.phase is Phase.ASKING:
            assert branch.request is not None
            requests.append(branch.request)
            if branch.request.is_optional:
                late.append(branch)
        elif is_ready(branch, execution.clock):
            ready.append(branch)
        elif branch.wake_at is not None and (wakes_at is None or branch.wake_at < wakes_at):
            wakes_at = branch.wake_at
        elif isinstance(branch.work, MapRunWork) and branch.work.can_start:
            late.append(branch)
    question = None
    if not ready:
        ready, question = late, requests[0] if requests else None
    if len(ready) > 1:
        ready.sort(key=lambda branch: (branch.turn, branch.id))
    moving = tuple(branch.id for branch in ready)
    return Readiness(tuple(requests), moving, wakes_at, finished=False, question=question)


def next_to_move(execution: Execution) -> BranchId | None:
    """The first of `readiness(execution).ready`, in less time; None also when all that it would name can wait."""
    if execution.status is not ExecutionStatus.RUNNING:
        return None
    first: Branch | None = None
    clock = execution.clock
    for branch in execution.branches.values():
        if (
            first is None or branch.turn < first.turn or (branch.turn == first.turn and branch.id < first.id)
        ) and is_ready(branch, clock):
            first = branch
    return None if first is None else first.id


def can_move(branch: Branch, clock: int, *, is_timed: bool) -> bool:
    """Whether a branch may be moved when it is named: also one that the engine would leave for later."""
    if is_timed and branch.phase is Phase.SLEEPING:
        return True
    if branch.request is not None and branch.request.is_optional:
        return True
    return is_ready(branch, clock) or (isinstance(branch.work, MapRunWork) and branch.work.can_start)


def is_ready(branch: Branch, clock: int) -> bool:
    """Whether a branch can move at this time, without waiting for anything."""
    phase = branch.phase  # compared by identity: the hash of an enumeration's member takes time
    if phase is Phase.READY or phase is Phase.EXIT or phase is Phase.WORK or phase is Phase.FAULT:
        return True
    if phase is Phase.SLEEPING:
        return branch.wake_at is not None and branch.wake_at <= clock
    if phase is Phase.CHILDREN:
        work = branch.work
        if branch.child_fault is not None:
            return True
        if isinstance(work, MapWork):
            return work.is_complete or work.can_start
        if isinstance(work, MapRunWork):
            return work.is_complete or work.is_eager
        return isinstance(work, ParallelWork) and work.is_complete
    return False
