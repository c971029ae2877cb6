"""Stepping back: each verb's reverse, jumps along the timeline, and that nothing is computed or asked again."""

from __future__ import annotations

from sfdebug.debugger import Cursor, Debugger, StopReason, Verb
from sfdebug.engine.execution.decisions import TaskFailure
from tests.debugger_runs import (
    EACH,
    ORDER,
    ORDER_INPUT,
    PARALLEL,
    Handler,
    event_types,
    machine,
    over_to,
    passing,
    refusal,
    task,
    where,
)


def _walk(debugger: Debugger) -> list[Cursor]:
    cursors = [debugger.cursor]
    while debugger.step_into().reason is not StopReason.END:
        cursors.append(debugger.cursor)
    return [*cursors, debugger.cursor]


def test_step_back_is_the_exact_reverse_of_step_into() -> None:
    debugger = Debugger(PARALLEL)
    cursors = _walk(debugger)
    for cursor in reversed(cursors[:-1]):
        debugger.step_back()
        assert debugger.cursor == cursor
        assert debugger.execution is cursor.node.execution
    assert debugger.step_back().reason is StopReason.START
    assert refusal(debugger, Verb.STEP_BACK) == "this is the start"


def test_going_forward_again_reuses_what_was_computed_and_asks_nobody() -> None:
    handler = Handler()
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=handler)
    cursors = _walk(debugger)
    asked = list(handler.asked)
    debugger.restart()
    assert _walk(debugger) == cursors
    assert handler.asked == asked == ["Reserve", "Charge"]


def test_back_over_is_the_reverse_of_step_over() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    cursors = [debugger.cursor]
    while debugger.step_over().reason is StopReason.STEP:
        cursors.append(debugger.cursor)
    for cursor in reversed(cursors):
        debugger.back_over()
        assert debugger.cursor == cursor
    assert debugger.back_over().reason is StopReason.START


def test_back_over_from_inside_a_visit_goes_to_before_it() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Charge")
    before = debugger.cursor
    debugger.step_into()
    debugger.step_into()
    debugger.back_over()
    assert debugger.cursor == before


def test_back_over_from_the_first_state_of_a_branch_goes_to_before_its_container() -> None:
    debugger = Debugger(machine(Start=passing("Both"), **PARALLEL["States"]))
    over_to(debugger, "Both")
    before = debugger.cursor
    while where(debugger)[0] != "A1":
        debugger.step_into()
    debugger.back_over()
    assert debugger.cursor == before
    debugger.back_over()
    assert where(debugger) == ("Start", "")


def test_back_over_in_a_branch_stays_in_it_although_others_moved_between() -> None:
    debugger = Debugger(PARALLEL)
    debugger.breakpoints.toggle(("Both", 0, "A2"))
    debugger.run()  # in the engine's order both branches have moved by now
    assert where(debugger) == ("A2", "")
    debugger.back_over()
    assert where(debugger) == ("A1", "")
    debugger.step_over()
    assert where(debugger) == ("A2", "")


def test_back_out_goes_to_where_the_branch_began_then_to_before_the_container() -> None:
    debugger = Debugger(EACH, {"items": ["a", "b"]}, tasks=Handler())
    while (where(debugger)[0], debugger.view().branch_label) != ("Work", "iteration 2 of 2"):
        debugger.step_into()
    debugger.back_out()
    assert (where(debugger), debugger.view().branch_label) == (("One", ""), "iteration 2 of 2")
    debugger.back_out()
    assert where(debugger) == ("Each", "")
    assert debugger.back_out().reason is StopReason.START


def test_run_back_stops_at_breakpoints_and_faults_and_then_at_the_start() -> None:
    handler = Handler({"Charge": lambda request: TaskFailure("Boom")})
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=handler)
    debugger.run()
    debugger.breakpoints.toggle(("Charge",))
    debugger.breakpoints.toggle_faults()
    assert debugger.run_back().text == "Sorry failed with NoPayment: the card was refused"
    assert debugger.run_back().text == "Charge failed with Boom"
    assert debugger.run_back().reason is StopReason.BREAKPOINT
    assert where(debugger) == ("Charge", "")
    assert debugger.run_back().reason is StopReason.START
    assert where(debugger) == ("Reserve", "")


def test_run_forward_and_back_stop_at_the_same_breakpoints() -> None:
    debugger = Debugger(EACH, {"items": ["a", "b", "c"]}, tasks=Handler())
    debugger.breakpoints.toggle(("Each", 0, "Work"))
    stops = []
    while debugger.run().reason is StopReason.BREAKPOINT:
        stops.append((debugger.cursor.node, debugger.cursor.branch))
    back = []
    while debugger.run_back().reason is StopReason.BREAKPOINT:
        back.append(debugger.view().input)
    assert len(stops) == 3
    assert sorted(map(str, back)) == ["a", "b", "c"]


def test_restart_keeps_the_explored_timeline() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    count = len(debugger.view().events)
    stop = debugger.restart()
    assert stop.reason is StopReason.START
    view = debugger.view()
    assert (view.event_index, len(view.events)) == (1, count)
    assert not view.is_at_tip


def test_goto_event_lands_where_the_event_happened() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    for event in list(debugger.view().events):
        debugger.goto_event(event.id)
        view = debugger.view()
        assert view.event_index >= event.id
        parent = debugger.cursor.node.parent
        assert parent is None or len(parent.execution.events) < event.id
    debugger.goto_event(10_000)
    assert debugger.view().is_finished


def test_scrub_moves_by_events_and_stays_within_what_is_explored() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    count = len(debugger.view().events)
    seen = [debugger.view().event_index]
    while debugger.view().event_index > 1:
        debugger.scrub(-1)
        seen.append(debugger.view().event_index)
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen), "each scrub moves"
    assert debugger.scrub(-5).reason is StopReason.START
    back = [debugger.view().event_index]
    while debugger.view().event_index < count:
        debugger.scrub(1)
        back.append(debugger.view().event_index)
    assert back == seen[::-1]
    debugger.scrub(100)
    assert debugger.view().event_index == count


def test_goto_node_and_goto_visit() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    charge = debugger.visits_of(("Charge",))[0]
    debugger.goto_visit(charge.number)
    assert where(debugger) == ("Charge", "Input")
    node = debugger.cursor.node.id
    debugger.restart()
    debugger.goto_node(node)
    assert where(debugger) == ("Charge", "Input")
    assert debugger.goto_visit(99).is_refused
    assert debugger.goto_node(99_999).is_refused
    assert where(debugger) == ("Charge", "Input"), "a refused jump changes nothing"


def test_a_chosen_branch_is_followed_through_the_explored_past_without_a_fork() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger)[0] != "A1":
        debugger.step_into()
    start = debugger.cursor
    debugger.run()
    debugger.timeline.put_cursor(start.node, start.stage_offset)
    debugger.focus_branch((("Both", 1),))
    assert where(debugger) == ("B1", "")
    debugger.step_into()
    assert where(debugger) == ("B1", "Input")
    debugger.step_over()
    assert where(debugger) == ("B2", "")
    assert len(debugger.timeline.forks) == 1


def test_a_chosen_branch_is_the_one_that_is_stepped() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger)[0] != "A1":
        debugger.step_into()
    debugger.focus_branch((("Both", 1),))
    debugger.step_over()
    assert where(debugger) == ("B2", "")
    assert [event.state for event in debugger.execution.events if event.type == "PassStateExited"] == ["B1"]
    assert debugger.focus_branch((("Both", 7),)).is_refused


def test_step_back_in_a_chosen_branch_goes_to_its_own_previous_stage() -> None:
    debugger = Debugger(PARALLEL)
    debugger.breakpoints.toggle(("Both", 1, "B2"))
    debugger.run()
    debugger.focus_branch((("Both", 0),))
    here = where(debugger)
    debugger.step_back()
    assert debugger.view().branch_label == "branch 1 of 2"
    assert where(debugger) != here


def test_a_retried_parallel_is_walked_back_attempt_by_attempt() -> None:
    branch = {"StartAt": "T", "States": {"T": task()}}
    definition = machine(
        P={"Type": "Parallel", "Branches": [branch], "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True}
    )
    handler = Handler({"T": lambda request: TaskFailure("Boom") if request.invocation == 0 else None})
    debugger = Debugger(definition, tasks=handler)
    debugger.run()
    assert where(debugger) == ("T", "Task")
    debugger.back_out()
    assert where(debugger) == ("T", "")
    assert event_types(debugger).count("TaskStateEntered") == 1, "the second attempt of the branch began here"
    debugger.back_out()
    assert where(debugger) == ("P", "")


def test_a_fork_that_is_not_there_is_refused() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    assert refusal(debugger, Verb.SWITCH_FORK) == "there is only one fork: force, inject or edit makes more"
    over_to(debugger, "Paid?")
    debugger.step_over()
    debugger.step_back()
    debugger.force_choice(0)
    assert debugger.switch_fork(7).text == "there is no fork 7"
