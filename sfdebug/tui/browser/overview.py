"""What the last hour came to, or another span: executions by status and error, the slowest and the retried, each a row
that one key opens as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from sfdebug.executions.overview import OverviewEntry, OverviewKind, overview
from sfdebug.text import counted
from sfdebug.times import duration_text
from sfdebug.tui.browser.base import entry_lines
from sfdebug.tui.browser.columns import OVERVIEW_COLUMNS
from sfdebug.tui.browser.feed_screens import FeedOwner, FeedScreen
from sfdebug.tui.browser.filters import STATUSES, RowFilter, SortKey, SortOrder, took
from sfdebug.tui.browser.keys import COMMON, OPEN, ListKey, bindings
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from textual.binding import BindingType

    from sfdebug.tui.browser.reading import Filled, PageLoaded, ReadingDone, ReadingFailed
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.widgets.search import Matcher

_WORDS: Final = {OverviewKind.SLOWEST: "the slowest", OverviewKind.RETRIED: "tried again, or redriven"}
_PAINTS: Final = {OverviewKind.SLOWEST: "waiting", OverviewKind.RETRIED: "waiting", OverviewKind.ERROR: "failed"}


def _name(entry: OverviewEntry) -> str:
    """The status or the error, or what else its executions have in common."""
    return entry.name or _WORDS[entry.kind]


class OverviewList(EntryList[OverviewEntry]):
    """The entries: what they have in common, how many, the longest, the median."""

    COLUMNS = OVERVIEW_COLUMNS

    def key_of(self, entry: OverviewEntry) -> str:
        """What they have in common."""
        return entry.key

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  ✗ status   FAILED        12    4 min 02 s   12 s   run-17`."""
        entry, glyphs, plan = self.entries[row], glyphs_of(self), self.plan(width)
        sign, paint = STATUSES.get(entry.name, ("", _PAINTS.get(entry.kind, "muted")))
        if entry.kind is not OverviewKind.STATUS:
            sign, paint = "", _PAINTS[entry.kind]
        is_retried = entry.kind is OverviewKind.RETRIED
        most = counted(entry.most or 0, "time") if is_retried else duration_text(entry.most)
        return [
            (f"  {getattr(glyphs, sign) if sign else ' '} ", paint),
            *plan.cells(
                {
                    "kind": (str(entry.kind), "muted"),
                    "name": (_name(entry), paint),
                    "count": (f"{entry.count:,}", "strong"),
                    "most": (most, ""),
                    "usual": (duration_text(entry.usual), "muted"),
                    "first": (entry.first, "muted"),
                }
            ),
        ]


class OverviewScreen(FeedScreen[OverviewEntry]):
    """The entries; Enter shows the executions of one as a list, and Esc there comes back."""

    KEYS = (
        OPEN,
        ListKey("overview.time", "t", "time", "The last hour, 3 hours, day, week, month; T back", "time(1)", 4),
        ListKey("overview.time_back", "T", "time back", "The span of time before", "time(-1)"),
        ListKey("overview.groups", "v", "groups", "Failures that are alike, together", "groups", 3),
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    NOTHING = "no execution is known in this time"

    def __init__(self, owner: FeedOwner, at: str = "") -> None:
        """`at` is the key of the entry that is to have the cursor."""
        self.list = OverviewList()
        super().__init__(owner, self.list, at)
        self._of = 0
        """How many executions the entries are of."""

    def found(self, matches: Matcher | None) -> Sequence[OverviewEntry]:
        """The entries, those that fit."""
        rows = RowFilter(hours=self.owner.narrowing.shown.hours).taken(self.owner.feed.shown, self.now())
        self._of = len(rows)
        now = self.now() if self.place.is_account else None
        entries = overview(rows, {one.key: took(one, now) for one in rows}, tuple(STATUSES))
        return entries if matches is None else tuple(one for one in entries if matches(f"{one.kind} {_name(one)}"))

    @property
    def wants_more(self) -> bool:
        """It is of all executions in the span."""
        return not self.owner.feed.is_whole and not self.trouble

    def count_words(self) -> Piece:
        """How many executions there are, or are known so far."""
        words = counted(self._of, "execution")
        return (words, "muted") if self.owner.feed.is_whole else (f"{words} so far", "waiting")

    def about(self, entry: OverviewEntry) -> list[list[Piece]]:
        """How many of how many, how long they took, and the first of them."""
        of_all = f"{entry.count:,} of {counted(self._of, 'execution')}"
        head: list[Piece] = [(_name(entry), "strong"), (f"   {of_all}", "muted")]
        if entry.kind is OverviewKind.RETRIED:
            second = f"most often {entry.first}: {counted(entry.most or 0, 'time')}"
            third = "retries are known of those that failed and were looked into, and of redrives"
        else:
            which = "longest" if entry.kind is OverviewKind.SLOWEST else "newest"
            second = f"the {which} is {entry.first}"
            third = ""
            if entry.most is not None:
                usual = " of all" if entry.kind is OverviewKind.SLOWEST else ""
                third = f"up to {duration_text(entry.most)}, the median{usual} {duration_text(entry.usual)}"
        return entry_lines(head, [(second, "")], [(third, "muted")])

    def open_entry(self, entry: OverviewEntry) -> None:
        """Its executions, as a list."""
        self.dismiss()
        hours = self.owner.narrowing.shown.hours
        order = SortOrder()
        if entry.kind is OverviewKind.STATUS:
            shown = RowFilter(status=entry.name, hours=hours)
        elif entry.kind is OverviewKind.ERROR:
            shown = RowFilter(error=entry.name, hours=hours)
        else:
            shown = RowFilter(members=frozenset(entry.members), title=_WORDS[entry.kind], hours=hours)
            order = SortOrder(SortKey.DURATION) if entry.kind is OverviewKind.SLOWEST else order
        self.owner.show_entry(entry.key, shown, order)

    def action_groups(self) -> None:
        """Failures that are alike, in place of this."""
        self.dismiss()
        self.owner.action_groups()

    def action_copy(self) -> None:
        """Copy the ARNs of the executions at hand."""
        entry = self.list.entry
        if entry is not None:
            self.app.copy_to_clipboard("\n".join(entry.members))
            self.say(f"copied: {counted(entry.count, 'ARN')}")

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """Nothing is read here: the list below does that."""
