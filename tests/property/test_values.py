"""Copies of JSON values, and looking for what JSON does not have: the short ways give what the long ways give."""

from __future__ import annotations

import copy
import json
import math
from collections import OrderedDict
from datetime import date
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug import values
from sfdebug.expressions.java import json_text, number_text
from sfdebug.values import MAX_NESTING, _found_fault, compact, copied, same, why_not_json


class Level(IntEnum):
    """A number of a class of its own, which JSON can show."""

    LOW = 1


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3))
ODD = st.sampled_from([(1, 2), {1}, b"x", date(2026, 1, 1), math.nan, math.inf, Level.LOW, OrderedDict(a=[1]), object])
KEYS = st.one_of(st.text(max_size=3), st.sampled_from([1, None, Level.LOW]))


def nested(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values with such leaves in dicts and lists."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
    )


@given(nested(SCALARS | ODD, KEYS))
def test_a_fault_is_found_where_there_is_one_and_nowhere_else(value: Any) -> None:
    assert why_not_json(value) == _found_fault(value)


@given(nested(SCALARS, st.text(max_size=3)))
def test_a_copy_is_equal_and_shares_nothing_that_can_change(value: Any) -> None:
    made: Any = copied(value)
    assert (made, repr(made)) == (value, repr(value))
    originals, copies = [value], [made]
    while originals:
        original, ours = originals.pop(), copies.pop()
        if isinstance(original, (dict, list)):
            assert ours is not original
            originals += original.values() if isinstance(original, dict) else original
            copies += ours.values() if isinstance(ours, dict) else ours


@given(nested(SCALARS | st.sampled_from([math.nan, -math.inf, Level.LOW, "\ud800\x00", 10**30]), st.text(max_size=3)))
def test_a_compact_text_is_that_of_pythons_encoder(value: Any) -> None:
    assert compact(value) == json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode(value)


def test_classes_of_their_own_stay_what_they_are() -> None:
    value: Any = {"ordered": OrderedDict(b=1, a=[2]), "level": Level.LOW}
    made: Any = copied(value)
    assert repr(made) == repr(copy.deepcopy(value))
    assert made["ordered"] is not value["ordered"]
    assert made["ordered"]["a"] is not value["ordered"]["a"]


def test_what_is_nested_deep_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    value: Any = 1
    for _ in range(200):
        value = [value]
    assert why_not_json(value) is None
    for _ in range(MAX_NESTING):
        value = [value]
    assert "nested" in str(why_not_json(value))
    value.append(value)
    monkeypatch.setattr(values, "_not_json", None)  # to walk through it takes minutes where the stack has room
    assert "nested" in str(why_not_json(value))


FRACTIONS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e8, 1e8) | st.sampled_from([1e-3, 1e7, -0.0])


@given(nested(FRACTIONS | st.integers() | st.text('e."\\1', max_size=6) | st.none(), st.text("e.1", max_size=3)))
def test_numbers_in_a_json_text_are_javas(value: Any) -> None:
    def shown(part: Any) -> str:
        if isinstance(part, dict):
            return "{" + ",".join(f"{compact(key)}:{shown(item)}" for key, item in part.items()) + "}"
        if isinstance(part, list):
            return f"[{','.join(map(shown, part))}]"
        return number_text(part) if isinstance(part, float) else compact(part)

    assert json_text(value) == shown(value)


ALIKE = nested(st.sampled_from([0, 1, 1.0, True, False, None, "1", math.nan]), st.sampled_from(["a", "b"]))


@given(ALIKE, ALIKE)
def test_values_are_the_same_when_their_kinds_and_parts_are(left: Any, right: Any) -> None:
    def kind(value: Any) -> type:
        return float if type(value) is int else type(value)

    def expected(one: Any, other: Any) -> bool:
        if one is other:
            return True
        if kind(one) is not kind(other):
            return False
        if isinstance(one, dict):
            return one.keys() == other.keys() and all(expected(one[key], other[key]) for key in one)
        if isinstance(one, list):
            return len(one) == len(other) and all(expected(*pair) for pair in zip(one, other, strict=True))
        return bool(one == other)

    assert same(left, right) is expected(left, right)
    assert same(left, copy.deepcopy(left))
