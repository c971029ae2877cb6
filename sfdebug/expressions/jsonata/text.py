"""JSONata values as text: numbers as JavaScript prints them, and $string."""

from __future__ import annotations

import math
import re
from decimal import ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.values import JsonataFunction, Sequence
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.expressions.jsonata.limits import JsonataRun

_LONGEST: Final = 2**63
"""Whole numbers below this are exact."""

_FIFTEEN_DIGITS: Final = Context(prec=15, rounding=ROUND_FLOOR)
_ESCAPES: Final = str.maketrans(
    {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _quoted(text: str) -> str:
    """A text as $string writes it inside of an array or object. Measured in AWS (iwamot/sfnx): other control characters
    than those with a letter of their own stand as they are."""
    return f'"{text.translate(_ESCAPES)}"'


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
    return str(_FIFTEEN_DIGITS.create_decimal(repr(double)).normalize()).replace("E", "e")


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
    __slots__ = ("parts", "prettify", "run", "size")

    def __init__(self, run: JsonataRun, prettify: bool) -> None:
        self.run = run
        self.prettify = prettify
        self.parts: list[str] = []
        self.size = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)
        if self.size > self.run.limits.characters:
            self.run.check_characters(self.size)

    def write(self, value: Any, margin: str) -> None:
        if isinstance(value, str):
            self.add(_quoted(value))
        elif value is None or value is True or value is False:
            self.add("null" if value is None else "true" if value else "false")
        elif isinstance(value, (int, float)):
            if not math.isfinite(value):
                raise JsonataFault("D1001", value=str(value))
            self.add(rounded_text(value))
        elif isinstance(value, dict):
            names = [(f"{_quoted(key)}{': ' if self.prettify else ':'}", item) for key, item in value.items()]
            self._items(names, "{}", margin)
        elif isinstance(value, list):
            self._items([("", item) for item in value], "[]", margin)
        else:
            self.add('""')

    def _items(self, items: list[tuple[str, Any]], brackets: str, margin: str) -> None:
        inner = margin + "  "
        self.add(brackets[0])
        for index, (name, item) in enumerate(items):
            self.add(("," if index else "") + (inner if self.prettify else "") + name)
            self.write(item, inner)
        if items and self.prettify:
            self.add(margin)
        self.add(brackets[1])
