"""Machines in JSONata, with variables and distributed Maps: the engine stays a pure function of its decisions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    Dataset,
    Decision,
    ForceChoice,
    Proceed,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from tests.engine_runs import begin
from tests.examples import examples

LAMBDA = "arn:aws:states:::lambda:invoke"
READER = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b", "Key": "{% 'k' & $string($v) %}"}}
INPUT: dict[str, Any] = {"items": [1, 2, 3], "n": 1, "deep": {"a": [{"b": 1}]}}

_EXPRESSIONS = (
    "{% $states.input %}",
    "{% $v %}",
    "{% $v + 1 %}",
    "{% $merge([$states.input, {'v': $v}]) %}",
    "{% $states.input ~> |deep|{'x': $uuid()}| %}",
    "{% [$random(), $states.context.State.Name] %}",
    "{% $states.input.items[$ > 1] %}",
    "{% $gone %}",
    {"a": ["{% $v %}", 1], "b": {"c": "{% $states.context.Execution.Name %}"}},
)
_CONDITIONS = (
    "{% $v > 1 %}",
    "{% $random() < 0.5 %}",
    "{% $exists($states.input.n) %}",
    "{% $states.input.n %}",
    "{% false %}",
)


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    """Machines of a few states in a row, each name unique by its path. A first state assigns `v`."""
    scope = _scope(draw, 2, "S")
    first = {"Type": "Pass", "Assign": {"v": 1}, "Next": scope["StartAt"]}
    return {"QueryLanguage": "JSONata", "StartAt": "First", "States": {"First": first, **scope["States"]}}


def _scope(draw: st.DrawFn, depth: int, prefix: str) -> dict[str, Any]:
    names = [f"{prefix}{index}" for index in range(draw(st.integers(1, 3)))]
    states: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], f"{prefix}Z"], strict=True):
        states[name] = _state(draw, depth, name, following, f"{prefix}Z")
    states[f"{prefix}Z"] = {"Type": "Succeed"}
    return {"StartAt": names[0], "States": states}


def _state(draw: st.DrawFn, depth: int, name: str, following: str, last: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(("Pass", "Task", "Wait", "Choice", *(("Parallel", "Map", "Run") if depth else ()))))
    expression = st.sampled_from(_EXPRESSIONS)
    finish: dict[str, Any] = {"Next": following}
    if draw(st.booleans()):
        finish["Output"] = draw(expression)
    if draw(st.booleans()):
        finish["Assign"] = {f"own_{name}": draw(expression)}
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {f"own_{name}": "{% $states.errorOutput %}"}, "Next": last}]
    if kind == "Pass":
        return {"Type": "Pass", **finish}
    if kind == "Wait":
        return {"Type": "Wait", "Seconds": draw(st.sampled_from((0, 3))), **finish}
    if kind == "Choice":
        rules = [
            {"Condition": condition, "Next": last}
            for condition in draw(st.lists(st.sampled_from(_CONDITIONS), min_size=1, max_size=3))
        ]
        return {"Type": "Choice", "Choices": rules, "Default": following}
    if kind == "Task":
        retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "JitterStrategy": "FULL"}]
        return {
            "Type": "Task",
            "Resource": LAMBDA,
            "Arguments": draw(expression),
            "Retry": retry,
            "Catch": catch,
            **finish,
        }
    if kind == "Parallel":
        branches = [_scope(draw, depth - 1, f"{name}b{index}") for index in range(draw(st.integers(1, 3)))]
        return {"Type": "Parallel", "Branches": branches, "Catch": catch, **finish}
    return {**_map(draw, depth, name, is_distributed=kind == "Run"), "Catch": catch, **finish}


def _map(draw: st.DrawFn, depth: int, name: str, *, is_distributed: bool) -> dict[str, Any]:
    processor = _scope(draw, depth - 1, f"{name}m")
    state: dict[str, Any] = {"Type": "Map", "MaxConcurrency": draw(st.integers(0, 2))}
    if not is_distributed:
        return {
            **state,
            "Items": [1, 2],
            "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": processor,
        }
    if draw(st.booleans()):
        state["ItemReader"] = READER
    else:
        state["Items"] = [1, "{% $v %}", 3]
    if draw(st.booleans()):
        state["ItemBatcher"] = {"MaxItemsPerBatch": 2}
    state["ToleratedFailureCount"] = draw(st.integers(0, 2))
    # A child execution begins without variables.
    own = {"Type": "Pass", "Assign": {"v": 5}, "Next": processor["StartAt"]}
    states = {f"{name}first": own, **processor["States"]}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {**state, "ItemProcessor": {"ProcessorConfig": config, "StartAt": f"{name}first", "States": states}}


def _chooser(picks: list[int]) -> Callable[[int], int]:
    count = 0

    def choose(most: int) -> int:
        nonlocal count
        count += 1
        return picks[count % len(picks)] % most

    return choose


def _decide(execution: Execution, choose: Callable[[int], int]) -> Decision:
    possible = readiness(execution)
    asked = [request for request in possible.requests if not request.is_optional or choose(4) == 0]
    if asked and (not possible.ready or choose(2)):
        request = asked[choose(len(asked))]
        return AnswerTask(request.branch, _answer(request, choose))
    if possible.ready and choose(2):
        branch = execution.branches[possible.ready[choose(len(possible.ready))]]
        state = execution.program.state(branch.scope_path, branch.state_name)
        if branch.phase is Phase.READY and state.type == "Choice" and branch.forced is None and choose(4) == 0:
            return ForceChoice(branch.id, choose(len(state.choices)))
        return Proceed(branch.id)
    return Proceed()


def _answer(request: TaskRequest, choose: Callable[[int], int]) -> Any:
    failures = [TaskFailure("Busy"), TaskFailure("Odd", "x")]
    if request.kind is RequestKind.MAP_RUN and not request.is_optional:
        return [Dataset(items=(1, {"a": 2}, None)), *failures][choose(3)]
    results = [TaskResult({"ok": [1, 2]}, after_seconds=2.0), TaskResult(request.input)]
    return [*results, *failures][choose(4)]


def _run(definition: dict[str, Any], picks: list[int], most: int = 400) -> list[Execution]:
    """All executions from the start on; fewer when it does not end within `most` steps."""
    choose, execution = _chooser(picks), begin(definition, copy.deepcopy(INPUT), seed=7)
    seen = [execution]
    while execution.status is ExecutionStatus.RUNNING and len(seen) < most:
        execution = step(execution, _decide(execution, choose))
        seen.append(execution)
    return seen


def _picture(execution: Execution) -> str:
    """Everything that can be told of an execution, as text."""
    children = sorted(
        (*execution.children.values(), *execution.ended_children), key=lambda child: (child.map_run_arn, child.id)
    )
    return json.dumps(
        [
            execution.history,
            [[child.arn, str(child.status), repr(child.output), child.history] for child in children],
            [repr(branch) for branch in execution.branches.values()],
            [repr(branch.variables) for branch in execution.branches.values()],
            [repr(visit) for visit in execution.visits],
            repr((execution.output, execution.fault, execution.clock, execution.draws, execution.turn)),
        ]
    )


_PICKS = st.lists(st.integers(0, 11), min_size=1, max_size=30)


@settings(max_examples=examples(30))
@given(machines(), _PICKS)
def test_a_step_gives_the_same_twice_and_changes_nothing_it_was_given(
    definition: dict[str, Any], picks: list[int]
) -> None:
    original = copy.deepcopy(definition)
    seen = _run(definition, picks)
    pictures = [_picture(execution) for execution in seen]
    decisions = list(seen[-1].decisions)
    for before, decision, after in zip(seen[:-1], decisions, pictures[1:], strict=True):
        assert _picture(step(before, decision)) == after
    assert [_picture(execution) for execution in seen] == pictures, "earlier executions are unchanged"
    assert seen[0].input == INPUT
    assert definition == original


@settings(max_examples=examples(30))
@given(machines(), _PICKS)
def test_the_same_decisions_give_the_same_bytes(definition: dict[str, Any], picks: list[int]) -> None:
    last = _run(definition, picks)[-1]
    again = begin(copy.deepcopy(definition), copy.deepcopy(INPUT), seed=7)
    for decision in last.decisions:
        again = step(again, decision)
    assert _picture(again) == _picture(last)


@settings(max_examples=examples(40))
@given(machines(), _PICKS, st.integers(0, 400))
def test_going_on_from_an_earlier_execution_is_going_on_from_there(
    definition: dict[str, Any], picks: list[int], place: int
) -> None:
    """Back and forward again is the identity, whatever was done on another way in between."""
    seen = _run(definition, picks)
    decisions = list(seen[-1].decisions)
    middle = place % len(seen)
    elsewhere = seen[middle]
    for _ in range(20):  # another way on from there, which must leave no trace
        if elsewhere.status is not ExecutionStatus.RUNNING:
            break
        elsewhere = step(elsewhere, _decide(elsewhere, _chooser([1, 0, 3])))
    execution = seen[middle]
    for decision in decisions[middle:]:
        execution = step(execution, decision)
    assert _picture(execution) == _picture(seen[-1])


@settings(max_examples=examples(30))
@given(machines(), _PICKS)
def test_events_are_well_formed_in_every_history(definition: dict[str, Any], picks: list[int]) -> None:
    last = _run(definition, picks, most=1500)[-1]
    children = (*last.children.values(), *last.ended_children)
    for events in (last.events, *(child.events for child in children)):
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        assert all(event.previous_event_id < event.id for event in events)
        assert all(before.time <= after.time for before, after in pairwise(events))
    assert len({child.arn for child in children}) == len(children)
    assert all(child.status is ExecutionStatus.RUNNING for child in last.children.values())
    assert all(child.status is not ExecutionStatus.RUNNING for child in last.ended_children)
    if last.status is not ExecutionStatus.RUNNING:
        assert not last.children
        entered = sum(event.type.endswith("StateEntered") for event in last.events)
        entered += sum(event.type.endswith("StateEntered") for child in children for event in child.events)
        assert entered == len(last.visits) == last.visit_count, "every visit that began has ended"
        assert all(child.history[-1]["type"].startswith("Execution") for child in last.ended_children)  # type: ignore[union-attr]


@settings(max_examples=examples(40))
@given(machines(), _PICKS)
def test_variables_change_only_when_a_state_that_assigns_them_is_left(
    definition: dict[str, Any], picks: list[int]
) -> None:
    for before, after in pairwise(_run(definition, picks)):
        for branch_id, branch in after.branches.items():
            old = before.branches.get(branch_id)
            if old is None or old.child_id != branch.child_id or old.scope_path != branch.scope_path:
                continue
            if branch.variables != old.variables and old.phase is Phase.EXIT:
                assert old.visit is not None
                assert branch.variables == {**old.variables, **(old.visit.assigned or {})}
            elif old.phase is not Phase.EXIT and branch.turn == old.turn:
                assert branch.variables == old.variables
