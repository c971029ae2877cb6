"""Definitions with variables, both languages and a distributed Map, and who answers them, for tests of the faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.values import Json
from tests.debugger_runs import LAMBDA

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}

ORDERS: dict[str, Any] = {
    "StartAt": "Limits",
    "States": {
        "Limits": {"Type": "Pass", "Assign": {"count": 1, "limit": 10}, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ToleratedFailureCount": 1,
            "ItemsPath": "$.items",
            "ItemSelector": {"v.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "ProcessorConfig": DISTRIBUTED,
                "StartAt": "Work",
                "States": {
                    "Work": {"Type": "Task", "Resource": LAMBDA, "Next": "Tidy"},
                    "Tidy": {"Type": "Pass", "End": True},
                },
            },
            "Assign": {"count.$": "States.MathAdd($count, 1)", "seen": True},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"why.$": "$.Error"}, "Next": "Sorry"}],
            "Next": "Enough?",
        },
        "Enough?": {
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [
                {"Condition": "{% $count = 3 and $limit > 5 %}", "Next": "Done"},
                {"Condition": "{% $count = 2 %}", "Assign": {"took": "{% $limit %}"}, "Next": "Done"},
            ],
            "Default": "Sorry",
        },
        "Done": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"took": "{% $took %}"}, "End": True},
        "Sorry": {"Type": "Fail", "Error": "Sorry"},
    },
}
"""Three items as child executions, of which one may fail; then a Choice on the variables."""

INPUT: Json = {"items": [1, 2, 3]}


@dataclass
class Workers:
    """Answers each Task with its input; those for the items in `failing` fail. A Map Run is run."""

    failing: frozenset[int] = frozenset({2})
    run: Answer | None = None

    def answer(self, request: TaskRequest) -> Answer | None:
        if request.kind is RequestKind.MAP_RUN:
            return self.run
        item = request.input.get("v") if isinstance(request.input, dict) else None
        return TaskFailure("Boom", "no") if item in self.failing else TaskResult(request.input)


def reading(**fields: Any) -> dict[str, Any]:
    """A distributed Map that reads a CSV file from S3."""
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Parameters": {"Bucket": "shop", "Key": "orders.csv"},
    }
    processor = {
        "ProcessorConfig": DISTRIBUTED,
        "StartAt": "Work",
        "States": {"Work": {"Type": "Pass", "Parameters": {"n.$": "$.total"}, "End": True}},
    }
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True, **fields}
    return {"StartAt": "Read", "States": {"Read": state}}


def rows(*totals: int) -> Dataset:
    """Rows with a total each."""
    return Dataset(items=tuple({"total": total} for total in totals))
