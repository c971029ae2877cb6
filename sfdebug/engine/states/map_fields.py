"""ItemReader, ItemBatcher and ResultWriter of a distributed Map: their fields compiled, and what they do to a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.execution import ObjectItems
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.jsonata import JsonataField
from sfdebug.engine.fields.jsonpath import TemplateStage, failed
from sfdebug.engine.fields.numbers import NumberField
from sfdebug.engine.items.batching import Batch, batch_items
from sfdebug.engine.items.reading import read_items
from sfdebug.engine.items.writing import (
    ChildResult,
    brief,
    export_result,
    export_target,
    exported_files,
    transformed,
    writer_config,
)
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.work import MapRunWork, PreparedWork
    from sfdebug.engine.items.dataset import Dataset, Items
    from sfdebug.engine.step_draft import StepDraft

_NOTHING: Final[Mapping[str, Json]] = {}


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else _NOTHING


class _Payload:
    """Parameters of a JSONPath state or Arguments of a JSONata one, inside of one of these fields."""

    __slots__ = ("compiled",)

    def __init__(self, fields: Mapping[str, Json], name: StageName, *, is_jsonata: bool, key: str = "") -> None:
        key = key or ("Arguments" if is_jsonata else "Parameters")
        self.compiled: JsonataField | TemplateStage | None = None
        if key in fields:
            given = fields[key]
            self.compiled = JsonataField(f"{name}/{key}", given) if is_jsonata else TemplateStage(name, given)

    def read(self, draft: StepDraft, value: Json, default: Value) -> Value:
        """The value, with `value` as `$`; `default` when the field is not there. Raises StateError."""
        if self.compiled is None:
            return default
        if isinstance(self.compiled, JsonataField):
            return self.compiled.read(draft)
        return self.compiled.compute(draft, value)


class ReaderFields:
    """ItemReader: where the items come from, and how they are read."""

    __slots__ = ("_max_items", "_payload", "_pointer", "config", "expression")

    def __init__(self, fields: Mapping[str, Json], *, is_jsonata: bool) -> None:
        self.expression = fields["ItemReader"]
        reader = _object(self.expression)
        self.config = _object(reader.get("ReaderConfig"))
        self._payload = _Payload(reader, StageName.ITEM_READER, is_jsonata=is_jsonata)
        place = "ItemReader/ReaderConfig/MaxItems"
        self._max_items = NumberField(self.config, "MaxItems", is_jsonata=is_jsonata, place=place)
        pointer = self.config.get("ItemsPointer")
        self._pointer = (
            JsonataField("ItemReader/ReaderConfig/ItemsPointer", pointer, expected="string")
            if is_jsonata and isinstance(pointer, str)
            else None
        )

    def arguments(self, draft: StepDraft, value: Json) -> Json:
        """What the reader's Resource is called with."""
        try:
            arguments = self._payload.read(draft, value, {})
        except StateError as failure:
            raise failed(draft, StageName.ITEM_READER, value, self.expression, failure) from failure
        assert arguments is not MISSING
        return arguments

    def max_items(self, draft: StepDraft, value: Json) -> int | None:
        """The most items to read, None when the field is not there."""
        return self._max_items.read_whole(draft, value)

    def read(self, draft: StepDraft, work: PreparedWork, dataset: Dataset) -> Items:
        """The items in `dataset`. Raises StateError (States.ItemReaderFailed) when it cannot be read."""
        pointer = str(self._pointer.read(draft)) if self._pointer else None
        try:
            items = read_items(
                self.config,
                dataset,
                max_items=work.max_items,
                items_pointer=pointer,
                over_objects=draft.settings.object_items is not ObjectItems.NOWHERE,
            )
        except StateError as failure:
            raise failed(draft, StageName.ITEM_READER, work.input, self.expression, failure) from failure
        draft.stage(
            StageName.ITEM_READER, work.input, items.given, expression=self.expression, provenance=dataset.provenance
        )
        return items


class BatcherFields:
    """ItemBatcher: how many items make one child execution's input, and what else it holds."""

    __slots__ = ("_input", "_most_bytes", "_most_items", "expression")

    def __init__(self, fields: Mapping[str, Json], *, is_jsonata: bool) -> None:
        self.expression = fields["ItemBatcher"]
        batcher = _object(self.expression)
        self._most_items = NumberField(
            batcher, "MaxItemsPerBatch", is_jsonata=is_jsonata, place="ItemBatcher/MaxItemsPerBatch"
        )
        self._most_bytes = NumberField(
            batcher, "MaxInputBytesPerBatch", is_jsonata=is_jsonata, place="ItemBatcher/MaxInputBytesPerBatch"
        )
        self._input = _Payload(batcher, StageName.ITEM_BATCHER, is_jsonata=is_jsonata, key="BatchInput")

    def batches(self, draft: StepDraft, value: Json, items: list[Json]) -> list[Batch]:
        """The items in batches, as a stage of the visit. Raises StateError."""
        try:
            batches = batch_items(
                items,
                max_items_per_batch=self._most_items.read_whole(draft, value),
                max_input_bytes_per_batch=self._most_bytes.read_whole(draft, value),
                batch_input=self._input.read(draft, value, MISSING),
                max_payload_bytes=draft.settings.max_payload_bytes,
            )
        except StateError as failure:
            raise failed(draft, StageName.ITEM_BATCHER, items, self.expression, failure) from failure
        made: list[Json] = [batch.input for batch in batches]
        draft.stage(StageName.ITEM_BATCHER, items, made, expression=self.expression)
        return batches


class WriterFields:
    """ResultWriter: what becomes of the child executions' results."""

    __slots__ = ("_payload", "config", "exports", "expression")

    def __init__(self, fields: Mapping[str, Json], *, is_jsonata: bool) -> None:
        self.expression = fields["ResultWriter"]
        writer = _object(self.expression)
        self.exports = "Resource" in writer
        self.config = _object(writer.get("WriterConfig"))
        self._payload = _Payload(writer, StageName.RESULT_WRITER, is_jsonata=is_jsonata)

    def written(self, draft: StepDraft, work: MapRunWork) -> Json:
        """The result of the Map Run, as a stage of the visit: when it is exported, what the files would hold, and
        where; else the results, transformed. Nothing is written anywhere. Raises StateError."""
        children = _children(draft.execution.ended_children, work.arn)
        try:
            config = writer_config(self.config, exports=self.exports)
            if not self.exports:
                before: Json = results_of(draft, work)
                result: Json = transformed(children, config.transformation)
            else:
                bucket, prefix = export_target(self._payload.read(draft, draft.selected_input, {}))
                files = exported_files(children, config, map_run_arn=work.arn, bucket=bucket, prefix=prefix)
                before, result = {**files}, export_result(work.arn, bucket, prefix)
        except StateError as failure:
            raise failed(draft, StageName.RESULT_WRITER, results_of(draft, work), self.expression, failure) from failure
        draft.stage(StageName.RESULT_WRITER, before, result, expression=self.expression)
        return result


def results_of(draft: StepDraft, work: MapRunWork) -> list[Json]:
    """The result of a Map Run that says nothing of its results: each child execution's output, in the items' order.

    One that failed within what is tolerated is there with its status, error and cause (measured on AWS, iwamot/sfnx).
    """
    if not work.failed_children:
        return work.outputs
    return [
        child.output if is_present(child.output) else brief(child)
        for child in _children(draft.execution.ended_children, work.arn)
    ]


def _children(children: Sequence[ChildExecution], map_run_arn: str) -> list[ChildResult]:
    ended = sorted((child for child in children if child.map_run_arn == map_run_arn), key=lambda child: child.id)
    return [
        ChildResult(
            input=child.input,
            status=child.status.value,
            output=child.output,
            error=child.fault.error if child.fault else None,
            cause=child.fault.cause if child.fault else None,
            arn=child.arn,
            name=child.name,
            state_machine_arn=child.identity.state_machine_arn,
            started_at=child.identity.start_time,
            ended_at=child.ended_at,
        )
        for child in ended
    ]
