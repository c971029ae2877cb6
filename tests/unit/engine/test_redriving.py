"""Redrive: an execution that did not succeed goes on from where it stopped, in AWS's events (measured by others)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import (
    Answer,
    AnswerTask,
    EditInput,
    ExpireExecution,
    Proceed,
    Redrive,
    StopExecution,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.visit import RequestKind, StageName, TaskRequest
from sfdebug.errors import DecisionError
from tests.engine_machines import distributed, invoke, jsonata, scope, until_asked, wait
from tests.engine_runs import Answers, begin, echo, finish, one, run

CONTEXT = {"count.$": "$$.Execution.RedriveCount", "tries.$": "$$.State.RetryCount"}
LATER = 60_000


def fails(error: str = "Bad") -> Answers:
    return lambda request: TaskFailure(error, "why")


def gives(value: Any) -> Answers:
    return lambda request: TaskResult(value)


def redriven(execution: Execution, answers: Answers = echo, after: int = LATER) -> Execution:
    """The execution redriven so many milliseconds after its end, and run to the next."""
    return finish(step(execution, Redrive(at=execution.clock + after)), answers)


def after(execution: Execution, count: int) -> list[tuple[int, int, str]]:
    """Id, previous id and type of the events beyond the first `count`."""
    return [(event.id, event.previous_event_id, event.type) for event in execution.events[count:]]


def inputs(execution: Execution) -> list[Any]:
    """What the tasks were called with."""
    return [dict(event.details or {})["parameters"] for event in execution.events if event.type == "TaskScheduled"]


def test_a_task_is_scheduled_again_without_a_new_entry() -> None:
    retry = [{"ErrorEquals": ["Bad"], "MaxAttempts": 1}]
    definition = one(invoke(Parameters=CONTEXT, Retry=retry, Next="B"), B={"Type": "Pass", "End": True})
    failed = run(definition, {"n": 1}, fails())
    assert (failed.status, len(failed.events)) == (ExecutionStatus.FAILED, 9)
    again = redriven(redriven(failed, fails()), gives({"ok": 1}))
    assert after(again, 8) == [
        (9, 8, "ExecutionFailed"),
        (10, 9, "ExecutionRedriven"),
        (11, 2, "TaskScheduled"),
        (12, 11, "TaskStarted"),
        (13, 12, "TaskFailed"),
        (14, 13, "TaskScheduled"),
        (15, 14, "TaskStarted"),
        (16, 15, "TaskFailed"),
        (17, 16, "ExecutionFailed"),
        (18, 17, "ExecutionRedriven"),
        (19, 2, "TaskScheduled"),
        (20, 19, "TaskStarted"),
        (21, 20, "TaskSucceeded"),
        (22, 21, "TaskStateExited"),
        (23, 22, "PassStateEntered"),
        (24, 23, "PassStateExited"),
        (25, 24, "ExecutionSucceeded"),
    ]
    tries = [(given["count"], given["tries"]) for given in inputs(again)]
    assert tries == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], "Retriers and RetryCount begin anew"
    assert [dict(e.details or {}) for e in again.events if e.type == "ExecutionRedriven"] == [
        {"redriveCount": 1},
        {"redriveCount": 2},
    ]
    (first, second, last) = [visit for visit in again.visits if visit.state.name == "A"]
    assert first.number == second.number == last.number
    assert [stage.attempt for stage in last.stages if stage.name is StageName.TASK] == [1, 2, 1, 2, 1]
    assert sum(stage.name is StageName.REDRIVE for stage in last.stages) == 2
    assert first.stages == last.stages[: len(first.stages)], "what was done stays as it was"


def test_the_context_tells_the_redrive_and_keeps_the_entry() -> None:
    shape = {"e.$": "$$.Execution", "at.$": "$$.State.EnteredTime"}
    ended = redriven(run(one(invoke(Parameters=shape)), {}, fails()), gives(1), after=1_500)
    before, now = inputs(ended)
    assert "RedriveTime" not in before["e"]
    assert (now["e"]["RedriveCount"], now["e"]["RedriveTime"]) == (1, "2025-01-01T00:00:01.500Z")
    assert list(now["e"])[-2:] == ["RedriveCount", "RedriveTime"]
    assert now["at"] == before["at"]
    assert now["e"]["StartTime"] == before["e"]["StartTime"]


def test_a_parallel_goes_on_with_the_branches_that_failed_or_were_cut_short() -> None:
    branches = [scope(**{name: invoke(Parameters={"b": name})}) for name in ("Good", "Failed", "Cut")]

    def answers(request: TaskRequest) -> Answer:
        name = request.state.name
        return TaskFailure("Bad") if name == "Failed" else TaskResult(name, after_seconds=9 if name == "Cut" else 0)

    failed = run(one({"Type": "Parallel", "Branches": branches, "End": True}), {}, answers)
    ids = {dict(e.details or {}).get("name"): e.id for e in failed.events if e.type == "TaskStateEntered"}
    ended = redriven(failed, gives("again"))
    assert ended.output == ["Good", "again", "again"]
    more = after(ended, len(failed.events))
    assert [(previous, kind) for _, previous, kind in more if kind == "TaskScheduled"] == [
        (ids["Failed"], "TaskScheduled"),
        (ids["Cut"], "TaskScheduled"),
    ]
    assert not any(kind.endswith(("StateEntered", "StateStarted")) for _, _, kind in more)


def test_a_map_goes_on_with_what_failed_and_what_had_not_begun() -> None:
    state = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": scope(W=invoke()), "End": True}

    def second(request: TaskRequest) -> Answer:
        return TaskFailure("Bad") if request.input == 2 else TaskResult(request.input)

    failed = run(one(state), [1, 2, 3], second)
    ended = redriven(failed, gives("again"))
    assert ended.output == [1, "again", "again"]
    kinds = [kind for _, _, kind in after(ended, len(failed.events))]
    assert kinds.count("MapIterationStarted") == 1
    assert kinds.count("MapStateStarted") == 0
    assert kinds[-3:] == ["MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]


@pytest.mark.parametrize("decision", [StopExecution("Stop"), ExpireExecution()])
def test_what_was_aborted_or_timed_out_goes_on(decision: Any) -> None:
    execution, _ = until_asked(begin(one(invoke()), {"n": 1}))
    ended = redriven(step(execution, decision), gives("late"))
    assert ended.output == "late"
    assert [(previous, kind) for _, previous, kind in after(ended, 5)][:2] == [
        (5, "ExecutionRedriven"),
        (2, "TaskScheduled"),
    ]


def test_a_wait_begins_anew_in_full_and_so_does_the_time_of_the_execution() -> None:
    definition = {**one(wait(30)), "TimeoutSeconds": 20}
    first = run(definition)
    assert (first.status, first.clock) == (ExecutionStatus.TIMED_OUT, 20_000)
    second = redriven(first, after=5_000)
    assert (second.status, second.clock) == (ExecutionStatus.TIMED_OUT, 45_000)
    assert redriven(second, after=0).clock == 65_000
    branches = [scope(W=wait(30)), scope(T=invoke())]
    failed = run(one({"Type": "Parallel", "Branches": branches, "End": True}), {}, fails())
    ended = redriven(failed, gives(1))
    assert ended.clock == LATER + 30_000
    entered = next(event.id for event in ended.events if event.type == "WaitStateEntered")
    assert [event.previous_event_id for event in ended.events if event.type == "WaitStateExited"] == [entered]


def test_a_fail_state_fails_again_after_the_redrive() -> None:
    failed = run(one({"Type": "Fail", "Error": "E", "Cause": "c"}))
    assert after(redriven(failed), 2) == [
        (3, 2, "ExecutionFailed"),
        (4, 3, "ExecutionRedriven"),
        (5, 4, "ExecutionFailed"),
    ]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Parameters": {"x.$": "$.none"}, "End": True},
        {"Type": "Choice", "Choices": [{"Variable": "$.none", "IsNull": True, "Next": "Z"}]},
        {"Type": "Succeed", "InputPath": "$.none"},
        {"Type": "Wait", "SecondsPath": "$.none", "End": True},
        invoke(Parameters={"x.$": "$.none"}),
        {"Type": "Map", "ItemsPath": "$.none", "ItemProcessor": scope(P={"Type": "Pass", "End": True}), "End": True},
    ],
)
def test_any_state_is_run_again_with_the_same_input(state: dict[str, Any]) -> None:
    failed = run(one(state, Z={"Type": "Succeed"}), {"a": 1})
    again = redriven(failed)
    assert (again.status, again.error, again.cause) == (failed.status, failed.error, failed.cause)
    assert sum(event.type.endswith("StateEntered") for event in again.events) == 1


def test_what_a_retrier_or_catcher_got_over_is_not_gone_on_with() -> None:
    inner = {"Type": "Parallel", "Branches": [scope(T=invoke(), U=invoke())], "End": True}
    caught = {**inner, "Catch": [{"ErrorEquals": ["Bad"], "Next": "Last"}]}
    del caught["End"]
    definition = one({**caught, "Next": "Last"}, Last=invoke())
    failed = run(definition, {}, fails())
    assert not any(branch.id for branch in failed.unfinished), "the branches of the caught Parallel are forgotten"
    ended = redriven(failed, gives("done"))
    assert ended.output == "done"
    assert [event.type for event in ended.events[len(failed.events) :]].count("TaskScheduled") == 1
    retried = {**inner, "Retry": [{"ErrorEquals": ["Bad"], "MaxAttempts": 1}]}
    failed = run(one(retried), {}, fails())
    ended = redriven(failed, gives("done"))
    assert ended.output == ["done"]
    assert [event.type for event in ended.events[len(failed.events) :]].count("TaskScheduled") == 1


def test_a_state_that_gave_too_much_is_run_again_as_a_whole() -> None:
    branches = [scope(T=invoke()), scope(U=invoke())]
    definition = one({"Type": "Parallel", "Branches": branches, "End": True})
    failed = run(definition, {}, lambda request: TaskResult("x" * 200_000))
    assert failed.error == "States.DataLimitExceeded"
    ended = redriven(failed, gives(1))
    kinds = [kind for _, _, kind in after(ended, len(failed.events))]
    assert (ended.output, kinds.count("ParallelStateStarted"), kinds.count("TaskScheduled")) == ([1, 1], 1, 2)


def no_answers(execution: Execution, answers: Answers) -> Execution:
    """Map Runs run their child executions."""
    while execution.status is ExecutionStatus.RUNNING:
        question = readiness(execution).question
        if question is None:
            execution = step(execution, Proceed())
        elif question.kind is RequestKind.MAP_RUN:
            execution = step(execution, Proceed(question.branch))
        else:
            execution = step(execution, AnswerTask(question.branch, answers(question)))
    return execution


@pytest.mark.parametrize(
    ("kind", "counted", "restarted"),
    [("STANDARD", [(0, 0), (0, 1), (0, 1), (0, 0)], 0), ("EXPRESS", [(None, None)] * 4, 1)],
)
def test_a_map_run_goes_on_with_its_unsuccessful_children(kind: str, counted: list[object], restarted: int) -> None:
    processor = scope(
        B={"Type": "Pass", "Parameters": {"b.$": "$$.Execution"}, "Next": "T"},
        T=invoke(ResultPath="$.t", Next="C"),
        C={"Type": "Pass", "Parameters": {"b.$": "$.b", "e.$": "$$.Execution"}, "End": True},
    )

    def answers(request: TaskRequest) -> Answer:
        index = request.branch[0][1]
        return TaskFailure("Bad") if index == 1 else TaskResult(index, after_seconds=5 if index else 0)

    definition = one(distributed(processor, kind, MaxConcurrency=2))
    failed = no_answers(begin(definition, [0, 1, 2, 3]), answers)
    assert failed.error == "States.ExceedToleratedFailureThreshold"
    going_on = step(failed, Redrive(at=failed.clock + LATER))
    count = len(failed.events)
    assert after(going_on, count) == [(count + 1, count, "ExecutionRedriven"), (count + 2, 3, "MapRunRedriven")]
    assert dict(going_on.events[-1].details or {})["redriveCount"] == 1
    arns = {child.id: child.arn for child in failed.ended_children}
    assert {child.id: child.arn for child in going_on.children.values()} == {
        id: arn for id, arn in arns.items() if id[0][1] in (1, 2)
    }
    ended = no_answers(going_on, gives("again"))
    assert isinstance(ended.output, list)
    counts = [tuple(one[key].get("RedriveCount") for key in "be") for one in ended.output]
    assert counts == counted, "what had not begun begins with no redrive, and Express executions have no count"
    timed = ["RedriveTime" in one["e"] for one in ended.output if isinstance(one, dict) and isinstance(one["e"], dict)]
    assert timed == [False, kind == "STANDARD", kind == "STANDARD", False]
    assert len(ended.ended_children) == 4
    redone = next(child for child in ended.ended_children if child.id[0][1] == 1)
    assert [event.type for event in redone.events].count("ExecutionRedriven") == 1 - restarted
    assert [event.type for event in redone.events].count("PassStateEntered") == 2


def test_a_map_run_that_was_answered_asks_again() -> None:
    definition = one(distributed(scope(T=invoke()), Retry=[{"ErrorEquals": ["Never"]}]))
    execution, request = until_asked(begin(definition, [1]))
    failed = finish(step(execution, AnswerTask(request.branch, TaskFailure("Bad"))))
    asking = step(failed, Redrive())
    (request,) = readiness(asking).requests
    assert (request.kind, request.invocation, request.input) == (RequestKind.MAP_RUN, 1, [1])
    assert finish(step(asking, AnswerTask((), TaskResult(["all"])))).output == ["all"]


def test_variables_and_injections_hold_across_a_redrive() -> None:
    definition = jsonata(
        {"Type": "Pass", "Assign": {"v": "{% $states.input.n %}"}, "Next": "B"},
        B={**invoke(Arguments={"v": "{% $v %}"}), "Output": "{% $v + $states.context.Execution.RedriveCount %}"},
    )
    failed = run(definition, {"n": 7}, fails())
    assert redriven(failed, gives(1)).output == 8


def test_what_cannot_be_redriven_says_why() -> None:
    succeeded = run(one({"Type": "Succeed"}))
    with pytest.raises(DecisionError, match="is SUCCEEDED and cannot be redriven"):
        step(succeeded, Redrive())
    with pytest.raises(DecisionError, match="is RUNNING and cannot be redriven"):
        step(begin(one({"Type": "Succeed"})), Redrive())
    failing = one({"Type": "Fail"})
    with pytest.raises(DecisionError, match="Express"):
        step(run(failing, execution_type="EXPRESS"), Redrive())
    with pytest.raises(DecisionError, match="14 days"):
        step(run(failing), Redrive(at=14 * 86_400_000 + 1))
    with pytest.raises(DecisionError, match="history is full"):
        step(run(failing, max_history_events=4), Redrive())
    assert step(run(failing, max_history_events=5), Redrive()).status is ExecutionStatus.RUNNING
    with pytest.raises(DecisionError, match="the execution is over"):
        step(run(failing), EditInput((), 1))


def test_a_redrive_changes_nothing_that_was_there() -> None:
    failed = run(one(invoke()), {"n": [1]}, fails())
    before = copy.deepcopy((failed.history, failed.status, failed.clock, len(failed.decisions)))
    once, twice = step(failed, Redrive(at=9)), step(failed, Redrive(at=9))
    assert (failed.history, failed.status, failed.clock, len(failed.decisions)) == before
    assert once.history == twice.history
    assert finish(once, gives(1)).history == finish(twice, gives(1)).history
