"""From a session to a test: what happened on a timeline as a test case of a mock file, proved by a run with it.

Source of the form: AWS Step Functions Developer Guide, "Using mocked service integrations for testing in Step Functions
Local".
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.source import Source
from sfdebug.engine import start
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    EditInput,
    ForceChoice,
    InjectFailure,
    Redrive,
    StopExecution,
    TaskSilence,
)
from sfdebug.engine.execution.visit import RequestKind, StageName, StageStatus
from sfdebug.errors import SfdebugError, UnansweredTaskError, UsageError
from sfdebug.files import is_there, replaced
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tasks.running import run_to_end
from sfdebug.values import MISSING, Json, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import Stage, TaskRequest, Visit

_MOST_VISITS: Final = 100_000
_WRITTEN: Final[dict[str, Any]] = {"indent": 2, "ensure_ascii": False}
_INDENT: Final = re.compile(r"\n([ \t]+)\S")


class SessionCase(Struct, frozen=True, gc=False):
    """What a timeline's Tasks were answered, by state and in the order of the calls; `input` is what a run starts with.

    `notes` say what no mock can bring about: a run with the case can go otherwise there.
    """

    input: Json
    answers: Mapping[str, tuple[Json, ...]]
    notes: tuple[str, ...] = ()


class CaseProof(Struct, frozen=True, gc=False):
    """What a run with a case came to: so many events, and the first thing that goes otherwise; "" when nothing does."""

    events: int
    difference: str = ""


def session_case(debugger: Debugger) -> SessionCase:
    """What happened on the current timeline, as a test case. Raises UsageError when its run is not over."""
    nodes = debugger.timeline.nodes
    if not nodes[-1].is_over:
        what = "the run on this timeline is not over, and a test is of a whole one"
        raise UsageError(what, fix="Go on to its end first.")
    played = debugger.recorded
    if played is not None and played.replay is None:
        raise UsageError("nothing was computed here: there is no definition", fix="sfdebug mocks takes the recording.")
    slots, notes = _called(nodes)
    final = _final_visits(nodes[-1].execution)
    answers: dict[str, list[Json]] = defaultdict(list)
    for number, stage in slots:
        visit = final[number]
        answers[visit.state.name].append(_outcome(visit.stages[stage], visit, notes))
    given = nodes[0].execution.input
    for node in nodes:
        if isinstance(node.decision, EditInput) and not node.decision.branch and not node.execution.visit_count:
            given = node.decision.input
    return SessionCase(given, {name: tuple(found) for name, found in answers.items()}, tuple(dict.fromkeys(notes)))


def _called(nodes: Sequence[TimelineNode]) -> tuple[list[tuple[int, int]], list[str]]:
    """The attempts of Tasks in the order in which they were scheduled, as visit and stage; what cannot be mocked."""
    slots: list[tuple[int, int]] = []
    notes: list[str] = []
    for node in nodes:
        notes += _not_mocked(node)
        if node.visit is None:
            continue
        for index in range(node.kept, len(node.visit.stages)):
            stage = node.visit.stages[index]
            is_begun = stage.name is StageName.TASK and (stage.status in (StageStatus.WAITING, StageStatus.INJECTED))
            if is_begun:
                slots.append((node.visit.number, index))
    return slots, notes


def _not_mocked(node: TimelineNode) -> list[str]:
    """What was decided at a node that no mock brings about."""
    decision = node.decision
    if isinstance(decision, ForceChoice):
        return [f"a Choice was forced: '{_state_of(node, decision.branch)}'"]
    if isinstance(decision, EditInput) and (decision.branch or node.execution.visit_count):
        return [f"the input of '{_state_of(node, decision.branch)}' was edited"]
    if isinstance(decision, InjectFailure):
        state = node.execution.machine.state(decision.state)
        return [] if state.type is StateType.TASK else [f"a failure was injected into the {state.type} '{state.name}'"]
    if isinstance(decision, StopExecution):
        return ["the execution was stopped"]
    if isinstance(decision, Redrive):
        return ["the execution was redriven"]
    if isinstance(decision, AnswerTask) and node.parent is not None:
        branch = node.parent.execution.branches.get(decision.branch)
        request = branch.request if branch is not None else None
        if request is not None and request.kind is RequestKind.MAP_RUN:
            return [f"the Map Run of '{request.state.name}' was answered"]
        if isinstance(decision.answer, TaskSilence):
            return [f"'{request.state.name if request else ''}' never answered: a mock throws States.Timeout at once"]
        if decision.answer.after_seconds:
            return ["answers that took their time come at once"]
    return []


def _state_of(node: TimelineNode, branch_id: Any) -> str:
    branch = node.execution.branches.get(branch_id)
    return branch.state_name if branch is not None else ""


def _final_visits(execution: Execution) -> dict[int, Visit]:
    found = {branch.visit.number: branch.visit for branch in execution.branches.values() if branch.visit is not None}
    return {**found, **{visit.number: visit for visit in execution.visits}}


def _outcome(stage: Stage, visit: Visit, notes: list[str]) -> Json:
    if is_present(stage.after):
        return {"Return": stage.after}
    fault = stage.fault
    if fault is None:
        notes.append(f"'{visit.state.name}' was cut short before an answer")
        return {"Throw": {"Error": "States.TaskFailed", "Cause": "cut short before an answer"}}
    if fault.error is None:
        notes.append(f"'{visit.state.name}' failed without an error name, which a mock must have")
    throw: dict[str, Json] = {"Error": fault.error or ""}
    if fault.cause is not None:
        throw["Cause"] = fault.cause
    return {"Throw": throw}


# the file


def with_case(text: str | None, file: str, machine: str, case: str, found: SessionCase) -> str:
    """The text of a mock file with one more test case: `text` is what the file holds, None where it is not there.

    All that is in it stays as it is written. Raises UsageError when it has a case of that name, MockConfigError when it
    is no mock file.
    """
    if not case.strip():
        raise UsageError("a test case has a name", fix="Type one.")
    if text is None or not text.strip():
        whole, states = _added({}, machine, case, found)
        return json.dumps({"StateMachines": {machine: {"TestCases": {case: states}}}, **whole}, **_WRITTEN) + "\n"
    MockConfig.parse(text, file)
    old = json.loads(text.removeprefix("\ufeff"))
    if case in old["StateMachines"].get(machine, {}).get("TestCases", {}):
        raise UsageError(f"{machine} has a test case '{case}' already", fix="Choose another name.")
    whole, states = _added(old, machine, case, found)
    for label, response in whole["MockedResponses"].items():
        text = _with_member(text, ("MockedResponses",), label, response)
    if machine in old["StateMachines"]:
        return _with_member(text, ("StateMachines", machine, "TestCases"), case, states)
    return _with_member(text, ("StateMachines",), machine, {"TestCases": {case: states}})


def _added(
    old: Mapping[str, Any], machine: str, case: str, found: SessionCase
) -> tuple[dict[str, dict[str, Json]], dict[str, Json]]:
    """The responses that a case needs, under names that the file has not, and the case itself."""
    taken = dict(old.get("MockedResponses", {}))
    responses: dict[str, Json] = {}
    states: dict[str, Json] = {}
    for state, answers in found.answers.items():
        label = _free(f"{state} in {case}", {**taken, **responses})
        responses[label] = _by_invocation(answers)
        states[state] = label
    return {"MockedResponses": responses}, states


def _with_member(text: str, pointer: Pointer, name: str, value: Json) -> str:
    """A JSON text with one more member in one of its objects, written as its other members are indented."""
    document = parse_json(Source("", text))
    owner: Any = document.part(pointer).value
    step = _step(text)
    inside = document.span(pointer)
    if owner:
        last = list(owner)[-1]
        key, at = document.key_span((*pointer, last)), document.span((*pointer, last)).end
        line = text[text.rfind("\n", 0, key.start) + 1 : key.start]
        indent = line if not line.strip() else step * (len(pointer) + 1)
        return f"{text[:at]},\n{indent}{_member(name, value, step, indent)}{text[at:]}"
    indent, outer = step * (len(pointer) + 1), step * len(pointer)
    member = _member(name, value, step, indent)
    return f"{text[: inside.start]}{{\n{indent}{member}\n{outer}}}{text[inside.end :]}"


def _step(text: str) -> str:
    """What a text is indented by."""
    own = _INDENT.search(text)
    return own[1] if own is not None else "  "


def _member(name: str, value: Json, step: str, indent: str) -> str:
    written = json.dumps(value, indent=step, ensure_ascii=False).replace("\n", f"\n{indent}")
    return f"{json.dumps(name, ensure_ascii=False)}: {written}"


def _by_invocation(answers: Sequence[Json]) -> dict[str, Json]:
    """The answers by the number of the call, equal ones in a row as a range."""
    ranges: list[tuple[int, int, Json]] = []
    for number, answer in enumerate(answers):
        if ranges and same(ranges[-1][2], answer):
            ranges[-1] = (ranges[-1][0], number, answer)
        else:
            ranges.append((number, number, answer))
    return {str(first) if first == last else f"{first}-{last}": answer for first, last, answer in ranges}


def _free(label: str, taken: Mapping[str, object]) -> str:
    number, free = 2, label
    while free in taken:
        free, number = f"{label} {number}", number + 1
    return free


def machine_in(text: str | None, file: str, named: str) -> str:
    """The state machine that a case of `named` belongs to: the only one in the file, else the one of that name."""
    if text is None or not text.strip():
        return named
    machines = MockConfig.parse(text, file).state_machines
    return machines[0] if len(machines) == 1 else named


def read_mock_file(path: Path) -> str | None:
    """The text of a mock file; None where there is no file. Raises MockConfigError when it cannot be read."""
    if not is_there(path):
        return None
    MockConfig.load(path)
    return path.read_text(encoding="utf-8-sig")


def write_whole(path: Path, text: str) -> None:
    """Put `text` in the place of a file at once: what was there stays until all of it is written.

    Raises UsageError when that cannot be done.
    """
    try:
        with replaced(path) as stream:
            stream.write(text.encode("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path} cannot be written: {reason}", fix="Choose another file.") from error


# the proof


def prove(debugger: Debugger, text: str, machine: str, case: str, found: SessionCase) -> CaseProof:
    """Run the definition with a case of the mock file `text`, and compare with the timeline, event by event."""
    first, wanted = debugger.timeline.nodes[0].execution, debugger.timeline.tip.execution
    try:
        tasks = MockConfig.parse(text).handler(machine, case)
        ended = run_to_end(start(first.program, found.input, first.settings), tasks, _unanswered, _endless)  # type: ignore[arg-type]
    except SfdebugError as error:
        return CaseProof(0, f"a run with it stops: {error.what}")
    return CaseProof(len(ended.events), _difference(wanted, ended))


def _unanswered(request: TaskRequest, execution: Execution) -> SfdebugError:
    return UnansweredTaskError(f"nothing answers '{request.state.name}'")


def _endless(execution: Execution) -> SfdebugError | None:
    return SfdebugError(f"it has entered {_MOST_VISITS:,} states") if execution.visit_count > _MOST_VISITS else None


def _difference(wanted: Execution, ended: Execution) -> str:
    """The first event that goes otherwise; times are not compared: a mock answers at once."""
    for number, (left, right) in enumerate(zip(wanted.events, ended.events, strict=False), start=1):
        if not _alike(left, right):
            where = f" in '{right.state}'" if right.state else ""
            return f"event {number} is {right.type}{where}, on the timeline it is {left.type}{_of(left)}"
    if len(wanted.events) != len(ended.events):
        return f"it has {len(ended.events):,} events, the timeline {len(wanted.events):,}"
    return ""


def _of(event: Event) -> str:
    return f" in '{event.state}'" if event.state else ""


def _alike(left: Event, right: Event) -> bool:
    if left.type != right.type or left.branch != right.branch or left.state != right.state:
        return False
    mine: Any = left.details if left.details is not None else MISSING
    theirs: Any = right.details if right.details is not None else MISSING
    return mine is theirs or (mine is not MISSING and theirs is not MISSING and same(dict(mine), dict(theirs)))
