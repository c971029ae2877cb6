"""Small helpers for tests that run the engine: a definition, an input, answers; the finished execution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, ExecutionStatus, Settings, readiness, start, step
from sfdebug.engine.execution.decisions import Answer, AnswerTask, Decision, Proceed, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest, Visit
from sfdebug.values import Json

Answers = Callable[[TaskRequest], Answer]


def echo(request: TaskRequest) -> Answer:
    """A task that returns its input."""
    return TaskResult(request.input)


def scripted(answers: Mapping[str, Sequence[Answer]]) -> Answers:
    """Tasks that answer by state name and invocation."""
    return lambda request: answers[request.state.name][request.invocation]


def begin(definition: Any, input: Json = None, **settings: Any) -> Execution:
    """A fresh execution of `definition`."""
    return start(definition_from(definition), {} if input is None else input, Settings(**settings))


def advance(execution: Execution, answers: Answers = echo, decision: Decision | None = None) -> Execution:
    """One step, answering a task when nothing else can move."""
    possible = readiness(execution)
    if decision is None and possible.requests and not possible.ready:
        request = possible.requests[0]
        decision = AnswerTask(request.branch, answers(request))
    return step(execution, decision or Proceed())


def finish(execution: Execution, answers: Answers = echo, most: int = 50_000) -> Execution:
    """The execution run to its end."""
    for _ in range(most):
        if execution.status is not ExecutionStatus.RUNNING:
            return execution
        execution = advance(execution, answers)
    raise AssertionError(f"still running after {most} steps")


def run(definition: Any, input: Json = None, answers: Answers = echo, **settings: Any) -> Execution:
    """A whole execution."""
    return finish(begin(definition, input, **settings), answers)


def types(execution: Execution) -> list[str]:
    """The event types in order."""
    return [event.type for event in execution.events]


def visit(execution: Execution, name: str) -> Visit:
    """The last ended visit to a state."""
    return next(visit for visit in reversed(list(execution.visits)) if visit.state.name == name)


def stage_values(found: Visit) -> list[tuple[StageName, Any]]:
    """A visit's stages as pairs of name and value after."""
    return [(stage.name, stage.after) for stage in found.stages]


def one(state: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A definition of one state called A (and others given by name)."""
    return {"StartAt": "A", "States": {"A": dict(state), **more}}
