"""Reference Paths: where ResultPath writes, what it makes on the way, what it refuses."""

from __future__ import annotations

import copy

import pytest

from sfdebug.expressions.errors import PathSyntaxError, ReferencePathError
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import Json


def write(text: str, document: Json, value: Json) -> Json:
    before = copy.deepcopy(document)
    after = compile_reference_path(text).write(document, value)
    assert document == before
    return after


@pytest.mark.parametrize(
    ("text", "document", "after"),
    [
        ("$", {"a": 1}, "new"),
        ("$.b", {"a": 1}, {"a": 1, "b": "new"}),
        ("$.a", {"a": 1}, {"a": "new"}),
        ("$.a.b.c", {}, {"a": {"b": {"c": "new"}}}),
        ("$.a.b", {"a": {"c": 1}}, {"a": {"c": 1, "b": "new"}}),
        ("$['a b']['c.d']", {}, {"a b": {"c.d": "new"}}),
        ("$.list[1]", {"list": [1, 2, 3]}, {"list": [1, "new", 3]}),
        ("$.list[0].b", {"list": [{"a": 1}]}, {"list": [{"a": 1, "b": "new"}]}),
        ("$[0]", [1, 2], ["new", 2]),
        ("$.ä-b", {}, {"ä-b": "new"}),
    ],
)
def test_writes_and_makes_missing_objects(text: str, document: Json, after: Json) -> None:
    assert write(text, document, "new") == after
    assert compile_reference_path(text).read(after) == "new"


@pytest.mark.parametrize(
    ("text", "document", "step", "why"),
    [
        ("$.a.b", {"a": 1}, "b", "no object"),
        ("$.a.b", {"a": None}, "b", "no object"),
        ("$.a.b", {"a": [1]}, "b", "no object"),
        ("$.a", [1, 2], "a", "no object"),
        ("$.a", "text", "a", "no object"),
        ("$.a[0]", {"a": {}}, "0", "no array"),
        ("$.a[0]", {}, "0", "no array"),
        ("$.a[2]", {"a": [1, 2]}, "2", "2 items"),
    ],
)
def test_refuses_a_way_through_anything_else(text: str, document: Json, step: str, why: str) -> None:
    with pytest.raises(ReferencePathError) as caught:
        write(text, document, 1)
    assert caught.value.error == "States.ReferencePathConflict"
    assert str(caught.value).startswith(f'Unable to apply step "{step}" to input ')
    assert why in caught.value.why


def test_a_place_that_is_not_there_cannot_be_read() -> None:
    with pytest.raises(ReferencePathError) as caught:
        compile_reference_path("$.items").read({"a": 1})
    assert caught.value.error == "States.ReferencePathConflict"
    assert str(caught.value) == 'Unable to apply step "items" to input {"a":1}'


def test_shares_what_is_not_on_the_way() -> None:
    document: dict[str, Json] = {"big": {"x": [1, 2, 3]}, "small": {"y": {}}}
    after = compile_reference_path("$.small.z").write(document, 1)
    assert isinstance(after, dict)
    assert after["big"] is document["big"]
    assert after["small"] is not document["small"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a", "begin with $"),
        ("$$.a", "begin with $, not with $$"),
        ("$var.a", "begin with $, not with $var"),
        ("$.a[*]", "cannot hold *"),
        ("$..a", "cannot hold .."),
        ("$.a[0,1]", "cannot hold ,"),
        ("$.a[0:1]", "cannot hold :"),
        ("$.a[?(@.b)]", "cannot hold ?"),
        ("$.a.length()", "cannot hold ("),
        ("$.a[-1]", "count from the end"),
        ("$.a b", "not a Reference Path"),
        ("$.", "not a Reference Path"),
    ],
)
def test_what_is_not_a_reference_path(text: str, message: str) -> None:
    with pytest.raises(PathSyntaxError) as caught:
        compile_reference_path(text)
    assert message in caught.value.message
    assert 0 <= caught.value.offset <= len(text)
