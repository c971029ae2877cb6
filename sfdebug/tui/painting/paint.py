"""Painting with names: pieces of text carry the name of a paint, and one table says what each looks like.

The colours are the themes' variables. With NO_COLOR a paint is told by bold, reverse, dim and underline alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from sfdebug.text import ELLIPSIS, clean
from sfdebug.tui.painting.themes import BENEATH
from sfdebug.tui.terminal.guard import trouble_text

if TYPE_CHECKING:
    from textual.app import App
    from textual.geometry import Size

_LOOKED_AT: Final = 4_096

Piece: TypeAlias = tuple[str, str]
"""A text and the name of its paint ("" for the plain foreground). The text is clean already."""


class Paint(Struct, frozen=True):
    """What a name looks like: variables of the theme ("" for what lies beneath), and attributes for NO_COLOR."""

    color: str = ""
    background: str = ""
    is_bold: bool = False
    without_color: str = ""


_PAINTS: Final[dict[str, Paint]] = {
    "current": Paint("sf-current", is_bold=True, without_color="bold"),
    "current-mark": Paint("sf-on-current", "sf-current", is_bold=True, without_color="bold reverse"),
    "done": Paint("sf-done"),
    "failed": Paint("sf-failed", is_bold=True, without_color="bold"),
    "caught": Paint("sf-caught"),
    "catch": Paint("sf-catch", without_color="dim"),
    "waiting": Paint("sf-waiting"),
    "unvisited": Paint("sf-faint", without_color="dim"),
    "muted": Paint("sf-muted"),
    "faint": Paint("sf-faint", without_color="dim"),
    "strong": Paint(is_bold=True, without_color="bold"),
    "key": Paint("sf-key", is_bold=True, without_color="bold"),
    "added": Paint("sf-added"),
    "removed": Paint("sf-removed"),
    "changed": Paint("sf-changed"),
    "cursor": Paint(background="sf-cursor", without_color="reverse"),
    "cursor-blurred": Paint(background="sf-cursor-blurred", without_color="underline"),
    "chosen": Paint("foreground", "sf-cursor", is_bold=True, without_color="reverse"),
    "chosen-blurred": Paint(background="sf-cursor-blurred", without_color="underline"),
    "taken": Paint("sf-done", is_bold=True, without_color="bold"),
    "breakpoint": Paint("sf-failed", is_bold=True, without_color="bold"),
    "found": Paint("background", "sf-waiting", without_color="bold reverse"),
    "warn": Paint("sf-waiting", is_bold=True, without_color="bold"),
    "json-key": Paint("sf-done"),
    "json-index": Paint("sf-muted"),
    "json-string": Paint("foreground"),
    "json-number": Paint("sf-waiting"),
    "json-word": Paint("sf-caught"),
    "json-sign": Paint("sf-muted"),
    "json-expression": Paint("sf-current", without_color="bold"),
}


class Painted(Widget):
    """A widget that paints with names, line by line. The styles that it has mixed are kept until the theme or the focus
    changes, and what it has painted, so that only the lines that look otherwise are painted again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.mixed: dict[tuple[str, ...], Style] = {}
        self._painted: dict[int, Strip] = {}
        """What Textual has got for each line, and shows, or is about to."""
        self._has_missed = False
        """Whether it was to be painted again while it had no place on the screen."""
        self.is_faint = False
        """Whether all of it is painted faint: what is looked at is elsewhere."""

    def paint_faint(self, is_faint: bool) -> None:
        """Paint all of it faint from now on, or with its own paints again."""
        if is_faint != self.is_faint:
            self.is_faint = is_faint
            self.notify_style_update()
            self.refresh()

    @abstractmethod
    def paint_line(self, y: int) -> Strip:
        """One line of the visible part."""

    def render_line(self, y: int) -> Strip:
        """One line of the visible part, for Textual."""
        strip = self._painted[y] = self._line_now(y)
        return strip

    def repaint(self) -> None:
        """Paint again, after something changed, the lines that look otherwise than before."""
        width = self.size.width
        self._has_missed = not self.size.area
        for y in range(self.size.height):
            strip, before = self._line_now(y), self._painted.get(y)
            if strip is not before and strip != before:
                self.refresh(Region(0, y, width, 1))

    def on_show(self) -> None:
        """Paint all of it, if it has changed while it had no place on the screen."""
        if self._has_missed:
            self._has_missed = False
            self.refresh()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take a size, which lays out nothing more: there is nothing in this widget."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    def _line_now(self, y: int) -> Strip:
        return self.strip_or_trouble(lambda: self.paint_line(y), self.size.width)

    def notify_style_update(self) -> None:
        """Mix anew."""
        super().notify_style_update()
        self.mixed.clear()

    def strip_or_trouble(self, make: Callable[[], Strip], width: int) -> Strip:
        """The line that `make` paints. One that cannot be painted says so, and the program goes on."""
        try:
            return make()
        except Exception as error:
            text = fit(trouble_text(error).splitlines()[0], width)
            return strip_of(self, [(text, "failed")], width)


def style_of(widget: Painted, *names: str) -> Style:
    """The widget's own style with these paints over it, in order."""
    style = widget.mixed.get(names)
    if style is None:
        if names:
            style = style_of(widget)
            for name in names:
                if name:
                    style += _style(widget.app, _PAINTS[name])
        else:
            style = widget.rich_style
        if widget.is_faint:
            style = widget.rich_style + _style(widget.app, _PAINTS["faint"])
        widget.mixed[names] = style
    return style


def _style(app: App[object], paint: Paint) -> Style:
    if app.no_color:
        return Style.parse(paint.without_color)
    colors = app.theme_variables
    if paint.background and colors[paint.background] == BENEATH:  # no colour that is right on light and on dark
        return Style.parse(paint.without_color)
    return Style(
        color=_rich_color(colors[paint.color]) if paint.color else None,
        bgcolor=_rich_color(colors[paint.background]) if paint.background else None,
        bold=paint.is_bold or None,
    )


def _rich_color(color: str) -> str:
    """A colour of a theme as Rich calls it: `ansi_blue` of Textual's is `blue`."""
    return color.removeprefix("ansi_")


def strip_of(widget: Painted, pieces: Iterable[Piece], width: int, under: str = "", over: str = "") -> Strip:
    """One line of exactly `width` cells: `under` lies beneath every piece (a cursor row), `over` upon it."""
    segments = [Segment(text, style_of(widget, under, name, over)) for text, name in pieces if text]
    strip = Strip(segments)
    return strip.adjust_cell_length(width, style_of(widget, under, over))


def fit(text: str, width: int) -> str:
    """`text`, cleaned and cut with an ellipsis to at most `width` cells."""
    seen = _LOOKED_AT + 8 * max(width, 0)  # the rest of a payload is not shown, whatever may be invisible in it
    is_whole = len(text) <= seen
    text = clean(text[:seen])
    if is_whole and cell_len(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[: max(0, width)]
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def column(text: str, width: int) -> str:
    """`text` fitted to exactly `width` cells: cut, or filled with blanks."""
    fitted = fit(text, width)
    return fitted + " " * max(0, width - cell_len(fitted))


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


_INDENT: Final = 5


def wrapped(pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """A line in as many lines as it takes at blanks; the further ones stand a little to the right."""
    lines: list[list[Piece]] = [[]]
    room = width
    for text, paint in pieces:
        for word in _words(text, width - _INDENT):
            if cell_len(word) > room and lines[-1]:
                lines.append([(" " * _INDENT, "")])
                room = width - _INDENT
                word = word.lstrip()
            _append(lines[-1], word, paint)
            room -= cell_len(word)
    return lines


def _append(line: list[Piece], word: str, paint: str) -> None:
    """Add a word to a line, in one piece with what has the same paint."""
    if line and line[-1][1] == paint:
        line[-1] = (line[-1][0] + word, paint)
    else:
        line.append((word, paint))


def _words(text: str, width: int) -> list[str]:
    """The words of `text`, each with the blanks around it; one too long for a line in pieces."""
    found: list[str] = []
    word = ""
    for part in text.split(" "):
        word += part
        found += chop_cells(word, max(1, width)) if cell_len(word) > width else [word]
        word = " "
    return [word for word in found if word]
