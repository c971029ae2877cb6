"""The file: a database of SQLite that one process has at a time. What it holds is in `tables.py`.

It is written ahead (WAL): after a commit, whatever ends the process loses nothing; a power cut may lose the last
commits, and leaves what was before them. Source: SQLite docs, "PRAGMA synchronous", NORMAL.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfdebug.debugger.sessions.journal import lock
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.tables import TABLES, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT: Final = 1
"""Of what is in the file; a later version of sfdebug may have another one."""
_APPLICATION: Final = 0x5FDB6001
"""SQLite's application_id, by which a file is known for a store."""
_LOCK: Final = "-lock"
_BUSY: Final = 5.0
"""Seconds that another program that reads the file is waited for."""
_OTHER: Final = "Give another file, or one that does not exist yet."
_DAMAGED: Final = (
    "It is damaged. SQLite may still get something out of it: sqlite3 FILE .recover. Or move it away, and begin anew."
)


class StoreDatabase:
    """An open file: one connection that writes, one that reads what was committed."""

    def __init__(self, path: Path, lock_descriptor: int) -> None:
        self.path = path
        self._lock_descriptor = lock_descriptor
        self._writer = _connection(path)
        self._reader = _connection(path)
        self._reading = threading.Lock()
        self._inode = (0, 0)

    @classmethod
    def open(cls, given: str) -> StoreDatabase:
        """Open a file, or make it.

        Raises:
            StoreError: Where it cannot be opened, is something else, of a later version, damaged, or another process
                has it.
        """
        with _told(given):
            path = Path(os.path.realpath(given))
            was_locked_before = _lock_beside(path).exists()
            descriptor = _locked(path)
            try:
                return cls._opened(path, descriptor)
            except BaseException:
                if not was_locked_before:  # what is refused keeps nothing beside it
                    with suppress(OSError):
                        _lock_beside(path).unlink()
                os.close(descriptor)
                raise

    @classmethod
    def _opened(cls, path: Path, descriptor: int) -> StoreDatabase:
        _make(path)
        database = cls(path, descriptor)
        try:
            database._prepare()
        except BaseException:
            database._disconnect()
            raise
        return database

    def _prepare(self) -> None:
        writer = self._writer
        application = _number(writer, "application_id")
        version = _number(writer, "user_version")
        is_empty = application == 0 and not writer.execute("SELECT 1 FROM sqlite_master").fetchall()
        if not is_empty and application != _APPLICATION:
            raise StoreError("it is a database of something else", where=str(self.path), fix=_OTHER)
        if version > FORMAT:
            fix = "Use a version of sfdebug that is as new as the one that wrote it, or another file."
            raise StoreError(f"a later version of sfdebug wrote it (format {version})", where=str(self.path), fix=fix)
        for connection in (writer, self._reader):
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = NORMAL")
        if is_empty:
            with self.transaction():
                for table in TABLES:
                    writer.execute(table)
                writer.execute(f"PRAGMA application_id = {_APPLICATION}")
                writer.execute(f"PRAGMA user_version = {FORMAT}")
        else:
            writer.execute(TOKENS)
        self._reader.execute("PRAGMA query_only = ON")
        found = self.path.stat()
        self._inode = found.st_dev, found.st_ino

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still where it was: what is written into one that was deleted is lost."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._inode

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write inside, all of it or nothing. One thread at a time. Raises sqlite3.Error."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield self._writer
            self._writer.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have rolled it back already
                self._writer.execute("ROLLBACK")
            raise

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows at once, before anything else is written. Raises StoreError."""
        with _told(str(self.path)), self.transaction() as transaction:
            transaction.executemany(statement, rows)

    def rows(self, question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What was committed. Raises StoreError."""
        with self._reading, _told(str(self.path)):
            found: list[tuple[Any, ...]] = self._reader.execute(question, values).fetchall()
            return found

    def close(self) -> None:
        """Let go of the file."""
        self._disconnect()
        os.close(self._lock_descriptor)

    def _disconnect(self) -> None:
        for connection in (self._reader, self._writer):  # the last one to go puts all into the one file
            with suppress(sqlite3.Error):
                connection.close()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is damaged, which does not pass by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _connection(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False, cached_statements=256)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _lock_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{_LOCK}")


def _locked(path: Path) -> int:
    """A descriptor that keeps the file for this process: of one beside it, as SQLite's own locks on the file itself are
    lost when anybody in the process closes it."""
    beside = _lock_beside(path)
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        lock(descriptor)
        if not _is_there(beside, descriptor):  # who had it just before was refused, and has taken it away
            os.close(descriptor)
            return _locked(path)
    except BlockingIOError:
        process = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        who = f"another sfdebug (process {process})" if process.isdecimal() else "another sfdebug"
        raise StoreError(
            f"{who} has it open", where=str(path), fix="End that one, or give another file: one serves at a time."
        ) from None
    with suppress(OSError):  # a full disk: it is locked all the same
        os.truncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _make(path: Path) -> None:
    """Have the file be there, for its owner alone."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if not stat.S_ISREG(path.stat().st_mode):
        raise StoreError("it is no file", where=str(path), fix=_OTHER)


@contextmanager
def _told(where: str) -> Iterator[None]:
    """What SQLite and the system say, as an error of the store."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if isinstance(error, sqlite3.OperationalError):
            raise StoreError(f"it cannot be used: {said}", where=where, fix=_FIXES.get(said, _OTHER)) from error
        if "not a database" in said:
            raise StoreError("it is no store: it is no database", where=where, fix=_OTHER) from error
        raise StoreError(f"it cannot be read: {said}", where=where, fix=_DAMAGED) from error
    except OSError as error:
        what = f"it cannot be used: {error.strerror or error}"
        raise StoreError(what, where=where, fix="Give a file in a folder that you may write.") from error
    except ValueError as error:  # a NUL character in the path
        raise StoreError(f"it cannot be used: {error}", where=repr(where), fix=_OTHER) from error


_FIXES: Final = {
    "database is locked": "Another program is writing into it. End that one first.",
    "attempt to write a readonly database": "Give a file that you may write.",
    "database or disk is full": "Make room on the disk.",
}
