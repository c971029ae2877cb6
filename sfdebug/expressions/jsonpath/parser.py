"""From the text of a JSONPath to its steps: our tokens, jsonpath-ng's grammar, and its syntax tree laid out in a row.

jsonpath-ng is imported on first use: most definitions hold plain paths only, which never get here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sfdebug.expressions.errors import PathSyntaxError
from sfdebug.expressions.jsonpath.ast import Descend, Filter, Indices, Names, PathFunction, Slice, Step, Wildcard
from sfdebug.expressions.jsonpath.functions import AFTER_SCAN, compile_function
from sfdebug.expressions.jsonpath.lexer import FilterName, FunctionName, PathLexer, Token

if TYPE_CHECKING:
    from jsonpath_ng.ext.parser import ExtendedJsonPathParser


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
        return PathFunction(str(first), compile_function(text, first))
    return Names(tuple(map(str, fields)), merged=len(fields) > 1)


def _followed(step: Names) -> Names:
    return Names(step.names, is_leaf=len(step.names) == 1)


def _filter(text: str, condition: FilterName, depth: int) -> Filter:
    from sfdebug.expressions.jsonpath.filters import compile_condition

    return Filter(str(condition), compile_condition(text, condition.offset, condition.offset + len(condition), depth))


def _check_functions(text: str, steps: list[Step]) -> None:
    early = next((step for step in steps[:-1] if isinstance(step, PathFunction)), None)
    if early is not None:
        offset = text.index(f"{early.name}(")
        raise PathSyntaxError(text, offset, f"{early.name}() must be the last step", fix="Take away what follows it.")
    if steps and isinstance(steps[0], Descend) and isinstance(steps[-1], PathFunction):
        name = steps[-1].name
        if len(steps) == 2 or name not in AFTER_SCAN:
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
