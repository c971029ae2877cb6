"""Why a JSONata condition is true or false: the values of its parts, with the text they were written as.

The syntax tree says where operators and brackets end, and the tokens between them are the parts. They are evaluated
again, without randomness: one that draws from it has no value here, since it would have another. Nothing that goes
wrong with a part is an error; what has no value is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.expressions.choice import Verdict, shown
from sfdebug.expressions.jsonata.compiler import NodeCompiler
from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.library import STACK_ROOM
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.names import bound_names
from sfdebug.expressions.jsonata.reading import token_ends
from sfdebug.expressions.jsonata.values import UnsupportedResultError, plain, truth
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.expression import Jsonata


_BLANK: Final = re.compile(r"(?:\s+|/\*.*?\*/)*", re.DOTALL)
_SILENT: Final = ("string", "number", "value", "regex", "lambda", "partial", "transform", "bind")
_OPEN: Final = ("(", "[", "{")
_CLOSED: Final = (")", "]", "}")

MOST_PARTS: Final = 60
"""Most parts of one condition that are shown."""

_LONGEST: Final = 80


class _ExplainedPart(Struct, frozen=True, gc=False):
    """A part of a text. `operator` is what makes its value: "and", "=", "$exists", "" for a path or variable.

    `parts` are what it makes it of, None for a literal or the like; `before` are the statements that come
    before it in its block and give names their values.
    """

    text: str
    operator: str
    evaluate: Evaluator
    parts: tuple[_ExplainedPart | None, ...]
    before: tuple[Evaluator, ...] = ()


@lru_cache(maxsize=512)
def _piece_of(jsonata: Jsonata) -> _ExplainedPart | None:
    """The whole expression with its parts; None when it is a literal, or no expression with a value of its own."""
    builder = _PieceBuilder(jsonata)
    return builder.piece(jsonata.tree, 0, len(builder.ends))


class _PieceBuilder:
    """Cuts one expression into pieces. Tokens are counted: `first` is the first of a piece, `last` the one behind
    it."""

    def __init__(self, jsonata: Jsonata) -> None:
        self._text = jsonata.text
        self.ends = token_ends(jsonata.text)
        self._starts = [_after_blanks(jsonata.text, end) for end in [0, *self.ends[:-1]]]
        self._bound = bound_names(jsonata.tree)

    def piece(self, node: Any, first: int, last: int) -> _ExplainedPart | None:
        """The piece of `node`; None for literals, functions and the like."""
        if node.type == "block" and not node.predicate and node.group is None and self._token(first) == "(":
            return self._block(node, first + 1, last - 1)
        if node.type in _SILENT or first >= last:
            return None
        operator, inner = self._inside(node, first, last)
        parts = tuple(self.piece(*each) for each in inner)
        return _ExplainedPart(
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
        """What makes the value of a node, and the nodes that it makes it of, with their tokens."""
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

    def _block(self, node: Any, first: int, last: int) -> _ExplainedPart | None:
        """What a block comes to: its last statement, with those before it."""
        starts, stops = self._listed(first, last, ";")
        if not node.expressions or len(starts) < len(node.expressions):
            return None
        index = len(node.expressions) - 1
        found = self.piece(node.expressions[-1], starts[index], stops[index])
        if found is None or index == 0:
            return found
        before = tuple(map(self._compiled, node.expressions[:-1]))
        return _ExplainedPart(found.text, found.operator, found.evaluate, found.parts, before + found.before)

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


def explain(jsonata: Jsonata, value: Value, run: JsonataRun) -> tuple[str, tuple[Verdict, ...]]:
    """Why an expression has its value, in short plain words, and its parts; `run` as for `explain_parts`."""
    piece, parts = _piece_of(jsonata), explain_parts(jsonata, run)
    return _reason(jsonata.text, "" if piece is None else piece.operator, value, parts), parts


def explain_parts(jsonata: Jsonata, run: JsonataRun) -> tuple[Verdict, ...]:
    """The parts directly inside an expression; an expression that is one path or variable is its own only part.

    `run` is a new evaluation of the expression's surroundings, without randomness, whose bounds hold for all of it.
    """
    try:
        with STACK_ROOM:
            return _parts_of(jsonata, run)
    except (JsonataFault, ArithmeticError, RecursionError):
        return ()


def _parts_of(jsonata: Jsonata, run: JsonataRun) -> tuple[Verdict, ...]:
    piece = _piece_of(jsonata)
    if piece is None:
        return ()
    explanation = _Explanation(run)
    if piece.operator == "":
        found = explanation.of(piece, explanation.frame)
        return () if found is None else (found,)
    return explanation.parts(piece, explanation.within(piece, explanation.frame))


def _part_verdict(text: str, operator: str, value: Value, parts: tuple[Verdict, ...]) -> Verdict:
    """A part of an expression as a verdict: it matches when it is true, or has a value that is no boolean."""
    matched = value if isinstance(value, bool) else value is not MISSING
    return Verdict(matched, operator, text, value, MISSING, "", parts, _reason(text, operator, value, parts))


def _reason(text: str, operator: str, value: Value, parts: tuple[Verdict, ...]) -> str:
    """Why an expression has its value, in short plain words: "$n = 2 is false: $n is 3"."""
    fact = f"{_short(text)} is {_in_words(value)}"
    if operator in ("and", "or") and parts:
        decisive = parts[-1]
        if value is (operator == "or"):
            facts = _facts(decisive.path, decisive.children)
            return f"{fact}: {_short(decisive.path)} is {_in_words(decisive.value)}{f' ({facts})' if facts else ''}"
        return f"{fact}: " + ("all its parts are true" if operator == "and" else "none of its parts is true")
    facts = _facts(text, parts)
    return f"{fact}: {facts}" if facts else fact


def _facts(text: str, parts: tuple[Verdict, ...]) -> str:
    return ", ".join([f"{_short(part.path)} is {_in_words(part.value)}" for part in parts if part.path != text][:3])


def _in_words(value: Value) -> str:
    """A value in one short line; "undefined" when there is none."""
    return "undefined" if value is MISSING else shown(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


class _Explanation:
    """One walk through the pieces of an expression."""

    def __init__(self, run: JsonataRun) -> None:
        self._run = run
        self._left = MOST_PARTS
        self.frame = Frame(run, None, None)

    def of(self, piece: _ExplainedPart | None, frame: Frame) -> Verdict | None:
        """The value of a piece; None when it has none that can be shown."""
        if piece is None or self._left <= 0:
            return None
        self._left -= 1
        try:
            inner = self.within(piece, frame)
            result: Any = piece.evaluate(MISSING, inner)
            value: Value = MISSING if result is MISSING else plain(result, self._run)
        except (JsonataFault, UnsupportedResultError, ArithmeticError, RecursionError):
            self._run.base = self._run.depth = 0
            return None
        return _part_verdict(piece.text, piece.operator, value, self.parts(piece, inner))

    def within(self, piece: _ExplainedPart, frame: Frame) -> Frame:
        """The frame that a piece is evaluated in, after the statements before it."""
        if not piece.before:
            return frame
        inner = frame.inner()
        for evaluate in piece.before:
            evaluate(MISSING, inner)
        return inner

    def parts(self, piece: _ExplainedPart, frame: Frame) -> tuple[Verdict, ...]:
        """The parts of a piece that were looked at."""
        if piece.operator in ("and", "or"):
            return tuple(self._until_decided(piece, frame))
        if piece.operator == "?":
            return tuple(self._arm_taken(piece, frame))
        return tuple(found for part in piece.parts for found in self._of_or_inside(part, frame))

    def _of_or_inside(self, piece: _ExplainedPart | None, frame: Frame) -> tuple[Verdict, ...]:
        """A piece; the parts of one that has no value itself."""
        found = self.of(piece, frame)
        if found is not None:
            return (found,)
        return () if piece is None or piece.before else self.parts(piece, frame)

    def _until_decided(self, piece: _ExplainedPart, frame: Frame) -> list[Verdict]:
        found: list[Verdict] = []
        for part in piece.parts:
            value = self.of(part, frame)
            if value is None:
                if part is None:
                    continue
                break
            found.append(value)
            if truth(value.value) is (piece.operator == "or"):
                break
        return found

    def _arm_taken(self, piece: _ExplainedPart, frame: Frame) -> list[Verdict]:
        """The test of a condition, and the arm that it leads to."""
        test = self.of(piece.parts[0], frame)
        if test is None:
            return []
        arm = 1 if truth(test.value) else 2
        taken = self.of(piece.parts[arm], frame) if arm < len(piece.parts) else None
        return [test] if taken is None else [test, taken]
