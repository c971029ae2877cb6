"""Choice: the rules in order, the first that matches leads on. Source: specification, "Choice State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.dataflow import failed
from sfdebug.engine.decisions import Provenance
from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.engine.states.base import StateProgram
from sfdebug.engine.visit import StageName, StageStatus
from sfdebug.expressions.choice import Rule, compile_rule
from sfdebug.expressions.errors import ExpressionError
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.decisions import ForceChoice
    from sfdebug.engine.move import Move


class ChoiceProgram(StateProgram):
    """A Choice state with its rules compiled."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.rules: tuple[Rule, ...] = tuple(compile_rule(choice.fields) for choice in state.choices)

    def enter(self, move: Move) -> None:
        """Evaluate the rules up to the one that matches, or take the one that is forced."""
        value = self.flow.selected_input(move)
        forced, move.forced = move.forced, None
        next_state = self._forced(move, value, forced) if forced else self._chosen(move, value)
        move.ready_to_exit(self.flow.selected_output(move, value), next_state)

    def _chosen(self, move: Move, value: Json) -> str:
        environment = move.environment(value)
        for choice, rule in zip(self.state.choices, self.rules, strict=True):
            expression = dict(choice.fields)
            try:
                verdict = rule.evaluate(environment)
            except ExpressionError as error:
                raise failed(move, StageName.RULE, value, expression, _rule_failure(error)) from error
            status = StageStatus.MATCHED if verdict.matched else StageStatus.NOT_MATCHED
            move.stage(
                StageName.RULE, value, value, expression=expression, status=status, index=choice.index, detail=verdict
            )
            if verdict.matched:
                return choice.next
        if self.state.default is not None:
            move.stage(StageName.DEFAULT, value, value, expression=self.state.default, status=StageStatus.MATCHED)
            return self.state.default
        # The specification names this States.NoChoiceMatched; what AWS reports is States.Runtime, in these words.
        raise runtime_failure("Failed to transition out of the state. The state does not point to a next state.")

    def _forced(self, move: Move, value: Json, forced: ForceChoice) -> str:
        status, user = StageStatus.FORCED, Provenance.USER
        if forced.rule is None:
            assert self.state.default is not None
            move.stage(StageName.DEFAULT, value, value, expression=self.state.default, status=status, provenance=user)
            return self.state.default
        choice = self.state.choices[forced.rule]
        detail = None
        try:
            detail = self.rules[forced.rule].evaluate(move.environment(value))
        except ExpressionError:
            detail = None  # the user overrides a rule that cannot be evaluated: its branch is taken all the same
        move.stage(
            StageName.RULE,
            value,
            value,
            expression=dict(choice.fields),
            status=status,
            index=choice.index,
            provenance=user,
            detail=detail,
        )
        return choice.next


def _rule_failure(error: ExpressionError) -> StateError:
    return runtime_failure(str(error))
