"""The executions that clients have started, live: what stands in the list is how they stand ten times a second."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from textual import events, on

from sfdebug.errors import SfdebugError
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.text import clean, counted
from sfdebug.tui.browser.base import ListScreen, entry_lines, wall_clock
from sfdebug.tui.browser.keys import BACK, COPY, FILTER, HELP, NOTHING_FITS, OPEN, ZONE, ListKey, bindings
from sfdebug.tui.dialogs.messages import ConfirmDialog, TextDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import pieces_length
from sfdebug.tui.served.list import ServedList, status_sign
from sfdebug.tui.served.rows import HELD, ServedEntry, ServedRow, arn_of, row_of
from sfdebug.tui.served.wording import alarm_words, held_words
from sfdebug.tui.terminal.guard import guarded
from sfdebug.tui.widgets.search import matcher
from sfdebug.values import compact

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.screen import Screen

    from sfdebug.debugger import Debugger
    from sfdebug.engine import Execution
    from sfdebug.tui.browser.base import Clock
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.served.server import WatchedServer

_POLL: Final = 0.1
"""Seconds between two looks at the host."""
_SHARE: Final = 8
"""Where a look takes long, so many times as long goes by until the next."""
_TICK: Final = 1.0
"""Seconds after which what runs is painted again, though nothing has happened."""
_STEPS: Final = ("", HELD, "RUNNING", "FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED")
"""What one key goes through: all, then one status alone."""
_MOST_SAID: Final = 1_000
_LONGEST_INPUT: Final = 2_000
_BETWEEN: Final = 4
"""Columns beside the two sides of the heading, and between them."""


class ServedPage(Struct, frozen=True):
    """Another page of the watch, beside the list: the title that its tab has, and what opens it."""

    title: str
    open: Callable[[], Screen[None]]


_CLIENTS: Final = ListKey(
    "served.clients", "e", "clients", "How clients come here: lines and ARNs, to copy", "clients", 2
)
_HOLD: Final = ListKey("served.hold", "h", "hold", "Hold this one where it is: its client sees RUNNING", "hold", 3)
_MESSAGES: Final = ListKey("served.messages", "m", "messages", "What the server has said", "messages", 8)
_NONE_YET: Final = f"no executions yet: {_CLIENTS.label} shows the lines that bring clients here"

SERVED_KEYS: Final = (
    OPEN,
    _CLIENTS,
    ListKey("list.status", "f", "status", "Only the next status; F the one before", "status(1)", 4),
    ListKey("list.status_back", "F", "status before", "Only the status before", "status(-1)"),
    ListKey("served.mode", "H", "hold mode", "Hold every execution before its first state, or no more", "mode", 4),
    _HOLD,
    ListKey("served.step", "n", "step", "Step the held one, which stays held", "step", 5),
    ListKey("served.release", "c", "go on", "Let the held one go on", "release", 3),
    ListKey("served.release_all", "C", "all go on", "Let all that are held go on", "release_all", 6),
    ListKey("served.breakpoints", "b", "breakpoints", "Where executions are held: list and write", "breakpoints", 5),
    ListKey("served.stop", "x", "stop", "Stop this one, as StopExecution does", "stop", 9),
    ListKey("served.redrive", "r", "redrive", "Redrive this one, as RedriveExecution does", "redrive", 9),
    _MESSAGES,
    ListKey("served.page", "tab", "pages", "The next page: triggers, for example", "page", 7),
)


_LEAVE: Final = ListKey("list.leave", "q,ctrl+c", "leave", "End the server; asks where executions run", "leave", 8)


class ServedExecutionsScreen(ListScreen[ServedEntry]):
    """The list, the newest first. Leaving it ends the server, with all executions."""

    KEYS = (*SERVED_KEYS, FILTER, COPY, ZONE, BACK, _LEAVE, HELP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    FILTER_HINT = "in name, machine, state, error or cause: a regular expression, ! in front inverts it"

    def __init__(self, server: WatchedServer, *, pages: Sequence[ServedPage] = (), now: Clock = wall_clock) -> None:
        """`pages` are beside this one."""
        self.list = ServedList()
        super().__init__(self.list, now)
        self.list.note = _NONE_YET
        self.server = server
        self.pages = tuple(pages)
        self.status = ""
        """The one status that is shown; "" for all."""
        self.messages: list[str] = []
        """What the server has said, the last thousand lines."""
        self._unread = 0
        self._changes_seen = -1
        self._painted_at = self._rest_until = 0.0
        self._counts: Counter[str] = Counter()
        self._texts: dict[str, tuple[Execution | ServedRow, str]] = {}
        """What a typed filter looks at, by ARN, as long as the execution stands as it did."""

    # Lines

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`http://127.0.0.1:8083   run   virtual time        2 held · 3 running · 1,204 over`."""
        glyphs, counts = glyphs_of(self), self._counts
        left: list[Piece] = [(self.server.url, "strong"), ("   ", "")]
        holder = self.server.holder
        left.append((" HOLD ", "current-mark") if holder.holds_starts else ("run", "muted"))
        points = sum(point.is_on for point in holder.breakpoints)
        if points:
            left += [("   ", ""), (f"{glyphs.breakpoint} {points}", "breakpoint")]
        running, held = counts["RUNNING"], counts[HELD]
        over = sum(counts.values()) - running - held
        right: list[Piece] = []
        if held:
            right += [(f"{held:,} held", "current"), (f" {glyphs.dot} ", "faint")]
        right += [(f"{running:,} running", "current" if running else "muted"), (f" {glyphs.dot} ", "faint")]
        right.append((f"{over:,} over", "muted"))
        earlier = self.server.earlier.count
        if earlier:
            right += [(f" {glyphs.dot} ", "faint"), (f"{earlier:,} before", "muted")]
        pace: list[Piece] = [("   ", ""), (self.server.time_words, "muted")]
        if pieces_length([*left, *pace, *right]) + _BETWEEN <= self.app.size.width:  # else the counts would be cut
            left += pace
        return left, right

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`HELD · /orders · newest first        12 shown · 2 messages: m`."""
        glyphs = glyphs_of(self)
        left: list[Piece] = [(self.status or "all statuses", "current" if self.status else "muted")]
        if self.pattern:
            left += [(f" {glyphs.dot} ", "faint"), (f"/{clean(self.pattern)}", "current")]
        left += [(f" {glyphs.dot} newest first", "muted")]
        right: list[Piece] = []
        if self.is_filtered:
            right = [(f"{len(self.list.entries):,} shown", "current")]
        unread = self.server.earlier.unread
        if unread:
            why = "are not looked at here" if self.server.earlier.is_full else "not read yet"
            right += [(f" {glyphs.dot} ", "faint")] if right else []
            right.append((f"{unread:,} older ones {why}", "muted"))
        if self._unread:
            right += [(f" {glyphs.dot} ", "faint")] if right else []
            right.append((f"{counted(self._unread, 'message')}: {_MESSAGES.label}", "waiting"))
        return left, right

    @property
    def is_filtered(self) -> bool:
        """Whether not all are shown."""
        return bool(self.status or self.pattern)

    def about(self, entry: ServedEntry) -> list[list[Piece]]:
        """How it stands, why it failed or what it was given, its ARN."""
        row, glyphs = row_of(entry), glyphs_of(self)
        sign, paint = status_sign(row.status, glyphs)
        where = f"  {row.states}" if row.states else ""
        first: list[Piece] = [(f"{sign} {row.status}", paint), (f"  {row.machine}", "strong"), (where, "")]
        hosted = entry if isinstance(entry, HostedExecution) else None
        if hosted is not None and hosted.held is not None:
            first.append((f"  {held_words(hosted.held)}", "current"))
        alarm = alarm_words(hosted, self.server.host.clock.now()) if hosted is not None else ""
        if alarm:
            first.append((f"  {alarm}", "failed"))
        if row.test_case:
            first.append((f"  test case {row.test_case}", "muted"))
        if row.error or row.cause:
            why = " ".join(f"{row.error}: {row.cause}".split())
        elif hosted is not None:
            why = f"input {compact(hosted.execution.input)[:_LONGEST_INPUT]}"
        else:
            why = "it is kept, and no longer in memory"
        return entry_lines(first, [(why, "" if row.error else "muted")], [(row.arn, "faint")])

    # Looking

    def on_mount(self) -> None:
        """Look at the host from now on; what is printed meanwhile is no longer for the terminal."""
        self.app.begin_capture_print(self)
        self.say(self._began_with())
        self.look()
        self.set_interval(_POLL, self._poll)

    def _began_with(self) -> str:
        """Read the newest of those that are kept; what there is to say of that."""
        if self.server.is_kept:
            self.server.earlier.begin()
        return self.server.earlier.trouble

    def seen(self) -> None:
        """Where the rows run out soon, read more of those that are kept."""
        if self.list.is_near_end and self.server.earlier.more():
            self.refresh_list()

    def on_screen_resume(self) -> None:
        """Be up to date again."""
        self._changes_seen = -1
        self.look()

    def _poll(self) -> None:
        """Look at the host, unless the last look has taken so long that others have their turn first."""
        began = time.monotonic()
        if began < self._rest_until:
            return
        self.look()
        spent = time.monotonic() - began
        self._rest_until = began + _SHARE * spent if spent > _POLL / _SHARE else 0.0

    @guarded
    def look(self) -> None:
        """Look at the host: where something has happened, show it."""
        if not self.is_current:
            return
        changes = self.server.host.changes
        if changes != self._changes_seen:
            self._changes_seen = changes
            self.refresh_list()
        elif time.monotonic() - self._painted_at >= _TICK and any(row_of(one).is_running for one in self.list.in_view):
            self._show_rows()
        elif self.is_filtered and self.list.is_near_end and self.server.earlier.more():
            self.refresh_list()

    def refresh_list(self) -> None:
        """Show how the executions stand now, of them what the filter lets through."""
        every = self.server.listed()
        self._counts = Counter(_status(one) for one in every if isinstance(one, HostedExecution))
        self.list.show_cases(are_shown=any(map(_test_case, every)))
        shown = self._taken(every)
        if shown != self.list.entries:
            newest = arn_of(shown[0]) if shown and not self.list.cursor else ""  # who is at the top stays there
            self.list.put(shown, self._nothing, newest)
        self._show_rows()

    def _show_rows(self) -> None:
        self._painted_at = time.monotonic()
        self.list.refresh_rows()
        self.show_lines()

    @property
    def _nothing(self) -> str:
        if self.is_filtered:
            return NOTHING_FITS
        return _NONE_YET

    def _taken(self, every: list[ServedEntry]) -> list[ServedEntry]:
        if self.status:
            every = [one for one in every if _status(one) == self.status]
        matches = matcher(self.pattern)
        if matches is None:
            self._texts.clear()
            return every
        return [one for one in every if matches(self._searched(one))]

    def _searched(self, entry: ServedEntry) -> str:
        stands, known = entry if isinstance(entry, ServedRow) else entry.execution, self._texts.get(arn_of(entry))
        if known is None or known[0] is not stands:
            known = self._texts[arn_of(entry)] = stands, row_of(entry).searched
        return known[1]

    # What the server says

    @on(events.Print)
    @guarded
    def _printed(self, event: events.Print) -> None:
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        self.messages = [*self.messages, *lines][-_MOST_SAID:]
        self._unread += len(lines)
        if self.is_current and lines:
            self.say(lines[-1])
            self.show_lines()

    def action_messages(self) -> None:
        """What the server has said."""
        self._unread = 0
        self.say("")
        self.show_lines()
        text = "\n".join(self.messages) or "The server has said nothing."
        self.app.push_screen(TextDialog("What the server has said", text))

    # What the user does

    def action_status(self, step: int) -> None:
        """Only the next status, or the one before."""
        self.status = _STEPS[(_STEPS.index(self.status) + step) % len(_STEPS)]
        self.refresh_list()

    def reset_filter(self) -> bool:
        """Take away what was typed, then the status; whether there was either."""
        if super().reset_filter():
            return True
        had, self.status = bool(self.status), ""
        if had:
            self.refresh_list()
        return had

    def action_copy(self) -> None:
        """Copy the ARN."""
        entry = self.list.entry
        if entry is not None:
            self.app.copy_to_clipboard(arn_of(entry))
            self.say(f"copied: {arn_of(entry)}")

    def action_clients(self) -> None:
        """How clients come."""
        from sfdebug.tui.served.clients import ClientsDialog

        self.app.push_screen(ClientsDialog(self.server))

    def action_page(self) -> None:
        """The next page."""
        if self.pages:
            self.app.push_screen(self.pages[0].open())
        else:
            self.say("there is no other page: nothing here has triggers")

    # Holding

    def action_mode(self) -> None:
        """Hold every execution that starts, or no more."""
        holder = self.server.holder
        holder.holds_starts = not holder.holds_starts
        self.show_lines()
        self.say("every execution is held before its first state" if holder.holds_starts else "executions run")

    def action_hold(self) -> None:
        """Hold the one at hand."""
        self._with_running(lambda entry: entry.hold())

    def action_step(self) -> None:
        """Step the held one at hand."""
        self._with_held(lambda entry: entry.step_held())

    def action_release(self) -> None:
        """Let the held one at hand go on."""
        self._with_held(lambda entry: entry.release())

    def action_release_all(self) -> None:
        """Let all that are held go on."""
        count = self.server.release_all()
        self.refresh_list()
        self.say(f"{counted(count, 'execution')} {'goes' if count == 1 else 'go'} on" if count else "none is held")

    def action_stop(self) -> None:
        """Stop the one at hand, after a question."""

        def stop(entry: HostedExecution) -> None:
            def confirmed(yes: bool | None) -> None:
                if yes:
                    entry.stop("Stopped", "by hand, in the debugger")
                    self.refresh_list()

            question = f"{entry.facts.name}: its client finds it ABORTED."
            self.app.push_screen(ConfirmDialog("Stop it?", question, yes="stop it", no="leave it"), confirmed)

        self._with_running(stop)

    def action_redrive(self) -> None:
        """Redrive the one at hand."""
        entry = self.list.entry
        if entry is None:
            return
        try:
            self.server.host.redrive_execution(arn_of(entry))
        except SfdebugError as error:
            self.say(f"{row_of(entry).name}: {error.what}")
        else:
            self.refresh_list()

    def action_breakpoints(self) -> None:
        """Where executions of the machine at hand are held."""
        from sfdebug.tui.breakpoints.panel import BreakpointsDialog

        every = [self.list.entry] if self.list.entry is not None else self.server.listed()[:1]
        try:
            debugger = self._debugger_for(self.server.execution_of(every[0]) if every else None)
        except SfdebugError as error:
            self.say(error.what)
            return
        if debugger is None:
            self.say("there is no state machine yet that a breakpoint could be about")
            return
        self.server.show_in(debugger.breakpoints)

        def changed() -> None:
            self.server.take_from(debugger.breakpoints)
            self.show_lines()

        note = "They hold clients' executions, in every state machine that has what they are about."
        self.app.push_screen(BreakpointsDialog(debugger, changed, note=note))

    def _debugger_for(self, entry: HostedExecution | None) -> Debugger | None:
        """A debugger of the machine of an execution, or of the first one that is here."""
        from sfdebug.asl.load import parse_definition
        from sfdebug.debugger import Debugger

        if entry is not None:
            return Debugger(entry.execution.machine)
        machines = self.server.host.machines.list()
        if not machines:
            return None
        return Debugger(parse_definition(machines[0].definition, machines[0].name, "json"))

    def _with_running(self, do: Callable[[HostedExecution], object]) -> None:
        entry = self.list.entry
        if not isinstance(entry, HostedExecution) or not self.server.is_running(entry):
            self.say("it does not run" if entry is not None else "there is none")
            return
        do(entry)
        self.refresh_list()

    def _with_held(self, do: Callable[[HostedExecution], object]) -> None:
        entry = self.list.entry
        if not isinstance(entry, HostedExecution) or entry.held is None:
            self.say(f"it is not held: {_HOLD.label} holds it" if entry is not None else "there is none")
            return
        do(entry)
        self.refresh_list()

    def open_entry(self, entry: ServedEntry) -> None:
        """Open an execution in the debug screen, over this."""
        from sfdebug.tui.served.debug import opened_screen

        try:
            screen = opened_screen(self.server, self.server.execution_of(entry))
        except SfdebugError as error:
            self.app.push_screen(TextDialog("It cannot be opened", str(error)))
        else:
            self.app.push_screen(screen)

    def action_leave(self) -> None:
        """End the server; ask first where executions run."""
        running = sum(map(self.server.is_running, self.server.host.hosted_executions()))
        if not running:
            self.app.exit(0)
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.app.exit(0)

        what = "will be stopped"
        if self.server.is_kept:
            what = f"{'goes' if running == 1 else 'go'} on the next time, from the store"
        text = f"{counted(running, 'execution')} {what}, and clients find nobody here any more."
        self.app.push_screen(ConfirmDialog("End the server?", text, yes="end it", no="stay"), confirmed)


def _status(entry: ServedEntry) -> str:
    if isinstance(entry, ServedRow):
        return entry.status
    return HELD if entry.held is not None else entry.execution.status


def _test_case(entry: ServedEntry) -> str:
    return entry.test_case if isinstance(entry, ServedRow) else entry.facts.test_case
