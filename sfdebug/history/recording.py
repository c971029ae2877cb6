"""A recorded execution as values: its events as AWS gave them, what is known of it besides, what was wrong to read.

Source: AWS Step Functions API Reference, `HistoryEvent`, `DescribeExecution`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.events import EventType, details_key, timestamp
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import Problem, SfdebugError
from sfdebug.history.fast_json import fast_value
from sfdebug.limits import ExecutionType
from sfdebug.values import MISSING, Json, Value, is_nested_deep, shown_without

PAYLOADS: Final = ("input", "output", "parameters")
"""Detail fields that hold JSON text, and are missing when execution data was not recorded."""

_SAYS_WHERE: Final = frozenset({"region", "resource"})
_MARKS: Final = tuple(f"{name}Details" for name in PAYLOADS)
"""What stands beside payloads: whether AWS cut them off."""
_NEEDED: Final = frozenset({"name", "input", "output", "error", "cause", "previousEventId"})
"""Fields of events without which they cannot be followed."""
_NAMED: Final = _NEEDED | {"parameters", "resource"}
"""Fields whose lack is reported by name."""

_ARN: Final = re.compile(r"arn:[a-z0-9-]+:[a-z0-9-]+:([a-z0-9-]*):(\d{12})?:")

TASK_FAMILIES: Final = ("Task", "LambdaFunction", "Activity")
"""The prefixes of the events of a Task's attempts."""

FAILURES: Final = ("Failed", "TimedOut")
"""How the types of the events end that report a failure."""
CONTAINER_STARTS: Final = (EventType.MAP_STATE_STARTED, EventType.PARALLEL_STATE_STARTED)
"""The events that begin an attempt of a Map or Parallel."""
BRANCH_STARTS: Final = (EventType.PARALLEL_STATE_STARTED, EventType.MAP_ITERATION_STARTED)
"""The events that the first event of a branch follows."""

ENDINGS: Final[Mapping[str, ExecutionStatus]] = {
    EventType.EXECUTION_SUCCEEDED: ExecutionStatus.SUCCEEDED,
    EventType.EXECUTION_FAILED: ExecutionStatus.FAILED,
    EventType.EXECUTION_TIMED_OUT: ExecutionStatus.TIMED_OUT,
    EventType.EXECUTION_ABORTED: ExecutionStatus.ABORTED,
}
"""The events that end an execution, and how it stands after them."""


class RecordingError(SfdebugError):
    """A recorded history that cannot be used at all: there is no event in it, or it is not there."""


class RecordedEvent(NamedTuple):
    """One recorded event. `time` is in milliseconds since 1970, None when the file does not say it.

    `details` are the fields of its details as AWS gave them: payloads are JSON text. `line` is where it starts in its
    file, 0 when that is not known. `is_placed` says that the file tells which event was before it.
    """

    id: int
    previous_event_id: int
    type: str
    time: int | None
    details: Mapping[str, Json]
    line: int = 0
    is_placed: bool = True

    @property
    def name(self) -> str:
        """The state that the event names, "" when it names none."""
        name = self.details.get("name")
        return name if isinstance(name, str) else ""

    def text(self, field_name: str) -> str | None:
        """A text field of the details, None when it is not there."""
        value = self.details.get(field_name)
        return value if isinstance(value, str) else None

    def is_truncated(self, field_name: str) -> bool:
        """Whether AWS cut the payload field off, as its `…Details` say."""
        return is_cut_off(self.details.get(f"{field_name}Details"))

    def lack_of(self, field_name: str) -> str:
        """Why a payload field has no value here, as the end of a sentence about it."""
        return "was cut off by AWS" if self.is_truncated(field_name) else "was not recorded"

    def payload(self, field_name: str) -> Value:
        """The value of a payload field; MISSING when it was not recorded, was cut off, or is not JSON."""
        text = self.details.get(field_name, MISSING)
        if text is MISSING or self.is_truncated(field_name):
            return MISSING
        return parse_payload(text) if isinstance(text, str) else text

    @property
    def variables(self) -> dict[str, Value]:
        """The variables that a state assigned, as its exit says; MISSING for one whose text is no JSON."""
        assigned = self.details.get("assignedVariables")
        values = assigned.items() if isinstance(assigned, dict) else ()
        return {name: parse_payload(text) if isinstance(text, str) else text for name, text in values}

    @property
    def assigned(self) -> Value:
        """The same as one value, with the text of what is no JSON; MISSING when nothing was assigned."""
        texts = self.details.get("assignedVariables")
        if not isinstance(texts, dict):
            return MISSING
        return {name: texts[name] if value is MISSING else value for name, value in self.variables.items()}

    @property
    def is_entry(self) -> bool:
        """Whether a state is entered."""
        return self.type.endswith("StateEntered")

    @property
    def is_exit(self) -> bool:
        """Whether a state is left."""
        return self.type.endswith("StateExited")

    def as_dict(self) -> dict[str, Json]:
        """The event as one entry of GetExecutionHistory's `events`, as the AWS command line prints it."""
        event: dict[str, Json] = {}
        if self.time is not None:
            event["timestamp"] = timestamp(self.time)
        event |= {"type": self.type, "id": self.id, "previousEventId": self.previous_event_id}
        key = details_key(self.type)
        if key is not None and (self.details or not self.type.endswith(("Started", "TimedOut"))):
            event[key] = dict(self.details)
        return event


def is_cut_off(marks: Json) -> bool:
    """Whether what stands beside a payload says that AWS cut it off."""
    return isinstance(marks, dict) and marks.get("truncated") is True


def parse_payload(text: str) -> Value:
    """The value of a payload's JSON text, MISSING when it is not JSON, or nested deeper than is followed."""
    value = fast_value(text)
    if value is MISSING:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return MISSING
    return MISSING if is_nested_deep(text, value) else value


class ExecutionInfo(Struct, frozen=True, gc=False):
    """What is known of an execution besides its events; None or "" where it is not.

    `arn`, `name` and `state_machine_arn` stand in DescribeExecution and in Express logs, not in a history. What follows
    `role_arn` stands in DescribeExecution alone, `log_groups` (ARNs, or names) only where the state machine was
    described, or its log was read.
    """

    arn: str = ""
    name: str = ""
    state_machine_arn: str = ""
    execution_type: ExecutionType = ExecutionType.STANDARD
    region: str = ""
    account: str = ""
    role_arn: str = ""
    trace_header: str = ""
    version_arn: str = ""
    alias_arn: str = ""
    redrive_status: str = ""
    redrive_status_reason: str = ""
    log_groups: tuple[str, ...] = ()

    @classmethod
    def of_description(cls, value: Mapping[str, Json]) -> ExecutionInfo:
        """What DescribeExecution says of an execution. Fields that are not there stay unknown."""

        def text(name: str) -> str:
            found = value.get(name)
            return found if isinstance(found, str) else ""

        return replace(
            cls.of_arn(text("executionArn"), text("name"), text("stateMachineArn")),
            trace_header=text("traceHeader"),
            version_arn=text("stateMachineVersionArn"),
            alias_arn=text("stateMachineAliasArn"),
            redrive_status=text("redriveStatus"),
            redrive_status_reason=text("redriveStatusReason"),
        )

    @classmethod
    def of_arn(cls, arn: str, name: str = "", state_machine_arn: str = "") -> ExecutionInfo:
        """An execution with that ARN, which says what type it is of."""
        kind = ExecutionType.EXPRESS if ":express:" in arn else ExecutionType.STANDARD
        return cls(arn=arn, name=name, state_machine_arn=state_machine_arn, execution_type=kind)

    def completed(self, events: Sequence[RecordedEvent] = ()) -> ExecutionInfo:
        """The same, with what the events and the ARNs say besides."""
        role = (events[0].text("roleArn") if events else None) or self.role_arn
        region, account = _region_and_account((self.arn, self.state_machine_arn, role))
        for event in events:
            if region and account:
                break
            if _SAYS_WHERE.isdisjoint(event.details):
                continue
            region = region or event.text("region") or ""
            found = _region_and_account((event.text("resource") or "",))
            region, account = region or found[0], account or found[1]
        parts = self.arn.split(":")
        name = self.name or (parts[7] if len(parts) > 7 else "")
        return replace(self, name=name, role_arn=role, region=region, account=account)

    @property
    def state_machine_name(self) -> str:
        """The state machine's name, "" when it is not known."""
        for arn in (self.state_machine_arn, self.arn):
            parts = arn.split(":")
            if len(parts) > 6:
                return parts[6]
        return ""


def _region_and_account(arns: Iterable[str]) -> tuple[str, str]:
    region = account = ""
    for arn in arns:
        match = _ARN.match(arn)
        if match:
            region, account = region or match[1], account or match[2] or ""
    return region, account


class Recording(Struct, frozen=True, dict=True):
    """One recorded execution: its events in order of their ids, and `problems`, what was wrong in the file.

    `source` is the file; `label` tells several executions of one file apart ("" when it holds one).
    """

    events: tuple[RecordedEvent, ...]
    source: str
    facts: ExecutionInfo = ExecutionInfo()
    problems: tuple[Problem, ...] = ()
    label: str = ""
    has_more: bool = False
    """Whether AWS has more of it: the file ends with a page after which there is another."""
    fields: frozenset[str] | None = None
    """The fields of events that an export selected, by the names of the API; None when the events are whole."""

    __repr__ = shown_without("events")

    @property
    def key(self) -> str:
        """What to choose it by among others."""
        return self.label or self.facts.name or self.facts.arn

    @property
    def selection(self) -> str:
        """What an export left out of the events, as a reason not to claim anything about it; "" when they are whole."""
        if self.fields is None:
            return ""
        lacking = ", ".join(sorted(_NAMED - self.fields))
        return f"the export has only the fields that were selected{f', not {lacking}' if lacking else ''}"

    @property
    def why_not_followed(self) -> str:
        """Why it cannot be run again whatever the definition: fields without which no event can be followed."""
        if self.fields is None:
            return ""
        iterates = any(event.type.startswith("MapIteration") for event in self.events)
        needed = _NEEDED | {"index"} if iterates else _NEEDED
        return "" if needed <= self.fields else self.selection

    @property
    def title(self) -> str:
        """What reports call it."""
        return f"{self.source}#{self.label}" if self.label else self.source

    @cached_property
    def by_id(self) -> Mapping[int, RecordedEvent]:
        """The events by their ids."""
        return {event.id: event for event in self.events}

    def index_of(self, event_id: int) -> int | None:
        """The index of the event with that id; None when there is none."""
        return self.index_by_id.get(event_id)

    @cached_property
    def index_by_id(self) -> Mapping[int, int]:
        """The indices of the events by their ids."""
        return {event.id: index for index, event in enumerate(self.events)}

    @cached_property
    def end(self) -> RecordedEvent | None:
        """The event that ended the execution; None when it was recorded while running, or cut off."""
        last = self.events[-1]
        return last if last.type in ENDINGS else None

    @property
    def status(self) -> ExecutionStatus:
        """How the execution stands after the last recorded event."""
        return ENDINGS.get(self.events[-1].type, ExecutionStatus.RUNNING)

    @property
    def standing(self) -> str:
        """How it stands, in words: of a file that AWS has more of, only that it does not say."""
        return "how it ended is not in the file" if self.has_more else str(self.status)

    @cached_property
    def input(self) -> Value:
        """The execution's input: of ExecutionStarted, or of the first state; MISSING when neither has it."""
        for event in self.events[:2]:
            value = event.payload("input")
            if value is not MISSING:
                return value
        return MISSING

    @property
    def output(self) -> Value:
        """What the execution succeeded with; MISSING when it did not, or the output was not recorded."""
        return self.end.payload("output") if self.end is not None else MISSING

    @property
    def error(self) -> str | None:
        """The error that it ended with."""
        return self.end.text("error") if self.end is not None else None

    @property
    def cause(self) -> str | None:
        """The cause that it ended with."""
        return self.end.text("cause") if self.end is not None else None

    @property
    def start_time(self) -> int | None:
        """When it started, in milliseconds since 1970."""
        return next((event.time for event in self.events if event.time is not None), None)

    @cached_property
    def has_data(self) -> bool:
        """Whether execution data was recorded: some payload of some event is there."""
        return any(name in event.details for event in self.events for name in PAYLOADS)

    @cached_property
    def truncated(self) -> tuple[int, ...]:
        """The ids of the events that AWS cut a payload off from."""
        return tuple(event.id for event in self.events if any(is_cut_off(event.details.get(mark)) for mark in _MARKS))

    @cached_property
    def missing_ids(self) -> tuple[int, ...]:
        """The ids that lie between the recorded ones, at most the first thousand of them."""
        missing: list[int] = []
        if self.events[-1].id == len(self.events):  # in order, each once, from 1: none is missing
            return ()
        expected = 1
        for event in self.events:
            missing.extend(range(expected, min(event.id, expected + 1_000 - len(missing))))
            expected = event.id + 1
        return tuple(missing)

    @property
    def history(self) -> list[dict[str, Json]]:
        """All events in the shape of GetExecutionHistory's `events`."""
        return [event.as_dict() for event in self.events]
