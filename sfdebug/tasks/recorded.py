"""Tasks answered from a recorded history: what AWS returned or failed with, attempt by attempt."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from sfdebug.engine.decisions import Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.events import details_key
from sfdebug.values import Json

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
        for event in events:
            event_id, previous = cast("int", event["id"]), cast("int", event.get("previousEventId", 0))
            entered = event.get("stateEnteredEventDetails")
            states[event_id] = str(entered["name"]) if isinstance(entered, dict) else states.get(previous, "")
            answer = _answer(event)
            if answer is not None:
                self._answers[states[event_id]].append(answer)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this call of the state; None when it was never called so often."""
        answers = self._answers.get(request.state.name, [])
        return answers[request.invocation] if request.invocation < len(answers) else None


def _answer(event: Mapping[str, Json]) -> Answer | None:
    event_type = str(event["type"])
    family = next((family for family in _FAMILIES if event_type.startswith(family)), None)
    if family is None or event_type.removeprefix(family) not in _ENDINGS:
        return None
    details = event.get(details_key(event_type) or "")
    fields = details if isinstance(details, dict) else {}
    if event_type.endswith("TimedOut"):
        return TaskSilence(_RECORDED)
    if event_type.endswith("Failed"):
        return TaskFailure(_text(fields.get("error")), _text(fields.get("cause")), provenance=_RECORDED)
    output = fields.get("output")
    return TaskResult(json.loads(output) if isinstance(output, str) else output, provenance=_RECORDED)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
