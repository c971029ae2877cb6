"""Decisions that say when they happen, and the one that stops an execution."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import start, step
from sfdebug.engine.execution.decisions import (
    AdjustMapRun,
    AnswerTask,
    BeginTask,
    EditInput,
    ExpireExecution,
    Proceed,
    Provenance,
    RefuseTask,
    StopExecution,
    Submission,
    TaskResult,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.errors import DecisionError

WAIT: dict[str, Any] = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
TASK: dict[str, Any] = {
    "StartAt": "T",
    "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}},
}


def test_a_decision_that_says_when_it_happens_moves_the_clock_and_wakes_a_sleeper() -> None:
    asleep = step(start(definition_from(WAIT), {}), Proceed((), at=5))
    assert asleep.clock == 5
    early = step(asleep, Proceed((), at=1_000))
    assert (early.clock, early.branches[()].phase) == (1_000, Phase.EXIT)
    assert step(early, Proceed((), at=7)).clock == 1_000  # time never goes back
    with pytest.raises(DecisionError):
        step(asleep, Proceed(()))


def test_an_answer_comes_when_it_says() -> None:
    asking = step(step(start(definition_from(TASK), {})))
    answered = step(asking, AnswerTask((), TaskResult({"ok": True}), at=250))
    assert answered.clock == 250
    assert answered.events[-1].time == answered.settings.start_time + 250


def test_stopping_aborts_whatever_is_under_way() -> None:
    asleep = step(start(definition_from(WAIT), {}))
    stopped = step(asleep, StopExecution("Enough", "by hand"))
    assert (str(stopped.status), stopped.error, stopped.cause) == ("ABORTED", "Enough", "by hand")
    last = stopped.history[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionAborted", 0)
    assert last["executionAbortedEventDetails"] == {"error": "Enough", "cause": "by hand"}
    with pytest.raises(DecisionError):
        step(stopped)


def test_an_execution_expires_when_it_is_told_to() -> None:
    asleep = step(start(definition_from(WAIT), {}))
    over = step(asleep, ExpireExecution(at=700))
    assert (str(over.status), over.clock) == ("TIMED_OUT", 700)
    assert over.history[-1]["type"] == "ExecutionTimedOut"
    assert step(asleep, StopExecution(at=900)).clock == 900


def test_an_input_says_who_gave_it() -> None:
    before = start(definition_from(TASK), {})
    for provenance in (Provenance.USER, Provenance.RECORDED):
        entered = step(step(before, EditInput((), {"a": 1}, provenance)))
        visit = entered.branches[()].visit
        assert visit is not None
        assert (visit.stages[0].after, visit.stages[0].provenance) == ({"a": 1}, provenance)


def test_a_task_that_cannot_be_scheduled_fails_without_an_attempt() -> None:
    about = step(start(definition_from(TASK), {}))
    refused = step(about, RefuseTask((), "States.Runtime", "The activity a does not exist."))
    ended = step(refused)
    assert [event.type for event in ended.events] == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    assert ended.cause is not None
    assert ended.cause.endswith("(entered at the event id #2). The activity a does not exist.")
    with pytest.raises(DecisionError):
        step(step(about), RefuseTask((), "States.Runtime", "too late"))


def test_a_task_that_has_begun_waits_on_and_its_answer_does_not_begin_it_again() -> None:
    submitting = {**TASK["States"]["T"], "Resource": "arn:aws:states:::sns:publish.waitForTaskToken"}
    submitting = {"StartAt": "T", "States": {"T": {**submitting, "Parameters": {"Message.$": "$$.Task.Token"}}}}
    asking = step(step(start(definition_from(submitting), {})))
    begun = step(asking, BeginTask((), Submission({"MessageId": "m"}), at=20))
    assert begun.branches[()].request is asking.branches[()].request
    assert (begun.history[-1]["type"], begun.clock) == ("TaskSubmitted", 20)
    answered = step(begun, AnswerTask((), TaskResult(1, submission=Submission({"MessageId": "other"})), at=50))
    at_once = step(asking, AnswerTask((), TaskResult(1, submission=Submission({"MessageId": "m"}))))
    assert [event.type for event in answered.events] == [event.type for event in at_once.events]
    for execution in (begun, answered):
        with pytest.raises(DecisionError):
            step(execution, BeginTask((), Submission()))


def test_a_child_execution_runs_out_of_time_and_a_map_run_gets_other_limits() -> None:
    work = {
        "StartAt": "T",
        "States": TASK["States"],
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
    }
    state = {"Type": "Map", "ItemProcessor": work, "MaxConcurrency": 1, "End": True}
    execution = start(definition_from({"StartAt": "M", "States": {"M": state}}), [1, 2])
    while not execution.children:
        execution = step(execution, Proceed(()))
    with pytest.raises(DecisionError):
        step(execution, AdjustMapRun((("M", 0),)))
    wider = step(execution, AdjustMapRun((), concurrency=0, tolerated_count=1))
    wider = step(wider, Proceed(()))
    assert len(wider.children) == 2
    first = min(wider.children)
    late = step(wider, ExpireExecution(9_000, first))
    assert [str(child.status) for child in late.ended_children] == ["TIMED_OUT"]
    assert late.status == "RUNNING", "one may fail"
    narrow = step(execution, ExpireExecution(9_000, first))
    assert narrow.branches[()].child_fault is not None
