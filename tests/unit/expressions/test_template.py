"""Payload templates: what is computed, what is shared, what is refused, and how a miss is told."""

from __future__ import annotations

import copy

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import (
    ExpressionError,
    ExpressionSyntaxError,
    IntrinsicError,
    PathNotFoundError,
    PathSyntaxError,
    TemplateSyntaxError,
)
from sfdebug.expressions.template import compile_expression, compile_template
from sfdebug.values import Json

INPUT: Json = {"id": 7, "items": [1, 2], "who": {"name": "Ada"}, "nothing": None}
ENVIRONMENT = Environment(INPUT, make_context=lambda: {"State": {"Name": "S"}}, variables={"rate": 3})


@pytest.mark.parametrize(
    ("template", "payload"),
    [
        ({"a.$": "$.id"}, {"a": 7}),
        ({"a.$": "$"}, {"a": INPUT}),
        ({"a.$": "$$.State.Name", "b.$": "$rate"}, {"a": "S", "b": 3}),
        ({"a.$": "States.Format('{}!', $.who.name)"}, {"a": "Ada!"}),
        ({"a": {"b": [{"c.$": "$.id"}, "d"]}, "e": 1}, {"a": {"b": [{"c": 7}, "d"]}, "e": 1}),
        ({"a.$": "$.items[*]", "b.$": "$.items[?(@ > 1)]"}, {"a": [1, 2], "b": [2]}),
        ({"a.$": "$.nothing"}, {"a": None}),
        ({"$": "$.id", "a": "$.id"}, {"$": "$.id", "a": "$.id"}),
        ([{"x.$": "$.id"}, {"x": 1}], [{"x": 7}, {"x": 1}]),
        ("$.id", "$.id"),
        (None, None),
        ({"z": 1, "y.$": "$.id", "x": 2}, {"z": 1, "y": 7, "x": 2}),
    ],
)
def test_payloads(template: Json, payload: Json) -> None:
    before = copy.deepcopy(template)
    result = compile_template(template).evaluate(ENVIRONMENT)
    assert result == payload
    assert template == before
    if isinstance(result, dict) and isinstance(payload, dict):
        assert list(result) == list(payload)


def test_literal_parts_are_shared() -> None:
    template: dict[str, Json] = {"big": {"x": [1, 2, 3]}, "list": [{"deep": {}}], "a.$": "$.id"}
    first, second = (compile_template(template).evaluate(ENVIRONMENT) for _ in range(2))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["big"] is second["big"] is template["big"]
    assert first["list"] is template["list"]
    literal: Json = {"no": ["expression"]}
    assert compile_template(literal).evaluate(ENVIRONMENT) is literal


def test_lists_its_parts() -> None:
    template = compile_template({"a": [{"b.$": "$.id"}], "c.$": "States.UUID()"})
    assert template.parts == ((("a", 0, "b.$"), "$.id"), (("c.$",), "States.UUID()"))


def test_a_missing_field_is_told_as_aws_tells_it() -> None:
    # Recorded: The JSONPath '$.no_such_jsonpath' specified for the field 'value.$' could not be found in the input …
    with pytest.raises(PathNotFoundError) as caught:
        compile_template({"a": {"value.$": "$.no_such_jsonpath"}}).evaluate(ENVIRONMENT)
    assert caught.value.path == "$.no_such_jsonpath"
    assert caught.value.field == "value.$"
    assert caught.value.pointer == ("a", "value.$")
    assert caught.value.error == "States.Runtime"


def test_an_item_past_the_end_is_null() -> None:
    assert compile_template({"x.$": "$.items[5]"}).evaluate(ENVIRONMENT) == {"x": None}
    assert compile_template({"x.$": "$.items[5].deep"}).evaluate(ENVIRONMENT) == {"x": None}
    with pytest.raises(IntrinsicError):
        compile_template({"x.$": "States.Format('{}', $.items[5])"}).evaluate(ENVIRONMENT)


def test_a_failing_function_knows_its_field() -> None:
    with pytest.raises(IntrinsicError) as caught:
        compile_template({"sum.$": "States.MathAdd($.id, 'x')"}).evaluate(ENVIRONMENT)
    assert caught.value.field == "sum.$"
    assert str(caught.value) == (
        "There was an error while evaluating the intrinsic function: States.MathAdd($.id, 'x'). "
        "Invalid arguments in States.MathAdd"
    )


@pytest.mark.parametrize(
    ("template", "kind", "pointer", "message"),
    [
        ({"a.$": 1}, TemplateSyntaxError, ("a.$",), "must be a path"),
        ({"x": [0, {"a.$": ["$.b"]}]}, TemplateSyntaxError, ("x", 1, "a.$"), "must be a path"),
        ({"a.$": "plain text"}, TemplateSyntaxError, ("a.$",), "neither a path nor"),
        ({"a.$": ""}, TemplateSyntaxError, ("a.$",), "neither a path nor"),
        ({"a": {"b.$": "$.x[?("}}, PathSyntaxError, ("a", "b.$"), "not closed"),
        ({"a": 1, "a.$": "$.x"}, TemplateSyntaxError, ("a.$",), "both set"),
        ({"a.$": "States.Nope()"}, ExpressionSyntaxError, ("a.$",), "no intrinsic function"),
    ],
)
def test_what_is_not_a_template(
    template: Json, kind: type[ExpressionSyntaxError], pointer: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(kind) as caught:
        compile_template(template)
    assert message in caught.value.message
    assert caught.value.pointer == pointer


def test_a_template_can_be_deep_but_not_endless() -> None:
    template: Json = {"a.$": "$.id"}
    for _ in range(90):
        template = {"x": template}
    assert compile_template(template).evaluate(ENVIRONMENT) is not None
    for _ in range(5_000):
        template = [template]
    with pytest.raises(TemplateSyntaxError, match="nested more than"):
        compile_template(template)


def test_compile_expression_takes_a_path_or_a_call() -> None:
    assert compile_expression("$.who.name")(ENVIRONMENT) == "Ada"
    assert compile_expression(" States.Array($.id)")(ENVIRONMENT) == [7]
    with pytest.raises(ExpressionError):
        compile_expression("$.nobody")(ENVIRONMENT)
