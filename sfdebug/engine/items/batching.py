"""ItemBatcher: puts the items of a Map Run together into batches, each the input of one child execution.

Source: AWS Step Functions Developer Guide, "ItemBatcher (Map)".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, StateError, runtime_failure
from sfdebug.engine.fields.base import read_whole
from sfdebug.engine.fields.kinds import INTEGER
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.values import MISSING, Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.fields.base import Fields
    from sfdebug.engine.step_draft import StepDraft


class ItemBatcher:
    """ItemBatcher of a distributed Map: how many items make one child execution's input, and what else it holds."""

    __slots__ = ("_input", "_most_bytes", "_most_items", "expression")

    def __init__(self, state_fields: Fields) -> None:
        self.expression = state_fields.given["ItemBatcher"]
        fields = state_fields.part(self.expression, "ItemBatcher")
        self._most_items = fields.value("MaxItemsPerBatch", INTEGER)
        self._most_bytes = fields.value("MaxInputBytesPerBatch", INTEGER)
        self._input = fields.payload("BatchInput")

    def batches(self, draft: StepDraft, value: Json, items: list[Json]) -> list[_Batch]:
        """The items in batches, as a stage of the visit. Raises StateError."""
        try:
            batches = batch_items(
                items,
                max_items_per_batch=read_whole(self._most_items, draft, value),
                max_input_bytes_per_batch=read_whole(self._most_bytes, draft, value),
                batch_input=self._input.read(draft, value) if self._input is not None else MISSING,
                max_payload_bytes=draft.settings.max_payload_bytes,
            )
        except StateError as failure:
            raise draft.visit.failed(StageName.ITEM_BATCHER, items, self.expression, failure) from failure
        made: list[Json] = [batch.input for batch in batches]
        draft.visit.stage(StageName.ITEM_BATCHER, items, made, expression=self.expression)
        return batches


class _Batch(Struct, frozen=True):
    """One batch: the input of its child execution, and which items it holds, by their first index and number."""

    input: Json
    first: int
    count: int


def batch_items(
    items: Sequence[Json],
    *,
    max_items_per_batch: int | None = None,
    max_input_bytes_per_batch: int | None = None,
    batch_input: Value = MISSING,
    max_payload_bytes: int = MAX_PAYLOAD_BYTES,
) -> list[_Batch]:
    """The items in order, in batches `{"BatchInput": …, "Items": […]}` as full as the two limits allow.

    The bytes of a batch are those of this whole object as AWS writes it; 256 KiB is the limit even when the field
    gives none or more. A limit of None or 0 is no limit. BatchInput stands in each batch when the state gives it.

    Raises StateError when a limit is negative, or when an item does not fit into a batch of its own.
    """
    for field, limit in (
        ("MaxItemsPerBatch", max_items_per_batch),
        ("MaxInputBytesPerBatch", max_input_bytes_per_batch),
    ):
        if limit is not None and limit < 0:
            # Not recorded; the words are those that AWS uses for a negative MaxItems.
            raise runtime_failure(f"field {field} must be positive")
    most_bytes = min(max_input_bytes_per_batch or max_payload_bytes, max_payload_bytes)
    frame = _bytes(_batch((), batch_input))
    batches: list[_Batch] = []
    first, used = 0, frame
    for index, item in enumerate(items):
        size = _bytes(item)
        count = index - first
        if count and (count == max_items_per_batch or used + 1 + size > most_bytes):
            batches.append(_Batch(_batch(items[first:index], batch_input), first, count))
            first, count, used = index, 0, frame
        used += size + (1 if count else 0)
        if used > most_bytes and not count:
            raise _too_large(index, used, most_bytes)
    if items:
        batches.append(_Batch(_batch(items[first:], batch_input), first, len(items) - first))
    return batches


def _batch(items: Iterable[Json], batch_input: Value) -> dict[str, Json]:
    """Recorded: BatchInput comes first."""
    head: dict[str, Json] = {"BatchInput": batch_input} if is_present(batch_input) else {}
    return {**head, "Items": list(items)}


def _bytes(value: Json) -> int:
    return len(compact(value).encode("utf-8", "surrogatepass"))


def _too_large(index: int, size: int, most: int) -> StateError:
    """Not recorded: what AWS says of an item that alone is larger than a batch may be."""
    return StateError(
        DATA_LIMIT_EXCEEDED,
        f"Item {index} alone makes a batch of {size} bytes, and a batch may have no more than {most}.",
    )
