"""Conditions that stand alone: a filter's syntax, but what cannot be compared is an error and never false."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, PathSyntaxError
from sfdebug.expressions.jsonpath.conditions import compile_path_condition

DATA: dict[str, Any] = {"total": 100, "kind": "gold", "tags": ["a", "b"], "none": None, "deep": {"n": 1}, "empty": []}


def holds(text: str) -> bool:
    environment = Environment(DATA, lambda: {"State": {"Name": "Ship"}}, {"count": 3})
    return compile_path_condition(text).holds(environment)


TRUE = (
    "$.total > 99", "$.total >= 100 && $.kind == 'gold'", "$.kind == gold", "!($.total > 100)", "$count == 3",
    "$$.State.Name == 'Ship'", "$.kind =~ /go.*/", "$.tags contains 'a'", "$.kind in ['gold', 'silver']",
    "$.none == null", "$.deep", "$.none", "!$.nope", "$.tags[?(@ == 'b')]", "$.nope || $.total == 100",
    "$.tags[*] anyof ['b']",
    "$.kind > 'a'", "($.total == 1 || $.total == 100)", "$.tags size 2", "$.total == $.total", "$.tags.length() == 2",
)  # fmt: skip
FALSE = (
    "$.total > 100", "$.kind == 'silver'", "$.nope", "!$.deep", "$.nope && $.nope > 1", "$.tags[?(@ == 'c')]",
    "$.kind nin ['gold']", "$count != 3", "$.total == 'gold'",
)  # fmt: skip
ERRORS = {
    "$.nope > 1": "No results for path: $['nope']",
    "$.total > 'a'": '> does not compare 100 with "a"',
    "$.kind < 5": '< does not compare "gold" with 5',
    "$.none > 1": "> does not compare null with 1",
    "$.deep > 1": '> does not compare {"n":1} with 1',
    "$nobody == 1": "No variable named 'nobody' is in scope",
    "$.kind in 5": 'in does not compare "gold" with 5',
    "$.total contains 1": "contains does not compare 100 with 1",
    "$.total == 1 || $.nope == 1": "No results for path: $['nope']",
}


@pytest.mark.parametrize("text", TRUE)
def test_what_is_true(text: str) -> None:
    assert holds(text) is True


@pytest.mark.parametrize("text", FALSE)
def test_what_is_false(text: str) -> None:
    assert holds(text) is False


@pytest.mark.parametrize("text", ERRORS)
def test_what_cannot_be_told_says_why(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        holds(text)
    assert str(caught.value) == ERRORS[text]


@pytest.mark.parametrize(
    ("text", "offset"),
    [("", 0), ("total > 1", 0), ("$.a > ", 6), ("$.a >> 1", 4), ("@.a == 1", 0), ("$.a == 1 $.b", 9), ("$.a == (1", 7),
     ("$.a[ == 1", 3), ("$. == 1", 1), ("5", 0)],
)  # fmt: skip
def test_what_cannot_be_read_is_shown_where_it_stands(text: str, offset: int) -> None:
    with pytest.raises(PathSyntaxError) as caught:
        compile_path_condition(text)
    assert caught.value.offset == offset
