"""Whole numbers in English words, both ways, as $formatInteger and $parseInteger write them."""

from __future__ import annotations

import re
from typing import Final

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


def _values() -> dict[str, int]:
    values = {word.lower(): value for words in (_FEW, _ORDINALS) for value, word in enumerate(words)}
    for index, word in enumerate(_DECADES):
        values[word.lower()] = values[word.lower()[:-1] + "ieth"] = (index + 2) * 10
    values["hundred"] = values["hundredth"] = 100
    for index, word in enumerate(_MAGNITUDES):
        values[word.lower()] = values[word.lower() + "th"] = 1000 ** (index + 1)
    return values


_VALUES: Final = _values()

WORDS: Final = tuple(sorted(_VALUES, key=len, reverse=True))
"""The words of numbers, the longest first."""


def in_words(value: int, ordinal: bool, joined: bool = False) -> str:
    """A number in words; `joined` says that it goes on after larger parts."""
    if value < 20:
        return (" and " if joined else "") + (_ORDINALS if ordinal else _FEW)[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        word = _DECADES[tens - 2]
        if rest:
            word += "-" + in_words(rest, ordinal)
        elif ordinal:
            word = word[:-1] + "ieth"
        return (" and " if joined else "") + word
    if value < 1000:
        size, rest, name = 100, value % 100, "Hundred"
    else:
        power = min((len(str(value)) - 1) // 3, len(_MAGNITUDES))
        size, name = 1000**power, _MAGNITUDES[power - 1]
        rest = value % size
    words = (", " if joined else "") + in_words(value // size, False) + " " + name
    if rest:
        return words + in_words(rest, ordinal, True)
    return words + ("th" if ordinal else "")


def from_words(text: str) -> int | None:
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
