"""The expressions that a person writes: values, conditions, and messages with `{expressions}` in them.

What stands between `{%` and `%}` is JSONata, with `$states` and the variables; anything else is JSONPath: a path
(`$.order.total`, `$$.State.Name`, `$count`, `$states.result.id`), or as a condition a comparison as in a filter. One
that cannot be evaluated says why: it is never taken for false.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError, Miss, NullInputError, PathNotFoundError
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.values import MISSING, Json, Value, compact, is_present, kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.expressions.visible import Visible
    from sfdebug.expressions.environment import Environment

_CONTEXT: Final = re.compile(r"\$\$|context|\$states(?![.\w])")
"""What may read the Context object, which takes time to build."""

_DATA: Final = re.compile(r"\$(?![\w$])")
"""What reads the data that flow."""


class CannotEvaluateError(Exception):
    """An expression that has no value, or no answer, where it was asked; the text says why."""


class DebugSyntaxError(SfdebugError):
    """What a person wrote for the debugger and it cannot read: `offset` is where in `text`.

    Attributes:
        text: The whole text.
        offset: Where in it reading failed, from 0.
    """

    def __init__(self, text: str, offset: int, what: str, *, fix: str = "") -> None:
        super().__init__(what, fix=fix)
        self.text = text
        self.offset = max(0, min(offset, len(text)))

    @property
    def with_caret(self) -> str:
        """The error, the text, and a caret under the place."""
        fix = f"\n{self.fix}" if self.fix else ""
        return f"{self.what}\n  {self.text}\n  {' ' * self.offset}^{fix}"


class Expression(Struct, frozen=True, gc=False):
    """An expression that was read: its text, and what gives its value where it is asked."""

    text: str
    read: Callable[[Visible], Json]

    def value(self, visible: Visible) -> Json:
        """Its value. Raises CannotEvaluateError, which says why it has none."""
        return _told(lambda: self.read(visible))


class Condition(Struct, frozen=True, gc=False):
    """A condition that was read."""

    text: str
    read: Callable[[Visible], Json]

    def holds(self, visible: Visible) -> bool:
        """Whether it is true. Raises CannotEvaluateError where that cannot be told, or it is neither true nor false."""
        found = _told(lambda: self.read(visible))
        if found is True or found is False:
            return found
        raise CannotEvaluateError(f"it gives {kind(found)}, neither true nor false")


class Message(Struct, frozen=True, gc=False):
    """A text with expressions in braces."""

    text: str
    parts: tuple[str | Expression, ...]

    def written(self, visible: Visible) -> str:
        """The text with the values in it; one that has none says so in its place."""
        return "".join(part if isinstance(part, str) else _filled(part, visible) for part in self.parts)


def _filled(expression: Expression, visible: Visible) -> str:
    try:
        found = expression.value(visible)
    except CannotEvaluateError as error:
        return f"{{{expression.text}: {error}}}"
    return found if isinstance(found, str) else compact(found)


@lru_cache(maxsize=512)
def compile_expression(text: str) -> Expression:
    """Read what gives a value. Raises DebugSyntaxError."""
    inner = _jsonata(text)
    if inner is not None:
        return Expression(text, _read_jsonata(text, inner))
    from sfdebug.expressions.jsonpath.path import compile_path

    try:
        path = compile_path(text)
    except ExpressionSyntaxError as error:
        raise _unreadable(text, error, 0) from None
    return Expression(text, lambda visible: path.read(_environment(text, visible)))


@lru_cache(maxsize=512)
def compile_condition(text: str) -> Condition:
    """Read what is true or false. Raises DebugSyntaxError."""
    inner = _jsonata(text)
    if inner is not None:
        return Condition(text, _read_jsonata(text, inner))
    from sfdebug.expressions.jsonpath.conditions import compile_path_condition

    try:
        condition = compile_path_condition(text)
    except ExpressionSyntaxError as error:
        raise _unreadable(text, error, 0) from None
    return Condition(text, lambda visible: condition.holds(_environment(text, visible)))


@lru_cache(maxsize=512)
def compile_message(text: str) -> Message:
    """Read a message: `{{` and `}}` are braces, else what stands in braces is an expression.

    Raises DebugSyntaxError.
    """
    parts: list[str | Expression] = []
    position, plain = 0, ""
    while position < len(text):
        sign = text[position]
        if text[position : position + 2] in ("{{", "}}"):
            plain += sign
            position += 2
        elif sign == "{":
            end = _end_of_expression(text, position)
            parts += [plain] if plain else []
            plain = ""
            start = position if text.startswith("{%", position) else position + 1
            parts.append(_inner(text, start, end))
            position = end + 1
        elif sign == "}":
            raise DebugSyntaxError(text, position, "this } closes nothing", fix="Write }} for a brace.")
        else:
            plain += sign
            position += 1
    return Message(text, tuple((*parts, plain) if plain else parts))


def _end_of_expression(text: str, position: int) -> int:
    """Where the brace at `position` is closed."""
    if text.startswith("{%", position):
        end = text.find("%}", position + 2)
        end = end + 1 if end >= 0 else -1
    else:
        end = text.find("}", position)
    if end < 0:
        raise DebugSyntaxError(text, position, "this { is not closed", fix="Write {$.total}, or {{ for a brace.")
    return end


def _inner(text: str, start: int, end: int) -> Expression:
    """The expression of a message: `{% … %}` with its braces, a path without."""
    written = text[start : end + 1] if text.startswith("{%", start) else text[start:end]
    shift = start + len(written) - len(written.lstrip())
    try:
        return compile_expression(written.strip())
    except DebugSyntaxError as error:
        raise DebugSyntaxError(text, shift + error.offset, error.what, fix=error.fix) from None


def _jsonata(text: str) -> str | None:
    """What stands between `{%` and `%}`; None for JSONPath."""
    if not text.startswith("{%"):
        return None
    if not text.endswith("%}") or len(text) < 4:
        raise DebugSyntaxError(text, len(text), "the JSONata expression is not closed", fix="End it with %}.")
    return text[2:-2]


def _environment(text: str, visible: Visible) -> Environment:
    """What a text in JSONPath sees, as far as it can ask for it."""
    return visible.environment(with_data=bool(_DATA.search(text)), with_context=bool(_CONTEXT.search(text)))


def _read_jsonata(text: str, inner: str) -> Callable[[Visible], Json]:
    stripped, with_context = inner.strip(), bool(_CONTEXT.search(inner))
    try:
        compiled = compile_jsonata(stripped)
    except ExpressionSyntaxError as error:
        raise _unreadable(text, error, 2 + len(inner) - len(inner.lstrip())) from None

    def read(visible: Visible) -> Json:
        settings = visible.execution.settings
        found: Value = compiled.evaluate(
            visible.states(with_context=with_context),
            visible.variables,
            limits=settings.jsonata_limits,
            now=settings.start_time + visible.execution.clock,
        )
        if not is_present(found):
            raise CannotEvaluateError("it gives nothing")
        return found

    return read


def _unreadable(text: str, error: ExpressionSyntaxError, shift: int) -> DebugSyntaxError:
    what = error.message if text.strip() else "an expression is expected here"
    return DebugSyntaxError(text, shift + error.offset, what, fix=error.fix.replace("@.", "$."))


def _nowhere(error: PathNotFoundError) -> str:
    """That a path leads nowhere; how, where it is not plainly that something is missing."""
    if not error.path:
        return str(error)
    return f"there is no {error.path} here" + (f" ({error})" if error.miss is Miss.KIND else "")


def _told(read: Callable[[], Json]) -> Json:
    """What `read` gives. Raises CannotEvaluateError for all that an evaluation can end with."""
    from sfdebug.expressions.jsonata.errors import JsonataFault
    from sfdebug.expressions.jsonata.values import UnsupportedResultError

    try:
        found: Value = read()
    except NullInputError as error:
        raise CannotEvaluateError(f"{error.path} looks into null") from None
    except PathNotFoundError as error:
        raise CannotEvaluateError(_nowhere(error)) from None
    except (ExpressionError, JsonataFault) as error:
        raise CannotEvaluateError(str(error)) from None
    except UnsupportedResultError:
        raise CannotEvaluateError("it gives a function") from None
    except RecursionError:
        raise CannotEvaluateError("the data are nested too deep") from None
    if found is MISSING:
        raise CannotEvaluateError("it gives nothing")
    return found
