"""What stands on the terminal, cell by cell, so that of what Textual paints only what differs is written.

Textual writes every line that it has painted, and the whole screen whenever something is laid out: tens of thousands of
bytes for a key that changes a hundred cells, which over a slow line is what one waits for. Here a row is compared with
what was written there last. A row with a character that terminals do not agree on (wide, joined or without width) is
written as a whole, so that what such a character has moved is put right again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.message import Message
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.style import Style

Placed: TypeAlias = "tuple[int, Strip]"
"""A piece of a row, and the column that it begins in."""

Look: TypeAlias = "tuple[str, str, str]"
"""The numbers that set attributes, the colour of the text and that behind it; "" for the terminal's own."""

_PLAIN: Final = ("", "", "")
_UNKNOWN: Final = "\0"
"""In place of a character: nobody knows what stands there."""

_NEAR: Final = 8
"""Between two changes no further apart the cells are written again: to move the cursor takes as many bytes."""


class TerminalOverwritten(Message):
    """Something else has written to the terminal: nobody knows what stands there."""


class TerminalCells:
    """The characters on the terminal and how they look, as far as they were written by way of `changes`."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    def forget(self) -> None:
        """Write everything again: something else may have written to the terminal, or its size has changed."""
        self._rows.clear()

    def changes(self, update: CompositorUpdate) -> CompositorUpdate:
        """What of an update is to be written. It is found out, and kept in mind, when it is."""
        return _Changes(self, update) if isinstance(update, (LayoutUpdate, ChopsUpdate)) else update

    def sequences(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> str:
        """What brings the terminal from what stands there to what `update` shows."""
        pen = _CellPen()
        for y, pieces in _laid_out(update) if isinstance(update, LayoutUpdate) else _chopped(update):
            row = self._rows.get(y)
            if row is None:
                row = self._rows[y] = _Row(y)
            row.show(pieces, console, pen)
        return pen.written


class _Changes(CompositorUpdate):
    def __init__(self, cells: TerminalCells, update: LayoutUpdate | ChopsUpdate) -> None:
        self._cells = cells
        self._update = update

    def render_segments(self, console: Console) -> str:
        return self._cells.sequences(self._update, console)


def _laid_out(update: LayoutUpdate) -> Iterator[tuple[int, list[Placed]]]:
    """The rows of a whole screen."""
    for y, strips in enumerate(update.strips, update.region.y):
        pieces, x = [], update.region.x
        for strip in strips:
            pieces.append((x, strip))
            x += strip.cell_length
        yield y, pieces


def _chopped(update: ChopsUpdate) -> Iterator[tuple[int, list[Placed]]]:
    """The rows that something was painted in, with the pieces of them in which it was."""
    rows: dict[int, dict[int, Strip]] = {}
    for y, left, right in update.spans:
        pieces = rows.setdefault(y, {})
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                pieces[x] = strip
    for y, pieces in rows.items():
        yield y, list(pieces.items())


class _Row:
    """One row of the terminal."""

    def __init__(self, y: int) -> None:
        self._y = y
        self._texts: list[str] = []
        self._looks: list[Look] = []
        self._strips: dict[int, Strip] = {}
        """What was last shown from each column on, where nothing was shown over it since."""
        self._is_plain = True

    def show(self, pieces: list[Placed], console: Console, pen: _CellPen) -> None:
        """Show these pieces; `pen` writes what has to be written for that."""
        changed = [(x, strip) for x, strip in pieces if self._strips.get(x) is not strip]
        if not changed:
            return
        parted = [(x, strip, _parted(strip, console)) for x, strip in changed]
        is_plain = self._is_plain and all(is_plain for *_, (_, _, is_plain) in parted)
        if is_plain:
            for x, _, (texts, looks, _) in parted:
                self._write_changes(x, texts, looks, pen)
        elif any(not self._has(x, texts, looks) for x, _, (texts, looks, _) in parted):
            for x, strip in pieces:
                texts, looks, _ = _parted(strip, console)
                pen.write(self._y, x, texts, looks)
        for x, strip, (texts, looks, _) in parted:
            self._keep(x, strip, texts, looks)
        self._is_plain = is_plain or all(len(text) == 1 for text in self._texts)

    def _has(self, x: int, texts: list[str], looks: list[Look]) -> bool:
        end = x + len(texts)
        return self._texts[x:end] == texts and self._looks[x:end] == looks

    def _write_changes(self, x: int, texts: list[str], looks: list[Look], pen: _CellPen) -> None:
        if self._has(x, texts, looks):
            return
        start = stop = -1
        old_texts, old_looks = self._texts[x : x + len(texts)], self._looks[x : x + len(texts)]
        missing = len(texts) - len(old_texts)
        old_texts += [_UNKNOWN] * missing
        old_looks += [_PLAIN] * missing
        for index, text in enumerate(texts):
            if text == old_texts[index] and looks[index] == old_looks[index]:
                continue
            if start >= 0 and index - stop > _NEAR:
                pen.write(self._y, x + start, texts[start:stop], looks[start:stop])
                start = -1
            if start < 0:
                start = index
            stop = index + 1
        pen.write(self._y, x + start, texts[start:stop], looks[start:stop])

    def _keep(self, x: int, strip: Strip, texts: list[str], looks: list[Look]) -> None:
        end = x + len(texts)
        missing = x - len(self._texts)
        self._texts += [_UNKNOWN] * missing
        self._looks += [_PLAIN] * missing
        self._texts[x:end] = texts
        self._looks[x:end] = looks
        for other in [at for at, shown in self._strips.items() if at < end and at + shown.cell_length > x]:
            del self._strips[other]
        self._strips[x] = strip


class _CellPen:
    """Writes cells, and says of how they look only what is not so already."""

    def __init__(self) -> None:
        self._sequences: list[str] = []
        self._look: Look = _PLAIN

    @property
    def written(self) -> str:
        """All of it; the terminal is plain again behind it."""
        return "".join(self._sequences) + ("\x1b[0m" if self._look != _PLAIN else "")

    def write(self, y: int, x: int, texts: list[str], looks: list[Look]) -> None:
        """Write these cells, from column `x` on."""
        append = self._sequences.append
        append(f"\x1b[{y + 1};{x + 1}H")
        for text, look in zip(texts, looks, strict=True):
            if look is not self._look and look != self._look:
                append(f"\x1b[{self._change(look)}m")
                self._look = look
            append(text)

    def _change(self, look: Look) -> str:
        attributes, foreground, background = look
        before = self._look
        if attributes != before[0]:
            return ";".join(["0", *filter(None, look)])
        changes = [foreground or "39"] if foreground != before[1] else []
        if background != before[2]:
            changes.append(background or "49")
        return ";".join(changes)


def _parted(strip: Strip, console: Console) -> tuple[list[str], list[Look], bool]:
    """The text of each cell, how it looks, and whether all of them are one character in one cell."""
    texts: list[str] = []
    looks: list[Look] = []
    is_plain = True
    for text, style, control in strip:
        if control:
            continue
        look = _look(style, console._color_system or ColorSystem.TRUECOLOR) if style is not None else _PLAIN
        cells, is_simple = _cells(text)
        is_plain = is_plain and is_simple
        texts += cells
        looks += [look] * len(cells)
    return texts, looks, is_plain


@lru_cache(maxsize=1_024)
def _look(style: Style, colors: ColorSystem) -> Look:
    """The numbers that set a style. (A link would not be told: no screen has one.)"""
    foreground, background = style.color, style.bgcolor
    return (
        Strip.render_ansi(style.without_color, colors),
        ";".join(foreground.downgrade(colors).get_ansi_codes()) if foreground else "",
        ";".join(background.downgrade(colors).get_ansi_codes(foreground=False)) if background else "",
    )


@lru_cache(maxsize=4_096)
def _cells(text: str) -> tuple[tuple[str, ...], bool]:
    """The text in cells, an empty one behind what takes two; and whether each character has a cell of its own."""
    if text.isascii():
        return tuple(text), True
    cells: list[str] = []
    is_plain = True
    for character in text:
        width = cell_len(character)
        is_plain = is_plain and width == 1
        if width:
            cells += [character, *[""] * (width - 1)]
        elif cells:
            cells[-1] += character
    room = cell_len(text)
    if len(cells) != room:  # characters that are one together
        return (text, *[""] * (room - 1)), False
    return tuple(cells), is_plain
