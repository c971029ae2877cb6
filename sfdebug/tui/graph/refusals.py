"""Why a key of the graph does nothing: in a sentence, with the key that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import Badge
from sfdebug.text import clean
from sfdebug.tui.keys import COMMANDS, KeyScope, key_label, key_of

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Layout

_SIDES: Final = {"left": "on the left of", "right": "on the right of"}
_ENDS: Final = {"first": "the first state", "last": "the last state"}
_EDGES: Final = {(0, -1): "top", (0, 1): "bottom", (-1, 0): "left end", (1, 0): "right end"}


def why_nothing_selected() -> str:
    """Why a key that does something with the selected state does nothing."""
    return f"no state is selected: {key_of('graph.first')} goes to the first"


def why_no_walk(layout: Layout, path: StatePath, way: str) -> str:
    """Why a key leads nowhere from a state; `way` is a key of `walk.WAYS`."""
    box = layout.box(path)
    if box is None:
        return why_nothing_selected() if layout.boxes else "nothing is drawn"
    name = clean(str(path[-1]))
    if way in _ENDS:
        return f"{name} is {_ENDS[way]}"
    if way in _SIDES:
        return f"no state stands {_SIDES[way]} {name}"
    if way == "outside":
        return f"{name} is in no Parallel or Map"
    if way == "inside":
        return _why_not_inside(box, name)
    if way == "up":
        return f"nothing leads to {name}" if Badge.UNREACHABLE in box.badges else f"{name} is the first state"
    return f"{name} is where the run ends" if _is_end(box) else f"nothing leads on from {name}"


def _why_not_inside(box: Box, name: str) -> str:
    if box.collapsed:
        return f"{name} is folded: {key_of('graph.fold')} unfolds it"
    return f"{name} has no states in it" if box.is_container else f"{name} is a {box.type}: nothing is in it"


def _is_end(box: Box) -> bool:
    return any(badge in box.badges for badge in (Badge.END, Badge.SUCCEED, Badge.FAIL))


def why_no_fold(layout: Layout, path: StatePath) -> str:
    """Why a state cannot be folded."""
    box = layout.box(path)
    if box is None:
        return why_nothing_selected()
    around = f"; {key_of('graph.outside')} goes to the one around it" if box.parent else ""
    return f"{clean(str(path[-1]))} is a {box.type}: only a Parallel or Map can be folded{around}"


def why_no_zoom(step: int) -> str:
    """Why states cannot be drawn larger, or smaller."""
    other, way = ("graph.smaller", "smaller") if step > 0 else ("graph.larger", "larger")
    size = "as full boxes" if step > 0 else "as dots"
    return (
        f"the states are drawn {size} already: {key_of(other)} draws them {way}, {key_of('graph.fit')} as large as fits"
    )


def why_no_scroll(columns: int, rows: int, *, is_all_in_view: bool) -> str:
    """Why the drawing does not move in a direction."""
    if is_all_in_view:
        return "all of the graph is in view"
    way = (columns > 0) - (columns < 0), (rows > 0) - (rows < 0)
    return f"this is the {_EDGES[way]} of the graph"


def why_no_key(key: str) -> str:
    """Why a key, by Textual's name, does nothing where it was typed."""
    label = key_label(key)
    scopes = {command.scope: command for command in COMMANDS if key in (*command.keys, *command.aliases)}
    if KeyScope.GRAPH in scopes:
        return f"{label} ({scopes[KeyScope.GRAPH].label}) is a key of the graph: {key_of('look.graph')} goes there"
    if KeyScope.LISTS in scopes:
        return f"{label} ({scopes[KeyScope.LISTS].label}) is a key of lists: {key_of('look.stages')} goes to one"
    return f"{label} does nothing here: {key_of('program.help')} shows all keys"
