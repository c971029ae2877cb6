"""Tasks answered from a recorded history: what AWS returned or failed with, attempt by attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from sfdebug.engine.decisions import Provenance, StopExecution, Submission, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.visit import RequestKind
from sfdebug.tasks.recorded_map_runs import answer_of, has_tasks, recorded_map_runs
from sfdebug.tasks.recorded_values import details_of, payload_of, text_of
from sfdebug.values import MISSING, Json, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.decisions import Answer, Decision
    from sfdebug.engine.visit import TaskRequest

_ENDINGS: Final = ("Succeeded", "Failed", "TimedOut")
_FAMILIES: Final = ("Task", "LambdaFunction", "Activity")
_RECORDED: Final = Provenance.RECORDED


class RecordedTasks:
    """Answers each Task as a recorded execution did: the n-th call of a state gets the n-th recorded answer.

    A history holds nothing of a Map Run's items and child executions, only how it ended and what its state gave on:
    from that the result of the whole Map Run is worked out, where the state's own fields allow it. Child executions
    without Tasks need no answer, and are run.
    """

    def __init__(self, events: Sequence[Mapping[str, Json]]) -> None:
        """`events` is the list of GetExecutionHistory. Events follow one another by previousEventId."""
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self._map_runs = recorded_map_runs(events)
        self._stop: StopExecution | None = None
        self._stopped_after = len(events) - 1
        if events and events[-1]["type"] == "ExecutionAborted":
            fields = details_of(events[-1])
            self._stop = StopExecution(text_of(fields.get("error")), text_of(fields.get("cause")))
        states: dict[int, str] = {}
        begun: dict[int, Submission | None] = {}
        for event in events:
            event_id, previous = cast("int", event["id"]), cast("int", event.get("previousEventId", 0))
            entered = event.get("stateEnteredEventDetails")
            states[event_id] = str(entered["name"]) if isinstance(entered, dict) else states.get(previous, "")
            begun[event_id] = _submission(event) or begun.get(previous)
            answer = _answer(event, begun.get(previous))
            if answer is not None:
                self._answers[states[event_id]].append(answer)
                begun[event_id] = None

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this call of the state; None when it was never called so often."""
        if request.kind is RequestKind.MAP_RUN:
            return self._map_run_answer(request)
        answers = self._answers.get(request.state.name, [])
        return answers[request.invocation] if request.invocation < len(answers) else None

    def decide(self, execution: Execution) -> Decision | None:
        """StopExecution, when the recorded execution was stopped after as many events as `execution` has now."""
        return self._stop if self._stop is not None and len(execution.events) == self._stopped_after else None

    def _map_run_answer(self, request: TaskRequest) -> Answer | None:
        runs = self._map_runs.get(request.state.name, [])
        if request.invocation >= len(runs) or (request.is_optional and not has_tasks(request.state)):
            return None
        return answer_of(runs[request.invocation], request.state)


def _submission(event: Mapping[str, Json]) -> Submission | None:
    if event["type"] == "TaskSubmitted":
        return Submission(response=payload_of(details_of(event).get("output", MISSING)))
    if event["type"] == "ActivityStarted":
        return Submission(worker_name=text_of(details_of(event).get("workerName")))
    return None


def _answer(event: Mapping[str, Json], submission: Submission | None) -> Answer | None:
    event_type = str(event["type"])
    family = next((family for family in _FAMILIES if event_type.startswith(family)), None)
    if family is None or event_type.removeprefix(family) not in _ENDINGS:
        return None
    fields = details_of(event)
    if event_type.endswith("TimedOut"):
        return TaskSilence(_RECORDED, submission)
    if event_type.endswith("Failed"):
        error, cause = text_of(fields.get("error")), text_of(fields.get("cause"))
        return TaskFailure(error, cause, provenance=_RECORDED, submission=submission)
    output = payload_of(fields.get("output"))
    return TaskResult(output if is_present(output) else None, provenance=_RECORDED, submission=submission)
