"""One event as files hold it: an entry of GetExecutionHistory, or a record of CloudWatch Logs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sfdebug.engine.events import details_key
from sfdebug.history.recording import RecordedEvent
from sfdebug.values import Json

Tell = Callable[[str, int], None]
"""Notes what is wrong, and the line that it is on."""

_MOST_ID: Final = 10_000_000
_MILLISECONDS_FROM: Final = 100_000_000_000
"""Larger numbers of an epoch are milliseconds: in seconds it would be the year 5138."""
_LAST_MOMENT: Final = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record of an Express log: the event, and the execution that it belongs to."""

    event: RecordedEvent
    execution_arn: str


def event_of(value: Mapping[str, Json], line: int, tell: Tell) -> RecordedEvent | None:
    """The event that an entry of GetExecutionHistory holds; None when it is none, which is told."""
    event_type, event_id = value.get("type"), _number(value.get("id")) or None
    if not isinstance(event_type, str) or not event_type:
        if event_id is not None or any(key.endswith("EventDetails") for key in value):
            tell(f"event {event_id if event_id is not None else '?'} has no type", line)
        elif value:
            tell("this object is no history event", line)
        return None
    if event_id is None:
        tell(f"a {event_type[:60]} event has no id", line)
        return None
    previous = _number(value.get("previousEventId", 0))
    if previous is None or previous >= event_id:
        tell(f"event {event_id}: previousEventId {str(value.get('previousEventId'))[:40]} is no earlier event", line)
        previous = event_id - 1
    time = _time(value.get("timestamp"), event_id, line, tell)
    return RecordedEvent(event_id, previous, event_type, time, _details(value, event_type, event_id, line, tell), line)


def record_of(value: Mapping[str, Json], line: int, tell: Tell) -> LogRecord | None:
    """The event that a log record holds: ids and times are text there, the details have no name of their own."""
    details = value.get("details")
    event_type = value.get("type")
    key = details_key(event_type) if isinstance(event_type, str) else None
    shaped: dict[str, Json] = {
        "id": value.get("id"),
        "type": event_type,
        "previousEventId": value.get("previous_event_id", "0"),
        "timestamp": value.get("event_timestamp"),
    }
    if key is not None and details is not None:
        shaped[key] = details
    event = event_of(shaped, line, tell)
    if event is None:
        return None
    arn = value.get("execution_arn")
    return LogRecord(event, arn if isinstance(arn, str) else "")


def _details(value: Mapping[str, Json], event_type: str, event_id: int, line: int, tell: Tell) -> Mapping[str, Json]:
    key = details_key(event_type)
    details = value.get(key) if key else None
    if details is None:
        key = next((name for name in value if name.endswith("EventDetails")), None)
        details = value[key] if key else None
    if details is None:
        return {}
    if not isinstance(details, dict):
        tell(f"event {event_id}: {key} is no object", line)
        return {}
    return details


def _number(value: Json) -> int | None:
    """An event id: a whole number, or its digits as logs have them."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_ID:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_ID:
        return None
    return value


def _time(value: Json, event_id: int, line: int, tell: Tell) -> int | None:
    if value is None:
        return None
    moment = moment_of(value)
    if moment is None:
        tell(f"event {event_id}: timestamp {str(value)[:40]!r} is no time", line)
    return moment


def moment_of(value: Json) -> int | None:
    """Milliseconds since 1970: from ISO 8601 text, or from a number of seconds or milliseconds; None for others."""
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                return None
        else:
            if parsed.tzinfo is None:
                parsed = parsed.replace(tzinfo=UTC)
            try:
                return _in_range(round(parsed.timestamp() * 1000))
            except (OverflowError, ValueError):
                return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18 or math.isnan(value):
        return None
    return _in_range(round(value if abs(value) >= _MILLISECONDS_FROM else value * 1000))


def _in_range(moment: int) -> int | None:
    return moment if 0 <= moment <= _LAST_MOMENT else None
