"""JSONata's order-by `^(…)`: a step of a path that sorts. Source: the JSONata documentation, "Sorting"."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Compiler, Evaluator, Frame
from sfdebug.expressions.jsonata.text import utf16
from sfdebug.expressions.jsonata.values import Sequence, is_number
from sfdebug.values import MISSING

HERE: Final = "@"
"""The name of a tuple's own item among its bindings."""


def order_by(node: Any, compiler: Compiler) -> Callable[[Any, Frame], Any]:
    """What sorts all the items of a step."""
    terms = [(compiler(term.expression), bool(term.descending)) for term in node.terms]
    offset: int = node.position

    def order(input: Any, frame: Frame) -> Any:
        tuples = isinstance(input, Sequence) and input.tuples

        def term_of(evaluate: Evaluator, item: Any) -> Any:
            return evaluate(item[HERE], frame.inner(item)) if tuples else evaluate(item, frame)

        def compare(left: Any, right: Any) -> int:
            frame.run.tick()
            for evaluate, descending in terms:
                verdict = _compared(term_of(evaluate, left), term_of(evaluate, right), descending, offset)
                if verdict:
                    return verdict
            return 0

        return input if len(input) <= 1 else sorted(input, key=cmp_to_key(compare))

    return order


def _compared(left: Any, right: Any, descending: bool, offset: int) -> int:
    """Which of two order-by terms comes first: undefined comes last, whatever the direction."""
    if left is MISSING or right is MISSING:
        return 0 if left is right else 1 if left is MISSING else -1
    texts = isinstance(left, str), isinstance(right, str)
    if not (texts[0] or is_number(left)) or not (texts[1] or is_number(right)):
        raise JsonataFault("T2008", offset, value=right if texts[0] or is_number(left) else left)
    if texts[0] is not texts[1]:
        raise JsonataFault("T2007", offset, value=left, value2=right)
    if left == right:
        return 0
    if texts[0] and not (left.isascii() or right.isascii()):
        left, right = utf16(left), utf16(right)
    verdict = -1 if left < right else 1
    return -verdict if descending else verdict
