"""The value of an expression where a debugger stands, as a watch has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.expressions.language import CannotEvaluateError, compile_expression
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.debugger.wording.values import noun, quoted
from sfdebug.lessons.questions.answers import Found
from sfdebug.lessons.questions.model import CannotAskError

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Asked


def value_here(debugger: Debugger, asked: Asked) -> Found:
    """The value. Raises CannotAskError where there is none, and DebugSyntaxError for what is no expression."""
    visible = Visible(debugger.cursor)
    try:
        value = compile_expression(asked.expression).value(visible)
    except CannotEvaluateError as error:
        raise CannotAskError(f"{quoted(asked.expression)} has no value here: {error}") from None
    told = f"{quoted(asked.expression)} is {noun(value)} here."
    return Found(value, "", visible.execution, visible.position.visit, visible.position.stage, told)
