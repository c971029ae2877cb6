"""Drawings of one machine: laid out and painted when they are asked for, and kept while the pane stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.drawing import build, containers
from sfdebug.drawing.elements import Zoom
from sfdebug.drawing.painting.paint import paint
from sfdebug.tui.graph.fit import LEAST_WIDTH, Size, fitting

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.drawing.elements import Layout
    from sfdebug.drawing.painting.canvas import Canvas

_LARGE: Final = 60
"""Names are not cut to make a machine of more states fit: there would be too many drawings to try."""

_ZOOMS: Final = (Zoom.DOTS, Zoom.LINES, Zoom.FULL)
ZOOM_WORDS: Final = {Zoom.FULL: "boxes", Zoom.LINES: "lines", Zoom.DOTS: "dots"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be drawn: for a pane of this size, with these containers folded; `size` None: as large as fits."""

    width: int
    height: int
    folded: frozenset[StatePath] = frozenset()
    size: Size | None = None
    is_ascii: bool = False


@dataclass(frozen=True, slots=True)
class MachineDrawing:
    """A layout, painted, and the size that it was made at."""

    layout: Layout
    canvas: Canvas
    size: Size


def draw(machine: StateMachine, wish: Wish) -> MachineDrawing:
    """Make the drawing that is wished for."""
    made: dict[Size, Layout] = {}
    width = max(LEAST_WIDTH, wish.width)

    def laid_out(size: Size) -> Layout:
        if size not in made:
            made[size] = build(machine, wish.folded, size.name, width, size.zoom)
        return made[size]

    is_large = sum(1 for _ in machine.walk()) > _LARGE
    size = wish.size or fitting(laid_out, width, wish.height, is_large=is_large)
    layout = laid_out(size)
    return MachineDrawing(layout, paint(layout, ascii=wish.is_ascii), size)


def next_zoom(zoom: Zoom, step: int) -> Zoom | None:
    """The zoom that draws larger (1) or smaller (-1); None at the end."""
    at = _ZOOMS.index(zoom) + step
    return _ZOOMS[at] if 0 <= at < len(_ZOOMS) else None


def all_containers(machine: StateMachine) -> frozenset[StatePath]:
    """Every Parallel and Map."""
    return containers(machine)
