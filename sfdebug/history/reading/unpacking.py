"""From a file's bytes to its text: gzip in layers, base64 around it, UTF-8 or UTF-16.

CloudWatch Logs sends each subscriber gzip in base64 (`awslogs.data`, Kinesis records); Firehose writes such gzip files
one after another, compressed again when it is told to. Source: CloudWatch Logs User Guide, "Using subscription
filters".
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from typing import Final

from sfdebug.files import MAX_HISTORY_BYTES
from sfdebug.values import Json

MOST_PACKED: Final = 1 << 26
"""No more than this is unpacked of what stands in a field: a subscription delivers a megabyte of gzip at a time."""
_MOST_LAYERS: Final = 4
_CHUNK: Final = 1 << 14
"""So much is unpacked at a time: gzip makes at most a thousand times as much of it."""
_GZIP: Final = b"\x1f\x8b"
_GZIP_IN_BASE64: Final = "H4sI"
"""What gzip begins with, written in base64."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_-]+")
_ZIP: Final = b"PK\x03\x04"

NoteProblem = Callable[[str, int, str], None]
"""Notes what is wrong, the line that it is on (0: none), and how to mend it."""


def text_in(data: bytes | bytearray, note: NoteProblem, most: int = MAX_HISTORY_BYTES) -> str:
    """The text in `data`, unpacked as often as it is packed, up to `most` bytes.

    What is damaged or too much is told to `note`; the rest is kept.
    """
    for _ in range(_MOST_LAYERS):
        if data.startswith(_GZIP):
            data = _unzipped(data, note, most)
        elif (decoded := _from_base64(data)) is not None:
            data = decoded
        else:
            break
    if data.startswith(_ZIP):
        note("this is a zip archive (Excel files are such), not a history", 0, "Unpack it, or export JSON or CSV.")
        return ""
    return _decoded(data, note)


def bytes_in(text: Json) -> bytes | None:
    """What a field holds that is written in base64; None when it is no base64."""
    if not isinstance(text, str) or not _BASE64.fullmatch(packed := "".join(text.split())):
        return None
    try:
        return base64.b64decode(packed.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_base64(data: bytes | bytearray) -> bytes | None:
    """The gzip in a file that is written in base64: all of it, or line by line; None for another file."""
    if not data[:200].lstrip().startswith(_GZIP_IN_BASE64.encode()):
        return None
    text = data.decode("ascii", "replace").strip()
    lines = text.split()
    if len(lines) > 1 and all(line.startswith(_GZIP_IN_BASE64) for line in lines):
        parts = [bytes_in(line) for line in lines]
        return b"".join(part for part in parts if part is not None)
    return bytes_in(text)


def _unzipped(data: bytes | bytearray, note: NoteProblem, most: int) -> bytes | bytearray:
    """All gzip files in a row in `data`; when it is damaged or too large, as much as can be had."""
    unpacked = bytearray()
    rest = memoryview(data)
    while bytes(rest[:2]) == _GZIP:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            for start in range(0, len(rest), _CHUNK):
                unpacked += unpacker.decompress(rest[start : start + _CHUNK])
                if unpacker.eof or len(unpacked) > most:
                    break
        except zlib.error as error:
            note(f"the compressed file is damaged: {error}", 0, "What could be unpacked is kept.")
            return unpacked
        if len(unpacked) > most:
            note(f"this has more than {most >> 20} MiB when it is unpacked", 0, "Export a shorter time.")
            del unpacked[most:]
            return unpacked
        if not unpacker.eof:
            note("the compressed file is damaged: its end is missing", 0, "What could be unpacked is kept.")
            return unpacked
        used = min(start + _CHUNK, len(rest)) - len(unpacker.unused_data)
        rest = rest[used:]
    return unpacked


def _decoded(data: bytes | bytearray, note: NoteProblem) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # PowerShell writes UTF-16
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note(f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}", line, "")
        return data.decode(encoding, errors="replace")
