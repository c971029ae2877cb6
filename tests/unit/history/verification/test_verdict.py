"""Verdicts: nothing is said to be identical that was not compared, and what AWS made up excuses nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.history.recording import Recording
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.verification.verdict import Verification, VerificationStatus, verify
from tests.history_runs import read_back, recorded

IDENTICAL, PARTIAL = VerificationStatus.IDENTICAL, VerificationStatus.PARTIAL
DIVERGES, NOT_VERIFIED = VerificationStatus.DIVERGES, VerificationStatus.NOT_VERIFIED


def named(events: list[dict[str, Any]]) -> Recording:
    """A recording whose execution is known by its ARN."""
    found = read_back(events)
    arn = "arn:aws:states:us-east-1:123456789012:execution:StateMachine:march"
    return replace(found, facts=replace(found.facts, arn=arn, name="march").completed(found.events))


def made(definition: Any, input: Any = None, **more: Any) -> Recording:
    """What AWS recorded: another seed than a replay has, so that everything that is drawn is another value."""
    settings: dict[str, Any] = {"seed": 77, "name": "march"} | more
    return named(recorded(definition, input, **settings))


def passes(*states: dict[str, Any], language: str = "JSONata") -> dict[str, Any]:
    """A machine of Pass states in a row."""
    names = [f"P{number}" for number in range(len(states))]
    following: list[dict[str, Any]] = [*({"Next": name} for name in names[1:]), {"End": True}]
    written = {
        name: {"Type": "Pass", **state, **after} for name, state, after in zip(names, states, following, strict=True)
    }
    return {"QueryLanguage": language, "StartAt": "P0", "States": written}


def judged(definition: Any, changed: Any, input: Any = None, **rules: Any) -> Verification:
    return verify(definition_from(changed), made(definition, input), Rules(**rules))


def with_state(definition: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    """The definition with other fields of a state."""
    other = copy.deepcopy(definition)
    other["States"][name] |= fields
    return other


MADE_UP = [
    "{% $uuid() %}",
    "{% $random() %}",
    "{% $millis() %}",
    "{% $now() %}",
    "{% 'order-' & $uuid() & '/7' %}",
    "{% $floor($random() * 10) %}",
    "{% $random() < 0.5 ? 'heads' : 'tails' %}",
    "{% $shuffle([1, 2, 3, 4, 5]) %}",
    "{% $millis() - 1000 %}",
    "{% $states.context.State.EnteredTime %}",
    "{% {'a': [$uuid(), $uuid()]} %}",
    "{% $string($millis()) %}",
    "{% $states.context.Execution.StartTime & ' ' & $uuid() %}",
]


@pytest.mark.parametrize("source", MADE_UP)
def test_a_made_up_value_is_taken_over_and_excuses_nothing_else(source: str) -> None:
    """Through a variable into a later state, beside a plain value that is changed."""
    definition = passes(
        {"Assign": {"v": source, "w": "{% [1, $states.input.n] %}"}},
        {"Output": {"v": "{% $v %}", "n": "{% $states.input.n * 2 %}", "id": "0b6c9d1e-3c55-4a86-8a0c-5d4f1e6b9a7c"}},
    )
    same = judged(definition, definition, {"n": 4})
    assert (same.status, same.first) == (IDENTICAL, None)
    for key, value in (
        ("n", "{% $states.input.n * 3 %}"),
        ("id", "11111111-3c55-4a86-8a0c-5d4f1e6b9a7c"),
        ("v", "{% [$v, 1] %}"),
    ):
        output = definition["States"]["P1"]["Output"] | {key: value}
        found = judged(definition, with_state(definition, "P1", Output=output), {"n": 4})
        assert (found.status, found.first and found.first.field) == (DIVERGES, "output"), key
        assert found.first is not None
        assert found.first.pointer.startswith(f"/{key}")
    lost = judged(definition, with_state(definition, "P0", Assign={"v": source, "w": "{% [2, 4] %}"}), {"n": 4})
    assert (lost.status, lost.first and lost.first.pointer) == (DIVERGES, "/w/0")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("{% $uuid() %}", "{% 'x' & $uuid() %}"),
        ("{% 'a-' & $uuid() %}", "{% 'b-' & $uuid() %}"),
        ("{% $states.input.id %}", "{% $uuid() %}"),
        ("{% $uuid() %}", "{% $states.input.id %}"),
        ("{% $floor($random() * 10) %}", "{% 10 + $floor($random() * 10) %}"),
        ("{% $millis() %}", "{% $millis() + 86400000 %}"),
        ("{% $millis() %}", "{% $millis() * 2 %}"),
        ("{% $now() %}", "{% $fromMillis($millis() - 3600000) %}"),
        ("{% $shuffle([1, 2, 3]) %}", "{% $shuffle([1, 2, 4]) %}"),
        ("{% $uuid() %}", "{% $random() %}"),
        ("{% 5 %}", "{% $random() %}"),
        ("{% $states.input.at %}", "{% $now() %}"),
        ("{% $states.context.Execution.Name %}", "{% $states.context.Execution.Id %}"),
    ],
)
def test_a_value_that_the_definition_cannot_have_made_differs(was: str, now: str) -> None:
    given = {"id": "0b6c9d1e-3c55-4a86-8a0c-5d4f1e6b9a7c", "at": "2020-01-01T00:00:00Z"}
    definition = passes({"Output": {"v": was}})
    assert judged(definition, definition, given).status is IDENTICAL
    found = judged(definition, with_state(definition, "P0", Output={"v": now}), given)
    assert found.status is DIVERGES, found.reasons
    assert found.first is not None
    assert found.first.pointer.startswith("/v")


def test_one_draw_used_twice_is_not_two_draws() -> None:
    definition = passes({"Assign": {"v": "{% $uuid() %}"}}, {"Output": {"a": "{% $v %}", "b": "{% $v %}"}})
    found = judged(definition, with_state(definition, "P1", Output={"a": "{% $v %}", "b": "{% $uuid() %}"}))
    assert (found.status, found.first and found.first.pointer) == (DIVERGES, "/b")


def test_behind_any_number_of_draws_a_difference_is_found() -> None:
    many = "{% [1..80].{'id': $uuid(), 'n': $} %}"
    definition = passes({"Output": {"all": many, "last": 5}})
    assert judged(definition, definition).status is IDENTICAL
    found = judged(definition, with_state(definition, "P0", Output={"all": many, "last": 6}))
    assert (found.status, found.first and found.first.pointer) == (DIVERGES, "/last")
    same = judged(definition, definition, ignore=frozenset({f"/all/{index}/id" for index in range(70)}))
    assert same.status is IDENTICAL


@pytest.mark.parametrize("draw", ["$random()", "$floor($random() * 1000)"])
def test_two_numbers_of_one_draw_belong_together(draw: str) -> None:
    definition = passes({"Output": f"{{% ($d := {draw}; {{'a': $d, 'b': $d * 2}}) %}}"})
    assert judged(definition, definition).status is IDENTICAL
    other = with_state(definition, "P0", Output=f"{{% ($d := {draw}; {{'a': $d, 'b': $d * 3}}) %}}")
    assert judged(definition, other).status is not IDENTICAL
    apart = passes({"Output": f"{{% {{'a': {draw}, 'b': {draw} * 2}} %}}"})
    assert judged(apart, apart).status is IDENTICAL


def test_what_cannot_be_followed_is_not_verified_unless_nothing_changed() -> None:
    definition = passes({"Output": {"v": "{% $hash($uuid(), 'MD5') %}", "n": 1}})
    recording = made(definition)
    machine = definition_from(definition)
    found = verify(machine, recording)
    assert found.status is NOT_VERIFIED
    assert "event 3, output at /v) hangs on a random value" in found.reason
    assert verify(machine, recording, recorded_definition=machine).status is IDENTICAL
    other = definition_from(with_state(definition, "P0", Output={"v": "{% $hash($uuid(), 'SHA-1') %}", "n": 1}))
    assert verify(other, recording, recorded_definition=machine).status is NOT_VERIFIED
    coin = passes({"Output": {"v": "{% $random() < 0.5 ? 'a' : 'b' %}"}})
    other = definition_from(with_state(coin, "P0", Output={"v": "{% $random() < 0.5 ? 'c' : 'd' %}"}))
    assert verify(other, made(coin)).status is NOT_VERIFIED
    wider = passes({"Output": {"v": "{% $floor($random() * 10) %}"}})
    recording, machine = made(wider), definition_from(wider)
    other = definition_from(with_state(wider, "P0", Output={"v": "{% $floor($random() * 1000) %}"}))
    found = verify(other, recording, recorded_definition=machine)
    assert (found.status, "drawn otherwise now" in found.reason) == (NOT_VERIFIED, True)


def test_which_way_a_draw_leads_is_not_known() -> None:
    definition: dict[str, Any] = {
        "QueryLanguage": "JSONata",
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Choices": [{"Condition": "{% $random() < 0.5 %}", "Next": "A"}], "Default": "B"},
            "A": {"Type": "Pass", "End": True},
            "B": {"Type": "Pass", "End": True},
        },
    }
    machine = definition_from(definition)
    found = [verify(machine, named(recorded(definition, seed=seed, name="march"))).status for seed in range(8)]
    assert set(found) <= {IDENTICAL, NOT_VERIFIED}
    assert NOT_VERIFIED in found


def test_jsonpath_draws() -> None:
    definition = passes(
        {"Parameters": {"id.$": "States.UUID()", "r.$": "States.MathRandom(1, 100)", "n": 5}},
        {"Parameters": {"key.$": "States.Format('k-{}', $.id)", "n.$": "$.n", "r.$": "$.r"}},
        language="JSONPath",
    )
    assert judged(definition, definition).status is IDENTICAL
    for changed in (
        {"id.$": "States.UUID()", "r.$": "States.MathRandom(200, 300)", "n": 5},
        {"id.$": "States.UUID()", "r.$": "States.MathRandom(1, 100)", "n": 6},
    ):
        assert judged(definition, with_state(definition, "P0", Parameters=changed)).status is DIVERGES


MAP_RUN: dict[str, Any] = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "P",
                "States": {"P": {"Type": "Pass", "Comment": "twice", "End": True}},
            },
            "ItemSelector": {"i.$": "$$.Map.Item.Value"},
            "End": True,
        }
    },
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ItemSelector", {"j.$": "$$.Map.Item.Value"}),
        ("ItemReader", {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}),
        ("ItemBatcher", {"MaxItemsPerBatch": 2}),
        ("ResultWriter", {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}),
        ("ToleratedFailureCount", 2),
        ("ItemProcessor", {**MAP_RUN["States"]["M"]["ItemProcessor"],
                           "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}),
        ("ItemProcessor", {**MAP_RUN["States"]["M"]["ItemProcessor"], "StartAt": "F",
                           "States": {"F": {"Type": "Fail"}}}),
    ],
)  # fmt: skip
def test_a_map_run_is_verified_only_where_nothing_that_matters_changed(field: str, value: Any) -> None:
    recording = made(MAP_RUN, [1, 2, 3])
    machine = definition_from(MAP_RUN)
    found = verify(machine, recording)
    assert (found.status, "child executions of 'M'" in found.reason) == (NOT_VERIFIED, True)
    assert verify(machine, recording, recorded_definition=machine).status is IDENTICAL
    other = copy.deepcopy(MAP_RUN)
    other["States"]["M"] |= {"Comment": "other", "Retry": [{"ErrorEquals": ["E"]}]}
    other["States"]["M"]["ItemProcessor"]["States"]["P"]["Comment"] = "in other words"
    assert verify(definition_from(other), recording, recorded_definition=machine).status is IDENTICAL
    other["States"]["M"][field] = value
    found = verify(definition_from(other), recording, recorded_definition=machine)
    assert found.status in (NOT_VERIFIED, DIVERGES)
    assert found.status is DIVERGES or any(f"changed in {field}" in reason for reason in found.reasons)


def test_what_was_not_recorded_makes_it_partial() -> None:
    definition = passes({"Output": {"n": 1}}, {"Output": {"who": "{% $states.context.Execution.Name %}"}})
    events = recorded(definition, seed=77, name="march")
    machine = definition_from(definition)
    assert verify(machine, named(events)).status is IDENTICAL
    nameless = verify(machine, read_back(events))
    assert (nameless.status, "execution's name" in nameless.reason) == (PARTIAL, True)
    first_page = verify(machine, replace(named(events), has_more=True))
    assert (first_page.status, "nextToken" in first_page.reason) == (PARTIAL, True)
    cut = verify(machine, named(events[:-1]))
    assert (cut.status, "does not end the execution" in cut.reason) == (PARTIAL, True)
    timeless = verify(machine, named([{**event, "timestamp": None} for event in events]))
    assert (timeless.status, "no timestamps" in timeless.reasons[-1]) == (PARTIAL, True)
    keys = {"previousEventId"}
    unplaced = verify(machine, named([{k: v for k, v in event.items() if k not in keys} for event in events]))
    assert (unplaced.status, "their order is not compared" in unplaced.reason) == (PARTIAL, True)
    misplaced = verify(machine, named([*events[:3], {**events[3], "previousEventId": events[3]["id"]}, *events[4:]]))
    assert (misplaced.status, "event 4 does not say which one was before" in misplaced.reason) == (PARTIAL, True)


@pytest.mark.parametrize(("event_type", "field"), [("StateEntered", "input"), ("StateExited", "output")])
def test_data_that_AWS_always_records_are_missed(event_type: str, field: str) -> None:
    """One payload that is not there is a difference; only a recording without any data says nothing of them."""
    definition = passes({"Output": {"n": 1}}, {"Output": 2})
    events = recorded(definition, seed=77, name="march")
    for event in events:
        if event["type"].endswith(event_type):
            del next(details for details in event.values() if isinstance(details, dict))[field]
    found = verify(definition_from(definition), named(events))
    assert found.status is VerificationStatus.DIVERGES
    assert {difference.field for difference in found.differences} == {field}


@pytest.mark.parametrize(
    ("left", "status"), [('{"n":1,"te', PARTIAL), ('{"n":2,"te', DIVERGES), ('{"n":1,"text":"lo', PARTIAL),
                         ('{"n":1,"text":"la', DIVERGES), ("", PARTIAL)]
)  # fmt: skip
def test_truncated_data_is_compared_as_far_as_it_goes(left: str, status: VerificationStatus) -> None:
    definition = passes({"Output": {"n": 1, "text": "long"}})
    events = json.loads(json.dumps(recorded(definition, name="march")))
    for event in events[-2:]:
        (details,) = (value for key, value in event.items() if key.endswith("EventDetails"))
        details |= {"output": left, "outputDetails": {"truncated": True}}
    found = verify(definition_from(definition), named(events))
    assert found.status is status
    assert status is DIVERGES or "cut off the data of events 3, 4" in found.reason


def test_what_was_cut_off_elsewhere_is_no_reason_not_to_follow() -> None:
    """A way that hangs on a draw stays a doubt, whatever else AWS cut off before it."""
    definition: dict[str, Any] = {
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {
            "P": {"Type": "Pass", "Output": {"text": "long"}, "Next": "C"},
            "C": {"Type": "Choice", "Choices": [{"Condition": "{% $random() < 0.5 %}", "Next": "A"}], "Default": "B"},
            "A": {"Type": "Pass", "Output": 1, "End": True},
            "B": {"Type": "Pass", "Output": 2, "End": True},
        },
    }
    found = set()
    for seed in range(8):
        events = json.loads(json.dumps(recorded(definition, seed=seed, name="march")))
        events[2]["stateExitedEventDetails"] |= {"output": '{"text":"lo', "outputDetails": {"truncated": True}}
        found.add(verify(definition_from(definition), named(events)).status)
    assert found == {PARTIAL, NOT_VERIFIED}


def test_a_task_that_could_not_be_scheduled_may_be_able_to_now() -> None:
    activity = "arn:aws:states:us-east-1:123456789012:activity:gone"
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}
    events = json.loads(json.dumps(recorded(definition, name="march")))[:2]
    cause = "An error occurred while executing the state 'T' (entered at the event id #2). The activity does not exist"
    details = {"error": "States.Runtime", "cause": cause}
    events.append({**events[1], "id": 3, "previousEventId": 2, "type": "ExecutionFailed"})
    del events[2]["stateEnteredEventDetails"]
    events[2]["executionFailedEventDetails"] = details
    machine, recording = definition_from(definition), named(events)
    found = verify(machine, recording)
    assert (found.status, "could not be scheduled" in found.reason) == (NOT_VERIFIED, True)
    assert verify(machine, recording, recorded_definition=machine).status is IDENTICAL
    other = definition_from(with_state(definition, "T", Resource=activity.replace("gone", "here")))
    assert verify(other, recording, recorded_definition=machine).status is NOT_VERIFIED


def test_a_history_without_its_role_is_no_difference() -> None:
    definition = passes({"Output": 1})
    events = json.loads(json.dumps(recorded(definition, name="march")))
    del events[0]["executionStartedEventDetails"]["roleArn"]
    assert verify(definition_from(definition), named(events)).status is IDENTICAL


def test_how_many_iterations_run_at_once_is_compared() -> None:
    definition: dict[str, Any] = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "MaxConcurrency": 1,
                "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
                "End": True,
            }
        },
    }
    for was, now in ((1, 5), (5, 1), (1, 2), (2, 1), (0, 1)):
        recording = made(with_state(definition, "M", MaxConcurrency=was), [1, 2, 3])
        assert verify(definition_from(with_state(definition, "M", MaxConcurrency=was)), recording).status is IDENTICAL
        assert verify(definition_from(with_state(definition, "M", MaxConcurrency=now)), recording).status is DIVERGES


def test_a_wait_never_ends_early_and_may_end_a_little_late() -> None:
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    recording = made(definition)
    wanted = {9: IDENTICAL, 8: IDENTICAL, 7: DIVERGES, 10: IDENTICAL, 11: DIVERGES, 12: DIVERGES}
    for seconds, status in wanted.items():
        assert verify(definition_from(with_state(definition, "W", Seconds=seconds)), recording).status is status, (
            seconds
        )


def test_a_drawn_delay_is_at_most_the_whole_delay() -> None:
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 30, "JitterStrategy": "FULL", "MaxAttempts": 2}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": retry, "End": True}
    definition = {"StartAt": "T", "States": {"T": task}}
    recording = made(
        definition, answers=lambda request: TaskFailure("Busy") if request.attempt == 1 else TaskResult({}), seed=3
    )
    assert verify(definition_from(definition), recording).status is IDENTICAL
    short = with_state(definition, "T", Retry=[{**retry[0], "IntervalSeconds": 1}])
    found = verify(definition_from(short), recording)
    assert (found.status, found.first and found.first.field) == (DIVERGES, "timestamps")


def test_a_worker_may_have_sent_heartbeats_until_the_timeout() -> None:
    """Which limit ended an attempt is not recorded: both events say States.Timeout."""
    activity = "arn:aws:states:us-east-1:123456789012:activity:work"
    task = {
        "Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "HeartbeatSeconds": 10, "End": True,
        "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}],
    }  # fmt: skip
    definition = {"StartAt": "T", "States": {"T": task, "Late": {"Type": "Pass", "End": True}}}
    events = json.loads(json.dumps(recorded(definition, answers=lambda _: TaskSilence(), name="march")))
    machine = definition_from(definition)
    assert verify(machine, named(events)).status is IDENTICAL
    place = next(place for place, event in enumerate(events) if event["type"] == "ActivityTimedOut")
    for event in events[place:]:
        event["timestamp"] = "2025-01-01T00:01:00.000+00:00"
    found = verify(machine, named(events))  # it timed out: States.HeartbeatTimeout is not caught
    assert (found.status, found.first and found.first.computed) == (DIVERGES, "ExecutionFailed")
    for event in events[place:]:
        event["timestamp"] = "2025-01-01T00:00:40.000+00:00"
    assert verify(machine, named(events)).status is IDENTICAL
