"""When and after what recorded events happened, against what the definition says: times, and the order of branches."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from sfdebug.history.replay.event_comparison import TIMESTAMPS, Difference, DifferenceKind, Rules
from sfdebug.history.replay.explain import explain_stalled, explain_timing

if TYPE_CHECKING:
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.history.replay.delays import Stalled, Woken

_EXPIRY_EARLY: Final = 500
"""Milliseconds by which AWS's clock for the time of a whole execution may be ahead of the one that stamps events."""
_AT_ONCE: Final = 1_000
"""Milliseconds within which the branches of a Parallel begin."""
_AFTER_ANY_BRANCH: Final = frozenset(
    {"MapIterationStarted", "MapStateSucceeded", "MapStateExited", "ParallelStateSucceeded", "ParallelStateExited"}
)


def place_of(alignment: Alignment, recorded: RecordedEvent) -> int:
    """The place of an event among the recorded ones."""
    return bisect_left(alignment.recording.events, recorded.id, key=lambda event: event.id)


def may_follow_either(alignment: Alignment, recorded: RecordedEvent, wanted: int, found: int) -> bool:
    """Whether an event may follow either of two others, given by their recorded ids.

    What ends a container follows the branch that ended last, what starts an iteration the one whose place it takes:
    where several ended at once, any of them. AWS is of two minds too (both recorded): MapStateExited follows
    MapRunStarted or MapRunSucceeded.
    """
    if recorded.type not in _AFTER_ANY_BRANCH:
        return False
    branch = alignment.branches[place_of(alignment, recorded)]
    depth = len(branch) - (1 if recorded.type == "MapIterationStarted" else 0)
    known = alignment.recording.by_id
    if recorded.type == "MapIterationStarted":
        # at once, or in the place of another one: how many run side by side tells them apart
        starts = [known[place].type == "MapStateStarted" for place in (wanted, found) if place in known]
        if len(set(starts)) > 1:
            return False
    return all(
        event_id in known and alignment.branches[place_of(alignment, known[event_id])][:depth] == branch[:depth]
        for event_id in (wanted, found)
    )


def timing_difference(rules: Rules, recorded: RecordedEvent, woken: Woken, start: int) -> Difference | None:
    """What is wrong with when a wait or a delay ended: AWS may be late by the tolerance, and is never early.

    Args:
        rules: What counts as a difference.
        recorded: The event by which it ended.
        woken: When it was due.
        start: When the execution started, in milliseconds since 1970.
    """
    if TIMESTAMPS in rules.ignore:
        return None
    late = rules.tolerance_seconds * 1000
    least = _EXPIRY_EARLY if woken.is_expiry else _rounding(recorded, woken)
    early = max(least, rules.early_seconds * 1000)
    if woken.earliest - early <= woken.at <= woken.latest + late:
        return None
    due = woken.latest if woken.at > woken.latest else woken.earliest
    return Difference(
        recorded.id, woken.branch.id, woken.branch.state_name, TIMESTAMPS, start + woken.at, start + due,
        explain_timing(woken, due), kind=DifferenceKind.TIMING, event_type=recorded.type,
    )  # fmt: skip


def stalled_difference(rules: Rules, recorded: RecordedEvent, stalled: Stalled, start: int) -> Difference | None:
    """A branch that was cut short: what it would have done long before is not recorded. Arguments as above."""
    late = rules.tolerance_seconds * 1000
    if TIMESTAMPS in rules.ignore or recorded.time is None:
        return None
    if stalled.at - stalled.due <= (min(late, _AT_ONCE) if stalled.is_first else late):
        return None
    branch = stalled.branch
    return Difference(
        recorded.id, branch.id, branch.state_name, TIMESTAMPS, start + stalled.at, start + stalled.due,
        explain_stalled(stalled), kind=DifferenceKind.TIMING, event_type=recorded.type,
    )  # fmt: skip


def _rounding(recorded: RecordedEvent, woken: Woken) -> int:
    """How many milliseconds early a written time can seem: one, or, written in whole seconds, a fraction of a delay."""
    return 1 if recorded.time is not None and recorded.time % 1_000 else woken.earliest % 1_000
