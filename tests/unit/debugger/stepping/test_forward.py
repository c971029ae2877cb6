"""Stepping forward: into, over, out, run, breakpoints, questions and ends."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.engine import ExecutionStatus, Settings
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import InputError, UsageError
from tests.debugger_runs import (
    EACH,
    ENDLESS,
    ORDER,
    ORDER_INPUT,
    PARALLEL,
    Handler,
    Nobody,
    event_types,
    machine,
    over_to,
    passing,
    planned,
    refusal,
    revealed,
    task,
    where,
)


def test_starts_before_the_first_state_with_all_stages_planned() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    assert where(debugger) == ("Reserve", "")
    assert debugger.stop.reason is StopReason.START
    assert planned(debugger) == ["Input", "InputPath", "Task", "ResultPath", "Output"]
    assert event_types(debugger) == ["ExecutionStarted"]


def test_step_into_reveals_one_stage_at_a_time() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    seen = []
    for _ in range(7):
        assert debugger.step_into().reason is StopReason.STEP
        seen.append(where(debugger))
    assert seen == [
        ("Reserve", "Input"),
        ("Reserve", "InputPath"),
        ("Reserve", "Task"),
        ("Reserve", "Task"),
        ("Reserve", "ResultPath"),
        ("Reserve", "Output"),
        ("Paid?", ""),
    ]
    assert planned(debugger) == ["Input", "Rule", "Default", "Output"]


def test_step_over_goes_from_state_to_state() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    seen = []
    while (stop := debugger.step_over()).reason is StopReason.STEP:
        seen.append(where(debugger)[0])
    assert seen == ["Paid?", "Charge", "Ship"]
    assert stop.reason is StopReason.END
    assert stop.text == "the execution succeeded"
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED
    assert debugger.view().is_finished


def test_step_over_from_inside_a_visit_ends_it() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.step_into()
    debugger.step_into()
    debugger.step_over()
    assert where(debugger) == ("Paid?", "")


def test_step_over_runs_a_parallel_whole() -> None:
    debugger = Debugger(PARALLEL)
    debugger.step_over()
    assert where(debugger) == ("After", "")
    assert debugger.execution.visit_count == 5


def test_step_into_a_parallel_goes_through_the_first_branch_then_the_second() -> None:
    debugger = Debugger(PARALLEL)
    ready = []
    while debugger.step_into().reason is not StopReason.END:
        view = debugger.view()
        if view.is_about_to_run:
            ready.append((where(debugger)[0], view.branch_label))
    assert ready == [
        ("A1", "branch 1 of 2"),
        ("A2", "branch 1 of 2"),
        ("B1", "branch 2 of 2"),
        ("B2", "branch 2 of 2"),
        ("After", "top level"),
    ]


def test_step_over_in_a_branch_stays_in_it_then_goes_to_the_sibling_then_to_the_parent() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger)[0] != "A1":
        debugger.step_into()
    seen = []
    for _ in range(4):
        debugger.step_over()
        seen.append(where(debugger))
    assert seen == [("A2", ""), ("B1", ""), ("B2", ""), ("Both", "Branches")]
    debugger.step_over()
    assert where(debugger) == ("After", "")


def test_step_out_of_a_branch_ends_it_and_goes_to_its_sibling() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger)[0] != "A1":
        debugger.step_into()
    debugger.step_out()
    assert where(debugger) == ("B1", "")
    debugger.step_out()
    assert where(debugger) == ("Both", "Branches")
    assert debugger.step_out().reason is StopReason.END


def test_a_branch_that_waits_hands_over_to_its_sibling_before_time_passes() -> None:
    waiting = {"Type": "Wait", "Seconds": 10, "Next": "A2"}
    definition = machine(
        P={
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "A1", "States": {"A1": waiting, "A2": passing()}},
                {"StartAt": "B1", "States": {"B1": passing()}},
            ],
            "End": True,
        }
    )
    debugger = Debugger(definition)
    seen: list[tuple[str, str, int]] = []
    while debugger.step_into().reason is not StopReason.END:
        seen.append((*where(debugger), debugger.view().clock_ms))
    assert seen.index(("A1", "Wait", 0)) < seen.index(("B1", "", 0)) < seen.index(("B1", "Output", 0))
    assert seen.index(("B1", "Output", 0)) < seen.index(("A1", "Output", 10_000)) < seen.index(("A2", "", 10_000))


def test_map_iterations_are_stepped_one_after_the_other() -> None:
    debugger = Debugger(EACH, {"items": [1, 2, 3]}, tasks=Handler())
    while where(debugger)[0] != "One":
        debugger.step_into()
    assert debugger.view().branch_label == "iteration 1 of 3"
    assert debugger.view().input == 1
    debugger.step_out()
    assert (where(debugger)[0], debugger.view().branch_label) == ("One", "iteration 2 of 3")


def test_a_map_that_runs_one_at_a_time_steps_into_the_next_iteration() -> None:
    definition = machine(Each={**EACH["States"]["Each"], "MaxConcurrency": 1})
    debugger = Debugger(definition, {"items": [1, 2]}, tasks=Handler())
    labels = []
    while debugger.step_into().reason is not StopReason.END:
        view = debugger.view()
        if view.is_about_to_run:
            labels.append((where(debugger)[0], view.branch_label))
    assert labels == [
        ("One", "iteration 1 of 2"),
        ("Work", "iteration 1 of 2"),
        ("One", "iteration 2 of 2"),
        ("Work", "iteration 2 of 2"),
    ]


def test_run_goes_to_the_end() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    stop = debugger.run()
    assert stop.reason is StopReason.END
    assert debugger.run().reason is StopReason.END, "running on at the end stays there"


def test_run_stops_before_a_state_with_a_breakpoint_and_goes_on_from_it() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.breakpoints.toggle(("Charge",))
    stop = debugger.run()
    assert stop.reason is StopReason.BREAKPOINT
    assert where(debugger) == ("Charge", "")
    assert event_types(debugger)[-1] == "ChoiceStateExited"
    assert debugger.view().is_at_tip, "nothing beyond the breakpoint has been computed"
    assert debugger.run().reason is StopReason.END


def test_a_breakpoint_holds_in_every_iteration() -> None:
    debugger = Debugger(EACH, {"items": ["a", "b", "c"]}, tasks=Handler())
    debugger.breakpoints.toggle(("Each", 0, "Work"))
    inputs = []
    while debugger.run().reason is StopReason.BREAKPOINT:
        assert where(debugger) == ("Work", "")
        inputs.append(debugger.view().input)
    assert inputs == ["a", "b", "c"]


def test_a_breakpoint_on_the_first_state_of_all_iterations_stops_for_each() -> None:
    debugger = Debugger(EACH, {"items": ["a", "b", "c"]}, tasks=Handler())
    debugger.breakpoints.toggle(("Each", 0, "One"))
    inputs = []
    while debugger.run().reason is StopReason.BREAKPOINT:
        inputs.append(debugger.view().input)
    assert inputs == ["a", "b", "c"]


def test_step_over_a_container_stops_at_a_breakpoint_inside() -> None:
    debugger = Debugger(PARALLEL)
    debugger.breakpoints.toggle(("Both", 1, "B2"))
    assert debugger.step_over().reason is StopReason.BREAKPOINT
    assert where(debugger) == ("B2", "")


def test_faults_are_watched_when_asked_for() -> None:
    handler = Handler({"Charge": lambda request: TaskFailure("Boom", "bad card")})
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=handler)
    debugger.breakpoints.toggle_faults()
    stop = debugger.run()
    assert (stop.reason, stop.text) == (StopReason.FAULT, "Charge failed with Boom: bad card")
    assert where(debugger) == ("Charge", "Task")
    assert debugger.run().text == "Sorry failed with NoPayment: the card was refused"
    assert debugger.run().reason is StopReason.END


def test_a_task_without_a_handler_is_a_question() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    stop = debugger.run()
    assert stop.reason is StopReason.QUESTION
    assert stop.text == "Reserve waits for an answer: give a result, or let it fail"
    question = debugger.question
    assert question is not None
    assert question.input == {"total": 42.5}
    assert debugger.step_into().reason is StopReason.QUESTION
    assert refusal(debugger, Verb.RUN) == stop.text
    debugger.answer_task(TaskResult("ok"))
    assert debugger.question is None
    assert where(debugger) == ("Reserve", "Task")


def test_a_handler_that_does_not_know_the_task_leaves_it_to_the_user_and_is_asked_once() -> None:
    handler = Handler({"Reserve": lambda request: None})
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=handler)
    assert debugger.run().reason is StopReason.QUESTION
    assert debugger.run().reason is StopReason.QUESTION
    assert debugger.question is not None
    assert handler.asked == ["Reserve"]


def test_a_question_in_another_branch_takes_the_focus_when_nothing_else_can_move() -> None:
    definition = machine(
        P={
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "A", "States": {"A": passing()}},
                {"StartAt": "Ask", "States": {"Ask": task()}},
            ],
            "End": True,
        }
    )
    debugger = Debugger(definition, tasks=Nobody())
    assert debugger.step_over().reason is StopReason.QUESTION
    view = debugger.view()
    assert view.branch_label == "branch 2 of 2"
    assert view.question is not None
    assert view.question.state.name == "Ask"
    assert [visit.state.name for visit in debugger.execution.visits] == ["A"], (
        "the other branch went as far as it could"
    )


def test_retries_pass_on_the_virtual_clock() -> None:
    def answer(request: TaskRequest) -> TaskFailure | TaskResult:
        return TaskFailure("Lambda.TooManyRequestsException") if request.attempt < 3 else TaskResult("paid")

    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Charge": answer}))
    over_to(debugger, "Charge")
    debugger.step_over()
    assert where(debugger) == ("Ship", "")
    assert debugger.view().clock_ms == 6000


def test_an_endless_machine_stops_by_itself_and_can_be_gone_on_with() -> None:
    debugger = Debugger(ENDLESS, settings=Settings(execution_type="EXPRESS"), most_steps=500)
    assert debugger.run().reason is StopReason.LIMIT
    index = debugger.cursor.node.index
    assert index == 500
    assert debugger.run().reason is StopReason.LIMIT
    assert debugger.cursor.node.index == 1000


def test_an_endless_standard_execution_ends_at_the_event_limit() -> None:
    debugger = Debugger(ENDLESS, settings=Settings(max_history_events=200))
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.status is ExecutionStatus.FAILED
    assert debugger.view().is_finished
    debugger.back_over()
    assert debugger.view().is_about_to_run


def test_the_caller_can_interrupt() -> None:
    calls = iter([False, False, True])
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    stop = debugger.run(interrupt=lambda: next(calls))
    assert stop.reason is StopReason.INTERRUPTED
    assert debugger.cursor.node.index == 3
    assert debugger.run().reason is StopReason.END


def test_the_last_verdicts_on_a_fault_are_revealed_one_by_one_before_the_end() -> None:
    retry = [{"ErrorEquals": ["Other"]}]
    definition = machine(A=task(Retry=retry, Catch=[{"ErrorEquals": ["Another"], "Next": "B"}]), B=passing())
    debugger = Debugger(definition, tasks=Handler({"A": lambda request: TaskFailure("Boom")}))
    for _ in range(3):
        debugger.step_into()
    assert revealed(debugger) == ["Input", "Task"]
    assert planned(debugger) == ["Retry", "Catch"]
    debugger.step_into()
    view = debugger.view()
    assert revealed(debugger) == ["Input", "Task", "Retry"]
    assert not view.is_finished
    assert view.status is ExecutionStatus.RUNNING
    assert [event.type for event in view.events][view.event_index - 1] == "LambdaFunctionFailed"
    assert debugger.step_into().reason is StopReason.END
    view = debugger.view()
    assert revealed(debugger) == ["Input", "Task", "Retry", "Catch"]
    assert view.status is ExecutionStatus.FAILED
    assert view.event_index == len(view.events)


def test_an_execution_that_runs_out_of_time_is_over() -> None:
    definition = {**machine(W={"Type": "Wait", "Seconds": 60, "End": True}), "TimeoutSeconds": 5}
    debugger = Debugger(definition)
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.status is ExecutionStatus.TIMED_OUT
    assert where(debugger)[0] == "W"
    debugger.step_back()
    assert debugger.view().status is ExecutionStatus.RUNNING


def test_the_input_is_an_empty_object_unless_one_is_given() -> None:
    assert Debugger(machine(A=passing())).view().input == {}
    assert Debugger(machine(A=passing()), None).view().input is None


def test_a_handler_that_cannot_do_its_work_is_a_message_where_the_task_asks() -> None:
    def broken(request: TaskRequest) -> TaskResult:
        raise UsageError("the mock file is gone", fix="bring it back")

    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Reserve": broken}))
    stop = debugger.run()
    assert stop.is_refused
    assert stop.text == "the mock file is gone\n  bring it back"
    assert where(debugger) == ("Reserve", "Task")
    assert debugger.answer_task(TaskResult(1)).reason is StopReason.CHANGED


@pytest.mark.parametrize("tasks", [{"Reserve": lambda _: 1}, lambda _: 1, 5])
def test_what_is_no_task_handler_is_refused(tasks: Any) -> None:
    with pytest.raises(UsageError, match="FunctionTasks"):
        Debugger(ORDER, ORDER_INPUT, tasks=tasks)


@pytest.mark.parametrize(("given", "words"), [({1: 2}, "has the key 1"), ("x" * 262_143, "has 262,145 bytes")])
def test_an_input_that_start_execution_would_not_take(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Debugger(ORDER, given)


def test_what_is_no_answer_is_a_message_where_the_task_asks() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Reserve": lambda _: 5}))  # type: ignore[dict-item,return-value]
    stop = debugger.run()
    assert stop.is_refused
    assert stop.text.startswith("the answer for 'Reserve' is an int")
    assert where(debugger) == ("Reserve", "Task")
