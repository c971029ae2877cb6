"""Text from outside made safe to print, measured and cut in terminal cells, and things counted in words.

There are three ways to make text safe, each with its place: `clean` on the screen, where a sign tells that something
was there; `stripped` in drawings, where a name has few cells; `escaped` in messages and reports, where nothing is lost.

Wide and full-width characters (Unicode Standard Annex 11, classes W and F) take two cells, combining marks none; the
ambiguous class takes one, as in terminals that are not set up for East Asian legacy encodings. What terminals measure
in more than one way is written so that they all agree: letters in one character with their marks (NFC), without
variation selectors, joiners and skin tones. What Textual lays out is measured by Rich's own table instead
(`tui/painting/paint.py`), so that nothing moves on the screen.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"

_ACTING: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories that a terminal obeys, reorders or cannot show: control, format, surrogate, private, line breaks."""

_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f")
"""Zero-width characters: terminals disagree on how many cells a sequence with them takes."""

_ALIKE: Final = {
    **dict.fromkeys((*range(0x1F3FB, 0x1F400), 0x20E3)),
    **{0x1F1E6 + at: chr(ord("A") + at) for at in range(26)},
}
"""Skin tones and the keycap go, which some terminals put on what is before, others beside; flags become their letters
(Unicode Technical Standard 51)."""

_NEWLINE: Final = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
_UNPRINTABLE: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_REMEMBERED: Final = 1_024


def clean(text: str) -> str:
    """`text` on one line, with a sign for each control, bidirectional or unencodable character; zero-width ones go."""
    if text.isascii() and text.isprintable():
        return text
    return _cleaned(text) if len(text) <= _MOST_REMEMBERED else _shown_all(text)


@lru_cache(maxsize=8192)
def _cleaned(text: str) -> str:
    return _shown_all(text)


def _alike(text: str) -> str:
    """`text` in characters that all terminals measure alike."""
    return unicodedata.normalize("NFC", text).translate(_ALIKE)


def _shown_all(text: str) -> str:
    return "".join(map(_shown, _alike(text)))


def _shown(character: str) -> str:
    if character == "\n":
        return _NEWLINE
    if character in "\t\r":
        return " "
    if character in _INVISIBLE:
        return ""
    category = unicodedata.category(character)
    if category in _ACTING:
        return _UNPRINTABLE
    return " " if category == "Zs" else character


@lru_cache(maxsize=4096)
def stripped(text: str) -> str:
    """`text` without control and format characters, every run of blanks made one blank, in characters whose widths
    are the same in every terminal."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(
        " " if character.isspace() else character
        for character in _alike(text)
        if character.isspace() or not (character in _INVISIBLE or unicodedata.category(character) in _ACTING)
    )
    return " ".join(kept.split())


def escaped(text: str) -> str:
    """`text` with everything that could move a terminal's cursor, or that cannot be encoded, written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    code = ord(char)
    return short or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


@lru_cache(maxsize=1024)
def char_width(character: str) -> int:
    """The cells of one character: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff":
        return 0  # the vowels and finals of Hangul that NFC leaves alone: they stand on the consonant before
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cell_width(text: str) -> int:
    """The cells of `text`."""
    if text.isascii():
        return len(text)
    return _measured(text) if len(text) <= _MOST_REMEMBERED else sum(map(char_width, text))


@lru_cache(maxsize=8192)
def _measured(text: str) -> int:
    return sum(map(char_width, text))


def fit(text: str, width: int) -> str:
    """`text`, stripped, and cut with an ellipsis to at most `width` cells."""
    text = stripped(text)
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
    """`text`, stripped, and cut in the middle to at most `width` cells, of which up to `tail` show its end."""
    text = stripped(text)
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


def counted(count: int, thing: str, form: str = "{}") -> str:
    """A number of things: "1 branch", "3 branches"; `form` is what stands around it."""
    plural = f"{thing}es" if thing.endswith(("ch", "s")) else f"{thing}s"
    return form.format(f"{count:,} {thing if count == 1 else plural}")


def size_text(count: int) -> str:
    """`3.2 GB`: so many bytes, in decimal units as AWS's console has them."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def with_article(value: object) -> str:
    """The type of a Python value in words: "an int", "a tuple"; None is itself."""
    name = type(value).__name__
    return "None" if value is None else f"an {name}" if name[:1].lower() in tuple("aeiou") else f"a {name}"
