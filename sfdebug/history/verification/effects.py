"""The effects of a recorded execution: what its Tasks called, with what, in which order, and how it ended.

States may have other names, be split, joined or added: as long as a definition calls the same and ends alike, it has
the same effects. It is run on its own; each call that it makes is looked for among the recorded ones and gets that
answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine import Execution, ExecutionStatus, Program, readiness, start, step
from sfdebug.engine.execution.decisions import AnswerTask, Proceed, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.readiness import next_to_move
from sfdebug.engine.resources import parse_resource
from sfdebug.history.alignment.alignment import align
from sfdebug.history.alignment.map_runs import RecordedMapRuns
from sfdebug.history.alignment.visits import RecordedAnswer
from sfdebug.history.leaves import Leaf
from sfdebug.history.replay.dependence import DependenceTracer, Window
from sfdebug.history.replay.event_comparison import (
    ComparedValue,
    Comparer,
    Difference,
    DifferenceKind,
    FieldDifference,
    Rules,
)
from sfdebug.history.replay.nondeterminism import Shadows, unknown_settings
from sfdebug.history.replay.replay import no_input, settings_of
from sfdebug.history.verification.verdict import (
    Verification,
    VerificationStatus,
    gaps_of_file,
    unseen_map_runs,
    unverified,
)
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent, Recording

_MOST_STEPS: Final = 2_000_000
_STATE_IN_CAUSE: Final = re.compile(r"the state '.*?' \(entered at the event id #\d+\)")
_OF_A_CALL: Final = ("parameters", "input", "timeoutInSeconds", "heartbeatInSeconds", "taskCredentials")


class _TaskCall(Struct):
    """A recorded call of a Task: the event that scheduled it, and how it was answered."""

    visit: RecordedVisit
    event: RecordedEvent
    answer: RecordedAnswer | None
    ended: int
    """The id of its last event: what is scheduled later in its branch came after it."""
    is_made: bool = False


class _StoppedError(Exception):
    """The run cannot go on: `reason` says why, and whether something is missing in the recording."""

    def __init__(self, reason: str, *, is_gap: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_gap = is_gap


def verify_effects(
    definition: StateMachine | Program,
    recording: Recording,
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
) -> Verification:
    """Whether a definition has the effects of a recorded execution: the same task calls, and the same end.

    Args:
        definition: What is verified.
        recording: What AWS did.
        rules: What counts as a difference in a call or in the output.
        recorded_definition: The definition that the execution ran, where it is known.

    Raises UnsupportedError when the definition cannot be run, RecordingError when the recording has no input.
    """
    program = definition if isinstance(definition, Program) else Program(definition)
    found = unverified(recording)
    if found.reasons:
        return found
    if recording.input is MISSING:
        raise no_input(recording)
    run = _EffectsRun(program, recording, rules or Rules())
    stopped = run.go()
    differences = tuple(sorted(run.differences, key=lambda difference: difference.event_id))
    found = replace(found, calls=run.made, drawn=run.drawn, differences=differences)
    if differences:
        return replace(found, status=VerificationStatus.DIVERGES)
    doubts, gaps = list(run.doubts), list(gaps_of_file(recording))
    doubts += unseen_map_runs(run.alignment, program.machine, recorded_definition)
    if stopped is not None:
        (gaps if stopped.is_gap else doubts).append(stopped.reason)
    if run.unnamed:
        gaps.append("a call holds the execution's name, or another fact that the recording does not say")
    if doubts:
        return replace(found, reasons=(*doubts, *gaps))
    status = VerificationStatus.PARTIAL if gaps else VerificationStatus.SAME_EFFECTS
    return replace(found, status=status, reasons=tuple(gaps))


class _EffectsRun:
    """One run of the definition, with the recorded answers."""

    def __init__(self, program: Program, recording: Recording, rules: Rules) -> None:
        self.alignment: Alignment = align(recording)
        self.differences: list[Difference] = []
        self.doubts: list[str] = []
        self.drawn = 0
        self.unnamed = 0
        self.made = 0
        self._recording = recording
        self._rules = rules
        settings = settings_of(recording)
        self._execution = start(program, recording.input, settings)  # type: ignore[arg-type]
        self._shadows = Shadows(self._execution, unknown_settings(recording, settings))
        self._comparer = Comparer(
            rules, self._shadows, DependenceTracer(recording, self._shadows), has_data=recording.has_data
        )
        self._calls = list(_calls(self.alignment))
        self._map_runs = RecordedMapRuns(self.alignment)

    def go(self) -> _StoppedError | None:
        """Run to the end, or to where it cannot go on; gives why."""
        try:
            for _ in range(_MOST_STEPS):
                if self._execution.status is not ExecutionStatus.RUNNING or self._is_cut_short():
                    break
                self._step(self._next())
        except _StoppedError as stopped:
            return stopped
        if not any(difference.is_end for difference in self.differences):
            self._compare_end()
        return None

    def _is_cut_short(self) -> bool:
        """Whether all calls of an execution that was stopped, or not recorded to its end, have been made, and the
        definition has not parted from it: what it would do next was not recorded."""
        if any(difference.is_end for difference in self.differences):
            return True
        is_ended_by_itself = self._recording.status in (ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED)
        return not is_ended_by_itself and all(call.is_made for call in self._calls) and bool(self._calls)

    def _step(self, decision: Decision) -> None:
        before = self._execution
        self._execution = step(before, decision)
        if self._shadows:
            self._shadows.follow(before, decision, self._execution)

    def _next(self) -> Decision:
        mover = next_to_move(self._execution)
        if mover is not None:
            return Proceed(mover)
        possible = readiness(self._execution)
        question = possible.question
        if question is None:
            return Proceed(possible.ready[0] if possible.ready else None)
        if question.kind is RequestKind.MAP_RUN:
            return self._answer_map_run(question)
        return AnswerTask(question.branch, self._answer(question))

    # calls

    def _answer(self, request: TaskRequest) -> Answer:
        """The recorded answer to a call; a call that was not recorded is a difference, after which the run is over."""
        if self._execution.branches[request.branch].child_id:
            reason = "the history holds nothing of the Map Run's child executions, and one of them asks"
            raise _StoppedError(reason, is_gap=False)
        candidates = [call for call in self._calls if not call.is_made and _is_like(call, request)]
        found = [(call, self._differences_of(call, request)) for call in candidates]
        found.sort(key=lambda pair: (_count(pair[1]), pair[0].visit.state != request.state.name))
        if not found:
            self._part(request)
            raise _StoppedError("", is_gap=False)
        call, differences = found[0]
        call.is_made = True
        self.made += 1
        self._check_order(call)
        for difference in differences:
            self._note(call.event, call.visit, difference)
        return self._answer_of(call)

    def _answer_of(self, call: _TaskCall) -> Answer:
        recorded = call.answer
        if recorded is None:
            return TaskSilence()
        if recorded.is_unknown:
            lack = recorded.event.lack_of("output") if recorded.event is not None else "was not recorded"
            raise _StoppedError(f"event {call.event.id}: the result of '{call.visit.state}' {lack}", is_gap=True)
        answer, ended, begun = recorded.answer, recorded.event, call.event
        if isinstance(answer, TaskResult | TaskFailure) and ended is not None and None not in (ended.time, begun.time):
            return replace(answer, after_seconds=max(0.0, ((ended.time or 0) - (begun.time or 0)) / 1000))
        return answer

    def _differences_of(self, call: _TaskCall, request: TaskRequest) -> list[FieldDifference]:
        """In what a call differs from a recorded one of the same resource."""
        execution, branch = self._execution, request.branch
        computed: dict[str, Json] = dict(execution.events[request.scheduled_event_id - 1].details or {})
        window = Window(self._recording.start_time, call.event.time)
        found = []
        for name in _OF_A_CALL:
            recorded, mine = call.event.details.get(name), computed.get(name)
            if recorded is None and mine is None:
                continue
            subject = ComparedValue(call.event, lambda: window, _in_scheduled(branch, name))
            difference = self._field(name, recorded, MISSING if mine is None else mine, subject)
            if difference is not None and not (recorded is None and name in self._rules.ignore):
                found.append(difference)
        return found

    def _field(self, name: str, recorded: Json, computed: Value, subject: ComparedValue) -> FieldDifference | None:
        if recorded is None:
            return FieldDifference(name, (Leaf("", MISSING, computed),))
        return self._comparer.field(name, recorded, computed, subject)

    def _check_order(self, call: _TaskCall) -> None:
        """What came before a call in its own branch, or around it, must have been called before it now."""
        for other in self._calls:
            if not other.is_made and other.ended < call.event.id and _is_around(other.visit.branch, call.visit.branch):
                self.differences.append(
                    _path(call, f"it is called before '{other.visit.state}' (event {other.event.id}), which came first")
                )
                return

    def _note(self, event: RecordedEvent, visit: RecordedVisit | None, difference: FieldDifference) -> None:
        """Keep in what a call differs, or (`visit` is None) the end of the execution."""
        branch, state = (visit.branch, visit.state) if visit is not None else ((), "")
        self.drawn += len(difference.drawn)
        self.unnamed += len(difference.unnamed)
        self.differences.extend(
            Difference.at(event, branch, state, difference.field, leaf.recorded, leaf.computed, pointer=leaf.pointer)
            for leaf in difference.leaves
        )
        if difference.untraced:
            what = (
                f"event {event.id}: what '{state}' is called with"
                if state
                else f"the {difference.field} of the execution"
            )
            self.doubts.append(f"{what} hangs on a random value or a clock in a way that cannot be followed")

    def _part(self, request: TaskRequest) -> None:
        """A call that was not recorded."""
        if self._recording.end is None:
            raise _StoppedError(f"what '{request.state.name}' returns was not recorded any more", is_gap=True)
        name = request.state.name
        explanation = f"'{name}' makes a call that the recording does not have (or not so often)"
        given = (name, "type", MISSING, f"a call of {request.resource}", explanation)
        last = self._recording.events[-1]
        self.differences.append(Difference.at(last, (), *given, kind=DifferenceKind.PATH, is_end=True))

    def _answer_map_run(self, request: TaskRequest) -> Decision:
        """A Map Run's result, as far as the history shows it."""
        answer = self._map_runs.answer(request, of_the_only=True)
        if answer is not None:
            return AnswerTask(request.branch, answer)
        if request.is_optional:
            return Proceed(request.branch)
        reason = f"the history holds neither the items nor the result of the Map Run of '{request.state.name}'"
        raise _StoppedError(reason, is_gap=False)

    # the end

    def _compare_end(self) -> None:
        for call in self._calls:
            if not call.is_made and call.answer is not None:  # else something else may have failed first
                self.differences.append(_path(call, "the definition does not call it"))
                return
        end, execution = self._recording.end, self._execution
        if end is None or self._recording.status not in (ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED):
            return
        if execution.status is not self._recording.status:
            given = ("", "type", end.type, f"Execution{execution.status.title()}", execution.cause or "")
            self.differences.append(Difference.at(end, (), *given, kind=DifferenceKind.PATH, is_end=True))
            return
        window = Window(self._recording.start_time, end.time)
        computed: dict[str, Value] = {"output": execution.output, "error": execution.error, "cause": execution.cause}
        for name, value in computed.items():
            recorded = end.details.get(name)
            if name == "cause" and isinstance(recorded, str) and isinstance(value, str):
                recorded, value = _without_state(recorded), _without_state(value)
            if recorded is None and (value is None or value is MISSING):
                continue
            subject = ComparedValue(end, lambda: window, _at_the_end(name))
            difference = self._field(name, recorded, MISSING if value is None else value, subject)
            if difference is not None:
                self._note(end, None, difference)


def _calls(alignment: Alignment) -> Iterator[_TaskCall]:
    calls = [
        _TaskCall(visit, attempt.began, attempt.answer, attempt.events[-1].id)
        for visit in alignment.visits
        for attempt in visit.attempts
        if attempt.is_of_task
    ]
    yield from sorted(calls, key=lambda call: call.event.id)


def _is_like(call: _TaskCall, request: TaskRequest) -> bool:
    """Whether a recorded call is of the resource that is called."""
    resource, recorded = parse_resource(request.resource), call.event
    if recorded.type == EventType.TASK_SCHEDULED:
        return (recorded.text("resourceType"), recorded.text("resource")) == (resource.type, resource.action)
    return recorded.text("resource") == request.resource


def _is_around(one: BranchId, other: BranchId) -> bool:
    """Whether two branches follow one another, and do not run side by side."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _count(differences: Sequence[FieldDifference]) -> int:
    return sum(len(difference.leaves) for difference in differences)


def _without_state(cause: str) -> str:
    """A cause without the state that it names: states may have other names."""
    return _STATE_IN_CAUSE.sub("the state", cause)


def _path(call: _TaskCall, explanation: str) -> Difference:
    """A recorded call that is not made, or not in its turn."""
    given = (call.visit.branch, call.visit.state, "type", call.event.type, MISSING, explanation)
    return Difference.at(call.event, *given, kind=DifferenceKind.PATH, is_end=True)


def _in_scheduled(branch: BranchId, name: str) -> Callable[[Execution], Value]:
    """How to find what a Task is called with in a shadow: in the event that scheduled it."""

    def find(execution: Execution) -> Value:
        request = execution.branches[branch].request
        assert request is not None
        return (execution.events[request.scheduled_event_id - 1].details or {}).get(name, MISSING)

    return find


def _at_the_end(name: str) -> Callable[[Execution], Value]:
    """How to find the end of an execution in a shadow."""

    def find(execution: Execution) -> Value:
        found = {"output": execution.output, "error": execution.error, "cause": execution.cause}[name]
        return MISSING if found is None else found

    return find
