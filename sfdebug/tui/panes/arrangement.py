"""How the panes are arranged: by the size of the terminal, and by whether one of them is maximised."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 12
_TWO_WIDTH: Final = 96
_TWO_HEIGHT: Final = 30
_THREE_WIDTH: Final = 160
_THREE_HEIGHT: Final = 36


class Arrangement(StrEnum):
    """The names are CSS classes of the screen, with a hyphen in front."""

    TINY = "tiny"
    """Too small: the screen says what it needs."""
    ONE = "one"
    """One pane at a time, with a strip to switch."""
    TWO = "two"
    """Graph left, stages and data right, timeline below."""
    THREE = "three"
    """Graph, stages and data side by side, timeline below."""


def arrangement_for(width: int, height: int, *, is_maximised: bool = False) -> Arrangement:
    """The arrangement for a terminal of this size."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Arrangement.TINY
    if is_maximised or width < _TWO_WIDTH or height < _TWO_HEIGHT:
        return Arrangement.ONE
    if width >= _THREE_WIDTH and height >= _THREE_HEIGHT:
        return Arrangement.THREE
    return Arrangement.TWO


def what_is_needed(width: int, height: int) -> str:
    """What a terminal that is too small is told."""
    return (
        f"sfdebug needs {LEAST_WIDTH} columns and {LEAST_HEIGHT} rows.\n"
        f"This terminal has {width} and {height}.\n\n"
        "Make it larger, or its font smaller; q leaves."
    )
