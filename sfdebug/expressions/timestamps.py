"""Timestamps as the States Language defines them: RFC 3339 with a capital T, and a capital Z or an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):(\d\d))", re.ASCII
)
_OFFSET_DATE_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=512)
def parse_nanoseconds(text: str) -> int | None:
    """Nanoseconds from 1970 to the moment that `text` names, or None when it is not a timestamp."""
    return _nanoseconds(_TIMESTAMP.fullmatch(text))


def _nanoseconds(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
    fraction, zulu, sign, offset_hours, offset_minutes = match.group(7, 8, 9, 10, 11)
    offset = timedelta()
    if not zulu:
        if int(offset_hours) > 18 or int(offset_minutes) > 59:
            return None
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    since = moment - _EPOCH
    since += offset if sign == "-" else -offset
    seconds = since // timedelta(seconds=1)
    return seconds * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))


def parse_timestamp(text: str) -> int | None:
    """Milliseconds from 1970 to the moment that `text` names, or None when it is not a timestamp.

    Source: States Language specification, "Timestamps"; recorded: "2016-12-05 21:29:29Z" (no T) and
    "2016-12-05T21:29:29" (no offset) are refused, as are month 13 and hour 25. A fraction of a second is cut
    after its third digit.
    """
    nanoseconds = parse_nanoseconds(text)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def parse_offset_date_time(text: str) -> int | None:
    """Milliseconds from 1970 to the moment that a Wait's timestamp names, or None when it is none.

    AWS reads it as "ISO-8601 extended offset date-time": more than the specification's timestamps. Measured on AWS by
    others: seconds may be left out, and `t` and `z` may be small.
    """
    nanoseconds = _nanoseconds(_OFFSET_DATE_TIME.fullmatch(text))
    return None if nanoseconds is None else nanoseconds // 1_000_000
