"""Tasks answered from a recorded history: what AWS returned or failed with, attempt by attempt."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from sfdebug.engine.decisions import Provenance, Submission, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.events import details_key
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine.decisions import Answer
    from sfdebug.engine.visit import TaskRequest

_ENDINGS: Final = ("Succeeded", "Failed", "TimedOut")
_FAMILIES: Final = ("Task", "LambdaFunction", "Activity")
_RECORDED: Final = Provenance.RECORDED


class RecordedTasks:
    """Answers each Task as a recorded execution did: the n-th call of a state gets the n-th recorded answer."""

    def __init__(self, events: Sequence[Mapping[str, Json]]) -> None:
        """`events` is the list of GetExecutionHistory. Events follow one another by previousEventId."""
        self._answers: dict[str, list[Answer]] = defaultdict(list)
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
        answers = self._answers.get(request.state.name, [])
        return answers[request.invocation] if request.invocation < len(answers) else None


def _submission(event: Mapping[str, Json]) -> Submission | None:
    if event["type"] == "TaskSubmitted":
        return Submission(response=_payload(_details(event).get("output", MISSING)))
    if event["type"] == "ActivityStarted":
        return Submission(worker_name=_text(_details(event).get("workerName")))
    return None


def _answer(event: Mapping[str, Json], submission: Submission | None) -> Answer | None:
    event_type = str(event["type"])
    family = next((family for family in _FAMILIES if event_type.startswith(family)), None)
    if family is None or event_type.removeprefix(family) not in _ENDINGS:
        return None
    fields = _details(event)
    if event_type.endswith("TimedOut"):
        return TaskSilence(_RECORDED, submission)
    if event_type.endswith("Failed"):
        error, cause = _text(fields.get("error")), _text(fields.get("cause"))
        return TaskFailure(error, cause, provenance=_RECORDED, submission=submission)
    output = _payload(fields.get("output"))
    return TaskResult(output if is_present(output) else None, provenance=_RECORDED, submission=submission)


def _details(event: Mapping[str, Json]) -> Mapping[str, Json]:
    details = event.get(details_key(str(event["type"])) or "")
    return details if isinstance(details, dict) else {}


def _payload(value: Value) -> Value:
    return json.loads(value) if isinstance(value, str) else value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
