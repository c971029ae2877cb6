"""Forcing, injecting, editing, answering: what they do, where they fork, and when they are refused."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger, Hint, StopReason, Verb
from sfdebug.debugger.wording.positions import Pending
from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import StageStatus
from tests.debugger_runs import (
    EACH,
    ORDER,
    ORDER_INPUT,
    PARALLEL,
    Handler,
    last_line,
    machine,
    over_to,
    passing,
    refusal,
    task,
    where,
)

THROTTLED = "Lambda.TooManyRequestsException"


def _order() -> Debugger:
    return Debugger(ORDER, ORDER_INPUT, tasks=Handler())


# force


def test_force_at_the_tip_changes_the_way_without_a_fork() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    stop = debugger.force_choice(0)
    assert (stop.reason, stop.forked) == (StopReason.CHANGED, None)
    assert stop.text == '"Paid?" is forced to rule 1: it goes on to Hold'
    view = debugger.view()
    assert view.sentence == 'About to run "Paid?", a Choice state; you forced it to take rule 1.'
    assert view.marks[("Paid?",)].forced
    debugger.step_over()
    assert where(debugger) == ("Hold", "")


def test_force_in_the_visit_goes_back_to_before_it_and_forks() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.step_into()
    debugger.step_into()
    stop = debugger.force_choice(0)
    assert stop.forked == 1
    assert where(debugger) == ("Paid?", "")
    fork = debugger.timeline.current
    assert (fork.name, fork.reason, fork.parent) == ("fork 1", "forced Choice 'Paid?' to rule 1", 0)
    debugger.step_over()
    assert where(debugger) == ("Hold", "")
    debugger.switch_fork(0)
    assert where(debugger) == ("Paid?", "Rule"), "the old timeline is as it was left"


def test_force_in_the_explored_past_forks_and_leaves_the_old_future() -> None:
    debugger = _order()
    debugger.run()
    old = [event.type for event in debugger.view().events]
    debugger.back_over()
    debugger.back_over()
    debugger.back_over()
    assert where(debugger) == ("Paid?", "")
    stop = debugger.force_choice(0)
    assert stop.forked == 1
    assert debugger.run().reason is StopReason.END
    assert "WaitStateEntered" in [event.type for event in debugger.view().events]
    debugger.switch_fork(0)
    assert [event.type for event in debugger.view().events] == old
    assert debugger.leave_fork().is_refused


def test_the_same_decision_again_leads_to_the_fork_that_it_made_before() -> None:
    debugger = _order()
    debugger.run()
    debugger.restart()
    over_to(debugger, "Paid?")
    node = debugger.cursor.node.id
    assert debugger.force_choice(0).forked == 1
    forced = debugger.cursor
    debugger.switch_fork(0)
    debugger.goto_node(node)
    assert debugger.force_choice(0).forked is None
    assert debugger.cursor == forced
    assert debugger.timeline.current.id == 1
    assert len(debugger.timeline.forks) == 2


def test_force_is_refused_where_there_is_no_choice() -> None:
    debugger = _order()
    assert refusal(debugger, Verb.FORCE_CHOICE) == "Reserve is a Task, not a Choice"
    stop = debugger.force_choice(0)
    assert (stop.reason, stop.text) == (StopReason.REFUSED, "Reserve is a Task, not a Choice")
    over_to(debugger, "Paid?")
    assert debugger.can(Verb.FORCE_CHOICE)
    assert debugger.force_choice(7).text == '"Paid?" has 1 rule: there is no rule 8'
    assert len(debugger.timeline.forks) == 1
    no_default = machine(
        C={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "D"}]}, D={"Type": "Succeed"}
    )
    assert Debugger(no_default).force_choice(None).text == "C has no Default"


def test_a_choice_that_matched_nothing_can_be_forced_after_the_end() -> None:
    definition = machine(
        C={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Done"}]},
        Done={"Type": "Succeed"},
    )
    debugger = Debugger(definition)
    debugger.run()
    assert debugger.execution.error == "States.Runtime"
    assert debugger.can(Verb.FORCE_CHOICE)
    assert debugger.force_choice(0).forked == 1
    debugger.run()
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED


# inject


def test_injecting_before_the_visit_fails_its_next_attempts() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    stop = debugger.inject_failure(("Charge",), THROTTLED, attempts=2)
    assert stop.text == f"Charge: the next 2 attempts fail with {THROTTLED}"
    assert debugger.view().marks[("Charge",)].injected
    debugger.step_over()
    assert where(debugger) == ("Ship", "")
    visit = debugger.visits_of(("Charge",))[0]
    assert visit.attempt == 3
    assert [stage.status for stage in visit.stages if stage.name == "Task"] == [
        StageStatus.INJECTED,
        StageStatus.INJECTED,
        StageStatus.DONE,
    ]


def test_injecting_past_max_attempts_ends_in_the_catcher() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), THROTTLED, "too fast", attempts=4)
    debugger.step_over()
    assert where(debugger) == ("Sorry", "")
    assert debugger.view().marks[("Charge",)].status == "caught"
    data = debugger.view().input
    assert isinstance(data, dict)
    assert data["error"] == {"Error": THROTTLED, "Cause": "too fast"}


def test_injecting_while_the_task_asks_fails_this_attempt() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    debugger.run()
    debugger.answer_task(TaskResult({}))
    debugger.run()
    assert where(debugger) == ("Charge", "Task")
    stop = debugger.inject_failure(("Charge",), THROTTLED, attempts=2)
    assert (stop.reason, stop.forked) == (StopReason.CHANGED, None)
    assert last_line(debugger).status == StageStatus.FAILED
    assert debugger.run().reason is StopReason.QUESTION
    question = debugger.question
    assert question is not None
    assert question.attempt == 3, "the second attempt failed as well"


def test_injecting_after_the_task_has_answered_redoes_the_attempt_on_a_fork() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    while where(debugger) != ("Charge", "Output"):
        debugger.step_into()
    stop = debugger.inject_failure(("Charge",), "Boom")
    assert stop.forked == 1
    debugger.step_over()
    assert where(debugger) == ("Sorry", "")


def test_injecting_into_a_map_from_within_an_iteration_fails_the_map() -> None:
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    while where(debugger) != ("One", "Input"):
        debugger.step_into()
    assert debugger.inject_failure(("Each",), "Boom").forked == 1
    assert where(debugger)[0] == "Each"
    debugger.run()
    assert debugger.execution.error == "Boom"
    assert debugger.execution.visit_count == 1


def test_injecting_between_attempts_goes_to_the_next_one_without_a_fork() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), THROTTLED)
    while where(debugger) != ("Charge", "Retry"):
        debugger.step_into()
    assert debugger.inject_failure(("Charge",), "Boom").forked is None
    debugger.step_over()
    assert where(debugger) == ("Sorry", "")


@pytest.mark.parametrize(
    ("path", "error", "attempts", "why"),
    [
        (("Paid?",), "Boom", 1, '"Paid?" is a Choice: failures can be injected into Task, Parallel and Map states'),
        (("Nowhere",), "Boom", 1, "there is no state Nowhere"),
        (("Charge",), "  ", 1, "an error needs a name, such as States.TaskFailed"),
        (("Charge",), "Boom", 0, "a failure is injected into at least one attempt"),
    ],
)
def test_an_injection_that_makes_no_sense_is_refused(path: tuple[str], error: str, attempts: int, why: str) -> None:
    debugger = _order()
    stop = debugger.inject_failure(path, error, attempts=attempts)
    assert (stop.reason, stop.text) == (StopReason.REFUSED, why)
    assert debugger.cursor.node.id == 0


def test_injecting_after_the_end_is_refused_for_a_state_that_is_not_at_hand() -> None:
    debugger = _order()
    debugger.run()
    assert debugger.inject_failure(("Charge",), "Boom").text == "the execution is over: go back to before Charge"


# edit the input


def test_edit_input_before_the_state() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    stop = debugger.edit_input({"order": {"total": 1000}})
    assert (stop.reason, stop.forked) == (StopReason.CHANGED, None)
    assert debugger.view().input == {"order": {"total": 1000}}
    debugger.step_over()
    assert where(debugger) == ("Hold", "")


def test_edit_input_within_the_visit_enters_it_again_on_a_fork() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.step_into()
    assert debugger.edit_input({"order": {"total": 1000}}).forked == 1
    assert where(debugger) == ("Paid?", "")
    assert debugger.view().input == {"order": {"total": 1000}}


def test_an_edit_and_a_force_go_together() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.edit_input({"order": {"total": 1}})
    debugger.force_choice(0)
    debugger.step_over()
    assert where(debugger) == ("Hold", "")
    assert debugger.view().input == {"order": {"total": 1}}


# answer and edit results


def test_answers_of_the_user_go_into_the_result() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    debugger.run()
    stop = debugger.answer_task(TaskResult({"shelf": 7}))
    assert stop.text == "Reserve returned a result"
    assert where(debugger) == ("Reserve", "Task")
    debugger.step_over()
    data = debugger.view().input
    assert isinstance(data, dict)
    assert data["reserved"] == {"shelf": 7}


def test_answering_again_in_the_past_forks() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    debugger.run()
    asking = debugger.cursor.node.id
    debugger.answer_task(TaskResult(True))
    debugger.step_over()
    debugger.goto_node(asking)
    assert debugger.question is None, "going on needs no new answer"
    assert debugger.asking is not None
    assert debugger.answer_task(TaskResult(1)).forked == 1, "true is not 1"
    debugger.goto_node(asking)
    assert debugger.answer_task(TaskFailure("Boom")).forked == 2


def test_answer_is_refused_when_no_task_asks() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    assert debugger.answer_task(TaskResult(1)).text == "no Task waits for an answer here"
    debugger.run()
    debugger.answer_task(TaskResult(1))
    assert refusal(debugger, Verb.ANSWER_TASK) == "Reserve has its answer: edit its result instead"


def test_silence_lets_the_time_limit_end_the_attempt() -> None:
    debugger = Debugger(machine(A=task(TimeoutSeconds=9)))
    debugger.run()
    debugger.answer_task(TaskSilence())
    debugger.run()
    assert debugger.execution.error == "States.Timeout"
    assert debugger.execution.clock == 9000


def test_edit_result_answers_the_task_of_the_visit_again() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    while where(debugger) != ("Charge", "Output"):
        debugger.step_into()
    stop = debugger.edit_result(TaskResult("edited"))
    assert stop.forked == 1
    assert where(debugger) == ("Charge", "Task")
    assert last_line(debugger).after == "edited"
    debugger.step_over()
    data = debugger.view().input
    assert isinstance(data, dict)
    assert data["payment"] == "edited"


def test_edit_result_of_the_last_state_after_the_end() -> None:
    debugger = Debugger(machine(A=task()), tasks=Handler())
    debugger.run()
    assert debugger.can(Verb.EDIT_RESULT)
    assert debugger.edit_result(TaskResult("edited")).forked == 1
    debugger.run()
    assert debugger.execution.output == "edited"


def test_edit_result_is_refused_where_it_makes_no_sense() -> None:
    debugger = _order()
    assert refusal(debugger, Verb.EDIT_RESULT) == "Reserve has not been called yet"
    over_to(debugger, "Paid?")
    assert debugger.edit_result(TaskResult(1)).text == '"Paid?" is a Choice, not a Task'
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), "Boom")
    while where(debugger) != ("Charge", "Task"):
        debugger.step_into()
    assert refusal(debugger, Verb.EDIT_RESULT) == "Charge did not ask: its failure was injected"


def test_interventions_in_one_branch_leave_the_focus_on_it() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger)[0] != "A1":
        debugger.step_into()
    debugger.focus_branch((("Both", 1),))
    debugger.edit_input({"edited": True})
    view = debugger.view()
    assert (view.branch_label, where(debugger)) == ("branch 2 of 2", ("B1", ""))
    debugger.step_over()
    assert where(debugger) == ("B2", "")
    assert debugger.view().input == {"edited": True}


def test_forks_of_forks_keep_their_own_tips_and_cursors() -> None:
    debugger = Debugger(machine(A=passing("B"), B=passing("C"), C=passing()))
    over_to(debugger, "B")
    debugger.run()
    debugger.restart()
    over_to(debugger, "B")
    assert debugger.edit_input(1).forked == 1
    debugger.run()
    debugger.back_over()
    assert where(debugger) == ("C", "")
    assert debugger.edit_input(2).forked == 2
    debugger.run()
    outputs = [debugger.execution.output]
    assert [(fork.name, fork.parent) for fork in debugger.timeline.forks] == [
        ("main", None),
        ("fork 1", 0),
        ("fork 2", 1),
    ]
    assert debugger.leave_fork().text == "on fork 1: about to run C"
    debugger.run()
    outputs.append(debugger.execution.output)
    debugger.switch_fork(0)
    debugger.run()
    outputs.append(debugger.execution.output)
    assert outputs == [2, 1, {}]
    assert debugger.switch_fork(9).is_refused


# taking back


def test_a_decision_right_ahead_is_told_and_marked() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.force_choice(0)
    debugger.step_over()
    ahead = "ahead: forced Choice 'Paid?' to rule 1"
    assert debugger.view().pending is None
    stop = debugger.back_over()
    assert stop.text == f'about to run "Paid?"; {ahead}'
    assert stop.hints == ((Verb.STEP_OVER, "follows it"), (Verb.LEAVE_FORK, "takes it back"))
    view = debugger.view()
    assert view.pending == Pending(ahead, stop.hints)
    about = 'About to run "Paid?", a Choice state: its rule leads to Hold if it matches, else Charge.'
    assert view.sentence == f"{about} A{ahead[1:]}."
    assert view.marks[("Paid?",)].forced
    debugger.step_back()
    assert debugger.view().pending is None
    assert not debugger.view().marks[("Paid?",)].forced
    assert len(debugger.timeline.forks) == 1, "looking around makes no fork"


def test_a_forced_choice_at_the_frontier_is_taken_back() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.force_choice(0)
    debugger.step_over()
    debugger.back_over()
    main = list(debugger.timeline.nodes)
    assert debugger.can(Verb.LEAVE_FORK)
    stop = debugger.leave_fork()
    assert (stop.reason, stop.forked) == (StopReason.CHANGED, 1)
    assert stop.text == "took back: forced Choice 'Paid?' to rule 1"
    fork = debugger.timeline.current
    assert (fork.name, fork.parent, fork.reason) == ("fork 1", 0, stop.text)
    view = debugger.view()
    assert (where(debugger), view.pending, view.is_at_tip) == (("Paid?", ""), None, True)
    assert not view.marks[("Paid?",)].forced
    debugger.step_over()
    assert where(debugger) == ("Charge", "")
    assert debugger.leave_fork().text.startswith('on main: about to run "Paid?"; ahead: forced')
    assert debugger.timeline.nodes == main
    assert debugger.leave_fork().forked is None, "the same decision taken back again leads to the same fork"
    assert (where(debugger), debugger.timeline.current.id) == (("Paid?", ""), 1)


def test_a_decision_is_taken_back_right_after_it_was_made() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    debugger.edit_input({"order": {}, "edited": True})
    assert debugger.leave_fork().text == "took back: edited the input of 'Charge'"
    assert debugger.view().input != {"order": {}, "edited": True}
    debugger.inject_failure(("Charge",), "Boom", attempts=9)
    assert debugger.view().marks[("Charge",)].injected
    debugger.leave_fork()
    assert not debugger.view().marks[("Charge",)].injected
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED


def test_several_decisions_ahead_are_taken_back_together() -> None:
    debugger = _order()
    over_to(debugger, "Paid?")
    debugger.edit_input({"order": {"total": 1}})
    debugger.force_choice(0)
    debugger.step_over()
    debugger.back_over()
    reasons = "edited the input of 'Paid?', then forced Choice 'Paid?' to rule 1"
    hints = (Hint(Verb.STEP_OVER, "follows them"), Hint(Verb.LEAVE_FORK, "takes them back"))
    assert debugger.view().pending == Pending(f"ahead: {reasons}", hints)
    debugger.leave_fork()
    assert debugger.view().input != {"order": {"total": 1}}
    debugger.step_over()
    assert where(debugger) == ("Charge", "")


def test_a_failure_injected_into_a_waiting_task_is_taken_back_whole() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    assert debugger.run().reason is StopReason.QUESTION
    debugger.inject_failure(("Reserve",), "Boom", attempts=2)
    debugger.leave_fork()
    assert debugger.question is not None
    assert debugger.execution.injections == ()


def test_a_fork_that_a_decision_made_is_left_for_its_parent() -> None:
    debugger = _order()
    over_to(debugger, "Charge")
    debugger.back_over()
    assert debugger.force_choice(0).forked == 1
    debugger.step_back()
    hints = (Hint(Verb.STEP_OVER, "follows it"), Hint(Verb.LEAVE_FORK, "goes back to main"))
    assert debugger.view().pending == Pending("ahead: forced Choice 'Paid?' to rule 1", hints)
    debugger.leave_fork()
    assert debugger.timeline.current.id == 0
    assert len(debugger.timeline.forks) == 2
    assert debugger.leave_fork().is_refused


def test_what_a_handler_answers_is_no_decision_of_the_user() -> None:
    debugger = _order()
    debugger.run()
    debugger.restart()
    while debugger.step_into().reason is not StopReason.END:
        assert debugger.view().pending is None
        assert not debugger.can(Verb.LEAVE_FORK)
