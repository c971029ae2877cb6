"""Following previousEventId: branches, visits, attempts, times; also without the definition."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, BranchId, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reconstruct import reconstruct, recorded_stages
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
    assert [visit.state for visit in alignment.visits_in((("Each", 1),))] == ["Both", "Close", "Leave"]
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


def test_the_data_that_was_recorded_of_a_visit() -> None:
    alignment = align(recording(NESTED, [1], answers))
    left = next(visit for visit in alignment.visits if visit.state == "Left")
    assert [(stage.name, stage.before, stage.after, stage.provenance) for stage in recorded_stages(left)] == [
        (StageName.INPUT, MISSING, 1, "recorded"),
        (StageName.TASK, 1, MISSING, "recorded"),
        (StageName.RETRY, {"Error": "Busy", "Cause": "later"}, MISSING, "recorded"),
        (StageName.TASK, 1, {"ok": "Left"}, "recorded"),
        (StageName.OUTPUT, MISSING, {"ok": "Left"}, "recorded"),
    ]


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
