"""Searching in a pane: a regular expression, `!` in front to invert it, and what is no regular expression literally."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import TypeAlias

Matcher: TypeAlias = Callable[[str], bool]


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


def compiled(pattern: str) -> re.Pattern[str]:
    """`pattern` as a regular expression, or literally when it is none. Case counts once a capital is typed."""
    flags = re.NOFLAG if any(character.isupper() for character in pattern) else re.IGNORECASE
    try:
        with warnings.catch_warnings():  # about a pattern that is still being typed, into the middle of the screen
            warnings.simplefilter("ignore")
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(pattern), flags)
