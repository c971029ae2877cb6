"""From the text of a JSONPath to its steps: our tokens, jsonpath-ng's grammar, and its syntax tree laid out in a row.

Which of the functions AWS accepts in which field is not documented.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.errors import ExpressionError, PathSyntaxError
from sfdebug.expressions.jsonpath.ast import Descend, Filter, Indices, Names, PathFunction, Slice, Step, Wildcard
from sfdebug.expressions.jsonpath.lexer import FilterName, FunctionName, PathLexer, Token
from sfdebug.values import Json

if TYPE_CHECKING:
    from jsonpath_ng.ext.parser import ExtendedJsonPathParser


_NOTHING: Final = "Aggregation function attempted to calculate value using empty array"

_AFTER_SCAN: Final = frozenset({"length", "size", "sum", "min", "max", "avg", "stddev"})
"""The functions that may follow `$..`: they take all that it finds as one array. (Jayway gives the others the root.)"""


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, (dict, list)) else None


def _keys(value: Json) -> Json:
    return list(value) if isinstance(value, dict) else None


def _numbers(value: Json) -> list[float]:
    items = value if isinstance(value, list) else []
    numbers = [float(item) for item in items if isinstance(item, (int, float)) and not isinstance(item, bool)]
    if not numbers:
        raise ExpressionError(_NOTHING)
    return numbers


def _aggregate(compute: Callable[[Sequence[float]], float]) -> Callable[[Json], Json]:
    return lambda value: compute(_numbers(value))


def _average(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    squares = sum(number * number for number in numbers)
    return math.sqrt(max(0.0, squares / len(numbers) - _average(numbers) ** 2))


def _item(index: int) -> Callable[[Json], Json]:
    def item(value: Json) -> Json:
        if not isinstance(value, list):
            raise ExpressionError(_NOTHING)
        if not -len(value) <= index < len(value):
            raise ExpressionError(f"Index {index} out of bounds for length {len(value)}")
        return value[index]

    return item


_FUNCTIONS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "sum": _aggregate(sum),
    "min": _aggregate(min),
    "max": _aggregate(max),
    "avg": _aggregate(_average),
    "stddev": _aggregate(_deviation),
    "first": _item(0),
    "last": _item(-1),
}


def _function(text: str, call: FunctionName) -> Callable[[Json], Json]:
    """What computes the function. Raises PathSyntaxError for one that is unknown, or arguments it does not take."""
    name, argument = str(call), call.argument
    if name == "index":
        if not argument.lstrip("-").isdecimal() or len(argument) > 11:
            raise PathSyntaxError(text, call.offset, "index takes one whole number", fix="Write .index(0).")
        return _item(int(argument))
    if name not in _FUNCTIONS:
        close = get_close_matches(name, _FUNCTIONS, 1, 0.6)
        fix = f"Did you mean {close[0]}()?" if close else f"The functions are: {', '.join(_FUNCTIONS)}, index."
        raise PathSyntaxError(text, call.offset, f"there is no function {name}()", fix=fix)
    if argument:
        what = f"arguments of {name}() are not supported here"
        raise PathSyntaxError(text, call.offset, what, fix=f"Write the path first: $.numbers.{name}().")
    return _FUNCTIONS[name]


def parse_steps(text: str, start: int, depth: int = 0) -> tuple[Step, ...]:
    """The steps of a path from `start`, behind its root. Raises PathSyntaxError.

    `depth` says how many filters the path stands in.
    """
    tree = _parsed(text, list(PathLexer(text, start).tokens()))
    steps: list[Step] = []
    for node in _in_order(tree):
        steps.extend(_steps(text, node, depth))
    _check_functions(text, steps)
    steps[:-1] = [_followed(step) if isinstance(step, Names) else step for step in steps[:-1]]
    return _function_after_scan(tuple(steps))


def _parsed(text: str, tokens: list[Token]) -> Any:
    from jsonpath_ng.exceptions import JSONPathError

    stream: Iterator[Any] = iter(tokens)
    try:
        return _parser().parse_token_stream(stream)
    except JSONPathError:
        consumed = len(tokens) - len(list(stream))
        offset = tokens[consumed - 1].lexpos if 0 < consumed <= len(tokens) else len(text)
        raise PathSyntaxError(text, offset, "this is not a path", fix="See the JSONPath that AWS reads.") from None


@lru_cache(maxsize=1)
def _parser() -> ExtendedJsonPathParser:
    from jsonpath_ng.ext.parser import ExtendedJsonPathParser

    return ExtendedJsonPathParser()


def _in_order(tree: Any) -> Iterator[Any]:
    """The leaves of a syntax tree in the order of the text, with Descendants itself standing for its `..`."""
    from jsonpath_ng import Child, Descendants

    waiting: list[tuple[Any, bool]] = [(tree, False)]
    while waiting:
        node, opened = waiting.pop()
        if opened or not isinstance(node, (Child, Descendants)):
            yield node
        elif isinstance(node, Descendants):
            waiting += [(node.right, False), (node, True), (node.left, False)]
        else:
            waiting += [(node.right, False), (node.left, False)]


def _steps(text: str, node: Any, depth: int) -> Iterator[Step]:
    from jsonpath_ng import Descendants, Fields, Index, Root
    from jsonpath_ng import Slice as SliceNode
    from jsonpath_ng.ext.filter import Filter as FilterNode
    from jsonpath_ng.jsonpath import Wildcard as WildcardNode

    if isinstance(node, Root):
        return
    if isinstance(node, Descendants):
        yield Descend()
    elif isinstance(node, WildcardNode):
        yield Wildcard()
    elif isinstance(node, SliceNode):
        yield Slice(node.start, node.end)
    elif isinstance(node, Index):
        yield Indices(tuple(node.indices))
    elif isinstance(node, FilterNode):
        yield _filter(text, node.expressions[0].target.fields[0], depth)
    elif isinstance(node, Fields):
        yield _fields(text, node.fields)
    else:
        raise PathSyntaxError(text, 0, f"{type(node).__name__} is not a step that AWS reads")


def _fields(text: str, fields: tuple[str, ...]) -> Step:
    first = fields[0]
    if isinstance(first, FunctionName):
        return PathFunction(str(first), _function(text, first))
    return Names(tuple(map(str, fields)), merged=len(fields) > 1)


def _followed(step: Names) -> Names:
    return Names(step.names, is_leaf=len(step.names) == 1)


def _filter(text: str, condition: FilterName, depth: int) -> Filter:
    from sfdebug.expressions.jsonpath.filters import compile_condition

    end = condition.offset + len(condition)
    return Filter(str(condition), compile_condition(text, condition.offset, end, depth, parse_steps))


def _check_functions(text: str, steps: list[Step]) -> None:
    early = next((step for step in steps[:-1] if isinstance(step, PathFunction)), None)
    if early is not None:
        offset = text.index(f"{early.name}(")
        raise PathSyntaxError(text, offset, f"{early.name}() must be the last step", fix="Take away what follows it.")
    if steps and isinstance(steps[0], Descend) and isinstance(steps[-1], PathFunction):
        name = steps[-1].name
        if len(steps) == 2 or name not in _AFTER_SCAN:
            what = f"{name}() after .. at the start of a path is not supported"
            raise PathSyntaxError(text, text.rindex(f"{name}("), what, fix="Select with $.name, $.name[*] or a filter.")


def _function_after_scan(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    # Jayway reads $..price.sum() as sum($..price), and in length($..tags) it counts what the tags hold.
    if not (steps and isinstance(steps[0], Descend) and isinstance(steps[-1], PathFunction)):
        return steps
    function = steps[-1]
    if function.name in ("length", "size"):
        return (*steps[:-1], Wildcard(), PathFunction(function.name, function.call, gathers=True))
    return (*steps[:-1], PathFunction(function.name, function.call, gathers=True))
