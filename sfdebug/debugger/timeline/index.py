"""What happened to each state along a fork, indexed by node, so that any place on it is looked up, not replayed."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Visit

_Intervened: TypeAlias = tuple[bool, bool]
"""Whether a rule was forced in a visit, and whether a failure was injected."""

_NOT_INTERVENED: Final[_Intervened] = (False, False)
_UNSUCCESSFUL = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)


class TakenEdge(NamedTuple):
    """A transition that was taken. `kind` is "start", "next", "choice", "default" or "catch", as in the graph.

    The source of a "start" is () at the top, and the Parallel or Map in which a branch starts.
    """

    source: StatePath
    target: StatePath
    kind: str


class _Track(Struct, frozen=True):
    """One state: at which nodes it was entered, and at which its visits ended."""

    entered: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    intervened: list[_Intervened] = field(default_factory=list)

    def until(self, index: int) -> _Track:
        entered, ended = bisect_right(self.entered, index), bisect_right(self.ended, index)
        return _Track(self.entered[:entered], self.ended[:ended], self.visits[:ended], self.intervened[:ended])


class TimelineIndex:
    """The visits and the transitions of one fork. Every question names the index of the node that it is about."""

    def __init__(self) -> None:
        self._tracks: dict[StatePath, _Track] = {}
        self._taken: dict[TakenEdge, int] = {}
        self._children: dict[str, tuple[int, ChildExecution]] = {}
        self._failed: list[tuple[int, ChildExecution]] = []
        self._faults: list[int] = []

    def add(self, node: TimelineNode) -> None:
        """Take in the next node of the fork."""
        index, execution = node.index, node.execution
        if node.faulted:
            self._faults.append(index)
        if node.entered is not None:
            self._track(node.entered).entered.append(index)
        before = node.parent.execution if node.parent else None
        seen = len(before.visits) if before else 0
        for visit in execution.visits[seen:] if len(execution.visits) > seen else ():
            track = self._track(visit.state.path)
            track.ended.append(index)
            track.visits.append(visit)
            track.intervened.append(_intervened(visit))
            edge = _edge(visit)
            if edge is not None:
                self._taken.setdefault(edge, index)
        ended = len(before.ended_children) if before else 0
        if len(execution.ended_children) > ended:
            new = [(index, child) for child in execution.ended_children[ended:]]
            self._children |= {child.arn: (index, child) for _, child in new}
            self._failed += [(at, child) for at, child in new if child.status in _UNSUCCESSFUL]
        if before is None or len(execution.branches) > len(before.branches):
            known = before.branches if before else {}
            for id, branch in execution.branches.items():
                if id not in known and branch.visit is None and _is_at_start(branch, execution):
                    start = TakenEdge(branch.scope_path[:-1], (*branch.scope_path, branch.state_name), "start")
                    self._taken.setdefault(start, index)

    def until(self, index: int) -> TimelineIndex:
        """The facts up to the node at `index`, as a copy that can grow on its own."""
        facts = TimelineIndex()
        facts._tracks = {path: track.until(index) for path, track in self._tracks.items()}
        facts._taken = {edge: first for edge, first in self._taken.items() if first <= index}
        facts._faults = self._faults[: bisect_right(self._faults, index)]
        facts._failed = [(at, child) for at, child in self._failed if at <= index]
        facts._children = {arn: ended for arn, ended in self._children.items() if ended[0] <= index}
        return facts

    def fault_after(self, index: int) -> int | None:
        """The index of the next node that raised a fault, round and round; None when none did."""
        if not self._faults:
            return None
        at = bisect_right(self._faults, index)
        return self._faults[at] if at < len(self._faults) else self._faults[0]

    def child(self, arn: str) -> tuple[int, ChildExecution] | None:
        """The child execution with that ARN as it ended, and the index of the node at which it did; None before."""
        return self._children.get(arn)

    def failed_children(self, index: int) -> list[ChildExecution]:
        """The child executions that have failed, in the order in which they did: of one that was redriven, the last
        time."""
        return list({child.arn: child for at, child in self._failed if at <= index}.values())

    def entries(self, path: StatePath, index: int) -> int:
        """How many times a state was entered."""
        track = self._tracks.get(path)
        return bisect_right(track.entered, index) if track else 0

    def visited(self, index: int) -> Iterator[tuple[StatePath, int, Visit | None, _Intervened]]:
        """Each state that was entered: how often, its visit that ended last, and whether that was intervened in."""
        for path, track in self._tracks.items():
            entered, ended = track.entered, track.ended
            if not entered or entered[0] > index:
                continue
            count = len(entered) if entered[-1] <= index else bisect_right(entered, index)
            over = len(ended) if not ended or ended[-1] <= index else bisect_right(ended, index)
            if over:
                yield path, count, track.visits[over - 1], track.intervened[over - 1]
            else:
                yield path, count, None, _NOT_INTERVENED

    def last_visit(self, path: StatePath, index: int) -> Visit | None:
        """The visit to a state that ended last."""
        track = self._tracks.get(path)
        count = bisect_right(track.ended, index) if track else 0
        return track.visits[count - 1] if track and count else None

    def visits(self, path: StatePath, index: int) -> list[Visit]:
        """The visits to a state that are over, in the order in which they ended."""
        track = self._tracks.get(path)
        return track.visits[: bisect_right(track.ended, index)] if track else []

    def taken(self, index: int) -> frozenset[TakenEdge]:
        """The transitions taken so far."""
        return frozenset(edge for edge, first in self._taken.items() if first <= index)

    def _track(self, path: StatePath) -> _Track:
        return self._tracks.setdefault(path, _Track())


def _is_at_start(branch: Branch, execution: Execution) -> bool:
    """Whether a branch has begun; one that a redrive goes on with can stand further on."""
    if not branch.scope_path:
        return branch.state_name == execution.machine.scope.start_at
    *around, index = branch.scope_path
    assert isinstance(index, int)
    return branch.state_name == execution.machine.state(tuple(around)).branches[index].start_at


def _intervened(visit: Visit) -> _Intervened:
    forced = injected = False
    for stage in visit.stages:
        if stage.status is StageStatus.FORCED:
            forced = True
        elif stage.status is StageStatus.INJECTED:
            injected = True
    return (forced, injected) if forced or injected else _NOT_INTERVENED


def _edge(visit: Visit) -> TakenEdge | None:
    if visit.next is None or visit.status not in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        return None
    path = visit.state.path
    return TakenEdge(path, (*path[:-1], visit.next), _edge_kind(visit))


def _edge_kind(visit: Visit) -> str:
    if visit.status is VisitStatus.CAUGHT:
        return "catch"
    for stage in reversed(visit.stages):
        if stage.status in (StageStatus.MATCHED, StageStatus.FORCED):
            if stage.name is StageName.RULE:
                return "choice"
            if stage.name is StageName.DEFAULT:
                return "default"
    return "next"
