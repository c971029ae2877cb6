"""How large a regular expression is once its repeats are written out, which is what compiling it does."""

from __future__ import annotations

import re
from typing import Final

MOST_PARTS: Final = 100_000
"""How large a pattern may be: the library takes 270 bytes for each part, and for far more it crashes."""

_PARTS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|\{([0-9]+)(?:,[0-9]*)?\}|.", re.DOTALL)


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
