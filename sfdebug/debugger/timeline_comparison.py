"""Two timelines compared: where they part, and from there on visit by visit what goes otherwise, which data differ."""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.debugger.data_origins.visits import WORK_STAGES
from sfdebug.history.comparison import paired
from sfdebug.history.leaves import leaves
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.forks import Fork, ForkInfo
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit

_MOST = 200
"""Most places of one field that are told."""


class ContrastField(StrEnum):
    """What of a visit differs."""

    VISIT = "visit"
    """Only one of the timelines has it."""
    INPUT = "input"
    CALL = "call"
    """What a Task was called with."""
    RESULT = "result"
    ERROR = "error"
    VARIABLES = "variables"
    OUTPUT = "output"
    NEXT = "next"
    """The state that it led to."""
    ATTEMPTS = "attempts"
    STATUS = "status"


_OF_PATH = (ContrastField.VISIT, ContrastField.NEXT, ContrastField.ATTEMPTS, ContrastField.STATUS)


class Contrast(Struct, frozen=True, gc=False):
    """One difference between two visits; `pointer` leads to the place of it in the data."""

    field: ContrastField
    left: Value
    right: Value
    pointer: str = ""

    @property
    def is_path(self) -> bool:
        """Whether another way was taken, not only other data were seen."""
        return self.field in _OF_PATH


class VisitPair(Struct, frozen=True, gc=False):
    """A visit of one timeline, its like on the other, and how they differ. One of them is None where there is none."""

    left: Visit | None
    right: Visit | None
    contrasts: tuple[Contrast, ...] = ()

    @property
    def any(self) -> Visit:
        """One of the two that there is."""
        one = self.left or self.right
        assert one is not None, "a pair has at least one side"
        return one


class TimelineComparison(Struct, frozen=True, gc=False):
    """Two timelines beside one another. They share what happened up to `parted`; `pairs` are the visits that were not
    over then, and those after. `end` says how the two ends differ. A live visit is compared as far as it has come."""

    left: ForkInfo
    right: ForkInfo
    parted: TimelineNode
    pairs: tuple[VisitPair, ...]
    end: tuple[Contrast, ...]

    @property
    def differing(self) -> tuple[VisitPair, ...]:
        """The pairs that differ."""
        return tuple(pair for pair in self.pairs if pair.contrasts)


def compare_forks(timeline: Timeline, left_id: int, right_id: int, other: Timeline | None = None) -> TimelineComparison:
    """Compare two forks of a timeline; the left one can be of an `other` timeline, of which nothing is shared.

    Raises KeyError when there is none of that id.
    """
    of = timeline if other is None else other
    left, right = of.fork_of(left_id), timeline.fork_of(right_id)
    parted = left.nodes[max(_shared(left, right), 1) - 1]
    pairs = tuple(_pairs(parted.execution, left.nodes[-1].execution, right.nodes[-1].execution))
    end = tuple(_ends(left.nodes[-1].execution, right.nodes[-1].execution))
    return TimelineComparison(of.forks[left_id], timeline.forks[right_id], parted, pairs, end)


def _shared(left: Fork, right: Fork) -> int:
    """How many nodes at the start are the same."""
    count = min(len(left.nodes), len(right.nodes))
    return bisect_left(range(count), True, key=lambda index: left.nodes[index] is not right.nodes[index])


def _pairs(parted: Execution, left: Execution, right: Execution) -> list[VisitPair]:
    """The visits after the parting, branch by branch, in the order in which the left one, then the right one, came to
    them."""
    lefts, rights = _by_branch(parted, left), _by_branch(parted, right)
    found: list[VisitPair] = []
    for branch in dict.fromkeys((*lefts, *rights)):
        pairs = paired(lefts.get(branch, []), rights.get(branch, []), lambda visit: visit.state.name)
        found += [VisitPair(mine, theirs, tuple(_contrasts(mine, theirs))) for mine, theirs in pairs]
    first = {visit.number: position for position, visit in enumerate(_all(lefts))}
    last: dict[BranchId, int] = {}
    order: list[tuple[int, int, VisitPair]] = []
    for position, pair in enumerate(found):
        branch = pair.any.branch
        if pair.left is not None:
            last[branch] = first[pair.left.number]
        # A visit that only the right one has stands behind the one before it on its branch.
        order.append((last.get(branch, len(first)), position, pair))
    return [pair for _, _, pair in sorted(order, key=lambda each: each[:2])]


def _all(by_branch: dict[BranchId, list[Visit]]) -> list[Visit]:
    return sorted((visit for visits in by_branch.values() for visit in visits), key=lambda visit: visit.number)


def _by_branch(parted: Execution, execution: Execution) -> dict[BranchId, list[Visit]]:
    """The visits that were not over where the timelines part, and all after."""
    ended = execution.visits[len(parted.visits) :]
    live = [branch.visit for branch in execution.branches.values() if branch.visit is not None]
    visits = {visit.number: visit for visit in (*ended, *live)}
    found: dict[BranchId, list[Visit]] = {}
    for number in sorted(visits):
        found.setdefault(visits[number].branch, []).append(visits[number])
    return found


def _contrasts(left: Visit | None, right: Visit | None) -> list[Contrast]:
    if left is None or right is None:
        mine: Value = left.state.name if left is not None else MISSING
        theirs: Value = right.state.name if right is not None else MISSING
        return [Contrast(ContrastField.VISIT, mine, theirs)]
    if left is right:
        return []
    found = _differences(ContrastField.INPUT, left.input, right.input)
    (call, result, error), (other_call, other_result, other_error) = _work(left), _work(right)
    found += _differences(ContrastField.CALL, call, other_call)
    found += _differences(ContrastField.RESULT, result, other_result)
    found += _differences(ContrastField.ERROR, error, other_error)
    if left.attempt != right.attempt:
        found.append(Contrast(ContrastField.ATTEMPTS, left.attempt, right.attempt))
    found += _differences(ContrastField.VARIABLES, _assigned(left), _assigned(right))
    found += _differences(ContrastField.OUTPUT, left.output, right.output)
    if left.status is not right.status:
        found.append(Contrast(ContrastField.STATUS, str(left.status), str(right.status)))
    if left.next != right.next:
        found.append(Contrast(ContrastField.NEXT, _or_end(left), _or_end(right)))
    return found


def _work(visit: Visit) -> tuple[Value, Value, Value]:
    """What the last attempt of a visit was called with, what it gave, and what it failed with."""
    for stage in reversed(visit.stages):
        if stage.name in WORK_STAGES:
            failed: Value = {**stage.fault.output} if stage.fault is not None else MISSING
            return stage.before, stage.after, failed
    return MISSING, MISSING, {**visit.fault.output} if visit.fault is not None else MISSING


def _assigned(visit: Visit) -> Value:
    return dict(visit.assigned) if visit.assigned else MISSING


def _or_end(visit: Visit) -> Json:
    return visit.next


def _differences(field: ContrastField, left: Value, right: Value) -> list[Contrast]:
    return [Contrast(field, leaf.recorded, leaf.computed, leaf.pointer) for leaf in leaves(left, right, most=_MOST)]


def _ends(left: Execution, right: Execution) -> list[Contrast]:
    found: list[Contrast] = []
    if left.status is not right.status:
        found.append(Contrast(ContrastField.STATUS, str(left.status), str(right.status)))
    faults: list[Value] = [{**one.fault.output} if one.fault is not None else MISSING for one in (left, right)]
    found += _differences(ContrastField.ERROR, *faults)
    return found + _differences(ContrastField.OUTPUT, left.output, right.output)
