"""The last steps before the terminal: what it could act upon is replaced, in ASCII mode also the program's own signs.

The widgets clean their texts themselves, and say that something was there; what is typed or pasted into a field, and
what a widget forgets, ends here.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_ACTS: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode categories: C0, DEL and C1, bidirectional and other format characters, surrogates, line separators."""

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class TerminalFilter(LineFilter):
    """Replaces what a terminal could act upon, cell by cell, and takes links away. Each line keeps its width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, harmless."""
        return [segment if _is_harmless(segment) else _made_harmless(segment) for segment in segments]


def _is_harmless(segment: Segment) -> bool:
    return segment.text.isprintable() and (segment.style is None or segment.style.link is None)


def _made_harmless(segment: Segment) -> Segment:
    style = segment.style
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment(segment.text.translate(_HARMLESS), style, segment.control)


class _Table(dict[int, str | int]):
    """What stands for each character, by its number: made when it is met first."""

    def __missing__(self, number: int) -> str | int:
        character = chr(number)
        kept: str | int = number
        if unicodedata.category(character) in _ACTS:
            kept = _REPLACEMENT * cell_len(character)
        self[number] = kept
        return kept


_HARMLESS: Final = _Table()


_SIGNS: Final = str.maketrans("…·×−←→↑↓─│‖✓✗↵▸▾▼▲●◆“”‘’−–≥≤", "~.x-<>^v-||vx/>vv^o#\"\"''--><")
_BLOCKS: Final = dict.fromkeys(range(0x2580, 0x25A0), " ")
"""Block elements draw the ends of scroll bars in eighths of a cell: those are left out."""

_ASCII: Final = _SIGNS | _BLOCKS


class AsciiFilter(LineFilter):
    """Replaces each of the program's own signs by an ASCII character. The user's letters stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, in ASCII as far as they are ours."""
        return [segment if segment.text.isascii() else _in_ascii(segment) for segment in segments]


def _in_ascii(segment: Segment) -> Segment:
    return Segment(segment.text.translate(_ASCII), segment.style, segment.control)
