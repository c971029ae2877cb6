"""The plan of a visit: the stages that it will go through when nothing fails, for showing what is still to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import State

PlannedStage: TypeAlias = "tuple[StageName, Value]"

_BEFORE: Final = {
    StateType.TASK: (StageName.INPUT_PATH, StageName.PARAMETERS),
    StateType.PASS: (StageName.INPUT_PATH, StageName.PARAMETERS, StageName.RESULT),
    StateType.PARALLEL: (StageName.INPUT_PATH, StageName.PARAMETERS),
    StateType.MAP: (
        StageName.INPUT_PATH,
        StageName.ITEMS_PATH,
        StageName.ITEM_READER,
        StageName.ITEM_SELECTOR,
        StageName.ITEM_BATCHER,
    ),
    StateType.CHOICE: (StageName.INPUT_PATH,),
    StateType.WAIT: (StageName.INPUT_PATH,),
    StateType.SUCCEED: (StageName.INPUT_PATH,),
    StateType.FAIL: (),
}
_RESULT: Final = (StageName.RESULT_SELECTOR, StageName.RESULT_PATH)
_AFTER: Final = {
    StateType.TASK: _RESULT,
    StateType.PASS: (StageName.RESULT_PATH,),
    StateType.PARALLEL: _RESULT,
    StateType.MAP: _RESULT,
    StateType.CHOICE: (),
    StateType.WAIT: (),
    StateType.SUCCEED: (),
    StateType.FAIL: (),
}
_JSONATA_BEFORE: Final = {
    StateType.TASK: (StageName.ARGUMENTS,),
    StateType.PARALLEL: (StageName.ARGUMENTS,),
    StateType.MAP: (StageName.ITEMS, StageName.ITEM_READER, StageName.ITEM_SELECTOR, StageName.ITEM_BATCHER),
}
_ONLY_DISTRIBUTED: Final = (StageName.ITEM_READER, StageName.ITEM_BATCHER)


def planned_stages(state: State) -> tuple[PlannedStage, ...]:
    """The stages of a visit to `state` in order, each with its expression; fields it does not have are left out.

    Those at the end of a Choice are of its Default: for those of a rule, see `planned_finish`.
    """
    stages: list[PlannedStage] = [(StageName.INPUT, MISSING)]
    stages += _from_fields(state, _names_before(state))
    stages += _work(state)
    if state.type is StateType.FAIL:
        return tuple(stages)
    if not _is_jsonata(state):
        stages += _from_fields(state, _AFTER[state.type])
    return (*stages, *planned_finish(state, state.fields))


def planned_finish(state: State, fields: Mapping[str, Json]) -> tuple[PlannedStage, ...]:
    """The last stages of a visit, whose Assign and Output stand in `fields`: the state's own, or those of a Choice
    rule or a Catcher. A Catcher's output goes through no OutputPath (recorded)."""
    stages: list[PlannedStage] = []
    if fields.get("Assign"):
        stages.append((StageName.ASSIGN, fields["Assign"]))
    if _is_jsonata(state):
        return (*stages, (StageName.OUTPUT, fields.get("Output", MISSING)))
    if "OutputPath" in state.fields and "ErrorEquals" not in fields:
        stages.append((StageName.OUTPUT_PATH, state.fields["OutputPath"]))
    return (*stages, (StageName.OUTPUT, MISSING))


def _is_jsonata(state: State) -> bool:
    return state.query_language is QueryLanguage.JSONATA


def _names_before(state: State) -> tuple[StageName, ...]:
    names = _JSONATA_BEFORE.get(state.type, ()) if _is_jsonata(state) else _BEFORE[state.type]
    if state.type is not StateType.MAP:
        return names
    if not state.is_distributed:
        return tuple(name for name in names if name not in _ONLY_DISTRIBUTED)
    if "ItemReader" in state.fields:  # the items come from outside: no path leads to them
        return tuple(name for name in names if name not in (StageName.ITEMS, StageName.ITEMS_PATH))
    return names


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
        return _map_work(state)
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


def _map_work(state: State) -> list[PlannedStage]:
    if not state.is_distributed:
        return [(StageName.ITERATIONS, MISSING)]
    run: list[PlannedStage] = [(StageName.MAP_RUN, MISSING)]
    if "ResultWriter" in state.fields:
        run.append((StageName.RESULT_WRITER, state.fields["ResultWriter"]))
    return run
