"""The characters of a drawing: a Unicode set, and an ASCII set of the same widths for the same cells.

A line's character is found by its arms: the sum of NORTH, EAST, SOUTH and WEST for the sides it connects to. In
ASCII a dot connects down and an apostrophe up, so that lines of two nets one above the other do not seem to join.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NORTH: Final = 1
EAST: Final = 2
SOUTH: Final = 4
WEST: Final = 8
VERTICAL: Final = NORTH | SOUTH
HORIZONTAL: Final = EAST | WEST


@dataclass(frozen=True, slots=True)
class BoxGlyphs:
    """The border of a box: four corners from the top left clockwise, its lines, and the port of a wire below."""

    corners: str
    horizontal: str
    vertical: str
    port: str


@dataclass(frozen=True, slots=True)
class DrawingGlyphs:
    """Everything that a drawing is made of. `line` and `dashed` have one character for each sum of arms."""

    line: str
    dashed: str
    box: BoxGlyphs
    container: BoxGlyphs
    down: str
    up: str
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
