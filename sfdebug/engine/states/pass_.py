"""Pass and Succeed: the states that only shape data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.states.base import StateProgram

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft


class PassProgram(StateProgram):
    """Pass: its Result, or else its effective input, is the result. Source: specification, "Pass State"."""

    def enter(self, draft: StepDraft) -> None:
        """Run all stages."""
        result = self.flow.effective_input(draft, self.flow.selected_input(draft))
        if "Result" in self.state.fields:
            given = self.state.fields["Result"]
            draft.visit.stage(StageName.RESULT, result, given, expression=given)
            result = given
        draft.ready_to_exit(self.flow.pass_output(draft, result), self.state.next)


class SucceedProgram(StateProgram):
    """Succeed: ends its branch. Source: specification, "Succeed State"."""

    def enter(self, draft: StepDraft) -> None:
        """Run all stages."""
        draft.ready_to_exit(self.flow.selected_output(draft, self.flow.selected_input(draft)), None)
