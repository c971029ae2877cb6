"""The quiz: what is worth asking before the next stage, of any definition at any place.

Asked is what a person can work out from what is on the screen: what a field makes of the data, which rule is taken,
what becomes of an error, how long is waited, what the outputs of branches make. Not asked is what is written there as
it is, what changes nothing and could not be taken to, and what a Task is going to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.lessons.questions.ahead import Foresight
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.model import CannotAskError
from sfdebug.lessons.questions.subjects import visit_in
from sfdebug.values import is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.lessons.questions.model import LessonQuestion
    from sfdebug.values import Json

_MOST_LOOKED_AT: Final = 400
"""So many steps are looked ahead for the next stage: branches may run in between."""
_SHAPING: Final = frozenset(
    {
        *(StageName.INPUT_PATH, StageName.PARAMETERS, StageName.ARGUMENTS, StageName.ITEMS_PATH, StageName.ITEMS),
        *(StageName.ITEM_SELECTOR, StageName.ITEM_BATCHER, StageName.RESULT_SELECTOR, StageName.RESULT_PATH),
        StageName.OUTPUT_PATH,
    }
)
"""Stages in which a field makes something of the data."""
_GATHERING: Final = frozenset({StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN})
_WHOLE: Final = "$"


def next_question(debugger: Debugger) -> tuple[Asked, LessonQuestion] | None:
    """What is worth asking before the next stage.

    Args:
        debugger: The session. It is not moved, and nothing is called.

    Returns:
        What is asked and the question, which has enough wrong choices; None where nothing is worth asking, or the
        answer is not known.
    """
    for asked in worth_asking(debugger):
        try:
            question = question_asked(debugger, asked)
        except CannotAskError:
            continue
        if question.can_be_chosen:
            return asked, question
    return None


def worth_asking(debugger: Debugger) -> Iterator[Asked]:
    """What could be asked before the next stage, the best first."""
    position = position_at(debugger.cursor)
    if position.is_over or position.branch is None or position.state is None:
        return
    if position.visit is None:
        yield from _before_state(position.state)
        return
    if position.is_settled and position.branch.phase is Phase.FAULT:
        yield from _at_fault(position.visit)
        return
    if _has_branches(position):
        return  # they come next, and what they give is asked when they have given it
    found = _next_stage(debugger, position, position.visit)
    if found is not None:
        yield from _before_stage(*found)


def _has_branches(position: Position) -> bool:
    """Whether branches of the state at hand are under way."""
    depth = len(position.focus)
    return any(len(id) > depth and id[:depth] == position.focus for id in position.execution.branches)


def _before_state(state: State) -> Iterator[Asked]:
    if state.type is StateType.CHOICE:
        yield Asked(PredictKind.RULE)
    elif state.type is StateType.WAIT and not isinstance(state.fields.get("Seconds"), int):
        yield Asked(PredictKind.DELAY)


def _at_fault(visit: Visit) -> Iterator[Asked]:
    """What becomes of an error."""
    state = visit.state
    if state.retriers:
        taken = sum(s.name is StageName.RETRY and s.status is StageStatus.MATCHED for s in visit.stages)
        yield Asked(PredictKind.DELAY, retry=taken + 1)
    if state.catchers:
        yield Asked(PredictKind.CATCHER)
    if state.type is not StateType.FAIL:
        yield Asked(PredictKind.NEXT)


def _next_stage(debugger: Debugger, position: Position, visit: Visit) -> tuple[Stage, Visit] | None:
    """The stage that is revealed next with its result, and its visit as it is then; None where that is not known."""
    revealed = position.revealed
    if revealed < len(visit.stages):
        return visit.stages[revealed], visit
    foresight = Foresight(debugger)
    last = visit.stages[-1] if visit.stages else None
    try:
        for execution in islice(foresight.ahead(foresight.focus), 1, _MOST_LOOKED_AT):
            later = visit_in(execution, visit.branch, visit.number)
            if later is None:
                return None
            at = revealed - 1 if last is not None and last.status is StageStatus.WAITING else revealed
            if len(later.stages) > at and later.stages[at] is not last:
                return later.stages[at], later
            if later.status is not VisitStatus.RUNNING:
                return None
    except CannotAskError:
        return None
    return None


def _before_stage(stage: Stage, visit: Visit) -> Iterator[Asked]:
    name = stage.name
    if name in _SHAPING:
        if _is_worth_it(stage, visit):
            yield Asked(PredictKind.OUTPUT, stage=name)
    elif name in _GATHERING and stage.status is StageStatus.DONE:
        yield Asked(PredictKind.OUTPUT, stage=name)
    elif name is StageName.ASSIGN and isinstance(stage.after, dict):
        yield from (Asked(PredictKind.VARIABLE, name=each) for each in stage.after if _is_computed(stage.expression))
    elif name is StageName.OUTPUT and _is_decided_at_end(visit):
        yield Asked(PredictKind.OUTPUT)


def _is_worth_it(stage: Stage, visit: Visit) -> bool:
    """Whether what a field makes of the data has to be worked out."""
    if stage.name in (StageName.PARAMETERS, StageName.ARGUMENTS, StageName.ITEM_SELECTOR, StageName.RESULT_SELECTOR):
        return _is_computed(stage.expression)
    before = visit.input if stage.name is StageName.RESULT_PATH else stage.before
    is_the_same = is_present(before) and is_present(stage.after) and same(before, stage.after)
    return not is_the_same or stage.expression != _WHOLE


def _is_computed(expression: Json | object) -> bool:
    """Whether a template holds something that is computed, or could be taken for it."""
    if isinstance(expression, dict):
        return any(key.endswith(".$") or _is_computed(value) for key, value in expression.items())
    if isinstance(expression, list):
        return any(map(_is_computed, expression))
    return isinstance(expression, str) and ("$" in expression or "{%" in expression)


def _is_decided_at_end(visit: Visit) -> bool:
    """Whether a state's output hangs on a field that has no stage: no ResultPath, no Output, or an Output."""
    state = visit.state
    is_caught = any(s.name is StageName.CATCH and s.status is StageStatus.MATCHED for s in visit.stages)
    if is_caught:
        return False
    if state.query_language is QueryLanguage.JSONATA:
        return _is_computed(state.fields.get("Output")) or state.type is StateType.TASK
    has_result = state.type in (StateType.TASK, StateType.PARALLEL, StateType.MAP) or "Result" in state.fields
    return has_result and "ResultPath" not in state.fields and "OutputPath" not in state.fields
