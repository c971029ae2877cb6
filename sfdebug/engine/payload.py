"""The size of payloads: AWS refuses inputs, outputs and results of more than 262,144 bytes."""

from __future__ import annotations

from typing import Final

from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, StateError
from sfdebug.values import Json, compact

_FEW_NODES: Final = 64
_BYTES_PER_CHARACTER: Final = 6
_BYTES_PER_NODE: Final = 32


def check_size(value: Json, limit: int, label: str) -> None:
    """Raise `StateError` (States.DataLimitExceeded) when `value` as JSON text is larger than `limit` bytes.

    `label` is what AWS calls the culprit. Recorded: "The state/task 'State_1' returned a result with a size
    exceeding the maximum number of bytes service limit."
    """
    if not _is_surely_below(value, limit) and len(compact(value).encode("utf-8", "surrogatepass")) > limit:
        raise StateError(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{label}' returned a result with a size exceeding the maximum number of bytes service "
            "limit.",
        )


def _is_surely_below(value: Json, limit: int) -> bool:
    """A cheap upper bound for small values, so that the common case writes no JSON text."""
    size, nodes, stack = 0, 0, [value]
    while stack:
        nodes += 1
        if nodes > _FEW_NODES:
            return False
        item = stack.pop()
        if isinstance(item, str):
            size += len(item) * _BYTES_PER_CHARACTER
        elif isinstance(item, dict):
            stack.extend(item.values())
            size += sum(map(len, item)) * _BYTES_PER_CHARACTER
        elif isinstance(item, list):
            if len(item) > _FEW_NODES:
                return False
            stack.extend(item)
        elif isinstance(item, int) and item.bit_length() > 64:
            return False
    return size + nodes * _BYTES_PER_NODE <= limit
