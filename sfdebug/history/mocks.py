"""Mocks from a recording: what its Tasks answered, as a MockConfigFile.json of Step Functions Local; and whether a run
with them does what was recorded.

Source: AWS Step Functions Developer Guide, "Using mocked service integrations for testing in Step Functions Local".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sfdebug.engine import start
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.events import EventType
from sfdebug.errors import SfdebugError, UnansweredTaskError
from sfdebug.history.alignment.alignment import align
from sfdebug.history.leaves import leaves
from sfdebug.history.replay.explain import dotted, shown
from sfdebug.history.replay.replay import settings_of
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tasks.running import run_to_end
from sfdebug.text import counted
from sfdebug.values import Json, is_present, same

if TYPE_CHECKING:
    from sfdebug.engine import Execution, Program
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import Recording
    from sfdebug.values import Value

_TIMEOUT: Final = "States.Timeout"
_MOST_VISITS: Final = 100_000


class Mocks(Struct, frozen=True, gc=False):
    """A mock file's content, and what could not be put into it. `doubts` are, by test case, what can keep a run from
    doing what was recorded, which running it tells."""

    config: Mapping[str, Json]
    notes: tuple[str, ...] = ()
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Case(Struct):
    """One recorded execution on its way into a test case."""

    states: dict[str, Json] = field(default_factory=dict)
    responses: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def mock_config(cases: Mapping[str, Recording], state_machine: str) -> Mocks:
    """One test case for each recording, by name, of one state machine."""
    test_cases: dict[str, Json] = {}
    responses: dict[str, Json] = {}
    notes: list[str] = []
    doubts: dict[str, tuple[str, ...]] = {}
    for name, recording in cases.items():
        case = _case(name, recording, responses)
        test_cases[name] = case.states
        responses |= case.responses
        notes += [f"{recording.title}: {note}" for note in case.notes]
        doubts[name] = tuple(f"{recording.title}: {doubt}" for doubt in case.doubts)
    config: dict[str, Json] = {
        "StateMachines": {state_machine: {"TestCases": test_cases}},
        "MockedResponses": responses,
    }
    return Mocks(config, tuple(notes), doubts)


def _case(name: str, recording: Recording, taken: Mapping[str, Json]) -> _Case:
    alignment, case = align(recording), _Case()
    case.notes += _unlike_a_run(recording)
    by_state: dict[str, list[tuple[RecordedVisit, Attempt]]] = defaultdict(list)
    left_out: list[Attempt] = []
    for visit in alignment.visits:
        if visit.type == "Task":
            called = [attempt for attempt in visit.attempts if attempt.is_of_task]
            taken_up = [] if _is_superseded(visit, alignment) else _of_the_last_run(visit, called)
            by_state[visit.state] += [(visit, attempt) for attempt in taken_up]
            left_out += [attempt for attempt in called if attempt not in taken_up]
        elif visit.type == "Map" and any(
            event.type == EventType.MAP_RUN_STARTED for a in visit.attempts for event in a.events
        ):
            case.notes.append(f"the history holds nothing of the child executions of '{visit.state}': it is not mocked")
    if alignment.redrives:
        case.notes.append(_redriven_note(recording, alignment, left_out))
    for state, attempts in by_state.items():
        if _overlap(sorted(attempts, key=lambda pair: pair[1].began.id)):
            case.doubts.append(f"'{state}' was called by several branches at once, and in a run they take turns")
        response = _response(state, _in_order(attempts, alignment), case)
        if response:
            label = _free(f"{state} in {name}", {**taken, **case.responses})
            case.states[state] = label
            case.responses[label] = response
    return case


def _unlike_a_run(recording: Recording) -> list[str]:
    """What keeps a run from doing what was recorded, whatever its Tasks answer."""
    notes = []
    first, end = recording.events[0], recording.end
    if first.type != EventType.EXECUTION_STARTED:
        notes.append(
            f"it begins with event {first.id}: what was answered before is not in it, and calls are counted from there"
        )
    elif recording.missing_ids:
        notes.append(f"event {recording.missing_ids[0]} is missing: calls can be counted wrongly from there on")
    if end is not None and end.type in (EventType.EXECUTION_ABORTED, EventType.EXECUTION_TIMED_OUT):
        how = "aborted" if end.type == EventType.EXECUTION_ABORTED else "timed out"
        notes.append(f"event {end.id}: the execution was {how}, which no answer of a Task brings about")
    return notes


def _of_the_last_run(visit: RecordedVisit, attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts since the execution was last redriven in this visit: Retriers begin anew with a redrive, and a run
    is not redriven."""
    return [attempt for attempt in attempts if attempt.redrives == len(visit.redriven)]


def _is_superseded(visit: RecordedVisit, alignment: Alignment) -> bool:
    """Whether a redrive had the Parallel or Map around the visit run again as a whole."""
    while visit.container is not None:
        around = alignment.visits[visit.container]
        if any(attempt.redrives and attempt.began.id > visit.entered.id for attempt in around.attempts):
            return True
        visit = around
    return False


def _redriven_note(recording: Recording, alignment: Alignment, left_out: Sequence[Attempt]) -> str:
    """What a run with the mocks does otherwise than an execution that was redriven."""
    event = recording.events[alignment.redrives[0]]
    count = len(alignment.redrives)
    times = "once" if count == 1 else f"{count} times"
    failed = len(left_out)
    answers = f"; the {counted(failed, 'answer')} before that are left out" if failed else ""
    return (
        f"event {event.id}: the execution was redriven {times}, and a run is not: each state answers as it did after it"
        f" was redriven last{answers}"
    )


def _in_order(
    attempts: Sequence[tuple[RecordedVisit, Attempt]], alignment: Alignment
) -> list[tuple[RecordedVisit, Attempt]]:
    """The order in which a run of sfdebug makes the calls: that of the recording, or, where iterations overlapped, all
    first calls before the second ones, for there they take turns."""
    by_time = sorted(attempts, key=lambda pair: pair[1].began.id)
    if not _overlap(by_time):
        return by_time
    turns: dict[object, int] = defaultdict(int)
    keyed = []
    for visit, attempt in by_time:
        keyed.append(((turns[visit.branch], visit.branch), visit, attempt))
        turns[visit.branch] += 1
    keyed.sort(key=lambda entry: entry[0])
    return [(visit, attempt) for _, visit, attempt in keyed]


def _overlap(attempts: Sequence[tuple[RecordedVisit, Attempt]]) -> bool:
    """Whether one branch called the state before another one had its answer."""
    latest, branch = 0, None
    for visit, attempt in attempts:
        if attempt.began.id < latest and visit.branch != branch:
            return True
        latest, branch = max(latest, attempt.events[-1].id), visit.branch
    return False


def _response(state: str, attempts: Sequence[tuple[RecordedVisit, Attempt]], case: _Case) -> dict[str, Json]:
    """The answers by invocation, equal ones in a row as a range."""
    answers: list[tuple[int, int, Json]] = []
    for number, (_, attempt) in enumerate(attempts):
        answer = _answer(state, attempt, case)
        if answer is None:
            continue
        if answers and answers[-1][1] == number - 1 and same(answers[-1][2], answer):
            answers[-1] = (answers[-1][0], number, answer)
        else:
            answers.append((number, number, answer))
    return {str(first) if first == last else f"{first}-{last}": answer for first, last, answer in answers}


def _answer(state: str, attempt: Attempt, case: _Case) -> Json:
    found = attempt.answer
    began = attempt.began.id
    if found is None or found.event is None:
        case.notes.append(f"event {began}: '{state}' was never answered")
        return None
    if found.is_unknown:
        case.notes.append(f"event {found.event.id}: the result of '{state}' {found.event.lack_of('output')}")
        return None
    answer = found.answer
    if isinstance(answer, TaskResult):
        return {"Return": answer.output}
    if isinstance(answer, TaskSilence):
        return {"Throw": {"Error": _TIMEOUT, "Cause": found.event.text("cause") or ""}}
    assert isinstance(answer, TaskFailure), "a Task is not answered with a dataset"
    if answer.error is None:
        case.notes.append(f"event {found.event.id}: '{state}' failed without an error name, which a mock must have")
    throw: dict[str, Json] = {"Error": answer.error or ""}
    if answer.cause is not None:
        throw["Cause"] = answer.cause
    return {"Throw": throw}


def _free(label: str, taken: Mapping[str, Json]) -> str:
    number, free = 2, label
    while free in taken:
        free, number = f"{label} {number}", number + 1
    return free


# a run with the mocks


def why_another_end(program: Program, recording: Recording, mocks: str, state_machine: str, case: str) -> str:
    """How a run of the definition with a test case of the mock file `mocks` (its text) ends otherwise than recorded;
    "" when it ends alike, as far as that was recorded."""
    if not is_present(recording.input):
        return (
            f"its input {recording.events[0].lack_of('input')}, so that nobody knows what a run with the mocks comes to"
        )
    try:
        tasks = MockConfig.parse(mocks).handler(state_machine, case)
        begun = start(program, recording.input, settings_of(recording))
        ended = run_to_end(begun, tasks, _unanswered, _endless)
    except SfdebugError as error:
        return f"a run with the mocks stops: {error.what}"
    return _difference(recording, ended)


def _unanswered(request: TaskRequest, execution: Execution) -> SfdebugError:
    visits = execution.visit_count
    return UnansweredTaskError(f"nothing answers '{request.state.name}', the state it enters as number {visits}")


def _endless(execution: Execution) -> SfdebugError | None:
    return SfdebugError(f"it has entered {_MOST_VISITS:,} states") if execution.visit_count > _MOST_VISITS else None


def _difference(recording: Recording, ended: Execution) -> str:
    if recording.end is None:
        return f"a run with the mocks ends {ended.status}; how the execution ended is not recorded"
    if recording.status is not ended.status:
        error = f" with {ended.error}" if ended.error else ""
        return f"a run with the mocks ends {ended.status}{error}, and the execution ended {recording.status}"
    pairs: tuple[tuple[str, Value, Value], ...] = (
        ("error", recording.error, ended.error),
        ("cause", recording.cause, ended.cause),
        ("output", recording.output, ended.output),
    )
    for name, recorded, computed in pairs:
        if not is_present(recorded):
            continue  # not recorded, or cut off
        leaf = next(iter(leaves(recorded, computed)), None)
        if leaf is not None:
            place = f" at {dotted(leaf.pointer)}" if leaf.pointer else ""
            return (
                f"a run with the mocks has the {name} {shown(leaf.computed)}{place}, recorded is {shown(leaf.recorded)}"
            )
    return ""
