"""ItemReader: the items in a dataset, by its ReaderConfig.

Source: AWS Step Functions Developer Guide, "ItemReader (Map)".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from sfdebug.engine.items.columns import parquet_rows
from sfdebug.engine.items.csv_reading import csv_items
from sfdebug.engine.items.dataset import Dataset, ItemReaderError, Items, at_most
from sfdebug.engine.items.json_reading import json_items, json_lines
from sfdebug.engine.items.manifest_reading import (
    data_of,
    inventory_items,
    is_athena,
    is_manifest,
    listed_files,
)
from sfdebug.values import Json

MAX_ITEMS: Final = 100_000_000
"""Most items that a Map Run reads. Developer Guide, "ItemReader (Map)", MaxItems; recorded: more may be asked for."""

Config: TypeAlias = "Mapping[str, Json]"
Found: TypeAlias = "tuple[str, Json]"
"""An item, after the URI that it was read from."""


def read_items(
    config: Config,
    dataset: Dataset,
    *,
    max_items: int | None = None,
    items_pointer: str | None = None,
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
        return at_most(_from(dataset.source, dataset.items), most)
    pointer = config.get("ItemsPointer") if items_pointer is None else items_pointer
    if pointer is not None and not isinstance(pointer, str):
        raise ItemReaderError("ItemsPointer must be a text.")
    name = dataset.source or "The dataset"
    if dataset.objects is not None:
        return at_most(_listed(config, dataset, dataset.objects, pointer), most)
    assert dataset.content is not None
    if is_manifest(config):
        return at_most(_manifest_items(config, dataset.content, dataset.files, name), most)
    if config.get("InputType") == "JSON":
        return json_items(dataset.content, name, pointer, most, over_objects=over_objects)
    return at_most(_from(name, _data_items(config, dataset.content, name, None)), most)


def _from(source: str, items: Iterable[Json]) -> Iterator[Found]:
    return ((source, item) for item in items)


def _limit(value: Json) -> int | None:
    """How many items MaxItems lets through; None when all."""
    if value is None:
        return MAX_ITEMS
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ItemReaderError("field MaxItems must be an integer")
    if value < 0:
        # Recorded: MaxItemsPath that leads to -1.
        raise ItemReaderError("field MaxItems must be positive")
    return min(value or MAX_ITEMS, MAX_ITEMS)


def _data_items(config: Config, content: bytes, name: str, pointer: str | None) -> Iterator[Json]:
    """The items of one data file."""
    input_type = config.get("InputType")
    reader = _READERS.get(input_type) if isinstance(input_type, str) else None
    if reader is None:
        raise ItemReaderError(f"InputType must be one of CSV, JSON, JSONL, PARQUET and MANIFEST, not {input_type}.")
    return reader(config, content, name, pointer)


def _csv(config: Config, content: bytes, name: str, _pointer: str | None) -> Iterator[Json]:
    return csv_items(content, config, name)


def _json(_config: Config, content: bytes, name: str, pointer: str | None) -> Iterator[Json]:
    return iter(json_items(content, name, pointer).given)


def _jsonl(_config: Config, content: bytes, name: str, _pointer: str | None) -> Iterator[Json]:
    return json_lines(content, name)


def _parquet(_config: Config, content: bytes, name: str, _pointer: str | None) -> Iterator[Json]:
    return parquet_rows(content, name)


_READERS: Final[Mapping[str, Callable[[Config, bytes, str, str | None], Iterator[Json]]]] = {
    "CSV": _csv,
    "JSON": _json,
    "JSONL": _jsonl,
    "PARQUET": _parquet,
}


def _manifest_items(config: Config, content: bytes, files: Mapping[str, bytes], name: str) -> Iterator[Found]:
    if not is_athena(config):
        yield from _from(name, inventory_items(content, files, name))
        return
    for uri in listed_files(config, content, name):
        yield from _from(uri, _data_items(config, data_of(uri, files), uri, None))


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
