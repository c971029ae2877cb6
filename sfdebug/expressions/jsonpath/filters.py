"""The conditions of JSONPath filters, `[?(@.price > 10 && @.tags contains 'new')]`, by Jayway's rules (measured).

A condition is read by recursive descent into closures. What an operator cannot compare makes the whole condition
false, as in Jayway, even under a `!`.
"""

from __future__ import annotations

import json
import operator as python
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, TypeAlias

import regex
from msgspec import Struct

from sfdebug.expressions.errors import ExpressionError, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.java import number_text
from sfdebug.expressions.jsonpath.ast import Accepts, Evaluation, Step, is_definite, run
from sfdebug.expressions.jsonpath.fast_paths import Location, follow, read_plain_steps, unescaped
from sfdebug.expressions.jsonpath.lexer import closing
from sfdebug.expressions.pattern_size import too_large
from sfdebug.values import MISSING, Json, Missing, same

Operand: TypeAlias = "Json | Missing | _FilterPattern"
Compare: TypeAlias = "Callable[[Operand, Operand, Evaluation], bool]"

MAX_DEPTH: Final = 20
"""Deepest nesting of filters in filters, and of brackets in a condition."""

_MAX_PATTERN: Final = 1000
"""Longest regular expression, in characters."""

# No digit can belong to two parts: else a long row of digits that is no number takes a time with its length squared.
_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BROKEN_NUMBER: Final = re.compile(r"[-+]*[0-9]+(?:\.[0-9]*)?[eE]?[-+]*|[-+.]+")
_WORD: Final = re.compile(r"[<>=~!]+|[^ ]+")
_STRING: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_PATTERN: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([a-zA-Z]*)", re.DOTALL)
_BARE_WORD: Final = re.compile(r"[^\s()\[\]{}<>=!~&|,'\"]+")
_CONSTANTS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_PATH_END: Final = " <>=~!)"
_FLAGS: Final = {"i": regex.I, "x": regex.X, "m": regex.M, "s": regex.S, "u": regex.U, "U": regex.U, "d": 0}
_ParseSteps: TypeAlias = "Callable[[str, int, int], tuple[Step, ...]]"
ReadOperand: TypeAlias = "Callable[[Json, Evaluation], Operand]"


class IncomparableError(Exception):
    """An operator was given what it cannot compare: the condition as a whole is false."""


class _FilterPattern(Struct, frozen=True, gc=False):
    """A regular expression as it stands in a condition."""

    compiled: regex.Pattern[str]

    def matches(self, text: str, evaluation: Evaluation) -> bool:
        """Whether it matches the whole of `text`. Raises ExpressionError when that takes too long."""
        try:
            return self.compiled.fullmatch(text, timeout=evaluation.seconds_left()) is not None
        except (TimeoutError, MemoryError):
            raise evaluation.too_slow() from None


def _is_number(value: Operand) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal(left: Operand, right: Operand) -> bool:
    """Whether Jayway holds two operands equal. A number equals a string that reads as it, from the left's view."""
    if isinstance(left, str) and _is_number(right):
        return left == number_text(right)  # type: ignore[arg-type]
    if _is_number(left) and isinstance(right, str):
        try:
            return float(right) == left
        except ValueError:
            return False
    if isinstance(left, (Missing, _FilterPattern)) or isinstance(right, (Missing, _FilterPattern)):
        return False
    return same(left, right)


def _contained(item: Operand, items: list[Json]) -> bool:
    return any(_equal(item, other) for other in items)


def _list(value: Operand) -> list[Json] | None:
    """The array to look in; None for an object, which holds nothing. Raises IncomparableError for anything else."""
    if isinstance(value, list):
        return _scalars(value)
    if isinstance(value, dict):
        return None
    raise IncomparableError


def _scalars(items: list[Json]) -> list[Json]:
    """`items`, which must be scalars: Jayway does not look for values among objects and arrays."""
    if any(isinstance(item, (dict, list)) for item in items):
        raise ExpressionError("Could not determine value type")
    return items


def _kind(value: Operand) -> str:
    return "number" if _is_number(value) else type(value).__name__ if not isinstance(value, (dict, list)) else "json"


def _strictly_equal(left: Operand, right: Operand) -> bool:
    return _kind(left) == _kind(right) and _equal(left, right)


def _ordered(compare: Callable[[Any, Any], Any]) -> Compare:
    def test(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
        if _is_number(left) and _is_number(right):
            return bool(compare(left, right))
        if isinstance(left, str) and isinstance(right, str):
            return bool(compare(left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")))
        return False

    return test


def _in(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    items = _list(right)
    return items is not None and _contained(left, items)


def _contains(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return right in left
    return isinstance(left, list) and any(_equal(right, item) for item in _scalars(left))


def _sets(judge: Callable[[list[Json], list[Json]], bool]) -> Compare:
    def test(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
        right_items = _list(right)
        if right_items is None:
            return False
        left_items = _list(left)
        return left_items is not None and judge(left_items, right_items)

    return test


def _size(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if not _is_number(right):
        return False
    if isinstance(left, dict):
        return right == -1
    return isinstance(left, (str, list)) and len(left) == int(right)  # type: ignore[arg-type]


def _empty(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, dict):
        raise ExpressionError("A filter cannot ask whether an object is empty: Jayway JsonPath fails at that")
    if not isinstance(left, (str, list)):
        return False
    if not isinstance(right, bool):
        raise IncomparableError
    return (not left) is right


def _matches(left: Operand, right: Operand, evaluation: Evaluation) -> bool:
    if isinstance(left, _FilterPattern) == isinstance(right, _FilterPattern):
        return False
    pattern, value = (left, right) if isinstance(left, _FilterPattern) else (right, left)
    assert isinstance(pattern, _FilterPattern)
    if isinstance(value, list):
        return any(pattern.matches(_regular_text(item), evaluation) for item in _scalars(value))
    return pattern.matches(_regular_text(value), evaluation)


def _regular_text(value: Operand) -> str:
    """What a regular expression is matched with: strings, numbers and booleans as they print, else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, (int, float)) else ""


_OPERATORS: Final[Mapping[str, Compare]] = {
    "==": lambda left, right, evaluation: _equal(left, right),
    "!=": lambda left, right, evaluation: not _equal(left, right),
    "===": lambda left, right, evaluation: _strictly_equal(left, right),
    "!==": lambda left, right, evaluation: not _strictly_equal(left, right),
    "<": _ordered(python.lt),
    "<=": _ordered(python.le),
    ">": _ordered(python.gt),
    ">=": _ordered(python.ge),
    "=~": _matches,
    "in": _in,
    "nin": lambda left, right, evaluation: not _in(left, right, evaluation),
    "contains": _contains,
    "subsetof": _sets(lambda left, right: all(_contained(item, right) for item in left)),
    "anyof": _sets(lambda left, right: any(_contained(item, right) for item in left)),
    "noneof": _sets(lambda left, right: not any(_contained(item, right) for item in left)),
    "size": _size,
    "empty": _empty,
}
"""Every operator that is supported, by its name in lower case. A comparand that is missing is MISSING."""


def compile_condition(text: str, start: int, end: int, depth: int, parse_steps: _ParseSteps) -> Accepts:
    """What decides whether a value passes the condition in `text[start:end]`. Raises PathSyntaxError.

    `depth` says how many filters it stands in, `parse_steps` reads the paths in it, which may hold filters again.
    """
    reader = ConditionReader(text, start, end, depth, parse_steps)
    if depth >= MAX_DEPTH:
        reader.fail(f"filters are nested more than {MAX_DEPTH} deep", "Select in several states.")
    condition = reader.any_of(0)
    reader.skip_blanks()
    if reader.position < end:
        reader.fail("&&, || or the end of the condition is expected here", "Join conditions with && or ||.")

    def accepts(value: Json, evaluation: Evaluation) -> bool:
        try:
            return condition(value, evaluation)
        except IncomparableError:
            return False

    return accepts


class ConditionReader:
    """A position in the text of a condition. What its paths and operators mean can be another in a kind of it."""

    __slots__ = ("depth", "end", "parse_steps", "position", "text")

    def __init__(self, text: str, start: int, end: int, depth: int, parse_steps: _ParseSteps) -> None:
        self.text = text
        self.position = start
        self.end = end
        self.depth = depth
        self.parse_steps = parse_steps

    def fail(self, message: str, fix: str = "", *, at: int | None = None) -> NoReturn:
        """Raise the error of a place: by default where reading stands."""
        raise PathSyntaxError(self.text, self.position if at is None else at, message, fix=fix)

    def skip_blanks(self) -> None:
        """Go on to what is no blank."""
        while self.position < self.end and self.text[self.position] == " ":
            self.position += 1

    def following(self) -> str:
        """The sign that comes next behind blanks; "" at the end."""
        self.skip_blanks()
        return self.text[self.position] if self.position < self.end else ""

    def take(self, word: str) -> bool:
        """Whether that comes next; then it is taken."""
        self.skip_blanks()
        if self.text.startswith(word, self.position, self.end):
            self.position += len(word)
            return True
        return False

    def any_of(self, depth: int) -> Accepts:
        """Conditions joined with ||."""
        parts = [self.all_of(depth)]
        while self.take("||"):
            parts.append(self.all_of(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda value, evaluation: any(part(value, evaluation) for part in parts)

    def all_of(self, depth: int) -> Accepts:
        """Conditions joined with &&."""
        parts = [self.operand(depth)]
        while self.take("&&"):
            parts.append(self.operand(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda value, evaluation: all(part(value, evaluation) for part in parts)

    def operand(self, depth: int) -> Accepts:
        """One condition: a comparison, a negation, one in brackets."""
        if depth >= MAX_DEPTH:
            self.fail(f"brackets are nested more than {MAX_DEPTH} deep", "Simplify the condition.")
        if self.take("!"):
            if self.following() in ("@", "$"):
                exists = self.existence()
                return lambda value, evaluation: not exists(value, evaluation)
            inner = self.operand(depth + 1)
            return lambda value, evaluation: not inner(value, evaluation)
        if self.take("("):
            inner = self.any_of(depth + 1)
            if not self.take(")"):
                self.fail(") is expected here", "Close the bracket.")
            return inner
        return self.comparison()

    def comparison(self) -> Accepts:
        """Two values compared, or a path alone."""
        start = self.position
        is_path = self.following() in ("@", "$")
        is_json = self.following() in ("[", "{")
        left = self.value()
        if self.following() in ("", ")", "&", "|"):
            if not is_path:
                self.fail("a condition must compare two values, or name a path", "Write @.price > 10.", at=start)
            self.position = start
            return self.existence()
        self.skip_blanks()
        word_start = self.position
        match = _WORD.match(self.text, word_start, self.end)
        name = match.group().lower() if match else ""
        if name not in _OPERATORS:
            self.fail(
                f"there is no operator {name}",
                "The operators are: == != < <= > >= =~ in nin subsetof anyof noneof contains size empty.",
            )
        self.position = word_start + len(name)
        compare, right = self.operator(name), self.value(takes_pattern=name == "=~")
        if is_json and name.strip("!=") == "":
            return lambda value, evaluation: name.startswith("!")  # Jayway: no value equals JSON on the left
        return lambda value, evaluation: compare(left(value, evaluation), right(value, evaluation), evaluation)

    def operator(self, name: str) -> Compare:
        """What compares two values by an operator."""
        return _OPERATORS[name]

    def existence(self) -> Accepts:
        """Whether the path that follows leads to something; one that can find several always does."""
        text = self.path_text()
        keys = read_plain_steps(text, 1)
        from_root = text.startswith("$")
        if keys is not None:
            return _plain_existence(text, keys, from_root=from_root)
        steps = self.steps(text)
        definite = is_definite(steps)

        def exists(value: Json, evaluation: Evaluation) -> bool:
            try:
                nodes = run(steps, evaluation.root if from_root else value, evaluation, require=True)
            except PathNotFoundError:
                return False
            return bool(nodes) or not definite

        return exists

    def value(self, *, takes_pattern: bool = True) -> ReadOperand:
        """What gives the value that follows: that of a path, or what is written."""
        following = self.following()
        if following in ("@", "$"):
            return self.path()
        if following == "/" and takes_pattern:
            return self.pattern()
        if following in ("[", "{"):
            return self.json_literal()
        start = self.position
        literal: Json
        string = _STRING.match(self.text, start, self.end) if following in ("'", '"') else None
        if string:
            single, double = string.groups()
            literal = unescaped(single if single is not None else double)
            self.position = string.end()
        else:
            word = _BARE_WORD.match(self.text, start, self.end)
            if word is None:
                self.fail(
                    "a value is expected here",
                    "Write a path (@.name), 'text', a number, true, false, null, [1, 2] or /pattern/.",
                )
            literal = self.bare(word.group())
            self.position = word.end()
        return lambda value, evaluation: literal

    def bare(self, word: str) -> Json:
        """A word without quotes: a number, a constant, else text.

        AWS's own samples write ?(@.Name==Receipt), and a report of AWS has /a/path, as in Jayway before 2.1.
        """
        if _NUMBER.fullmatch(word):
            return int(word) if word.lstrip("-").isdigit() and len(word) < 400 else float(word)
        if _BROKEN_NUMBER.fullmatch(word):
            self.fail(f"{word} is not a number", "Write a number such as 10, -2.5 or 1e3.")
        return _CONSTANTS.get(word, word)

    def json_literal(self) -> ReadOperand:
        """An array or object as it is written."""
        start = self.position
        end = closing(self.text, start)
        if end < 0 or end >= self.end:
            self.fail("the value's brackets are not closed", "Write an array as ['a', 'b'].")
        self.position = end + 1
        written = self.text[start : end + 1]
        if _nesting(_STRING.sub("", written)) > MAX_DEPTH:  # how deep Python itself goes can be changed by others
            self.fail(f"the value is nested more than {MAX_DEPTH} deep", "Compare with a simpler value.", at=start)
        try:
            literal: Json = json.loads(_STRING.sub(_as_json_string, written))
        except (ValueError, RecursionError):
            self.fail("this is not a JSON value", "Write an array as ['a', 'b'].", at=start)
        return lambda value, evaluation: literal

    def pattern(self) -> ReadOperand:
        """A regular expression."""
        match = _PATTERN.match(self.text, self.position, self.end)
        if match is None:
            self.fail("the regular expression is not closed", "Write =~ /pattern/ or =~ /pattern/i.")
        start = self.position
        flags = 0
        for letter in match[2]:
            if letter not in _FLAGS:
                self.fail(f"there is no flag {letter}", f"The flags are: {' '.join(_FLAGS)}.", at=match.start(2))
            flags |= _FLAGS[letter]
        if len(match[1]) > _MAX_PATTERN:
            self.fail(f"the regular expression is longer than {_MAX_PATTERN} characters", "Make it shorter.")
        if why := too_large(match[1]):
            self.fail(f"this regular expression is not taken: {why}", "Repeat less.", at=start)
        try:
            compiled = _FilterPattern(regex.compile(match[1], flags | regex.V0))
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            self.fail(f"this is not a regular expression: {error}", "Mend it, or escape its signs with \\.", at=start)
        self.position = match.end()
        return lambda value, evaluation: compiled

    def path_text(self) -> str:
        """The path at this position. It ends, as in Jayway, at a blank, a comparison sign or a closing bracket."""
        start = self.position
        position = start + 1
        while position < self.end and self.text[position] not in _PATH_END:
            if self.text[position] in "[(":
                close = closing(self.text, position)
                if close < 0 or close >= self.end:
                    self.fail("the path's brackets are not closed", "Close the bracket.", at=position)
                position = close
            elif self.text.startswith(("&&", "||"), position):
                sign = self.text[position : position + 2]
                self.fail(
                    f"a blank is needed before {sign}: AWS would take it for a part of the name",
                    f"Write a blank before {sign}.",
                    at=position,
                )
            position += 1
        self.position = position
        return self.text[start:position]

    def path(self) -> ReadOperand:
        """What finds the value of the path that follows."""
        text = self.path_text()
        from_root = text.startswith("$")
        keys = read_plain_steps(text, 1)
        if keys is not None:
            return _plain_value(text, keys, from_root=from_root)
        steps = self.steps(text)
        definite = is_definite(steps)

        def find(value: Json, evaluation: Evaluation) -> Operand:
            try:
                nodes = run(steps, evaluation.root if from_root else value, evaluation)
            except PathNotFoundError:
                return MISSING
            if definite:
                return nodes[-1][0] if nodes else MISSING
            return [item for item, _ in nodes]

        return _once(find) if from_root else find

    def steps(self, text: str) -> tuple[Step, ...]:
        """The steps of a path in the condition."""
        start = self.position - len(text)
        if text.startswith("$") and text[1:2] not in ("", ".", "["):
            fix = "Filter in a state that has the value in its input."
            self.fail("a filter can refer to @ and to $ only", fix, at=start)
        try:
            return self.parse_steps(text, 1, self.depth + 1)
        except PathSyntaxError as error:
            self.fail(error.message, error.fix, at=start + error.offset)


def _as_json_string(match: re.Match[str]) -> str:
    single, double = match.groups()
    return json.dumps(unescaped(single if single is not None else double))


def _plain_value(text: str, keys: Location, *, from_root: bool) -> ReadOperand:
    def find(value: Json, evaluation: Evaluation) -> Operand:
        try:
            return follow(text, evaluation.root if from_root else value, keys)
        except PathNotFoundError:
            return MISSING

    return find


def _plain_existence(text: str, keys: Location, *, from_root: bool) -> Accepts:
    find = _plain_value(text, keys, from_root=from_root)
    return lambda value, evaluation: find(value, evaluation) is not MISSING


def _once(find: ReadOperand) -> ReadOperand:
    """`find` for a path from the root, which finds the same for every value: it is asked once an evaluation."""

    def cached(value: Json, evaluation: Evaluation) -> Operand:
        key = id(find)
        if key not in evaluation.cache:
            evaluation.cache[key] = find(value, evaluation)
        return evaluation.cache[key]  # type: ignore[return-value]

    return cached


def _nesting(text: str) -> int:
    """How deep the brackets of a text without strings stand in one another."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
