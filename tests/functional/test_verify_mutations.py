"""Mutations of definitions over recorded executions: what AWS would run differently is found, and nothing else.

Each story is a definition that was run once, with another clock, other draws and other UUIDs than its replay has, and
written as AWS writes histories. Each row changes one place of it and says what `verify` must say: for a difference also
in which event and field it stands first, and the words of the reason where they matter.
"""

from __future__ import annotations

import copy
import functools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.events import timestamp
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.history.comparing import Rules
from sfdebug.history.facts import facts_of
from sfdebug.history.recording import Facts, Recording
from sfdebug.history.verdicts import Verification, VerificationStatus, verify
from tests.engine_runs import Answers, echo
from tests.history_runs import read_back, run_in_any_order

IDENTICAL: Final = VerificationStatus.IDENTICAL
PARTIAL: Final = VerificationStatus.PARTIAL
DIVERGES: Final = VerificationStatus.DIVERGES
NOT_VERIFIED: Final = VerificationStatus.NOT_VERIFIED

DROP: Final = object()
"""A change that takes the field away."""
INVOKE: Final = "arn:aws:states:::lambda:invoke"
START_TIME: Final = 1_764_053_123_457
NAME: Final = "march"
LITERAL: Final = "0b6c9d1e-3c55-4a86-8a0c-5d4f1e6b9a7c"
OTHER_LITERAL: Final = "1f2e3d4c-5b6a-4978-9695-a4b3c2d1e0f1"

Change = Callable[[Any], None] | Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """A definition, and how the execution went that was recorded."""

    definition: dict[str, Any]
    input: Any = field(default_factory=dict)
    answers: Answers = echo
    order: int | None = None
    edit: Callable[[list[dict[str, Any]]], None] | None = None
    name: str = NAME
    """What is known of the execution's name."""


@dataclass(frozen=True)
class Row:
    """A change of a story's definition, and what may be said of the recording then.

    A mapping gives values for places "State/Field/…"; one that starts with "/" begins at the top of the definition.
    """

    story: str
    name: str
    change: Change
    status: VerificationStatus = DIVERGES
    where: str = ""
    words: str = ""
    known: bool = False
    rules: Rules = Rules()

    @property
    def id(self) -> str:
        return f"{self.story}: {self.name}{' (definition known)' if self.known else ''}"


def changed(definition: dict[str, Any], change: Change) -> dict[str, Any]:
    """The definition, changed."""
    other = copy.deepcopy(definition)
    if callable(change):
        change(other)
        return other
    for place, value in change.items():
        node: Any = other if place.startswith("/") else other["States"]
        *path, last = place.removeprefix("/").split("/")
        for key in path:
            node = node[int(key)] if isinstance(node, list) else node[key]
        if value is DROP:
            del node[last]
        elif isinstance(node, list):
            node[int(last)] = value
        else:
            node[last] = value
    return other


@functools.cache
def recording_of(name: str) -> Recording:
    """The history of a story, with facts as `sfdebug fetch` knows them, and stamps some milliseconds late."""
    story = STORIES[name]
    run = run_in_any_order(
        story.definition, story.input, story.answers, story.order, name=NAME, seed=77, start_time=START_TIME
    )
    events = late(run.history)
    if story.edit is not None:
        story.edit(events)
    return known_as(events, story.name)


def late(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with stamps that are more and more behind, as AWS's clock goes on between two of them."""
    draw, behind = random.Random(5), 0
    stamped = []
    for event in events:
        moment = parse_timestamp(event["timestamp"])
        assert moment is not None
        stamped.append(event | {"timestamp": timestamp(moment + behind)})
        behind += draw.randint(0, 4)
    return stamped


def known_as(events: list[dict[str, Any]], name: str = NAME) -> Recording:
    if not name:
        return read_back(events)
    arn = f"arn:aws:states:us-east-1:123456789012:execution:StateMachine:{name}"
    found = read_back(events)
    return replace(found, facts=facts_of(found.events, replace(found.facts, arn=arn, name=name)))


def verdict(row: Row) -> Verification:
    story = STORIES[row.story]
    recorded = definition_from(story.definition) if row.known else None
    machine = definition_from(changed(story.definition, row.change))
    return verify(machine, recording_of(row.story), row.rules, recorded_definition=recorded)


def told(found: Verification) -> str:
    """Where the first difference stands: event type, state and field."""
    first = found.first
    if first is None:
        return ""
    return f"{first.event_type} {first.state} {first.field}{first.pointer}"


def invoke(payload: Any, **fields: Any) -> dict[str, Any]:
    """A Task that calls a function."""
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload": payload}, **fields}


def work(request: Any) -> Any:
    """Tasks by the names of their states: Flaky fails twice, Bad always, Slow never answers."""
    name = request.state.name
    if name == "Flaky" and request.attempt < 3:
        return TaskFailure("Busy", "again", after_seconds=0.5)
    if name == "Bad":
        return TaskFailure("Broken", "it is broken", after_seconds=1)
    if name == "Slow":
        return TaskSilence()
    return TaskResult({"Payload": {"from": name, "n": 7}, "Code": 200}, after_seconds=1.2)


DRAWS: Final[dict[str, Any]] = {
    "Comment": "what AWS makes up, through paths and variables",
    "StartAt": "Make",
    "States": {
        "Make": {
            "Type": "Pass",
            "Comment": "makes it up",
            "Parameters": {
                "id.$": "States.UUID()", "key.$": "States.Format('k-{}-z', States.UUID())",
                "dice.$": "States.MathRandom(1, 1000000)", "at.$": "$$.State.EnteredTime",
                "started.$": "$$.Execution.StartTime", "who.$": "$$.Execution.Name", "arn.$": "$$.Execution.Id",
                "machine.$": "$$.StateMachine.Name", "price": 5, "fixed": LITERAL, "n.$": "$.n",
            },
            "ResultPath": "$.made",
            "Assign": {"uid.$": "States.UUID()", "limit": 9},
            "Next": "Use",
        },
        "Use": invoke(
            {
                "first.$": "$uid", "second.$": "$uid", "third.$": "States.Format('{}-x', $uid)",
                "dice.$": "$.made.dice", "sum.$": "States.MathAdd($.made.dice, 10)", "limit.$": "$limit",
                "list.$": "States.Array($uid, $.made.id, $.n)",
            },
            ResultSelector={"n.$": "$.Payload.n"}, ResultPath="$.got", TimeoutSeconds=60,
            Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2, "Comment": "busy"}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Never"}],
            Next="Dice?",
        ),
        "Dice?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.made.dice", "NumericGreaterThan": 2000000, "Next": "Never"},
                {"And": [{"Variable": "$.n", "NumericGreaterThan": 3},
                         {"Variable": "$.got.n", "IsNumeric": True}], "Next": "Pick"},
            ],
            "Default": "Never",
        },
        "Pick": {"Type": "Pass", "InputPath": "$.made", "ResultPath": "$.picked", "Next": "Trim"},
        "Trim": {"Type": "Pass", "OutputPath": "$.picked", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Never": {"Type": "Pass", "Result": {"never": 1}, "End": True},
    },
}  # fmt: skip

SHAPES: Final[dict[str, Any]] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Make",
    "States": {
        "Make": {
            "Type": "Pass",
            "Output": {
                "id": "{% $uuid() %}", "key": "{% 'k-' & $uuid() & '-z' %}", "r": "{% $random() %}",
                "dice": "{% $floor($random() * 6) + 1 %}", "ms": "{% $millis() %}", "now": "{% $now() %}",
                "later": "{% $millis() + 3600000 %}", "day": "{% $now('[Y0001]-[M01]-[D01]') %}",
                "expires": "{% $fromMillis($millis() + 86400000) %}", "seconds": "{% $floor($millis() / 1000) %}",
                "coin": "{% $random() < 0.5 ? 'heads' : 'tails' %}", "mixed": "{% $shuffle([1,2,3,4]) %}",
                "who": "{% $states.context.Execution.Name %}", "price": 5,
                "n": "{% $states.input.n %}", "entered": "{% $states.context.State.EnteredTime %}",
            },
            "Assign": {"uid": "{% $uuid() %}", "began": "{% $millis() %}", "tier": "{% $states.input.n > 3 ? 'gold' : 'tin' %}"},
            "Next": "Use",
        },
        "Use": {
            "Type": "Task", "Resource": INVOKE,
            "Arguments": {"FunctionName": "f", "Payload": {
                "ref": "{% 'r/' & $uid %}", "again": "{% $uid %}", "short": "{% $substringBefore($uid, '-') %}",
                "upper": "{% $uppercase($uid) %}", "tier": "{% $tier %}", "due": "{% $began + 5000 %}",
                "size": "{% $length($uid) %}", "total": "{% $states.input.price * 2 %}"}},
            "Output": {"got": "{% $states.result.Payload.n %}", "dice": "{% $states.input.dice %}", "n": 1},
            "Assign": {"code": "{% $states.result.Code %}"},
            "Next": "Ok?",
        },
        "Ok?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.dice > 6 %}", "Next": "Never"},
                        {"Condition": "{% $code = 200 %}", "Next": "Nap", "Assign": {"seen": "{% $tier %}"}}],
            "Default": "Never",
        },
        "Nap": {"Type": "Wait", "Seconds": "{% $code / 20 %}", "Next": "Until"},
        "Until": {"Type": "Wait", "Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 30000) %}",
                  "Next": "End"},
        "End": {"Type": "Pass", "Output": {"seen": "{% $seen %}", "uid": "{% $uid %}", "slept": "{% $millis() - $began > 1000 %}"},
                "End": True},
        "Never": {"Type": "Fail"},
    },
}  # fmt: skip

RETRIES: Final[dict[str, Any]] = {
    "StartAt": "Flaky",
    "States": {
        "Flaky": invoke(
            {"n.$": "$.n"}, ResultPath="$.flaky",
            Retry=[{"ErrorEquals": ["Never"], "IntervalSeconds": 1},
                   {"ErrorEquals": ["Busy"], "IntervalSeconds": 4, "BackoffRate": 2, "MaxAttempts": 3}],
            Next="Bad",
        ),
        "Bad": invoke(
            {"n.$": "$.n"},
            Catch=[{"ErrorEquals": ["Other"], "Next": "Nap"},
                   {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Nap"}],
            End=True,
        ),
        "Nap": {"Type": "Wait", "SecondsPath": "$.nap", "Next": "Slow"},
        "Slow": {
            "Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:press",
            "HeartbeatSeconds": 20, "TimeoutSeconds": 90,
            "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "ResultPath": "$.slow", "Next": "Give up"}],
            "End": True,
        },
        "Give up": {"Type": "Fail", "ErrorPath": "States.Format('Gave{}', $.n)", "CausePath": "States.JsonToString($.error)"},
    },
}  # fmt: skip

JITTER: Final[dict[str, Any]] = {
    "StartAt": "Flaky",
    "States": {
        "Flaky": invoke(
            {"n": 1},
            Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "BackoffRate": 1, "JitterStrategy": "FULL"}],
            End=True,
        ),
    },
}

PRESS: Final[dict[str, Any]] = {
    "StartAt": "Press",
    "States": {
        "Press": {
            "Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:press",
            "HeartbeatSeconds": 30, "TimeoutSeconds": 120, "Next": "Ask",
        },
        "Ask": {
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody": {
                "token.$": "$$.Task.Token", "link.$": "States.Format('https://x/?t={}', $$.Task.Token)", "n": 4}},
            "Next": "Child",
        },
        "Child": {
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Inner",
                "Name.$": "States.Format('{}-{}', $$.Execution.Name, States.UUID())",
                "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id", "n": 5},
            },
            "ResultSelector": {"out.$": "$.Output"},
            "End": True,
        },
    },
}  # fmt: skip


def item_processor(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "In", "States": {"In": {"Type": "Pass", **fields, "End": True}}}


SIDES: Final[dict[str, Any]] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
            "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "id.$": "States.UUID()"},
            "ItemProcessor": {
                "StartAt": "Call",
                "States": {"Call": {
                    "Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload.$": "$"},
                    "ResultPath": "$.r", "Next": "Keep"},
                    "Keep": {"Type": "Pass", "Parameters": {"id.$": "$.id", "v.$": "$.v"}, "End": True}},
            },
            "ResultPath": "$.each", "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "Parameters": {"l.$": "States.UUID()"}, "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Wait", "Seconds": 3, "End": True}}},
            ],
            "ResultSelector": {"left.$": "$[0].l", "right.$": "$[1].n"},
            "ResultPath": "$.both", "End": True,
        },
    },
}  # fmt: skip


def items_answer(request: Any) -> Any:
    return TaskResult({"Payload": request.input["Payload"]["v"]}, after_seconds=1)


ITEMS_MAP: Final[dict[str, Any]] = {
    "StartAt": "Before",
    "States": {
        "Before": {"Type": "Pass", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON", "MaxItems": 10},
                "Parameters": {"Bucket": "b", "Key": "k.json"},
            },
            "ItemSelector": {"v.$": "$$.Map.Item.Value", "run.$": "$$.Execution.Name"},
            "ItemBatcher": {"MaxItemsPerBatch": 2},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Work",
                "States": {"Work": {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload.$": "$"},
                                    "Comment": "each", "End": True}},
            },
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}},
            "MaxConcurrency": 10, "ToleratedFailurePercentage": 5, "Label": "Each",
            "ResultPath": "$.run", "Next": "After",
        },
        "After": {"Type": "Pass", "Parameters": {"n": 1, "id.$": "States.UUID()", "run.$": "$.run"}, "End": True},
    },
}  # fmt: skip


def run_answer(request: Any) -> Any:
    from sfdebug.engine.visit import RequestKind

    if request.kind is RequestKind.MAP_RUN:
        return TaskResult({"MapRunArn": "arn:x", "ResultWriterDetails": {"Bucket": "b", "Key": "p/m.json"}}, after_seconds=9)
    return TaskResult(request.input)


SHORT: Final[dict[str, Any]] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Make",
    "States": {
        "Make": {
            "Type": "Pass",
            "Output": {
                "order": "{% 'order-' & $substring($uuid(), 0, 8) %}", "upper": "{% $uppercase($uuid()) %}",
                "padded": "{% 'n-' & $formatNumber($floor($random() * 1000), '000') %}",
                "plain": "{% 'n-' & $floor($random() * 1000) %}", "cents": "{% $round($random() * 100, 2) %}",
                "pick": "{% ($i := $floor($random() * 3); ['a','b','c'][$i]) %}",
            },
            "Next": "Nap",
        },
        "Nap": {"Type": "Wait", "Seconds": 3600, "Output": {"woke": "{% $now() %}", "ms": "{% $millis() %}"}, "Next": "Call"},
        "Call": {"Type": "Task", "Resource": INVOKE, "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/other"},
                 "Arguments": {"FunctionName": "f"}, "Next": "End"},
        "End": {"Type": "Fail", "Error": "{% 'E' & $string(4) %}", "Cause": "{% 'at ' & $now() & ' of ' & $uuid() %}"},
    },
}  # fmt: skip


def cut_output(place: int, length: int) -> Callable[[list[dict[str, Any]]], None]:
    """AWS cuts a state's output off."""

    def edit(events: list[dict[str, Any]]) -> None:
        for event in events[place : place + 2]:
            for details in (event.get("stateExitedEventDetails"), event.get("stateEnteredEventDetails")):
                for name in ("output", "input"):
                    if details and name in details:
                        details[name] = details[name][:length]
                        details[f"{name}Details"] = {"truncated": True}

    return edit


CUT: Final[dict[str, Any]] = {
    "StartAt": "Make",
    "States": {
        "Make": {"Type": "Pass", "Parameters": {"n": 4, "id.$": "States.UUID()", "m": 5}, "Next": "Use"},
        "Use": invoke({"m.$": "$.m", "id.$": "$.id"}, End=True),
    },
}

FLOW: Final[dict[str, Any]] = {
    "StartAt": "Keep",
    "TimeoutSeconds": 500,
    "States": {
        "Keep": {"Type": "Pass", "Assign": {"sleep": 20, "id.$": "States.UUID()", "seen.$": "$$.State.EnteredTime"}, "Next": "Nap"},
        "Nap": {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $sleep %}", "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Fine", "States": {"Fine": {"Type": "Pass", "Parameters": {"id.$": "$id"}, "Next": "Long"},
                                               "Long": {"Type": "Wait", "Seconds": 50, "End": True}}},
                {"StartAt": "Bad", "States": {"Bad": invoke({"id.$": "$id", "at.$": "$seen"}, End=True)}},
            ],
            "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 5, "MaxAttempts": 1, "BackoffRate": 3}],
            "Catch": [{"ErrorEquals": ["Absent"], "Next": "Sorry"},
                      {"ErrorEquals": ["States.ALL"], "Assign": {"why.$": "$.Error"}, "ResultPath": "$.caught", "Next": "Plain"}],
            "Next": "Plain",
        },
        "Plain": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:plain", "Next": "Sum"},
        "Sum": {"Type": "Pass", "Parameters": {"why.$": "$why", "n": 1000, "t.$": "States.StringToJson('[1,2]')"}, "Next": "Pick"},
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 5, "Next": "Sorry"}, {"Variable": "$.why", "StringEquals": "Broken", "Next": "Stop"}],
            "Default": "Sorry",
        },
        "Stop": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution", "Parameters": {"ExecutionArn.$": "$$.Execution.Id", "Cause": "x"},
                 "TimeoutSeconds": 40, "HeartbeatSeconds": 15, "End": True},
        "Sorry": {"Type": "Fail", "Error": "Sorry"},
    },
}  # fmt: skip


def flow_answer(request: Any) -> Any:
    if request.state.name == "Stop":
        return TaskFailure("States.Timeout", None, after_seconds=40)
    return work(request)


def without(*names: str) -> Callable[[list[dict[str, Any]]], None]:
    """The events without a field of their own, or of their details."""

    def edit(events: list[dict[str, Any]]) -> None:
        for event in events:
            for part in (event, *(value for value in event.values() if isinstance(value, dict))):
                for name in names:
                    part.pop(name, None)

    return edit


def cut_off(events: list[dict[str, Any]]) -> None:
    """The history as it stood while the execution was running."""
    del events[-4:]


LUCK: Final[dict[str, Any]] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Draw",
    "States": {
        "Draw": {"Type": "Pass", "Output": {"pick": "{% ['a','b','c'][$floor($random() * 3)] %}", "n": "{% $states.input.n %}"},
                 "Next": "Flip"},
        "Flip": {"Type": "Choice", "Choices": [{"Condition": "{% $random() < 0.5 %}", "Next": "Heads"}], "Default": "Tails"},
        "Heads": {"Type": "Pass", "Next": "Odd?"},
        "Tails": {"Type": "Pass", "Next": "Odd?"},
        "Odd?": {"Type": "Choice", "Choices": [{"Condition": "{% $millis() % 2 = 1 %}", "Next": "Odd"}], "Default": "Even"},
        "Odd": {"Type": "Pass", "Output": 1, "End": True},
        "Even": {"Type": "Pass", "Output": 1, "End": True},
    },
}  # fmt: skip

LONG: Final[dict[str, Any]] = {
    "TimeoutSeconds": 100,
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Sleep", "States": {"Sleep": {"Type": "Wait", "Seconds": 1000, "End": True}}},
                {"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 30, "Next": "Sleep too"},
                                              "Sleep too": {"Type": "Wait", "Seconds": 2000, "End": True}}},
            ],
            "End": True,
        },
    },
}  # fmt: skip

STORIES: Final[dict[str, Story]] = {
    "long": Story(LONG),
    "flow": Story(FLOW, {"n": 1}, flow_answer),
    "flow cut off": Story(FLOW, {"n": 1}, flow_answer, edit=cut_off),
    "flow without role": Story(FLOW, {"n": 1}, flow_answer, edit=without("roleArn")),
    "flow without times": Story(FLOW, {"n": 1}, flow_answer, edit=without("timestamp")),
    "flow without data": Story(FLOW, {"n": 1}, flow_answer, edit=without("input", "output", "parameters", "assignedVariables")),
    "unnamed": Story(PRESS, {}, lambda request: TaskResult({"Output": {"n": 1}}, after_seconds=10), name=""),
    "luck": Story(LUCK, {"n": 1}),
    "luck 2": Story({**LUCK, "StartAt": "Flip"}, {"n": 1}),
    "luck 3": Story({**LUCK, "StartAt": "Odd?"}, {"n": 1}),
    "short": Story(SHORT, {}, work),
    "cut in a UUID": Story(CUT, {}, work, edit=cut_output(2, 24)),
    "cut": Story(CUT, {}, work, edit=cut_output(2, 7)),
    "draws": Story(DRAWS, {"n": 7, "keep": [1, 2]}, work),
    "shapes": Story(SHAPES, {"n": 7}, work),
    "retries": Story(RETRIES, {"n": 7, "nap": 12}, work),
    "jitter": Story(JITTER, {}, work),
    "press": Story(PRESS, {}, lambda request: TaskResult({"Output": {"n": 1}, "x": 2}, after_seconds=100)),
    "sides": Story(SIDES, {"n": 1, "items": ["a", "b", "c", "d"]}, items_answer, 3),
    "dmap": Story(ITEMS_MAP, {"n": 1, "items": [1, 2]}, run_answer),
}


def reordered(definition: Any) -> None:
    """Every object's keys in the opposite order."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(list(value.items()))}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    definition.update({key: definition.pop(key) for key in reversed(list(definition))})
    definition["States"] = {
        name: {key: turned(inner) if key in ("Retry", "Catch") else inner for key, inner in reversed(list(state.items()))}
        for name, state in reversed(list(definition["States"].items()))
    }


def renamed_unreachable(definition: Any) -> None:
    text = json.dumps(definition).replace('"Never"', '"Nowhere"')
    definition.clear()
    definition.update(json.loads(text))


def chained(definition: Any) -> None:
    """A state that does nothing, between two."""
    definition["States"]["Pick"]["Next"] = "Between"
    definition["States"]["Between"] = {"Type": "Pass", "Next": "Trim"}


ROWS: Final = (
    # made-up values through paths and variables
    Row("draws", "the UUID is a literal", {"Make/Parameters/id.$": DROP, "Make/Parameters/id": OTHER_LITERAL}),
    Row("draws", "the literal is drawn", {"Make/Parameters/fixed": DROP, "Make/Parameters/fixed.$": "States.UUID()"}, NOT_VERIFIED, known=True),
    Row("draws", "the literal is another one", {"Make/Parameters/fixed": OTHER_LITERAL}),
    Row("draws", "another prefix", {"Make/Parameters/key.$": "States.Format('key-{}-z', States.UUID())"}),
    Row("draws", "another suffix", {"Make/Parameters/key.$": "States.Format('k-{}', States.UUID())"}),
    Row("draws", "a prefix for the bare UUID", {"Make/Parameters/id.$": "States.Format('id-{}', States.UUID())"}),
    Row("draws", "no prefix any more", {"Make/Parameters/key.$": "States.UUID()"}),
    Row("draws", "two draws where one was", {"Use/Parameters/Payload/second.$": "States.UUID()"}),
    Row("draws", "one draw where two were", {"Use/Parameters/Payload/list.$": "States.Array($uid, $uid, $.n)"}),
    Row("draws", "another UUID is told", {"Use/Parameters/Payload/first.$": "$.made.id"}),
    Row("draws", "a random range moved up", {"Make/Parameters/dice.$": "States.MathRandom(1000000, 2000000)"}),
    Row("draws", "a number instead of a draw", {"Make/Parameters/dice.$": DROP, "Make/Parameters/dice": 4}),
    Row("draws", "a draw instead of a number", {"Make/Parameters/price": DROP, "Make/Parameters/price.$": "States.MathRandom(100, 200)"}),
    Row("draws", "more is added to the draw", {"Use/Parameters/Payload/sum.$": "States.MathAdd($.made.dice, 11)"}),
    Row("draws", "nothing is added to the draw", {"Use/Parameters/Payload/sum.$": "$.made.dice"}),
    Row("draws", "another price beside draws", {"Make/Parameters/price": 6}),
    Row("draws", "another limit in a variable", {"Make/Assign/limit": 10}),
    Row("draws", "the start for the entry", {"Use/Parameters/Payload/at": "x"}),
    Row("draws", "the name for the id", {"Make/Parameters/arn.$": "$$.Execution.Name"}),
    Row("draws", "the name for the machine's", {"Make/Parameters/machine.$": "$$.Execution.Name"}),
    Row("draws", "a literal name", {"Make/Parameters/who.$": DROP, "Make/Parameters/who": "april"}),
    Row("draws", "a literal time of another day", {"Make/Parameters/started.$": DROP, "Make/Parameters/started": "2025-11-24T06:45:23.457Z"}),
    Row("draws", "ResultPath dropped", {"Use/ResultPath": DROP}),
    Row("draws", "ResultPath moved", {"Use/ResultPath": "$.answer"}),
    Row("draws", "ResultPath null", {"Use/ResultPath": None}),
    Row("draws", "ResultPath of made-up values dropped", {"Make/ResultPath": DROP}, words="ResultPath is not defined"),
    Row("draws", "ResultPath added", {"Trim/OutputPath": DROP, "Trim/ResultPath": "$.trim"}),
    Row("draws", "ResultSelector dropped", {"Use/ResultSelector": DROP}),
    Row("draws", "ResultSelector changed", {"Use/ResultSelector/n.$": "$.Code"}),
    Row("draws", "OutputPath dropped", {"Trim/OutputPath": DROP}),
    Row("draws", "OutputPath changed", {"Trim/OutputPath": "$.got"}),
    Row("draws", "InputPath dropped", {"Pick/InputPath": DROP}),
    Row("draws", "InputPath changed", {"Pick/InputPath": "$.got"}),
    Row("draws", "Assign dropped", {"Make/Assign/limit": DROP, "Use/Parameters/Payload/limit.$": DROP, "Use/Parameters/Payload/limit": 9}),
    Row("draws", "another limit of the Choice", {"Dice?/Choices/1/And/0/NumericGreaterThan": 7}),
    Row("draws", "the Choice's rules swapped for one on the draw", {"Dice?/Choices/0/NumericGreaterThan": 0}),
    Row("draws", "another function", {"Use/Parameters/FunctionName": "g"}),
    Row("draws", "another Resource", {"Use/Resource": "arn:aws:states:::sqs:sendMessage"}),
    Row("draws", "another TimeoutSeconds", {"Use/TimeoutSeconds": 61}),
    Row("draws", "a state between", chained),
    Row("draws", "the machine's TimeoutSeconds", {"/TimeoutSeconds": 1}, IDENTICAL),
    # what does not matter there
    Row("draws", "as it was", {}, IDENTICAL),
    Row("draws", "comments", {"/Comment": "x", "Make/Comment": DROP, "Dice?/Comment": "y", "Use/Retry/0/Comment": "z"}, IDENTICAL),
    Row("draws", "key order", reordered, IDENTICAL),
    Row("draws", "an unreachable state renamed", renamed_unreachable, IDENTICAL),
    Row("draws", "an unreachable state changed", {"Never/Result": {"never": 2}}, IDENTICAL),
    Row("draws", "a Retrier never used", {"Use/Retry/0/IntervalSeconds": 9}, IDENTICAL),
    Row("draws", "no Retrier, never used", {"Use/Retry": DROP}, IDENTICAL),
    Row("draws", "a Catcher never used", {"Use/Catch/0/ResultPath": "$.other"}, IDENTICAL),
    Row("draws", "spaces in an intrinsic", {"Make/Parameters/key.$": "States.Format( 'k-{}-z',  States.UUID() )"}, IDENTICAL),
    Row("draws", "another way to add", {"Use/Parameters/Payload/sum.$": "States.MathAdd(10, $.made.dice)"}, IDENTICAL),
    Row("draws", "brackets in a path", {"Use/Parameters/Payload/dice.$": "$['made']['dice']"}, IDENTICAL),
    Row("draws", "a path through the context", {"Make/Parameters/n.$": "$$.Execution.Input.n"}, IDENTICAL),
    Row("draws", "the entry for the start", {"Make/Parameters/started.$": "$$.State.EnteredTime"}, IDENTICAL),
    Row("draws", "a limit of the Choice that gives the same", {"Dice?/Choices/1/And/0/NumericGreaterThan": 6}, IDENTICAL),
    Row("draws", "defaults written out", {"Make/InputPath": "$", "Make/OutputPath": "$", "Trim/ResultPath": "$"}, IDENTICAL),
    Row("draws", "the machine's TimeoutSeconds, long", {"/TimeoutSeconds": 3600}, IDENTICAL),
    Row("draws", "a wider range", {"Make/Parameters/dice.$": "States.MathRandom(1, 2000000)"}, IDENTICAL),
    Row("draws", "a wider range", {"Make/Parameters/dice.$": "States.MathRandom(1, 2000000)"}, NOT_VERIFIED, known=True),
    Row("draws", "as it was", {}, IDENTICAL, known=True),
    Row("draws", "another price beside draws", {"Make/Parameters/price": 6}, known=True),
    # in JSONata
    Row("shapes", "as it was", {}, IDENTICAL),
    Row("shapes", "the UUID is a literal", {"Make/Output/id": OTHER_LITERAL}),
    Row("shapes", "the UUID is a literal in an expression", {"Make/Output/id": "{% '" + OTHER_LITERAL + "' %}"}),
    Row("shapes", "another prefix", {"Make/Output/key": "{% 'q-' & $uuid() & '-z' %}"}),
    Row("shapes", "another suffix", {"Make/Output/key": "{% 'k-' & $uuid() %}"}),
    Row("shapes", "a random range moved", {"Make/Output/r": "{% $random() + 1 %}"}),
    Row("shapes", "a random range widened by ten", {"Make/Output/dice": "{% $floor($random() * 6) + 10 %}"}),
    Row("shapes", "a whole dice is broken", {"Make/Output/dice": "{% $random() * 6 + 1 %}"}),
    Row("shapes", "a day later", {"Make/Output/ms": "{% $millis() + 86400000 %}"}),
    Row("shapes", "5 s later", {"Make/Output/ms": "{% $millis() + 5000 %}"}, NOT_VERIFIED),
    Row("shapes", "an hour later", {"Make/Output/now": "{% $fromMillis($millis() + 3600000) %}"}),
    Row("shapes", "an hour zone", {"Make/Output/now": "{% $now('[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z]', '+0100') %}"}),
    Row("shapes", "a blank for the T", {"Make/Output/now": "{% $replace($now(), 'T', ' ') %}"}),
    Row("shapes", "no fractions", {"Make/Output/now": "{% $now('[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z') %}"}, NOT_VERIFIED),
    Row("shapes", "seconds, no longer milliseconds", {"Make/Output/ms": "{% $floor($millis() / 1000) %}"}),
    Row("shapes", "milliseconds, no longer seconds", {"Make/Output/seconds": "{% $millis() %}"}),
    Row("shapes", "half an hour for an hour", {"Make/Output/later": "{% $millis() + 1800000 %}"}),
    Row("shapes", "two days for one", {"Make/Output/expires": "{% $fromMillis($millis() + 172800000) %}"}),
    Row("shapes", "another picture", {"Make/Output/day": "{% $now('[D01].[M01].[Y0001]') %}"}),
    Row("shapes", "the day after", {"Make/Output/day": "{% $fromMillis($millis() + 86400000, '[Y0001]-[M01]-[D01]') %}"}, NOT_VERIFIED),
    Row("shapes", "other sides of the coin", {"Make/Output/coin": "{% $random() < 0.5 ? 'red' : 'black' %}"}, NOT_VERIFIED),
    Row("shapes", "another array is shuffled", {"Make/Output/mixed": "{% $shuffle([1,2,3,5]) %}"}),
    Row("shapes", "an array is no longer shuffled", {"Make/Output/mixed": [1, 2, 3, 4]}),
    Row("shapes", "another price beside draws", {"Make/Output/price": 6}),
    Row("shapes", "another tier in a variable", {"Make/Assign/tier": "{% $states.input.n > 9 ? 'gold' : 'tin' %}"}),
    Row("shapes", "a UUID drawn anew", {"Use/Arguments/Payload/again": "{% $uuid() %}"}),
    Row("shapes", "the whole for the short", {"Use/Arguments/Payload/short": "{% $uid %}"}),
    Row("shapes", "another part", {"Use/Arguments/Payload/short": "{% $substringAfter($uid, '-') %}"}),
    Row("shapes", "lower case", {"Use/Arguments/Payload/upper": "{% $uid %}"}),
    Row("shapes", "another prefix of the variable", {"Use/Arguments/Payload/ref": "{% 's/' & $uid %}"}),
    Row("shapes", "another length", {"Use/Arguments/Payload/size": "{% $length($uid) + 1 %}"}),
    Row("shapes", "6 s for 5", {"Use/Arguments/Payload/due": "{% $began + 6000 %}"}),
    Row("shapes", "another factor", {"Use/Arguments/Payload/total": "{% $states.input.price * 3 %}"}),
    Row("shapes", "Output dropped", {"Use/Output": DROP}),
    Row("shapes", "Output changed", {"Use/Output/got": "{% $states.result.Code %}"}),
    Row("shapes", "Assign changed", {"Use/Assign/code": "{% $states.result.Payload.n %}"}),
    Row("shapes", "one variable more", {"Use/Assign/more": 1}),
    Row("shapes", "the Choice's Assign changed", {"Ok?/Choices/1/Assign/seen": "tin"}),
    Row("shapes", "the Choice's Assign dropped", {"Ok?/Choices/1/Assign": DROP, "End/Output/seen": "gold"}),
    Row("shapes", "the Choice on the code", {"Ok?/Choices/1/Condition": "{% $code = 201 %}"}),
    Row("shapes", "the Choice on the draw", {"Ok?/Choices/0/Condition": "{% $states.input.dice > 0 %}"}),
    Row("shapes", "a shorter Wait", {"Nap/Seconds": "{% $code / 25 %}"}),
    Row("shapes", "a longer Wait", {"Nap/Seconds": "{% $code / 10 %}"}),
    Row("shapes", "an earlier moment", {"Until/Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 20000) %}"}),
    Row("shapes", "a later moment", {"Until/Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 50000) %}"}),
    Row("shapes", "seconds for a moment", {"Until/Timestamp": DROP, "Until/Seconds": 30}, IDENTICAL),
    Row("shapes", "another question of the clock", {"End/Output/slept": "{% $millis() - $began > 100000 %}"}, NOT_VERIFIED),
    Row("shapes", "in capitals", {"Make/Output/id": "{% $uppercase($uuid()) %}"}),
    Row("shapes", "comments", {"/Comment": "x", "Make/Comment": "z", "Ok?/Choices/1/Comment": "y"}, IDENTICAL),
    Row("shapes", "key order", reordered, IDENTICAL),
    Row("shapes", "spaces in an expression", {"Make/Output/key": "{%   'k-'   &  $uuid() & '-z'   %}"}, IDENTICAL),
    Row("shapes", "joined otherwise", {"Make/Output/key": "{% $join(['k', $uuid(), 'z'], '-') %}"}, IDENTICAL),
    Row("shapes", "an hour written otherwise", {"Make/Output/later": "{% 60 * 60 * 1000 + $millis() %}"}, IDENTICAL),
    Row("shapes", "now written otherwise", {"Make/Output/now": "{% $fromMillis($millis()) %}"}, IDENTICAL),
    Row("shapes", "the clock's text as its number", {"Make/Output/ms": "{% $toMillis($now()) %}"}, IDENTICAL),
    Row("shapes", "the dice thrown otherwise", {"Make/Output/dice": "{% 1 + $floor(6 * $random()) %}"}, IDENTICAL),
    Row("shapes", "the input by its other name", {"Make/Output/n": "{% $states.context.Execution.Input.n %}"}, IDENTICAL),
    Row("shapes", "a variable nobody reads in an unreachable state", {"Never/Error": "Other"}, IDENTICAL),
    Row("shapes", "a Catcher never used", {"Use/Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Never"}]}, IDENTICAL),
    Row("shapes", "a Retrier never used", {"Use/Retry": [{"ErrorEquals": ["States.ALL"]}]}, IDENTICAL),
    Row("shapes", "as it was", {}, IDENTICAL, known=True),
    # retries, waits, catches, a Fail
    Row("retries", "as it was", {}, IDENTICAL),
    Row("retries", "a shorter interval", {"Flaky/Retry/1/IntervalSeconds": 1}),
    Row("retries", "a longer interval", {"Flaky/Retry/1/IntervalSeconds": 9}),
    Row("retries", "another backoff", {"Flaky/Retry/1/BackoffRate": 1}),
    Row("retries", "fewer attempts", {"Flaky/Retry/1/MaxAttempts": 1}),
    Row("retries", "another error", {"Flaky/Retry/1/ErrorEquals": ["Idle"]}),
    Row("retries", "no Retry", {"Flaky/Retry": DROP}),
    Row("retries", "a Retrier before it", {"Flaky/Retry/0/ErrorEquals": ["Busy"]}),
    Row("retries", "the Catcher's ResultPath", {"Bad/Catch/1/ResultPath": "$.err"}),
    Row("retries", "the Catcher's ResultPath dropped", {"Bad/Catch/1/ResultPath": DROP}),
    Row("retries", "no Catcher", {"Bad/Catch": DROP}),
    Row("retries", "the Catcher leads elsewhere", {"Bad/Catch/1/Next": "Slow"}),
    Row("retries", "the Wait by another field", {"Nap/SecondsPath": "$.n"}),
    Row("retries", "the Wait is fixed", {"Nap/SecondsPath": DROP, "Nap/Seconds": 1}),
    Row("retries", "a longer heartbeat", {"Slow/HeartbeatSeconds": 30}),
    Row("retries", "another activity", {"Slow/Resource": "arn:aws:states:us-east-1:123456789012:activity:other"}),
    Row("retries", "no heartbeat", {"Slow/HeartbeatSeconds": DROP}),
    Row("retries", "another error of the Fail", {"Give up/ErrorPath": "States.Format('Left{}', $.n)"}),
    Row("retries", "another cause of the Fail", {"Give up/CausePath": "States.JsonToString($.slow)"}),
    Row("retries", "the machine times out first", {"/TimeoutSeconds": 10}),
    Row("retries", "more attempts", {"Flaky/Retry/1/MaxAttempts": 5}, IDENTICAL),
    Row("retries", "any error", {"Flaky/Retry/1/ErrorEquals": ["States.ALL"]}, IDENTICAL),
    Row("retries", "another Retrier that did not match", {"Flaky/Retry/0/IntervalSeconds": 7}, IDENTICAL),
    Row("retries", "no Retrier that did not match", {"Flaky/Retry/0": {"ErrorEquals": ["Nothing"]}}, IDENTICAL),
    Row("retries", "a longest delay that is not reached", {"Flaky/Retry/1/MaxDelaySeconds": 60}, IDENTICAL),
    Row("retries", "a Catcher that did not match", {"Bad/Catch/0/ErrorEquals": ["Another"]}, IDENTICAL),
    Row("retries", "a Catcher for all", {"Bad/Catch/1/ErrorEquals": ["States.ALL"]}, IDENTICAL),
    Row("retries", "the same Wait, fixed", {"Nap/SecondsPath": DROP, "Nap/Seconds": 12}, IDENTICAL),
    Row("retries", "no jitter written out", {"Flaky/Retry/1/JitterStrategy": "NONE"}, IDENTICAL),
    Row("jitter", "as it was", {}, IDENTICAL),
    Row("jitter", "a shorter longest delay", {"Flaky/Retry/0/IntervalSeconds": 3}),
    Row("jitter", "no jitter", {"Flaky/Retry/0/JitterStrategy": "NONE"}),
    Row("jitter", "fewer attempts", {"Flaky/Retry/0/MaxAttempts": 1}),
    Row("jitter", "a longer longest delay", {"Flaky/Retry/0/IntervalSeconds": 90}, IDENTICAL),
    # activities, tokens, nested executions
    Row("press", "as it was", {}, IDENTICAL),
    Row("press", "no token any more", {"Ask/Parameters/MessageBody/token.$": DROP}),
    Row("press", "a literal token", {"Ask/Parameters/MessageBody/token.$": DROP, "Ask/Parameters/MessageBody/token": "t"}),
    Row("press", "another link", {"Ask/Parameters/MessageBody/link.$": "States.Format('http://x/?t={}', $$.Task.Token)"}),
    Row("press", "another message", {"Ask/Parameters/MessageBody/n": 5}),
    Row("press", "the id in place of the token", {"Ask/Parameters/MessageBody/token.$": "$$.Execution.Id"}),
    Row("press", "no callback", {"Ask/Resource": "arn:aws:states:::sqs:sendMessage", "Ask/Parameters/MessageBody/token.$": "$$.Execution.Id", "Ask/Parameters/MessageBody/link.$": "$$.Execution.Id"}),
    Row("press", "another machine", {"Child/Parameters/StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Other"}),
    Row("press", "another input of the child", {"Child/Parameters/Input/n": 6}),
    Row("press", "the name in place of the id", {"Child/Parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Name"}),
    Row("press", "another name of the child", {"Child/Parameters/Name.$": "States.Format('c-{}', States.UUID())"}),
    Row("press", "not waited for", {"Child/Resource": "arn:aws:states:::states:startExecution"}),
    Row("press", "its output as text", {"Child/Resource": "arn:aws:states:::states:startExecution.sync"}),
    Row("press", "another heartbeat", {"Press/HeartbeatSeconds": 40}),
    Row("press", "a shorter timeout", {"Press/TimeoutSeconds": 50}),
    Row("press", "another activity", {"Press/Resource": "arn:aws:states:us-east-1:123456789012:activity:other"}),
    Row("press", "another ResultSelector", {"Child/ResultSelector/out.$": "$.x"}),
    Row("press", "the name by another way", {"Child/Parameters/Name.$": "States.Format('march-{}', States.UUID())"}, IDENTICAL),
    Row("press", "comments", {"Press/Comment": "x", "Child/Comment": "y"}, IDENTICAL),
    Row("press", "key order", reordered, IDENTICAL),
    # branches and iterations
    Row("sides", "as it was", {}, IDENTICAL),
    Row("sides", "one at a time", {"Each/MaxConcurrency": 1}),
    Row("sides", "all at once", {"Each/MaxConcurrency": 10}),
    Row("sides", "no limit", {"Each/MaxConcurrency": 0}),
    Row("sides", "three at a time", {"Each/MaxConcurrency": 3}),
    Row("sides", "the selector's value", {"Each/ItemSelector/v.$": "$$.Map.Item.Index"}),
    Row("sides", "the selector's index", {"Each/ItemSelector/i.$": DROP}),
    Row("sides", "the selector's UUID is a literal", {"Each/ItemSelector/id.$": DROP, "Each/ItemSelector/id": OTHER_LITERAL}),
    Row("sides", "another UUID is kept", {"Each/ItemProcessor/States/Keep/Parameters/id.$": "States.UUID()"}),
    Row("sides", "the item's result elsewhere", {"Each/ItemProcessor/States/Call/ResultPath": "$.s"}),
    Row("sides", "the Map's result elsewhere", {"Each/ResultPath": "$.all"}),
    Row("sides", "the branches swapped", lambda d: d["States"]["Both"]["Branches"].reverse()),
    Row("sides", "another ResultSelector", {"Both/ResultSelector/right.$": "$[1].items"}),
    Row("sides", "a longer Wait in a branch", {"Both/Branches/1/States/R/Seconds": 30}),
    Row("sides", "a literal in a branch", {"Both/Branches/0/States/L/Parameters": {"l": "x"}}),
    Row("sides", "other items", {"Each/ItemsPath": "$$.Execution.Input.items[0:3]"}),
    Row("sides", "the items by another way", {"Each/ItemsPath": "$$.Execution.Input.items"}, IDENTICAL),
    Row("sides", "Iterator, as it was called", lambda d: d["States"]["Each"].update(Iterator=d["States"]["Each"].pop("ItemProcessor")), IDENTICAL),
    Row("sides", "Parameters, as they were called", lambda d: d["States"]["Each"].update(Parameters=d["States"]["Each"].pop("ItemSelector")), IDENTICAL),
    Row("sides", "comments inside", {"Each/ItemProcessor/States/Call/Comment": "x", "Both/Branches/0/Comment": "y"}, IDENTICAL),
    Row("sides", "the mode written out", {"Each/ItemProcessor/ProcessorConfig": {"Mode": "INLINE"}}, IDENTICAL),
    Row("sides", "a Retrier never used", {"Both/Retry": [{"ErrorEquals": ["States.ALL"]}]}, IDENTICAL),
    # variables, a Parallel that fails twice, a Lambda function by its ARN, a task that times out
    Row("flow", "as it was", {}, IDENTICAL),
    Row("flow", "as it was", {}, IDENTICAL, known=True),
    Row("flow", "a longer sleep by a variable", {"Keep/Assign/sleep": 30}),
    Row("flow", "the sleep is fixed", {"Nap/Seconds": 40}),
    Row("flow", "the same sleep, fixed", {"Nap/Seconds": 20}, IDENTICAL),
    Row("flow", "another variable", {"Both/Branches/0/States/Fine/Parameters/id.$": "$seen"}),
    Row("flow", "the time by the start", {"Both/Branches/1/States/Bad/Parameters/Payload/at.$": "$$.State.EnteredTime"}),
    Row("flow", "no retry", {"Both/Retry": DROP}),
    Row("flow", "one retry more", {"Both/Retry/0/MaxAttempts": 2}),
    Row("flow", "a longer delay", {"Both/Retry/0/IntervalSeconds": 25}),
    Row("flow", "another backoff, never used", {"Both/Retry/0/BackoffRate": 1}, IDENTICAL),
    Row("flow", "the Catcher's Assign", {"Both/Catch/1/Assign/why.$": "$.Cause"}),
    Row("flow", "the Catcher's ResultPath", {"Both/Catch/1/ResultPath": "$.failed"}),
    Row("flow", "the Catchers in the other order", lambda d: d["States"]["Both"]["Catch"].insert(0, d["States"]["Both"]["Catch"].pop() | {"ErrorEquals": ["Broken"]}), IDENTICAL),
    Row("flow", "the first Catcher for all", {"Both/Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]}),
    Row("flow", "a branch more", lambda d: d["States"]["Both"]["Branches"].append({"StartAt": "M", "States": {"M": {"Type": "Pass", "End": True}}})),
    Row("flow", "the failing branch waits first", lambda d: d["States"]["Both"]["Branches"][1].update(StartAt="W", States={**d["States"]["Both"]["Branches"][1]["States"], "W": {"Type": "Wait", "Seconds": 9, "Next": "Bad"}})),
    Row("flow", "another function by ARN", {"Plain/Resource": "arn:aws:lambda:us-east-1:123456789012:function:other"}),
    Row("flow", "another input of the function", {"Plain/Parameters": {"n": 1}}),
    Row("flow", "its input written out", {"Plain/InputPath": "$"}, IDENTICAL),
    Row("flow", "less of its input", {"Plain/InputPath": "$.caught"}),
    Row("flow", "another number", {"Sum/Parameters/n": 1001}),
    Row("flow", "the number as text", {"Sum/Parameters/n": "1000"}),
    Row("flow", "another way to the array", {"Sum/Parameters/t.$": "States.Array(1, 2)"}, IDENTICAL),
    Row("flow", "the array in the other order", {"Sum/Parameters/t.$": "States.Array(2, 1)"}),
    Row("flow", "the rules in the other order", lambda d: d["States"]["Pick"]["Choices"].reverse(), IDENTICAL),
    Row("flow", "another Default", {"Pick/Default": "Stop"}, IDENTICAL),
    Row("flow", "the rule by its Not", {"Pick/Choices/1": {"Not": {"Variable": "$.why", "StringEquals": "Fine"}, "Next": "Stop"}}, IDENTICAL),
    Row("flow", "the rule matches in other letters", {"Pick/Choices/1/StringEquals": "broken"}),
    Row("flow", "a state renamed", lambda d: (d["States"].update(Ende=d["States"].pop("Stop")), d["States"]["Pick"]["Choices"][1].update(Next="Ende"))),
    Row("flow", "it starts later", {"/StartAt": "Nap"}),
    Row("flow", "a shorter timeout of the task", {"Stop/TimeoutSeconds": 30}, words="timeoutInSeconds"),
    Row("flow", "the task's heartbeat gone", {"Stop/HeartbeatSeconds": DROP}, words="heartbeatInSeconds"),
    Row("flow", "the machine's timeout comes first", {"/TimeoutSeconds": 60}, words="the execution times out: its TimeoutSeconds are 60"),
    Row("flow", "the machine's timeout never comes", {"/TimeoutSeconds": DROP}, IDENTICAL),
    Row("flow", "the Catcher of the timeout", {"Stop/Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Sorry"}]}),
    Row("flow", "a Catcher for another error", {"Stop/Catch": [{"ErrorEquals": ["States.Permissions"], "Next": "Sorry"}]}, IDENTICAL),
    Row("flow", "in JSONata, the same", {"Sum": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"why": "{% $why %}", "n": 1000, "t": [1, 2]}, "Next": "Pick"}}, IDENTICAL),
    Row("flow", "in JSONata, not the same", {"Sum": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"why": "{% $why %}", "n": "{% 999 %}", "t": [1, 2]}, "Next": "Pick"}}),
    Row("flow", "the branch beside it ends before", {"Both/Branches/0/States/Long/Seconds": 0, "Both/Branches/0/States/Long/Next": "More", "Both/Branches/0/States/Long/End": DROP, "Both/Branches/0/States/More": {"Type": "Pass", "End": True}}, IDENTICAL),
    Row("long", "as it was", {}, IDENTICAL),
    Row("long", "another time when the execution times out", {"/TimeoutSeconds": 200}, words="the execution timed out 99.984 s earlier"),
    Row("long", "it times out before", {"/TimeoutSeconds": 60}, words="the execution timed out 40.016 s later"),
    Row("long", "a branch would have woken", {"Both/Branches/0/States/Sleep/Seconds": 50}, words="the wait of 'Sleep' would have ended"),
    Row("long", "a state later", {"Both/Branches/1/States/Sleep too/Seconds": 40}, words="the wait of 'Sleep too' would have ended"),
    Row("long", "a longer sleep, cut short as well", {"Both/Branches/0/States/Sleep/Seconds": 9000}, IDENTICAL),
    Row("long", "a branch more", lambda d: d["States"]["Both"]["Branches"].append({"StartAt": "M", "States": {"M": {"Type": "Pass", "End": True}}})),
    Row("flow cut off", "as it was", {}, PARTIAL),
    Row("flow cut off", "what comes after the cut", {"Stop/Parameters/Cause": "y"}, PARTIAL),
    Row("flow cut off", "another sleep", {"Nap/Seconds": 40}),
    Row("flow without role", "as it was", {}, IDENTICAL),
    Row("flow without role", "another number", {"Sum/Parameters/n": 1001}),
    Row("flow without times", "as it was", {}, PARTIAL, words="timestamps"),
    Row("flow without times", "another sleep", {"Nap/Seconds": 40}, PARTIAL, words="timestamps"),
    Row("flow without times", "another number", {"Sum/Parameters/n": 1001}),
    Row("flow without data", "as it was", {}, NOT_VERIFIED, words="without execution data"),
    Row("unnamed", "as it was", {}, PARTIAL, words="execution's name"),
    Row("unnamed", "another prefix", {"Child/Parameters/Name.$": "States.Format('x{}-{}', $$.Execution.Name, States.UUID())"}),
    Row("unnamed", "the id in place of the name", {"Child/Parameters/Name.$": "$$.Execution.Id"}),
    Row("unnamed", "the name in place of the id", {"Child/Parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Name"}),
    Row("unnamed", "another input of the child", {"Child/Parameters/Input/n": 6}),
    # parts of made-up values
    Row("short", "as it was", {}, IDENTICAL),
    Row("short", "as it was", {}, IDENTICAL, known=True),
    Row("short", "another prefix of the short id", {"Make/Output/order": "{% 'o-' & $substring($uuid(), 0, 8) %}"}),
    Row("short", "a shorter id", {"Make/Output/order": "{% 'order-' & $substring($uuid(), 0, 7) %}"}),
    Row("short", "a short id in capitals", {"Make/Output/order": "{% 'order-' & $uppercase($substring($uuid(), 0, 8)) %}"}),
    Row("short", "the id in full", {"Make/Output/order": "{% 'order-' & $uuid() %}"}),
    Row("short", "no longer in capitals", {"Make/Output/upper": "{% $uuid() %}"}),
    Row("short", "capitals otherwise", {"Make/Output/upper": "{% $uuid() ~> $uppercase %}"}, IDENTICAL),
    Row("short", "no longer padded", {"Make/Output/padded": "{% 'n-' & $floor($random() * 10) %}"}),
    Row("short", "padded", {"Make/Output/plain": "{% 'n-' & $formatNumber($floor($random() * 1000), '00000') %}"}),
    Row("short", "no longer rounded", {"Make/Output/cents": "{% $random() * 100 %}"}),
    Row("short", "one of four", {"Make/Output/pick": "{% ($i := $floor($random() * 4); ['a','b','c','d'][$i]) %}"}, IDENTICAL),
    Row("short", "half an hour before it woke", {"Nap/Output/woke": "{% $fromMillis($millis() - 1800000) %}"}),
    Row("short", "half an hour before it woke, as a number", {"Nap/Output/ms": "{% $millis() - 1800000 %}"}),
    Row("short", "when it began to sleep", {"Nap/Output/woke": "{% $states.context.State.EnteredTime %}"}),
    Row("short", "another role", {"Call/Credentials/RoleArn": "arn:aws:iam::123456789012:role/third"}),
    Row("short", "no role", {"Call/Credentials": DROP}),
    Row("short", "another error", {"End/Error": "{% 'E5' %}"}),
    Row("short", "another cause", {"End/Cause": "{% 'on ' & $now() & ' of ' & $uuid() %}"}),
    Row("short", "the error written otherwise", {"End/Error": "E4"}, IDENTICAL),
    # what AWS cut off
    Row("cut in a UUID", "as it was", {}, PARTIAL),
    Row("cut in a UUID", "what comes before it", {"Make/Parameters/n": 5}),
    Row("cut in a UUID", "what comes after it, seen later", {"Make/Parameters/m": 6}),
    Row("cut", "as it was", {}, PARTIAL),
    Row("cut", "the UUID is a literal", {"Make/Parameters/id.$": DROP, "Make/Parameters/id": OTHER_LITERAL}),
    # Map Runs
    *(
        row
        for name, change in {
            "as it was": {},
            "another key": {"Each/ItemReader/Parameters/Key": "other.json"},
            "another format": {"Each/ItemReader/ReaderConfig/InputType": "CSV"},
            "fewer items": {"Each/ItemReader/ReaderConfig/MaxItems": 5},
            "another batch": {"Each/ItemBatcher/MaxItemsPerBatch": 3},
            "another selector": {"Each/ItemSelector/v.$": "$$.Map.Item.Index"},
            "another writer": {"Each/ResultWriter/Parameters/Prefix": "q"},
            "another function": {"Each/ItemProcessor/States/Work/Parameters/FunctionName": "g"},
            "Express": {"Each/ItemProcessor/ProcessorConfig/ExecutionType": "EXPRESS"},
            "tolerated": {"Each/ToleratedFailurePercentage": 50},
            "tolerated count": {"Each/ToleratedFailureCount": 2},
            "label": {"Each/Label": "Other"},
        }.items()
        for row in (
            Row("dmap", name, change, NOT_VERIFIED),
            Row("dmap", name, change, NOT_VERIFIED if change else IDENTICAL, known=True),
        )
    ),
    Row("dmap", "a reader less", {"Each/ItemReader": DROP, "Each/ItemsPath": "$$.Execution.Input.items"}),
    Row("dmap", "concurrency", {"Each/MaxConcurrency": 5}, NOT_VERIFIED, known=True),
    Row("dmap", "comments", {"Each/Comment": "x", "Each/ItemProcessor/States/Work/Comment": DROP}, IDENTICAL, known=True),
    Row("dmap", "after it", {"After/Parameters/n": 2}, DIVERGES, known=True),
    Row("dmap", "after it", {"After/Parameters/n": 2}, DIVERGES),
    Row("dmap", "another draw after it", {"After/Parameters/id.$": "States.Format('{}', States.UUID())"}, NOT_VERIFIED, known=True),
    Row("dmap", "its ResultPath", {"Each/ResultPath": "$.runs"}, DIVERGES, known=True),
    Row("dmap", "inline", {"Each/ItemProcessor/ProcessorConfig": {"Mode": "INLINE"}, "Each/ItemReader": DROP, "Each/ItemBatcher": DROP, "Each/ResultWriter": DROP, "Each/ToleratedFailurePercentage": DROP, "Each/Label": DROP, "Each/ItemsPath": "$$.Execution.Input.items"}, DIVERGES),
)
