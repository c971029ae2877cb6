"""The stop where somebody waits: at a breakpoint, at a fault that is watched, at the place that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.breakpoints.breakpoint import Trigger
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason
from sfdebug.debugger.wording import positions as words

if TYPE_CHECKING:
    from sfdebug.debugger.breakpoints.hits import Hit
    from sfdebug.debugger.breakpoints.lookout import StopPlace
    from sfdebug.debugger.timeline.timeline import Timeline


def halt(timeline: Timeline, found: StopPlace) -> Stop:
    """Stand at the place that was found; why one stops there."""
    from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text

    cursor = found.cursor
    timeline.put_cursor(cursor.node, cursor.stage_offset, cursor.focus)
    here = words.describe_position(position_at(timeline.cursor))
    texts = tuple(breakpoint_text(hit.breakpoint) for hit in found.hits)
    if not found.hits:
        return Stop(StopReason.STEP, here)
    if any(hit.breakpoint.trigger is Trigger.FAULT and not hit.problem for hit in found.hits):
        return Stop(StopReason.FAULT, words.fault(cursor.node), breakpoints=texts)
    return Stop(StopReason.BREAKPOINT, f"{'; '.join(map(_why, found.hits, texts))}: {here}", breakpoints=texts)


def _why(hit: Hit, text: str) -> str:
    """`breakpoint`, `breakpoint Ship if $.total > 100`, or why it cannot be told whether it stops."""
    point = hit.breakpoint
    if hit.problem:
        return f"the condition of {text} cannot be told ({hit.problem})"
    if point.is_plain and point.trigger is Trigger.STATE:
        return "breakpoint"
    return f"breakpoint {text}" + (f" (hit {hit.number:,})" if hit.number else "")
