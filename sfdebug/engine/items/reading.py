"""ItemReader: the items in a dataset, by its ReaderConfig.

Source: AWS Step Functions Developer Guide, "ItemReader (Map)".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.execution.work import Items
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.base import read_whole
from sfdebug.engine.fields.kinds import INTEGER, TEXT
from sfdebug.engine.items.csv_reading import csv_items, csv_records
from sfdebug.engine.items.formats import (
    ItemReaderError,
    json_items,
    json_lines,
    orc_rows,
    parquet_rows,
    parse_json,
    text_of,
)
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Dataset
    from sfdebug.engine.execution.work import PreparedWork
    from sfdebug.engine.fields.base import Fields
    from sfdebug.engine.step_draft import StepDraft

_MAX_ITEMS: Final = 100_000_000
"""Most items that a Map Run reads. Developer Guide, "ItemReader (Map)", MaxItems; recorded: more may be asked for."""

Config: TypeAlias = "Mapping[str, Json]"
Found: TypeAlias = "tuple[str, Json]"
"""An item, after the URI that it was read from."""


class ItemReader:
    """ItemReader of a distributed Map: where the items come from, and how they are read."""

    __slots__ = ("_arguments", "_max_items", "_pointer", "config", "expression")

    def __init__(self, state_fields: Fields) -> None:
        self.expression = state_fields.given["ItemReader"]
        reader = state_fields.part(self.expression, "ItemReader")
        config = reader.part(reader.given.get("ReaderConfig"), "ReaderConfig")
        self.config = config.given
        self._arguments = reader.payload(reader.arguments)
        self._max_items = config.value("MaxItems", INTEGER)
        self._pointer = config.value("ItemsPointer", TEXT)

    def arguments(self, draft: StepDraft, value: Json) -> Json:
        """What the reader's Resource is called with."""
        try:
            return self._arguments.read(draft, value) if self._arguments is not None else {}
        except StateError as failure:
            raise draft.visit.failed(StageName.ITEM_READER, value, self.expression, failure) from failure

    def max_items(self, draft: StepDraft, value: Json) -> int | None:
        """The most items to read, None when the field is not there."""
        return read_whole(self._max_items, draft, value)

    def read(self, draft: StepDraft, work: PreparedWork, dataset: Dataset) -> Items:
        """The items in `dataset`. Raises StateError (States.ItemReaderFailed) when it cannot be read."""
        pointer = self._pointer.read(draft, work.selected) if self._pointer is not None else None
        try:
            items = read_items(
                self.config,
                dataset,
                max_items=work.max_items,
                items_pointer=pointer,
                over_objects=draft.settings.object_items is not ObjectItems.NOWHERE,
            )
        except StateError as failure:
            raise draft.visit.failed(StageName.ITEM_READER, work.input, self.expression, failure) from failure
        draft.visit.stage(
            StageName.ITEM_READER, work.input, items.given, expression=self.expression, provenance=dataset.provenance
        )
        return items


def read_items(
    config: Config,
    dataset: Dataset,
    *,
    max_items: int | None = None,
    items_pointer: Json = None,
    over_objects: bool = True,
) -> Items:
    """The items that an ItemReader with the ReaderConfig `config` takes from `dataset`.

    `config` has its literal fields; in a JSONata state the engine has evaluated them. `max_items` and
    `items_pointer` stand for what MaxItemsPath and a computed ItemsPointer lead to, and go before `config`'s own.
    Recorded: MaxItems 0 means all. `over_objects` says whether the value of a JSON file may be an object.

    Raises ItemReaderError with AWS's cause where a recording shows one, else with one that says what is wrong.
    """
    most = _limit(config.get("MaxItems") if max_items is None else max_items)
    if dataset.items is not None:
        return _at_most(_from(dataset.source, dataset.items), most)
    pointer = config.get("ItemsPointer") if items_pointer is None else items_pointer
    if pointer is not None and not isinstance(pointer, str):
        raise ItemReaderError("ItemsPointer must be a text.")
    name = dataset.source or "The dataset"
    if dataset.objects is not None:
        return _at_most(_listed(config, dataset, dataset.objects, pointer), most)
    assert dataset.content is not None
    if is_manifest(config):
        return _at_most(_manifest_items(config, dataset.content, dataset.files, name), most)
    if config.get("InputType") == "JSON":
        return json_items(dataset.content, name, pointer, most, over_objects=over_objects)
    return _at_most(_from(name, _data_items(config, dataset.content, name, None)), most)


def _from(source: str, items: Iterable[Json]) -> Iterator[Found]:
    return ((source, item) for item in items)


def _limit(value: Json) -> int | None:
    """How many items MaxItems lets through; None when all."""
    if value is None:
        return _MAX_ITEMS
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ItemReaderError("field MaxItems must be an integer")
    if value < 0:
        # Recorded: MaxItemsPath that leads to -1.
        raise ItemReaderError("field MaxItems must be positive")
    return min(value or _MAX_ITEMS, _MAX_ITEMS)


def _data_items(config: Config, content: bytes, name: str, pointer: str | None) -> Iterator[Json]:
    """The items of one data file."""
    input_type = config.get("InputType")
    reader = _READERS.get(input_type) if isinstance(input_type, str) else None
    if reader is None:
        raise ItemReaderError(f"InputType must be one of CSV, JSON, JSONL, PARQUET and MANIFEST, not {input_type}.")
    return reader(config, content, name, pointer)


_COLUMNS: Final = {"ORC": orc_rows, "Parquet": parquet_rows}
"""The fileFormats of an S3 inventory in columns."""

_READERS: Final[Mapping[str, Callable[[Config, bytes, str, str | None], Iterator[Json]]]] = {
    "CSV": lambda config, content, name, pointer: csv_items(content, config, name),
    "JSON": lambda config, content, name, pointer: iter(json_items(content, name, pointer).given),
    "JSONL": lambda config, content, name, pointer: json_lines(content, name),
    "PARQUET": lambda config, content, name, pointer: parquet_rows(content, name),
}


def _manifest_items(config: Config, content: bytes, files: Mapping[str, bytes], name: str) -> Iterator[Found]:
    if not _is_athena(config):
        yield from _from(name, _inventory_items(content, files, name))
        return
    for uri in listed_files(config, content, name):
        yield from _from(uri, _data_items(config, _data_of(uri, files), uri, None))


def _listed(config: Config, dataset: Dataset, objects: tuple[Json, ...], pointer: str | None) -> Iterator[Found]:
    """The objects that a prefix lists; with Transformation LOAD_AND_FLATTEN the items in each of them."""
    transformation = config.get("Transformation", "NONE")
    if transformation == "NONE":
        yield from _from(dataset.source, objects)
        return
    if transformation != "LOAD_AND_FLATTEN":
        raise ItemReaderError("Transformation must be NONE or LOAD_AND_FLATTEN.")
    for listed in objects:
        key = listed.get("Key") if isinstance(listed, dict) else None
        uri = f"{dataset.source}/{key}"
        if uri not in dataset.files:
            raise ItemReaderError(f"The content of {uri} is not known.")
        yield from _from(uri, _data_items(config, dataset.files[uri], uri, pointer))


def _at_most(found: Iterable[tuple[str, Json]], most: int | None) -> Items:
    """The first `most` of the items found, each with its source before it; all of them when it is None."""
    pairs = tuple(islice(found, most))
    return Items(tuple(item for _, item in pairs), None, tuple(source for source, _ in pairs))


# manifests


def is_manifest(config: Mapping[str, Json]) -> bool:
    """Whether a ReaderConfig reads a manifest rather than the data itself."""
    return config.get("InputType") == "MANIFEST" or "ManifestType" in config


def _is_athena(config: Mapping[str, Json]) -> bool:
    """Whether the manifest is one of an Athena UNLOAD; the other kind is an S3 inventory's."""
    kind = config.get("ManifestType", "S3_INVENTORY")
    if kind not in ("ATHENA_DATA", "S3_INVENTORY"):
        raise ItemReaderError("ManifestType must be ATHENA_DATA or S3_INVENTORY.")
    return kind == "ATHENA_DATA"


def listed_files(config: Mapping[str, Json], content: bytes, name: str) -> tuple[str, ...]:
    """The `s3://bucket/key` of each data file that a manifest names. Raises ItemReaderError when it is none."""
    if _is_athena(config):
        lines = text_of(content, name).split("\n")
        return tuple(line.strip().strip('"') for line in lines if line.strip())
    manifest = _inventory(content, name)
    bucket = str(manifest["destinationBucket"]).rpartition(":")[2]
    return tuple(f"s3://{bucket}/{key}" for key in _keys(manifest, name))


def _inventory_items(content: bytes, files: Mapping[str, bytes], name: str) -> Iterator[Json]:
    """One object for each row of an S3 inventory: of CSV, texts, called as fileSchema says; of Parquet and ORC, as the
    data files have them.

    In CSV an object key stays as it stands in the data file, where S3 writes it URL-encoded. Raises ItemReaderError
    when the manifest or one of its data files cannot be read.
    """
    manifest = _inventory(content, name)
    file_format = manifest.get("fileFormat")
    rows = _COLUMNS.get(file_format) if isinstance(file_format, str) else None
    if rows is not None:
        for uri in listed_files({}, content, name):
            yield from rows(_data_of(uri, files), uri)
        return
    if file_format != "CSV":
        raise ItemReaderError(f"{name}: the inventory's fileFormat is {file_format}; it must be CSV, ORC or Parquet.")
    headers = [header.strip() for header in str(manifest.get("fileSchema", "")).split(",")]
    for uri in listed_files({}, content, name):
        text = text_of(_data_of(uri, files), uri)
        for record in csv_records(text, ",", uri):
            yield dict(zip(headers, record, strict=False))


def _data_of(uri: str, files: Mapping[str, bytes]) -> bytes:
    """The content of one data file. Raises ItemReaderError when it was not found."""
    if uri not in files:
        raise ItemReaderError(f"The manifest names {uri}, which cannot be read.")
    return files[uri]


def _inventory(content: bytes, name: str) -> Mapping[str, Json]:
    manifest = parse_json(text_of(content, name), name)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("destinationBucket"), str):
        raise ItemReaderError(f"{name} is no manifest of an S3 inventory: it has no destinationBucket.")
    return manifest


def _keys(manifest: Mapping[str, Json], name: str) -> Iterator[str]:
    files = manifest.get("files")
    for file in files if isinstance(files, list) else ():
        key = file.get("key") if isinstance(file, dict) else None
        if not isinstance(key, str):
            raise ItemReaderError(f"{name}: an entry of files has no key.")
        yield key
