"""JSONata in the fields of a definition, and the causes of what fails there."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError
from sfdebug.expressions.jsonata.errors import JsonataSyntaxError, QueryEvaluationError
from sfdebug.expressions.jsonata.template import JsonataEnvironment, compile_jsonata_template
from sfdebug.values import Json


def value_of(template: Json, states: Json = None, **variables: Json) -> Any:
    return compile_jsonata_template(template, "Output").evaluate(JsonataEnvironment(states, variables))


def failure_of(template: Json, field: str, expected: str | None = None, **variables: Json) -> QueryEvaluationError:
    compiled = compile_jsonata_template(template, field, expected=expected)
    with pytest.raises(QueryEvaluationError) as caught:
        compiled.evaluate(JsonataEnvironment(None, variables))
    return caught.value


def test_only_whole_strings_are_expressions() -> None:
    template: Json = {
        "computed": "{% $n + 1 %}",
        "list": [0, "{%$n%}", {"deep": "{% [$n] %}"}],
        "literal": " {% $n %} ",
        "path": "$.n",
        "key.$": "$.n",
        "{% $n %}": None,
    }
    assert value_of(template, n=1) == {
        "computed": 2,
        "list": [0, 1, {"deep": [1]}],
        "literal": " {% $n %} ",
        "path": "$.n",
        "key.$": "$.n",
        "{% $n %}": None,
    }
    assert template["list"][1] == "{%$n%}"  # type: ignore[index, call-overload]


def test_what_holds_no_expression_is_shared() -> None:
    template: Json = {"fixed": [1, {"a": 2}], "computed": "{% 1 %}"}
    assert isinstance(template, dict)
    assert value_of(template)["fixed"] is template["fixed"]
    assert value_of([1, 2]) == [1, 2]


def test_the_parts_say_where_each_expression_stands() -> None:
    compiled = compile_jsonata_template({"a": "{% 1 %}", "b": [2, "{% $x %}"]}, "Assign")
    assert [(pointer, jsonata.text) for pointer, jsonata in compiled.parts] == [(("a",), "1"), (("b", 1), "$x")]


def test_null_is_a_result() -> None:
    assert value_of("{% null %}") is None


def test_undefined_is_a_failure_in_awss_words() -> None:
    error = failure_of({"result": "{% $doesNotExist %}"}, "Output")
    assert error.error == "States.QueryEvaluationError"
    assert error.cause == (
        "The JSONata expression '$doesNotExist' specified for the field 'Output/result' returned nothing (undefined)."
    )
    assert error.pointer == ("result",)
    assert isinstance(error, ExpressionError)


def test_a_fault_is_told_with_its_code() -> None:
    error = failure_of({"result": "{% $eval('1') %}"}, "Assign")
    assert error.cause == (
        "The JSONata expression '$eval('1')' specified for the field 'Assign/result' "
        "threw an error during evaluation. T1006: Attempted to invoke a non-function"
    )
    assert error.fault is not None
    assert error.fault.code == "T1006"


def test_a_function_is_an_unsupported_result() -> None:
    assert failure_of("{% $sum %}", "Output").cause == (
        "The JSONata expression '$sum' specified for the field 'Output' returned an unsupported result type."
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"foo": "bar"}, """'object' for value: {"foo":"bar"}"""),
        ("string", """'string' for value: "string\""""),
        (1, "'number' for value: 1"),
        (True, "'boolean' for value: true"),
        (None, "'null' for value: null"),
    ],
)
def test_a_result_of_the_wrong_kind_is_told_with_its_value(value: Json, shown: str) -> None:
    assert failure_of("{% $ItemsVar %}", "Items", "array", ItemsVar=value).cause == (
        "The JSONata expression '$ItemsVar' specified for the field 'Items' returned an unexpected result type. "
        f"Expected 'array', but was {shown}"
    )


def test_a_result_of_the_right_kind_passes() -> None:
    compiled = compile_jsonata_template("{% $x %}", "Items", expected="array")
    assert compiled.evaluate(JsonataEnvironment(None, {"x": [1]})) == [1]


def test_text_that_cannot_be_read_is_placed_in_its_string() -> None:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_jsonata_template({"a": [1, "{%  $x ?: 1 %}"]}, "Output")
    error = caught.value
    assert isinstance(error, ExpressionSyntaxError)
    assert error.pointer == ("a", 1)
    assert error.text[error.offset :].startswith("?:")


def test_an_empty_expression_is_refused() -> None:
    with pytest.raises(JsonataSyntaxError):
        compile_jsonata_template("{% %}", "Output")


def test_a_template_nested_too_deep_is_refused() -> None:
    template: Json = "{% 1 %}"
    for _ in range(200):
        template = [template]
    with pytest.raises(JsonataSyntaxError):
        compile_jsonata_template(template, "Output")


def test_the_places_of_fields_are_named_as_aws_names_them() -> None:
    assert failure_of({"a": {"b": ["{% $nothing %}"]}}, "Output").location == "Output/a/b[0]"
    assert failure_of([1, {"a": "{% $nothing %}"}], "Arguments").location == "Arguments[1]/a"


@pytest.mark.parametrize(
    ("expected", "taken", "refused", "kind"),
    [
        ("array", [], {}, "array"),
        ("boolean", False, 0, "boolean"),
        ("integer", 5, "5", "number"),
        ("number", 1.5, True, "number"),
        ("string", "", 1, "string"),
    ],
)
def test_a_field_takes_one_kind_of_value(expected: str, taken: Json, refused: Json, kind: str) -> None:
    compiled = compile_jsonata_template("{% $x %}", "Field", expected=expected)
    assert compiled.evaluate(JsonataEnvironment(None, {"x": taken})) == taken
    cause = failure_of("{% $x %}", "Field", expected, x=refused).cause
    assert f"specified for the field 'Field' returned an unexpected result type. Expected '{kind}', but was" in cause


def test_a_whole_number_has_no_fraction() -> None:
    for field, wanted in (("Seconds", "a long value"), ("HeartbeatSeconds", "an integer")):
        compiled = compile_jsonata_template("{% $x %}", field, expected="integer")
        result = compiled.evaluate(JsonataEnvironment(None, {"x": 5.0}))
        assert type(result) is int
        error = failure_of("{% $x %}", field, "integer", x=1.5)
        assert error.cause == f"The {field} field cannot be parsed as {wanted}: 1.5"
        assert error.location == field


def test_a_literal_is_taken_as_it_is() -> None:
    assert compile_jsonata_template(5, "Seconds", expected="integer").evaluate(JsonataEnvironment(None)) == 5


def test_a_bound_has_no_code_in_the_cause() -> None:
    assert failure_of("{% $range(1, 1000000000, 1) %}", "Output").cause == (
        "The JSONata expression '$range(1, 1000000000, 1)' specified for the field 'Output' threw an error during "
        "evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage"
    )


def test_an_internal_error_is_told_without_its_reason_in_the_cause() -> None:
    error = failure_of("{% $base64decode('!!!') %}", "Output")
    assert error.cause == (
        "The JSONata expression '$base64decode('!!!')' specified for the field 'Output' threw an internal error during "
        "evaluation."
    )
    assert error.fault is not None
    assert error.fault.is_internal
    assert "is not Base64" in error.fault.message


def test_nesting_too_deep_is_told_as_aws_tells_it() -> None:
    text = "+".join(["1"] * 101)
    assert failure_of(f"{{% {text} %}}", "Output").cause.endswith(
        "specified for the field 'Output' threw an error during evaluation: Stack overflow error: Check for "
        "non-terminating recursive function. Consider rewriting as tail-recursive"
    )
