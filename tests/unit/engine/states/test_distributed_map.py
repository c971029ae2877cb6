"""Distributed Maps: their Map Runs, child executions with histories of their own, thresholds, and company."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import (
    Answer,
    AnswerTask,
    Proceed,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.visit import StageName, StageStatus, TaskRequest, VisitStatus
from tests.engine_machines import PASS, WORK, distributed, fails_for, jsonata, scope, wait
from tests.engine_runs import begin, finish, one, run, types, visit

GET = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k.csv"}}
CSV = {**GET, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}
THRESHOLD = "States.ExceedToleratedFailureThreshold"


# the run


def test_items_run_as_executions_of_their_own() -> None:
    ended = run(one(distributed(scope(X={"Type": "Pass", "Parameters": {"n.$": "$"}, "End": True}))), [5, 6, 7])
    assert ended.output == [{"n": 5}, {"n": 6}, {"n": 7}]
    assert [(event.type, event.previous_event_id) for event in ended.events] == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 4),
        ("ExecutionSucceeded", 7),
    ]
    assert not ended.children
    assert [child.input for child in ended.ended_children] == [5, 6, 7]
    assert {child.status for child in ended.ended_children} == {ExecutionStatus.SUCCEEDED}


def test_a_child_execution_has_a_history_from_1() -> None:
    ended = run(one(distributed(scope(X={"Type": "Pass", "Next": "Y"}, Y=WORK))), [5, 6])
    child = ended.ended_children[1]
    events = list(child.events)
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert [event.type for event in events] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event.previous_event_id for event in events] == [0, 0, 2, 3, 4, 5, 6, 7, 8]
    assert child.history[0]["executionStartedEventDetails"]["input"] == "6"  # type: ignore[index,call-overload]
    assert child.output == 6
    assert not {event.type for event in ended.events} & {"PassStateEntered", "TaskStateEntered"}


def test_names_and_arns_are_made_up_alike_for_equal_runs() -> None:
    definition = one(distributed(scope(X=PASS), Label="lab"))
    first, again, other = run(definition, [1, 2]), run(definition, [1, 2]), run(definition, [1, 2], name="other")
    names = [[child.name for child in one.ended_children] for one in (first, again, other)]
    assert names[0] == names[1] != names[2]
    assert len(set(names[0])) == 2
    child = first.ended_children[0]
    assert child.arn == f"arn:aws:states:us-east-1:123456789012:execution:StateMachine/lab:{child.name}"
    assert child.map_run_arn.startswith("arn:aws:states:us-east-1:123456789012:mapRun:StateMachine/lab:")
    started = next(event for event in first.events if event.type == "MapRunStarted")
    assert started.details == {"mapRunArn": child.map_run_arn}


def test_express_children_have_express_arns() -> None:
    ended = run(one(distributed(scope(X=PASS), kind="EXPRESS")), [1])
    child = ended.ended_children[0]
    assert child.execution_type == "EXPRESS"
    assert child.arn.split(":")[5] == "express"


def test_the_context_of_a_child_is_its_own() -> None:
    shown = {"e.$": "$$.Execution", "m.$": "$$.StateMachine.Name"}
    ended = run(one(distributed(scope(X={"Type": "Pass", "Parameters": shown, "End": True}), Label="l")), [{"x": 1}])
    child = ended.ended_children[0]
    assert isinstance(child.output, dict)
    context: Any = child.output["e"]
    assert (context["Id"], context["Name"], context["Input"]) == (child.arn, child.name, {"x": 1})
    assert child.output["m"] == "StateMachine/l"


def test_a_run_of_nothing() -> None:
    ended = run(one(distributed(scope(X=PASS))), [])
    assert ended.output == []
    assert "MapRunSucceeded" in types(ended)
    assert len(ended.ended_children) == 0


def test_each_map_has_a_run_of_its_own() -> None:
    definition = one(distributed(scope(X=PASS), Next="B"), B=distributed(scope(Y=PASS)))
    ended = run(definition, [1])
    assert len({child.map_run_arn for child in ended.ended_children}) == 2


def test_a_map_that_is_entered_twice_has_two_runs() -> None:
    processor = scope(X={"Type": "Pass", "Output": "{% $states.input + 1 %}", "End": True})
    again = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input[0] < 2 %}", "Next": "A"}], "Default": "C"}
    ended = run(jsonata(distributed(processor, Next="B"), B=again, C=PASS), [0, 5])
    assert ended.output == [2, 7]
    assert [child.id for child in ended.ended_children] == [(("A", 0),), (("A", 1),)] * 2
    runs = [child.map_run_arn for child in ended.ended_children]
    assert runs[0] == runs[1] != runs[2] == runs[3]
    assert len({child.name for child in ended.ended_children}) == 4


# the clock and MaxConcurrency


def test_waits_in_a_hundred_children_take_the_time_of_one() -> None:
    ended = run(one(distributed(scope(W=wait(60)))), list(range(100)))
    assert ended.clock == 60_000
    assert [child.input for child in sorted(ended.ended_children, key=lambda child: child.id)] == list(range(100))
    assert {(child.ended_at or 0) - child.identity.start_time for child in ended.ended_children} == {60_000}


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 6), (2, 3), (4, 2), (0, 1), (99, 1)])
def test_max_concurrency_on_the_virtual_clock(concurrency: int, seconds: int) -> None:
    execution = begin(one(distributed(scope(W=wait(1)), MaxConcurrency=concurrency)), [0] * 6)
    most = 0
    while execution.status is ExecutionStatus.RUNNING:
        execution = step(execution)
        most = max(most, len(execution.children))
    assert execution.clock == seconds * 1000
    assert most == min(concurrency or 6, 6)


def test_outputs_are_in_the_order_of_the_items() -> None:
    waits = scope(W={"Type": "Wait", "SecondsPath": "$", "End": True})
    assert run(one(distributed(waits)), [3, 1, 2]).output == [3, 1, 2]


def test_children_that_run_can_be_looked_into_and_chosen() -> None:
    execution = begin(one(distributed(scope(X={"Type": "Pass", "Next": "Y"}, Y=PASS))), [1, 2])
    while len(execution.children) < 2:
        execution = step(execution)
    second = (("A", 1),)
    execution = step(step(execution, Proceed(second)), Proceed(second))
    assert [event.type for event in execution.children[second].events][-1] == "PassStateExited"
    assert [event.type for event in execution.children[(("A", 0),)].events] == ["ExecutionStarted"]
    assert finish(execution).output == [1, 2]


# failures and what is tolerated


def test_one_failure_fails_a_run_that_tolerates_none() -> None:
    ended = run(one(distributed(scope(T=WORK), MaxConcurrency=1)), [1, 2, 3], fails_for(2))
    assert (ended.error, ended.cause) == (THRESHOLD, "The specified tolerated failure threshold was exceeded")
    assert types(ended)[3:] == ["MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert [child.status for child in ended.ended_children] == [ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED]
    failed = ended.ended_children[1]
    assert failed.fault is not None
    assert (failed.fault.error, failed.fault.cause) == ("Bad", "why")
    assert [event.type for event in failed.events][-1] == "ExecutionFailed"


@pytest.mark.parametrize(
    ("fields", "bad", "succeeds"),
    [
        ({"ToleratedFailureCount": 2}, 2, True),
        ({"ToleratedFailureCount": 2}, 3, False),
        ({"ToleratedFailureCount": 0}, 1, False),
        ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 20}, 2, True),
        ({"ToleratedFailureCount": 0, "ToleratedFailurePercentage": 20}, 3, False),
        ({"ToleratedFailureCount": 2, "ToleratedFailurePercentage": 0}, 2, True),
        ({"ToleratedFailurePercentage": 0}, 1, False),
        ({"ToleratedFailureCount": 0}, 0, True),
        ({"ToleratedFailurePercentage": 20}, 2, True),
        ({"ToleratedFailurePercentage": 20}, 3, False),
        ({"ToleratedFailurePercentage": 100}, 10, True),
        ({"ToleratedFailureCount": 5, "ToleratedFailurePercentage": 10}, 2, False),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 50}, 2, False),
        ({"ToleratedFailureCountPath": "$.most", "ItemsPath": "$.items"}, 2, True),
        ({"ToleratedFailureCountPath": "$.most", "ItemsPath": "$.items"}, 3, False),
        ({"ToleratedFailurePercentagePath": "$.part", "ItemsPath": "$.items"}, 1, True),
        ({"ToleratedFailurePercentagePath": "$.part", "ItemsPath": "$.items"}, 2, False),
    ],
)
def test_tolerated_failures(fields: dict[str, Any], bad: int, succeeds: bool) -> None:
    items: Any = list(range(10))
    given = {"items": items, "most": 2, "part": 12.5} if "ItemsPath" in fields else items
    ended = run(one(distributed(scope(T=WORK), **fields)), given, fails_for(*range(bad)))
    assert (ended.status is ExecutionStatus.SUCCEEDED) is succeeds
    if succeeds:
        assert isinstance(ended.output, list)
        assert ended.output[bad:] == list(range(bad, 10))
        assert ended.output[:bad] == [{"Status": "FAILED", "Error": "Bad", "Cause": "why"}] * bad
        assert sum(child.status is ExecutionStatus.FAILED for child in ended.ended_children) == bad
    else:
        assert ended.error == THRESHOLD


@pytest.mark.parametrize("value", [-1, "many", [1]])
def test_a_tolerance_that_cannot_be_fails_before_the_run(value: Any) -> None:
    state = distributed(scope(X=PASS), ItemsPath="$.items", ToleratedFailureCountPath="$.most")
    ended = run(one(state), {"items": [1], "most": value})
    assert ended.error == "States.Runtime"
    assert "MapRunStarted" not in types(ended)


def test_children_that_still_run_are_aborted() -> None:
    processor = scope(
        C={"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "F"}], "Default": "W"},
        F={"Type": "Fail", "Error": "E"},
        W=wait(5),
    )
    ended = run(one(distributed(processor)), [1, 0, 2])
    statuses = {child.input: child.status for child in ended.ended_children}
    assert statuses == {0: ExecutionStatus.FAILED, 1: ExecutionStatus.ABORTED, 2: ExecutionStatus.ABORTED}
    aborted = next(child for child in ended.ended_children if child.input == 1)
    assert [event.type for event in aborted.events][-2:] == ["WaitStateAborted", "ExecutionAborted"]
    assert aborted.ended_at is not None
    assert not ended.children
    assert list(ended.branches) == [()]
    assert visit(ended, "W").status is VisitStatus.ABORTED


def test_an_exceeded_threshold_can_be_caught() -> None:
    catcher = {"ErrorEquals": [THRESHOLD], "ResultPath": "$.why", "Next": "B"}
    state = distributed(scope(T=WORK), ItemsPath="$.items", Catch=[catcher])
    ended = run(one(state, B=PASS), {"items": [1, 2]}, fails_for(1))
    assert isinstance(ended.output, dict)
    assert ended.output["why"]["Error"] == THRESHOLD
    assert visit(ended, "A").status is VisitStatus.CAUGHT


def test_an_exceeded_threshold_can_be_retried() -> None:
    retrier = {"ErrorEquals": [THRESHOLD], "IntervalSeconds": 10, "MaxAttempts": 1}
    state = distributed(scope(T=WORK), Retry=[retrier])

    def second_time(request: TaskRequest) -> Answer:
        return TaskFailure("Bad") if request.invocation < 2 else TaskResult("ok")

    ended = run(one(state), [1, 2], second_time)
    assert (ended.output, ended.clock) == (["ok", "ok"], 10_000)
    assert types(ended)[2:] == [
        "MapStateStarted",
        "MapRunStarted",
        "MapRunFailed",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    runs = [child.map_run_arn for child in ended.ended_children]
    assert len(set(runs)) == 2
    assert len({child.name for child in ended.ended_children}) == len(runs)


def test_a_fault_inside_can_be_caught_inside() -> None:
    task = {"Type": "Task", "Resource": WORK["Resource"], "Catch": [{"ErrorEquals": ["Bad"], "Next": "P"}], "End": True}
    processor = scope(T=task, P={"Type": "Pass", "Parameters": {"was.$": "$.Error"}, "End": True})
    ended = run(one(distributed(processor)), [1, 2], fails_for(2))
    assert ended.output == [1, {"was": "Bad"}]


# nested, and in company


def test_a_run_inside_a_run() -> None:
    inner = distributed(scope(Y={"Type": "Pass", "Parameters": {"v.$": "$"}, "End": True}), Label="inner")
    ended = run(one(distributed(scope(X=inner), Label="outer")), [[1, 2], [3]])
    assert ended.output == [[{"v": 1}, {"v": 2}], [{"v": 3}]]
    outer = [child for child in ended.ended_children if len(child.id) == 1]
    nested = [child for child in ended.ended_children if len(child.id) == 2]
    assert (len(outer), len(nested)) == (2, 3)
    assert "MapRunSucceeded" in [event.type for event in outer[0].events]
    assert len({child.map_run_arn for child in nested}) == 2
    assert all(
        [event.id for event in child.events] == list(range(1, len(child.events) + 1)) for child in ended.ended_children
    )


def test_an_inline_map_and_a_parallel_inside_a_child() -> None:
    inline = {"Type": "Map", "ItemProcessor": scope(Y=WORK), "Next": "P"}
    parallel = {"Type": "Parallel", "Branches": [scope(B1=PASS), scope(B2=wait(1))], "End": True}
    ended = run(one(distributed(scope(X=inline, P=parallel))), [[1, 2]])
    assert ended.output == [[[1, 2], [1, 2]]]
    child = ended.ended_children[0]
    found = [event.type for event in child.events]
    assert found.count("MapIterationSucceeded") == 2
    assert "ParallelStateSucceeded" in found
    assert [event.id for event in child.events] == list(range(1, len(child.events) + 1))
    assert all(event.previous_event_id < event.id for event in child.events)
    assert len(ended.events) == 8, "nothing of it stands in the history of the execution itself"


@pytest.mark.parametrize("asking", [False, True], ids=["its children run", "it asks"])
def test_a_sibling_that_fails_aborts_the_run(asking: bool) -> None:
    fields: dict[str, Any] = {"ItemReader": CSV} if asking else {"ItemsPath": "$.l"}
    branches = [
        scope(M=distributed(scope(W=wait(50)), **fields)),
        scope(V={"Type": "Wait", "Seconds": 0, "Next": "T"}, T=WORK),
    ]
    execution = begin(one({"Type": "Parallel", "Branches": branches, "End": True}), {"l": [1, 2]})
    while not any(request.state.name == "T" for request in readiness(execution).requests) or readiness(execution).ready:
        execution = step(execution)
    task = next(request for request in readiness(execution).requests if request.state.name == "T")
    ended = finish(step(execution, AnswerTask(task.branch, TaskFailure("E"))))
    assert ended.error == "E"
    assert [name for name in types(ended) if name.endswith("Aborted")] == [
        "TaskStateAborted",
        "MapRunAborted",
        "MapStateAborted",
    ]
    assert not ended.children
    assert {child.status for child in ended.ended_children} == (set() if asking else {ExecutionStatus.ABORTED})
    last = [[event.type for event in child.events][-2:] for child in ended.ended_children]
    assert all(end == ["WaitStateAborted", "ExecutionAborted"] for end in last)


def test_what_went_wrong_is_in_the_stages() -> None:
    ended = run(one(distributed(scope(T=WORK))), [1], fails_for(1))
    stage = next(stage for stage in visit(ended, "A").stages if stage.name is StageName.MAP_RUN)
    assert stage.status is StageStatus.FAILED
    assert stage.fault is not None
    assert stage.fault.error == THRESHOLD


@pytest.mark.parametrize(
    ("field", "given", "stage"),
    [
        ("ItemReader", {**GET, "Parameters": {"Bucket.$": "$.nothing"}}, StageName.ITEM_READER),
        ("ItemBatcher", {"MaxItemsPerBatch": 1, "BatchInput": {"x.$": "$.nothing"}}, StageName.ITEM_BATCHER),
        ("ResultWriter", {**GET, "Parameters": {"Bucket.$": "$.nothing"}}, StageName.RESULT_WRITER),
    ],
)
def test_a_template_that_fails_is_one_failed_stage(field: str, given: dict[str, Any], stage: StageName) -> None:
    fields: dict[str, Any] = {field: given} if field == "ItemReader" else {field: given, "ItemsPath": "$.items"}
    state = distributed(scope(X=PASS), **fields)
    ended = run(one(state), {"items": [1]})
    assert ended.status is ExecutionStatus.FAILED
    failed = [each.name for each in visit(ended, "A").stages if each.status is StageStatus.FAILED]
    assert failed.count(stage) == 1
    assert set(failed) <= {stage, StageName.MAP_RUN}


def test_earlier_executions_stay_as_they_were() -> None:
    execution = begin(one(distributed(scope(X={"Type": "Pass", "Next": "Y"}, Y=PASS))), [1, 2, 3])
    seen = [execution]
    while execution.status is ExecutionStatus.RUNNING:
        execution = step(execution)
        seen.append(execution)

    def children(one: Execution) -> list[list[Any]]:
        return [child.history for child in (*one.children.values(), *one.ended_children)]

    pictures = [(one.history, children(one)) for one in seen]
    for decision, before, after in zip(execution.decisions, seen[:-1], seen[1:], strict=True):
        again = step(before, decision)
        assert (again.history, children(again)) == (after.history, children(after))
    assert [(one.history, children(one)) for one in seen] == pictures
