"""A mocked result held against the model of the API that would have given it.

Source: recorded refusals of TestState. A field is called by its own name, wherever it stands in the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.aws.catalogue.models import ShapeKind
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.aws.catalogue.models import ApiShape

_WANTED: Final = {
    ShapeKind.OBJECT: "an object",
    ShapeKind.MAP: "an object",
    ShapeKind.ARRAY: "an array",
    ShapeKind.STRING: "a string",
    ShapeKind.NUMBER: "a number",
    ShapeKind.BOOLEAN: "a boolean",
}


def field_problem(result: dict[str, Json], shape: ApiShape, *, is_strict: bool) -> str | None:
    """What is wrong with the first field that does not fit; None when all do.

    Recorded: fields that the model does not know are taken, in STRICT too. `is_strict` asks for all required fields.
    """
    if is_strict:
        for names in shape.required:
            if not any(name in result for name in names):
                # Not recorded: AWS's words for a required field that is not there.
                return f"Required field '{names[0]}' is missing"
    for name, value in result.items():
        field = shape.field(name)
        problem = _value_problem(name, value, field, is_strict) if field is not None else None
        if problem is not None:
            return problem
    return None


def _value_problem(name: str, value: Json, shape: ApiShape, is_strict: bool) -> str | None:
    kind = shape.kind
    if kind is ShapeKind.ANY:
        return None
    if not _is_of_kind(value, kind):
        return f"Field '{name}' must be {_WANTED[kind]}"
    if isinstance(value, dict):
        return field_problem(value, shape, is_strict=is_strict)
    if isinstance(value, list):
        element = shape.element
        problems = (_value_problem(name, item, element, is_strict) for item in value)
        return _size_problem(name, len(value), shape) or next(filter(None, problems), None)
    if isinstance(value, str):
        if shape.enum and value not in shape.enum:
            return f"Field '{name}' is not an expected value"
        return _size_problem(name, len(value), shape)
    return _range_problem(name, value, shape) if kind is ShapeKind.NUMBER else None


def _is_of_kind(value: Json, kind: ShapeKind) -> bool:
    if kind in (ShapeKind.OBJECT, ShapeKind.MAP):
        return isinstance(value, dict)
    if kind is ShapeKind.ARRAY:
        return isinstance(value, list)
    if kind is ShapeKind.STRING:
        return isinstance(value, str)
    if kind is ShapeKind.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size_problem(name: str, size: int, shape: ApiShape) -> str | None:
    """Recorded for a blob that is too short."""
    if shape.minimum is not None and size < shape.minimum:
        return f"Field '{name}' is smaller than the minimum length"
    if shape.maximum is not None and size > shape.maximum:
        return f"Field '{name}' exceeds the maximum length"
    return None


def _range_problem(name: str, value: Json, shape: ApiShape) -> str | None:
    assert isinstance(value, int | float)
    if shape.minimum is not None and value < shape.minimum:
        return f"Field '{name}' is less than the minimum value"
    if shape.maximum is not None and value > shape.maximum:
        return f"Field '{name}' exceeds the maximum value"
    return None
