"""Small definitions for tests that run the engine, and looks into what came of them."""

from __future__ import annotations

from typing import Any

from sfdebug.engine import Execution, readiness, step
from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from tests.engine_runs import Answers, echo, one

INVOKE = "arn:aws:states:::lambda:invoke"
PASS: dict[str, Any] = {"Type": "Pass", "End": True}
WORK: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}


def scope(**states: Any) -> dict[str, Any]:
    """What a branch or a processor is made of: these states, from the first on."""
    return {"StartAt": next(iter(states)), "States": states}


def jsonata(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A JSONata machine of the state A (and others given by name)."""
    return {"QueryLanguage": "JSONata", **one(state, **more)}


def invoke(**fields: Any) -> dict[str, Any]:
    """A Task that calls a function, and ends its scope unless it has a Next."""
    return {"Type": "Task", "Resource": INVOKE, **({} if "Next" in fields else {"End": True}), **fields}


def wait(seconds: int) -> dict[str, Any]:
    """A Wait that ends its scope."""
    return {"Type": "Wait", "Seconds": seconds, "End": True}


def distributed(processor: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    """A distributed Map that ends its scope unless it has a Next."""
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}}
    return {
        "Type": "Map",
        "ItemProcessor": {**config, **processor},
        **({} if "Next" in fields else {"End": True}),
        **fields,
    }


def fails_for(*items: Any, error: str = "Bad") -> Answers:
    """A Task that fails for these inputs and gives its input for others."""
    return lambda request: TaskFailure(error, "why") if request.input in items else TaskResult(request.input)


def reads(dataset: Dataset | TaskFailure, tasks: Answers = echo) -> Answers:
    """Map Runs with an ItemReader get the dataset, Tasks what `tasks` says."""

    def answer(request: TaskRequest) -> Answer:
        return dataset if request.kind is RequestKind.MAP_RUN else tasks(request)

    return answer


def until_asked(execution: Execution) -> tuple[Execution, TaskRequest]:
    """The execution at its first question, and that question."""
    while not (possible := readiness(execution)).requests:
        execution = step(execution)
    return execution, possible.requests[0]


def details(execution: Execution, event_type: str) -> list[dict[str, Any]]:
    """The details of all events of this type."""
    return [dict(event.details or {}) for event in execution.events if event.type == event_type]
