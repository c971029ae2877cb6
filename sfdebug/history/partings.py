"""Where the paths of two recorded executions part, and which of these places led to the failure of one of them.

Visits are paired branch by branch, as `comparison` does. Two paired visits part when they were left for different
states, when one of them failed, was cut short or tried again, or when a Map had another number of items. What a person
asks for first is not always the earliest: paths can part and meet again. Of a failed execution and one that did not
fail it is the place from which the way to the failure was another one (`leading`).
"""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.comparison import pair_aligned
from sfdebug.history.recording import CONTAINER_STARTS
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.comparison import Pairing
    from sfdebug.history.recording import RecordedEvent

UNSUCCESSFUL: Final = frozenset({ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED})
"""How an execution stands that ended without success."""


class PartingKind(StrEnum):
    """What two paired visits did otherwise than one another."""

    NEXT = "next"
    """They were left for different states."""
    FAILED = "failed"
    """One failed, or both with different errors; a Catcher can have taken it."""
    STOPPED = "stopped"
    """One was cut short: its execution timed out, was stopped, or something beside it failed."""
    START = "start"
    """A branch, or the execution, begins with another state."""
    ITEMS = "items"
    """A Map went through another number of items."""
    ATTEMPTS = "attempts"
    """They were tried a different number of times, and went on alike."""
    REDRIVEN = "redriven"
    """The execution was redriven in one of them, and both went on alike."""


SMALL: Final = frozenset({PartingKind.ATTEMPTS, PartingKind.REDRIVEN, PartingKind.ITEMS})
"""Partings after which the paths go on alike."""


class Parting(Struct, frozen=True, gc=False):
    """A place where two executions part: a visit of each, one of them None where the other has none like it.

    `number` counts the visits of the state in its branch from 1. `left_next` and `right_next` are the states that
    followed, "" where none did. `meets_at` is the state at which the paths meet again; "" when they never do.
    """

    kind: PartingKind
    left: RecordedVisit | None
    right: RecordedVisit | None
    number: int = 1
    left_next: str = ""
    right_next: str = ""
    meets_at: str = ""

    @property
    def any(self) -> RecordedVisit:
        """One of the two visits."""
        one = self.left or self.right
        assert one is not None, "a parting has at least one side"
        return one

    @property
    def state(self) -> str:
        """The name of the state."""
        return self.any.state

    @property
    def branch(self) -> BranchId:
        """The branch that it is in."""
        return self.any.branch


class Partings(Struct, frozen=True):
    """All partings of two executions, in the order in which they happened; `leading` is the one to name first.

    `pairings` are the pairs of visits, branch by branch.
    """

    found: tuple[Parting, ...]
    leading: Parting | None
    pairings: tuple[Pairing, ...]

    @property
    def before(self) -> tuple[Parting, ...]:
        """Those that came before the leading one: the paths met again after them. Not the containers that it is in,
        which failed with it."""
        leading = self.leading
        if leading is None:
            return ()
        order = _order(leading)
        return tuple(
            one for one in self.found if _order(one) < order and one is not leading and not _is_around(one, leading)
        )


def find_partings(left: Alignment, right: Alignment) -> Partings:
    """Where two executions part.

    What happened after the pages of a recording that ends early (`has_more`), or after an execution was read that still
    runs, is no parting: it is not known.
    """
    pairings = tuple(pair_aligned(left, right))
    by_branch = {
        branch: tuple(of_branch) for branch, of_branch in groupby(pairings, key=lambda pairing: pairing.any.branch)
    }
    found = [one for pairs in by_branch.values() for one in _in_branch(pairs, left, right)]
    found.sort(key=_order)
    leading = _Leading(left, right, by_branch, found).parting()
    return Partings(tuple(found), leading, pairings)


def _order(parting: Parting) -> tuple[int, int, int]:
    """When it showed, by the events of the left side, or of the right one where it has none; what is inside first."""
    one = parting.any
    event = one.exited or one.last
    return event.id, -len(one.branch), one.number


def _is_around(outer: Parting, inner: Parting) -> bool:
    """Whether one is of a container that the other one is in."""
    depth = len(outer.branch)
    way = inner.branch
    return len(way) > depth and way[:depth] == outer.branch and way[depth][0] == outer.state


def _in_branch(pairs: Sequence[Pairing], left: Alignment, right: Alignment) -> Iterator[Parting]:
    """The partings of one branch."""
    if not (any(pair.left for pair in pairs) and any(pair.right for pair in pairs)):
        return  # the container says it: another number of items, or it failed before
    first = pairs[0]
    if first.left is None or first.right is None:
        lefts, rights = (next((getattr(one, side) for one in pairs if getattr(one, side)), None) for side in _SIDES)
        yield Parting(PartingKind.START, lefts, rights, 1, meets_at=_meeting(pairs, 0))
    for index, pair in enumerate(pairs):
        if pair.left is None or pair.right is None:
            continue
        nexts = _next(pair.left, left), _next(pair.right, right)
        kind = _kind(pair.left, pair.right, nexts, (left, right))
        if kind is not None:
            meets_at = nexts[0] if nexts[0] == nexts[1] else _meeting(pairs, index + 1)
            yield Parting(kind, pair.left, pair.right, pair.number, *nexts, meets_at)


_SIDES: Final = ("left", "right")


def _next(visit: RecordedVisit, alignment: Alignment) -> str:
    following = alignment.next_visits.get(visit.number)
    return following.state if following is not None else ""


def _meeting(pairs: Sequence[Pairing], start: int) -> str:
    """The state at which two paths meet again, from a pair on."""
    found = (pair for pair in pairs[start:] if pair.left is not None and pair.right is not None)
    return next((pair.any.state for pair in found), "")


def _kind(
    left: RecordedVisit, right: RecordedVisit, nexts: tuple[str, str], alignments: tuple[Alignment, Alignment]
) -> PartingKind | None:
    statuses = (left.status, right.status)
    if any(_is_open(visit, one) for visit, one in zip((left, right), alignments, strict=True)):
        return None
    if "failed" in statuses or "caught" in statuses:
        if statuses[0] != statuses[1] or nexts[0] != nexts[1] or _error_of(left) != _error_of(right):
            return PartingKind.FAILED
    elif statuses[0] != statuses[1]:
        return PartingKind.STOPPED
    if nexts[0] != nexts[1] and not _is_next_unknown((left, right), nexts, alignments):
        return PartingKind.NEXT
    if bool(left.redriven) != bool(right.redriven):
        return PartingKind.REDRIVEN
    if len(left.attempts) != len(right.attempts):
        return PartingKind.ATTEMPTS
    counts = item_count(left), item_count(right)
    return PartingKind.ITEMS if None not in counts and counts[0] != counts[1] else None


def _is_next_unknown(
    visits: tuple[RecordedVisit, RecordedVisit], nexts: tuple[str, str], alignments: tuple[Alignment, Alignment]
) -> bool:
    """Whether one of two visits that were left has no next one because its recording ends there, or because its branch
    was cut short behind it: by another branch that failed, or with the execution."""
    return any(
        not name and (one.recording.end is None or _is_cut_behind(visit, one))
        for visit, name, one in zip(visits, nexts, alignments, strict=True)
    )


def _is_cut_behind(visit: RecordedVisit, alignment: Alignment) -> bool:
    if visit.container is None:
        return alignment.recording.status in UNSUCCESSFUL
    around = alignment.visits[visit.container]
    return around.exited is None or around.status == "caught"


def _is_open(visit: RecordedVisit, alignment: Alignment) -> bool:
    """Whether how a visit went on is not in the recording."""
    return visit.status == "running" and alignment.recording.end is None


def _error_of(visit: RecordedVisit) -> str | None:
    return visit.attempts[-1].error if visit.attempts else None


def item_count(visit: RecordedVisit) -> int | None:
    """How many items a Map went through in its last try; None for another state, and where it did not begin."""
    if visit.type != "Map" or not visit.attempts:
        return None
    began = visit.attempts[-1].began
    length = began.details.get("length", MISSING) if began.type in CONTAINER_STARTS else MISSING
    return length if isinstance(length, int) and not isinstance(length, bool) else None


# which one led to the failure


class _Leading:
    """Chooses the parting to name first."""

    def __init__(
        self,
        left: Alignment,
        right: Alignment,
        by_branch: Mapping[BranchId, Sequence[Pairing]],
        found: Sequence[Parting],
    ) -> None:
        self._sides = (left, right)
        self._by_branch = by_branch
        self._found = found
        self._by_visit = [
            {visit.number: one for one in found if (visit := getattr(one, side)) is not None} for side in _SIDES
        ]

    def parting(self) -> Parting | None:
        """The parting from which the way to the failure was another one, where one execution failed and the other did
        not; else the first after which the paths do not go on alike, or the first at all."""
        failed = [one.recording.status in UNSUCCESSFUL for one in self._sides]
        if failed[0] != failed[1]:
            side = 0 if failed[0] else 1
            visit = failed_visit(self._sides[side])
            found = self._of_failure(visit, side) if visit is not None else None
            if found is not None:
                return found
        large = (one for one in self._found if one.kind not in SMALL)
        return next(large, self._found[0] if self._found else None)

    def _of_failure(self, failed: RecordedVisit, side: int) -> Parting | None:
        """Back from a visit that failed on one side: its own parting, or that after which it was come to."""
        visit: RecordedVisit | None = failed
        while visit is not None:
            own = self._by_visit[side].get(visit.number)
            pairs = self._by_branch.get(visit.branch, ())
            place = next((at for at, pair in enumerate(pairs) if _is(getattr(pair, _SIDES[side]), visit)), None)
            if place is None:
                return own
            if pairs[place].left is not None and pairs[place].right is not None:
                return own
            common = [pair for pair in pairs[:place] if pair.left is not None and pair.right is not None]
            if common:
                last = getattr(common[-1], _SIDES[side])
                return self._by_visit[side].get(last.number)
            if any(getattr(pair, _SIDES[1 - side]) is not None for pair in pairs):
                return own or next((one for one in self._found if one.branch == visit.branch), None)
            around = self._sides[side].visits[visit.container] if visit.container is not None else None
            if around is not None and self._has_pair(around, side):
                return _alone(failed, side)
            visit = around
        return None

    def _has_pair(self, visit: RecordedVisit, side: int) -> bool:
        return any(
            _is(getattr(pair, _SIDES[side]), visit) and getattr(pair, _SIDES[1 - side]) is not None
            for pair in self._by_branch.get(visit.branch, ())
        )


def _is(one: RecordedVisit | None, visit: RecordedVisit) -> bool:
    return one is not None and one.number == visit.number


def _alone(visit: RecordedVisit, side: int) -> Parting:
    """A failure in a branch, an iteration, that the other execution does not have."""
    sides = (visit, None) if side == 0 else (None, visit)
    return Parting(PartingKind.FAILED, *sides)


def failed_visit(alignment: Alignment) -> RecordedVisit | None:
    """The visit in which an execution that ended without success failed; of one that timed out or was stopped, the
    innermost that it was in then."""
    index = alignment.failure
    found = alignment.visit_at(index) if index is not None else None
    if alignment.recording.status is ExecutionStatus.FAILED and found is not None:
        return found
    unfinished = [visit for visit in alignment.visits if visit.exited is None]
    if found is not None and found in unfinished:
        return found
    return max(unfinished, key=lambda visit: (visit.failed, len(visit.branch), visit.number), default=None)


def fault_of(visit: RecordedVisit, alignment: Alignment) -> tuple[str | None, str | None, RecordedEvent] | None:
    """The error and the cause that a visit failed with, and the event that says it; None where it did not fail.

    That of its last failed try, also of one that succeeded in the end; of a visit without tries, or of a Map Run whose
    event does not say it, what ended its execution, if it did.
    """
    failed = [attempt for attempt in visit.attempts if attempt.failed]
    if failed and failed[-1].ended is not None and failed[-1].error is not None:
        return failed[-1].error, failed[-1].cause, failed[-1].ended
    end, index = alignment.recording.end, alignment.failure
    if index is None or end is None or alignment.visit_of[index] != visit.number:
        return (None, failed[-1].cause, failed[-1].ended) if failed and failed[-1].ended is not None else None
    event = alignment.recording.events[index]
    told = event if event.text("error") is not None or event.text("cause") is not None else end
    return told.text("error"), told.text("cause"), told
