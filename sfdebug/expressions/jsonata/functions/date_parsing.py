"""Reading dates and times by picture, for $toMillis."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.functions.date_pictures import (
    DAYS,
    EPOCH,
    MONTHS,
    Marker,
    fragment,
    moment,
    picture_parts,
)
from sfdebug.expressions.jsonata.functions.integers import parser_of
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.regex import BadPatternError, compiled_pattern

PartReader = Callable[[str], int | None]

_DATE_BY_DAY: Final = frozenset("Yd")
_DATE_BY_WEEK: Final = (frozenset("Xxw"), frozenset("XW"))
_TWELVE_HOURS: Final = frozenset("Phmsf")


@lru_cache(maxsize=256)
def _reader(picture: str) -> tuple[Any, tuple[tuple[str, PartReader], ...]]:
    pattern, readers = "", []
    for part in picture_parts(picture):
        if isinstance(part, str):
            pattern += re.escape(part)
            continue
        each, read = _component(part)
        pattern += f"({each})"
        readers.append((part.component, read))
    try:
        return compiled_pattern(pattern, True, False), tuple(readers)
    except BadPatternError:
        raise JsonataFault("D3137", message="the date/time picture is too large") from None


def _component(marker: Marker) -> tuple[str, PartReader]:
    if marker.component in "Zz":
        return _timezone(marker)
    if marker.style is not None:
        return parser_of(marker.style)
    if marker.component == "P":
        return "[a-zA-Z]+", lambda text: {"am": 0, "pm": 1}.get(text.lower())
    if marker.component in "CE":
        return "[a-zA-Z]+", lambda text: None
    if marker.component not in "MxF":
        raise JsonataFault("D3133", value=marker.component)
    names = DAYS if marker.component == "F" else MONTHS
    numbers = {name[: marker.most].lower(): index + 1 for index, name in enumerate(names)}
    return "[a-zA-Z]+", lambda text: numbers.get(text.lower())


def _timezone(marker: Marker) -> tuple[str, PartReader]:
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


def parsed(text: str, picture: str, run: JsonataRun) -> int | None:
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
    millis = (start - EPOCH) // timedelta(milliseconds=1)
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
            found[component] = fragment(moment(run.now or 0), component)
