"""Payload templates: JSON in which a key that ends in ".$" holds a path or an intrinsic function.

Source: States Language specification, "Payload Template".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfdebug.expressions.errors import (
    ExpressionError,
    ExpressionSyntaxError,
    Miss,
    PathNotFoundError,
    Pointer,
    TemplateSyntaxError,
)
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.jsonpath.fast_paths import PathReader
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Environment

MAX_DEPTH: Final = 100
"""Deepest nesting of a template that is compiled: enough for any payload that AWS takes, and no strain on the stack."""


_Part: TypeAlias = "tuple[str | int, PathReader, Pointer | None]"
"""A field or item that is computed, how, and where it stands; None when expressions further inside compute it."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled payload template.

    `parts` are its expressions: where each key stands in the template, and the text it holds. `evaluate(environment)`
    gives the payload, or raises ExpressionError knowing the key (`field`) and where it stands (`pointer`).
    """

    template: Json
    parts: tuple[tuple[Pointer, str], ...]
    evaluate: PathReader = field(repr=False, compare=False)


def compile_template(template: Json) -> Template:
    """Compile a payload template. Raises ExpressionSyntaxError, whose `pointer` leads to the key at fault."""
    parts = tuple(_parts(template, ()))
    evaluate = _compiled(template, ()) if parts else None
    return Template(template, parts, evaluate or (lambda environment: template))


def _parts(template: Json, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if len(pointer) > MAX_DEPTH:
        raise TemplateSyntaxError("", 0, f"the template is nested more than {MAX_DEPTH} deep", fix="Make it flatter.")
    if isinstance(template, dict):
        for key, value in template.items():
            here = (*pointer, key)
            if key.endswith(".$"):
                yield here, _expression_text(value, here)
            else:
                yield from _parts(value, here)
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from _parts(value, (*pointer, index))


def _expression_text(value: Json, pointer: Pointer) -> str:
    if isinstance(value, str):
        return value
    error = TemplateSyntaxError(
        "",
        0,
        f"the value for '{pointer[-1]}' must be a path or an intrinsic function, as its name ends in .$",
        fix='Write a string such as "$.name", or leave the .$ off the key.',
    )
    error.pointer = pointer
    raise error


def _compiled(template: Json, pointer: Pointer) -> PathReader | None:
    """What evaluates `template`, or None when it holds no expression and can be shared as it is."""
    if isinstance(template, dict):
        return _object(template, pointer)
    if isinstance(template, list):
        return _array(template, pointer)
    return None


def _object(template: dict[str, Json], pointer: Pointer) -> PathReader | None:
    computed: list[_Part] = []
    order: dict[str, Json] = {}
    for key, value in template.items():
        here = (*pointer, key)
        if key.endswith(".$"):
            name = key[:-2]
            if name in template:
                error = TemplateSyntaxError(str(value), 0, f"'{name}' and '{key}' both set the field '{name}'")
                error.pointer, error.fix = here, "Keep one of them."
                raise error
            computed.append((name, _expression(str(value), here), here))
            order[name] = None
        else:
            inner = _compiled(value, here)
            if inner:
                computed.append((key, inner, None))
            order[key] = value
    return _filled(order, computed) if computed else None


def _array(template: list[Json], pointer: Pointer) -> PathReader | None:
    computed: list[_Part] = [
        (index, inner, None) for index, value in enumerate(template) if (inner := _compiled(value, (*pointer, index)))
    ]
    return _filled(template, computed) if computed else None


def _filled(template: Any, computed: Sequence[_Part]) -> PathReader:
    def evaluate(environment: Environment) -> Json:
        payload: Any = template.copy()
        for key, read, pointer in computed:
            try:
                payload[key] = read(environment)
            except ExpressionError as error:
                if pointer is None:  # it stands further inside, and is known there
                    raise
                # Measured: "x.$": "$.items[5]" past the end of the array gives null.
                if not isinstance(error, PathNotFoundError) or error.miss is not Miss.INDEX:
                    _locate(error, pointer)
                    raise
                payload[key] = None
        return payload  # type: ignore[no-any-return]

    return evaluate


def _expression(text: str, pointer: Pointer) -> PathReader:
    try:
        return compile_expression(text)
    except ExpressionSyntaxError as error:
        error.pointer = pointer
        raise


def _locate(error: ExpressionError, pointer: Pointer) -> None:
    error.pointer = pointer
    error.field = str(pointer[-1])


def compile_expression(text: str) -> Callable[[Environment], Json]:
    """A path or an intrinsic function, ready to evaluate. Raises ExpressionSyntaxError when it is neither."""
    if text.startswith("$"):
        return compile_path(text).into
    if text.lstrip().startswith("States."):
        return compile_intrinsic(text).evaluate
    raise TemplateSyntaxError(
        text,
        0,
        f"{text!r} is neither a path nor an intrinsic function",
        fix="Write a path that begins with $, or a call such as States.Format('{}', $.name).",
    )
