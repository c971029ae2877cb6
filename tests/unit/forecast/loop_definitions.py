"""Definitions with loops, after what broke in public repositories, and answers that keep them going.

A polling loop that died after half a day: aws-solutions/distributed-load-testing-on-aws#335. A list that grows with
each page: aws-samples/aws-organizations-tag-inventory#15.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sfdebug.asl.load import parse_definition
from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:look"


def machine(states: dict[str, Any], **fields: Any) -> StateMachine:
    return parse_definition(json.dumps({"StartAt": next(iter(states)), "States": states, **fields}), "loop.asl.json")


def polling(seconds: int = 60, **fields: Any) -> StateMachine:
    """Wait, look, and wait again while it runs."""
    return machine(
        {
            "Begin": {"Type": "Pass", "Next": "Wait"},
            "Wait": {"Type": "Wait", "Seconds": seconds, "Next": "Look"},
            "Look": {
                "Type": "Task",
                "Resource": FUNCTION,
                "ResultPath": "$.look",
                "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 3}],
                "Next": "Runs?",
            },
            "Runs?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.look.status", "StringEquals": "RUNNING", "Next": "Wait"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
        **fields,
    )


def paging() -> StateMachine:
    """Reads page after page, and carries all of them."""
    return machine(
        {
            "Read": {
                "Type": "Task",
                "Resource": FUNCTION,
                "Output": "{% {'all': $append($states.input.all, $states.result.page), 'more': $states.result.more} %}",
                "Next": "More?",
            },
            "More?": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.more %}", "Next": "Read"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
        QueryLanguage="JSONata",
    )


def counting(most: int) -> StateMachine:
    """Looks so often, and then gives up."""
    return machine(
        {
            "Set": {"Type": "Pass", "Assign": {"looks": 0}, "Next": "Wait"},
            "Wait": {"Type": "Wait", "Seconds": 10, "Next": "Look"},
            "Look": {
                "Type": "Task",
                "Resource": FUNCTION,
                "Assign": {"looks": "{% $looks + 1 %}"},
                "Next": "Enough?",
            },
            "Enough?": {
                "Type": "Choice",
                "Choices": [{"Condition": f"{{% $looks < {most} %}}", "Next": "Wait"}],
                "Default": "Give up",
            },
            "Give up": {"Type": "Fail", "Error": "TooSlow"},
        },
        QueryLanguage="JSONata",
    )


def mapping_debugger(**fields: Any) -> Debugger:
    """On a distributed Map of three items; those above 9 take a state more."""
    above = [{"Variable": "$", "NumericGreaterThan": 9, "Next": "More"}]
    inner = {
        "In": {"Type": "Choice", "Choices": above, "Default": "Done"},
        "More": {"Type": "Pass", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }
    distributed = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"StartAt": "In", "States": inner, "ProcessorConfig": distributed}
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True, **fields}
    return Debugger(machine({"Each": each}), {"items": [1, 2, 3]})


class Runs:
    """Answers that it runs, so often (None: for ever); every third call of a look is refused once, if `busy`."""

    def __init__(self, times: int | None, *, busy: bool = False) -> None:
        self._times = times
        self._busy = busy

    def answer(self, request: TaskRequest) -> Answer | None:
        if self._busy and request.attempt == 1:
            return TaskFailure("Busy")
        looks = request.invocation // 2 if self._busy else request.invocation
        is_running = self._times is None or looks < self._times
        return TaskResult({"status": "RUNNING" if is_running else "DONE"})


class Pages:
    """Answers with a page of so many characters, for so many pages (None: for ever)."""

    def __init__(self, times: int | None, characters: int) -> None:
        self._times = times
        self._page = "é" * characters

    def answer(self, request: TaskRequest) -> Answer | None:
        return TaskResult({"page": [self._page], "more": self._times is None or request.invocation < self._times})
