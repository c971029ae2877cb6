"""Mistakes about the value of an expression: which data `$` means, `$$`, and texts that are no expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.expressions.language import CannotEvaluateError, DebugSyntaxError, compile_expression
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.wording.values import named, quoted
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.values import Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.position import Position

VALUE: Final = frozenset({PredictKind.VALUE})


def _path(case: Case) -> str:
    """The expression, where it is a path; "" where it is JSONata."""
    return case.asked.expression if case.asked.expression.startswith("$") else ""


def _read(path: str, value: Value) -> tuple[Json] | None:
    """What a path finds in a value; None where it leads nowhere."""
    if not is_present(value):
        return None
    try:
        return (compile_path(path).read(Environment(value)),)
    except ExpressionError:
        return None


def _of_input(case: Case) -> Iterator[Wrong]:
    """`$` taken for the input of the state, where a stage has made something else of it."""
    position, path = position_at(case.debugger.cursor), _path(case)
    if not path or path.startswith("$$") or position.visit is None or path.split(".")[0] != "$":
        return
    found = _read(path, position.visit.input)
    if found is not None:
        say = (
            f"`$` is what flows at this place, after {_after(position)}: not the input of "
            f"{named(position.name)} any more."
        )
        yield Wrong(found[0], say)


def _after(position: Position) -> str:
    return str(position.stage.name) if position.stage is not None else "nothing"


def _of_execution(case: Case) -> Iterator[Wrong]:
    """`$` taken for the input of the execution."""
    path = _path(case)
    if not path or path.startswith("$$") or path.split(".")[0] != "$":
        return
    found = _read(path, case.debugger.execution.input)
    if found is not None:
        yield Wrong(
            found[0], "`$` is the data of this state, not the input of the execution: that is `$$.Execution.Input`."
        )


def _text_itself(case: Case) -> Iterator[Wrong]:
    text = case.asked.expression
    yield Wrong(text, f"{quoted(text)} is an expression: it is looked up, and is not that text.")


def _before(case: Case) -> Iterator[Wrong]:
    """The value of one step before."""
    cursor = case.debugger.cursor
    if cursor.stage_offset:
        earlier = Cursor(cursor.node, cursor.stage_offset - 1, cursor.focus)
    elif cursor.node.parent is not None:
        earlier = Cursor(cursor.node.parent, cursor.node.parent.last_stage_offset)
    else:
        return
    try:
        value = compile_expression(case.asked.expression).value(Visible(earlier))
    except (CannotEvaluateError, DebugSyntaxError):
        return
    yield Wrong(value, "That was its value one step before this one.")


def _whole(case: Case) -> Iterator[Wrong]:
    """All of the data, or what the path goes through."""
    path = _path(case)
    data = Visible(case.debugger.cursor).data
    if "." in path.removeprefix("$$") and is_present(data) and not path.startswith("$$"):
        yield Wrong(data, f"{quoted(path)} takes a part of the data, not all of it.")
        key = path.rsplit(".", 1)[1]
        yield Wrong(
            {key: case.found.value if is_present(case.found.value) else None},
            f"{quoted(path)} gives the value at {key} alone, without its name.",
        )
    if is_present(case.found.value) and not isinstance(case.found.value, list):
        yield Wrong([case.found.value], f"{quoted(case.asked.expression)} names one value: it gives that, and no list.")


VALUE_MISTAKES: Final = (
    KnownMistake(
        "path-into-input", VALUE, "`$` is the input of the state, whatever its stages have made of it", _of_input
    ),
    KnownMistake("path-into-execution-input", VALUE, "`$` is the input of the execution", _of_execution),
    KnownMistake("value-before", VALUE, "nothing has changed since the step before", _before),
    KnownMistake("expression-as-text", VALUE, "an expression is a text", _text_itself),
    KnownMistake("value-with-name", VALUE, "a path gives its key too, all of the data, or a list", _whole),
)
