"""The graph as the screen has it, in characters: with its overlay, and numbered labels and notes below."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.drawing.elements import EdgeKind, Role, Zoom
from sfdebug.drawing.painting.line_notes import place_notes
from sfdebug.drawing.painting.lines import EAST, HORIZONTAL, NORTH, SOUTH, VERTICAL, WEST
from sfdebug.drawing.painting.paint import paint
from sfdebug.reports.graphs.export import NO_BREAK
from sfdebug.reports.graphs.key import key_lines
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.text import cell_width, cells, fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.drawing.elements import Box, Layout, Point
    from sfdebug.drawing.painting.canvas import Canvas
    from sfdebug.reports.graphs.export import GraphExport

_TEES: Final = {
    "├": (NORTH | EAST | SOUTH, {1: "┞", 2: "┝", 4: "┟", 3: "┡", 6: "┢", 5: "┠", 7: "┣"}),
    "┤": (NORTH | SOUTH | WEST, {1: "┦", 8: "┥", 4: "┧", 9: "┩", 12: "┪", 5: "┨", 13: "┫"}),
    "┬": (EAST | SOUTH | WEST, {8: "┭", 2: "┮", 4: "┰", 10: "┯", 12: "┱", 6: "┲", 14: "┳"}),
    "┴": (NORTH | EAST | WEST, {8: "┵", 2: "┶", 1: "┸", 10: "┷", 9: "┹", 3: "┺", 11: "┻"}),
}
"""A junction: its arms, and the character for each sum of the heavy ones among them."""

_CROSS: Final = " ╀┾╄╁╂╆╊┽╃┿╇╅╉╈╋"
"""A junction with four arms, by the sum of the heavy ones."""

_LINES: Final = {
    "│": (VERTICAL, "┃"),
    "─": (HORIZONTAL, "━"),
    "╎": (VERTICAL, "╏"),
    "╌": (HORIZONTAL, "╍"),
    "╭": (SOUTH | EAST, "┏"),
    "╮": (SOUTH | WEST, "┓"),
    "╰": (NORTH | EAST, "┗"),
    "╯": (NORTH | WEST, "┛"),
}

_ASCII_LINES: Final = frozenset("|-~:.'+")


def taken_arms(layout: Layout, taken: Iterable[int]) -> dict[Point, int]:
    """For each cell that a taken edge runs through: the sides it connects there, as a sum of arms."""
    arms: dict[Point, int] = {}
    for index in taken:
        for (x, y), (to_x, to_y) in pairwise(layout.edges[index].cells):
            if to_x == x:
                out, back = (SOUTH, NORTH) if to_y > y else (NORTH, SOUTH)
            else:
                out, back = (EAST, WEST) if to_x > x else (WEST, EAST)
            arms[x, y] = arms.get((x, y), 0) | out
            arms[to_x, to_y] = arms.get((to_x, to_y), 0) | back
    return arms


def taken_sign(sign: str, arms: int, *, ascii: bool) -> str:
    """The character of a line with its arms in `arms` drawn heavy. At a bridge only the line that shows counts."""
    if ascii:
        upright, level = sign in "|:^A", sign in "-~"
        shows = arms & VERTICAL if upright else arms & HORIZONTAL if level else arms
        return "*" if sign in _ASCII_LINES and shows else sign
    if sign in _LINES:
        shown, instead = _LINES[sign]
        return instead if arms & shown == shown else sign
    if sign in _TEES:
        shown, by_arms = _TEES[sign]
        return by_arms.get(arms & shown, sign)
    return _CROSS[arms] if sign == "┼" and arms else sign


_COLOURS: Final = {
    "current": "1;33",
    "waiting": "33",
    "failed": "1;31",
    "caught": "35",
    "done": "34",
    "aborted": "2",
    "unvisited": "2",
    "taken": "1;34",
    "taken catch": "1;35",
    "catch": "35",
    "added": "1;32",
    "removed": "31",
    "changed": "33",
    "renamed": "33",
    "label": "36",
    "badge": "33",
    "type": "2",
    "dim": "2",
    "start": "1",
}
"""Select Graphic Rendition codes of the terminal's own sixteen colours, which go with its background."""

_LEAST_CHANGE: Final = 7
"""In so many cells the start of a field's name still tells something."""

_HEAVY: Final = ("taken", "added")
"""What is drawn with heavy lines: it is told by its form, not by colour alone."""

_ROLES: Final = {
    Role.TYPE: "type",
    Role.LABEL: "label",
    Role.BADGE: "badge",
    Role.START: "start",
}

_UNICODE_TO_ASCII: Final = str.maketrans(
    {"×": "x", "…": "~", "→": "->", "›": ">", **{each.sign: each.ascii for each in STATUS_SIGNS.values()}}
)


def render(
    export: GraphExport, *, ascii: bool = False, colour: bool = False, width: int = 80, key: bool = False
) -> str:
    """The drawing as text; what stands below it is wrapped to `width` columns.

    `colour` adds escape sequences, `key` what every sign means.
    """
    drawn = _TextRows(export, ascii=ascii, colour=colour)
    rows = drawn.rows()
    below = [_as_asked(line, ascii) for line in _below(export, drawn.unplaced(), width)]
    if key:
        below += [*([""] if below else []), *key_lines(ascii=ascii, width=width)]
    return "\n".join([*rows, *([""] if below and rows else []), *below, ""])


def _as_asked(line: str, ascii: bool) -> str:
    return line.translate(_UNICODE_TO_ASCII) if ascii else line


def _below(export: GraphExport, unplaced: list[str], width: int) -> list[str]:
    """The lines below the drawing, in parts: what lies over it, numbered labels, what is wrong."""
    over: list[str] = []
    if export.is_marked:
        over += _wrapped(export.heading(), "", width)
        for sign, text in export.details():
            over += _wrapped(text, f"{sign} " if sign else "", width)
        for text in unplaced:
            over += _wrapped(text, "", width)
    numbered = export.legend()
    size = max((len(head) for head, _ in numbered), default=0) + 1
    labels: list[str] = []
    for head, text in numbered:
        labels += _wrapped(text, head.ljust(size) if size < 8 else f"{head} ", width)
    wrong = [line for remark in export.remarks() for line in _wrapped(remark, "! ", width)]
    parts = [part for part in (over, labels, wrong) if part]
    return [line for number, part in enumerate(parts) for line in (*([""] if number else []), *part)]


def _wrapped(text: str, head: str, width: int) -> list[str]:
    lines = textwrap.wrap(
        text, max(width, 40), initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )
    return [line.replace(NO_BREAK, " ") for line in lines] or [head.rstrip()]


class _Patch(Struct, frozen=True):
    """A cell that the overlay changes: what stands there, and its colour."""

    text: str
    colour: str


class _TextRows:
    """Puts rows together: the painted cells, with those of the overlay in their place."""

    def __init__(self, export: GraphExport, *, ascii: bool, colour: bool) -> None:
        self.export = export
        self.ascii = ascii
        self.colour = colour
        self.canvas: Canvas = paint(export.layout, ascii=ascii)
        heavy = [index for index, look in export.looks.items() if look in _HEAVY]
        self.arms = taken_arms(export.layout, heavy)
        self.notes = place_notes(self.canvas, export.edge_texts)
        self.patches: dict[Point, _Patch] = {}
        for box in export.layout.boxes:
            self._write_status(box)
        for note in self.notes.notes:
            look = export.look(note.edges) or "changed"
            for column, sign in enumerate(_as_asked(note.text, ascii), note.x):
                self.patches[column, note.y] = _Patch(sign, self._edge_colour(look, note.edges))
        self.changed_rows = {y for _, y in self.patches} | {y for _, y in self.arms}
        if export.changes is not None:
            self.changed_rows.update(y for index in export.looks for y in export.layout.edge_rows(index))

    def rows(self) -> list[str]:
        """The rows, without blanks at their ends."""
        return [self._row(y) for y in range(self.canvas.height)]

    def unplaced(self) -> list[str]:
        """What should stand beside lines that have no blank cell near them, in words: `Look → Ended? ×4`."""
        return self.export.unplaced_texts(self.notes.unplaced)

    def _write_status(self, box: Box) -> None:
        options = self.export.status_texts(box)
        if not options or not box.status_width:
            return
        x, y = box.status_at
        end = x + box.status_width
        room = box.status_width if self.export.changes is None else max(box.status_width, end - self._free_from(box))
        text = next((option for option in options if cell_width(option) <= room), options[-1])
        if self.export.changes is not None and text == options[-1]:
            text = fit(options[0], room) if room >= _LEAST_CHANGE else text
        x = end - cell_width(text)
        for column, sign in enumerate(cells(_as_asked(text, self.ascii)), x):
            self.patches[column, y] = _Patch(sign, self.export.status(box))

    def _free_from(self, box: Box) -> int:
        """The first column of a full box's upper border behind its title and badges, and the line behind them."""
        if self.export.layout.zoom is not Zoom.FULL and not box.is_open:
            return box.status_at[0]
        x, found = 0, box.status_at[0]
        for run in self.canvas.row(box.y):
            if run.owner == box.path:
                found = x + 1 if run.role is Role.BORDER else x + cell_width(run.text) + 1
            x += cell_width(run.text)
        return found

    def _row(self, y: int) -> str:
        parts: list[str] = []
        text: list[str] = []
        last = ""
        x = 0
        is_changed = y in self.changed_rows
        for run in self.canvas.row(y):
            if not is_changed:  # the run as a whole: a drawing of many states has millions of cells
                colour, bare = self._colour(run.role, run.owner, run.edges), run.text.lstrip(" ")
                if colour != last and bare:
                    text.append(run.text[: len(run.text) - len(bare)])
                    parts.append(self._styled("".join(text), last))
                    text, last = [bare], colour
                else:
                    text.append(run.text)
                continue
            for sign in cells(run.text):
                char, colour = self._cell(sign, x, y, run.role, run.owner, run.edges)
                if colour != last and char != " ":
                    parts.append(self._styled("".join(text), last))
                    text, last = [], colour
                text.append(char)
                x += 1
        parts.append(self._styled("".join(text).rstrip(), last))
        row = "".join(parts)
        return row if self.colour else row.rstrip()

    def _cell(
        self, sign: str, x: int, y: int, role: Role, owner: tuple[str | int, ...], edges: tuple[int, ...]
    ) -> tuple[str, str]:
        patch = self.patches.get((x, y))
        if patch is not None:
            return patch.text, patch.colour
        look = self.export.look(edges) if edges else ""
        if role is Role.LABEL and look in CHANGE_SIGNS:
            return sign, look
        if look and role in (Role.EDGE, Role.ARROW, Role.BORDER):
            arms = self.arms.get((x, y), 0)
            changed = taken_sign(sign, arms, ascii=self.ascii) if arms and role is not Role.ARROW else sign
            if look in CHANGE_SIGNS or changed != sign or (arms and role is Role.ARROW):
                return changed, self._edge_colour(look, edges)
        return sign, self._colour(role, owner, edges)

    def _edge_colour(self, look: str, edges: Iterable[int]) -> str:
        return "taken catch" if look == "taken" and self._is_catch(edges) else look

    def _is_catch(self, edges: Iterable[int]) -> bool:
        return any(self.export.layout.edges[index].kind is EdgeKind.CATCH for index in edges)

    def _colour(self, role: Role, owner: tuple[str | int, ...], edges: tuple[int, ...] = ()) -> str:
        """The colour of a cell that nothing lies over."""
        if role in (Role.EDGE, Role.ARROW, Role.LABEL) and edges and self._is_catch(edges):
            return "catch"
        if role in _ROLES:
            return _ROLES[role]
        if not self.export.is_marked:
            return ""
        if role in (Role.BORDER, Role.NAME):
            box = self.export.layout.box(owner)
            return self.export.status(box) if box is not None else ""
        return "dim" if role in (Role.EDGE, Role.ARROW) else ""

    def _styled(self, text: str, colour: str) -> str:
        if not self.colour or not colour or not text:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"
