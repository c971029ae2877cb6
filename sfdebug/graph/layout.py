"""From a definition to a layout, drawn tighter where that makes it fit a width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.graph.composing import compose
from sfdebug.graph.drawing import Layout
from sfdebug.graph.model import ScopeModel, scope_model
from sfdebug.graph.scopes import Drawing, Room, draw

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
"""Beyond these multiples of the width, stacking branches or cutting names is not worth trying."""

_TIGHTER: Final = ((21, 16), (17, 14), (15, 12))
"""What names and labels are cut to, one after the other, to make a drawing fit."""


def build(
    machine: StateMachine,
    collapsed: frozenset[StatePath] = frozenset(),
    max_name: int = MAX_NAME,
    max_width: int = MAX_WIDTH,
) -> Layout:
    """Lay out `machine`. Never raises on a faulty one: what is wrong is drawn, and said in `Layout.notes`.

    Containers at the paths `collapsed` are drawn shut. Names are cut to `max_name` cells. A drawing that would be
    somewhat wider than `max_width` is drawn tighter, if that makes it fit: branches of a Parallel below one
    another, names and labels cut shorter. One that cannot fit is drawn as asked, however wide.
    """
    scope = scope_model(machine, collapsed)
    return compose(_fitted(scope, max(_LEAST_NAME, max_name), max_width), scope.notes)


def _fitted(scope: ScopeModel, name: int, width: int) -> Drawing:
    """The drawing with the longest names that fits; as asked when none does, or it is too large to try."""
    drawing = draw(scope, Room(name, LABEL_WIDTH, width))
    if drawing.width <= width or _size_of(scope) > _MANY:
        return drawing
    narrowest = drawing.width
    for room in _tighter(scope, name, width):
        if narrowest > (_HOPELESS if room.name == name else _TOO_WIDE_FOR_NAMES) * width:
            break
        candidate = draw(scope, room)
        if candidate.width <= width:
            return candidate
        narrowest = min(narrowest, candidate.width)
    return drawing


def _tighter(scope: ScopeModel, name: int, width: int) -> Iterator[Room]:
    """What to try, in order, when a drawing is too wide."""
    if any(len(item.branches) > 1 for item in scope.items):
        yield Room(name, LABEL_WIDTH, width // 2)
    for tight_name, tight_label in _TIGHTER:
        if name > tight_name:
            yield Room(tight_name, tight_label, width // 2)


def _size_of(scope: ScopeModel) -> int:
    return len(scope.items) + sum(_size_of(branch) for item in scope.items for branch in item.branches)
