"""What does not fit side by side stands on shelves: which things on which."""

from __future__ import annotations

from collections.abc import Sequence


def on_shelves(widths: Sequence[int], limit: int, gap: int) -> list[list[int]]:
    """Things of these widths in their order on as few shelves as keep each within `limit` columns, and those about as
    long; `gap` columns stand between two on a shelf. One that is wider than `limit` has all of them be as wide.
    """
    widest = max(widths, default=0)
    limit = max(limit, widest)
    found = _filled(widths, limit, gap)
    while limit > widest and len(closer := _filled(widths, limit - 1, gap)) == len(found):
        limit, found = limit - 1, closer
    return found


def _filled(widths: Sequence[int], limit: int, gap: int) -> list[list[int]]:
    shelves: list[list[int]] = []
    used = 0
    for index, width in enumerate(widths):
        if shelves and used + gap + width <= limit:
            shelves[-1].append(index)
            used += gap + width
        else:
            shelves.append([index])
            used = width
    return shelves
