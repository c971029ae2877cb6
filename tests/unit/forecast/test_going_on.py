"""What is foretold of a loop is what the engine then does: the same turn, the same error, the same time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sfdebug import simulate
from sfdebug.engine import Settings
from sfdebug.forecast.going_on import LoopEnd, LoopOutlook, reckoned
from sfdebug.forecast.runs import measured, measured_recording
from sfdebug.history.reading.read import parse_recordings
from tests.unit.forecast.loop_definitions import FUNCTION, Pages, Runs, counting, machine, paging, polling

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.tasks.handler import TaskHandler


def outlook(definition: StateMachine, tasks: TaskHandler | None, given: Any = None, **settings: Any) -> LoopOutlook:
    (found,) = measured(definition, given or {}, Settings(**settings), tasks, "run").outlooks
    return found


def turns(execution: Execution, head: str) -> int:
    return sum(1 for event in execution.events if event.state == head and event.type.endswith("StateEntered"))


def test_a_polling_loop_is_full_of_events_in_the_turn_that_was_foretold() -> None:
    definition = polling(60)
    found = outlook(definition, Runs(3))
    assert (found.end, found.is_run, found.loop.states) == (LoopEnd.HISTORY_FULL, True, ("Wait", "Look", "Runs?"))
    for_ever = simulate(definition, {}, Runs(None))
    assert (for_ever.error, len(for_ever.events)) == ("States.Runtime", 25_000)
    assert found.turn == turns(for_ever, "Wait") == 2_778
    assert found.milliseconds == for_ever.clock == 2_778 * 60_000, "46 hours and 18 minutes of waiting"
    reckoned_turn = reckoned(found.loop)
    assert (reckoned_turn.end, reckoned_turn.turn) == (LoopEnd.HISTORY_FULL, 2_778)
    assert reckoned_turn.milliseconds == for_ever.clock
    assert not reckoned_turn.is_run


@pytest.mark.parametrize("events", [60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 200])
def test_the_turn_is_exact_wherever_the_history_ends(events: int) -> None:
    """With a shorter history: the last turn breaks at its start, in its middle, at its end."""
    definition = polling(1)
    found = outlook(definition, Runs(2), max_history_events=events)
    for_ever = simulate(definition, {}, Runs(None), Settings(max_history_events=events))
    assert for_ever.error == "States.Runtime"
    assert (found.end, found.turn) == (LoopEnd.HISTORY_FULL, turns(for_ever, "Wait"))


def test_retries_in_a_turn_are_made_again_in_every_turn() -> None:
    definition = polling(60)
    found = outlook(definition, Runs(2, busy=True), max_history_events=500)
    for_ever = simulate(definition, {}, Runs(None, busy=True), Settings(max_history_events=500))
    assert found.loop.last.transitions == 4, "three states and a retry"
    assert (found.end, found.turn) == (LoopEnd.HISTORY_FULL, turns(for_ever, "Wait"))
    assert found.milliseconds == for_ever.clock


@pytest.mark.parametrize("characters", [600, 997, 20_000, 65_000])
def test_a_payload_that_grows_is_too_large_in_the_turn_that_was_foretold(characters: int) -> None:
    found = outlook(paging(), Pages(3, characters), {"all": []})
    for_ever = simulate(paging(), {"all": []}, Pages(None, characters))
    assert (for_ever.error, found.end) == ("States.DataLimitExceeded", LoopEnd.PAYLOAD_TOO_LARGE)
    assert found.turn == turns(for_ever, "Read")
    assert found.loop.growth == 2 * characters + 3, "bytes of UTF-8, not characters"
    assert reckoned(found.loop).turn == found.turn


def test_a_loop_that_counts_is_left_by_itself() -> None:
    definition = counting(7)
    found = outlook(definition, Runs(None))
    ended = simulate(definition, {}, Runs(None))
    assert ended.error == "TooSlow"
    assert (found.end, found.turn, found.error) == (LoopEnd.LEFT, turns(ended, "Wait"), "TooSlow")


def test_loops_side_by_side_fill_one_history() -> None:
    """Three items poll at once: the turn is reckoned with the events of all of them, and each has it so."""
    inner = {
        "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
        "Look": {"Type": "Task", "Resource": FUNCTION, "Next": "Runs?"},
        "Runs?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.status", "StringEquals": "RUNNING", "Next": "Wait"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Wait", "States": inner}, "End": True}
    found = outlook(machine({"Each": each}), Runs(9), [1, 2, 3])
    for_ever = simulate(machine({"Each": each}), [1, 2, 3], Runs(None))
    assert (found.end, found.is_run, found.loop.last.events) == (LoopEnd.HISTORY_FULL, False, 9)
    assert found.turn == max(turns_of(for_ever, "Wait")) == 926


def turns_of(execution: Execution, head: str) -> list[int]:
    """How often the head was entered in each branch."""
    entered = [event.branch for event in execution.events if event.state == head and "Entered" in event.type]
    return [entered.count(branch) for branch in set(entered)]


def test_the_time_of_the_machine_ends_a_loop() -> None:
    found = outlook(polling(60, TimeoutSeconds=3_600), Runs(3))
    assert (found.end, found.turn, found.milliseconds) == (LoopEnd.TIME_OVER, 60, 3_600_000)


def test_an_express_loop_ends_after_five_minutes_whatever_its_history() -> None:
    found = outlook(polling(1), Runs(3), execution_type="EXPRESS")
    assert (found.end, found.turn, found.milliseconds) == (LoopEnd.TIME_OVER, 300, 300_000)


def test_a_task_behind_the_loop_that_was_never_asked_leaves_it_unknown() -> None:
    counter = {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "Next": "On?"}
    states: dict[str, Any] = {
        "Set": {"Type": "Pass", "Assign": {"n": 0}, "Next": "Look"},
        "Look": {"Type": "Task", "Resource": FUNCTION, "Next": "Count"},
        "Count": counter,
        "On?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $n > 9 %}", "Next": "Never asked"},
                {"Condition": "{% $states.input.status = 'RUNNING' %}", "Next": "Look"},
            ],
            "Default": "Done",
        },
        "Never asked": {"Type": "Task", "Resource": FUNCTION, "End": True},
        "Done": {"Type": "Succeed"},
    }
    found = outlook(machine(states, QueryLanguage="JSONata"), Runs(3))
    assert (found.end, found.turn) == (LoopEnd.NOT_KNOWN, 0)
    assert "never came to" in found.why


def test_a_recorded_run_is_run_on_where_the_definition_goes_its_way() -> None:
    definition = polling(60)
    execution = simulate(definition, {}, Runs(3))
    (recording,) = parse_recordings(json.dumps({"events": execution.history}).encode(), "recorded")
    usage, (found,), _ = measured_recording(recording, definition)
    assert (found.is_run, found.end, found.turn) == (True, LoopEnd.HISTORY_FULL, 2_778)
    assert usage.is_duration_known
    assert usage.total.transitions == execution.visit_count
    for other in (None, polling(61, TimeoutSeconds=100)):
        _, (reckoned_only,), _ = measured_recording(recording, other)
        assert (reckoned_only.is_run, reckoned_only.end, reckoned_only.turn) == (False, LoopEnd.HISTORY_FULL, 2_778)
