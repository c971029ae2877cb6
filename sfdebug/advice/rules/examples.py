"""Tasks that the examples of more than one module of rules are made of."""

from __future__ import annotations

from typing import Any, Final

PUT: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "t", "Item": {"id": {"S.$": "$.id"}}},
    "End": True,
}
SEND: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "https://…", "MessageBody": "go"},
    "End": True,
}
