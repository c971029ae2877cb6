"""Who moves next: the branch in focus as long as it can, then what is inside it, then the engine's own order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.engine import readiness
from sfdebug.engine.execution.decisions import AnswerTask, Proceed
from sfdebug.engine.execution.execution import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import TaskRequest

    Ask = Callable[[TaskRequest], Answer | None]

PROCEED = Proceed()


@dataclass(frozen=True, slots=True)
class NextMove:
    """What the engine is to be told next: `enters` is the state that `branch` will enter by it, if it does."""

    decision: Decision
    branch: BranchId | None = None
    enters: StatePath | None = None


def choose(execution: Execution, focus: BranchId | None, ask: Ask) -> NextMove | TaskRequest:
    """The next move of a running execution, or the question that has to be answered before anything else.

    With a focus, that branch moves as long as it can, then the branches inside it. When they have to wait, and
    without a focus, the others move in the engine's order. Questions are put when nothing else is ready, as
    in a headless run; only the one in focus is put at once. A Map Run that nobody answers for, and that has its items,
    runs them. Time passes when nobody can move or asks.
    """
    situation = readiness(execution)
    requests = situation.requests
    ready = situation.ready if situation.question is None else ()
    if focus is not None:
        mine = next((request for request in requests if request.branch == focus), None)
        if mine is not None:
            return _settled((mine,), ask) or mine
        if focus in ready:
            return _proceed(execution, focus, ready)
        inside = next((id for id in ready if _is_inside(id, focus)), None)
        if inside is not None:
            return _proceed(execution, inside, ready)
        requests = tuple(sorted(requests, key=lambda request: not _is_inside(request.branch, focus)))
        inner = _settled([request for request in requests if _is_inside(request.branch, focus)], ask)
        if inner is not None:
            return inner
    if ready:
        return _proceed(execution, ready[0], ready)
    if requests:
        return _settled(requests, ask) or requests[0]
    return NextMove(PROCEED)


def _is_inside(branch: BranchId, container: BranchId) -> bool:
    return len(branch) > len(container) and branch[: len(container)] == container


def _proceed(execution: Execution, branch_id: BranchId, ready: Sequence[BranchId]) -> NextMove:
    branch = execution.branches[branch_id]
    decision = PROCEED if branch_id == ready[0] else Proceed(branch_id)
    return NextMove(decision, branch_id, state_path(branch) if branch.phase is Phase.READY else None)


def _settled(requests: Sequence[TaskRequest], ask: Ask) -> NextMove | None:
    """What to do about the first question that the handler answers, or that needs no answer; None without one."""
    for request in requests:
        answer = ask(request)
        if answer is not None:
            return NextMove(AnswerTask(request.branch, answer), request.branch)
        if request.is_optional:
            return NextMove(Proceed(request.branch), request.branch)
    return None
