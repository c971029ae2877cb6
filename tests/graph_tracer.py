"""A reader of drawings who knows nothing of how they are made: it has the text, and where the boxes stand.

From every box it follows each line that leaves the lower border, by the direction in which it goes: around corners,
both ways at junctions, straight over bridges, and notes each box whose upper border an arrow points at. What it
finds must be what the definition says: nothing missing, and nothing more.

How it reads a character depends on the way it comes: a corner or junction may be taken only from a side that it
opens to. Going sideways into an upright line is a bridge: the way goes on behind it. In ASCII, where one sign stands
for several shapes, a corner opens to a side if what stands there opens back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sfdebug.asl.definition import StatePath
from sfdebug.drawing.elements import Box, EdgeKind, Role
from sfdebug.drawing.painting.canvas import Canvas, CellRun
from sfdebug.text import cells

_STEP: Final = {"N": (0, -1), "S": (0, 1), "E": (1, 0), "W": (-1, 0)}
_BACK: Final = {"N": "S", "S": "N", "E": "W", "W": "E"}

_UPRIGHT: Final = "│╎▲△|:^A"
_LEVEL: Final = "─╌-~"
_DOWN: Final = "▼▽vV"

_OPENS: Final = {
    **dict.fromkeys(_UPRIGHT, "NS"),
    **dict.fromkeys(_LEVEL, "EW"),
    **dict.fromkeys(_DOWN, "N"),
    "╭": "SE",
    "╮": "SW",
    "╯": "NW",
    "╰": "NE",
    "├": "NSE",
    "┤": "NSW",
    "┬": "SEW",
    "┴": "NEW",
    "┼": "NSEW",
}
_MAY_OPEN: Final = {".": "SEW", "'": "NEW", "+": "NSEW"}
"""The ASCII signs that stand for several shapes."""


class Unreadable(AssertionError):
    """A line that cannot be followed: it ends, or an arrow points at nothing."""


@dataclass(frozen=True)
class Place:
    """Where a box stands; all that the tracer is told."""

    path: StatePath
    x: int
    y: int
    right: int
    bottom: int


def places(boxes: Iterable[Box]) -> list[Place]:
    return [Place(box.path, box.x, box.y, box.right, box.bottom) for box in boxes]


class Tracer:
    """Reads `rows` of text in which the boxes stand at `boxes`, and start markers in the cells `markers`."""

    def __init__(self, rows: list[str], boxes: list[Place], markers: Iterable[tuple[int, int]] = ()) -> None:
        self.markers = sorted(markers)
        self.rows = [cells(row) for row in rows]
        self.boxes = boxes
        self.tops = {(x, box.y): box for box in boxes for x in range(box.x, box.right + 1)}
        self.bottoms = {(x, box.bottom): box for box in boxes for x in range(box.x, box.right + 1)}

    def targets(self, box: Place) -> list[StatePath]:
        """Where the lines lead that leave `box`, each once for every line that leads there."""
        found: list[StatePath] = []
        for x in range(box.x, box.right + 1):
            if self._leaves(box, x):
                found.extend(self.follow(x, box.bottom + 1))
        return sorted(found)

    def starts(self) -> list[StatePath]:
        """Where the start markers lead."""
        return sorted(target for x, y in self.markers for target in self.follow(x, y + 1))

    def _char(self, x: int, y: int) -> str:
        return self.rows[y][x] if 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y]) else " "

    def _leaves(self, box: Place, x: int) -> bool:
        """Whether a line leaves the lower border in this column.

        That is a port in the border, or, where the box has but one row, a line below it that opens upwards.
        """
        if box.bottom > box.y:
            return self._char(x, box.bottom) in ("┬", "+") and box.x < x < box.right
        below = (x, box.bottom + 1)
        if below in self.tops or below in self.bottoms:
            return False  # the frame around the box, or what stands below it
        return "N" in self._opening(*below, self._char(*below))

    def _opening(self, x: int, y: int, char: str) -> str:
        """The sides that the character at (x, y) opens to."""
        if char in _OPENS:
            return _OPENS[char]
        return "".join(way for way in _MAY_OPEN.get(char, "") if self._is_answered(x, y, way))

    def _is_answered(self, x: int, y: int, way: str) -> bool:
        """Whether what stands beside an ASCII corner, behind bridges, opens to it."""
        dx, dy = _STEP[way]
        x, y = x + dx, y + dy
        if (x, y) in self.markers:
            return way == "N"
        if way in "NS":
            if (x, y) in (self.bottoms if way == "N" else self.tops):
                return way == "N" and (self._char(x, y) == "+" or self._is_one_row(x, y))
            return _BACK[way] in _OPENS.get(self._char(x, y), _MAY_OPEN.get(self._char(x, y), ""))
        while self._char(x, y) in _UPRIGHT:
            x, y = x + dx, y + dy
        return _BACK[way] in _OPENS.get(self._char(x, y), _MAY_OPEN.get(self._char(x, y), ""))

    def _is_one_row(self, x: int, y: int) -> bool:
        box = self.bottoms.get((x, y))
        return box is not None and box.y == box.bottom

    def follow(self, x: int, y: int) -> list[StatePath]:
        """The boxes that a line leads to which comes down into (x, y)."""
        found: dict[StatePath, None] = {}
        ahead = [(x, y, "S")]
        seen: set[tuple[int, int, str]] = set()
        while ahead:
            at = ahead.pop()
            if at in seen:
                continue
            seen.add(at)
            target = self._arrival(*at)
            if target is not None:
                found[target] = None
            else:
                ahead.extend(self._onward(*at))
        return list(found)

    def _arrival(self, x: int, y: int, way: str) -> StatePath | None:
        if way != "S" or self._char(x, y) not in _DOWN:
            return None
        box = self.tops.get((x, y + 1))
        if box is None:
            raise Unreadable(f"an arrow at {(x, y)} points at nothing")
        return box.path

    def _onward(self, x: int, y: int, way: str) -> Iterator[tuple[int, int, str]]:
        if way == "N" and ((x, y) in self.bottoms or (x, y) in self.markers):
            return  # where another line of the same net begins
        char = self._char(x, y)
        if way in "EW" and char in _UPRIGHT:
            ways = way  # a bridge
        else:
            opening = self._opening(x, y, char)
            if _BACK[way] not in opening:
                raise Unreadable(f"a line that goes {way} ends at {(x, y)} before {char!r}")
            ways = opening.replace(_BACK[way], "")
        for onward in ways:
            dx, dy = _STEP[onward]
            yield x + dx, y + dy, onward


def _without_letters(run: CellRun) -> str:
    """What a run shows; a label's letters are none of the arrows that ASCII makes of letters."""
    return run.text.translate(_LETTERS) if run.role is Role.LABEL else run.text


_LETTERS: Final = str.maketrans("vVA^", "____")


def misread(canvas: Canvas, declared: Iterable[tuple[StatePath, StatePath, bool]]) -> list[str]:
    """Where what the tracer finds differs from what is `declared`, in words: source, target, and if it is a Catch.

    Two lines may lead from one state to another, if one is a Catch.
    """
    rows = ["".join(map(_without_letters, canvas.row(y))) for y in range(canvas.height)]
    boxes = places(canvas.layout.boxes)
    tracer = Tracer(rows, boxes, canvas.layout.start)
    said: dict[StatePath, set[tuple[StatePath, bool]]] = {}
    for source, target, is_catch in declared:
        said.setdefault(source, set()).add((target, is_catch))
    found = []
    for box in boxes:
        wanted = sorted(target for target, _ in said.get(box.path, ()))
        try:
            read = tracer.targets(box)
        except Unreadable as trouble:
            found.append(f"{box.path}: {trouble}")
            continue
        if read != wanted:
            found.append(f"{box.path} leads to {wanted}, read as {read}")
    marked = [edge for edge in canvas.layout.edges if edge.kind is EdgeKind.START and edge.corners]
    if tracer.starts() != sorted(edge.target for edge in marked):
        found.append("the start markers are misread")
    return found
