"""Files in columns, Parquet and ORC, as items: one object for each row. pyarrow reads them, on first use.

Source: AWS Step Functions Developer Guide, "ItemReader (Map)"; Amazon S3 User Guide, "Locating your inventory list",
for ORC. Not recorded: how AWS writes what JSON does not have. Here moments and days are ISO 8601 texts, decimal numbers
are numbers, bytes are Base64, and a number that is none is null.
"""

from __future__ import annotations

import base64
import datetime
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from sfdebug.engine.items.dataset import ItemReaderError
from sfdebug.values import Json

_ROWS: Final = 4096
"""How many rows are taken up at a time."""

EXTRA: Final = "pip install 'sfdebug[datasets]'"
"""How to get what reads these files, and Zstandard."""


def arrow(name: str, what: str) -> ModuleType:
    """pyarrow, or the module of it called `what`. Raises ItemReaderError, which names the file, when it is missing."""
    try:
        return import_module(what)
    except ImportError as error:
        raise ItemReaderError(f"{name} cannot be read without pyarrow: {EXTRA}.") from error


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
