"""The triggers of a host on a page: what each waits for, where that is declared, what it started; a key fires one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from sfdebug.errors import SfdebugError
from sfdebug.hosting.triggers.hosted_trigger import FiredWith, HostedTrigger, TriggerSample
from sfdebug.reports.triggers import place_of_trigger, trigger_name, trigger_words
from sfdebug.text import clean, counted
from sfdebug.times import moment_text
from sfdebug.tui.browser.base import Clock, ListScreen, entry_lines, wall_clock
from sfdebug.tui.browser.columns import ListColumn
from sfdebug.tui.browser.keys import BACK, COMMON, HELP, LEAVE, NOTHING_FITS, ListKey, bindings
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.dialogs.edit_json import EditJsonDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.served.executions import ServedPage
from sfdebug.tui.widgets.search import matcher
from sfdebug.values import is_present

if TYPE_CHECKING:
    from textual.binding import BindingType

    from sfdebug.hosting.triggers.book import TriggerBook
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.served.server import WatchedServer
    from sfdebug.values import Value

_LOOK: Final = 0.5
"""Seconds after which the counts are looked at again."""

_FIRE: Final = ListKey(
    "triggers.fire", "f", "fire", "Fire it, with an event to edit first; Enter does it, too", "open", 0
)
_SHOW: Final = ListKey("triggers.show", "o", "last execution", "The execution that it started last", "last", 4)
_BACK_TO_LIST: Final = ListKey("triggers.page", "tab", "executions", "Back to the executions", "leave", 3)
_KEYS: Final = (
    _FIRE,
    _SHOW,
    _BACK_TO_LIST,
    *(one for one in COMMON if one.id in ("list.filter", "list.copy", "list.zone")),
    BACK,
    LEAVE,
    HELP,
)

_WHAT: Final = {
    FiredWith.EVENT: "The event, made of what the trigger waits for. The execution gets what the trigger makes of it.",
    FiredWith.RECORDS: "The records, as the pipe reads them. The execution gets what the pipe makes of them.",
    FiredWith.INPUT: "The input that the trigger names: the execution gets this.",
}

TRIGGER_COLUMNS: Final[tuple[ListColumn, ...]] = (
    ListColumn("fired", "FIRED", 5, is_right=True),
    ListColumn("name", "TRIGGER", 14, weight=2, most=32, keeps_end=True),
    ListColumn("when", "WAITS FOR", 22, weight=6, most=120),
    ListColumn("machine", "STARTS", 14, 1, weight=1, most=30, keeps_end=True),
    ListColumn("place", "DECLARED", 16, 2, weight=1, most=28, keeps_end=True),
)
_CLOCKED_COLUMNS: Final = (
    *TRIGGER_COLUMNS[:3],
    ListColumn("next", "NEXT", 14, roomy=19),
    *TRIGGER_COLUMNS[3:],
)
"""Where the clock fires schedules."""


def trigger_pages(book: TriggerBook, server: WatchedServer) -> list[ServedPage]:
    """The page beside the list of executions; none where nothing is declared."""
    return [ServedPage("Triggers", lambda: TriggersScreen(book, server))] if book.list else []


class TriggerList(EntryList[HostedTrigger]):
    """A row for each trigger."""

    def __init__(self, *, has_clock: bool) -> None:
        super().__init__()
        self.COLUMNS = _CLOCKED_COLUMNS if has_clock else TRIGGER_COLUMNS

    def key_of(self, entry: HostedTrigger) -> str:
        """Its place in the list: two may have one name."""
        return str(id(entry))

    def row_text(self, row: int) -> str:
        """What a filter looks at."""
        return text_of_trigger(self.entries[row])

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """Whether it fires by itself, how often it has, what it is."""
        entry, glyphs, plan = self.entries[row], glyphs_of(self), self.plan(width)
        is_off = bool(entry.why_not)
        sign = (glyphs.failed, "failed") if entry.refused else (glyphs.done, "done") if entry.fired else ("", "")
        paint = "muted" if is_off else ""
        cells: dict[str, Piece] = {
            "fired": (f"{entry.fired:,}" if entry.fired else glyphs.unvisited, "" if entry.fired else "faint"),
            "name": (entry.trigger.name, paint or "strong"),
            "when": (trigger_words(entry.trigger), paint),
            "next": (self.moment(entry.due, "next"), "current"),
            "machine": (entry.machine_name, paint),
            "place": (os.path.basename(place_of_trigger(entry.trigger)), "faint"),
        }
        return [(f" {sign[0] or ' '}  ", sign[1]), *plan.cells(cells)]


def text_of_trigger(entry: HostedTrigger) -> str:
    """All that one may look for."""
    parts = trigger_name(entry.trigger), trigger_words(entry.trigger), entry.machine_name, entry.trigger.file
    return " ".join(parts)


class TriggersScreen(ListScreen[HostedTrigger]):
    """The page; executions open over it in the debugger, where a `server` is watched."""

    KEYS = _KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(_KEYS)]
    FILTER_HINT = "part of a name, a pattern or a machine: a regular expression, ! in front inverts it"

    def __init__(self, book: TriggerBook, server: WatchedServer | None = None, now: Clock = wall_clock) -> None:
        self.list = TriggerList(has_clock=any(one.is_clocked for one in book.list))
        super().__init__(self.list, now)
        self._book = book
        self._server = server
        self._changes = -1

    # Lines

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`Triggers   7        12 executions started`."""
        fired = sum(one.fired for one in self._book.list)
        return (
            [("Triggers", "strong"), ("   ", ""), (f"{len(self._book.list):,}", "muted")],
            [(f"{counted(fired, 'execution')} started" if fired else "nothing was fired yet", "muted")],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """The filter, and how many fire by themselves."""
        left: list[Piece] = [(f"/{self.pattern}", "current")] if self.pattern else [("all", "muted")]
        active = sum(not one.why_not for one in self._book.list)
        words = "1 fires by itself" if active == 1 else f"{active:,} fire by themselves"
        return left, [(words, "muted")]

    def about(self, entry: HostedTrigger) -> list[list[Piece]]:
        """What it waits for in full, where that is declared, and what came of it last."""
        state = entry.why_not
        first = [
            (trigger_name(entry.trigger), "strong"),
            (f"   starts {entry.machine_name}", ""),
            (f"   {state}" if state else "", "waiting"),
            (f"   next at {moment_text(entry.due, self.list.zone)} {self.zone_words}" if entry.due else "", "current"),
        ]
        last = entry.last_arn.rpartition(":")[2]
        return entry_lines(
            first,
            [(trigger_words(entry.trigger) or "what it waits for is not known", "")],
            [
                (place_of_trigger(entry.trigger), "faint"),
                (f"   not started: {entry.refused}" if entry.refused else "", "failed"),
                (f"   last: {last}" if last and not entry.refused else "", "muted"),
            ],
        )

    # Showing

    def on_mount(self) -> None:
        """Show them, and look for what is fired."""
        self.say("")
        self.refresh_list()
        self.set_interval(_LOOK, self.look)

    def look(self) -> None:
        """Show what was fired since."""
        if self._changes != self._book.changes and self.is_active:
            self.refresh_list()

    def refresh_list(self) -> None:
        """Those that fit, in the order of the project."""
        self._changes = self._book.changes
        matches = matcher(self.pattern)
        rows = [one for one in self._book.list if matches is None or matches(text_of_trigger(one))]
        nothing = NOTHING_FITS if self.pattern else "the project declares no triggers"
        self.list.put(rows, nothing)
        self.list.refresh_rows()
        self.show_lines()

    # Keys

    def open_entry(self, entry: HostedTrigger) -> None:
        """Fire it, with something that one can edit first."""
        if not entry.can_be_fired:
            self.say(f"{trigger_name(entry.trigger)} cannot be fired here: {entry.why_not}")
            return
        try:
            sample = self._book.sample(entry)
        except SfdebugError as error:
            self.say(f"{trigger_name(entry.trigger)} cannot be fired: {error.what}")
            return
        kind = sample.kind

        def why_not(value: Value) -> str:
            return entry.problem_with(TriggerSample(kind, value)) if is_present(value) else ""

        def fire(value: Value | None) -> None:
            if value is not None and is_present(value):
                self._fire(entry, TriggerSample(kind, value))

        title = f"Fire {trigger_name(entry.trigger)}"
        said = f"{_WHAT[kind]}\n{trigger_words(entry.trigger)}"
        self.app.push_screen(EditJsonDialog(title, sample.value, said, why_not=why_not), fire)

    def _fire(self, entry: HostedTrigger, sample: TriggerSample) -> None:
        try:
            record = self._book.fire(entry, sample)
        except SfdebugError as error:
            self.say(f"nothing was started: {error.what}")
        else:
            self.say(f"started {clean(record.name)} of {clean(entry.machine_name)}")
        self.refresh_list()

    def action_last(self) -> None:
        """Show the execution that was started last."""
        entry = self.list.entry
        if entry is None or not entry.last_arn:
            self.say("it has started nothing yet")
        elif self._server is None:
            self.say(entry.last_arn)
        else:
            from sfdebug.tui.served.debug import opened_screen

            try:
                screen = opened_screen(self._server, self._server.host.hosted(entry.last_arn))
            except SfdebugError as error:
                self.say(error.what)
            else:
                self.app.push_screen(screen)

    def action_copy(self) -> None:
        """Copy its ARN, or where it is declared."""
        entry = self.list.entry
        if entry is not None:
            text = entry.trigger.arn or place_of_trigger(entry.trigger)
            self.app.copy_to_clipboard(text)
            self.say(f"copied: {text}")
