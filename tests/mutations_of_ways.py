"""Mutations about the way of an execution: retries, waits, timeouts, branches, iterations, what others are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from tests.mutations import (
    DROP,
    IDENTICAL,
    INVOKE,
    NOT_VERIFIED,
    OTHER_LITERAL,
    PARTIAL,
    Row,
    Story,
    invoke,
    reordered,
    work,
)

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
        "Give up": {"Type": "Fail", "ErrorPath": "States.Format('Gave{}', $.n)",
            "CausePath": "States.JsonToString($.error)"},
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
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "Parameters": {"l.$": "States.UUID()"},
                    "End": True}}},
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
                "States": {"Work": {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f",
                    "Payload.$": "$"},
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
    from sfdebug.engine.execution.visit import RequestKind

    if request.kind is RequestKind.MAP_RUN:
        return TaskResult(
            {"MapRunArn": "arn:x", "ResultWriterDetails": {"Bucket": "b", "Key": "p/m.json"}}, after_seconds=9
        )
    return TaskResult(request.input)


FLOW: Final[dict[str, Any]] = {
    "StartAt": "Keep",
    "TimeoutSeconds": 500,
    "States": {
        "Keep": {"Type": "Pass", "Assign": {"sleep": 20, "id.$": "States.UUID()",
            "seen.$": "$$.State.EnteredTime"}, "Next": "Nap"},
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
                      {"ErrorEquals": ["States.ALL"], "Assign": {"why.$": "$.Error"},
                          "ResultPath": "$.caught", "Next": "Plain"}],
            "Next": "Plain",
        },
        "Plain": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:plain", "Next": "Sum"},
        "Sum": {"Type": "Pass", "Parameters": {"why.$": "$why", "n": 1000,
            "t.$": "States.StringToJson('[1,2]')"}, "Next": "Pick"},
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 5, "Next": "Sorry"},
                {"Variable": "$.why", "StringEquals": "Broken", "Next": "Stop"}],
            "Default": "Sorry",
        },
        "Stop": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution",
            "Parameters": {"ExecutionArn.$": "$$.Execution.Id", "Cause": "x"},
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

UNSEEN: Final[dict[str, dict[str, Any]]] = {
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
}
"""What only the child executions of a Map Run would show."""

STORIES: Final[dict[str, Story]] = {
    "long": Story(LONG),
    "flow": Story(FLOW, {"n": 1}, flow_answer),
    "flow cut off": Story(FLOW, {"n": 1}, flow_answer, edit=cut_off),
    "flow without role": Story(FLOW, {"n": 1}, flow_answer, edit=without("roleArn")),
    "flow without times": Story(FLOW, {"n": 1}, flow_answer, edit=without("timestamp")),
    "flow without data": Story(
        FLOW, {"n": 1}, flow_answer, edit=without("input", "output", "parameters", "assignedVariables")
    ),
    "unnamed": Story(PRESS, {}, lambda request: TaskResult({"Output": {"n": 1}}, after_seconds=10), name=""),
    "retries": Story(RETRIES, {"n": 7, "nap": 12}, work),
    "jitter": Story(JITTER, {}, work),
    "press": Story(PRESS, {}, lambda request: TaskResult({"Output": {"n": 1}, "x": 2}, after_seconds=100)),
    "sides": Story(SIDES, {"n": 1, "items": ["a", "b", "c", "d"], "few": ["a", "b"]}, items_answer, 3),
    "dmap": Story(ITEMS_MAP, {"n": 1, "items": [1, 2]}, run_answer),
}

ROWS: Final = (
    Row("long", "as it was", {}, IDENTICAL),
    Row(
        "long",
        "another time when the execution times out",
        {"/TimeoutSeconds": 200},
        "ExecutionTimedOut Both timestamps",
        words="the execution timed out 99.984 s earlier",
    ),
    Row(
        "long",
        "it times out before",
        {"/TimeoutSeconds": 60},
        "ExecutionTimedOut Both timestamps",
        words="the execution timed out 40.016 s later",
    ),
    Row(
        "long",
        "a branch would have woken",
        {"Both/Branches/0/States/Sleep/Seconds": 50},
        "ExecutionTimedOut Sleep timestamps",
        words="the wait of 'Sleep' would have ended",
    ),
    Row(
        "long",
        "a state later",
        {"Both/Branches/1/States/Sleep too/Seconds": 40},
        "ExecutionTimedOut Sleep too timestamps",
        words="the wait of 'Sleep too' would have ended",
    ),
    Row("long", "a longer sleep, cut short as well", {"Both/Branches/0/States/Sleep/Seconds": 9000}, IDENTICAL),
    Row(
        "long",
        "a branch more",
        lambda d: d["States"]["Both"]["Branches"].append(
            {"StartAt": "M", "States": {"M": {"Type": "Pass", "End": True}}}
        ),
        "ExecutionTimedOut M timestamps",
    ),
    Row("flow", "as it was", {}, IDENTICAL),
    Row("flow", "as it was", {}, IDENTICAL, known=True),
    Row(
        "flow",
        "a longer sleep by a variable",
        {"Keep/Assign/sleep": 30},
        "PassStateExited Keep assignedVariables/sleep",
        words="Assign as defined",
    ),
    Row("flow", "the sleep is fixed", {"Nap/Seconds": 40}, "WaitStateExited Nap timestamps"),
    Row("flow", "the same sleep, fixed", {"Nap/Seconds": 20}, IDENTICAL),
    Row(
        "flow",
        "another variable",
        {"Both/Branches/0/States/Fine/Parameters/id.$": "$seen"},
        "PassStateExited Fine output/id",
    ),
    Row(
        "flow",
        "the time by the start",
        {"Both/Branches/1/States/Bad/Parameters/Payload/at.$": "$$.State.EnteredTime"},
        "TaskScheduled Bad parameters/Payload/at",
    ),
    Row("flow", "no retry", {"Both/Retry": DROP}, "ParallelStateStarted Both type"),
    Row("flow", "one retry more", {"Both/Retry/0/MaxAttempts": 2}, "ParallelStateFailed Both type"),
    Row("flow", "a longer delay", {"Both/Retry/0/IntervalSeconds": 25}, "ParallelStateStarted Both timestamps"),
    Row("flow", "another backoff, never used", {"Both/Retry/0/BackoffRate": 1}, IDENTICAL),
    Row(
        "flow",
        "the Catcher's Assign",
        {"Both/Catch/1/Assign/why.$": "$.Cause"},
        "ParallelStateExited Both assignedVariables/why",
        words="Assign as defined",
    ),
    Row(
        "flow",
        "the Catcher's ResultPath",
        {"Both/Catch/1/ResultPath": "$.failed"},
        "ParallelStateExited Both output/caught",
        words="Catch as defined",
    ),
    Row(
        "flow",
        "the Catchers in the other order",
        lambda d: d["States"]["Both"]["Catch"].insert(
            0, d["States"]["Both"]["Catch"].pop() | {"ErrorEquals": ["Broken"]}
        ),
        IDENTICAL,
    ),
    Row(
        "flow",
        "the first Catcher for all",
        {"Both/Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]},
        "ParallelStateExited Both output/n",
        words="Catch as defined",
    ),
    Row(
        "flow",
        "a branch more",
        lambda d: d["States"]["Both"]["Branches"].append(
            {"StartAt": "M", "States": {"M": {"Type": "Pass", "End": True}}}
        ),
        "TaskStateAborted M timestamps",
    ),
    Row(
        "flow",
        "the failing branch waits first",
        lambda d: d["States"]["Both"]["Branches"][1].update(
            StartAt="W",
            States={**d["States"]["Both"]["Branches"][1]["States"], "W": {"Type": "Wait", "Seconds": 9, "Next": "Bad"}},
        ),
        "TaskStateEntered Bad type",
    ),
    Row(
        "flow",
        "another function by ARN",
        {"Plain/Resource": "arn:aws:lambda:us-east-1:123456789012:function:other"},
        "LambdaFunctionScheduled Plain resource",
    ),
    Row(
        "flow",
        "another input of the function",
        {"Plain/Parameters": {"n": 1}},
        "LambdaFunctionScheduled Plain input/caught",
    ),
    Row("flow", "its input written out", {"Plain/InputPath": "$"}, IDENTICAL),
    Row(
        "flow",
        "less of its input",
        {"Plain/InputPath": "$.caught"},
        "LambdaFunctionScheduled Plain input/n",
        words="InputPath as defined",
    ),
    Row("flow", "another number", {"Sum/Parameters/n": 1001}, "PassStateExited Sum output/n"),
    Row("flow", "the number as text", {"Sum/Parameters/n": "1000"}, "PassStateExited Sum output/n"),
    Row("flow", "another way to the array", {"Sum/Parameters/t.$": "States.Array(1, 2)"}, IDENTICAL),
    Row(
        "flow",
        "the array in the other order",
        {"Sum/Parameters/t.$": "States.Array(2, 1)"},
        "PassStateExited Sum output/t/0",
    ),
    Row("flow", "the rules in the other order", lambda d: d["States"]["Pick"]["Choices"].reverse(), IDENTICAL),
    Row("flow", "another Default", {"Pick/Default": "Stop"}, IDENTICAL),
    Row(
        "flow",
        "the rule by its Not",
        {"Pick/Choices/1": {"Not": {"Variable": "$.why", "StringEquals": "Fine"}, "Next": "Stop"}},
        IDENTICAL,
    ),
    Row(
        "flow",
        "the rule matches in other letters",
        {"Pick/Choices/1/StringEquals": "broken"},
        "TaskStateEntered Stop type",
    ),
    Row(
        "flow",
        "a state renamed",
        lambda d: (
            d["States"].update(Ende=d["States"].pop("Stop")),
            d["States"]["Pick"]["Choices"][1].update(Next="Ende"),
        ),
        "TaskStateEntered Stop type",
    ),
    Row("flow", "it starts later", {"/StartAt": "Nap"}, "PassStateEntered Keep type"),
    Row(
        "flow",
        "a shorter timeout of the task",
        {"Stop/TimeoutSeconds": 30},
        "TaskScheduled Stop timeoutInSeconds",
        words="timeoutInSeconds",
    ),
    Row(
        "flow",
        "the task's heartbeat gone",
        {"Stop/HeartbeatSeconds": DROP},
        "TaskScheduled Stop heartbeatInSeconds",
        words="heartbeatInSeconds",
    ),
    Row(
        "flow",
        "the machine's timeout comes first",
        {"/TimeoutSeconds": 60},
        "TaskTimedOut Stop type",
        words="the execution times out: its TimeoutSeconds are 60",
    ),
    Row("flow", "the machine's timeout never comes", {"/TimeoutSeconds": DROP}, IDENTICAL),
    Row(
        "flow",
        "the Catcher of the timeout",
        {"Stop/Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Sorry"}]},
        "ExecutionFailed  type",
    ),
    Row(
        "flow",
        "a Catcher for another error",
        {"Stop/Catch": [{"ErrorEquals": ["States.Permissions"], "Next": "Sorry"}]},
        IDENTICAL,
    ),
    Row(
        "flow",
        "in JSONata, the same",
        {
            "Sum": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": {"why": "{% $why %}", "n": 1000, "t": [1, 2]},
                "Next": "Pick",
            }
        },
        IDENTICAL,
    ),
    Row(
        "flow",
        "in JSONata, not the same",
        {
            "Sum": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": {"why": "{% $why %}", "n": "{% 999 %}", "t": [1, 2]},
                "Next": "Pick",
            }
        },
        "PassStateExited Sum output/n",
    ),
    Row(
        "flow",
        "the branch beside it ends before",
        {
            "Both/Branches/0/States/Long/Seconds": 0,
            "Both/Branches/0/States/Long/Next": "More",
            "Both/Branches/0/States/Long/End": DROP,
            "Both/Branches/0/States/More": {"Type": "Pass", "End": True},
        },
        IDENTICAL,
    ),
    Row("flow cut off", "as it was", {}, PARTIAL),
    Row("flow cut off", "what comes after the cut", {"Stop/Parameters/Cause": "y"}, PARTIAL),
    Row("flow cut off", "another sleep", {"Nap/Seconds": 40}, "WaitStateExited Nap timestamps"),
    Row("flow without role", "as it was", {}, IDENTICAL),
    Row("flow without role", "another number", {"Sum/Parameters/n": 1001}, "PassStateExited Sum output/n"),
    Row("flow without times", "as it was", {}, PARTIAL, words="timestamps"),
    Row("flow without times", "another sleep", {"Nap/Seconds": 40}, PARTIAL, words="timestamps"),
    Row("flow without times", "another number", {"Sum/Parameters/n": 1001}, "PassStateExited Sum output/n"),
    Row("flow without data", "as it was", {}, NOT_VERIFIED, words="without execution data"),
    Row("unnamed", "as it was", {}, PARTIAL, words="execution's name"),
    Row(
        "unnamed",
        "another prefix",
        {"Child/Parameters/Name.$": "States.Format('x{}-{}', $$.Execution.Name, States.UUID())"},
        "TaskScheduled Child parameters/Name",
    ),
    Row(
        "unnamed",
        "the id in place of the name",
        {"Child/Parameters/Name.$": "$$.Execution.Id"},
        "TaskScheduled Child parameters/Name",
    ),
    Row(
        "unnamed",
        "the name in place of the id",
        {"Child/Parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Name"},
        "TaskScheduled Child parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID",
    ),
    Row(
        "unnamed",
        "another input of the child",
        {"Child/Parameters/Input/n": 6},
        "TaskScheduled Child parameters/Input/n",
    ),
    Row("retries", "as it was", {}, IDENTICAL),
    Row("retries", "a shorter interval", {"Flaky/Retry/1/IntervalSeconds": 1}, "TaskScheduled Flaky timestamps"),
    Row("retries", "a longer interval", {"Flaky/Retry/1/IntervalSeconds": 9}, "TaskScheduled Flaky timestamps"),
    Row("retries", "another backoff", {"Flaky/Retry/1/BackoffRate": 1}, "TaskScheduled Flaky timestamps"),
    Row("retries", "fewer attempts", {"Flaky/Retry/1/MaxAttempts": 1}, "TaskScheduled Flaky type"),
    Row("retries", "another error", {"Flaky/Retry/1/ErrorEquals": ["Idle"]}, "TaskScheduled Flaky type"),
    Row("retries", "no Retry", {"Flaky/Retry": DROP}, "TaskScheduled Flaky type"),
    Row("retries", "a Retrier before it", {"Flaky/Retry/0/ErrorEquals": ["Busy"]}, "TaskScheduled Flaky timestamps"),
    Row(
        "retries",
        "the Catcher's ResultPath",
        {"Bad/Catch/1/ResultPath": "$.err"},
        "TaskStateExited Bad output/error",
        words="Catch as defined",
    ),
    Row(
        "retries",
        "the Catcher's ResultPath dropped",
        {"Bad/Catch/1/ResultPath": DROP},
        "TaskStateExited Bad output/n",
        words="Catch as defined",
    ),
    Row("retries", "no Catcher", {"Bad/Catch": DROP}, "TaskStateExited Bad type"),
    Row("retries", "the Catcher leads elsewhere", {"Bad/Catch/1/Next": "Slow"}, "WaitStateEntered Nap type"),
    Row("retries", "the Wait by another field", {"Nap/SecondsPath": "$.n"}, "WaitStateExited Nap timestamps"),
    Row("retries", "the Wait is fixed", {"Nap/SecondsPath": DROP, "Nap/Seconds": 1}, "WaitStateExited Nap timestamps"),
    Row("retries", "a longer heartbeat", {"Slow/HeartbeatSeconds": 30}, "ActivityScheduled Slow heartbeatInSeconds"),
    Row(
        "retries",
        "another activity",
        {"Slow/Resource": "arn:aws:states:us-east-1:123456789012:activity:other"},
        "ActivityScheduled Slow resource",
    ),
    Row("retries", "no heartbeat", {"Slow/HeartbeatSeconds": DROP}, "ActivityScheduled Slow heartbeatInSeconds"),
    Row(
        "retries",
        "another error of the Fail",
        {"Give up/ErrorPath": "States.Format('Left{}', $.n)"},
        "ExecutionFailed  error",
    ),
    Row(
        "retries",
        "another cause of the Fail",
        {"Give up/CausePath": "States.JsonToString($.slow)"},
        "ExecutionFailed  cause/Error",
    ),
    Row("retries", "the machine times out first", {"/TimeoutSeconds": 10}, "TaskScheduled Flaky type"),
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
    Row("jitter", "a shorter longest delay", {"Flaky/Retry/0/IntervalSeconds": 3}, "TaskScheduled Flaky timestamps"),
    Row("jitter", "no jitter", {"Flaky/Retry/0/JitterStrategy": "NONE"}, "TaskScheduled Flaky timestamps"),
    Row("jitter", "fewer attempts", {"Flaky/Retry/0/MaxAttempts": 1}, "TaskScheduled Flaky type"),
    Row("jitter", "a longer longest delay", {"Flaky/Retry/0/IntervalSeconds": 90}, IDENTICAL),
    Row("press", "as it was", {}, IDENTICAL),
    Row(
        "press",
        "no token any more",
        {"Ask/Parameters/MessageBody/token.$": DROP},
        "TaskScheduled Ask parameters/MessageBody/token",
    ),
    Row(
        "press",
        "a literal token",
        {"Ask/Parameters/MessageBody/token.$": DROP, "Ask/Parameters/MessageBody/token": "t"},
        "TaskScheduled Ask parameters/MessageBody/token",
    ),
    Row(
        "press",
        "another link",
        {"Ask/Parameters/MessageBody/link.$": "States.Format('http://x/?t={}', $$.Task.Token)"},
        "TaskScheduled Ask parameters/MessageBody/link",
    ),
    Row("press", "another message", {"Ask/Parameters/MessageBody/n": 5}, "TaskScheduled Ask parameters/MessageBody/n"),
    Row(
        "press",
        "the id in place of the token",
        {"Ask/Parameters/MessageBody/token.$": "$$.Execution.Id"},
        "TaskScheduled Ask parameters/MessageBody/token",
    ),
    Row(
        "press",
        "no callback",
        {
            "Ask/Resource": "arn:aws:states:::sqs:sendMessage",
            "Ask/Parameters/MessageBody/token.$": "$$.Execution.Id",
            "Ask/Parameters/MessageBody/link.$": "$$.Execution.Id",
        },
        "TaskScheduled Ask resource",
    ),
    Row(
        "press",
        "another machine",
        {"Child/Parameters/StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Other"},
        "TaskScheduled Child parameters/StateMachineArn",
    ),
    Row(
        "press", "another input of the child", {"Child/Parameters/Input/n": 6}, "TaskScheduled Child parameters/Input/n"
    ),
    Row(
        "press",
        "the name in place of the id",
        {"Child/Parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Name"},
        "TaskScheduled Child parameters/Input/AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID",
    ),
    Row(
        "press",
        "another name of the child",
        {"Child/Parameters/Name.$": "States.Format('c-{}', States.UUID())"},
        "TaskScheduled Child parameters/Name",
    ),
    Row(
        "press",
        "not waited for",
        {"Child/Resource": "arn:aws:states:::states:startExecution"},
        "TaskScheduled Child resource",
    ),
    Row(
        "press",
        "its output as text",
        {"Child/Resource": "arn:aws:states:::states:startExecution.sync"},
        "TaskScheduled Child resource",
    ),
    Row("press", "another heartbeat", {"Press/HeartbeatSeconds": 40}, "ActivityScheduled Press heartbeatInSeconds"),
    Row("press", "a shorter timeout", {"Press/TimeoutSeconds": 50}, "ActivityScheduled Press timeoutInSeconds"),
    Row(
        "press",
        "another activity",
        {"Press/Resource": "arn:aws:states:us-east-1:123456789012:activity:other"},
        "ActivityScheduled Press resource",
    ),
    Row(
        "press",
        "another ResultSelector",
        {"Child/ResultSelector/out.$": "$.x"},
        "TaskStateExited Child output/out",
        words="ResultSelector as defined",
    ),
    Row(
        "press",
        "the name by another way",
        {"Child/Parameters/Name.$": "States.Format('march-{}', States.UUID())"},
        IDENTICAL,
    ),
    Row("press", "comments", {"Press/Comment": "x", "Child/Comment": "y"}, IDENTICAL),
    Row("press", "key order", reordered, IDENTICAL),
    Row("sides", "as it was", {}, IDENTICAL),
    Row(
        "sides",
        "one at a time",
        {"Each/MaxConcurrency": 1},
        "MapIterationStarted Each type",
        words="MaxConcurrency as defined",
    ),
    Row(
        "sides",
        "all at once",
        {"Each/MaxConcurrency": 10},
        "MapIterationStarted Each previousEventId",
        words="MaxConcurrency as defined",
    ),
    Row(
        "sides",
        "no limit",
        {"Each/MaxConcurrency": 0},
        "MapIterationStarted Each previousEventId",
        words="MaxConcurrency as defined",
    ),
    Row(
        "sides",
        "three at a time",
        {"Each/MaxConcurrency": 3},
        "MapIterationStarted Each previousEventId",
        words="MaxConcurrency as defined",
    ),
    Row(
        "sides",
        "the selector's value",
        {"Each/ItemSelector/v.$": "$$.Map.Item.Index"},
        "TaskStateEntered Call input/v",
        words="ItemSelector as defined",
    ),
    Row(
        "sides",
        "the selector's index",
        {"Each/ItemSelector/i.$": DROP},
        "TaskStateEntered Call input/i",
        words="ItemSelector as defined",
    ),
    Row(
        "sides",
        "the selector's UUID is a literal",
        {"Each/ItemSelector/id.$": DROP, "Each/ItemSelector/id": OTHER_LITERAL},
        "TaskStateEntered Call input/id",
        words="ItemSelector as defined",
    ),
    Row(
        "sides",
        "another UUID is kept",
        {"Each/ItemProcessor/States/Keep/Parameters/id.$": "States.UUID()"},
        "PassStateExited Keep output/id",
    ),
    Row(
        "sides",
        "the item's result elsewhere",
        {"Each/ItemProcessor/States/Call/ResultPath": "$.s"},
        "TaskStateExited Call output/r",
        words="ResultPath as defined",
    ),
    Row(
        "sides",
        "the Map's result elsewhere",
        {"Each/ResultPath": "$.all"},
        "MapStateExited Each output/each",
        words="ResultPath as defined",
    ),
    Row(
        "sides",
        "the branches swapped",
        lambda d: d["States"]["Both"]["Branches"].reverse(),
        "ParallelStateExited Both type",
    ),
    Row(
        "sides",
        "another ResultSelector",
        {"Both/ResultSelector/right.$": "$[1].items"},
        "ParallelStateExited Both output/both/right",
        words="ResultSelector as defined",
    ),
    Row("sides", "a longer Wait in a branch", {"Both/Branches/1/States/R/Seconds": 30}, "WaitStateExited R timestamps"),
    Row(
        "sides",
        "a literal in a branch",
        {"Both/Branches/0/States/L/Parameters": {"l": "x"}},
        "PassStateExited L output/l",
    ),
    Row("sides", "other items", {"Each/ItemsPath": "$.few"}, "MapStateStarted Each length"),
    Row("sides", "the items by another way", {"Each/ItemsPath": "$$.Execution.Input.items"}, IDENTICAL),
    Row(
        "sides",
        "Iterator, as it was called",
        lambda d: d["States"]["Each"].update(Iterator=d["States"]["Each"].pop("ItemProcessor")),
        IDENTICAL,
    ),
    Row(
        "sides",
        "Parameters, as they were called",
        lambda d: d["States"]["Each"].update(Parameters=d["States"]["Each"].pop("ItemSelector")),
        IDENTICAL,
    ),
    Row(
        "sides",
        "comments inside",
        {"Each/ItemProcessor/States/Call/Comment": "x", "Both/Branches/0/Comment": "y"},
        IDENTICAL,
    ),
    Row("sides", "the mode written out", {"Each/ItemProcessor/ProcessorConfig": {"Mode": "INLINE"}}, IDENTICAL),
    Row("sides", "a Retrier never used", {"Both/Retry": [{"ErrorEquals": ["States.ALL"]}]}, IDENTICAL),
    Row(
        "dmap",
        "a reader less",
        {"Each/ItemReader": DROP, "Each/ItemsPath": "$$.Execution.Input.items"},
        "MapStateStarted Each length",
    ),
    Row("dmap", "concurrency", {"Each/MaxConcurrency": 5}, NOT_VERIFIED, known=True),
    Row(
        "dmap", "comments", {"Each/Comment": "x", "Each/ItemProcessor/States/Work/Comment": DROP}, IDENTICAL, known=True
    ),
    Row("dmap", "after it", {"After/Parameters/n": 2}, "PassStateExited After output/n", known=True),
    Row("dmap", "after it", {"After/Parameters/n": 2}, "PassStateExited After output/n"),
    Row(
        "dmap",
        "another draw after it",
        {"After/Parameters/id.$": "States.Format('{}', States.UUID())"},
        NOT_VERIFIED,
        known=True,
    ),
    Row("dmap", "its ResultPath", {"Each/ResultPath": "$.runs"}, NOT_VERIFIED, known=True),
    Row(
        "dmap",
        "inline",
        {
            "Each/ItemProcessor/ProcessorConfig": {"Mode": "INLINE"},
            "Each/ItemReader": DROP,
            "Each/ItemBatcher": DROP,
            "Each/ResultWriter": DROP,
            "Each/ToleratedFailurePercentage": DROP,
            "Each/Label": DROP,
            "Each/ItemsPath": "$$.Execution.Input.items",
        },
        "MapStateStarted Each length",
    ),
    *(
        Row("dmap", name, change, NOT_VERIFIED, known=is_known)
        for is_known in (False, True)
        for name, change in UNSEEN.items()
    ),
    Row("dmap", "as it was", {}, NOT_VERIFIED, words="does not hold the child executions of 'Each'"),
    Row("dmap", "as it was", {}, IDENTICAL, known=True),
)
