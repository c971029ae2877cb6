"""Undo and redo. Nothing is thrown away by either: undo goes to where a decision was not made yet, redo back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.debugger.timeline.position import before_decision, decision_to_take_back, position_at
from sfdebug.debugger.verbs import Hint, Stop, StopReason, Verb, refused
from sfdebug.debugger.wording import positions as words

if TYPE_CHECKING:
    from sfdebug.debugger.stepping.jumps import Jumps
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.timeline.timeline import Timeline


class Undone(Struct, frozen=True, gc=False):
    """One undo: the fork and the cursor that it left, the fork that it went to, and what it took back, in words.

    `decided` is how many decisions the user had made by then: one more, and there is something else to undo first.
    """

    fork: int
    cursor: Cursor
    went_to: int
    decided: int
    what: str


class Undo:
    """Takes decisions of the user back, and takes that back."""

    def __init__(self, timeline: Timeline, jumps: Jumps) -> None:
        self.timeline = timeline
        self._jumps = jumps
        self.undone: tuple[Undone, ...] = ()
        """What can be done again, the last one first to be."""

    def why_not_leave(self) -> Stop | None:
        """Why there is nothing to take back and no fork to leave here; None when there is."""
        if self.timeline.current.parent is not None or decision_to_take_back(self.timeline) is not None:
            return None
        return refused(
            "there is no fork to leave, and no decision right ahead: step back to before one, and decide anew",
            Verb.STEP_BACK,
        )

    def leave(self) -> Stop:
        """Take back the user's decision here, or leave the fork for the one that it parted from."""
        if (refusal := self.why_not_leave()) is not None:
            return refusal
        timeline = self.timeline
        fork, cursor = timeline.fork, timeline.cursor
        decided = decision_to_take_back(timeline)
        what = timeline.decided(decided) or fork.reason
        stop = self._take_back() or self._jumps.to_fork(fork.parent.id if fork.parent is not None else 0)
        kept = self.undone if self._is_in_force() else ()
        self.undone = (*kept, Undone(fork.id, cursor, timeline.fork.id, timeline.decided_count, what))
        return stop

    def why_not_redo(self) -> Stop | None:
        """Why nothing that was undone can be done again here; None when something can."""
        if not self.undone:
            return refused("nothing was undone")
        if not self._is_in_force():
            return refused("something else was changed since the last undo: nothing to do again")
        if self.undone[-1].went_to != self.timeline.fork.id:
            return refused("nothing was undone on this timeline")
        return None

    def redo(self) -> Stop:
        """To where the last undo was called, as it was there."""
        if (refusal := self.why_not_redo()) is not None:
            return refusal
        *kept, last = self.undone
        self.undone = tuple(kept)
        self.timeline.stand(last.fork, last.cursor)
        return Stop(StopReason.JUMP, f"again: {last.what}; {words.describe_position(position_at(last.cursor))}")

    def _is_in_force(self) -> bool:
        return bool(self.undone) and self.undone[-1].decided == self.timeline.decided_count

    def _take_back(self) -> Stop | None:
        """Stand before the decision at the cursor, on a fork without it; None when there is none of this fork's own."""
        timeline = self.timeline
        decided = decision_to_take_back(timeline)
        if decided is None:
            return None
        base, text = before_decision(timeline, decided), f"took back: {timeline.decided(decided)}"
        is_new = timeline.take_back(decided, base, text)
        branch = getattr(decided.decision, "branch", None)
        timeline.put_cursor(base, focus=branch if branch in base.execution.branches else None)
        hints = (Hint(Verb.REDO, "does it again"),)
        return Stop(StopReason.CHANGED, text, timeline.current.id if is_new else None, hints)
