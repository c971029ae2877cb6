"""The text of a payload whose large parts are remembered is the one that the encoder writes, and its depth is right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.engine.execution.events import PAYLOAD_TEXTS, PayloadTexts
from sfdebug.engine.payload import check_size
from sfdebug.errors import NestingError
from sfdebug.values import MAX_NESTING, Json, compact, nesting
from tests.examples import examples

LARGE: list[Json] = [
    ["a\x00é\ud800" * 10] * 500,
    {f"k{number}": {"n": [number, None]} for number in range(2_000)},
    "é" * 20_000,
]
PARTS = st.one_of(st.sampled_from(LARGE), st.integers(), st.text(max_size=3), st.booleans(), st.none())
VALUES = st.recursive(
    PARTS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=2), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_the_text_is_the_encoders(values: list[Json]) -> None:
    texts = PayloadTexts()
    for value in [*values, *values, values]:
        assert texts.text_of(value) == compact(value)
        assert texts.levels_of(value) == nesting(value)


def test_what_is_remembered_is_bounded_and_still_nested_too_deep() -> None:
    texts = PayloadTexts()
    for number in range(50):
        texts.text_of([number, ["x" * 20_000]])
    assert len(texts._known) <= 8
    shared: Json = ["x" * 60_000]
    check_size([shared, 1], 262_144, "A")
    assert PAYLOAD_TEXTS.has_parts_of([shared, 2])
    deep: Json = []
    for _ in range(MAX_NESTING):
        deep = [deep]
    with pytest.raises(NestingError):
        check_size([shared, deep], 262_144, "A")
