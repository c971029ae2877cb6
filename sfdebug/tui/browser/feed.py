"""All that is known of the executions of one state machine or Map Run while a list of them is open: pages of the list,
what is new since, and what is found by looking into those that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.errors import DeniedError
from sfdebug.aws.listing import CHILDREN_FAILED_FIRST, FAILED_FIRST, Wanted
from sfdebug.errors import SfdebugError
from sfdebug.executions.account import AccountSource
from sfdebug.executions.log import logged_pages
from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.tui.browser.filters import SortKey
from sfdebug.tui.browser.kept import RecordingsSource
from sfdebug.tui.browser.reading import Filled, Filler, Once, PageLoaded, Pages, ReadingDone, ReadingFailed

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tui.browser.filters import RowFilter, SortOrder

PAGES_AT_ONCE: Final = 20
"""So many pages are read before somebody moves again: a filter that nothing fits does not read all of an account."""

LOOKS_AT_ONCE: Final = 200
"""So many executions that failed are looked into without being asked to, the newest first."""
LOOKS_INTO_FILES: Final = 10_000
"""So many where nobody outside is asked."""
LOOKS_INTO_LOG: Final = 20
"""So many where each look is a search in a log."""
ENOUGH_FAILURES: Final = 5_000
"""So many executions that failed are listed without somebody moving there."""
MOST_ROWS: Final = 25_000
"""So many executions a list has room for; a filter reads others."""
_MOST_CAUSE: Final = 4_000
"""Characters of a cause that are kept for a row: AWS has up to 32,768 of them, and what is opened is read anew."""


class FeedNews(Struct, frozen=True):
    """What came in: whether rows are new or others, and which executions have failed since one looked last."""

    changes_rows: bool = True
    failed: tuple[ExecutionOutcome, ...] = ()


class ExecutionFeed:
    """What is known, and the threads that find out more. `source` is asked for anew after each trouble."""

    def __init__(
        self,
        screen: Screen[Any],
        source: Callable[[], ExecutionSource],
        of: str,
        *,
        is_map_run: bool = False,
        is_log: bool = False,
        is_account: bool = True,
    ) -> None:
        """`of` is the ARN of a state machine or a Map Run; `is_log`: its executions are read from a log; `is_account`:
        what is looked into is asked of AWS."""
        self.is_account = is_account
        self._screen = screen
        self._source = source
        self.of = of
        self.is_log = is_log
        """Whether a log is read, as a whole, in place of AWS's list."""
        order = CHILDREN_FAILED_FIRST if is_map_run else FAILED_FIRST
        self._order = order if is_account else (*order, "")
        """The statuses that pages come in; of files that cannot be read none is known, and they come last."""
        self.rows: dict[str, ExecutionOutcome] = {}
        """All that is known, by key."""
        self.listed: dict[str, None] = {}
        """The keys of those that the list in force has given; the others are from one before."""
        self.wanted = Wanted()
        self._is_first_page = True
        self._is_past_failures = False
        self._is_in_order = True
        self.is_broken = False
        """Whether the list could not be read on."""
        self._pages: Pages[ExecutionOutcome] | None = None
        self._filler: Filler[ExecutionOutcome, ExecutionOutcome] | None = None
        self._news: Once | None = None
        self._pages_left = PAGES_AT_ONCE
        self._newest: int | None = None
        """The time of the newest that is known: what failed after it has failed while one was looking."""
        self._asked: set[str] = set()
        """The keys of those that were looked into, whatever came of it."""
        self.bound = self._more_looks
        self.why_not_looked: DeniedError | None = None
        """Why none of them may be looked into."""

    # The list

    def wanted_for(self, shown: RowFilter, order: SortOrder, now: int) -> Wanted:
        """What to ask the list for: AWS filters by status, and this program by time. A log is read as a whole."""
        if self.is_log:
            return Wanted(since=shown.since(now))
        order_of_pages = self._order if order.key is SortKey.STATUS else ()
        return Wanted((shown.status,) if shown.status else order_of_pages, "", shown.since(now))

    def read(self, wanted: Wanted, *, keeps: bool = False) -> None:
        """Read the list from its start. What is shown stays until the first page is there, or `keeps` being so with
        what comes."""
        if self._pages is not None:
            self._pages.stop()
        self.wanted = wanted
        self._is_first_page, self.is_broken = not keeps or not self.listed, False
        self._is_past_failures = False
        self._pages = Pages(self._screen, lambda: self._begin(wanted))
        self.touched()
        self._pages.more()

    def _begin(self, wanted: Wanted) -> Iterator[list[ExecutionOutcome]]:
        source = self._source()
        self._is_in_order = not isinstance(source, RecordingsSource) and not self.is_log
        if isinstance(source, AccountSource):  # a log is searched only where somebody was asked
            return logged_pages(source.reader, self.of, wanted) if self.is_log else source.listed(self.of, wanted)
        return source.executions(self.of, wanted)

    def touched(self) -> None:
        """Somebody is there: as many pages again can be read."""
        self._pages_left = PAGES_AT_ONCE

    def more(self) -> None:
        """Read the next page, if there is one, and somebody has moved since so many; on this machine in any case."""
        has_room = not self.is_full and (self._pages_left > 0 or not self.is_account)
        if self._pages is not None and has_room and not self._pages.is_loading:
            self._pages_left -= 1
            self._pages.more()

    @property
    def is_full(self) -> bool:
        """Whether there is no room for more."""
        return len(self.listed) >= MOST_ROWS

    @property
    def is_whole(self) -> bool:
        """Whether the list was read to its end."""
        return self._pages is not None and self._pages.is_over and not self._is_first_page and not self.is_broken

    @property
    def goes_on(self) -> bool:
        """Whether the list is read on though nobody moves: one on this machine up to its end, so that all are counted;
        else while it is at those that failed, and not too many of them, as the groups are made of all of them, and
        those that run come next."""
        if not self.is_account:
            return True
        return self._is_failed_first and not self._is_past_failures and len(self.listed) < ENOUGH_FAILURES

    @property
    def _is_failed_first(self) -> bool:
        """Whether the list comes in that order; recordings of one file come as they stand there."""
        return len(self.wanted.statuses) > 1 and self._is_in_order

    @property
    def has_all_failures(self) -> bool:
        """Whether all that failed were read, as far back as is asked for: those come first, or all are there."""
        return (self.is_whole and len(self.wanted.statuses) != 1) or self._is_past_failures

    @property
    def is_reading(self) -> bool:
        """Whether a page is on its way."""
        return self._pages is not None and self._pages.is_loading

    @property
    def shown(self) -> list[ExecutionOutcome]:
        """Those of the list in force."""
        return [self.rows[key] for key in self.listed]

    # What is new

    def ask_news(self) -> bool:
        """Ask what is new, unless that is under way; whether it is asked."""
        if self._news is not None or self._is_first_page:
            return False
        known = dict(self.rows)
        self._news = Once(self._screen, lambda: self._source().news(self.of, known))
        return True

    # Looking into

    def look(self, keys: Iterable[str], *, all_of: bool = False) -> None:
        """Look into those that failed: first into these, then the newest; not into more than the bound, unless `all_of`
        says so of these."""
        if self.why_not_looked is not None:
            return
        first = [self.rows[key] for key in keys if key in self.rows]
        others = sorted(self._lacking(self.shown), key=lambda one: one.newest_time or 0, reverse=True)
        room = max(0, self.bound - len(self._asked))
        chosen = dict.fromkeys(one.key for one in self._lacking(first))
        for one in others[:room]:
            chosen[one.key] = None
        if self._filler is None or self._filler.is_stopped:
            self._filler = Filler(self._screen, self._ask)
        self._filler.want({key: self.rows[key] for key in chosen})

    def _lacking(self, rows: Iterable[ExecutionOutcome]) -> list[ExecutionOutcome]:
        return [one for one in rows if one.is_unsuccessful and not one.is_settled and one.key not in self._asked]

    def _ask(self, batch: Sequence[ExecutionOutcome]) -> Iterable[ExecutionOutcome]:
        source = self._source()
        for answer in source.outcomes(batch):
            if isinstance(source, AccountSource) and source.denied is not None:
                raise source.denied
            yield answer

    @property
    def looked(self) -> tuple[int, int]:
        """Of how many of those that failed it is known why, and how many there are; of the list in force."""
        return self.looked_among(self.shown)

    def looked_among(self, rows: Iterable[ExecutionOutcome]) -> tuple[int, int]:
        """The same, of some of them."""
        failed = [one for one in rows if one.is_unsuccessful]
        return sum(one.is_settled or one.key in self._asked for one in failed), len(failed)

    def widen(self) -> None:
        """Look into as many again."""
        self.bound = max(self.bound, len(self._asked)) + self._more_looks

    @property
    def _more_looks(self) -> int:
        return LOOKS_INTO_LOG if self.is_log else LOOKS_AT_ONCE if self.is_account else LOOKS_INTO_FILES

    def learn(self, one: ExecutionOutcome) -> None:
        """More is known of an execution, if it stands as before."""
        known = self.rows.get(one.key)
        if known is not None and not _stands_otherwise(known, one):
            self.rows[one.key] = _bounded(one)

    # What came

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> FeedNews | SfdebugError | None:
        """What something that was read brings; None when it is not of this feed."""
        if event.reader not in (self._pages, self._filler, self._news):
            return None
        if isinstance(event, ReadingFailed):
            is_look = event.reader is self._filler
            self._failed(event.reader)
            if is_look and isinstance(event.error, DeniedError):  # the list itself goes on
                self.why_not_looked = event.error
                return FeedNews(changes_rows=False)
            return event.error
        if isinstance(event, PageLoaded):
            return self._page(event)
        if isinstance(event, Filled):
            for one in event.answers:
                self._asked.add(one.key)
                self.learn(one)
            return FeedNews(changes_rows=bool(event.answers))
        self._news = None
        return self._new(event.result)

    def _failed(self, reader: object) -> None:
        """What has failed is begun anew, when somebody asks."""
        if reader is self._pages:
            self.is_broken = True
        elif reader is self._filler:
            self._filler = None
        else:
            self._news = None

    def _page(self, event: PageLoaded) -> FeedNews:
        assert self._pages is not None
        self._pages.is_loading, self._pages.is_over = False, event.is_last
        if self._is_first_page:
            self._is_first_page = False
            self.listed = {}
            if len(self.rows) > MOST_ROWS:  # those of the filters before
                self.rows.clear()
                self._asked.clear()
        for one in event.entries:
            self._put(one)
        if self._is_failed_first and any(_is_behind_failures(one) for one in event.entries):
            self._is_past_failures = True
        self._newest = max((one.newest_time or 0 for one in self.rows.values()), default=None)
        return FeedNews()

    def _put(self, one: ExecutionOutcome) -> None:
        """Keep what is known of it already, if it stands as before."""
        known = self.rows.get(one.key)
        if known is None or known.known <= one.known or _stands_otherwise(known, one):
            self.rows[one.key] = _bounded(one)
            if known is not None and _stands_otherwise(known, one):
                self._asked.discard(one.key)
                if self._filler is not None:
                    self._filler.forget(one.key)
        self.listed.setdefault(one.key)

    def _new(self, news: Sequence[ExecutionOutcome]) -> FeedNews:
        before = self._newest
        failed = []
        for one in news:
            known = self.rows.get(one.key)
            was_running = known is not None and not known.is_unsuccessful
            is_later = known is None and (before is None or (one.newest_time or 0) > before)
            if one.is_unsuccessful and (was_running or is_later):
                failed.append(one)
            self._put(one)
        self.bound += len(failed)  # these are looked into in any case
        self._newest = max([before or 0, *(one.newest_time or 0 for one in news)])
        # The newest stand in front, as if the list had been read again.
        self.listed = {**dict.fromkeys(one.key for one in news), **self.listed}
        return FeedNews(bool(news), tuple(failed))

    def stop(self) -> None:
        """Nothing that is under way is taken any more."""
        for reader in (self._pages, self._filler, self._news):
            if reader is not None:
                reader.stop()
        self._news = self._filler = None
        self.why_not_looked = None


def _is_behind_failures(one: ExecutionOutcome) -> bool:
    """Whether AWS's list, failed ones first, gives this one after all that failed."""
    return one.status in ("RUNNING", "SUCCEEDED")


def _stands_otherwise(one: ExecutionOutcome, other: ExecutionOutcome) -> bool:
    if None not in (one.started_at, other.started_at) and one.started_at != other.started_at:
        return True  # another one with the same name
    return (one.status, one.redrive_count) != (other.status, other.redrive_count)


def _bounded(one: ExecutionOutcome) -> ExecutionOutcome:
    """The same with no more of its cause than a row and a group have use for."""
    cause = one.cause or ""
    return one if len(cause) <= _MOST_CAUSE else replace(one, cause=f"{cause[:_MOST_CAUSE]}…")
