"""What can be told from how a field is written: what its paths read, which of its texts only look like paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sfdebug.debugger.wording.values import listed
from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.values import Json, Value, is_present

_MOST_LOOKED_AT: Final = 2_000
"""So many parts of a field are looked at: enough for any that somebody has written."""

_LONGEST: Final = 32

_PATH: Final = re.compile(r"\$(\$|[A-Za-z_]\w*)?((?:\.[A-Za-z_][\w-]*|\['[^']*'\]|\[[^\]]*\]|\.\.|\.\*)*)")
_FIRST_KEY: Final = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']*)'\]")
_LOOKS_LIKE_A_PATH: Final = re.compile(r"\$\$?(?:\.[A-Za-z_][\w-]*|\[)|States\.[A-Z]\w+\(")
_LOOKS_LIKE_JSONATA: Final = re.compile(r"\$states\.|\$[a-z]\w*\(")


def shortened(text: str, most: int = _LONGEST) -> str:
    """An expression or a name on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def code(text: str) -> str:
    """An expression in backquotes, short."""
    return f"`{shortened(text)}`"


def key_list(names: list[str]) -> str:
    """Keys in a row, each short: "customer and note"."""
    return listed([shortened(name) or '""' for name in names])


def pronoun(names: list[str]) -> str:
    """ "it" or "they"."""
    return "it" if len(names) == 1 else "they"


def is_or_are(names: list[str]) -> str:
    """The verb for so many."""
    return "is" if len(names) == 1 else "are"


def comes(names: list[str]) -> str:
    """ "comes" or "come"."""
    return "comes" if len(names) == 1 else "come"


def tries(count: int) -> str:
    """So many tries."""
    return "1 try" if count == 1 else f"{count:,} tries"


def retries(count: int) -> str:
    """So many retries."""
    return "1 retry" if count == 1 else f"{count:,} retries"


def texts_in(value: Value) -> Iterator[tuple[str, str]]:
    """Every text in a field with the name of the key that it stands under, "" for the whole; as far as is looked at."""
    waiting: list[tuple[str, Json]] = [("", value)] if is_present(value) else []
    for _ in range(_MOST_LOOKED_AT):
        if not waiting:
            return
        key, each = waiting.pop()
        if isinstance(each, str):
            yield key, each
        elif isinstance(each, dict):
            waiting.extend(reversed(each.items()))
        elif isinstance(each, list):
            waiting.extend((key, item) for item in reversed(each))


def mentions(value: Value, pattern: str) -> bool:
    """Whether a text of a field holds the regular expression."""
    found = re.compile(pattern)
    return any(found.search(text) for _, text in texts_in(value))


def reads(value: Value, pattern: str, *, is_jsonata: bool) -> bool:
    """Whether an expression of a field holds the regular expression; a text that is only passed on is none."""
    found = re.compile(pattern)
    return any(
        found.search(text)
        for key, text in texts_in(value)
        if (is_jsonata_string(text) if is_jsonata else not key or key.endswith(".$"))
    )


def expressions_in(template: Value) -> Iterator[str]:
    """The paths and intrinsic functions of a payload template."""
    return (text for key, text in texts_in(template) if key.endswith(".$"))


def keys_read(template: Value) -> set[str] | None:
    """The top-level keys of `$` that a payload template reads; None where it reads all, or there is no telling."""
    found: set[str] = set()
    for text in expressions_in(template):
        for match in _PATH.finditer(text):
            if match[1]:
                continue  # the Context object, or a variable
            first = _FIRST_KEY.match(match[2])
            if first is None:
                return None
            found.add(first[1] if first[1] is not None else first[2])
    return found


def unread_path(template: Value) -> tuple[str, str] | None:
    """A text that looks like a path under a key without `.$`, with that key: it is no path."""
    return next(
        ((key, text) for key, text in texts_in(template) if not key.endswith(".$") and _LOOKS_LIKE_A_PATH.match(text)),
        None,
    )


def unread_jsonata(template: Value) -> tuple[str, str] | None:
    """A text that looks like JSONata and is not in `{% … %}`, with its key: it is no expression."""
    return next(
        (
            (key, text)
            for key, text in texts_in(template)
            if not is_jsonata_string(text) and _LOOKS_LIKE_JSONATA.match(text)
        ),
        None,
    )
