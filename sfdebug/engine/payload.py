"""The size of payloads: AWS refuses inputs, outputs and results of more than 262,144 bytes."""

from __future__ import annotations

from typing import Final

from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, StateError
from sfdebug.values import Json, compact

_UTF8_BYTES: Final = 4
"""The most bytes that one character takes."""


def check_size(value: Json, limit: int, label: str) -> None:
    """Raise `StateError` (States.DataLimitExceeded) when `value` as JSON text is larger than `limit` bytes.

    `label` is what AWS calls the culprit. Recorded: "The state/task 'State_1' returned a result with a size
    exceeding the maximum number of bytes service limit."
    """
    if value is None or isinstance(value, bool | int | float):
        return
    text = compact(value)
    if len(text) * _UTF8_BYTES > limit and len(text.encode("utf-8", "surrogatepass")) > limit:
        raise StateError(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{label}' returned a result with a size exceeding the maximum number of bytes service "
            "limit.",
        )
