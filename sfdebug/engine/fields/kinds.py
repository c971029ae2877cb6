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
        """A number, or one that a text spells."""
        number: int | None = None
        if isinstance(value, int) and not isinstance(value, bool):
            number = value
        elif isinstance(value, str) and _INTEGER.fullmatch(value):
            number = int(value)
        if number is None or not -_LARGEST - 1 <= number <= _LARGEST:
            raise _no_number(value, field, path, "integer")
        return number


class _Number(Kind):
    expected = "number"

    def found(self, value: Json, field: str, path: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
            raise _no_number(value, field, path, "float")
        assert isinstance(value, int | float | str)
        try:
            return float(value)
        except OverflowError:  # an integer beyond all floats
            return math.inf if isinstance(value, int) and value > 0 else -math.inf


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


def _no_number(value: Json, field: str, path: str, kind: str) -> StateError:
    text = value if isinstance(value, str) else compact(value)
    return runtime_failure(f'The {field} field refers to value "{text}" which is not a valid {kind}: {path}')
