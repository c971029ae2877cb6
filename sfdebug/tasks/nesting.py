"""State machines that Tasks start: what a handler that runs them tells of one before it has run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from sfdebug.tasks.outside import CallingHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Json


class NestedStart(Struct, frozen=True):
    """A state machine that a Task starts: what runs with which input, what answers its Tasks, and what the Task gets of
    the execution when it is over."""

    name: str
    machine: StateMachine
    input: Json
    settings: Settings
    tasks: TaskHandler
    answer: Callable[[Execution], Answer]


@runtime_checkable
class NestingHandler(Protocol):
    """A task handler that runs the state machines that Tasks start."""

    def nested(self, request: TaskRequest) -> NestedStart | None:
        """What a Task starts; None when it starts nothing that is known here, or its call is refused."""

    def answer(self, request: TaskRequest) -> Answer | None:
        """What comes of it when it is run to its end."""

    def cancel(self) -> None:
        """Run what is being run no further, from another thread: CallCancelledError is raised there."""


def nesting_handlers(tasks: TaskHandler | None) -> Iterator[NestingHandler]:
    """Those among the handlers of `tasks` that run state machines."""
    if isinstance(tasks, NestingHandler):
        yield tasks
    for each in getattr(tasks, "handlers", ()):
        yield from nesting_handlers(each)


def nested_start(tasks: TaskHandler | None, request: TaskRequest) -> NestedStart | None:
    """The state machine that a Task starts; None where it starts none, or where a handler that comes first answers it
    in another way, such as a mock."""
    if isinstance(tasks, NestingHandler):
        return tasks.nested(request)
    handlers: tuple[TaskHandler, ...] = getattr(tasks, "handlers", ())
    for position, handler in enumerate(handlers):
        found = nested_start(handler, request)
        if found is not None:
            return None if any(_answers(before, request) for before in handlers[:position]) else found
    return None


def _answers(handler: TaskHandler, request: TaskRequest) -> bool:
    """Whether a handler answers a Task; of one that calls what lies outside, nothing is called for that."""
    if isinstance(handler, CallingHandler):
        return handler.knows(request)
    return not isinstance(handler, NestingHandler) and handler.answer(request) is not None
