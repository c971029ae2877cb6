"""The data flow of a JSONata state: Arguments before the work, Assign and Output after it, all from `$states`.

Source: AWS docs, "Transforming data with JSONata in Step Functions". Causes are worded as in the recordings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError, query_failure
from sfdebug.engine.fields.base import Flow, assign
from sfdebug.engine.fields.jsonpath import failed
from sfdebug.expressions.jsonata.errors import QueryEvaluationError
from sfdebug.expressions.jsonata.template import JsonataTemplate, compile_jsonata_template
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, ChoiceRule, State
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.engine.step_draft import StepDraft

_READS_CONTEXT: Final = re.compile(r"\$states(?!\s*\.\s*(?:input|result|errorOutput)\b)")


def reads_context(template: JsonataTemplate) -> bool:
    """Whether its expressions may read `$states.context`, which takes time to build."""
    return any(_READS_CONTEXT.search(jsonata.text) for _, jsonata in template.parts)


class JsonataField:
    """A field of a JSONata state, compiled. `name` is what AWS calls it in causes."""

    __slots__ = ("_needs_context", "expression", "name", "template")

    def __init__(self, name: str, expression: Json, *, expected: str | None = None) -> None:
        self.name = name
        self.expression = expression
        self.template = compile_jsonata_template(expression, name, expected=expected)
        self._needs_context = reads_context(self.template)

    def read(
        self,
        draft: StepDraft,
        *,
        result: Value = MISSING,
        error_output: Value = MISSING,
        task_token: str | None = None,
    ) -> Json:
        """The value of the field. Raises StateError in AWS's words."""
        if not self.template.parts:
            return self.expression
        environment = draft.jsonata_environment(
            result=result, error_output=error_output, task_token=task_token, needs_context=self._needs_context
        )
        try:
            return self.template.evaluate(environment)
        except QueryEvaluationError as error:
            raise jsonata_failure(error) from error


class JsonataFlow(Flow):
    """What comes before and after the work of one state. Fields that the state does not have are skipped."""

    __slots__ = ("arguments", "catchers", "finish", "rules")

    def __init__(self, state: State) -> None:
        fields = state.fields
        self.arguments = JsonataField("Arguments", fields["Arguments"]) if "Arguments" in fields else None
        self.finish = _Finish(fields)
        self.rules = tuple(_Finish(rule.fields, f"Choices[{rule.index}]/") for rule in state.choices)
        self.catchers = tuple(_Finish(catcher.fields, f"Catch[{catcher.index}]/") for catcher in state.catchers)

    def selected_input(self, draft: StepDraft) -> Json:
        """The raw input: nothing is selected from it."""
        return draft.input

    def effective_input(self, draft: StepDraft, *, task_token: str | None = None) -> Json:
        """The Arguments, or else the input."""
        if self.arguments is None:
            return draft.input
        return evaluated(draft, StageName.ARGUMENTS, draft.input, self.arguments, task_token=task_token)

    def state_output(self, draft: StepDraft, result: Json) -> Json:
        """The Output, or else the result."""
        return self.finish.apply(draft, result, result=result)

    def pass_output(self, draft: StepDraft, result: Json) -> Json:
        """The Output, or else the input."""
        return self.finish.apply(draft, result)

    def selected_output(self, draft: StepDraft, value: Json) -> Json:
        """The Output, or else the input."""
        return self.finish.apply(draft, value)

    def rule_output(self, draft: StepDraft, rule: ChoiceRule, value: Json) -> Json:
        """The rule's own Output, or else the input. Recorded: the state's Assign and Output are for its Default."""
        return self.rules[rule.index].apply(draft, value)

    def caught_output(self, draft: StepDraft, catcher: Catcher, fault: Fault) -> Json:
        """The Catcher's own Output, or else the Error Output."""
        return self.catchers[catcher.index].apply(draft, fault.output, error_output=fault.output)


class _Finish:
    """Assign and Output, which stand in a state, in a Choice rule and in a Catcher."""

    __slots__ = ("assign", "output")

    def __init__(self, fields: Mapping[str, Json], place: str = "") -> None:
        """`place` is what AWS puts before the fields' names in causes when they are not the state's own."""
        self.assign = JsonataField(f"{place}Assign", fields["Assign"]) if fields.get("Assign") else None
        self.output = JsonataField(f"{place}Output", fields["Output"]) if "Output" in fields else None

    def apply(self, draft: StepDraft, value: Json, *, result: Value = MISSING, error_output: Value = MISSING) -> Json:
        """Assign the variables, and give the Output, or `value` when there is none."""
        if self.assign is not None:
            try:
                assigned = self.assign.read(draft, result=result, error_output=error_output)
            except StateError as failure:
                raise failed(draft, StageName.ASSIGN, value, self.assign.expression, failure) from failure
            if isinstance(assigned, dict):
                assign(draft, assigned, self.assign.expression)
        if self.output is None:
            return value
        return evaluated(draft, StageName.OUTPUT, value, self.output, result=result, error_output=error_output)


def evaluated(
    draft: StepDraft,
    stage: StageName,
    before: Value,
    field: JsonataField,
    *,
    result: Value = MISSING,
    error_output: Value = MISSING,
    task_token: str | None = None,
) -> Json:
    """The value of `field`, as a stage of the visit that follows on `before`. Raises StateError."""
    try:
        after = field.read(draft, result=result, error_output=error_output, task_token=task_token)
    except StateError as failure:
        raise failed(draft, stage, before, field.expression, failure) from failure
    draft.stage(stage, before, after, expression=field.expression)
    return after


def jsonata_states(
    input: Json, result: Value, error_output: Value, context: Mapping[str, Json] | None
) -> dict[str, Json]:
    """What `$states` means. Source: AWS docs, "Reserved variable: $states"."""
    states: dict[str, Json] = {"input": input}
    if context is not None:
        states["context"] = dict(context)
    if is_present(result):
        states["result"] = result
    if is_present(error_output):
        states["errorOutput"] = error_output
    return states


def jsonata_failure(error: QueryEvaluationError) -> StateError:
    """The failure of a state whose expression cannot be evaluated."""
    return query_failure(str(error), error.location)
