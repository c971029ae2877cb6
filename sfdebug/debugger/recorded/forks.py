"""How a fork of a recording goes otherwise than the recording: state by state, in its path and its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.debugger.recorded.summary import branch_text
from sfdebug.history.comparison import compare_recordings
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.explain import shown
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.history.comparison import ExecutionDifference


@dataclass(frozen=True, slots=True)
class ForkContrast:
    """One difference. `position` is that of its event on the fork, from 1, 0 where the fork has none."""

    position: int
    label: str
    text: str
    is_path: bool


def fork_contrasts(timeline: Timeline, run: RecordedSession) -> list[ForkContrast]:
    """What differs between the recording and the current fork, as far as that has run; its own end counts only when it
    has one."""
    record = timeline.record
    if record is None:
        return []
    events = record.events(timeline.lane)
    try:
        (mine,) = parse_recordings(compact({"events": [event.as_dict() for event in events]}), timeline.current.name)
    except (RecordingError, ValueError):
        return []
    positions = {event.id: position for position, event in enumerate(events, start=1)}
    is_over = timeline.tip.is_over
    last = events[-1].id
    found = []
    for one in compare_recordings(run.recording, mine):
        if one.kind == "timing" or (not is_over and _is_not_yet(one, last)):
            continue
        found.append(ForkContrast(positions.get(one.right_event or 0, 0), _label(one), _text(one), one.kind == "path"))
    return found


def _is_not_yet(one: ExecutionDifference, last: int) -> bool:
    """Whether the fork merely has not come so far."""
    return one.right_event is None or not one.state or not is_present(one.right) or one.right_event == last


def _label(one: ExecutionDifference) -> str:
    return f"{one.state}{branch_text(one.branch)} {one.field}" if one.state else one.field


def _text(one: ExecutionDifference) -> str:
    if one.field == "visit":
        return "only on this fork" if not is_present(one.left) else "only in the recording"
    place = f" at $.{one.pointer[1:].replace('/', '.')}" if one.pointer else ""
    return f"recorded {shown(one.left)}, here {shown(one.right)}{place}"
