"""Where a state stands: the Parallels and Maps around it in a line, and their titles where those are out of sight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from sfdebug.drawing.elements import STATUS_WIDTH
from sfdebug.text import ELLIPSIS, clean

if TYPE_CHECKING:
    from textual.geometry import Region

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Layout

_LEAST: Final = 6
"""In fewer cells a title tells nothing."""


def steps_to(layout: Layout, path: StatePath) -> list[str]:
    """The names of the containers around what stands at `path`, the outermost first, with the branches of Parallels."""
    steps = []
    for at, step in enumerate(path[:-1]):
        if isinstance(step, str):
            steps.append(clean(step))
            continue
        box = layout.box(path[:at])
        if box is not None and box.type == "Parallel":
            steps.append(f"branch {step + 1}")
    return steps


def trail(steps: list[str], within: str, width: int) -> str:
    """Steps in a line, with a sign behind each; the first ones are left out where it is wider than `width`."""
    shown = list(steps)
    text = "".join(f"{step} {within} " for step in shown)
    while shown and cell_len(text) > width:
        shown = shown[1:]
        text = "".join(f"{step} {within} " for step in (ELLIPSIS, *shown))
    return text


class StuckTitle(Struct, frozen=True, gc=False):
    """Where the title of a frame is shown because its own is out of sight: `width` cells from the drawing's column `x`.

    `is_frame` says that it takes the place of a whole row of what is inside, and not of the border.
    """

    path: StatePath
    x: int
    width: int
    is_frame: bool


def stuck_titles(frames: Iterable[Box], row: int, shown: Region) -> Iterator[StuckTitle]:
    """What stands in a row in view in place of titles that are further up, or further left. `frames` are the open
    containers, each before those in it."""
    for box in frames:
        left, right = max(box.x + 1, shown.x), min(box.right, shown.right)
        if row == shown.y and box.y < row < box.bottom and right - left >= _LEAST:
            yield StuckTitle(box.path, left, right - left, True)
        elif row == box.y and box.x + 2 < shown.x:
            room = min(box.right - 1 - STATUS_WIDTH, shown.right) - shown.x
            if room >= _LEAST:
                yield StuckTitle(box.path, shown.x, room, False)


def title_pieces(layout: Layout, title: StuckTitle, within: str) -> list[tuple[str, str]]:
    """What a stuck title says: where its container stands, its type, its name; each with a paint, "" for the name's."""
    box = layout.box(title.path)
    assert box is not None
    name = clean(str(box.path[-1]))
    kind = f"{box.type}: "
    room = title.width - 3 - cell_len(name)
    around = trail(steps_to(layout, box.path), within, room - cell_len(kind))
    if cell_len(around) > room - cell_len(kind):
        around = ""
    if cell_len(kind) > room:
        kind = ""
    return [(around, "muted"), (kind, "muted"), (name, "")]
