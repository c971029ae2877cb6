"""The meter of a run: transitions, events and payload against what AWS allows, what it costs, and its loops."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from sfdebug.forecast.costs import cost_text
from sfdebug.forecast.estimate import STANDIN_REGION
from sfdebug.forecast.going_on import LoopEnd, LoopOutlook
from sfdebug.forecast.usage import RunSource
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, ExecutionType
from sfdebug.reports.forecast import bytes_text, outlook_text, turn_text
from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines
from sfdebug.tui.dialogs.messages import ReadingPane
from sfdebug.tui.keys import BY_ID, key_of
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.forecast.reading import MeterReading
    from sfdebug.tui.painting.paint import Piece

STEPS: Final = (
    "step.over", "step.into", "step.out", "step.continue", "back.over", "back.into", "back.out", "back.continue",
    "step.restart", "time.back", "time.forward", "time.first", "time.last",
)  # fmt: skip
"""The commands that work while the meter is shown."""

_HEADING: Final = 13
_SHORT_OF: Final = 0.8
_SEEN: Final = 0.01
"""A share from which on the bar has something in it."""
_BAR: Final = 24
_VALUE: Final = 21
_FRAME: Final = 6
_WIDEST: Final = 100
_MOST_LOOPS: Final = 6


class MeterDialog(Dialog[None]):
    """Shows a reading, and another one after each step."""

    OTHER_ROWS: ClassVar[int] = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,percent_sign", "cancel", "Close", id="meter.close", show=False)
    ]

    def __init__(self, reading: MeterReading, run: Callable[[str], None]) -> None:
        """`run` runs a command by its id."""
        super().__init__("Meter of this run")
        self._reading = reading
        self._run = run
        self.add_class("-wide")
        for id in STEPS:
            for key in BY_ID[id].keys:
                self._bindings.bind(key, f"step('{id}')", show=False)

    def body(self) -> ComposeResult:
        """The lines."""
        with ReadingPane(classes="tall"):
            yield DialogNote(painted_lines(self.rows()), id="reading")

    def tell(self, reading: MeterReading) -> None:
        """Another place of the run is at hand."""
        self._reading = reading
        if self.is_mounted:
            self.query_one("#reading", DialogNote).say(painted_lines(self.rows()))

    def on_resize(self) -> None:
        """The texts are as wide as there is room."""
        super().on_resize()
        if self.is_mounted:
            self.tell(self._reading)

    def action_step(self, id: str) -> None:
        """Step, and show what that used."""
        self._run(id)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The keys that step, and the way out."""
        forward = "step('step.over')", "step('step.into')", "step('step.continue')"
        keys = [key_of(id) for id in ("step.over", "step.into", "step.continue")]
        return (
            (keys[0], "step", forward[0]),
            (keys[1], "stage", forward[1]),
            (keys[2], "continue", forward[2]),
            (key_of("back.over"), "back", "step('back.over')"),
            ("Esc", "close", "cancel"),
        )

    # what it says

    @property
    def _room(self) -> int:
        width = self.app.size.width
        return max(20, min(_WIDEST, width * 96 // 100) - _HEADING - _FRAME)

    def rows(self) -> list[list[Piece]]:
        """All lines."""
        reading = self._reading
        so_far, is_standard = reading.so_far, reading.type is ExecutionType.STANDARD
        entered, retries = counted(so_far.entered, "state"), _retries(so_far.retries)
        both = f"{so_far.transitions:,} to {so_far.transitions + 1:,}" if so_far.transitions else "none yet"
        rows = [self._row("transitions", both, f"{entered} entered, {retries}")]
        if is_standard:
            most = f"{so_far.events:,} of {MAX_HISTORY_EVENTS:,}"
            rows.append(self._bar("events", most, so_far.events / MAX_HISTORY_EVENTS))
        else:
            rows.append(self._row("events", f"{so_far.events:,}", "an Express history has no bound"))
        rows += self._payload()
        rows.append(self._row("clock", duration_text(reading.milliseconds), self._of_clock()))
        for child in reading.children:
            used = f"{counted(child.count, 'child execution')}, {counted(child.transitions, 'transition')}"
            rows.append(self._row("Map Run", used, f"{child.type}, of {clean(child.state)}"))
        return [*rows, [], *self._costs(), *self._loops()]

    def _row(self, heading: str, value: str, about: str = "", paint: str = "strong") -> list[Piece]:
        room = max(0, self._room - len(value) - 2)
        about = clean(about)
        shown = about if len(about) <= room else f"{about[: max(0, room - 1)]}{glyphs_of(self).ellipsis}"
        return [(column(heading, _HEADING), "muted"), (value, paint), (f"  {shown}" if shown else "", "muted")]

    def _wrapped(self, heading: str, text: str, paint: str = "muted") -> list[list[Piece]]:
        """A text in as many lines as it takes."""
        lines = wrap(clean(text), self._room, break_on_hyphens=False) or [""]
        return [
            [(column("" if number else heading, _HEADING), "muted"), (line, paint)] for number, line in enumerate(lines)
        ]

    def _bar(self, heading: str, value: str, share: float, about: str = "") -> list[Piece]:
        """A share of what AWS allows: a bar as far as that is narrow enough to stand beside the value."""
        glyphs = glyphs_of(self)
        paint = "failed" if share >= 1 else "waiting" if share >= _SHORT_OF else "done"
        full = min(_BAR, max(round(share * _BAR), int(share >= _SEEN)))
        row = self._row(heading, column(value, _VALUE), "", paint if paint != "done" else "strong")[:2]
        percent = f" {share:.1%}" if share else " 0%"
        bar: list[Piece] = [(glyphs.block * full, paint), (glyphs.rule * (_BAR - full), "faint"), (percent, "muted")]
        left = self._room - _VALUE - _BAR - len(percent) - 2
        if about and left > len("the output"):
            shown = clean(about)
            bar.append((f"  {shown if len(shown) <= left else shown[: left - 1] + glyphs.ellipsis}", "muted"))
        return [*row, *bar]

    def _payload(self) -> list[list[Piece]]:
        peak = self._reading.so_far.peak
        if peak is None:
            return [self._row("payload", "none yet")]
        value = f"{bytes_text(peak.size)} of {MAX_PAYLOAD_BYTES // 1024} KiB"
        of = f" of {peak.state}" if peak.state else ""
        where = f"the largest is the {peak.field}{of}, event {peak.event_id:,}"
        return [self._bar("payload", value, peak.size / MAX_PAYLOAD_BYTES), *self._wrapped("", where)]

    def _of_clock(self) -> str:
        if self._reading.source is RunSource.RECORDED:
            return "as recorded"
        if self._reading.is_duration_known:
            return "as Waits, Retries and answers say"
        return "Waits and Retries alone: Tasks were answered at once"

    def _costs(self) -> list[list[Piece]]:
        reading = self._reading
        rows = [self._cost_row("", "this run", "a million runs")]
        if reading.standard is None:
            rows.append(self._row("Standard", "not known", f"the table has no price for {reading.region}"))
        else:
            rows.append(self._cost_row("Standard", *map(cost_text, reading.standard)))
        if reading.express is not None:
            rows.append(self._cost_row("Express", *map(cost_text, reading.express)))
        for number, why in enumerate(reading.not_express):
            rows += self._wrapped("" if number else "Express", f"{'' if number else 'not possible: '}{why}")
        standin = reading.express is not None and reading.rates.express(reading.region) is None
        express = f"; Express at those of {STANDIN_REGION}" if standin else ""
        note = f"estimates with the prices of {reading.rates.date} for {reading.region}{express}"
        return [*rows, *self._wrapped("", note)]

    def _cost_row(self, heading: str, one: str, million: str) -> list[Piece]:
        paint = "strong" if heading else "muted"
        return [(column(heading, _HEADING), "muted"), (column(one, 27), paint), (million, paint)]

    def _loops(self) -> list[list[Piece]]:
        reading, glyphs = self._reading, glyphs_of(self)
        rows: list[list[Piece]] = []
        for outlook in reading.outlooks[:_MOST_LOOPS]:
            states = f" {glyphs.arrow} ".join(clean(state) for state in outlook.loop.states)
            rows += [[], [(column("loop", _HEADING), "muted"), (states, "strong")]]
            turns = counted(len(outlook.loop.turns), "whole turn")
            texts = [f"{turns}; {turn_text(outlook, reading.rates, reading.region)}", outlook_text(outlook)]
            for text, paint in zip(texts, ("", _paint_of(outlook)), strict=True):
                rows += self._wrapped("", text, paint)
        left = len(reading.outlooks) - _MOST_LOOPS
        if left > 0:
            rows.append([(" " * _HEADING, ""), (f"and {counted(left, 'more loop')}", "muted")])
        return rows


def _retries(count: int) -> str:
    return "no retries" if not count else f"{count:,} {'retry' if count == 1 else 'retries'}"


def _paint_of(outlook: LoopOutlook) -> str:
    return "waiting" if outlook.end in (LoopEnd.HISTORY_FULL, LoopEnd.PAYLOAD_TOO_LARGE) else "muted"
