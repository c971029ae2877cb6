"""From a definition to a layout, drawn tighter where that makes it fit a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.comparison import MachineComparison
from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.collection import without_collection
from sfdebug.drawing.elements import Layout, Zoom, letters
from sfdebug.drawing.layout.compose import compose
from sfdebug.drawing.layout.edge_bundles import TooDenseError
from sfdebug.drawing.layout.rails import MOST, Rails, exit_counts
from sfdebug.drawing.layout.scopes import DrawnScopes, ScopeDrawing, ScopePlans, Sketch, least_size, plan
from sfdebug.drawing.layout.widths import Room
from sfdebug.drawing.model import ScopeModel, scope_model
from sfdebug.drawing.union import union_model

MAX_NAME: Final = 64
"""How many cells of a state's name are drawn, unless asked otherwise."""

MAX_WIDTH: Final = 118
"""The width that a drawing should keep within, unless asked otherwise."""

_LEAST_NAME: Final = 4
_MANY: Final = 40
"""A drawing of more boxes is not tried again and again: it would take too long."""

_TRIES: Final = ((100, 20, 48), (100, 20, 24), (85, 18, 20), (70, 16, 20), (55, 14, 16), (45, 12, 12), (36, 10, 10))
"""How much of the width a row may take, in hundredths, the least that names in it are cut to, and the most that labels
take, from what is tried first: lines and boxes do not always stand as near to one another as they may."""

_ASIDE: Final = 19
"""What stands beside lines among dots makes no drawing so wide that there is no room for a small map beside it."""

_VERY_MANY: Final = 120
"""One of so many is laid out once, with labels that are short from the beginning."""

_REFINED: Final = 2
_NEARLY: Final = 0.95
"""So often limits between two are tried, for a drawing that takes no more than this part of the width."""

_SPARED: Final = 8
"""So many names and labels that are cut are tried whole, in a drawing of few boxes."""

_SELDOM_LOOSE: Final = 30
"""A drawing of so many boxes hardly ever fits with the loosest limits: the second are tried first."""

_DOUBTFUL: Final = 1.25
_HOPELESS: Final = 1.85
"""Beyond this multiple of the width one drawing of two can be made to fit; beyond this, hardly any."""


@without_collection
def build(
    machine: StateMachine | MachineComparison,
    collapsed: frozenset[StatePath] = frozenset(),
    max_name: int = MAX_NAME,
    max_width: int = MAX_WIDTH,
    zoom: Zoom = Zoom.FULL,
) -> Layout:
    """Lay out `machine`, or two that are compared. Never raises on a faulty one: what is wrong is drawn, and said in
    `Layout.notes`.

    Containers at the paths `collapsed` are drawn shut. Names are whole, up to `max_name` cells, but in rows that would
    be wider than `max_width`; branches of a Parallel that would be stand below one another. A drawing that is wider
    all the same is drawn tighter, if that makes it fit. `zoom` is how large states are drawn. Of a machine with too
    many transitions to be drawn in a few seconds only those are drawn by which each state is reached first; the notes
    say so.
    """
    return Builder(machine, collapsed).build(max_name, max_width, zoom)


class _Planned(Struct, frozen=True):
    """What is drawn of a machine, and the order that it is drawn in."""

    scope: ScopeModel
    plans: ScopePlans
    is_thinned: bool

    def rooms(self, max_name: int, max_width: int, zoom: Zoom) -> list[Room]:
        """What names, labels and rows may take, from what is tried first to the tightest."""
        name, digits = max(_LEAST_NAME, max_name), len(letters(_captions(self.scope)))
        return [
            Room(name, label, max_width * share // 100, min(name, least), digits, zoom)
            for share, least, label in _TRIES
        ]


class Builder:
    """Lays out one machine, or two that are compared, in several sizes. What hangs on no size is found out once."""

    def __init__(self, drawn: StateMachine | MachineComparison, collapsed: frozenset[StatePath] = frozenset()) -> None:
        self._drawn = drawn
        self._collapsed = collapsed
        self._whole = self._model()
        self._has_shelves = _has_wide_choice(self._whole)
        self._planned: dict[object, _Planned] = {}
        """With labels beside the lines, and without them, where states are dots; with shelves, for each width."""

    @without_collection
    def build(self, max_name: int, max_width: int, zoom: Zoom) -> Layout:
        """Lay the machine out as the function of this name does."""
        planned = self._plan(zoom, max_width)
        drawing = _fitted(
            planned.scope, planned.rooms(max_name, max_width, zoom), max_width, DrawnScopes(planned.plans)
        )
        return compose(drawing, planned.scope.notes, zoom, max_width - _ASIDE)

    @without_collection
    def least_size(self, max_name: int, max_width: int, zoom: Zoom) -> tuple[int, int]:
        """What width and height the layout of this size has at least, in a tenth of the time that it takes to make it.

        Returns:
            (0, 0) where that is not known.
        """
        # Layers do not hang on labels, and a machine that is not too dense with them is not without.
        planned = self._plan(zoom if self._has_shelves else Zoom.FULL, max_width)
        if planned.is_thinned and zoom is Zoom.DOTS:
            return 0, 0
        return least_size(planned.scope, planned.rooms(max_name, max_width, zoom)[-1], planned.plans)

    def _model(self, *, is_thinned: bool = False) -> ScopeModel:
        if isinstance(self._drawn, MachineComparison):
            return union_model(self._drawn, self._collapsed, is_thinned=is_thinned)
        return scope_model(self._drawn, self._collapsed, is_thinned=is_thinned)

    def _plan(self, zoom: Zoom, max_width: int) -> _Planned:
        """The order of all scopes; where that takes too long, of a machine with fewer transitions."""
        key: object = (zoom, max_width) if self._has_shelves else zoom is Zoom.DOTS
        if key not in self._planned:
            try:
                found = self._put_in_order(self._whole, zoom, max_width)
            except TooDenseError:
                thinned = self._model(is_thinned=True)
                found = self._put_in_order(thinned, zoom, max_width, is_thinned=True)
            self._planned[key] = found
        return self._planned[key]

    def _put_in_order(self, scope: ScopeModel, zoom: Zoom, max_width: int, *, is_thinned: bool = False) -> _Planned:
        planned = _Planned(scope, ScopePlans(), is_thinned)
        plan(scope, planned.rooms(MAX_NAME, max_width, zoom)[0], planned.plans)
        return planned


def _has_wide_choice(scope: ScopeModel) -> bool:
    """Whether so many wires leave a state, here or inside, that its targets may stand on shelves."""
    return max(exit_counts(scope, Rails({}, {})), default=0) > MOST or any(
        _has_wide_choice(branch) for item in scope.items for branch in item.branches
    )


def _fitted(scope: ScopeModel, rooms: list[Room], width: int, drawn: DrawnScopes) -> ScopeDrawing:
    """The drawing with the longest names that fits; when none does, one whose names are still telling.

    One whose lines turn out to take more columns than was thought is known to be as wide when it is chosen anew.
    """
    size = _size_of(scope)
    if not scope.items or size > _VERY_MANY:
        return drawn.draw(scope, rooms[1])
    while True:
        chosen = _chosen(scope, rooms, width, drawn, size)
        thought = chosen.width
        if chosen.drawing.width == thought:
            return chosen.drawing


def _chosen(scope: ScopeModel, rooms: list[Room], width: int, drawn: DrawnScopes, size: int) -> Sketch:
    """What is drawn of a scope of so many boxes.

    How much it is too wide tells which may fit. A drawing of many boxes is not tried more than twice.
    """
    usual = drawn.sketch(scope, rooms[1]) if size >= _SELDOM_LOOSE else None
    if usual is None or _fits(usual, width):
        first = drawn.sketch(scope, rooms[0])
        if _fits(first, width):
            loose = replace(rooms[0], label=width)
            if size > _MANY:
                return first
            return _spared(scope, _loosened(scope, first, (loose, rooms[0]), width, drawn), width, drawn)
    second = drawn.sketch(scope, rooms[1])
    if size <= _MANY:
        at = 1 if _fits(second, width) else _first_that_fits(scope, rooms, width, drawn, second.width)
        if at:
            fitted = drawn.sketch(scope, rooms[at])
            return _spared(scope, _loosened(scope, fitted, (rooms[at - 1], rooms[at]), width, drawn), width, drawn)
    if usual is None and first.least_width <= second.width and first.width <= second.width:
        return first
    return second


def _first_that_fits(scope: ScopeModel, rooms: list[Room], width: int, drawn: DrawnScopes, least: int) -> int:
    """Which of the tighter rooms is the first in which a drawing fits that is `least` wide in the second; 0 for none.

    Of a drawing that is much too wide the tightest is tried before the others: where nothing fits there, nothing does.
    If it does, both widths tell about from where on the others do.
    """
    if least > _HOPELESS * width:
        return 0
    likely = [at for at in range(2, len(rooms)) if rooms[at].row * least <= width * width]  # the tightest always is
    if least <= _DOUBTFUL * width:
        return next((at for at in likely if _fits(drawn.sketch(scope, rooms[at]), width)), 0)
    tightest = drawn.sketch(scope, rooms[-1])
    if not _fits(tightest, width):
        return 0
    share = (width - tightest.least_width) / max(1, least - tightest.least_width)
    row = rooms[-1].row + share * (rooms[1].row - rooms[-1].row)
    begin = next((number for number, at in enumerate(likely) if rooms[at].row <= row), len(likely) - 1)
    return _first_about(likely, begin, lambda at: _fits(drawn.sketch(scope, rooms[at]), width))


def _first_about(limits: Sequence[int], begin: int, fits: Callable[[int], bool]) -> int:
    """The first of some limits, from loose to tight, with which a drawing fits, looked for from one of them on.

    It fits with the tightest. Of 1,179 drawings that were much too wide, each that fitted with a limit fitted with all
    tighter ones.
    """
    if not fits(limits[begin]):
        return next((limit for limit in limits[begin + 1 :] if fits(limit)), limits[-1])
    while begin and fits(limits[begin - 1]):
        begin -= 1
    return limits[begin]


def _loosened(scope: ScopeModel, sketch: Sketch, between: tuple[Room, Room], width: int, drawn: DrawnScopes) -> Sketch:
    """The sketch, or one in which less is cut: by limits between those that are too loose, and those that it has."""
    loose, tight = between
    for _ in range(_REFINED):
        if sketch.width > _NEARLY * width or sketch.is_whole:
            break
        middle = replace(
            tight,
            label=(loose.label + tight.label + 1) // 2,
            row=(loose.row + tight.row + 1) // 2,
            least=(loose.least + tight.least + 1) // 2,
        )
        tried = drawn.sketch(scope, middle)
        if _fits(tried, width):
            sketch, tight = tried, middle
        else:
            loose = middle
    return sketch


def _spared(scope: ScopeModel, sketch: Sketch, width: int, drawn: DrawnScopes) -> Sketch:
    """The sketch, or one in which names and labels are whole that had to be cut in a row that was taken to be too wide,
    where there turns out to be room: what lacks least first."""
    if sketch.is_whole or _size_of(scope) >= _SELDOM_LOOSE:
        return sketch
    lacks = sorted(sketch.drawing.lacks(), key=lambda each: (each[1][2], each[0]))
    for _, each in lacks[:_SPARED]:
        room = replace(sketch.room, spared=sketch.room.spared | {each})
        tried = drawn.sketch(scope, room)
        if _fits(tried, width):
            sketch = tried
    return sketch


def _fits(sketch: Sketch, width: int) -> bool:
    """Whether a drawing is no wider than `width`; its lines are led only if they may tell."""
    return sketch.least_width <= width and sketch.width <= width


def _captions(scope: ScopeModel) -> int:
    """How many lines of `scope` and all inside have something to say: as many numbers the legend may have."""
    inner = sum(_captions(branch) for item in scope.items for branch in item.branches)
    return inner + sum(bool(wire.captions) for wire in scope.wires)


def _size_of(scope: ScopeModel) -> int:
    return len(scope.items) + sum(_size_of(branch) for item in scope.items for branch in item.branches)
