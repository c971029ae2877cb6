"""Patterns and schedules in words, for lists and messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.eventbridge.patterns import EventPattern, PatternField

_RATE: Final = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
_AT: Final = re.compile(r"at\(\s*(\S+)\s*\)")
_CRON: Final = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)")
_ANY: Final = ("*", "?")
_FIRST: Final = ("source", "detail-type")


def pattern_in_words(pattern: EventPattern) -> str:
    """What a pattern lets through: `source is aws.s3, detail.bucket.name is photos`."""
    ordered = (sorted(alternative, key=_importance) for alternative in pattern.alternatives)
    return "; or ".join(", ".join(map(_field_in_words, alternative)) for alternative in ordered)


def _importance(field: PatternField) -> int:
    return _FIRST.index(field.path) if field.path in _FIRST else len(_FIRST)


def _field_in_words(field: PatternField) -> str:
    told = [each.words() for each in field.matchers]
    if len(told) > 1 and all(words.startswith("is ") for words in told):
        told = [told[0], *(words.removeprefix("is ") for words in told[1:])]
    return f"{field.path} {' or '.join(told)}"


def schedule_in_words(expression: str) -> str:
    """When a schedule fires: `every 5 minutes`, `at 08:30 on MON-FRI`; the expression itself where it says more."""
    rate = _RATE.fullmatch(expression)
    if rate is not None:
        count, unit = int(rate[1]), rate[2]
        return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    at = _AT.fullmatch(expression)
    if at is not None:
        return f"once, at {at[1]}"
    cron = _CRON.fullmatch(expression)
    if cron is None:
        return expression
    minute, hour, day, month, weekday, year = cron.groups()
    if not minute.isdecimal() or not hour.isdecimal():
        return expression
    parts = [f"at {hour:>02}:{minute:>02}"]
    if weekday not in _ANY:
        parts.append(f"on {weekday}")
    if day not in _ANY:
        parts.append(f"on day {day}")
    if month not in _ANY:
        parts.append(f"in month {month}")
    if year not in _ANY:
        parts.append(f"of {year}")
    return " ".join(parts) if len(parts) > 1 else f"every day {parts[0]}"
