"""The debugger in a distributed Map: its questions, its child executions, and their own histories."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger, StopReason, Verb
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import RequestKind
from tests.debugger_runs import refusal
from tests.map_run_machines import INPUT, ORDERS, Workers, reading, rows


def orders(workers: Workers | None = None) -> Debugger:
    return Debugger(ORDERS, INPUT, tasks=workers or Workers())


def into(debugger: Debugger, state: str, *, times: int = 1) -> None:
    """Step into until a branch stands before `state`, so many times."""
    for _ in range(times):
        debugger.step_into()
        while not (debugger.view().is_about_to_run and debugger.view().state_path[-1] == state):
            assert debugger.step_into().reason is StopReason.STEP


# questions


def test_a_map_run_without_an_answer_runs_its_items_without_asking() -> None:
    debugger = orders()
    into(debugger, "Each")
    debugger.step_into()
    while "MapRun" not in debugger.stop.text:
        debugger.step_into()
    assert debugger.question is None
    assert debugger.asking is not None
    assert debugger.asking.kind is RequestKind.MAP_RUN
    assert debugger.can(Verb.ANSWER_TASK)
    assert debugger.can(Verb.STEP_INTO)
    assert debugger.run().reason is StopReason.END
    assert debugger.view().status == "SUCCEEDED"


def test_the_user_may_give_the_result_of_the_whole_map_run_all_the_same() -> None:
    debugger = orders()
    into(debugger, "Each")
    while debugger.asking is None:
        debugger.step_into()
    assert debugger.answer_task(TaskResult(["mine"])).reason is StopReason.CHANGED
    assert debugger.view().sentence == "The Map Run gave a list of 1 item (your answer)."
    debugger.run()
    assert debugger.execution.status == "SUCCEEDED"
    assert not debugger.execution.ended_children
    assert [fork.name for fork in debugger.timeline.forks] == ["main"]


def test_a_handler_answers_for_the_whole_map_run_before_the_items_are_run() -> None:
    debugger = orders(Workers(run=TaskFailure("Gone", "away")))
    debugger.run()
    assert not debugger.execution.ended_children
    assert debugger.execution.error == "Sorry"
    variables = {variable.name: variable.value for variable in debugger.view().variables}
    assert variables["why"] == "Gone"


def test_a_map_run_with_a_reader_asks_for_its_items() -> None:
    debugger = Debugger(reading(), {}, tasks=Workers())
    stop = debugger.run()
    assert stop.reason is StopReason.QUESTION
    assert stop.text == (
        "Read waits for its items: give what its ItemReader finds at s3://shop/orders.csv, a result, or let it fail"
    )
    assert debugger.question is not None
    view = debugger.view()
    assert view.sentence.endswith("waits for what its ItemReader finds at s3://shop/orders.csv.")
    assert [str(line.name) for line in view.visit_stages if line.is_pending] == ["ItemReader", "Output"]
    assert debugger.answer_task(TaskSilence()).is_refused
    assert not debugger.answer_task(rows(5, 7)).is_refused
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.output == [{"n": 5}, {"n": 7}]


def test_the_result_of_a_map_run_can_be_edited_afterwards() -> None:
    debugger = Debugger(reading(), {})
    debugger.run()
    debugger.answer_task(rows(5))
    debugger.run()
    assert debugger.can(Verb.EDIT_RESULT)
    assert debugger.edit_result(TaskFailure("Boom")).forked == 1
    debugger.run()
    assert debugger.execution.error == "Boom"
    debugger.leave_fork()
    assert debugger.execution.output == [{"n": 5}]


def test_why_the_result_of_a_map_run_cannot_be_edited_yet() -> None:
    debugger = Debugger(reading(), {})
    assert refusal(debugger, Verb.EDIT_RESULT) == "Read has not started its Map Run yet"


# child executions


def test_a_child_execution_has_its_own_events() -> None:
    debugger = orders()
    into(debugger, "Work", times=1)
    view = debugger.view()
    assert view.child is not None
    assert view.child_label == "child execution 1 of 3"
    assert view.branch_label == "child 1 of 3"
    assert [event.type for event in view.events] == ["ExecutionStarted"]
    debugger.run()
    ended = debugger.execution.ended_children[0]
    assert debugger.view().child is None
    debugger.goto_child(ended.arn)
    view = debugger.view()
    assert view.child is not None
    assert view.child.arn == ended.arn
    assert view.events[-1].type == "ExecutionSucceeded"
    assert view.event_index == len(view.events)


def test_scrubbing_in_a_child_execution_moves_along_its_events() -> None:
    debugger = orders()
    debugger.run()
    debugger.goto_child(debugger.execution.ended_children[0].arn)
    name = debugger.view().child
    indices = []
    while debugger.view().event_index > 1:
        indices.append(debugger.view().event_index)
        debugger.scrub(-1)
    assert indices[0] == len(debugger.view().events)
    assert indices == sorted(set(indices), reverse=True)
    assert debugger.view().child == name
    debugger.scrub(-1)
    assert debugger.view().event_index == 1, "the first event of its history is the end of the way"
    debugger.goto_event(2)
    assert debugger.view().state_path == ("Each", 0, "Work")
    debugger.scrub(1000)
    assert debugger.view().event_index == len(debugger.view().events)
    assert debugger.view().child == name


def test_an_event_of_the_execution_is_meant_at_its_top_level() -> None:
    debugger = orders()
    debugger.run()
    assert debugger.goto_event(2).reason is StopReason.JUMP
    assert debugger.view().child is None
    assert debugger.view().events[1].state == "Limits"


def test_the_branches_tell_failed_children_first_and_the_counts() -> None:
    debugger = orders()
    into(debugger, "Work", times=3)
    lines = debugger.branches()
    assert [(line.label, line.doing) for line in lines] == [
        ("top level", "2 of 3 over, 1 failed, 1 tolerated"),
        ("child 2 of 3", "failed with Boom"),
        ("child 3 of 3", "about to run"),
    ]
    failed = lines[1]
    assert failed.child_arn
    assert debugger.focus_branch(failed.id).is_refused
    debugger.goto_child(failed.child_arn)
    assert debugger.view().state_path[-1] == "Work"
    assert debugger.view().visit is not None
    assert "Boom" in debugger.view().sentence
    assert debugger.step_into().reason is StopReason.STEP
    assert debugger.view().child_label == "child execution 3 of 3"


def test_a_child_that_has_not_ended_here_cannot_be_gone_to() -> None:
    debugger = orders()
    debugger.step_into()
    assert debugger.goto_child("arn:nothing").text == "that child execution has not ended on this timeline"


def test_too_many_failures_end_the_map_run_and_its_catcher_takes_over() -> None:
    debugger = orders(Workers(frozenset({1, 2})))
    debugger.run()
    assert debugger.execution.error == "Sorry"
    debugger.goto_visit(next(visit.number for visit in debugger.execution.visits if visit.state.name == "Each"))
    debugger.step_over()
    debugger.back_over()
    debugger.step_over()
    assert debugger.view().state_path == ("Sorry",)


def test_a_failure_injected_into_a_distributed_map_fails_its_map_run() -> None:
    debugger = orders()
    debugger.run()
    debugger.goto_event(4)
    assert not debugger.inject_failure(("Each",), "Boom", "on purpose").is_refused
    debugger.run()
    assert debugger.execution.error == "Sorry"
    assert "MapRunFailed" in [event.type for event in debugger.execution.events]
    assert not debugger.execution.ended_children
    debugger.leave_fork()
    debugger.run()
    assert debugger.execution.status == "SUCCEEDED"


def test_step_out_of_a_child_ends_it_and_goes_to_its_sibling() -> None:
    debugger = orders()
    into(debugger, "Work")
    debugger.step_out()
    assert debugger.view().child_label == "child execution 2 of 3"
    debugger.back_out()
    debugger.back_out()
    assert debugger.view().state_path == ("Each",)


@pytest.mark.parametrize("count", [0, 1])
def test_a_map_run_over_nothing_or_one_says_so(count: int) -> None:
    debugger = Debugger(ORDERS, {"items": [1] * count}, tasks=Workers())
    sentences = []
    while debugger.step_into().reason is StopReason.STEP:
        sentences.append(debugger.view().sentence)
    assert any("the only child execution" in text for text in sentences) == (count == 1)
    assert debugger.execution.status == "SUCCEEDED"


def test_no_stage_of_a_map_run_is_stepped_through_twice() -> None:
    debugger = orders()
    into(debugger, "Each")
    places = []
    while debugger.step_into().reason is StopReason.STEP:
        view = debugger.view()
        if view.state_path == ("Each",) and view.stage is not None:
            places.append(f"{view.stage.name} {view.stage.status}")
    assert places == [
        *("Input done", "ItemsPath done", "MapRun waiting", "ItemSelector done", "MapRun waiting"),
        *("MapRun waiting", "MapRun done", "Assign done", "Output done"),
    ]
    each = next(visit for visit in debugger.execution.visits if visit.state.name == "Each")
    assert [str(stage.name) for stage in each.stages] == [
        *("Input", "ItemsPath", "ItemSelector", "MapRun", "Assign", "Output"),
    ]
