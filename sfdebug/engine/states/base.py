"""What every state's compiled program can do: take a step on from entering, or from where it paused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sfdebug.engine.execution.events import STATE_ENTERED, STATE_EXITED
from sfdebug.engine.fields.flow import Flow, fields_of

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.decisions import AnswerTask
    from sfdebug.engine.execution.events import EventType
    from sfdebug.engine.step_draft import StepDraft


class StateProgram(ABC):
    """One state, compiled. It holds no run's data: all of that is in the draft.

    `fields` are the state's fields in its query language, and `flow` what becomes of the data by those that every type
    of state has. Further ones are compiled once, here, and read when they are needed.
    """

    exited_event: EventType

    def __init__(self, state: State) -> None:
        self.state = state
        self.entered_event = STATE_ENTERED[state.type]
        if state.type in STATE_EXITED:  # a Fail is never exited
            self.exited_event = STATE_EXITED[state.type]
        self.fields = fields_of(state)
        self.flow = Flow(state, self.fields)

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
