"""Task handlers: what answers a Task, several of them as one, and what is checked of them and of what they answer.

Every run asks here, with a person or without: what cannot work is reported at once, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import InputError, UsageError
from sfdebug.text import with_article
from sfdebug.values import Json, Value, compact, is_present, why_not_json

if TYPE_CHECKING:
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


class FirstAnswer:
    """Asks its handlers in order, and gives the first answer that is not None.

    `FirstAnswer(mocks, functions)` answers from the mocks where they know the state, else from the functions.
    """

    def __init__(self, *handlers: TaskHandler) -> None:
        """Raises UsageError for what is no handler."""
        self.handlers = tuple(_handler(handler) for handler in handlers)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The first answer that a handler has, or None when none of them knows the state."""
        for handler in self.handlers:
            answer = handler.answer(request)
            if answer is not None:
                return answer
        return None


_LATEST: Final = 1e12
"""More seconds than any execution lasts, and few enough to count milliseconds in."""


def checked_input(given: Value, settings: Settings) -> Json:
    """The execution's input, `{}` when none is given. Raises InputError when StartExecution would not take it.

    Source: AWS API, StartExecution, `input`: at most 262,144 bytes of UTF-8.
    """
    if not is_present(given):
        return {}
    why = why_not_json(given)
    if why is not None:
        raise InputError(
            f"the input {why}", fix="Give dicts with text keys, lists, text, numbers, booleans and None only."
        )
    size, most = len(compact(given).encode("utf-8", "surrogatepass")), settings.max_payload_bytes
    if size > most:
        raise InputError(
            f"the input has {size:,} bytes, and AWS accepts no more than {most:,}",
            fix="Put the data elsewhere (S3, for example) and pass a reference to it.",
        )
    return given


def checked_settings(settings: Settings | None) -> Settings:
    """`settings`, those by default when there are none. Raises UsageError for other types than its fields have."""
    if settings is None:
        return Settings()
    if not isinstance(settings, Settings):
        raise UsageError(f"{with_article(settings)} is no Settings", fix="Write: settings=Settings(seed=1)")
    for name, usual in zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True):
        value = getattr(settings, name)
        wanted = next((one for one in (bool, int, float, str) if isinstance(usual, one)), None)
        taken = (int, float) if wanted is float else wanted
        if taken is not None and (not isinstance(value, taken) or (wanted is not bool and isinstance(value, bool))):
            what = f"the setting {name} is {with_article(usual)}, not {with_article(value)}"
            raise UsageError(what, fix=f"Its default is {usual!r}.")
    if settings.context is not None and not isinstance(settings.context, Mapping):
        raise UsageError(f"the setting context is a dict, not {with_article(settings.context)}")
    return settings


def checked_handler(tasks: TaskHandler | None) -> TaskHandler | None:
    """`tasks`, or None when there is no handler. Raises UsageError when it is none."""
    return None if tasks is None else _handler(tasks)


def _handler(tasks: TaskHandler) -> TaskHandler:
    if callable(getattr(tasks, "answer", None)):
        return tasks
    raise UsageError(
        f"{with_article(tasks)} cannot answer Tasks: it has no method answer(request)",
        fix="For functions by the names of states, give FunctionTasks({'State name': function}).",
    )


def checked_answer(answer: Answer, request: TaskRequest) -> Answer:
    """`answer`, which a task handler gave. Raises UsageError when it is none."""
    why = why_no_answer(answer)
    if why is None:
        return answer
    raise UsageError(
        f"the answer for '{request.state.name}' {why}",
        fix="A task handler gives a TaskResult, TaskFailure, TaskSilence or Dataset, or None when it does not know.",
    )


def why_no_answer(answer: Any) -> str | None:
    """Why something cannot answer a question, as the end of a sentence; None when it can."""
    if isinstance(answer, TaskResult):
        why = why_not_json(answer.output)
        return f"has an output that {why}" if why is not None else _why_not_later(answer.after_seconds)
    if isinstance(answer, TaskFailure):
        fields: tuple[tuple[str, Any], ...] = (("error", answer.error), ("cause", answer.cause))
        for name, text in fields:
            if text is not None and not isinstance(text, str):
                return f"has {with_article(text)} as its {name}, which is a text"
        return _why_not_later(answer.after_seconds)
    return None if isinstance(answer, TaskSilence | Dataset) else f"is {with_article(answer)}"


def _why_not_later(seconds: Any) -> str | None:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if is_number and 0 <= seconds < _LATEST:
        return None
    return f"comes after {seconds!r} seconds, which is no time"
