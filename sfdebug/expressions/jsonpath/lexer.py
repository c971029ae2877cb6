"""The tokens of a JSONPath by Jayway's rules, in the form in which jsonpath-ng's parser reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NoReturn

from msgspec import Struct

from sfdebug.expressions.errors import PathSyntaxError
from sfdebug.expressions.jsonpath.fast_paths import unescaped_name

_MAX_INDEX: Final = 2**31 - 1
"""Jayway reads indices as Java ints."""

_BLANK: Final = re.compile(r" *")
_NAME: Final = re.compile(r"[^ .\[(]+")
_INDEX: Final = re.compile(r"-?[0-9]+")
_SLICE: Final = re.compile(r"(-?[0-9]+)?:(-?[0-9]+)?(?::-?[0-9]*)*")
_STRING: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_REGULAR_EXPRESSION_AHEAD: Final = re.compile(r"(?:=~|[(&|!])\s*\Z")
"""What stands before a /regular expression/; any other slash is text."""


class Token(Struct, frozen=True):
    """A token in the form that jsonpath-ng's parser reads."""

    type: str
    value: str | int
    lexpos: int
    lineno: int = 1
    col: int = 0


class FilterName(str):
    """A filter, under way as a name: its text is the condition between `?(` and `)`, `offset` where that starts."""

    __slots__ = ("offset",)
    offset: int


class FunctionName(str):
    """A function call, under way as a name: its text is the function's name."""

    __slots__ = ("argument", "offset")
    argument: str
    offset: int


def closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, or -1. Brackets inside quotes and inside /regular expressions/ are text."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    expected: list[str] = []
    position = start
    while position < len(text):
        character = text[position]
        if character in "'\"":
            match = _STRING.match(text, position)
            if match is None:
                return -1
            position = match.end()
            continue
        if character == "/" and expected and _REGULAR_EXPRESSION_AHEAD.search(text, start, position):
            position = _regular_expression_end(text, position)
        elif character in pairs:
            expected.append(pairs[character])
        elif character in ")]}":
            if not expected or expected.pop() != character:
                return -1
            if not expected:
                return position
        position += 1
    return -1


def _regular_expression_end(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and text[position] != "/":
        position += 2 if text[position] == "\\" else 1
    return position if position < len(text) else start


class PathLexer:
    """Takes the steps of one path apart, from `start` (behind its root) to the end."""

    __slots__ = ("position", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.position = start

    def tokens(self) -> Iterator[Token]:
        """The tokens of the path, its root first. Raises PathSyntaxError where it is not a path."""
        self.text = self.text.rstrip(" ")
        yield self._token("$", "$")
        while self.position < len(self.text):
            if self.text[self.position] == "[":
                yield from self._bracket()
            elif self.text[self.position] == ".":
                yield from self._dot()
            elif self.text[self.position] == " ":
                self._fail("a name that contains a blank must be written in brackets", "Write ['my name'].")
            else:
                self._fail("a step must begin with . or [", "Write .name, ['name'] or [0].")

    def _token(self, kind: str, value: str | int, at: int | None = None) -> Token:
        position = self.position if at is None else at
        return Token(kind, value, position, col=position)

    def _fail(self, message: str, fix: str = "", *, at: int | None = None) -> NoReturn:
        raise PathSyntaxError(self.text, self.position if at is None else at, message, fix=fix)

    def _skip_blanks(self) -> None:
        match = _BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def _following(self) -> str:
        return self.text[self.position : self.position + 1]

    def _dot(self) -> Iterator[Token]:
        start = self.position
        scan = self.text.startswith("..", start)
        self.position += 2 if scan else 1
        following = self._following()
        if not following:
            self._fail("a path must not end with .", "Take the . away, or name a field after it.", at=start)
        if following == ".":
            self._fail("there are too many dots here", "Write . for a field, or .. for fields at any depth.")
        if scan:
            yield self._token("DOUBLEDOT", "..", start)
        elif following != "[":
            yield self._token(".", ".", start)
        if following == "*":
            self.position += 1
            if self._following() not in ("", ".", "[", " "):
                self._fail("* must stand alone", "Write .* for every field, or .. for fields at any depth.")
            yield self._token("*", "*", start + 1)
        elif following != "[":
            yield from self._name()

    def _name(self) -> Iterator[Token]:
        start = self.position
        match = _NAME.match(self.text, start)
        if match is None:
            self._fail("a name is expected here", "Write a field's name; if it contains a blank, write ['my name'].")
        self.position = match.end()
        if self._following() != "(":
            yield self._token("ID", match.group(), start)
            return
        end = closing(self.text, self.position)
        if end < 0:
            self._fail("the function's brackets are not closed", "End the call with ).")
        function = FunctionName(match.group())
        function.argument = self.text[self.position + 1 : end].strip()
        function.offset = start
        self.position = end + 1
        yield self._token("ID", function, start)

    def _bracket(self) -> Iterator[Token]:
        start = self.position
        yield self._token("[", "[")
        self.position += 1
        self._skip_blanks()
        following = self._following()
        if following in ("'", '"'):
            yield from self._names()
        elif following == "?":
            yield from self._condition()
        elif following == "*":
            yield self._token("*", "*")
            self.position += 1
        else:
            yield from self._indices(start)
        self._skip_blanks()
        if self._following() != "]":
            self._fail("] is expected here", "Close the bracket.")
        yield self._token("]", "]")
        self.position += 1

    def _names(self) -> Iterator[Token]:
        while True:
            match = _STRING.match(self.text, self.position)
            if match is None:
                self._fail("a name in quotes is expected here", "Write ['name'], or ['one', 'two'].")
            single, double = match.groups()
            is_single = single is not None
            yield self._token("ID", unescaped_name(single if is_single else double, is_single=is_single))
            self.position = match.end()
            self._skip_blanks()
            if self._following() != ",":
                return
            yield self._token(",", ",")
            self.position += 1
            self._skip_blanks()

    def _condition(self) -> Iterator[Token]:
        yield self._token("?", "?")
        self.position += 1
        self._skip_blanks()
        if self._following() != "(":
            self._fail("( is expected after ?", "Write a filter as [?(@.price > 10)].")
        end = closing(self.text, self.position)
        if end < 0:
            self._fail("the filter's brackets are not closed", "Write a filter as [?(@.price > 10)].")
        condition = FilterName(self.text[self.position + 1 : end])
        condition.offset = self.position + 1
        yield self._token("ID", condition)
        self.position = end + 1

    def _indices(self, start: int) -> Iterator[Token]:
        piece = _SLICE.match(self.text, self.position)
        if piece is not None:
            if piece[1] is None and piece[2] is None:
                self._fail("a slice needs a start or an end", "Write [1:], [:2] or [1:2].")
            for number, colon in ((piece[1], True), (piece[2], False)):
                if number is not None:
                    yield self._number(number)
                if colon:
                    yield self._token(":", ":")
            self.position = piece.end()
            return
        while True:
            index = _INDEX.match(self.text, self.position)
            if index is None:
                self._fail(
                    "an index, a name in quotes, * or ?( is expected in the bracket",
                    "Write [0], [1:3], ['name'], [*] or [?(@.price > 10)].",
                )
            yield self._number(index.group())
            self.position = index.end()
            self._skip_blanks()
            if self._following() != ",":
                return
            yield self._token(",", ",")
            self.position += 1
            self._skip_blanks()

    def _number(self, digits: str) -> Token:
        if len(digits) > 11 or abs(int(digits)) > _MAX_INDEX:
            self._fail(f"the index is larger than {_MAX_INDEX}", "No array that AWS passes on is that long.")
        return self._token("NUMBER", int(digits))
