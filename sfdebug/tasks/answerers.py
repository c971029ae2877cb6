"""Who answers a Task: what each task handler says of itself, and one of them asked alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler


class AnswererKind(StrEnum):
    """What answers a Task."""

    MOCK = "mock"
    RECORDING = "recording"
    FILES = "files"
    """A folder in place of S3."""
    MACHINE = "machine"
    """A state machine that is run here."""
    FUNCTION = "function"
    """The handler of a Lambda function, or a function of Python."""
    SERVICE = "service"
    """An AWS service that is really called."""
    OTHER = "other"
    """A task handler that does not say what it is."""
    USER = "user"


REAL: Final = frozenset({AnswererKind.FUNCTION, AnswererKind.SERVICE})
"""Those that call what lies outside."""


class Answerer(Struct, frozen=True, gc=False):
    """One that could answer a request: its name, where it is found or called, and why it does not answer this one.

    `why_not` is "" for one that answers, as far as it can be told without asking.
    """

    kind: AnswererKind
    name: str
    place: str = ""
    why_not: str = ""


USER: Final = Answerer(AnswererKind.USER, "you")


@runtime_checkable
class NamedHandler(Protocol):
    """A task handler that says who it is."""

    def answer(self, request: TaskRequest) -> Answer | None:
        """The answer, or None when it does not know the state."""

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """Who would answer a request, or why not; None where nobody would expect it to. Nothing is asked or begun."""


def answerers(tasks: TaskHandler | None, request: TaskRequest) -> tuple[Answerer, ...]:
    """Those that could answer a request, in the order in which they are asked, the user last; of each kind one."""
    found: dict[AnswererKind, Answerer] = {}
    for handler in _in_order(tasks):
        one = _answerer(handler, request)
        if one is not None and (one.kind not in found or found[one.kind].why_not):
            found[one.kind] = one
    return (*found.values(), USER)


def first_answerer(tasks: TaskHandler | None, request: TaskRequest) -> Answerer:
    """Who is asked first of those that answer a request; the user, where no handler does."""
    return next(one for one in answerers(tasks, request) if not one.why_not)


def answer_by(tasks: TaskHandler | None, request: TaskRequest, kind: AnswererKind) -> Answer | None:
    """What the handlers of one kind alone answer; None where they do not know the state, and for the user."""
    for handler in _in_order(tasks):
        one = _answerer(handler, request)
        if one is not None and one.kind is kind:
            answer = handler.answer(request)
            if answer is not None:
                return answer
    return None


def _in_order(tasks: TaskHandler | None) -> Iterator[TaskHandler]:
    """The handlers that are asked, one after the other."""
    others: tuple[TaskHandler, ...] = () if isinstance(tasks, NamedHandler) else getattr(tasks, "handlers", ())
    for each in others:
        yield from _in_order(each)
    if tasks is not None and not others:
        yield tasks


def _answerer(handler: TaskHandler, request: TaskRequest) -> Answerer | None:
    if isinstance(handler, NamedHandler):
        return handler.answerer(request)
    return Answerer(AnswererKind.OTHER, type(handler).__name__)
