"""Reading the fields of recorded events, as GetExecutionHistory gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from sfdebug.engine.events import details_key
from sfdebug.errors import UsageError
from sfdebug.values import MISSING, Json, Value


def checked_events(events: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """`events` in the order of their ids: GetExecutionHistory may have been asked for the reverse.

    Raises UsageError when it is no list of events.
    """
    fix = "Give the list `events` of GetExecutionHistory's response."
    if isinstance(events, str | Mapping) or not isinstance(events, Sequence):
        raise UsageError(f"a recorded history is a list of events, not a {type(events).__name__}", fix=fix)
    for number, event in enumerate(events):
        if not isinstance(event, Mapping):
            raise UsageError(f"this is a {type(event).__name__}, not an event", where=f"events[{number}]", fix=fix)
        for name, kind in (("type", str), ("id", int)):
            if not isinstance(event.get(name), kind):
                raise UsageError(f"this event has no {name}", where=f"events[{number}]", fix=fix)
    return sorted(events, key=id_of)


def id_of(event: Mapping[str, Json]) -> int:
    """The id of an event that has been checked."""
    return cast("int", event["id"])


def previous_of(event: Mapping[str, Json]) -> int:
    """The event that this one follows, 0 for none."""
    return cast("int", event.get("previousEventId", 0))


def details_of(event: Mapping[str, Json]) -> Mapping[str, Json]:
    """The details of an event, empty when its type has none."""
    details = event.get(details_key(str(event["type"])) or "")
    return details if isinstance(details, dict) else {}


def payload_of(value: Value) -> Value:
    """The value of a payload field, which holds JSON text; MISSING when that was cut short."""
    if not isinstance(value, str):
        return value
    try:
        payload: Json = json.loads(value)
    except (ValueError, RecursionError):
        return MISSING
    return payload


def text_of(value: Value) -> str | None:
    """A text field, None when it is not there."""
    return value if isinstance(value, str) else None
