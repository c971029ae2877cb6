"""What differs between any two executions and says nothing: ids, times, tokens, names, as far as they look like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug import json_pointer
from sfdebug.history.replay.dependence import TIME_TEXT, UUID_TEXT

if TYPE_CHECKING:
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import ExecutionInfo
    from sfdebug.values import Value

_ARN: Final = re.compile(r"arn:[a-z0-9-]+:[a-z0-9-]+:\S*")
_SHAPES: Final = re.compile(rf"{UUID_TEXT}|{TIME_TEXT}|[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}")
_LONG: Final = re.compile(r"[0-9]{5,}|\b(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9_+/=-]{16,}")
"""Long numbers, and long words of digits and letters: request ids, receipts, tokens, epochs in text."""
_NAMED: Final = re.compile(
    r"(?i)(?:^|[_-])(?:id|uuid|guid|arn|token|nonce|etag|timestamp|date|time|created|updated|expires)$"
    r"|(?:Id|ID|Arn|ARN|Uuid|UUID|Token|Timestamp|Date|Time|At|ETag)$|^(?:id|arn|token|key|date|time)s?$"
)
"""Names of fields that hold such values."""
_EPOCH: Final = (1_000_000_000, 100_000_000_000_000)
"""Numbers between these can be a time in seconds or milliseconds since 1970."""


def looks_made_up(leaf: Leaf, facts: tuple[ExecutionInfo, ExecutionInfo]) -> bool:
    """Whether two different values look like what is made up anew for each execution.

    By their shape (UUIDs, times, long numbers, ARNs, the execution's own name), or by the name of the field, where both
    are texts or numbers of the same kind.
    """
    left, right = leaf.recorded, leaf.computed
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        both_epochs = all(_EPOCH[0] <= value < _EPOCH[1] for value in (left, right))
        return both_epochs or bool(_NAMED.search(_name(leaf.pointer)))
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    if _folded(left, facts[0]) == _folded(right, facts[1]):
        return True
    return bool(left) and bool(right) and bool(_NAMED.search(_name(leaf.pointer)))


def _name(pointer: str) -> str:
    """The last name of a pointer that is no index."""
    names = [name for name in json_pointer.parse(pointer) if not name.isdecimal()]
    return names[-1] if names else ""


def _folded(text: str, facts: ExecutionInfo) -> str:
    """A text with one sign for each piece that looks made up."""
    for name in (facts.arn, facts.name):
        if name:
            text = text.replace(name, "#")
    for shape in (_ARN, _SHAPES, _LONG):
        text = shape.sub("#", text)
    return text


def is_told_of(value: Value, text: str) -> bool:
    """Whether a text, such as a cause, has a value in it: a text of some length, or a number as a word of its own."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    written = str(value)
    if isinstance(value, str) and len(written) < 3:
        return False
    return re.search(rf"(?<![\w.]){re.escape(written)}(?![\w])", text) is not None
