"""CSV exports of logs: a row for each log event, with its message, or with the fields that a query selected.

Source: CloudWatch console, "Download (CSV)"; CloudWatch Logs User Guide, "Export query results".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.files import MAX_HISTORY_BYTES

if TYPE_CHECKING:
    from sfdebug.values import Json

_SEPARATORS: Final = (",", ";", "\t")
_MESSAGES: Final = ("message", "@message")


class CsvEndedError(Exception):
    """A text that is not CSV from here on: what is wrong, and the line from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def is_table(text: str) -> bool:
    """Whether `text` is a table with a column for messages, or with columns for an event's id and type."""
    return _columns(text) is not None


def table_rows(text: str) -> Iterator[tuple[dict[str, Json], int]]:
    """The rows of a table as objects, by the names of its columns, and the line that each ends on.

    Raises CsvEndedError where the text stops being CSV.
    """
    found = _columns(text)
    if found is None:
        return
    names, separator = found
    csv.field_size_limit(MAX_HISTORY_BYTES)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff \r\n"), newline=""), delimiter=separator)
    shift = text[: len(text) - len(text.lstrip("\ufeff \r\n"))].count("\n")
    try:
        next(rows, None)
        for row in rows:
            if row:
                yield dict(zip(names, row, strict=False)), rows.line_num + shift
    except csv.Error as error:
        raise CsvEndedError(f"this is not CSV: {error}", rows.line_num + shift) from error


def _columns(text: str) -> tuple[list[str], str] | None:
    """The names of the columns, and what stands between them; None when this is no such table."""
    head = text.lstrip("\ufeff \r\n").partition("\n")[0].rstrip("\r")
    if head[:1] in ("{", "[", "") or len(head) > 10_000:
        return None
    for separator in _SEPARATORS:
        names = [name.strip().strip('"') for name in head.split(separator)]
        known = [name.lower() for name in names]
        if (separator in head and any(name in known for name in _MESSAGES)) or {"id", "type"} <= set(known):
            return [name.lower() if name.lower() in _MESSAGES else name for name in names], separator
    return None
