"""From a layout to characters. The same layout gives the same geometry in Unicode and in ASCII.

Lines that lead to the same target by the same kind of net join where they meet; lines of different nets cross at a
bridge: the vertical one goes through. So a junction always means that the lines lead to one target. In ASCII a dot
connects down and an apostrophe up, so that lines of two nets one above the other do not seem to join.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.asl.definition import StatePath
from sfdebug.collection import without_collection
from sfdebug.drawing.elements import MISSING_TYPE, Badge, Box, Divider, EdgeKind, Layout, Role, Zoom, title
from sfdebug.drawing.painting.canvas import Canvas, Painted, What
from sfdebug.drawing.painting.lines import HORIZONTAL, CellLines, LineMark, Rows, trace
from sfdebug.text import ELLIPSIS, cell_width


class BoxGlyphs(Struct, frozen=True, gc=False):
    """The border of a box: four corners from the top left clockwise, its lines, and the port of a wire below."""

    corners: str
    horizontal: str
    vertical: str
    port: str


class DrawingGlyphs(Struct, frozen=True, gc=False):
    """Everything that a drawing is made of. `line` and `dashed` have one character for each sum of arms."""

    line: str
    dashed: str
    box: BoxGlyphs
    container: BoxGlyphs
    down: str
    up: str
    down_catch: str
    up_catch: str
    start: str
    retry: str
    end: str
    succeed: str
    fail: str
    divider_vertical: str
    divider_horizontal: str
    ellipsis: str
    unreachable: str
    dot: str
    dot_shut: str
    dot_missing: str

    def badge(self, badge: str) -> str:
        """The sign of a badge."""
        found: str = getattr(self, badge)
        return found

    def brackets(self, type: str, *, is_container: bool) -> tuple[str, str]:
        """What stands around the name in a box of one row: a Choice, a closed container, a missing target differ."""
        if is_container:
            return "{", "}"
        return {"Choice": ("<", ">"), "Missing": ("?", "?")}.get(type, ("[", "]"))


UNICODE: Final = DrawingGlyphs(
    line=" │─╰││╭├─╯─┴╮┤┬┼",
    dashed=" ╎╌╰╎╎╭├╌╯╌┴╮┤┬┼",
    box=BoxGlyphs("╭╮╯╰", "─", "│", "┬"),
    container=BoxGlyphs("╭╮╯╰", "┄", "┆", "┬"),
    down="▼",
    up="▲",
    down_catch="▽",
    up_catch="△",
    start="●",
    retry="↻",
    end="■",
    succeed="✓",
    fail="✗",
    divider_vertical="┊",
    divider_horizontal="┈",
    ellipsis="…",
    unreachable="!",
    dot="○",
    dot_shut="◇",
    dot_missing="?",
)

ASCII: Final = DrawingGlyphs(
    line=" |-'||.+-'-'.+.+",
    dashed=" :~'::.+~'~'.+.+",
    box=BoxGlyphs("++++", "-", "|", "+"),
    container=BoxGlyphs("++++", "=", "|", "+"),
    down="v",
    up="^",
    down_catch="V",
    up_catch="A",
    start="o",
    retry="@",
    end="#",
    succeed="v",
    fail="x",
    divider_vertical=";",
    divider_horizontal="_",
    ellipsis="~",
    unreachable="!",
    dot="*",
    dot_shut="%",
    dot_missing="?",
)


@without_collection
def paint(layout: Layout, ascii: bool = False) -> Canvas:
    """Paint `layout`. With `ascii`, all but names and labels is ASCII."""
    signs = ASCII if ascii else UNICODE
    lines = trace(layout)
    ports = _take_ports(layout, lines)
    canvas = Canvas(layout, lines, _painter(signs))
    numbers = branch_numbers(layout)
    for box in layout.boxes:
        if box.height > 1:
            own = ports.get(box.path, {}), numbers.get((box.path, box.y), [])
            canvas.later(range(box.y, box.bottom + 1), partial(_paint_frame, box, signs, *own))
        else:
            canvas.later(range(box.y, box.y + 1), partial(_paint_line, box, signs, layout.zoom, lines))
    for divider in layout.dividers:
        if divider.is_vertical:
            for y in range(divider.y, divider.y + divider.length):
                canvas.put(divider.x, y, (signs.divider_vertical, 1, (Role.BORDER, divider.owner, ())))
        elif divider.is_above_unreachable:
            _paint_rule(canvas, divider, signs, lines)
        else:
            _paint_level(canvas, divider, signs, numbers.get((divider.owner, divider.y), []))
    for label in layout.labels:
        text = _cut(label.text, signs)
        canvas.put(label.x, label.y, (text, cell_width(text), (Role.LABEL, (), label.edges)))
    return canvas


def _paint_rule(canvas: Canvas, divider: Divider, signs: DrawingGlyphs, lines: Rows) -> None:
    """The rule above what nothing leads to, with a gap for each line across it."""
    crossed = sorted(x for x in lines[divider.y] if divider.x <= x < divider.x + divider.length)
    start = divider.x
    for x in (*crossed, divider.x + divider.length):
        if x > start:
            rule = signs.divider_horizontal * (x - start)
            canvas.put(start, divider.y, (rule, x - start, (Role.BORDER, divider.owner, ())))
        start = x + 1


_LAST: Final = (Badge.END, Badge.SUCCEED, Badge.FAIL)
"""The badges that the lower border ends with."""


def _cut(text: str, signs: DrawingGlyphs) -> str:
    return text.replace(ELLIPSIS, signs.ellipsis)


class _Pen:
    """Writes in one row, from left to right, what has one owner."""

    def __init__(self, canvas: Canvas, owner: StatePath, x: int, y: int) -> None:
        self.canvas = canvas
        self.owner = owner
        self.x = x
        self.y = y

    def write(self, text: str, role: Role, edges: tuple[int, ...] = ()) -> None:
        if text:
            taken = cell_width(text)
            self.canvas.put(self.x, self.y, (text, taken, (role, self.owner, edges)))
            self.x += taken

    def fill(self, sign: str, until: int, role: Role) -> None:
        """Repeat `sign`, of one cell, as far as the column before `until`."""
        if until > self.x:
            taken = until - self.x
            self.canvas.put(self.x, self.y, (sign * taken, taken, (role, self.owner, ())))
            self.x = until


BranchNumbers: TypeAlias = "list[tuple[int, int, str]]"
"""From which column to before which a level line has room for the number of a branch, and what it says."""


def branch_numbers(layout: Layout) -> dict[tuple[StatePath, int], BranchNumbers]:
    """The numbers of branches, above the dividers in front of them: by the Parallel, and the row of the line that they
    stand in, its upper border or a level divider."""
    found: dict[tuple[StatePath, int], BranchNumbers] = {}
    for divider in layout.dividers:
        row, at = (divider.y - 1, divider.x + 1) if divider.is_vertical else (divider.y, divider.x + 1)
        box = layout.box(divider.owner)
        if box is None or divider.is_above_unreachable:
            continue
        end = box.status_at[0] - 1 if row == box.y else box.right - 1
        found.setdefault((divider.owner, row), []).append((at, end, str(divider.branch)))
    for numbers in found.values():
        for index, (at, _, number) in enumerate(numbers[:-1]):
            numbers[index] = at, numbers[index + 1][0] - 1, number
    return found


def _write_numbers(pen: _Pen, sign: str, numbers: BranchNumbers) -> None:
    """Go on with a level line, with the numbers of branches in it where they have room: `branch 2`, or `2`."""
    for at, end, number in numbers:
        room = end - max(at, pen.x + 1)
        text = next((text for text in (f"branch {number}", number) if len(text) <= room), "")
        if text:
            pen.fill(sign, max(at, pen.x + 1), Role.BORDER)
            pen.write(text, Role.TYPE)


def _paint_level(canvas: Canvas, divider: Divider, signs: DrawingGlyphs, numbers: BranchNumbers) -> None:
    pen = _Pen(canvas, divider.owner, divider.x, divider.y)
    _write_numbers(pen, signs.divider_horizontal, numbers)
    pen.fill(signs.divider_horizontal, divider.x + divider.length, Role.BORDER)


def _paint_frame(
    box: Box, signs: DrawingGlyphs, ports: dict[int, tuple[int, ...]], numbers: BranchNumbers, canvas: Canvas
) -> None:
    frame = signs.container if box.is_container or box.type == MISSING_TYPE else signs.box
    _paint_top(canvas, box, signs, numbers)
    inside = box.width - 2
    border: What = (Role.BORDER, box.path, ())
    side: Painted = (frame.vertical, 1, border)
    for row in range(box.y + 1, box.bottom):
        canvas.put(box.x, row, side)
        canvas.put(box.right, row, side)
    if not box.is_open:
        name = f" {_cut(box.name, signs)}"
        taken = cell_width(name)
        canvas.put(box.x + 1, box.y + 1, (name + " " * (inside - taken), max(taken, inside), (Role.NAME, box.path, ())))
    sign = "".join([signs.badge(badge) for badge in _LAST if badge in box.badges]) if box.badges else ""
    if not ports and not sign:
        bottom = frame.corners[3] + frame.horizontal * inside + frame.corners[2]
        canvas.put(box.x, box.bottom, (bottom, box.width, border))
        return
    pen = _Pen(canvas, box.path, box.x, box.bottom)
    pen.write(frame.corners[3], Role.BORDER)
    for x in sorted(ports):
        pen.fill(frame.horizontal, x, Role.BORDER)
        pen.write(frame.port, Role.BORDER, ports[x])
    if sign:
        pen.fill(frame.horizontal, box.right - 2, Role.BORDER)
        pen.write(sign, Role.BADGE)
    pen.fill(frame.horizontal, box.right, Role.BORDER)
    pen.write(frame.corners[2], Role.BORDER)


def _paint_top(canvas: Canvas, box: Box, signs: DrawingGlyphs, numbers: BranchNumbers) -> None:
    """The upper border: type, or type and name of an open container, badges, and the numbers of branches."""
    frame = signs.container if box.is_container or box.type == MISSING_TYPE else signs.box
    pen = _Pen(canvas, box.path, box.x, box.y)
    pen.write(frame.corners[0] + frame.horizontal, Role.BORDER)
    if box.is_open:
        pen.write(f"{box.type}: ", Role.TYPE)
        pen.write(_cut(box.name, signs), Role.NAME)
    else:
        pen.write(title(box.type, box.content, collapsed=box.collapsed), Role.TYPE)
    if Badge.RETRY in box.badges:
        pen.write(frame.horizontal, Role.BORDER)
        pen.write(signs.retry, Role.BADGE)
    if Badge.UNREACHABLE in box.badges:
        pen.write(frame.horizontal, Role.BORDER)
        pen.write(Badge.UNREACHABLE.value, Role.BADGE)
    _write_numbers(pen, frame.horizontal, numbers)
    pen.fill(frame.horizontal, box.right, Role.BORDER)
    pen.write(frame.corners[1], Role.BORDER)


def _paint_line(box: Box, signs: DrawingGlyphs, zoom: Zoom, lines: Rows, canvas: Canvas) -> None:
    """A box of one row; a dot has a line beside it, as far as lines leave below or enter above."""
    pen = _Pen(canvas, box.path, box.x, box.y)
    badges = "".join(signs.badge(badge) for badge in box.badges)
    if zoom is Zoom.DOTS:
        dot = signs.dot_missing if box.type == MISSING_TYPE else signs.dot_shut if box.is_container else signs.dot
        rule = signs.line[HORIZONTAL]
        pen.write(" ", Role.BORDER)
        pen.fill(rule, box.status_at[0], Role.BORDER)
        pen.write(dot, Role.STATUS)
    else:
        opening, _ = signs.brackets(box.type, is_container=box.is_container)
        pen.write(opening, Role.BORDER)
    pen.write(f" {_cut(box.name, signs)}", Role.NAME)
    pen.write(f" {badges}" if badges else "", Role.BADGE)
    if zoom is Zoom.DOTS:
        touched = any(pen.x in lines[y] for y in (box.y - 1, box.bottom + 1) if 0 <= y < len(lines))
        if pen.x < box.right and not touched:
            pen.write(" ", Role.NAME)
        pen.fill(rule, box.right, Role.BORDER)
        pen.fill(" ", box.right + 1, Role.NAME)
        return
    pen.fill(" ", box.right, Role.NAME)
    pen.write(signs.brackets(box.type, is_container=box.is_container)[1], Role.BORDER)


def _take_ports(layout: Layout, lines: Rows) -> dict[StatePath, dict[int, tuple[int, ...]]]:
    """Take the cells out of `lines` that are part of a border, where lines leave boxes: the edges by box and column."""
    ports: dict[StatePath, dict[int, tuple[int, ...]]] = {}
    for edge in layout.edges:
        if edge.corners and edge.kind is not EdgeKind.START:
            x, y = edge.corners[0]
            line = lines[y].pop(x, None)
            if line is not None:
                ports.setdefault(edge.source, {})[x] = line.edges
    return ports


def _painter(signs: DrawingGlyphs) -> Callable[[CellLines], Painted]:
    """How a cell of a line is painted. Cells that share their line, which the canvas keeps, are painted but once."""
    kept: dict[int, Painted] = {}

    def painted(line: CellLines) -> Painted:
        found = kept.get(id(line))
        if found is None:
            found = kept[id(line)] = _sign(line, signs)
        return found

    return painted


def _sign(line: CellLines, signs: DrawingGlyphs) -> Painted:
    if line.mark is LineMark.LINE:
        return ((signs.dashed if line.is_dashed else signs.line)[line.arms], 1, (Role.EDGE, (), line.edges))
    if line.mark is LineMark.START:
        return (signs.start, 1, (Role.START, (), line.edges))
    down, up = (signs.down_catch, signs.up_catch) if line.is_dashed else (signs.down, signs.up)
    return (down if line.mark is LineMark.DOWN else up, 1, (Role.ARROW, (), line.edges))
