"""How large the graph is drawn at first: the largest drawing that fits its pane.

Going up and down is natural and follows the run; sideways a drawing should not have to be scrolled. So the width
decides first, then the height.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import Zoom

if TYPE_CHECKING:
    from sfdebug.drawing.elements import Layout

LEAST_WIDTH: Final = 24
"""A drawing is not made for less than this, however narrow the pane."""

_NAME: Final = 27
_HARDLY_WIDER: Final = 1.5
"""What is too wide by no more than this is still better than anything wider."""

_HOPELESS: Final = 2.0
"""Dots that are too wide by more than this do not fit with names cut short either."""

_SCREENS: Final = 2
"""Full boxes may be this many panes high; beyond it, boxes of one line give a better overview."""


@dataclass(frozen=True, slots=True)
class Size:
    """One way to draw: how large the states are, and to how many cells their names are cut."""

    zoom: Zoom
    name: int = _NAME


FULL: Final = Size(Zoom.FULL)
LINES: Final = Size(Zoom.LINES)
DOTS: Final = Size(Zoom.DOTS)
_NARROWER: Final = (DOTS, Size(Zoom.LINES, 16), *(Size(Zoom.DOTS, name) for name in (20, 16, 13, 11, 10, 9, 8)))
"""What is tried when neither full boxes nor lines are narrow enough, the most telling first."""


def fitting(draw: Callable[[Size], Layout], width: int, height: int, *, is_large: bool = False) -> Size:
    """The size to draw a machine at in a pane of `width` by `height` cells; `draw` lays it out.

    Boxes of one line are taken where all of the machine fits with them and not with full boxes; dots, and names cut
    short, only where nothing else is narrow enough. Cutting names is not tried for a machine that `is_large`.
    """
    full = draw(FULL)
    if _fits(full, width, height):
        return FULL
    lines = draw(LINES)
    if _fits(lines, width, height):
        return LINES
    if _is_narrow(full, width, height) and full.height <= _SCREENS * height:
        return FULL
    if _is_narrow(lines, width, height):
        return LINES
    cannot_fit = is_large or draw(DOTS).width > _HOPELESS * width
    for size in _NARROWER[:1] if cannot_fit else _NARROWER:
        if _is_narrow(draw(size), width, height):
            return size
    narrowest = LINES if lines.width <= draw(DOTS).width else DOTS
    if draw(narrowest).width <= _HARDLY_WIDER * width:
        return narrowest
    return FULL if full.height <= _SCREENS * height else LINES


def _fits(layout: Layout, width: int, height: int) -> bool:
    return layout.width <= width and layout.height <= height


def _is_narrow(layout: Layout, width: int, height: int) -> bool:
    """Whether it fits sideways, the scroll bar beside it included."""
    return layout.width + (layout.height > height) <= width
