"""`test_state`: AWS's TestState, offline."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sfdebug.asl.definition import ExecutionType, QueryLanguage
from sfdebug.engine import Settings
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import Fault, VisitStatus
from sfdebug.engine.faults import TIMEOUT
from sfdebug.state_testing.context import made_up_context
from sfdebug.state_testing.inspection import inspection_data
from sfdebug.state_testing.mocks import check_request
from sfdebug.state_testing.rehearsal import MapFacts, Rehearsal, rehearse
from sfdebug.state_testing.request import Request, read_request
from sfdebug.state_testing.tested import Tested, find_tested
from sfdebug.values import Json, compact, is_present

if TYPE_CHECKING:
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
    rehearsal = rehearse(asked, tested, tasks, _settings(asked, tested, settings or Settings()))
    response = _outcome(rehearsal)
    if asked.inspection_level != "INFO":
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
