"""States and definitions of one state, for tests of what a definition may hold."""

from __future__ import annotations

from typing import Any

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}


def one(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def processor(mode: str = "DISTRIBUTED", **fields: Any) -> dict[str, Any]:
    config = {"Mode": mode, "ExecutionType": "STANDARD"}
    scope = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": PASS}}
    return {"Type": "Map", "ItemProcessor": scope, "End": True, **fields}


def counting_to(limit: int) -> dict[str, Any]:
    """A machine that counts `n` of its input up to a limit."""
    return {
        "StartAt": "Count",
        "States": {
            "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"},
            "Again?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericLessThan": limit, "Next": "Count"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }


def pricing(added: int = 1) -> dict[str, Any]:
    """A machine that makes a price of `n` of its input, by adding something to it."""
    price = {"Type": "Pass", "Parameters": {"price.$": f"States.MathAdd($.n, {added})"}, "Next": "Done"}
    return {"StartAt": "Price", "States": {"Price": price, "Done": {"Type": "Succeed"}}}
