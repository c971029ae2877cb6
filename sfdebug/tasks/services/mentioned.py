"""What a definition without a project names, made so that calls find it: queues, topics, buckets, buses, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfdebug.projects.model import DEFAULT_ACCOUNT, DEFAULT_REGION, ResourceKind
from sfdebug.tasks.services.creating import CreatedResource

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.service_calls import ServiceClients

_QUEUE: Final = re.compile(r"https?://sqs\.([a-z0-9-]+)\.[a-z.]+/(\d{12})/([\w.-]+)")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)")
_NAMES: Final = {"Bucket": ResourceKind.BUCKET, "EventBusName": ResourceKind.BUS}
_KEY_TYPES: Final = ("S", "N", "B")


def place_of(*machines: StateMachine) -> tuple[str, str]:
    """The region and the account that definitions name first; those of AWS's documentation where they name none."""
    for text in (text for machine in machines for text in _texts(machine)):
        queue, arn = _QUEUE.match(text), _ARN.match(text)
        if queue is not None:
            return queue[1], queue[2]
        if arn is not None and arn[2] and arn[3]:
            return arn[2], arn[3]
    return DEFAULT_REGION, DEFAULT_ACCOUNT


def create_mentioned(machine: StateMachine, clients: ServiceClients) -> tuple[CreatedResource, ...]:
    """Make what the Tasks of a definition name in so many words. Of a table, the key is taken from a Task's `Key`."""
    made: dict[tuple[ResourceKind, str], CreatedResource] = {}
    for kind, name, details in _mentioned(machine):
        if (kind, name) not in made:
            try:
                _make(kind, name, details, clients)
                made[kind, name] = CreatedResource(kind, name)
            except Exception as error:  # whatever a client library has against it
                made[kind, name] = CreatedResource(kind, name, str(error))
    return tuple(made.values())


def _mentioned(machine: StateMachine) -> Iterator[tuple[ResourceKind, str, Any]]:
    tables: dict[str, dict[str, str]] = {}
    for state in machine.walk():
        arguments: Any = state.arguments
        if not isinstance(arguments, dict):
            continue
        for name, value in _pairs(arguments):
            if not isinstance(value, str) or value.startswith("{%"):
                continue
            queue, arn = _QUEUE.fullmatch(value), _ARN.fullmatch(value)
            if queue is not None:
                yield ResourceKind.QUEUE, queue[3], None
            elif name in ("TopicArn", "TargetArn") and arn is not None and arn[1] == "sns":
                yield ResourceKind.TOPIC, arn[4], None
            elif name in _NAMES and not value.startswith("arn:"):
                yield _NAMES[name], value, None
        table = arguments.get("TableName")
        if isinstance(table, str) and not table.startswith(("{%", "arn:")):
            known = tables.setdefault(table, {})
            known.update(_key_of(arguments.get("Key")))
            if not known:
                tables[table] = dict(list(_key_of(arguments.get("Item")).items())[:1])
    for name, key in tables.items():
        yield ResourceKind.TABLE, name, key or {"id": "S"}


def _key_of(value: Any) -> dict[str, str]:
    """The attributes of a key with their types: `{"id": {"S.$": "$.id"}}` has the text id."""
    found: dict[str, str] = {}
    for name, typed in value.items() if isinstance(value, dict) else ():
        types = [each.removesuffix(".$") for each in typed] if isinstance(typed, dict) else []
        found[name] = types[0] if types and types[0] in _KEY_TYPES else "S"
    return found


def _make(kind: ResourceKind, name: str, details: Any, clients: ServiceClients) -> None:
    if kind is ResourceKind.QUEUE:
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        clients.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    elif kind is ResourceKind.TOPIC:
        attributes = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
        clients.client("sns").create_topic(Name=name, Attributes=attributes)
    elif kind is ResourceKind.BUCKET:
        region = clients.endpoint.region
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        clients.client("s3").create_bucket(Bucket=name, **where)
    elif kind is ResourceKind.BUS:
        if name != "default":
            clients.client("events").create_event_bus(Name=name)
    elif kind is ResourceKind.TABLE:
        keys = list(details.items())[:2]
        clients.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": of} for key, of in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": "RANGE" if index else "HASH"} for index, (key, _) in enumerate(keys)
            ],
        )


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """All members at any depth."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield name, each
            yield from _pairs(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pairs(each)


def _texts(machine: StateMachine) -> Iterator[str]:
    for state in machine.walk():
        yield state.resource
        for _, value in _pairs({"fields": dict(state.fields)}):
            if isinstance(value, str):
                yield value
