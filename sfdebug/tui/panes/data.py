"""The data of a stage: why it came out as it did, and its values before, after, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageName
from sfdebug.tui.json.modes import Mode, variables_value
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.painting.describe import stage_title
from sfdebug.tui.panes.explain import ExplainBox
from sfdebug.tui.panes.expression_parts import part_values
from sfdebug.tui.panes.stage_selection import fields_of
from sfdebug.tui.panes.variables import VariablesLine
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from sfdebug.debugger.view.model import StageLine
    from sfdebug.tui.panes.stage_selection import StageSelection

_MODES = tuple(Mode)


class DataPane(Vertical):
    """An explanation, when there is one, above a JSON view. The mode stays as it was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.variables = VariablesLine(id="variables")
        self._explain = ExplainBox()
        self.json = JsonView(id="json")
        self._mode = Mode.AFTER

    def compose(self) -> ComposeResult:
        """The variables and the explanation above, the value below."""
        yield self.variables
        yield self._explain
        yield self.json

    @property
    def mode(self) -> Mode:
        """Which of a stage's values is shown."""
        return self.json.mode

    def next_mode(self) -> Mode:
        """Show the next of before, after, difference, expression, and where there are any, variables."""
        modes = [mode for mode in _MODES if mode is not Mode.VARIABLES or self.variables.display]
        place = modes.index(self.json.mode) if self.json.mode in modes else -1
        return self.show_mode(modes[(place + 1) % len(modes)])

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
        self._explain.explain(line.stage if line else None, line.explanations if line else ())
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
