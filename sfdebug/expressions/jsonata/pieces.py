"""The parts of an expression with the text they were written as: what `jsonata_explain` shows the values of.

The syntax tree says where operators and brackets end, and the tokens between them are the parts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata.compiler import NodeCompiler
from sfdebug.expressions.jsonata.reading import token_ends
from sfdebug.expressions.jsonata.variables import bound_names

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.expression import Jsonata
    from sfdebug.expressions.jsonata.frames import Evaluator

_BLANK: Final = re.compile(r"(?:\s+|/\*.*?\*/)*", re.DOTALL)
_SILENT: Final = ("string", "number", "value", "regex", "lambda", "partial", "transform", "bind")
_OPEN: Final = ("(", "[", "{")
_CLOSED: Final = (")", "]", "}")


@dataclass(frozen=True, slots=True)
class ExpressionPart:
    """A part of an expression. `operator` is what makes its value: "and", "=", "$exists", "" for a path or variable.

    `parts` are what it makes it of, None in the place of a literal or the like; `before` are the statements that come
    before it in its block and give names their values.
    """

    text: str
    operator: str
    evaluate: Evaluator
    parts: tuple[ExpressionPart | None, ...]
    before: tuple[Evaluator, ...] = ()


@lru_cache(maxsize=512)
def piece_of(jsonata: Jsonata) -> ExpressionPart | None:
    """The whole expression with its parts; None when it is a literal, or no expression with a value of its own."""
    builder = _PartBuilder(jsonata)
    return builder.piece(jsonata.tree, 0, len(builder.ends))


class _PartBuilder:
    """Cuts one expression into pieces. Places are numbers of tokens: `first` is the first of a part, `last` the one
    behind it."""

    def __init__(self, jsonata: Jsonata) -> None:
        self._text = jsonata.text
        self.ends = token_ends(jsonata.text)
        self._starts = [_after_blanks(jsonata.text, end) for end in [0, *self.ends[:-1]]]
        self._bound = bound_names(jsonata.tree)

    def piece(self, node: Any, first: int, last: int) -> ExpressionPart | None:
        """The piece of `node`; None for literals, functions and the like."""
        if node.type == "block" and not node.predicate and node.group is None and self._token(first) == "(":
            return self._block(node, first + 1, last - 1)
        if node.type in _SILENT or first >= last:
            return None
        operator, inner = self._inside(node, first, last)
        parts = tuple(self.piece(*each) for each in inner)
        return ExpressionPart(
            self._text[self._starts[first] : self.ends[last - 1]], operator, self._compiled(node), parts
        )

    def _compiled(self, node: Any) -> Evaluator:
        return NodeCompiler(self._bound, True)(node)

    def _token(self, index: int) -> str:
        return self._text[self._starts[index] : self.ends[index]]

    def _at(self, node: Any) -> int:
        """The token that the node's position is the end of."""
        return bisect_left(self.ends, node.position)

    def _inside(self, node: Any, first: int, last: int) -> tuple[str, list[tuple[Any, int, int]]]:
        """What makes the value of a node, and the nodes that it makes it of, with their places."""
        if node.predicate or node.group is not None:
            return "", []
        if node.type == "binary":
            return str(node.value), list(self._operands(node, str(node.value), first, last))
        if node.type == "function":
            return self._token(first), list(self._arguments(node, self._at(node) + 1, last - 1))
        if node.type == "apply":
            return "~>", list(self._chained(node, first, last))
        if node.type == "condition":
            return "?", list(self._arms(node, first, last))
        if node.type == "unary" and str(node.value) == "-":
            return "-", [(node.expression, first + 1, last)]
        if node.type == "unary" and str(node.value) == "[":
            return "[", list(zip(node.expressions, *self._listed(first + 1, last - 1, ","), strict=False))
        return "", []

    def _operands(self, node: Any, sign: str, first: int, last: int) -> Iterator[tuple[Any, int, int]]:
        """Both sides; of `and` and `or` all the sides of `a and b and c`."""
        index = self._at(node)
        if sign in ("and", "or") and node.lhs.type == "binary" and str(node.lhs.value) == sign:
            yield from self._operands(node.lhs, sign, first, index)
        else:
            yield node.lhs, first, index
        yield node.rhs, index + 1, last

    def _arguments(self, node: Any, first: int, last: int) -> Iterator[tuple[Any, int, int]]:
        yield from zip(node.arguments, *self._listed(first, last, ","), strict=False)

    def _chained(self, node: Any, first: int, last: int) -> Iterator[tuple[Any, int, int]]:
        index = self._at(node)
        yield node.lhs, first, index
        if node.rhs.type == "function":
            yield from self._arguments(node.rhs, self._at(node.rhs) + 1, last - 1)

    def _arms(self, node: Any, first: int, last: int) -> Iterator[tuple[Any, int, int]]:
        """The test, and both arms."""
        index = self._at(node)
        yield node.condition, first, index
        nested = depth = 0
        for colon in range(index + 1, last):
            token = self._token(colon)
            depth += (token in _OPEN) - (token in _CLOSED)
            if depth == 0 and token in ("?", ":"):
                nested += 1 if token == "?" else -1
                if nested < 0:
                    yield node.then, index + 1, colon
                    yield node._else, colon + 1, last
                    return
        yield node.then, index + 1, last

    def _block(self, node: Any, first: int, last: int) -> ExpressionPart | None:
        """What a block comes to: its last statement, with those before it."""
        starts, stops = self._listed(first, last, ";")
        if not node.expressions or len(starts) < len(node.expressions):
            return None
        place = len(node.expressions) - 1
        found = self.piece(node.expressions[-1], starts[place], stops[place])
        if found is None or place == 0:
            return found
        before = tuple(map(self._compiled, node.expressions[:-1]))
        return ExpressionPart(found.text, found.operator, found.evaluate, found.parts, before + found.before)

    def _listed(self, first: int, last: int, separator: str) -> tuple[list[int], list[int]]:
        """Where the parts of a list between brackets start and stop."""
        starts, stops, depth = [first], [], 0
        for index in range(first, last):
            token = self._token(index)
            depth += (token in _OPEN) - (token in _CLOSED)
            if depth == 0 and token == separator:
                stops.append(index)
                starts.append(index + 1)
        return starts, [*stops, last]


def _after_blanks(text: str, start: int) -> int:
    blanks = _BLANK.match(text, start)
    return blanks.end() if blanks is not None else start
