"""Group commit: what is to be kept is queued, and whoever needs it to be in the file writes all that is queued.

Who queues waits for nothing. `commit` returns when all that was queued before is in the file: the first caller writes
for all others, and those find it done. What nobody waits for is written a moment later by a thread.

While nothing can be written (the disk is full), the queue stays, `commit` refuses, and jobs that are held wait; it is
tried again and again, and goes on where there is room.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.store.database import is_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfdebug.hosting.store.database import StoreDatabase

BACKLOG: Final = 5_000
"""With so many entries in the queue, who makes more of them writes first."""
_AGE: Final = 0.05
"""Seconds after which a thread writes what nobody waits for."""
_AGAIN: Final = 0.5
"""Seconds after which it is tried again."""


_LOOKED: Final = 1.0
"""Seconds for which the file is taken to be where it was."""


class GroupCommit:
    """Writes entries in the order in which they are queued, all or none of those that it takes together."""

    def __init__(
        self,
        database: StoreDatabase,
        write: Callable[[sqlite3.Connection, Sequence[Any]], None],
        settle: Callable[[bool], None],
        on_trouble: Callable[[str], None],
        on_recovery: Callable[[], None],
    ) -> None:
        """Write nothing yet.

        Args:
            database: Where it is written.
            write: Writes entries within a transaction.
            settle: Told after each transaction whether it is in the file.
            on_trouble: Told why nothing can be written, once.
            on_recovery: Told when it can again.
        """
        self._database = database
        self._write = write
        self._settle = settle
        self._on_trouble = on_trouble
        self._on_recovery = on_recovery
        self._writing = threading.Lock()
        self._queue: list[Any] = []
        """Entries leave it when they are in the file, and not before."""
        self._trouble = ""
        self._tried = self._looked = 0.0
        self._held: list[Callable[[], None]] = []
        self._has_more = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> int:
        """How many entries are queued."""
        return len(self._queue)

    @property
    def trouble(self) -> str:
        """Why nothing can be written now; "" while it can."""
        return self._trouble

    @property
    def is_closed(self) -> bool:
        """Whether nothing is kept any more."""
        return self._closing.is_set()

    def add(self, *entries: Any) -> None:
        """Queue entries, together. It waits for nothing."""
        if self._closing.is_set():
            return
        self._queue.extend(entries)
        if not self._has_more.is_set():
            self._has_more.set()

    def commit(self) -> None:
        """Have all that was queued before be in the file. Raises HostRefusalError (NOT_KEPT)."""
        if not self._queue:
            return
        with self._writing:
            if self._queue:
                self._write_queue()
            held, self._held = self._held, []
        for job in held:
            job()

    def check(self) -> None:
        """See that entries can be written, where they could not before. Raises HostRefusalError (NOT_KEPT)."""
        if self._trouble:
            self.commit()

    def hold(self, job: Callable[[], None]) -> None:
        """Do a job when entries can be written again."""
        with self._writing:
            if self._trouble:
                self._held.append(job)
                return
        job()

    def start(self) -> None:
        """Begin to write what nobody waits for."""
        self._thread = threading.Thread(name="sfdebug-serves-store", target=self._work, daemon=True)
        self._thread.start()

    def close(self) -> int:
        """Write what is queued; how many entries could not be. What is queued from here on is let go."""
        self._closing.set()
        self._has_more.set()
        if self._thread is not None:
            self._thread.join()
        self._tried = 0.0
        with suppress(HostRefusalError):
            self.commit()
        return len(self._queue)

    def _work(self) -> None:
        while True:
            self._has_more.wait()
            self._closing.wait(_AGAIN if self._trouble else _AGE)
            self._has_more.clear()
            if self._closing.is_set():  # looked at behind that: who closes sets both, and no news of it is wiped out
                return
            try:
                self.commit()
            except HostRefusalError:
                self._has_more.set()

    def _write_queue(self) -> None:
        """With the lock. Raises HostRefusalError."""
        if self._trouble and monotonic() - self._tried < _AGAIN / 2:
            raise self._refusal
        count = len(self._queue)
        try:
            self._look()
            with self._database.transaction() as transaction:
                self._write(transaction, self._queue[:count])
        except Exception as error:  # one that is no fault of the disk would be one of ours: it is told as well
            self._settle(False)
            self._tried = monotonic()
            is_new, self._trouble = not self._trouble, _words(error)
            if is_new:
                self._on_trouble(self._trouble)
            raise self._refusal from error
        self._settle(True)
        del self._queue[:count]
        if self._trouble:
            self._trouble = ""
            self._on_recovery()

    def _look(self) -> None:
        """Raises sqlite3.OperationalError when the file is not there any more."""
        now = monotonic()
        if self._trouble or now - self._looked >= _LOOKED:
            self._looked = now
            if not self._database.is_in_place:
                raise sqlite3.OperationalError("the file was moved or deleted")

    @property
    def _refusal(self) -> HostRefusalError:
        return HostRefusalError(RefusalReason.NOT_KEPT, str(self._database.path), self._trouble)


def _words(error: Exception) -> str:
    if isinstance(error, sqlite3.Error):
        return f"{error}: it is damaged" if is_damage(error) else str(error)
    return f"{type(error).__name__}: {error}"
