"""Stand-ins for values: as long as they were, in the order in which they were, equal where they were equal."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

_Number = TypeVar("_Number", int, Fraction)

_ALPHABET: Final = "x0123456789abcdefghijklmnopqrstuvwyz"
"""The digits that tell placeholders of one length apart; x is zero."""

_TIMESTAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Texts:
    """A placeholder for each text: as many x as it has characters, with a count at the end to tell them apart.

    Texts of one length get different placeholders as long as there are any of that length (36 for one character).
    None of them is one of `kept`.
    """

    def __init__(self, kept: frozenset[str]) -> None:
        self._kept = kept
        self._given: dict[str, str] = {"": ""}
        self._counts: dict[int, int] = {}

    def of(self, text: str) -> str:
        """The placeholder of `text`, always the same."""
        if text not in self._given:
            self._given[text] = self._next(len(text))
        return self._given[text]

    def _next(self, length: int) -> str:
        available = len(_ALPHABET) ** min(length, 8)
        for _ in range(len(self._kept) + 1):
            count = self._counts.get(length, 0)
            self._counts[length] = count + 1
            placeholder = _numbered(count % available, length)
            if placeholder not in self._kept:
                break
        return placeholder


def _numbered(count: int, length: int) -> str:
    digits = ""
    while count:
        count, digit = divmod(count, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits.rjust(length, _ALPHABET[0])


class Ranks:
    """A stand-in for each number: they keep their order, and their place between `anchors`, which stay as they are.

    A whole number becomes a whole number. All numbers have to be learnt before the first is asked for.
    """

    def __init__(self, anchors: Iterable[Fraction]) -> None:
        self._anchors = frozenset(anchors)
        self._learnt: set[Fraction] = set()
        self._places: dict[Fraction, Fraction] | None = None

    def learn(self, number: Fraction) -> None:
        """Take note of a number."""
        self._learnt.add(number)

    def of(self, number: Fraction) -> Fraction:
        """The stand-in of a number that was learnt."""
        if self._places is None:
            self._places = self._placed()
        return self._places[number]

    def _placed(self) -> dict[Fraction, Fraction]:
        """Whole parts are counted up from the anchor below, so that they fit before the next; then the parts after the
        point are spread evenly between those of the anchors."""
        numbers = self._learnt | self._anchors
        wholes = _spread_wholes({math.floor(number) for number in numbers}, {math.floor(one) for one in self._anchors})
        by_whole: dict[int, set[Fraction]] = {}
        for number in numbers:
            by_whole.setdefault(math.floor(number), set()).add(number % 1)
        places = {}
        for whole, parts in by_whole.items():
            fixed = {one % 1 for one in self._anchors if math.floor(one) == whole} | {Fraction(0)}
            for part, place in _spread_parts(parts, fixed).items():
                places[whole + part] = wholes[whole] + place
        return places


def _spread_wholes(wholes: set[int], anchors: set[int]) -> dict[int, int]:
    fixed = sorted(anchors)
    places = {anchor: anchor for anchor in fixed}
    for gap, members in _by_gap(sorted(wholes - anchors), fixed).items():
        if gap == 0 and fixed:
            first = fixed[0] - len(members)
        else:
            first = fixed[gap - 1] + 1 if fixed else 1
        places.update(zip(members, range(first, first + len(members)), strict=True))
    return places


def _spread_parts(parts: set[Fraction], anchors: set[Fraction]) -> dict[Fraction, Fraction]:
    fixed = sorted(anchors)
    places = {anchor: anchor for anchor in fixed}
    for gap, members in _by_gap(sorted(parts - anchors), fixed).items():
        low, high = fixed[gap - 1], fixed[gap] if gap < len(fixed) else Fraction(1)
        step = (high - low) / (len(members) + 1)
        places.update((member, low + step * rank) for rank, member in enumerate(members, 1))
    return places


def _by_gap(numbers: list[_Number], fixed: list[_Number]) -> dict[int, list[_Number]]:
    """The numbers by how many of `fixed` lie below them."""
    gaps: dict[int, list[_Number]] = {}
    for number in numbers:
        gaps.setdefault(bisect_left(fixed, number), []).append(number)
    return gaps


def seconds_in(text: str) -> Fraction | None:
    """The seconds since 1970 that a timestamp (RFC 3339, with T and offset) means; None for any other text."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(f"{match[1]}{match[3].replace('Z', '+00:00')}").timestamp()
    except (ValueError, OverflowError):
        return None
    return Fraction(int(whole)) + Fraction(match[2] or 0)


def timestamp_like(text: str, seconds: Fraction) -> str | None:
    """The timestamp of `seconds` with the offset and the digits of `text`; None beyond the years 1 to 9999."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    zone = UTC if match[3] == "Z" else datetime.fromisoformat(f"2000-01-01T00:00:00{match[3]}").tzinfo
    try:
        moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(seconds))).astimezone(zone)
    except OverflowError:
        return None
    digits = len(match[2] or ".") - 1
    fraction = f".{math.floor(seconds % 1 * 10**digits):0{digits}d}" if digits else ""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}{fraction}{match[3]}"
