"""The kinds of values that fields take: what a path or an expression must give, and AWS's words if it does not.

Recorded for the numbers that a path finds (MaxConcurrencyPath, ToleratedFailureCountPath, …): a text that spells the
number is taken ("2" in a variable), anything else fails the state with States.Runtime. AWS's integers have 64 bits.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.expressions.errors import ExpressionError, NullInputError, PathNotFoundError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.jsonpath.fast_paths import PathReader

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?\s*")
_LARGEST: Final = 2**63 - 1


class Kind:
    """What a field takes. `expected` is what JSONata calls it; what is written out was checked with the definition."""

    expected: str

    def compiled(self, path: str) -> PathReader:
        """The field's path, ready to be read."""
        return compile_path(path).read

    def lost(self, error: ExpressionError, field: str, path: str, value: Json) -> StateError:
        """The failure of a path that finds nothing in `value`."""
        return path_failure(error, path)

    def found(self, value: Json, field: str, path: str) -> Json:
        """What the field makes of a value that its path found. Raises StateError when it cannot use it."""
        return value

    def computed(self, value: Json, field: str) -> Json:
        """What the field makes of a result of JSONata of the `expected` kind. Raises StateError."""
        return value


class Integer(Kind):
    """A whole number."""

    expected = "integer"

    def found(self, value: Json, field: str, path: str) -> int:
        """The number that a text may spell."""
        return integer_at(value, field, path)


class _Number(Kind):
    expected = "number"

    def found(self, value: Json, field: str, path: str) -> float:
        return float_at(value, field, path)


class _Text(Kind):
    """A text, for which an intrinsic function can stand in the place of a path (ErrorPath, CausePath)."""

    expected = "string"

    def compiled(self, path: str) -> PathReader:
        return compile_intrinsic(path).evaluate if path.startswith("States.") else compile_path(path).into

    def lost(self, error: ExpressionError, field: str, path: str, value: Json) -> StateError:
        if isinstance(error, PathNotFoundError) and not isinstance(error, NullInputError):
            return not_found(path, field, value)
        return path_failure(error, path)

    def found(self, value: Json, field: str, path: str) -> str:
        if not isinstance(value, str):
            raise runtime_failure(f"The {field} field refers to a value which is not a string: {path}")
        return value


INTEGER: Final = Integer()
NUMBER: Final = _Number()
TEXT: Final = _Text()


def path_failure(error: ExpressionError, text: str) -> StateError:
    """AWS's words for a path field that finds nothing: "Invalid path '$.x' : No results for path: $['x']"."""
    if isinstance(error, NullInputError):
        return runtime_failure(error.detail)
    detail = error.detail if isinstance(error, PathNotFoundError) else str(error)
    return runtime_failure(f"Invalid path '{text}' : {detail}")


def not_found(text: str, field: str, value: Json) -> StateError:
    """AWS's words for a path within a field that finds nothing."""
    return runtime_failure(
        f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{compact(value)}'"
    )


def integer_at(value: Json, field: str, path: str) -> int:
    """The whole number that `field` (such as "MaxItemsPath") finds at `path`.

    Raises StateError States.Runtime with AWS's cause when it is none.
    """
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
    if number is None or not -_LARGEST - 1 <= number <= _LARGEST:
        raise runtime_failure(_refers(value, field, path, "integer"))
    return number


def float_at(value: Json, field: str, path: str) -> float:
    """The number that `field` (such as "ToleratedFailurePercentagePath") finds at `path`.

    Raises StateError States.Runtime with AWS's cause when it is none.
    """
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = _as_float(value)
    elif isinstance(value, str) and _DECIMAL.fullmatch(value):
        number = float(value)
    if math.isnan(number):
        raise runtime_failure(_refers(value, field, path, "float"))
    return number


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _refers(value: Json, field: str, path: str, kind: str) -> str:
    text = value if isinstance(value, str) else compact(value)
    return f'The {field} field refers to value "{text}" which is not a valid {kind}: {path}'
