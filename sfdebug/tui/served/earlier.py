"""Executions that are over and no longer in memory, as a store has them: of an earlier process, or of this one. They
are read page by page, the newest first, when somebody comes near their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.hosting.observing import HostObserver
from sfdebug.hosting.refusals import HostRefusalError
from sfdebug.tui.served.rows import ServedRow, row_of

if TYPE_CHECKING:
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.keeping import HostKeeping
    from sfdebug.hosting.records import EarlierExecution

_PAGE: Final = 500
MOST_EARLIER: Final = 10_000
"""So many are read at most; older ones are asked for by clients."""


class EarlierExecutions(HostObserver):
    """Those that were read, the newest first. It is an observer of the host: what leaves memory comes to it."""

    def __init__(self, keeping: HostKeeping, page: int = _PAGE) -> None:
        self._keeping = keeping
        self._page = page
        self._before: int | None = None
        """The number of the last one that was read."""
        self._is_whole = False
        self._forgotten: list[ServedRow] = []
        self._read: list[ServedRow] = []
        self.count = 0
        """How many were kept when this began."""
        self.trouble = ""
        """Why they cannot be read."""

    def begin(self) -> None:
        """Count them, and read the first page."""
        try:
            self.count = self._keeping.count_earlier()
        except HostRefusalError as error:
            self.trouble, self._is_whole = str(error), True
        self.more()

    @property
    def rows(self) -> list[ServedRow]:
        """Those that are known by now."""
        return [*reversed(self._forgotten), *self._read]

    @property
    def unread(self) -> int:
        """How many there are besides, as far as that is known."""
        return 0 if self._is_whole and not self.is_full else max(0, self.count - len(self._read))

    @property
    def is_full(self) -> bool:
        """Whether no more are read."""
        return len(self._read) >= MOST_EARLIER

    def more(self) -> bool:
        """Read the next page; whether there was one."""
        if self._is_whole or self.is_full:
            return False
        try:
            page = self._keeping.earlier(self._before, self._page)
        except HostRefusalError as error:
            self.trouble, page = str(error), ()
        self._is_whole = len(page) < self._page
        if page:
            self._before = page[-1].number
            self._read += map(_row, page)
        return bool(page)

    def forgotten(self, hosted: HostedExecution) -> None:
        """One has left memory."""
        if self._keeping.has(hosted.facts.arn):
            self._forgotten = [*self._forgotten, row_of(hosted)][-MOST_EARLIER:]


def _row(one: EarlierExecution) -> ServedRow:
    """A row of what is kept: where it failed is not known without running it again."""
    return ServedRow(
        status=str(one.status),
        machine=one.machine_name,
        name=one.name,
        states="",
        error=one.error or "",
        cause=one.cause or "",
        started=one.started,
        took=one.stopped - one.started,
        arn=one.arn,
        test_case=one.test_case,
    )
