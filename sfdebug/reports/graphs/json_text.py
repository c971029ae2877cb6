"""The graph as JSON: what was drawn, cell by cell.

Columns count from the left and rows from the top, both from 0. `nodes` are the states (and targets that do not exist,
of type Missing), containers before their content; `edges` the transitions, `starts` the arrows from the start markers.
docs/GRAPH_JSON.md tells what each field is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfdebug.drawing.elements import EdgeKind
from sfdebug.reports.graphs.export import state_id
from sfdebug.reports.graphs.overlay import CoverageOverlay
from sfdebug.reports.graphs.signs import STATUS_SIGNS

if TYPE_CHECKING:
    from sfdebug.drawing.elements import Box, Edge
    from sfdebug.reports.graphs.changes import DrawnChanges
    from sfdebug.reports.graphs.export import GraphExport
    from sfdebug.reports.graphs.overlay import RecordingOverlay
    from sfdebug.values import Json


def as_dict(export: GraphExport) -> dict[str, Json]:
    """The object that `sfdebug graph --format json` prints."""
    layout = export.layout
    drawn: dict[str, Json] = {
        "title": export.title,
        "width": layout.width,
        "height": layout.height,
        "nodes": [_node(export, box) for box in layout.boxes],
        "edges": [_edge(edge) for edge in layout.edges if edge.kind is not EdgeKind.START],
        "starts": [_start(edge) for edge in layout.edges if edge.kind is EdgeKind.START],
        "legend": [{"number": entry.number, "sign": entry.sign, "text": entry.text} for entry in layout.legend],
        "notes": list(layout.notes),
    }
    if export.overlay is not None:
        drawn["run"] = _run(export)
    if export.changes is not None:
        drawn["changes"] = _changes(export.changes)
    return drawn


def render(export: GraphExport) -> str:
    """The object as text, one node or edge a line."""
    parts = []
    for key, value in as_dict(export).items():
        if isinstance(value, list) and value:
            items = ",\n    ".join(_line(item) for item in value)
            parts.append(f'  "{key}": [\n    {items}\n  ]')
        else:
            parts.append(f'  "{key}": {_line(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _node(export: GraphExport, box: Box) -> Json:
    return {
        "id": state_id(box.path),
        "name": str(box.path[-1]),
        "type": box.type,
        "box": {"x": box.x, "y": box.y, "w": box.width, "h": box.height},
        "parent": state_id(box.parent) or None,
        "container": box.is_container,
        "collapsed": box.collapsed,
        "badges": [str(badge) for badge in box.badges],
    }


def _edge(edge: Edge) -> Json:
    return {
        "source": state_id(edge.source),
        "target": state_id(edge.target),
        "kind": edge.kind.value,
        "rules": list(edge.rules),
        "labels": list(edge.labels),
        "cells": [list(cell) for cell in edge.cells],
    }


def _start(edge: Edge) -> Json:
    """`cells` is empty in a branch that is drawn without a marker."""
    return {
        "parent": state_id(edge.source) or None,
        "target": state_id(edge.target),
        "cells": [list(cell) for cell in edge.cells],
    }


def _run(export: GraphExport) -> Json:
    overlay = export.overlay
    assert overlay is not None, "the caller looked"
    states: list[Json] = []
    for box in export.layout.boxes:
        status, marked = export.status(box), export.marked(box)
        if not status:
            continue
        shown: dict[str, Json] = {"id": state_id(box.path), "status": status, "word": STATUS_SIGNS[status].word}
        shown["visits"] = marked.visits if marked is not None else 0
        shown["failures"] = marked.failures if marked is not None else 0
        shown["caught"] = marked.caught if marked is not None else 0
        states.append(shown)
    taken: list[Json] = []
    for index, count in sorted(export.taken.items()):
        edge = export.layout.edges[index]
        source = state_id(edge.source) or None
        taken.append({"source": source, "target": state_id(edge.target), "kind": edge.kind.value, "count": count})
    return {
        "source": overlay.source,
        **_extent(overlay),
        "states": states,
        "taken": taken,
        "problems": list(overlay.problems),
    }


def _extent(overlay: RecordingOverlay | CoverageOverlay) -> dict[str, Json]:
    if isinstance(overlay, CoverageOverlay):
        return {"executions": overlay.executions}
    return {"status": overlay.status.value, "events": overlay.events}


def _changes(changes: DrawnChanges) -> Json:
    comparison = changes.comparison
    return {
        "before": comparison.before.name,
        "after": comparison.after.name,
        "same": comparison.is_same,
        "machine": list(comparison.fields),
        "states": [
            {
                "id": state_id(change.path),
                "change": change.kind.value,
                "before": state_id(change.before) if change.before is not None else None,
                "fields": list(change.fields),
            }
            for change in comparison.states
        ],
        "transitions": [
            {
                "source": state_id(change.place.source) or None,
                "target": state_id(change.place.target),
                "kind": change.place.kind,
                "change": change.kind.value,
                "fields": list(change.fields),
                "before": [dict(rule) for rule in change.before],
                "after": [dict(rule) for rule in change.after],
            }
            for change in comparison.transitions
        ],
    }
