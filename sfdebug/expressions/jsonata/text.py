"""JSONata values as text: numbers as JavaScript prints them, and $string."""

from __future__ import annotations

import math
import re
from decimal import ROUND_FLOOR, Context, Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.values import JsonataFunction, Sequence
from sfdebug.values import MISSING, compact

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.limits import JsonataRun

_LONGEST: Final = 2**63
"""Whole numbers below this are exact."""

_FIFTEEN_AND_POINT: Final = 16
_PLAIN: Final[frozenset[type]] = frozenset({dict, list})
_NO_NUMBERS: Final[frozenset[type]] = frozenset({str, bool, type(None)})
_FIFTEEN_DIGITS: Final = Context(prec=15, rounding=ROUND_FLOOR)
_ESCAPES: Final = str.maketrans(
    {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _quoted(text: str) -> str:
    """A text as $string writes it inside of an array or object. Measured in AWS (iwamot/sfnx): other control characters
    than those with a letter of their own stand as they are."""
    quoted = encode_basestring(text)
    return quoted if "\\u" not in quoted else f'"{text.translate(_ESCAPES)}"'


def utf16(text: str) -> bytes:
    """The UTF-16 units of a text, which compare as AWS's strings do (measured, iwamot/sfnx)."""
    return text.encode("utf-16-be", "surrogatepass")


def has_pairs(text: str) -> bool:
    """Whether a text has a character that is two units in UTF-16."""
    return not text.isascii() and any(character > "\uffff" for character in text)


def whole(text: str) -> str:
    """`text` with the halves of characters that met in it made one, as they are in UTF-16."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def number_text(value: int | float) -> str:
    """A number as JavaScript's Number.prototype.toString prints it: 1, 0.1, 1e+21, 1e-7."""
    double = float(value)
    if math.isnan(double) or math.isinf(double):
        return "NaN" if math.isnan(double) else "Infinity" if double > 0 else "-Infinity"
    if double == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(double)).normalize().as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits))
    point = len(shown) + exponent
    minus = "-" if sign else ""
    if len(shown) <= point <= 21:
        return minus + shown + "0" * (point - len(shown))
    if 0 < point <= 21:
        return f"{minus}{shown[:point]}.{shown[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{shown}"
    power = point - 1
    fraction = f".{shown[1:]}" if len(shown) > 1 else ""
    return f"{minus}{shown[0]}{fraction}e{'+' if power > 0 else '-'}{abs(power)}"


def rounded_text(value: int | float) -> str:
    """A number as $string prints it: a fraction with at most 15 significant digits, a whole number with all it has.

    Measured in AWS: whole numbers are exact up to 2^63; from there they have the digits of the double, up to 1e21. A
    fraction is rounded down (-2/3 is -0.666666666666667), and written as Java's BigDecimal writes it once its zeros at
    the end are taken off: with an exponent where its digits end before the point (iwamot/sfnx: 1.23456789012345e+15).
    """
    if isinstance(value, int) and -_LONGEST <= value < _LONGEST:
        return str(value)
    double = float(value)
    if double.is_integer():
        return number_text(double)
    text = repr(double)
    if _has_few_digits(text):
        return text
    return str(_FIFTEEN_DIGITS.create_decimal(repr(double)).normalize()).replace("E", "e")


def _has_few_digits(text: str) -> bool:
    """Whether a fraction that Python shows so is shown so everywhere: with fifteen digits at most, and a point."""
    return len(text) <= _FIFTEEN_AND_POINT and "e" not in text


def string(value: Any, run: JsonataRun, prettify: bool = False) -> Any:
    """$string: the text of a string, else JSON; undefined for undefined; functions are empty strings."""
    if value is MISSING or isinstance(value, str):
        return value
    if type(value) is int and -_LONGEST <= value < _LONGEST:
        return str(value)
    if isinstance(value, JsonataFunction):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise JsonataFault("D3001", value=str(value))
    if isinstance(value, Sequence) and value.outer and value:
        value = value[0]
    writer = _JsonataWriter(run, prettify)
    writer.write(value, "\n")
    return "".join(writer.parts)


class _JsonataWriter:
    __slots__ = ("_between", "_colon", "_most", "_prettify", "_run", "_size", "parts")

    def __init__(self, run: JsonataRun, prettify: bool) -> None:
        self.parts: list[str] = []
        self._run = run
        self._most = run.limits.characters
        self._prettify = prettify
        self._colon = ": " if prettify else ":"
        self._size = 0

    def write(self, value: Any, margin: str, before: str = "") -> None:
        """Add `before` and the text of a value whose lines begin with `margin`."""
        kind = type(value)
        if kind is str:
            text = _quoted(value)
        elif kind is int and -_LONGEST <= value < _LONGEST:
            text = str(value)
        elif kind in _PLAIN and not self._prettify and _has_usual_numbers(value):
            text = compact(value)
            if "\\u" in text:  # control characters, which stand as they are here
                self._nested(value, margin, before)
                return
        elif isinstance(value, (dict, list)):
            self._nested(value, margin, before)
            return
        else:
            text = _scalar(value)
        self._add(before + text)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self._size += len(text)
        if self._size > self._most:
            self._run.check_characters(self._size)

    def _nested(self, value: dict[str, Any] | list[Any], margin: str, before: str) -> None:
        if isinstance(value, dict):
            self._object(value, margin, before)
        else:
            self._array(value, margin, before)

    def _object(self, value: dict[str, Any], margin: str, before: str) -> None:
        if not value:
            self._add(before + "{}")
            return
        inner = margin + "  "
        lead = inner if self._prettify else ""
        before, between = before + "{" + lead, "," + lead
        for key, item in value.items():
            self.write(item, inner, before + _quoted(key) + self._colon)
            before = between
        self._add(margin + "}" if self._prettify else "}")

    def _array(self, value: list[Any], margin: str, before: str) -> None:
        if not value:
            self._add(before + "[]")
            return
        inner = margin + "  "
        lead = inner if self._prettify else ""
        before, between = before + "[" + lead, "," + lead
        for item in value:
            self.write(item, inner, before)
            before = between
        self._add(margin + "]" if self._prettify else "]")


def _has_usual_numbers(value: dict[str, Any] | list[Any]) -> bool:
    """Whether Python's encoder writes all the numbers of plain JSON as $string does."""
    level: list[Any] = [value]
    while level:
        items = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if type(item) not in _NO_NUMBERS
        ]
        level = []
        for item in items:
            kind = type(item)
            if kind is float:
                if item.is_integer() or not _has_few_digits(repr(item)):
                    return False
            elif kind is not int:
                level.append(item)
            elif not -_LONGEST <= item < _LONGEST:
                return False
    return True


def _scalar(value: Any) -> str:
    if value is None or value is True or value is False:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise JsonataFault("D1001", value=str(value))
        return rounded_text(value)
    return _quoted(value) if isinstance(value, str) else '""'
