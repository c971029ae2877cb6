"""The plan of a visit: the stages that it will go through when nothing fails, for showing what is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import StateType
from sfdebug.engine.visit import StageName
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import State

PlannedStage: TypeAlias = "tuple[StageName, Value]"

_BEFORE: Final = {
    StateType.TASK: (StageName.INPUT_PATH, StageName.PARAMETERS),
    StateType.PASS: (StageName.INPUT_PATH, StageName.PARAMETERS, StageName.RESULT),
    StateType.PARALLEL: (StageName.INPUT_PATH, StageName.PARAMETERS),
    StateType.MAP: (StageName.INPUT_PATH, StageName.ITEMS_PATH, StageName.ITEM_SELECTOR),
    StateType.CHOICE: (StageName.INPUT_PATH,),
    StateType.WAIT: (StageName.INPUT_PATH,),
    StateType.SUCCEED: (StageName.INPUT_PATH,),
    StateType.FAIL: (),
}
_AFTER: Final = {
    StateType.TASK: (StageName.RESULT_SELECTOR, StageName.RESULT_PATH, StageName.OUTPUT_PATH),
    StateType.PASS: (StageName.RESULT_PATH, StageName.OUTPUT_PATH),
    StateType.PARALLEL: (StageName.RESULT_SELECTOR, StageName.RESULT_PATH, StageName.OUTPUT_PATH),
    StateType.MAP: (StageName.RESULT_SELECTOR, StageName.RESULT_PATH, StageName.OUTPUT_PATH),
    StateType.CHOICE: (StageName.OUTPUT_PATH,),
    StateType.WAIT: (StageName.OUTPUT_PATH,),
    StateType.SUCCEED: (StageName.OUTPUT_PATH,),
    StateType.FAIL: (),
}


def planned_stages(state: State) -> tuple[PlannedStage, ...]:
    """The stages of a visit to `state` in order, each with its expression; fields it does not have are left out."""
    stages: list[PlannedStage] = [(StageName.INPUT, MISSING)]
    stages += _from_fields(state, _BEFORE[state.type])
    stages += _work(state)
    stages += _from_fields(state, _AFTER[state.type])
    if state.type is not StateType.FAIL:
        stages.append((StageName.OUTPUT, MISSING))
    return tuple(stages)


def _from_fields(state: State, names: tuple[StageName, ...]) -> list[PlannedStage]:
    fields = dict(state.fields)
    if state.type is StateType.MAP and "Parameters" in fields:
        fields.setdefault("ItemSelector", fields["Parameters"])
    return [(name, fields[name]) for name in names if name in fields]


def _work(state: State) -> list[PlannedStage]:
    if state.type is StateType.TASK:
        return [(StageName.TASK, state.resource)]
    if state.type is StateType.PARALLEL:
        return [(StageName.BRANCHES, MISSING)]
    if state.type is StateType.MAP:
        return [(StageName.ITERATIONS, MISSING)]
    if state.type is StateType.WAIT:
        names = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
        return [(StageName.WAIT, {name: state.fields[name] for name in names if name in state.fields})]
    if state.type is StateType.FAIL:
        names = ("Error", "ErrorPath", "Cause", "CausePath")
        return [(StageName.ERROR, {name: state.fields[name] for name in names if name in state.fields})]
    if state.type is StateType.CHOICE:
        rules: list[PlannedStage] = [(StageName.RULE, dict(choice.fields)) for choice in state.choices]
        return [*rules, (StageName.DEFAULT, state.default)] if state.default is not None else rules
    return []
