"""$formatInteger and $parseInteger: whole numbers as digits, letters, Roman numerals and English words.

Source: XPath and XQuery Functions 3.1, "Formatting integers", which JSONata follows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.functions.numbers import floored, grouped, regular_distance
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import number
from sfdebug.values import MISSING

_FEW: Final = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_ORDINALS: Final = (
    "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh",
    "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth",
)  # fmt: skip
_DECADES: Final = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_MAGNITUDES: Final = ("Thousand", "Million", "Billion", "Trillion")

_ZEROS: Final = (
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
)  # fmt: skip
"""The zeros of Unicode's families of decimal digits."""

_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip

_MOST_ROMAN: Final = 1_000_000
"""Largest number written in Roman numerals: one letter for each thousand."""

_STYLES: Final = {
    "A": "letters upper",
    "a": "letters lower",
    "I": "roman upper",
    "i": "roman lower",
    "W": "words upper",
    "w": "words lower",
    "Ww": "words title",
}


def _values() -> dict[str, int]:
    values = {word.lower(): value for words in (_FEW, _ORDINALS) for value, word in enumerate(words)}
    for index, word in enumerate(_DECADES):
        values[word.lower()] = values[word.lower()[:-1] + "ieth"] = (index + 2) * 10
    values["hundred"] = values["hundredth"] = 100
    for index, word in enumerate(_MAGNITUDES):
        values[word.lower()] = values[word.lower() + "th"] = 1000 ** (index + 1)
    return values


_VALUES: Final = _values()

_WORDS: Final = tuple(sorted(_VALUES, key=len, reverse=True))
"""The words of numbers, the longest first."""


def _in_words(value: int, ordinal: bool, joined: bool = False) -> str:
    """A number in words; `joined` says that it goes on after larger parts."""
    if value < 20:
        return (" and " if joined else "") + (_ORDINALS if ordinal else _FEW)[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        word = _DECADES[tens - 2]
        if rest:
            word += "-" + _in_words(rest, ordinal)
        elif ordinal:
            word = word[:-1] + "ieth"
        return (" and " if joined else "") + word
    if value < 1000:
        size, rest, name = 100, value % 100, "Hundred"
    else:
        power = min((len(str(value)) - 1) // 3, len(_MAGNITUDES))
        size, name = 1000**power, _MAGNITUDES[power - 1]
        rest = value % size
    words = (", " if joined else "") + _in_words(value // size, False) + " " + name
    if rest:
        return words + _in_words(rest, ordinal, True)
    return words + ("th" if ordinal else "")


def _from_words(text: str) -> int | None:
    """The number that words say, None when they say none."""
    segments = [0]
    for part in re.split(r",\s|\sand\s|[\s\-]", text.lower()[:10_000]):
        value = _VALUES.get(part)
        if value is None:
            return None
        if value < 100:
            top = segments.pop()
            if top >= 1000:
                segments.append(top)
                top = 0
            segments.append(top + value)
        else:
            segments.append(segments.pop() * value)
    return sum(segments)


class IntegerFormat(Struct, frozen=True, gc=False):
    """What a picture asks for. `separators` are (distance from the right, character); `width` is set for parsing."""

    style: str
    case: str = "lower"
    ordinal: bool = False
    token: str = ""
    zero: int = 0x30
    mandatory: int = 0
    optional: int = 0
    separators: tuple[tuple[int, str], ...] = ()
    regular: int = 0
    width: int | None = None


@lru_cache(maxsize=512)
def integer_format(picture: str) -> IntegerFormat:
    """Read a picture. Raises JsonataFault D3131 when it mixes digits of different families."""
    primary, found, modifier = picture.rpartition(";")
    if not found:
        primary, modifier = picture, ""
    ordinal = modifier.startswith("o")
    if primary in _STYLES:
        style, case = _STYLES[primary].split()
        return IntegerFormat(style, case, ordinal)
    zero: int | None = None
    mandatory = optional = 0
    separators: list[tuple[int, str]] = []
    for char in reversed(primary):
        family = next((each for each in _ZEROS if each <= ord(char) <= each + 9), None)
        if family is not None:
            mandatory += 1
            if zero is not None and zero != family:
                raise JsonataFault("D3131")
            zero = family
        elif char == "#":
            optional += 1
        else:
            separators.append((mandatory + optional, char))
    if zero is None:
        return IntegerFormat("sequence", ordinal=ordinal, token=primary)
    same = len({char for _, char in separators}) == 1
    regular = regular_distance(tuple(position for position, _ in separators)) if same else 0
    return IntegerFormat("decimal", "lower", ordinal, "", zero, mandatory, optional, tuple(separators), regular)


def format_integer(run: JsonataRun, value: Any, picture: Any) -> Any:
    """$formatInteger."""
    if picture is MISSING:
        return MISSING
    run.check_picture(picture)
    return formatted(floored(value), integer_format(picture), run)


def formatted(value: int, style: IntegerFormat, run: JsonataRun) -> str:
    """A whole number in a style. Raises JsonataFault D3130 for a style that JSONata does not have."""
    return ("-" if value < 0 else "") + _unsigned(abs(value), style, run)


def _unsigned(value: int, style: IntegerFormat, run: JsonataRun) -> str:
    if style.style == "decimal":
        return _decimal(value, style, run)
    if style.style == "letters":
        text = _letters(value)
    elif style.style == "roman":
        run.check_characters(value // 1000)
        text = _roman(value) if value <= _MOST_ROMAN else ""
        if value > _MOST_ROMAN:
            raise JsonataFault("D3137", message=f"{value} is too large for Roman numerals")
    elif style.style == "words":
        text = _in_words(value, style.ordinal)
        return text.upper() if style.case == "upper" else text.lower() if style.case == "lower" else text
    else:
        raise JsonataFault("D3130", value=style.token)
    return text.upper() if style.case == "upper" else text


def _decimal(value: int, style: IntegerFormat, run: JsonataRun) -> str:
    run.check_characters(style.mandatory)
    digits = str(value).rjust(style.mandatory, "0")
    suffix = _ordinal_suffix(digits) if style.ordinal else ""
    if style.zero != 0x30:
        digits = "".join(chr(ord(digit) - 0x30 + style.zero) for digit in digits)
    if style.regular:
        positions = range(style.regular, len(digits), style.regular)
        return grouped(digits, positions, style.separators[0][1]) + suffix
    for position, char in reversed(style.separators):
        if position == 0:
            digits += char
        elif position < len(digits) + 1:
            # Separators to the left come first, so each position still counts digits only.
            digits = digits[:-position] + char + digits[-position:]
    return digits + suffix


def _ordinal_suffix(digits: str) -> str:
    if digits[-2:-1] == "1":
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th")


def _letters(value: int) -> str:
    letters = ""
    while value > 0:
        value, index = divmod(value - 1, 26)
        letters = chr(ord("a") + index) + letters
    return letters


def _roman(value: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        times, value = divmod(value, size)
        text += letters * times
    return text


def parse_integer(run: JsonataRun, text: Any, picture: Any) -> Any:
    """$parseInteger; not a number for text that is none of this style. Measured in AWS: that is "NaN"."""
    if picture is MISSING:
        return MISSING
    run.check_picture(picture)
    style = integer_format(picture)
    run.tick(len(text) * (1 + len(style.separators)) >> 6)
    value = parser_of(style)[1](text)
    return math.nan if value is None else number(value)


def parser_of(style: IntegerFormat) -> tuple[str, Callable[[str], int | None]]:
    """A regular expression for numbers of a style, and what reads one."""
    if style.style == "letters":
        return "[A-Z]+" if style.case == "upper" else "[a-z]+", _from_letters
    if style.style == "roman":
        return "[MDCLXVI]+" if style.case == "upper" else "[mdclxvi]+", _from_roman
    if style.style == "words":
        return f"(?:{'|'.join(_WORDS)}|and|[-, ])+", _from_words
    if style.style == "sequence":
        raise JsonataFault("D3130", value=style.token)
    pattern = "[0-9]+" if style.width is None else f"[0-9]{{{style.width}}}"
    return pattern + ("(?:th|st|nd|rd)" if style.ordinal else ""), lambda text: _from_decimal(text, style)


def _from_decimal(text: str, style: IntegerFormat) -> int | None:
    digits = text[:-2] if style.ordinal else text
    for _, char in style.separators:
        digits = digits.replace(char, "")
    if style.zero != 0x30:
        digits = "".join(chr(ord(char) - style.zero + 0x30) for char in digits if ord(char) >= style.zero)
    found = re.match(r"\s*([-+]?[0-9]{1,400})", digits, re.ASCII)
    return int(found[1]) if found else None


def _from_letters(text: str) -> int | None:
    value = 0
    for char in text[:100].lower():
        value = value * 26 + ord(char) - ord("a") + 1
    return value


def _from_roman(text: str) -> int | None:
    values = {letters: size for size, letters in _ROMAN if len(letters) == 1}
    total = largest = 0
    for char in reversed(text.lower()):
        size = values.get(char)
        if size is None:
            return None
        total += -size if size < largest else size
        largest = max(largest, size)
    return total


def with_width(style: IntegerFormat) -> IntegerFormat:
    """The style with exactly its mandatory digits: for a number that another follows directly."""
    return replace(style, width=style.mandatory)
