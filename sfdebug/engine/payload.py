"""The size of payloads: AWS refuses inputs, outputs and results of more than 262,144 bytes."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Final

from sfdebug.engine.execution.events import PAYLOAD_TEXTS
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, StateError
from sfdebug.errors import NestingError
from sfdebug.limits import MAX_VARIABLES_BYTES
from sfdebug.values import MAX_NESTING, Json, compact, is_deeper

_UTF8_BYTES: Final = 4
"""The most bytes that one character takes."""

_LEAST_DEEP: Final = 4 * MAX_NESTING
_MARSHALLED: Final = 2
_MOST_GROWTH: Final = 6
"""JSON text is never more than six times as long as what `marshal` (version 2, which shares nothing) makes of the same
value: a control character takes 1 byte there and 6 here. Marshalling is several times as fast."""


def check_size(value: Json, limit: int, label: str) -> None:
    """Raise `StateError` (States.DataLimitExceeded) when `value` as JSON text is larger than `limit` bytes.

    Raise `NestingError` when it is nested deeper than is followed.

    `label` is what AWS calls the culprit. Recorded: "The state/task 'State_1' returned a result with a size
    exceeding the maximum number of bytes service limit."
    """
    if value is None or isinstance(value, bool | int | float):
        return
    if PAYLOAD_TEXTS.has_parts_of(value):
        if PAYLOAD_TEXTS.levels_of(value) > MAX_NESTING:
            raise NestingError(f"the data of '{label}'")
    elif _is_surely_small(value, limit, label):
        return
    text = PAYLOAD_TEXTS.text_of(value)
    if len(text) * _UTF8_BYTES > limit and len(text.encode("utf-8", "surrogatepass")) > limit:
        raise StateError(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{label}' returned a result with a size exceeding the maximum number of bytes service "
            "limit.",
        )


def size_from(value: Json, least: int) -> int | None:
    """How many bytes `value` has as JSON text, as AWS counts them; None where that is fewer than `least`, which is
    found out in a fraction of the time for most."""
    try:
        if len(marshal.dumps(value, _MARSHALLED)) * _MOST_GROWTH < least:
            return None
    except ValueError:
        return None  # nested deeper than can be written
    text = PAYLOAD_TEXTS.text_of(value)
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return size if size >= least else None


def check_variables(variables: Mapping[str, Json], max_payload_bytes: int) -> None:
    """Raise `StateError` (States.DataLimitExceeded) when the variables that a state sees are larger than AWS stores.

    Each was no larger than `max_payload_bytes` when it was assigned, so that a few need no look. Not recorded: the
    error, its words, and whether the variables of branches that run side by side count together.
    """
    if len(variables) * max_payload_bytes <= MAX_VARIABLES_BYTES or _is_surely_small(
        [*variables.values()], MAX_VARIABLES_BYTES, "variables"
    ):
        return
    size = sum(len(compact(value).encode("utf-8", "surrogatepass")) for value in variables.values())
    if size > MAX_VARIABLES_BYTES:
        raise StateError(
            DATA_LIMIT_EXCEEDED,
            f"The variables have {size} bytes together, and an execution stores no more than {MAX_VARIABLES_BYTES}.",
            names_state=True,
        )


def _is_surely_small(value: Json, limit: int, label: str) -> bool:
    try:
        data = marshal.dumps(value, _MARSHALLED)
    except ValueError:  # nested too deep for it, or of a class of its own
        data = b""
    size = len(data)
    # Each dict and list is written with a bracket, and takes five bytes: few of them cannot nest deep.
    if not size or (size > _LEAST_DEEP and data.count(b"{") + data.count(b"[") > MAX_NESTING):
        _check_nesting(value, label)
    return 0 < size * _MOST_GROWTH < limit


def _check_nesting(value: Json, label: str) -> None:
    if is_deeper(value, MAX_NESTING):
        raise NestingError(f"the data of '{label}'")
