"""What happens in services on this machine, as moto's server tells it; and the queues that somebody reads there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sfdebug.eventbridge.events import bus_name
from sfdebug.tasks.services.local import LocalServicesError

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceClients
    from sfdebug.tasks.services.local import LocalServices
    from sfdebug.values import Json

_MOST_AT_ONCE: Final = 10
"""Messages of one ReceiveMessage, and of one DeleteMessageBatch. Source: SQS API."""


class HappeningKind(StrEnum):
    """What can happen."""

    ENTRY = "entry"
    """An event was put on a bus."""
    OBJECT = "object"
    """Something became of an object in a bucket that tells EventBridge."""
    MESSAGE = "message"
    """A message came into a queue."""


class Happening(Struct, frozen=True):
    """Something that happened; `number` grows. `name` is that of a queue, `fields` are an entry of PutEvents, or what
    S3 says of an object; `id` is that of the event, "" for none."""

    number: int
    kind: HappeningKind
    id: str = ""
    name: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


class LocalHappenings:
    """Services on this machine to listen to. They have to be started, and to tell (`LocalServices.tells`)."""

    def __init__(self, local: LocalServices, clients: ServiceClients) -> None:
        self._local = local
        self._clients = clients

    def happened(self, after: int) -> list[Happening]:
        """What has happened since; waits for it. Raises LocalServicesError when they have ended."""
        return [
            Happening(
                int(one["number"]),
                HappeningKind(one["kind"]),
                str(one.get("id") or ""),
                str(one.get("name") or ""),
                one.get("fields") or {},
            )
            for one in self._local.happened(after)
        ]

    def make_buses(self, names: Iterable[str]) -> None:
        """Make the buses that are not there: a rule may stand on one of another stack. Raises LocalServicesError."""
        there = {bus["Name"] for bus in self._call("events", "list_event_buses")["EventBuses"]}
        for name in names:
            if name not in there:
                self._call("events", "create_event_bus", Name=name)

    def put_events(self, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """What PutEvents answers for each entry; None where there is no such bus. Raises LocalServicesError."""
        there = {bus["Name"] for bus in self._call("events", "list_event_buses")["EventBuses"]}
        known = [each for each in entries if bus_name(each.get("EventBusName")) in there]
        answer = self._call("events", "put_events", Entries=[_dated(each) for each in known]) if known else {}
        answers = iter(answer.get("Entries") or [])
        return [next(answers, None) if bus_name(each.get("EventBusName")) in there else None for each in entries]

    def receive(self, queue_arn: str, most: int) -> list[dict[str, Json]]:
        """Messages of a queue, as pipes hand them on. Raises LocalServicesError."""
        url = self._url(queue_arn)
        found: list[dict[str, Json]] = []
        while len(found) < most:
            answer = self._call(
                "sqs",
                "receive_message",
                QueueUrl=url,
                MaxNumberOfMessages=min(_MOST_AT_ONCE, most - len(found)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            )
            messages = answer.get("Messages") or []
            found += [_record(each, queue_arn, self._local.region) for each in messages]
            if not messages:
                break
        return found

    def delete(self, queue_arn: str, receipt_handles: Iterable[str]) -> None:
        """Delete messages. Raises LocalServicesError."""
        handles = list(receipt_handles)
        for at in range(0, len(handles), _MOST_AT_ONCE):
            entries = [
                {"Id": str(index), "ReceiptHandle": handle}
                for index, handle in enumerate(handles[at : at + _MOST_AT_ONCE])
            ]
            self._call("sqs", "delete_message_batch", QueueUrl=self._url(queue_arn), Entries=entries)

    def _url(self, queue_arn: str) -> str:
        url: str = self._call("sqs", "get_queue_url", QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        return url

    def _call(self, service: str, name: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._clients.client(service), name)(**arguments)
        except Exception as error:  # whatever a client library has against it
            ended = not self._local.is_running
            raise LocalServicesError(" ".join(str(error).split()), where="closed" if ended else "") from error
        return answer


def _dated(entry: Mapping[str, Any]) -> dict[str, Any]:
    time = entry.get("Time")
    if isinstance(time, int | float):
        return {**entry, "Time": datetime.fromtimestamp(time, UTC)}
    return dict(entry)


def _record(message: Mapping[str, Any], queue_arn: str, region: str) -> dict[str, Json]:
    """A message as Lambda and pipes are given it: names begin with a small letter."""
    attributes = message.get("MessageAttributes") or {}
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes") or {}),
        "messageAttributes": {
            name: {f"{key[:1].lower()}{key[1:]}": str(item) for key, item in value.items()}
            for name, value in attributes.items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
