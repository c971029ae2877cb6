"""What all formats write: a layout, its title, names for its states, and what lies over it: a run, or changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.drawing.elements import MISSING_TYPE, Box, EdgeKind, Layout, Zoom
from sfdebug.json_pointer import format_pointer
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS
from sfdebug.text import stripped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Edge, Layout
    from sfdebug.reports.graphs.changes import DrawnChanges
    from sfdebug.reports.graphs.overlay import CoverageOverlay, Marked, RecordingOverlay

NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def state_id(path: StatePath) -> str:
    """The id of the state at `path`: its steps joined by "/", `Fan out/1/Resize`; "" for the top level.

    A "/" in a state's name is written ~1 and a "~" ~0, as in a JSON Pointer (RFC 6901): no two paths have one id.
    """
    return format_pointer(path)[1:]


class GraphExport(Struct, frozen=True, dict=True):
    """A drawn graph; `title` is the definition's name. Over it lies an execution, or many,
    or what has changed, or nothing."""

    layout: Layout
    title: str
    overlay: RecordingOverlay | CoverageOverlay | None = None
    changes: DrawnChanges | None = None

    def name(self, box: Box) -> str:
        """The whole name of a state, without the control characters in it."""
        return stripped(str(box.path[-1])) or "(no name)"

    @property
    def is_marked(self) -> bool:
        """Whether something lies over the drawing."""
        return self.overlay is not None or self.changes is not None

    def marked(self, box: Box) -> Marked | None:
        """What the overlay says of a state; None without an overlay, and for a state that was not visited."""
        return self.overlay.states.get(box.path) if self.overlay is not None else None

    def status(self, box: Box) -> str:
        """The status of a state, a key of `STATUS_SIGNS`, or what became of it, one of `CHANGE_SIGNS`; "" for nothing,
        and for a missing target."""
        if self.changes is not None:
            return self.changes.status(box)
        if self.overlay is None or box.type == MISSING_TYPE:
            return ""
        marked = self.marked(box)
        return marked.status.value if marked is not None else "unvisited"

    def status_texts(self, box: Box) -> tuple[str, ...]:
        """The status as a sign and words, whole and then shorter and shorter: `✓ done×3`, `✓ ×3`; none without one."""
        status, marked = self.status(box), self.marked(box)
        if not status:
            return ()
        if self.changes is not None:
            return self.changes.texts(box)
        signs = STATUS_SIGNS[status]
        if marked is None:
            return (signs.sign,)
        times = f"×{marked.visits}" if marked.visits > 1 else ""
        return (
            f"{signs.sign} {signs.word}{times}",
            f"{signs.sign} {times or signs.word}",
            f"{signs.sign}{times}",
            signs.sign,
        )

    def status_text(self, box: Box) -> str:
        """The status as a sign and a word, with the number of visits: `✓ done ×3`; "" without one."""
        if self.changes is not None:
            return next(iter(self.status_texts(box)), "")
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
    def looks(self) -> Mapping[int, str]:
        """What lies over each edge, by its index: "taken", or what became of it; those that nothing lies over are left
        out."""
        if self.changes is not None:
            return self.changes.edges(self.layout)
        return dict.fromkeys(self.taken, "taken")

    def look(self, edges: Iterable[int]) -> str:
        """What lies over a stretch of line that these edges share: that one was taken is said of all of
        it, that one was added or removed only where all were."""
        found = [self.looks.get(index, "") for index in edges]
        if "taken" in found:
            return "taken"
        return found[0] if found and len(set(found)) == 1 else ""

    @cached_property
    def edge_texts(self) -> Mapping[int, str]:
        """What stands beside edges: `×3` at one that was taken three times, `+` at one that was added. Those of
        one line have one text."""
        if self.changes is None:
            return {index: f"×{count}" for index, count in self._counts_of_lines.items() if count > 1}
        groups = self._lines
        found = {}
        for index in self.looks:
            signs = [CHANGE_SIGNS[self.looks[each]].sign for each in groups[index] if each in self.looks]
            is_all = len(signs) == len(groups[index])
            found[index] = signs[0] if is_all and len(set(signs)) == 1 else CHANGE_SIGNS["changed"].sign
        return found

    def edge_text(self, index: int) -> str:
        """What tells of one edge by itself, in formats that draw each by its own: `×3`, `+`; "" for nothing."""
        if self.changes is not None:
            look = self.looks.get(index, "")
            return CHANGE_SIGNS[look].sign if look else ""
        count = self.taken.get(index, 0)
        return f"×{count}" if count > 1 else ""

    @cached_property
    def _counts_of_lines(self) -> Mapping[int, int]:
        """A history does not say which rule of a Choice matched: of those of one line, each has the count of all."""
        return {index: max(self.taken.get(each, 0) for each in self._lines[index]) for index in self.taken}

    @cached_property
    def _lines(self) -> Mapping[int, list[int]]:
        """The edges with which each edge shares its line."""
        groups: dict[tuple[StatePath, StatePath, bool], list[int]] = {}
        for index, edge in enumerate(self.layout.edges):
            groups.setdefault((edge.source, edge.target, edge.kind is EdgeKind.CATCH), []).append(index)
        return {index: together for together in groups.values() for index in together}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many of the drawn states have each status, in the order of `STATUS_SIGNS`; none is left out but zeros."""
        statuses = [self.status(box) for box in self.layout.boxes]
        return {status: statuses.count(status) for status in STATUS_SIGNS if status in statuses}

    def summary(self) -> str:
        """What lies over the drawing in one line: `FAILED after 12 events: ✗ failed 1, ✓ done 3`; "" for nothing."""
        if self.changes is not None:
            return self.changes.summary()
        if self.overlay is None:
            return ""
        parts = [f"{STATUS_SIGNS[status].sign} {STATUS_SIGNS[status].word} {n}" for status, n in self.counts.items()]
        listed = ", ".join(part.replace(" ", NO_BREAK) for part in parts)
        return f"{self.overlay.outcome}: {listed}"

    def heading(self) -> str:
        """The summary with what it is of: the recording's name, or both definitions'; "" without one."""
        if self.changes is not None:
            return f"{self.changes.title}: {self.summary()}"
        return f"{stripped(self.overlay.source)}: {self.summary()}" if self.overlay is not None else ""

    def details(self) -> list[tuple[str, str]]:
        """What is said of single states and transitions below the drawing: a sign, and the words behind it."""
        if self.changes is not None:
            return self.changes.details()
        return [("", line) for line in self.status_lines()]

    def status_lines(self) -> list[str]:
        """The states by their status, in words, for zooms where a state has room for its sign alone."""
        if self.layout.zoom is Zoom.FULL or self.overlay is None:
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

    def unplaced_texts(self, edges: Iterable[int]) -> list[str]:
        """What should stand beside edges that have no room for it, in words: `Look → Ended? ×4`. Of changes each one is
        said below the drawing anyway."""
        if self.changes is not None:
            return []
        return [f"{transition_title(self.layout.edges[index])} {self.edge_texts[index]}" for index in edges]

    def legend(self) -> list[tuple[str, str]]:
        """What labels say that are cut or not drawn: (their sign, or the transition that they are of; the text)."""
        layout = self.layout
        if layout.zoom is not Zoom.DOTS:
            return [(entry.sign, entry.text) for entry in layout.legend]
        heads = (dict.fromkeys(transition_title(layout.edges[index]) for index in each.edges) for each in layout.legend)
        return [(f"{', '.join(head)}:", entry.text) for head, entry in zip(heads, layout.legend, strict=True)]

    def remarks(self) -> list[str]:
        """What is wrong with the machine, and what of the overlay does not fit it; one line each."""
        return [*self.layout.notes, *(self.overlay.problems if self.overlay is not None else ())]


def transition_title(edge: Edge) -> str:
    """A transition as a text names it: `Look → Ended?`."""
    source = stripped(str(edge.source[-1])) if edge.source and edge.kind is not EdgeKind.START else "start"
    return f"{source} → {stripped(str(edge.target[-1]))}"


_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST: Final = 40


def plain_names(layout: Layout, prefix: str = "s_") -> Mapping[StatePath, str]:
    """A name for each box: `s_Check_stock`. The `prefix` keeps it from being a keyword of the language (`end`, `node`).

    Names that would be the same are told apart by a number, in the order of the boxes.
    """
    found: dict[StatePath, str] = {}
    used: set[str] = set()
    for box in layout.boxes:
        plain = prefix + (_OTHER.sub("_", str(box.path[-1])).strip("_")[:_LONGEST].rstrip("_") or "state")
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
