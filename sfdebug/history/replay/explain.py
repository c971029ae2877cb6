"""Why a computed value or path is another than the recorded one, in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug import json_pointer
from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.events import EventType, timestamp
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, StageName, StageStatus, VisitStatus
from sfdebug.history.leaves import depth, is_same
from sfdebug.history.replay.event_comparison import DifferenceKind
from sfdebug.json_pointer import value_at
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.history.replay.event_comparison import Difference

_WIDEST: Final = 80
MOST_SHOWN_DEPTH: Final = 100
"""JSON that is nested more deeply is not written out: encoders give up."""
_LOOK_BACK: Final = 2_000
_MOST_RULES: Final = 3
_LONGEST: Final = 400
_LONGEST_COMPARED: Final = 1_000_000
"""Characters of a value in which two are compared for where they begin to differ."""
_WORK: Final = frozenset({StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN})
_CALL: Final = (StageName.PARAMETERS, StageName.ARGUMENTS)
_WITHOUT_WORK: Final = (StateType.PASS, StateType.WAIT, StateType.CHOICE, StateType.SUCCEED)
_RESULTS: Final = (StageName.RESULT_SELECTOR, StageName.RESULT, StageName.PARAMETERS)


class _Shaper(Struct, frozen=True, gc=False):
    """The field of the definition that made a value what it is; `expression` is MISSING when it is not there.

    `pointer` is the value's place in what the field gives, None where that is not known.
    """

    name: StageName
    expression: Value
    pointer: str | None = None

    def __str__(self) -> str:
        if self.expression is MISSING:
            return f"{self.name} is not defined"
        is_short = len(shown(self.expression, _WIDEST + 1)) <= _WIDEST
        path, part = ("", MISSING) if is_short or not self.pointer else _part_of(self.expression, self.pointer)
        if not path:
            return f"{self.name} as defined is {shown(self.expression)}"
        if part is MISSING:
            return f'{self.name} as defined has no "{path}"'
        return f'{self.name} as defined has "{path}": {shown(part)}'


def _part_of(template: Value, pointer: str) -> tuple[str, Value]:
    """The innermost part of a payload template that gives the value at a place, and what that part is called.

    MISSING, and the name of what is not there, when the template has nothing for it.
    """
    names: list[str] = []
    for step in json_pointer.parse(pointer):
        if isinstance(template, list) and step.isdecimal() and int(step) < len(template):
            names.append(step)
            template = template[int(step)]
        elif isinstance(template, dict):
            key = step if step in template else f"{step}.$"
            if key not in template:
                return ".".join((*names, step)), MISSING
            names.append(key)
            template = template[key]
            if key != step:
                break
        else:
            break
    return ".".join(names), template


def shown(value: Value, width: int = _WIDEST) -> str:
    """A value in few words."""
    if value is MISSING:
        return "nothing"
    if depth(value) > MOST_SHOWN_DEPTH:
        return f"a value nested {depth(value)} levels deep"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def shown_pair(recorded: Value, computed: Value, width: int = _WIDEST) -> tuple[str, str]:
    """Two values in few words, of long ones the part in which they begin to differ."""
    left, right = shown(recorded, _LONGEST_COMPARED), shown(computed, _LONGEST_COMPARED)
    if len(left) <= width and len(right) <= width:
        return left, right
    unlike = (index for index, (mine, theirs) in enumerate(zip(left, right, strict=False)) if mine != theirs)
    common = next(unlike, min(len(left), len(right)))
    start = max(0, common - width // 3)
    if start <= 2:
        return _cut(left, 0, width), _cut(right, 0, width)
    return _cut(left, start, width), _cut(right, start, width)


def sides(difference: Difference, width: int = _WIDEST) -> tuple[str, str]:
    """What was recorded, and what was computed in its place, in words."""
    recorded, computed = difference.recorded, difference.computed
    if difference.field == "type":
        return (
            "the end" if recorded is MISSING else str(recorded),
            "nothing that follows" if computed is MISSING else str(computed),
        )
    if difference.kind is DifferenceKind.TIMING:
        return _moment(recorded, width), _moment(computed, width)
    return shown_pair(recorded, computed, width)


def _moment(value: Value, width: int) -> str:
    return timestamp(value) if isinstance(value, int) else shown(value, width)


def _cut(text: str, start: int, width: int) -> str:
    before = "…" if start else ""
    after = "…" if len(text) - start > width - len(before) else ""
    return f"{before}{text[start : start + width - len(before) - len(after)]}{after}"


def explain_field(execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, leaf: Leaf) -> str:
    """What stands where, and which field of the definition made the computed value."""
    place = dotted(leaf.pointer)
    left, right = shown_pair(leaf.recorded, leaf.computed)
    mine = f"no {place}" if leaf.recorded is MISSING else f"{left} at {place}"
    theirs = f"no {place}" if leaf.computed is MISSING else f"{right} at {place}"
    said = f"recorded {field} has {mine}, computed has {theirs}"
    shaper = _shaper_of(execution, branch, recorded, field, leaf.pointer)
    if shaper is None or shaper.expression is MISSING:
        visit = visit_at(execution, branch, is_left=recorded.is_exit, leaving=recorded.name)
        rule = _explain_rule(visit) if visit is not None and recorded.type == EventType.CHOICE_STATE_EXITED else ""
        if rule:
            return f"{said}: {rule}{'' if shaper is None else f'; {shaper} there'}"
    return said if shaper is None else f"{said}: {shaper}"


def explain_moved(
    execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, gone: Leaf, new: Leaf
) -> str:
    """The recorded value stands at another place in the computed one."""
    shaper = _shaper_of(execution, branch, recorded, field, new.pointer)
    there = f"the recorded value of {dotted(gone.pointer)} stands at {dotted(new.pointer)}"
    return there if shaper is None else f"{there}: {shaper}"


def dotted(pointer: str) -> str:
    """A JSON Pointer as people read it: `$.order.id`."""
    return f"$.{pointer[1:].replace('/', '.')}" if pointer else "$"


def _shaper_of(
    execution: Execution, branch: BranchId, recorded: RecordedEvent, field: str, pointer: str
) -> _Shaper | None:
    if recorded.is_entry:
        return _selector_of(execution, branch, pointer)
    if field not in ("parameters", "input", "output", "assignedVariables"):
        return None
    visit = visit_at(execution, branch, is_left=recorded.is_exit, leaving=recorded.name)
    if visit is None:
        return None
    if field == "assignedVariables":
        return _stage_of(visit, StageName.ASSIGN, pointer)
    if field in ("parameters", "input"):
        return _call_shaper(visit, recorded.payload(field), pointer)
    if not recorded.is_exit:
        return None  # the end of the execution: what the last state gave on
    if visit.state.query_language is QueryLanguage.JSONATA:
        return _stage_of(visit, StageName.OUTPUT, pointer)
    return _output_shaper(visit, recorded.payload(field), pointer)


def _selector_of(execution: Execution, branch: BranchId, pointer: str) -> _Shaper | None:
    """What gives the first state of a Map's iteration its input; None of any other state."""
    live = execution.branches.get(branch)
    if live is None or not branch or not live.previous_event_id:
        return None
    if execution.events[live.previous_event_id - 1].type != EventType.MAP_ITERATION_STARTED:
        return None
    container = execution.branches.get(branch[:-1])
    if container is None or container.visit is None:
        return None
    fields = container.visit.state.fields
    name = StageName.PARAMETERS if "Parameters" in fields else StageName.ITEM_SELECTOR
    return _Shaper(name, fields.get(name, MISSING), pointer)


def explain_order(execution: Execution, branch: BranchId, recorded: RecordedEvent) -> str:
    """Why an event follows another one than the recorded one does."""
    visit = (
        visit_at(execution, branch[:-1], is_left=False) if recorded.type == EventType.MAP_ITERATION_STARTED else None
    )
    if visit is None or visit.state.type is not StateType.MAP:
        return "the events stand in another order"
    name = next((name for name in ("MaxConcurrency", "MaxConcurrencyPath") if name in visit.state.fields), None)
    limit = (
        "MaxConcurrency is not defined" if name is None else f"{name} as defined is {shown(visit.state.fields[name])}"
    )
    return f"the iterations of '{visit.state.name}' start in another order: {limit}"


def _stage_of(visit: Visit, name: StageName, pointer: str) -> _Shaper:
    """The last stage of that name. Of a state that has no such field, and gives on what it has, that it has none."""
    for stage in reversed(visit.stages):
        if stage.name is name and stage.expression is not MISSING:
            return _Shaper(name, stage.expression, pointer)
    return _Shaper(name, MISSING)


def _find(visit: Visit, names: Iterable[StageName]) -> Stage | None:
    wanted = tuple(names)
    return next((s for s in reversed(visit.stages) if s.name in wanted and s.expression is not MISSING), None)


def _call_shaper(visit: Visit, recorded: Value, pointer: str) -> _Shaper:
    """What a Task is called with: its Parameters or Arguments; without them, what InputPath chose."""
    stage = _find(visit, _CALL)
    if stage is not None:
        return _Shaper(stage.name, stage.expression, pointer)
    chosen = _find(visit, (StageName.INPUT_PATH,))
    if chosen is not None and _is_part(recorded, chosen.before):
        return _Shaper(StageName.INPUT_PATH, chosen.expression)
    is_jsonata = visit.state.query_language is QueryLanguage.JSONATA
    return _Shaper(StageName.ARGUMENTS if is_jsonata else StageName.PARAMETERS, MISSING)


def _output_shaper(visit: Visit, recorded: Value, pointer: str) -> _Shaper | None:
    """What made a place of a JSONPath state's output.

    From the end on: was another part of it chosen (OutputPath), did the result go elsewhere or nowhere (ResultPath, a
    Catcher's ResultPath), or was it made of other data (ResultSelector, Result, Parameters)?
    """
    chosen = _find(visit, (StageName.OUTPUT_PATH,))
    if chosen is not None:
        if _is_part(recorded, chosen.before):
            return _Shaper(StageName.OUTPUT_PATH, chosen.expression)
        pointer = _steps(chosen.expression) + pointer
    caught = next((s for s in visit.stages if s.name is StageName.CATCH and s.status is StageStatus.MATCHED), None)
    if caught is not None:
        return _Shaper(StageName.CATCH, caught.expression)
    put = _find(visit, (StageName.RESULT_PATH,))
    result = put.before if put is not None else _result(visit)
    if chosen is None and _is_put_otherwise(recorded, result, visit.input, put):
        return _Shaper(StageName.RESULT_PATH, put.expression if put is not None else MISSING)
    is_whole = chosen is not None or visit.output is MISSING or _has_same_keys(recorded, visit.output)
    if not is_whole and _is_within(recorded, visit.output):
        return _Shaper(StageName.OUTPUT_PATH, MISSING)
    if put is not None:
        path = _steps(put.expression)
        if put.expression is None or not (pointer + "/").startswith(f"{path}/"):
            return None  # it came with the input
        pointer = pointer[len(path) :]
    return _result_shaper(visit, recorded, pointer, put, chosen)


def _result_shaper(
    visit: Visit, recorded: Value, pointer: str, put: Stage | None, chosen: Stage | None
) -> _Shaper | None:
    """What made a place of a state's result, before ResultPath (`put`) and OutputPath (`chosen`)."""
    is_task = visit.state.type is StateType.TASK
    made = _find(visit, (StageName.RESULT_SELECTOR,) if is_task else _RESULTS)
    if made is not None:
        return _Shaper(made.name, made.expression, pointer)
    if is_task:  # its result is the recorded one
        return _Shaper(StageName.RESULT_SELECTOR, MISSING)
    if visit.state.type in _WITHOUT_WORK:
        work = _find(visit, (StageName.INPUT_PATH,))
        if work is not None:
            return _Shaper(StageName.INPUT_PATH, work.expression)
        placed = value_at(recorded, _steps(put.expression)) if put is not None else recorded
        if _is_within(placed, visit.input):
            return _Shaper(StageName.INPUT_PATH, MISSING)
    return _Shaper(StageName.OUTPUT_PATH, chosen.expression) if chosen is not None else None


def _result(visit: Visit) -> Value:
    """What the state's work gave, before ResultPath and OutputPath."""
    for stage in reversed(visit.stages):
        if stage.name in _RESULTS or stage.name in _WORK:
            return stage.after
    return MISSING


def _is_put_otherwise(recorded: Value, result: Value, given: Value, put: Stage | None) -> bool:
    """Whether the recorded output is the state's input with the same result at another place, or without it."""
    if recorded is MISSING or result is MISSING:
        return False
    if put is not None and (is_same(recorded, result) or is_same(recorded, given)):
        return True
    if put is None and is_same(recorded, given) and not is_same(result, given):
        return True
    if not isinstance(recorded, dict) or not isinstance(given, dict):
        return False
    others = {key: value for key, value in recorded.items() if key not in given or not is_same(value, given[key])}
    keeps_input = all(key in recorded for key in given)
    is_alike = any(
        _holds(value, result) or (put is None and _has_same_keys(value, result)) for value in others.values()
    )
    return keeps_input and len(others) == 1 and is_alike


def _has_same_keys(left: Value, right: Value) -> bool:
    """Whether two values are objects with the same fields: one of them may hold made-up values."""
    return isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys() and len(left) > 0


def _holds(value: Value, wanted: Value) -> bool:
    """Whether a value is the wanted one, or holds it somewhere within."""
    stack = [value]
    while stack:
        one = stack.pop()
        if is_same(one, wanted):
            return True
        if isinstance(one, dict):
            stack.extend(one.values())
    return False


def _is_within(recorded: Value, whole: Value) -> bool:
    """Whether the recorded value is somewhere within the whole one, and not all of it."""
    return isinstance(whole, dict) and any(_is_part(recorded, inner) for inner in whole.values())


def _is_part(recorded: Value, whole: Value) -> bool:
    return recorded is not MISSING and _holds(whole, recorded)


def _steps(path: Value) -> str:
    """A reference path as a JSON Pointer, as far as it is written with dots."""
    return path.removeprefix("$").replace(".", "/") if isinstance(path, str) else ""


def explain_path(execution: Execution, branch: BranchId, computed: Event | None) -> str:
    """Why the computed execution came to the event that it came to."""
    if computed is not None and computed.type == EventType.EXECUTION_TIMED_OUT:
        seconds = execution.machine.timeout_seconds
        limit = f"its TimeoutSeconds are {seconds}" if seconds is not None else "it has lasted as long as AWS allows"
        return f"the execution times out: {limit}"
    is_left = computed is not None and computed.type.endswith("StateEntered")
    visit = visit_at(execution, branch, is_left=is_left)
    if visit is None:
        return ""
    name = visit.state.name
    fault = _explain_fault(visit)
    if fault:
        return fault
    rule = _explain_rule(visit)
    if rule is not None:
        return rule
    if computed is None:
        return ""
    if computed.type.endswith("StateEntered") and visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        return f"'{name}' leads to '{visit.next}'"
    if computed.type.startswith("Execution") and visit.next is None:
        return f"the execution ends after '{name}'"
    return ""


def _explain_rule(visit: Visit) -> str | None:
    """Which rule of a Choice was taken, and why; None of any other state, "" where it is not known."""
    name = visit.state.name
    for stage in reversed(visit.stages):
        if stage.name is StageName.RULE and stage.status is StageStatus.MATCHED:
            why = getattr(stage.detail, "why", "")
            return f"rule {(stage.index or 0) + 1} of '{name}' matches: {why}" if why else ""
        if stage.name is StageName.DEFAULT:
            tried = [getattr(rule.detail, "why", "") for rule in visit.stages if rule.name is StageName.RULE]
            whys = "; ".join(why for why in tried[:_MOST_RULES] if why)
            return f"no rule of '{name}' matches, so its Default is taken{f': {whys}' if whys else ''}"
    return None


def _explain_fault(visit: Visit) -> str:
    """What a visit failed with, and who took it; "" when it did not fail, or went on to succeed after a retry."""
    if visit.status is VisitStatus.SUCCEEDED:
        return ""
    taken = ""
    for stage in reversed(visit.stages):
        if stage.name in _WORK and stage.status is StageStatus.DONE:
            return ""
        if stage.status is StageStatus.MATCHED and isinstance(stage.detail, RetryVerdict | CatchVerdict) and not taken:
            taker = "Retrier" if isinstance(stage.detail, RetryVerdict) else "Catcher"
            taken = f"; {taker} {stage.detail.index + 1} {stage.detail.why}"
        if stage.fault is not None and stage.status in (StageStatus.FAILED, StageStatus.INJECTED):
            cause = f": {stage.fault.cause}" if stage.fault.cause else ""
            return f"'{visit.state.name}' fails with {stage.fault.error}{cause}"[:_LONGEST] + taken
    return ""


def _is_about_to_leave(branch: Branch, name: str) -> bool:
    return branch.phase is Phase.EXIT and branch.state_name == name


def visit_at(execution: Execution, branch: BranchId, *, is_left: bool, leaving: str = "") -> Visit | None:
    """The visit that a branch is in; when `is_left`, or between two states, the last one that it left.

    That is also the one that it is about to leave, of the state `leaving`.
    """
    live = execution.branches.get(branch)
    if live is not None and live.visit is not None and (not is_left or _is_about_to_leave(live, leaving)):
        return live.visit
    first = max(-1, len(execution.visits) - _LOOK_BACK)
    for index in range(len(execution.visits) - 1, first, -1):
        if execution.visits[index].branch == branch:
            return execution.visits[index]
    return live.visit if live is not None else None
