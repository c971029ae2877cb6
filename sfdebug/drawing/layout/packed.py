"""Rows of numbers, each row in one integer, so that Python adds and compares all of them at once.

Every number has 64 bits, of which the highest stays 0; the first stands in the lowest. Rows are added, and multiplied
by numbers, as integers are. Sifting weighs thousands of rows of half a dozen numbers, or of some dozens: going through
them one number after the other takes longer than anything else it does.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct as Format
from typing import Final

_BITS: Final = 64
_HIGHEST: Final = _BITS - 1
_NUMBER: Final = (1 << _BITS) - 1


@lru_cache(maxsize=1024)
def ones(count: int) -> int:
    """A row of so many ones."""
    return sum([1 << _BITS * at for at in range(count)])


def value_at(row: int, at: int) -> int:
    """One number of a row."""
    return row >> _BITS * at & _NUMBER


def least(row: int, other: int, ones: int) -> int:
    """At each place the lesser of the two numbers; `ones` are a row of that length."""
    highest = ones << _HIGHEST
    greater = (row | highest) - other & highest  # the highest bit of each number that is no less than the other
    return row ^ (row ^ other) & greater - (greater >> _HIGHEST)


def without(row: int, at: int) -> int:
    """A row without one of its numbers."""
    before = _BITS * at
    return row & (1 << before) - 1 | row >> before + _BITS << before


def values(row: int, count: int) -> tuple[int, ...]:
    """The numbers of a row of so many."""
    return _format(count).unpack(row.to_bytes(count * _BITS // 8, "little"))


@lru_cache(maxsize=1024)
def _format(count: int) -> Format:
    return Format(f"<{count}Q")
