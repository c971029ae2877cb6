"""The engine is a pure function: equal decisions give equal executions, and a step changes nothing it was given."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import AnswerTask, Decision, Proceed, TaskFailure, TaskResult
from tests.engine_runs import begin
from tests.examples import STEADY, examples

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "JitterStrategy": "FULL"}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Z"}]


def _leaf(kind: int) -> dict[str, Any]:
    leaves: list[dict[str, Any]] = [
        {"Type": "Pass", "Parameters": {"v.$": "$", "id.$": "States.UUID()"}},
        {"Type": "Task", "Resource": LAMBDA, "Retry": RETRY, "ResultPath": "$.r"},
        {"Type": "Wait", "Seconds": 3},
        {"Type": "Pass", "ResultPath": "$.p", "Result": [1, 2]},
    ]
    return leaves[kind % len(leaves)]


@st.composite
def machines(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """Machines of a few states in a row, with Parallel and Map inside, each name unique by its path."""
    return _scope(draw, depth, "S")


def _scope(draw: st.DrawFn, depth: int, prefix: str) -> dict[str, Any]:
    names = [f"{prefix}{index}" for index in range(draw(st.integers(1, 3)))]
    states: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], f"{prefix}Z"], strict=True):
        kind = draw(st.integers(0, 5 if depth else 3))
        if kind == 4:
            count = draw(st.integers(1, 3))
            branches = [_scope(draw, depth - 1, f"{name}b{index}") for index in range(count)]
            state: dict[str, Any] = {"Type": "Parallel", "Branches": branches, "ResultPath": "$.all"}
        elif kind == 5:
            state = {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"items.$": "$.items", "i.$": "$$.Map.Item.Index"},
                "MaxConcurrency": draw(st.integers(0, 2)),
                "ItemProcessor": _scope(draw, depth - 1, f"{name}m"),
                "ResultPath": "$.mapped",
            }
        else:
            state = dict(_leaf(kind))
            if kind == 0:
                state["ResultPath"] = "$.shaped"
        if state["Type"] in ("Task", "Parallel", "Map"):
            state["Catch"] = [{**CATCH[0], "Next": f"{prefix}Z"}]
        states[name] = {**state, "Next": following}
    states[f"{prefix}Z"] = {"Type": "Succeed"}
    return {"StartAt": names[0], "States": states}


def _decide(execution: Execution, choose: Any) -> Decision:
    possible = readiness(execution)
    if possible.requests and (not possible.ready or choose(2)):
        request = possible.requests[choose(len(possible.requests))]
        answers = [TaskResult({"ok": 1}, after_seconds=2.0), TaskFailure("Busy"), TaskFailure("Odd", "x")]
        return AnswerTask(request.branch, answers[choose(3)])
    return Proceed(possible.ready[choose(len(possible.ready))] if possible.ready and choose(2) else None)


@settings(max_examples=examples(60), deadline=None, derandomize=STEADY)
@given(machines(), st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_the_same_decisions_give_the_same_execution(definition: dict[str, Any], picks: list[int]) -> None:
    original = copy.deepcopy(definition)
    execution = begin(definition, {"items": [1, 2]}, seed=7)
    seen, count = [execution], 0

    def choose(most: int) -> int:
        nonlocal count
        count += 1
        return picks[count % len(picks)] % most

    while execution.status is ExecutionStatus.RUNNING and len(seen) < 600:
        execution = step(execution, _decide(execution, choose))
        seen.append(execution)
    events, history = [list(one.events) for one in seen], execution.history
    assert all(of == events[-1][: len(of)] for of in events)

    again = begin(definition, {"items": [1, 2]}, seed=7)
    for decision in execution.decisions:
        again = step(again, decision)
    assert again.history == execution.history
    assert (again.output, again.fault, again.clock) == (execution.output, execution.fault, execution.clock)
    assert [list(one.events) for one in seen] == events, "earlier executions are unchanged"
    assert execution.history == history, "and so are their events"
    assert definition == original


@settings(max_examples=examples(60), deadline=None, derandomize=STEADY)
@given(machines(), st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_events_are_well_formed_and_time_never_goes_back(definition: dict[str, Any], picks: list[int]) -> None:
    execution, count = begin(definition, {"items": [3]}), 0
    while execution.status is ExecutionStatus.RUNNING:
        count += 1
        execution = step(execution, _decide(execution, lambda most, c=count: picks[c % len(picks)] % most))
    events = list(execution.events)
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert all(event.previous_event_id < event.id for event in events)
    assert all(a.time <= b.time for a, b in pairwise(events))
    entered = sum(event.type.endswith("StateEntered") for event in events)
    assert entered == len(execution.visits) == execution.visit_count, "every visit that began has ended"
