"""$now, $millis, $fromMillis and $toMillis: the functions, and dates and times written and read by picture.

Source: the JSONata documentation, "Date/Time functions"; XPath and XQuery Functions 3.1, "Formatting dates and times".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.functions.integers import (
    IntegerFormat,
    formatted,
    integer_format,
    parser_of,
    with_width,
)
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.regex import BadPatternError, compiled_pattern
from sfdebug.values import MISSING

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_BEFORE_ZONE: Final = len("2026-01-31T12:00:00.000")
_DEFAULTS: Final = {
    "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1", "h": "1",
    "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
}  # fmt: skip
_NUMBERS: Final = "YMDdFWwXxHhmsf"
_PartReader = Callable[[str], int | None]
_DATE_BY_DAY: Final = frozenset("Yd")
_DATE_BY_WEEK: Final = (frozenset("Xxw"), frozenset("XW"))
_TWELVE_HOURS: Final = frozenset("Phmsf")

_TIMESTAMP: Final = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?"
    r"(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(?:\.(\d+))?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?",
    re.ASCII,
)


class _Marker(Struct, frozen=True, gc=False):
    """A variable of a picture: its component letter, `names` (upper, lower, title) or a number's style, and width."""

    component: str
    names: str = ""
    style: IntegerFormat | None = None
    least: int | None = None
    most: int | None = None
    zulu: bool = False
    digits: int | None = None


@lru_cache(maxsize=256)
def _picture_parts(picture: str) -> tuple[str | _Marker, ...]:
    """A picture as literal texts and markers. Raises JsonataFault D3132 or D3135."""
    parts: list[str | _Marker] = []
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
            if not literal and parts and isinstance(parts[-1], _Marker) and marker.style and parts[-1].style:
                # Digits that follow one another directly can only be told apart by their number.
                parts[-1] = replace(parts[-1], style=with_width(parts[-1].style))
            parts.append(marker)
            literal, position = "", end + 1
    return (*parts, literal) if literal else tuple(parts)


def _marker(text: str) -> _Marker:
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
        return _Marker(component, names, None, least, most)
    if component in _NUMBERS:
        style = integer_format(presentation + (";" + modifier if modifier else ""))
        return _number(component, style, least, most)
    if component in "Zz":
        return _Marker(component, "", integer_format(presentation), least, most, modifier == "t")
    return _Marker(component, "", None, least, most)


def _number(component: str, style: IntegerFormat, least: int | None, most: int | None) -> _Marker:
    if least is not None and style.mandatory < least:
        style = replace(style, mandatory=least)
    digits = None
    if component == "Y":
        if most is not None:
            digits = most
            style = replace(style, mandatory=most)
        elif style.mandatory + style.optional >= 2:
            digits = style.mandatory + style.optional
    return _Marker(component, "", style, least, most, digits=digits)


def _widths(text: str) -> tuple[int | None, int | None]:
    least, _, most = text.partition("-")

    def width(part: str) -> int | None:
        return min(int(part), 1000) if part.isascii() and part.isdigit() and len(part) < 10 else None

    return width(least), width(most)


def _time_at(millis: int) -> datetime:
    """The time that many milliseconds from 1970. Raises JsonataFault for a year outside 1 to 9999."""
    try:
        return _EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        raise JsonataFault("D3137", message=f"{millis} milliseconds is outside the years 1 to 9999") from None


def _written(millis: int, picture: str | None, timezone: str | None, run: JsonataRun) -> str:
    """A time by picture, in a timezone such as "+0100"."""
    offset = _offset(timezone)
    at = _time_at(millis + offset * 60_000)
    if picture is None:
        zone = _component(at, _iso_zone(), offset, run) if offset else "Z"
        return at.isoformat(timespec="milliseconds")[:_BEFORE_ZONE] + zone
    shown = [part if isinstance(part, str) else _component(at, part, offset, run) for part in _picture_parts(picture)]
    return "".join(shown)


@lru_cache(maxsize=1)
def _iso_zone() -> _Marker:
    """The timezone of a time in ISO 8601."""
    return _marker("Z01:01t")


def _offset(timezone: str | None) -> int:
    if timezone is None or timezone.casefold() == "utc":  # measured in AWS by others: 'utc' is taken
        return 0
    match = re.match(r"([-+]?)(\d{1,4})", timezone, re.ASCII)
    if match is None:
        raise JsonataFault("D3137", message=f"{timezone!r} is not a timezone such as +0100")
    hours, minutes = divmod(int(match[2]), 100)
    return (hours * 60 + minutes) * (-1 if match[1] == "-" else 1)


def _fragment(at: datetime, component: str) -> int:
    """The number that a component of a time is."""
    if component in "WX":
        year, week, _ = at.date().isocalendar()
        return week if component == "W" else year
    if component in "wx":
        month, week = _week_of_month(at.date())
        return week if component == "w" else month
    read = _SIMPLE.get(component)
    return 0 if read is None else read(at)


_SIMPLE: Final[dict[str, Callable[[datetime], int]]] = {
    "Y": lambda at: at.year,
    "M": lambda at: at.month,
    "D": lambda at: at.day,
    "d": lambda at: at.timetuple().tm_yday,
    "F": lambda at: at.isoweekday(),
    "H": lambda at: at.hour,
    "h": lambda at: at.hour % 12 or 12,
    "P": lambda at: int(at.hour >= 12),
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "f": lambda at: at.microsecond // 1000,
}


def _week_of_month(day: date) -> tuple[int, int]:
    """The month that the day's week belongs to, the one its Thursday is in, and which of its weeks that is."""
    thursday = day.toordinal() - day.isoweekday() + 4
    in_month = date.fromordinal(min(max(thursday, 1), date.max.toordinal()))
    return in_month.month, (in_month.day - 1) // 7 + 1


def _component(at: datetime, marker: _Marker, offset: int, run: JsonataRun) -> str:
    component = marker.component
    if component in "Zz":
        return _timezone(marker, offset, run)
    if component in "CE":
        return "ISO"
    value = _fragment(at, component)
    if component == "P":
        text = "pm" if value else "am"
        return text.upper() if marker.names == "upper" else text
    if marker.names:
        return _name(component, value, marker)
    assert marker.style is not None
    if marker.digits is not None:
        value %= 10**marker.digits
    return formatted(value, marker.style, run)


def _name(component: str, value: int, marker: _Marker) -> str:
    if component not in "MxF":
        raise JsonataFault("D3133", value=component)
    name = _DAYS[value - 1] if component == "F" else _MONTHS[value - 1]
    name = name.upper() if marker.names == "upper" else name.lower() if marker.names == "lower" else name
    return name[: marker.most] if marker.most else name


def _timezone(marker: _Marker, offset: int, run: JsonataRun) -> str:
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


@lru_cache(maxsize=256)
def _reader(picture: str) -> tuple[Any, tuple[tuple[str, _PartReader], ...]]:
    pattern, readers = "", []
    for part in _picture_parts(picture):
        if isinstance(part, str):
            pattern += re.escape(part)
            continue
        each, read = _component_reader(part)
        pattern += f"({each})"
        readers.append((part.component, read))
    try:
        return compiled_pattern(pattern, True, False), tuple(readers)
    except BadPatternError:
        raise JsonataFault("D3137", message="the date/time picture is too large") from None


def _component_reader(marker: _Marker) -> tuple[str, _PartReader]:
    if marker.component in "Zz":
        return _timezone_reader(marker)
    if marker.style is not None:
        return parser_of(marker.style)
    if marker.component == "P":
        return "[a-zA-Z]+", lambda text: {"am": 0, "pm": 1}.get(text.lower())
    if marker.component in "CE":
        return "[a-zA-Z]+", lambda text: None
    if marker.component not in "MxF":
        raise JsonataFault("D3133", value=marker.component)
    names = _DAYS if marker.component == "F" else _MONTHS
    numbers = {name[: marker.most].lower(): index + 1 for index, name in enumerate(names)}
    return "[a-zA-Z]+", lambda text: numbers.get(text.lower())


def _timezone_reader(marker: _Marker) -> tuple[str, _PartReader]:
    separators = marker.style.separators if marker.style else ()
    separator = separators[0][1] if separators else ""
    pattern = "[-+][0-9]+" + (re.escape(separator) + "[0-9]+" if separator else "")
    skipped = 3 if marker.component == "z" else 0

    def read(text: str) -> int | None:
        sign, digits = text[skipped], text[skipped + 1 :]
        if separator:
            hours, minutes = digits.split(separator, 1)
        else:
            hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:2], digits[2:])
        total = int(hours[:6]) * 60 + int(minutes[:6])
        return -total if sign == "-" else total

    return ("GMT" if skipped else "") + pattern, read


def _parsed(text: str, picture: str, run: JsonataRun) -> int | None:
    """Milliseconds from 1970, None when `text` is not of the picture.

    Raises JsonataFault D3136 when the picture leaves a gap between its largest and its smallest part.
    """
    pattern, readers = _reader(picture)
    try:
        match = pattern.fullmatch(text, timeout=run.search_seconds())
    except TimeoutError:
        run.out_of_time()
    if match is None:
        return None
    found: dict[str, int] = {}
    for (component, read), shown in zip(readers, match.groups(), strict=True):
        value = read(shown)
        if value is not None:
            found[component] = value
    return _moment(found, run) if found else None


def _moment(found: dict[str, int], run: JsonataRun) -> int | None:
    dates = frozenset(found) & frozenset("YXMxWwdD")
    times = frozenset(found) & frozenset("PHhmsf")
    by_day = bool(dates) and dates <= _DATE_BY_DAY and "d" in dates
    if dates and any(dates <= shape for shape in _DATE_BY_WEEK):
        raise JsonataFault("D3136")
    twelve = bool(times) and times <= _TWELVE_HOURS and not times <= frozenset("Hmsf")
    order = ("Yd" if by_day else "YMD") + ("Phmsf" if twelve else "Hmsf")
    _complete(found, order, run)
    hour = found["H"] if not twelve else found["h"] % 12 + 12 * found["P"]
    month, day = (1, found["d"]) if by_day else (found["M"], found["D"])
    try:
        start = datetime(found["Y"] + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    millis = (start - _EPOCH) // timedelta(milliseconds=1)
    seconds = (((day - 1) * 24 + hour) * 60 + found["m"]) * 60 + found["s"]
    offset = found.get("Z", found.get("z", 0))
    return millis + seconds * 1000 + found["f"] - offset * 60_000


def _complete(found: dict[str, int], order: str, run: JsonataRun) -> None:
    """Larger parts that are missing are those of the present, smaller ones begin at their start."""
    started = ended = False
    for component in order:
        if component in found:
            if ended:
                raise JsonataFault("D3136")
            started = True
        elif started:
            found[component] = 1 if component in "MDd" else 0
            ended = True
        else:
            found[component] = _fragment(_time_at(run.now or 0), component)


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
    run.check_picture(picture)
    shown = None if picture is MISSING else picture
    return _written(int(value), shown, None if timezone is MISSING else timezone, run)


def to_millis(run: JsonataRun, text: Any, picture: Any) -> Any:
    """$toMillis. Raises JsonataFault D3110 for text that is no ISO 8601 timestamp."""
    run.check_picture(picture)
    run.tick(len(text) >> 6)
    if picture is not MISSING:
        moment = _parsed(text, picture, run)
        return MISSING if moment is None else moment
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise JsonataFault("D3110", value=text)
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    try:
        moment_ = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        raise JsonataFault("D3110", value=text) from None
    since = int(moment_.timestamp()) * 1000 + int((fraction or "0")[:3].ljust(3, "0"))
    offset = (int(hours) * 60 + int(minutes)) * 60_000 if sign else 0
    return since + offset if sign == "-" else since - offset
