"""All triggers of a host: events, records, the clock and hands fire them, and executions start.

Names of executions are as EventBridge gives them: the id of the event, and one of the target. Source: seen in accounts;
EventBridge User Guide, "Event delivery": an event may come twice, and the name keeps the second from starting another.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.events import bus_name, entry_problem, event_of_entry, event_time, is_reserved
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.triggers.hosted_trigger import (
    EventMoment,
    FiredWith,
    HostedTrigger,
    TriggerError,
    TriggerSample,
)
from sfdebug.projects.model import TriggerSource

if TYPE_CHECKING:
    from sfdebug.hosting.clock import WallClock
    from sfdebug.hosting.records import ExecutionRecord
    from sfdebug.projects.model import MachineTrigger
    from sfdebug.values import Json

_MOST_IDS: Final = 10_000
"""So many events are still told from those that come again."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,43}")


class TriggeredHost(Protocol):
    """What starts executions: a host."""

    @property
    def clock(self) -> WallClock:
        """What tells the time."""

    @property
    def region(self) -> str:
        """That of all ARNs."""

    @property
    def account(self) -> str:
        """That of all ARNs."""

    def start_execution(self, machine_arn: str, input: str = "{}", name: str | None = None) -> ExecutionRecord:
        """Start an execution. Raises HostRefusalError."""

    def start_sync_execution(
        self, machine_arn: str, input: str = "{}", name: str | None = None, *, wait: float | None = 0.0
    ) -> ExecutionRecord:
        """Start an execution of an Express machine, and wait for its end. Raises HostRefusalError."""


class EntryResult(Struct, frozen=True):
    """What became of an entry of PutEvents: the id of its event, or AWS's code and words for why it is refused."""

    event_id: str = ""
    code: str = ""
    message: str = ""


class TriggerBook:
    """The triggers of the machines of a host."""

    def __init__(
        self,
        host: TriggeredHost,
        triggers: Iterable[tuple[MachineTrigger, str, str]] = (),
        on_note: Callable[[str], None] = lambda words: None,
    ) -> None:
        """`triggers` come with the ARN and the name of their machine; `on_note` is told of what was not started."""
        self._host = host
        self._on_note = on_note
        self._lock = threading.Condition()
        self._taken: OrderedDict[str, None] = OrderedDict()
        """The ids of events that were taken."""
        self._noted: set[str] = set()
        self.list = tuple(HostedTrigger(*each) for each in triggers)
        self.forward: Callable[[Sequence[Mapping[str, Any]]], list[EntryResult]] | None = None
        """Where events are put that come by PutEvents, so that all that waits for them gets them; they come back from
        there. None: here."""
        self.changes = 0
        """Another number after each execution that was started, or not."""

    # events

    def put_entries(self, entries: Sequence[Mapping[str, Any]]) -> list[EntryResult]:
        """What PutEvents does with its entries: those that AWS takes are events, and fire what waits for them."""
        problems = [entry_problem(entry) for entry in entries]
        taken = [entry for entry, problem in zip(entries, problems, strict=True) if problem is None]
        for entry in taken:
            self.note_reserved(entry)
        results = iter((self.forward or self._put_here)(taken) if taken else ())
        return [next(results) if problem is None else EntryResult("", *problem) for problem in problems]

    def _put_here(self, entries: Sequence[Mapping[str, Any]]) -> list[EntryResult]:
        results = []
        for entry in entries:
            moment = self.moment()
            event = event_of_entry(entry, moment.id, moment.region, moment.account, moment.milliseconds)
            self.put_event(event, bus_name(entry.get("EventBusName")))
            results.append(EntryResult(moment.id))
        return results

    def note_reserved(self, entry: Mapping[str, Any]) -> None:
        """Say of an entry that AWS takes from its services alone that it is taken here."""
        if is_reserved(entry):
            self._say_once(
                f"an event of {entry['Source']} was put and is taken; AWS takes it from the service itself alone "
                "(NotAuthorizedForSourceException)"
            )

    def put_event(self, event: dict[str, Json], bus: str) -> list[ExecutionRecord]:
        """Fire what waits for an event of a bus; nothing where the same event was taken before."""
        id = str(event.get("id"))
        with self._lock:
            if id in self._taken:
                return []
        started = []
        for trigger in self.list:
            if trigger.takes(event, bus):
                moment, sample = self.moment(id), TriggerSample(FiredWith.EVENT, event)
                if trigger.source is TriggerSource.SCHEDULE:
                    moment = self.moment()
                    sample = trigger.scheduled(event, moment)
                record = self._started(trigger, sample, moment)
                started += [record] if record is not None else []
        with self._lock:
            self._taken[id] = None
            while len(self._taken) > _MOST_IDS:
                self._taken.popitem(last=False)
            self._lock.notify_all()
        return started

    def wait_for(self, event_ids: Iterable[str], seconds: float) -> bool:
        """Wait until events that services were given have come here, too; whether they have."""
        ids = set(event_ids)
        with self._lock:
            return self._lock.wait_for(lambda: ids <= self._taken.keys(), seconds)

    # pipes

    def put_records(self, trigger: HostedTrigger, records: list[Json]) -> ExecutionRecord | None:
        """Start an execution with records of a pipe that its filters let through; None where it could not be started.

        A pipe that waits does so: what it gets is over."""
        sample = TriggerSample(FiredWith.RECORDS, records)
        return self._started(trigger, sample, self.moment(), waits=trigger.waits_for_execution)

    # by the clock

    def fire_due(self, trigger: HostedTrigger, due: int) -> ExecutionRecord | None:
        """Fire a schedule that was due then, in milliseconds since 1970; None where nothing was started, which is
        noted."""
        moment = EventMoment(str(uuid.uuid4()), event_time(due), due, self._host.region, self._host.account)
        return self._started(trigger, trigger.with_id(trigger.sample(moment), moment), moment)

    def tell_due(self, trigger: HostedTrigger, due: int | None) -> None:
        """A schedule is fired by the clock, and due then."""
        with self._lock:
            trigger.is_clocked, trigger.due = True, due
            self.changes += 1

    # by hand

    def sample(self, trigger: HostedTrigger) -> TriggerSample:
        """Something to fire a trigger with. Raises TriggerError."""
        return trigger.sample(self.moment())

    def fire(self, trigger: HostedTrigger, sample: TriggerSample) -> ExecutionRecord:
        """Fire a trigger by hand, also one that is disabled. Raises SfdebugError, which says why nothing started."""
        problem = trigger.problem_with(sample)
        if problem:
            raise TriggerError(problem)
        moment = self.moment()
        return self._start(trigger, trigger.with_id(sample, moment), moment)

    def moment(self, id: str = "") -> EventMoment:
        """Now, under an id of its own."""
        now = int(self._host.clock.now())
        return EventMoment(id or str(uuid.uuid4()), event_time(now), now, self._host.region, self._host.account)

    # starting

    def _started(
        self, trigger: HostedTrigger, sample: TriggerSample, moment: EventMoment, *, waits: bool = False
    ) -> ExecutionRecord | None:
        try:
            return self._start(trigger, sample, moment, waits=waits)
        except HostRefusalError as refused:
            if refused.reason is not RefusalReason.CLOSED:
                self._note(trigger, str(refused))
        except SfdebugError as error:
            self._note(trigger, error.what)
        return None

    def _start(
        self, trigger: HostedTrigger, sample: TriggerSample, moment: EventMoment, *, waits: bool = False
    ) -> ExecutionRecord:
        try:
            text = trigger.input_of(sample, moment)
            name = _execution_name(trigger, sample, moment)
            record = self._start_here(trigger.machine_arn, text, name, waits=waits)
        except SfdebugError as error:
            with self._lock:
                trigger.refused = error.what
                self.changes += 1
            raise
        with self._lock:
            trigger.fired += 1
            trigger.last_arn, trigger.refused = record.arn, ""
            self.changes += 1
        return record

    def _start_here(self, machine_arn: str, text: str, name: str, *, waits: bool) -> ExecutionRecord:
        if waits:
            try:
                return self._host.start_sync_execution(machine_arn, text, name, wait=None)
            except HostRefusalError as refused:
                if refused.reason is not RefusalReason.TYPE_NOT_SUPPORTED:
                    raise
        return self._host.start_execution(machine_arn, text, name)

    def _note(self, trigger: HostedTrigger, why: str) -> None:
        """Say why a trigger started nothing, once for each reason."""
        self._say_once(f"{trigger.trigger.name} has not started {trigger.machine_name}: {why}")

    def _say_once(self, words: str) -> None:
        with self._lock:
            is_new = words not in self._noted
            self._noted.add(words)
        if is_new:
            self._on_note(words)


def _execution_name(trigger: HostedTrigger, sample: TriggerSample, moment: EventMoment) -> str:
    if sample.kind is not FiredWith.EVENT:
        return moment.id
    id = sample.value.get("id") if isinstance(sample.value, dict) else None
    if not isinstance(id, str) or not _NAME.fullmatch(id):
        return moment.id
    return f"{id}_{uuid.uuid5(uuid.NAMESPACE_URL, trigger.trigger.arn + trigger.machine_arn)}"
