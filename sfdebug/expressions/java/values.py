"""What Java would do with JSON values: hash codes, the order of a HashSet, and seeded random numbers.

AWS runs on Java, and three of its functions let that show: States.ArrayUnique gives its items in the order of a
HashSet (measured: `[true, false]` becomes `[false, true]`), States.MathRandom and JSONata's $random draw from
java.util.Random (measured: seed 42 gives 0.7275636800328681).
"""

from __future__ import annotations

import struct
from collections.abc import Hashable, Sequence
from typing import Final

from sfdebug.values import Json

_MASK: Final = 0xFFFFFFFF
_SEED_MASK: Final = (1 << 48) - 1


def java_hash(value: Json) -> int:
    """`value.hashCode()` as an unsigned 32-bit number."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1231 if value else 1237
    if isinstance(value, int):
        return value & _MASK if -(2**31) <= value < 2**31 else (value ^ (value >> 32)) & _MASK
    if isinstance(value, float):
        bits: int = struct.unpack(">q", struct.pack(">d", value))[0]
        return (bits ^ (bits >> 32)) & _MASK
    if isinstance(value, str):
        units = value.encode("utf-16-be", "surrogatepass")
        return _polynomial(0, [high << 8 | low for high, low in zip(units[::2], units[1::2], strict=True)])
    if isinstance(value, list):
        return _polynomial(1, [java_hash(item) for item in value])
    return sum(java_hash(key) ^ java_hash(item) for key, item in value.items()) & _MASK


def _polynomial(start: int, parts: Sequence[int]) -> int:
    total = start
    for part in parts:
        total = (31 * total + part) & _MASK
    return total


def java_identity(value: Json) -> Hashable:
    """A key that is equal for two values exactly when Java's `equals` says so: 1 and 1.0 differ, as do 1 and true."""
    if isinstance(value, list):
        return ("list", *map(java_identity, value))
    if isinstance(value, dict):
        return ("map", frozenset((key, java_identity(item)) for key, item in value.items()))
    return (type(value).__name__, value)


def hash_set_order(values: Sequence[Json]) -> list[Json]:
    """The distinct values in the order in which `new HashSet<>(values)` gives them out."""
    capacity = 16
    while capacity < len(values) / 0.75 + 1:
        capacity *= 2
    buckets: dict[int, list[Json]] = {}
    seen: set[Hashable] = set()
    for value in values:
        identity = java_identity(value)
        if identity in seen:
            continue
        seen.add(identity)
        code = java_hash(value)
        buckets.setdefault((code ^ (code >> 16)) & (capacity - 1), []).append(value)
    return [value for index in sorted(buckets) for value in buckets[index]]


class JavaRandom:
    """java.util.Random: a 48-bit linear congruential generator. Source: its API documentation."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & _SEED_MASK

    def _bits(self, count: int) -> int:
        self._state = (self._state * 0x5DEECE66D + 0xB) & _SEED_MASK
        return self._state >> (48 - count)

    def next_double(self) -> float:
        """A number in [0, 1)."""
        return float((self._bits(26) << 27) + self._bits(27)) * 2.0**-53

    def next_int(self, bound: int) -> int:
        """A whole number in [0, bound), for a bound from 1 to 2**31 - 1."""
        if bound & (bound - 1) == 0:
            return (bound * self._bits(31)) >> 31
        while True:
            bits = self._bits(31)
            number = bits % bound
            if bits - number + (bound - 1) < 2**31:
                return number

    def between(self, first: int, last: int) -> int:
        """A whole number in [first, last), both of them Java ints."""
        if last - first < 2**31:
            return first + self.next_int(last - first)
        while True:
            number = self._bits(32)
            number -= 2**32 if number >= 2**31 else 0
            if first <= number < last:
                return number
