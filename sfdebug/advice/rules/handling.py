"""Advice on errors: what is caught in vain, and callbacks that nobody can answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import is_callback
from sfdebug.advice.rule import GUIDE, Example, Rule, Severity
from sfdebug.advice.rules.examples import SEND
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_ASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "TimeoutSeconds": 3600,
    "End": True,
}
_SORRY: Final[dict[str, Any]] = {"Type": "Fail", "Error": "Sorry"}

RUNTIME: Final = Rule(
    id="runtime-error-caught-in-vain",
    severity=Severity.WARNING,
    why="States.Runtime is neither retried nor caught, not by its name and not by States.ALL: the execution fails.",
    fix="take the name out, and mend what raises it: a path, a value or a field that cannot be used",
    source=f"{GUIDE}concepts-error-handling.html#error-handling-error-representation",
    example=Example(
        {"Do": {**SEND, "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "Sorry"}]}, "Sorry": _SORRY},
        {"Do": {**SEND, "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Sorry"}]}, "Sorry": _SORRY},
    ),
)
LIMIT: Final = Rule(
    id="data-limit-retried-in-vain",
    severity=Severity.WARNING,
    why="What is too large once is too large at every attempt.",
    fix="take the name out of the Retrier, and make what the Task is given or answers smaller",
    source=f"{GUIDE}concepts-error-handling.html#error-handling-error-representation",
    example=Example(
        {"Do": {**SEND, "Retry": [{"ErrorEquals": ["States.DataLimitExceeded"], "MaxAttempts": 2}]}},
        {"Do": {**SEND, "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}},
    ),
)
TOKEN: Final = Rule(
    id="callback-without-token",
    severity=Severity.WARNING,
    why="The Task waits for its token, and gives it to nobody: no one can send it back, so it can only time out.",
    fix='pass it on: "token.$": "$$.Task.Token", or "token": "{% $states.context.Task.Token %}"',
    source=f"{GUIDE}connect-to-resource.html#connect-wait-token",
    example=Example(
        {"Ask": {**_ASK, "Parameters": {"QueueUrl": "https://…", "MessageBody": {"order.$": "$.id"}}}},
        {"Ask": {**_ASK, "Parameters": {"QueueUrl": "https://…", "MessageBody": {"token.$": "$$.Task.Token"}}}},
    ),
)

RULES: Final = (RUNTIME, LIMIT, TOKEN)

_KEY: Final = r"\s*(?:\.\s*['\"`]?{0}['\"`]?(?!\w)|\[\s*['\"]{0}['\"]\s*\])"
"""A key, behind a dot or in brackets."""
_TOKEN_NAMED: Final = re.compile(rf"\bTask['\"`]?(?:\s*\])?{_KEY.format('Token')}")
_ANY_FIELD: Final = r"\s*(?:\.\.|\.?\s*\[?\*)"
_CONTEXT_WHOLE: Final = re.compile(
    rf"(?:\$\$|\$states\b(?:{_KEY.format('context')})?)(?:{_KEY.format('Task')})?(?:{_ANY_FIELD}|(?!\s*[\w.\[]))"
)
"""All of the Context object, of its Task, or of $states; and any of their fields (`*`, `..`)."""


def check_handling(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    for state in adviser.states:
        for retrier in state.retriers:
            _check_names(adviser, state, retrier.pointer, retrier.error_equals, is_retrier=True)
        for catcher in state.catchers:
            _check_names(adviser, state, catcher.pointer, catcher.error_equals, is_retrier=False)
        if is_callback(state) and not _passes_token(state):
            what = f"{quote(state.name)} waits for a token that it gives to nobody"
            adviser.note(TOKEN, state.pointer, what)


def _check_names(adviser: Adviser, state: State, entry: Pointer, names: tuple[str, ...], *, is_retrier: bool) -> None:
    for index, name in enumerate(names):
        here = (*entry, "ErrorEquals", index)
        if name == "States.Runtime":
            verb = "retries" if is_retrier else "catches"
            adviser.note(RUNTIME, here, f"{quote(state.name)} {verb} {name} in vain: it always fails", key=False)
        elif name == "States.DataLimitExceeded" and is_retrier:
            adviser.note(LIMIT, here, f"{quote(state.name)} retries {name} in vain", key=False)


def _passes_token(state: State) -> bool:
    """Whether the token is among what the Task is given, by its name, within all of the Context object, or by way of
    something that only the run can tell: a whole argument that is computed."""
    return isinstance(state.arguments, str) or _holds_token(state.arguments)


def _holds_token(value: Json) -> bool:
    if isinstance(value, str):
        return _TOKEN_NAMED.search(value) is not None or _CONTEXT_WHOLE.search(value) is not None
    if isinstance(value, dict):
        return any(_holds_token(item) for item in value.values())
    return isinstance(value, list) and any(map(_holds_token, value))
