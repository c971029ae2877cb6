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
