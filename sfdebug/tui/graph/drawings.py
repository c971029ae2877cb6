"""Drawings of one machine, laid out and painted when they are asked for: the largest that fits the pane.

Going up and down is natural and follows the run; sideways a drawing should not have to be scrolled. So the width
decides first, then the height.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from sfdebug.drawing.elements import Zoom
from sfdebug.drawing.layout.build import MAX_NAME, Builder
from sfdebug.drawing.painting.paint import paint

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.drawing.elements import Layout
    from sfdebug.drawing.painting.canvas import Canvas

LEAST_WIDTH: Final = 24
"""A drawing is not made for less than this, however narrow the pane."""

_HARDLY_WIDER: Final = 1.5
"""What is too wide by no more than this is still better than anything wider."""

_SCREENS: Final = 2
"""Full boxes may be this many panes high; beyond it, boxes of one line give a better overview."""


def _unknown(zoom: Zoom) -> tuple[int, int]:
    return 0, 0


def fitting(
    draw: Callable[[Zoom], Layout],
    width: int,
    height: int,
    *,
    lent: int = 0,
    least: Callable[[Zoom], tuple[int, int]] = _unknown,
) -> Zoom:
    """The size to draw a machine at in a pane of `width` by `height` cells; `draw` lays it out, and `least` says which
    width and height it has at least, so that what cannot fit is not laid out.

    Boxes of one line are taken where all of the machine fits with them and not with full boxes; dots only where nothing
    else is narrow enough.
    """

    def is_within(zoom: Zoom, columns: float) -> bool:
        return least(zoom)[0] <= columns and draw(zoom).width <= columns

    def is_narrow(zoom: Zoom) -> bool:
        """Whether it fits sideways, the scroll bar beside it included."""
        return is_within(zoom, width) and draw(zoom).width + (draw(zoom).height > height - lent) <= width

    def is_low(zoom: Zoom, rows: int) -> bool:
        return least(zoom)[1] <= rows and draw(zoom).height <= rows

    for zoom in (Zoom.FULL, Zoom.LINES):
        if is_low(zoom, height) and is_within(zoom, width):
            return zoom
    if is_narrow(Zoom.FULL) and is_low(Zoom.FULL, _SCREENS * height):
        return Zoom.FULL
    for zoom in (Zoom.LINES, Zoom.DOTS):
        if is_narrow(zoom):
            return zoom
    if is_within(Zoom.LINES, _HARDLY_WIDER * width) or is_within(Zoom.DOTS, _HARDLY_WIDER * width):
        return Zoom.LINES if draw(Zoom.LINES).width <= draw(Zoom.DOTS).width else Zoom.DOTS
    return Zoom.FULL if is_low(Zoom.FULL, _SCREENS * height) else Zoom.LINES


_KEPT: Final = 8
"""So many drawings of a machine are kept, and what they are made of."""

_Key = TypeVar("_Key")
_Made = TypeVar("_Made")

_ZOOMS: Final = (Zoom.DOTS, Zoom.LINES, Zoom.FULL)
ZOOM_WORDS: Final = {Zoom.FULL: "boxes", Zoom.LINES: "lines", Zoom.DOTS: "dots"}


class Wish(Struct, frozen=True):
    """What is to be drawn: for a pane of this size, with these containers folded; `size` None: as large as fits. Of the
    rows so many as are `lent` may go to what stands below the pane."""

    width: int
    height: int
    folded: frozenset[StatePath] = frozenset()
    size: Zoom | None = None
    is_ascii: bool = False
    lent: int = 0


class MachineDrawing(Struct, frozen=True):
    """A layout, painted, and the size that it was made at."""

    layout: Layout
    canvas: Canvas
    size: Zoom


class Drawings:
    """Makes the drawings of one machine, of which it keeps the last: a size that the pane had before is there at once,
    and what hangs on no size is found once. May be asked on several threads, for one drawing at a time."""

    def __init__(self, machine: StateMachine) -> None:
        self.machine = machine
        self._lock = Lock()
        self._builders: dict[frozenset[StatePath], Builder] = {}
        self._layouts: dict[tuple[frozenset[StatePath], int, Zoom], Layout] = {}
        self._made: dict[Wish, MachineDrawing] = {}

    def kept(self, wish: Wish) -> MachineDrawing | None:
        """The drawing that is wished for, if it was made and kept."""
        return self._made.get(wish)

    def draw(self, wish: Wish, is_given_up: Callable[[], bool] = lambda: False) -> MachineDrawing | None:
        """Make the drawing that is wished for; None if it `is_given_up` by the time at which it could be begun. Raises
        what ends it where it gives way."""
        with self._lock:
            if is_given_up():
                return None
            try:
                return _kept(self._made, wish, lambda: self._drawn(wish))
            except BaseException:
                self._builders.pop(wish.folded, None)  # it was left in the middle
                raise

    def _drawn(self, wish: Wish) -> MachineDrawing:
        builder = _kept(self._builders, wish.folded, lambda: Builder(self.machine, wish.folded))
        width = max(LEAST_WIDTH, wish.width)

        def laid_out(zoom: Zoom) -> Layout:
            layout = within(width, zoom)
            if layout.width == width > LEAST_WIDTH and layout.height > wish.height - wish.lent:
                # A scroll bar will stand beside it. What fits in one column less is drawn in that.
                narrower = within(width - 1, zoom)
                return narrower if narrower.width < width else layout
            return layout

        def within(columns: int, zoom: Zoom) -> Layout:
            key = wish.folded, columns, zoom
            return _kept(self._layouts, key, lambda: builder.build(MAX_NAME, columns, zoom))

        @cache
        def least(zoom: Zoom) -> tuple[int, int]:
            return builder.least_size(MAX_NAME, width, zoom)

        size = wish.size or fitting(laid_out, width, wish.height, lent=wish.lent, least=least)
        layout = laid_out(size)
        return MachineDrawing(layout, paint(layout, ascii=wish.is_ascii), size)


def _kept(kept: dict[_Key, _Made], key: _Key, make: Callable[[], _Made]) -> _Made:
    """What is kept under `key`, made if it is not; what was not asked for the longest goes."""
    found = kept.pop(key) if key in kept else make()
    kept[key] = found
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]
    return found


def draw(machine: StateMachine, wish: Wish) -> MachineDrawing:
    """Make one drawing of a machine."""
    drawing = Drawings(machine).draw(wish)
    assert drawing is not None  # nobody gives it up
    return drawing


def next_zoom(zoom: Zoom, step: int) -> Zoom | None:
    """The zoom that draws larger (1) or smaller (-1); None at the end."""
    at = _ZOOMS.index(zoom) + step
    return _ZOOMS[at] if 0 <= at < len(_ZOOMS) else None
