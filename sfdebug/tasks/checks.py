"""What is checked of values from a user's Python code: the input of an execution, a task handler, its answers.

Every run asks here, with a person or without: what cannot work is told at once, and in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.items.dataset import Dataset
from sfdebug.errors import InputError, UsageError
from sfdebug.values import Json, Value, compact, is_present, why_not_json

if TYPE_CHECKING:
    from sfdebug.engine import Settings
    from sfdebug.engine.decisions import Answer
    from sfdebug.engine.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler


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


def checked_handler(tasks: TaskHandler | None) -> TaskHandler | None:
    """`tasks`, or None when there is no handler. Raises UsageError when it is none."""
    if tasks is not None and not callable(getattr(tasks, "answer", None)):
        raise UsageError(
            f"a {type(tasks).__name__} cannot answer Tasks: it has no method answer(request)",
            fix="For functions by the names of states, give FunctionTasks({'State name': function}).",
        )
    return tasks


def checked_answer(answer: Answer, request: TaskRequest) -> Answer:
    """`answer`, which a task handler gave. Raises UsageError when it is none."""
    if isinstance(answer, TaskResult | TaskFailure | TaskSilence | Dataset):
        return answer
    raise UsageError(
        f"the answer for '{request.state.name}' is a {type(answer).__name__}",
        fix="A task handler gives a TaskResult, TaskFailure, TaskSilence or Dataset, or None when it does not know.",
    )
