"""Dates and times by picture. Source: XPath and XQuery Functions 3.1, "Formatting dates and times"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.functions.integers import IntegerFormat, formatted, integer_format, with_width
from sfdebug.expressions.jsonata.limits import JsonataRun

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_ISO: Final = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
_DEFAULTS: Final = {
    "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1", "h": "1",
    "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
}  # fmt: skip
_NUMBERS: Final = "YMDdFWwXxHhmsf"


@dataclass(frozen=True, slots=True)
class Marker:
    """A variable of a picture: its component letter, `names` (upper, lower, title) or a number's style, and width."""

    component: str
    names: str = ""
    style: IntegerFormat | None = None
    least: int | None = None
    most: int | None = None
    zulu: bool = False
    digits: int | None = None


@lru_cache(maxsize=256)
def picture_parts(picture: str) -> tuple[str | Marker, ...]:
    """A picture as literal texts and markers. Raises JsonataFault D3132 or D3135."""
    parts: list[str | Marker] = []
    literal = ""
    position = 0
    while position < len(picture):
        char = picture[position]
        if char in "[]" and picture[position + 1 : position + 2] == char:
            literal, position = literal + char, position + 2
        elif char != "[":
            literal, position = literal + char, position + 1
        else:
            end = picture.find("]", position)
            if end < 0:
                raise JsonataFault("D3135")
            if literal:
                parts.append(literal)
            marker = _marker(re.sub(r"\s+", "", picture[position + 1 : end]))
            if not literal and parts and isinstance(parts[-1], Marker) and marker.style and parts[-1].style:
                # Digits that follow one another directly can only be told apart by their number.
                parts[-1] = replace(parts[-1], style=with_width(parts[-1].style))
            parts.append(marker)
            literal, position = "", end + 1
    return (*parts, literal) if literal else tuple(parts)


def _marker(text: str) -> Marker:
    component, rest = text[:1], text[1:]
    presentation, _, width = rest.rpartition(",") if "," in rest else (rest, "", "")
    least, most = _widths(width)
    if not presentation:
        presentation = _DEFAULTS.get(component, "")
        if not presentation:
            raise JsonataFault("D3132", value=component)
    modifier = ""
    if len(presentation) > 1 and presentation[-1] in "atco":
        presentation, modifier = presentation[:-1], presentation[-1]
    if component not in _DEFAULTS:
        raise JsonataFault("D3132", value=component)
    if presentation[0] in "nN":
        names = "lower" if presentation[0] == "n" else "title" if presentation[1:2] == "n" else "upper"
        return Marker(component, names, None, least, most)
    if component in _NUMBERS:
        style = integer_format(presentation + (";" + modifier if modifier else ""))
        return _number(component, style, least, most)
    if component in "Zz":
        return Marker(component, "", integer_format(presentation), least, most, modifier == "t")
    return Marker(component, "", None, least, most)


def _number(component: str, style: IntegerFormat, least: int | None, most: int | None) -> Marker:
    if least is not None and style.mandatory < least:
        style = replace(style, mandatory=least)
    digits = None
    if component == "Y":
        if most is not None:
            digits = most
            style = replace(style, mandatory=most)
        elif style.mandatory + style.optional >= 2:
            digits = style.mandatory + style.optional
    return Marker(component, "", style, least, most, digits=digits)


def _widths(text: str) -> tuple[int | None, int | None]:
    least, _, most = text.partition("-")

    def width(part: str) -> int | None:
        return min(int(part), 1000) if part.isascii() and part.isdigit() and len(part) < 10 else None

    return width(least), width(most)


def moment(millis: int) -> datetime:
    """The time that many milliseconds from 1970. Raises JsonataFault for a year outside 1 to 9999."""
    try:
        return EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        raise JsonataFault("D3137", message=f"{millis} milliseconds is outside the years 1 to 9999") from None


def written(millis: int, picture: str | None, timezone: str | None, run: JsonataRun) -> str:
    """A time by picture, in a timezone such as "+0100"."""
    offset = _offset(timezone)
    at = moment(millis + offset * 60_000)
    shown = [
        part if isinstance(part, str) else _component(at, part, offset, run) for part in picture_parts(picture or _ISO)
    ]
    return "".join(shown)


def _offset(timezone: str | None) -> int:
    if timezone is None or timezone.casefold() == "utc":  # measured in AWS by others: 'utc' is taken
        return 0
    match = re.match(r"([-+]?)(\d{1,4})", timezone, re.ASCII)
    if match is None:
        raise JsonataFault("D3137", message=f"{timezone!r} is not a timezone such as +0100")
    hours, minutes = divmod(int(match[2]), 100)
    return (hours * 60 + minutes) * (-1 if match[1] == "-" else 1)


def fragment(at: datetime, component: str) -> int:
    """The number that a component of a time is."""
    day = at.date()
    if component in "WX":
        year, week, _ = day.isocalendar()
        return week if component == "W" else year
    if component in "wx":
        month, week = _week_of_month(day)
        return week if component == "w" else month
    simple = {
        "Y": at.year,
        "M": at.month,
        "D": at.day,
        "d": at.timetuple().tm_yday,
        "F": at.isoweekday(),
        "H": at.hour,
        "h": at.hour % 12 or 12,
        "P": int(at.hour >= 12),
        "m": at.minute,
        "s": at.second,
        "f": at.microsecond // 1000,
    }
    return simple.get(component, 0)


def _week_of_month(day: date) -> tuple[int, int]:
    """The month that the day's week belongs to, the one its Thursday is in, and which of its weeks that is."""
    thursday = day.toordinal() - day.isoweekday() + 4
    in_month = date.fromordinal(min(max(thursday, 1), date.max.toordinal()))
    return in_month.month, (in_month.day - 1) // 7 + 1


def _component(at: datetime, marker: Marker, offset: int, run: JsonataRun) -> str:
    component = marker.component
    if component in "Zz":
        return _timezone(marker, offset, run)
    if component in "CE":
        return "ISO"
    value = fragment(at, component)
    if component == "P":
        text = "pm" if value else "am"
        return text.upper() if marker.names == "upper" else text
    if marker.names:
        return _name(component, value, marker)
    assert marker.style is not None
    if marker.digits is not None:
        value %= 10**marker.digits
    return formatted(value, marker.style, run)


def _name(component: str, value: int, marker: Marker) -> str:
    if component not in "MxF":
        raise JsonataFault("D3133", value=component)
    name = DAYS[value - 1] if component == "F" else MONTHS[value - 1]
    name = name.upper() if marker.names == "upper" else name.lower() if marker.names == "lower" else name
    return name[: marker.most] if marker.most else name


def _timezone(marker: Marker, offset: int, run: JsonataRun) -> str:
    style = marker.style or integer_format("01:01")
    hours, minutes = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else "+"
    if style.regular or style.mandatory in (3, 4):
        text = formatted(hours * 100 + minutes, style, run)
    elif style.mandatory in (1, 2):
        text = formatted(hours, style, run) + (f":{minutes:02}" if minutes else "")
    else:
        raise JsonataFault("D3134", value=style.mandatory)
    if offset == 0 and marker.zulu:
        return "Z"
    return ("GMT" if marker.component == "z" else "") + sign + text
