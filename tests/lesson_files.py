"""Courses and lessons that tests write into a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEAD = 'title = "A lesson"\ncures = "A mistake."\n'
ORDER: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "charge"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2}],
            "Catch": [
                {"ErrorEquals": ["States.Timeout"], "Next": "Hold"},
                {"ErrorEquals": ["Refused"], "Next": "Tell"},
            ],
            "ResultPath": "$.payment",
            "Next": "Paid?",
        },
        "Paid?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Hold"},
                {"Variable": "$.total", "NumericGreaterThan": 10, "Next": "Ship"},
            ],
            "Default": "Tell",
        },
        "Hold": {"Type": "Pass", "Next": "Ship"},
        "Tell": {"Type": "Fail", "Error": "NotPaid"},
        "Ship": {"Type": "Pass", "Result": "shipped", "ResultPath": "$.state", "End": True},
    },
}
MOCKS: dict[str, Any] = {
    "StateMachines": {"Order": {"TestCases": {"Paid": {"Charge": "Paid"}, "Busy": {"Charge": "Busy"}}}},
    "MockedResponses": {
        "Paid": {"0-9": {"Return": {"receipt": "R-1"}}},
        "Busy": {"0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}, "2": {"Return": {"receipt": "R-2"}}},
    },
}


def write_lesson(folder: Path, text: str, definition: Any = ORDER, input: Any = None, **files: Any) -> Path:
    """A lesson with mocks, with these further files (`__` stands for a dot in their names); the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lesson.toml").write_text(text, encoding="utf-8")
    written = {"lesson__asl__json": definition, "input__json": input or {"total": 20}, "mocks__json": MOCKS, **files}
    for name, value in written.items():
        content = value if isinstance(value, str) else json.dumps(value, indent=2)
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return folder
