"""The lines of a journal: JSON, each with a checksum over itself and all before it.

A line is `["1a2b3c4d",{...}]`. A tail that was torn off is told by its checksum, and so is a line that is missing,
moved or changed: what stands before it holds.
"""

from __future__ import annotations

import json
from typing import Any, Final
from zlib import crc32

from msgspec import Struct

from sfdebug.debugger.sessions.errors import SessionError

_HEAD: Final = 12
"""`["1a2b3c4d",`"""

_encode = json.JSONEncoder(separators=(",", ":")).encode


def text_of(value: Any) -> str:
    """A JSON value as it stands in a line: in ASCII, so that what is no UTF-8 comes back as well.

    Raises SessionError for what cannot be written as JSON.
    """
    try:
        return _encode(value)
    except RecursionError:
        raise SessionError("the data are nested too deeply to be saved") from None
    except (TypeError, ValueError) as error:
        raise SessionError(f"the data cannot be saved as JSON: {error}") from None


def line_of(text: str, chain: int) -> tuple[bytes, int]:
    """The line that holds a JSON text, and the checksum that the next one continues from."""
    body = text.encode("ascii")
    chain = crc32(body, chain)
    return b'["%08x",%b]\n' % (chain, body), chain


class Lines(Struct, frozen=True, gc=False):
    """The lines of a journal that hold: their JSON texts, how many bytes they take, the checksum at their end.

    `damaged` is the number of the first line that is whole and does not hold; 0 where there is none. A last line that
    was torn off is no damage: it was being written.
    """

    texts: tuple[bytes, ...]
    size: int
    chain: int
    damaged: int = 0


def lines_in(data: bytes) -> Lines:
    """The lines in the bytes of a journal, as far as they hold."""
    texts: list[bytes] = []
    chain = start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        body = data[start + _HEAD : end - 1]
        after = crc32(body, chain)
        if end < 0 or data[start : start + _HEAD] != b'["%08x",' % after or data[end - 1 : end] != b"]":
            return Lines(tuple(texts), start, chain, 0 if end < 0 else len(texts) + 1)
        texts.append(body)
        chain, start = after, end + 1
    return Lines(tuple(texts), start, chain)


def value_in(text: bytes) -> Any:
    """The JSON value in a line. Raises SessionError when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"it holds a line that is no JSON: {error}") from None
