"""From a definition to a layout, drawn tighter where that makes it fit a width."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.comparison import MachineComparison
from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.collection import without_collection
from sfdebug.drawing.elements import Layout, Zoom, letters
from sfdebug.drawing.layout.compose import compose
from sfdebug.drawing.layout.edge_bundles import Planner, TooDenseError
from sfdebug.drawing.layout.scopes import Room, ScopeDrawing, draw, least_size, plan
from sfdebug.drawing.model import ScopeModel, scope_model
from sfdebug.drawing.union import union_model

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


def build(
    machine: StateMachine | MachineComparison,
    collapsed: frozenset[StatePath] = frozenset(),
    max_name: int = MAX_NAME,
    max_width: int = MAX_WIDTH,
    zoom: Zoom = Zoom.FULL,
) -> Layout:
    """Lay out `machine`, or two that are compared. Never raises on a faulty one: what is wrong is drawn, and said in
    `Layout.notes`.

    Containers at the paths `collapsed` are drawn shut. Names are cut to `max_name` cells. A drawing that would be
    somewhat wider than `max_width` is drawn tighter, if that makes it fit: branches of a Parallel below one
    another, names and labels cut shorter. One that cannot fit is drawn as asked, however wide. `zoom` is how large
    states are drawn. Of a machine with too many transitions to be drawn in a few seconds only those are drawn by which
    each state is reached first; the notes say so.
    """
    return Builder(machine, collapsed).build(max_name, max_width, zoom)


class _Planned(Struct, frozen=True):
    """What is drawn of a machine, and the order that it is drawn in."""

    scope: ScopeModel
    planner: Planner
    is_thinned: bool

    def room(self, max_name: int, max_width: int, zoom: Zoom) -> Room:
        """What names, labels and branches may take."""
        return Room(max(_LEAST_NAME, max_name), LABEL_WIDTH, max_width, len(letters(_captions(self.scope))), zoom)


class Builder:
    """Lays out one machine, or two that are compared, in several sizes. What hangs on no size is found out once."""

    def __init__(self, drawn: StateMachine | MachineComparison, collapsed: frozenset[StatePath] = frozenset()) -> None:
        self._drawn = drawn
        self._collapsed = collapsed
        self._whole = self._model()
        self._planned: dict[bool, _Planned] = {}
        """With labels beside the lines, and without them, where states are dots."""

    @without_collection
    def build(self, max_name: int, max_width: int, zoom: Zoom) -> Layout:
        """Lay the machine out as the function of this name does."""
        planned = self._plan(zoom)
        drawing = _fitted(planned.scope, planned.room(max_name, max_width, zoom), max_width, planned.planner)
        return compose(drawing, planned.scope.notes, zoom)

    @without_collection
    def least_size(self, max_name: int, max_width: int, zoom: Zoom) -> tuple[int, int]:
        """What width and height the layout of this size has at least, in a tenth of the time that it takes to make it.

        Returns:
            (0, 0) where that is not known, since the machine may be drawn tighter so that it fits.
        """
        # Layers do not hang on labels, and a machine that is not too dense with them is not without.
        planned = self._plan(Zoom.FULL)
        if planned.is_thinned and zoom is Zoom.DOTS:
            return 0, 0
        scope, planner, room = planned.scope, planned.planner, planned.room(max_name, max_width, zoom)
        width, height = least_size(scope, room, planner)
        if width <= max_width:
            return 0, 0
        rooms = _tighter(scope, room, max_width) if _size_of(scope) <= _MANY else []
        if not rooms or width > _worth_trying(scope) * max_width:
            return width, height
        return (width, height) if least_size(scope, rooms[-1], planner)[0] > max_width else (0, 0)

    def _model(self, *, is_thinned: bool = False) -> ScopeModel:
        if isinstance(self._drawn, MachineComparison):
            return union_model(self._drawn, self._collapsed, is_thinned=is_thinned)
        return scope_model(self._drawn, self._collapsed, is_thinned=is_thinned)

    def _plan(self, zoom: Zoom) -> _Planned:
        """The order of all scopes; where that takes too long, of a machine with fewer transitions."""
        is_dots = zoom is Zoom.DOTS
        if is_dots not in self._planned:
            try:
                found = self._put_in_order(self._whole, zoom)
            except TooDenseError:
                thinned = self._model(is_thinned=True)
                found = self._put_in_order(thinned, zoom, is_thinned=True)
            self._planned[is_dots] = found
        return self._planned[is_dots]

    def _put_in_order(self, scope: ScopeModel, zoom: Zoom, *, is_thinned: bool = False) -> _Planned:
        planned = _Planned(scope, Planner(), is_thinned)
        plan(scope, planned.room(MAX_NAME, MAX_WIDTH, zoom), planned.planner)
        return planned


def _worth_trying(scope: ScopeModel) -> float:
    """The multiple of a width up to which a drawing may be made to fit it."""
    is_stacked = any(len(item.branches) > 1 for item in scope.items)
    return _HOPELESS if is_stacked else _TOO_WIDE_FOR_NAMES


def _fitted(scope: ScopeModel, room: Room, width: int, planner: Planner) -> ScopeDrawing:
    """The drawing with the longest names that fits; as asked when none does, or it is too large to try."""
    drawing = draw(scope, room, planner)
    if drawing.width <= width or _size_of(scope) > _MANY:
        return drawing
    rooms = _tighter(scope, room, width)
    if not rooms or drawing.width > _worth_trying(scope) * width:
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
