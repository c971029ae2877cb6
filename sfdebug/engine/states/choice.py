"""Choice: the rules in order, the first that matches leads on. Source: specification, "Choice State"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.engine.fields.jsonpath import failed
from sfdebug.engine.states.base import StateProgram
from sfdebug.expressions.choice import Rule, compile_rule
from sfdebug.expressions.errors import ExpressionError
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule, State
    from sfdebug.engine.execution.decisions import ForceChoice
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.choice import Verdict


class ChoiceProgram(StateProgram):
    """A Choice state with its rules compiled."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.rules: tuple[Judge, ...] = tuple(self._judge(rule) for rule in state.choices)

    def _judge(self, rule: ChoiceRule) -> Judge:
        if not self.is_jsonata:
            return _JsonPathJudge(compile_rule(rule.fields))
        from sfdebug.engine.states.conditions import JsonataJudge

        return JsonataJudge(rule)

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
        for choice, rule in zip(self.state.choices, self.rules, strict=True):
            expression = dict(choice.fields)
            try:
                verdict = rule.verdict(draft, value)
            except StateError as failure:
                raise failed(draft, StageName.RULE, value, expression, failure) from failure
            status = StageStatus.MATCHED if verdict.matched else StageStatus.NOT_MATCHED
            draft.stage(
                StageName.RULE, value, value, expression=expression, status=status, index=choice.index, detail=verdict
            )
            if verdict.matched:
                return choice
        if self.state.default is not None:
            draft.stage(StageName.DEFAULT, value, value, expression=self.state.default, status=StageStatus.MATCHED)
            return None
        # The specification names this States.NoChoiceMatched; what AWS reports is States.Runtime, in these words.
        raise runtime_failure("Failed to transition out of the state. The state does not point to a next state.")

    def _forced(self, draft: StepDraft, value: Json, forced: ForceChoice) -> ChoiceRule | None:
        status, user = StageStatus.FORCED, Provenance.USER
        if forced.rule is None:
            assert self.state.default is not None
            draft.stage(StageName.DEFAULT, value, value, expression=self.state.default, status=status, provenance=user)
            return None
        choice = self.state.choices[forced.rule]
        detail = None
        try:
            detail = self.rules[forced.rule].verdict(draft, value)
        except StateError:
            detail = None  # the user overrides a rule that cannot be evaluated: its branch is taken all the same
        draft.stage(
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


class Judge(Protocol):
    """A Choice rule, compiled."""

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        """Whether it matches, and why. Raises StateError when it cannot be evaluated."""


class _JsonPathJudge:
    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        try:
            return self.rule.evaluate(draft.environment(value))
        except ExpressionError as error:
            raise runtime_failure(str(error)) from error
