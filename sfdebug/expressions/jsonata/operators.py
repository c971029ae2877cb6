"""JSONata's operators: what they mean, and their evaluators with short ways for what most expressions compute.

Source: the JSONata documentation, "Numeric operators", "Comparison operators", "Boolean operators", "Other operators".
The short ways are for numbers, strings and booleans, and for literals on the right.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault, too_large
from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.text import string, utf16, whole
from sfdebug.expressions.jsonata.values import Sequence, equal, is_number, number, settle, truth
from sfdebug.values import MISSING, same

_BinaryOperation = Callable[[Any, Any, JsonataRun, int], Any]

_LARGEST_RANGE: Final = 10_000_000
"""The most items that the `..` operator makes. JSONata reference, error D2014."""

_MOST_EXACT: Final = 2**53

_SAFE: Final = 2**52
"""Whole numbers within this bound, and their sums, are exact as doubles."""

_EXACT: Final = 2**53
_REAL: Final[frozenset[type]] = frozenset({int, float})
_TEXT: Final[frozenset[type]] = frozenset({str})
_SHORT: Final = 64

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPUTE: Final[dict[str, Callable[[Any, Any], Any]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _arithmetic(sign: str, compute: Callable[[Any, Any], Any]) -> _BinaryOperation:
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


def _comparison(sign: str, compare: Callable[[Any, Any], bool]) -> _BinaryOperation:
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


def _equality(wanted: bool) -> _BinaryOperation:
    def operation(left: Any, right: Any, run: JsonataRun, offset: int) -> bool:
        return left is not MISSING and right is not MISSING and equal(left, right, run) is wanted

    return operation


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
    if size > _LARGEST_RANGE:
        raise too_large(_LARGEST_RANGE, "items")
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


_OPERATIONS: Final[dict[str, _BinaryOperation]] = {
    "+": _arithmetic("+", operator.add),
    "-": _arithmetic("-", operator.sub),
    "*": _arithmetic("*", operator.mul),
    "/": _arithmetic("/", _divided),
    "%": _arithmetic("%", _remainder),
    "<": _comparison("<", operator.lt),
    "<=": _comparison("<=", operator.le),
    ">": _comparison(">", operator.gt),
    ">=": _comparison(">=", operator.ge),
    "=": _equality(True),
    "!=": _equality(False),
    "&": _joined,
    "in": _included,
    "..": _range,
}


def binary(sign: str, left: Evaluator, right: Evaluator, offset: int, constant: Any) -> Evaluator:
    """The evaluator of an operator; `constant` is the right operand if it is a literal, else MISSING."""
    if sign in ("and", "or"):
        return _both(left, right) if sign == "and" else _either(left, right)
    operation = _OPERATIONS[sign]
    if sign in _COMPUTE:
        return _computed(_COMPUTE[sign], left, right, operation, offset, constant)
    if sign in _COMPARE:
        return _compared(_COMPARE[sign], left, right, operation, offset, constant)
    if sign == "=" and constant is not MISSING:
        return _equals_literal(left, operation, offset, constant)
    if sign == "&":
        return _concatenated(left, right, operation, offset)
    if sign == "%":
        return _remaindered(left, right, operation, offset)

    def evaluate(input: Any, frame: Frame) -> Any:
        result = operation(left(input, frame), right(input, frame), frame.run, offset)
        return settle(result) if type(result) is Sequence else result

    return evaluate


def _both(left: Evaluator, right: Evaluator) -> Evaluator:
    def evaluate(input: Any, frame: Frame) -> bool:
        first = left(input, frame)
        if first is False or (first is not True and not truth(first, frame.run)):
            return False
        second = right(input, frame)
        return second is True or (second is not False and truth(second, frame.run))

    return evaluate


def _either(left: Evaluator, right: Evaluator) -> Evaluator:
    def evaluate(input: Any, frame: Frame) -> bool:
        first = left(input, frame)
        if first is True or (first is not False and truth(first, frame.run)):
            return True
        second = right(input, frame)
        return second is True or (second is not False and truth(second, frame.run))

    return evaluate


def _computed(
    compute: Callable[[Any, Any], Any],
    left: Evaluator,
    right: Evaluator,
    operation: _BinaryOperation,
    offset: int,
    constant: Any,
) -> Evaluator:
    if type(constant) is int and -_SAFE <= constant <= _SAFE:

        def evaluate_constant(input: Any, frame: Frame) -> Any:
            first = left(input, frame)
            if type(first) in _REAL and -_SAFE <= first <= _SAFE:
                result = compute(first, constant)
                if -_EXACT <= result <= _EXACT:
                    return int(result) if type(result) is float and result.is_integer() else result
            return operation(first, constant, frame.run, offset)

        return evaluate_constant

    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        if type(first) in _REAL and type(second) in _REAL and -_SAFE <= first <= _SAFE and -_SAFE <= second <= _SAFE:
            result = compute(first, second)
            if -_EXACT <= result <= _EXACT:
                return int(result) if type(result) is float and result.is_integer() else result
        return operation(first, second, frame.run, offset)

    return evaluate


def _remaindered(left: Evaluator, right: Evaluator, operation: _BinaryOperation, offset: int) -> Evaluator:
    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        # Of numbers that are not negative, Python's remainder is that of doubles.
        if type(first) is int and type(second) is int and 0 <= first <= _SAFE and 0 < second <= _SAFE:
            return first % second
        return operation(first, second, frame.run, offset)

    return evaluate


def _compared(
    compare: Callable[[Any, Any], bool],
    left: Evaluator,
    right: Evaluator,
    operation: _BinaryOperation,
    offset: int,
    constant: Any,
) -> Evaluator:
    if type(constant) in _REAL or (type(constant) is str and constant.isascii()):
        kinds = _REAL if type(constant) in _REAL else _TEXT

        def evaluate_constant(input: Any, frame: Frame) -> Any:
            first = left(input, frame)
            return compare(first, constant) if type(first) in kinds else operation(first, constant, frame.run, offset)

        return evaluate_constant

    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        if type(first) in _REAL:
            if type(second) in _REAL:
                return compare(first, second)
        elif type(first) is str and type(second) is str and first.isascii():
            return compare(first, second)
        return operation(first, second, frame.run, offset)

    return evaluate


def _equals_literal(left: Evaluator, operation: _BinaryOperation, offset: int, constant: Any) -> Evaluator:
    kind = type(constant)
    if kind is str:
        return lambda input, frame: left(input, frame) == constant
    if kind is int:

        def evaluate(input: Any, frame: Frame) -> Any:
            first = left(input, frame)
            return first == constant if type(first) is int else operation(first, constant, frame.run, offset)

        return evaluate
    if kind is float:
        return lambda input, frame: operation(left(input, frame), constant, frame.run, offset)
    return lambda input, frame: left(input, frame) is constant


def _concatenated(left: Evaluator, right: Evaluator, operation: _BinaryOperation, offset: int) -> Evaluator:
    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        if type(first) is int and -_SAFE <= first <= _SAFE:
            first = str(first)
        if type(second) is int and -_SAFE <= second <= _SAFE:
            second = str(second)
        if type(first) is str and type(second) is str and len(first) + len(second) < _SHORT:
            joined = first + second
            return joined if joined.isascii() else whole(joined)
        return operation(first, second, frame.run, offset)

    return evaluate
