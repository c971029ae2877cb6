"""`test_state`: AWS's TestState, offline; its answer is read off the stages of the visit.

Source: AWS API reference, InspectionData; the recorded answers show which state types show which of its fields. The
`request` and `response` of an HTTP Task are never there: offline, nothing is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict, Stage, StageName, StageStatus, VisitStatus
from sfdebug.engine.faults import TIMEOUT
from sfdebug.limits import ExecutionType
from sfdebug.state_testing.context import made_up_context
from sfdebug.state_testing.mocks import check_request
from sfdebug.state_testing.rehearsal import MapFacts, Rehearsal, rehearse
from sfdebug.state_testing.request import InspectionLevel, Request, read_request
from sfdebug.state_testing.tested import Tested, find_tested
from sfdebug.tasks.handler import checked_settings
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Settings
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tasks.handler import TaskHandler


_FIELDS: Final = ("output", "error", "cause", "inspectionData", "nextState", "status")
"""The fields of the response, in the order of the API reference."""
_ACCOUNT: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):.+")
_PREFIX: Final = re.compile(r"An error occurred while executing the state .* \(entered at the event id #\d+\)\. ")


def test_state(*, tasks: TaskHandler | None = None, settings: Settings | None = None, **request: Any) -> dict[str, Any]:
    """AWS's TestState without AWS: one state is run, with a request and a response as boto3 has them.

    Args:
        tasks: What answers a Task without a mock.
        settings: When the execution starts, and what it is called.
        request: The request's fields by their names. Where boto3 takes a text that holds JSON, a Python value may stand
            too; `definition` may also be a path or a loaded definition.

    Returns:
        The response.

    Raises:
        TestStateError: Shaped like botocore's ClientError, for what AWS refuses.
        UsageError: For parameters that boto3 would not send.
        DefinitionError: When a definition's file cannot be read.
        MissingModelsError: When a mocked result cannot be checked because botocore is not installed.
        UnansweredTaskError: When nothing answers a Task.
    """
    asked = read_request(request)
    tested = find_tested(asked.definition, asked.state_name)
    check_request(asked, tested)
    rehearsal = rehearse(asked, tested, tasks, _settings(asked, tested, checked_settings(settings)))
    response = _outcome(rehearsal)
    if asked.inspection_level is not InspectionLevel.INFO:
        response["inspectionData"] = _inspection(rehearsal)
    return {name: response[name] for name in _FIELDS if name in response}


test_state.__test__ = False  # type: ignore[attr-defined]  # pytest takes a name that begins with test_ for a test


def _settings(request: Request, tested: Tested, settings: Settings) -> Settings:
    """The execution that AWS makes up for the test. Recorded: an Express one, by its ARN, in the role's account."""
    match = _ACCOUNT.fullmatch(request.role_arn or "")
    settings = replace(
        settings,
        execution_type=ExecutionType.EXPRESS,
        account=match[1] if match else settings.account,
        role_arn=request.role_arn or settings.role_arn,
        # Recorded: an inline Map takes no object here.
        object_items=ObjectItems.DISTRIBUTED if tested.state.is_distributed else ObjectItems.NOWHERE,
    )
    context = made_up_context(request, tested.state, settings) if request.context is None else request.context
    return replace(settings, context=context)


def _outcome(rehearsal: Rehearsal) -> dict[str, Any]:
    visit = rehearsal.visit
    if rehearsal.is_too_long:
        return {"error": TIMEOUT, "status": "FAILED"}
    fault = visit.fault or (_retried_fault(visit) if rehearsal.is_retriable else None)
    response: dict[str, Any] = {}
    if fault is not None:
        response |= _worded(fault)
    if rehearsal.is_retriable:
        return {**response, "status": "RETRIABLE"}
    if visit.status is VisitStatus.FAILED:
        return {**response, "status": "FAILED"}
    assert is_present(visit.output)
    response["output"] = compact(visit.output)
    if visit.next is not None:
        response["nextState"] = visit.next
    response["status"] = "SUCCEEDED" if visit.status is VisitStatus.SUCCEEDED else "CAUGHT_ERROR"
    return response


def _retried_fault(visit: Visit) -> Fault | None:
    return next((stage.fault for stage in reversed(visit.stages) if stage.fault is not None), None)


def _worded(fault: Fault) -> dict[str, Json]:
    """The error and the cause as TestState words them.

    Recorded: without the name of the state and its event id, and a path into the Context object with one `$`.
    """
    details = dict(fault.details)
    cause = details.get("cause")
    if isinstance(cause, str):
        cause = _PREFIX.sub("", cause, count=1)
        details["cause"] = cause.replace('Reference path "$$', 'Reference path "$', 1)
    return details


def _inspection(rehearsal: Rehearsal) -> dict[str, Json]:
    facts, state = rehearsal.map_facts, rehearsal.visit.state
    if facts is None:
        return inspection_data(rehearsal.visit, ())
    data = inspection_data(rehearsal.visit, facts.stages)
    if state.query_language is QueryLanguage.JSONPATH and "ItemReader" not in state.fields:
        data.setdefault("afterItemsPath", compact(list(facts.items)))
    return data | _limits(facts)


def _limits(facts: MapFacts) -> dict[str, Json]:
    """Recorded: maxConcurrency always, 0 without the field; the tolerated failures where the state has them."""
    limits: dict[str, Json] = {"maxConcurrency": facts.concurrency}
    if facts.tolerance.count is not None:
        limits["toleratedFailureCount"] = facts.tolerance.count
    if facts.tolerance.percentage is not None:
        limits["toleratedFailurePercentage"] = float(facts.tolerance.percentage)
    return limits


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
    details = _error_details(visit)
    if details:
        data["errorDetails"] = details
    return data


def _error_details(visit: Visit) -> dict[str, Json]:
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
