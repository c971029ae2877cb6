"""From a definition to a layout, drawn tighter where that makes it fit a width."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.collection import without_collection
from sfdebug.drawing.elements import Layout, Zoom, letters
from sfdebug.drawing.layout.compose import compose
from sfdebug.drawing.layout.edge_bundles import Planner, TooDenseError
from sfdebug.drawing.layout.scopes import Room, ScopeDrawing, draw
from sfdebug.drawing.model import ScopeModel, scope_model

MAX_NAME: Final = 27
"""How many cells of a state's name are drawn, unless asked otherwise."""

MAX_WIDTH: Final = 118
"""The width that a drawing should keep within, unless asked otherwise."""

LABEL_WIDTH: Final = 20
"""The longest text beside an edge: about as wide as a box, so that labels do not push siblings apart."""

_LEAST_NAME: Final = 4
_MANY: Final = 40
"""A drawing of more boxes is not tried again: it would take too long."""

_HOPELESS: Final = 2.0
_TOO_WIDE_FOR_NAMES: Final = 1.4
"""Beyond these multiples of the width, stacking branches, or but cutting names, is not worth trying."""

_TIGHTER: Final = ((21, 16), (17, 14), (15, 12), (11, 10))
"""What names and labels are cut to, one after the other, to make a drawing fit."""

_FULL_BOX: Final = 15
"""A full box is no narrower for a name shorter than this."""


@without_collection
def build(
    machine: StateMachine,
    collapsed: frozenset[StatePath] = frozenset(),
    max_name: int = MAX_NAME,
    max_width: int = MAX_WIDTH,
    zoom: Zoom = Zoom.FULL,
) -> Layout:
    """Lay out `machine`. Never raises on a faulty one: what is wrong is drawn, and said in `Layout.notes`.

    Containers at the paths `collapsed` are drawn shut. Names are cut to `max_name` cells. A drawing that would be
    somewhat wider than `max_width` is drawn tighter, if that makes it fit: branches of a Parallel below one
    another, names and labels cut shorter. One that cannot fit is drawn as asked, however wide. `zoom` is how large
    states are drawn. Of a machine with too many transitions to be drawn in a few seconds only those are drawn by which
    each state is reached first; the notes say so.
    """
    scope = scope_model(machine, collapsed)
    try:
        return _laid_out(scope, max_name, max_width, zoom)
    except TooDenseError:
        return _laid_out(scope_model(machine, collapsed, is_thinned=True), max_name, max_width, zoom)


def _laid_out(scope: ScopeModel, max_name: int, max_width: int, zoom: Zoom) -> Layout:
    room = Room(max(_LEAST_NAME, max_name), LABEL_WIDTH, max_width, len(letters(_captions(scope))), zoom)
    return compose(_fitted(scope, room, max_width), scope.notes, zoom)


def _fitted(scope: ScopeModel, room: Room, width: int) -> ScopeDrawing:
    """The drawing with the longest names that fits; as asked when none does, or it is too large to try."""
    planner = Planner()
    drawing = draw(scope, room, planner)
    if drawing.width <= width or _size_of(scope) > _MANY:
        return drawing
    rooms = _tighter(scope, room, width)
    is_stacked = any(len(item.branches) > 1 for item in scope.items)
    if not rooms or drawing.width > (_HOPELESS if is_stacked else _TOO_WIDE_FOR_NAMES) * width:
        return drawing
    tightest = draw(scope, rooms[-1], planner)
    if tightest.width > width:
        return drawing
    for tighter in rooms[:-1]:
        candidate = draw(scope, tighter, planner)
        if candidate.width <= width:
            return candidate
    return tightest


def _tighter(scope: ScopeModel, room: Room, width: int) -> list[Room]:
    """What to try when a drawing is too wide, from the least tight to the tightest."""
    stacked = replace(room, branches=width // 2)
    rooms = [stacked] if any(len(item.branches) > 1 for item in scope.items) else []
    for name, label in _TIGHTER:
        if room.name > name and (room.zoom is not Zoom.FULL or name >= _FULL_BOX):
            rooms.append(replace(stacked, name=name, label=label))
    return rooms


def _captions(scope: ScopeModel) -> int:
    """How many lines of `scope` and all inside have something to say: as many numbers the legend may have."""
    inner = sum(_captions(branch) for item in scope.items for branch in item.branches)
    return inner + sum(bool(wire.captions) for wire in scope.wires)


def _size_of(scope: ScopeModel) -> int:
    return len(scope.items) + sum(_size_of(branch) for item in scope.items for branch in item.branches)
