"""A trigger of a machine that is here: what it waits for, read, and what it has started."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.events import (
    DEFAULT_BUS,
    SAMPLE_ID,
    SCHEDULED,
    looked_into,
    packed,
    sample_message,
    schedule_event,
    scheduled_event,
)
from sfdebug.eventbridge.inputs import EventPlace, PipeInput, TargetInput, scheduled_input
from sfdebug.eventbridge.reading import EventPatternError, pattern_of, read_pattern
from sfdebug.eventbridge.samples import sample_event, sample_value
from sfdebug.eventbridge.schedules import Schedule, ScheduleExpressionError, read_schedule
from sfdebug.projects.model import TriggerSource
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.eventbridge.patterns import EventPattern
    from sfdebug.projects.model import MachineTrigger
    from sfdebug.values import Json

_SQS: Final = ":sqs:"
_SCHEDULER: Final = ":scheduler:"
_SCHEDULERS: Final = ("aws.events", "aws.scheduler")


class TriggerError(SfdebugError):
    """A trigger that cannot be fired, or not with this."""


class FiredWith(Enum):
    """What somebody gives who fires a trigger by hand."""

    EVENT = "event"
    """An event, of which the trigger makes the input."""
    RECORDS = "records"
    """An array of records, as a pipe reads them."""
    INPUT = "input"
    """The input itself, as the trigger names one."""


class TriggerSample(Struct, frozen=True):
    """Something to fire a trigger with."""

    kind: FiredWith
    value: Json


class EventMoment(Struct, frozen=True):
    """When and where something happens, and under which id."""

    id: str
    time: str
    milliseconds: int
    region: str
    account: str


class HostedTrigger:
    """A trigger with its machine. `fired` counts the executions that it has started; `last_arn` is that of the last;
    `refused` says why the last one was not started, "" where it was."""

    def __init__(self, trigger: MachineTrigger, machine_arn: str, machine_name: str) -> None:
        self.trigger = trigger
        self.machine_arn = machine_arn
        self.machine_name = machine_name
        self.fired = 0
        self.last_arn = ""
        self.refused = ""
        settings = trigger.settings
        self.bus = str(settings.get("EventBusName") or DEFAULT_BUS)
        self.pattern = _pattern(settings.get("EventPattern")) if trigger.source is TriggerSource.EVENTS else None
        filters = settings.get("Filters")
        self.filters = [_pattern(each) for each in (filters if isinstance(filters, list) else [])]
        self.origin = str(settings.get("Source") or "")
        size = settings.get("BatchSize")
        self.batch_size = size if isinstance(size, int) and size > 0 else 10
        self._input = _target_input(settings)
        self.is_clocked = False
        """Whether it is a schedule that the clock fires."""
        self.due: int | None = None
        """When the clock fires it next, in milliseconds since 1970; None for never again."""

    @property
    def source(self) -> TriggerSource:
        """What it waits for."""
        return self.trigger.source

    @property
    def reads_queue(self) -> bool:
        """Whether it is a pipe that reads a queue."""
        return self.source is TriggerSource.PIPE and _SQS in self.origin

    @property
    def waits_for_execution(self) -> bool:
        """Whether a pipe waits for what its execution ends with."""
        return self.trigger.settings.get("InvocationType") == "REQUEST_RESPONSE"

    @property
    def why_not(self) -> str:
        """Why it starts nothing by itself, "" where it does: a schedule where it is clocked."""
        if not self.trigger.is_enabled:
            return "it is disabled"
        if self.trigger.problem:
            return self.trigger.problem
        if self.source is TriggerSource.SCHEDULE:
            if not self.is_clocked:
                return "schedules fire by hand alone"
            return "it is never due again" if self.due is None else ""
        if self.source is TriggerSource.PIPE and not self.reads_queue:
            return "of pipes only those are read whose source is a queue"
        return ""

    @property
    def schedule(self) -> Schedule | None:
        """When it is due; None for what is no schedule, is disabled, or cannot be read."""
        trigger = self.trigger
        if self.source is not TriggerSource.SCHEDULE or not trigger.is_enabled or trigger.problem:
            return None
        try:
            return read_schedule(trigger.settings, is_scheduler=_SCHEDULER in trigger.arn)
        except ScheduleExpressionError:
            return None

    @property
    def can_be_fired(self) -> bool:
        """Whether it can be fired by hand."""
        return self.source in (TriggerSource.EVENTS, TriggerSource.SCHEDULE, TriggerSource.PIPE)

    def takes(self, event: Mapping[str, Json], bus: str) -> bool:
        """Whether an event of a bus fires it. A schedule is fired so by the event that it gives itself."""
        if self.source is TriggerSource.SCHEDULE:
            resources = event.get("resources")
            is_scheduled = event.get("source") in _SCHEDULERS and event.get("detail-type") == SCHEDULED
            return is_scheduled and isinstance(resources, list) and self.trigger.arn in resources
        if self.pattern is None or not self.trigger.is_enabled or bus != self.bus:
            return False
        return self.pattern.matches(dict(event))

    def lets_through(self, record: Json) -> bool:
        """Whether the filters of a pipe let a record through: one of them does, or there is none."""
        seen = looked_into(record)
        return not self.filters or any(each is not None and each.matches(seen) for each in self.filters)

    # by hand

    def sample(self, moment: EventMoment) -> TriggerSample:
        """Something that fires it, made of what it waits for. Raises TriggerError."""
        if self.source is TriggerSource.EVENTS:
            if self.pattern is None:
                raise TriggerError(self.trigger.problem or "its pattern cannot be read")
            event = sample_event(self.pattern, moment.region, moment.account, moment.time)
            if event is None:
                raise TriggerError("no event was found that its pattern lets through")
            return TriggerSample(FiredWith.EVENT, event)
        if self.source is TriggerSource.SCHEDULE:
            return self.scheduled(self._scheduled(moment), moment)
        if self.source is TriggerSource.PIPE:
            return TriggerSample(FiredWith.RECORDS, [self._sample_record(moment)])
        raise TriggerError(self.trigger.problem or "it cannot be fired here")

    def scheduled(self, event: dict[str, Json], moment: EventMoment) -> TriggerSample:
        """What a schedule fires with: the input that it names, where it names one, or an event."""
        if self._input.constant is None:
            return TriggerSample(FiredWith.EVENT, event)
        return TriggerSample(FiredWith.INPUT, _json(self._scheduled_constant(moment)))

    def problem_with(self, sample: TriggerSample) -> str:
        """Why something does not fire it, "" where it does."""
        if sample.kind is FiredWith.EVENT and self.pattern is not None and not self.pattern.matches(sample.value):
            return "its pattern does not let this event through"
        if sample.kind is FiredWith.RECORDS:
            if not isinstance(sample.value, list) or not sample.value:
                return "a pipe hands on an array of records"
            if not all(map(self.lets_through, sample.value)):
                return "its filters do not let each of these records through"
        return ""

    def input_of(self, sample: TriggerSample, moment: EventMoment) -> str:
        """The input of the execution that something starts, as JSON text. Raises TargetInputError."""
        place = EventPlace(self.trigger.arn, self.trigger.name, moment.time, self.origin, self.machine_arn)
        if sample.kind is FiredWith.INPUT:
            return compact(sample.value)
        if sample.kind is FiredWith.RECORDS:
            template = self.trigger.settings.get("InputTemplate")
            records: list[Json] = sample.value if isinstance(sample.value, list) else [sample.value]
            return PipeInput(template if isinstance(template, str) else None).text(records, place)
        return self._input.text(sample.value, place)

    def with_id(self, sample: TriggerSample, moment: EventMoment) -> TriggerSample:
        """The same with an id of its own, where it has that of all samples."""
        value = sample.value
        if isinstance(value, dict) and value.get("id") == SAMPLE_ID:
            value = {**value, "id": moment.id}
        elif isinstance(value, list):
            value = [
                {**each, "messageId": moment.id}
                if isinstance(each, dict) and each.get("messageId") == SAMPLE_ID
                else each
                for each in value
            ]
        return TriggerSample(sample.kind, value)

    def _scheduled(self, moment: EventMoment) -> dict[str, Json]:
        make = schedule_event if _SCHEDULER in self.trigger.arn else scheduled_event
        return make(self.trigger.arn, SAMPLE_ID, moment.region, moment.account, moment.time)

    def _scheduled_constant(self, moment: EventMoment) -> str:
        constant = self._input.constant or "{}"
        if _SCHEDULER not in self.trigger.arn:
            return constant
        return scheduled_input(constant, self.trigger.arn, moment.id, moment.time)

    def _sample_record(self, moment: EventMoment) -> dict[str, Json]:
        like = sample_message('{"sample": true}', self.origin, moment.region, moment.milliseconds)
        if not self.reads_queue:
            like = {"data": "eyJzYW1wbGUiOiB0cnVlfQ==", "eventSource": "aws:kinesis", "eventSourceARN": self.origin}
        seen = looked_into(like)
        for pattern in self.filters:
            found = sample_value(pattern, seen) if pattern is not None and isinstance(seen, dict) else None
            record = packed(found) if found is not None else like
            if self.lets_through(record):
                return record
        return like


def _pattern(value: Json) -> EventPattern | None:
    """A pattern, None for one that is refused, or that is none."""
    if value is None:
        return None
    try:
        return read_pattern(value) if isinstance(value, str) else pattern_of(value)
    except EventPatternError:
        return None


def _target_input(settings: object) -> TargetInput:
    if not isinstance(settings, dict):
        return TargetInput()
    constant, path, transformer = (settings.get(name) for name in ("Input", "InputPath", "InputTransformer"))
    paths: dict[str, str] = {}
    template = None
    if isinstance(transformer, dict):
        given = transformer.get("InputPathsMap")
        paths = {name: str(each) for name, each in given.items()} if isinstance(given, dict) else {}
        template = transformer.get("InputTemplate")
    return TargetInput(
        constant if isinstance(constant, str) else None,
        path if isinstance(path, str) else None,
        paths,
        template if isinstance(template, str) else None,
    )


def _json(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
