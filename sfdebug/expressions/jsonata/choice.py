"""The Condition of a Choice rule in JSONata: evaluated to a verdict that explains itself when it is asked why.

Source: AWS docs, "Choice workflow state"; recorded: `"Condition": true` is allowed, and a Condition that is an
expression. By analogy with what is recorded for Items: the cause for a result that is no boolean.
"""

from __future__ import annotations

from typing import Any, Final

from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import Jsonata, is_jsonata_string
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.template import (
    JsonataEnvironment,
    JsonataTemplate,
    compile_jsonata_template,
    unexpected_kind,
)
from sfdebug.values import MISSING, Json

_OPERATOR: Final = "Condition"


class JsonataCondition:
    """A compiled Condition. `text` is the expression without its `{% %}`, "true" or "false" for a literal."""

    __slots__ = ("_jsonata", "_template", "text")

    def __init__(self, template: JsonataTemplate) -> None:
        self._template = template
        self._jsonata = template.parts[0][1] if template.parts else None
        self.text = self._jsonata.text if self._jsonata else "true" if template.template else "false"

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    @property
    def template(self) -> JsonataTemplate:
        """The field as a template: where its expression stands, what it reads."""
        return self._template

    def evaluate(self, environment: JsonataEnvironment) -> Verdict:
        """Whether the rule matches. Raises QueryEvaluationError, also for a result that is no boolean."""
        matched = self._template.evaluate(environment)
        if matched is not True and matched is not False:
            raise unexpected_kind(self.text, self._template.field_path, "boolean", matched)
        if self._jsonata is None:
            why = f"the condition is always {self.text}"
            return Verdict(matched, _OPERATOR, self.text, matched, MISSING, "", (), why)
        return ConditionVerdict(matched, self._jsonata, environment)


def compile_condition(field_value: Json, field_path: str) -> JsonataCondition:
    """Compile a Condition; `field_path` is what AWS calls it in causes ("Choices[0]/Condition").

    Raises JsonataSyntaxError for text that cannot be read, or a value that is neither an expression nor a boolean.
    """
    if not isinstance(field_value, bool) and not (isinstance(field_value, str) and is_jsonata_string(field_value)):
        text = field_value if isinstance(field_value, str) else ""
        fix = 'Write "{% $states.input.total > 100 %}", or true.'
        raise JsonataSyntaxError(text, 0, "a Condition must be a JSONata expression or a boolean", fix=fix)
    return JsonataCondition(compile_jsonata_template(field_value, field_path))


class ConditionVerdict(Verdict):
    """A verdict on a Condition. Why it came to it is worked out when it is first asked for: most never are.

    `path` is the expression, `value` its result; `children` are the parts that made it what it is, which were
    evaluated with the values that the Condition saw. Equal to any verdict that says the same.
    """

    __slots__ = ("_environment", "_explained", "_jsonata")

    _environment: JsonataEnvironment
    _explained: tuple[str, tuple[Verdict, ...]]
    _jsonata: Jsonata

    operator = _OPERATOR
    comparand = MISSING
    comparand_path = ""

    def __init__(self, matched: bool, jsonata: Jsonata, environment: JsonataEnvironment) -> None:
        _set(self, "matched", matched)
        _set(self, "_jsonata", jsonata)
        _set(self, "_environment", environment)

    @property
    def path(self) -> str:
        """The expression."""
        return self._jsonata.text

    @property
    def value(self) -> bool:
        """The result of the expression."""
        return self.matched

    @property
    def why(self) -> str:
        """Why it matched or did not, in short plain words."""
        return self._explanation()[0]

    @property
    def children(self) -> tuple[Verdict, ...]:
        """The parts of the expression that made its value."""
        return self._explanation()[1]

    def _explanation(self) -> tuple[str, tuple[Verdict, ...]]:
        try:
            return self._explained
        except AttributeError:
            from sfdebug.expressions.jsonata.explain import explain

            seen = self._environment
            run = JsonataRun(seen.limits, None, seen.now, seen.states, seen.variables)
            explained = explain(self._jsonata, self.matched, run)
            _set(self, "_explained", explained)
            return explained

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        if isinstance(other, ConditionVerdict) and self._saw_what(other):
            return True
        return _fields(self) == _fields(other)

    def _saw_what(self, other: ConditionVerdict) -> bool:
        """Whether `other` is the same verdict on the same values, which needs no look at the explanation."""
        ours, theirs = self._environment, other._environment
        return (
            self._jsonata is other._jsonata
            and self.matched is other.matched
            and ours.states is theirs.states
            and ours.variables is theirs.variables
            and (ours.now, ours.limits) == (theirs.now, theirs.limits)
        )

    def __hash__(self) -> int:
        return hash(_fields(self))

    def __reduce__(self) -> tuple[type[Verdict], tuple[Any, ...]]:
        """A copy is an ordinary verdict, with the explanation worked out."""
        return Verdict, _fields(self)


_set: Final = object.__setattr__


def _fields(verdict: Verdict) -> tuple[Any, ...]:
    return (
        verdict.matched,
        verdict.operator,
        verdict.path,
        verdict.value,
        verdict.comparand,
        verdict.comparand_path,
        verdict.children,
        verdict.why,
    )
