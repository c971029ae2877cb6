"""Differences between executions in words and as JSON, the same in every report; and what `sfdebug diff` found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.history.leaves import depth
from sfdebug.history.replay.explain import MOST_SHOWN_DEPTH, shown, sides
from sfdebug.text import counted, escaped
from sfdebug.times import seconds_text
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.comparison import ExecutionDifference
    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.values import Json, Value

_WIDEST = 200


def value_text(value: Value) -> str:
    """A value on one line; long ones are cut."""
    return escaped(shown(value, _WIDEST))


def value_json(value: Json) -> Json:
    """A value for a JSON report: one that encoders would give up on is told of in words."""
    return value if depth(value) <= MOST_SHOWN_DEPTH else shown(value)


def branch_text(branch: BranchId) -> str:
    """A branch in words: "Each order[3] > Charge[1]"; "" for the execution's own level."""
    return escaped(" > ".join(f"{name}[{index}]" for name, index in branch))


def where_text(difference: Difference) -> str:
    """Where it is: "event 12, TaskStateExited of 'Charge', output at /total"."""
    text = f"event {difference.event_id}"
    if difference.event_type:
        text += f", {escaped(difference.event_type)}"
    if difference.state:
        text += f" of '{escaped(difference.state)}'"
    if difference.branch:
        text += f" in {branch_text(difference.branch)}"
    if difference.field == "type":
        return text
    pointer = f" at {escaped(difference.pointer)}" if difference.pointer else ""
    return f"{text}, {difference.field}{pointer}"


def difference_lines(difference: Difference) -> list[str]:
    """A difference in three or four lines."""
    lines = [where_text(difference)]
    recorded, computed = sides(difference, _WIDEST)
    lines += [f"  recorded: {escaped(recorded)}", f"  computed: {escaped(computed)}"]
    if difference.is_carried:
        lines.append("  it stood so in the state's input already")
    if difference.explanation:
        lines.append(f"  {escaped(difference.explanation)}")
    return lines


def difference_dict(difference: Difference) -> dict[str, Json]:
    """A difference as an object; `recorded` and `computed` are left out where there is nothing."""
    found: dict[str, Json] = {
        "event": difference.event_id,
        "type": difference.event_type,
        "state": difference.state,
        "branch": [[name, index] for name, index in difference.branch],
        "kind": difference.kind,
        "field": difference.field,
        "pointer": difference.pointer,
    }
    if difference.recorded is not MISSING:
        found["recorded"] = value_json(difference.recorded)
    if difference.computed is not MISSING:
        found["computed"] = value_json(difference.computed)
    found["explanation"] = difference.explanation
    found["carried"] = difference.is_carried
    return found


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
    return [_where(found), f"  A{_event(found.left_event)}: {left}", f"  B{_event(found.right_event)}: {right}"]


def _side(found: ExecutionDifference, value: Value) -> str:
    """A whole payload that is missing may have existed: AWS leaves data out, and cuts it off."""
    if value is MISSING and found.kind == "data" and not found.pointer:
        return "nothing recorded"
    return value_text(value)


def _where(found: ExecutionDifference) -> str:
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
        gaps = [f"{side} {gap}" for side, one in (("A", left), ("B", right)) for gap in gaps_of(one)]
        return f"{names}\nno differences" + (f" in what both have: {', '.join(gaps)}" if gaps else "")
    counts = [f"{sum(1 for one in found if one.kind == kind)} in {kind}" for kind in KINDS]
    return f"{names}\n{counted(len(found), 'difference')}: {', '.join(counts)}"


def gaps_of(recording: Recording) -> list[str]:
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
    gaps: list[Json] = [*gaps_of(recording)]
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
