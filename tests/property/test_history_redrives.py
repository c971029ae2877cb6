"""Machines that fail are redriven until they go well, and their histories are followed event for event."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger, Verb
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.recorded.summary import summary_lines
from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    Decision,
    Proceed,
    Redrive,
    StopExecution,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.execution import Branch, Phase
from sfdebug.engine.execution.visit import RequestKind, VisitStatus
from sfdebug.history.verification.verdict import VerificationStatus, verify
from tests.engine_runs import begin
from tests.examples import STEADY, examples
from tests.history_runs import read_back

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 1}]
CATCH = [{"ErrorEquals": ["Odd"], "ResultPath": "$.error", "Next": ""}]
SEEN = {"seen.$": "$$.Execution.RedriveCount", "tries.$": "$$.State.RetryCount", "items.$": "$.items"}


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    """Tasks, Waits and Passes in a row, in a Parallel or in a Map, some with Retriers and Catchers."""
    machine = _scope(draw, 2, "S")
    return {**machine, "TimeoutSeconds": 40} if draw(st.booleans()) else machine


def _scope(draw: st.DrawFn, depth: int, prefix: str) -> dict[str, Any]:
    names = [f"{prefix}{index}" for index in range(draw(st.integers(1, 3)))]
    states: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], f"{prefix}Z"], strict=True):
        state = _state(draw, depth, name)
        if state["Type"] in ("Task", "Parallel", "Map"):
            handlers = draw(st.integers(0, 3))
            state |= {"Retry": RETRY} if handlers & 1 else {}
            state |= {"Catch": [{**CATCH[0], "Next": f"{prefix}Z"}]} if handlers == 3 else {}
        states[name] = {**state, "Next": following}
    last: dict[str, Any] = {"Type": "Fail", "Error": "Busy"} if draw(st.integers(0, 7)) == 0 else {"Type": "Succeed"}
    return {"StartAt": names[0], "States": {**states, f"{prefix}Z": last}}


def _state(draw: st.DrawFn, depth: int, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(("task", "task", "wait", "pass", "parallel", "map", "distributed")))
    if depth and kind == "parallel":
        branches = [_scope(draw, depth - 1, f"{name}b{index}") for index in range(draw(st.integers(1, 3)))]
        return {"Type": "Parallel", "Branches": branches, "ResultPath": "$.all"}
    if depth and kind == "map":
        return {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"items.$": "$.items", "i.$": "$$.Map.Item.Index"},
            "MaxConcurrency": draw(st.integers(0, 2)),
            "ItemProcessor": _scope(draw, depth - 1, f"{name}m"),
            "ResultPath": "$.mapped",
        }
    if depth == 2 and kind == "distributed":
        processor: dict[str, Any] = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        work = {"Type": "Task", "Resource": LAMBDA, "End": True}
        processor |= {"StartAt": f"{name}w", "States": {f"{name}w": work}}
        return {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "ResultPath": "$.mapped"}
    if kind == "wait":
        return {"Type": "Wait", "Seconds": 3}
    if kind == "pass":
        return {"Type": "Pass", "Parameters": SEEN | {"tries.$": "$$.State.Name"}}
    return {"Type": "Task", "Resource": LAMBDA, "Parameters": SEEN, "ResultPath": "$.r"}


def made(definition: dict[str, Any], seed: int, redrives: int = 4) -> Execution:
    """A run whose branches take turns at random, that fails or is stopped, and is redriven."""
    draw = random.Random(seed)
    execution = begin(definition, {"items": [1, 2, 3]})
    for count in range(redrives + 1):
        luck = 0.5 + count / (2 * redrives)
        execution = _to_end(execution, draw, luck)
        if execution.status is ExecutionStatus.SUCCEEDED or count == redrives:
            break
        execution = step(execution, Redrive(at=execution.clock + draw.choice((0, 1, 90_000))))
    return execution


def _to_end(execution: Execution, draw: random.Random, luck: float) -> Execution:
    while execution.status is ExecutionStatus.RUNNING:
        going = [branch.id for branch in execution.branches.values() if _goes_on_at_once(branch)]
        if going:
            execution = step(execution, Proceed(draw.choice(going)))
            continue
        possible = readiness(execution)
        options: list[Decision] = [Proceed(branch) for branch in possible.ready]
        for request in possible.requests:
            answer = TaskResult({"ok": draw.random()}, after_seconds=draw.choice((0, 0, 1.5)))
            is_lucky = draw.random() < luck
            wrong = TaskFailure(draw.choice(("Busy", "Odd", "Other")), "why", draw.choice((0, 0, 1.5)))
            options.append(AnswerTask(request.branch, answer if is_lucky else wrong))
            if request.kind is RequestKind.MAP_RUN:  # the answer is the whole Map Run's
                options = [option for option in options if option != Proceed(request.branch)]
        if draw.random() < (1 - luck) / 40:
            return step(execution, StopExecution("Stopped", "by hand"))
        execution = step(execution, draw.choice(options) if options else Proceed())
    return execution


def _goes_on_at_once(branch: Branch) -> bool:
    """Whether it handles a fault, leaves its state, or begins after a redrive: on AWS nothing comes between."""
    begins = branch.phase is Phase.WORK and branch.work is None
    return begins or branch.phase in (Phase.FAULT, Phase.EXIT) or branch.child_fault is not None


@settings(max_examples=examples(120), deadline=None, derandomize=STEADY)
@given(machines(), st.integers(0, 1_000_000))
def test_a_redriven_history_is_followed_event_for_event(definition: dict[str, Any], seed: int) -> None:
    execution = made(definition, seed)
    recording = read_back(execution.history)
    assert recording.status is execution.status
    machine = definition_from(definition)
    found = verify(machine, recording, recorded_definition=machine)
    assert (found.status, found.first, found.reason) == (VerificationStatus.IDENTICAL, None, "")
    assert found.followed == len(execution.events)


@settings(max_examples=examples(40), deadline=None, derandomize=STEADY)
@given(machines(), st.integers(0, 1_000_000), st.booleans())
def test_a_redriven_history_is_walked_to_its_end(definition: dict[str, Any], seed: int, knows: bool) -> None:
    execution = made(definition, seed)
    run = open_recording(read_back(execution.history), definition_from(definition) if knows else None)
    assert sum(name == "Redriven" for name, _ in summary_lines(run)) == execution.redrive_count
    statuses = {visit.number: visit.status for visit in execution.visits}
    entered = {visit.entered_event_id: visit.number for visit in execution.visits if not visit.branch}
    for visit in run.alignment.visits:
        if visit.entered.id in entered:
            mine = "succeeded" if statuses[entered[visit.entered.id]] is VisitStatus.SUCCEEDED else visit.status
            assert visit.status == mine
    debugger = Debugger.on_recording(run)
    for _ in range(2_000):
        if not debugger.can(Verb.STEP_INTO):
            break
        debugger.step_into()
    view = debugger.view()
    assert (view.event_index, view.execution.status) == (len(execution.events), execution.status)
    for verb in (debugger.step_back, debugger.goto_failure, debugger.step_over, debugger.back_over):
        verb()
        debugger.view()
