"""Paths that lead nowhere, and what catches them: reference paths, null inputs, several names in a bracket."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from tests.engine_machines import distributed, invoke, jsonata, scope
from tests.engine_runs import one, run, scripted

CONFLICT = "States.ReferencePathConflict"
NULL_INPUT = "Unable to apply Path transformation to null or empty input."
ONLY = scope(X={"Type": "Pass", "End": True})
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f"


def over(path: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemsPath": path, "ItemProcessor": ONLY, "End": True, **fields}


def after_null(state: dict[str, Any]) -> dict[str, Any]:
    """`state`, with the input null."""
    return one({"Type": "Pass", "Result": None, "Next": "B"}, B=state)


@pytest.mark.parametrize(
    ("path", "given", "cause"),
    [
        ("$.rows", {"other": 1}, 'Unable to apply step "rows" to input {"other":1}'),
        ("$.found.rows", {"found": {"code": 500}}, 'Unable to apply step "rows" to input {"found":{"code":500}}'),
        ("$.found.rows", {"found": 5}, 'Unable to apply step "rows" to input {"found":5}'),
        ("$.rows[2]", {"rows": [[1]]}, 'Unable to apply step "2" to input {"rows":[[1]]}'),
        ("$['my rows']", {}, 'Unable to apply step "my rows" to input {}'),
    ],
)
@pytest.mark.parametrize("is_distributed", [False, True])
def test_items_that_are_not_there_are_a_conflict(path: str, given: Any, cause: str, is_distributed: bool) -> None:
    state = distributed(ONLY, ItemsPath=path) if is_distributed else over(path)
    ended = run(one(state), given)
    assert (ended.error, ended.cause) == (CONFLICT, cause)


@pytest.mark.parametrize("names", [["States.ALL"], [CONFLICT], ["States.TaskFailed"]])
def test_a_conflict_can_be_caught(names: list[str]) -> None:
    catch = [{"ErrorEquals": names, "Next": "B"}]
    definition = one(over("$.rows", Catch=catch), B={"Type": "Pass", "Parameters": {"e.$": "$.Error"}, "End": True})
    assert run(definition, {}).output == {"e": CONFLICT}
    task = {"Type": "Task", "Resource": LAMBDA, "ResultPath": "$.agg", "Catch": catch, "End": True}
    definition = one(task, B={"Type": "Pass", "Parameters": {"e.$": "$.Error"}, "End": True})
    assert run(definition, [1, 2]).output == {"e": CONFLICT}


def test_a_conflict_can_be_retried() -> None:
    task = {"Type": "Task", "Resource": LAMBDA, "ResultPath": "$.agg", "Retry": [{"ErrorEquals": [CONFLICT]}]}
    ended = run(one({**task, "End": True}), "text", scripted({"A": [TaskResult(1)] * 4}))
    assert (ended.error, ended.cause) == (CONFLICT, 'Unable to apply step "agg" to input "text"')


def test_the_items_of_a_variable() -> None:
    states = {"Type": "Pass", "Assign": {"box": {"a": 1}}, "Next": "B"}
    ended = run(one(states, B=over("$box.rows")), {})
    assert (ended.error, ended.cause) == (CONFLICT, 'Unable to apply step "rows" to input {"a":1}')
    assert run(one(over("$gone.rows")), {}).error == "States.Runtime"


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "InputPath": "$.a"},
        {"Type": "Pass", "InputPath": "$.a[0]"},
        {"Type": "Pass", "InputPath": "$..a"},
        {"Type": "Pass", "InputPath": "$[?(@.a == 1)]"},
        {"Type": "Pass", "OutputPath": "$.a"},
        {"Type": "Pass", "Parameters": {"all.$": "$"}},
        {"Type": "Pass", "Parameters": {"deep": [{"a.$": "$.a"}]}},
        {"Type": "Task", "Resource": LAMBDA, "ResultSelector": {"all.$": "$"}},
    ],
)
def test_a_path_on_null_input(state: dict[str, Any]) -> None:
    ended = run(after_null({**state, "End": True}), {})
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith(f"(entered at the event id #4). {NULL_INPUT}")


def test_an_intrinsic_function_on_null_input() -> None:
    state = {"Type": "Pass", "Parameters": {"t.$": "States.JsonToString($)"}, "End": True}
    ended = run(after_null(state), {})
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith(NULL_INPUT)


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass"},
        {"Type": "Pass", "InputPath": "$"},
        {"Type": "Pass", "Parameters": {"n.$": "$$.State.Name"}},
        {"Type": "Pass", "Parameters": {"fixed": 1}},
        {"Type": "Succeed"},
    ],
)
def test_null_input_goes_through_where_no_path_reads_it(state: dict[str, Any]) -> None:
    assert run(after_null(state if state["Type"] == "Succeed" else {**state, "End": True}), {}).error is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("$['a', 'b'].v", "$['a', 'b']"),
        ("$['a','b']['v']", "$['a', 'b']"),
        ("$.x['a', 'b'][0]", "$['x']['a', 'b']"),
        ("$.rows[*]['a', 'b'].v", "$['rows'][0]['a', 'b']"),
    ],
)
def test_several_names_only_end_a_path(path: str, place: str) -> None:
    given: Any = {"a": {"v": 1}, "b": {"v": 2}, "x": {"a": [1], "b": [2]}, "rows": [{"a": {}, "b": {}}]}
    ended = run(one({"Type": "Pass", "InputPath": path, "End": True}), given)
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith(
        f"Invalid path '{path}' : Multi properties can only be used as path leafs: {place}"
    )
    assert run(one({"Type": "Pass", "InputPath": "$.x['a', 'b']", "End": True}), given).output == given["x"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Arguments", {"FunctionName": "{% $states.input.gone %}"}),
        ("Output", "{% $states.result.gone %}"),
        ("Assign", {"v": "{% $error('no') %}"}),
    ],
)
def test_task_failed_does_not_cover_query_errors(field: str, value: Any) -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}]
    retry = [{"ErrorEquals": ["States.TaskFailed"]}]
    definition = jsonata(invoke(**{field: value}, Catch=catch, Retry=retry, End=True), B={"Type": "Succeed"})
    ended = run(definition, {}, scripted({"A": [TaskResult({})]}))
    assert (ended.status, ended.error) == (ExecutionStatus.FAILED, "States.QueryEvaluationError")
    named = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "B"}]
    definition = jsonata(invoke(**{field: value}, Catch=named, End=True), B={"Type": "Succeed"})
    assert run(definition, {}, scripted({"A": [TaskResult({})]})).error is None


def test_task_failed_covers_what_a_task_fails_with() -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}]
    definition = jsonata(invoke(Catch=catch, End=True), B={"Type": "Succeed"})
    assert run(definition, {}, scripted({"A": [TaskFailure("Torn")]})).error is None
