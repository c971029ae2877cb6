"""Forcing a Choice: every rule with the values it looked at and its verdict, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sfdebug.debugger.wording.values import named
from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines
from sfdebug.tui.painting.describe import rule_text, told_children, verdict_line
from sfdebug.tui.painting.glyphs import Glyphs, glyphs_of
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.definition import State
    from sfdebug.debugger.stepping.forecasts import ChoiceForecast
    from sfdebug.expressions.choice import Verdict
    from sfdebug.tui.painting.paint import Piece

_WIDEST = 100
_FRAME = 6
"""Columns of the dialog that are not the ways': border, padding, scroll bar."""

_MOST_PARTS = 8
"""A rule shows this many of its conditions; the data pane shows them all once the Choice has run."""


class ForceChoiceResult(Struct, frozen=True):
    """The rule to take, from 0, or None for Default."""

    rule: int | None


class _Entry(Struct, frozen=True):
    """One way out of the Choice."""

    rule: int | None
    title: str
    next: str
    verdict: Verdict | None
    is_taken: bool


class Ways(OptionList):
    """The ways out, several lines each."""

    DEFAULT_CSS = """
    Ways {
        height: auto;
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: $foreground 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted, &:focus > .option-list--option-highlighted {
            background: $sf-cursor; color: $foreground;
        }
        &:nocolor > .option-list--option-highlighted { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
        *(Binding(str(n), f"go_to({n - 1})", f"Rule {n}", show=False) for n in range(1, 10)),
        Binding("d", "last", "Default", show=False),
    ]

    def action_go_to(self, index: int) -> None:
        """Put the cursor on the rule with this number."""
        if index < self.option_count:
            self.highlighted = index


class ForceChoiceDialog(Dialog[ForceChoiceResult]):
    """Which way the Choice is to take.

    `forecast` has what the Choice would do by itself; `default` is the state that Default names, None when the Choice
    has none.
    """

    OTHER_ROWS: ClassVar[int] = 9
    HINTS: ClassVar = (("j k 1-9", "choose", "choose"), ("Enter", "force", "force"))

    def __init__(self, state: State, forecast: ChoiceForecast, default: str | None) -> None:
        super().__init__(f"Force {named(state.name)}")
        self._entries = [
            _Entry(rule.index, rule_text(dict(rule.fields)), rule.next, verdict, rule.index == forecast.taken)
            for rule, verdict in zip(state.choices, forecast.verdicts, strict=True)
        ]
        if default is not None:
            self._entries.append(_Entry(None, "Default", default, None, forecast.is_default))
        self._forecast = forecast
        self.add_class("-wide")

    @property
    def _width(self) -> int:
        """The columns that there are for a way."""
        return min(_WIDEST, self.app.size.width * 96 // 100) - _FRAME

    def on_resize(self) -> None:
        """Fit the ways to the new width."""
        super().on_resize()
        self._paint(self.query_one(Ways))

    def body(self) -> ComposeResult:
        """What forcing means, and the ways out."""
        text = "The Choice takes the way that you pick, whatever its rules say. Nothing in the data changes."
        fault = self._forecast.fault
        if fault is not None:
            cause = f": {fault.cause}" if fault.cause else ""
            text = f"By itself the Choice would fail with {fault.error}{cause} Pick a way."
        yield DialogNote(text, classes="explanation")
        prompts = (Option(painted_lines(self._lines(entry, False))) for entry in self._entries)
        yield Ways(*prompts, markup=False, classes="tall")

    def on_mount(self) -> None:
        """Start on the first way that would not be taken: that is what one forces."""
        ways = self.query_one(Ways)
        other = next((number for number, entry in enumerate(self._entries) if not entry.is_taken), 0)
        ways.highlighted = other
        ways.focus()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._paint(event.option_list)

    def _paint(self, ways: OptionList) -> None:
        for number, entry in enumerate(self._entries):
            content = painted_lines(self._lines(entry, number == ways.highlighted))
            ways.replace_option_prompt_at_index(number, content)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(ForceChoiceResult(self._entries[event.option_index].rule))

    def action_force(self) -> None:
        """Force the way with the cursor."""
        self.query_one(Ways).action_select()

    def action_choose(self) -> None:
        """The next way."""
        self.query_one(Ways).action_cursor_down()

    # One way out, in lines

    def _lines(self, entry: _Entry, is_highlighted: bool) -> Iterator[list[Piece]]:
        glyphs = glyphs_of(self)
        pointer = glyphs.current if is_highlighted else " "
        number = str(entry.rule + 1) if entry.rule is not None else "D"
        remark = "would be taken" if entry.is_taken else ""
        width = self._width
        room = max(width // 3, width - cell_len(clean(entry.title)) - 6)
        target = f"{glyphs.arrow} {fit(entry.next, room)}"
        title = fit(entry.title, width - cell_len(target) - 3)
        gap = " " * max(1, width - cell_len(title) - cell_len(target) - 2)
        yield [
            (f"{pointer} ", "current"),
            (f"{number} ", "key"),
            (title, "strong"),
            (gap, ""),
            (target, "done" if entry.is_taken else ""),
        ]
        if entry.rule is None:
            yield [("    ", ""), ("when no rule matches", "muted"), *_remark(remark, width - 22)]
            return
        if entry.verdict is None:
            yield [("    ", ""), ("it cannot be evaluated", "muted")]
            return
        lines = list(_verdict_lines(entry.verdict, glyphs, width))
        if remark:
            length = sum(cell_len(text) for text, _ in lines[0])
            lines[0] += _remark(remark, width + 2 - length)
        yield from lines[:_MOST_PARTS]
        if len(lines) > _MOST_PARTS:
            yield [("    ", ""), (f"and {len(lines) - _MOST_PARTS} more conditions", "faint")]


def _remark(text: str, room: int) -> list[Piece]:
    """Words at the right edge, where there is room for them."""
    if not text:
        return []
    return [(" " * max(2, room - len(text)), ""), (text, "done")]


def _verdict_lines(verdict: Verdict, glyphs: Glyphs, width: int, depth: int = 0) -> Iterator[list[Piece]]:
    sign, paint = (glyphs.done, "done") if verdict.matched else (glyphs.failed, "muted")
    indent = "    " + "  " * depth
    is_told = not depth or not verdict.path or verdict.path in verdict.why
    why = verdict_line(verdict) if is_told else f"{verdict.path}: {verdict.why}"
    yield [(indent, ""), (f"{sign} ", paint), (fit(why, width - len(indent)), "")]
    for child in told_children(verdict):
        yield from _verdict_lines(child, glyphs, width, depth + 1)
