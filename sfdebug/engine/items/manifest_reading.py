"""Manifests: the files that an S3 inventory or an Athena UNLOAD lists, and the items in these.

Source: AWS Step Functions Developer Guide, "ItemReader (Map)"; Amazon S3 User Guide, "Locating your inventory list"
(manifest.json: fileFormat, fileSchema, files with keys in destinationBucket; CSV data files are gzip, without a
header); Amazon Athena User Guide, "UNLOAD" (the manifest names one data file on each line).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sfdebug.engine.items.columns import orc_rows, parquet_rows
from sfdebug.engine.items.csv_reading import csv_records
from sfdebug.engine.items.dataset import ItemReaderError
from sfdebug.engine.items.json_reading import parse_json, text_of
from sfdebug.values import Json

_COLUMNS: Final = {"ORC": orc_rows, "Parquet": parquet_rows}


def is_manifest(config: Mapping[str, Json]) -> bool:
    """Whether a ReaderConfig reads a manifest rather than the data itself."""
    return config.get("InputType") == "MANIFEST" or "ManifestType" in config


def is_athena(config: Mapping[str, Json]) -> bool:
    """Whether the manifest is one of an Athena UNLOAD; the other kind is an S3 inventory's."""
    kind = config.get("ManifestType", "S3_INVENTORY")
    if kind not in ("ATHENA_DATA", "S3_INVENTORY"):
        raise ItemReaderError("ManifestType must be ATHENA_DATA or S3_INVENTORY.")
    return kind == "ATHENA_DATA"


def listed_files(config: Mapping[str, Json], content: bytes, name: str) -> tuple[str, ...]:
    """The `s3://bucket/key` of each data file that a manifest names. Raises ItemReaderError when it is none."""
    if is_athena(config):
        lines = text_of(content, name).split("\n")
        return tuple(line.strip().strip('"') for line in lines if line.strip())
    manifest = _inventory(content, name)
    bucket = str(manifest["destinationBucket"]).rpartition(":")[2]
    return tuple(f"s3://{bucket}/{key}" for key in _keys(manifest, name))


def inventory_items(content: bytes, files: Mapping[str, bytes], name: str) -> Iterator[Json]:
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
            yield from rows(data_of(uri, files), uri)
        return
    if file_format != "CSV":
        raise ItemReaderError(f"{name}: the inventory's fileFormat is {file_format}; it must be CSV, ORC or Parquet.")
    headers = [header.strip() for header in str(manifest.get("fileSchema", "")).split(",")]
    for uri in listed_files({}, content, name):
        text = text_of(data_of(uri, files), uri)
        for record in csv_records(text, ",", uri):
            yield dict(zip(headers, record, strict=False))


def data_of(uri: str, files: Mapping[str, bytes]) -> bytes:
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
