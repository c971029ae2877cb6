"""Why a JSONata condition is true or false: the values of its parts, for people to read.

Parts are evaluated again, without randomness: one that draws from it has no value here, since it would have another.
Nothing that goes wrong with a part is an error; what has no value is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.comparisons import shown
from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Frame
from sfdebug.expressions.jsonata.library import STACK_ROOM
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.pieces import ExpressionPart, piece_of
from sfdebug.expressions.jsonata.results import plain
from sfdebug.expressions.jsonata.values import UnsupportedResultError, truth
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.expression import Jsonata

MOST_PARTS: Final = 60
"""Most parts of one condition that are shown."""

_NOTHING: Final[Mapping[str, Json]] = {}
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class SubValue:
    """A part of an expression: its source text and its value (MISSING: undefined).

    `operator` is what made the value ("and", "=", "$exists", "" for a path or variable) of the values of `parts`:
    those that were looked at, since `and` and `or` stop at the part that decides.
    """

    text: str
    value: Value
    operator: str = ""
    parts: tuple[SubValue, ...] = ()


def explain_condition(
    jsonata: Jsonata,
    states: Json,
    variables: Mapping[str, Json] = _NOTHING,
    *,
    limits: JsonataLimits = DEFAULT_LIMITS,
    now: int | None = None,
) -> tuple[SubValue, ...]:
    """The parts of an expression that make its value what it is, each before its own parts: `$n = 2`, then `$n`."""
    return tuple(_flat(explain_parts(jsonata, JsonataRun(limits, None, now, states, variables))))


def explain_parts(jsonata: Jsonata, run: JsonataRun) -> tuple[SubValue, ...]:
    """The parts directly inside an expression; an expression that is one path or variable is its own only part.

    `run` is a new evaluation of the expression's surroundings, without randomness, whose bounds hold for all of it.
    """
    try:
        with STACK_ROOM:
            return _parts_of(jsonata, run)
    except (JsonataFault, ArithmeticError, RecursionError):
        return ()


def _parts_of(jsonata: Jsonata, run: JsonataRun) -> tuple[SubValue, ...]:
    piece = piece_of(jsonata)
    if piece is None:
        return ()
    explanation = _Explanation(run)
    if piece.operator == "":
        found = explanation.of(piece, explanation.frame)
        return () if found is None else (found,)
    return explanation.parts(piece, explanation.within(piece, explanation.frame))


def operator_of(jsonata: Jsonata) -> str:
    """What makes the value of the whole expression ("and", "=", "$exists"), "" for a path, variable or literal."""
    piece = piece_of(jsonata)
    return "" if piece is None else piece.operator


def reason(text: str, operator: str, value: Value, parts: tuple[SubValue, ...]) -> str:
    """Why an expression has its value, in short plain words: "$n = 2 is false: $n is 3"."""
    fact = f"{_short(text)} is {told(value)}"
    if operator in ("and", "or") and parts:
        decisive = parts[-1]
        if value is (operator == "or"):
            facts = _facts(decisive.text, decisive.parts)
            return f"{fact}: {_short(decisive.text)} is {told(decisive.value)}{f' ({facts})' if facts else ''}"
        return f"{fact}: " + ("all its parts are true" if operator == "and" else "none of its parts is true")
    facts = _facts(text, parts)
    return f"{fact}: {facts}" if facts else fact


def _facts(text: str, parts: tuple[SubValue, ...]) -> str:
    return ", ".join([f"{_short(part.text)} is {told(part.value)}" for part in parts if part.text != text][:3])


def told(value: Value) -> str:
    """A value in one short line; "undefined" when there is none."""
    return "undefined" if value is MISSING else shown(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _flat(parts: tuple[SubValue, ...]) -> list[SubValue]:
    found: list[SubValue] = []
    for part in parts:
        found.append(part)
        found.extend(_flat(part.parts))
    return found


class _Explanation:
    """One walk through the pieces of an expression."""

    def __init__(self, run: JsonataRun) -> None:
        self._run = run
        self._left = MOST_PARTS
        self.frame = Frame(run, None, None)

    def of(self, piece: ExpressionPart | None, frame: Frame) -> SubValue | None:
        """The value of a piece; None when it has none that can be told."""
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
        return SubValue(piece.text, value, piece.operator, self.parts(piece, inner))

    def within(self, piece: ExpressionPart, frame: Frame) -> Frame:
        """The frame that a piece is evaluated in, after the statements before it."""
        if not piece.before:
            return frame
        inner = frame.inner()
        for evaluate in piece.before:
            evaluate(MISSING, inner)
        return inner

    def parts(self, piece: ExpressionPart, frame: Frame) -> tuple[SubValue, ...]:
        """The parts of a piece that were looked at."""
        if piece.operator in ("and", "or"):
            return tuple(self._until_decided(piece, frame))
        if piece.operator == "?":
            return tuple(self._arm_taken(piece, frame))
        return tuple(found for part in piece.parts for found in self._of_or_inside(part, frame))

    def _of_or_inside(self, piece: ExpressionPart | None, frame: Frame) -> tuple[SubValue, ...]:
        """A piece; the parts of one that has no value itself."""
        found = self.of(piece, frame)
        if found is not None:
            return (found,)
        return () if piece is None or piece.before else self.parts(piece, frame)

    def _until_decided(self, piece: ExpressionPart, frame: Frame) -> list[SubValue]:
        found: list[SubValue] = []
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

    def _arm_taken(self, piece: ExpressionPart, frame: Frame) -> list[SubValue]:
        """The test of a condition, and the arm that it leads to."""
        test = self.of(piece.parts[0], frame)
        if test is None:
            return []
        arm = 1 if truth(test.value) else 2
        taken = self.of(piece.parts[arm], frame) if arm < len(piece.parts) else None
        return [test] if taken is None else [test, taken]
