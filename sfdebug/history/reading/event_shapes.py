"""One event as files hold it: an entry of GetExecutionHistory, or a record of CloudWatch Logs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Final

from sfdebug.engine.execution.events import NOT_TRUNCATED, details_key
from sfdebug.history.recording import RecordedEvent
from sfdebug.values import Json

Report = Callable[[str, int], None]
"""Takes what is wrong, and the line that it is on."""

_MOST_ID: Final = 10_000_000
_MILLISECONDS_FROM: Final = 100_000_000_000
"""Larger numbers of an epoch are milliseconds: in seconds it would be the year 5138."""
_UNITS: Final = ((100_000_000_000_000_000, 1e-6), (100_000_000_000_000, 1e-3), (_MILLISECONDS_FROM, 1.0), (0, 1e3))
"""From which number on an epoch is in nanoseconds, microseconds, milliseconds, seconds, and what makes milliseconds."""
_LAST_MOMENT: Final = 253_402_300_799_000
_DOTNET_DATE: Final = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_NUMBER: Final = re.compile(r"[-+]?[0-9]{9,}(?:\.[0-9]*)?")
"""A time as a number: seconds have nine digits since 1973; eight are a date without its dashes."""
_SPACED_ZONE: Final = re.compile(r"(\d) ?(?:UTC|Z|([+-]\d{2}):?(\d{2})(?: [A-Z]+)?)")
_TIMES: Final = ("timestamp", "eventTimestamp", "@timestamp")
_NAMES: Final = frozenset(
    {"assignedVariables", "assignedVariablesDetails", "awslogs", "cause", "data", "definition", "details",
     "error", "eventTimestamp", "events", "executionArn", "field", "heartbeatInSeconds", "history", "id",
     "index", "input", "inputDetails", "kinesis", "length", "location", "logEvents", "logRecord", "mapRunArn",
     "message", "messageType", "name", "nextToken", "output", "outputDetails", "parameters", "previousEventId",
     "records", "redriveCount", "region", "resource", "resourceType", "results", "roleArn", "startAt",
     "startDate", "state", "stateMachineAliasArn", "stateMachineArn", "stateMachineVersionArn", "states",
     "status", "taskCredentials", "timeoutInSeconds", "timestamp", "truncated", "type", "value", "workerName"}
)  # fmt: skip
"""Fields of events, of log records and of what holds them. Source: AWS Step Functions API Reference, `HistoryEvent`."""
_BY_LETTERS: Final = {name.lower(): name for name in _NAMES}
_PLAIN: Final = frozenset({"timestamp", "type", "id", "previousEventId"})
"""What an entry of GetExecutionHistory has besides its details."""
_POSITIVE: Final = ("timeoutInSeconds", "heartbeatInSeconds")
_NUMBERS: Final = frozenset({"timeoutInSeconds", "heartbeatInSeconds", "index", "length", "redriveCount"})


def canonical(value: Mapping[str, Json]) -> Mapping[str, Json]:
    """`value` with its keys as AWS's API writes them: `id` for `Id`, `executionArn` for `execution_arn`.

    PowerShell, .NET and Go write PascalCase, Ruby and CloudWatch Logs snake_case. What is in it stays as it is.
    """
    if _are_canonical(tuple(value)):
        return value
    return {field_name(name): inner for name, inner in value.items()}


def _is_canonical(name: str) -> bool:
    is_details = name.endswith("EventDetails") and name[:1].islower() and "_" not in name
    return name in _NAMES or is_details or "." in name or name[:1] == "@"


@lru_cache(maxsize=4096)
def _are_canonical(names: tuple[str, ...]) -> bool:
    """Whether all of these are. Most events have the same few fields, in the same order."""
    return all(map(_is_canonical, names))


@lru_cache(maxsize=4096)
def field_name(name: str) -> str:
    """A name of a field as AWS's API writes it; one with dots is a place in a log record, and stays."""
    if _is_canonical(name):
        return name
    known = _BY_LETTERS.get(name.replace("_", "").replace("-", "").lower())
    if known is not None:
        return known
    first, *others = re.split(r"[_-]", name) if name[:1].isalpha() else [name]
    joined = first + "".join(part[:1].upper() + part[1:] for part in others)
    return joined[:1].lower() + joined[1:]


def event_of(value: Mapping[str, Json], line: int, report: Report) -> RecordedEvent | None:
    """The event that an entry of GetExecutionHistory, or a record of a log, holds; None, which is reported, for none.

    Its keys are `canonical`. In a log record ids and times are text, and the details have no name of their own.
    """
    event_type, event_id = _type(value.get("type")), _number(value.get("id")) or None
    if event_type is None:
        if event_id is not None or any(key.endswith("EventDetails") for key in value):
            report(f"event {event_id if event_id is not None else '?'} has no type", line)
        elif value:
            report("this object is no history event", line)
        return None
    if event_id is None:
        report(f"a {event_type[:60]} event has no id", line)
        return None
    given = value.get("previousEventId")
    previous = _number(given) if given is not None else None  # an export may have left it out
    if given is not None and (previous is None or previous >= event_id):
        report(f"event {event_id}: previousEventId {str(given)[:40]} is no earlier event", line)
        previous = None
    time = _time(_first(value, _TIMES), event_id, line, report)
    details = _details(value, event_type, event_id, line, report)
    if previous is None:
        return RecordedEvent(event_id, event_id - 1, event_type, time, details, line, is_placed=event_id == 1)
    return RecordedEvent(event_id, previous, event_type, time, details, line)


@lru_cache(maxsize=1024)
def _details_in(names: tuple[str, ...]) -> str | None:
    """Of an entry with these fields and no others, all as AWS's command line writes them: the one that has its details,
    "" when there is none; None for any other entry."""
    given = [name for name in names if name not in _PLAIN]
    if len(names) - len(given) != len(_PLAIN) or len(given) > 1:
        return None
    if not given:
        return ""
    return given[0] if given[0].endswith("EventDetails") and _is_canonical(given[0]) else None


class SharedTexts:
    """The texts of a file, each kept once: an output is the next state's input again, and names come often."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def share(self, details: dict[str, Json]) -> None:
        """Put what is equal to something that came before in its place."""
        for name, value in details.items():
            if isinstance(value, str):
                details[name] = self._texts.setdefault(value, value)
            elif value == NOT_TRUNCATED and value["truncated"] is False:  # 0 is as equal
                details[name] = NOT_TRUNCATED


def plain_event(value: Json, line: int, texts: SharedTexts) -> RecordedEvent | None:
    """What `event_of` gives for an entry that AWS's command line has written, in a tenth of the time and half of the
    space; None for any other, also for one that something is wrong with. Nobody else has the entry."""
    if not isinstance(value, dict):
        return None
    key = _details_in(tuple(value))
    if key is None:
        return None
    event_id, previous, event_type, when = value["id"], value["previousEventId"], value["type"], value["timestamp"]
    if type(event_id) is not int or type(previous) is not int or not 0 <= previous < event_id <= _MOST_ID:
        return None
    if not isinstance(event_type, str) or not event_type or event_type.isupper() or not isinstance(when, str):
        return None
    time = _moment_in_text(when)
    if time is None:
        return None
    details: Json = value[key] if key else {}
    if not isinstance(details, dict) or not _are_canonical(tuple(details)) or None in details.values():
        return None
    texts.share(details)
    return RecordedEvent(event_id, previous, intern(event_type), time, details, line)


def arn_of(value: Mapping[str, Json]) -> str | None:
    """The execution that a record of a log says it belongs to; None for an entry of GetExecutionHistory."""
    arn = value.get("executionArn")
    if isinstance(arn, str) and arn:
        return arn
    return "" if "eventTimestamp" in value or "details" in value else None


def nested(row: Mapping[str, Json]) -> dict[str, Json]:
    """A row of a query's results as a log record: `details.name` stands in `details`; what is empty was not there.

    Source: CloudWatch Logs User Guide, "Supported logs and discovered fields": fields in JSON are named with dots.
    """
    record: dict[str, Json] = {}
    for name, value in row.items():
        if value in ("", None):
            continue
        if "." not in name:
            record[name] = value
            continue
        *path, last = name.split(".")
        inside = record
        for step in path:
            inner = inside.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            inside = inner
        else:
            inside[last] = value
    details = record.get("details")
    if isinstance(details, dict):
        record["details"] = {name: _typed(name, value) for name, value in details.items()}
    return record


def _typed(name: str, value: Json) -> Json:
    """A detail field in its type: a query's results are all text."""
    if isinstance(value, dict):
        return {inner: content in ("1", "true", True) if inner == "truncated" else content
                for inner, content in value.items()} if name.endswith("Details") else value  # fmt: skip
    if name in _NUMBERS and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value


def _type(value: Json) -> str | None:
    """An event's type: text, an object of the .NET SDK, or a constant of the Java SDK (`TASK_STATE_ENTERED`)."""
    if isinstance(value, dict):
        value = value.get("Value", value.get("value"))
    if not isinstance(value, str) or not value:
        return None
    if value.isupper():
        return "".join(part.capitalize() for part in value.split("_"))
    return value


def _first(value: Mapping[str, Json], names: tuple[str, ...]) -> Json:
    return next((found for name in names if (found := value.get(name)) is not None), None)


def _details(
    value: Mapping[str, Json], event_type: str, event_id: int, line: int, report: Report
) -> Mapping[str, Json]:
    key = details_key(event_type) or ""
    details = value.get(key)
    if details is None:
        given = (name for name, inner in value.items() if name.lower().endswith("eventdetails") and inner is not None)
        key = next(given, "")
        details = value.get(key)
    if details is None:
        key, details = "details", value.get("details")
    if isinstance(details, str) and details.lstrip()[:1] == "{":
        details = _parsed(details)
    if details is None:
        return {}
    if not isinstance(details, dict):
        report(f"event {event_id}: {key} is no object", line)
        return {}
    if _are_canonical(tuple(details)) and None not in details.values():
        return details
    named = {field_name(name): inner for name, inner in details.items()}
    return {name: _inner(name, inner) for name, inner in named.items() if not _is_unset(name, inner)}


def _is_unset(name: str, value: Json) -> bool:
    """Whether an SDK writes a field so that AWS did not give: null; in older ones of .NET 0 and {}."""
    return value is None or (name in _POSITIVE and value == 0) or (name == "assignedVariables" and value == {})


def _inner(name: str, value: Json) -> Json:
    """A field of the details: what stands beside a payload, and credentials, have fields of AWS's own."""
    is_own = isinstance(value, dict) and (name.endswith("Details") or name == "taskCredentials")
    return dict(canonical(value)) if is_own and isinstance(value, dict) else value


def _parsed(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found


def _number(value: Json) -> int | None:
    """An event id: a whole number, or its digits as logs have them."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_ID:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_ID:
        return None
    return value


def _time(value: Json, event_id: int, line: int, report: Report) -> int | None:
    if value is None:
        return None
    moment = moment_of(value)
    if moment is None:
        report(f"event {event_id}: timestamp {str(value)[:40]!r} is no time", line)
    return moment


def moment_of(value: Json) -> int | None:
    """Milliseconds since 1970, None for what is no time.

    From ISO 8601 text (Ruby and Go write it with spaces), from a number of seconds, milliseconds or less, from
    `/Date(…)/` (.NET), and from objects with seconds and nanoseconds (Java).
    """
    if isinstance(value, dict):
        return _moment_in(value)
    if isinstance(value, str):
        return _moment_in_text(value)
    return _moment_of_number(value)


@lru_cache(maxsize=256)
def _moment_in_text(text: str) -> int | None:
    """The moment in a text: events that follow one another often have the same."""
    parsed = _moment_written(text)
    if isinstance(parsed, datetime):
        try:
            return _in_range(round(parsed.timestamp() * 1000))
        except (OverflowError, ValueError):
            return None
    return _moment_of_number(parsed)


def _moment_of_number(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e19 or math.isnan(value):
        return None
    return _in_range(round(value * next(factor for least, factor in _UNITS if abs(value) >= least)))


def _moment_written(text: str) -> datetime | float | None:
    """The time in a text, or the number."""
    dotnet = _DOTNET_DATE.fullmatch(text) if text[:1] == "/" else None
    if dotnet is not None:
        return int(dotnet[1])
    if _NUMBER.fullmatch(text):  # Python reads some as ISO 8601: 1796063030422 as 4:22 on a day of the year 1796
        return float(text)
    parsed = _iso_moment(text) or _iso_moment(_SPACED_ZONE.sub(_zone, text.strip()))
    if parsed is not None:
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed
    try:
        return float(text)
    except ValueError:
        return None


def _iso_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _zone(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}:{match[3]}" if match[2] else f"{match[1]}+00:00"


def _moment_in(value: Mapping[str, Json]) -> int | None:
    """A time that is an object: PowerShell's with its text in `value`, Java's with its seconds."""
    inner = canonical(value)
    if isinstance(inner.get("value"), str):
        return moment_of(inner["value"])
    seconds, nanos = _first(inner, ("epochSecond", "seconds")), _first(inner, ("nano", "nanos"))
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        return _in_range(seconds * 1000 + (nanos // 1_000_000 if isinstance(nanos, int) else 0))
    return None


def _in_range(moment: int) -> int | None:
    return moment if 0 <= moment <= _LAST_MOMENT else None
