"""The task handler protocol: what answers a Task."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sfdebug.engine.execution.decisions import Answer
from sfdebug.engine.execution.visit import TaskRequest


@runtime_checkable
class TaskHandler(Protocol):
    """Answers Tasks from outside the engine.

    A handler keeps no count of its own: the request says which attempt and which invocation it is, so that
    stepping back and forward, or forking, asks the same question again and gets the same answer.
    """

    def answer(self, request: TaskRequest) -> Answer | None:
        """The result or failure of the task, or None when this handler does not know the state."""
