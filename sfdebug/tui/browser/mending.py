"""Would the mend have held? Executions run again under a definition, and what comes of them in groups, as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from sfdebug.aws.concurrency import Cancellation
from sfdebug.errors import SfdebugError
from sfdebug.executions.verifying import MendReport, Verified, verify_executions
from sfdebug.history.coverage.items import merged
from sfdebug.history.coverage.model import CoverageItem, CoverageKind, TakenItems
from sfdebug.history.verification.outcomes import FAILED_OUTCOMES, HELD, MendOutcome, OutcomeGroup
from sfdebug.reports.coverage.text import coverage_lines
from sfdebug.reports.outcomes import extent_lines, failure_lines, outcome_lines, outcome_summary, told_of
from sfdebug.text import counted
from sfdebug.tui.browser.base import entry_lines
from sfdebug.tui.browser.columns import ListColumn
from sfdebug.tui.browser.keys import COMMON, NOTHING_FITS, OPEN, ListKey, bindings
from sfdebug.tui.browser.lists import EntryList
from sfdebug.tui.browser.reading import BackgroundReader, Filled, PageLoaded, ReadingDone, ReadingFailed
from sfdebug.tui.browser.reading_lists import ReadingListScreen
from sfdebug.tui.browser.selected import SelectedPlace, SelectedSource
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.widgets.search import matcher

if TYPE_CHECKING:
    from textual.binding import BindingType

    from sfdebug.asl.definition import StateMachine
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.coverage.model import Coverage
    from sfdebug.tui.browser.base import Clock
    from sfdebug.tui.browser.places import SourcePlace
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_PAUSE: Final = 0.1
"""Seconds between two messages with what was verified meanwhile."""

_COLUMNS: Final = (
    ListColumn("count", "COUNT", 6, is_right=True),
    ListColumn("outcome", "OUTCOME", 23),
    ListColumn("what", "WHAT COMES OF IT", 24, 1, weight=5, most=120),
    ListColumn("state", "STATE", 12, 2, weight=1, most=30),
)


class _Verifying(BackgroundReader):
    """Verifies on a thread, and tells the screen a few at a time."""

    def __init__(self, screen: MendReportScreen, begin: Callable[[], Iterator[Verified]]) -> None:
        super().__init__(screen)
        self._begin = begin
        self._start(self._verify)

    def _verify(self) -> None:
        answers: list[Verified] = []
        told = 0.0
        with closing(self._begin()) as found:  # type: ignore[type-var]
            for one in found:
                if self.is_stopped:
                    return
                answers.append(one)
                if monotonic() - told > _PAUSE:
                    self._post(Filled(self, answers))
                    answers, told = [], monotonic()
        self._post(Filled(self, answers))
        self._post(ReadingDone(self, None))


class MendList(EntryList["OutcomeGroup"]):
    """The groups: how many, what comes of them, and where."""

    COLUMNS = _COLUMNS

    def key_of(self, entry: OutcomeGroup) -> str:
        """What its executions have in common."""
        return f"{entry.outcome}\n{entry.state}\n{entry.what}"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`  ✓      33  now succeeds    it goes another way from 'Charge' on    Charge`."""
        entry, plan = self.entries[row], self.plan(width)
        sign, paint = sign_of(entry.outcome, glyphs_of(self))
        return [
            (f"  {sign} ", paint),
            *plan.cells(
                {
                    "count": (f"{len(entry.executions):,}", "strong"),
                    "outcome": (str(entry.outcome), paint),
                    "what": (told_of(entry), ""),
                    "state": (entry.state, "muted"),
                }
            ),
        ]


def sign_of(outcome: MendOutcome, glyphs: Glyphs) -> Piece:
    """The sign and the paint of an outcome: proved to be good, proved to be bad, or not proved."""
    if outcome in HELD:
        return glyphs.done, "done"
    if outcome in FAILED_OUTCOMES:
        return glyphs.failed, "failed"
    if outcome is MendOutcome.NOT_VERIFIED:
        return glyphs.skipped, "muted"
    return glyphs.differs, "caught"


class MendReportScreen(ReadingListScreen["OutcomeGroup"]):
    """The groups; Enter lists the executions of one, each of which opens under the definition."""

    KEYS = (
        OPEN,
        ListKey("mend.coverage", "o", "coverage", "What of the definition was taken by them", "coverage", 3),
        ListKey(
            "mend.coverage_of", "O", "its coverage", "What was taken by those of the group alone", "coverage(True)"
        ),
        ListKey("mend.again", "R,f5", "again", "Read the definition again, and verify again under it", "again", 4),
        ListKey("mend.definition", "d", "definition", "Verify under another definition", "definition", 5),
        ListKey("mend.copy", "y", "copy", "Copy all of it as text", "copy", 6),
        *(one for one in COMMON if one.id not in ("list.zone", "list.reload", "list.copy")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    FILTER_HINT = "in outcome, state and what comes of it: a regular expression, ! in front inverts it"

    def __init__(
        self,
        place: SourcePlace,
        machine: StateMachine,
        outcomes: Sequence[ExecutionOutcome],
        now: Clock,
        *,
        note: str = "",
        read_again: Callable[[], StateMachine],
        ask_definition: Callable[[], None] | None = None,
        opens: Callable[[SelectedPlace, str], None],
    ) -> None:
        """`note` says which executions they are; `opens` shows some of them, under a title; `read_again` gives
        the definition as it is now, `ask_definition` asks for another one."""
        self.list = MendList()
        super().__init__(place, self.list, now)
        self.report = MendReport(machine, (), len(outcomes))
        self._outcomes = {one.key: one for one in outcomes}
        self._note = note
        self._read_again = read_again
        self._ask_definition = ask_definition
        self._opens = opens
        self._taken: Counter[CoverageItem] = Counter()
        """What was taken so far: to count all of it again with each answer would take longer than to verify."""
        self._verifying: _Verifying | None = None
        self._cancellation = Cancellation()
        self.is_stopped = False

    def on_mount(self) -> None:
        """Begin."""
        self.begin()

    # Verifying

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to come."""
        return self._verifying is not None

    def begin(self) -> None:
        """Verify those that were not."""
        done = {outcome.key for outcome, _ in self.report.verified}
        left = [one for key, one in self._outcomes.items() if key not in done]
        machine, self._cancellation = self.report.machine, Cancellation()
        source = self.place.beside(self.source, self._cancellation)
        if isinstance(source, SelectedSource):
            source = source.inner
        check = self._cancellation.check
        self.is_stopped = False
        self.out_of_trouble()
        self._verifying = _Verifying(self, lambda: _verified(machine, source, left, check))
        self.refresh_list()

    def give_up(self) -> bool:
        """Stop what is under way; whether something was."""
        if self._verifying is None:
            return super().give_up()
        self._stop()
        self.is_stopped = True
        self.refresh_list()
        return True

    def _stop(self) -> None:
        if self._verifying is not None:
            self._verifying.stop()
            self._cancellation.cancel()
            self._verifying = None

    def stop_reading(self) -> None:
        """Nothing is waited for any more."""
        self._stop()

    def take(self, event: PageLoaded | Filled | ReadingDone | ReadingFailed) -> None:
        """Some were verified, all are, or it cannot go on."""
        if event.reader is not self._verifying:
            return
        if isinstance(event, Filled):
            verified = (*self.report.verified, *event.answers)
            for _, one in event.answers:
                self._taken.update(one.taken.counts if one.taken is not None else {})
            self.report = MendReport(self.report.machine, verified, self.report.of)
        else:
            self._verifying = None
        if isinstance(event, ReadingFailed):
            self.in_trouble(event.error)
        self.refresh_list()

    def on_unmount(self) -> None:
        """Nothing is verified for a screen that is gone."""
        self._stop()
        super().on_unmount()

    # Showing

    def refresh_list(self) -> None:
        """Show what is known now."""
        matches = matcher(self.pattern)
        groups = self.report.groups
        if matches is not None:
            groups = tuple(one for one in groups if matches(f"{one.outcome} {one.state} {one.what}"))
        nothing = NOTHING_FITS if self.pattern else "verifying..."
        first = self.list.key_of(groups[0]) if groups and not self.list.cursor else ""  # until somebody moves it
        self.list.put(groups, nothing if self.is_under_way or self.pattern else "nothing was verified", first)
        done, of = len(self.report.verified), self.report.of
        if self.is_under_way:
            self.say(f"verifying: {done:,} of {of:,}. Esc stops")
        elif self.is_stopped:
            self.say(f"stopped: nothing is said of {of - done:,} that were not verified; R goes on")
        else:
            self.say("")
        self.show_lines()

    def heading(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`Would it have held?   mend.asl.json        340 of 500 verified`."""
        judged, of = self.report.judged, self.report.of
        counts = f"all {of:,} verified" if judged == of else f"{judged:,} of {of:,} verified"
        return (
            [("Would it have held?", "strong"), ("   ", ""), (Path(self.report.machine.name).name, "current")],
            [(self.place.title, "muted"), ("   ", ""), (counts, "muted" if judged == of else "waiting")],
        )

    def filters(self) -> tuple[Sequence[Piece], Sequence[Piece]]:
        """`33 of 500 proved to succeed · the newest 500 of 3,400        states 3/3, transitions 4/5`."""
        dot: Piece = (f" {glyphs_of(self).dot} ", "faint")
        done = len(self.report.verified)
        left: list[Piece] = [(f"{self.report.held:,} of {done:,} proved to succeed", "done" if done else "muted")]
        left += [dot, (self._note, "muted")] if self._note else []
        left += [dot, (f"/{self.pattern}", "current")] if self.pattern else []
        return left, [(_taken_text(merged(self.report.machine, [TakenItems(self._taken)])), "muted")] if done else []

    def about(self, entry: OutcomeGroup) -> list[list[Piece]]:
        """What is said of the group, up to where it was compared, and what is not known."""
        sign, paint = sign_of(entry.outcome, glyphs_of(self))
        count = counted(len(entry.executions), "execution")
        where = f" in {entry.state}" if entry.state else ""
        head: list[Piece] = [(f"{sign} {entry.outcome}", paint), (f"   {count}{where}", "muted")]
        extent = extent_lines(entry)
        lines = entry_lines(head, [(told_of(entry), "")], *([(line, "muted")] for line in extent))
        return lines[: 4 if self.size.height < 30 else 5]

    # What keys do

    def open_entry(self, entry: OutcomeGroup) -> None:
        """Its executions, as a list."""
        mendings = dict(entry.executions)
        executions = tuple(self._outcomes[key] for key in mendings)
        place = SelectedPlace(self.place, self.report.machine, executions, mendings)
        self._opens(place, f"{entry.outcome}: {entry.what}" if entry.what else str(entry.outcome))

    def action_coverage(self, is_of_group: bool = False) -> None:
        """What of the definition they took: all of them, or those of the group at hand."""
        entry = self.list.entry
        if not self.report.verified or entry is None:
            self.say("nothing was verified yet")
            return
        keys = dict(entry.executions) if is_of_group else None
        title = f"What was taken by those that: {entry.outcome}" if is_of_group else "What of the definition was taken"
        self.app.push_screen(TextDialog(title, "\n".join(coverage_lines(self.report.coverage(keys), all_items=True))))

    def action_again(self) -> None:
        """Go on where it stopped; else read the definition from its file again, and verify all again under it."""
        if self.is_under_way:
            return
        if self.trouble or self.is_stopped:
            if self.trouble:
                self.renew_source()
            self.begin()
            return
        try:
            machine = self._read_again()
        except SfdebugError as error:
            self.app.push_screen(TextDialog("It cannot be verified under this", str(error)))
            return
        self.use(machine, self._read_again)

    def use(self, machine: StateMachine, read_again: Callable[[], StateMachine]) -> None:
        """Verify all under this definition, which `read_again` gives as it is later."""
        self._read_again = read_again
        self._stop()
        self.report = MendReport(machine, (), self.report.of)
        self._taken.clear()
        self.begin()

    def action_definition(self) -> None:
        """Ask for another definition."""
        if self._ask_definition is not None:
            self._ask_definition()

    def action_copy(self) -> None:
        """Copy the outcome as the command line prints it."""
        self.app.copy_to_clipboard("\n".join(report_lines(self.report)))
        where = getattr(self.app, "copied_to", "")
        self.say(f"copied{f' {where}' if where else ''}")


def report_lines(report: MendReport) -> list[str]:
    """The whole outcome as text, with each execution."""
    lines = outcome_lines(report.groups, all_executions=True)
    lines += ["", *failure_lines(report.failures)] if report.failures else []
    lines += ["", *coverage_lines(report.coverage()), "", outcome_summary(report.groups)]
    left = report.of - len(report.verified)
    return [*lines, *([f"not looked at: {counted(left, 'execution')}"] if left else [])]


def _verified(
    machine: StateMachine, source: ExecutionSource, outcomes: Sequence[ExecutionOutcome], check: Callable[[], None]
) -> Iterator[Verified]:
    return verify_executions(machine, source, outcomes, check=check)


def _taken_text(found: Coverage) -> str:
    """`states 3/3, transitions 4/5`."""
    parts = []
    for kind, name in ((CoverageKind.STATE, "states"), (CoverageKind.TRANSITION, "transitions")):
        items = found.of(kind)
        parts.append(f"{name} {sum(count > 0 for count in items.values())}/{len(items)}")
    return ", ".join(parts)
