"""Mutations about values that AWS makes up: clocks, random numbers, UUIDs, through paths, variables and JSONata."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from tests.mutations import (
    DROP,
    IDENTICAL,
    INVOKE,
    LITERAL,
    NOT_VERIFIED,
    OTHER_LITERAL,
    PARTIAL,
    Row,
    Story,
    invoke,
    reordered,
    work,
)

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
            "Assign": {"uid": "{% $uuid() %}", "began": "{% $millis() %}",
                       "tier": "{% $states.input.n > 3 ? 'gold' : 'tin' %}"},
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
        "Until": {"Type": "Wait",
                  "Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 30000) %}",
                  "Next": "End"},
        "End": {"Type": "Pass",
                "Output": {"seen": "{% $seen %}", "uid": "{% $uid %}", "slept": "{% $millis() - $began > 1000 %}"},
                "End": True},
        "Never": {"Type": "Fail"},
    },
}  # fmt: skip

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
        "Nap": {"Type": "Wait", "Seconds": 3600,
                "Output": {"woke": "{% $now() %}", "ms": "{% $millis() %}"}, "Next": "Call"},
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

LUCK: Final[dict[str, Any]] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Draw",
    "States": {
        "Draw": {"Type": "Pass",
                 "Output": {"pick": "{% ['a','b','c'][$floor($random() * 3)] %}", "n": "{% $states.input.n %}"},
                 "Next": "Flip"},
        "Flip": {"Type": "Choice", "Default": "Tails",
                 "Choices": [{"Condition": "{% $random() < 0.5 %}", "Next": "Heads"}]},
        "Heads": {"Type": "Pass", "Next": "Odd?"},
        "Tails": {"Type": "Pass", "Next": "Odd?"},
        "Odd?": {"Type": "Choice", "Default": "Even",
                 "Choices": [{"Condition": "{% $millis() % 2 = 1 %}", "Next": "Odd"}]},
        "Odd": {"Type": "Pass", "Output": 1, "End": True},
        "Even": {"Type": "Pass", "Output": 1, "End": True},
    },
}  # fmt: skip


def renamed_unreachable(definition: Any) -> None:
    text = json.dumps(definition).replace('"Never"', '"Nowhere"')
    definition.clear()
    definition.update(json.loads(text))


def chained(definition: Any) -> None:
    """A state that does nothing, between two."""
    definition["States"]["Pick"]["Next"] = "Between"
    definition["States"]["Between"] = {"Type": "Pass", "Next": "Trim"}


STORIES: Final[dict[str, Story]] = {
    "luck": Story(LUCK, {"n": 1}),
    "luck 2": Story({**LUCK, "StartAt": "Flip"}, {"n": 1}),
    "luck 3": Story({**LUCK, "StartAt": "Odd?"}, {"n": 1}),
    "short": Story(SHORT, {}, work),
    "cut in a UUID": Story(CUT, {}, work, edit=cut_output(2, 24)),
    "cut": Story(CUT, {}, work, edit=cut_output(2, 7)),
    "draws": Story(DRAWS, {"n": 7, "keep": [1, 2]}, work),
    "shapes": Story(SHAPES, {"n": 7}, work),
}

ROWS: Final = (
    Row("short", "as it was", {}, IDENTICAL),
    Row("short", "as it was", {}, IDENTICAL, known=True),
    Row(
        "short",
        "another prefix of the short id",
        {"Make/Output/order": "{% 'o-' & $substring($uuid(), 0, 8) %}"},
        "PassStateExited Make output/order",
    ),
    Row(
        "short",
        "a shorter id",
        {"Make/Output/order": "{% 'order-' & $substring($uuid(), 0, 7) %}"},
        "PassStateExited Make output/order",
    ),
    Row(
        "short",
        "a short id in capitals",
        {"Make/Output/order": "{% 'order-' & $uppercase($substring($uuid(), 0, 8)) %}"},
        "PassStateExited Make output/order",
    ),
    Row(
        "short",
        "the id in full",
        {"Make/Output/order": "{% 'order-' & $uuid() %}"},
        "PassStateExited Make output/order",
    ),
    Row("short", "no longer in capitals", {"Make/Output/upper": "{% $uuid() %}"}, "PassStateExited Make output/upper"),
    Row("short", "capitals otherwise", {"Make/Output/upper": "{% $uuid() ~> $uppercase %}"}, IDENTICAL),
    Row(
        "short",
        "no longer padded",
        {"Make/Output/padded": "{% 'n-' & $floor($random() * 10) %}"},
        "PassStateExited Make output/padded",
    ),
    Row(
        "short",
        "padded",
        {"Make/Output/plain": "{% 'n-' & $formatNumber($floor($random() * 1000), '00000') %}"},
        "PassStateExited Make output/plain",
    ),
    Row(
        "short",
        "no longer rounded",
        {"Make/Output/cents": "{% $random() * 100 %}"},
        "PassStateExited Make output/cents",
    ),
    Row(
        "short",
        "one of four",
        {"Make/Output/pick": "{% ($i := $floor($random() * 4); ['a','b','c','d'][$i]) %}"},
        IDENTICAL,
    ),
    Row(
        "short",
        "half an hour before it woke",
        {"Nap/Output/woke": "{% $fromMillis($millis() - 1800000) %}"},
        "WaitStateExited Nap output/woke",
    ),
    Row(
        "short",
        "half an hour before it woke, as a number",
        {"Nap/Output/ms": "{% $millis() - 1800000 %}"},
        "WaitStateExited Nap output/ms",
    ),
    Row(
        "short",
        "when it began to sleep",
        {"Nap/Output/woke": "{% $states.context.State.EnteredTime %}"},
        "WaitStateExited Nap output/woke",
    ),
    Row(
        "short",
        "another role",
        {"Call/Credentials/RoleArn": "arn:aws:iam::123456789012:role/third"},
        "TaskScheduled Call taskCredentials/roleArn",
    ),
    Row("short", "no role", {"Call/Credentials": DROP}, "TaskScheduled Call taskCredentials"),
    Row("short", "another error", {"End/Error": "{% 'E5' %}"}, "ExecutionFailed  error"),
    Row("short", "another cause", {"End/Cause": "{% 'on ' & $now() & ' of ' & $uuid() %}"}, "ExecutionFailed  cause"),
    Row("short", "the error written otherwise", {"End/Error": "E4"}, IDENTICAL),
    Row("cut in a UUID", "as it was", {}, PARTIAL),
    Row("cut in a UUID", "what comes before it", {"Make/Parameters/n": 5}, "PassStateExited Make output/n"),
    Row(
        "cut in a UUID",
        "what comes after it, seen later",
        {"Make/Parameters/m": 6},
        "TaskScheduled Use parameters/Payload/m",
    ),
    Row("cut", "as it was", {}, PARTIAL),
    Row(
        "cut",
        "the UUID is a literal",
        {"Make/Parameters/id.$": DROP, "Make/Parameters/id": OTHER_LITERAL},
        "TaskScheduled Use parameters/Payload/id",
    ),
    Row(
        "draws",
        "the UUID is a literal",
        {"Make/Parameters/id.$": DROP, "Make/Parameters/id": OTHER_LITERAL},
        "PassStateExited Make output/made/id",
    ),
    Row(
        "draws",
        "the literal is drawn",
        {"Make/Parameters/fixed": DROP, "Make/Parameters/fixed.$": "States.UUID()"},
        NOT_VERIFIED,
        known=True,
    ),
    Row(
        "draws",
        "the literal is another one",
        {"Make/Parameters/fixed": OTHER_LITERAL},
        "PassStateExited Make output/made/fixed",
    ),
    Row(
        "draws",
        "another prefix",
        {"Make/Parameters/key.$": "States.Format('key-{}-z', States.UUID())"},
        "PassStateExited Make output/made/key",
    ),
    Row(
        "draws",
        "another suffix",
        {"Make/Parameters/key.$": "States.Format('k-{}', States.UUID())"},
        "PassStateExited Make output/made/key",
    ),
    Row(
        "draws",
        "a prefix for the bare UUID",
        {"Make/Parameters/id.$": "States.Format('id-{}', States.UUID())"},
        "PassStateExited Make output/made/id",
    ),
    Row(
        "draws",
        "no prefix any more",
        {"Make/Parameters/key.$": "States.UUID()"},
        "PassStateExited Make output/made/key",
    ),
    Row(
        "draws",
        "two draws where one was",
        {"Use/Parameters/Payload/second.$": "States.UUID()"},
        "TaskScheduled Use parameters/Payload/second",
    ),
    Row(
        "draws",
        "one draw where two were",
        {"Use/Parameters/Payload/list.$": "States.Array($uid, $uid, $.n)"},
        "TaskScheduled Use parameters/Payload/list/1",
    ),
    Row(
        "draws",
        "another UUID is told",
        {"Use/Parameters/Payload/first.$": "$.made.id"},
        "TaskScheduled Use parameters/Payload/first",
    ),
    Row(
        "draws",
        "a random range moved up",
        {"Make/Parameters/dice.$": "States.MathRandom(1000000, 2000000)"},
        "PassStateExited Make output/made/dice",
    ),
    Row(
        "draws",
        "a number instead of a draw",
        {"Make/Parameters/dice.$": DROP, "Make/Parameters/dice": 4},
        "PassStateExited Make output/made/dice",
    ),
    Row(
        "draws",
        "a draw instead of a number",
        {"Make/Parameters/price": DROP, "Make/Parameters/price.$": "States.MathRandom(100, 200)"},
        "PassStateExited Make output/made/price",
    ),
    Row(
        "draws",
        "more is added to the draw",
        {"Use/Parameters/Payload/sum.$": "States.MathAdd($.made.dice, 11)"},
        "TaskScheduled Use parameters/Payload/sum",
    ),
    Row(
        "draws",
        "nothing is added to the draw",
        {"Use/Parameters/Payload/sum.$": "$.made.dice"},
        "TaskScheduled Use parameters/Payload/sum",
    ),
    Row("draws", "another price beside draws", {"Make/Parameters/price": 6}, "PassStateExited Make output/made/price"),
    Row(
        "draws",
        "another limit in a variable",
        {"Make/Assign/limit": 10},
        "PassStateExited Make assignedVariables/limit",
    ),
    Row(
        "draws",
        "the start for the entry",
        {"Use/Parameters/Payload/at": "x"},
        "TaskScheduled Use parameters/Payload/at",
    ),
    Row(
        "draws",
        "the name for the id",
        {"Make/Parameters/arn.$": "$$.Execution.Name"},
        "PassStateExited Make output/made/arn",
    ),
    Row(
        "draws",
        "the name for the machine's",
        {"Make/Parameters/machine.$": "$$.Execution.Name"},
        "PassStateExited Make output/made/machine",
    ),
    Row(
        "draws",
        "a literal name",
        {"Make/Parameters/who.$": DROP, "Make/Parameters/who": "april"},
        "PassStateExited Make output/made/who",
    ),
    Row(
        "draws",
        "a literal time of another day",
        {"Make/Parameters/started.$": DROP, "Make/Parameters/started": "2025-11-24T06:45:23.457Z"},
        "PassStateExited Make output/made/started",
    ),
    Row("draws", "ResultPath dropped", {"Use/ResultPath": DROP}, "TaskStateExited Use output/keep"),
    Row("draws", "ResultPath moved", {"Use/ResultPath": "$.answer"}, "TaskStateExited Use output/got"),
    Row("draws", "ResultPath null", {"Use/ResultPath": None}, "TaskStateExited Use output/got"),
    Row(
        "draws",
        "ResultPath of made-up values dropped",
        {"Make/ResultPath": DROP},
        "PassStateExited Make output/keep",
        words="ResultPath is not defined",
    ),
    Row(
        "draws",
        "ResultPath added",
        {"Trim/OutputPath": DROP, "Trim/ResultPath": "$.trim"},
        "PassStateExited Trim output/id",
    ),
    Row("draws", "ResultSelector dropped", {"Use/ResultSelector": DROP}, "TaskStateExited Use output/got/n"),
    Row("draws", "ResultSelector changed", {"Use/ResultSelector/n.$": "$.Code"}, "TaskStateExited Use output/got/n"),
    Row("draws", "OutputPath dropped", {"Trim/OutputPath": DROP}, "PassStateExited Trim output/id"),
    Row("draws", "OutputPath changed", {"Trim/OutputPath": "$.got"}, "PassStateExited Trim output/id"),
    Row("draws", "InputPath dropped", {"Pick/InputPath": DROP}, "PassStateExited Pick output/picked/id"),
    Row("draws", "InputPath changed", {"Pick/InputPath": "$.got"}, "PassStateExited Pick output/picked/id"),
    Row(
        "draws",
        "Assign dropped",
        {"Make/Assign/limit": DROP, "Use/Parameters/Payload/limit.$": DROP, "Use/Parameters/Payload/limit": 9},
        "PassStateExited Make assignedVariables/limit",
    ),
    Row(
        "draws",
        "another limit of the Choice",
        {"Dice?/Choices/1/And/0/NumericGreaterThan": 7},
        "PassStateEntered Pick type",
    ),
    Row(
        "draws",
        "the Choice's rules swapped for one on the draw",
        {"Dice?/Choices/0/NumericGreaterThan": 0},
        "PassStateEntered Pick type",
    ),
    Row("draws", "another function", {"Use/Parameters/FunctionName": "g"}, "TaskScheduled Use parameters/FunctionName"),
    Row(
        "draws",
        "another Resource",
        {"Use/Resource": "arn:aws:states:::sqs:sendMessage"},
        "TaskScheduled Use resourceType",
    ),
    Row("draws", "another TimeoutSeconds", {"Use/TimeoutSeconds": 61}, "TaskScheduled Use timeoutInSeconds"),
    Row("draws", "a state between", chained, "PassStateEntered Trim type"),
    Row("draws", "the machine's TimeoutSeconds", {"/TimeoutSeconds": 1}, IDENTICAL),
    Row("draws", "as it was", {}, IDENTICAL),
    Row(
        "draws",
        "comments",
        {"/Comment": "x", "Make/Comment": DROP, "Dice?/Comment": "y", "Use/Retry/0/Comment": "z"},
        IDENTICAL,
    ),
    Row("draws", "key order", reordered, IDENTICAL),
    Row("draws", "an unreachable state renamed", renamed_unreachable, IDENTICAL),
    Row("draws", "an unreachable state changed", {"Never/Result": {"never": 2}}, IDENTICAL),
    Row("draws", "a Retrier never used", {"Use/Retry/0/IntervalSeconds": 9}, IDENTICAL),
    Row("draws", "no Retrier, never used", {"Use/Retry": DROP}, IDENTICAL),
    Row("draws", "a Catcher never used", {"Use/Catch/0/ResultPath": "$.other"}, IDENTICAL),
    Row(
        "draws",
        "spaces in an intrinsic",
        {"Make/Parameters/key.$": "States.Format( 'k-{}-z',  States.UUID() )"},
        IDENTICAL,
    ),
    Row("draws", "another way to add", {"Use/Parameters/Payload/sum.$": "States.MathAdd(10, $.made.dice)"}, IDENTICAL),
    Row("draws", "brackets in a path", {"Use/Parameters/Payload/dice.$": "$['made']['dice']"}, IDENTICAL),
    Row("draws", "a path through the context", {"Make/Parameters/n.$": "$$.Execution.Input.n"}, IDENTICAL),
    Row("draws", "the entry for the start", {"Make/Parameters/started.$": "$$.State.EnteredTime"}, IDENTICAL),
    Row(
        "draws", "a limit of the Choice that gives the same", {"Dice?/Choices/1/And/0/NumericGreaterThan": 6}, IDENTICAL
    ),
    Row(
        "draws",
        "defaults written out",
        {"Make/InputPath": "$", "Make/OutputPath": "$", "Trim/ResultPath": "$"},
        IDENTICAL,
    ),
    Row("draws", "the machine's TimeoutSeconds, long", {"/TimeoutSeconds": 3600}, IDENTICAL),
    Row("draws", "a wider range", {"Make/Parameters/dice.$": "States.MathRandom(1, 2000000)"}, IDENTICAL),
    Row(
        "draws", "a wider range", {"Make/Parameters/dice.$": "States.MathRandom(1, 2000000)"}, NOT_VERIFIED, known=True
    ),
    Row("draws", "as it was", {}, IDENTICAL, known=True),
    Row(
        "draws",
        "another price beside draws",
        {"Make/Parameters/price": 6},
        "PassStateExited Make output/made/price",
        known=True,
    ),
    Row("shapes", "as it was", {}, IDENTICAL),
    Row("shapes", "the UUID is a literal", {"Make/Output/id": OTHER_LITERAL}, "PassStateExited Make output/id"),
    Row(
        "shapes",
        "the UUID is a literal in an expression",
        {"Make/Output/id": "{% '" + OTHER_LITERAL + "' %}"},
        "PassStateExited Make output/id",
    ),
    Row(
        "shapes",
        "another prefix",
        {"Make/Output/key": "{% 'q-' & $uuid() & '-z' %}"},
        "PassStateExited Make output/key",
    ),
    Row("shapes", "another suffix", {"Make/Output/key": "{% 'k-' & $uuid() %}"}, "PassStateExited Make output/key"),
    Row("shapes", "a random range moved", {"Make/Output/r": "{% $random() + 1 %}"}, "PassStateExited Make output/r"),
    Row(
        "shapes",
        "a random range widened by ten",
        {"Make/Output/dice": "{% $floor($random() * 6) + 10 %}"},
        "PassStateExited Make output/dice",
    ),
    Row(
        "shapes",
        "a whole dice is broken",
        {"Make/Output/dice": "{% $random() * 6 + 1 %}"},
        "PassStateExited Make output/dice",
    ),
    Row("shapes", "a day later", {"Make/Output/ms": "{% $millis() + 86400000 %}"}, "PassStateExited Make output/ms"),
    Row("shapes", "5 s later", {"Make/Output/ms": "{% $millis() + 5000 %}"}, NOT_VERIFIED),
    Row(
        "shapes",
        "an hour later",
        {"Make/Output/now": "{% $fromMillis($millis() + 3600000) %}"},
        "PassStateExited Make output/now",
    ),
    Row(
        "shapes",
        "an hour zone",
        {"Make/Output/now": "{% $now('[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z]', '+0100') %}"},
        "PassStateExited Make output/now",
    ),
    Row(
        "shapes",
        "a blank for the T",
        {"Make/Output/now": "{% $replace($now(), 'T', ' ') %}"},
        "PassStateExited Make output/now",
    ),
    Row(
        "shapes",
        "no fractions",
        {"Make/Output/now": "{% $now('[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z') %}"},
        NOT_VERIFIED,
    ),
    Row(
        "shapes",
        "seconds, no longer milliseconds",
        {"Make/Output/ms": "{% $floor($millis() / 1000) %}"},
        "PassStateExited Make output/ms",
    ),
    Row(
        "shapes",
        "milliseconds, no longer seconds",
        {"Make/Output/seconds": "{% $millis() %}"},
        "PassStateExited Make output/seconds",
    ),
    Row(
        "shapes",
        "half an hour for an hour",
        {"Make/Output/later": "{% $millis() + 1800000 %}"},
        "PassStateExited Make output/later",
    ),
    Row(
        "shapes",
        "two days for one",
        {"Make/Output/expires": "{% $fromMillis($millis() + 172800000) %}"},
        "PassStateExited Make output/expires",
    ),
    Row(
        "shapes",
        "another picture",
        {"Make/Output/day": "{% $now('[D01].[M01].[Y0001]') %}"},
        "PassStateExited Make output/day",
    ),
    Row(
        "shapes",
        "the day after",
        {"Make/Output/day": "{% $fromMillis($millis() + 86400000, '[Y0001]-[M01]-[D01]') %}"},
        NOT_VERIFIED,
    ),
    Row(
        "shapes",
        "other sides of the coin",
        {"Make/Output/coin": "{% $random() < 0.5 ? 'red' : 'black' %}"},
        NOT_VERIFIED,
    ),
    Row(
        "shapes",
        "another array is shuffled",
        {"Make/Output/mixed": "{% $shuffle([1,2,3,5]) %}"},
        "PassStateExited Make output/mixed/0",
    ),
    Row(
        "shapes",
        "an array is no longer shuffled",
        {"Make/Output/mixed": [1, 2, 3, 4]},
        "PassStateExited Make output/mixed/0",
    ),
    Row("shapes", "another price beside draws", {"Make/Output/price": 6}, "PassStateExited Make output/price"),
    Row(
        "shapes",
        "another tier in a variable",
        {"Make/Assign/tier": "{% $states.input.n > 9 ? 'gold' : 'tin' %}"},
        "PassStateExited Make assignedVariables/tier",
    ),
    Row(
        "shapes",
        "a UUID drawn anew",
        {"Use/Arguments/Payload/again": "{% $uuid() %}"},
        "TaskScheduled Use parameters/Payload/again",
    ),
    Row(
        "shapes",
        "the whole for the short",
        {"Use/Arguments/Payload/short": "{% $uid %}"},
        "TaskScheduled Use parameters/Payload/short",
    ),
    Row(
        "shapes",
        "another part",
        {"Use/Arguments/Payload/short": "{% $substringAfter($uid, '-') %}"},
        "TaskScheduled Use parameters/Payload/short",
    ),
    Row(
        "shapes",
        "lower case",
        {"Use/Arguments/Payload/upper": "{% $uid %}"},
        "TaskScheduled Use parameters/Payload/upper",
    ),
    Row(
        "shapes",
        "another prefix of the variable",
        {"Use/Arguments/Payload/ref": "{% 's/' & $uid %}"},
        "TaskScheduled Use parameters/Payload/ref",
    ),
    Row(
        "shapes",
        "another length",
        {"Use/Arguments/Payload/size": "{% $length($uid) + 1 %}"},
        "TaskScheduled Use parameters/Payload/size",
    ),
    Row(
        "shapes",
        "6 s for 5",
        {"Use/Arguments/Payload/due": "{% $began + 6000 %}"},
        "TaskScheduled Use parameters/Payload/due",
    ),
    Row(
        "shapes",
        "another factor",
        {"Use/Arguments/Payload/total": "{% $states.input.price * 3 %}"},
        "TaskScheduled Use parameters/Payload/total",
    ),
    Row("shapes", "Output dropped", {"Use/Output": DROP}, "TaskStateExited Use output/got"),
    Row("shapes", "Output changed", {"Use/Output/got": "{% $states.result.Code %}"}, "TaskStateExited Use output/got"),
    Row(
        "shapes",
        "Assign changed",
        {"Use/Assign/code": "{% $states.result.Payload.n %}"},
        "TaskStateExited Use assignedVariables/code",
    ),
    Row("shapes", "one variable more", {"Use/Assign/more": 1}, "TaskStateExited Use assignedVariables/more"),
    Row(
        "shapes",
        "the Choice's Assign changed",
        {"Ok?/Choices/1/Assign/seen": "tin"},
        "ChoiceStateExited Ok? assignedVariables/seen",
    ),
    Row(
        "shapes",
        "the Choice's Assign dropped",
        {"Ok?/Choices/1/Assign": DROP, "End/Output/seen": "gold"},
        "ChoiceStateExited Ok? assignedVariables",
    ),
    Row(
        "shapes",
        "the Choice on the code",
        {"Ok?/Choices/1/Condition": "{% $code = 201 %}"},
        "ChoiceStateExited Ok? assignedVariables",
    ),
    Row(
        "shapes",
        "the Choice on the draw",
        {"Ok?/Choices/0/Condition": "{% $states.input.dice > 0 %}"},
        "ChoiceStateExited Ok? assignedVariables",
    ),
    Row("shapes", "a shorter Wait", {"Nap/Seconds": "{% $code / 25 %}"}, "WaitStateExited Nap timestamps"),
    Row("shapes", "a longer Wait", {"Nap/Seconds": "{% $code / 10 %}"}, "WaitStateExited Nap timestamps"),
    Row(
        "shapes",
        "an earlier moment",
        {"Until/Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 20000) %}"},
        "WaitStateExited Until timestamps",
    ),
    Row(
        "shapes",
        "a later moment",
        {"Until/Timestamp": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 50000) %}"},
        "WaitStateExited Until timestamps",
    ),
    Row("shapes", "seconds for a moment", {"Until/Timestamp": DROP, "Until/Seconds": 30}, IDENTICAL),
    Row(
        "shapes",
        "another question of the clock",
        {"End/Output/slept": "{% $millis() - $began > 100000 %}"},
        NOT_VERIFIED,
    ),
    Row("shapes", "in capitals", {"Make/Output/id": "{% $uppercase($uuid()) %}"}, "PassStateExited Make output/id"),
    Row("shapes", "comments", {"/Comment": "x", "Make/Comment": "z", "Ok?/Choices/1/Comment": "y"}, IDENTICAL),
    Row("shapes", "key order", reordered, IDENTICAL),
    Row("shapes", "spaces in an expression", {"Make/Output/key": "{%   'k-'   &  $uuid() & '-z'   %}"}, IDENTICAL),
    Row("shapes", "joined otherwise", {"Make/Output/key": "{% $join(['k', $uuid(), 'z'], '-') %}"}, IDENTICAL),
    Row("shapes", "an hour written otherwise", {"Make/Output/later": "{% 60 * 60 * 1000 + $millis() %}"}, IDENTICAL),
    Row("shapes", "now written otherwise", {"Make/Output/now": "{% $fromMillis($millis()) %}"}, IDENTICAL),
    Row("shapes", "the clock's text as its number", {"Make/Output/ms": "{% $toMillis($now()) %}"}, IDENTICAL),
    Row("shapes", "the dice thrown otherwise", {"Make/Output/dice": "{% 1 + $floor(6 * $random()) %}"}, IDENTICAL),
    Row(
        "shapes", "the input by its other name", {"Make/Output/n": "{% $states.context.Execution.Input.n %}"}, IDENTICAL
    ),
    Row("shapes", "a variable nobody reads in an unreachable state", {"Never/Error": "Other"}, IDENTICAL),
    Row("shapes", "a Catcher never used", {"Use/Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Never"}]}, IDENTICAL),
    Row("shapes", "a Retrier never used", {"Use/Retry": [{"ErrorEquals": ["States.ALL"]}]}, IDENTICAL),
    Row("shapes", "as it was", {}, IDENTICAL, known=True),
)
