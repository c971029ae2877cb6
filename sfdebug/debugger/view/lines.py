"""The lines of a view: the stages of a visit, the live branches, the variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfdebug.debugger.view.model import PENDING, StageLine, Variable
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.engine.plan import planned_finish, planned_stages
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.asl.definition import State
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.visit import Stage, Visit


# The stages: those revealed so far, then those that are still to come

_WORK = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)
_OF_A_MAP_RUN = (StageName.ITEM_READER, StageName.ITEM_SELECTOR, StageName.ITEM_BATCHER)
_LEADING_ON = (StageStatus.MATCHED, StageStatus.FORCED)


def stage_lines(state: State, visit: Visit | None, revealed: int) -> tuple[StageLine, ...]:
    """The lines for a visit of which `revealed` stages are revealed; all planned when it has not begun (None)."""
    stages = tuple(visit.stages[:revealed]) if visit else ()
    return (*_done(stages), *_to_come(state, stages))


def done_lines(visit: Visit) -> tuple[StageLine, ...]:
    """The lines of all that has come about in a visit, without what is still planned."""
    return tuple(_done(visit.stages))


def _done(stages: Iterable[Stage]) -> Iterator[StageLine]:
    return (StageLine(stage.name, stage.expression, stage.status, stage, stage.index) for stage in stages)


def _to_come(state: State, stages: tuple[Stage, ...]) -> list[StageLine]:
    plan = _planned(state)
    if not stages:
        return plan
    last = stages[-1]
    if last.name is StageName.REDRIVE:
        return plan[1:]  # entered long since: all but its input comes again
    if last.name is StageName.RETRY:
        return _after_retry(state, last, plan)
    if last.name is StageName.CATCH and last.status is not StageStatus.MATCHED:
        return _catchers(state, (last.index or 0) + 1)
    if last.name is not StageName.CATCH and (last.fault is not None or last.status is StageStatus.FAILED):
        return [*_retriers(state, 0), *_catchers(state, 0)]
    if last.name is StageName.ERROR:
        return []
    finish = _finish(state, stages)
    if finish is not None:
        return finish
    if last.name is StageName.MAP_RUN and last.status is StageStatus.WAITING:
        return [*_before_children(plan, stages, last), *plan[_plan_index(plan, last) + 1 :]]
    rest = plan[_plan_index(plan, last) + 1 :]
    if last.name in _OF_A_MAP_RUN:  # the Map Run has started already: that is where its items are read
        begun = {stage.name for stage in stages if stage.attempt == last.attempt}
        rest = [line for line in rest if line.name is not StageName.MAP_RUN or line.name not in begun]
    return rest


def _finish(state: State, stages: tuple[Stage, ...]) -> list[StageLine] | None:
    """What is left after the Choice rule that leads on, or the Catcher that takes the fault; None before either."""
    index = next((at for at in range(len(stages) - 1, -1, -1) if _decides(stages[at])), None)
    if index is None:
        return None
    decisive = stages[index]
    entry = decisive.index or 0
    if decisive.name is StageName.CATCH:
        fields = state.catchers[entry].fields
    else:
        fields = state.choices[entry].fields if decisive.name is StageName.RULE else state.fields
    lines = [StageLine(name, expression, PENDING) for name, expression in planned_finish(state, fields)]
    done = stages[index + 1 :]
    return lines[_plan_index(lines, done[-1]) + 1 :] if done else lines


def _decides(stage: Stage) -> bool:
    if stage.name is StageName.CATCH:
        return stage.status is StageStatus.MATCHED
    return stage.name in (StageName.RULE, StageName.DEFAULT) and stage.status in _LEADING_ON


def _before_children(plan: list[StageLine], stages: tuple[Stage, ...], run: Stage) -> list[StageLine]:
    """What a Map Run still makes of its items before its first child execution starts."""
    done = {stage.name for stage in stages if stage.attempt == run.attempt}
    return [line for line in plan if line.name in _OF_A_MAP_RUN and line.name not in done]


def _after_retry(state: State, last: Stage, plan: list[StageLine]) -> list[StageLine]:
    index = last.index or 0
    if last.status is StageStatus.MATCHED:
        work = next((at for at, line in enumerate(plan) if line.name in _WORK), 0)
        return plan[work:]
    names_it = bool(getattr(last.detail, "matched", False))  # used up: the Retriers after it are not asked
    return [*([] if names_it else _retriers(state, index + 1)), *_catchers(state, 0)]


def _planned(state: State) -> list[StageLine]:
    lines: list[StageLine] = []
    rules = 0
    for name, expression in planned_stages(state):
        index = None
        if name is StageName.RULE:
            index, rules = rules, rules + 1
        lines.append(StageLine(name, expression, PENDING, None, index))
    return lines


def _plan_index(plan: list[StageLine], last: Stage) -> int:
    """Where in the plan a stage stands; a stage that is not in it belongs before what follows its kind."""
    for index, line in enumerate(plan):
        if line.name is last.name and line.index == last.index:
            return index
    return len(plan) - 1


def _retriers(state: State, first: int) -> list[StageLine]:
    return _entries(state, StageName.RETRY, len(state.retriers), first)


def _catchers(state: State, first: int) -> list[StageLine]:
    return _entries(state, StageName.CATCH, len(state.catchers), first)


def _entries(state: State, name: StageName, count: int, first: int) -> list[StageLine]:
    written = state.fields.get(name)
    entries = written if isinstance(written, list) else []
    return [
        StageLine(name, entries[index] if index < len(entries) else MISSING, PENDING, None, index)
        for index in range(first, count)
    ]


# The variables that a state sees, and what its Assign makes of them


def variables_at(position: Position) -> tuple[Variable, ...]:
    """The variables of the branch in focus, in the order in which they were first assigned.

    Inside a visit they are those at entry, which is what its expressions see, with what Assign has made of them by
    the stage at the cursor. When the execution is over, they are those that its last state left.
    """
    if position.visit is None:
        return _lines(position.branch.variables if position.branch is not None else {}, {})
    revealed = position.visit.stages[: position.revealed]
    return variables_of(position.visit, len(revealed))


def variables_of(visit: Visit, revealed: int | None = None) -> tuple[Variable, ...]:
    """The variables of a visit, as far as its first `revealed` stages tell; of all of it without that."""
    assigned: Mapping[str, Json] = {}
    for stage in visit.stages[:revealed]:
        if stage.name is StageName.ASSIGN and stage.status is StageStatus.DONE and isinstance(stage.after, dict):
            assigned = stage.after
    return _lines(visit.variables, assigned)


def _lines(seen: Mapping[str, Json], assigned: Mapping[str, Json]) -> tuple[Variable, ...]:
    names = [*seen, *(name for name in assigned if name not in seen)]
    return tuple(Variable(name, seen.get(name, MISSING), assigned.get(name, MISSING)) for name in names)
