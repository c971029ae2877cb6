"""What somebody types to search for, as a regular expression: any text is one."""

from __future__ import annotations

import re
import warnings


def compiled(pattern: str) -> re.Pattern[str]:
    """`pattern` as a regular expression, or literally when it is none. Case counts once a capital is typed."""
    flags = re.NOFLAG if any(character.isupper() for character in pattern) else re.IGNORECASE
    try:
        with warnings.catch_warnings():  # about a pattern that is still being typed
            warnings.simplefilter("ignore")
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(pattern), flags)
