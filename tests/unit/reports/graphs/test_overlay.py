"""The trail of an execution: followed from its events alone, through branches, iterations, retries and catches."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.asl.definition import StatePath
from sfdebug.asl.load import definition_from
from sfdebug.debugger.timeline.index import TakenEdge
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import DefinitionError
from sfdebug.history.reading.read import parse_recordings
from sfdebug.reports.graphs.overlay import Marked, RecordingOverlay, follow
from tests.graph_machines import Asl
from tests.graph_pictures import CHAIN, NEST, POLL, Events, catching, declined, polled, task

EACH = ("Each order",)
FAN = (*EACH, 0, "Fan out")


def statuses(trail: RecordingOverlay) -> dict[StatePath, str]:
    return {path: marked.status.value for path, marked in trail.states.items()}


def test_a_retried_attempt_counts_and_does_not_fail_the_state() -> None:
    trail = declined().trail(CHAIN)
    assert trail.states == {
        ("Reserve",): Marked(MarkStatus.DONE, 1, failures=1),
        ("Charge card",): Marked(MarkStatus.CAUGHT, 1, failures=1, caught=1),
        ("Refused",): Marked(MarkStatus.FAILED, 1),
    }
    assert trail.taken == {
        TakenEdge((), ("Reserve",), "start"): 1,
        TakenEdge(("Reserve",), ("Charge card",), "next"): 1,
        TakenEdge(("Charge card",), ("Refused",), "catch"): 1,
    }
    assert (trail.status, trail.events, trail.source, trail.problems) == (ExecutionStatus.FAILED, 16, "run.json", ())


def test_a_loop_counts_visits_and_transitions() -> None:
    trail = polled(3).trail(POLL)
    assert {path: marked.visits for path, marked in trail.states.items()} == {
        ("Look",): 4, ("Ended?",): 4, ("Wait",): 3, ("Report",): 1
    }  # fmt: skip
    assert trail.taken[TakenEdge(("Ended?",), ("Wait",), "default")] == 3
    assert trail.taken[TakenEdge(("Ended?",), ("Report",), "choice")] == 1
    assert trail.taken[TakenEdge(("Wait",), ("Look",), "next")] == 3


def test_every_way_that_a_choice_can_have_led_is_counted() -> None:
    definition: Asl = {
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "End"}], "Default": "End"},
            "End": {"Type": "Succeed"},
        },
    }
    events = Events()
    events.visit("Choice", "C")
    events.visit("Succeed", "End")
    taken = events.trail(definition).taken
    assert taken[TakenEdge(("C",), ("End",), "choice")] == taken[TakenEdge(("C",), ("End",), "default")] == 1


def iterations() -> Events:
    """NEST with two iterations, the second of which fails in its first branch while its other branch waits."""
    events = Events()
    events.enter("Map", "Each order")
    started = events.add("MapStateStarted", "mapStateStartedEventDetails", {"length": 2})
    for index in range(2):
        details = {"name": "Each order", "index": index}
        events.add("MapIterationStarted", "mapIterationStartedEventDetails", details, after=started)
        events.enter("Parallel", "Fan out")
        fan = events.add("ParallelStateStarted")
        if index:
            events.enter("Task", "Notify", after=fan)
            waiting = events.add("TaskScheduled", "taskScheduledEventDetails")
            events.enter("Task", "Resize", after=fan)
            fault = events.attempt("TaskFailed")
            events.add("ParallelStateFailed", "", after=fault)
            events.add("TaskStateAborted", "", after=waiting)
            events.add("MapIterationFailed", "mapIterationFailedEventDetails", details, after=fault)
            events.add("MapStateFailed", "", after=fault)
            continue
        events.visit("Task", "Resize", after=fan)
        events.visit("Task", "Store")
        last = events.visit("Task", "Notify", after=fan)
        events.add("ParallelStateSucceeded", "", after=last)
        events.exit("Parallel", "Fan out", after=last)
        events.add("MapIterationSucceeded", "mapIterationSucceededEventDetails", details)
    events.exit("Map", "Each order")
    events.enter("Fail", "Failed")
    events.add("ExecutionFailed", "executionFailedEventDetails", {"error": "Boom"})
    return events


def test_branches_and_iterations_are_told_apart() -> None:
    trail = iterations().trail(NEST)
    assert trail.problems == ()
    assert trail.states[EACH] == Marked(MarkStatus.CAUGHT, 1, failures=1, caught=1)
    assert trail.states[FAN] == Marked(MarkStatus.FAILED, 2, failures=1)
    assert trail.states[(*FAN, 0, "Resize")] == Marked(MarkStatus.FAILED, 2, failures=1)
    assert trail.states[(*FAN, 0, "Store")] == Marked(MarkStatus.DONE, 1)
    assert trail.states[(*FAN, 1, "Notify")].visits == 2
    assert trail.taken[TakenEdge(EACH, FAN, "start")] == 2
    assert trail.taken[TakenEdge(FAN, (*FAN, 1, "Notify"), "start")] == 2
    assert trail.taken[TakenEdge(EACH, ("Failed",), "catch")] == 1


def test_what_a_failing_sibling_cut_off_is_not_failed() -> None:
    definition: Asl = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "A", "States": {"A": task()}}, {"StartAt": "B", "States": {"B": task()}}],
                "End": True,
            }
        },
    }
    events = Events()
    events.enter("Parallel", "P")
    fan = events.add("ParallelStateStarted")
    events.enter("Task", "A", after=fan)
    events.add("TaskScheduled", "taskScheduledEventDetails")
    events.enter("Task", "B", after=fan)
    fault = events.attempt("TaskFailed")
    failed = events.add("ParallelStateFailed", "", after=fault)
    events.add("ExecutionFailed", "executionFailedEventDetails", {"error": "Boom"}, after=failed)
    assert statuses(events.trail(definition)) == {("P",): "failed", ("P", 0, "A"): "aborted", ("P", 1, "B"): "failed"}


def test_states_of_one_name_in_two_scopes_are_told_apart() -> None:
    branch: Asl = {"StartAt": "Same", "States": {"Same": task()}}
    definition: Asl = {
        "StartAt": "Same",
        "States": {"Same": task("P"), "P": {"Type": "Parallel", "Branches": [branch], "End": True}},
    }
    events = Events()
    events.visit("Task", "Same")
    events.enter("Parallel", "P")
    fan = events.add("ParallelStateStarted")
    events.enter("Task", "Same", after=fan)
    trail = events.trail(definition)
    assert statuses(trail) == {("Same",): "done", ("P",): "current", ("P", 0, "Same"): "current"}
    assert trail.status is ExecutionStatus.RUNNING


def test_where_an_execution_was_stopped_is_cut_off() -> None:
    events = Events()
    events.visit("Task", "Look")
    events.enter("Choice", "Ended?")
    events.add("ExecutionAborted", "executionAbortedEventDetails", {}, after=0)
    assert statuses(events.trail(POLL)) == {("Look",): "done", ("Ended?",): "aborted"}


def test_a_failed_attempt_may_be_retried_while_the_execution_runs() -> None:
    events = Events()
    events.enter("Task", "Reserve")
    events.attempt("TaskFailed")
    assert events.trail(CHAIN).states == {("Reserve",): Marked(MarkStatus.CURRENT, 1, failures=1)}


def test_a_choice_without_a_match_failed() -> None:
    events = Events()
    events.visit("Task", "Look")
    events.enter("Choice", "Ended?")
    events.add("ExecutionFailed", "executionFailedEventDetails", {"error": "States.NoChoiceMatched"})
    assert statuses(events.trail(POLL))[("Ended?",)] == "failed"


def test_events_that_do_not_fit_the_definition_are_said() -> None:
    events = Events()
    events.visit("Task", "Reserve")
    events.visit("Pass", "Elsewhere")
    events.exit("Pass", "Nowhere")
    events.visit("Task", "Ship")
    trail = events.trail(CHAIN)
    assert trail.problems == (
        "event 7 enters Elsewhere, which is no state of the definition",
        "event 8 leaves Elsewhere, which was not entered before",
        "event 9 leaves Nowhere, which was not entered before",
        "event 10 goes from Reserve to Ship: the definition has no such transition",
    )
    assert statuses(trail) == {("Reserve",): "done", ("Ship",): "done"}


def test_many_problems_are_counted() -> None:
    events = Events()
    for number in range(9):
        events.enter("Pass", f"Nowhere {number}")
    problems = events.trail(CHAIN).problems
    assert len(problems) == 6
    assert problems[-1] == "4 more events do not fit"


def test_a_history_in_any_order_of_nonsense_never_raises() -> None:
    types = ("MapIterationFailed", "ParallelStateFailed", "MapStateFailed", "EvaluationFailed", "TaskStateAborted")
    for after in range(4):
        events = Events()
        for kind in types:
            events.add(kind, "", after=after)
        events.enter("Task", "Reserve", after=99)
        assert events.trail(CHAIN).states[("Reserve",)].visits == 1


def test_catchers_of_another_name_do_not_count() -> None:
    definition: Asl = {"StartAt": "A", "States": {"A": task("B", Catch=catching("C")), "B": task(), "C": task()}}
    events = Events()
    events.enter("Task", "A")
    events.attempt("TaskFailed")
    events.exit("Task", "A")
    events.enter("Task", "B")
    assert events.trail(definition).problems == ("event 7 goes from A to B: the definition has no such transition",)


def test_recorded_executions(shared: Path) -> None:
    """Every state entered is on the trail, as often as it was; a failed execution failed somewhere."""
    seen = 0
    for file in sorted((shared / "conformance" / "executions").glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        try:
            machine = definition_from(case["definition"])
        except DefinitionError:
            continue
        trail = follow(machine, parse_recordings(json.dumps(case["history"]))[0])
        details = [event.get("stateEnteredEventDetails") for event in case["history"]["events"]]
        entered = Counter(each["name"] for each in details if each is not None)
        visits: Counter[str | int] = Counter()
        for path, marked in trail.states.items():
            visits[path[-1]] += marked.visits
        found = {marked.status for marked in trail.states.values()}
        assert (trail.problems, visits) == ((), entered), file.name
        if trail.status is ExecutionStatus.FAILED:
            assert MarkStatus.FAILED in found, file.name
        if trail.status is not ExecutionStatus.RUNNING:
            assert MarkStatus.CURRENT not in found, file.name
        seen += 1
    assert seen > 300


@pytest.mark.parametrize("times", [0, 1, 40])
def test_each_visit_is_left_by_one_transition(times: int) -> None:
    trail = polled(times).trail(POLL)
    left = sum(count for taken, count in trail.taken.items() if taken.kind != "start")
    assert left == sum(marked.visits for marked in trail.states.values()) - 1


_KINDS = ("Task", "Pass", "Choice", "Map", "Parallel", "Fail")
_NAMES = ("Each order", "Fan out", "Resize", "Store", "Notify", "Done", "Failed", "Nowhere")
_TYPES = (
    *(f"{kind}State{what}" for kind in _KINDS for what in ("Entered", "Exited", "Aborted", "Failed", "Started")),
    *(f"MapIteration{what}" for what in ("Started", "Succeeded", "Failed", "Aborted")),
    *("TaskFailed", "TaskTimedOut", "TaskScheduled", "EvaluationFailed", "MapRunFailed", "ExecutionFailed", "Novelty"),
)


@given(st.lists(st.tuples(st.sampled_from(_TYPES), st.sampled_from(_NAMES), st.integers(0, 30)), max_size=30))
def test_any_history_gives_a_trail(history: list[tuple[str, str, int]]) -> None:
    events = Events()
    for type, name, after in history:
        key = "stateEnteredEventDetails" if type.endswith("Entered") else "stateExitedEventDetails"
        events.add(type, key, {"name": name, "state": name}, after)
    trail = events.trail(NEST)
    entered = sum(type.endswith("Entered") and name != "Nowhere" for type, name, _ in history)
    assert sum(marked.visits for marked in trail.states.values()) == entered
    assert all(0 <= marked.caught <= marked.visits for marked in trail.states.values())
