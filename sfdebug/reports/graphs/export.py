"""What all formats write: a layout, its title, names for its states, and the overlay of an execution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sfdebug.drawing.elements import MISSING_TYPE, Badge, Box, Layout, Zoom
from sfdebug.json_pointer import format_pointer
from sfdebug.text import counted, stripped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Layout
    from sfdebug.reports.graphs.overlay import Marked, RecordingOverlay

NO_BREAK: Final = "\N{NO-BREAK SPACE}"


class StatusSign(NamedTuple):
    """How a status is told besides its colour: a sign, the same in ASCII, a word."""

    sign: str
    ascii: str
    word: str


STATUS_SIGNS: Final[Mapping[str, StatusSign]] = {
    "current": StatusSign("▸", ">", "here"),
    "waiting": StatusSign("?", "?", "waits"),
    "failed": StatusSign("✗", "x", "failed"),
    "caught": StatusSign("!", "!", "caught"),
    "done": StatusSign("✓", "v", "done"),
    "aborted": StatusSign("∘", "o", "cut off"),
    "unvisited": StatusSign("·", ".", "not visited"),
}
"""By `MarkStatus`, as on the screen; in the order in which they count."""

PALETTES: Final[Mapping[str, Mapping[str, str]]] = {
    "light": {
        "paper": "#fbfaf7", "box": "#ffffff", "group": "#f3f1ea", "text": "#23272e", "muted": "#5a6370",
        "frame": "#a9aeb6", "line": "#8a919c", "catch": "#a8440c", "label": "#4a525e",
        "done": "#0a5fb4", "failed": "#b3261e", "caught": "#7b3fb5", "current": "#b35900", "waiting": "#8a5a00",
        "faint": "#767d88",
    },
    "dark": {
        "paper": "#13161b", "box": "#1e242d", "group": "#181c23", "text": "#d5dae2", "muted": "#98a2b2",
        "frame": "#4f5866", "line": "#758091", "catch": "#ff9e80", "label": "#b4bcc9",
        "done": "#6cb6ff", "failed": "#ff7b72", "caught": "#d2a8ff", "current": "#ffb454", "waiting": "#f2cc8f",
        "faint": "#828c9b",
    },
}  # fmt: skip
"""The colours of formats that have their own, by theme and by what they mean."""

BADGE_WORDS: Final[Mapping[str, str]] = {
    Badge.RETRY: "Retry",
    Badge.UNREACHABLE: "unreachable",
}
"""Badges that tell something that the type does not, in words."""


def state_id(path: StatePath) -> str:
    """The id of the state at `path`: its steps joined by "/", `Fan out/1/Resize`; "" for the top level.

    A "/" in a state's name is written ~1 and a "~" ~0, as in a JSON Pointer (RFC 6901): no two paths have one id.
    """
    return format_pointer(path)[1:]


class GraphExport(Struct, frozen=True, dict=True):
    """A drawn graph; `title` is the definition's name."""

    layout: Layout
    title: str
    overlay: RecordingOverlay | None = None

    def name(self, box: Box) -> str:
        """The whole name of a state, without the control characters in it."""
        return stripped(str(box.path[-1])) or "(no name)"

    def marked(self, box: Box) -> Marked | None:
        """What the overlay says of a state; None without an overlay, and for a state that was not visited."""
        return self.overlay.states.get(box.path) if self.overlay is not None else None

    def status(self, box: Box) -> str:
        """The status of a state, a key of `STATUS_SIGNS`; "" without an overlay, and for a missing target."""
        if self.overlay is None or box.type == MISSING_TYPE:
            return ""
        marked = self.marked(box)
        return marked.status.value if marked is not None else "unvisited"

    def status_text(self, box: Box) -> str:
        """The status as a sign and a word, with the number of visits: `✓ done ×3`; "" without one."""
        status, marked = self.status(box), self.marked(box)
        if not status or marked is None:
            return ""
        signs = STATUS_SIGNS[status]
        return f"{signs.sign} {signs.word}" + (f" ×{marked.visits}" if marked.visits > 1 else "")

    @cached_property
    def taken(self) -> Mapping[int, int]:
        """How often each edge was taken, by its index; those that were not are left out."""
        if self.overlay is None:
            return {}
        found = {}
        for (source, target, kind), count in self.overlay.taken.items():
            index = self.layout.edge_index(source, target, kind)
            if index is not None:
                found[index] = count
        return found

    def is_taken(self, edges: Iterable[int]) -> bool:
        """Whether one of these edges was taken."""
        return any(index in self.taken for index in edges)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many of the drawn states have each status, in the order of `STATUS_SIGNS`; none is left out but zeros."""
        statuses = [self.status(box) for box in self.layout.boxes]
        return {status: statuses.count(status) for status in STATUS_SIGNS if status in statuses}

    def summary(self) -> str:
        """The overlay in one line: `FAILED after 12 events: ✗ failed 1, ✓ done 3, · not visited 2`; "" without one."""
        if self.overlay is None:
            return ""
        parts = [f"{STATUS_SIGNS[status].sign} {STATUS_SIGNS[status].word} {n}" for status, n in self.counts.items()]
        listed = ", ".join(part.replace(" ", NO_BREAK) for part in parts)
        return f"{self.overlay.status.value} after {counted(self.overlay.events, 'event')}: {listed}"

    def status_lines(self) -> list[str]:
        """The states by their status, in words, for zooms where a state has room for its sign alone."""
        if self.layout.zoom is Zoom.FULL:
            return []
        found: dict[str, list[str]] = {}
        for box in self.layout.boxes:
            status, marked = self.status(box), self.marked(box)
            if marked is not None:
                times = f" ×{marked.visits}" if marked.visits > 1 else ""
                found.setdefault(status, []).append(self.name(box) + times)
        return [
            f"{signs.sign} {signs.word}: {', '.join(found[status])}"
            for status, signs in STATUS_SIGNS.items()
            if status in found
        ]

    def legend(self) -> list[tuple[str, str]]:
        """What labels say that are cut or not drawn: (their sign, or the transition that they are of; the text)."""
        layout = self.layout
        if layout.zoom is not Zoom.DOTS:
            return [(entry.sign, entry.text) for entry in layout.legend]
        found = []
        for entry in layout.legend:
            edge = layout.edges[entry.edges[0]]
            found.append((f"{stripped(str(edge.source[-1]))} → {stripped(str(edge.target[-1]))}:", entry.text))
        return found

    def remarks(self) -> list[str]:
        """What is wrong with the machine, and what of the overlay does not fit it; one line each."""
        return [*self.layout.notes, *(self.overlay.problems if self.overlay is not None else ())]


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
