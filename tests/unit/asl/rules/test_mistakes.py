"""Likely mistakes: what loads and most likely is not meant; and silence about what is."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.examination import examine
from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.jsonata import as_expression
from sfdebug.asl.rules.mistakes import likely_mistakes
from sfdebug.errors import DefinitionError

PASS = {"Type": "Pass", "End": True}


def one(state: Any, **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def data(state: Any, **others: Any) -> dict[str, Any]:
    return {**one(state, **others), "QueryLanguage": "JSONata"}


def told(definition: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Code, place and fix of each finding."""
    machine = definition_from(definition)
    found = (*(each for each in examine(machine.document).findings if not each.pending), *likely_mistakes(machine))
    assert all(finding.problem and finding.problem.fix for finding in found)
    return [
        (finding.verdict.code, finding.problem.where, finding.problem.fix)
        for finding in found
        if finding.verdict and finding.problem
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("${foo = 2}", "$foo = 2"),
        ("${ $foo = 2 }", "$foo = 2"),
        ("${foo.bar & 'x'}", "$foo.bar & 'x'"),
        ("${$count($foo)}", "$count($foo)"),
        ("${count($foo) = 1}", "$count($foo) = 1"),
        ("${!foo = 1}", "$foo = 1"),
        ("${a + b > c.d}", "$a + $b > $c.d"),
        ("${states.input.kind}", "$states.input.kind"),
        ("${states.context.Execution.Input[0]}", "$states.context.Execution.Input[0]"),
        ("${$x}", "$x"),
        ("Order ${states.input.id} of ${$count($l)}", "'Order ' & $states.input.id & ' of ' & ($count($l))"),
        ("it's ${a & b}", '"it\'s " & ($a & $b)'),
        ("${f({'k': v, \"w\": 1})}", None),
        ("${foo}", None),
        ("${states}", None),
        ("${Foo} and ${states.input.a}", None),
        ("costs ${5}", None),
        ("${foo bar}", None),
        ("$foo = 2", "$foo = 2"),
        ("$foo", "$foo"),
        ("$states.input.a", "$states.input.a"),
        ("$count($foo) > 1", "$count($foo) > 1"),
        ("%{ $foo }%", "$foo"),
        ("{{ $foo }}", "$foo"),
        (" {% $foo %}", "$foo"),
        ("${Placeholder}", None),
        ("${AWS::Region}", None),
        ("arn:${AWS::Partition}:${X}", None),
        ("$5.00", None),
        ("$", None),
        ("$foo is what you owe", None),
        ("plain", None),
        ("{}", None),
        ("", None),
    ],
)
def test_what_an_unmarked_string_was_meant_to_be(text: str, meant: str | None) -> None:
    assert as_expression(text) == meant


@pytest.mark.parametrize("field", ["Output", "Assign"])
def test_jsonata_without_its_marks_is_told(field: str) -> None:
    state = {**PASS, field: {"foo": "${bar = 2}"}}
    assert told(data(state)) == [("UNMARKED_EXPRESSION", f"States.A.{field}.foo", 'write "{% $bar = 2 %}"')]
    state[field] = {"foo": "$bar = 2"}
    assert told(data(state)) == [("UNMARKED_EXPRESSION", f"States.A.{field}.foo", 'write "{% $bar = 2 %}"')]


def test_loading_tells_braces_for_marks_too() -> None:
    """A sample of a slide: every expression in ${}, which loading took for placeholders."""
    arguments = {"FunctionName": "${Function}", "Payload": {"n": "${states.input.n * 2}", "s": "${Stage}"}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "End": True}
    (warning,) = definition_from(data(task)).warnings
    assert (warning.where, warning.fix) == ("States.A.Arguments.Payload.n", 'write "{% $states.input.n * 2 %}"')
    choice = {"Type": "Choice", "Choices": [{"Condition": "${!n = 1}", "Next": "B"}], "Default": "B"}
    with pytest.raises(DefinitionError, match="is no JSONata expression") as error:
        definition_from(data(choice, B={"Type": "Succeed"}))
    assert error.value.problems[0].fix == 'write "{% $n = 1 %}"'


def test_a_placeholder_and_plain_text_are_left_alone() -> None:
    assert told(data({**PASS, "Output": {"a": "${Stage}", "b": "costs $5", "c": "{% 1 %}", "d": 5}})) == []


def test_a_computed_key_under_jsonata() -> None:
    assert told(data({**PASS, "Output": {"l": [{"x.$": "$.a"}]}})) == [
        ("DOLLAR_KEY", "States.A.Output.l[0].x.$", 'write "x": "{% … %}"')
    ]


def test_jsonata_under_jsonpath() -> None:
    (finding,) = told(one({**PASS, "Parameters": {"x": "{% $y %}"}}))
    assert finding[:2] == ("JSONATA_IN_JSONPATH", "States.A.Parameters.x")
    assert told(one({**PASS, "Comment": "{% $y %}"})) == []


def test_paths_that_are_text() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "$.b", "Next": "F"}], "Default": "F"}
    definition = one(choice, F={"Type": "Fail", "Cause": "States.Format('{}', $.c)"})
    assert [each[:2] for each in told(definition)] == [
        ("NO_PATH", "States.A.Choices[0].StringEquals"),
        ("NO_PATH", "States.F.Cause"),
    ]
    static = one({**PASS, "Result": ["$.a", {"b.$": "$x"}, "$5"]})
    assert [each[:2] for each in told(static)] == [
        ("PASS_RESULT_IS_STATIC", "States.A.Result[0]"),
        ("PASS_RESULT_IS_STATIC", "States.A.Result[1].b.$"),
    ]
    template = one({**PASS, "Parameters": {"a": "$.b", "c": "$5", "d": {"e": "$$.Execution.Id"}, "f": "$"}})
    assert [each[:2] for each in told(template)] == [
        ("NO_DOLLAR", "States.A.Parameters.a"),
        ("NO_DOLLAR", "States.A.Parameters.d.e"),
        ("NO_DOLLAR", "States.A.Parameters.f"),
    ]


def rule(**fields: Any) -> dict[str, Any]:
    return {"Variable": "$.a", **fields, "Next": "B"}


@pytest.mark.parametrize(
    ("choices", "is_told"),
    [
        ([rule(IsPresent=True)], True),
        ([rule(IsPresent=True), rule(IsPresent=False)], False),
        ([rule(BooleanEquals=True), rule(BooleanEquals=True)], True),
        ([rule(StringEquals="x"), rule(StringEquals="y")], True),
    ],
)
def test_a_choice_without_default(choices: list[Any], is_told: bool) -> None:
    found = told(one({"Type": "Choice", "Choices": choices}, B=PASS))
    assert [each[0] for each in found] == (["NO_DEFAULT"] if is_told else [])
    assert told(one({"Type": "Choice", "Choices": choices, "Default": "B"}, B=PASS)) == []


def test_a_rule_that_always_matches_is_a_default() -> None:
    rules = [{"Condition": "{% $states.input.a %}", "Next": "B"}, {"Condition": "{% true %}", "Next": "B"}]
    assert told(data({"Type": "Choice", "Choices": rules}, B=PASS)) == []


def test_handlers_that_are_never_reached() -> None:
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
        "Retry": [{"ErrorEquals": ["E", "F"]}, {"ErrorEquals": ["F"]}, {"ErrorEquals": ["F", "G"]}],
        "Catch": [{"ErrorEquals": ["E"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}],
    }  # fmt: skip
    assert [each[:2] for each in told(one(task, B=PASS))] == [("NEVER_REACHED", "States.A.Retry[1].ErrorEquals")]
