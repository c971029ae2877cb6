"""From a layout to characters. The same layout gives the same geometry in Unicode and in ASCII.

Lines that lead to the same target by the same kind of net join where they meet; lines of different nets cross at a
bridge: the vertical one goes through. So a junction always means that the lines lead to one target.
"""

from __future__ import annotations

from sfdebug.asl.definition import StatePath
from sfdebug.graph import glyphs
from sfdebug.graph.canvas import Canvas, Painted
from sfdebug.graph.drawing import MISSING_TYPE, Badge, Box, Layout, Role
from sfdebug.graph.glyphs import Glyphs
from sfdebug.graph.lines import Mark, trace
from sfdebug.graph.width import ELLIPSIS, cell_width


def paint(layout: Layout, ascii: bool = False) -> Canvas:
    """Paint `layout`. With `ascii`, all but names and labels is ASCII."""
    signs = glyphs.ASCII if ascii else glyphs.UNICODE
    canvas = Canvas(layout)
    for box in layout.boxes:
        _paint_box(canvas, box, signs)
    for divider in layout.dividers:
        sign = signs.divider_vertical if divider.is_vertical else signs.divider_horizontal
        for step in range(divider.length):
            x, y = (divider.x, divider.y + step) if divider.is_vertical else (divider.x + step, divider.y)
            canvas.put(x, y, (sign, Role.BORDER, divider.owner, ()))
    _paint_lines(canvas, layout, signs)
    for label in layout.labels:
        canvas.write(label.x, label.y, _cut(label.text, signs), Role.LABEL, (), label.edges)
    return canvas


def _cut(text: str, signs: Glyphs) -> str:
    return text.replace(ELLIPSIS, signs.ellipsis)


def _paint_box(canvas: Canvas, box: Box, signs: Glyphs) -> None:
    frame = signs.container if box.is_container or box.type == MISSING_TYPE else signs.box
    path, x, y, right, bottom = box.path, box.x, box.y, box.right, box.bottom
    level: Painted = (frame.horizontal, Role.BORDER, path, ())
    canvas.fill(x + 1, y, box.width - 2, level)
    canvas.fill(x + 1, bottom, box.width - 2, level)
    for sign, corner in zip(frame.corners, ((x, y), (right, y), (right, bottom), (x, bottom)), strict=True):
        canvas.put(*corner, (sign, Role.BORDER, path, ()))
    side: Painted = (frame.vertical, Role.BORDER, path, ())
    for row in range(y + 1, bottom):
        canvas.put(x, row, side)
        canvas.put(right, row, side)
    at = _paint_title(canvas, box, signs)
    if Badge.RETRY in box.badges:
        canvas.write(at + 1, y, signs.retry, Role.BADGE, path)
        at += 2
    if Badge.UNREACHABLE in box.badges:
        canvas.write(at + 1, y, Badge.UNREACHABLE.value, Role.BADGE, path)
    ends = {Badge.END: signs.end, Badge.SUCCEED: signs.succeed, Badge.FAIL: signs.fail}
    for badge, sign in ends.items():
        if badge in box.badges:
            canvas.write(right - 2, bottom, sign, Role.BADGE, path)


def _paint_title(canvas: Canvas, box: Box, signs: Glyphs) -> int:
    """Write type and name; the column after the title."""
    x, y = box.x + 2, box.y
    name = _cut(box.name, signs)
    canvas.write(x, y, box.type, Role.TYPE, box.path)
    x += len(box.type)
    if box.is_open:
        canvas.write(x, y, ": ", Role.TYPE, box.path)
        canvas.write(x + 2, y, name, Role.NAME, box.path)
        return x + 2 + cell_width(name)
    if box.collapsed:
        text = f": {box.content} state{'' if box.content == 1 else 's'}"
        canvas.write(x, y, text, Role.TYPE, box.path)
        x += len(text)
    canvas.fill(box.x + 1, y + 1, box.width - 2, (" ", Role.NAME, box.path, ()))
    canvas.write(box.x + 2, y + 1, name, Role.NAME, box.path)
    return x


def _paint_lines(canvas: Canvas, layout: Layout, signs: Glyphs) -> None:
    owner: StatePath = ()
    for (x, y), line in trace(layout).items():
        if line.mark is Mark.LINE:
            sign = (signs.dashed if line.is_dashed else signs.line)[line.arms]
            canvas.put(x, y, (sign, Role.EDGE, owner, line.edges))
        elif line.mark is Mark.PORT:
            canvas.put(x, y, (signs.box.port, Role.BORDER, layout.edges[line.edges[0]].source, line.edges))
        elif line.mark is Mark.START:
            canvas.put(x, y, (signs.start, Role.START, owner, line.edges))
        else:
            sign = signs.down if line.mark is Mark.DOWN else signs.up
            canvas.put(x, y, (sign, Role.ARROW, owner, line.edges))
