"""Source text with positions: a document is a JSON value plus the extent of every key and value in its file."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.errors import Problem
from sfdebug.values import Json

Pointer: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a document: object keys and array indices from the root, like a JSON Pointer."""

_LINE_BREAK: Final = re.compile(r"\r\n?|\n")


class Span(Struct, frozen=True, gc=False):
    """A stretch of source text: `start` and `end` are character offsets (end excluded), line and column from 1."""

    start: int
    end: int
    line: int
    column: int


class Source(Struct, frozen=True, dict=True):
    """A text and the name that errors call it by (a path, or "<stdin>")."""

    name: str
    text: str

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Where each line starts."""
        return (0, *(match.end() for match in _LINE_BREAK.finditer(self.text)))

    @cached_property
    def byte_count(self) -> int:
        """How long the text is as UTF-8."""
        return len(self.text.encode("utf-8", "surrogatepass"))

    def line_start(self, offset: int) -> int:
        """Where the line of the character at `offset` starts in this text."""
        return self.line_starts[bisect_right(self.line_starts, offset) - 1]

    def line(self, number: int) -> str:
        """Line `number` (from 1) without its line break; "" beyond the end."""
        if not 0 < number <= len(self.line_starts):
            return ""
        last = number == len(self.line_starts)
        end = len(self.text) if last else self.line_starts[number]
        return self.text[self.line_starts[number - 1] : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`. Lines end at a line feed, a carriage return, or the two together."""
        line = bisect_right(self.line_starts, start)
        return Span(start, end, line, start - self.line_starts[line - 1] + 1)


class Members:
    """The extent of an object or array and of what is in it: `values` by key or index, `keys` by key."""

    __slots__ = ("end", "keys", "start", "values")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.values: dict[str | int, Extent] = {}
        self.keys: dict[str, tuple[int, int]] = {}


Extent: TypeAlias = "tuple[int, int] | Members"
"""Where a value stands in its text: start and end offsets, or its `Members` when it has any."""


class Document(Struct, frozen=True, eq=False, gc=False):
    """A parsed JSON or YAML text: its value, and the extents of its values and of its object keys.

    `warnings` say what the text is forgiven (an unquoted `${Placeholder}`).
    """

    value: Json
    source: Source
    extent: Extent = (0, 0)
    warnings: tuple[Problem, ...] = ()

    def span(self, pointer: Pointer) -> Span:
        """The span of the value at `pointer`, or of its nearest enclosing value."""
        extent, _ = self._found(pointer)
        start, end = extent if isinstance(extent, tuple) else (extent.start, extent.end)
        return self.source.span(start, end)

    def key_span(self, pointer: Pointer) -> Span:
        """The span of the key that leads to `pointer`, or of the value when it is an array item or the root."""
        owner, is_there = self._found(pointer[:-1])
        if pointer and is_there and isinstance(owner, Members) and pointer[-1] in owner.keys:
            return self.source.span(*owner.keys[str(pointer[-1])])
        return self.span(pointer)

    def part(self, pointer: Pointer) -> Document:
        """The value at `pointer` as a document of its own, in the same text."""
        value = self.value
        for step in pointer:
            value = value[step]  # type: ignore[index]
        return Document(value, self.source, self._found(pointer)[0], self.warnings)

    def _found(self, pointer: Pointer) -> tuple[Extent, bool]:
        """The extent of the value at `pointer` or of its nearest enclosing value, and whether it is the former."""
        extent = self.extent
        for step in pointer:
            if isinstance(extent, tuple) or step not in extent.values:
                return extent, False
            extent = extent.values[step]
        return extent, True
