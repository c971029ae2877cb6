"""JSONata's operators on two values, as functions of (left, right, run, offset).

Source: the JSONata documentation, "Numeric operators", "Comparison operators", "Boolean operators", "Other operators".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault, too_large
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.text import string, utf16, whole
from sfdebug.expressions.jsonata.values import Sequence, equal, is_number, number
from sfdebug.values import MISSING, same

BinaryOperation = Callable[[Any, Any, JsonataRun, int], Any]

LARGEST_RANGE: Final = 10_000_000
"""The most items that the `..` operator makes. JSONata reference, error D2014."""

_MOST_EXACT: Final = 2**53


def _arithmetic(sign: str, compute: Callable[[Any, Any], Any]) -> BinaryOperation:
    def operation(left: Any, right: Any, run: JsonataRun, offset: int) -> Any:
        if left is not MISSING and not is_number(left):
            raise JsonataFault("T2001", offset, token=sign, value=left)
        if right is not MISSING and not is_number(right):
            raise JsonataFault("T2002", offset, token=sign, value=right)
        if left is MISSING or right is MISSING:
            return MISSING
        if type(left) is int and abs(left) > _MOST_EXACT:
            left = _double(left)
        if type(right) is int and abs(right) > _MOST_EXACT:
            right = _double(right)
        return number(compute(left, right))

    return operation


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise JsonataFault("D1001", value=str(value)[:40]) from None


def _divided(left: float, right: float) -> float:
    """Division as doubles divide: by zero gives infinity, with which arithmetic fails (D1001)."""
    if right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    return left / right


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right != 0 else math.nan


def _comparison(sign: str, compare: Callable[[Any, Any], bool]) -> BinaryOperation:
    def operation(left: Any, right: Any, run: JsonataRun, offset: int) -> Any:
        for value in (left, right):
            # Measured in AWS (iwamot/sfnx): infinity compares, where arithmetic with it fails.
            if value is not MISSING and (isinstance(value, bool) or not isinstance(value, str | int | float)):
                raise JsonataFault("T2010", offset, token=sign, value=value)
        if left is MISSING or right is MISSING:
            return MISSING
        if isinstance(left, str) is not isinstance(right, str):
            raise JsonataFault("T2009", offset, token=sign, value=left, value2=right)
        if isinstance(left, str) and not (left.isascii() or right.isascii()):
            return compare(utf16(left), utf16(right))
        return compare(left, right)

    return operation


def _equals(left: Any, right: Any, run: JsonataRun, offset: int) -> bool:
    return left is not MISSING and right is not MISSING and equal(left, right, run)


def _differs(left: Any, right: Any, run: JsonataRun, offset: int) -> bool:
    return left is not MISSING and right is not MISSING and not equal(left, right, run)


def _joined(left: Any, right: Any, run: JsonataRun, offset: int) -> str:
    first = "" if left is MISSING else string(left, run)
    second = "" if right is MISSING else string(right, run)
    run.check_characters(len(first) + len(second))
    return whole(first + second)


def _included(left: Any, right: Any, run: JsonataRun, offset: int) -> bool:
    if left is MISSING or right is MISSING:
        return False
    items = right if isinstance(right, list) else [right]
    run.tick(len(items))
    if isinstance(left, (dict, list)):
        return any(item is left for item in items)
    return any(not isinstance(item, (dict, list)) and same(item, left) for item in items)


def _range(left: Any, right: Any, run: JsonataRun, offset: int) -> Any:
    for code, value in (("T2003", left), ("T2004", right)):
        if value is not MISSING and not (is_number(value) and float(value).is_integer()):
            raise JsonataFault(code, offset, value=value)
    if left is MISSING or right is MISSING or left > right:
        return MISSING
    size = int(right) - int(left) + 1
    if size > LARGEST_RANGE:
        raise too_large(LARGEST_RANGE, "items")
    run.check_size(size)
    run.tick(size >> 2)
    return Sequence(range(int(left), int(right) + 1))


def negated(value: Any, offset: int) -> Any:
    """Unary minus."""
    if value is MISSING:
        return MISSING
    if not is_number(value):
        raise JsonataFault("D1002", offset, token="-", value=value)
    return number(-value)


OPERATIONS: Final[dict[str, BinaryOperation]] = {
    "+": _arithmetic("+", operator.add),
    "-": _arithmetic("-", operator.sub),
    "*": _arithmetic("*", operator.mul),
    "/": _arithmetic("/", _divided),
    "%": _arithmetic("%", _remainder),
    "<": _comparison("<", operator.lt),
    "<=": _comparison("<=", operator.le),
    ">": _comparison(">", operator.gt),
    ">=": _comparison(">=", operator.ge),
    "=": _equals,
    "!=": _differs,
    "&": _joined,
    "in": _included,
    "..": _range,
}
