"""$now, $millis, $fromMillis and $toMillis. Source: the JSONata documentation, "Date/Time functions"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.functions.date_parsing import parsed
from sfdebug.expressions.jsonata.functions.date_pictures import EPOCH, written
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.values import MISSING

_ISO: Final = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?"
    r"(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(?:\.(\d+))?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?",
    re.ASCII,
)


def _clock(run: JsonataRun) -> int:
    if run.now is None:
        raise JsonataFault("D3137", message="there is no clock here")
    return run.now


def millis(run: JsonataRun) -> int:
    """$millis: the time of the evaluation, in milliseconds from 1970."""
    return _clock(run)


def now(run: JsonataRun, picture: Any, timezone: Any) -> Any:
    """$now: the time of the evaluation as text."""
    return from_millis(run, _clock(run), picture, timezone)


def from_millis(run: JsonataRun, value: Any, picture: Any, timezone: Any) -> Any:
    """$fromMillis: ISO 8601 without a picture."""
    if value is MISSING:
        return MISSING
    run.check_picture(picture)
    shown = None if picture is MISSING else picture
    return written(int(value), shown, None if timezone is MISSING else timezone, run)


def to_millis(run: JsonataRun, text: Any, picture: Any) -> Any:
    """$toMillis. Raises JsonataFault D3110 for text that is no ISO 8601 timestamp."""
    if text is MISSING:
        return MISSING
    run.check_picture(picture)
    run.tick(len(text) >> 6)
    if picture is not MISSING:
        moment = parsed(text, picture, run)
        return MISSING if moment is None else moment
    match = _ISO.fullmatch(text)
    if match is None:
        raise JsonataFault("D3110", value=text)
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    try:
        moment_ = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        raise JsonataFault("D3110", value=text) from None
    since = (moment_ - EPOCH) // timedelta(milliseconds=1) + int((fraction or "0")[:3].ljust(3, "0"))
    offset = (int(hours) * 60 + int(minutes)) * 60_000 if sign else 0
    return since + offset if sign == "-" else since - offset
