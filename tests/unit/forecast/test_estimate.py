"""What runs used, what a mix of them comes to, and the load of a rate of starts."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from sfdebug import simulate
from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.forecast.costs import CostRange
from sfdebug.forecast.estimate import RunMix, least_seconds_of_map_run, load_of
from sfdebug.forecast.express import why_not_express
from sfdebug.forecast.runs import MeasuredRun, measured
from sfdebug.forecast.usage import ALL_TASKS, RunSource, usage_of_recorded
from sfdebug.history.reading.read import parse_recordings
from sfdebug.rates import default_rates
from tests.unit.forecast.loop_definitions import FUNCTION, Runs, machine, polling

RATES = default_rates()
PASS = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}


def run(definition: Any, given: Any = None, tasks: Any = None, **options: Any) -> MeasuredRun:
    return measured(
        definition, given if given is not None else {}, Settings(max_history_events=500), tasks, "run", **options
    )


def mapping(**fields: Any) -> Any:
    return machine({"Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": PASS, "End": True, **fields}})


class FailsOnce:
    asked = 0

    def answer(self, request: Any) -> Any:
        self.asked += 1
        return TaskResult(1) if self.asked > 1 else TaskFailure("Busy")


def test_transitions_are_states_entered_and_retries() -> None:
    usage = run(polling(), tasks=Runs(1, busy=True)).usage
    assert (usage.total.entered, usage.total.retries, usage.total.transitions) == (8, 2, 10)
    by_state = {one.state: (one.entered, one.retries, one.events) for one in usage.states}
    assert by_state["Look"] == (2, 2, 16)
    assert by_state["Wait"] == (2, 0, 4)
    assert sum(events for _, _, events in by_state.values()) == usage.total.events
    assert usage.source is RunSource.SIMULATED


def test_the_largest_payload_is_counted_in_bytes_and_has_its_place() -> None:
    definition = machine(
        {
            "Make": {"Type": "Pass", "Result": "é" * 100, "Next": "Drop"},
            "Drop": {"Type": "Pass", "Result": 1, "End": True},
        }
    )
    peak = run(definition).usage.peak
    assert peak is not None
    assert (peak.size, peak.field, peak.state, peak.event_id) == (202, "output", "Make", 3)


def test_durations_are_known_only_where_somebody_says_them() -> None:
    definition = polling(60)
    assert not run(definition, tasks=Runs(1)).usage.is_duration_known
    timed = run(definition, tasks=Runs(1), takes={ALL_TASKS: 2.5}).usage
    assert (timed.is_duration_known, timed.milliseconds) == (True, 2 * 60_000 + 2 * 2_500)
    named = run(definition, tasks=Runs(1), takes={"Look": 4.0, ALL_TASKS: 2.5}).usage
    assert named.milliseconds == 2 * 60_000 + 2 * 4_000
    without_tasks = run(machine({"Wait": {"Type": "Wait", "Seconds": 5, "End": True}})).usage
    assert (without_tasks.is_duration_known, without_tasks.milliseconds) == (True, 5_000)


def test_a_recorded_run_used_what_the_simulated_one_did() -> None:
    definition = polling(60)
    execution = simulate(definition, {}, Runs(2, busy=True))
    (recording,) = parse_recordings(json.dumps({"events": execution.history}).encode(), "recorded")
    recorded, simulated = usage_of_recorded(recording, definition), run(definition, tasks=Runs(2, busy=True)).usage
    assert (recorded.total, recorded.states, recorded.loops) == (simulated.total, simulated.states, simulated.loops)
    assert (recorded.source, recorded.is_duration_known) == (RunSource.RECORDED, True)


def test_a_recording_says_what_is_not_known_of_it() -> None:
    execution = simulate(polling(60), {}, Runs(1))
    events = [{**event} for event in execution.history[:-2]]
    for event in events:
        for name, details in list(event.items()):
            if isinstance(details, dict):
                event[name] = {key: value for key, value in details.items() if key not in ("input", "output")}
    (recording,) = parse_recordings(json.dumps({"events": events}).encode(), "recorded")
    usage = usage_of_recorded(recording)
    assert usage.peak is None
    assert not usage.is_duration_known
    assert [what.split(",")[0].split(":")[0] for what in usage.unknown] == ["the payloads", "how it ends"]


def test_the_items_of_a_map_until_the_history_is_full() -> None:
    """As many items as said do not fit any more, one less does."""
    (found,) = run(mapping(), {"items": [1, 2, 3]}).usage.maps
    assert (found.items, found.events, found.transitions) == (3, 4, 1)
    full = found.items_until_full
    fits, fails = (simulate(mapping(), {"items": [0] * count}) for count in (full - 1, full))
    assert [str(fits.status), str(fails.status)] == ["SUCCEEDED", "FAILED"]
    assert len(fails.events) == 25_000


def test_a_map_that_a_loop_comes_to_again_counts_its_items_visit_by_visit() -> None:
    """Each visit has items of its own, and all that is not of the largest one counts as outside of it."""
    again = {"Variable": "$.items[2]", "IsPresent": True, "Next": "Cut"}
    choices = [again, {"Variable": "$.items[1]", "IsPresent": True, "Next": "Last"}]
    states = {
        "Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": PASS, "ResultPath": "$.out", "Next": "More?"},
        "More?": {"Type": "Choice", "Choices": choices, "Default": "Done"},
        "Cut": {"Type": "Pass", "Parameters": {"items.$": "$.items[0:2]"}, "Next": "Each"},
        "Last": {"Type": "Pass", "Parameters": {"items.$": "$.items[0:1]"}, "Next": "Each"},
        "Done": {"Type": "Succeed"},
    }
    usage = run(machine(states), {"items": [1, 2, 3]}).usage
    assert {one.state: one.entered for one in usage.states}["In"] == 3 + 2 + 1
    (found,) = usage.maps
    assert (found.items, found.events, found.transitions) == (3, 4, 1)
    assert found.events_outside == usage.total.events - 3 * 4
    assert found.output == len('{"items":[1,2,3],"out":[1,2,3]}')


def test_a_map_that_is_tried_again_counts_its_items_attempt_by_attempt() -> None:
    retried = {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "End": True}
    inner = {"StartAt": "In", "States": {"In": {"Type": "Task", "Resource": FUNCTION, "End": True}}}
    definition = mapping(ItemProcessor=inner, **retried)
    usage = run(definition, {"items": [1, 2]}, FailsOnce()).usage
    assert (usage.status, {one.state: one.entered for one in usage.states}["In"]) == ("SUCCEEDED", 4)
    (found,) = usage.maps
    assert (found.items, found.transitions) == (2, 1)
    assert found.events == 7, "an iteration that started and succeeded, a state entered and exited, a function called"


def test_child_executions_are_billed_by_their_type() -> None:
    for kind, transitions, requests in (("STANDARD", 4, 0), ("EXPRESS", 1, 3)):
        definition = mapping(ItemProcessor={**PASS, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}})
        found = run(definition, {"items": [1, 2, 3]})
        (children,) = found.usage.children
        assert (str(children.type), children.count, children.transitions, children.most_events) == (kind, 3, 3, 4)
        mix = RunMix.of([found], [Decimal(1)], 1_000)
        assert mix.transitions == transitions
        cost = mix.standard(RATES, "us-east-1", 1_000_000)
        assert cost is not None
        least = Decimal(transitions) * 25 + requests
        assert least <= cost.low < least + 10, "and what the children take in memory and time"
        assert least_seconds_of_map_run(children) == Fraction(3, 100 if kind == "STANDARD" else 1_000)


def test_a_mix_is_what_is_to_be_expected() -> None:
    definition = polling(60)
    runs = [run(definition, tasks=Runs(times)) for times in (0, 10)]
    mix = RunMix.of(runs, [Decimal(9), Decimal(1)], 500)
    few, many = (one.usage.total.transitions for one in runs)
    assert (few, many) == (5, 35)
    assert mix.transitions == Decimal("0.9") * 5 + Decimal("0.1") * 35
    assert mix.milliseconds == Decimal("0.9") * 60_000 + Decimal("0.1") * 660_000
    assert mix.standard(RATES, "us-east-1", 1_000) == CostRange(Decimal("0.2"), Decimal("0.225"))
    assert mix.standard(RATES, "us-east-1", 1_000, has_free=True) == CostRange(Decimal("0.1"), Decimal("0.125"))
    assert mix.standard(RATES, "xx-nowhere-1", 1_000) is None
    assert mix.express(RATES, "us-east-1", 1_000).high is None


def test_why_a_workflow_cannot_be_express() -> None:
    states = {
        "Sync": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Next": "Work"},
        "Work": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:work", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 300, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {**PASS, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
            "End": True,
        },
    }
    found = why_not_express(machine(states))
    assert [next(name for name in states if f"'{name}'" in why) for why in found] == [*list(states)[:3], "Each", "Wait"]
    assert why_not_express(polling(60)) == ()
    usage = run(polling(60), tasks=Runs(5)).usage
    assert why_not_express(polling(60), [usage]) == (
        "an Express execution ends after 5 minutes, and the run 'run' takes at least 6 min 00 s",
    )


def test_the_load_of_a_rate() -> None:
    timed = run(
        machine({"Look": {"Type": "Task", "Resource": FUNCTION, "End": True}}), tasks=Runs(0), takes={ALL_TASKS: 10}
    )
    mix = RunMix.of([timed], [Decimal(1)], 100)
    load = load_of(mix, RATES, "eu-central-1", Fraction(900), Fraction(60), "STANDARD")
    assert load.transitions is not None
    assert load.starts.demand == load.transitions.demand == 900
    assert load.starts.is_throttled
    assert load.transitions.is_throttled
    assert (load.open, load.is_open_too_many, load.pollers) == (9_000, False, 10)
    express = load_of(mix, RATES, "eu-central-1", Fraction(900), Fraction(60), "EXPRESS")
    assert express.transitions is None
    assert not express.starts.is_throttled


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3"])
def test_express_prices_of_a_region_that_the_table_lacks_are_those_of_another(region: str) -> None:
    mix = RunMix.of([run(machine({"A": {"Type": "Pass", "End": True}}))], [Decimal(1)], 100)
    cost = mix.express(RATES, region, 1_000_000)
    assert cost.low == cost.high
    assert cost.low.quantize(Decimal("0.01")) == Decimal("1.10")
