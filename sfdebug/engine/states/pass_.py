"""Pass and Succeed: the states that only shape data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.states.base import StateProgram

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft


class PassProgram(StateProgram):
    """Pass: its Result, or else its effective input, is the result. Source: specification, "Pass State"."""

    parameters_stage = StageName.PARAMETERS

    def enter(self, move: StepDraft) -> None:
        """Run all stages."""
        result = self.flow.effective_input(move)
        if "Result" in self.state.fields:
            given = self.state.fields["Result"]
            move.stage(StageName.RESULT, result, given, expression=given)
            result = given
        move.ready_to_exit(self.flow.pass_output(move, result), self.state.next)


class SucceedProgram(StateProgram):
    """Succeed: ends its branch. Source: specification, "Succeed State"."""

    def enter(self, move: StepDraft) -> None:
        """Run all stages."""
        move.ready_to_exit(self.flow.selected_output(move, self.flow.selected_input(move)), None)
