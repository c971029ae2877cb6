"""The lists of the browser: a row for each state machine, execution or group of failures, however many there are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct
from textual.message import Message

from sfdebug.executions.outcome import Known
from sfdebug.times import duration_text, moment_text
from sfdebug.tui.browser.columns import (
    ARCHIVED_COLUMNS,
    EXECUTION_COLUMNS,
    GROUP_COLUMNS,
    MACHINE_COLUMNS,
    ColumnPlan,
    ListColumn,
    NamesAlike,
    planned,
)
from sfdebug.tui.browser.filters import STATUSES, took
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from sfdebug.aws.listing import MachineEntry
    from sfdebug.executions.groups import FailureGroup
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import Count, MachineCounts
    from sfdebug.executions.trail import Whereabouts
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

E = TypeVar("E")

_AHEAD = 40
"""So many rows before the end the next page is asked for."""


class EntryList(LineList, Generic[E]):
    """Entries that change while one looks at them: the cursor stays on its entry, by its key."""

    COLUMNS: tuple[ListColumn, ...] = ()

    class Seen(Message):
        """Other rows may be in view, or the cursor is on another one."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[E] = ()
        self.note = ""
        self.zone: tzinfo | None = UTC
        self._plan = ColumnPlan(())
        self._planned_for = -1

    @abstractmethod
    def key_of(self, entry: E) -> str:
        """What tells an entry from all others."""

    def put(self, entries: Sequence[E], note: str, at: str = "") -> None:
        """Show these; `note` is what an empty list says, `at` the key of the entry that is to have the cursor."""
        wanted = at or (self.key_of(self.entry) if self.entry is not None else "")
        top, line = round(self.scroll_y), self.cursor - round(self.scroll_y)
        self.entries, self.note = entries, note
        found = next((row for row, entry in enumerate(entries) if self.key_of(entry) == wanted), None)
        self.rows_changed(found)
        if found is not None and top > 0 and not at:  # where the top is in view, what is new there is to be seen
            self.scroll_to(y=max(0, found - line), animate=False, force=True)
        self.post_message(self.Seen())

    def refresh_rows(self) -> None:
        """Paint all rows anew, though they are the same."""
        self._strips.clear()
        self.repaint()

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint, and say that something else is looked at."""
        super().watch_cursor(before, after)
        self.post_message(self.Seen())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Seen())

    @property
    def is_near_end(self) -> bool:
        """Whether the rows run out soon, seen from the cursor."""
        return self.cursor >= len(self.entries) - _AHEAD

    @property
    def in_view(self) -> Sequence[E]:
        """The entries that are on the screen."""
        top = round(self.scroll_y)
        return self.entries[top : top + max(1, self.size.height)]

    @property
    def entry(self) -> E | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def count_rows(self) -> int:
        """One row for each entry."""
        return len(self.entries)

    def row_text(self, row: int) -> str:
        """The key: what is shown is chosen before it gets here."""
        return self.key_of(self.entries[row])

    @property
    def empty_text(self) -> str:
        """What is known while nothing is there."""
        return self.note

    def plan(self, width: int) -> ColumnPlan:
        """The columns at this width of the list; the same whether or not there is a scroll bar."""
        if width != self._planned_for:
            self._planned_for = width
            self._plan = planned(self.COLUMNS, self.app.size.width - 1)
        return self._plan

    def moment(self, milliseconds: int | None, id: str) -> str:
        """A time, without its year where its column is narrow."""
        text = moment_text(milliseconds, self.zone)
        return text if self._plan.width_of(id) >= len(text) else text[5:]

    @abstractmethod
    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """A row."""


NO_MACHINE: Final = "none that is recorded"
"""What to call the state machine of executions of which the ARN is not known."""


class CountedMachine(Struct, frozen=True):
    """How many executions of a machine run, and failed: in the last day, or ever where it is not `of_day`. `why_not`
    says why that is not known."""

    running: str = ""
    failed: str = ""
    failed_number: int = 0
    running_number: int = 0
    is_at_least: bool = False
    why_not: str = ""
    of_day: bool = True

    @classmethod
    def of(cls, counts: MachineCounts | None) -> CountedMachine:
        """The counts in words; None is for those that AWS keeps no list of."""
        if counts is None:
            return cls(why_not="in its log")
        failed = counts.failed
        running = counts.running
        return cls(
            _number(running),
            _number(failed),
            failed.number,
            running.number,
            not failed.is_exact,
            of_day=counts.since is not None,
        )

    @property
    def words(self) -> str:
        """A sentence of it."""
        if self.why_not == "in its log":
            return "Express: AWS keeps no list of its executions, they are in its log"
        if self.why_not:
            return f"not counted: these credentials {self.why_not}"
        of = ", of its newest 1,000" if self.is_at_least else ""
        day = " in the last 24 h" if self.of_day else ""
        return f"{self.running} running, {self.failed} failed, timed out or aborted{day}{of}"


def _number(count: Count) -> str:
    return f"{count.number:,}{'' if count.is_exact else '+'}"


class MachineList(EntryList["MachineEntry"]):
    """State machines: name, type, what runs and what failed."""

    def __init__(self, *, is_archive: bool = False) -> None:
        super().__init__()
        self.COLUMNS = ARCHIVED_COLUMNS if is_archive else MACHINE_COLUMNS
        self.counts: dict[str, CountedMachine] = {}

    def key_of(self, entry: MachineEntry) -> str:
        """Its ARN."""
        return entry.arn

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  Orders        STANDARD        3       1,000+   2025-01-01 00:00:00`."""
        entry, glyphs, plan = self.entries[row], glyphs_of(self), self.plan(width)
        counts = self.counts.get(entry.arn)
        sign, paint = (" ", "")
        if counts is not None and counts.failed not in ("", "0"):
            sign, paint = glyphs.failed, "failed"
        return [
            (f"  {sign} ", paint),
            *plan.cells(
                {
                    "name": (entry.name or NO_MACHINE, "" if entry.name else "muted"),
                    "type": (entry.type, "muted"),
                    "running": _count(counts, "running", "current", glyphs),
                    "failed": _count(counts, "failed", "failed", glyphs),
                    "created": (self.moment(entry.created_at, "created"), "muted"),
                }
            ),
        ]


def _count(counts: CountedMachine | None, name: str, paint: str, glyphs: Glyphs) -> Piece:
    if counts is None:
        return glyphs.ellipsis, "faint"
    if counts.why_not:
        return counts.why_not, "faint"
    text = getattr(counts, name)
    return text, "faint" if text in ("0", "") else paint


class ExecutionList(EntryList["ExecutionOutcome"]):
    """Executions: how they stand, name, error, failed state, start, duration, retries, cause."""

    COLUMNS = EXECUTION_COLUMNS

    def __init__(self, now: Callable[[], int | None]) -> None:
        """`now` is in milliseconds since 1970, None where nobody knows whether what ran still runs."""
        super().__init__()
        self.marked: dict[str, None] = {}
        """The keys of those that are marked, in the order in which they were."""
        self.fresh: set[str] = set()
        """The keys of those that failed while one was looking."""
        self.whereabouts: dict[str, Whereabouts] = {}
        """Where those are that run, by their keys."""
        self._now = now
        self._files = NamesAlike()

    def put(self, entries: Sequence[ExecutionOutcome], note: str, at: str = "") -> None:
        """Show these; see `EntryList.put`."""
        self._files = NamesAlike(one.called for one in entries if not one.name)
        super().put(entries, note, at)

    @property
    def running(self) -> list[ExecutionOutcome]:
        """Those that run, the ones in view first."""
        return list({one.key: one for one in (*self.in_view, *self.entries) if one.is_running}.values())

    def _name_piece(self, entry: ExecutionOutcome, plan: ColumnPlan) -> Piece:
        """What it is called; of a file, where there is no room for all, what tells it from the others."""
        return entry.title if entry.name else self._files.fitted(entry.title, plan.width_of("name")), ""

    def key_of(self, entry: ExecutionOutcome) -> str:
        """Its ARN, or where it is."""
        return entry.key

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  ✗ FAILED     run-17    States.Timeout   Charge   01-01 00:00:00   4.2 s   2`."""
        entry, glyphs, plan = self.entries[row], glyphs_of(self), self.plan(width)
        sign, paint = STATUSES.get(entry.status, ("unvisited", "muted"))
        mark = glyphs.marked if entry.key in self.marked else glyphs.added if entry.key in self.fresh else " "
        return [
            (f"{mark} ", "key"),
            (f"{getattr(glyphs, sign)} ", paint),
            *plan.cells(
                {
                    "status": (entry.status, paint),
                    "name": self._name_piece(entry, plan),
                    "error": error_piece(entry, glyphs),
                    "state": self.state_piece(entry),
                    "started": (self.moment(entry.started_at, "started"), "muted"),
                    "took": (duration_text(took(entry, self._now())), "current" if entry.is_running else "muted"),
                    "tries": (retries_text(entry, glyphs, self.whereabouts.get(entry.key)), "waiting"),
                    "cause": (first_line(entry.cause or ""), "muted"),
                }
            ),
        ]

    def state_piece(self, entry: ExecutionOutcome) -> Piece:
        """The failed state, or where one is that runs."""
        if entry.is_running:
            where = self.whereabouts.get(entry.key)
            return where.states if where is not None else "", "current"
        if entry.failed_state is not None:
            return entry.failed_state.path, ""
        return "", "faint"


def error_piece(entry: ExecutionOutcome, glyphs: Glyphs) -> Piece:
    """The error; an ellipsis as long as nobody has looked."""
    if entry.error:
        return entry.error, ""
    if entry.refusal:
        return "not readable", "faint"
    if entry.is_unsuccessful and entry.known < Known.DESCRIBED:
        return glyphs.ellipsis, "faint"
    return "", ""


def retries_text(entry: ExecutionOutcome, glyphs: Glyphs, where: Whereabouts | None = None) -> str:
    """`3`, at least `2+` where only the failed state is known, or the one under way, with the redrives: `↻1`."""
    texts = []
    attempts = entry.failed_state.attempts if entry.failed_state is not None else None
    if entry.is_running:
        attempts = where.tries if where is not None else None
    if entry.retries:
        texts.append(f"{entry.retries}")
    elif entry.retries is None and attempts is not None and attempts > 1:
        texts.append(f"{attempts - 1}+")
    if entry.redrive_count:
        texts.append(f"{glyphs.retry}{entry.redrive_count}")
    return " ".join(texts)


def first_line(text: str) -> str:
    """The first line of a text that has something in it."""
    return next((line for line in (one.strip() for one in text.splitlines()) if line), "")


class GroupList(EntryList["FailureGroup"]):
    """Failures that are alike: how many, error, state, when."""

    COLUMNS = GROUP_COLUMNS

    def key_of(self, entry: FailureGroup) -> str:
        """What they have in common."""
        return group_key(entry)

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  ✗   1,024  States.Timeout   Charge   01-01 00:00:00   01-01 00:00:00   the shape of the cause`."""
        entry, glyphs, plan = self.entries[row], glyphs_of(self), self.plan(width)
        sign, paint = STATUSES.get(entry.status, ("unvisited", "muted"))
        unnamed = "not looked into yet" if is_not_looked_into(entry) else "no error named"
        error = (entry.error, "") if entry.error else (unnamed, "faint")
        state = (entry.state, "") if entry.state else ("" if entry.is_state_known else "not known", "faint")
        return [
            (f"  {getattr(glyphs, sign)} ", paint),
            *plan.cells(
                {
                    "count": (f"{entry.count:,}", "strong"),
                    "error": error,
                    "state": state,
                    "last": (self.moment(entry.last_seen, "last"), "muted"),
                    "first": (self.moment(entry.first_seen, "first"), "muted"),
                    "cause": (entry.shape, "muted"),
                }
            ),
        ]


def is_not_looked_into(group: FailureGroup) -> bool:
    """Whether nothing is known of its members but that they failed: they need not be alike."""
    return not group.error and not group.shape and not group.state and not group.is_state_known


def group_key(group: FailureGroup) -> str:
    """What the members of a group have in common, as one text."""
    return "\n".join((group.state_machine_arn, group.status, group.error, group.state, group.shape))
