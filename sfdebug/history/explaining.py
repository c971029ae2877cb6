"""Why a computed value or path is another than the recorded one, in plain words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sfdebug.engine.visit import CatchVerdict, RetryVerdict, StageName, StageStatus, VisitStatus
from sfdebug.history.leaves import depth
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.decisions import BranchId
    from sfdebug.engine.events import Event
    from sfdebug.engine.visit import Stage, Visit
    from sfdebug.history.driving import Woken
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import RecordedEvent

_WIDEST: Final = 80
MOST_SHOWN_DEPTH: Final = 100
"""JSON that is nested more deeply is not written out: encoders give up."""
_LOOK_BACK: Final = 2_000
_MOST_RULES: Final = 3
_LONGEST: Final = 400
_SHAPING: Final = frozenset(
    {
        StageName.INPUT_PATH, StageName.PARAMETERS, StageName.ARGUMENTS, StageName.RESULT_SELECTOR,
        StageName.RESULT_PATH, StageName.OUTPUT_PATH, StageName.OUTPUT, StageName.RESULT, StageName.ITEM_SELECTOR,
        StageName.ITEMS_PATH, StageName.ITEMS, StageName.ASSIGN, StageName.CATCH,
    }
)  # fmt: skip
_SHAPED: Final = frozenset({"parameters", "input", "output", "assignedVariables"})
_BEFORE_WORK: Final = frozenset({"parameters", "input"})


def shown(value: Value, width: int = _WIDEST) -> str:
    """A value in few words."""
    if value is MISSING:
        return "nothing"
    if depth(value) > MOST_SHOWN_DEPTH:
        return f"a value nested {depth(value)} levels deep"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def explain_field(execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, leaf: Leaf) -> str:
    """What stands where, and which field of the definition made the computed value."""
    place = _dotted(leaf.pointer)
    said = f"recorded {field} has {_has(leaf.recorded, place)}, computed has {_has(leaf.computed, place)}"
    stage = _shaper_of(execution, branch, recorded, field, leaf.pointer)
    return said if stage is None else f"{said}: {stage.name} as defined is {shown(stage.expression)}"


def explain_moved(
    execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, gone: Leaf, new: Leaf
) -> str:
    """The recorded value stands at another place in the computed one."""
    stage = _shaper_of(execution, branch, recorded, field, new.pointer)
    by = "the definition" if stage is None else f"{stage.name} as defined, {shown(stage.expression)},"
    there = f"{_dotted(new.pointer)} {shown(new.computed)}"
    return f"recorded {field} has {_dotted(gone.pointer)} {shown(gone.recorded)}; {by} gives {there}"


def _dotted(pointer: str) -> str:
    return f"$.{pointer[1:].replace('/', '.')}" if pointer else "$"


def _has(value: Value, place: str) -> str:
    return f"no {place}" if value is MISSING else f"{shown(value)} at {place}"


def _shaper_of(
    execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, pointer: str
) -> Stage | None:
    if recorded.is_entry or field not in _SHAPED:
        return None
    visit = visit_at(execution, branch, is_left=recorded.is_exit)
    return _shaper(visit, field, pointer) if visit is not None else None


def _shaper(visit: Visit, field: str, pointer: str) -> Stage | None:
    """The last stage with an expression that shaped the place in the field.

    What a ResultPath puts somewhere was shaped before it; what it leaves alone too.
    """
    stages = visit.stages
    if field in _BEFORE_WORK:
        work = next((i for i, stage in enumerate(stages) if stage.name is StageName.TASK), len(stages))
        stages = stages[:work]
    last: Stage | None = None
    for stage in reversed(stages):
        if stage.name not in _SHAPING or stage.expression is MISSING or stage.status is StageStatus.NOT_MATCHED:
            continue
        if last is None:
            last = stage
        inside = _inside(stage, pointer)
        if inside is None:
            return stage
        pointer = inside
    return last


def _inside(stage: Stage, pointer: str) -> str | None:
    """Where a place stood before ResultPath put it below its own; None when it stops at this stage."""
    path = stage.expression
    if stage.name is not StageName.RESULT_PATH or not isinstance(path, str):
        return None
    put = path.removeprefix("$").replace(".", "/")
    return pointer[len(put) :] if put and pointer.startswith(f"{put}/") else None


def explain_path(execution: Execution, branch: BranchId, computed: Event | None) -> str:
    """Why the computed execution came to the event that it came to."""
    is_left = computed is not None and computed.type.endswith("StateEntered")
    visit = visit_at(execution, branch, is_left=is_left)
    if visit is None:
        return ""
    name = visit.state.name
    fault = _explain_fault(visit)
    if fault:
        return fault
    for stage in reversed(visit.stages):
        if stage.name is StageName.RULE and stage.status is StageStatus.MATCHED:
            why = getattr(stage.detail, "why", "")
            return f"rule {(stage.index or 0) + 1} of '{name}' matches: {why}" if why else ""
        if stage.name is StageName.DEFAULT:
            tried = [getattr(rule.detail, "why", "") for rule in visit.stages if rule.name is StageName.RULE]
            whys = "; ".join(why for why in tried[:_MOST_RULES] if why)
            return f"no rule of '{name}' matches, so its Default is taken{f': {whys}' if whys else ''}"
    if computed is None:
        return ""
    if computed.type.endswith("StateEntered") and visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        return f"'{name}' leads to '{visit.next}'"
    if computed.type.startswith("Execution") and visit.next is None:
        return f"the execution ends after '{name}'"
    return ""


def _explain_fault(visit: Visit) -> str:
    """What a visit failed with, and who took it; "" when it did not fail, or went on to succeed after a retry."""
    if visit.status is VisitStatus.SUCCEEDED:
        return ""
    taken = ""
    for stage in reversed(visit.stages):
        if stage.status is StageStatus.MATCHED and isinstance(stage.detail, RetryVerdict | CatchVerdict) and not taken:
            taker = "Retrier" if isinstance(stage.detail, RetryVerdict) else "Catcher"
            taken = f"; {taker} {stage.detail.index + 1} {stage.detail.why}"
        if stage.fault is not None and stage.status in (StageStatus.FAILED, StageStatus.INJECTED):
            cause = f": {stage.fault.cause}" if stage.fault.cause else ""
            return f"'{visit.state.name}' fails with {stage.fault.error}{cause}"[:_LONGEST] + taken
    return ""


def explain_timing(woken: Woken) -> str:
    """How much earlier or later something happened than its fields say."""
    seconds = (woken.at - woken.due) / 1000
    off = f"{abs(seconds):g} s {'later' if seconds > 0 else 'earlier'}"
    if woken.is_expiry:
        return f"the execution timed out {off} than the definition says"
    visit, name = woken.branch.visit, woken.branch.state_name
    kind = "the wait" if visit is not None and visit.state.type == "Wait" else "the delay"
    return f"{kind} of '{name}' ended {off} than its fields say"


def visit_at(execution: Execution, branch: BranchId, *, is_left: bool) -> Visit | None:
    """The visit that a branch is in; when `is_left`, or between two states, the last one that it left."""
    live = execution.branches.get(branch)
    if not is_left and live is not None and live.visit is not None:
        return live.visit
    first = max(-1, len(execution.visits) - _LOOK_BACK)
    for index in range(len(execution.visits) - 1, first, -1):
        if execution.visits[index].branch == branch:
            return execution.visits[index]
    return live.visit if live is not None else None
