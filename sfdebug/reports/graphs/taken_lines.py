"""Lines of a painted graph that were taken: drawn heavy in Unicode, as a row of asterisks in ASCII."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sfdebug.drawing.painting.glyphs import EAST, HORIZONTAL, NORTH, SOUTH, VERTICAL, WEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.drawing.elements import Layout, Point

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


def heavy_sign(sign: str, arms: int, *, ascii: bool) -> str:
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
