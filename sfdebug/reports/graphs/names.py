"""Node names for languages that want plain words: made of a state's name, each once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Layout

_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST: Final = 40


def plain_names(layout: Layout) -> Mapping[StatePath, str]:
    """A name for each box: `s_Check_stock`. The prefix keeps it from being a keyword of the language (`end`, `node`).

    Names that would be the same are told apart by a number, in the order of the boxes.
    """
    found: dict[StatePath, str] = {}
    used: set[str] = set()
    for box in layout.boxes:
        plain = "s_" + (_OTHER.sub("_", str(box.path[-1])).strip("_")[:_LONGEST].rstrip("_") or "state")
        name, count = plain, 1
        while name in used:
            count += 1
            name = f"{plain}_{count}"
        used.add(name)
        found[box.path] = name
    return found


def scopes(layout: Layout) -> Mapping[StatePath, list[int]]:
    """The boxes of each scope, as indices; by the path of the scope: `()`, or a container's path and a branch."""
    found: dict[StatePath, list[int]] = {}
    for index, box in enumerate(layout.boxes):
        found.setdefault(box.path[:-1], []).append(index)
    return found
