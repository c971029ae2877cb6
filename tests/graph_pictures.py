"""Pictures to write: definitions with the histories of executions of them, made event by event."""

from __future__ import annotations

import json
from typing import Any

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.drawing import Zoom, build
from sfdebug.drawing.layout.build import MAX_NAME
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import Recording
from sfdebug.reports.graphs.export import GraphExport
from sfdebug.reports.graphs.overlay import RecordingOverlay, follow
from tests.graph_machines import Asl, machine

RESOURCE = "arn:aws:states:::lambda:invoke"


def task(next: str | None = None, **fields: Any) -> Asl:
    return {"Type": "Task", "Resource": RESOURCE, **({"Next": next} if next else {"End": True}), **fields}


def catching(next: str, *errors: str) -> list[Asl]:
    return [{"ErrorEquals": list(errors or ("States.ALL",)), "Next": next}]


CHAIN: Asl = {
    "StartAt": "Reserve",
    "States": {
        "Reserve": task("Charge card", Retry=[{"ErrorEquals": ["States.ALL"]}]),
        "Charge card": task("Ship", Catch=catching("Refused")),
        "Ship": task(),
        "Refused": {"Type": "Fail"},
    },
}

POLL: Asl = {
    "StartAt": "Look",
    "States": {
        "Look": task("Ended?"),
        "Ended?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.state", "StringEquals": "DONE", "Next": "Report"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Look"},
        "Report": {"Type": "Succeed"},
    },
}

NEST: Asl = {
    "StartAt": "Each order",
    "States": {
        "Each order": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Fan out",
                "States": {
                    "Fan out": {
                        "Type": "Parallel",
                        "Branches": [
                            {"StartAt": "Resize", "States": {"Resize": task("Store"), "Store": task()}},
                            {"StartAt": "Notify", "States": {"Notify": task()}},
                        ],
                        "End": True,
                    }
                },
            },
            "Next": "Done",
            "Catch": catching("Failed"),
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail"},
    },
}


class Events:
    """A history in the making. Every method adds one event and gives its id; `after` is its previousEventId."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.last = 0
        self.add("ExecutionStarted", "executionStartedEventDetails", {"input": "{}"}, after=0)
        self.last = 0  # recorded: the first state's event follows the event 0

    def add(self, type: str, key: str = "", details: dict[str, Any] | None = None, after: int | None = None) -> int:
        event: dict[str, Any] = {"id": len(self.events) + 1, "type": type, "timestamp": "2025-01-01T00:00:00+00:00"}
        event["previousEventId"] = self.last if after is None else after
        if key:
            event[key] = details or {}
        self.events.append(event)
        self.last = len(self.events)
        return self.last

    def enter(self, kind: str, name: str, after: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", "stateEnteredEventDetails", {"name": name, "input": "{}"}, after)

    def exit(self, kind: str, name: str, after: int | None = None) -> int:
        return self.add(f"{kind}StateExited", "stateExitedEventDetails", {"name": name, "output": "{}"}, after)

    def visit(self, kind: str, name: str, after: int | None = None) -> int:
        self.enter(kind, name, after)
        if kind == "Task":
            self.attempt("TaskSucceeded")
        return self.exit(kind, name)

    def attempt(self, end: str) -> int:
        self.add("TaskScheduled", "taskScheduledEventDetails", {"resourceType": "lambda", "resource": "invoke"})
        self.add("TaskStarted", "taskStartedEventDetails", {"resourceType": "lambda", "resource": "invoke"})
        details = {"error": "Boom"} if end == "TaskFailed" else {}
        return self.add(end, f"t{end[1:]}EventDetails", {"resourceType": "lambda", "resource": "invoke", **details})

    def recording(self, name: str = "run.json") -> Recording:
        return parse_recordings(json.dumps({"events": self.events}), name)[0]

    def text(self) -> str:
        return json.dumps({"events": self.events})

    def trail(self, definition: Asl) -> RecordingOverlay:
        return follow(machine(definition), self.recording())


def declined() -> Events:
    """An execution of CHAIN: its card is declined, and the Catcher leads to Refused."""
    events = Events()
    events.enter("Task", "Reserve")
    events.attempt("TaskFailed")
    events.attempt("TaskSucceeded")
    events.exit("Task", "Reserve")
    events.enter("Task", "Charge card")
    events.attempt("TaskFailed")
    events.exit("Task", "Charge card")
    events.enter("Fail", "Refused")
    events.add("ExecutionFailed", "executionFailedEventDetails", {"error": "Refused"})
    return events


def polled(times: int) -> Events:
    """An execution of POLL that waits so many times."""
    events = Events()
    for _ in range(times):
        events.visit("Task", "Look")
        events.visit("Choice", "Ended?")
        events.visit("Wait", "Wait")
    events.visit("Task", "Look")
    events.visit("Choice", "Ended?")
    events.visit("Succeed", "Report")
    events.add("ExecutionSucceeded", "executionSucceededEventDetails", {"output": "{}"})
    return events


def picture(
    definition: Asl | StateMachine,
    events: Events | None = None,
    collapsed: frozenset[StatePath] = frozenset(),
    zoom: Zoom = Zoom.FULL,
    max_name: int = MAX_NAME,
) -> GraphExport:
    """The picture of a definition, with the trail of `events` over it."""
    made = definition if isinstance(definition, StateMachine) else machine(definition)
    trail = follow(made, events.recording()) if events is not None else None
    return GraphExport(build(made, collapsed, max_name, zoom=zoom), "machine.asl.json", trail)
