"""The shapes of Choice rules, Retry and Catch."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.asl.parsing.choices import OPERATORS
from sfdebug.errors import DefinitionError

END = {"Type": "Pass", "End": True}
SEEN = {"Variable": "$.a", "IsPresent": True}


def choice(*rules: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": list(rules), "Default": "B"}, "B": END}}


def task(**fields: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": "${R}", "End": True, **fields}
    return {"StartAt": "A", "States": {"A": state, "B": {"Type": "Fail"}}}


def found(definition: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as caught:
        definition_from(definition)
    assert all(problem.fix for problem in caught.value.problems)
    return [(problem.where.removeprefix("States.A."), problem.what) for problem in caught.value.problems]


LITERALS = {"String": "x", "Numeric": 1.5, "Timestamp": "2030-01-31T12:00:00+02:00", "Boolean": False, "Is": True}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_takes_its_kind_and_refuses_others(operator: str) -> None:
    family = next(name for name in LITERALS if operator.startswith(name))
    right: Any = "$.b" if operator.endswith("Path") else LITERALS[family]
    definition_from(choice({"Variable": "$.a", operator: right, "Next": "B"}))
    assert found(choice({"Variable": "$.a", operator: [], "Next": "B"}))[0][0] == f"Choices[0].{operator}"


def test_the_operators_are_the_39_of_the_specification() -> None:
    assert len(OPERATORS) == 39


def test_rules_combine() -> None:
    rule = {"And": [SEEN, {"Or": [SEEN, {"Not": {**SEEN, "Comment": "why"}}]}], "Next": "B", "Comment": "x"}
    machine = definition_from(choice(rule))
    assert machine.state(("A",)).choices[0].fields == rule


@pytest.mark.parametrize(
    ("rule", "where", "words"),
    [
        ({**SEEN}, "Choices[0]", "a rule needs 'Next'"),
        ({"IsPresent": True, "Next": "B"}, "Choices[0]", "a comparison needs 'Variable'"),
        ({"Variable": "$.a", "Next": "B"}, "Choices[0]", "this comparison has no operator"),
        ({"Variable": "$.a", "StringEqual": "x", "Next": "B"}, "Choices[0].StringEqual", "is no comparison operator"),
        ({**SEEN, "IsNull": True, "Next": "B"}, "Choices[0].IsNull", "a comparison has one operator"),
        ({"Variable": "a", "IsNull": True, "Next": "B"}, "Choices[0].Variable", "'a'"),
        ({"Variable": 3, "IsNull": True, "Next": "B"}, "Choices[0].Variable", "must be a path"),
        ({"Variable": "$.a", "StringEqualsPath": "b", "Next": "B"}, "Choices[0].StringEqualsPath", "'b'"),
        ({"Variable": "$.a", "NumericEquals": "1", "Next": "B"}, "Choices[0].NumericEquals", "must be a number"),
        ({"Variable": "$.a", "NumericEquals": True, "Next": "B"}, "Choices[0].NumericEquals", "must be a number"),
        ({"Variable": "$.a", "BooleanEquals": "true", "Next": "B"}, "Choices[0].BooleanEquals", "true or false"),
        ({"Variable": "$.a", "TimestampEquals": "now", "Next": "B"}, "Choices[0].TimestampEquals", "not a timestamp"),
        ({"And": [], "Next": "B"}, "Choices[0].And", "'And' is empty"),
        ({"Or": SEEN, "Next": "B"}, "Choices[0].Or", "must be an array of rules"),
        ({"Or": [3], "Next": "B"}, "Choices[0].Or[0]", "must be an object"),
        ({"Not": [SEEN], "Next": "B"}, "Choices[0].Not", "must be a rule, not an array"),
        ({"Not": {**SEEN, "Next": "B"}, "Next": "B"}, "Choices[0].Not.Next", "inside And, Or or Not has no 'Next'"),
        ({"And": [{"Not": {"Variable": "$.a"}}], "Next": "B"}, "Choices[0].And[0].Not", "has no operator"),
        ({"And": [SEEN], "Or": [SEEN], "Next": "B"}, "Choices[0].Or", "'Or' cannot stand beside 'And'"),
        ({"And": [SEEN], "Variable": "$.a", "Next": "B"}, "Choices[0].Variable", "cannot stand beside 'And'"),
        ({"And": [SEEN], "Foo": 1, "Next": "B"}, "Choices[0].Foo", "a rule has no field 'Foo'"),
        ({"Condition": "{% true %}", "Next": "B"}, "Choices[0].Condition", "a field of JSONata states"),
        ({**SEEN, "Output": 1, "Next": "B"}, "Choices[0].Output", "a field of JSONata states"),
        ("x", "Choices[0]", "must be an object"),
    ],
)
def test_a_wrong_rule(rule: Any, where: str, words: str) -> None:
    problems = found(choice(rule))
    assert any(place == where and words in what for place, what in problems), problems


def test_choices_must_hold_rules() -> None:
    assert found(choice()) == [("Choices", "'Choices' is empty")]
    definition = choice()
    definition["States"]["A"]["Choices"] = {"Variable": "$"}
    assert ("Choices", "'Choices' must be an array of rules, not an object") in found(definition)


def test_a_choice_has_no_next() -> None:
    definition = choice({**SEEN, "Next": "B"})
    definition["States"]["A"]["Next"] = "B"
    assert found(definition) == [("Next", "a Choice state has no 'Next'")]


def test_an_operator_nearly_right_gets_a_suggestion() -> None:
    with pytest.raises(DefinitionError) as caught:
        definition_from(choice({"Variable": "$.a", "StringsEquals": "x", "Next": "B"}))
    assert caught.value.problems[0].fix == "did you mean 'StringEquals'?"


def test_rules_nested_deep_are_no_strain() -> None:
    rule: dict[str, Any] = SEEN
    for _ in range(190):
        rule = {"Not": rule}
    assert definition_from(choice({**rule, "Next": "B"})).state(("A",)).choices[0].next == "B"
    for _ in range(20):
        rule = {"Not": rule}
    assert "nested deeper than 200 levels" in found(choice({**rule, "Next": "B"}))[0][1]


@pytest.mark.parametrize(
    ("retrier", "where", "words"),
    [
        ({}, "Retry[0]", "a retrier needs 'ErrorEquals'"),
        ({"ErrorEquals": []}, "Retry[0].ErrorEquals", "names no error"),
        ({"ErrorEquals": "States.ALL"}, "Retry[0].ErrorEquals", "must be an array of error names, not a string"),
        ({"ErrorEquals": [3]}, "Retry[0].ErrorEquals[0]", "item 0 must be a string, not a number"),
        ({"ErrorEquals": ["E", "States.ALL"]}, "Retry[0].ErrorEquals[1]", "'States.ALL' must stand alone"),
        ({"ErrorEquals": ["E"], "IntervalSeconds": -1}, "Retry[0].IntervalSeconds", "at least 0"),
        ({"ErrorEquals": ["E"], "IntervalSeconds": "1"}, "Retry[0].IntervalSeconds", "must be a whole number"),
        ({"ErrorEquals": ["E"], "MaxAttempts": -1}, "Retry[0].MaxAttempts", "at least 0"),
        ({"ErrorEquals": ["E"], "MaxAttempts": 1.5}, "Retry[0].MaxAttempts", "must be a whole number, not 1.5"),
        ({"ErrorEquals": ["E"], "BackoffRate": 0.5}, "Retry[0].BackoffRate", "at least 1"),
        ({"ErrorEquals": ["E"], "MaxDelaySeconds": 1}, "Retry[0].MaxDelaySeconds", "greater than 'IntervalSeconds'"),
        ({"ErrorEquals": ["E"], "MaxDelaySeconds": 31622401}, "Retry[0].MaxDelaySeconds", "at most 31622400"),
        ({"ErrorEquals": ["E"], "JitterStrategy": "full"}, "Retry[0].JitterStrategy", "must be NONE or FULL"),
        ({"ErrorEquals": ["E"], "Next": "B"}, "Retry[0].Next", "a retrier has no field 'Next'"),
        (7, "Retry[0]", "must be an object"),
    ],
)
def test_a_wrong_retrier(retrier: Any, where: str, words: str) -> None:
    problems = found(task(Retry=[retrier]))
    assert any(place == where and words in what for place, what in problems), problems


@pytest.mark.parametrize(
    ("catcher", "where", "words"),
    [
        ({"ErrorEquals": ["E"]}, "Catch[0]", "a catcher needs 'Next'"),
        ({"Next": "B"}, "Catch[0]", "a catcher needs 'ErrorEquals'"),
        ({"ErrorEquals": ["E"], "Next": "B", "ResultPath": "x"}, "Catch[0].ResultPath", "'x'"),
        ({"ErrorEquals": ["E"], "Next": "B", "MaxAttempts": 1}, "Catch[0].MaxAttempts", "has no field 'MaxAttempts'"),
        ({"ErrorEquals": ["E"], "Next": "B", "Output": 1}, "Catch[0].Output", "a field of JSONata states"),
    ],
)
def test_a_wrong_catcher(catcher: Any, where: str, words: str) -> None:
    problems = found(task(Catch=[catcher]))
    assert any(place == where and words in what for place, what in problems), problems


def test_all_must_come_last() -> None:
    everything = {"ErrorEquals": ["States.ALL"], "Next": "B"}
    problems = found(task(Catch=[everything, {"ErrorEquals": ["E"], "Next": "B"}]))
    assert problems[0][0] == "Catch[0].ErrorEquals"
    assert "no catcher after it is ever reached" in problems[0][1]
    definition_from(task(Catch=[{"ErrorEquals": ["E"], "Next": "B"}, everything]))


def test_retry_must_be_an_array() -> None:
    assert found(task(Retry={"ErrorEquals": ["E"]}))[0][1] == "'Retry' must be an array of retriers, not an object"
