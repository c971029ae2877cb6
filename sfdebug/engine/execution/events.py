"""History events: the engine's own form, and the shape in which AWS's GetExecutionHistory gives them.

Source: AWS Step Functions API Reference, `HistoryEvent`; the order and ids are those of recorded executions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.decisions import BranchId
from sfdebug.values import Json, compact, nesting


class EventType(StrEnum):
    """What an event tells: all that AWS has. Source: AWS Step Functions API Reference, HistoryEvent, `type`."""

    EXECUTION_STARTED = "ExecutionStarted"
    EXECUTION_SUCCEEDED = "ExecutionSucceeded"
    EXECUTION_FAILED = "ExecutionFailed"
    EXECUTION_TIMED_OUT = "ExecutionTimedOut"
    EXECUTION_ABORTED = "ExecutionAborted"
    EXECUTION_REDRIVEN = "ExecutionRedriven"
    TASK_STATE_ENTERED = "TaskStateEntered"
    PASS_STATE_ENTERED = "PassStateEntered"
    CHOICE_STATE_ENTERED = "ChoiceStateEntered"
    WAIT_STATE_ENTERED = "WaitStateEntered"
    SUCCEED_STATE_ENTERED = "SucceedStateEntered"
    FAIL_STATE_ENTERED = "FailStateEntered"
    PARALLEL_STATE_ENTERED = "ParallelStateEntered"
    MAP_STATE_ENTERED = "MapStateEntered"
    TASK_STATE_EXITED = "TaskStateExited"
    PASS_STATE_EXITED = "PassStateExited"
    CHOICE_STATE_EXITED = "ChoiceStateExited"
    WAIT_STATE_EXITED = "WaitStateExited"
    SUCCEED_STATE_EXITED = "SucceedStateExited"
    PARALLEL_STATE_EXITED = "ParallelStateExited"
    MAP_STATE_EXITED = "MapStateExited"
    TASK_STATE_ABORTED = "TaskStateAborted"
    WAIT_STATE_ABORTED = "WaitStateAborted"
    PARALLEL_STATE_ABORTED = "ParallelStateAborted"
    MAP_STATE_ABORTED = "MapStateAborted"
    LAMBDA_FUNCTION_SCHEDULED = "LambdaFunctionScheduled"
    LAMBDA_FUNCTION_SCHEDULE_FAILED = "LambdaFunctionScheduleFailed"
    LAMBDA_FUNCTION_STARTED = "LambdaFunctionStarted"
    LAMBDA_FUNCTION_START_FAILED = "LambdaFunctionStartFailed"
    LAMBDA_FUNCTION_SUCCEEDED = "LambdaFunctionSucceeded"
    LAMBDA_FUNCTION_FAILED = "LambdaFunctionFailed"
    LAMBDA_FUNCTION_TIMED_OUT = "LambdaFunctionTimedOut"
    ACTIVITY_SCHEDULED = "ActivityScheduled"
    ACTIVITY_SCHEDULE_FAILED = "ActivityScheduleFailed"
    ACTIVITY_STARTED = "ActivityStarted"
    ACTIVITY_SUCCEEDED = "ActivitySucceeded"
    ACTIVITY_FAILED = "ActivityFailed"
    ACTIVITY_TIMED_OUT = "ActivityTimedOut"
    TASK_SCHEDULED = "TaskScheduled"
    TASK_STARTED = "TaskStarted"
    TASK_START_FAILED = "TaskStartFailed"
    TASK_SUBMITTED = "TaskSubmitted"
    TASK_SUBMIT_FAILED = "TaskSubmitFailed"
    TASK_SUCCEEDED = "TaskSucceeded"
    TASK_FAILED = "TaskFailed"
    TASK_TIMED_OUT = "TaskTimedOut"
    PARALLEL_STATE_STARTED = "ParallelStateStarted"
    PARALLEL_STATE_SUCCEEDED = "ParallelStateSucceeded"
    PARALLEL_STATE_FAILED = "ParallelStateFailed"
    MAP_STATE_STARTED = "MapStateStarted"
    MAP_STATE_SUCCEEDED = "MapStateSucceeded"
    MAP_STATE_FAILED = "MapStateFailed"
    MAP_ITERATION_STARTED = "MapIterationStarted"
    MAP_ITERATION_SUCCEEDED = "MapIterationSucceeded"
    MAP_ITERATION_FAILED = "MapIterationFailed"
    MAP_ITERATION_ABORTED = "MapIterationAborted"
    MAP_RUN_STARTED = "MapRunStarted"
    MAP_RUN_SUCCEEDED = "MapRunSucceeded"
    MAP_RUN_FAILED = "MapRunFailed"
    MAP_RUN_ABORTED = "MapRunAborted"
    MAP_RUN_REDRIVEN = "MapRunRedriven"
    EVALUATION_FAILED = "EvaluationFailed"


STATE_ENTERED: Final = {type: EventType(f"{type}StateEntered") for type in StateType}
STATE_EXITED: Final = {type: EventType(f"{type}StateExited") for type in StateType if type is not StateType.FAIL}
STATE_ABORTED: Final = {
    StateType.TASK: EventType.TASK_STATE_ABORTED,
    StateType.WAIT: EventType.WAIT_STATE_ABORTED,
    StateType.PARALLEL: EventType.PARALLEL_STATE_ABORTED,
    StateType.MAP: EventType.MAP_STATE_ABORTED,
}
"""The types of states that tell it when they are aborted."""

_WITHOUT_DETAILS: Final = frozenset(
    {
        EventType.LAMBDA_FUNCTION_STARTED,
        EventType.PARALLEL_STATE_STARTED,
        EventType.PARALLEL_STATE_SUCCEEDED,
        EventType.PARALLEL_STATE_FAILED,
        EventType.PARALLEL_STATE_ABORTED,
        EventType.MAP_STATE_SUCCEEDED,
        EventType.MAP_STATE_FAILED,
        EventType.MAP_STATE_ABORTED,
        EventType.TASK_STATE_ABORTED,
        EventType.WAIT_STATE_ABORTED,
        EventType.MAP_RUN_SUCCEEDED,
        EventType.MAP_RUN_ABORTED,
    }
)
_PAYLOADS: Final = frozenset({"input", "output", "parameters"})
"""Detail fields that hold JSON text, in AWS's API: strings, not values."""

NOT_TRUNCATED: Final[dict[str, Json]] = {"truncated": False}
"""The `inputDetails`, `outputDetails` and `assignedVariablesDetails` of every event that sfdebug makes."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=128)
def details_key(event_type: str) -> str | None:
    """The name of the details field of an event type, also of one that is not known here; None where there is none."""
    if event_type in _WITHOUT_DETAILS or not event_type:
        return None
    if event_type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if event_type.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"


class Event(Struct, frozen=True, gc=False):
    """One history event, whose type is an `EventType`. `time` is in milliseconds since 1970; payloads in `details` are
    values, not text yet."""

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
            "type": str(self.type),
            "id": self.id,
            "previousEventId": self.previous_event_id,
        }
        key = details_key(self.type)
        if key and self.details is not None:
            event[key] = self.written_details(last)
        return event

    def written_details(self, last: LastPayload | None = None) -> dict[str, Json]:
        """The details alone, as they stand in that entry; {} where it has none."""
        if self.details is None or not details_key(self.type):
            return {}
        last = last or LastPayload()
        return {name: _rendered(name, value, last) for name, value in self.details.items()}


def timestamp(milliseconds: int) -> str:
    """ISO 8601 text with milliseconds and offset: `2025-01-01T00:00:00.050+00:00`."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")


def utc_text(milliseconds: int) -> str:
    """The form of times in the Context object: `2025-01-01T00:00:00.050Z`."""
    return timestamp(milliseconds).replace("+00:00", "Z")


def _rendered(name: str, value: Json, last: LastPayload) -> Json:
    if name in _PAYLOADS:
        return last.text_of(value)
    if value is NOT_TRUNCATED:
        return dict(NOT_TRUNCATED)
    if name == "assignedVariables" and isinstance(value, dict):
        return {variable: compact(content) for variable, content in value.items()}
    return value


# payloads as text

_LEAST: Final = 16_384
_MOST: Final = 1_048_576
"""Characters of the texts that are remembered: shorter ones are written quickly, longer ones are no payloads."""

_REMEMBERED: Final = 8
_MOST_PARTS: Final = 16
_MOST_LEVELS: Final = 4
"""A value with more parts, and what is further down, is written by the encoder at once, which is faster."""


class PayloadTexts:
    """Writes payloads as text, and remembers the last large ones by identity, with their large parts.

    That is sound because a value is never changed in place, and because what is remembered is held.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def has_parts_of(self, value: Json) -> bool:
        """Whether `value` was written before, or has few parts and one of them was."""
        known = self._known
        if not known:
            return False
        return id(value) in known or any(id(part) in known for part in _parts(value))

    def levels_of(self, value: Json) -> int:
        """How deep `value` is nested, more than `MAX_NESTING` if deeper than that."""
        return self._levels_of(value, _MOST_LEVELS)

    def _levels_of(self, value: Json, levels: int) -> int:
        found = self._known.get(id(value))
        if found is not None:
            if found.levels is None:
                found.levels = nesting(value)
            return found.levels
        if levels and self.has_parts_of(value):
            return 1 + max(self._levels_of(part, levels - 1) for part in _parts(value))
        return nesting(value)

    def text_of(self, value: Json) -> str:
        """The text of `value`, which is nested no deeper than is followed."""
        return self._text_of(value, _MOST_LEVELS)

    def _text_of(self, value: Json, levels: int) -> str:
        found = self._known.pop(id(value), None)
        if found is None:
            text = self._written(value, levels)
            if not _LEAST <= len(text) <= _MOST:
                return text
            found = _Known(value, text)
        self._known[id(value)] = found  # the last that was asked for stands last
        if len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)), None)
        return found.text

    def _written(self, value: Json, levels: int) -> str:
        parts = _parts(value) if levels else ()
        if not parts:
            return compact(value)
        texts = [self._text_of(part, levels - 1) for part in parts]
        if isinstance(value, dict):
            texts = [f"{compact(key)}:{text}" for key, text in zip(value, texts, strict=True)]
            return f"{{{','.join(texts)}}}"
        return f"[{','.join(texts)}]"


class _Known(Struct):
    value: Json
    text: str
    levels: int | None = None


def _parts(value: Json) -> Collection[Json]:
    """The parts of a container that has few."""
    if isinstance(value, dict | list) and len(value) <= _MOST_PARTS:
        return value.values() if isinstance(value, dict) else value
    return ()


PAYLOAD_TEXTS: Final = PayloadTexts()
"""Those of this process: the check of a payload's size and its event in the history write the same text."""


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
