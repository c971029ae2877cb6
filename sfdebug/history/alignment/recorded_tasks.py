"""Tasks answered from a recorded history: what AWS returned or failed with, attempt by attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.history.alignment.event_fields import checked_events, details_of, id_of, payload_of, previous_of, text_of
from sfdebug.history.alignment.map_runs import answer_of, has_tasks, recorded_map_runs
from sfdebug.history.alignment.outside_events import OutsideEvents
from sfdebug.values import MISSING, Json, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, Decision
    from sfdebug.engine.execution.visit import TaskRequest

_ENDINGS: Final = ("Succeeded", "Failed", "SubmitFailed", "StartFailed", "TimedOut")
_FAMILIES: Final = ("Task", "LambdaFunction", "Activity")
_RECORDED: Final = Provenance.RECORDED
_NOT_BEGUN: Final = Submission(begun=False)


Iterations: TypeAlias = "tuple[tuple[str, int], ...]"
"""Which iterations of inline Maps an event stands in, from the outside in: name and index of each."""


@dataclass(slots=True)
class _Attempt:
    """One recorded attempt of a Task, while its events are read. `has_ended` without an answer: its output is lost.

    `visit` is the event by which its state was entered, `iterations` where that was.
    """

    visit: int
    iterations: Iterations
    submission: Submission = _NOT_BEGUN
    answer: Answer | None = None
    has_ended: bool = False


class RecordedTasks:
    """Answers each Task as a recorded execution did: an iteration of a Map that came to a state once gets what it got
    there, attempt by attempt; else the n-th call of a state gets the answer of the n-th attempt that was scheduled.
    One that had none when the execution was over stays silent.

    A history holds nothing of a Map Run's items and child executions, only how it ended and what its state gave on:
    from that the result of the whole Map Run is worked out, where the state's own fields allow it. Child executions
    without Tasks need no answer, and are run.
    """

    def __init__(self, events: Sequence[Mapping[str, Json]]) -> None:
        """Read a recorded execution.

        Args:
            events: The list of GetExecutionHistory, in either order. They follow one another by previousEventId.

        Raises:
            UsageError: When it is something else.
        """
        events = checked_events(events)
        self._attempts = _attempts(events)
        self._single_visits = _single_visits(self._attempts)
        self._maps = frozenset(name for _, iterations in self._single_visits for name, _ in iterations)
        self._map_runs = recorded_map_runs(events)
        self._turns = OutsideEvents(events)
        last = str(events[-1]["type"]) if events else ""
        self._is_over = last.startswith("Execution") and last != "ExecutionStarted"

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this call of the state; None when it was never called so often, or when the history
        does not have the answer (it was read without the execution's data, or while the Task was under way)."""
        if request.kind is RequestKind.MAP_RUN:
            return self._map_run_answer(request)
        attempt = self._attempt(request)
        if attempt is None:
            return None
        if attempt.answer is None and self._is_over and not attempt.has_ended:
            # A sibling failed, or the execution was stopped or timed out: the task has no ending of its own.
            return TaskSilence(_RECORDED, attempt.submission)
        return attempt.answer

    def _attempt(self, request: TaskRequest) -> _Attempt | None:
        iterations = tuple(entry for entry in request.branch if entry[0] in self._maps)
        visit = self._single_visits.get((request.state.name, iterations)) if iterations else None
        attempts, number = self._attempts.get(request.state.name, []), request.invocation
        if visit is not None:
            attempts, number = visit, request.attempt - 1
        return attempts[number] if number < len(attempts) else None

    def decide(self, execution: Execution) -> Decision | None:
        """What came from outside after as many events as `execution` has now, other than a Task's answer."""
        return self._turns.decide(execution)

    def _map_run_answer(self, request: TaskRequest) -> Answer | None:
        runs = self._map_runs.get(request.state.name, [])
        if request.invocation >= len(runs) or (request.is_optional and not has_tasks(request.state)):
            return None
        return answer_of(runs[request.invocation], request.state)


def _attempts(events: Sequence[Mapping[str, Json]]) -> dict[str, list[_Attempt]]:
    """The attempts of each Task by its name, in the order in which they were scheduled."""
    attempts: dict[str, list[_Attempt]] = defaultdict(list)
    states: dict[int, str] = {}
    visits: dict[int, int] = {}
    places: dict[int, Iterations] = {}
    current: dict[int, _Attempt | None] = {}
    for event in events:
        event_id, previous, event_type = id_of(event), previous_of(event), str(event["type"])
        entered = event.get("stateEnteredEventDetails")
        states[event_id] = str(entered["name"]) if isinstance(entered, dict) else states.get(previous, "")
        visits[event_id] = event_id if isinstance(entered, dict) else visits.get(previous, 0)
        places[event_id] = _iterations(event, places.get(previous, ()))
        attempt = None if isinstance(entered, dict) else current.get(previous)
        what = _of_task(event_type)
        if what == "Scheduled" or (what in _ENDINGS and (attempt is None or attempt.has_ended)):
            attempt = _Attempt(visits[event_id], places[event_id])
            attempts[states[event_id]].append(attempt)
        current[event_id] = attempt
        if attempt is not None:
            attempt.submission = _submission(event) or attempt.submission
            if what in _ENDINGS:
                attempt.answer, attempt.has_ended = _answer(event, what, attempt.submission), True
    return dict(attempts)


def _iterations(event: Mapping[str, Json], before: Iterations) -> Iterations:
    """Where an event stands that follows one that stood in `before`."""
    fields = details_of(event)
    name, index = str(fields.get("name")), fields.get("index")
    if event["type"] == "MapIterationStarted" and isinstance(index, int):
        return (*_outside(before, name), (name, index))  # recorded: it can follow the iteration whose place it takes
    return _outside(before, name) if event["type"] == "MapStateExited" else before


def _outside(iterations: Iterations, name: str) -> Iterations:
    names = [entry[0] for entry in iterations]
    return iterations[: names.index(name)] if name in names else iterations


def _single_visits(attempts: Mapping[str, list[_Attempt]]) -> dict[tuple[str, Iterations], list[_Attempt]]:
    """The attempts of each state in each iteration that came to it once only."""
    found: dict[tuple[str, Iterations], list[_Attempt]] = defaultdict(list)
    for name, of_state in attempts.items():
        for attempt in of_state:
            found[name, attempt.iterations].append(attempt)
    return {key: of_key for key, of_key in found.items() if len({attempt.visit for attempt in of_key}) == 1}


def _of_task(event_type: str) -> str:
    """What an event says of a Task's attempt (Scheduled, Succeeded, …); "" for the events of all else."""
    family = next((family for family in _FAMILIES if event_type.startswith(family)), None)
    what = "" if family is None else event_type.removeprefix(family)
    return "" if what.startswith("State") else what


def _submission(event: Mapping[str, Json]) -> Submission | None:
    if event["type"] == "TaskSubmitted":
        return Submission(response=payload_of(details_of(event).get("output", MISSING)))
    if event["type"] == "ActivityStarted":
        return Submission(worker_name=text_of(details_of(event).get("workerName")))
    return None


def _answer(event: Mapping[str, Json], ending: str, submission: Submission) -> Answer | None:
    """How an attempt ended; None when it succeeded with an output that the history does not have."""
    fields = details_of(event)
    error, cause = text_of(fields.get("error")), text_of(fields.get("cause"))
    if ending == "TimedOut":
        # With a cause it is the service that says so: a timeout of Step Functions' own has none (recorded).
        silence = TaskSilence(_RECORDED, submission)
        return silence if cause is None else TaskFailure(error, cause, provenance=_RECORDED, submission=submission)
    if ending.endswith("Failed"):
        return TaskFailure(error, cause, provenance=_RECORDED, submission=replace(submission, failure=ending))
    output = payload_of(fields.get("output", MISSING))
    return TaskResult(output, provenance=_RECORDED, submission=submission) if is_present(output) else None
