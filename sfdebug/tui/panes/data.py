"""The data of a stage: why it came out as it did, the variables, and its values before, after, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, StageName, StageStatus
from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.text import clean
from sfdebug.tui.json.modes import Mode, variables_value
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.painting.describe import short, stage_title, told_children, verdict_line, verdict_words
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Painted, Piece, fit, fitted, pieces_length, strip_of, wrapped
from sfdebug.tui.panes.call_lines import call_lines
from sfdebug.tui.panes.stages import fields_of
from sfdebug.tui.panes.watches import WatchLines
from sfdebug.tui.widgets.line import FittedLine, LinePiece
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from sfdebug.asl.text.source import Pointer
    from sfdebug.debugger.view.model import StageLine, Variable
    from sfdebug.engine.execution.visit import Stage
    from sfdebug.expressions.choice import Verdict
    from sfdebug.tasks.outside import OutsideCall
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.panes.stages import StageSelection

_WIDEST_VALUE: Final = 24
_WHOLE: Final = 200
_PAINTS: Final = {"+": "added", "~": "changed"}
TARGET: Final = "variables"


class VariablesLine(FittedLine):
    """`$ count 2 → 3  + total 42.5  order {"id":7,…}`. Not there without variables; a click shows them whole."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._variables: Sequence[Variable] = ()

    def show(self, variables: Sequence[Variable]) -> None:
        """Show these, those that Assign changes first."""
        self._variables = sorted(variables, key=lambda variable: not variable.mark)
        self.display = bool(variables)
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """As many as fit, and how many more there are; whole values where all of them have room."""
        glyphs = glyphs_of(self)
        whole: list[Piece] = [(" $ ", "key")]
        for variable in self._variables:
            whole += [*variable_pieces(variable, glyphs, _WHOLE), ("  ", "")]
        if pieces_length(whole) <= width:
            return [(text, paint, TARGET) for text, paint in whole]
        pieces: list[Piece] = [(" $ ", "key")]
        count = len(self._variables)
        for position, variable in enumerate(self._variables):
            own = variable_pieces(variable, glyphs)
            rest = f" and {count - position} more" if position < count - 1 else ""
            room = width - pieces_length(pieces) - len(rest)
            if pieces_length(own) > room and position:
                pieces.append((f"and {count - position} more", "faint"))
                break
            pieces += [*own, ("  ", "")]
        return [(text, paint, TARGET) for text, paint in pieces]


def variable_pieces(variable: Variable, glyphs: Glyphs, widest: int = _WIDEST_VALUE) -> list[Piece]:
    """One variable: its name, its value, and after an arrow the one that it gets; each of `widest` cells at most."""
    signs = {"+": glyphs.added, "~": glyphs.changed}
    mark = variable.mark
    pieces: list[Piece] = [(f"{signs[mark]} ", _PAINTS[mark])] if mark else []
    pieces += [(clean(variable.name), "json-key"), (" ", "")]
    if mark != "+":
        pieces.append((_brief(variable.value, widest), "removed" if mark else ""))
    if mark == "~":
        pieces.append((f" {glyphs.arrow} ", "json-sign"))
    if mark:
        pieces.append((_brief(variable.assigned, widest), "added"))
    return pieces


def _brief(value: Value, widest: int) -> str:
    return fit(clean(short(value)), widest) if is_present(value) else ""


_MOST_LINES: Final = 10
_MOST_BROKEN: Final = 3
"""So many lines for who was called."""


class ExplainBox(Painted):
    """A few lines above the data that say why a stage came out as it did; not there when there is nothing to say."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ExplainBox { height: auto; max-height: 10; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[list[Piece]] = []
        self._explained: list[list[Piece]] = []
        self._called: list[list[Piece]] = []

    def on_resize(self) -> None:
        """Break anew what is broken into lines."""
        self._lay()

    def explain(
        self,
        stage: Stage | None,
        differences: Sequence[str] = (),
        call: OutsideCall | None = None,
        answered: str = "",
    ) -> None:
        """Explain this stage; `differences` say how its value differs from a recorded one, `call` is what it called,
        `answered` who answers it."""
        glyphs = glyphs_of(self)
        self._explained = [[(f" {glyphs.differs} ", "failed"), (clean(text), "")] for text in differences]
        self._explained += explanation(stage, glyphs) if stage is not None else []
        self._called = [[(f" {glyphs.arrow} ", "strong"), (answered, "strong")]] if answered else []
        self._called += call_lines(call, glyphs) if call is not None else []
        self._lay()

    def _lay(self) -> None:
        """Who was called in as many lines as that takes; all else is cut where it is too long."""
        width = self.size.width or (self.parent.size.width if isinstance(self.parent, Widget) else 0)
        lines = self._explained[:]
        for number, line in enumerate(self._called):
            lines += wrapped(line, width)[:_MOST_BROKEN] if number == 0 and width else [line]
        if len(lines) > _MOST_LINES:
            left = len(lines) - _MOST_LINES + 1
            lines = [*lines[: _MOST_LINES - 1], [(f"   and {left} more conditions", "faint")]]
        self.lines = lines
        self.display = bool(lines)
        self.styles.height = max(1, len(lines))
        self.repaint()

    def paint_line(self, y: int) -> Strip:
        """One line of the explanation."""
        pieces = self.lines[y] if y < len(self.lines) else []
        return strip_of(self, fitted(pieces, self.size.width), self.size.width)


def explanation(stage: Stage, glyphs: Glyphs) -> list[list[Piece]]:
    """The lines that explain a stage; none for a stage that explains itself."""
    detail = stage.detail
    lines: list[list[Piece]] = []
    if isinstance(detail, (RetryVerdict, CatchVerdict)):
        sign, paint = (glyphs.done, "done") if detail.matched else (glyphs.skipped, "muted")
        lines.append([(f" {sign} ", paint), (clean(verdict_words(detail)), "")])
    elif detail is not None:
        lines += _verdict_lines(detail, glyphs, 0)
    return lines


def _verdict_lines(verdict: Verdict, glyphs: Glyphs, depth: int) -> list[list[Piece]]:
    sign, paint = (glyphs.done, "done") if verdict.matched else (glyphs.skipped, "muted")
    lines: list[list[Piece]] = [
        [(f" {'  ' * depth}{sign} ", paint), (clean(verdict_line(verdict)), "" if depth else "strong")]
    ]
    for child in told_children(verdict):
        lines += _verdict_lines(child, glyphs, depth + 1)
    return lines


_TEMPLATES: Final = frozenset(
    {StageName.ARGUMENTS, StageName.PARAMETERS, StageName.RESULT_SELECTOR, StageName.ASSIGN, StageName.OUTPUT}
)
_MOST_PARTS: Final = 200
_WIDEST: Final = 28


def part_values(stage: Stage) -> dict[Pointer, str]:
    """By the place of each part of a template that is evaluated: `= 42`. A template has the shape of what it makes."""
    if stage.name not in _TEMPLATES or stage.status is not StageStatus.DONE or not is_present(stage.after):
        return {}
    if not is_present(stage.expression):
        return {}
    notes: dict[Pointer, str] = {}
    for pointer, value in _evaluated(stage.expression, stage.after, ()):
        notes[pointer] = fit(f"= {clean(short(value))}", _WIDEST)
        if len(notes) == _MOST_PARTS:
            break
    return notes


def _evaluated(template: Json, value: Value, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """The parts of `template` that are evaluated, each with what it came to in `value`."""
    if not is_present(value):
        return
    if isinstance(template, str):
        if is_jsonata_string(template):
            yield pointer, value
    elif isinstance(template, dict) and isinstance(value, dict):
        for key, part in template.items():
            if key.endswith(".$"):
                if key[:-2] in value:
                    yield (*pointer, key), value[key[:-2]]
            elif key in value:
                yield from _evaluated(part, value[key], (*pointer, key))
    elif isinstance(template, list) and isinstance(value, list) and len(template) == len(value):
        for index, part in enumerate(template):
            yield from _evaluated(part, value[index], (*pointer, index))


_MODES = tuple(Mode)


class DataPane(Vertical):
    """An explanation, when there is one, above a JSON view. The mode stays as it was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.variables = VariablesLine(id="variables")
        self._explain = ExplainBox()
        self.call_of: Callable[[StageSelection, int], OutsideCall | None] = lambda look, row: None
        """What a stage called outside of the program."""
        self.answered_by: Callable[[StageSelection, int], str] = lambda look, row: ""
        """Who has answered the Task of a stage, or will, in words."""
        self.json = JsonView(id="json")
        self.watches = WatchLines()
        self._mode = Mode.AFTER

    def compose(self) -> ComposeResult:
        """The variables and the explanation above, the value below, then what is watched."""
        yield self.variables
        yield self._explain
        yield self.json
        yield self.watches

    def on_resize(self) -> None:
        """Give the watches the room that there is."""
        self.watches.fit_into(self.size.height)

    @property
    def mode(self) -> Mode:
        """Which of a stage's values is shown."""
        return self.json.mode

    def next_mode(self) -> Mode:
        """Show the next of before, after, difference, expression, and where there are any, variables."""
        modes = [mode for mode in _MODES if mode is not Mode.VARIABLES or self.variables.display]
        position = modes.index(self.json.mode) if self.json.mode in modes else -1
        return self.show_mode(modes[(position + 1) % len(modes)])

    def show_mode(self, mode: Mode) -> Mode:
        """Show this one, now and in the stages to come."""
        self.mode_chosen(mode)
        self.json.mode = mode
        return mode

    def mode_chosen(self, mode: Mode) -> None:
        """Remember a mode for the stages to come."""
        self._mode = mode

    def show(self, look: StageSelection, row: int) -> str:
        """Show the data of stage `row` of `look`; return what the heading says."""
        line = look.lines[row] if 0 <= row < len(look.lines) else None
        self.variables.show(look.variables)
        call = self.call_of(look, row)
        answered = self.answered_by(look, row) if call is None or call.answer is None else ""
        self._explain.explain(line.stage if line else None, line.explanations if line else (), call, answered)
        if line is None or line.stage is None:
            return self._show_pending(look, line)
        stage = line.stage
        after: Value = stage.after
        if not is_present(after) and stage.fault is not None:
            after = stage.fault.output
        before = look.before(line)
        is_under_way = not is_present(after) and is_present(before)
        self.json.set_values(
            before,
            after,
            Mode.BEFORE if is_under_way and self._mode is not Mode.VARIABLES else self._mode,
            expression=stage.expression,
            provenance={(): line.origin or str(stage.provenance), **line.places},
            empty="(no result yet)",
            notes=part_values(stage),
            variables=variables_value(look.variables),
        )
        return f"Data of {stage_title(line)}"

    def show_alone(self, value: Value, before: Value) -> None:
        """Show a value that is of no stage, or how it differs from one `before`. What is said of the stage at hand,
        such as who has answered it, is not true of it."""
        self._explain.explain(None)
        if is_present(before):
            self.json.set_values(before, value, Mode.DIFFERENCE)
        else:
            self.json.show_value(value)

    def _show_pending(self, look: StageSelection, line: StageLine | None) -> str:
        """A stage that is still to come: the input that is known, or else the definition of the state."""
        if look.state is not None and not look.is_here:
            self.json.show_value(fields_of(look.state))
            return f"{named(look.state.name)} as defined"
        is_input = is_present(look.input) and (line is None or line.name is StageName.INPUT)
        self.json.set_values(
            MISSING,
            look.input if is_input else MISSING,
            self._mode,
            expression=line.expression if line and not is_input else MISSING,
            empty="(not computed yet: s runs the next stage)",
            variables=variables_value(look.variables),
        )
        return "Data: the input to come" if is_input else f"Data of {stage_title(line)}" if line else "Data"
