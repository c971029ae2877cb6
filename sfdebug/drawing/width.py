"""How many cells a text takes, and cutting it to a number of cells; without a screen library.

Wide and full-width characters (Unicode Standard Annex 11, classes W and F) take two cells, combining marks none;
the ambiguous class takes one, as in terminals that are not set up for East Asian legacy encodings.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"

_DROPPED: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories that a terminal obeys, reorders or cannot show: control, format, surrogate, private, line breaks."""


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """`text` without control and format characters, every run of blanks made one blank."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _DROPPED
    )
    return " ".join(kept.split())


@lru_cache(maxsize=1024)
def char_width(character: str) -> int:
    """The cells of one character: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cell_width(text: str) -> int:
    """The cells of `text`."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def fit(text: str, width: int) -> str:
    """`text`, cleaned, and cut with an ellipsis to at most `width` cells."""
    text = clean(text)
    if cell_width(text) <= width:
        return text
    if width < 1:
        return ""
    kept, used = [], 0
    for character in text:
        used += char_width(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS


def fit_ends(text: str, width: int, tail: int) -> str:
    """`text`, cleaned, and cut in the middle to at most `width` cells, of which up to `tail` show its end."""
    text = clean(text)
    if cell_width(text) <= width:
        return text
    kept, used = [], 0
    for character in reversed(text):
        used += char_width(character)
        if used > tail:
            break
        kept.append(character)
    end = "".join(reversed(kept)).lstrip()
    return fit(text, width - cell_width(end)) + end


def cells(text: str) -> list[str]:
    """`text` as one string per cell: a mark joins the character before it, a wide one is followed by ""."""
    found: list[str] = []
    for character in text:
        width = char_width(character)
        if width == 0:
            if found:
                at = len(found) - 1 if found[-1] else len(found) - 2
                found[at] += character
            continue
        found.append(character)
        if width == 2:
            found.append("")
    return found
