"""The JSON in a file, whatever it is wrapped in: gzip, several documents in a row, lines of a log, a CSV export.

What can be read is kept: after a place that is no JSON the next object is looked for, and the place is told.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from sfdebug.errors import Problem
from sfdebug.files import MAX_HISTORY_BYTES, MAX_VALUES, has_too_many_values, too_large
from sfdebug.values import Json

_MOST_PROBLEMS: Final = 20
_OBJECT: Final = re.compile(r'\{\s*"')
_BLANK: Final = re.compile(r"[\s,]*")
_PATIENCE: Final = 1_000_000
"""How many characters may be looked at in vain when the objects of a damaged file are looked for."""
_MARKS: Final = frozenset({"id", "message", "@message", "execution_arn"})
"""An object inside a damaged file is taken for an event when it has one of these."""
_MESSAGE_COLUMNS: Final = ("message", "@message")


@dataclass(frozen=True, slots=True)
class Piece:
    """One JSON value of a file, and the line that it starts on."""

    value: Json
    line: int


class Reader:
    """Reads one file; `problems` grows as its pieces are taken."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.text = self._decoded(self._unpacked(data))
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._line, self._counted = 1, 0

    def tell(self, what: str, line: int = 0, fix: str = "", where: str = "") -> None:
        """Note what is wrong; after the first few only that there is more."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, line, 1 if line else 0, what, fix, where, severity="warning"))
        elif len(self.problems) == _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, 0, 0, "there is more that cannot be read", "", severity="warning"))

    def pieces(self) -> Iterator[Piece]:
        """The values in the file, in order."""
        if has_too_many_values(self.text):
            self.tell(f"there are more than {MAX_VALUES:,} values in it, the most that is read")
            return
        rows = self._csv_rows()
        if rows is not None:
            yield from rows
            return
        text, position = self.text, _next_start(self.text, 0)
        while position < len(text):
            line = self._line_at(position)
            if text[position] not in "{[":
                position = self._skip_prefix(position, line)
                continue
            try:
                value, end = self._decoder.raw_decode(text, position)
            except (ValueError, RecursionError) as error:
                position = yield from self._salvage(position, error)
                continue
            yield Piece(value, line)
            position = _next_start(text, end)

    def _skip_prefix(self, position: int, line: int) -> int:
        """What stands before the JSON of a log line; where that starts, or the next line when it has none."""
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        brace = self.text.find("{", position, end)
        if brace >= 0:
            return brace
        self.tell("this is no history event, and no JSON", line)
        return _next_start(self.text, end)

    def _salvage(self, position: int, error: Exception) -> Generator[Piece, None, int]:
        """After a document that is not JSON: the objects inside it, one by one; where to go on."""
        text = self.text
        broken_at = self._line_at(getattr(error, "pos", position))
        self.tell(self._what_is_wrong(error), broken_at, "What could be read around it is kept.")
        events = re.compile(r'"events"\s*:\s*\[').search(text, position)
        inner = _OBJECT.search(text, events.end() if events else position + 1)
        patience = _PATIENCE + 4 * len(text)
        while inner is not None and patience > 0:
            start = inner.start()
            try:
                value, end = self._decoder.raw_decode(text, start)
            except (ValueError, RecursionError) as failure:
                end = start + 1
                patience -= getattr(failure, "pos", start + 1_000) - start
            else:
                if isinstance(value, dict) and not _MARKS.isdisjoint(value):
                    yield Piece(value, self._line_at(start))
            inner = _OBJECT.search(text, end)
        return len(text)

    def _what_is_wrong(self, error: Exception) -> str:
        """A document that only lacks its end was cut off: a download that broke, a disk that was full."""
        if isinstance(error, json.JSONDecodeError):
            in_text = error.msg.startswith("Unterminated string")
            if in_text or not self.text[error.pos :].strip():
                return "the file ends in the middle of its JSON: it was cut off here"
        return f"this is not JSON: {_reason(error)}"

    def _csv_rows(self) -> Iterator[Piece] | None:
        """The messages of a CSV export; None when the file is none. Source: CloudWatch console, "Download (CSV)"."""
        head = self.text.lstrip("\ufeff \r\n").partition("\n")[0]
        if head[:1] in "{[" or "," not in head:
            return None
        names = [name.strip().strip('"').lower() for name in head.split(",")]
        column = next((names.index(name) for name in _MESSAGE_COLUMNS if name in names), None)
        return None if column is None else self._messages(column)

    def _messages(self, column: int) -> Iterator[Piece]:
        csv.field_size_limit(MAX_HISTORY_BYTES)
        rows = csv.reader(io.StringIO(self.text, newline=""))
        try:
            next(rows)
            for row in rows:
                if len(row) > column:
                    yield from self._message(row[column], rows.line_num)
                elif row:
                    self.tell("this row has no message", rows.line_num)
        except (csv.Error, StopIteration) as error:
            self.tell(f"this is not CSV: {error}", rows.line_num)

    def _message(self, text: str, line: int) -> Iterator[Piece]:
        value = self.parsed(text, line)
        if value is not None:
            yield Piece(value, line)

    def parsed(self, text: str, line: int) -> Json:
        """The object that a log message holds; None when it holds none, which is told."""
        brace = text.find("{")
        try:
            if brace >= 0:
                return self._decoder.raw_decode(text, brace)[0]  # type: ignore[no-any-return]
        except (ValueError, RecursionError) as error:
            self.tell(f"this message is not JSON: {_reason(error)}", line)
            return None
        self.tell("this message is not JSON", line)
        return None

    def _line_at(self, position: int) -> int:
        """The line of a position; quick as long as positions grow."""
        if position < self._counted:
            return self.text.count("\n", 0, position) + 1
        self._line += self.text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _unpacked(self, data: bytes) -> bytes:
        if data[:2] != b"\x1f\x8b":
            return data
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                unpacked = file.read(MAX_HISTORY_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            self.tell(f"the compressed file is damaged: {error}", fix="What could be unpacked is kept.")
            return _unpacked_start(data)
        if len(unpacked) > MAX_HISTORY_BYTES:
            self.tell(f"what the compressed file holds cannot be read: {too_large(MAX_HISTORY_BYTES)}")
            return b""
        return unpacked

    def _decoded(self, data: bytes) -> str:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # PowerShell writes UTF-16
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.tell(f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}", line)
            return data.decode(encoding, errors="replace")


def _unpacked_start(data: bytes) -> bytes:
    """As much of a gzip file as can be unpacked."""
    unpacker, parts = zlib.decompressobj(wbits=31), bytearray()
    try:
        for start in range(0, len(data), 4096):
            parts += unpacker.decompress(data[start : start + 4096], MAX_HISTORY_BYTES - len(parts) + 1)
            if len(parts) > MAX_HISTORY_BYTES:
                return b""
    except zlib.error:
        pass
    return bytes(parts)


def _next_start(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else len(text)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(getattr(error, "msg", None) or error)[:120]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
