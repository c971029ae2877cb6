"""Fail: raises a fault by its own name. Source: specification, "Fail State"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.visit import Fault, StageName
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.kinds import TEXT
from sfdebug.engine.states.base import StateProgram

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json

_FIELDS: Final = ("Error", "ErrorPath", "Cause", "CausePath")


class FailProgram(StateProgram):
    """A Fail state: Error and Cause as written, or from ErrorPath and CausePath."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.error, self.cause = self.fields.value("Error", TEXT), self.fields.value("Cause", TEXT)
        self.expression: Json = {name: value for name, value in state.fields.items() if name in _FIELDS}

    def enter(self, draft: StepDraft) -> None:
        """Work out Error and Cause, and raise them."""
        try:
            error, cause = (
                str(field.read(draft, draft.input)) if field is not None else None for field in (self.error, self.cause)
            )
        except StateError as failure:
            raise draft.visit.failed(StageName.ERROR, draft.input, self.expression, failure) from failure
        fault = Fault(error, cause)
        draft.visit.stage(StageName.ERROR, draft.input, fault.output, expression=self.expression)
        draft.raise_fault(fault)
