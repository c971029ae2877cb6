"""Operators on two values, compiled: short ways for the numbers, strings and booleans that most expressions compute
with, and for literals on the right; `jsonata_operators` says what the operators mean, and does the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.operators import OPERATIONS, BinaryOperation
from sfdebug.expressions.jsonata.text import whole
from sfdebug.expressions.jsonata.values import Sequence, settle, truth
from sfdebug.values import MISSING

_SAFE: Final = 2**52
"""Whole numbers within this bound, and their sums, are exact as doubles."""

_EXACT: Final = 2**53
_SHORT: Final = 64
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPUTE: Final[dict[str, Callable[[Any, Any], Any]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def binary(sign: str, left: Evaluator, right: Evaluator, offset: int, constant: Any) -> Evaluator:
    """The evaluator of an operator; `constant` is the right operand if it is a literal, else MISSING."""
    if sign in ("and", "or"):
        return _both(left, right) if sign == "and" else _either(left, right)
    operation = OPERATIONS[sign]
    if sign in _COMPUTE:
        return _computed(_COMPUTE[sign], left, right, operation, offset, constant)
    if sign in _COMPARE:
        return _compared(_COMPARE[sign], left, right, operation, offset, constant)
    if sign == "=" and constant is not MISSING:
        return _equals(left, operation, offset, constant)
    if sign == "&":
        return _joined(left, right, operation, offset)
    if sign == "%":
        return _remainder(left, right, operation, offset)

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
    operation: BinaryOperation,
    offset: int,
    constant: Any,
) -> Evaluator:
    if type(constant) is int and -_SAFE <= constant <= _SAFE:

        def evaluate_constant(input: Any, frame: Frame) -> Any:
            first = left(input, frame)
            if type(first) is int and -_SAFE <= first <= _SAFE:
                result = compute(first, constant)
                if -_EXACT <= result <= _EXACT:
                    return result
            return operation(first, constant, frame.run, offset)

        return evaluate_constant

    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        if type(first) is int and type(second) is int and -_SAFE <= first <= _SAFE and -_SAFE <= second <= _SAFE:
            result = compute(first, second)
            if -_EXACT <= result <= _EXACT:
                return result
        return operation(first, second, frame.run, offset)

    return evaluate


def _remainder(left: Evaluator, right: Evaluator, operation: BinaryOperation, offset: int) -> Evaluator:
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
    operation: BinaryOperation,
    offset: int,
    constant: Any,
) -> Evaluator:
    kind = type(constant)
    if kind is int or kind is str:
        is_ascii = kind is str and constant.isascii()

        def evaluate_constant(input: Any, frame: Frame) -> Any:
            first = left(input, frame)
            if type(first) is kind and (kind is int or is_ascii):
                return compare(first, constant)
            return operation(first, constant, frame.run, offset)

        return evaluate_constant

    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        kind = type(first)
        if kind is type(second) and (kind is int or (kind is str and first.isascii())):
            return compare(first, second)
        return operation(first, second, frame.run, offset)

    return evaluate


def _equals(left: Evaluator, operation: BinaryOperation, offset: int, constant: Any) -> Evaluator:
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


def _joined(left: Evaluator, right: Evaluator, operation: BinaryOperation, offset: int) -> Evaluator:
    def evaluate(input: Any, frame: Frame) -> Any:
        first, second = left(input, frame), right(input, frame)
        if type(first) is str and type(second) is str and len(first) + len(second) < _SHORT:
            joined = first + second
            return joined if joined.isascii() else whole(joined)
        return operation(first, second, frame.run, offset)

    return evaluate
