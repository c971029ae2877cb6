"""Searching in a pane: a regular expression, `!` in front to invert it, and what is no regular expression literally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from rich.cells import cell_len

from sfdebug.patterns import compiled
from sfdebug.tui.painting.paint import fit

Matcher: TypeAlias = Callable[[str], bool]

_WIDEST_NOTE: Final = 80
_WIDEST_QUERY: Final = 24
_LEAST_QUERY: Final = 4


def matcher(query: str) -> Matcher | None:
    """What decides whether a text matches `query`; None for an empty query. Case counts once a capital is typed."""
    inverse = query.startswith("!")
    pattern = query[1:] if inverse else query
    if not pattern:
        return None
    found = compiled(pattern).search
    if inverse:
        return lambda text: found(text) is None
    return lambda text: found(text) is not None


@dataclass(frozen=True, slots=True)
class FilterNote:
    """What is said of a filter in force: what it looks for, and how many rows fit it."""

    query: str
    result: str

    def fitted(self, width: int = _WIDEST_NOTE) -> str:
        """`/Failed: 3 of 120`, in at most so many cells as far as the query can be cut for that."""
        room = max(_LEAST_QUERY, min(width, _WIDEST_NOTE) - cell_len(self.result) - 1)
        return f"/{fit(self.query, min(room, _WIDEST_QUERY))}{self.result}"
