"""How large a regular expression is once its repeats are written out, which is what compiling it does, and how long
the texts are in which a search with it is surely over soon."""

from __future__ import annotations

import re
from typing import Final

MOST_PARTS: Final = 100_000
"""How large a pattern may be: the library takes 270 bytes for each part, and for far more it crashes."""

_PARTS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|\{([0-9]+)(?:,[0-9]*)?\}|.", re.DOTALL)

_SOON: Final = 300_000
"""Steps of a search that take a few milliseconds."""

_MOST_REPEATS: Final = 4
_MOST_DOUBLED: Final = 12
_LONGEST: Final = 200
_PLAIN_PART: Final = re.compile(
    r"(?:\\[dDwWsSbB]|\\[^\w]|\[\^?(?:\\[dDwWsS]|\\[^\w]|[^\[\]\\])+\]|[^\\\[\](){}*+?|])"
    r"(?P<sign>[*+?]|\{[0-9]+(?:,[0-9]*)?\})?[?+]?"
    r"|\((?:\?:)?|\)(?![*+?{])|(?P<bar>\|)",
    re.DOTALL,
)
"""A part of a pattern in which nothing is repeated but single characters."""

_PLACES: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]|(\\[bB]|[$^])|\\.", re.DOTALL)


def too_large(text: str) -> str:
    """Why the pattern that `text` writes is not compiled; "" when it can be."""
    parts = _written_out(text)
    if parts <= MOST_PARTS:
        return ""
    return f"its repeats make {parts:,} parts of it, and more than {MOST_PARTS:,} are not taken"


def _written_out(text: str) -> int:
    """How many parts a pattern has when what `{n}` repeats is written n times; nested repeats multiply."""
    outer: list[int] = []
    size = last = 0
    for part in _PARTS.finditer(text):
        sign = part.group()
        if part.group(1) is not None:
            times = max(int(part.group(1)[:12]), 1)
            size, last = size + last * (times - 1), last * times
        elif sign == "(":
            outer.append(size)
            size = last = 0
        elif sign == ")" and outer:
            last = size + 1
            size = outer.pop() + last
        else:
            size, last = size + 1, 1
    return size + sum(outer)


def takes_characters(text: str) -> bool:
    """Whether all parts of a pattern of which `soon_searched` knows the length stand for characters: none for places.

    It matches nothing at all in a text only if it matches an empty text.
    """
    return not any(part[1] for part in _PLACES.finditer(text))


def soon_searched(text: str) -> int:
    """Up to which length of a text all searches for the pattern that `text` writes are over soon, 0 when unknown.

    A search tries each way to match at each place: each repeat can end at each character, each alternative and each
    optional character doubles the ways. Repeats of groups and references back can take longer than can be told.
    """
    position, repeats, doubled = 0, 1, 0
    if len(text) > _LONGEST:
        return 0
    while position < len(text):
        part = _PLAIN_PART.match(text, position)
        if part is None:
            return 0
        position = part.end()
        if part["bar"] or part["sign"] == "?":
            doubled += 1
        elif part["sign"]:
            repeats += 1
    if repeats > _MOST_REPEATS or doubled > _MOST_DOUBLED:
        return 0
    return int((_SOON >> doubled) ** (1 / repeats))
