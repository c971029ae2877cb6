"""History events: the engine's own form, and the shape in which AWS's GetExecutionHistory gives them.

Source: AWS Step Functions API Reference, `HistoryEvent`; the order and ids are those of recorded executions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.payload_texts import PAYLOAD_TEXTS
from sfdebug.values import Json, compact

_PAYLOADS: Final = frozenset({"input", "output", "parameters"})
"""Detail fields that hold JSON text, in AWS's API: strings, not values."""

NOT_TRUNCATED: Final[dict[str, Json]] = {"truncated": False}
"""The `inputDetails`, `outputDetails` and `assignedVariablesDetails` of every event that sfdebug makes."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LastPayload:
    """The payload that was written out last, with its text: a state's output is the next one's input."""

    value: Json = None
    text = "null"

    def text_of(self, value: Json) -> str:
        """The JSON text of a payload."""
        if not isinstance(value, dict | list):
            return compact(value)
        if value is not self.value:
            self.value, self.text = value, PAYLOAD_TEXTS.text_of(value)
        return self.text


class Event(NamedTuple):
    """One history event. `time` is in milliseconds since 1970; payloads in `details` are values, not text yet."""

    id: int
    previous_event_id: int
    type: str
    time: int
    branch: BranchId
    state: str
    details: dict[str, Json] | None

    def as_dict(self, last: LastPayload | None = None) -> dict[str, Json]:
        """The event as one entry of GetExecutionHistory's `events`, the way the AWS command line prints it.

        Events that are written one after the other share what they know of the `last` payload.
        """
        event: dict[str, Json] = {
            "timestamp": timestamp(self.time),
            "type": self.type,
            "id": self.id,
            "previousEventId": self.previous_event_id,
        }
        key = details_key(self.type)
        if key and self.details is not None:
            last = last or LastPayload()
            event[key] = {name: _rendered(name, value, last) for name, value in self.details.items()}
        return event


def timestamp(milliseconds: int) -> str:
    """ISO 8601 text with milliseconds and offset: `2025-01-01T00:00:00.050+00:00`."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")


def utc_text(milliseconds: int) -> str:
    """The form of times in the Context object: `2025-01-01T00:00:00.050Z`."""
    return timestamp(milliseconds).replace("+00:00", "Z")


def details_key(event_type: str) -> str | None:
    """The name of the details field of an event type; None for the types that have none."""
    if event_type in _WITHOUT_DETAILS or not event_type:
        return None
    if event_type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if event_type.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"


_WITHOUT_DETAILS: Final = frozenset(
    {
        "LambdaFunctionStarted",
        "ParallelStateStarted",
        "ParallelStateSucceeded",
        "ParallelStateFailed",
        "ParallelStateAborted",
        "MapStateSucceeded",
        "MapStateFailed",
        "MapStateAborted",
        "TaskStateAborted",
        "WaitStateAborted",
        "MapRunSucceeded",
        "MapRunAborted",
    }
)


def _rendered(name: str, value: Json, last: LastPayload) -> Json:
    if name in _PAYLOADS:
        return last.text_of(value)
    if value is NOT_TRUNCATED:
        return dict(NOT_TRUNCATED)
    if name == "assignedVariables" and isinstance(value, dict):
        return {variable: compact(content) for variable, content in value.items()}
    return value
