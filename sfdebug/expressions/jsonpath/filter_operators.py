"""The operators of JSONPath filters, by Jayway's rules (measured against it)."""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.java.text import number_text
from sfdebug.expressions.jsonpath.ast import Evaluation
from sfdebug.values import MISSING, Json, Missing, same

if TYPE_CHECKING:
    import regex


class Incomparable(Exception):
    """An operator was given what it cannot compare: the condition as a whole is false."""


@dataclass(frozen=True, slots=True)
class FilterPattern:
    """A regular expression as it stands in a condition."""

    compiled: regex.Pattern[str]

    def matches(self, text: str, evaluation: Evaluation) -> bool:
        """Whether it matches the whole of `text`. Raises ExpressionError when that takes too long."""
        try:
            return self.compiled.fullmatch(text, timeout=evaluation.seconds_left()) is not None
        except (TimeoutError, MemoryError):
            raise evaluation.too_slow() from None


Operand: TypeAlias = "Json | Missing | FilterPattern"
Compare: TypeAlias = "Callable[[Operand, Operand, Evaluation], bool]"


def _is_number(value: Operand) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(left: Operand, right: Operand) -> bool:
    """Whether Jayway holds two operands equal. A number equals a string that reads as it, from the left's view."""
    if isinstance(left, str) and _is_number(right):
        return left == number_text(right)  # type: ignore[arg-type]
    if _is_number(left) and isinstance(right, str):
        try:
            return float(right) == left
        except ValueError:
            return False
    if isinstance(left, (Missing, FilterPattern)) or isinstance(right, (Missing, FilterPattern)):
        return False
    return same(left, right)


def _contained(item: Operand, items: list[Json]) -> bool:
    return any(equal(item, other) for other in items)


def _list(value: Operand) -> list[Json] | None:
    """The array to look in; None for an object, which holds nothing. Raises Incomparable for anything else."""
    if isinstance(value, list):
        return _scalars(value)
    if isinstance(value, dict):
        return None
    raise Incomparable


def _scalars(items: list[Json]) -> list[Json]:
    """`items`, which must be scalars: Jayway does not look for values among objects and arrays."""
    if any(isinstance(item, (dict, list)) for item in items):
        raise ExpressionError("Could not determine value type")
    return items


def _equals(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    return equal(left, right)


def _differs(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    return not equal(left, right)


def _kind(value: Operand) -> str:
    return "number" if _is_number(value) else type(value).__name__ if not isinstance(value, (dict, list)) else "json"


def _strictly_equals(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    return _kind(left) == _kind(right) and equal(left, right)


def _strictly_differs(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    return not _strictly_equals(left, right, evaluation)


def _ordered(compare: Callable[[Any, Any], Any]) -> Compare:
    def test(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
        if _is_number(left) and _is_number(right):
            return bool(compare(left, right))
        if isinstance(left, str) and isinstance(right, str):
            return bool(compare(left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")))
        return False

    return test


def _in(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    items = _list(right)
    return items is not None and _contained(left, items)


def _not_in(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    return not _in(left, right, evaluation)


def _contains(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return right in left
    return isinstance(left, list) and any(equal(right, item) for item in _scalars(left))


def _sets(judge: Callable[[list[Json], list[Json]], bool]) -> Compare:
    def test(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
        right_items = _list(right)
        if right_items is None:
            return False
        left_items = _list(left)
        return left_items is not None and judge(left_items, right_items)

    return test


def _size(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if not _is_number(right):
        return False
    if isinstance(left, dict):
        return right == -1
    return isinstance(left, (str, list)) and len(left) == int(right)  # type: ignore[arg-type]


def _empty(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, dict):
        raise ExpressionError("A filter cannot ask whether an object is empty: Jayway JsonPath fails at that")
    if not isinstance(left, (str, list)):
        return False
    if not isinstance(right, bool):
        raise Incomparable
    return (not left) is right


def _matches(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, FilterPattern) == isinstance(right, FilterPattern):
        return False
    pattern, value = (left, right) if isinstance(left, FilterPattern) else (right, left)
    assert isinstance(pattern, FilterPattern)
    if isinstance(value, list):
        return any(pattern.matches(_regular_text(item), evaluation) for item in _scalars(value))
    return pattern.matches(_regular_text(value), evaluation)


def _regular_text(value: Operand) -> str:
    """What a regular expression is matched with: strings, numbers and booleans as they print, else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, (int, float)) else ""


OPERATORS: Final[Mapping[str, Compare]] = {
    "==": _equals,
    "!=": _differs,
    "===": _strictly_equals,
    "!==": _strictly_differs,
    "<": _ordered(python.lt),
    "<=": _ordered(python.le),
    ">": _ordered(python.gt),
    ">=": _ordered(python.ge),
    "=~": _matches,
    "in": _in,
    "nin": _not_in,
    "contains": _contains,
    "subsetof": _sets(lambda left, right: all(_contained(item, right) for item in left)),
    "anyof": _sets(lambda left, right: any(_contained(item, right) for item in left)),
    "noneof": _sets(lambda left, right: not any(_contained(item, right) for item in left)),
    "size": _size,
    "empty": _empty,
}
"""Every operator that is supported, by its name in lower case. A comparand that is missing is MISSING."""

__all__ = ["MISSING", "OPERATORS", "Compare", "FilterPattern", "Incomparable", "Operand", "equal"]
