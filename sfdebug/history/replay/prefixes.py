"""JSON text that was cut off: the values that are whole in what is left of it, and the start of the last string.

AWS cuts large payloads off and marks them `truncated`. Source: AWS API, HistoryEventExecutionDataDetails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final, NamedTuple

from sfdebug import json_pointer
from sfdebug.values import Json

_SPACE: Final = " \t\n\r"
_DECODER: Final = json.JSONDecoder()
_MOST_DEPTH: Final = 500


class KnownPart(NamedTuple):
    """A value that stands whole in the text, by its JSON Pointer; of the last string, only its start is known."""

    pointer: str
    value: Json
    is_start: bool = False


def known_parts(text: str) -> list[KnownPart]:
    """The strings, numbers, booleans and nulls that are whole in the start of a JSON text, in its order."""
    return _Prefix(text).parts()


def shared_start(texts: Sequence[str]) -> str:
    """The characters with which all of some texts begin."""
    least, most = min(texts), max(texts)
    unlike = (index for index, (left, right) in enumerate(zip(least, most, strict=False)) if left != right)
    return least[: next(unlike, min(len(least), len(most)))]


class _CutOffError(Exception):
    """The text ends here."""


class _Prefix:
    """Reads as far as the text goes. What is no JSON at all ends it, too."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: list[KnownPart] = []

    def parts(self) -> list[KnownPart]:
        """What is whole in the text."""
        with suppress(_CutOffError, ValueError):
            self._value("", 0)
        return self._found

    def _peek(self) -> str:
        text = self._text
        while self._at < len(text) and text[self._at] in _SPACE:
            self._at += 1
        if self._at >= len(text):
            raise _CutOffError
        return text[self._at]

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise _CutOffError
        self._at += 1

    def _value(self, pointer: str, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise _CutOffError
        mark = self._peek()
        if mark == "{":
            self._object(pointer, depth)
        elif mark == "[":
            self._array(pointer, depth)
        elif mark == '"':
            self._string(pointer)
        else:
            self._scalar(pointer)

    def _object(self, pointer: str, depth: int) -> None:
        self._take("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            self._peek()
            key, self._at = scanstring(self._text, self._at + 1, True)
            self._take(":")
            self._value(f"{pointer}/{json_pointer.escape(key)}", depth + 1)
            if self._peek() == "}":
                self._at += 1
                return
            self._take(",")

    def _array(self, pointer: str, depth: int) -> None:
        self._take("[")
        if self._peek() == "]":
            self._at += 1
            return
        index = 0
        while True:
            self._value(f"{pointer}/{index}", depth + 1)
            index += 1
            if self._peek() == "]":
                self._at += 1
                return
            self._take(",")

    def _string(self, pointer: str) -> None:
        try:
            value, self._at = scanstring(self._text, self._at + 1, True)
        except ValueError:
            start = _start_of(self._text[self._at + 1 :])
            self._found.append(KnownPart(pointer, start, is_start=True))
            raise _CutOffError from None
        self._found.append(KnownPart(pointer, value))

    def _scalar(self, pointer: str) -> None:
        value, end = _DECODER.raw_decode(self._text, self._at)
        if end >= len(self._text) and not isinstance(value, bool) and value is not None:
            raise _CutOffError  # more digits may have followed
        self._at = end
        self._found.append(KnownPart(pointer, value))


def _start_of(text: str) -> str:
    """The start of a string whose end is cut off, perhaps within an escape."""
    for cut in range(7):
        try:
            value, _ = scanstring(text[: len(text) - cut] + '"', 0, True)
        except ValueError:
            continue
        return str(value)
    return ""
