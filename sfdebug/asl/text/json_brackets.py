"""Which bracket lacks its partner: the indentation tells, when a text ends with brackets still open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.source import Members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.text.source import Source

_INDENT: Final = re.compile(r"[ \t]*+")


def astray_bracket(source: Source, still_open: Sequence[Members]) -> int | None:
    """The offset of the innermost bracket that was closed by one further out, going by indentation; None if none was.

    `still_open` are the objects and arrays that the end of the text left open.
    """
    found = None
    waiting = list(still_open)
    while waiting:
        inner = [child for child in waiting.pop().values.values() if isinstance(child, Members)]
        astray = next((child for child in inner if _is_astray(source, child)), None)
        if astray is not None:
            found, waiting = astray.start, [astray]
        elif found is None:
            waiting.extend(child for child in inner if child.end > child.start)
    return found


def _is_astray(source: Source, members: Members) -> bool:
    if members.end <= members.start:
        return False
    opener, closer = _indent(source, members.start), _indent(source, members.end - 1)
    return opener is not None and closer is not None and closer < opener


def _indent(source: Source, offset: int) -> int | None:
    """The indentation of a bracket's line; None for a closer that is not the first thing on its line."""
    span = source.span(offset, offset)
    start = source.line_starts[span.line - 1]
    match = _INDENT.match(source.text, start)
    indent = match.end() - start if match else 0
    if source.text[offset] in "}]" and span.column - 1 != indent:
        return None
    return indent
