"""The forms of a dataset's files: JSON and JSON Lines, files in columns (Parquet and ORC), and compression.

Source: AWS Step Functions Developer Guide, "ItemReader (Map)": GZIP and ZSTD are supported; Amazon S3 User Guide,
"Locating your inventory list", for ORC. Not recorded: how AWS writes what JSON does not have. Here moments and days are
ISO 8601 texts, decimal numbers are numbers, bytes are Base64, and a number that is none is null. pyarrow reads files in
columns, and Zstandard, on first use.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import re
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any, Final, cast

from msgspec.structs import replace

from sfdebug import json_pointer
from sfdebug.engine.execution.work import Items, pairs_of
from sfdebug.engine.faults import ITEM_READER_FAILED, StateError
from sfdebug.files import MAX_DATASET_BYTES, MAX_VALUES, has_too_many_values
from sfdebug.values import Json

_EXTRA: Final = "pip install 'sfdebug[datasets]'"
"""How to get what reads these files, and Zstandard."""

MAX_UNPACKED_BYTES: Final = MAX_DATASET_BYTES
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_ROWS: Final = 4096
"""How many rows of a file in columns are taken up at a time."""


class ItemReaderError(StateError):
    """The dataset cannot be read: fails the Map Run with States.ItemReaderFailed and this cause."""

    def __init__(self, cause: str) -> None:
        super().__init__(ITEM_READER_FAILED, cause)


# JSON


def text_of(content: bytes, name: str) -> str:
    """`content`, unpacked, as text without a byte order mark. Raises ItemReaderError when it is not UTF-8."""
    try:
        return unpacked(content, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ItemReaderError(f"{name}: byte {error.start} is not UTF-8.") from error


def json_items(
    content: bytes, name: str, pointer: str | None = None, most: int | None = None, *, over_objects: bool = True
) -> Items:
    """The items of a JSON file: of its whole value, or of the one that `pointer` leads to.

    Raises ItemReaderError when the file is not JSON, or the value is neither an array nor an object.
    """
    value = parse_json(text_of(content, name), name)
    return _items_of(value if pointer is None else _pointed(value, pointer), name, most, over_objects=over_objects)


def json_lines(content: bytes, name: str) -> Iterator[Json]:
    """The values of a JSON Lines file; empty lines are passed over. Raises ItemReaderError at a bad one."""
    for number, line in enumerate(text_of(content, name).split("\n"), 1):
        if line.strip():
            yield parse_json(line, f"{name}, line {number}")


def parse_json(text: str, name: str) -> Json:
    """`text` as JSON. Raises ItemReaderError, which names it `name`, when it is not, or holds too many values."""
    if has_too_many_values(text):
        raise ItemReaderError(f"{name} has more than {MAX_VALUES:,} values, the most that sfdebug reads.")
    try:
        return cast("Json", json.loads(text, parse_constant=_not_json))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ItemReaderError(f"{name} is not JSON: {error.msg} ({place}).") from error
    except ValueError as error:
        raise ItemReaderError(f"{name} is not JSON: {error}.") from error
    except RecursionError as error:
        raise ItemReaderError(f"{name} is nested too deeply.") from error


def _not_json(constant: str) -> Json:
    raise ValueError(f"it has the value {constant}")


def _pointed(value: Json, pointer: str) -> Json:
    """The value that an RFC 6901 pointer leads to."""
    if pointer and not pointer.startswith("/"):
        raise ItemReaderError(f"ItemsPointer '{pointer}' is no JSON Pointer: it must begin with a slash.")
    for name in json_pointer.parse(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise ItemReaderError(f"ItemsPointer '{pointer}' leads nowhere: there is no '{name}'.")
    return value


def _items_of(value: Json, source: str, most: int | None = None, *, over_objects: bool = True) -> Items:
    """The items in the value of a JSON dataset, at most `most` of them: an array's, or the pairs of an object.

    Raises ItemReaderError with AWS's cause for anything else.
    Source: Developer Guide, "ItemReader (Map)": the file has an array or an object, whose key-value pairs are
    iterated over. Recorded before that was written, and so without `over_objects`: an object fails with the same cause.
    """
    if isinstance(value, list):
        values = tuple(value[:most])
        return Items(values, None, (source,) * len(values))
    if isinstance(value, dict) and over_objects:
        items = pairs_of(value, most)
        return replace(items, sources=(source,) * len(items))
    raise ItemReaderError("Attempting to map over non-iterable node.")


# files in columns


def arrow(name: str, what: str) -> ModuleType:
    """pyarrow, or the module of it called `what`. Raises ItemReaderError, which names the file, when it is missing."""
    try:
        return import_module(what)
    except ImportError as error:
        raise ItemReaderError(f"{name} cannot be read without pyarrow: {_EXTRA}.") from error


def parquet_rows(content: bytes, name: str) -> Iterator[Json]:
    """The rows of a Parquet file. Raises ItemReaderError when it is none."""
    module = arrow(name, "pyarrow.parquet")
    return _rows(lambda source: module.ParquetFile(source).iter_batches(batch_size=_ROWS), content, name, "Parquet")


def orc_rows(content: bytes, name: str) -> Iterator[Json]:
    """The rows of an ORC file. Raises ItemReaderError when it is none."""
    module = arrow(name, "pyarrow.orc")
    return _rows(lambda source: module.ORCFile(source).read().to_batches(_ROWS), content, name, "ORC")


def _rows(batches: Callable[[Any], Any], content: bytes, name: str, kind: str) -> Iterator[Json]:
    pyarrow = arrow(name, "pyarrow")
    try:
        for batch in batches(pyarrow.BufferReader(content)):
            for row in batch.to_pylist():
                yield _plain(row)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise ItemReaderError(f"{name} is no readable {kind} file: {str(error).splitlines()[0]}.") from error


def _plain(value: Any) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


# compression


def unpacked(content: bytes, name: str) -> bytes:
    """`content`, decompressed if it is gzip or Zstandard. Raises ItemReaderError when that fails."""
    if content.startswith(_ZSTD):
        return _unpacked_zstandard(content, name)
    if not content.startswith(_GZIP):
        return content
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = decompressor.decompress(content, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise ItemReaderError(f"{name} is no readable gzip file: {error}.") from error
    if not decompressor.eof:
        too_large = bool(decompressor.unconsumed_tail)
        why = f"has more than {MAX_UNPACKED_BYTES} bytes once unpacked" if too_large else "is a gzip file cut short"
        raise ItemReaderError(f"{name} {why}.")
    return data


def _unpacked_zstandard(content: bytes, name: str) -> bytes:
    pyarrow = arrow(name, "pyarrow")
    try:
        with pyarrow.input_stream(pyarrow.BufferReader(content), compression="zstd") as stream:
            data: bytes = stream.read(MAX_UNPACKED_BYTES + 1)
    except (pyarrow.ArrowException, OSError) as error:
        raise ItemReaderError(f"{name} is no readable Zstandard file: {error}.") from error
    if len(data) > MAX_UNPACKED_BYTES:
        raise ItemReaderError(f"{name} has more than {MAX_UNPACKED_BYTES} bytes once unpacked.")
    return data
