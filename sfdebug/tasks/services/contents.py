"""What services hold: the messages in each queue, the items of each table, the objects of each bucket, bounded.

Reading takes nothing away. Where messages can only be received, they stay visible, though that counts as a delivery; so
queues that count deliveries for their dead letters are not read there.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sfdebug.aws.service_calls import ServiceClients
    from sfdebug.values import Json

MOST: Final = 100
"""So many entries are read of each queue, table and bucket."""

REST: Final = "…"
"""The name of the entry that tells of what was not read."""
_MOST_READS: Final = 12
_LARGEST_OBJECT: Final = 4_096
"""Bytes. Of a larger object, or one that is no text, only the size is told."""


Messages: TypeAlias = "Callable[[], Mapping[str, Mapping[str, tuple[int, Mapping[str, str]]]]]"
"""By "queues" and "topics", and by their names, how many messages there are, and the bodies of the first by ids."""


def contents_of(clients: ServiceClients, messages: Messages | None = None) -> dict[str, Json]:
    """All that there is, by "queues", "topics", "tables" and "buckets" and by names; what cannot be read has its error.

    `messages` looks at them without receiving them, where that can be. Raises ServiceCallError when there are no
    clients.
    """
    found: dict[str, Json] = {
        **({"queues": _held(_queues(clients))} if messages is None else _looked_at(messages)),
        "tables": _held(_tables(clients)),
        "buckets": _held(_buckets(clients)),
    }
    return {kind: held for kind, held in found.items() if held}


def _held(found: Iterator[tuple[str, Json]]) -> dict[str, Json]:
    """What there is of a service, up to where it cannot be listed: nobody is there, or it may not be."""
    held: dict[str, Json] = {}
    try:
        held.update(islice(found, MOST))
    except Exception as error:  # boto3's errors have no base class of their own
        held["error"] = str(error)
    return held


def _looked_at(messages: Messages) -> dict[str, Json]:
    """The messages in queues, and those that were published to topics."""
    return {
        kind: {
            name: _with_rest({key: _value(body) for key, body in bodies.items()}, count)
            for name, (count, bodies) in held.items()
        }
        for kind, held in messages().items()
    }


def _with_rest(found: dict[str, Json], count: int | None) -> dict[str, Json]:
    """Entries, with a last one that tells of those that were not read; `count` is None where that is not known."""
    if count is None:
        return found | {REST: "there are more, which are not read"}
    return found | {REST: f"{count - len(found):,} more, which are not read"} if count > len(found) else found


def _queues(clients: ServiceClients) -> Iterator[tuple[str, Json]]:
    client = clients.client("sqs")
    for url in client.list_queues().get("QueueUrls", []):
        name = str(url).rpartition("/")[2]
        try:
            known = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]).get("Attributes", {})
        except Exception as error:
            yield name, {"error": str(error)}
            continue
        count = int(known.get("ApproximateNumberOfMessages", 0))
        if "RedrivePolicy" in known:
            yield name, f"({counted(count, 'message')}, not read: each reading would count for its redrive policy)"
        else:
            yield name, _messages(client, url, count)


def _messages(client: Any, url: str, count: int) -> Json:
    """The bodies of messages by their ids: what was sent does not change its place."""
    found: dict[str, Json] = {}
    try:
        for _ in range(_MOST_READS):
            answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            fresh = {one["MessageId"]: _value(one["Body"]) for one in answer.get("Messages", [])}
            if not fresh.keys() - found.keys():
                break
            found |= fresh
    except Exception as error:  # boto3's errors have no base class of their own
        return {"error": str(error)}
    return _with_rest(dict(islice(found.items(), MOST)), max(count, len(found)))


def _tables(clients: ServiceClients) -> Iterator[tuple[str, Json]]:
    client = clients.client("dynamodb")
    for name in client.list_tables().get("TableNames", []):
        try:
            keys = [each["AttributeName"] for each in client.describe_table(TableName=name)["Table"]["KeySchema"]]
            scanned = client.scan(TableName=name, Limit=MOST)
        except Exception as error:
            yield name, {"error": str(error)}
            continue
        plain = [{key: _plain(value) for key, value in item.items()} for item in scanned["Items"]]
        shown: dict[str, Json] = {", ".join(str(item.get(key)) for key in keys): item for item in plain}
        yield name, _with_rest(shown, None) if "LastEvaluatedKey" in scanned else shown


def _buckets(clients: ServiceClients) -> Iterator[tuple[str, Json]]:
    client = clients.client("s3")
    for bucket in client.list_buckets().get("Buckets", []):
        name = bucket["Name"]
        try:
            listed = client.list_objects_v2(Bucket=name, MaxKeys=MOST)
            shown = {one["Key"]: _object(client, name, one) for one in listed.get("Contents", [])}
            yield name, _with_rest(shown, None) if listed.get("IsTruncated") else shown
        except Exception as error:
            yield name, {"error": str(error)}


def _object(client: Any, bucket: str, listed: dict[str, Any]) -> Json:
    size = int(listed.get("Size", 0))
    if size > _LARGEST_OBJECT:
        return f"({size:,} bytes)"
    data = client.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read(_LARGEST_OBJECT)
    try:
        return _value(data.decode("utf-8"))
    except UnicodeDecodeError:
        return f"({size:,} bytes)"


def _value(text: str) -> Json:
    """A text as JSON where it is an object or a list."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, dict | list) else text


def _plain(value: Any) -> Json:
    """An attribute of DynamoDB as plain JSON."""
    kind, held = next(iter(value.items()))
    if kind == "N":
        return float(held) if not str(held).lstrip("-").isdecimal() else int(held)
    if kind == "NULL":
        return None
    if kind == "M":
        return {name: _plain(each) for name, each in held.items()}
    if kind == "L":
        return [_plain(each) for each in held]
    if isinstance(held, bytes):
        return f"({len(held):,} bytes)"
    return [str(each) for each in held] if isinstance(held, list | set) else held
