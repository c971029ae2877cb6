"""Which executions a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.tui.widgets.search import matcher

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome

STATUSES: Final = {
    "FAILED": ("failed", "failed"),
    "TIMED_OUT": ("failed", "failed"),
    "ABORTED": ("skipped", "muted"),
    "PENDING_REDRIVE": ("retry", "waiting"),
    "RUNNING": ("current", "current"),
    "SUCCEEDED": ("done", "done"),
}
"""Sign and paint of each status, in the order in which somebody on call wants them."""

_RANK: Final = {status: rank for rank, status in enumerate(STATUSES)}

STATUS_STEPS: Final = ("", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED")
"""What one key goes through: all, then one status alone."""

HOUR_STEPS: Final = (None, 1, 3, 24, 24 * 7, 24 * 30)
"""What one key goes through: since ever, then the last so many hours."""

_HOUR: Final = 3_600_000


class SortKey(StrEnum):
    """What a list is sorted by; within it the newest start is first."""

    STATUS = "status"
    START = "start"
    DURATION = "duration"
    NAME = "name"
    ERROR = "error"


class SortOrder(Struct, frozen=True):
    """`is_turned`: the other way round than one wants at first."""

    key: SortKey = SortKey.STATUS
    is_turned: bool = False

    @property
    def words(self) -> str:
        """`failed first`, `by start, newest first`."""
        return _ORDERS[self.key][self.is_turned]

    def next(self) -> SortOrder:
        """By the next thing."""
        keys = list(SortKey)
        return SortOrder(keys[(keys.index(self.key) + 1) % len(keys)])

    def turned(self) -> SortOrder:
        """The other way round."""
        return SortOrder(self.key, not self.is_turned)


_ORDERS: Final = {
    SortKey.STATUS: ("failed first", "failed last"),
    SortKey.START: ("newest first", "oldest first"),
    SortKey.DURATION: ("longest first", "shortest first"),
    SortKey.NAME: ("by name", "by name, backward"),
    SortKey.ERROR: ("by error", "by error, backward"),
}


class RowFilter(Struct, frozen=True):
    """What is to be shown. `text` is looked for in all that is known of an execution, `error` is the whole name of one.
    `members` are the keys of those that belong together, by what `title` says."""

    status: str = ""
    hours: int | None = None
    text: str = ""
    error: str = ""
    members: frozenset[str] | None = None
    title: str = ""

    def parts(self) -> list[tuple[str, bool]]:
        """What is said of it: each part, and whether it hides anything."""
        parts = [(self.status or "all statuses", bool(self.status)), self.span]
        parts += [(f"error {self.error}", True)] if self.error else []
        parts += [(f"/{self.text}", True)] if self.text else []
        return [*([(self.title, True)] if self.members is not None else []), *parts]

    @property
    def span(self) -> tuple[str, bool]:
        """`last 24 h`, and whether that hides anything."""
        hours = self.hours
        span = "any time" if hours is None else f"last {hours} h" if hours < 48 else f"last {hours // 24} days"
        return span, hours is not None

    @property
    def hides(self) -> bool:
        """Whether it leaves anything out."""
        return any(hides for _, hides in self.parts())

    @property
    def needs_outcomes(self) -> bool:
        """Whether it asks for what AWS's list does not say."""
        return bool(self.error or self.text)

    def since(self, now: int) -> int | None:
        """The earliest start that is shown; all in milliseconds since 1970."""
        return None if self.hours is None else now - self.hours * _HOUR

    def taken(self, rows: Iterable[ExecutionOutcome], now: int) -> list[ExecutionOutcome]:
        """Those of `rows` that are shown."""
        return [row for row in rows if all(test(row) for test in self._tests(now))]

    def _tests(self, now: int) -> list[Callable[[ExecutionOutcome], bool]]:
        since, matches = self.since(now), matcher(self.text)
        tests: list[Callable[[ExecutionOutcome], bool]] = []
        if self.members is not None:
            members = self.members
            tests.append(lambda row: row.key in members)
        if self.status:
            tests.append(lambda row: row.status == self.status)
        if since is not None:
            tests.append(lambda row: row.started_at is None or row.started_at >= since)
        if self.error:
            tests.append(lambda row: row.error == self.error)
        if matches is not None:
            tests.append(lambda row: matches(searched(row)))
        return tests


def searched(row: ExecutionOutcome) -> str:
    """All that a typed filter looks at."""
    state = row.failed_state.path if row.failed_state is not None else ""
    return f"{row.name} {row.label} {row.status} {row.error or ''} {state} {row.cause or ''} {row.key}"


def took(row: ExecutionOutcome, now: int | None) -> int | None:
    """How long an execution ran, or has run by now, in milliseconds; None where that is not known. `now` is None where
    nobody knows whether it still runs."""
    if row.is_running and row.started_at is not None and now is not None:
        return max(0, now - row.started_at)
    return row.milliseconds


def ordered(rows: Iterable[ExecutionOutcome], order: SortOrder, now: int | None) -> list[ExecutionOutcome]:
    """`rows` in an order; those of which it is not known what they are sorted by come last, either way."""
    newest_first = sorted(rows, key=lambda row: -(row.started_at or 0))
    if order.key is SortKey.START:
        return newest_first[::-1] if order.is_turned else newest_first
    if order.key is SortKey.DURATION:
        times = [(row, took(row, now)) for row in newest_first]
        known = [(row, time) for row, time in times if time is not None]
        known.sort(key=lambda one: one[1], reverse=not order.is_turned)
        return [*(row for row, _ in known), *(row for row, time in times if time is None)]
    if order.key is SortKey.NAME:
        return sorted(newest_first, key=lambda row: row.title.casefold(), reverse=order.is_turned)
    if order.key is SortKey.ERROR:
        with_error = [row for row in newest_first if row.error]
        with_error.sort(key=_error_and_state, reverse=order.is_turned)
        return [*with_error, *(row for row in newest_first if not row.error)]
    return sorted(newest_first, key=lambda row: _RANK.get(row.status, len(_RANK)), reverse=order.is_turned)


def _error_and_state(row: ExecutionOutcome) -> tuple[str, str]:
    return (row.error or "").casefold(), row.failed_state.name if row.failed_state is not None else ""
