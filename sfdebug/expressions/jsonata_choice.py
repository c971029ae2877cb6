"""Condition of a JSONata Choice rule, compiled to a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata_template import JsonataEnvironment, JsonataTemplate, compile_jsonata_template
from sfdebug.values import MISSING, Json


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled Condition."""

    template: JsonataTemplate
    evaluate: Callable[[JsonataEnvironment], Verdict] = field(repr=False, compare=False)


def compile_condition(value: Json, field_path: str) -> Condition:
    """Compile the Condition of a rule."""
    template = compile_jsonata_template(value, field_path, expected="boolean")

    def evaluate(environment: JsonataEnvironment) -> Verdict:
        matched = template.evaluate(environment) is True
        return Verdict(matched, "Condition", str(value), matched, MISSING, "", (), "")

    return Condition(template, evaluate)
