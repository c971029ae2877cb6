"""Condition: the JSONata rule of a Choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.fields.jsonata import jsonata_failure, reads_context
from sfdebug.expressions.jsonata.choice import compile_condition
from sfdebug.expressions.jsonata.errors import QueryEvaluationError

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.choice import Verdict
    from sfdebug.values import Json


class JsonataJudge:
    """A JSONata rule, compiled: a `Judge`."""

    __slots__ = ("condition", "needs_context")

    def __init__(self, rule: ChoiceRule) -> None:
        self.condition = compile_condition(rule.fields.get("Condition"), f"Choices[{rule.index}]/Condition")
        self.needs_context = reads_context(self.condition.template)

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        """Whether it matches, and why. Raises StateError when it cannot be evaluated."""
        environment = draft.jsonata_environment(needs_context=self.needs_context)
        try:
            return self.condition.evaluate(environment)
        except QueryEvaluationError as error:
            raise jsonata_failure(error) from error
