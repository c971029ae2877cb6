"""The plan of a visit: the stages that it will go through when nothing fails, for showing what is still to come.

A definition has been checked: a state has only fields of its type and its query language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State
    from sfdebug.values import Json

_PlannedStage: TypeAlias = "tuple[StageName, Value]"

_BEFORE: Final = (
    StageName.INPUT_PATH,
    StageName.PARAMETERS,
    StageName.ARGUMENTS,
    StageName.ITEMS_PATH,
    StageName.ITEMS,
    StageName.ITEM_READER,
    StageName.ITEM_SELECTOR,
    StageName.ITEM_BATCHER,
    StageName.RESULT,
)
_AFTER: Final = (StageName.RESULT_SELECTOR, StageName.RESULT_PATH)
_ONLY_DISTRIBUTED: Final = (StageName.ITEM_READER, StageName.ITEM_BATCHER)
_NOT_READ: Final = (StageName.ITEMS_PATH, StageName.ITEMS)
"""Fields of no effect beside an ItemReader: the items come from outside, no path leads to them."""


def planned_stages(state: State) -> tuple[_PlannedStage, ...]:
    """The stages of a visit to `state` in order, each with its expression; fields it does not have are left out.

    Those at the end of a Choice are of its Default: for those of a rule, see `planned_finish`.
    """
    fields = dict(state.fields)
    if state.type is StateType.MAP and "Parameters" in fields:  # what ItemSelector was called formerly
        fields["ItemSelector"] = fields.pop("Parameters")
    left_out: tuple[StageName, ...] = ()
    if state.type is StateType.MAP and not state.is_distributed:
        left_out = _ONLY_DISTRIBUTED
    elif "ItemReader" in fields:
        left_out = _NOT_READ
    before = [(name, fields[name]) for name in _BEFORE if name in fields and name not in left_out]
    stages: list[_PlannedStage] = [(StageName.INPUT, MISSING), *before, *_work(state)]
    if state.type is StateType.FAIL:
        return tuple(stages)
    after = [(name, fields[name]) for name in _AFTER if name in fields]
    return (*stages, *after, *planned_finish(state, state.fields))


def planned_finish(state: State, fields: Mapping[str, Json]) -> tuple[_PlannedStage, ...]:
    """The last stages of a visit, whose Assign and Output stand in `fields`: the state's own, or those of a Choice
    rule or a Catcher. A Catcher's output goes through no OutputPath (recorded)."""
    stages: list[_PlannedStage] = []
    if fields.get("Assign"):
        stages.append((StageName.ASSIGN, fields["Assign"]))
    if "OutputPath" in state.fields and "ErrorEquals" not in fields:
        stages.append((StageName.OUTPUT_PATH, state.fields["OutputPath"]))
    return (*stages, (StageName.OUTPUT, fields.get("Output", MISSING)))


def _work(state: State) -> list[_PlannedStage]:
    if state.type is StateType.TASK:
        return [(StageName.TASK, state.resource)]
    if state.type is StateType.PARALLEL:
        return [(StageName.BRANCHES, MISSING)]
    if state.type is StateType.MAP:
        return _map_work(state)
    if state.type is StateType.WAIT:
        return [(StageName.WAIT, _of(state, "Seconds", "SecondsPath", "Timestamp", "TimestampPath"))]
    if state.type is StateType.FAIL:
        return [(StageName.ERROR, _of(state, "Error", "ErrorPath", "Cause", "CausePath"))]
    if state.type is StateType.CHOICE:
        rules: list[_PlannedStage] = [(StageName.RULE, dict(choice.fields)) for choice in state.choices]
        return [*rules, (StageName.DEFAULT, state.default)] if state.default is not None else rules
    return []


def _of(state: State, *names: str) -> dict[str, Json]:
    return {name: state.fields[name] for name in names if name in state.fields}


def _map_work(state: State) -> list[_PlannedStage]:
    if not state.is_distributed:
        return [(StageName.ITERATIONS, MISSING)]
    run: list[_PlannedStage] = [(StageName.MAP_RUN, MISSING)]
    if "ResultWriter" in state.fields:
        run.append((StageName.RESULT_WRITER, state.fields["ResultWriter"]))
    return run
