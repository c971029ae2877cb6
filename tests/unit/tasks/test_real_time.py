"""Runs that take the time that they take, on a clock that only waiting moves."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import UnansweredTaskError
from sfdebug.simulation import simulate
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.real_time import RealTime, RealWait
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.values import Json
from tests.unit.tasks.services.test_calls import QUEUE, SEND, Caller

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:f"
WAITS: dict[str, Any] = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 30, "Next": "Call"}, "Call": {"Type": "Task", "Resource": LAMBDA}},
}
WAITS["States"]["Call"] |= {"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}], "End": True}


class Clock:
    """Stands still but for waiting, and for work that says how long it takes. `at` is called when time comes there."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited = 0.0
        self.at: dict[float, Any] = {}
        self.is_over = False

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.waited += seconds
        for moment in [moment for moment in self.at if moment <= self.waited + 1e-9]:
            self.at.pop(moment)()
        return self.is_over

    def set(self) -> None:
        self.is_over = True

    def clear(self) -> None:
        self.is_over = False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("sfdebug.tasks.real_time.monotonic", found)
    monkeypatch.setattr("sfdebug.tasks.real_time.Event", lambda: found)
    return found


def test_waits_and_back_off_take_their_time(clock: Clock) -> None:
    told: list[RealWait | None] = []
    attempts = iter([1, 2])

    def call(input: Json) -> Json:
        if next(attempts) == 1:
            raise ValueError("not now")
        return "done"

    pace = RealTime(FunctionTasks({"Call": call}))
    pace.on_tick = told.append
    assert simulate(WAITS, {}, pace).output == "done"
    assert round(clock.waited, 1) == 35
    waits = {(wait.what, wait.seconds) for wait in told if wait is not None}
    assert waits == {("Wait", 30.0), ("Call", 5.0)}
    assert told[-1] is None
    assert pace.waiting is None


class Slow:
    """Answers after three seconds, which are real and on the execution's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def answer(self, request: TaskRequest) -> Answer | None:
        self.clock.now += 3
        return TaskResult({}, 3.0, Provenance.SERVICE)


def test_what_a_call_took_is_not_waited_for_again(clock: Clock) -> None:
    execution = simulate(WAITS, {}, RealTime(Slow(clock)))
    assert execution.clock == 33_000
    assert round(clock.waited, 1) == 30
    branch = {"StartAt": "Other", "States": {"Other": {"Type": "Task", "Resource": LAMBDA, "End": True}}}
    side_by_side = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch, WAITS], "End": True}}}
    clock.waited = 0.0
    assert simulate(side_by_side, {}, RealTime(Slow(clock))).clock == 33_000
    assert round(clock.waited, 1) == 27  # the first call took three of the thirty seconds


def test_a_wait_is_skipped_or_interrupted_and_goes_on_from_there(clock: Clock) -> None:
    pace = RealTime(Slow(clock))
    debugger = Debugger(WAITS, {}, tasks=pace)
    clock.at[10.0] = pace.interrupt
    stop = debugger.run()
    assert (stop.reason, stop.text) == (StopReason.INTERRUPTED, "interrupted in Wait, at Wait")
    assert round(clock.waited, 1) == 10
    clock.at[15.0] = pace.skip
    assert debugger.run().reason is StopReason.END
    assert round(clock.waited, 1) == 15
    assert debugger.execution.clock == 33_000
    debugger.restart()
    debugger.run()
    assert round(clock.waited, 1) == 15  # what is explored is walked over
    debugger.restart()
    debugger.edit_input({"another": "run"})
    debugger.run()
    assert round(clock.waited, 1) == 45  # a fork waits for itself


def called(clock: Clock, **fields: Any) -> tuple[dict[str, Any], ServiceTasks, Callbacks]:
    callbacks = Callbacks()
    state = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": QUEUE, "MessageBody": {"token.$": "$$.Task.Token"}},
        "End": True,
        **fields,
    }
    return {"StartAt": "Ask", "States": {"Ask": state}}, ServiceTasks(Caller(), callbacks, "at a test"), callbacks


def test_a_task_token_is_waited_for(clock: Clock) -> None:
    definition, tasks, callbacks = called(clock, TimeoutSeconds=60)
    with pytest.raises(UnansweredTaskError, match="'Ask' has called sqs:sendMessage, and nobody has answered its task"):
        simulate(definition, {}, tasks)
    token = next(iter(callbacks._tokens))
    clock.at[7.0] = lambda: callbacks.take("SendTaskSuccess", {"taskToken": token, "output": "1"})
    assert simulate(definition, {}, RealTime(tasks)).output == 1
    assert round(clock.waited, 1) == 7


def test_a_task_token_that_is_never_answered_times_out(clock: Clock) -> None:
    definition, tasks, _ = called(clock, TimeoutSeconds=60)
    ended = simulate(definition, {}, RealTime(tasks))
    assert ended.fault is not None
    assert ended.fault.error == "States.Timeout"
    assert round(clock.waited) == 60
    definition, tasks, _ = called(clock, HeartbeatSeconds=5)
    ended = simulate(definition, {}, RealTime(tasks))
    assert ended.fault is not None
    assert ended.fault.error == "States.Timeout"
    assert round(clock.waited) == 65


def test_a_heartbeat_is_heard_by_whichever_handler_waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.callbacks.monotonic", clock)
    definition, tasks, callbacks = called(clock, HeartbeatSeconds=5)
    clock.at[4.0] = lambda: callbacks.take("SendTaskHeartbeat", {"taskToken": next(iter(callbacks._tokens))})
    ended = simulate(definition, {}, RealTime(tasks))
    assert ended.fault is not None
    assert round(clock.waited) == 9


def test_an_answer_that_comes_late_is_taken_where_the_user_was_asked(clock: Clock) -> None:
    definition, tasks, callbacks = called(clock)
    debugger = Debugger(definition, {}, tasks=tasks)
    assert debugger.run().reason is StopReason.QUESTION
    question = debugger.question
    assert question is not None
    callbacks.take("SendTaskSuccess", {"taskToken": question.task_token, "output": '"late"'})
    assert debugger.question is None
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.output == "late"


def test_what_was_waited_for_inside_is_not_waited_for_outside_again(clock: Clock) -> None:
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": True}
    outer = {"StartAt": "Start", "States": {"Start": {**start, "Parameters": {"StateMachineArn": "waits"}}}}
    debugger = Debugger(outer, {}, tasks=RealTime(StateMachines({"waits": WAITS}, Slow(clock))))
    while not debugger.nested.at_hand:
        debugger.step_into()
    inner = debugger.nested.enter()
    inner.run()
    assert round(clock.waited, 1) == 30
    debugger.nested.leave(inner)
    debugger.run()
    assert debugger.execution.clock == 33_000
    assert round(clock.waited, 1) == 30
