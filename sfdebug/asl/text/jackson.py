"""What AWS says of a definition that is no JSON: the words of Jackson, the library that its messages show.

A small strict reader that stops at the first fault. Seen in public reports of AWS: "INVALID_JSON_DESCRIPTION:
Unrecognized token 'file': was expecting …", with the location as "at [Source: …; line: 1, column: 6]".
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SPACE: Final = " \t\r\n"
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[\w$]+")
_VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_ESCAPES: Final = '"\\/bfnrt'
_SHOWN: Final = 500
"""How much of a text Jackson shows in a message."""

_MAX_DEPTH: Final = 1000
"""Deepest nesting that Jackson reads."""


class _Fault(Exception):
    """The first fault of a text, with the offset behind it."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class JsonFault(NamedTuple):
    """A fault of a JSON text in Jackson's words, and its location: `[Source: (String)"…"; line: 1, column: 4]`."""

    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.message}\n at {self.location}"


def json_fault(text: str) -> JsonFault | None:
    """The first fault of a JSON text in Jackson's words, None when it has none.

    What follows the first value is not looked at, as Jackson does not.
    """
    try:
        _JacksonReader(text).value_at(0)
    except _Fault as fault:
        return JsonFault(str(fault), _location(text, fault.at))
    return None


def no_input(text: str) -> str:
    """Why AWS takes a text for no input of an execution, in its words.

    Recorded: Jackson's, without the place; of an empty text a sentence. Not recorded: that sentence where Jackson would
    read it, as it does not look at what follows the first value.
    """
    fault = json_fault(text) if text.strip() else None
    return fault.message if fault is not None else "Invalid execution input."


def _location(text: str, at: int) -> str:
    shown = f'"{text[:_SHOWN]}"'
    if len(text) > _SHOWN:
        shown += f"[truncated {len(text) - _SHOWN} chars]"
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"[Source: (String){shown}; line: {line}, column: {column}]"


class _JacksonReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[tuple[str, int]] = []

    def value_at(self, start: int) -> int:
        """Read the value at `start`; the offset behind it."""
        at = self._skip(start)
        while True:
            at = self._token(at)
            while self.open:
                at, more = self._after(at)
                if more:
                    break
            else:
                return at

    def _skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _SPACE:
            at += 1
        return at

    def _token(self, at: int) -> int:
        """Read a scalar, or open objects and arrays down to the first scalar or empty one."""
        while True:
            at = self._skip(at)
            char = self._char(at)
            if char in "{[":
                self.open.append((char, at))
                if len(self.open) > _MAX_DEPTH:
                    raise _Fault(f"Document nesting depth ({len(self.open)}) exceeds the maximum allowed", at)
                at = self._skip(at + 1)
                closer = "}" if char == "{" else "]"
                if self._char(at) == closer:
                    self.open.pop()
                    return at + 1
                if char == "{":
                    at = self._name(at)
                continue
            return self._scalar(at, char)

    def _scalar(self, at: int, char: str) -> int:
        if char == '"':
            return self._string(at, "for a string value")
        if char == "-" or char.isdigit():
            match = _NUMBER.match(self.text, at)
            if match is None:
                raise self._unexpected(at + 1, "in numeric value: Digit (0-9) expected")
            if match[0].lstrip("-") == "0" and self.text[match.end() : match.end() + 1].isdigit():
                raise _Fault("Invalid numeric value: Leading zeroes not allowed", match.end())
            return match.end()
        word = _WORD.match(self.text, at)
        if word is None:
            raise self._unexpected(at, f"expected a valid value {_VALUES}")
        if word[0] not in ("true", "false", "null"):
            raise _Fault(f"Unrecognized token '{word[0]}': was expecting {_VALUES}", word.end())
        return word.end()

    def _name(self, at: int) -> int:
        """Read a member's name and its colon."""
        if self._char(at) != '"':
            raise self._unexpected(at, "was expecting double-quote to start field name")
        at = self._skip(self._string(at, "in field name"))
        if self._char(at) != ":":
            raise self._unexpected(at, "was expecting a colon to separate field name and value")
        return at + 1

    def _after(self, at: int) -> tuple[int, bool]:
        """Read what follows a value: a comma (more comes) or the end of the innermost object or array."""
        opener, _ = self.open[-1]
        at = self._skip(at)
        char = self._char(at)
        if char == ",":
            at = self._skip(at + 1)
            return (self._name(at), True) if opener == "{" else (at, True)
        if char == ("}" if opener == "{" else "]"):
            self.open.pop()
            return at + 1, False
        if char in "}]":
            raise self._wrong_closer(at, char)
        kind = "Object" if opener == "{" else "Array"
        raise self._unexpected(at, f"was expecting comma to separate {kind} entries")

    def _wrong_closer(self, at: int, char: str) -> _Fault:
        opener, start = self.open[-1]
        wanted, kind = ("}", "Object") if opener == "{" else ("]", "Array")
        location = _location(self.text, start)
        return _Fault(
            f"Unexpected close marker '{char}': expected '{wanted}' (for {kind} starting at {location})", at + 1
        )

    def _string(self, start: int, where: str) -> int:
        at = start + 1
        while True:
            if at >= len(self.text):
                what = (
                    "in field name" if where == "in field name" else ": was expecting closing quote for a string value"
                )
                raise _Fault(f"Unexpected end-of-input{' ' if what.startswith('in') else ''}{what}", at)
            char = self.text[at]
            if char == '"':
                return at + 1
            if char == "\\":
                at = self._escape(at + 1)
            elif char < " ":
                kind = "name" if where == "in field name" else "string value"
                shown = f"Illegal unquoted character ((CTRL-CHAR, code {ord(char)}))"
                raise _Fault(f"{shown}: has to be escaped using backslash to be included in {kind}", at + 1)
            else:
                at += 1

    def _escape(self, at: int) -> int:
        char = self.text[at : at + 1]
        if char == "u":
            if re.fullmatch(r"[0-9a-fA-F]{4}", self.text[at + 1 : at + 5]) is None:
                raise self._unexpected(at + 1, "expected a hex-digit for character escape sequence")
            return at + 5
        if not char or char not in _ESCAPES:
            shown = f"'{char}' (code {ord(char)})" if char else "end-of-input"
            raise _Fault(f"Unrecognized character escape {shown}", at + 1)
        return at + 1

    def _char(self, at: int) -> str:
        if at < len(self.text):
            return self.text[at]
        if not self.open:
            raise _Fault("No content to map due to end-of-input", at)
        opener, start = self.open[-1]
        kind = "Object" if opener == "{" else "Array"
        location = _location(self.text, start)
        raise _Fault(f"Unexpected end-of-input: expected close marker for {kind} (start marker at {location})", at)

    def _unexpected(self, at: int, expected: str) -> _Fault:
        char = self._char(at)
        code = f"'{char}' (code {ord(char)})"
        return _Fault(f"Unexpected character ({code}): {expected}", at + 1)
