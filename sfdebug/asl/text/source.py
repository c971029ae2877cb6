"""Source text with positions: a document is a JSON value plus the extent of every key and value in its file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sfdebug.errors import Problem
from sfdebug.values import Json

Pointer: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a document: object keys and array indices from the root, like a JSON Pointer."""

_LINE_BREAK: Final = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of source text: `start` and `end` are character offsets (end excluded), line and column from 1."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name that errors call it by (a path, or "<stdin>")."""

    name: str
    text: str
    line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in _LINE_BREAK.finditer(self.text)))
        object.__setattr__(self, "line_starts", starts)

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


class ValueSpans(Mapping[Pointer, Span]):
    """The span of every value by pointer, made on demand from the tree of places."""

    def __init__(self, source: Source, root: Extent) -> None:
        self._source = source
        self._root = root

    def __getitem__(self, pointer: Pointer) -> Span:
        extent = _find(self._root, pointer)
        start, end = extent if isinstance(extent, tuple) else (extent.start, extent.end)
        return self._source.span(start, end)

    def extent(self, pointer: Pointer) -> Extent:
        """Where the value at `pointer` stands, with all that is in it. Raises KeyError."""
        return _find(self._root, pointer)

    def __iter__(self) -> Iterator[Pointer]:
        return (pointer for pointer, _ in _walk(self._root))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class KeySpans(Mapping[Pointer, Span]):
    """The span of every object key, quotes included, by the pointer of the value that it leads to."""

    def __init__(self, source: Source, root: Extent) -> None:
        self._source = source
        self._root = root

    def __getitem__(self, pointer: Pointer) -> Span:
        if not pointer:
            raise KeyError(pointer)
        parent = _find(self._root, pointer[:-1])
        key = pointer[-1]
        if isinstance(parent, tuple) or not isinstance(key, str):
            raise KeyError(pointer)
        return self._source.span(*parent.keys[key])

    def __iter__(self) -> Iterator[Pointer]:
        for pointer, extent in _walk(self._root):
            if isinstance(extent, Members):
                for key in extent.keys:
                    yield (*pointer, key)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _find(root: Extent, pointer: Pointer) -> Extent:
    extent = root
    for step in pointer:
        if isinstance(extent, tuple) or step not in extent.values:
            raise KeyError(pointer)
        extent = extent.values[step]
    return extent


def _walk(root: Extent) -> Iterator[tuple[Pointer, Extent]]:
    waiting: list[tuple[Pointer, Extent]] = [((), root)]
    while waiting:
        pointer, extent = waiting.pop()
        yield pointer, extent
        if isinstance(extent, Members):
            waiting.extend(((*pointer, step), child) for step, child in reversed(extent.values.items()))


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A parsed JSON or YAML text: its value, and the spans of its values and of its object keys.

    `warnings` say what the text is forgiven (an unquoted `${Placeholder}`).
    """

    value: Json
    source: Source
    values: Mapping[Pointer, Span]
    keys: Mapping[Pointer, Span]
    warnings: tuple[Problem, ...] = ()

    def span(self, pointer: Pointer) -> Span:
        """The span of the value at `pointer`, or of its nearest enclosing value that has one."""
        while pointer and pointer not in self.values:
            pointer = pointer[:-1]
        return self.values.get(pointer, Span(0, 0, 1, 1))

    def part(self, pointer: Pointer) -> Document:
        """The value at `pointer` as a document of its own, in the same text."""
        value = self.value
        for step in pointer:
            value = value[step]  # type: ignore[index]
        if not isinstance(self.values, ValueSpans):
            return Document(value, self.source, {}, {}, self.warnings)
        extent = self.values.extent(pointer)
        return Document(
            value, self.source, ValueSpans(self.source, extent), KeySpans(self.source, extent), self.warnings
        )

    def key_span(self, pointer: Pointer) -> Span:
        """The span of the key that leads to `pointer`, or of the value when it is an array item or the root."""
        return self.keys.get(pointer) or self.span(pointer)
