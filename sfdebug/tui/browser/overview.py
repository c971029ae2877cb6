"""What the last hour came to, or another span: executions by status and error, the slowest and the retried, each a row
that one key opens as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from sfdebug.executions.overview import OverviewEntry, OverviewKind, overview
from sfdebug.text import counted
from sfdebug.times import duration_text
from sfdebug.tui.browser.base import ListScreen, entry_lines
from sfdebug.tui.browser.columns import OVERVIEW_COLUMNS
from sfdebug.tui.browser.filters import STATUSES, RowFilter, SortKey, SortOrder, took
from sfdebug.tui.browser.groups import FeedOwner
from sfdebug.tui.browser.keys import COMMON, OPEN, ListKey, bindings
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.browser.telling import looked_words
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from textual.binding import BindingType

    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.browser.reading import Done, Filled, PageLoaded, ReadingFailed
    from sfdebug.tui.painting.paint import Piece

_WORDS: Final = {OverviewKind.SLOWEST: "the slowest", OverviewKind.RETRIED: "tried again, or redriven"}
_PAINTS: Final = {OverviewKind.SLOWEST: "waiting", OverviewKind.RETRIED: "waiting", OverviewKind.ERROR: "failed"}


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
                    "name": (entry.name or _WORDS[entry.kind], paint),
                    "count": (f"{entry.count:,}", "strong"),
                    "most": (most, ""),
                    "usual": (duration_text(entry.usual), "muted"),
                    "first": (entry.first, "muted"),
                }
            ),
        ]


class OverviewScreen(ListScreen[OverviewEntry]):
    """The entries; Enter shows the executions of one as a list, and Esc there comes back."""

    KEYS = (
        OPEN,
        ListKey("overview.time", "t", "time", "The last hour, 3 hours, day, week, month; T back", "time(1)", 4),
        ListKey("overview.time_back", "T", "time back", "The span of time before", "time(-1)"),
        ListKey("overview.groups", "v", "groups", "Failures that are alike, together", "groups", 3),
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]

    def __init__(self, owner: FeedOwner, at: str = "") -> None:
        """`at` is the key of the entry that is to have the cursor."""
        self.found = OverviewList()
        super().__init__(owner.place, self.found, owner.now)
        self.owner = owner
        self.found.zone = owner.list.zone
        self._at = at

    def on_mount(self) -> None:
        """Show what is known, and have the rest read."""
        self.say("")
        self.owner.feed.touched()
        self.refresh_list()

    def _rows(self) -> list[ExecutionOutcome]:
        return RowFilter(hours=self.owner.shown.hours).taken(self.owner.feed.shown, self.now())

    def refresh_list(self) -> None:
        """More is known."""
        rows = self._rows()
        now = self.now() if self.place.is_account else None
        durations = {one.key: took(one, now) for one in rows}
        entries = overview(rows, durations, tuple(STATUSES))
        if self.pattern:
            entries = tuple(one for one in entries if self.pattern.casefold() in f"{one.kind} {one.name}".casefold())
        nothing = "nothing fits: Esc takes the filter away" if self.pattern else "no execution is known in this time"
        self.found.put(entries, nothing, self._at)
        self._at = ""
        self.trouble = self.owner.trouble
        self.show_trouble()
        self.show_lines()
        feed = self.owner.feed
        if not feed.is_whole and not self.trouble:
            feed.more()

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`Orders   1,204 executions      eu-west-1   UTC`."""
        feed = self.owner.feed
        words = counted(len(self._rows()), "execution")
        so_far = "" if feed.is_whole else " so far"
        return (
            [
                (self.owner.name_of_list, "strong"),
                ("   ", ""),
                (f"{words}{so_far}", "muted" if not so_far else "waiting"),
            ],
            [(self.place.title, "muted"), ("   ", ""), (self.zone_words, "")],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`last 1 h        340 failed, 200 looked into`."""
        span, hides = self.owner.shown.span
        left: list[Piece] = [(span, "current" if hides else "muted")]
        if self.pattern:
            left += [(f" {glyphs_of(self).dot} /{self.pattern}", "current")]
        return left, [looked_words(self.owner.feed)]

    def about(self, entry: OverviewEntry) -> list[list[Piece]]:
        """How many of how many, how long they took, and the first of them."""
        of_all = f"{entry.count:,} of {counted(len(self._rows()), 'execution')}"
        name = entry.name or _WORDS[entry.kind]
        head: list[Piece] = [(name, "strong"), (f"   {of_all}", "muted")]
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
        hours = self.owner.shown.hours
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

    def action_time(self, step: int) -> None:
        """Another span of time, in the list too."""
        self.owner.action_time(step)
        self.refresh_list()

    def action_reload(self) -> None:
        """Read now."""
        self.owner.action_reload()

    def action_copy(self) -> None:
        """Copy the ARNs of the executions at hand."""
        entry = self.found.entry
        if entry is not None:
            self.app.copy_to_clipboard("\n".join(entry.members))
            self.say(f"copied: {counted(entry.count, 'ARN')}")

    def take(self, event: PageLoaded | Filled | Done | ReadingFailed) -> None:
        """Nothing is read here: the list below does that."""
