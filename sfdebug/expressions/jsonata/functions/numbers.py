"""JSONata's numeric functions. Source: the JSONata documentation, "Numeric functions".

$formatNumber writes numbers by picture: XPath and XQuery Functions 3.1, "Formatting numbers".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import number as shown
from sfdebug.values import MISSING

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_OTHER_BASES: Final = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PRECISE: Final = Context(prec=800)
_SHOWN: Final = 0.001
_SHOWN_WHOLE: Final = 10**15
"""Between these, Python shows numbers without exponents."""

_MOST_PLACES: Final = 340
"""No double has more places than this on either side of its point."""

_DEFAULTS: Final = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


def number(run: JsonataRun, value: Any) -> Any:
    """$number: of a number, a string or a boolean. Raises JsonataFault D3030 for text that is no number."""
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
    return abs(value)


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
    places = 0 if precision is MISSING else int(precision)
    if places > _MOST_PLACES:
        return value
    if places < -_MOST_PLACES:
        return 0
    if places >= 0 and _SHOWN < abs(value) < _SHOWN_WHOLE:
        fraction = repr(value).partition(".")[2]
        if len(fraction) <= places:
            return shown(value)
        # Off the middle, the double and the digits that it shows are on the same side of it.
        if fraction[places:] != "5":
            return shown(round(value, places))
    return shown(float(_half_even(value, places)))


def square_root(run: JsonataRun, value: Any) -> Any:
    """$sqrt."""
    if value < 0:
        raise JsonataFault("D3060", index=1, value=value)
    return shown(math.sqrt(value))


def power(run: JsonataRun, base: Any, exponent: Any) -> Any:
    """$power."""
    if exponent is MISSING:
        return MISSING
    try:
        return shown(math.pow(base, exponent))
    except (OverflowError, ValueError, ZeroDivisionError):
        raise JsonataFault("D3061", index=1, value=base, exp=exponent) from None


def format_base(run: JsonataRun, value: Any, radix: Any) -> Any:
    """$formatBase: a whole number in another base, from 2 to 36."""
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


def _half_even(value: Any, places: int) -> Decimal:
    """A number as a decimal with `places` places, halves to the even neighbour."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _PRECISE)


def floored(value: Any) -> int:
    """The whole number at or below `value`; a large double counts as the digits that it shows."""
    if isinstance(value, int):
        return value
    return int(Decimal(repr(float(value))).to_integral_value(ROUND_FLOOR))


class _Signs:
    """The characters of a picture that mean something, as the options set them."""

    def __init__(self, options: Mapping[str, str]) -> None:
        signs = {**_DEFAULTS, **{name: str(sign) for name, sign in options.items() if name in _DEFAULTS and sign}}
        self.decimal, self.grouping = signs["decimal-separator"], signs["grouping-separator"]
        self.exponent, self.minus = signs["exponent-separator"], signs["minus-sign"]
        self.percent, self.per_mille = signs["percent"], signs["per-mille"]
        self.zero, self.optional = signs["zero-digit"][0], signs["digit"]
        self.pattern = signs["pattern-separator"]
        self.digits = "".join(chr(ord(self.zero) + index) for index in range(10))
        self.active = {*self.digits, self.decimal, self.exponent, self.grouping, self.optional, self.pattern}

    def mandatory(self, text: str) -> int:
        """How many mandatory digits `text` has."""
        return sum(char in self.digits for char in text)

    def places(self, text: str) -> int:
        """How many digits, mandatory or optional, `text` has."""
        return sum(char in self.digits or char == self.optional for char in text)


class _SubPicture(Struct, frozen=True, gc=False):
    """A sub-picture, cut up."""

    text: str
    prefix: str
    suffix: str
    active: str
    mantissa: str
    exponent: str | None
    integer: str
    fraction: str


class _PicturePlan(Struct, frozen=True, gc=False):
    """What a sub-picture asks for."""

    text: str
    prefix: str
    suffix: str
    groups: tuple[int, ...]
    regular: int
    fraction_groups: tuple[int, ...]
    least_integer: int
    scaling: int
    least_fraction: int
    most_fraction: int
    least_exponent: int


def _cut(text: str, signs: _Signs) -> _SubPicture:
    edges = [index for index, char in enumerate(text) if char in signs.active and char != signs.exponent]
    first, last = (edges[0], edges[-1] + 1) if edges else (0, len(text))
    prefix, active, suffix = text[:first], text[first:last], text[last:]
    mantissa, found, exponent = active.partition(signs.exponent)
    integer, _, fraction = mantissa.partition(signs.decimal)
    return _SubPicture(text, prefix, suffix, active, mantissa, exponent if found else None, integer, fraction)


def _check(parts: _SubPicture, signs: _Signs) -> None:
    text, exponent = parts.text, parts.exponent
    scaled = signs.percent in text or signs.per_mille in text
    before_optional = parts.integer.partition(signs.optional)
    after_optional = parts.fraction.rpartition(signs.optional)
    point = text.find(signs.decimal)
    beside_point = text[max(point - 1, 0) : point] + text[point + 1 : point + 2] if point >= 0 else ""
    faults = (
        ("D3081", text.count(signs.decimal) > 1),
        ("D3082", text.count(signs.percent) > 1),
        ("D3083", text.count(signs.per_mille) > 1),
        ("D3084", signs.percent in text and signs.per_mille in text),
        ("D3085", not signs.places(parts.mantissa)),
        ("D3086", any(char not in signs.active for char in parts.active)),
        ("D3087", signs.grouping in beside_point),
        ("D3088", point < 0 and parts.integer.endswith(signs.grouping)),
        ("D3089", signs.grouping * 2 in text),
        ("D3090", bool(before_optional[1]) and bool(signs.mandatory(before_optional[0]))),
        ("D3091", bool(after_optional[1]) and bool(signs.mandatory(after_optional[2]))),
        ("D3092", bool(exponent) and scaled),
        ("D3093", exponent is not None and (not exponent or signs.mandatory(exponent) != len(exponent))),
    )
    # Of several faults the reference reports the last one; measured in AWS: the picture "x" is D3086, not D3085.
    found = [code for code, wrong in faults if wrong]
    if found:
        raise JsonataFault(found[-1])


def regular_distance(positions: tuple[int, ...]) -> int:
    """The distance at which grouping separators repeat, 0 when they stand irregularly."""
    if not positions:
        return 0
    distance = math.gcd(*positions)
    wanted = {distance * (index + 1) for index in range(len(positions))}
    return distance if wanted <= set(positions) else 0


def grouped(digits: str, positions: Iterable[int], separator: str) -> str:
    """`digits` with a separator at each position, counted from the right."""
    places = {len(digits) - position for position in positions}
    return "".join(separator + digit if index in places and index else digit for index, digit in enumerate(digits))


def _plan(parts: _SubPicture, signs: _Signs) -> _PicturePlan:
    grouping = signs.grouping
    groups = tuple(signs.places(parts.integer[at:]) for at, char in enumerate(parts.integer) if char == grouping)
    inner = tuple(signs.places(parts.fraction[:at]) for at, char in enumerate(parts.fraction) if char == grouping)
    scaling = least_integer = signs.mandatory(parts.integer)
    least_fraction, most_fraction = signs.mandatory(parts.fraction), signs.places(parts.fraction)
    exponent = parts.exponent is not None
    if least_integer == 0 and most_fraction == 0:
        if exponent:
            least_fraction = most_fraction = 1
        else:
            least_integer = 1
    if exponent and least_integer == 0 and signs.optional in parts.integer:
        least_integer = 1
    if least_integer == 0 and least_fraction == 0:
        least_fraction = 1
    least_exponent = signs.mandatory(parts.exponent or "")
    return _PicturePlan(
        parts.text, parts.prefix, parts.suffix, groups, regular_distance(groups), inner, least_integer, scaling,
        least_fraction, most_fraction, least_exponent,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _plans(picture: str, options: tuple[tuple[str, str], ...]) -> tuple[_Signs, _PicturePlan, _PicturePlan]:
    signs = _Signs(dict(options))
    texts = picture.split(signs.pattern)
    if len(texts) > 2:
        raise JsonataFault("D3080")
    cut = [_cut(text, signs) for text in texts]
    for parts in cut:
        _check(parts, signs)
    plans = [_plan(parts, signs) for parts in cut]
    if len(plans) == 1:
        plans.append(replace(plans[0], prefix=signs.minus + plans[0].prefix))
    return signs, plans[0], plans[1]


def format_number(run: JsonataRun, value: Any, picture: Any, options: Any) -> Any:
    """$formatNumber. Raises JsonataFault D3080 to D3093 for a picture that is none."""
    if picture is MISSING:
        return MISSING
    run.check_picture(picture)
    given = options if isinstance(options, dict) else {}
    key = tuple((name, sign) for name, sign in given.items() if isinstance(sign, str))
    signs, positive, negative = _plans(picture, key)
    plan = positive if value >= 0 else negative
    factor = 100 if signs.percent in plan.text else 1000 if signs.per_mille in plan.text else 1
    mantissa, exponent = _scaled(abs(float(value) * factor), plan) if plan.least_exponent else (value * factor, None)
    text = _mantissa(mantissa, plan, signs)
    if exponent is not None:
        digits = str(abs(exponent)).rjust(plan.least_exponent, "0")
        text += signs.exponent + (signs.minus if exponent < 0 else "") + _translated(digits, signs)
    return plan.prefix + text + plan.suffix


def _scaled(value: float, plan: _PicturePlan) -> tuple[float, int]:
    """A mantissa with as many digits before the point as the picture asks for, and its exponent."""
    exponent = 0
    largest, smallest = 10.0**plan.scaling, 10.0 ** (plan.scaling - 1)
    if value == 0:
        return value, 0
    while value < smallest:
        value *= 10
        exponent -= 1
    while value > largest:
        value /= 10
        exponent += 1
    return value, exponent


def _translated(text: str, signs: _Signs) -> str:
    return "".join(signs.digits[int(char)] if char.isdigit() else char for char in text)


def _mantissa(value: Any, plan: _PicturePlan, signs: _Signs) -> str:
    digits = format(abs(_half_even(value, plan.most_fraction)), "f")
    integer, _, fraction = digits.partition(".")
    integer = integer.lstrip("0").rjust(plan.least_integer, "0")
    fraction = fraction.rstrip("0").ljust(plan.least_fraction, "0")
    integer, fraction = _translated(integer, signs), _translated(fraction, signs)
    positions = plan.groups
    if plan.regular:
        positions = tuple(range(plan.regular, len(integer), plan.regular))
    integer = grouped(integer, positions, signs.grouping)
    for position in plan.fraction_groups:
        if position < len(fraction):
            fraction = fraction[:position] + signs.grouping + fraction[position:]
    return integer + signs.decimal + fraction if fraction and signs.decimal in plan.text else integer
