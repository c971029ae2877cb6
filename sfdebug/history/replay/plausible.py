"""Whether a recorded text or number can be another draw, or another reading of the clock, than a computed one.

A time is written in the same form, a part of a UUID has hexadecimal digits where it had some, a number that was written
with zeros in front, or rounded, is so again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Final

_FRACTION: Final = re.compile(r"\.\d+")
_ZONE: Final = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_DIGIT: Final = re.compile(r"\d")
_FINE: Final = 8
"""Decimals that a number has which nothing rounded; one that is rounded has fewer than `_COARSE`."""
_COARSE: Final = 6
_SLOTS: Final = {
    ("0", "f"): "0123456789abcdef",
    ("0", "F"): "0123456789ABCDEF",
    ("8", "b"): "89ab",
    ("8", "B"): "89AB",
}
"""What a place of a UUID can hold, by what it holds at the low and at the high end of the draws."""


class Form(Enum):
    """How two texts of times are written."""

    SAME = "same"
    OTHER_FRACTION = "another fraction of a second"
    """Some writers leave out a fraction that is zero."""
    OTHER = "other"


def form_of_times(recorded: str, computed: str) -> Form:
    """Whether two times are written alike: the same zone, the same marks between the digits."""
    if _form(_FRACTION.sub("", recorded)) != _form(_FRACTION.sub("", computed)):
        return Form.OTHER
    return Form.SAME if _form(recorded) == _form(computed) else Form.OTHER_FRACTION


def _form(text: str) -> tuple[str, str]:
    zone = _ZONE.search(text)
    whole = text[: zone.start()] if zone is not None else text
    return _DIGIT.sub("0", whole), zone[0] if zone is not None else ""


def has_same_case(recorded: str, computed: str) -> bool:
    """Whether the letters of both are all small, or all capital ones."""
    return recorded.islower() == computed.islower() and recorded.isupper() == computed.isupper()


def can_be_hexadecimal(recorded: str, computed: str, low: str, high: str) -> bool | None:
    """Whether a text with digits of a UUID in it can be the recorded one; None when that is not what differs in it.

    Args:
        recorded: The recorded text.
        computed: The text with the replay's own draws.
        low: The text with draws from the low end: its digits are 0.
        high: The same from the high end: its digits are f.
    """
    if not len(computed) == len(low) == len(high):
        return None
    allowed = []
    for mine, least, most in zip(computed, low, high, strict=True):
        digits = mine if mine == least == most else _SLOTS.get((least, most), "")
        if mine not in digits:
            return None
        allowed.append(digits)
    return len(recorded) == len(computed) and all(
        mark in digits for mark, digits in zip(recorded, allowed, strict=True)
    )


def has_same_width(recorded: str, drawn: Sequence[str]) -> bool:
    """Whether a number's text is as long as the drawn ones, where zeros in front make those equally long."""
    are_padded = any(_has_zero_in_front(text) for text in drawn)
    if are_padded and len(set(map(len, drawn))) == 1:
        return len(recorded) == len(drawn[0])
    return are_padded or not _has_zero_in_front(recorded)


def _has_zero_in_front(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and text[1].isdecimal()


def is_as_fine(recorded: float, drawn: Sequence[float]) -> bool:
    """Whether a number has about as many decimals as the drawn ones: whole ones are whole, rounded ones are rounded."""
    counts = [_decimals(value) for value in drawn]
    count = _decimals(recorded)
    if min(counts) > _FINE:
        return count >= _COARSE
    return max(counts) >= _COARSE or count <= max(counts)


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
