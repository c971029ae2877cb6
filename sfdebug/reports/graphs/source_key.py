"""What the signs of Mermaid and DOT mean: small graphs that have each of them, and say in their names what it is.

They are written as the graph itself is, so that a sign of the key looks as it does there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.timeline.index import TakenEdge
from sfdebug.drawing.elements import MISSING_TYPE, Badge, Box, Edge, EdgeKind, Layout
from sfdebug.reports.graphs.export import GraphExport
from sfdebug.reports.graphs.key import CHANGE_MEANINGS, STATUS_MEANINGS

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.reports.graphs.overlay import CoverageOverlay, RecordingOverlay

KEY_TITLE: Final = "what the signs mean"

_STATES: Final = (
    ("a state, with its type", "Task", ()),
    ("has Retry", "Task", (Badge.RETRY,)),
    ("End: its branch, or the run, ends here", "Pass", (Badge.END,)),
    ("goes one of several ways", "Choice", ()),
    ("waits", "Wait", ()),
    ("ends well", "Succeed", (Badge.SUCCEED,)),
    ("ends with an error", "Fail", (Badge.FAIL,)),
    ("nothing leads here from the start", "Pass", (Badge.UNREACHABLE,)),
    ("a target that is no state", MISSING_TYPE, ()),
)
_AROUND: Final = "around its states"
_TIMES: Final = 3
"""How often the line of the key was taken."""


def key_graphs(export: GraphExport) -> Iterator[GraphExport]:
    """Graphs of all signs that `export` can have: those of states and lines, those of a run, those of changes."""
    yield _plain()
    if export.overlay is not None:
        yield _of_a_run(export.overlay)
    if export.changes is not None:
        yield _of_changes()


def _plain() -> GraphExport:
    boxes = [_box((name,), type, badges) for name, type, badges in _STATES]
    boxes.append(Box(("closed: its states are not drawn",), "", "Map", 0, 0, 0, 0, (), True, True, content=2))
    boxes.append(Box((_AROUND,), "", "Parallel", 0, 0, 0, 0, (), True, content=2))
    boxes += [_box((_AROUND, branch, f"a state of branch {branch + 1}"), "Pass") for branch in range(2)]
    first, second, third = (box.path for box in boxes[:3])
    edges = (
        _edge((), first, EdgeKind.START),
        _edge(first, second, EdgeKind.NEXT, "Next, a rule of a Choice, Default"),
        _edge(second, third, EdgeKind.CATCH, "! and errors: Catch"),
    )
    return _graph(boxes, edges)


def _of_a_run(overlay: RecordingOverlay | CoverageOverlay) -> GraphExport:
    from sfdebug.debugger.view.model import MarkStatus
    from sfdebug.reports.graphs.overlay import Marked

    boxes = [_box((meaning,), "Task") for meaning in STATUS_MEANINGS.values()]
    marks = {box.path: Marked(MarkStatus(status), 1) for box, status in zip(boxes, STATUS_MEANINGS, strict=True)}
    del marks[boxes[-1].path]  # what was not visited has no mark
    first, second, third = (box.path for box in boxes[:3])
    taken = _edge(first, second, EdgeKind.NEXT, "was taken, so often:")
    caught = _edge(second, third, EdgeKind.CATCH, "a Catch that was taken")
    counts = {_place(taken): _TIMES, _place(caught): 1}
    return _graph(boxes, (taken, caught), replace(overlay, states=marks, taken=counts, problems=()))


def _of_changes() -> GraphExport:
    from sfdebug.asl.comparison import (
        ChangeKind,
        MachineComparison,
        StateChange,
        TransitionChange,
        TransitionPlace,
        nothing,
    )
    from sfdebug.reports.graphs.changes import DrawnChanges

    meanings = {**CHANGE_MEANINGS, ChangeKind.CHANGED: "both have it, and these fields differ"}
    boxes = [_box((meaning,), "Task") for meaning in (*meanings.values(), "has but another name")]
    changed = [
        StateChange(box.path, kind, ("Old name",), ("Retry",) if kind is ChangeKind.CHANGED else ())
        for box, kind in zip(boxes, ChangeKind, strict=True)
    ]
    edges = [
        _edge(one.path, other.path, EdgeKind.NEXT, f"a line that was {kind}:")
        for (one, other), kind in zip(pairwise(boxes), meanings, strict=True)
    ]
    transitions = [
        TransitionChange(TransitionPlace(*_place(edge)), ChangeKind(kind))
        for edge, kind in zip(edges, meanings, strict=True)
    ]
    comparison = MachineComparison(nothing(""), nothing(""), tuple(changed), tuple(transitions), (), {})
    return replace(_graph(boxes, edges), changes=DrawnChanges(comparison, ""))


def _box(path: StatePath, type: str, badges: tuple[str, ...] = ()) -> Box:
    return Box(path, "", type, 0, 0, 0, 0, path[:-2], badges=badges)


def _edge(source: StatePath, target: StatePath, kind: EdgeKind, label: str = "") -> Edge:
    return Edge(source, target, kind, corners=((0, 0), (0, 1)), labels=(label,) if label else ())


def _place(edge: Edge) -> TakenEdge:
    return TakenEdge(edge.source, edge.target, edge.kind.value)


def _graph(
    boxes: Iterable[Box], edges: Iterable[Edge], overlay: RecordingOverlay | CoverageOverlay | None = None
) -> GraphExport:
    return GraphExport(Layout(0, 0, tuple(boxes), tuple(edges)), "", overlay)
