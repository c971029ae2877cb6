"""Parallel and Map: branches side by side on the virtual clock, their order of events, their failures."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import InjectFailure, Proceed, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, VisitStatus
from tests.engine_runs import begin, finish, one, run, scripted, types, visit

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"


def scope(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def wait(seconds: int) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds, "End": True}


PASS = {"Type": "Pass", "End": True}


def test_parallel_gathers_outputs_in_the_order_of_the_branches() -> None:
    ended = run(
        one(
            {
                "Type": "Parallel",
                "Branches": [
                    scope(Slow=wait(9)),
                    scope(P={"Type": "Pass", "Result": 2, "End": True}),
                    scope(W=wait(1)),
                ],
                "ResultPath": "$.all",
                "End": True,
            }
        ),
        {"x": 1},
    )
    assert ended.output == {"x": 1, "all": [{"x": 1}, 2, {"x": 1}]}
    assert ended.clock == 9000, "branches wait side by side, not one after the other"


def test_branches_take_turns() -> None:
    chain = scope(A1={"Type": "Pass", "Next": "A2"}, A2=PASS)
    other = scope(B1={"Type": "Pass", "Next": "B2"}, B2=PASS)
    ended = run(one({"Type": "Parallel", "Branches": [chain, other], "End": True}))
    entered = [event.state for event in ended.events if event.type == "PassStateEntered"]
    assert entered == ["A1", "B1", "A2", "B2"]


def test_a_branch_can_be_chosen() -> None:
    definition = one({"Type": "Parallel", "Branches": [scope(P=PASS), scope(Q=PASS)], "End": True})
    execution = step(step(begin(definition)))
    second = (("A", 1),)
    execution = step(step(execution, Proceed(second)), Proceed(second))
    assert [event.state for event in execution.events if event.type.startswith("PassState")] == ["Q", "Q"]
    assert finish(execution).status is ExecutionStatus.SUCCEEDED


def test_events_of_a_sequential_map_follow_one_another_as_recorded() -> None:
    ended = run(one({"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": scope(P=PASS), "End": True}), [1, 2])
    chain = [(event.type, event.previous_event_id) for event in ended.events]
    assert chain == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapIterationStarted", 3),
        ("PassStateEntered", 4),
        ("PassStateExited", 5),
        ("MapIterationSucceeded", 6),
        ("MapIterationStarted", 6),
        ("PassStateEntered", 8),
        ("PassStateExited", 9),
        ("MapIterationSucceeded", 10),
        ("MapStateSucceeded", 11),
        ("MapStateExited", 11),
        ("ExecutionSucceeded", 13),
    ]


def test_map_selects_items_and_shows_them_in_the_context() -> None:
    ended = run(
        one(
            {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "unit.$": "$.unit"},
                "ItemProcessor": scope(
                    P={"Type": "Pass", "Parameters": {"in.$": "$", "item.$": "$$.Map.Item.Value"}, "End": True}
                ),
                "End": True,
            }
        ),
        {"items": [7, 8], "unit": "m"},
    )
    assert ended.output == [
        {"in": {"n": 7, "i": 0, "unit": "m"}, "item": 7},
        {"in": {"n": 8, "i": 1, "unit": "m"}, "item": 8},
    ]


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 6), (2, 3), (0, 1)])
def test_max_concurrency_on_the_virtual_clock(concurrency: int, seconds: int) -> None:
    definition = one({"Type": "Map", "MaxConcurrency": concurrency, "ItemProcessor": scope(W=wait(1)), "End": True})
    assert run(definition, [0] * 6).clock == seconds * 1000


def test_a_map_of_nothing() -> None:
    ended = run(one({"Type": "Map", "ItemProcessor": scope(P=PASS), "End": True}), [])
    assert ended.output == []
    assert types(ended)[2:5] == ["MapStateStarted", "MapStateSucceeded", "MapStateExited"]


def test_a_failed_branch_aborts_its_siblings_and_can_be_caught() -> None:
    definition = one(
        {
            "Type": "Parallel",
            "Branches": [scope(Long=wait(60)), scope(T={"Type": "Task", "Resource": LAMBDA, "End": True})],
            "Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.error", "Next": "B"}],
            "End": True,
        },
        B=PASS,
    )
    ended = run(definition, {"x": 1}, scripted({"T": [TaskFailure("Broken", "so")]}))
    assert ended.output == {"x": 1, "error": {"Error": "Broken", "Cause": "so"}}
    assert visit(ended, "Long").status is VisitStatus.ABORTED
    assert ended.clock == 0
    kinds = types(ended)
    failed = kinds.index("LambdaFunctionFailed")
    assert kinds[failed:] == [
        "LambdaFunctionFailed",
        "TaskStateAborted",
        "WaitStateAborted",
        "ParallelStateFailed",
        "ParallelStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


def test_a_retried_map_runs_its_items_again() -> None:
    definition = one(
        {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": scope(T={"Type": "Task", "Resource": LAMBDA, "End": True}),
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
            "End": True,
        }
    )
    ended = run(definition, [5], scripted({"T": [TaskFailure("Busy"), TaskResult(6)]}))
    assert ended.output == [6]
    assert types(ended).count("MapStateStarted") == 2
    assert "MapStateFailed" not in types(ended)


def test_a_failure_injected_into_a_container_starts_no_branch() -> None:
    definition = one({"Type": "Parallel", "Branches": [scope(P=PASS)], "End": True})
    ended = finish(step(begin(definition), InjectFailure(("A",), "Boom")))
    assert types(ended)[2:] == ["ParallelStateStarted", "ParallelStateFailed", "ExecutionFailed"]


def test_nested_containers_and_many_requests_at_once() -> None:
    inner = {"Type": "Map", "ItemProcessor": scope(T={"Type": "Task", "Resource": LAMBDA, "End": True}), "End": True}
    definition = one({"Type": "Parallel", "Branches": [scope(M=inner), scope(N={**inner})], "End": True})
    definition["States"]["A"]["Branches"][1]["States"]["N"]["ItemProcessor"] = scope(
        U={"Type": "Task", "Resource": LAMBDA, "End": True}
    )
    execution = begin(definition, [1, 2])
    while readiness(execution).ready:
        execution = step(execution)
    assert len(readiness(execution).requests) == 4
    assert finish(execution).output == [[1, 2], [1, 2]]


def test_items_that_are_no_array() -> None:
    ended = run(one({"Type": "Map", "ItemsPath": "$.x", "ItemProcessor": scope(P=PASS), "End": True}), {"x": 1})
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith('Reference path "$.x" must point to array.')
    assert visit(ended, "A").stages[-1].name is StageName.ITEMS_PATH


def test_a_retried_container_waits_for_its_branches_again() -> None:
    definition = one(
        {
            "Type": "Parallel",
            "Branches": [scope(T={"Type": "Task", "Resource": LAMBDA, "Next": "W"}, W=wait(5))],
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}],
            "End": True,
        }
    )
    ended = run(definition, {}, scripted({"T": [TaskFailure("Busy"), TaskResult(1)]}))
    assert (ended.output, ended.clock) == ([1], 6000)
