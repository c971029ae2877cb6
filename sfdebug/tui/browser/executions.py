"""The executions of a state machine, the children of a Map Run, or those of a folder: a list that goes on by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.aws.arns import read_arn
from sfdebug.aws.errors import NotSupportedError
from sfdebug.errors import SfdebugError
from sfdebug.executions.groups import group_failures
from sfdebug.times import moment_text
from sfdebug.tui.browser.actions import act, action_keys
from sfdebug.tui.browser.base import wall_clock
from sfdebug.tui.browser.chosen import Chosen
from sfdebug.tui.browser.express import ask_log
from sfdebug.tui.browser.feed import ExecutionFeed
from sfdebug.tui.browser.feed_screens import FeedOwner, FeedScreen
from sfdebug.tui.browser.filters import RowFilter, SortOrder, ordered, took
from sfdebug.tui.browser.groups import GroupsScreen
from sfdebug.tui.browser.keys import COMMON, OPEN, PLACE, ListKey, bindings
from sfdebug.tui.browser.lists import ExecutionList, group_key, is_not_looked_into
from sfdebug.tui.browser.live import NewsClock
from sfdebug.tui.browser.narrowing import Narrowing
from sfdebug.tui.browser.opening import open_execution
from sfdebug.tui.browser.overview import OverviewScreen
from sfdebug.tui.browser.reading import Filled, PageLoaded, ReadingDone, ReadingFailed
from sfdebug.tui.browser.running import RunningFollower
from sfdebug.tui.browser.telling import (
    counted_words,
    empty_words,
    execution_lines,
    listed_words,
    narrowed_words,
    running_words,
)
from sfdebug.tui.painting.glyphs import glyphs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType
    from textual.screen import Screen

    from sfdebug.aws.listing import Wanted
    from sfdebug.executions.groups import FailureGroup
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.trail import Whereabouts
    from sfdebug.tui.browser.base import Clock
    from sfdebug.tui.browser.places import AccountPlace, SourcePlace
    from sfdebug.tui.painting.paint import Piece

_WIDE: Final = 110

EXECUTION_KEYS: Final = (
    OPEN,
    ListKey("list.status", "f", "status", "Only the next status; F the one before", "status(1)", 4),
    ListKey("list.status_back", "F", "status before", "Only the status before", "status(-1)"),
    ListKey("list.time", "t", "time", "The last hour, 3 hours, day, week, month; T back", "time(1)", 5),
    ListKey("list.time_back", "T", "time back", "The span of time before", "time(-1)"),
    ListKey("list.error", "e", "this error", "Only what failed with this error; again, all", "error"),
    ListKey("list.sort", "s", "sort", "Sort by status, start, duration, name, error", "sort", 6),
    ListKey("list.turn", "S", "turn", "Sort the other way round", "turn"),
    ListKey("list.groups", "v", "groups", "Failures that are alike, together", "groups", 3),
    ListKey(
        "list.overview", "o", "overview", "The last hour: by status and error, the slowest, the retried", "overview", 4
    ),
    ListKey("list.newest", "exclamation_mark", "newest failure", "To the newest that failed", "newest"),
    ListKey("list.mark", "space", "mark", "Mark it, for what is done with the marked ones", "mark"),
    ListKey("list.live", "l", "live", "Ask by itself what is new, on or off", "live"),
    ListKey("list.bell", "b", "bell", "Ring at a new failure, on or off", "bell"),
    ListKey("list.more", "plus", "look on", "Look into more of those that failed than the newest", "look_on"),
)


Elsewhere: TypeAlias = "Callable[[AccountPlace], Screen[None] | None]"
"""Gives the list to open for another profile or region; None when it is below already."""


class ExecutionsScreen(FeedOwner):
    """The list, failed ones first; each opens over it, and q there comes back to where one was."""

    KEYS = (*EXECUTION_KEYS, *action_keys(), PLACE, *COMMON)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    FILTER_HINT = "in name, error, state or cause: a regular expression, ! in front inverts it"

    def __init__(
        self,
        place: SourcePlace,
        of: str,
        title: str,
        *,
        is_map_run: bool = False,
        is_log: bool = False,
        now: Clock = wall_clock,
        shown: RowFilter | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`of` is the ARN of a state machine or Map Run, "" for all that is there; `is_log`: they are read from a log,
        as far back as `shown` says; `elsewhere` is called with another profile or region to read with."""
        self.list = ExecutionList(lambda: now() if place.is_account else None)
        super().__init__(place, self.list, now)
        self.name_of_list = title
        self.feed = ExecutionFeed(
            self, lambda: self.source, of, is_map_run=is_map_run, is_log=is_log, is_account=place.is_account
        )
        self.is_log = is_log
        self.narrowing = Narrowing(shown or RowFilter(), is_log=is_log)
        self._elsewhere = elsewhere
        self.live = NewsClock(self, self.ask_news, is_on=place.is_account and not is_log)
        self.followed = RunningFollower(self, lambda: self.source)
        """Those that run: where they are."""

    # Lines

    @property
    def order(self) -> SortOrder:
        """What it is sorted by."""
        return self.narrowing.order

    @property
    def filter_text(self) -> str:
        """What was typed as a filter."""
        return self.narrowing.shown.text

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`Orders   1,204 executions        eu-west-1   UTC   every 5 s`."""
        feed = self.feed
        known = listed_words(feed)
        live: list[Piece] = []
        if self.place.is_account and not self.is_log:
            live = [("   ", ""), self.live.words]
        return (
            [(self.name_of_list, "strong"), ("   ", ""), (known, "muted")],
            [(self.place.title, "muted"), ("   ", ""), (self.zone_words, ""), *live],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`FAILED · last 24 h · newest first        12 shown · 200 of 340 failures looked into`."""
        glyphs, seconds = glyphs_of(self), self.followed.seconds if self.live.is_on else 0
        return (
            narrowed_words(self.narrowing, self.feed, glyphs),
            counted_words(self.list, self.narrowing.shown, self.feed, glyphs, seconds=seconds),
        )

    def about(self, entry: ExecutionOutcome) -> list[list[Piece]]:
        """How it stands, its cause, its ARN."""
        denied = self.followed.denied.action if self.followed.denied is not None else ""
        found = self.list.whereabouts.get(entry.key)
        is_wide = self.size.width >= _WIDE  # else the row says when it began, and there is no room to say it again
        return execution_lines(
            entry,
            glyphs_of(self),
            where=running_words(found, self.now(), denied) if entry.is_running else "",
            began=moment_text(entry.started_at, self.list.zone) if is_wide else "",
            lasted=took(entry, self.now() if self.place.is_account else None),
        )

    # Reading

    def on_mount(self) -> None:
        """Read the first page, and go on by itself from there."""
        self.list.note = "reading..."
        self._read_list()
        if self.place.is_account:
            self.set_interval(1.0, self._tick)
        self.show_lines()

    def _read_list(self, *, keeps: bool = False) -> None:
        self.feed.read(self._wanted(self.narrowing, self.now()), keeps=keeps)

    def _wanted(self, narrowing: Narrowing, now: int) -> Wanted:
        return self.feed.wanted_for(narrowing.shown, narrowing.order, now)

    def _tick(self) -> None:
        """What runs takes longer every second, and goes on."""
        if not self.is_active:
            return
        if any(one.is_running for one in self.list.in_view):
            self.list.refresh_rows()
            self.show_detail()
        self.follow_running()
        if self.slowdown is not None or self.live.is_slowed:
            self.show_lines()

    def follow_running(self) -> None:
        """Look where those are that run, the ones in view first, when it is time to."""
        if not self.trouble and self.live.is_on and self.feed.listed:
            self.followed.follow(self.list.running, self.now() / 1000)

    def _followed(self, found: dict[str, Whereabouts] | SfdebugError) -> None:
        if isinstance(found, SfdebugError):
            self.in_trouble(found)
            return
        self.list.whereabouts = {key: where for key, where in found.items() if not where.is_over}
        self.followed.speed_up()
        self.list.refresh_rows()
        self.show_lines()
        if any(where.is_over for where in found.values()):
            self.ask_news()

    def ask_news(self) -> None:
        """Ask what is new."""
        if not self.feed.ask_news():
            self.live.ask_later()

    def slow_down(self) -> None:
        """AWS asks for fewer requests."""
        self.live.throttled()
        self.followed.slow_down()
        self.show_lines()

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """Something was read, or could not be."""
        if isinstance(event, (ReadingDone, ReadingFailed)):
            found = self.followed.take(event)
            if found is not None:
                self._followed(found)
                return
        news = self.feed.take(event)
        if news is None:
            return
        if isinstance(news, NotSupportedError) and not self.is_log and not self.feed.listed:
            ask_log(self, self.name_of_list, self.feed.of, self._use_log)
            return
        if isinstance(news, SfdebugError):
            self.list.note = "nothing could be read"
            self.in_trouble(news)
            self.refresh_list()
            return
        if not isinstance(event, Filled) and not self.is_working:
            self.say("")
        self.out_of_trouble()
        if isinstance(event, ReadingDone):
            self.list.fresh.update(one.key for one in news.failed)
            self.live.answered(has_news=news.changes_rows, failed=len(news.failed))
            self.feed_changed()
        elif isinstance(event, PageLoaded) and not self.live.is_set:
            self.live.ask_later()
        if news.changes_rows or isinstance(event, PageLoaded):
            self.refresh_list()
        else:
            self.show_lines()
        if isinstance(event, Filled | PageLoaded):
            self.feed_changed()
        self.seen()

    def _use_log(self, hours: int | None) -> None:
        """It is Express: search its log so far back."""
        if hours is None:
            self.action_leave()
            return
        self.is_log = self.feed.is_log = True
        self.live.is_on = False
        self.narrowing = Narrowing(RowFilter(hours=hours), is_log=True)
        self._read_list()
        self.show_lines()

    def feed_changed(self) -> None:
        """Tell the screens over this one that show the same."""
        for screen in self.app.screen_stack:
            if isinstance(screen, FeedScreen) and screen.owner is self:
                screen.refresh_list()

    def refresh_list(self) -> None:
        """Show what is known now, as it is filtered and sorted now."""
        now = self.now()
        if self.narrowing.group:
            group = next((one for one in self.groups() if group_key(one) == self.narrowing.group), None)
            self.narrowing = self.narrowing.with_members(group.members if group is not None else ())
        rows = ordered(self.narrowing.shown.taken(self.feed.shown, now), self.narrowing.order, now)
        self.list.put(rows, empty_words(self.feed, self.narrowing.shown, is_in_trouble=bool(self.trouble)))
        self.show_lines()

    def seen(self) -> None:
        """Other rows are in view: read on, and look into those first."""
        if self.trouble:
            return
        # A log begins with the oldest.
        if self.list.is_near_end or self.is_log or self.feed.goes_on:
            self.feed.more()
        self.feed.look(one.key for one in self.list.in_view)

    def action_reload(self) -> None:
        """Read now; after trouble with new credentials, from where it stopped."""
        self.feed.touched()
        if self.trouble or self.feed.why_not_looked is not None or self.followed.denied is not None:
            self.out_of_trouble()
            self.feed.stop()
            self.followed.stop()
            self.renew_source()
            self._read_list(keeps=True)
        elif self.place.is_account and not self.is_log and self.feed.ask_news():
            self.say("asking what is new...")
        else:
            self._read_list()
        self.show_lines()

    def stop_reading(self) -> None:
        """Nothing that is under way is waited for any more."""
        self.feed.stop()
        self.followed.stop()

    # Filtering and sorting

    def narrow(self, to: Narrowing) -> None:
        """Show this from now on."""
        is_known = self._wanted(to, 0) == self._wanted(self.narrowing, 0)
        self.narrowing = to
        self.feed.touched()
        if not is_known:
            self._read_list()
        self.refresh_list()
        self.seen()

    def typed(self, text: str) -> None:
        """A filter is being typed."""
        if text != self.narrowing.shown.text:
            self.narrow(self.narrowing.of_text(text))

    def reset_filter(self) -> bool:
        """Take the filter away, then the marks, then leave the group or entry that was opened."""
        if self.narrowing != self.narrowing.least:
            self.narrow(self.narrowing.least)
            return True
        if self.list.marked:
            self.list.marked.clear()
            self.list.refresh_rows()
            self.show_lines()
            return True
        if self.narrowing.parts:
            left = self.narrowing.parts[-1]
            self.narrow(self.narrowing.without_part)
            self.app.push_screen(GroupsScreen(self, left.at) if left.is_group else OverviewScreen(self, left.at))
            return True
        return False

    def action_status(self, step: int) -> None:
        """The next status to filter by, or the one before."""
        self.narrow(self.narrowing.next_status(step))

    def action_time(self, step: int) -> None:
        """The next span of time to filter by, or the one before."""
        self.narrow(self.narrowing.next_hours(step))

    def action_error(self) -> None:
        """Only what failed with the error at hand; again, all."""
        entry = self.list.entry
        if self.narrowing.shown.error:
            self.narrow(self.narrowing.of_error(""))
        elif entry is not None and entry.error:
            self.narrow(self.narrowing.of_error(entry.error))
        else:
            self.say("no error is known of this one")

    def action_sort(self) -> None:
        """By the next thing."""
        self.narrow(replace(self.narrowing, order=self.narrowing.order.next()))

    def action_turn(self) -> None:
        """The other way round."""
        self.narrow(replace(self.narrowing, order=self.narrowing.order.turned()))

    def in_trouble(self, error: SfdebugError) -> None:
        """Say so here, and where the groups of this list lie over it."""
        super().in_trouble(error)
        self.feed_changed()

    # What else keys do

    def action_mark(self) -> None:
        """Mark the execution at hand, or unmark it."""
        entry = self.list.entry
        if entry is not None:
            if self.list.marked.pop(entry.key, self) is self:
                self.list.marked[entry.key] = None
            self.list.refresh_rows()
            self.show_lines()

    def action_newest(self) -> None:
        """To the newest that failed."""
        failed = [one for one in self.list.entries if one.is_unsuccessful]
        if failed:
            newest = max(failed, key=lambda one: one.newest_time or 0)
            self.list.fresh.discard(newest.key)
            self.list.put(self.list.entries, self.list.note, newest.key)
            self.show_lines()
        else:
            self.say("none of those that are shown has failed")

    def action_live(self) -> None:
        """Ask by itself what is new, or not."""
        if not self.place.is_account or self.is_log:
            self.say("R reads it again")
            return
        self.live.turn()
        self.show_lines()

    def action_bell(self) -> None:
        """Ring at a new failure, or not."""
        self.live.turn_bell()
        for_good = "for good: bell = false in the settings, which sfdebug config --path names"
        self.say("a new failure rings" if self.live.rings else f"a new failure does not ring ({for_good})")

    def action_look_on(self) -> None:
        """Look into more of those that failed."""
        self.feed.widen()
        self.seen()
        self.show_lines()

    def action_copy(self) -> None:
        """Copy the ARN."""
        entry = self.list.entry
        if entry is not None:
            self.app.copy_to_clipboard(entry.arn or entry.place)
            self.say(f"copied: {entry.arn or entry.place}")

    # Groups

    def groups(self) -> tuple[FailureGroup, ...]:
        """The failures of the span of time that is shown, and of the entry of the overview that may be open, those
        together that are alike."""
        found = group_failures(self.narrowing.entry.taken(self.feed.shown, self.now()))
        return tuple(sorted(found, key=is_not_looked_into))  # of those it is only known that they failed

    def action_place(self) -> None:
        """Read with another profile, or from another region."""

        def switched(place: AccountPlace) -> None:
            screen = self._elsewhere(place) if self._elsewhere is not None else None
            if screen is not None:
                self.app.push_screen(screen)
            else:
                self.dismiss()

        if self._elsewhere is None and self.place.is_account:
            self.say("another region is opened with: sfdebug replay --profile NAME --region NAME")
        else:
            self.ask_place(switched)

    def action_groups(self) -> None:
        """Failures that are alike, together."""
        self.app.push_screen(GroupsScreen(self, self.narrowing.group))

    def show_group(self, group: FailureGroup) -> None:
        """Only what belongs to this group; Esc comes back to the groups."""
        self.narrow(self.narrowing.of_group(group))

    def action_overview(self) -> None:
        """What the last hour came to, or the span that is shown: all of it, also where a part of it was opened."""
        at = self.narrowing.parts[0].at if self.narrowing.parts else ""
        if self.narrowing.parts:
            self.narrow(self.narrowing.whole)
        if self.narrowing.shown.hours is None and self.place.is_account:
            self.narrow(replace(self.narrowing, shown=RowFilter(hours=1)))
        self.app.push_screen(OverviewScreen(self, at))

    def show_entry(self, at: str, shown: RowFilter, order: SortOrder) -> None:
        """Only what belongs to an entry of the overview; Esc comes back to that."""
        self.narrow(self.narrowing.of_entry(at, shown, order))

    # Opening

    def open_entry(self, entry: ExecutionOutcome) -> None:
        """Read it, and open it."""
        open_execution(self, self, entry)

    # What other parts do

    def chosen(self) -> Chosen:
        """What a key is pressed on."""
        return Chosen(
            self,
            self.place,
            self.feed.of,
            self.name_of_list,
            self.list.entry,
            self.list_of,
            [self.feed.rows[key] for key in self.list.marked if key in self.feed.rows],
            self.list.entries,
            self.feed.shown,
            self.children_of,
            is_whole=self.feed.is_whole,
        )

    def children_of(self, place: SourcePlace, map_run: str) -> ExecutionsScreen:
        """The list of the children of a Map Run."""
        return children_screen(place, map_run, self.now, self._elsewhere)

    def list_of(self, place: SourcePlace, title: str) -> Screen[None]:
        """A list of another place, to be shown over this one."""
        return ExecutionsScreen(place, "", title, now=self.now)

    def action_act(self, id: str) -> None:
        """What another part does with what is chosen."""
        act(id, self.chosen())


def children_screen(
    place: SourcePlace, map_run: str, now: Clock = wall_clock, elsewhere: Elsewhere | None = None
) -> ExecutionsScreen:
    """The list of the children of a Map Run, by its ARN, failed ones first."""
    arn = read_arn(map_run)
    title = f"Child executions of {arn.state_machine}/{arn.label}"
    return ExecutionsScreen(place, map_run, title, is_map_run=True, now=now, elsewhere=elsewhere)
