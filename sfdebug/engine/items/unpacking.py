"""Compressed datasets. Source: AWS Step Functions Developer Guide, "ItemReader (Map)": GZIP and ZSTD are supported."""

from __future__ import annotations

import zlib
from typing import Final

from sfdebug.engine.items.columns import arrow
from sfdebug.engine.items.dataset import ItemReaderError
from sfdebug.files import MAX_DATASET_BYTES

MAX_UNPACKED_BYTES: Final = MAX_DATASET_BYTES
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


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
