"""How states stand along a fork, node after node: of each step only what it has changed is looked at.

It says what the marks of a view say (`ViewBuilder.marks_at`) where the cursor is at the end of a node. A view has the
marks of all states, and a large machine has as many states as a run has steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.engine.execution.branches import changed
from sfdebug.engine.execution.visit import VisitStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.index import TimelineIndex
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch

STATUS_BY_VISIT: Final = {
    VisitStatus.RUNNING: MarkStatus.WAITING,
    VisitStatus.SUCCEEDED: MarkStatus.DONE,
    VisitStatus.CAUGHT: MarkStatus.CAUGHT,
    VisitStatus.FAILED: MarkStatus.FAILED,
    VisitStatus.ABORTED: MarkStatus.ABORTED,
}
"""How a state stands where nothing is in it, by its last visit."""


class Standing(Struct, frozen=True, gc=False):
    """How a state stands: its status, and how often it was entered."""

    status: MarkStatus
    visits: int


class StandingWalk:
    """Goes along the nodes of a fork, forward, and tells how those states stand that a step may have changed."""

    def __init__(self, facts: TimelineIndex) -> None:
        self._facts = facts
        self._index = -1
        self._branches: Mapping[BranchId, Branch] = {}
        self._inside: dict[StatePath, set[BranchId]] = {}
        """The states that branches are in, and which."""
        self._current: StatePath | None = None
        self._is_over = False

    def come_to(self, node: TimelineNode) -> dict[StatePath, Standing]:
        """How states stand at a node that lies further on, of all that may stand in another way than where it was."""
        here = position_at(Cursor(node, node.last_stage_offset))
        paths, _ = self._facts.touches(self._index, node.index)
        found = {*paths, *self._take_branches(node.execution.branches)}
        if here.is_over is not self._is_over:
            found |= self._inside.keys()
        current = here.state.path if here.state is not None and not here.is_over else None
        found |= {path for path in (self._current, current) if path is not None}
        self._index, self._current, self._is_over = node.index, current, here.is_over
        return {path: self._standing(path) for path in found}

    def _standing(self, path: StatePath) -> Standing:
        count, last, _ = self._facts.stood(path, self._index)
        if path == self._current:
            return Standing(MarkStatus.CURRENT, count)
        if path in self._inside and not self._is_over:
            return Standing(MarkStatus.WAITING, count)
        return Standing(STATUS_BY_VISIT[last.status] if last is not None else MarkStatus.UNVISITED, count)

    def _take_branches(self, branches: Mapping[BranchId, Branch]) -> set[StatePath]:
        """Know in which states branches are; the states that one has come to, or has left."""
        before, self._branches = self._branches, branches
        found: set[StatePath] = set()
        for id in changed(before, branches) if before is not branches else ():
            was, now = _path(before.get(id)), _path(branches.get(id))
            if was == now:
                continue
            if was is not None:
                self._inside[was].discard(id)
                if not self._inside[was]:
                    del self._inside[was]
                found.add(was)
            if now is not None:
                self._inside.setdefault(now, set()).add(id)
                found.add(now)
        return found


def _path(branch: Branch | None) -> StatePath | None:
    return branch.visit.state.path if branch is not None and branch.visit is not None else None
