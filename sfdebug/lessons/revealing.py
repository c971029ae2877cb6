"""Goes on from a prediction to where its answer is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.places import MOST_STAGES, is_at_end

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.visit import Stage
    from sfdebug.lessons.model import Asked

_OF_THE_RUN: Final = (PredictKind.VISITS, PredictKind.COUNT, PredictKind.COST, PredictKind.METRIC)
_OPEN: Final = (StageStatus.WAITING, StageStatus.NOT_MATCHED)


def reveal(debugger: Debugger, asked: Asked) -> None:
    """Go on to where the answer to a question is seen: behind the stage, the state, or at the end of the execution.

    A value is seen where one stands. Where a Task waits for the user, it goes as far as that.
    """
    if asked.kind is PredictKind.VALUE:
        return
    if asked.kind in _OF_THE_RUN or (asked.is_of_execution and asked.kind in _OF_STATE_OR_RUN):
        _until(debugger, lambda position: is_at_end(debugger))
        return
    if asked.state and not _is_at(debugger, asked.state):
        _until(debugger, lambda position: position.is_ready and _is(position, asked.state))
    if asked.kind is PredictKind.INPUT:
        if not asked.state:
            debugger.step_into()
        return
    stages = _stages(asked)
    if asked.kind is PredictKind.OUTPUT and stages:
        _until_stage(debugger, stages, 0, lambda stage: stage.status is not StageStatus.WAITING)
    elif stages:
        _until_stage(debugger, stages, asked.retry if asked.kind is PredictKind.DELAY else 0)
    elif asked.kind is PredictKind.ERROR:
        _until_stage(debugger, tuple(StageName), 0, lambda stage: stage.fault is not None)
    elif asked.kind is PredictKind.VARIABLE and asked.when == "inside":
        debugger.step_into()
    else:
        debugger.step_over()


_OF_STATE_OR_RUN: Final = (PredictKind.OUTPUT, PredictKind.STATUS, PredictKind.ERROR)


def _stages(asked: Asked) -> tuple[StageName, ...]:
    """The stages that show the answer; none where it is seen behind the state."""
    if asked.stage is not None:
        return (asked.stage,)
    if asked.kind is PredictKind.RULE:
        return (StageName.RULE, StageName.DEFAULT)
    if asked.kind is PredictKind.CATCHER:
        return (StageName.CATCH,)
    if asked.kind is PredictKind.DELAY:
        return (StageName.RETRY, StageName.WAIT)
    return ()


def _until_stage(
    debugger: Debugger, names: tuple[StageName, ...], count: int, counts: Callable[[Stage], bool] | None = None
) -> None:
    """On until the visit at hand has so many stages of these names that say what is taken, with 0 one more than now;
    or until it is over."""
    is_seen = counts or (lambda stage: stage.status not in _OPEN)
    position = position_at(debugger.cursor)
    number = position.visit.number if position.visit is not None else position.execution.visit_count + 1

    def seen(position: Position) -> int:
        stages = position.visit.stages[: position.revealed] if position.visit is not None else ()
        return sum(stage.name in names and is_seen(stage) for stage in stages)

    wanted = count or (seen(position) + 1 if position.visit is not None else 1)

    def has_come(position: Position) -> bool:
        if position.visit is not None and position.visit.number == number:
            return seen(position) >= wanted
        return position.is_over or any(visit.number == number for visit in position.execution.visits)

    _until(debugger, has_come)


def _until(debugger: Debugger, has_come: Callable[[Position], bool]) -> None:
    for _ in range(MOST_STAGES):
        if has_come(position_at(debugger.cursor)):
            return
        before = debugger.cursor
        debugger.step_into()
        if debugger.cursor == before:
            return


def _is(position: Position, name: str) -> bool:
    return position.state is not None and position.state.name == name


def _is_at(debugger: Debugger, name: str) -> bool:
    position = position_at(debugger.cursor)
    return _is(position, name) and not position.is_over
