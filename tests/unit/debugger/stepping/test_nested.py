"""Stepping into the executions that Tasks start: they stop, go on and answer; nothing of them is run twice."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.errors import UsageError
from sfdebug.tasks.answerers import AnswererKind
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.real_time import RealTime, RealWait
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.values import Json
from tests.debugger_runs import Handler

REFUND = "arn:aws:states:eu-west-1:111122223333:stateMachine:refund"
SYNC = "arn:aws:states:::states:startExecution.sync:2"
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
CHILD: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Pass", "Next": "Pay"},
        "Pay": {"Type": "Task", "Resource": LAMBDA, "ResultPath": "$.paid", "End": True},
    },
}
PARENT: dict[str, Any] = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Next": "Refund"},
        "Refund": {
            "Type": "Task",
            "Resource": SYNC,
            "Parameters": {"StateMachineArn": REFUND, "Input": {"n": 7}},
            "ResultSelector": {"out.$": "$.Output"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Sorry": {"Type": "Succeed"},
    },
}


class Counted:
    """Answers Pay with how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def pay(self, input: Json) -> Json:
        self.calls += 1
        return self.calls


def session(counted: Counted | None = None, parent: dict[str, Any] = PARENT) -> Debugger:
    tasks = FunctionTasks({"Pay": counted.pay}) if counted is not None else None
    return Debugger(parent, {}, tasks=StateMachines({"refund": CHILD}, tasks))


def at_refund(debugger: Debugger) -> Debugger:
    """The debugger where Refund asks, before anybody is asked."""
    while not debugger.nested.at_hand:
        assert not debugger.step_into().is_refused
    return debugger


def test_what_a_task_starts_is_stepped_and_its_end_answers_the_task() -> None:
    counted = Counted()
    debugger = at_refund(session(counted))
    assert debugger.nested.at_hand == "refund"
    inner = debugger.nested.enter()
    assert [state.name for state in inner.machine.walk()] == ["Check", "Pay"]
    assert inner.execution.input == {"n": 7}
    assert (inner.execution.settings.state_machine_name, inner.execution.settings.region) == ("refund", "eu-west-1")
    assert debugger.nested.leave(inner).text == "refund is not over: Refund has no answer yet"
    assert inner.step_over().reason is StopReason.STEP
    assert inner.run().reason is StopReason.END
    assert not debugger.nested.leave(inner).is_refused
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.output == {"out": {"n": 7, "paid": 1}}
    assert counted.calls == 1


def test_what_the_user_answers_is_not_stepped_into() -> None:
    counted = Counted()
    debugger = at_refund(session(counted))
    debugger.choose_answerer(AnswererKind.USER)
    assert debugger.nested.at_hand == ""
    assert debugger.run().reason is StopReason.QUESTION
    debugger.choose_answerer(AnswererKind.MACHINE)
    assert debugger.nested.at_hand == "refund"
    assert debugger.run().reason is StopReason.END
    assert counted.calls == 1


def test_the_same_attempt_is_the_same_execution_and_coming_back_twice_makes_no_fork() -> None:
    debugger = at_refund(session(Counted()))
    inner = debugger.nested.enter()
    assert debugger.nested.enter() is inner
    inner.run()
    debugger.nested.leave(inner)
    debugger.step_back()
    assert debugger.nested.enter() is inner
    assert debugger.nested.leave(inner).reason is StopReason.STEP
    assert len(debugger.timeline.forks) == 1


def test_what_was_imposed_inside_counts_and_a_failed_execution_fails_the_task() -> None:
    debugger = at_refund(session())
    inner = debugger.nested.enter()
    assert inner.run().reason is StopReason.QUESTION
    inner.answer_task(TaskFailure("Bank.Closed", "until Monday"))
    assert inner.run().reason is StopReason.END
    debugger.nested.leave(inner)
    debugger.run()
    visits = debugger.visits_of(("Refund",))
    assert visits[-1].fault is not None
    assert visits[-1].fault.error == "States.TaskFailed"
    assert '"Error":"Bank.Closed"' in str(visits[-1].fault.cause)
    assert debugger.visits_of(("Sorry",))


def test_stepping_over_the_task_goes_on_with_what_was_begun_inside() -> None:
    debugger = at_refund(session())
    inner = debugger.nested.enter()
    inner.run()
    inner.answer_task(TaskResult("by hand"))
    assert debugger.step_over().reason is StopReason.STEP
    debugger.run()
    assert debugger.execution.output == {"out": {"n": 7, "paid": "by hand"}}


def test_a_task_that_asks_the_user_stops_inside_where_somebody_has_stepped_in() -> None:
    debugger = at_refund(session())
    inner = debugger.nested.enter()
    stop = debugger.run()
    assert (stop.reason, stop.inside) == (StopReason.QUESTION, "refund")
    assert stop.text == "in refund: Pay waits for an answer: give a result, or let it fail"
    assert debugger.nested.at_hand == "refund"
    assert inner.question is not None


def test_breakpoints_inside_hold_for_every_execution_of_the_machine() -> None:
    refund = {name: value for name, value in PARENT["States"]["Refund"].items() if name not in ("Next", "Catch")}
    processor = {"StartAt": "Refund", "States": {"Refund": {**refund, "End": True}}}
    parent = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    counted = Counted()
    debugger = Debugger(parent, [1, 2], tasks=StateMachines({"refund": CHILD}, FunctionTasks({"Pay": counted.pay})))
    first = at_refund(debugger).nested.enter()
    first.breakpoints.add(first.breakpoints.read("Pay"))
    stops = []
    while (stop := debugger.run()).reason is not StopReason.END:
        stops.append((stop.reason, stop.inside, stop.breakpoints))
        debugger.nested.enter()
    assert stops == [(StopReason.BREAKPOINT, "refund", ("Pay",))] * 2
    assert counted.calls == 2
    assert debugger.execution.output == [{"out": {"n": 7, "paid": 1}}, {"out": {"n": 7, "paid": 2}}]


def test_machines_in_machines_are_entered_one_after_the_other() -> None:
    middle: dict[str, Any] = {
        "StartAt": "Start refund",
        "States": {"Start refund": {**PARENT["States"]["Refund"], "Next": "Done"}, "Done": {"Type": "Succeed"}},
    }
    del middle["States"]["Start refund"]["Catch"]
    outer = {
        "StartAt": "Outer",
        "States": {
            "Outer": {"Type": "Task", "Resource": SYNC, "Parameters": {"StateMachineArn": "middle"}, "End": True}
        },
    }
    counted = Counted()
    machines = StateMachines({"refund": CHILD, "middle": middle}, FunctionTasks({"Pay": counted.pay}))
    debugger = at_refund(Debugger(outer, {}, tasks=machines))
    second = at_refund(debugger.nested.enter())
    third = second.nested.enter()
    third.run()
    second.nested.leave(third)
    second.run()
    debugger.nested.leave(second)
    debugger.run()
    output: Any = debugger.execution.output
    assert output["Output"] == {"out": {"n": 7, "paid": 1}}
    assert counted.calls == 1
    settings = third.execution.settings
    assert settings.nested_in.startswith(second.execution.settings.nested_in)


def test_what_is_answered_by_a_mock_is_not_entered() -> None:
    mocked = FunctionTasks({"Refund": lambda input: {"Output": "mocked"}})
    debugger = Debugger(PARENT, {}, tasks=FirstAnswer(mocked, StateMachines({"refund": CHILD})))
    debugger.run()
    assert debugger.execution.output == {"out": "mocked"}
    debugger.restart()
    while debugger.asking is None:
        debugger.step_into()
    assert debugger.nested.at_hand == ""
    with pytest.raises(UsageError, match="no Task here starts a state machine that is known"):
        debugger.nested.enter()
    other = at_refund(session())
    assert debugger.nested.leave(other).text == "the Task that started this execution is not at hand any more"


def test_what_is_run_on_from_outside_is_cancelled_and_stays_where_it_was_if_somebody_stepped_in() -> None:
    counted = Counted()

    def cancel(input: Json) -> Json:
        counted.pay(input)
        debugger.calls.cancel()  # as from another thread: Esc
        debugger.nested.interrupt()
        return "paid"

    pay = {**CHILD["States"]["Pay"], "Next": "Again"}
    pay.pop("End")
    never = {"Variable": "$.never", "IsPresent": True, "Next": "Over"}
    again = {"Type": "Choice", "Choices": [never], "Default": "Check"}
    states = {**CHILD["States"], "Pay": pay, "Again": again, "Over": {"Type": "Succeed"}}
    endless = {"StartAt": "Check", "States": states}
    tasks = StateMachines({"refund": endless}, FunctionTasks({"Pay": cancel}))
    debugger = at_refund(Debugger(PARENT, {}, tasks=tasks))
    stop = debugger.run()
    assert (stop.reason, stop.text) == (
        StopReason.REFUSED,
        "running refund was cancelled; what was called in it stays done",
    )
    inner = debugger.nested.enter()
    stop = debugger.run()
    assert (stop.reason, stop.inside) == (StopReason.INTERRUPTED, "refund")
    assert counted.calls == 2
    assert inner.visits_of(("Pay",))


def test_waits_of_what_is_stepped_over_are_waited_for_outside_and_can_be_interrupted() -> None:
    wait = {"Type": "Wait", "Seconds": 3600, "End": True}
    pace = RealTime(StateMachines({"refund": {"StartAt": "Wait", "States": {"Wait": wait}}}))
    waits = []

    def tick(waiting: RealWait | None) -> None:
        if waiting is not None:
            waits.append((waiting.what, round(waiting.seconds or 0)))
            pace.interrupt()

    pace.on_tick = tick
    debugger = at_refund(Debugger(PARENT, {}, tasks=pace))
    assert debugger.step_over().reason is StopReason.INTERRUPTED
    assert waits == [("Refund", 3600)]


def test_what_is_known_of_an_execution_that_was_stepped_into_is_told_without_going_on() -> None:
    debugger = at_refund(session(Counted()))
    request, nested = debugger.asking, debugger.nested
    assert request is not None
    assert not nested.is_open(request)
    assert nested.known_answer(request) is None
    inner = nested.enter()
    stands = inner.cursor
    assert nested.is_open(request)
    assert nested.known_answer(request) is None
    assert inner.cursor is stands
    inner.run()
    assert not nested.is_open(request)
    assert nested.known_answer(request) == nested.answer(request)


def test_what_calls_a_function_inside_is_not_foreseen_and_what_is_mocked_there_is() -> None:
    counted = Counted()
    debugger = at_refund(session(counted))
    request = debugger.asking
    assert request is not None
    assert debugger.answering.foreseen(request) is None
    assert counted.calls == 0
    mocked = at_refund(Debugger(PARENT, {}, tasks=StateMachines({"refund": CHILD}, Handler())))
    request = mocked.asking
    assert request is not None
    answer = mocked.answering.foreseen(request)
    assert isinstance(answer, TaskResult)
    assert isinstance(answer.output, dict)
    assert answer.output["Output"] == {"n": 7, "paid": {"n": 7}}
    assert mocked.question is None
