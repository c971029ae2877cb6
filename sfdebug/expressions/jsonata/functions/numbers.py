"""JSONata's numeric functions. Source: the JSONata documentation, "Numeric functions"."""

from __future__ import annotations

import math
import re
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import number as shown
from sfdebug.values import MISSING

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_OTHER_BASES: Final = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PRECISE: Final = Context(prec=800)
_MOST_PLACES: Final = 340
"""No double has more places than this on either side of its point."""


def number(run: JsonataRun, value: Any) -> Any:
    """$number: of a number, a string or a boolean. Raises JsonataFault D3030 for text that is no number."""
    if value is MISSING:
        return MISSING
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        run.tick(len(value) >> 6)
        return _parsed(value)
    return value


def _parsed(text: str) -> int | float:
    if len(text) <= 1000 and _OTHER_BASES.fullmatch(text):
        base = {"x": 16, "o": 8, "b": 2}[text[1].lower()]
        return shown(int(text[2:], base))
    if _DECIMAL.fullmatch(text):
        value = float(text)
        if math.isfinite(value):
            return shown(int(text) if text.lstrip("-").isdigit() and len(text) <= 20 else value)
    raise JsonataFault("D3030", value=text, index=1)


def absolute(run: JsonataRun, value: Any) -> Any:
    """$abs."""
    return value if value is MISSING else abs(value)


def _stays(value: Any) -> bool:
    return value is MISSING or (isinstance(value, float) and not math.isfinite(value))


def floor(run: JsonataRun, value: Any) -> Any:
    """$floor."""
    return value if _stays(value) else shown(math.floor(value))


def ceil(run: JsonataRun, value: Any) -> Any:
    """$ceil."""
    return value if _stays(value) else shown(math.ceil(value))


def rounded(run: JsonataRun, value: Any, precision: Any) -> Any:
    """$round: halves to the even neighbour; a negative precision rounds left of the point."""
    if value is MISSING:
        return MISSING
    places = 0 if precision is MISSING else int(precision)
    if places > _MOST_PLACES:
        return value
    if places < -_MOST_PLACES:
        return 0
    unit = Decimal(1).scaleb(-places)
    return shown(float(Decimal(repr(float(value))).quantize(unit, ROUND_HALF_EVEN, _PRECISE)))


def square_root(run: JsonataRun, value: Any) -> Any:
    """$sqrt."""
    if value is MISSING:
        return MISSING
    if value < 0:
        raise JsonataFault("D3060", index=1, value=value)
    return shown(math.sqrt(value))


def power(run: JsonataRun, base: Any, exponent: Any) -> Any:
    """$power."""
    if base is MISSING or exponent is MISSING:
        return MISSING
    try:
        return shown(math.pow(base, exponent))
    except (OverflowError, ValueError, ZeroDivisionError):
        raise JsonataFault("D3061", index=1, value=base, exp=exponent) from None


def format_base(run: JsonataRun, value: Any, radix: Any) -> Any:
    """$formatBase: a whole number in another base, from 2 to 36."""
    if value is MISSING:
        return MISSING
    base = 10 if radix is MISSING else rounded(run, radix, MISSING)
    if not 2 <= base <= 36:
        raise JsonataFault("D3100", value=base)
    left = int(rounded(run, value, MISSING))
    sign, left = ("-", -left) if left < 0 else ("", left)
    digits = [] if left else ["0"]
    while left:
        left, digit = divmod(left, int(base))
        digits.append(_DIGITS[digit])
    return sign + "".join(reversed(digits))


def half_even(value: Any, places: int) -> Decimal:
    """A number as a decimal with `places` places, halves to the even neighbour."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _PRECISE)


def floored(value: Any) -> int:
    """The whole number at or below `value`; a large double counts as the digits that it shows."""
    if isinstance(value, int):
        return value
    return int(Decimal(repr(float(value))).to_integral_value(ROUND_FLOOR))
