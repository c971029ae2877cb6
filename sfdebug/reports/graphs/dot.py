"""The graph in the DOT language of Graphviz: containers as clusters, Catch dashed, labels whole.

Source: Graphviz documentation, "DOT Language" (quoted strings), "lhead", "ltail", "compound".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sfdebug.drawing.elements import MISSING_TYPE, Badge, EdgeKind
from sfdebug.reports.graphs.export import plain_names, scopes, state_id
from sfdebug.reports.graphs.signs import BADGE_WORDS, CHANGE_SIGNS, PALETTES
from sfdebug.reports.graphs.source_key import KEY_TITLE, key_graphs
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Edge
    from sfdebug.reports.graphs.export import GraphExport

_SHAPES: Final = {"Succeed": "oval", "Fail": "oval"}
_STYLES: Final = {"Choice": "diagonals", "Wait": '"rounded,bold"'}
"""A Choice is a box with cut corners: a lozenge around a long name is twice as wide and high."""

_COLOURS: Final = PALETTES["light"]
_WIDTHS: Final = {
    "done": 2, "failed": 3, "caught": 2, "current": 3, "waiting": 2,
    "added": 3, "removed": 2, "changed": 3, "renamed": 2,
}  # fmt: skip
_FAINT: Final = "#868e99"
"""Frames of what was not reached: nothing is written in it."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def quoted(text: str) -> str:
    """`text` as a DOT string. A backslash is doubled: Graphviz reads escapes like \\N in labels."""
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def render(export: GraphExport, *, key: bool = False) -> str:
    """The export as DOT source; `key` adds what every sign means."""
    writer = _DotWriter(export)
    lines = [*writer.head(), *writer.drawn(1)]
    if key:
        lines += ["    subgraph cluster_key {", f"        graph [label={quoted(KEY_TITLE)}, style=solid]"]
        for number, graph in enumerate(key_graphs(export)):
            lines += _DotWriter(graph, f"k{number}_").column(2)
        lines.append("    }")
    return "\n".join([*lines, "}", ""])


class _DotWriter:
    def __init__(self, export: GraphExport, prefix: str = "s_") -> None:
        self.export = export
        self.layout = export.layout
        self.names = plain_names(export.layout, prefix)
        self.scopes = scopes(export.layout)

    def head(self) -> Iterator[str]:
        """The first lines of the source."""
        yield f"digraph {quoted(self.export.title)} {{"
        yield '    graph [compound=true, rankdir=TB, labelloc=t, fontname="Helvetica", label=' + self._title() + "]"
        yield '    node [shape=box, style=rounded, fontname="Helvetica", fontsize=12]'
        yield '    edge [fontname="Helvetica", fontsize=10]'

    def drawn(self, depth: int) -> Iterator[str]:
        """The states and transitions."""
        yield from self._scope((), depth)
        for index, edge in enumerate(self.layout.edges):
            yield from self._edge(index, edge)

    def column(self, depth: int) -> Iterator[str]:
        """The same, each state below the one before."""
        yield from self.drawn(depth)
        linked = {(edge.source, edge.target) for edge in self.layout.edges}
        for one, other in pairwise(box.path for box in self.layout.boxes if not box.is_open):
            if (one, other) not in linked:
                yield _line(self.names[one], self.names[other], ["style=invis"])

    def _title(self) -> str:
        if self.export.changes is not None:
            return quoted(self.export.heading())
        return quoted("\n".join(filter(None, (self.export.title, self.export.summary()))))

    def _scope(self, scope: StatePath, depth: int) -> Iterator[str]:
        """The states of a scope, and its start marker where it has one."""
        for index in self.scopes.get(scope, ()):
            box = self.layout.boxes[index]
            yield from self._box(box, depth)
            if any(self._is_marked(self.layout.edges[index]) for index in self.layout.edges_to(box.path)):
                look = 'label="", shape=circle, width=0.15, style=filled, fillcolor=black'
                yield f"{'    ' * depth}start_{self.names[box.path]} [{look}]"

    @staticmethod
    def _is_marked(edge: Edge) -> bool:
        """Whether it comes from a start marker."""
        return edge.kind is EdgeKind.START and bool(edge.corners)

    def _box(self, box: Box, depth: int) -> Iterator[str]:
        indent = "    " * depth
        name = self.names[box.path]
        look = self._look(box)
        if not box.is_open:
            yield f"{indent}{name} [{self._attributes(box)}{look}]"
            return
        yield f"{indent}subgraph cluster_{name} {{"
        yield f'{indent}    graph [{self._attributes(box)}, fontsize=12, style="rounded,dashed"{look}]'
        branches = sorted({scope for scope in self.scopes if scope[:-1] == box.path}, key=lambda scope: int(scope[-1]))
        if not branches:  # a container without a state: something must stand where its edges end
            yield f'{indent}    {name} [label="", shape=point]'
        for branch in branches:
            if len(branches) == 1:
                yield from self._scope(branch, depth + 1)
                continue
            yield f"{indent}    subgraph cluster_{name}__{branch[-1]} {{"
            frame = f'style=dotted, penwidth=1, color="{_FAINT}", fontcolor="{_COLOURS["muted"]}"'
            yield f'{indent}        graph [label="branch {int(branch[-1]) + 1}", {frame}]'
            yield from self._scope(branch, depth + 2)
            yield f"{indent}    }}"
        yield f"{indent}}}"

    def _attributes(self, box: Box) -> str:
        kind = "no such state" if box.type == MISSING_TYPE else box.type
        if box.collapsed:
            kind += f", {counted(box.content, 'state')}"
        words = [BADGE_WORDS[badge] for badge in box.badges if badge in BADGE_WORDS]
        words += ["End"] if Badge.END in box.badges else []
        first = f"{kind}: {self.export.name(box)}" if box.is_open else self.export.name(box)
        rest = ", ".join(words if box.is_open else [kind, *words])
        label = "\n".join(filter(None, (first, rest, self.export.status_text(box))))
        shape = f", shape={_SHAPES[box.type]}" if box.type in _SHAPES else ""
        shape += f", style={_STYLES[box.type]}" if box.type in _STYLES else ""
        status = self.export.status(box)
        css = f", class={quoted(status)}" if status else ""
        return f"label={quoted(label)}, id={quoted(state_id(box.path))}{shape}{css}"

    def _look(self, box: Box) -> str:
        if box.type == MISSING_TYPE:
            return f', style=dashed, color="{_COLOURS["failed"]}"'
        status = self.export.status(box)
        if not status:  # a cluster has what that around it has, unless it says otherwise
            return ", color=black, penwidth=1, fontcolor=black" if box.is_open and self._is_within(box) else ""
        look = f', color="{_COLOURS.get(status, _FAINT)}", penwidth={_WIDTHS.get(status, 1)}'
        if status in CHANGE_SIGNS:
            look += f', fontcolor="{_COLOURS[status]}"'
        return look

    def _is_within(self, box: Box) -> bool:
        """Whether a container stands in a cluster that has colours of its own."""
        return self.export.is_marked or bool(box.parent)

    def _edge(self, index: int, edge: Edge) -> Iterator[str]:
        lines = filter(None, (*edge.labels, self.export.edge_text(index)))
        text = "\n".join(f" {line} " for line in lines)  # Graphviz writes right beside the line
        attributes = [*([f"label={quoted(text)}"] if text else []), *self._edge_look(index, edge)]
        if edge.kind is EdgeKind.START:
            if not edge.corners:
                return
            ends: list[str] = []
            head = self._end(edge.target, "lhead", ends)
            yield _line(f"start_{self.names[edge.target]}", head, [*ends, *attributes])
        elif edge.source == edge.target and self._is_open(edge.source):
            yield from self._loop(index, edge, attributes)
        else:
            ends = []
            head = self._end(edge.target, "lhead", ends)
            tail = self._end(edge.source, "ltail", ends)
            yield _line(tail, head, [*ends, *attributes])

    def _loop(self, index: int, edge: Edge, attributes: list[str]) -> Iterator[str]:
        """A container that leads to itself, by way of a point beside it: Graphviz draws a line between two states that
        are in one cluster inside it, as if one led to the other."""
        name = self.names[edge.source]
        point = f"again_{name}_{index}"
        look = self._edge_look(index, edge)
        out: list[str] = []
        tail = self._end(edge.source, "ltail", out)
        back: list[str] = []
        head = self._end(edge.target, "lhead", back)
        yield f'    {point} [label="", shape=point, width=0.05]'
        shaft = [each for each in attributes if not each.startswith("arrowhead=")]
        yield _line(tail, point, [*out, *shaft, "arrowhead=none"])
        yield _line(point, head, [*back, *look, "constraint=false"])

    def _edge_look(self, index: int, edge: Edge) -> list[str]:
        """How a line looks: a Catch is dashed, with an open arrow and a tone of its own."""
        is_catch = edge.kind is EdgeKind.CATCH
        shape = ["style=dashed", "arrowhead=empty"] if is_catch else []
        look = self.export.look([index])
        if look == "taken":
            return ['class="taken"', f'color="{_COLOURS["caught" if is_catch else "done"]}"', "penwidth=3", *shape]
        if look:
            colour = f'color="{_COLOURS[look]}", fontcolor="{_COLOURS[look]}"'
            shape = [] if look == "removed" else shape
            dotted = ["style=dotted"] if look == "removed" else []
            return [f'class="{look}"', colour, f"penwidth={_WIDTHS[look]}", *dotted, *shape]
        return [*shape, f'color="{_COLOURS["catch"]}"', f'fontcolor="{_COLOURS["catch"]}"'] if is_catch else []

    def _is_open(self, path: StatePath) -> bool:
        box = self.layout.box(path)
        return box is not None and box.is_open

    def _end(self, path: StatePath, attribute: str, attributes: list[str]) -> str:
        """The node at which an edge ends: for a cluster, a node in it, with the cluster named in `attribute`."""
        name = self.names[path]
        box = self.layout.box(path)
        if box is None or not box.is_open:
            return name
        attributes.append(f"{attribute}=cluster_{name}")
        return self._node_in(path, lowest=attribute == "ltail")

    def _node_in(self, path: StatePath, *, lowest: bool) -> str:
        """The lowest or the highest state inside a container, or a start marker: edges that end there keep Graphviz's
        order of ranks."""

        def is_inside(other: StatePath) -> bool:
            return other[: len(path)] == path and len(other) > len(path)

        inside = [box for box in self.layout.boxes if is_inside(box.path) and not box.is_open]
        if not inside:
            return self.names[path]
        if lowest:
            return self.names[max(inside, key=lambda box: box.bottom).path]
        first = min(inside, key=lambda box: box.y)
        starts = [edge for edge in self.layout.edges if self._is_marked(edge) and is_inside(edge.target)]
        marked = min(starts, key=lambda edge: edge.corners[0][1], default=None)
        if marked is not None and marked.corners[0][1] < first.y:
            return f"start_{self.names[marked.target]}"
        return self.names[first.path]


def _line(tail: str, head: str, attributes: list[str]) -> str:
    return f"    {tail} -> {head}" + (f" [{', '.join(attributes)}]" if attributes else "")
