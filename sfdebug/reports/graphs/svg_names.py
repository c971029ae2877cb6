"""Names of states in an SVG: whole, in two lines or in smaller letters where a box is narrow."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from sfdebug.reports.graphs.svg_lines import NAME_SIZE, name_width, number

_TWO_LINES: Final = (11.0, 10.0, 9.0, 8.0)
_FLAT_LINES: Final = (8.0, 7.5)
"""How high the letters are in two lines of a full box, and in two of a box of one row: the first at which they fit."""

_LEAST: Final = 0.8
"""In one line letters may be smaller by so much before a name is broken."""

_BREAK: Final = re.compile(r"(?<=[ _./:-])(?=[^ ])|(?<=[a-z0-9])(?=[A-Z])|(?<=[\u2e80-\U0010ffff])(?=.)")
"""Where a name may be broken: behind a blank or a sign, before a capital, anywhere in East Asian text."""


class FittedName(Struct, frozen=True):
    """A name in one or two lines, which make up all of it, and how high its letters are.

    `room` is how wide a line may be, and `last_less` by how much the second one must be narrower.
    """

    lines: tuple[str, ...]
    size: float
    room: float
    last_less: float = 0

    @property
    def is_usual(self) -> bool:
        """Whether its letters are as high as those of other names."""
        return self.size == NAME_SIZE

    @property
    def width(self) -> float:
        """About how wide its widest line is."""
        return max(map(self.width_of, self.lines))

    def width_of(self, line: str) -> float:
        """About how wide a line of it is."""
        return name_width(line, self.size)


def fitted_name(name: str, room: float, *, is_flat: bool = False, most: int = 2, last_less: float = 0) -> FittedName:
    """A name in lines of at most `room` pixels, as large as that can be; one that is still too wide is to be squeezed.

    `is_flat` is for boxes of one row, `most` how many lines there may be.
    """
    if name_width(name) <= room:
        return FittedName((name,), NAME_SIZE, room)
    fraction = room / name_width(name)
    smaller = NAME_SIZE * max(fraction, _LEAST if most > 1 else 0.55)
    broken = _broken(name) if most > 1 else None
    if broken is None or fraction >= _LEAST:
        return FittedName((name,), smaller, room)
    sizes = _FLAT_LINES if is_flat else _TWO_LINES
    for size in sizes:
        if name_width(broken[0], size) <= room and name_width(broken[1], size) <= room - last_less:
            return FittedName(broken, size, room, last_less)
    return FittedName(broken, sizes[-1], room, last_less)


def _broken(name: str) -> tuple[str, str] | None:
    """The name in two parts of about the same width; None for a single letter."""
    places = [found.start() for found in _BREAK.finditer(name)]
    places = [place for place in places if 0 < place < len(name)] or ([len(name) // 2] if len(name) > 1 else [])
    if not places:
        return None
    place = min(places, key=lambda at: max(name_width(name[:at]), name_width(name[at:])))
    return name[:place], name[place:]


def squeezed(width: float, room: float) -> str:
    """The attributes that make a text as wide as `room` when it may well be wider."""
    return f' textLength="{number(max(room, 1))}" lengthAdjust="spacingAndGlyphs"' if width > room + 0.05 else ""
