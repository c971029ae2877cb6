"""What happened to each state along a fork, indexed by node, so that any place on it is looked up, not replayed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath, StateType
from sfdebug.engine.execution.branches import started
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Visit

_Intervened: TypeAlias = tuple[bool, bool]
"""Whether a rule was forced in a visit, and whether a failure was injected."""

Stood: TypeAlias = "tuple[int, Visit | None, _Intervened]"

NOT_INTERVENED: Final[_Intervened] = (False, False)
_LEAVING = (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT)
_UNSUCCESSFUL = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)


class TakenEdge(NamedTuple):
    """A transition that was taken. `kind` is "start", "next", "choice", "default" or "catch", as in the graph.

    The source of a "start" is () at the top, and the Parallel or Map in which a branch starts.
    """

    source: StatePath
    target: StatePath
    kind: str


class TakenEdges(AbstractSet[TakenEdge]):
    """The transitions taken up to a place, in the order in which each was taken first: nothing is copied for it."""

    __slots__ = ("_edges", "_index", "_places", "_size", "_taken_at")

    def __init__(
        self,
        edges: list[TakenEdge],
        places: dict[TakenEdge, int],
        size: int,
        taken_at: Mapping[TakenEdge, list[int]],
        index: int,
    ) -> None:
        """The first `size` of `edges`, a list that only grows; `places` is where each is in it, and `taken_at` at which
        nodes each was taken, of which those up to `index` count."""
        self._edges = edges
        self._places = places
        self._size = size
        self._taken_at = taken_at
        self._index = index

    def times(self, edge: TakenEdge) -> int:
        """How often a transition was taken."""
        return bisect_right(self._taken_at.get(edge, ()), self._index)

    def __contains__(self, edge: object) -> bool:
        return self._places.get(edge, self._size) < self._size  # type: ignore[call-overload, no-any-return]

    def __iter__(self) -> Iterator[TakenEdge]:
        return islice(self._edges, self._size)

    def __len__(self) -> int:
        return self._size

    @classmethod
    def _from_iterable(cls, edges: Iterable[TakenEdge]) -> frozenset[TakenEdge]:  # type: ignore[override]
        return frozenset(edges)

    def __repr__(self) -> str:
        return f"TakenEdges({list(self)!r})"


class Touch(IntEnum):
    """What became of a state at a node."""

    OTHER = 0
    ENTERED_FIRST = 1
    LEFT_FIRST = 2
    """Its first visit ended as most do: with success, and without an intervention."""


class _Track(Struct, frozen=True, eq=False):
    """One state: at which nodes it was entered, at which its visits ended, and at which it was left
    for which states."""

    path: StatePath
    entered: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    intervened: list[_Intervened] = field(default_factory=list)
    left: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def until(self, index: int) -> _Track:
        """What of it had happened at the node with this index, as a copy that can grow on its own."""
        entered, ended = bisect_right(self.entered, index), bisect_right(self.ended, index)
        left = {way: nodes[: bisect_right(nodes, index)] for way, nodes in self.left.items() if nodes[0] <= index}
        return _Track(
            self.path, self.entered[:entered], self.ended[:ended], self.visits[:ended], self.intervened[:ended], left
        )

    @property
    def is_left_once(self) -> bool:
        """Whether it was entered once and left again, and there is nothing else to say of it."""
        is_done = len(self.ended) == 1 and self.visits[0].status is VisitStatus.SUCCEEDED
        return is_done and len(self.entered) == 1 and self.intervened[0] is NOT_INTERVENED

    def stood(self, index: int) -> Stood:
        """How often it was entered, its visit that ended last, and whether that was intervened in."""
        count, over = bisect_right(self.entered, index), bisect_right(self.ended, index)
        return (count, self.visits[over - 1], self.intervened[over - 1]) if over else (count, None, NOT_INTERVENED)


class TimelineIndex:
    """The visits and the transitions of one fork. Every question names the index of the node that it is about."""

    def __init__(self) -> None:
        self._tracks: dict[StatePath, _Track] = {}
        self._edges: list[TakenEdge] = []
        """The transitions taken, and at which node each was first, in that order."""
        self._edges_at: list[int] = []
        self._known: dict[TakenEdge, int] = {}
        self._taken_at: dict[TakenEdge, list[int]] = {}
        """At which nodes each transition was taken: of those that leave a state, the lists of its track."""
        self._children: dict[str, tuple[int, ChildExecution]] = {}
        self._failed: list[tuple[int, ChildExecution]] = []
        self._faults: list[int] = []
        self._ends: list[int] = []
        self._touched: list[StatePath] = []
        """The states of which a visit began or ended, at which nodes, and which `Touch` that was, in that order."""
        self._touched_at: list[int] = []
        self._kinds = bytearray()

    def add(self, node: TimelineNode) -> None:
        """Take in the next node of the fork."""
        index, execution = node.index, node.execution
        if node.faulted:
            self._faults.append(index)
        if node.is_over:
            self._ends.append(index)
        if node.entered is not None:
            track = self._track(node.entered)
            track.entered.append(index)
            self._touch(
                track, index, Touch.ENTERED_FIRST if len(track.entered) == 1 and not track.ended else Touch.OTHER
            )
        before = node.parent.execution if node.parent else None
        seen = len(before.visits) if before else 0
        for visit in execution.visits[seen:] if len(execution.visits) > seen else ():
            track = self._track(visit.state.path)
            track.ended.append(index)
            track.visits.append(visit)
            track.intervened.append(interventions_in(visit))
            self._touch(track, index, Touch.LEFT_FIRST if track.is_left_once else Touch.OTHER)
            if visit.next is not None and visit.status in _LEAVING:
                kind = _edge_kind(visit)
                nodes = track.left.get((visit.next, kind))
                if nodes is None:
                    nodes = track.left[visit.next, kind] = []
                    path = visit.state.path
                    self._take(TakenEdge(path, (*path[:-1], visit.next), kind), index, nodes)
                nodes.append(index)
        ended = len(before.ended_children) if before else 0
        if len(execution.ended_children) > ended:
            new = [(index, child) for child in execution.ended_children[ended:]]
            self._children |= {child.arn: (index, child) for _, child in new}
            self._failed += [(at, child) for at, child in new if child.status in _UNSUCCESSFUL]
        if before is None or len(execution.branches) > len(before.branches):
            for id in started(before.branches if before else {}, execution.branches):
                branch = execution.branches[id]
                if branch.visit is None and _is_at_start(branch, execution):
                    start = TakenEdge(branch.scope_path[:-1], (*branch.scope_path, branch.state_name), "start")
                    nodes = self._taken_at.get(start)
                    if nodes is None:
                        nodes = []
                        self._take(start, index, nodes)
                    nodes.append(index)

    def until(self, index: int) -> TimelineIndex:
        """The facts up to the node at `index`, as a copy that can grow on its own."""
        facts = TimelineIndex()
        facts._tracks = {path: track.until(index) for path, track in self._tracks.items()}
        edges = bisect_right(self._edges_at, index)
        facts._edges, facts._edges_at = self._edges[:edges], self._edges_at[:edges]
        facts._known = {edge: place for place, edge in enumerate(facts._edges)}
        facts._taken_at = {edge: facts._nodes_of(edge, self._taken_at[edge], index) for edge in facts._edges}
        facts._faults = self._faults[: bisect_right(self._faults, index)]
        facts._ends = self._ends[: bisect_right(self._ends, index)]
        touched = bisect_right(self._touched_at, index)
        facts._touched, facts._touched_at = self._touched[:touched], self._touched_at[:touched]
        facts._kinds = self._kinds[:touched]
        facts._failed = [(at, child) for at, child in self._failed if at <= index]
        facts._children = {arn: ended for arn, ended in self._children.items() if ended[0] <= index}
        return facts

    def end_after(self, index: int) -> int | None:
        """The index of the next node at which the execution is over; None when there is none."""
        return _next(self._ends, index)

    def stop_after(self, index: int, states: Iterable[StatePath], *, on_fault: bool) -> int | None:
        """The next node that entered one of these states, or that raised a fault; None when none did."""
        found = [_next(entered, index) for entered in self._entered(states)]
        if on_fault:
            found.append(_next(self._faults, index))
        return min((at for at in found if at is not None), default=None)

    def stop_before(self, index: int, states: Iterable[StatePath], *, on_fault: bool) -> int | None:
        """The last node up to `index` that entered one of these states, or the last one before it that raised a fault;
        None when none did."""
        found = [_last(entered, index) for entered in self._entered(states)]
        if on_fault:
            found.append(_last(self._faults, index - 1))
        return max((at for at in found if at is not None), default=None)

    def _entered(self, states: Iterable[StatePath]) -> list[list[int]]:
        return [track.entered for track in map(self._tracks.get, states) if track is not None]

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
        failed = self._failed[: bisect_right(self._failed, index, key=_place)]
        return list({child.arn: child for _, child in failed}.values())

    def stood(self, path: StatePath, index: int) -> Stood:
        """How often a state was entered, its visit that ended last, and whether that was intervened in."""
        track = self._tracks.get(path)
        return track.stood(index) if track is not None else (0, None, NOT_INTERVENED)

    def touches(self, low: int, high: int) -> tuple[list[StatePath], bytearray]:
        """Of which states a visit began or ended, and which `Touch` that was, after the node at `low` up to `high`."""
        first, last = bisect_right(self._touched_at, low), bisect_right(self._touched_at, high)
        return self._touched[first:last], self._kinds[first:last]

    def visits(self, path: StatePath, index: int) -> list[Visit]:
        """The visits to a state that are over, in the order in which they ended."""
        track = self._tracks.get(path)
        return track.visits[: bisect_right(track.ended, index)] if track else []

    def taken(self, index: int) -> TakenEdges:
        """The transitions taken so far."""
        return TakenEdges(self._edges, self._known, bisect_right(self._edges_at, index), self._taken_at, index)

    def first_taken(self, edge: TakenEdge) -> int:
        """The index of the node at which a transition was taken first. Raises KeyError when it never was."""
        return self._edges_at[self._known[edge]]

    def _take(self, edge: TakenEdge, index: int, nodes: list[int]) -> None:
        """Know of a transition that is taken for the first time; `nodes` will be those at which it is taken."""
        self._known[edge] = len(self._edges)
        self._edges.append(edge)
        self._edges_at.append(index)
        self._taken_at[edge] = nodes

    def _nodes_of(self, edge: TakenEdge, nodes: list[int], index: int) -> list[int]:
        """At which nodes up to `index` a transition was taken: the list of its track, where it has one."""
        track = self._tracks.get(edge.source)
        kept = track.left.get((str(edge.target[-1]), edge.kind)) if track is not None else None
        return kept if kept is not None else nodes[: bisect_right(nodes, index)]

    def _track(self, path: StatePath) -> _Track:
        track = self._tracks.get(path)
        if track is None:
            track = self._tracks[path] = _Track(path)
        return track

    def _touch(self, track: _Track, index: int, kind: Touch) -> None:
        self._touched.append(track.path)
        self._touched_at.append(index)
        self._kinds.append(kind)


def _place(pair: tuple[int, ChildExecution]) -> int:
    return pair[0]


def _next(indices: list[int], index: int) -> int | None:
    at = bisect_right(indices, index)
    return indices[at] if at < len(indices) else None


def _last(indices: list[int], index: int) -> int | None:
    at = bisect_right(indices, index)
    return indices[at - 1] if at else None


def _is_at_start(branch: Branch, execution: Execution) -> bool:
    """Whether a branch has begun; one that a redrive goes on with can stand further on."""
    if not branch.scope_path:
        return branch.state_name == execution.machine.scope.start_at
    *around, index = branch.scope_path
    assert isinstance(index, int)
    return branch.state_name == execution.machine.state(tuple(around)).branches[index].start_at


def interventions_in(visit: Visit) -> _Intervened:
    """Whether a rule was forced in a visit, and whether a failure was injected."""
    forced = injected = False
    for stage in visit.stages:
        if stage.status is StageStatus.FORCED:
            forced = True
        elif stage.status is StageStatus.INJECTED:
            injected = True
    return (forced, injected) if forced or injected else NOT_INTERVENED


def edge_left_by(visit: Visit) -> TakenEdge | None:
    """The transition by which a visit was left; None where it led to no other state."""
    if visit.next is None or visit.status not in _LEAVING:
        return None
    path = visit.state.path
    return TakenEdge(path, (*path[:-1], visit.next), _edge_kind(visit))


def _edge_kind(visit: Visit) -> str:
    if visit.status is VisitStatus.CAUGHT:
        return "catch"
    if visit.state.type is not StateType.CHOICE:
        return "next"
    for stage in reversed(visit.stages):
        if stage.status in (StageStatus.MATCHED, StageStatus.FORCED):
            if stage.name is StageName.RULE:
                return "choice"
            if stage.name is StageName.DEFAULT:
                return "default"
    return "next"
