"""Reading the fields of recorded events, as GetExecutionHistory gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from sfdebug.engine.execution.events import details_key
from sfdebug.errors import UsageError
from sfdebug.values import MISSING, Json, Value, is_nested_deep


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
        why = _why_no_event(event)
        if why:
            raise UsageError(why, where=f"events[{number}]", fix=fix)
    return sorted(events, key=id_of)


def _why_no_event(event: Mapping[str, Json]) -> str:
    """What keeps an event from being one; "" when nothing does."""
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        return "this event has no type"
    if not _is_number(event.get("id")):
        return "this event has no id"
    if not _is_number(event.get("previousEventId", 0)):
        return "this event follows what is no event: previousEventId is a number"
    entered = event.get("stateEnteredEventDetails")
    if entered is not None and not (isinstance(entered, dict) and isinstance(entered.get("name"), str)):
        return "this event does not say which state was entered"
    return ""


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


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
    return MISSING if is_nested_deep(value, payload) else payload


def text_of(value: Value) -> str | None:
    """A text field, None when it is not there."""
    return value if isinstance(value, str) else None
