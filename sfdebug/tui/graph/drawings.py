"""Drawings of one machine, laid out and painted when they are asked for: the largest that fits the pane.

Going up and down is natural and follows the run; sideways a drawing should not have to be scrolled. So the width
decides first, then the height.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.drawing.elements import Zoom
from sfdebug.drawing.layout.build import Builder
from sfdebug.drawing.painting.paint import paint

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.drawing.elements import Layout
    from sfdebug.drawing.painting.canvas import Canvas

LEAST_WIDTH: Final = 24
"""A drawing is not made for less than this, however narrow the pane."""

_NAME: Final = 27
_HARDLY_WIDER: Final = 1.5
"""What is too wide by no more than this is still better than anything wider."""

_HOPELESS: Final = 2.0
"""Dots that are too wide by more than this do not fit with names cut short either."""

_SCREENS: Final = 2
"""Full boxes may be this many panes high; beyond it, boxes of one line give a better overview."""


class DrawnSize(Struct, frozen=True):
    """One way to draw: how large the states are, and to how many cells their names are cut."""

    zoom: Zoom
    name: int = _NAME


FULL: Final = DrawnSize(Zoom.FULL)
LINES: Final = DrawnSize(Zoom.LINES)
DOTS: Final = DrawnSize(Zoom.DOTS)
_NARROWER: Final = (
    DOTS,
    DrawnSize(Zoom.LINES, 16),
    *(DrawnSize(Zoom.DOTS, name) for name in (20, 16, 13, 11, 10, 9, 8)),
)
"""What is tried when neither full boxes nor lines are narrow enough, the most telling first."""


def _unknown(size: DrawnSize) -> tuple[int, int]:
    return 0, 0


def fitting(
    draw: Callable[[DrawnSize], Layout],
    width: int,
    height: int,
    *,
    is_large: bool = False,
    least: Callable[[DrawnSize], tuple[int, int]] = _unknown,
) -> DrawnSize:
    """The size to draw a machine at in a pane of `width` by `height` cells; `draw` lays it out, and `least` says which
    width and height it has at least, so that what cannot fit is not laid out.

    Boxes of one line are taken where all of the machine fits with them and not with full boxes; dots, and names cut
    short, only where nothing else is narrow enough. Cutting names is not tried for a machine that `is_large`.
    """

    def is_within(size: DrawnSize, columns: float) -> bool:
        return least(size)[0] <= columns and draw(size).width <= columns

    def is_narrow(size: DrawnSize) -> bool:
        """Whether it fits sideways, the scroll bar beside it included."""
        return is_within(size, width) and draw(size).width + (draw(size).height > height) <= width

    def is_low(size: DrawnSize, rows: int) -> bool:
        return least(size)[1] <= rows and draw(size).height <= rows

    for size in (FULL, LINES):
        if is_low(size, height) and is_within(size, width):
            return size
    if is_narrow(FULL) and is_low(FULL, _SCREENS * height):
        return FULL
    if is_narrow(LINES):
        return LINES
    cannot_fit = is_large or not is_within(DOTS, _HOPELESS * width)
    for size in _NARROWER[:1] if cannot_fit else _NARROWER:
        if is_narrow(size):
            return size
    if is_within(LINES, _HARDLY_WIDER * width) or is_within(DOTS, _HARDLY_WIDER * width):
        return LINES if draw(LINES).width <= draw(DOTS).width else DOTS
    return FULL if is_low(FULL, _SCREENS * height) else LINES


_LARGE: Final = 60
"""Names are not cut to make a machine of more states fit: there would be too many drawings to try."""

_ZOOMS: Final = (Zoom.DOTS, Zoom.LINES, Zoom.FULL)
ZOOM_WORDS: Final = {Zoom.FULL: "boxes", Zoom.LINES: "lines", Zoom.DOTS: "dots"}


class Wish(Struct, frozen=True):
    """What is to be drawn: for a pane of this size, with these containers folded; `size` None: as large as fits."""

    width: int
    height: int
    folded: frozenset[StatePath] = frozenset()
    size: DrawnSize | None = None
    is_ascii: bool = False


class MachineDrawing(Struct, frozen=True):
    """A layout, painted, and the size that it was made at."""

    layout: Layout
    canvas: Canvas
    size: DrawnSize


def draw(machine: StateMachine, wish: Wish) -> MachineDrawing:
    """Make the drawing that is wished for."""
    builder = Builder(machine, wish.folded)
    width = max(LEAST_WIDTH, wish.width)

    @cache
    def laid_out(size: DrawnSize) -> Layout:
        return builder.build(size.name, width, size.zoom)

    @cache
    def least(size: DrawnSize) -> tuple[int, int]:
        return builder.least_size(size.name, width, size.zoom)

    is_large = sum(1 for _ in machine.walk()) > _LARGE
    size = wish.size or fitting(laid_out, width, wish.height, is_large=is_large, least=least)
    layout = laid_out(size)
    return MachineDrawing(layout, paint(layout, ascii=wish.is_ascii), size)


def next_zoom(zoom: Zoom, step: int) -> Zoom | None:
    """The zoom that draws larger (1) or smaller (-1); None at the end."""
    at = _ZOOMS.index(zoom) + step
    return _ZOOMS[at] if 0 <= at < len(_ZOOMS) else None
