"""What `sfdebug diff` found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.reports.differences import branch_text, value_json, value_text
from sfdebug.text import escaped
from sfdebug.times import seconds_text
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.history.comparison import ExecutionDifference
    from sfdebug.history.recording import Recording
    from sfdebug.values import Json, Value

KINDS: Final = ("path", "data", "timing")


def contrast_lines(found: ExecutionDifference) -> list[str]:
    """One difference in three lines."""
    if found.field == "visit":
        left = "enters it" if found.left is not MISSING else "does not"
        right = "enters it" if found.right is not MISSING else "does not"
    elif found.field == "milliseconds":
        left, right = (
            seconds_text(took / 1000) if isinstance(took, int) else "unknown" for took in (found.left, found.right)
        )
    else:
        left, right = _side(found, found.left), _side(found, found.right)
    return [_place(found), f"  A{_event(found.left_event)}: {left}", f"  B{_event(found.right_event)}: {right}"]


def _side(found: ExecutionDifference, value: Value) -> str:
    """A whole payload that is missing may have existed: AWS leaves data out, and cuts it off."""
    if value is MISSING and found.kind == "data" and not found.pointer:
        return "nothing recorded"
    return value_text(value)


def _place(found: ExecutionDifference) -> str:
    what = {"visit": "the state is entered", "milliseconds": "how long it took"}.get(found.field, found.field)
    if not found.state:
        return f"{found.kind}: the execution, {what}{_pointer(found)}"
    text = f"{found.kind}: '{escaped(found.state)}'"
    if found.branch:
        text += f" in {branch_text(found.branch)}"
    if found.visit > 1:
        text += f", visit {found.visit}"
    if found.attempt > 1:
        text += f", attempt {found.attempt}"
    return f"{text}, {what}{_pointer(found)}"


def _pointer(found: ExecutionDifference) -> str:
    return f" at {escaped(found.pointer)}" if found.pointer else ""


def _event(event_id: int | None) -> str:
    return f" (event {event_id})" if event_id is not None else ""


def summary(left: Recording, right: Recording, found: Sequence[ExecutionDifference]) -> str:
    """Both executions and all differences in two lines."""
    names = f"A {escaped(left.title)} ({left.standing}), B {escaped(right.title)} ({right.standing})"
    if not found:
        gaps = [f"{side} {gap}" for side, one in (("A", left), ("B", right)) for gap in _gaps(one)]
        return f"{names}\nno differences" + (f" in what both have: {', '.join(gaps)}" if gaps else "")
    counts = [f"{sum(1 for one in found if one.kind == kind)} in {kind}" for kind in KINDS]
    return f"{names}\n{len(found)} difference{'s' if len(found) > 1 else ''}: {', '.join(counts)}"


def _gaps(recording: Recording) -> list[str]:
    """What is known not to be in a recording, so that it cannot have been compared."""
    gaps = [("has more pages", recording.has_more), ("has only selected fields", recording.fields is not None),
            ("has no data", not recording.has_data), ("has data that AWS cut off", bool(recording.truncated)),
            ("lacks events", bool(recording.missing_ids)), ("has no end", recording.end is None)]  # fmt: skip
    return [what for what, is_so in gaps if is_so]


def comparison_dict(left: Recording, right: Recording, found: Sequence[ExecutionDifference]) -> dict[str, Json]:
    """The object that `sfdebug diff --json` prints. A side that has nothing in a place is left out there."""
    return {
        "a": _side_dict(left),
        "b": _side_dict(right),
        "differences": [_one(contrast) for contrast in found],
    }


def _side_dict(recording: Recording) -> dict[str, Json]:
    gaps: list[Json] = [*_gaps(recording)]
    return {
        "history": recording.title,
        "status": str(recording.status),
        "events": len(recording.events),
        "gaps": gaps,
    }


def _one(found: ExecutionDifference) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "kind": found.kind,
        "state": found.state,
        "branch": [[name, index] for name, index in found.branch],
        "visit": found.visit,
        "attempt": found.attempt,
        "field": found.field,
        "pointer": found.pointer,
        "eventA": found.left_event,
        "eventB": found.right_event,
    }
    if found.left is not MISSING:
        shown["a"] = value_json(found.left)
    if found.right is not MISSING:
        shown["b"] = value_json(found.right)
    return shown
