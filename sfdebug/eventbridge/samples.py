"""A sample event that a pattern lets through, made from the pattern.

What the pattern does not name has the form that AWS gives to such events. It is held against the pattern before anybody
gets it. Source: EventBridge User Guide, "AWS service event metadata"; Amazon S3 User Guide, "EventBridge mapping".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfdebug.eventbridge.events import SAMPLE_ID, custom_event, object_event
from sfdebug.values import MISSING, Json, Value, copied

if TYPE_CHECKING:
    from sfdebug.eventbridge.patterns import EventPattern, PatternField

_OBJECT_EVENTS: Final = {"Object Created": "ObjectCreated:Put", "Object Deleted": "ObjectRemoved:Delete"}
"""The events of S3 that are met most, with what S3 calls them itself."""


def sample_event(pattern: EventPattern, region: str, account: str, time: str) -> dict[str, Json] | None:
    """An event of a bus that a pattern lets through; None where none was found.

    Args:
        pattern: The pattern of a rule.
        region: That of the bus.
        account: That of the bus.
        time: When it happens, as EventBridge writes it.
    """
    return sample_value(pattern, custom_event({}, "sample", "Sample", SAMPLE_ID, region, account, time))


def sample_value(pattern: EventPattern, like: dict[str, Json]) -> dict[str, Json] | None:
    """A value that is like another as far as a pattern lets it through; None where none was found."""
    for alternative in pattern.alternatives:
        wanted = {field.path: _sample_of(field) for field in alternative}
        for base in (_usual(like, wanted), like):
            made = copied(base)
            assert isinstance(made, dict)
            for field in alternative:
                _remove(made, field.keys, is_wanted=wanted[field.path] is not MISSING)
            for field in alternative:
                value = wanted[field.path]
                if value is not MISSING:
                    _put(made, field.keys, value)
            if pattern.matches(made):
                return made
    return None


def _sample_of(field: PatternField) -> Value:
    for matcher in field.matchers:
        for value in matcher.samples():
            if matcher.matches(value):
                return value
    return MISSING


def _usual(like: dict[str, Json], wanted: dict[str, Value]) -> dict[str, Json]:
    """What such an event has besides, where AWS says so: the object of an event of S3."""
    kind = wanted.get("detail-type")
    if wanted.get("source") != "aws.s3" or not isinstance(kind, str) or kind not in _OBJECT_EVENTS:
        return like
    bucket = wanted.get("detail.bucket.name", MISSING)
    said: dict[str, Json] = {
        "event": _OBJECT_EVENTS[kind],
        "bucket": bucket if isinstance(bucket, str) else "sample-bucket",
        "key": "sample.json",
        "size": 1024,
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
    }
    place = (str(like.get(name)) for name in ("id", "region", "account", "time"))
    return object_event(said, *place)


def _remove(value: Any, keys: tuple[str, ...], *, is_wanted: bool) -> None:
    """Take away what stands under keys; a plain value that another one takes the place of keeps it."""
    for key in keys[:-1]:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, dict) and (not is_wanted or isinstance(value.get(keys[-1]), dict)):
        value.pop(keys[-1], None)


def _put(value: dict[str, Any], keys: tuple[str, ...], item: Json) -> None:
    """Put a value under keys; where something else stands in their way, under one key with dots, which is the same."""
    for at, key in enumerate(keys[:-1]):
        inner = value.setdefault(key, {})
        if not isinstance(inner, dict):
            value[".".join(keys[at:])] = item
            return
        value = inner
    last = keys[-1]
    if isinstance(value.get(last), dict):  # other fields stand within: this one has to be a value all the same
        value.update({f"{last}.{name}": inner for name, inner in value[last].items()})
    value[last] = item
