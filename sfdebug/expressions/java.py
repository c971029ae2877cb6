"""What Java makes of JSON values, where AWS shows that it runs on Java: texts, hash codes, sets, random numbers.

Recorded: States.Format prints an object as `{Arg1=1, Arg2=[]}`. Measured: States.ArrayUnique gives its items in the
order of a HashSet (`[true, false]` becomes `[false, true]`); States.MathRandom and JSONata's $random draw from
java.util.Random (seed 42 gives 0.7275636800328681).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any, Final

from sfdebug.values import Json, compact

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<number>-?\d+(?:\.\d+(?:e[-+]\d+)?|e[-+]\d+))|-?\d+')
"""The strings and numbers of a JSON text, those numbers by name that are no whole ones."""

_LEAST_USUAL: Final = 1e-3
_LEAST_LARGE: Final = 1e7
"""From one to below the other, Java writes fractions without an exponent, as Python does."""

_WITHOUT_FRACTIONS: Final[frozenset[type]] = frozenset({str, int, bool, type(None)})
_MASK: Final = 0xFFFFFFFF
_SEED_MASK: Final = (1 << 48) - 1


def number_text(number: int | float) -> str:
    """A number as Java's Double.toString and Long.toString print it: 1.1, 1.0, 1.0E7, 1.0E-4."""
    if isinstance(number, int):
        return str(number)
    if number != number or number in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(number)]
    if number == 0 or _LEAST_USUAL <= abs(number) < _LEAST_LARGE:
        return format(Decimal(repr(number)), "f") if "e" in repr(number) else repr(number)
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    assert isinstance(exponent, int)
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


def java_text(value: Json) -> str:
    """A value as Java's String.valueOf prints it: strings bare, objects as `{key=value}`, arrays as JSON.

    The last is how Jayway's default provider prints them; what AWS makes of an array in States.Format is not recorded.
    """
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return json_text(value)
    return number_text(value)


def json_text(value: Json) -> str:
    """A value as one line of JSON, its numbers as Java writes them: 1.0E20 for 1e20."""
    text = compact(value)
    if isinstance(value, (dict, list)) and _has_usual_numbers(value):
        return text
    return _TOKEN.sub(_java_token, text)


def _has_usual_numbers(value: dict[str, Json] | list[Json]) -> bool:
    """Whether all fractions in a value are in the range in which Java writes them as Python does."""
    level: list[Any] = [value]
    while level:
        found = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if type(item) not in _WITHOUT_FRACTIONS
        ]
        level = []
        for item in found:
            if isinstance(item, (dict, list)):
                level.append(item)
            elif isinstance(item, float) and item != 0 and not _LEAST_USUAL <= abs(item) < _LEAST_LARGE:
                return False
    return True


def _java_token(token: re.Match[str]) -> str:
    number = token["number"]
    return token[0] if number is None else number_text(float(number))


def class_name(value: Json) -> str:
    """The Java class of a value, as Jayway's error texts name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if isinstance(value, str):
        return "java.lang.String"
    if isinstance(value, int):
        size = value.bit_length()
        return "java.lang.Integer" if size < 32 else "java.lang.Long" if size < 64 else "java.math.BigInteger"
    if isinstance(value, float):
        return "java.lang.Double"
    return "java.util.LinkedHashMap" if isinstance(value, dict) else "net.minidev.json.JSONArray"


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


def _java_identity(value: Json) -> Hashable:
    """A key that is equal for two values exactly when Java's `equals` says so: 1 and 1.0 differ, as do 1 and true."""
    if isinstance(value, list):
        return ("list", *map(_java_identity, value))
    if isinstance(value, dict):
        return ("map", frozenset((key, _java_identity(item)) for key, item in value.items()))
    return (type(value).__name__, value)


def hash_set_order(values: Sequence[Json]) -> list[Json]:
    """The distinct values in the order in which `new HashSet<>(values)` gives them out."""
    capacity = 16
    while capacity < len(values) / 0.75 + 1:
        capacity *= 2
    buckets: dict[int, list[Json]] = {}
    seen: set[Hashable] = set()
    for value in values:
        identity = _java_identity(value)
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
