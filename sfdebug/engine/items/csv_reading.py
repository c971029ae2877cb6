"""Text delimited files (InputType CSV) as items: one object of texts for each record.

Source: AWS Step Functions Developer Guide, "How Step Functions parses input CSV files" and "ItemReader (Map)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sfdebug.engine.items.formats import ItemReaderError, text_of
from sfdebug.values import Json

DELIMITERS: Final[Mapping[str, str]] = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_MAX_HEADER_BYTES: Final = 10 * 1024
"""Developer Guide, "ItemReader (Map)": CSV headers of up to 10 KB."""


def csv_items(content: bytes, config: Mapping[str, Json], name: str) -> Iterator[Json]:
    """The records of `content` as objects of texts, by the CSV fields of a ReaderConfig; `name` is the file's.

    A record with too few fields gets empty texts for the rest, one with too many loses them (recorded). Raises
    ItemReaderError where the file or the fields cannot be used.
    """
    records = csv_records(text_of(content, name), _delimiter(config), name)
    location = config.get("CSVHeaderLocation")
    if location == "GIVEN":
        headers = _given_headers(config)
    elif location == "FIRST_ROW":
        headers = next(records, [])
    else:
        raise ItemReaderError("CSVHeaderLocation must be FIRST_ROW or GIVEN when InputType is CSV.")
    _check_headers(headers)
    return _objects(headers, records)


def _objects(headers: list[str], records: Iterator[list[str]]) -> Iterator[Json]:
    width = len(headers)
    for record in records:
        if len(record) < width:
            record = record + [""] * (width - len(record))
        yield dict(zip(headers, record, strict=False))


def _delimiter(config: Mapping[str, Json]) -> str:
    name = config.get("CSVDelimiter", "COMMA")
    if not isinstance(name, str) or name not in DELIMITERS:
        raise ItemReaderError(f"CSVDelimiter must be one of {', '.join(DELIMITERS)}.")
    return DELIMITERS[name]


def _given_headers(config: Mapping[str, Json]) -> list[str]:
    headers = config.get("CSVHeaders")
    if not isinstance(headers, list) or not headers or not all(isinstance(header, str) for header in headers):
        raise ItemReaderError("CSVHeaders must be a list of texts when CSVHeaderLocation is GIVEN.")
    return [str(header) for header in headers]


def _check_headers(headers: list[str]) -> None:
    if len(set(headers)) < len(headers):
        # Recorded: a name that stands twice in CSVHeaders.
        raise ItemReaderError("CSV headers cannot contain duplicates.")
    if sum(len(header.encode("utf-8", "surrogatepass")) for header in headers) > _MAX_HEADER_BYTES:
        raise ItemReaderError(f"CSV headers cannot be larger than {_MAX_HEADER_BYTES} bytes.")


def csv_records(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    """The records of a delimited text, each a list of its fields.

    A newline ends a record, except inside double quotes. A line of blanks is a record (recorded); that an empty
    line is one too is not recorded. Raises ItemReaderError when a quote is never closed.
    """
    if '"' not in text and "\\" not in text:
        yield from _plain_records(text, delimiter)
        return
    scanner = _CsvScanner(delimiter)
    tokens = re.findall(rf'[^"\\\r\n{re.escape(delimiter)}]+|\r\n|[\s\S]', text)
    position, last = 0, len(tokens)
    while position < last:
        follower = tokens[position + 1] if position + 1 < last else ""
        position += scanner.take(tokens[position], follower)
        if scanner.is_complete:
            yield scanner.record()
    if scanner.is_quoted:
        raise ItemReaderError(f"{name}: a double quotation mark in the last record is never closed.")
    if scanner.has_begun:
        yield scanner.record()


def _plain_records(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    for line in lines:
        yield line.split(delimiter)


class _CsvScanner:
    """One record after another, token by token."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._escapable = {'"', "\\", delimiter}
        self._fields: list[str] = []
        self._parts: list[str] = []
        self._in_field = False
        self.is_quoted = False
        self.is_complete = False

    @property
    def has_begun(self) -> bool:
        return bool(self._fields) or self._in_field

    def take(self, token: str, follower: str) -> int:
        """Take `token`, and `follower` with it where the two are one; how many were taken."""
        if token == "\\":
            return self._escape(follower)
        if token == '"':
            return self._quote(follower)
        if not self.is_quoted and token == self._delimiter:
            self._end_field()
        elif not self.is_quoted and token in ("\n", "\r", "\r\n"):
            self.is_complete = True
        else:
            self._parts.append(token)
            self._in_field = True
        return 1

    def record(self) -> list[str]:
        """The record that is complete; the next one begins."""
        self._end_field()
        fields, self._fields, self.is_complete = self._fields, [], False
        return fields

    def _end_field(self) -> None:
        self._fields.append("".join(self._parts))
        self._parts, self._in_field = [], False

    def _escape(self, follower: str) -> int:
        """A backslash keeps a quote, a backslash or the delimiter; before anything else it is dropped."""
        self._in_field = True
        if follower in self._escapable:
            self._parts.append(follower)
            return 2
        return 1

    def _quote(self, follower: str) -> int:
        """Inside a field two quotes are one, quoted or not; one alone opens or closes, or is kept in mid-field."""
        if self._in_field and follower == '"':
            self._parts.append('"')
            return 2
        if self.is_quoted:
            self.is_quoted = False
        elif self._in_field:
            self._parts.append('"')
        else:
            self.is_quoted = self._in_field = True
        return 1
