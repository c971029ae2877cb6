"""The data flow of a JSONPath state: InputPath, Parameters, ResultSelector, ResultPath, Assign, OutputPath.

Source: States Language specification, "Input and Output Processing". Causes are worded as in the recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.engine.faults import RUNTIME, StateError, runtime_failure
from sfdebug.engine.fields.base import Flow, assign
from sfdebug.expressions.errors import ExpressionError, NullInputError, PathNotFoundError, ReferencePathError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.jsonpath.path import Path, compile_path
from sfdebug.expressions.jsonpath.reference_path import ReferencePath, compile_reference_path
from sfdebug.expressions.template import Template, compile_template
from sfdebug.values import MISSING, Json, Value, compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, ChoiceRule, State
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.environment import Environment


class PathStage:
    """A field that selects a part of the value: InputPath or OutputPath. Null selects `{}`."""

    __slots__ = ("expression", "name", "path")

    def __init__(self, name: StageName, expression: Json) -> None:
        self.name = name
        self.expression = expression
        self.path: Path | None = compile_path(expression) if isinstance(expression, str) else None

    def apply(self, draft: StepDraft, value: Json) -> Json:
        """The selected value. Recorded: `"InputPath": null` and `"OutputPath": null` give `{}`."""
        if self.path is None:
            after: Json = {}
        else:
            try:
                after = self.path.read(draft.environment(value))
            except ExpressionError as error:
                failure = path_failure(error, str(self.expression))
                raise failed(draft, self.name, value, self.expression, failure) from error
        draft.stage(self.name, value, after, expression=self.expression)
        return after


class TemplateStage:
    """A field that builds a new value from a payload template: Parameters, ItemSelector, ResultSelector."""

    __slots__ = ("expression", "name", "template")

    def __init__(self, name: StageName, expression: Json) -> None:
        self.name = name
        self.expression = expression
        self.template: Template = compile_template(expression)

    def compute(self, draft: StepDraft, value: Json, *, task_token: str | None = None) -> Json:
        """The built value, without a stage of its own."""
        try:
            return self.template.evaluate(draft.environment(value, task_token=task_token))
        except ExpressionError as error:
            raise failed(draft, self.name, value, self.expression, template_failure(error, value)) from error

    def apply(self, draft: StepDraft, value: Json, *, task_token: str | None = None) -> Json:
        """The built value."""
        after = self.compute(draft, value, task_token=task_token)
        draft.stage(self.name, value, after, expression=self.expression)
        return after


class ResultPathStage:
    """ResultPath: where the result goes in the state's raw input. Null throws the result away."""

    __slots__ = ("expression", "reference")

    def __init__(self, expression: Json) -> None:
        self.expression = expression
        self.reference = compile_reference_path(expression) if isinstance(expression, str) else None

    def apply(self, draft: StepDraft, result: Json) -> Json:
        """The raw input with the result in its place. Source: specification, "ResultPath"."""
        if self.reference is None:
            after = draft.input
        else:
            try:
                after = self.reference.write(draft.input, result)
            except ReferencePathError as error:
                failure = reference_failure(error)
                raise failed(draft, StageName.RESULT_PATH, result, self.expression, failure) from error
        draft.stage(StageName.RESULT_PATH, result, after, expression=self.expression)
        return after


class AssignStage:
    """Assign of a state, a Choice rule or a Catcher: variables from a payload template."""

    __slots__ = ("expression", "template")

    def __init__(self, expression: Json) -> None:
        self.expression = expression
        self.template = TemplateStage(StageName.ASSIGN, expression)

    def apply(self, draft: StepDraft, value: Json) -> None:
        """Evaluate it with `value` as `$`: the result, a Catcher's Error Output, or a Choice's or Wait's input."""
        assigned = self.template.compute(draft, value)
        if isinstance(assigned, dict):
            assign(draft, assigned, self.expression)


class JsonPathFlow(Flow):
    """What comes before and after the work of one state. Fields that the state does not have are skipped."""

    __slots__ = (
        "assign",
        "catchers",
        "input_path",
        "output_path",
        "parameters",
        "result_path",
        "result_selector",
        "rules",
    )

    def __init__(self, state: State, *, parameters: StageName | None = StageName.PARAMETERS) -> None:
        fields = state.fields
        self.input_path = PathStage(StageName.INPUT_PATH, fields["InputPath"]) if "InputPath" in fields else None
        self.output_path = PathStage(StageName.OUTPUT_PATH, fields["OutputPath"]) if "OutputPath" in fields else None
        self.parameters = TemplateStage(parameters, fields[parameters]) if parameters and parameters in fields else None
        self.result_selector = (
            TemplateStage(StageName.RESULT_SELECTOR, fields["ResultSelector"]) if "ResultSelector" in fields else None
        )
        self.result_path = ResultPathStage(fields["ResultPath"]) if "ResultPath" in fields else None
        self.assign = _assign(fields)
        self.rules = tuple(_assign(rule.fields) for rule in state.choices)
        self.catchers = tuple((_catch_path(catcher.fields), _assign(catcher.fields)) for catcher in state.catchers)

    def selected_input(self, draft: StepDraft) -> Json:
        """The value after InputPath."""
        return self.input_path.apply(draft, draft.input) if self.input_path else draft.input

    def effective_input(self, draft: StepDraft, *, task_token: str | None = None) -> Json:
        """The value after InputPath and Parameters: what the work is given."""
        value = self.selected_input(draft)
        return self.parameters.apply(draft, value, task_token=task_token) if self.parameters else value

    def state_output(self, draft: StepDraft, result: Json) -> Json:
        """The value after ResultSelector, ResultPath and OutputPath. Assign sees the result, through ResultSelector."""
        if self.result_selector:
            result = self.result_selector.apply(draft, result)
        output = self.result_path.apply(draft, result) if self.result_path else result
        if self.assign:
            self.assign.apply(draft, result)
        return self.output_path.apply(draft, output) if self.output_path else output

    pass_output = state_output

    def selected_output(self, draft: StepDraft, value: Json) -> Json:
        """The value after OutputPath."""
        if self.assign:
            self.assign.apply(draft, value)
        return self.output_path.apply(draft, value) if self.output_path else value

    def rule_output(self, draft: StepDraft, rule: ChoiceRule, value: Json) -> Json:
        """The value after OutputPath, with the rule's own Assign."""
        own = self.rules[rule.index]
        if own:
            own.apply(draft, value)
        return self.output_path.apply(draft, value) if self.output_path else value

    def caught_output(self, draft: StepDraft, catcher: Catcher, fault: Fault) -> Json:
        """The raw input with the Error Output at the Catcher's ResultPath; OutputPath is not applied (recorded)."""
        reference, own = self.catchers[catcher.index]
        try:
            output = reference.write(draft.input, fault.output) if reference else draft.input
        except ReferencePathError as error:
            raise reference_failure(error) from error
        if own:
            own.apply(draft, fault.output)
        return output


def _assign(fields: Mapping[str, Json]) -> AssignStage | None:
    return AssignStage(fields["Assign"]) if fields.get("Assign") else None


def _catch_path(fields: Mapping[str, Json]) -> ReferencePath | None:
    path = fields.get("ResultPath", "$")
    return compile_reference_path(path) if isinstance(path, str) else None


def failed(draft: StepDraft, name: StageName, before: Value, expression: Value, failure: StateError) -> StateError:
    """`failure`, after the stage in which it happened has been added to the visit."""
    assert draft.visit is not None
    fault = failure.fault(draft.state_name, draft.visit.entered_event_id)
    draft.stage(name, before, MISSING, expression=expression, status=StageStatus.FAILED, fault=fault)
    return failure


def reference_failure(error: ReferencePathError) -> StateError:
    """The failure of a Reference Path that its document has no place for; public reports of AWS name no state."""
    return StateError(error.error, str(error))


def path_failure(error: ExpressionError, text: str) -> StateError:
    """AWS's words for a path field that finds nothing: "Invalid path '$.x' : No results for path: $['x']"."""
    if isinstance(error, NullInputError):
        return runtime_failure(error.detail)
    detail = error.detail if isinstance(error, PathNotFoundError) else str(error)
    return runtime_failure(f"Invalid path '{text}' : {detail}")


def not_found(text: str, field: str, value: Json) -> StateError:
    """AWS's words for a path within a field that finds nothing."""
    return runtime_failure(
        f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{compact(value)}'"
    )


def template_failure(error: ExpressionError, value: Json) -> StateError:
    """AWS's words for a payload template that cannot be filled in."""
    if isinstance(error, PathNotFoundError) and not isinstance(error, NullInputError):
        return not_found(error.path, error.field, value)
    return StateError(error.error or RUNTIME, str(error), names_state=True)


def compile_value(text: str) -> Callable[[Environment], Json]:
    """A field that takes a path or an intrinsic function (ErrorPath, a `.$` key's value), ready to evaluate."""
    return compile_intrinsic(text).evaluate if text.startswith("States.") else compile_path(text).into


def read_field(draft: StepDraft, compiled: Callable[[Environment], Json], field: str, text: str, value: Json) -> Json:
    """What a field such as ErrorPath refers to. Raises StateError in AWS's words when there is nothing."""
    try:
        return compiled(draft.environment(value))
    except NullInputError as error:
        raise path_failure(error, text) from error
    except PathNotFoundError as error:
        raise not_found(text, field, value) from error
    except ExpressionError as error:
        raise path_failure(error, text) from error
