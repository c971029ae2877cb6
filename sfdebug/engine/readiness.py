"""What an execution can do next: which branches can move, what asks, and when the next timer is due."""

from __future__ import annotations

from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.branches import ManyBranches
from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.engine.execution.branches import Block

_Turn: TypeAlias = tuple[float, BranchId]
"""By which the branches that are ready take turns: when each moved last, and its id."""

_LATER: Final[_Turn] = (inf, ())
"""After the turns of all."""


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
    if type(execution.branches) is ManyBranches and next_to_move(execution) is None:
        waiting = _waiting(execution.branches)
        if waiting is not None:
            return waiting
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
    branches, clock = execution.branches, execution.clock
    if type(branches) is not ManyBranches:
        first = _first_ready(branches.values(), clock)
        return None if first is None else first.id
    turn, id = _LATER
    for block in branches.blocks:
        standing = block.memo or _standing(block)
        mine = standing.first if standing.wakes_at > clock else _first_awake(block, standing, clock)
        if mine[0] < turn or (mine[0] == turn and mine[1] < id):
            turn, id = mine
    return None if turn == _LATER[0] else id


def _first_ready(branches: Iterable[Branch], clock: float) -> Branch | None:
    first: Branch | None = None
    for branch in branches:
        if (
            first is None or branch.turn < first.turn or (branch.turn == first.turn and branch.id < first.id)
        ) and is_ready(branch, clock):
            first = branch
    return first


class _Standing(Struct, frozen=True, gc=False):
    """How the branches of a block stand, whatever the time: the turn of the first that is ready without a timer, when
    the first timer is due, and what is asked. `awake` is the first that is ready at the time `awake_at`. `can_be_late`
    says that one may move when nothing else can."""

    first: _Turn
    wakes_at: float
    requests: tuple[TaskRequest, ...]
    can_be_late: bool
    awake: _Turn
    awake_at: float = -1


def _standing(block: Block) -> _Standing:
    """How the branches of a block stand, worked out once and kept with it."""
    held = block.branches.values()
    first = _first_ready(held, -1)
    wakes_at: float = inf
    requests: list[TaskRequest] = []
    can_be_late = False
    for branch in held:
        if branch.wake_at is not None and branch.phase is Phase.SLEEPING and branch.wake_at < wakes_at:
            wakes_at = branch.wake_at
        elif branch.phase is Phase.ASKING and branch.request is not None:
            requests.append(branch.request)
            can_be_late = can_be_late or branch.request.is_optional
        elif isinstance(branch.work, MapRunWork) and branch.work.can_start:
            can_be_late = True
    turn = _LATER if first is None else (first.turn, first.id)
    standing = block.memo = _Standing(turn, wakes_at, tuple(requests), can_be_late, turn)
    return standing


def _first_awake(block: Block, standing: _Standing, clock: int) -> _Turn:
    """The turn of the first branch of a block that is ready, a timer of which is due."""
    if standing.awake_at != clock:
        first = _first_ready(block.branches.values(), clock)
        turn = _LATER if first is None else (first.turn, first.id)
        standing = block.memo = replace(standing, awake=turn, awake_at=clock)
    return standing.awake


def _waiting(branches: ManyBranches) -> Readiness | None:
    """What branches wait for of which none is ready; None where one might move all the same."""
    standings = [block.memo or _standing(block) for block in branches.blocks]
    if any(standing.can_be_late for standing in standings):
        return None
    requests = tuple(chain.from_iterable(standing.requests for standing in standings))
    wakes_at = min(standing.wakes_at for standing in standings)
    question = requests[0] if requests else None
    return Readiness(requests, (), None if wakes_at == inf else int(wakes_at), finished=False, question=question)


def questions(execution: Execution) -> Iterator[TaskRequest]:
    """What waits for an answer, as `readiness(execution).requests` has it, one after the other."""
    branches = execution.branches
    if type(branches) is ManyBranches:
        for block in branches.blocks:
            yield from (block.memo or _standing(block)).requests
        return
    for branch in branches.values():
        if branch.phase is Phase.ASKING and branch.request is not None:
            yield branch.request


def first_inside(execution: Execution, container: BranchId) -> BranchId | None:
    """The first of `readiness(execution).ready` that runs inside of a branch."""
    first = next_to_move(execution)
    depth = len(container)
    if first is None or (len(first) > depth and first[:depth] == container):
        return first
    branches, clock = execution.branches.values(), execution.clock
    inside = _first_ready((each for each in branches if len(each.id) > depth and each.id[:depth] == container), clock)
    return None if inside is None else inside.id


def sleepers(execution: Execution, wakes_at: int) -> list[Branch]:
    """The branches whose timer is due at that time, which is the first."""
    branches = execution.branches
    if type(branches) is not ManyBranches:
        return [branch for branch in branches.values() if branch.wake_at == wakes_at]
    blocks = [block for block in branches.blocks if (block.memo or _standing(block)).wakes_at == wakes_at]
    return [branch for block in blocks for branch in block.branches.values() if branch.wake_at == wakes_at]


def can_move(branch: Branch, clock: int, *, is_timed: bool) -> bool:
    """Whether a branch may be moved when it is named: also one that the engine would leave for later."""
    if is_timed and branch.phase is Phase.SLEEPING:
        return True
    if branch.request is not None and branch.request.is_optional:
        return True
    return is_ready(branch, clock) or (isinstance(branch.work, MapRunWork) and branch.work.can_start)


def is_ready(branch: Branch, clock: float) -> bool:
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
