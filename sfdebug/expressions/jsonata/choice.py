"""The Condition of a Choice rule in JSONata: evaluated to a verdict that explains itself when it is asked why.

Source: AWS docs, "Choice workflow state"; recorded: `"Condition": true` is allowed, and a Condition that is an
expression. By analogy with what is recorded for Items: the cause for a result that is no boolean.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import force_setattr

from sfdebug.expressions.choice import Verdict, said_in
from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import Jsonata, is_jsonata_string
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.template import (
    JsonataEnvironment,
    JsonataTemplate,
    compile_jsonata_template,
    unexpected_kind,
)
from sfdebug.values import MISSING, Json, shown_without

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
        return ConditionVerdict(matched, _OPERATOR, self.text, matched, MISSING, "", (), "", self._jsonata, environment)


def compile_condition(field_value: Json, field_path: str) -> JsonataCondition:
    """Compile a Condition; `field_path` is what AWS calls it in causes ("Choices[0]/Condition").

    Raises JsonataSyntaxError for text that cannot be read, or a value that is neither an expression nor a boolean.
    """
    if not isinstance(field_value, bool) and not (isinstance(field_value, str) and is_jsonata_string(field_value)):
        text = field_value if isinstance(field_value, str) else ""
        fix = 'Write "{% $states.input.total > 100 %}", or true.'
        raise JsonataSyntaxError(text, 0, "a Condition must be a JSONata expression or a boolean", fix=fix)
    return JsonataCondition(compile_jsonata_template(field_value, field_path))


class ConditionVerdict(Verdict, frozen=True, eq=False, gc=False):
    """A verdict on a Condition. Why it came to it is worked out when it is first asked for: most never are.

    `path` is the expression, `value` its result; `children` are the parts that made it what it is, which were
    evaluated with the values that the Condition saw. Equal to any verdict that says the same.
    """

    jsonata: Jsonata
    environment: JsonataEnvironment
    explained: tuple[str, tuple[Verdict, ...]] | None = None

    __repr__ = shown_without("jsonata", "environment", "explained")

    @property  # type: ignore[misc]
    def why(self) -> str:
        """Why it matched or did not, in short plain words."""
        return self._explanation()[0]

    @property  # type: ignore[misc]
    def children(self) -> tuple[Verdict, ...]:
        """The parts of the expression that made its value."""
        return self._explanation()[1]

    def _explanation(self) -> tuple[str, tuple[Verdict, ...]]:
        if self.explained is not None:
            return self.explained
        from sfdebug.expressions.jsonata.explain import explain

        seen = self.environment
        run = JsonataRun(seen.limits, None, seen.now, seen.states, seen.variables)
        explained = explain(self.jsonata, self.matched, run)
        force_setattr(self, "explained", explained)  # what follows from the other fields, kept
        return explained

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        if isinstance(other, ConditionVerdict) and self._saw_what(other):
            return True
        return said_in(self) == said_in(other)

    def _saw_what(self, other: ConditionVerdict) -> bool:
        """Whether `other` is the same verdict on the same values, which needs no look at the explanation."""
        ours, theirs = self.environment, other.environment
        return (
            self.jsonata is other.jsonata
            and self.matched is other.matched
            and ours.states is theirs.states
            and ours.variables is theirs.variables
            and (ours.now, ours.limits) == (theirs.now, theirs.limits)
        )

    def __hash__(self) -> int:
        return hash(said_in(self))

    def __reduce__(self) -> tuple[type[Verdict], tuple[Any, ...]]:
        """A copy is an ordinary verdict, with the explanation worked out."""
        return Verdict, said_in(self)
