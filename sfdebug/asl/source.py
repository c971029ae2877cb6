"""Source text with positions: a document is a JSON value plus the place of every key and value in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sfdebug.values import Json

Pointer: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a document: object keys and array indices from the root, like a JSON Pointer."""


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

    def line(self, number: int) -> str:
        """Line `number` (from 1) without its line break; "" beyond the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A parsed JSON or YAML text: its value, and the spans of its values and of its object keys."""

    value: Json
    source: Source
    values: Mapping[Pointer, Span]
    keys: Mapping[Pointer, Span]

    def span(self, pointer: Pointer) -> Span:
        """The span of the value at `pointer`, or of its nearest enclosing value that has one."""
        while pointer and pointer not in self.values:
            pointer = pointer[:-1]
        return self.values.get(pointer, Span(0, 0, 1, 1))

    def key_span(self, pointer: Pointer) -> Span:
        """The span of the key that leads to `pointer`, or of the value when it is an array item or the root."""
        return self.keys.get(pointer) or self.span(pointer)
