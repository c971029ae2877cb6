"""The data flow of a state, whichever its query language: what comes before its work, and what comes after it.

`JsonPathFlow` (`dataflow.py`) and `JsonataFlow` (`jsonata_flow.py`) are the two there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.payload import check_size, check_variables
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, ChoiceRule
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class Flow(ABC):
    """What a state does to the data before and after its work. All methods add their stages to the draft, and raise
    StateError when a field cannot be evaluated."""

    @abstractmethod
    def selected_input(self, draft: StepDraft) -> Json:
        """The raw input, or the part of it that the state works on."""

    @abstractmethod
    def effective_input(self, draft: StepDraft, *, task_token: str | None = None) -> Json:
        """What the work is given: a Task its payload, a Parallel its branches' input."""

    @abstractmethod
    def state_output(self, draft: StepDraft, result: Json) -> Json:
        """The output of a Task, Parallel or Map whose work gave `result`; also assigns its variables."""

    @abstractmethod
    def pass_output(self, draft: StepDraft, result: Json) -> Json:
        """The output of a Pass whose Result or effective input is `result`; also assigns its variables."""

    @abstractmethod
    def selected_output(self, draft: StepDraft, value: Json) -> Json:
        """The output of a Wait, a Succeed or a Choice's Default, which work on `value`; also assigns variables."""

    @abstractmethod
    def rule_output(self, draft: StepDraft, rule: ChoiceRule, value: Json) -> Json:
        """The output of a Choice when `rule` matches; also assigns the rule's variables, not those of the state."""

    @abstractmethod
    def caught_output(self, draft: StepDraft, catcher: Catcher, fault: Fault) -> Json:
        """The output of a state whose fault `catcher` takes; also assigns the Catcher's variables."""


def assign(draft: StepDraft, assigned: dict[str, Json], expression: Json) -> None:
    """Note that the visit in hand gives these variables new values, once it is left.

    Source: AWS docs, "Passing data between states with variables": everything in a state sees the values at entry.
    """
    check_size(assigned, draft.settings.max_payload_bytes, draft.state_name)
    check_variables({**draft.variables, **assigned}, draft.settings.max_payload_bytes)
    old: dict[str, Json] = {name: draft.variables[name] for name in assigned if name in draft.variables}
    draft.stage(StageName.ASSIGN, old or MISSING, assigned, expression=expression)
    draft.assigned = assigned
