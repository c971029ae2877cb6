"""Choice rules: every operator, verdicts that explain themselves, and rules that are none."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.expressions.choice import OPERATORS, Verdict, compile_rule
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ChoicePathError, RuleSyntaxError
from sfdebug.values import MISSING, Json

INPUT: dict[str, Any] = {
    "n": 5,
    "five": 5.0,
    "big": 10,
    "text": "bird",
    "other": "cat",
    "yes": True,
    "null": None,
    "when": "2024-05-01T12:00:00Z",
    "same": "2024-05-01T14:00:00.000+02:00",
    "later": "2024-05-01T12:00:00.001Z",
    "log": "zebra*.log",
    "list": [1],
}


def judge(rule: dict[str, Json], input: Json = INPUT) -> Verdict:
    return compile_rule(rule).evaluate(
        Environment(input, variables={"v": 5}, make_context=lambda: {"State": {"Name": "S"}})
    )


@pytest.mark.parametrize(
    ("variable", "operator", "operand", "matched"),
    [
        ("$.text", "StringEquals", "bird", True),
        ("$.text", "StringEquals", "Bird", False),
        ("$.text", "StringEqualsPath", "$.text", True),
        ("$.text", "StringEqualsPath", "$.other", False),
        ("$.text", "StringLessThan", "cat", True),
        ("$.text", "StringLessThan", "bird", False),
        ("$.text", "StringLessThanPath", "$.other", True),
        ("$.text", "StringGreaterThan", "Zoo", True),
        ("$.text", "StringGreaterThanPath", "$.other", False),
        ("$.text", "StringLessThanEquals", "bird", True),
        ("$.text", "StringLessThanEqualsPath", "$.text", True),
        ("$.text", "StringGreaterThanEquals", "birds", False),
        ("$.text", "StringGreaterThanEqualsPath", "$.text", True),
        ("$.text", "StringMatches", "b*d", True),
        ("$.text", "StringMatches", "*", True),
        ("$.text", "StringMatches", "b*x*d", False),
        ("$.text", "StringMatches", "bi*ird", False),
        ("$.log", "StringMatches", "zebra*.log", True),
        ("$.log", "StringMatches", r"zebra\*.log", True),
        ("$.text", "StringMatches", r"b\*d", False),
        ("$.n", "NumericEquals", 5, True),
        ("$.five", "NumericEquals", 5, True),
        ("$.n", "NumericEquals", 5.5, False),
        ("$.n", "NumericEqualsPath", "$.five", True),
        ("$.n", "NumericLessThan", 6, True),
        ("$.n", "NumericLessThanPath", "$.big", True),
        ("$.n", "NumericGreaterThan", 5, False),
        ("$.n", "NumericGreaterThanPath", "$.big", False),
        ("$.n", "NumericLessThanEquals", 5, True),
        ("$.n", "NumericLessThanEqualsPath", "$.five", True),
        ("$.n", "NumericGreaterThanEquals", 6, False),
        ("$.n", "NumericGreaterThanEqualsPath", "$.five", True),
        ("$.yes", "BooleanEquals", True, True),
        ("$.yes", "BooleanEquals", False, False),
        ("$.yes", "BooleanEqualsPath", "$.yes", True),
        ("$.when", "TimestampEquals", "2024-05-01T12:00:00.000Z", True),
        ("$.when", "TimestampEqualsPath", "$.same", True),
        ("$.when", "TimestampLessThan", "2024-05-01T12:00:00.5Z", True),
        ("$.when", "TimestampLessThanPath", "$.later", True),
        ("$.when", "TimestampGreaterThan", "2024-05-01T12:00:00Z", False),
        ("$.later", "TimestampGreaterThanPath", "$.when", True),
        ("$.when", "TimestampLessThanEquals", "2024-05-01T12:00:00Z", True),
        ("$.when", "TimestampLessThanEqualsPath", "$.same", True),
        ("$.when", "TimestampGreaterThanEquals", "2024-05-01T12:00:01Z", False),
        ("$.when", "TimestampGreaterThanEqualsPath", "$.same", True),
        ("$.null", "IsNull", True, True),
        ("$.n", "IsNull", False, True),
        ("$.n", "IsNumeric", True, True),
        ("$.yes", "IsNumeric", True, False),
        ("$.text", "IsString", True, True),
        ("$.n", "IsString", True, False),
        ("$.yes", "IsBoolean", True, True),
        ("$.n", "IsBoolean", False, True),
        ("$.when", "IsTimestamp", True, True),
        ("$.text", "IsTimestamp", True, False),
        ("$.n", "IsTimestamp", False, True),
        ("$.n", "IsPresent", True, True),
        ("$.nope", "IsPresent", True, False),
        ("$.nope.deep", "IsPresent", False, True),
        ("$.null", "IsPresent", True, True),
        ("$.list[3]", "IsPresent", False, True),
        ("$v", "NumericEquals", 5, True),
        ("$$.State.Name", "StringEquals", "S", True),
    ],
)
def test_operators(variable: str, operator: str, operand: Json, matched: bool) -> None:
    verdict = judge({"Variable": variable, operator: operand, "Next": "There"})
    assert verdict.matched is matched
    assert verdict.operator == operator
    assert verdict.path == variable
    assert verdict.why
    assert verdict.children == ()


def test_the_table_is_that_of_the_specification() -> None:
    ordered = [
        f"{kind}{test}"
        for kind in ("String", "Numeric", "Timestamp")
        for test in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
    ]
    compared = [*ordered, "BooleanEquals"]
    types = ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"]
    assert sorted(OPERATORS) == sorted([*compared, *(f"{name}Path" for name in compared), "StringMatches", *types])


@pytest.mark.parametrize("kind", ["String", "Numeric", "Boolean", "Timestamp"])
@pytest.mark.parametrize("value", [None, {}, [1], "x", 3, False])
def test_a_value_of_another_type_does_not_match(kind: str, value: Json) -> None:
    literals: dict[str, Json] = {"String": "z", "Numeric": 4, "Boolean": True, "Timestamp": "2024-01-01T00:00:00Z"}
    for operator in (f"{kind}Equals", f"{kind}EqualsPath"):
        operand = "$.literal" if operator.endswith("Path") else literals[kind]
        verdict = judge({"Variable": "$.value", operator: operand}, {"value": value, "literal": literals[kind]})
        assert verdict.matched is False


@pytest.mark.parametrize("kind", ["String", "Boolean", "Timestamp"])
def test_a_comparand_of_another_type_does_not_match(kind: str) -> None:
    values: dict[str, Json] = {"String": "a", "Boolean": False, "Timestamp": "2024-01-01T00:00:00Z"}
    comparands: list[Json] = [None, {}, [values[kind]], 0]
    for comparand in comparands:
        verdict = judge({"Variable": "$.v", f"{kind}EqualsPath": "$.w"}, {"v": values[kind], "w": comparand})
        assert verdict.matched is False


@pytest.mark.parametrize("comparand", [False, True, [6], {"value": 7}, None, "7"])
def test_a_comparand_that_is_not_a_number_counts_as_0(comparand: Json) -> None:
    above = {
        "Equals": False,
        "LessThan": False,
        "LessThanEquals": False,
        "GreaterThan": True,
        "GreaterThanEquals": True,
    }
    for comparison, matched in above.items():
        verdict = judge({"Variable": "$.v", f"Numeric{comparison}Path": "$.w"}, {"v": 7, "w": comparand})
        assert verdict.matched is matched
    assert judge({"Variable": "$.v", "NumericEqualsPath": "$.w"}, {"v": 0, "w": comparand}).matched is True
    assert judge({"Variable": "$.w", "NumericGreaterThanPath": "$.v"}, {"v": -1, "w": comparand}).matched is False


def test_the_reason_says_what_counts_as_0() -> None:
    verdict = judge({"Variable": "$.n", "NumericGreaterThanPath": "$.text"})
    assert verdict.why == '5 > 0 is true: "bird" is not a number and counts as 0'


def test_strings_compare_as_in_java() -> None:
    rule: dict[str, Json] = {"Variable": "$.a", "StringLessThanPath": "$.b"}
    assert judge(rule, {"a": "é", "b": "z"}).matched is False
    assert judge(rule, {"a": "😀", "b": "\uffff"}).matched is True


def test_a_verdict_shows_what_was_compared() -> None:
    verdict = judge({"Variable": "$.n", "NumericGreaterThanPath": "$.big"})
    assert (verdict.value, verdict.comparand, verdict.comparand_path) == (5, 10, "$.big")
    assert verdict.why == "5 > 10 is false"
    literal = judge({"Variable": "$.n", "NumericGreaterThan": 4})
    assert (literal.value, literal.comparand, literal.comparand_path) == (5, 4, "")
    assert literal.why == "5 > 4 is true"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"Variable": "$.nope", "IsPresent": True}, "$.nope is not there"),
        ({"Variable": "$.n", "IsPresent": False}, "$.n is there: 5"),
        ({"Variable": "$.text", "IsNumeric": True}, '"bird" is not a number'),
        ({"Variable": "$.n", "IsNumeric": False}, "5 is a number"),
        ({"Variable": "$.null", "IsNull": True}, "null is null"),
        ({"Variable": "$.text", "StringMatches": "c*"}, '"bird" matches "c*" is false'),
        ({"Variable": "$.text", "TimestampEquals": "2024-01-01T00:00:00Z"}, '"bird" is not a timestamp'),
        ({"Not": {"Variable": "$.n", "NumericEquals": 5}}, "the rule inside matches: 5 = 5 is true"),
    ],
)
def test_explanations(rule: dict[str, Json], why: str) -> None:
    assert judge(rule).why == why


def test_a_missing_operand_of_is_present_is_missing() -> None:
    assert judge({"Variable": "$.nope", "IsPresent": True}).value is MISSING


def test_long_values_are_shortened() -> None:
    assert len(judge({"Variable": "$.t", "StringEquals": "y" * 500}, {"t": "x" * 500}).why) < 200


class TestCombinations:
    yes: dict[str, Json] = {"Variable": "$.n", "NumericEquals": 5}
    no: dict[str, Json] = {"Variable": "$.n", "NumericEquals": 6}
    broken: dict[str, Json] = {"Variable": "$.nope", "NumericEquals": 6}

    def test_and_stops_at_the_first_that_fails(self) -> None:
        verdict = judge({"And": [self.yes, self.no, self.broken]})
        assert verdict.matched is False
        assert [child.matched for child in verdict.children] == [True, False]
        assert verdict.why == "rule 2 of 3 inside does not match: 5 = 6 is false"

    def test_or_stops_at_the_first_that_matches(self) -> None:
        verdict = judge({"Or": [self.no, self.yes, self.broken]})
        assert verdict.matched is True
        assert [child.matched for child in verdict.children] == [False, True]
        assert verdict.why == "rule 2 of 3 inside matches: 5 = 5 is true"

    def test_all_and_none(self) -> None:
        assert judge({"And": [self.yes, self.yes]}).why == "all of the 2 rules inside match"
        assert judge({"Or": [self.no, self.no]}).why == "none of the 2 rules inside matches"
        assert judge({"Or": [self.no, self.no]}).matched is False

    def test_not_turns_it_round_at_any_depth(self) -> None:
        verdict = judge({"Not": {"Or": [self.no, {"And": [self.yes, {"Not": self.no}]}]}})
        assert verdict.matched is False
        assert verdict.operator == "Not"
        assert verdict.children[0].children[1].children[1].operator == "Not"

    def test_nesting_is_bounded(self) -> None:
        rule: dict[str, Json] = self.yes
        for _ in range(50):
            rule = {"Not": {"And": [rule]}}
        assert judge(rule).matched is True
        for _ in range(3_000):
            rule = {"Not": rule}
        with pytest.raises(RuleSyntaxError, match="nested more than"):
            compile_rule(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.nope", "NumericEquals": 1},
        {"Variable": "$.nope", "IsNull": True},
        {"Variable": "$.nope", "IsString": False},
        {"Variable": "$.n", "NumericEqualsPath": "$.nope"},
        {"And": [{"Variable": "$.nope", "StringMatches": "*"}]},
    ],
)
def test_a_path_that_finds_nothing_is_an_error(rule: dict[str, Json]) -> None:
    with pytest.raises(ChoicePathError) as caught:
        judge(rule)
    assert str(caught.value) == (
        "Invalid path '$.nope': The choice state's condition path references an invalid value."
    )
    assert caught.value.error == "States.Runtime"


@pytest.mark.parametrize(
    ("rule", "field", "pointer", "message"),
    [
        ({}, "", (), "no comparison operator"),
        ({"Variable": "$.a", "Next": "X"}, "", (), "no comparison operator"),
        (
            {"Variable": "$.a", "NumericEqual": 1},
            "NumericEqual",
            ("NumericEqual",),
            "no comparison operator NumericEqual",
        ),
        (
            {"Variable": "$.a", "NumericEquals": 1, "StringEquals": "a"},
            "StringEquals",
            ("StringEquals",),
            "2 comparison",
        ),
        ({"NumericEquals": 1}, "NumericEquals", ("NumericEquals",), "needs a Variable"),
        ({"Variable": 7, "NumericEquals": 1}, "Variable", ("Variable",), "must hold a path, not 7"),
        ({"Variable": "a", "NumericEquals": 1}, "Variable", ("Variable",), "begin with $"),
        ({"Variable": "$.a", "NumericEquals": "1"}, "NumericEquals", ("NumericEquals",), 'needs a number, not "1"'),
        ({"Variable": "$.a", "NumericEquals": True}, "NumericEquals", ("NumericEquals",), "needs a number"),
        ({"Variable": "$.a", "StringEquals": None}, "StringEquals", ("StringEquals",), "needs a string, not null"),
        ({"Variable": "$.a", "BooleanEquals": 1}, "BooleanEquals", ("BooleanEquals",), "needs true or false"),
        ({"Variable": "$.a", "TimestampEquals": "noon"}, "TimestampEquals", ("TimestampEquals",), "needs a timestamp"),
        ({"Variable": "$.a", "IsNull": "true"}, "IsNull", ("IsNull",), "needs true or false"),
        ({"Variable": "$.a", "StringEqualsPath": "b"}, "StringEqualsPath", ("StringEqualsPath",), "begin with $"),
        ({"And": []}, "And", ("And",), "at least one rule"),
        ({"And": {}}, "And", ("And",), "at least one rule"),
        ({"Or": [1]}, "", ("Or", 0), "not a rule"),
        ({"Not": []}, "Not", ("Not",), "one rule"),
        ({"Variable": "$.a", "Not": {}}, "Variable", ("Variable",), "takes no Variable"),
        (
            {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.a["}]},
            "",
            ("And", 1),
            "no comparison operator",
        ),
        ({"Not": {"Variable": "$.a[", "IsNull": True}}, "Variable", ("Not", "Variable"), "index"),
    ],
)
def test_what_is_not_a_rule(rule: dict[str, Json], field: str, pointer: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        compile_rule(rule)
    assert message in caught.value.message
    assert caught.value.field == field
    assert caught.value.pointer == pointer
    assert caught.value.fix


def test_a_slow_pattern_is_not_slow() -> None:
    assert judge({"Variable": "$.t", "StringMatches": "*a" * 2_000 + "b"}, {"t": "a" * 20_000}).matched is False
