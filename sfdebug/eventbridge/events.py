"""Events as EventBridge, its schedules and its pipes make them.

Source: EventBridge User Guide, "AWS service event metadata", "Amazon SQS as a source" of pipes; recorded answers of
PutEvents for what is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sfdebug.values import MAX_NESTING, compact, is_deeper

if TYPE_CHECKING:
    from sfdebug.values import Json

SAMPLE_ID: Final = "00000000-0000-0000-0000-000000000000"
DEFAULT_BUS: Final = "default"
SCHEDULED: Final = "Scheduled Event"
"""The detail-type of what schedules give."""


def event_time(milliseconds: int) -> str:
    """A moment as it stands in an event: in seconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def custom_event(
    detail: Json,
    source: str,
    detail_type: str,
    id: str,
    region: str,
    account: str,
    time: str,
    resources: list[Json] | None = None,
) -> dict[str, Json]:
    """An event with the fields that all have, in AWS's order."""
    return {
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": time,
        "region": region,
        "resources": resources or [],
        "detail": detail,
    }


def scheduled_event(rule_arn: str, id: str, region: str, account: str, time: str) -> dict[str, Json]:
    """What a rule with a schedule gives to its targets."""
    return custom_event({}, "aws.events", SCHEDULED, id, region, account, time, [rule_arn])


def schedule_event(schedule_arn: str, id: str, region: str, account: str, time: str) -> dict[str, Json]:
    """What a schedule of EventBridge Scheduler gives to a target that names no input of its own: its detail is a text.
    Source: EventBridge Scheduler User Guide, "Setting up a schedule"."""
    return custom_event("{}", "aws.scheduler", SCHEDULED, id, region, account, time, [schedule_arn])


def bus_name(bus: str | None) -> str:
    """The name of a bus, which may be given by its ARN."""
    return (bus or DEFAULT_BUS).rpartition("/")[2] if bus and bus.startswith("arn:") else bus or DEFAULT_BUS


def entry_problem(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why an entry of PutEvents is refused: AWS's code, and its words; None for one that is taken."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict) or is_deeper(detail, MAX_NESTING):
        return "MalformedDetail", "Detail is malformed."
    try:
        event_time(_milliseconds(entry.get("Time"), 0))
    except (ValueError, OverflowError, OSError):
        return "InvalidArgument", "Parameter Time is not valid."
    return None


def is_reserved(entry: Mapping[str, Any]) -> bool:
    """Whether AWS takes an entry from its services alone (NotAuthorizedForSourceException)."""
    return str(entry.get("Source") or "").startswith("aws.")


def _milliseconds(time: object, now: int) -> int:
    """The Time of an entry, now where it has none. Raises ValueError, OverflowError for one that is no number."""
    return int(time * 1000) if isinstance(time, int | float) else now


def event_of_entry(entry: Mapping[str, Any], id: str, region: str, account: str, now: int) -> dict[str, Json]:
    """The event that an entry of PutEvents becomes, which has no `entry_problem`."""
    at = _milliseconds(entry.get("Time"), now)
    resources = [each for each in entry.get("Resources") or [] if isinstance(each, str)]
    detail = json.loads(entry["Detail"])
    return custom_event(
        detail, str(entry["Source"]), str(entry["DetailType"]), id, region, account, event_time(at), [*resources]
    )


_OBJECT_KINDS: Final = (
    ("ObjectCreated", "Object Created"),
    ("ObjectRemoved", "Object Deleted"),
    ("ObjectRestore:Post", "Object Restore Initiated"),
    ("ObjectRestore:Completed", "Object Restore Completed"),
    ("ObjectTagging:Put", "Object Tags Added"),
    ("ObjectTagging:Delete", "Object Tags Deleted"),
    ("ObjectAcl", "Object ACL Updated"),
)
_OBJECT_REASONS: Final = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}


def object_event(said: Mapping[str, Any], id: str, region: str, account: str, time: str) -> dict[str, Json]:
    """What S3 gives to EventBridge of an object: `said` are its name for the event, bucket, key, size, etag and perhaps
    a version. Source: Amazon S3 User Guide, "EventBridge event message structure"."""
    name = str(said.get("event") or "").removeprefix("s3:")
    kind = next((kind for beginning, kind in _OBJECT_KINDS if name.startswith(beginning)), name)
    is_gone = kind == "Object Deleted"
    about: dict[str, Json] = {"key": said.get("key")}
    if not is_gone:
        about |= {"size": said.get("size"), "etag": said.get("etag")}
    if said.get("version"):
        about["version-id"] = str(said["version"])
    about["sequencer"] = f"{int(id.replace('-', '')[:16] or '0', 16):016X}"
    detail: dict[str, Json] = {
        "version": "0",
        "bucket": {"name": said.get("bucket")},
        "object": about,
        "request-id": id.replace("-", "")[:16].upper(),
        "requester": account,
        "source-ip-address": "127.0.0.1",
    }
    if name in _OBJECT_REASONS:
        detail["reason"] = _OBJECT_REASONS[name]
    if is_gone:
        detail["deletion-type"] = "Delete Marker Created" if name.endswith("MarkerCreated") else "Permanently Deleted"
    return custom_event(detail, "aws.s3", kind, id, region, account, time, [f"arn:aws:s3:::{said.get('bucket')}"])


def sample_message(body: str, queue_arn: str, region: str, now: int) -> dict[str, Json]:
    """A message of a queue, as a pipe hands it on."""
    return {
        "messageId": SAMPLE_ID,
        "receiptHandle": "sample",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(now),
            "SenderId": "sfdebug",
            "ApproximateFirstReceiveTimestamp": str(now),
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


_PARSED_FIELDS: Final = {"body": False, "data": True, "value": True, "key": True}
"""The fields of records whose content a pipe looks into, and whether they are in Base64."""


def looked_into(record: Json) -> Json:
    """A record as the filters and the input template of a pipe see it: its body, or its data, as what it holds.

    Source: EventBridge User Guide, "Event filtering in EventBridge Pipes" and "Implicit body data parsing".
    """
    if not isinstance(record, dict):
        return record
    is_queue = record.get("eventSource") == "aws:sqs"
    found = dict(record)
    for name, is_encoded in _PARSED_FIELDS.items():
        text = found.get(name)
        if isinstance(text, str) and (name == "body") == is_queue:
            found[name] = _parsed(text, is_encoded)
    return found


def packed(seen: Mapping[str, Json]) -> dict[str, Json]:
    """A record of which one knows what a pipe sees in it: `looked_into` backwards."""
    found = dict(seen)
    for name, is_encoded in _PARSED_FIELDS.items():
        value = found.get(name)
        if value is None or (name == "body") != (found.get("eventSource") == "aws:sqs"):
            continue
        text = value if isinstance(value, str) else compact(value)
        found[name] = base64.b64encode(text.encode()).decode() if is_encoded else text
    return found


def _parsed(text: str, is_encoded: bool) -> Json:
    plain = text
    if is_encoded:
        try:
            plain = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return text
    try:
        value: Json = json.loads(plain)
    except (ValueError, RecursionError):
        return plain
    return value
