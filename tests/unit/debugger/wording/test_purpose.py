"""What a state is there for, in words."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger.wording.stages import purpose_of
from tests.engine_runs import one

INNER = {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"Type": "Pass"}, ""),
        ({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}, "it calls sqs:sendMessage"),
        (
            {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:paint"},
            "a worker of its activity does the work",
        ),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}],
            },
            "it calls a Lambda function, with up to 5 retries",
        ),
        ({"Type": "Parallel", "Branches": [INNER]}, "it runs its one branch"),
        ({"Type": "Map", "ItemProcessor": INNER}, "it runs once for each item, from I on"),
    ],
)
def test_purposes(state: dict[str, Any], words: str) -> None:
    machine = definition_from(one({**state, "End": True}))
    assert purpose_of(machine.state(("A",))) == words


@pytest.mark.parametrize(
    ("rules", "default", "words"),
    [
        (1, "B", "its rule leads to B if it matches, else B"),
        (1, None, "its rule leads to B if it matches"),
        (3, "B", "the first of its 3 rules that matches leads on, else B"),
    ],
)
def test_purposes_of_choices(rules: int, default: str | None, words: str) -> None:
    state: dict[str, Any] = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.x", "NumericEquals": number, "Next": "B"} for number in range(rules)],
    }
    if default:
        state["Default"] = default
    machine = definition_from(one(state, B={"Type": "Succeed"}))
    assert purpose_of(machine.state(("A",))) == words
