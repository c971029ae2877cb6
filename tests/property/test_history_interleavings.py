"""Recordings in any order that branches can take are aligned and replayed: AWS's order is not the engine's own."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.replay.replay import replay
from sfdebug.reports.differences import difference_lines
from tests.history_runs import recording

_TASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"Payload.$": "$"},
}
_LEFT: Final[dict[str, Any]] = {
    "StartAt": "A",
    "States": {"A": {**_TASK, "Next": "A2"}, "A2": {"Type": "Pass", "Parameters": {"x.$": "$.Payload"}, "End": True}},
}
_RIGHT: Final[dict[str, Any]] = {
    "StartAt": "B",
    "States": {
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "B2"}],
            "Default": "B3",
        },
        "B2": {"Type": "Wait", "Seconds": 3, "End": True},
        "B3": {**_TASK, "End": True, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}]},
    },
}
NESTED: Final[dict[str, Any]] = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "P",
                "States": {
                    "P": {"Type": "Parallel", "Branches": [_LEFT, _RIGHT], "Next": "After"},
                    "After": {**_TASK, "End": True, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend"}]},
                    "Mend": {"Type": "Pass", "End": True},
                },
            },
            "Next": "Z",
        },
        "Z": {"Type": "Succeed"},
    },
}
FAILING: Final[dict[str, Any]] = {
    "StartAt": "P",
    "States": {
        "P": {
            "Type": "Parallel",
            "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C"}],
            "Branches": [
                {"StartAt": "A", "States": {"A": {**_TASK, "Next": "A2"}, "A2": {**_TASK, "End": True}}},
                {
                    "StartAt": "M",
                    "States": {
                        "M": {
                            "Type": "Map",
                            "ItemsPath": "$.l",
                            "ItemProcessor": {
                                "StartAt": "T",
                                "States": {
                                    "T": {**_TASK, "Next": "W"},
                                    "W": {"Type": "Wait", "Seconds": 1, "Next": "L"},
                                    "L": {"Type": "Pass", "Result": [1], "Next": "In"},
                                    "In": {
                                        "Type": "Map",
                                        "ItemProcessor": {
                                            "StartAt": "Deep",
                                            "States": {"Deep": {"Type": "Pass", "End": True}},
                                        },
                                        "End": True,
                                    },
                                },
                            },
                            "End": True,
                        }
                    },
                },
                {"StartAt": "X", "States": {"X": {"Type": "Pass", "Next": "F"}, "F": {**_TASK, "End": True}}},
            ],
            "End": True,
        },
        "C": {"Type": "Pass", "End": True},
    },
}


def answers(request: TaskRequest) -> Answer:
    name, given = request.state.name, request.input
    if name == "F":
        return TaskFailure("E" if request.invocation < 1 else "G", "c")
    if name == "B3" and request.attempt < 3:
        return TaskFailure("E", "c")
    if name == "After" and len(str(given)) % 2:
        return TaskFailure("Odd", "x")
    return TaskResult({"r": request.attempt, "Payload": given})


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize(
    ("definition", "given"),
    [(NESTED, [{"n": number} for number in range(4)]), (FAILING, {"l": [1, 2], "n": 1})],
    ids=["nested", "failing"],
)
def test_any_order_is_replayed(definition: dict[str, Any], given: Any, seed: int) -> None:
    made = recording(definition, given, answers, order=seed)
    found = replay(definition_from(definition), made, rules=Rules(frozenset({"timestamps"})))
    assert found.is_identical, "\n".join(difference_lines(found.differences[0]))
    assert found.execution.output == made.output
    assert len(found.computed) + len(found.skipped) == len(made.events)
