"""Text that was made of pieces of a file: each character knows where it is from, so that positions lead to the file.

A definition inside a template is such a text: the lines of a block scalar without their indentation, an object written
out as JSON, a file in which placeholders were replaced. Whatever is made of it, its positions stay in its one file.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.text.source import Source, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "N": "\x85", "_": "\xa0"}
_HEX: Final = {"x": 2, "u": 4, "U": 8}


class Piece(Struct, frozen=True, gc=False):
    """A stretch of a made text that begins at `start`; it is from `place` of the file on.

    Its first `length` characters stand there one by one; all further ones were made of what stands at the last.
    """

    start: int
    place: int
    length: int


class PlacedText(Struct, frozen=True):
    """A text and the pieces that it was made of, in order; the first begins at 0."""

    text: str
    pieces: tuple[Piece, ...]

    def place(self, offset: int) -> int:
        """Where in the file the character at `offset` is from."""
        if not self.pieces:
            return 0
        piece = self.pieces[max(0, bisect_right(self.pieces, offset, key=_start) - 1)]
        return piece.place + max(0, min(offset - piece.start, piece.length - 1))

    def source(self, origin: Source, format: str = "", label: str = "") -> PlacedSource:
        """The text as a source whose positions are those of `origin`, the file that it was made of."""
        return PlacedSource(origin.name, self.text, origin, self, format, label)

    def substituted(self, pattern: re.Pattern[str], value: Callable[[re.Match[str]], str | None]) -> PlacedText:
        """The text with what `pattern` finds replaced by `value` of it; None leaves it as it is."""
        builder = PlacedBuilder()
        last = 0
        for match in pattern.finditer(self.text):
            replaced = value(match)
            if replaced is None:
                continue
            builder.take(self, last, match.start())
            builder.add(replaced, self.place(match.start()))
            last = match.end()
        if not last:
            return self
        builder.take(self, last, len(self.text))
        return builder.built()


def _start(piece: Piece) -> int:
    return piece.start


class PlacedBuilder:
    """Puts a placed text together. `size` is how long it is so far."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[str] = []
        self._pieces: list[Piece] = []

    def add(self, text: str, place: int, length: int = 0) -> None:
        """Add `text`, made of what stands at `place`; its first `length` characters stand there one by one."""
        if text:
            self._pieces.append(Piece(self.size, place, length))
            self._parts.append(text)
            self.size += len(text)

    def take(self, other: PlacedText, start: int, end: int) -> None:
        """Add `other.text[start:end]` with its places."""
        if start >= end:
            return
        first = max(0, bisect_right(other.pieces, start, key=_start) - 1)
        for index in range(first, len(other.pieces)):
            piece = other.pieces[index]
            if piece.start >= end:
                break
            until = other.pieces[index + 1].start if index + 1 < len(other.pieces) else len(other.text)
            begin = max(start, piece.start)
            done = begin - piece.start
            place = other.place(begin)
            self.add(other.text[begin : min(until, end)], place, max(0, piece.length - done))

    def built(self) -> PlacedText:
        """What was put together."""
        return PlacedText("".join(self._parts), tuple(self._pieces))


class PlacedSource(Source, frozen=True, dict=True):
    """A made text as a source: `text` is the text itself, lines and columns are those of `origin`.

    `format` says how it is to be read, "json" or "yaml"; "" lets the file's name say. `label` is what a text is called
    that a program has written: problems in it say that and a JSON Pointer, as nobody edits the lines of its file.
    """

    origin: Source
    placed: PlacedText
    format: str = ""
    label: str = ""

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`, its line and column in the file."""
        there = self.origin.span(self.placed.place(start), 0)
        return Span(start, end, there.line, there.column)

    def line(self, number: int) -> str:
        """Line `number` of the file."""
        return self.origin.line(number)


def whole(source: Source) -> PlacedText:
    """All of a file, as it stands."""
    return PlacedText(source.text, (Piece(0, 0, len(source.text)),))


def fixed(text: str, place: int) -> PlacedText:
    """A text made of what stands at one place."""
    return PlacedText(text, (Piece(0, place, 0),))


def scalar(source: Source, start: int, end: int, value: str) -> PlacedText:
    """The text `value` of the YAML or JSON scalar that stands at `source.text[start:end]`, tags included."""
    raw = source.text[start:end]
    skipped = _properties(raw)
    first = raw[skipped : skipped + 1]
    if first in ("|", ">"):
        return _block(source, start + skipped, end, value)
    begin = skipped if raw[skipped:] == value else skipped + 1 if raw[skipped + 1 : -1] == value else None
    if begin is not None:
        return PlacedText(value, (Piece(0, start + begin, len(value)),))
    if first in ("'", '"'):
        return _quoted(source.text, start + skipped + 1, end, value, first)
    return _quoted(source.text, start + skipped, end, value, "")


def _properties(raw: str) -> int:
    """How many characters of tags, anchors and blanks stand before a scalar."""
    at = 0
    while at < len(raw):
        if raw[at] in " \t\r\n":
            at += 1
        elif raw[at] in "!&":
            while at < len(raw) and raw[at] not in " \t\r\n":
                at += 1
        else:
            return at
    return 0


def _block(source: Source, start: int, end: int, value: str) -> PlacedText:
    """A block scalar: each line of the text is the end of a line of the file, its indentation aside."""
    builder = PlacedBuilder()
    is_folded = source.text[start] == ">"
    first = source.span(start, start).line + 1
    lines = [source.line(number) for number in range(first, source.span(max(start, end - 1), end).line + 1)]
    starts = source.line_starts
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
    if is_folded:
        at = starts[first - 1] + indent if first <= len(starts) else start
        return _quoted(source.text, at, end, value, "")
    for index, text in enumerate(value.splitlines(keepends=True)):
        number = first + index
        if index >= len(lines):
            builder.add(text, max(start, end - 1))
            continue
        builder.add(text, starts[number - 1] + indent, len(text))
    return builder.built()


def _quoted(text: str, at: int, end: int, value: str, quote: str) -> PlacedText:
    """A scalar on several lines or with escapes: found again character by character."""
    builder = PlacedBuilder()
    begun, begun_at, place = 0, at, at
    for index, character in enumerate(value):
        next_place, width = _find(text, place, end, character, quote)
        if next_place != begun_at + (index - begun):
            builder.add(value[begun:index], begun_at, index - begun)
            begun, begun_at = index, next_place
        place = next_place + width
    builder.add(value[begun:], begun_at, len(value) - begun)
    return builder.built()


def _find(text: str, at: int, end: int, character: str, quote: str) -> tuple[int, int]:
    """Where in a scalar's source the next character of its value stands, and how many characters it takes there."""
    while at < end:
        here = text[at]
        if quote == '"' and here == "\\" and at + 1 < end:
            width = _escape_width(text, at, character)
            if width:
                return at, width
            at += 2  # an escaped line break
            continue
        if quote == "'" and here == "'" and character == "'":
            return at, 2
        if here == character or (character in " \n" and here in " \t\r\n"):
            return at, 1
        if here not in " \t\r\n":
            break
        at += 1
    return max(0, min(at, end - 1)), 0


def _escape_width(text: str, at: int, character: str) -> int:
    """How many characters the escape at `at` takes, 0 when it does not stand for `character`."""
    sign = text[at + 1]
    if sign in _HEX:
        width = 2 + _HEX[sign]
        is_pair = ord(character) > 0xFFFF and sign == "u"
        return width * 2 if is_pair else width
    return 2 if _ESCAPED.get(sign, sign) == character else 0
