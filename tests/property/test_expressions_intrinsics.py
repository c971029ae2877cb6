"""Intrinsic functions against what Python says they compute."""

from __future__ import annotations

import base64
import hashlib
import json
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import IntrinsicError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.values import Json, same

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
documents: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def call(text: str, **arguments: Json) -> Json:
    return compile_intrinsic(text).evaluate(Environment(dict(arguments)))


def literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("{", "\\{").replace("}", "\\}")
    return f"'{escaped}'"


@given(documents)
def test_json_round_trip(value: Json) -> None:
    text = call("States.JsonToString($.v)", v=value)
    assert isinstance(text, str)
    assert same(json.loads(text), value)
    back = call("States.StringToJson(States.JsonToString($.v))", v=value)
    assert same(back, value)


@given(texts)
def test_base64_round_trip(text: str) -> None:
    encoded = call("States.Base64Encode($.v)", v=text)
    assert encoded == base64.b64encode(text.encode()).decode()
    assert call("States.Base64Decode($.v)", v=encoded) == text


@given(st.text(max_size=60))
def test_any_text_can_be_decoded(text: str) -> None:
    assert isinstance(call("States.Base64Decode($.v)", v=text), str)


@given(texts, st.sampled_from([("MD5", "md5"), ("SHA-1", "sha1"), ("SHA-256", "sha256"), ("SHA-512", "sha512")]))
def test_hashes(text: str, algorithm: tuple[str, str]) -> None:
    digest = hashlib.new(algorithm[1], text.encode()).hexdigest()
    assert call("States.Hash($.v, $.a)", v=text, a=algorithm[0]) == digest


@given(numbers, numbers)
def test_sums_round_each_number_half_up(left: float, right: float) -> None:
    expected = floor(Fraction(left) + Fraction(1, 2)) + floor(Fraction(right) + Fraction(1, 2))
    # The sum left + 0.5 is itself rounded for a few numbers next to a half: AWS adds in doubles, as we do.
    total = call("States.MathAdd($.l, $.r)", l=left, r=right)
    assert isinstance(total, int)
    assert abs(total - expected) <= (0 if isinstance(left, int) and isinstance(right, int) else 1)


@given(st.integers(-500, 500), st.integers(-500, 500), st.integers(-9, 9).filter(bool))
def test_ranges(first: int, last: int, step: int) -> None:
    numbers = [number for number in range(min(first, last), max(first, last) + 1) if (number - first) % step == 0]
    expected = sorted(numbers, reverse=step < 0) if (last - first) * step >= 0 else []
    if len(expected) > 1000:
        with pytest.raises(IntrinsicError):
            call("States.ArrayRange($.f, $.l, $.s)", f=first, l=last, s=step)
    else:
        assert call("States.ArrayRange($.f, $.l, $.s)", f=first, l=last, s=step) == expected


@given(st.lists(documents, max_size=8), st.integers(1, 5))
def test_partitions_join_to_the_array(items: list[Json], size: int) -> None:
    chunks = call("States.ArrayPartition($.v, $.n)", v=items, n=size)
    assert isinstance(chunks, list)
    assert [item for chunk in chunks for item in chunk] == items  # type: ignore[union-attr]
    assert all(len(chunk) == size for chunk in chunks[:-1])  # type: ignore[arg-type]


@given(st.lists(st.integers(-50, 50) | texts | st.booleans(), max_size=30))
def test_unique_keeps_one_of_each(items: list[Json]) -> None:
    unique = call("States.ArrayUnique($.v)", v=items)
    assert isinstance(unique, list)
    assert {(type(item), item) for item in unique} == {(type(item), item) for item in items}
    assert len(unique) == len({(type(item), item) for item in items})


@given(st.lists(documents, min_size=1, max_size=6), st.data())
def test_an_item_is_contained_and_can_be_got(items: list[Json], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(items) - 1))
    assert call("States.ArrayGetItem($.v, $.i)", v=items, i=index) is items[index]
    assert call("States.ArrayContains($.v, $.w)", v=items, w=items[index]) is True


@given(st.dictionaries(texts, documents, max_size=4), st.dictionaries(texts, documents, max_size=4))
def test_merge_is_the_union_with_the_right_one_first(left: dict[str, Json], right: dict[str, Json]) -> None:
    assert call("States.JsonMerge($.l, $.r, false)", l=left, r=right) == {**left, **right}


@given(texts, st.text("abc,;|.^]-\\", min_size=1, max_size=4))
def test_split_pieces_hold_no_separator(text: str, separators: str) -> None:
    pieces = call("States.StringSplit($.v, $.s)", v=text, s=separators)
    assert isinstance(pieces, list)
    assert "".join(map(str, pieces)) == "".join(character for character in text if character not in separators)
    assert all(piece and not set(str(piece)) & set(separators) for piece in pieces)


@given(texts, texts)
def test_literals_say_what_they_say(first: str, second: str) -> None:
    assert call(f"States.Array({literal(first)}, {literal(second)})") == [first, second]
    assert call(f"States.Format({literal(first)})") == first
    assert call("States.Format('{}{}', $.a, $.b)", a=first, b=second) == first + second


@given(st.integers(-(2**31), 2**31 - 2), st.integers(1, 2**31), st.integers(-(2**70), 2**70))
def test_a_seeded_random_number_is_in_its_range(first: int, span: int, seed: int) -> None:
    last = min(first + span, 2**31 - 1)
    number = call("States.MathRandom($.f, $.l, $.s)", f=first, l=last, s=seed)
    assert isinstance(number, int)
    assert first <= number < last
    assert number == call("States.MathRandom($.f, $.l, $.s)", f=first, l=last, s=seed)
