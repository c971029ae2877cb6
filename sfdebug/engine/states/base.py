"""What every state's compiled program can do: take a step on from entering, or from where it paused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.fields.jsonata import JsonataFlow
from sfdebug.engine.fields.jsonpath import JsonPathFlow

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.decisions import AnswerTask
    from sfdebug.engine.fields.base import Flow
    from sfdebug.engine.step_draft import StepDraft


class StateProgram(ABC):
    """One state, compiled. It holds no run's data: all of that is in the draft."""

    parameters_stage: StageName | None = None
    """The field that builds the effective input, for the types that have one."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.entered_event, self.exited_event = f"{state.type}StateEntered", f"{state.type}StateExited"
        self.is_jsonata = state.query_language is QueryLanguage.JSONATA
        self.flow: Flow = (
            JsonataFlow(state) if self.is_jsonata else JsonPathFlow(state, parameters=self.parameters_stage)
        )

    @abstractmethod
    def enter(self, draft: StepDraft) -> None:
        """Run the stages up to where the state needs something from outside, or to its end.

        Raises StateError when a stage fails.
        """

    def proceed(self, draft: StepDraft) -> None:
        """Go on in the phases WORK, SLEEPING (awake now) and CHILDREN. Only some types have them: the others come here
        when a redrive has them run again, without a new entry."""
        self.enter(draft)

    def answer(self, draft: StepDraft, decision: AnswerTask) -> None:
        """The outside has answered, in the phase ASKING. Only Tasks and distributed Maps ask."""
        raise AssertionError(f"a {self.state.type} state asks nothing")
