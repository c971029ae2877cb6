"""The graph as the screen has it, in characters: with its overlay, and numbered labels and notes below."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.drawing.elements import Role
from sfdebug.drawing.painting.lines import EAST, HORIZONTAL, NORTH, SOUTH, VERTICAL, WEST
from sfdebug.drawing.painting.paint import paint
from sfdebug.reports.graphs.export import NO_BREAK, STATUS_SIGNS
from sfdebug.text import cells

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
        upright, level = sign in "|:^", sign in "-~"
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
    "label": "36",
    "badge": "33",
    "type": "2",
    "dim": "2",
    "start": "1",
}
"""Select Graphic Rendition codes of the terminal's own sixteen colours, which go with its background."""

_ROLES: Final = {
    Role.TYPE: "type",
    Role.LABEL: "label",
    Role.BADGE: "badge",
    Role.START: "start",
}

_UNICODE_TO_ASCII: Final = str.maketrans(
    {"×": "x", "…": "~", "→": "->", **{each.sign: each.ascii for each in STATUS_SIGNS.values()}}
)


def render(export: GraphExport, *, ascii: bool = False, colour: bool = False, width: int = 80) -> str:
    """The drawing as text; what stands below it is wrapped to `width` columns. `colour` adds escape sequences."""
    below = [_as_asked(line, ascii) for line in _below(export, width)]
    rows = _TextRows(export, ascii=ascii, colour=colour).rows()
    return "\n".join([*rows, *([""] if below and rows else []), *below, ""])


def _as_asked(line: str, ascii: bool) -> str:
    return line.translate(_UNICODE_TO_ASCII) if ascii else line


def _below(export: GraphExport, width: int) -> list[str]:
    """The lines below the drawing: the run, numbered labels, what is wrong."""
    lines: list[str] = []
    if export.overlay is not None:
        lines += _wrapped(f"{export.overlay.source}: {export.summary()}", "", width)
        for line in export.status_lines():
            lines += _wrapped(line, "", width)
    numbered = export.legend()
    if numbered:
        lines += [""] if lines else []
        size = max(len(head) for head, _ in numbered) + 1
        for head, text in numbered:
            lines += _wrapped(text, head.ljust(size) if size < 8 else f"{head} ", width)
    remarks = export.remarks()
    if remarks:
        lines += [""] if lines else []
        for remark in remarks:
            lines += _wrapped(remark, "! ", width)
    return lines


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
        self.arms = taken_arms(export.layout, export.taken)
        self.patches: dict[Point, _Patch] = {}
        for box in export.layout.boxes:
            self._write_status(box)
        self.changed_rows = {y for _, y in self.patches} | {y for _, y in self.arms}

    def rows(self) -> list[str]:
        """The rows, without blanks at their ends."""
        return [self._row(y) for y in range(self.canvas.height)]

    def _write_status(self, box: Box) -> None:
        status = self.export.status(box)
        room = box.status_width
        if not status or not room:
            return
        text = _status_in(self.export, box, room)
        x, y = box.status_at
        x += room - len(text)
        for column, sign in enumerate(_as_asked(text, self.ascii), x):
            self.patches[column, y] = _Patch(sign, status)

    def _row(self, y: int) -> str:
        parts: list[str] = []
        text: list[str] = []
        last = ""
        x = 0
        is_changed = y in self.changed_rows
        for run in self.canvas.row(y):
            if not is_changed:  # the run as a whole: a drawing of many states has millions of cells
                colour, bare = self._colour(run.role, run.owner), run.text.lstrip(" ")
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
        arms = self.arms.get((x, y), 0)
        if arms and edges:
            if role is Role.ARROW:
                return sign, "taken"
            changed = taken_sign(sign, arms, ascii=self.ascii)
            if changed != sign:
                return changed, "taken"
        return sign, self._colour(role, owner)

    def _colour(self, role: Role, owner: tuple[str | int, ...]) -> str:
        """The colour of a cell that the overlay does not change."""
        if role in _ROLES:
            return _ROLES[role]
        if self.export.overlay is None:
            return ""
        if role in (Role.BORDER, Role.NAME):
            box = self.export.layout.box(owner)
            return self.export.status(box) if box is not None else ""
        return "dim" if role in (Role.EDGE, Role.ARROW) else ""

    def _styled(self, text: str, colour: str) -> str:
        if not self.colour or not colour or not text:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def _status_in(export: GraphExport, box: Box, room: int) -> str:
    """The status in at most `room` cells: `✓ done×3`, `✗ ×12`, `·`."""
    signs = STATUS_SIGNS[export.status(box)]
    marked = export.marked(box)
    if marked is None:
        return signs.sign
    times = f"×{marked.visits}" if marked.visits > 1 else ""
    options = (f"{signs.sign} {signs.word}{times}", f"{signs.sign} {times or signs.word}", f"{signs.sign}{times}")
    return next((option for option in options if len(option) <= room), signs.sign)
