"""The structural difference: empty exactly for equal values, and every change is true of the two values."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.debugger.view.json_diff import Change, diff
from sfdebug.values import same
from tests.examples import STEADY, examples

scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "a", "b/c", "~"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.sampled_from(["a", "b", "c/d", "~e"]), inner, max_size=4)
    ),
    max_leaves=15,
)
bounded = settings(max_examples=examples(100), derandomize=STEADY, deadline=None, database=None)


def _at(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@bounded
@given(values, values)
def test_empty_exactly_for_equal_values(before: Any, after: Any) -> None:
    assert (diff(before, after) == ()) == same(before, after)
    assert diff(before, copy.deepcopy(before)) == ()


@bounded
@given(values, values)
def test_additions_and_changes_are_where_they_say(before: Any, after: Any) -> None:
    for change in diff(before, after):
        if change.kind in "+~":
            assert _at(after, change.pointer) is change.after
        if change.kind == "~":
            assert not same(change.before, change.after)  # type: ignore[arg-type]


@bounded
@given(st.lists(values, max_size=6), values, st.integers(0, 6))
def test_an_insertion_into_distinct_items_is_one_addition(items: list[Any], new: Any, index: int) -> None:
    distinct = [{"id": position, "value": item} for position, item in enumerate(items)]
    index = min(index, len(distinct))
    after = [*distinct[:index], {"id": "new", "value": new}, *distinct[index:]]
    assert [(change.kind, change.pointer) for change in diff(distinct, after)] == [("+", f"/{index}")]  # type: ignore[arg-type]
    assert [(change.kind, change.pointer) for change in diff(after, distinct)] == [("-", f"/{index}")]  # type: ignore[arg-type]


def test_changes_are_values() -> None:
    assert diff({"a": 1}, {"a": 2}) == (Change("~", "/a", 1, 2),)
