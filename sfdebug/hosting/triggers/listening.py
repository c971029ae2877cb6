"""Listens to services on this machine: events on their buses, objects in their buckets and messages of their queues
fire triggers, on threads of its own.

A pipe takes messages as AWS's does: what its filters do not let through is deleted, what an execution was started with,
too; what a batch says has failed (`batchItemFailures`), or an execution that failed, comes again when it is visible.
Source: EventBridge User Guide, "Amazon SQS queue as a source" and "Partial batch failure" of pipes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from sfdebug.engine import ExecutionStatus
from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.events import DEFAULT_BUS, bus_name, entry_problem, event_of_entry, event_time, object_event
from sfdebug.hosting.triggers.book import EntryResult
from sfdebug.tasks.services.happenings import HappeningKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.hosting.records import ExecutionRecord
    from sfdebug.hosting.triggers.book import TriggerBook
    from sfdebug.hosting.triggers.hosted_trigger import HostedTrigger
    from sfdebug.tasks.services.happenings import Happening
    from sfdebug.values import Json

_LOOK: Final = 1.0
"""Seconds after which a queue is looked at again: messages become visible without anything happening."""
_LONGEST_WAY: Final = 30.0
"""Seconds that an event may take from the services to here, on a machine with much else to do."""


class ListenedServices(Protocol):
    """Services that say what happens in them."""

    def happened(self, after: int) -> list[Happening]:
        """What has happened since; waits for it. Raises SfdebugError when they have ended."""

    def put_events(self, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """What PutEvents answers for each entry; None where there is no such bus. Raises SfdebugError."""

    def receive(self, queue_arn: str, most: int) -> list[dict[str, Json]]:
        """Messages of a queue, as pipes hand them on. Raises SfdebugError."""

    def delete(self, queue_arn: str, receipt_handles: Iterable[str]) -> None:
        """Delete messages. Raises SfdebugError."""


class ServiceListener:
    """Has what happens in services fire the triggers of a book, until it is closed."""

    def __init__(
        self, book: TriggerBook, services: ListenedServices, on_note: Callable[[str], None] = lambda words: None
    ) -> None:
        """`on_note` is told when it can listen no longer."""
        self._book = book
        self._services = services
        self._on_note = on_note
        self._is_closed = threading.Event()
        self._pipes = [trigger for trigger in book.list if trigger.reads_queue and not trigger.why_not]
        self._wakers = {trigger.origin: threading.Event() for trigger in self._pipes}
        self._threads = [threading.Thread(name="sfdebug-serves-triggers", target=self._listen, daemon=True)]
        self._threads += [
            threading.Thread(name="sfdebug-serves-pipe", target=self._read_queue, args=(trigger,), daemon=True)
            for trigger in self._pipes
        ]

    def start(self) -> None:
        """Listen from now on."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Listen no longer. The services may go on: what waits for news of them ends when they do."""
        self._is_closed.set()
        for waker in self._wakers.values():
            waker.set()

    def wait(self) -> None:
        """Wait until nobody listens any more: it was closed, and the services have ended."""
        for thread in self._threads:
            thread.join()

    def put_entries(self, entries: Sequence[Mapping[str, Any]]) -> list[EntryResult]:
        """Put events on the buses of the services, where all that waits for them gets them; triggers have been fired
        when this is done. Of a bus that is not there nobody hears, and PutEvents does not say so (recorded). Raises
        SfdebugError."""
        answers = self._services.put_events(entries)
        results = [
            EntryResult(str(uuid4()))
            if each is None
            else EntryResult(each.get("EventId") or "", each.get("ErrorCode") or "", each.get("ErrorMessage") or "")
            for each in answers
        ]
        told = [one.event_id for one, each in zip(results, answers, strict=True) if each is not None and one.event_id]
        self._book.wait_for(told, _LONGEST_WAY)
        return results

    # what happens

    def _listen(self) -> None:
        after = 0
        while not self._is_closed.is_set():
            try:
                for happening in self._services.happened(after):
                    after = max(after, happening.number)
                    self._take(happening)
            except SfdebugError as error:
                self._book.forward = None
                if not self._is_closed.is_set():
                    self._on_note(f"triggers are not fired by local services any more: {error.what}")
                return

    def _take(self, happening: Happening) -> None:
        moment = self._book.moment(happening.id)
        if happening.kind is HappeningKind.MESSAGE:
            for queue, waker in self._wakers.items():
                if queue.rpartition(":")[2] == happening.name:
                    waker.set()
        elif happening.kind is HappeningKind.ENTRY:
            entry = happening.fields
            if entry_problem(entry) is not None:  # taken there, and refused by AWS
                return
            event = event_of_entry(entry, moment.id, moment.region, moment.account, moment.milliseconds)
            self._book.put_event(event, bus_name(entry.get("EventBusName")))
        else:
            event = object_event(
                happening.fields, moment.id, moment.region, moment.account, event_time(moment.milliseconds)
            )
            self._book.put_event(event, DEFAULT_BUS)

    # queues

    def _read_queue(self, trigger: HostedTrigger) -> None:
        waker = self._wakers[trigger.origin]
        while not self._is_closed.is_set():
            waker.clear()
            try:
                while self._read_batch(trigger):
                    pass
            except SfdebugError as error:
                if self._is_closed.is_set() or error.where == "closed":
                    return
                trigger.refused = error.what
            waker.wait(_LOOK)

    def _read_batch(self, trigger: HostedTrigger) -> bool:
        """Take a batch of messages; whether there was one."""
        messages = self._services.receive(trigger.origin, trigger.batch_size)
        if not messages or self._is_closed.is_set():
            return False
        wanted: list[Json] = [each for each in messages if trigger.lets_through(each)]
        done = [each for each in messages if each not in wanted]
        record = self._book.put_records(trigger, wanted) if wanted else None
        if record is not None:
            failed = _failed_items(record) if trigger.waits_for_execution else set()
            if failed is not None:
                done += [each for each in messages if each in wanted and each["messageId"] not in failed]
        if done:
            self._services.delete(trigger.origin, [str(each["receiptHandle"]) for each in done])
        return bool(done)


def _failed_items(record: ExecutionRecord) -> set[Json] | None:
    """The ids of messages that an execution says to have failed; None where it failed itself. One that is under way was
    started without waiting."""
    if not record.is_over:
        return set()
    if record.status is not ExecutionStatus.SUCCEEDED:
        return None
    try:
        output = json.loads(record.output or "null")
    except ValueError:
        return set()
    listed = output.get("batchItemFailures") if isinstance(output, dict) else None
    found = [
        each.get("itemIdentifier") for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)
    ]
    return {each for each in found if isinstance(each, str)}
