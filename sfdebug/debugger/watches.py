"""Watches: pinned expressions, each with its value where one stands and where one stood before the last step.

What reads and evaluates them is loaded when there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.values import MISSING, Value, is_present, same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.debugger.expressions.language import DebugSyntaxError, Expression
    from sfdebug.debugger.expressions.visible import Visible
    from sfdebug.debugger.timeline.nodes import Cursor


class WatchLine(Struct, frozen=True, gc=False):
    """One watch. A value is MISSING where the expression has none; `problem` says why it has none now."""

    text: str
    before: Value
    now: Value
    problem: str = ""

    @property
    def mark(self) -> str:
        """ "+" where it has got a value, "-" where it has lost it, "~" where that is another one, "" for the same."""
        if not is_present(self.now) or not is_present(self.before):
            return (
                "" if not is_present(self.now) and not is_present(self.before) else "+" if is_present(self.now) else "-"
            )
        return "" if same(self.before, self.now) else "~"


class Watches:
    """The watches of one debugger, in the order in which they were set."""

    def __init__(self) -> None:
        self._all: list[Expression] = []

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them, as they are written: `take_texts` sets them again."""
        return tuple(expression.text for expression in self._all)

    def add(self, text: str) -> bool:
        """Watch an expression; False when it is watched already. Raises DebugSyntaxError for what is none."""
        from sfdebug.debugger.expressions.language import compile_expression

        expression = compile_expression(text.strip())
        if expression.text in self.texts:
            return False
        self._all.append(expression)
        return True

    def remove(self, text: str) -> None:
        """Watch it no more."""
        self._all = [expression for expression in self._all if expression.text != text]

    def change(self, text: str, changed: str) -> None:
        """Watch something else in its place. Raises DebugSyntaxError, and leaves it as it is, for what is none."""
        from sfdebug.debugger.expressions.language import compile_expression

        expression = compile_expression(changed.strip())
        at = self.texts.index(text) if text in self.texts else len(self._all)
        self._all = [other for other in self._all if other.text not in (text, expression.text)]
        self._all.insert(min(at, len(self._all)), expression)

    def take_texts(self, texts: Iterable[str]) -> tuple[DebugSyntaxError, ...]:
        """Watch what texts say. Gives the errors of those that cannot be read."""
        from sfdebug.debugger.expressions.language import DebugSyntaxError

        errors: list[DebugSyntaxError] = []
        for text in texts:
            try:
                self.add(text)
            except DebugSyntaxError as error:
                errors.append(error)
        return tuple(errors)

    def lines(self, cursor: Cursor, came_from: Cursor | None) -> tuple[WatchLine, ...]:
        """Each with its value at a cursor, and at the one that the last step came from."""
        if not self._all:
            return ()
        from sfdebug.debugger.expressions.visible import Visible

        here = Visible(cursor)
        there = Visible(came_from) if came_from is not None else None
        return tuple(_line(expression, here, there) for expression in self._all)


def _line(expression: Expression, here: Visible, there: Visible | None) -> WatchLine:
    now, problem = _value(expression, here)
    before = _value(expression, there)[0] if there is not None else now
    return WatchLine(expression.text, before, now, problem)


def _value(expression: Expression, visible: Visible) -> tuple[Value, str]:
    from sfdebug.debugger.expressions.language import CannotEvaluateError

    try:
        return expression.value(visible), ""
    except CannotEvaluateError as error:
        return MISSING, str(error)
