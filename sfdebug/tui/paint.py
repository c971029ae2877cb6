"""Painting with names: pieces of text carry the name of a paint, which the style sheet turns into colours.

Every widget that paints lines declares `PAINTS` as its component classes; `styles.tcss` says what each looks like,
once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sfdebug.tui.text import fit, plain

if TYPE_CHECKING:
    from textual.widget import Widget

Piece: TypeAlias = tuple[str, str]
"""A text and the name of its paint ("" for the plain foreground). The text is clean already."""

PAINT_NAMES: Final = (
    "current",
    "current-mark",
    "done",
    "failed",
    "caught",
    "waiting",
    "unvisited",
    "muted",
    "faint",
    "strong",
    "key",
    "added",
    "removed",
    "changed",
    "cursor",
    "cursor-blurred",
    "chosen",
    "chosen-blurred",
    "taken",
    "breakpoint",
    "found",
    "warn",
)

PAINTS: Final = {f"sf--{name}" for name in PAINT_NAMES}


def style_of(widget: Widget, *names: str) -> Style:
    """The widget's own style with these paints over it, in order."""
    style = widget.rich_style
    for name in names:
        if name:
            style += widget.get_component_rich_style(f"sf--{name}", partial=True)
    return style


def strip_of(widget: Widget, pieces: Iterable[Piece], width: int, under: str = "", over: str = "") -> Strip:
    """One line of exactly `width` cells: `under` lies beneath every piece (a cursor row), `over` upon it."""
    if widget.app.has_class("ascii"):
        pieces = [(plain(text), name) for text, name in pieces]
    segments = [Segment(text, style_of(widget, under, name, over)) for text, name in pieces if text]
    strip = Strip(segments)
    return strip.adjust_cell_length(width, style_of(widget, under, over))


def pieces_length(pieces: Sequence[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cell_len(text) for text, _ in pieces)


def fitted(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """The pieces in at most `width` cells; an ellipsis tells that something was cut."""
    kept: list[Piece] = []
    room = width
    for text, name in pieces:
        short = fit(text, room)
        kept.append((short, name))
        room -= cell_len(short)
        if short != text:
            break
    return kept
