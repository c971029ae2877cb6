"""The kinds of values that fields take, and AWS's words for an expression that gave another, or gave nothing.

Recorded: the causes "… returned nothing (undefined).", "… returned an unexpected result type. Expected 'array', but was
'object' for value: {…}" with the kinds array, boolean, null, number, object and string, "… returned an unsupported
result type.", "… threw an error during evaluation. T1006: …" and, for a Wait, "The Timestamp field cannot be parsed as
an ISO-8601 extended offset date-time format string: …". Measured (gabrielmoreira/tiny-asl-machine): "The TimeoutSeconds
field cannot be parsed as an integer: 1.6". By analogy with these: the same sentence for a field that takes a boolean, a
number, a string or an object; "The Seconds field cannot be parsed as a long value: 1.5", which is recorded for
SecondsPath; and the sentence for a number out of range, which is recorded for ToleratedFailurePercentage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.expressions.jsonata.errors import QueryEvaluationError
from sfdebug.expressions.timestamps import parse_offset_date_time
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.errors import JsonataFault

EXPECTED: Final[Mapping[str, str]] = {
    "array": "array",
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "object": "object",
    "string": "string",
    "timestamp": "string",
}
"""What a field may take, and what AWS calls the kind of it: "integer" is a number without a fraction, "timestamp" a
string that is one."""

Range: TypeAlias = "tuple[int, int]"
"""The least and the greatest number that a field takes."""


def kind_of(value: Json) -> str:
    """What AWS calls the kind of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def query_error(expression: str, field_path: str, why: str, fault: JsonataFault | None = None) -> QueryEvaluationError:
    """The error of an expression in AWS's words, without the sentence that names the state."""
    cause = f"The JSONata expression '{expression}' specified for the field '{field_path}' {why}"
    return QueryEvaluationError(cause, expression=expression, field_path=field_path, fault=fault)


def undefined_result(expression: str, field_path: str) -> QueryEvaluationError:
    """The error of an expression that gave nothing."""
    return query_error(expression, field_path, "returned nothing (undefined).")


def unsupported_result(expression: str, field_path: str) -> QueryEvaluationError:
    """The error of an expression that gave a function."""
    return query_error(expression, field_path, "returned an unsupported result type.")


def failed_evaluation(expression: str, field_path: str, fault: JsonataFault) -> QueryEvaluationError:
    """The error of an expression that could not be evaluated. Measured in AWS: bounds have no code, and a colon.

    Behind an internal error AWS writes an id that means nothing elsewhere.
    """
    if fault.is_internal:
        return query_error(expression, field_path, "threw an internal error during evaluation.", fault)
    shown = f": {fault.message}" if fault.is_bound else f". {fault}"
    return query_error(expression, field_path, f"threw an error during evaluation{shown}", fault)


def unexpected_kind(expression: str, field_path: str, expected: str, value: Json) -> QueryEvaluationError:
    """The error of an expression that gave a value of another kind than its field takes."""
    why = (
        f"returned an unexpected result type. Expected '{EXPECTED[expected]}', "
        f"but was '{kind_of(value)}' for value: {compact(value)}"
    )
    return query_error(expression, field_path, why)


def checker(expression: str, field_path: str, expected: str, within: Range | None = None) -> Callable[[Json], Json]:
    """What lets a result through that the field takes, a whole number without a point, and raises
    QueryEvaluationError for any other."""
    kind = EXPECTED[expected]

    def fail(cause: str) -> QueryEvaluationError:
        return QueryEvaluationError(cause, expression=expression, field_path=field_path)

    def check(value: Json) -> Json:
        if kind_of(value) != kind:
            raise unexpected_kind(expression, field_path, expected, value)
        if expected == "integer" and isinstance(value, float):
            if not value.is_integer():
                wanted = "a long value" if field_path == "Seconds" else "an integer"
                raise fail(f"The {field_path} field cannot be parsed as {wanted}: {compact(value)}")
            value = int(value)
        if expected == "timestamp" and isinstance(value, str) and parse_offset_date_time(value) is None:
            raise fail(
                f"The {field_path} field cannot be parsed as an ISO-8601 extended offset date-time format string: "
                f"{value}"
            )
        if within is not None and isinstance(value, (int, float)) and not within[0] <= value <= within[1]:
            raise fail(f"{field_path} must be between {within[0]} and {within[1]}.")
        return value

    return check
