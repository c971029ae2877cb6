"""The last step of ASCII mode: what is still drawn with other signs, Textual's own scroll bars included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_SIGNS: Final = str.maketrans("…·×−←→↑↓─│‖✓✗↵▸▾▼▲●◆“”‘’−–≥≤", "~.x-<>^v-||vx/>vv^o#\"\"''--><")
_BLOCKS: Final = dict.fromkeys(range(0x2580, 0x25A0), " ")
"""Block elements draw the ends of scroll bars in eighths of a cell: those are left out."""

_TABLE: Final = _SIGNS | _BLOCKS


class AsciiFilter(LineFilter):
    """Replaces each of the program's own signs by an ASCII character. The user's letters stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, in ASCII as far as they are ours."""
        return [segment if segment.text.isascii() else _in_ascii(segment) for segment in segments]


def _in_ascii(segment: Segment) -> Segment:
    return Segment(segment.text.translate(_TABLE), segment.style, segment.control)
