"""The rules of a Choice state. Source: States Language specification, "Choice State"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import ChoiceRule, QueryLanguage
from sfdebug.asl.findings import EMPTY, AwsVerdict, listed, needs_one, not_supported, only_one, other_language
from sfdebug.asl.parsing import shapes
from sfdebug.asl.parsing.fields import INSTEAD
from sfdebug.asl.parsing.objects import as_entries, as_object, require, text_or_none
from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.expressions.choice import OPERATORS as COMPARISONS
from sfdebug.expressions.choice import compile_rule
from sfdebug.expressions.errors import ExpressionSyntaxError

if TYPE_CHECKING:
    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_KINDS: Final[dict[str, shapes.Shape]] = {
    "String": shapes.text,
    "Numeric": shapes.number(float("-inf")),
    "Timestamp": shapes.timestamp,
}
OPERATORS: Final[dict[str, shapes.Shape]] = {
    name: shapes.reference if operator.takes_path else _KINDS.get(operator.kind, shapes.boolean)
    for name, operator in COMPARISONS.items()
}
"""The comparison operators, each with the shape of what it compares with."""

_AS_LISTED: Final = (
    "StringEquals", "IsBoolean", "StringLessThan", "IsNumeric", "BooleanEquals", "StringLessThanEqualsPath",
    "NumericLessThan", "NumericGreaterThan", "NumericLessThanPath", "StringMatches", "TimestampLessThanEqualsPath",
    "NumericEquals", "TimestampGreaterThan", "StringGreaterThanEqualsPath", "TimestampGreaterThanEqualsPath",
    "TimestampLessThanEquals", "NumericLessThanEqualsPath", "TimestampEquals", "BooleanEqualsPath", "IsTimestamp",
    "StringLessThanEquals", "NumericLessThanEquals", "StringLessThanPath", "TimestampGreaterThanPath",
    "StringGreaterThan", "StringGreaterThanPath", "IsString", "StringEqualsPath", "TimestampEqualsPath",
    "TimestampLessThan", "StringGreaterThanEquals", "NumericGreaterThanPath", "NumericGreaterThanEquals",
    "NumericEqualsPath", "TimestampLessThanPath", "IsNull", "IsPresent", "TimestampGreaterThanEquals",
    "NumericGreaterThanEqualsPath",
)  # fmt: skip
"""The operators in the order in which AWS lists them (recorded)."""

_COMBINERS: Final = ("And", "Or", "Not")
_CONDITION: Final = ("Variable", *_COMBINERS, *OPERATORS)
_ONE_KIND: Final = AwsVerdict(
    f"The object must have only one of the following fields, {listed((*_COMBINERS, 'Variable', 'Condition'))}"
)
"""Reported, for a rule that is of no kind or of several."""

_PLAIN: Final[dict[str, shapes.Shape]] = {"Comment": shapes.text, "Next": shapes.text, "Assign": shapes.assignments}


def parse_choices(
    reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage
) -> tuple[ChoiceRule, ...]:
    """The rules of a Choices field; what is wrong with them is noted."""
    if value == []:
        reader.error(pointer, "'Choices' is empty", "write at least one rule", aws=EMPTY)
    rules = []
    for here, entry in as_entries(reader, pointer, value, "rules"):
        require(reader, here, entry, ("Next",), "a rule")
        _check_rule(reader, here, entry, language)
        index = here[-1]
        target = text_or_none(entry.get("Next")) or ""
        rules.append(ChoiceRule(index if isinstance(index, int) else 0, target, entry, here))
    return tuple(rules)


def _check_rule(reader: DefinitionReader, pointer: Pointer, rule: dict[str, Json], language: QueryLanguage) -> None:
    condition = {}
    for name, item in rule.items():
        here = (*pointer, name)
        if name in _PLAIN:
            _PLAIN[name](reader, here, item, language)
        elif name == "Output" and language is QueryLanguage.JSONATA:
            continue
        elif name in ("Condition", "Output") and language is QueryLanguage.JSONPATH:
            what = f"{quote(name)} is a field of JSONata states, and the query language here is JSONPath"
            fix = f'use {INSTEAD[name]}, or give the state "QueryLanguage": "JSONata"'
            reader.error(here, what, fix, key=True, aws=other_language(name, language, pointer))
        else:
            condition[name] = item
    if language is QueryLanguage.JSONATA:
        _check_jsonata(reader, pointer, condition)
    elif "Condition" not in rule:
        count = len(reader.problems.items)
        _check_condition(reader, pointer, condition)
        if len(reader.problems.items) == count:
            _compile(reader, pointer, condition)


def _compile(reader: DefinitionReader, pointer: Pointer, condition: dict[str, Json]) -> None:
    """Note what compiling a rule of the right shape still finds wrong with it."""
    try:
        compile_rule(condition)
    except ExpressionSyntaxError as error:
        reader.error((*pointer, *error.pointer), error.message, error.fix)


def _check_jsonata(reader: DefinitionReader, pointer: Pointer, condition: dict[str, Json]) -> None:
    """A JSONata rule: Condition is an expression or a boolean. Source: AWS docs, "Choice workflow state"."""
    if "Condition" not in condition:
        aws = None if any(name in _CONDITION for name in condition) else _ONE_KIND
        reader.error(pointer, "a rule needs 'Condition', which is missing", "add 'Condition'", key=True, aws=aws)
    for name, value in condition.items():
        here = (*pointer, name)
        if name in _CONDITION:
            what = f"{quote(name)} is a field of JSONPath rules, and the query language here is JSONata"
            aws = other_language(name, QueryLanguage.JSONATA, pointer) if name not in OPERATORS else None
            reader.error(here, what, 'use "Condition": "{% … %}"', key=True, aws=aws)
        elif name != "Condition":
            fix = reader.suggest(name, ("Condition", "Next", "Assign", "Output", "Comment"), "take it out")
            reader.error(here, f"a rule has no field {quote(name)}", fix, key=True, aws=not_supported(name, pointer))
        elif not isinstance(value, (bool, str)):
            wanted = "a JSONata expression or a boolean"
            shapes.wrong_kind(reader, here, value, wanted, 'write "{% … %}"', expects="STRING")


def _check_condition(reader: DefinitionReader, pointer: Pointer, rule: dict[str, Json]) -> None:
    """A JSONPath rule without Next: a comparison, or And, Or, Not over such rules."""
    combiners = [name for name in rule if name in _COMBINERS]
    if not combiners:
        _check_comparison(reader, pointer, rule)
        return
    first = combiners[0]
    for name in rule:
        if name != first:
            what = f"{quote(name)} cannot stand beside {quote(first)}"
            aws: AwsVerdict | None = replace(_ONE_KIND, at=pointer) if name in ("Variable", *_COMBINERS) else None
            if name not in _CONDITION:
                what = f"a rule has no field {quote(name)}"
                aws = not_supported(name, pointer)
            fix = f"take it out, or put it into a rule inside {quote(first)}"
            reader.error((*pointer, name), what, fix, key=True, aws=aws)
    here = (*pointer, first)
    if first == "Not":
        inner = as_object(reader, here, rule[first], "a rule")
        if inner is not None:
            _check_nested(reader, here, inner)
        return
    if rule[first] == []:
        reader.error(here, f"{quote(first)} is empty", "write at least one rule in it", aws=EMPTY)
    for at, inner in as_entries(reader, here, rule[first], "rules"):
        _check_nested(reader, at, inner)


def _check_nested(reader: DefinitionReader, pointer: Pointer, rule: dict[str, Json]) -> None:
    condition = {}
    for name, item in rule.items():
        if name == "Next":
            fix = "the rule that holds this one has the Next"
            what = "a rule inside And, Or or Not has no 'Next'"
            reader.error((*pointer, name), what, fix, key=True, aws=not_supported(name, pointer))
        elif name != "Comment":
            condition[name] = item
    _check_condition(reader, pointer, condition)


def _check_comparison(reader: DefinitionReader, pointer: Pointer, rule: dict[str, Json]) -> None:
    if "Variable" not in rule:
        what = "a comparison needs 'Variable', which is missing"
        reader.error(pointer, what, "add 'Variable'", key=True, aws=_ONE_KIND)
    operators: list[str] = []
    unknown = False
    for name, value in rule.items():
        here = (*pointer, name)
        if name == "Variable":
            shapes.reference(reader, here, value, QueryLanguage.JSONPATH)
        elif name in OPERATORS:
            operators.append(name)
            OPERATORS[name](reader, here, value, QueryLanguage.JSONPATH)
        else:
            unknown = True
            close = closest(name, _CONDITION)
            fix = f"did you mean {quote(close)}?" if close else "the operators look like StringEquals or IsPresent"
            what = f"{quote(name)} is no comparison operator"
            reader.error(here, what, fix, key=True, aws=not_supported(name, pointer))
    for name in operators[1:]:
        what = f"a comparison has one operator: {quote(operators[0])} stands before {quote(name)}"
        aws = only_one(_AS_LISTED, pointer) if name == operators[1] else None
        reader.error((*pointer, name), what, 'put two comparisons into "And": […]', key=True, aws=aws)
    if not operators and not unknown:
        fix = 'add one, such as "StringEquals": "…" or "IsPresent": true'
        aws = needs_one(_AS_LISTED) if "Variable" in rule else None
        reader.error(pointer, "this comparison has no operator", fix, key=True, aws=aws)
