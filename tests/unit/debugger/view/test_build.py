"""The view: marks, stages to come, attempts, branches, events, and what it costs."""

from __future__ import annotations

from functools import partial

from sfdebug.debugger import Debugger, MarkStatus, TakenEdge, Verb
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest, VisitStatus
from tests.debugger_runs import (
    EACH,
    ENDLESS,
    ORDER,
    ORDER_INPUT,
    PARALLEL,
    Handler,
    machine,
    over_to,
    passing,
    planned,
    refusal,
    revealed,
    task,
    where,
)
from tests.performance.counting import calls_of

THROTTLED = "Lambda.TooManyRequestsException"


def _statuses(debugger: Debugger) -> dict[str, str]:
    return {str(path[-1]): str(mark.status) for path, mark in debugger.view().marks.items()}


def test_marks_follow_the_cursor_both_ways() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    at_start = _statuses(debugger)
    assert at_start == {
        "Reserve": "current",
        "Paid?": "unvisited",
        "Charge": "unvisited",
        "Hold": "unvisited",
        "Ship": "unvisited",
        "Sorry": "unvisited",
    }
    debugger.run()
    assert _statuses(debugger) == {**dict.fromkeys(at_start, "done"), "Hold": "unvisited", "Sorry": "unvisited"}
    debugger.back_over()
    debugger.back_over()
    assert _statuses(debugger)["Charge"] == "current"
    assert _statuses(debugger)["Ship"] == "unvisited"
    debugger.restart()
    assert _statuses(debugger) == at_start


def test_transitions_are_counted_up_to_the_cursor_along_each_fork() -> None:
    debugger = Debugger(EACH, {"items": [1, 2, 3]}, tasks=Handler())
    start, inside = (
        TakenEdge(("Each",), ("Each", 0, "One"), "start"),
        TakenEdge(("Each", 0, "One"), ("Each", 0, "Work"), "next"),
    )
    assert debugger.view().taken.times(start) == 0
    debugger.run()
    taken = debugger.view().taken
    assert (taken.times(start), taken.times(inside)) == (3, 3)
    while debugger.view().taken.times(inside) == 3:
        debugger.step_back()
    assert debugger.view().taken.times(inside) == 2
    debugger.edit_input({"items": []})
    assert debugger.view().taken.times(inside) <= 2, "a fork counts what it shares, and goes on by itself"
    debugger.run()
    assert debugger.view().taken.times(TakenEdge((), ("Each",), "start")) == 1


def test_marks_tell_failed_caught_and_waiting() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Charge": lambda request: TaskFailure("Boom")}))
    debugger.run()
    marks = debugger.view().marks
    assert marks[("Charge",)].status is MarkStatus.CAUGHT
    assert marks[("Sorry",)].status is MarkStatus.FAILED
    assert set(debugger.view().taken) == {
        TakenEdge((), ("Reserve",), "start"),
        TakenEdge(("Reserve",), ("Paid?",), "next"),
        TakenEdge(("Paid?",), ("Charge",), "default"),
        TakenEdge(("Charge",), ("Sorry",), "catch"),
    }


def test_a_container_waits_while_its_branches_run() -> None:
    debugger = Debugger(PARALLEL)
    while where(debugger) != ("A1", "Input"):
        debugger.step_into()
    marks = debugger.view().marks
    assert marks[("Both",)].status is MarkStatus.WAITING
    assert marks[("Both", 0, "A1")].status is MarkStatus.CURRENT
    assert marks[("Both", 1, "B1")].status is MarkStatus.UNVISITED
    assert TakenEdge(("Both",), ("Both", 1, "B1"), "start") in debugger.view().taken


def test_branches_that_were_cut_short_are_marked_so() -> None:
    waiting = {"Type": "Wait", "Seconds": 10, "End": True}
    definition = machine(
        P={
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "W", "States": {"W": waiting}},
                {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Boom"}}},
            ],
            "End": True,
        }
    )
    debugger = Debugger(definition)
    debugger.run()
    marks = debugger.view().marks
    assert marks[("P", 0, "W")].status is MarkStatus.ABORTED
    assert marks[("P", 1, "F")].status is MarkStatus.FAILED


def test_visit_counts_and_visits() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 2, "Next": "Done"}],
        "Default": "Add",
    }
    add = passing("Check", Parameters={"n.$": "States.MathAdd($.n, 1)"})
    debugger = Debugger(machine(Add=add, Check=choice, Done={"Type": "Succeed"}), {"n": 0})
    debugger.run()
    assert debugger.view().marks[("Add",)].visits == 3
    assert [visit.output for visit in debugger.visits_of(("Add",))] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert debugger.visits_of(("Nowhere",)) == []
    debugger.restart()
    over_to(debugger, "Check")
    assert debugger.view().marks[("Add",)].visits == 1
    debugger.step_into()
    (visit,) = debugger.visits_of(("Check",))
    assert visit.status is VisitStatus.RUNNING


def test_breakpoints_show_in_the_marks() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    assert debugger.breakpoints.toggle(("Ship",))
    assert debugger.view().marks[("Ship",)].breakpoint
    assert not debugger.breakpoints.toggle(("Ship",))
    assert not debugger.view().marks[("Ship",)].breakpoint


def test_forced_and_injected_marks_stay_with_the_visit() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Paid?")
    debugger.force_choice(0)
    debugger.inject_failure(("Charge",), THROTTLED)
    debugger.run()
    marks = debugger.view().marks
    assert marks[("Paid?",)].forced
    assert marks[("Charge",)].injected
    assert not marks[("Reserve",)].forced


def test_how_many_attempts_there_can_be_is_not_said_of_several_retriers() -> None:
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 4}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    views = [Debugger(machine(A=task(Retry=retry[:count])), {}).view() for count in (1, 2)]
    assert [view.max_attempts for view in views] == [5, None]


def test_attempts_count_along_the_stages() -> None:
    def answer(request: TaskRequest) -> TaskFailure | TaskResult:
        return TaskFailure(THROTTLED) if request.attempt == 1 else TaskResult("paid")

    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Charge": answer}))
    assert debugger.view().max_attempts is None
    over_to(debugger, "Charge")
    seen = []
    while where(debugger)[0] == "Charge":
        view = debugger.view()
        assert view.max_attempts == 4
        seen.append((where(debugger)[1], view.attempt))
        debugger.step_into()
    assert seen == [
        ("", 1),
        ("Input", 1),
        ("Task", 1),
        ("Task", 1),
        ("Retry", 2),
        ("Task", 2),
        ("Task", 2),
        ("ResultPath", 2),
        ("Output", 2),
    ]


def test_what_is_still_to_come_follows_what_happened() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), "Boom")
    while where(debugger) != ("Charge", "Task"):
        debugger.step_into()
    assert planned(debugger) == ["Retry", "Catch"]
    debugger.step_into()
    assert (revealed(debugger)[-1], planned(debugger)) == ("Retry", ["Catch"])
    debugger.step_into()
    assert (revealed(debugger)[-1], planned(debugger)) == ("Catch", ["Output"])


def test_a_choice_that_has_decided_goes_on_to_its_output() -> None:
    debugger = Debugger(ORDER, {"order": {"total": 500}}, tasks=Handler())
    over_to(debugger, "Paid?")
    debugger.step_into()
    assert planned(debugger) == ["Rule", "Default", "Output"]
    debugger.step_into()
    assert (revealed(debugger), planned(debugger)) == (["Input", "Rule"], ["Output"])


def test_a_retry_that_waits_plans_the_next_attempt() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Charge")
    debugger.inject_failure(("Charge",), THROTTLED)
    while where(debugger) != ("Charge", "Retry"):
        debugger.step_into()
    assert planned(debugger) == ["Task", "ResultPath", "Output"]


def test_branch_lines_say_where_each_branch_stands() -> None:
    debugger = Debugger(EACH, {"items": [1, 2]})
    debugger.run()
    lines = debugger.branches()
    assert [(line.label, line.state, line.doing, line.depth) for line in lines] == [
        ("top level", "Each", "waits for its branches, 0 of 2 ended", 0),
        ("iteration 1 of 2", "Work", "waits for an answer", 1),
        ("iteration 2 of 2", "Work", "waits for an answer", 1),
    ]
    assert [line.is_focused for line in lines] == [False, True, False]
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    while debugger.asking is None:
        debugger.step_into()
    assert "its answer comes next" in [line.doing for line in debugger.branches()]
    assert "waits for an answer" not in [line.doing for line in debugger.branches()]
    assert debugger.can(Verb.FOCUS_BRANCH)
    debugger.restart()
    assert refusal(debugger, Verb.FOCUS_BRANCH) == "no Parallel or Map is running here"


def test_the_end_shows_the_last_visit() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    view = debugger.view()
    assert view.state is not None
    assert (view.state.name, view.is_finished, view.branches) == ("Ship", True, ())
    assert view.sentence == "The execution succeeded."
    assert revealed(debugger) == ["Input", "Output"]


def test_the_verbs_say_why_they_are_not_possible() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    assert debugger.can(Verb.STEP_OVER)
    assert refusal(debugger, Verb.BACK_OVER) == "this is the start"
    assert debugger.can(Verb.RESTART)
    assert refusal(debugger, Verb.SCRUB) == "nothing is explored yet: step first"
    assert refusal(debugger, Verb.LEAVE_FORK) == (
        "there is no fork to leave, and no decision right ahead: step back to before one, and decide anew"
    )
    assert debugger.can(Verb.EDIT_INPUT)
    debugger.run()
    assert refusal(debugger, Verb.RUN) == "the execution is over: step back, or restart"
    assert refusal(debugger, Verb.INJECT_FAILURE) == (
        "Ship is a Succeed: failures can be injected into Task, Parallel and Map states"
    )
    assert refusal(debugger, Verb.INJECT_FAILURE, ("Charge",)) == "the execution is over: go back to before Charge"


def test_a_view_and_a_jump_stay_fast_in_a_long_history() -> None:
    debugger = Debugger(ENDLESS)
    debugger.run()
    count = len(debugger.view().events)
    assert count >= 25_000

    def jump(event_id: int) -> None:
        debugger.goto_event(event_id)
        debugger.step_back()
        debugger.step_into()
        debugger.view()

    calls = {event_id: calls_of(partial(jump, event_id)) for event_id in (1, 12_345, count - 1, 2, 20_000)}
    assert max(calls.values()) < 2_500, f"constant time: far below what walking 25,000 events takes: {calls}"


def test_a_stage_line_carries_the_values_before_and_after() -> None:
    debugger = Debugger(machine(A=task(InputPath="$.a")), {"a": 1, "b": 2})
    debugger.step_into()
    debugger.step_into()
    lines = debugger.view().visit_stages
    assert (lines[1].before, lines[1].after, lines[1].expression) == ({"a": 1, "b": 2}, 1, "$.a")
    assert not lines[1].is_pending
    assert lines[2].is_pending
