"""Choice: the rules in order, the first that matches leads on. Source: specification, "Choice State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.engine.states.base import StateProgram

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule, State
    from sfdebug.engine.execution.decisions import ForceChoice
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class ChoiceProgram(StateProgram):
    """A Choice state with its rules compiled."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.conditions = tuple(self.fields.condition(rule) for rule in state.choices)
        self._rules = [
            (rule, condition, dict(rule.fields)) for rule, condition in zip(state.choices, self.conditions, strict=True)
        ]

    def enter(self, draft: StepDraft) -> None:
        """Evaluate the rules up to the one that matches, or take the one that is forced."""
        value = self.flow.selected_input(draft)
        forced, draft.forced = draft.forced, None
        choice = self._forced(draft, value, forced) if forced else self._chosen(draft, value)
        if choice is None:
            draft.ready_to_exit(self.flow.selected_output(draft, value), self.state.default)
        else:
            draft.ready_to_exit(self.flow.rule_output(draft, choice, value), choice.next)

    def _chosen(self, draft: StepDraft, value: Json) -> ChoiceRule | None:
        """The rule that matches; None when it is the Default's turn."""
        visit = draft.visit
        for choice, condition, expression in self._rules:
            try:
                verdict = condition.verdict(draft, value)
            except StateError as failure:
                raise visit.failed(StageName.RULE, value, expression, failure) from failure
            status = StageStatus.MATCHED if verdict.matched else StageStatus.NOT_MATCHED
            visit.stage(
                StageName.RULE, value, value, expression=expression, status=status, index=choice.index, detail=verdict
            )
            if verdict.matched:
                return choice
        if self.state.default is not None:
            draft.visit.stage(
                StageName.DEFAULT, value, value, expression=self.state.default, status=StageStatus.MATCHED
            )
            return None
        # The specification names this States.NoChoiceMatched; what AWS reports is States.Runtime, in these words.
        raise runtime_failure("Failed to transition out of the state. The state does not point to a next state.")

    def _forced(self, draft: StepDraft, value: Json, forced: ForceChoice) -> ChoiceRule | None:
        visit, status, user = draft.visit, StageStatus.FORCED, Provenance.USER
        if forced.rule is None:
            assert self.state.default is not None
            draft.visit.stage(
                StageName.DEFAULT, value, value, expression=self.state.default, status=status, provenance=user
            )
            return None
        choice = self.state.choices[forced.rule]
        detail = None
        try:
            detail = self.conditions[forced.rule].verdict(draft, value)
        except StateError:
            detail = None  # the user overrides a rule that cannot be evaluated: its branch is taken all the same
        visit.stage(
            StageName.RULE,
            value,
            value,
            expression=dict(choice.fields),
            status=status,
            index=choice.index,
            provenance=user,
            detail=detail,
        )
        return choice
