"""Following previousEventId: branches, visits, attempts, times; also without the definition."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, BranchId, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import RecordingError
from sfdebug.values import MISSING
from tests.history_runs import read_back, recorded, recording, run_in_any_order

TASK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
NESTED: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Both",
                "States": {
                    "Both": {
                        "Type": "Parallel",
                        "Branches": [
                            {
                                "StartAt": "Left",
                                "States": {"Left": {**TASK, "Retry": [{"ErrorEquals": ["Busy"]}], "End": True}},
                            },
                            {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "Next": "More"},
                                                            "More": {"Type": "Wait", "Seconds": 2, "End": True}}},
                        ],
                        "Next": "Close",
                    },
                    "Close": {**TASK, "Catch": [{"ErrorEquals": ["Locked"], "Next": "Leave"}], "End": True},
                    "Leave": {"Type": "Pass", "End": True},
                },
            },
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}  # fmt: skip


def answers(request: TaskRequest) -> Answer:
    if request.state.name == "Left" and request.attempt == 1:
        return TaskFailure("Busy", "later")
    if request.state.name == "Close" and request.branch[-1][1] == 1:
        return TaskFailure("Locked")
    return TaskResult({"ok": request.state.name}, after_seconds=1.5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("with_definition", [True, False])
def test_every_event_is_in_the_branch_that_made_it(seed: int, with_definition: bool) -> None:
    """The engine says of each of its events which branch it belongs to."""
    execution = run_in_any_order(NESTED, [1, 2, 3], answers, seed)
    alignment = align(read_back(execution.history), definition_from(NESTED) if with_definition else None)
    right = [event.branch for event in execution.events]
    if with_definition:
        assert list(alignment.branches) == right
        return
    # Without it a Parallel's branches are numbered as they begin: the same branches, perhaps by other numbers.
    renamed: dict[BranchId, BranchId] = {}
    for mine, theirs in zip(alignment.branches, right, strict=True):
        assert renamed.setdefault(mine, theirs) == theirs
    assert len(set(renamed.values())) == len(renamed)


def test_visits_and_attempts_with_their_times() -> None:
    alignment = align(recording(NESTED, [1, 2, 3], answers), definition_from(NESTED))
    left = next(visit for visit in alignment.visits if visit.state == "Left")
    assert left.branch == (("Each", 0), ("Both", 0))
    assert [(attempt.number, attempt.failed, attempt.error, attempt.cause) for attempt in left.attempts] == [
        (1, True, "Busy", "later"),
        (2, False, None, None),
    ]
    assert left.attempts[1].milliseconds == 1_500
    assert (left.attempts[1].result, left.milliseconds, left.status) == ({"ok": "Left"}, 2_500, "succeeded")
    assert alignment.visits[left.container or 0].state == "Both"
    wait = next(visit for visit in alignment.visits if visit.state == "More")
    assert wait.milliseconds == 2_000
    closed = {visit.branch: visit.status for visit in alignment.visits if visit.state == "Close"}
    assert [closed[("Each", index),] for index in range(3)] == ["succeeded", "caught", "succeeded"]
    first = [visit.state for visit in alignment.visits if visit.branch == (("Each", 1),)]
    assert first == ["Both", "Close", "Leave"]
    assert alignment.visits[0].attempts[0].began.details["length"] == 3


def test_a_failing_branch_aborts_its_siblings_and_the_container_is_tried_again() -> None:
    definition = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}],
                "Branches": [
                    {"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 60, "End": True}}},
                    {"StartAt": "Bad", "States": {"Bad": {**TASK, "End": True}}},
                ],
                "End": True,
            }
        },
    }
    alignment = align(recording(definition, {}, lambda _: TaskFailure("E", "c")))
    assert [(visit.state, visit.branch, visit.status) for visit in alignment.visits] == [
        ("P", (), "failed"),
        ("Slow", (("P", 0),), "aborted"),
        ("Bad", (("P", 1),), "failed"),
        ("Slow", (("P", 0),), "aborted"),
        ("Bad", (("P", 1),), "failed"),
    ]
    assert len(alignment.visits[0].attempts) == 2


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_graph_from_the_events_alone(seed: int | None) -> None:
    alignment = align(recording(NESTED, [1, 2, 3], answers, order=seed))
    machine, real = reconstruct(alignment), definition_from(NESTED)
    assert {(state.name, state.type) for state in machine.walk()} == {(s.name, s.type) for s in real.walk()}
    states = {state.name: state for state in machine.walk()}
    assert states["Left"].resource == TASK["Resource"]
    assert [(retrier.error_equals, retrier.max_attempts) for retrier in states["Left"].retriers] == [(("Busy",), 1)]
    assert [(catcher.error_equals, catcher.next) for catcher in states["Close"].catchers] == [(("Locked",), "Leave")]
    assert (states["Both"].next, states["Each"].next, states["Close"].end) == ("Close", "Done", True)
    assert {branch.start_at for branch in states["Both"].branches} == {"Left", "Right"}


def test_what_an_attempt_was_called_with_and_answered() -> None:
    alignment = align(recording(NESTED, [1], answers))
    left = next(visit for visit in alignment.visits if visit.state == "Left")
    assert [(attempt.input, attempt.result) for attempt in left.attempts] == [(1, MISSING), (1, {"ok": "Left"})]
    found = [attempt.answer.answer if attempt.answer is not None else None for attempt in left.attempts]
    assert isinstance(found[0], TaskFailure)
    assert isinstance(found[1], TaskResult)
    assert (found[0].error, found[0].cause, found[1].output) == ("Busy", "later", {"ok": "Left"})


def _led_to(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    alignment = align(read_back(events))
    return [(alignment.visits[number].state, visit.state) for number, visit in alignment.next_visits.items()]


def test_a_transition_leads_from_the_visit_that_was_left() -> None:
    assert _led_to(recorded(NESTED, [1], answers)) == [("Right", "More"), ("Both", "Close"), ("Each", "Done")]


def test_a_branch_that_runs_again_does_not_go_on_from_its_end() -> None:
    retry = [{"ErrorEquals": ["E"], "MaxAttempts": 1}]
    good = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
    bad = {"StartAt": "Bad", "States": {"Bad": {**TASK, "End": True}}}
    both = {"Type": "Parallel", "Retry": retry, "Branches": [good, bad], "End": True}
    events = recorded({"StartAt": "P", "States": {"P": both}}, {}, lambda _: TaskFailure("E", "c", after_seconds=1))
    assert [event["stateEnteredEventDetails"]["name"] for event in events if "Entered" in event["type"]].count("A") == 2
    assert _led_to(events) == [("A", "B"), ("A", "B")]


def test_over_a_gap_a_visit_goes_on_from_the_last_one_that_was_left_in_its_branch() -> None:
    chain = {name: {"Type": "Pass", "Next": following} for name, following in ("AB", "BC", "CD")}
    events = recorded({"StartAt": "A", "States": {**chain, "D": {"Type": "Succeed"}}})
    without_b = [event for event in events if event.get("stateEnteredEventDetails", {}).get("name") != "B"]
    without_b = [event for event in without_b if event.get("stateExitedEventDetails", {}).get("name") != "B"]
    assert _led_to(without_b) == [("A", "C"), ("C", "D")]


def test_a_recording_that_stops_in_a_loop_can_be_drawn() -> None:
    loop = {
        "StartAt": "Nap",
        "States": {
            "Nap": {"Type": "Wait", "Seconds": 5, "Next": "Look"},
            "Look": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "End"}],
                     "Default": "Nap"},
            "End": {"Type": "Succeed"},
        },
    }  # fmt: skip
    events = recorded(loop, {"x": 1})[:4]  # entered, left, the Choice entered
    events += [
        {"id": 5, "previousEventId": 4, "type": "ChoiceStateExited", "stateExitedEventDetails": {"name": "Look"}},
        {"id": 6, "previousEventId": 5, "type": "WaitStateEntered", "stateEnteredEventDetails": {"name": "Nap"}},
    ]
    machine = reconstruct(align(read_back(events)))
    assert machine.scope.states["Nap"].next == "Look"
    assert [choice.next for choice in machine.scope.states["Look"].choices] == ["Nap"]
    assert machine.scope.states["Look"].default == "not recorded"


def test_a_map_run_and_an_empty_map_have_something_inside() -> None:
    empty = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "A",
                    "States": {"A": {"Type": "Pass", "End": True}},
                },
                "End": True,
            }
        },
    }
    machine = reconstruct(align(recording(empty, [1])))
    (processor,) = machine.scope.states["M"].branches
    assert processor.start_at == "inside M"
    assert processor.fields["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_nothing_to_draw() -> None:
    with pytest.raises(RecordingError, match="no state was entered"):
        reconstruct(align(read_back([{"id": 1, "type": "ExecutionStarted"}])))
