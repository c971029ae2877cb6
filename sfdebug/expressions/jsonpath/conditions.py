"""Conditions that stand alone, `$.total > 100 && $mode == 'late'`: the syntax of a filter's, over everything in scope.

A filter of AWS's makes a comparison false that cannot be made: a field that is missing, a text against a number. A
condition of a person who asks must not: here it is an error that says why. `$.note` alone asks whether there is one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from msgspec import Struct

from sfdebug.expressions.errors import ExpressionError, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.jsonpath.ast import Evaluation
from sfdebug.expressions.jsonpath.filters import ConditionReader, IncomparableError
from sfdebug.expressions.jsonpath.parser import parse_steps
from sfdebug.expressions.jsonpath.path import MAX_LENGTH, compile_path
from sfdebug.values import compact, kind

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Environment
    from sfdebug.expressions.jsonpath.ast import Accepts
    from sfdebug.expressions.jsonpath.filters import Compare, Operand, ReadOperand
    from sfdebug.expressions.jsonpath.path import Path
    from sfdebug.values import Json

_WORD: Final = re.compile(r"[^\W\d][\w.]*")
_ORDER: Final = frozenset({"<", "<=", ">", ">="})
_PATTERN: Final = "a regular expression"
_LONGEST: Final = 40


class PathCondition(Struct, frozen=True):
    """A condition that was read. `accepts` is the reader's."""

    text: str
    accepts: Accepts

    def holds(self, environment: Environment) -> bool:
        """Whether it is true. Raises ExpressionError where that cannot be told, saying why."""
        try:
            return self.accepts(None, _Sighted(self.text, environment))
        except RecursionError:
            raise ExpressionError(f"The values that '{self.text}' compares are nested too deep") from None


@lru_cache(maxsize=512)
def compile_path_condition(text: str) -> PathCondition:
    """Read a condition. Raises PathSyntaxError with the offset in `text`."""
    if len(text) > MAX_LENGTH:
        raise PathSyntaxError(text, MAX_LENGTH, f"the condition is longer than {MAX_LENGTH} characters")
    reader = _PathConditionReader(text, 0, len(text), 0, parse_steps)
    condition = reader.any_of(0)
    reader.skip_blanks()
    if reader.position < len(text):
        reader.fail("&&, || or the end of the condition is expected here", "Join conditions with && or ||.")
    return PathCondition(text, condition)


class _Sighted(Evaluation):
    """An evaluation of a condition: what its paths see."""

    __slots__ = ("environment",)

    def __init__(self, text: str, environment: Environment) -> None:
        super().__init__(text, None)
        self.environment = environment


def _environment(evaluation: Evaluation) -> Environment:
    return cast("_Sighted", evaluation).environment


class _PathConditionReader(ConditionReader):
    """Reads paths from `$`, `$$` and `$name`, and operators that say what they cannot compare."""

    __slots__ = ()

    def comparison(self) -> Accepts:
        """Two values compared, or a path alone; a word in front that is no value is a path without its root."""
        self.skip_blanks()
        word = _WORD.match(self.text, self.position)
        if word is not None and word.group() not in ("true", "false", "null"):
            self.fail(f"{word.group()} is no path", f"Write $.{word.group()} for a field, '{word.group()}' for a text.")
        return super().comparison()

    def path(self) -> ReadOperand:
        """The value of the path that follows; an error where it leads nowhere."""
        path = self._compiled()
        return lambda value, evaluation: path.read(_environment(evaluation))

    def existence(self) -> Accepts:
        """Whether the path that follows leads to something."""
        self.skip_blanks()
        path = self._compiled()

        def exists(value: Json, evaluation: Evaluation) -> bool:
            try:
                found = path.read(_environment(evaluation))
            except PathNotFoundError:
                return False
            return path.is_definite or bool(found)

        return exists

    def operator(self, name: str) -> Compare:
        """What compares two values, and raises ExpressionError where they are of kinds that it does not compare."""
        compare = super().operator(name)

        def compared(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
            if not _is_comparable(name, left, right):
                raise ExpressionError(f"{name} does not compare {_shown(left)} with {_shown(right)}")
            try:
                return compare(left, right, evaluation)
            except IncomparableError:
                raise ExpressionError(f"{name} does not compare {_shown(left)} with {_shown(right)}") from None

        return compared

    def _compiled(self) -> Path:
        start = self.position
        text = self.path_text()
        if text.startswith("@"):
            self.fail("@ means an item of a filter: there is none here", "Begin the path with $.", at=start)
        try:
            return compile_path(text)
        except PathSyntaxError as error:
            self.fail(error.message, error.fix, at=start + error.offset)


def _is_comparable(name: str, left: Operand, right: Operand) -> bool:
    kinds = (_kind(left), _kind(right))
    if name in _ORDER:
        return kinds in (("a number", "a number"), ("a string", "a string"))
    if name == "contains":
        return kinds[0] == "an array" or kinds == ("a string", "a string")
    if name == "size":
        return kinds[0] in ("an array", "a string") and kinds[1] == "a number"
    if name == "=~":
        return (kinds[0] == _PATTERN) != (kinds[1] == _PATTERN) and "an object" not in kinds
    return True


def _kind(value: Operand) -> str:
    if isinstance(value, (str, int, float, list, dict)) or value is None:
        return kind(value)
    return _PATTERN


def _shown(value: Operand) -> str:
    what = _kind(value)
    if what == _PATTERN:
        return what
    text = compact(cast("Json", value))
    return text if len(text) <= _LONGEST else what
