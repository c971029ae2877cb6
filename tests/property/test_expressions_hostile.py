"""Whatever is written where an expression belongs: it compiles, or it is refused with a place and a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.expressions.choice import OPERATORS, compile_rule
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.expressions.template import compile_template
from sfdebug.expressions.timestamps import parse_timestamp
from tests.examples import examples

SIGNS = "$@.[]()'\"\\/?*:,!&|=<>~-+ \n0123456789abé{}\0\ud800"
WORDS = ".. $$ $. @. [?( )] [*] [' '] && || == =~ /a.*/i null true 1e3 .length() .sum() [0] [-1] [1:] [0,1] 99999999999"
CALLS = "States. States.Format( '{}' States.Array( States.UUID() $.items @.x"
PIECES = [*SIGNS, *WORDS.split(" "), *CALLS.split(" "), " in ", " contains ", " size ", " empty "]
hostile = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40)
rooted = hostile.map(lambda text: "$" + text)
calls = hostile.map(lambda text: "States.Format('{}', " + text + ")")
ENVIRONMENT = Environment({"items": [{"x": 1, "a": "b"}, {"x": "é"}, [1, [2]], None], "a": {"b": "a"}, "0": 1})


def outcome(compiler: Callable[[str], Any], text: str, evaluate: str) -> None:
    try:
        compiled = compiler(text)
    except ExpressionSyntaxError as error:
        assert error.message
        assert 0 <= error.offset <= len(text)
        return
    try:
        getattr(compiled, evaluate)(ENVIRONMENT)
    except ExpressionError as error:
        assert str(error)


@settings(max_examples=examples(200))
@given(rooted | hostile)
def test_paths(text: str) -> None:
    outcome(compile_path, text, "read")
    try:
        path = compile_path(text)
        path.locate(ENVIRONMENT)
    except (ExpressionSyntaxError, ExpressionError):
        return


@settings(max_examples=examples(150))
@given(rooted.map(lambda text: f"$.items[?({text[1:]})]"))
def test_filters(text: str) -> None:
    outcome(compile_path, text, "read")


@settings(max_examples=examples(150))
@given(calls | hostile)
def test_calls(text: str) -> None:
    outcome(compile_intrinsic, text, "evaluate")


@given(rooted | hostile)
def test_reference_paths(text: str) -> None:
    try:
        reference = compile_reference_path(text)
    except ExpressionSyntaxError as error:
        assert 0 <= error.offset <= len(text)
        return
    try:
        written = reference.write(ENVIRONMENT.input, 1)
    except ExpressionError as error:
        assert str(error)
    else:
        assert reference.read(written) == 1


@given(hostile)
def test_timestamps(text: str) -> None:
    assert parse_timestamp(text) is None


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | rooted | hostile,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "a.$", ".$", "b.$"]) | hostile, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_templates(template: Any) -> None:
    try:
        compiled = compile_template(template)
    except ExpressionSyntaxError as error:
        place = template
        for key in error.pointer:
            place = place[key]
        return
    try:
        compiled.evaluate(ENVIRONMENT)
    except ExpressionError as error:
        assert error.field.endswith(".$")


fields = st.sampled_from([*OPERATORS, "And", "Or", "Not", "Variable", "Next", "Nope"])
rules: st.SearchStrategy[Any] = st.recursive(
    values,
    lambda inner: st.dictionaries(fields, inner | st.lists(inner, max_size=3) | rooted, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(fields, rules, max_size=4))
def test_rules(rule: dict[str, Any]) -> None:
    try:
        compiled = compile_rule(rule)
    except ExpressionSyntaxError as error:
        assert error.message
        return
    try:
        assert compiled.evaluate(ENVIRONMENT).why
    except ExpressionError as error:
        assert str(error)


@pytest.mark.parametrize("text", ["$" + "..*" * 12, "$" + "[*]" * 50, "$..*..*..*..*[?(@..x)]"])
def test_a_path_that_multiplies_stays_bounded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.expressions.jsonpath.ast.MAX_SELECTED", 5_000)
    document: Any = 0
    for _ in range(8):
        document = [document, {"x": document}]
    try:
        compile_path(text).read(Environment(document))
    except ExpressionError as error:
        assert "more than 5000 values" in str(error)
