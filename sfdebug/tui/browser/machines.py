"""The state machines of an account and region, or of a folder, with what runs and what failed in the last day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace

from sfdebug.aws.errors import DeniedError
from sfdebug.aws.places import default_region
from sfdebug.times import moment_text
from sfdebug.tui.browser.base import entry_lines, wall_clock
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.express import ask_log
from sfdebug.tui.browser.filters import RowFilter
from sfdebug.tui.browser.keys import COMMON, NOTHING_FITS, OPEN, PLACE, ListKey, bindings
from sfdebug.tui.browser.lists import NO_MACHINE, CountedMachine, MachineList
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.browser.reading import Filled, Filler, PageLoaded, Pages, ReadingDone, ReadingFailed
from sfdebug.tui.browser.reading_lists import ReadingListScreen
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.search import matcher

if TYPE_CHECKING:
    from textual.binding import BindingType

    from sfdebug.aws.listing import MachineEntry
    from sfdebug.tui.browser.base import Clock
    from sfdebug.tui.browser.places import SourcePlace
    from sfdebug.tui.painting.paint import Piece

_DAY: Final = 24 * 3_600_000
_COUNTED_AT_ONCE: Final = 60
"""So many machines are counted without being looked at: two requests each."""


_RECOUNT: Final = 60.0
"""Seconds after which those in view are counted again."""


class MachineOrder(StrEnum):
    """What the list is sorted by, in words."""

    NAME = "by name"
    FAILED = "most failed first"
    RUNNING = "most running first"


class MachinesScreen(ReadingListScreen["MachineEntry"]):
    """The list; the executions of each lie over it."""

    KEYS = (
        OPEN,
        ListKey("machines.sort", "s", "sort", "Sort by name, by what failed, or by what runs", "sort", 4),
        PLACE,
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    FILTER_HINT = "part of a name: a regular expression, ! in front inverts it"

    def __init__(self, place: SourcePlace, now: Clock = wall_clock) -> None:
        self.list = MachineList(is_archive=not place.is_account)
        super().__init__(place, self.list, now)
        self.known: dict[str, MachineEntry] = {}
        self.sorting = MachineOrder.NAME
        self._old: set[str] = set()
        """The ARNs of those that are to be counted again."""
        self._pages: Pages[MachineEntry] | None = None
        self._filler: Filler[MachineEntry, tuple[str, CountedMachine]] | None = None

    # Lines

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`State machines   5        eu-west-1, profile production   UTC`."""
        is_whole = self._pages is not None and self._pages.is_over and not self.trouble
        count = f"{len(self.known):,}" if is_whole else f"{len(self.known):,} so far" if self.known else ""
        return (
            [("State machines", "strong"), ("   ", ""), (count, "muted")],
            [(self.place.title, "muted"), ("   ", ""), (self.zone_words, "")],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """The filter, and how many are counted."""
        counts = self.list.counts
        left: list[Piece] = [(f"/{self.pattern}", "current")] if self.pattern else [("all", "muted")]
        left += [(f" {glyphs_of(self).dot} ", "faint"), (self.sorting, "muted")]
        failed = sum(one.failed_number for one in counts.values())
        more = any(one.is_at_least for one in counts.values()) or len(counts) < len(self.known)
        words = (
            f"{'at least ' if more else ''}{failed:,} failed{' in the last 24 h' if self.place.is_account else ''}"
            if counts
            else ""
        )
        return left, [(words, "failed" if failed else "muted")]

    def about(self, entry: MachineEntry) -> list[list[Piece]]:
        """Its ARN, and what the counts are."""
        counts = self.list.counts.get(entry.arn)
        words = counts.words if counts is not None else "being counted"
        created = f"created {moment_text(entry.created_at, self.list.zone)}" if entry.created_at is not None else ""
        name, arn = (entry.name, entry.arn) if entry.name else (NO_MACHINE, "")
        return entry_lines([(name, "strong"), (f"   {created}", "muted")], [(words, "")], [(arn, "faint")])

    # Reading

    def on_mount(self) -> None:
        """Read the list, and count."""
        self.say("")
        self._read()
        if self.place.is_account:
            self.set_interval(_RECOUNT, self.recount)
        self.show_lines()

    def _read(self) -> None:
        self.stop_reading()
        self.list.note = "reading..."
        self._pages = Pages(self, lambda: self.source.machines())
        self._filler = Filler(self, self._count)
        self._pages.more()

    def _count(self, machines: Sequence[MachineEntry]) -> Iterable[tuple[str, CountedMachine]]:
        since = self.now() - _DAY if self.place.is_account else None
        for machine in machines:
            try:
                found = self.source.counts(machine, since)
            except DeniedError as error:
                yield machine.arn, CountedMachine(why_not=f"may not {error.action}")
            else:
                yield machine.arn, CountedMachine.of(found)

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """A page, some counts, or trouble."""
        if event.reader not in (self._pages, self._filler):
            return
        if isinstance(event, ReadingFailed):
            if event.reader is self._filler:
                self._filler = None
            self.in_trouble(event.error)
        elif isinstance(event, PageLoaded) and self._pages is not None:
            self._pages.is_loading, self._pages.is_over = False, event.is_last
            self._name_region()
            self.known.update((machine.arn, machine) for machine in event.entries)
            self.say("")
            self.out_of_trouble()
        elif isinstance(event, Filled):
            self.list.counts.update(event.answers)
            self._old -= {arn for arn, _ in event.answers}
        self.refresh_list()
        if isinstance(event, PageLoaded) and not event.is_last and len(self.known) < 10_000 and self._pages is not None:
            self._pages.more()

    def _name_region(self) -> None:
        """Say which region it is, once boto3 is there to tell."""
        if isinstance(self.place, AccountPlace) and self.place.access.region is None:
            region = default_region(self.place.access.profile)
            self.place = AccountPlace(replace(self.place.access, region=region))

    def refresh_list(self) -> None:
        """Those that fit, in order."""
        matches = matcher(self.pattern)
        rows = [one for one in self.known.values() if matches is None or matches(one.name)]
        rows.sort(key=lambda one: one.name.casefold())
        if self.sorting is not MachineOrder.NAME:
            rows.sort(key=self._worst_first)
        self.list.put(rows, self._nothing())
        self.list.refresh_rows()
        self.show_lines()
        self.seen()

    def _worst_first(self, machine: MachineEntry) -> tuple[int, int]:
        counts = self.list.counts.get(machine.arn, CountedMachine())
        found = -counts.failed_number, -counts.running_number
        return found if self.sorting is MachineOrder.FAILED else found[::-1]

    def _nothing(self) -> str:
        """What an empty list says."""
        if self.trouble:
            return "nothing could be read"
        if self.pattern:
            return NOTHING_FITS
        is_read = self._pages is not None and self._pages.is_over
        other = ": p reads from another region" if self.place.is_account else ""
        return f"there are no state machines here{other}" if is_read else "reading..."

    def seen(self) -> None:
        """Count those in view first."""
        if self.trouble or self._filler is None:
            return
        first = {one.arn: one for one in self.list.in_view}
        for one in self.list.entries:
            if len(self.list.counts) + len(first) >= _COUNTED_AT_ONCE:
                break
            first.setdefault(one.arn, one)
        self._filler.want({arn: one for arn, one in first.items() if arn not in self.list.counts or arn in self._old})

    def recount(self) -> None:
        """Count those in view again; what is known stays until then."""
        if not self.is_active or self.trouble or self._filler is None:
            return
        for one in self.list.in_view:
            if one.arn in self.list.counts:
                self._old.add(one.arn)
                self._filler.forget(one.arn)
        self.seen()

    def action_sort(self) -> None:
        """By the next thing."""
        orders = list(MachineOrder)
        self.sorting = orders[(orders.index(self.sorting) + 1) % len(orders)]
        self.refresh_list()

    def stop_reading(self) -> None:
        """Nothing that is under way is taken any more."""
        for reader in (self._pages, self._filler):
            if reader is not None:
                reader.stop()

    def action_reload(self) -> None:
        """Read and count again; what is known stays until then."""
        self.out_of_trouble()
        self.stop_reading()
        self.renew_source()
        self.list.counts.clear()
        self._read()
        self.refresh_list()

    # Keys

    def action_copy(self) -> None:
        """Copy the ARN."""
        entry = self.list.entry
        if entry is not None:
            self.app.copy_to_clipboard(entry.arn)
            self.say(f"copied: {entry.arn}")

    def action_place(self) -> None:
        """Read with another profile, or from another region."""
        self.ask_place(self.use_place)

    def use_place(self, place: SourcePlace) -> None:
        """Read from there."""
        self.place = place
        self.known.clear()
        self.action_reload()

    def open_entry(self, entry: MachineEntry) -> None:
        """Its executions; of an Express one it is said first what that takes."""
        if entry.type == "EXPRESS" and self.place.is_account:
            ask_log(self, entry.name, entry.arn, lambda hours: self._open_log(entry, hours))
            return
        screen = ExecutionsScreen(
            self.place, entry.arn, entry.name or NO_MACHINE, now=self.now, elsewhere=self._elsewhere
        )
        self.app.push_screen(screen)

    def _open_log(self, entry: MachineEntry, hours: int | None) -> None:
        if hours is not None:
            self.app.push_screen(
                ExecutionsScreen(
                    self.place,
                    entry.arn,
                    entry.name,
                    is_log=True,
                    now=self.now,
                    shown=RowFilter(hours=hours),
                    elsewhere=self._elsewhere,
                )
            )

    def _elsewhere(self, place: AccountPlace) -> None:
        """Another profile or region was chosen in a list over this one."""
        self.use_place(place)
