"""What of a recording is yet to come, from the event on that its replay has come to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment

_MOST_TOLD: Final = 50


class Upcoming:
    """The places of a branch's recorded events from one of them on, without a copy."""

    __slots__ = ("first", "places")

    def __init__(self, places: Sequence[int], first: int) -> None:
        self.places = places
        self.first = first

    def __iter__(self) -> Iterator[int]:
        for index in range(self.first, len(self.places)):
            yield self.places[index]


class UpcomingEvents:
    """What is yet to come of an aligned recording; `now` is the place of the event that was come to."""

    def __init__(self, alignment: Alignment) -> None:
        self.now = 0
        self._alignment = alignment
        self._count = len(alignment.recording.events)
        self._told = [told for told, _ in alignment.failures]

    def of(self, branch_id: BranchId) -> Upcoming:
        """The places of a branch's events that are yet to come."""
        places = self._alignment.by_branch.get(branch_id, ())
        return Upcoming(places, bisect_right(places, self.now))

    def is_heard_of(self, branch_id: BranchId) -> bool:
        """Whether the recording tells more of a branch before the execution ends or is redriven."""
        return self.next_place(branch_id) is not None

    def until_redrive(self, upcoming: Upcoming) -> Iterator[int]:
        """The places of `upcoming` before the next redrive: nothing that is under way goes on beyond it."""
        redrives = self._alignment.redrives
        following = bisect_right(redrives, self.now)
        last = redrives[following] if following < len(redrives) else self._count
        return takewhile(lambda place: place < last, upcoming)

    def when_told(self, branch_id: BranchId) -> int:
        """How soon the recording tells that a container, or the execution, failed with the fault of this branch: of
        several that fail at the same time it is one that takes the others along."""
        branches, depth, first = self._alignment.branches, len(branch_id), bisect_left(self._told, self.now)
        for number, (_, fault) in enumerate(self._alignment.failures[first : first + _MOST_TOLD]):
            if branches[fault][:depth] == branch_id:
                return number
        return _MOST_TOLD

    def next_place(self, branch: BranchId) -> int | None:
        """The place of a branch's next recorded event before the next redrive, None after its last one."""
        return next(self.until_redrive(self.of(branch)), None)
