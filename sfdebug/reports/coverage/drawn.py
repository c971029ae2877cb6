"""Coverage laid over the state graph: what was never taken is drawn faint, and how often all else was stands beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.timeline.index import TakenEdge
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.history.coverage.model import CoverageKind
from sfdebug.reports.coverage.text import unseen_texts
from sfdebug.reports.graphs.export import GraphExport
from sfdebug.reports.graphs.overlay import CoverageOverlay, Marked

if TYPE_CHECKING:
    from sfdebug.drawing.elements import Layout
    from sfdebug.history.coverage.model import Coverage
    from sfdebug.reports.coverage.places import CoveredDefinition


def coverage_overlay(title: str, found: Coverage) -> CoverageOverlay:
    """Where the executions went: the states that they entered, the transitions that they took."""
    catchers = found.of(CoverageKind.CATCHER)
    states = {}
    for item, count in found.of(CoverageKind.STATE).items():
        if count:
            caught = sum(times for catcher, times in catchers.items() if catcher.state == item.state)
            states[item.state] = Marked(MarkStatus.DONE, count, caught=caught)
    taken = {
        TakenEdge(item.state, item.target, item.way): count
        for item, count in found.of(CoverageKind.TRANSITION).items()
        if count
    }
    return CoverageOverlay(title, found.executions, states, taken, tuple(unseen_texts(found)))


def drawn(covered: CoveredDefinition, layout: Layout) -> GraphExport:
    """The graph of a definition with its coverage over it, for any of the formats of a graph."""
    return GraphExport(layout, covered.title, coverage_overlay(covered.title, covered.coverage))
