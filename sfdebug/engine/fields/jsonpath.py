"""The fields of a JSONPath state: paths, payload templates, and the places that results go to.

Source: States Language specification, "Input and Output Processing". Causes are worded as in the recordings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.context import context_of
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import RUNTIME, StateError, runtime_failure
from sfdebug.engine.fields.base import Field, Fields
from sfdebug.engine.fields.kinds import not_found, path_failure
from sfdebug.expressions.choice import compile_rule
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import (
    ExpressionError,
    NullInputError,
    PathNotFoundError,
    PathSyntaxError,
    ReferencePathError,
)
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.expressions.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import ChoiceRule
    from sfdebug.engine.fields.kinds import Kind
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.choice import Verdict
    from sfdebug.values import Json


class JsonPathFields(Fields):
    """The fields of one object of a JSONPath state."""

    arguments = StageName.PARAMETERS
    output = StageName.OUTPUT_PATH

    def value(self, name: str, kind: Kind) -> Field | None:
        """A field as written, or the path in the field of the same name that ends in Path."""
        if name in self.given:
            return _Literal(name, self.given[name])
        path = self.given.get(f"{name}Path")
        return _ValuePath(f"{name}Path", path, kind) if isinstance(path, str) else None

    def payload(self, name: str) -> Field | None:
        """A payload template."""
        return _Template(name, self.given[name]) if name in self.given else None

    def selection(self, name: StageName) -> Field | None:
        """InputPath or OutputPath."""
        return _Selection(name, self.given[name]) if name in self.given else None

    def result_path(self) -> Field | None:
        """ResultPath of a state or of a Catcher."""
        return _ResultPath("ResultPath", self.given["ResultPath"]) if "ResultPath" in self.given else None

    def finish_output(self) -> Field | None:
        """OutputPath."""
        return self.selection(StageName.OUTPUT_PATH)

    def items(self) -> _ItemsPath:
        """ItemsPath, by default the whole input."""
        return _ItemsPath(self.given)

    def condition(self, rule: ChoiceRule) -> _Rule:
        """A comparison, or several that are combined."""
        return _Rule(rule.fields)


class _JsonPathField(Field):
    __slots__ = ()

    def failure(self, cause: str, *, is_located: bool = True) -> StateError:
        return runtime_failure(cause)


class _Literal(_JsonPathField):
    __slots__ = ()

    def read(self, draft: StepDraft, value: Json) -> Json:
        return self.expression


class _ValuePath(_JsonPathField):
    """`SecondsPath`, `MaxConcurrencyPath`, `ErrorPath`: a value where the path leads."""

    __slots__ = ("_evaluate", "_kind", "_path")

    def __init__(self, name: str, path: str, kind: Kind) -> None:
        super().__init__(name, path)
        self._path = path
        self._kind = kind
        self._evaluate = kind.compiled(path)

    def read(self, draft: StepDraft, value: Json) -> Json:
        try:
            found = self._evaluate(environment(draft, value))
        except ExpressionError as error:
            raise self._kind.lost(error, self.name, self._path, value) from error
        return self._kind.found(found, self.name, self._path)


class _Selection(_JsonPathField):
    """InputPath or OutputPath. Recorded: null gives `{}`."""

    __slots__ = ("_evaluate",)

    def __init__(self, name: str, expression: Json) -> None:
        super().__init__(name, expression)
        self._evaluate = compile_path(expression).read if isinstance(expression, str) else None

    def read(self, draft: StepDraft, value: Json) -> Json:
        if self._evaluate is None:
            return {}
        try:
            return self._evaluate(environment(draft, value))
        except ExpressionError as error:
            raise path_failure(error, str(self.expression)) from error


class _Template(_JsonPathField):
    """A payload template: Parameters, ItemSelector, ResultSelector, Assign, Credentials."""

    __slots__ = ("_evaluate",)

    def __init__(self, name: str, expression: Json) -> None:
        super().__init__(name, expression)
        self._evaluate = compile_template(expression).evaluate

    def read(self, draft: StepDraft, value: Json) -> Json:
        try:
            return self._evaluate(environment(draft, value))
        except ExpressionError as error:
            raise _template_failure(error, value) from error


class _ResultPath(_JsonPathField):
    """Where a result goes in the state's raw input. Null throws it away. Source: specification, "ResultPath"."""

    __slots__ = ("_reference",)

    def __init__(self, name: str, expression: Json) -> None:
        super().__init__(name, expression)
        self._reference = compile_reference_path(expression) if isinstance(expression, str) else None

    def read(self, draft: StepDraft, value: Json) -> Json:
        """The raw input with the result `value` in its place."""
        if self._reference is None:
            return draft.input
        try:
            return self._reference.write(draft.input, value)
        except ReferencePathError as error:
            raise _reference_failure(error) from error


class _ItemsPath:
    __slots__ = ("_expression", "_is_written", "_path")

    def __init__(self, given: Mapping[str, Json]) -> None:
        self._expression = given.get("ItemsPath", "$")
        self._is_written = "ItemsPath" in given
        self._path = compile_path(self._expression if isinstance(self._expression, str) else "$")

    def found(self, draft: StepDraft, value: Json, *, takes_objects: bool) -> list[Json] | dict[str, Json]:
        try:
            items = self._path.read(environment(draft, value))
        except ExpressionError as error:
            failure = self._lost(draft, value, error)
            raise draft.visit.failed(StageName.ITEMS_PATH, value, self._expression, failure) from error
        if not isinstance(items, list) and not (takes_objects and isinstance(items, dict)):
            # Recorded: AWS shows a path into the Context object with one `$`.
            text = self._path.text
            path = text[1:] if text.startswith("$$") else text
            failure = runtime_failure(f'Reference path "{path}" must point to array.')
            raise draft.visit.failed(StageName.ITEMS_PATH, value, self._expression, failure)
        if self._is_written:
            draft.visit.stage(StageName.ITEMS_PATH, value, items, expression=self._expression)
        return items

    def _lost(self, draft: StepDraft, value: Json, error: ExpressionError) -> StateError:
        """An ItemsPath that leads nowhere: as a Reference Path, States.ReferencePathConflict, which can be caught.

        Source: public reports of AWS (`Unable to apply step "objects" to input {…}`).
        """
        text, root = self._path.text, self._path.root
        if isinstance(error, PathNotFoundError) and not isinstance(error, NullInputError):
            document: Json = value
            if root != "$":
                document = context_of(draft) if root == "$$" else draft.variables.get(root[1:])
            try:
                compile_reference_path(f"${text.removeprefix(root)}").read(document)
            except ReferencePathError as conflict:
                if root[1:] in ("", "$") or root[1:] in draft.variables:
                    return _reference_failure(conflict)
            except PathSyntaxError:
                pass  # no Reference Path: it can name several places
        return path_failure(error, text)


class _Rule:
    __slots__ = ("_evaluate",)

    def __init__(self, fields: Mapping[str, Json]) -> None:
        self._evaluate = compile_rule(fields).evaluate

    def verdict(self, draft: StepDraft, value: Json) -> Verdict:
        try:
            return self._evaluate(environment(draft, value))
        except ExpressionError as error:
            raise runtime_failure(str(error)) from error


def environment(draft: StepDraft, value: Json) -> Environment:
    """What expressions see now, with `value` as `$`."""
    return Environment(value, lambda: context_of(draft), draft.variables, draft.entropy)


def _reference_failure(error: ReferencePathError) -> StateError:
    """The failure of a Reference Path that its document has no place for; public reports of AWS name no state."""
    return StateError(error.error, str(error))


def _template_failure(error: ExpressionError, value: Json) -> StateError:
    """AWS's words for a payload template that cannot be filled in."""
    if isinstance(error, PathNotFoundError) and not isinstance(error, NullInputError):
        return not_found(error.path, error.field, value)
    return StateError(error.error or RUNTIME, str(error), names_state=True)
