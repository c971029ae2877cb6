"""Foretelling by doing: the engine itself walks on from here, on the side, and what it would do is told.

The engine's step is pure, so nothing changes. What other branches do in the meantime is left out: it is the branch's
own future, as long as nothing else cuts it off.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Final

from sfdebug.engine import step
from sfdebug.engine.ending import next_deadline
from sfdebug.engine.execution.decisions import Proceed
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Fault, Stage, Visit

_MOST_STEPS: Final = 400
_PATIENCE: Final = 2.0
"""Seconds that a forecast may take: expressions of the state are evaluated again for each attempt."""

_FAILING: Final = frozenset((StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN))


class Fate(StrEnum):
    """How a visit goes on."""

    RUNS = "runs"
    """Its next attempt runs as it would anyway."""
    RETURNS = "returns"
    """The attempt at hand gives a result, and the state is left."""
    CAUGHT = "caught"
    """A Catcher takes the failure."""
    FAILS = "fails"
    """The failure leaves the state: the branch, or the execution, fails."""
    TIMES_OUT = "times out"
    """The time of the execution, or of its child execution, is over first."""
    OPEN = "open"
    """It goes on longer than is looked at."""


@dataclass(frozen=True, slots=True)
class OutcomeForecast:
    """What becomes of a visit.

    `faults` are those of its attempts from here on, in order, as AWS reports them. `retries` are the Retriers that try
    again, each with the seconds that it waits, jitter included. `catcher` and `next` belong to CAUGHT. `fault` is what
    the state fails with at last. `first_attempt` is the number of the attempt at hand, `attempt` of the one that comes
    next or came last, `seconds` the virtual time until then.
    """

    fate: Fate
    first_attempt: int
    attempt: int
    faults: tuple[Fault, ...] = ()
    retries: tuple[tuple[int, float], ...] = ()
    catcher: int | None = None
    next: str | None = None
    fault: Fault | None = None
    seconds: float = 0.0
    ends_execution: bool = False
    """Whether the failure ends the whole execution, not the branch alone."""


def forecast_outcome(execution: Execution, branch: BranchId, decisions: Sequence[Decision]) -> OutcomeForecast | None:
    """What becomes of the visit that `branch` is in, or about to begin, after these decisions; None when the engine
    does not take them."""
    start = execution.branches.get(branch)
    if start is None:
        return None
    before = execution.clock
    try:
        for decision in decisions:
            execution = step(execution, decision)
        return _walk(execution, start, before)
    except SfdebugError:
        return None


def _walk(execution: Execution, start: Branch, began: int) -> OutcomeForecast:
    number = start.visit.number if start.visit is not None else execution.visit_count + 1
    first = start.visit.attempt if start.visit is not None else 1
    over = monotonic() + _PATIENCE
    for _ in range(_MOST_STEPS):
        if monotonic() > over:
            return _told(execution, start, number, first, began, fate=Fate.OPEN)
        branch = execution.branches.get(start.id)
        visit = branch.visit if branch is not None else None
        if execution.status is not ExecutionStatus.RUNNING or branch is None:
            break
        is_over = visit is None and branch.phase is not Phase.READY
        if is_over or (visit is not None and visit.number != number) or execution.visit_count > number:
            break
        if branch.phase in (Phase.ASKING, Phase.CHILDREN, Phase.EXIT):
            break
        at = branch.wake_at if branch.phase is Phase.SLEEPING else None
        if at is not None and _is_too_late(execution, start.id, at):
            return _told(execution, start, number, first, began, fate=Fate.TIMES_OUT)
        execution = step(execution, Proceed(start.id, at=at))
    else:
        return _told(execution, start, number, first, began, fate=Fate.OPEN)
    return _told(execution, start, number, first, began)


def _is_too_late(execution: Execution, branch: BranchId, at: int) -> bool:
    """Whether the time of the execution, or of the child execution that the branch is in, is over by then."""
    deadline, child_id = next_deadline(execution)
    return at >= deadline and branch[: len(child_id)] == child_id


def _told(
    execution: Execution, start: Branch, number: int, first: int, began: int, fate: Fate | None = None
) -> OutcomeForecast:
    visit = _visit(execution, start, number)
    stages = [stage for stage in visit.stages if stage.attempt >= first] if visit is not None else []
    faults = tuple(stage.fault for stage in stages if stage.name in _FAILING and stage.fault is not None)
    retries = tuple((stage.index or 0, _delay(stage)) for stage in stages if _is_taken(stage, StageName.RETRY))
    catch = next((stage for stage in stages if _is_taken(stage, StageName.CATCH)), None)
    attempt = visit.attempt if visit is not None else first
    seconds = (execution.clock - began) / 1000
    branch = execution.branches.get(start.id)
    is_leaving = branch is not None and branch.phase is Phase.EXIT
    if fate is None:
        if is_leaving:
            fate = Fate.CAUGHT if catch is not None else Fate.RETURNS
        elif branch is not None and branch.phase in (Phase.ASKING, Phase.CHILDREN):
            fate = Fate.RUNS
        else:
            fate = Fate.FAILS
    is_caught = fate is Fate.CAUGHT and catch is not None
    return OutcomeForecast(
        fate=fate,
        first_attempt=first,
        attempt=attempt,
        faults=faults,
        retries=retries,
        catcher=catch.index if is_caught and catch is not None else None,
        next=branch.visit.next if is_caught and branch is not None and branch.visit is not None else None,
        fault=visit.fault if fate is Fate.FAILS and visit is not None else None,
        seconds=seconds,
        ends_execution=execution.status is not ExecutionStatus.RUNNING,
    )


def _visit(execution: Execution, start: Branch, number: int) -> Visit | None:
    branch = execution.branches.get(start.id)
    if branch is not None and branch.visit is not None and branch.visit.number == number:
        return branch.visit
    return next((visit for visit in reversed(execution.visits) if visit.number == number), None)


def _is_taken(stage: Stage, name: StageName) -> bool:
    return stage.name is name and stage.status is StageStatus.MATCHED


def _delay(stage: Stage) -> float:
    return float(stage.after) if isinstance(stage.after, (int, float)) else 0.0
