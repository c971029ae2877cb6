"""Several task handlers as one: the first that knows the answer gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler


class FirstAnswer:
    """Asks its handlers in order, and gives the first answer that is not None.

    `FirstAnswer(mocks, functions)` answers from the mocks where they know the state, else from the functions.
    """

    def __init__(self, *handlers: TaskHandler) -> None:
        self._handlers = handlers

    def answer(self, request: TaskRequest) -> Answer | None:
        """The first answer that a handler has, or None when none of them knows the state."""
        for handler in self._handlers:
            answer = handler.answer(request)
            if answer is not None:
                return answer
        return None
