"""Texts that many rows have, each of which is in the file once: definitions, and machines with them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of, value_in
from sfdebug.hosting.records import MachineRecord
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.tables import column, text_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

_KNOWN: Final = 10_000
"""So many texts are known by their numbers."""


class TextWriter:
    """Puts texts into the file, and knows the numbers of those that are."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._new: list[bytes] = []
        self._machines: dict[int, tuple[MachineRecord, int]] = {}
        """By their ids in memory, machines that were put: executions are started of the same ones again and again."""

    def number(self, connection: sqlite3.Connection, text: str) -> int:
        """The number of a text, which is in the file with this transaction."""
        digest = _digest(text)
        number = self._numbers.get(digest)
        if number is None:
            connection.execute("INSERT OR IGNORE INTO texts (digest, text) VALUES (?, ?)", (digest, column(text)))
            number = int(connection.execute("SELECT id FROM texts WHERE digest = ?", (digest,)).fetchone()[0])
            if len(self._numbers) >= _KNOWN:
                self._numbers.clear()
            self._numbers[digest] = number
            self._new.append(digest)
        return number

    def machine(self, connection: sqlite3.Connection, record: MachineRecord) -> int:
        """The number of a machine."""
        known = self._machines.get(id(record))
        if known is not None and known[0] is record:
            return known[1]
        plain = msgspec.to_builtins(record)
        plain["definition"] = self.number(connection, record.definition)
        number = self.number(connection, text_of(plain))
        if len(self._machines) >= _KNOWN:
            self._machines.clear()
        self._machines[id(record)] = record, number
        return number

    def settle(self, *, is_written: bool) -> None:
        """The transaction is in the file, or is not."""
        if not is_written:
            for digest in self._new:
                self._numbers.pop(digest, None)
            self._machines.clear()
        self._new = []


class TextReader:
    """Texts by their numbers, and machines, each made once."""

    def __init__(self, rows: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]) -> None:
        """`rows` asks the file."""
        self._rows = rows
        self._machines: dict[int, MachineRecord] = {}

    def number(self, text: str) -> int | None:
        """The number of a text, None where it is not there. Raises StoreError."""
        found = self._rows("SELECT id FROM texts WHERE digest = ?", (_digest(text),))
        return int(found[0][0]) if found else None

    def text(self, number: int) -> str:
        """A text. Raises StoreError."""
        found = self._rows("SELECT text FROM texts WHERE id = ?", (number,))
        if not found:
            raise StoreError(f"it refers to a text that it does not hold ({number})")
        return text_in(found[0][0])

    def machine(self, number: int) -> MachineRecord:
        """A machine. Raises StoreError."""
        record = self._machines.get(number)
        if record is None:
            plain = plain_in(self.text(number))
            plain["definition"] = self.text(int(plain.get("definition", 0)))
            record = self._machines[number] = made(MachineRecord, plain)
        return record


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def plain_in(text: str) -> dict[str, Any]:
    """The JSON object in a column. Raises StoreError for what is none."""
    try:
        value = value_in(text.encode("utf-8", "surrogatepass"))
    except SessionError as error:
        raise StoreError(error.what) from error
    if not isinstance(value, dict):
        raise StoreError("it has something else where an object belongs")
    return value


def made(kind: type[Any], plain: dict[str, Any]) -> Any:
    """A value of a kind from its members. Raises StoreError where they are not its own."""
    try:
        return kind(**plain)
    except TypeError as error:
        raise StoreError(f"it has something else where a {kind.__name__} belongs: {error}") from error
