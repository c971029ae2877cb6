"""Text for the terminal: user data made safe to print, fitted to cells, and clock times."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size

_NEWLINE: Final = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
_UNPRINTABLE: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_REMEMBERED: Final = 1_024
_LOOKED_AT: Final = 4_096
_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f")
"""Zero-width characters: terminals disagree on how many cells a sequence with them takes."""


def clean(text: str) -> str:
    """`text` on one line, without control, bidirectional, zero-width or unencodable characters."""
    if text.isascii() and text.isprintable():
        return text
    return _cleaned(text) if len(text) <= _MOST_REMEMBERED else "".join(map(_printable, text))


@lru_cache(maxsize=8192)
def _cleaned(text: str) -> str:
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character == "\n":
        return _NEWLINE
    if character in "\t\r":
        return " "
    if character in _INVISIBLE:
        return ""
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return _UNPRINTABLE
    return " " if category == "Zs" else character


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """`text`, cleaned and cut with an ellipsis to at most `width` cells."""
    seen = _LOOKED_AT + 8 * max(width, 0)  # the rest of a payload is not shown, whatever may be invisible in it
    is_whole = len(text) <= seen
    text = clean(text[:seen])
    if is_whole and cell_len(text) <= width:
        return text
    if width <= len(ellipsis):
        return ellipsis[: max(0, width)]
    return set_cell_size(text, width - len(ellipsis)).rstrip() + ellipsis


def column(text: str, width: int, ellipsis: str = "…") -> str:
    """`text` fitted to exactly `width` cells: cut, or filled with blanks."""
    fitted = fit(text, width, ellipsis)
    return fitted + " " * max(0, width - cell_len(fitted))


def plural(count: int, word: str) -> str:
    """`3 states`, `1 state`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def clock(milliseconds: int) -> str:
    """Virtual time since the start: `00:00:07`, `00:00:07.250`, with days in front when there are any."""
    seconds, millis = divmod(max(0, milliseconds), 1000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = f"{hours:02}:{minutes:02}:{seconds:02}"
    text = f"{text}.{millis:03}" if millis else text
    return f"{days}d {text}" if days else text


def elapsed(milliseconds: int) -> str:
    """A short offset for lists: `+0.05 s`, `+12 s`, `+3:20`, `+1d 02:00`, `+1,157d`: at most ten cells."""
    milliseconds = max(0, milliseconds)
    if milliseconds < 60_000:
        return f"+{milliseconds / 1000:.3f}".rstrip("0").rstrip(".") + " s"
    seconds = milliseconds // 1000
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    if days > 99:
        return f"+{days:,}d"
    if days:
        return f"+{days}d {hours:02}:{seconds // 60:02}"
    minutes, seconds = divmod(seconds, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}" if hours else f"+{minutes}:{seconds:02}"
