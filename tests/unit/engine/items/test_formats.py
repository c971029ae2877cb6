"""Parquet and ORC files, Zstandard, and inventories in columns, as items. Without pyarrow only the refusals."""

from __future__ import annotations

import datetime
import importlib
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Dataset
from sfdebug.engine.items.formats import ItemReaderError
from sfdebug.engine.items.reading import read_items
from sfdebug.values import Json

ROWS: list[dict[str, Any]] = [{"id": 1, "name": "fig", "tags": ["a"]}, {"id": 2, "name": None, "tags": []}]


def packed(rows: list[dict[str, Any]], module: str = "pyarrow.parquet") -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    table, stream = pyarrow.Table.from_pylist(rows), io.BytesIO()
    importlib.import_module(module).write_table(table, stream)
    return stream.getvalue()


def zstandard(content: bytes) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    stream = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(stream, "zstd") as out:
        out.write(content)
    return bytes(stream.getvalue().to_pybytes())


def items(config: dict[str, Json], content: bytes, most: int | None = None) -> list[Json]:
    return list(read_items(config, Dataset(content=content, source="s3://b/k"), max_items=most).values)


def test_the_rows_of_a_parquet_file() -> None:
    content = packed(ROWS)
    assert items({"InputType": "PARQUET"}, content) == ROWS
    assert items({"InputType": "PARQUET"}, content, 1) == ROWS[:1]


def test_what_json_does_not_have() -> None:
    moment = datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    row = {
        "at": moment,
        "day": moment.date(),
        "price": Decimal("1.50"),
        "raw": b"\x00\xff",
        "part": {"x": float("nan")},
    }
    assert items({"InputType": "PARQUET"}, packed([row])) == [
        {"at": "2025-01-02T03:04:05Z", "day": "2025-01-02", "price": 1.5, "raw": "AP8=", "part": {"x": None}}
    ]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 no PAR1", b"{}"])
def test_what_is_no_parquet_file(content: bytes) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(ItemReaderError, match=r"s3://b/k is no readable Parquet file"):
        items({"InputType": "PARQUET"}, content)


@pytest.mark.parametrize(
    ("config", "content"),
    [
        ({"InputType": "JSON"}, b"[1, 2]"),
        ({"InputType": "JSONL"}, b"1\n2\n"),
    ],
)
def test_zstandard_is_unpacked(config: dict[str, Json], content: bytes) -> None:
    assert items(config, zstandard(content)) == [1, 2]
    with pytest.raises(ItemReaderError, match="no readable Zstandard file"):
        items(config, zstandard(content)[:-3])


@pytest.mark.parametrize(("kind", "module"), [("Parquet", "pyarrow.parquet"), ("ORC", "pyarrow.orc")])
def test_an_inventory_in_columns(kind: str, module: str) -> None:
    rows = [{"bucket": "b", "key": "x 1.txt", "size": 7}, {"bucket": "b", "key": "y.txt", "size": 8}]
    files = {"s3://lists/1": packed(rows[:1], module), "s3://lists/2": packed(rows[1:], module)}
    manifest = {
        "destinationBucket": "arn:aws:s3:::lists",
        "fileFormat": kind,
        "files": [{"key": "1"}, {"key": "2"}],
    }
    dataset = Dataset(content=json.dumps(manifest).encode(), files=files, source="s3://lists/manifest.json")
    assert read_items({"InputType": "MANIFEST"}, dataset).values == tuple(rows)


def test_an_athena_unload_of_parquet_files() -> None:
    files = {"s3://out/1": packed(ROWS[:1]), "s3://out/2": packed(ROWS[1:])}
    config: dict[str, Json] = {"ManifestType": "ATHENA_DATA", "InputType": "PARQUET"}
    found = read_items(config, Dataset(content=b"s3://out/1\ns3://out/2\n", files=files, source="s3://m/m.csv"))
    assert list(found.values) == ROWS
    assert found.sources == ("s3://out/1", "s3://out/2")


@pytest.mark.parametrize(
    ("config", "content"), [({"InputType": "PARQUET"}, b"PAR1"), ({"InputType": "JSON"}, b"\x28\xb5\x2f\xfd...")]
)
def test_without_pyarrow_there_is_a_way_out(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Json], content: bytes
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("sfdebug.engine.items.formats.import_module", missing)
    with pytest.raises(ItemReaderError, match=r"pip install 'sfdebug\[datasets\]'"):
        items(config, content)
