"""Differences between executions in words and as JSON, the same in every report that tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.events import timestamp
from sfdebug.history.leaves import depth
from sfdebug.history.replay.event_comparison import DifferenceKind
from sfdebug.history.replay.explain import MOST_SHOWN_DEPTH, shown, shown_pair
from sfdebug.text import escaped
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.replay.event_comparison import Difference

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


def place_text(difference: Difference) -> str:
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
    lines = [place_text(difference)]
    if difference.field == "type":
        lines.append(
            f"  recorded: {escaped(str(difference.recorded)) if difference.recorded is not MISSING else 'the end'}"
        )
        computed = "nothing that follows" if difference.computed is MISSING else escaped(str(difference.computed))
        lines.append(f"  computed: {computed}")
    elif difference.kind is DifferenceKind.TIMING:
        lines.append(f"  recorded: {_moment_text(difference.recorded)}")
        lines.append(f"  computed: {_moment_text(difference.computed)}")
    else:
        recorded, computed = shown_pair(difference.recorded, difference.computed, _WIDEST)
        lines.append(f"  recorded: {escaped(recorded)}")
        lines.append(f"  computed: {escaped(computed)}")
    if difference.is_carried:
        lines.append("  it stood so in the state's input already")
    if difference.explanation:
        lines.append(f"  {escaped(difference.explanation)}")
    return lines


def _moment_text(value: Value) -> str:
    return timestamp(value) if isinstance(value, int) else value_text(value)


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
