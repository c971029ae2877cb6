"""What has happened to people, rebuilt as small definitions: each is foretold, to the turn where a turn counts."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import FunctionTasks, simulate
from sfdebug.advice.advising import advice_on
from sfdebug.advice.cycles import loops, turns_until_full
from sfdebug.advice.registry import rule_id
from sfdebug.asl.load import definition_from
from sfdebug.limits import MAX_HISTORY_EVENTS


def told(definition: dict[str, Any]) -> dict[str, str]:
    """What is said, by rule, of severity advice or more."""
    found = advice_on(definition_from(definition))
    return {
        rule_id(each): each.problem.what
        for each in found
        if each.problem and each.verdict and each.verdict.severity != "INFO"
    }


def polling(seconds: int = 60) -> dict[str, Any]:
    """The loop of aws-solutions/distributed-load-testing-on-aws issue 335, which died after half a day."""
    ask = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultSelector": {"running.$": "$.Payload"},
        "Parameters": {"FunctionName": "status:live", "Payload.$": "$"}, "Next": "Done?",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
    }  # fmt: skip
    rules = [{"Variable": "$.running", "BooleanEquals": True, "Next": "Wait"}]
    return {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Seconds": seconds, "Next": "Ask"},
            "Ask": ask,
            "Done?": {"Type": "Choice", "Choices": rules, "Default": "Over"},
            "Over": {"Type": "Succeed"},
        },
    }


def test_a_polling_loop_is_foretold_to_the_turn_that_a_run_ends_in() -> None:
    definition = polling()
    (loop,) = loops(definition_from(definition).scope)
    turns = turns_until_full(loop.turn(loop.states[0]))
    execution = simulate(definition, {}, tasks=FunctionTasks({"Ask": lambda _: {"Payload": True}}))
    assert execution.error == "States.Runtime"
    assert len(execution.events) == MAX_HISTORY_EVENTS
    entered = [each for each in execution.events if each.type == "WaitStateEntered"]
    assert len(entered) == turns == 2_778
    said = told(definition)["polling-loop-fills-history"]
    assert said == "the loop through 'Wait' fills the history in turn 2,778 at the latest, after some 1 d 22 h"


def test_a_loop_that_ends_by_itself_is_let_be() -> None:
    counted = polling()
    counted["States"]["Done?"]["Choices"].insert(0, {"Variable": "$.turn", "NumericGreaterThan": 100, "Next": "Over"})
    assert told(counted) == {}
    assert told({**polling(), "TimeoutSeconds": 7200}) == {}
    assert "polling-loop-fills-history" in told({**polling(), "TimeoutSeconds": 864_000})
    assert told(polling(seconds=3600)) == {}  # for months


def callback(**fields: Any) -> dict[str, Any]:
    """What hung in accelerated-intelligent-document-processing-on-aws (issue 755) and told nobody."""
    parameters = {"FunctionName": "ask:live", "Payload": {"token.$": "$$.Task.Token"}}
    retry = [{"ErrorEquals": ["States.TaskFailed"]}]
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "Retry": retry, "End": True, **fields}
    return {"StartAt": "Review", "States": {"Review": state}}


def test_a_callback_without_an_end_to_its_patience() -> None:
    assert list(told(callback())) == ["callback-without-timeout"]
    assert told(callback(TimeoutSeconds=3600)) == {}
    assert told(callback(TimeoutSecondsPath="$.limit")) == {}
    assert told(callback(HeartbeatSeconds=60)) == {}
    assert told({**callback(), "TimeoutSeconds": 86_400}) == {}


@pytest.mark.parametrize(
    ("field", "written", "grows"),
    [
        ("Assign", "{% $append($seen, $states.result) %}", True),
        ("Assign", "{% $append($states.result, $seen) %}", True),
        ("Assign", "{% [$seen, $states.result.id] %}", True),
        ("Assign", "{% $seen & ',' & $states.result.id %}", True),
        ("Assign", "{% $merge([$seen, $states.result]) %}", True),
        ("Assign", "{% $append($seen[-1], $states.result) %}", False),
        ("Assign", "{% $count($seen) %}", False),
        ("Assign", "{% [$seenBefore, 1] %}", False),
        ("Assign", "{% $states.result.ids[$seen] %}", False),
        ("Output", "{% $append($states.input.seen, $states.result) %}", True),
        ("Output", "{% $append($states.input.last, $states.result) %}", False),
    ],
)
def test_what_grows_in_a_loop_is_found(field: str, written: str, grows: bool) -> None:
    """Each turn adds to what it was given: seen in chanzuckerberg/single-cell-data-portal issue 6391 and others."""
    definition = polling(seconds=86_400)
    definition["QueryLanguage"] = "JSONata"
    ask = {**definition["States"]["Ask"], field: {"seen": written}, "Arguments": {"FunctionName": "status:live"}}
    del ask["Parameters"], ask["ResultSelector"]
    definition["States"]["Ask"] = ask
    choice = {"Condition": "{% $states.input.more %}", "Next": "Wait"}
    definition["States"]["Done?"]["Choices"] = [choice]
    assert ("payload-grows-in-loop" in told(definition)) is grows


def test_a_payload_that_grows_by_nesting() -> None:
    definition = polling(seconds=86_400)
    definition["States"]["Ask"]["ResultSelector"] = {"all.$": "States.Array($.all, $.Payload)"}
    assert "payload-grows-in-loop" in told(definition)
    definition["States"]["Ask"]["ResultSelector"] = {"all.$": "States.Array($.Payload)"}
    assert "payload-grows-in-loop" not in told(definition)


def writing(expression: str, names: dict[str, str] | None = None) -> dict[str, Any]:
    parameters: dict[str, Any] = {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}, "UpdateExpression": expression}
    if names:
        parameters["ExpressionAttributeNames"] = names
    resource = "arn:aws:states:::dynamodb:updateItem"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


@pytest.mark.parametrize(
    ("one", "other", "is_told"),
    [
        (writing("SET a = :v"), writing("SET a = :w"), True),
        (writing("SET a = :v"), writing("SET b = :w"), False),
        (writing("SET #n = :v", {"#n": "a"}), writing("REMOVE a"), True),
        (writing("SET a = list_append(a, :v)"), writing("SET a = list_append(a, :w)"), False),
        (writing("SET a = a + :v, b = :v"), writing("SET b = if_not_exists(c, :w)"), True),
        (writing("ADD a :v"), writing("ADD a :w"), False),
    ],
)
def test_branches_that_write_the_same_item(one: dict[str, Any], other: dict[str, Any], is_told: bool) -> None:
    """What only adds comes out alike in any order, and so do attributes of their own."""
    branches = [{"StartAt": "A", "States": {"A": one}}, {"StartAt": "B", "States": {"B": other}}]
    machine = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    assert ("parallel-writes-same-item" in told(machine)) is is_told
