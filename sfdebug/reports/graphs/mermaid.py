"""The graph as a Mermaid flowchart: containers as subgraphs, Catch dashed, labels whole.

A flowchart and not a state diagram, because that has no dashed transitions and no labels on its containers' edges.
Source: Mermaid's documentation, "Flowcharts - Basic Syntax" (entity codes, subgraphs, styling).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import MISSING_TYPE, Badge, EdgeKind
from sfdebug.reports.graphs.export import plain_names, scopes
from sfdebug.reports.graphs.signs import BADGE_WORDS
from sfdebug.reports.graphs.source_key import KEY_TITLE, key_graphs
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Edge
    from sfdebug.reports.graphs.export import GraphExport

MAX_TEXT: Final = 50_000
MAX_EDGES: Final = 500
"""What Mermaid draws unless its page allows more: `maxTextSize` and `maxEdges` of its configuration."""

_PLAIN: Final = re.compile(r"(?!:(?= |$))[^\w ,.!?=/()'\u0080-\U0010ffff-]|(?<!\w)[-_]|_(?!\w)|(?<=\d)\.(?=\s|$)")
"""Characters that mean something to Mermaid or to the Markdown in its labels; digits before a dot make a list,
and a colon before a word may be an icon."""

_SHAPES: Final = {
    "Choice": ('{"', '"}'),
    "Wait": ('{{"', '"}}'),
    "Pass": ('("', '")'),
    "Succeed": ('(["', '"])'),
    "Fail": ('(["', '"])'),
}
_BOX: Final = ('["', '"]')
_ENDS: Final = {Badge.END: "■", Badge.SUCCEED: "✓", Badge.FAIL: "✗"}

_CLASSES: Final = {
    "done": "stroke:#2f7fd1,stroke-width:2px",
    "failed": "stroke:#d0453c,stroke-width:3px",
    "caught": "stroke:#9a5fd0,stroke-width:2px",
    "current": "stroke:#d07a10,stroke-width:4px",
    "waiting": "stroke:#d07a10,stroke-width:2px",
    "aborted": "stroke-dasharray:2 3",
    "unvisited": "opacity:0.6",
    "missing": "stroke:#d0453c,stroke-dasharray:2 3",
    "added": "stroke:#2da44e,stroke-width:3px",
    "removed": "stroke:#d0453c,stroke-width:2px,stroke-dasharray:6 3",
    "changed": "stroke:#c08a10,stroke-width:3px",
    "renamed": "stroke:#c08a10,stroke-width:2px",
}
"""Strokes that can be seen on a light page and on a dark one; fills and text are left to the page's theme."""

_LINKS: Final = {
    ("", True): "stroke:#c2622d",
    ("unvisited", False): "opacity:0.5",
    ("unvisited", True): "stroke:#c2622d,opacity:0.5",
    ("taken", False): "stroke:#2f7fd1,stroke-width:3px",
    ("taken", True): "stroke:#9a5fd0,stroke-width:3px",
    **{("added", is_catch): "stroke:#2da44e,stroke-width:3px" for is_catch in (False, True)},
    **{("removed", is_catch): "stroke:#d0453c,stroke-width:1.5px" for is_catch in (False, True)},
    **{("changed", is_catch): "stroke:#c08a10,stroke-width:3px" for is_catch in (False, True)},
}
"""How a line looks by what lies over it, and whether it is a Catch: that has a tone of its own, and is dashed."""

_IN_A_ROW: Final = 3
"""So many states of the key stand beside one another."""

_NEW_LINE: Final = re.compile(r"(#92;)(?=n)")
"""Mermaid makes a line break of a backslash and an n, however they are written: a joiner without width parts them."""


def escape(text: str) -> str:
    """`text` inside a quoted label: what Mermaid or Markdown would take as a sign is written as an entity code."""
    return _NEW_LINE.sub(r"\1#8288;", _PLAIN.sub(lambda found: f"#{ord(found[0])};", text))


def render(export: GraphExport, *, key: bool = False) -> str:
    """The export as Mermaid source; `key` adds what every sign means."""
    title = export.heading() if export.changes is not None else export.title
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---", "flowchart TB"]
    if export.overlay is not None:
        lines.append(f"    %% {escape(export.heading())}")
    writer = _MermaidWriter(export)
    lines += writer.drawn(1)
    styles, links = writer.styles(), writer.links
    if key:
        lines += [f'    subgraph key["{KEY_TITLE}"]', "        direction LR"]
        for number, graph in enumerate(key_graphs(export)):
            writer = _MermaidWriter(graph, f"k{number}_", links)
            lines += [*writer.drawn(2), *writer.rows(2)]
            styles += writer.styles()
            links = writer.links
        lines.append("    end")
    used = {line.rpartition(" ")[2] for line in styles if line.startswith("    class ")}
    lines += [f"    classDef {name} {look}" for name, look in _CLASSES.items() if name in used]
    return "\n".join([*lines, *styles, ""])


class _MermaidWriter:
    """Writes one graph; `links` is how many transitions stand in front of its own."""

    def __init__(self, export: GraphExport, prefix: str = "s_", links: int = 0) -> None:
        self.export = export
        self.layout = export.layout
        self.names = plain_names(export.layout, prefix)
        self.scopes = scopes(export.layout)
        self.links = links
        self.looks: dict[str, list[int]] = {}

    def drawn(self, depth: int) -> Iterator[str]:
        """The states and transitions."""
        return self._scope((), depth)

    def rows(self, depth: int) -> Iterator[str]:
        """Links that nobody sees, which put the states that nothing leads to into rows of three."""
        linked = {(edge.source, edge.target) for edge in self.layout.edges}
        boxes = [box.path for box in self.layout.boxes if not box.parent and not box.is_open]
        for number, ends in enumerate(pairwise(boxes), 1):
            if number % _IN_A_ROW and ends not in linked:
                yield f"{'    ' * depth}{self.names[ends[0]]} ~~~ {self.names[ends[1]]}"
                self.links += 1

    def styles(self) -> list[str]:
        """How states and transitions look that something lies over, or that are no Next; after they were `drawn`."""
        found = []
        for box in self.layout.boxes:
            status = "missing" if box.type == MISSING_TYPE else self.export.status(box)
            if status:
                found.append(f"    class {self.names[box.path]} {status}")
        found += [f"    linkStyle {','.join(map(str, links))} {look}" for look, links in self.looks.items()]
        return found

    def _scope(self, scope: StatePath, depth: int) -> Iterator[str]:
        """A scope's states with what is in them, then its transitions."""
        inside = {self.layout.boxes[index].path for index in self.scopes.get(scope, ())}
        for index in self.scopes.get(scope, ()):
            yield from self._box(self.layout.boxes[index], depth)
        for index, edge in enumerate(self.layout.edges):
            if edge.target in inside:
                yield from self._edge(index, edge, depth)

    def _box(self, box: Box, depth: int) -> Iterator[str]:
        indent = "    " * depth
        name = self.names[box.path]
        branches = sorted({scope for scope in self.scopes if scope[:-1] == box.path}, key=lambda scope: int(scope[-1]))
        if not branches:  # Mermaid draws no subgraph without a node
            opening, closing = _SHAPES.get(box.type, _BOX)
            yield f"{indent}{name}{opening}{self._label(box)}{closing}"
            return
        yield f'{indent}subgraph {name}["{self._title(box)}"]'
        yield f"{indent}    direction TB"
        for branch in branches:
            if len(branches) == 1:
                yield from self._scope(branch, depth + 1)
                continue
            yield f'{indent}    subgraph {name}__{branch[-1]}["branch {int(branch[-1]) + 1}"]'
            yield f"{indent}        direction TB"
            yield from self._scope(branch, depth + 2)
            yield f"{indent}    end"
        yield f"{indent}end"

    def _title(self, box: Box) -> str:
        """What stands above an open container: `Map: Each order ↻ Retry`. Mermaid leaves room for one line."""
        words = [f"{box.type}: {self.export.name(box)}", *_badges(box)]
        status = self.export.status_text(box)
        return escape(" · ".join(filter(None, (" ".join(words), status))))

    def _label(self, box: Box) -> str:
        words = ["no such state" if box.type == MISSING_TYPE else box.type]
        if box.collapsed:
            words[0] += f", {counted(box.content, 'state')}"
        words += _badges(box)
        lines = [escape(self.export.name(box)), escape(" ".join(words)), escape(self.export.status_text(box))]
        return "<br/>".join(filter(None, lines))

    def _edge(self, index: int, edge: Edge, depth: int) -> Iterator[str]:
        indent = "    " * depth
        target = self.names[edge.target]
        if edge.kind is EdgeKind.START:
            if not edge.corners:
                return
            source = f"start_{target}"
            yield f'{indent}{source}(("start"))'
        else:
            source = self.names[edge.source]
        arrow = "-.->" if edge.kind is EdgeKind.CATCH else "-->"
        beside = self.export.edge_text(index)
        text = escape(" ".join(filter(None, (", ".join(edge.labels), beside))))
        yield f"{indent}{source} {arrow}" + (f'|"{text}"| ' if text else " ") + target
        name = self.export.look([index]) or ("unvisited" if self.export.overlay is not None else "")
        look = _LINKS.get((name, edge.kind is EdgeKind.CATCH))
        if look is not None:
            self.looks.setdefault(look, []).append(self.links)
        self.links += 1


def _badges(box: Box) -> list[str]:
    """What a state has besides its type: `↻ Retry`, `unreachable`, `■`."""
    words = [f"↻ {BADGE_WORDS[badge]}" for badge in box.badges if badge == Badge.RETRY]
    words += [BADGE_WORDS[badge] for badge in box.badges if badge == Badge.UNREACHABLE]
    return words + [sign for badge, sign in _ENDS.items() if badge in box.badges]


def too_large(text: str, export: GraphExport) -> str:
    """Why a page may refuse to draw `text`; "" when it is small enough."""
    if len(text) > MAX_TEXT:
        return f"{len(text):,} characters are more than the {MAX_TEXT:,} that Mermaid takes unless told otherwise"
    count = len(export.layout.edges)
    return f"{count} edges are more than the {MAX_EDGES} that Mermaid takes" if count > MAX_EDGES else ""
