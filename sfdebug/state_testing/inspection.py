"""`inspectionData`: the stages of a visit, by the names that TestState gives them.

Source: AWS API reference, InspectionData; the recorded answers show which state types show which of them. The
`request` and `response` of an HTTP Task are never there: offline, nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, Stage, StageName, StageStatus, VisitStatus
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import Visit

_AFTER_INPUT: Final = ("afterInputPath", "afterParameters")
_AFTER_RESULT: Final = ("afterResultSelector", "afterResultPath")
_ITEMS: Final = ("afterItemsPath", "afterItemSelector", "afterItemBatcher", "afterItemsPointer")
_JSONPATH: Final[Mapping[StateType, tuple[str, ...]]] = {
    StateType.TASK: (*_AFTER_INPUT, "result", *_AFTER_RESULT),
    StateType.PASS: (*_AFTER_INPUT, *_AFTER_RESULT),
    StateType.PARALLEL: _AFTER_RESULT,
    StateType.MAP: ("afterInputPath", *_ITEMS, *_AFTER_RESULT),
    StateType.CHOICE: ("afterInputPath",),
    StateType.WAIT: ("afterInputPath",),
    StateType.SUCCEED: ("afterInputPath",),
    StateType.FAIL: ("afterInputPath",),
}
"""What is shown of a JSONPath state, as recorded; a field that the state does not have passes its value on."""
_PASS_WITH_RESULT: Final = ("result", *_AFTER_RESULT)
"""Recorded: a Pass with a Result shows nothing of its InputPath and Parameters, which have no effect."""
_JSONATA: Final[Mapping[StateType, tuple[str, ...]]] = {
    StateType.TASK: ("afterArguments", "result"),
    StateType.MAP: ("afterItemSelector", "afterItemBatcher", "afterItemsPointer"),
}
"""What is shown of a JSONata state; the types that are not here show their input alone, as recorded."""
_WORK: Final = (StageName.TASK, StageName.RESULT, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)


def inspection_data(visit: Visit, items: tuple[Stage, ...]) -> dict[str, Json]:
    """The data flow of `visit` in AWS's names, payloads as JSON texts. `items` are stages of a Map's items."""
    data: dict[str, Json] = {"input": compact(visit.input)}
    shown = _shown(visit)
    for name, value in _flow(visit, items):
        if name in shown:
            data[name] = compact(value)
    variables = _variables(visit)
    if variables:
        data["variables"] = compact(variables)
    details = error_details(visit)
    if details:
        data["errorDetails"] = details
    return data


def error_details(visit: Visit) -> dict[str, Json]:
    """Which Retrier and which Catcher took the fault.

    Recorded: a Retrier whose attempts are used up is named too, without a back-off.
    """
    details: dict[str, Json] = {}
    for stage in visit.stages:
        verdict = stage.detail
        if isinstance(verdict, RetryVerdict) and verdict.matched:
            details["retryIndex"] = verdict.index
            if verdict.delay_seconds is not None:
                details["retryBackoffIntervalSeconds"] = int(verdict.delay_seconds)
        elif isinstance(verdict, CatchVerdict) and verdict.matched:
            details["catchIndex"] = verdict.index
    return details


def _shown(visit: Visit) -> tuple[str, ...]:
    state = visit.state
    if state.query_language is QueryLanguage.JSONATA:
        return _JSONATA.get(state.type, ())
    if state.type is StateType.PASS and "Result" in state.fields:
        return _PASS_WITH_RESULT
    return _JSONPATH[state.type]


def _variables(visit: Visit) -> dict[str, Json]:
    variables = dict(visit.variables)
    if visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        variables |= visit.assigned or {}
    return variables


def _flow(visit: Visit, items: tuple[Stage, ...]) -> Iterator[tuple[str, Json]]:
    """What flows through the visit after each of its fields, up to where it fails or waits."""
    stages = {stage.name: stage for stage in (*items, *visit.stages)}
    value: Value = visit.input
    for name, stage_name in (("afterInputPath", StageName.INPUT_PATH), ("afterParameters", StageName.PARAMETERS)):
        value = _after(stages, stage_name, value)
        if not is_present(value):
            return
        yield name, value
    value = _after(stages, StageName.ARGUMENTS, visit.input)
    if not is_present(value):
        return
    yield "afterArguments", value
    yield from _item_flow(visit, stages)
    yield from _result_flow(visit, stages)


def _after(stages: Mapping[StageName, Stage], name: StageName, before: Value) -> Value:
    stage = stages.get(name)
    return before if stage is None else stage.after


def _item_flow(visit: Visit, stages: Mapping[StageName, Stage]) -> Iterator[tuple[str, Json]]:
    """The items of a Map. What an ItemReader reads is shown where it points into the data."""
    if visit.state.type is not StateType.MAP:
        return
    for name, stage_name in (
        ("afterItemsPath", StageName.ITEMS_PATH),
        ("afterItemsPointer", StageName.ITEM_READER),
        ("afterItemSelector", StageName.ITEM_SELECTOR),
        ("afterItemBatcher", StageName.ITEM_BATCHER),
    ):
        stage = stages.get(stage_name)
        if stage is None or not is_present(stage.after):
            continue
        if stage_name is not StageName.ITEM_READER or _has_pointer(visit):
            yield name, stage.after


def _has_pointer(visit: Visit) -> bool:
    reader = visit.state.fields.get("ItemReader")
    config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
    return isinstance(config, dict) and "ItemsPointer" in config


def _result_flow(visit: Visit, stages: Mapping[StageName, Stage]) -> Iterator[tuple[str, Json]]:
    work = next((stages[name] for name in _WORK if name in stages), None)
    if work is None and visit.state.type is StateType.PASS:
        work = stages.get(StageName.PARAMETERS) or stages.get(StageName.INPUT_PATH) or stages[StageName.INPUT]
    if work is None or work.status is not StageStatus.DONE:
        return
    value: Value = work.after
    for name, stage_name in (
        ("result", None),
        ("afterResultSelector", StageName.RESULT_SELECTOR),
        ("afterResultPath", StageName.RESULT_PATH),
    ):
        value = value if stage_name is None else _after(stages, stage_name, value)
        if not is_present(value):
            return
        yield name, value
