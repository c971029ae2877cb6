"""Sorting by what is computed of each item once, where comparing the items two by two would give the same.

That is so when what is compared cannot change from one comparison to the next, and all of it are numbers or all are
strings. Where it is not so, or is not known to be so, nothing is sorted here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Compiler, Evaluator, Frame
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.names import nodes_of
from sfdebug.expressions.jsonata.text import utf16
from sfdebug.values import MISSING

Sorter: TypeAlias = Callable[[JsonataRun, list[Any], Any, Frame], "list[Any] | None"]
"""Sorts items as a function would, given what `$` and the names mean where it is defined; None when it cannot."""

_NUMBERS: Final[frozenset[type]] = frozenset({int, float})
_TEXTS: Final[frozenset[type]] = frozenset({str})
_UNDEFINED: Final = type(MISSING)

UNSTEADY: Final = frozenset({"random", "shuffle", "uuid"})
"""Functions that give something else each time."""

HIGHER_ORDER: Final = frozenset(
    {"contains", "each", "filter", "map", "match", "reduce", "replace", "sift", "single", "sort", "split"}
)
"""Functions that may call one which the expression defines."""

_CALLING: Final = frozenset({"apply", "bind", "lambda", "partial", "transform"})
_REFINED: Final = (
    "ancestor",
    "consarray",
    "focus",
    "group",
    "index",
    "keep_array",
    "keep_singleton_array",
    "predicate",
    "seeking_parent",
    "stages",
    "tuple",
)
_SIGNS: Final = frozenset({"+", "-", "*", "/", "%", "&"})


def is_steady(node: Any, bound: frozenset[str]) -> bool:
    """Whether a part of an expression gives the same each time that it is evaluated on the same; `bound` are the names
    that the expression defines, which may be functions."""
    return all(
        each.type not in _CALLING and (each.type != "function" or _is_steady_call(each, bound))
        for each in nodes_of(node)
    )


def _is_steady_call(node: Any, bound: frozenset[str]) -> bool:
    name = str(node.procedure.value)
    return node.procedure.type == "variable" and name not in bound | UNSTEADY | HIGHER_ORDER


def ranked(columns: Sequence[tuple[list[Any], bool]], count: int) -> list[int] | None:
    """The order of `count` items by the values in `columns`, the first of them first, each descending or not.

    What is undefined comes last. None when not all values of a column are numbers or strings.
    """
    order = list(range(count))
    for column, descending in reversed(columns):
        keys = _keys(column)
        if keys is None:
            return None
        present = [index for index in order if column[index] is not MISSING] if MISSING in column else order
        absent = [index for index in order if column[index] is MISSING] if present is not order else []
        order = sorted(present, key=keys.__getitem__, reverse=descending) + absent
    return order


def _keys(column: list[Any]) -> list[Any] | None:
    """What the values of a column are compared by."""
    kinds = set(map(type, column))
    kinds.discard(_UNDEFINED)
    if kinds <= _NUMBERS:
        fractions = [value for value in column if type(value) is float]
        return column if all(map(math.isfinite, fractions)) else None
    if not kinds <= _TEXTS:
        return None
    if all(value.isascii() for value in column if value is not MISSING):
        return column
    return [value if value is MISSING else utf16(value) for value in column]


def sorter(node: Any, compiler: Compiler) -> Sorter | None:
    """What sorts as a function does whose body compares the same of its two parameters: `$l.price > $r.price`."""
    body = node.body
    if len(node.arguments) != 2 or node.signature is not None or body.type != "binary" or _is_refined(body):
        return None
    names = str(node.arguments[0].value), str(node.arguments[1].value)
    if body.value not in ("<", ">") or names[0] == names[1] or not _is_alike(body.lhs, body.rhs, names, compiler.bound):
        return None
    return _sorter(names[0], body.lhs, body.value == "<", compiler)


def _sorter(name: str, node: Any, descending: bool, compiler: Compiler) -> Sorter:
    compiled: list[tuple[Evaluator, int]] = []

    def sort(run: JsonataRun, items: list[Any], input: Any, frame: Frame) -> list[Any] | None:
        if not compiled:
            inner = compiler.function()
            compiled.append((inner(node), inner.deepest + 1))
        evaluate, deepest = compiled[0]
        if run.base + deepest > run.limits.depth or run.depth >= run.limits.calls:
            return None
        steps = run.steps
        try:
            column = [evaluate(input, Frame(run, {name: item}, frame)) for item in items]
        except JsonataFault:  # comparing finds it at its place
            run.steps = steps
            return None
        order = None if MISSING in column else ranked([(column, descending)], len(items))
        if order is None:
            run.steps = steps
            return None
        run.tick(len(items))
        return [items[index] for index in order]

    return sort


def _is_alike(left: Any, right: Any, names: tuple[str, str], bound: frozenset[str]) -> bool:
    """Whether two parts are the same and steady, but for the names: the left has only the first, the right one only
    the other."""
    kind = left.type
    if kind != right.type or _is_refined(left) or _is_refined(right):
        return False
    if kind == "variable":
        return bool(right.value == names[1] if left.value == names[0] else left.value == right.value != names[1])
    if kind in ("name", "string", "number", "value"):
        return type(left.value) is type(right.value) and bool(left.value == right.value)
    if kind == "path":
        return _are_alike(left.steps, right.steps, names, bound)
    if kind == "binary":
        sides = [left.lhs, left.rhs], [right.lhs, right.rhs]
        return left.value == right.value and left.value in _SIGNS and _are_alike(*sides, names, bound)
    if kind == "function":
        is_same = left.procedure.value == right.procedure.value and left.procedure.type == right.procedure.type
        return is_same and _is_steady_call(left, bound) and _are_alike(left.arguments, right.arguments, names, bound)
    return False


def _are_alike(left: list[Any], right: list[Any], names: tuple[str, str], bound: frozenset[str]) -> bool:
    return len(left) == len(right) and all(
        _is_alike(one, other, names, bound) for one, other in zip(left, right, strict=True)
    )


def _is_refined(node: Any) -> bool:
    return any(getattr(node, name, None) for name in _REFINED)
