"""Small helpers for tests of the debugger: definitions, a handler, and looks at what stands at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sfdebug.asl.definition import StatePath
from sfdebug.debugger import Debugger, StageLine, Verb
from sfdebug.engine.execution.decisions import Answer, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.values import Json

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"


@dataclass
class Handler:
    """Answers by state name from functions, echoes without one, and keeps count of what it was asked."""

    answers: Mapping[str, Callable[[TaskRequest], Answer | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, request: TaskRequest) -> Answer | None:
        self.asked.append(request.state.name)
        function = self.answers.get(request.state.name)
        return function(request) if function else TaskResult(request.input)


class Nobody:
    """Knows no task."""

    def answer(self, request: TaskRequest) -> Answer | None:
        return None


def task(next_state: str | None = None, **fields: Any) -> dict[str, Any]:
    """A Task state."""
    leaving: dict[str, Any] = {"Next": next_state} if next_state else {"End": True}
    return {"Type": "Task", "Resource": LAMBDA, **leaving, **fields}


def passing(next_state: str | None = None, **fields: Any) -> dict[str, Any]:
    """A Pass state."""
    leaving: dict[str, Any] = {"Next": next_state} if next_state else {"End": True}
    return {"Type": "Pass", **leaving, **fields}


def machine(**states: Any) -> dict[str, Any]:
    """A definition that starts at the first of its states."""
    return {"StartAt": next(iter(states)), "States": dict(states)}


ENDLESS: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "Again"},
        "Again": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "Done"}],
            "Default": "A",
        },
        "Done": {"Type": "Succeed"},
    },
}

ORDER: dict[str, Any] = {
    "StartAt": "Reserve",
    "States": {
        "Reserve": task("Paid?", InputPath="$.order", ResultPath="$.reserved"),
        "Paid?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.order.total", "NumericGreaterThan": 100, "Next": "Hold"}],
            "Default": "Charge",
        },
        "Charge": task(
            "Ship",
            Retry=[{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 3}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"}],
            ResultPath="$.payment",
        ),
        "Hold": {"Type": "Wait", "Seconds": 30, "Next": "Charge"},
        "Ship": {"Type": "Succeed"},
        "Sorry": {"Type": "Fail", "Error": "NoPayment", "Cause": "the card was refused"},
    },
}
ORDER_INPUT: Json = {"order": {"total": 42.5}, "customer": "Ada"}

PARALLEL: dict[str, Any] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "A1", "States": {"A1": passing("A2"), "A2": passing()}},
                {"StartAt": "B1", "States": {"B1": passing("B2"), "B2": passing()}},
            ],
            "Next": "After",
        },
        "After": passing(),
    },
}

EACH: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "One",
                "States": {"One": passing("Work"), "Work": task()},
            },
            "End": True,
        },
    },
}


def where(debugger: Debugger) -> tuple[str, str]:
    """The state at the cursor and its stage ("" before it is entered)."""
    view = debugger.view()
    name = view.state.name if view.state else ""
    return name, str(view.stage.name) if view.stage else ""


def revealed(debugger: Debugger) -> list[str]:
    """The names of the stages up to the cursor."""
    return [str(line.name) for line in debugger.view().visit_stages if not line.is_pending]


def planned(debugger: Debugger) -> list[str]:
    """The names of the stages that are still to come."""
    return [str(line.name) for line in debugger.view().visit_stages if line.is_pending]


def last_line(debugger: Debugger) -> StageLine:
    """The stage line at the cursor."""
    view = debugger.view()
    return view.visit_stages[view.stage_index]


def event_types(debugger: Debugger) -> list[str]:
    """The types of the events up to the cursor."""
    return [event.type for event in debugger.execution.events]


def over_to(debugger: Debugger, name: str, most: int = 50) -> None:
    """Step over until the debugger stands before the state with that name."""
    for _ in range(most):
        view = debugger.view()
        if view.is_about_to_run and view.state is not None and view.state.name == name:
            return
        debugger.step_over()
    raise AssertionError(f"never came to {name}")


def refusal(debugger: Debugger, verb: Verb, path: StatePath | None = None) -> str:
    """Why a verb is not possible at the cursor; "" when it is."""
    stop = debugger.why_unavailable(verb, path)
    return stop.text if stop is not None else ""
