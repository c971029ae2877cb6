"""What one value of an event may be: the comparison operators of EventBridge's patterns.

Each says whether a value fits, gives values that may fit (the first that does makes a sample), and tells itself in
words. Source: EventBridge User Guide, "Comparison operators for use in event patterns"; where that is silent, the
README of AWS's own library, Event Ruler.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol

from msgspec import Struct

from sfdebug.values import compact

LeafValue = str | int | float | bool | None
"""A value of an event that is no object and no array."""

_SAMPLES: Final[tuple[LeafValue, ...]] = ("sample", "example", "another", 1, 2, 3, True, None)
_MOST_MADE: Final = 10_000
"""So many texts are tried for a sample that nothing excludes."""


class ValueMatcher(Protocol):
    """One operator with what it compares with."""

    def matches(self, value: LeafValue) -> bool:
        """Whether a value fits."""

    def samples(self) -> Iterator[LeafValue]:
        """Values that may fit."""

    def words(self) -> str:
        """It, as one says it behind the name of a field: `starts with us-`."""


class ExactMatcher(Struct, frozen=True):
    """The value itself: texts and literals by what they are, numbers by what they come to."""

    value: LeafValue

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is this one."""
        if _is_number(value) and _is_number(self.value):
            return value == self.value
        return type(value) is type(self.value) and value == self.value

    def samples(self) -> Iterator[LeafValue]:
        """The value."""
        yield self.value

    def words(self) -> str:
        """The value; texts without quotes, where they are no other literal."""
        return f"is {_shown(self.value)}"


class AffixMatcher(Struct, frozen=True):
    """`prefix` and `suffix`, of texts."""

    text: str
    is_suffix: bool = False
    ignores_case: bool = False

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is a text that begins, or ends, so."""
        if not isinstance(value, str) or len(value) < len(self.text):
            return False
        part = value[len(value) - len(self.text) :] if self.is_suffix else value[: len(self.text)]
        return _alike(part, self.text) if self.ignores_case else part == self.text

    def samples(self) -> Iterator[LeafValue]:
        """A text with something in front or behind."""
        yield f"sample{self.text}" if self.is_suffix else f"{self.text}sample"
        yield self.text

    def words(self) -> str:
        """How it begins or ends."""
        case = " (in any case)" if self.ignores_case else ""
        return f"{'ends' if self.is_suffix else 'starts'} with {_shown(self.text)}{case}"


class CaselessMatcher(Struct, frozen=True):
    """`equals-ignore-case`, of texts."""

    text: str

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is this text in any case."""
        return isinstance(value, str) and _alike(value, self.text)

    def samples(self) -> Iterator[LeafValue]:
        """The text."""
        yield self.text

    def words(self) -> str:
        """The text."""
        return f"is {_shown(self.text)} (in any case)"


class WildcardMatcher(Struct, frozen=True):
    """`wildcard`, of texts: `parts` stand around the asterisks, each of which is any number of characters."""

    text: str
    parts: tuple[str, ...]

    def matches(self, value: LeafValue) -> bool:
        """Whether the parts stand in a text in this order, the first at its beginning, the last at its end."""
        if not isinstance(value, str):
            return False
        if len(self.parts) == 1:
            return value == self.parts[0]
        first, *middle, last = self.parts
        end = len(value) - len(last)
        if end < len(first) or not value.startswith(first) or not value.endswith(last):
            return False
        at = len(first)
        for part in middle:
            found = value.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    def samples(self) -> Iterator[LeafValue]:
        """The parts, with something between them."""
        yield "sample".join(self.parts)

    def words(self) -> str:
        """The text with its asterisks."""
        return f"is like {_shown(self.text)}"


class NumericMatcher(Struct, frozen=True):
    """`numeric`: a range whose ends count or do not; None where it has no end."""

    low: float | None = None
    high: float | None = None
    is_low_open: bool = False
    is_high_open: bool = False

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is a number in the range."""
        if not _is_number(value):
            return False
        assert isinstance(value, int | float)
        above = self.low is None or (value > self.low if self.is_low_open else value >= self.low)
        return above and (self.high is None or (value < self.high if self.is_high_open else value <= self.high))

    def samples(self) -> Iterator[LeafValue]:
        """A whole number near an end, or the middle."""
        if self.low is not None:
            yield from (_whole(self.low), _whole(self.low) + 1, self.low)
        if self.high is not None:
            yield from (_whole(self.high), _whole(self.high) - 1, self.high)
        if self.low is not None and self.high is not None:
            yield (self.low + self.high) / 2

    def words(self) -> str:
        """The range, with signs."""
        if self.low is not None and self.low == self.high:
            return f"= {_shown(_plain(self.low))}"
        ends = []
        if self.low is not None:
            ends.append(f"{'>' if self.is_low_open else '>='} {_shown(_plain(self.low))}")
        if self.high is not None:
            ends.append(f"{'<' if self.is_high_open else '<='} {_shown(_plain(self.high))}")
        return " and ".join(ends)


class AddressMatcher(Struct, frozen=True):
    """`cidr`, and a text that is an IP address, which is one however it is written: from `low` to `high`."""

    text: str
    low: IPv4Address | IPv6Address
    high: IPv4Address | IPv6Address

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is an IP address of this kind in the range."""
        address = address_of(value) if isinstance(value, str) else None
        if address is None or address.version != self.low.version:
            return False
        return int(self.low) <= int(address) <= int(self.high)

    def samples(self) -> Iterator[LeafValue]:
        """The first address."""
        yield str(self.low)

    def words(self) -> str:
        """The range as it is written."""
        return f"is {self.text}" if self.low == self.high else f"is in {self.text}"


class ExcludingMatcher(Struct, frozen=True):
    """`anything-but`: whatever none of the others fits, as long as there is a value."""

    excluded: tuple[ValueMatcher, ...]

    def matches(self, value: LeafValue) -> bool:
        """Whether a value is none of those."""
        return not any(each.matches(value) for each in self.excluded)

    def samples(self) -> Iterator[LeafValue]:
        """This and that, until something is none of those."""
        yield from _SAMPLES
        for number in range(_MOST_MADE):
            yield f"sample-{number}"

    def words(self) -> str:
        """What it is not."""
        return "is none of: " + ", ".join(each.words().removeprefix("is ") for each in self.excluded)


class PresenceMatcher(Struct, frozen=True):
    """`exists`: a value is there, or there is none; `is_wanted` says which. An object is no value."""

    is_wanted: bool

    def matches(self, value: LeafValue) -> bool:
        """Whether a value may be there; that none is there is seen by the pattern."""
        return self.is_wanted

    def samples(self) -> Iterator[LeafValue]:
        """Anything, or nothing."""
        if self.is_wanted:
            yield "sample"

    def words(self) -> str:
        """That it is there, or not."""
        return "is there" if self.is_wanted else "is not there"


def exact(value: LeafValue) -> ValueMatcher:
    """What a plain value in a pattern means. A text that is an IP address fits all that write the same address."""
    address = address_of(value) if isinstance(value, str) else None
    return ExactMatcher(value) if address is None else AddressMatcher(str(value), address, address)


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a text is."""
    if "." not in text and ":" not in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_number(value: LeafValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _alike(left: str, right: str) -> bool:
    return left.lower() == right.lower() or left.upper() == right.upper()


def _whole(number: float) -> int:
    return int(number // 1)


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _shown(value: LeafValue) -> str:
    return value if isinstance(value, str) and value and value == value.strip() else compact(value)
