"""The fields of a JSONata state: JSON with `{% … %}` in it, which sees `$states` and the variables.

Source: AWS docs, "Transforming data with JSONata in Step Functions". Causes are worded as in the recordings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.engine.context import context_of
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError, query_failure
from sfdebug.engine.fields.base import Field, Fields
from sfdebug.expressions.jsonata.choice import compile_condition
from sfdebug.expressions.jsonata.errors import QueryEvaluationError
from sfdebug.expressions.jsonata.template import (
    JsonataEnvironment,
    JsonataTemplate,
    compile_jsonata_template,
    unexpected_kind,
)
from sfdebug.values import MISSING, compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule
    from sfdebug.engine.fields.kinds import Kind
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.choice import Verdict
    from sfdebug.values import Json

_READS_CONTEXT: Final = re.compile(r"\$states(?!\s*\.\s*(?:input|result|errorOutput)\b)")


class JsonataFields(Fields):
    """The fields of one object of a JSONata state."""

    arguments = StageName.ARGUMENTS
    output = StageName.OUTPUT

    def value(self, name: str, kind: Kind) -> Field | None:
        """A field as written, or its expression."""
        return _ValueField(self.place + name, self.given[name], kind) if name in self.given else None

    def payload(self, name: str) -> _JsonataField | None:
        """A field that takes any JSON, with expressions in it."""
        return _JsonataField(self.place + name, self.given[name]) if name in self.given else None

    def finish_output(self) -> Field | None:
        """Output."""
        return self.payload("Output")

    def items(self) -> _Items:
        """Items, by default the input."""
        return _Items(self.payload("Items"))

    def condition(self, rule: ChoiceRule) -> _Condition:
        """The Condition of a rule."""
        return _Condition(rule)


class _JsonataField(Field):
    __slots__ = ("_needs_context", "template")

    def __init__(self, name: str, expression: Json, expected: str | None = None) -> None:
        super().__init__(name, expression)
        self.template = compile_jsonata_template(expression, name, expected=expected)
        self._needs_context = _reads_context(self.template)

    def read(self, draft: StepDraft, value: Json) -> Json:
        if not self.template.parts:
            return self.expression
        try:
            return self.template.evaluate(_environment(draft, needs_context=self._needs_context))
        except QueryEvaluationError as error:
            raise query_failure(str(error), error.location) from error

    def failure(self, cause: str, *, is_located: bool = True) -> StateError:
        return query_failure(cause, self.name if is_located else None)


class _ValueField(_JsonataField):
    """A field of one value: what an expression gives must be of its kind."""

    __slots__ = ("_kind",)

    def __init__(self, name: str, expression: Json, kind: Kind) -> None:
        super().__init__(name, expression, kind.expected)
        self._kind = kind

    def read(self, draft: StepDraft, value: Json) -> Json:
        found = super().read(draft, value)
        return self._kind.computed(found, self.name) if self.template.parts else found


class _Items:
    __slots__ = ("_field",)

    def __init__(self, field: _JsonataField | None) -> None:
        self._field = field

    def found(self, draft: StepDraft, value: Json, *, takes_objects: bool) -> list[Json] | dict[str, Json]:
        field, visit = self._field, draft.visit
        items = value if field is None else field.apply(draft, StageName.ITEMS, value)
        if isinstance(items, list) or (takes_objects and isinstance(items, dict)):
            return items
        if field is None:
            # Recorded: an EvaluationFailed event without a location.
            failure = query_failure(f"Map state input must be an array but was: {compact(value)}")
            raise visit.failed(StageName.ITEMS, value, MISSING, failure)
        visit.stages.pop()  # the stage that said it went well
        expressions = field.template.parts
        if expressions and not expressions[0][0]:
            error = unexpected_kind(expressions[0][1].text, "Items", "array", items)
            failure = query_failure(str(error), error.location)
        else:  # not recorded: a value written out
            failure = field.failure(f"Items must be an array but was: {compact(items)}")
        raise visit.failed(StageName.ITEMS, value, field.expression, failure)


class _Condition:
    __slots__ = ("_condition", "_needs_context")

    def __init__(self, rule: ChoiceRule) -> None:
        self._condition = compile_condition(rule.fields.get("Condition"), f"Choices[{rule.index}]/Condition")
        self._needs_context = _reads_context(self._condition.template)

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        try:
            return self._condition.evaluate(_environment(draft, needs_context=self._needs_context))
        except QueryEvaluationError as error:
            raise query_failure(str(error), error.location) from error


def _reads_context(template: JsonataTemplate) -> bool:
    """Whether its expressions may read `$states.context`, which takes time to build."""
    return any(_READS_CONTEXT.search(jsonata.text) for _, jsonata in template.parts)


def _environment(draft: StepDraft, *, needs_context: bool) -> JsonataEnvironment:
    """What expressions see now. Source: AWS docs, "Reserved variable: $states"."""
    visit = draft.visit
    states: dict[str, Json] = {"input": draft.input}
    if needs_context:
        states["context"] = context_of(draft)
    if visit.result is not MISSING:
        states["result"] = visit.result
    if visit.error_output is not MISSING:
        states["errorOutput"] = visit.error_output
    settings = draft.settings
    return JsonataEnvironment(
        states, draft.variables, draft.entropy, settings.start_time + draft.clock, settings.jsonata_limits
    )
