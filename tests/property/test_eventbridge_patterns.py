"""A sample that is made from a pattern fits it, whatever the pattern; what fits does so in every spelling of it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.eventbridge.reading import EventPatternError, pattern_of, read_pattern
from sfdebug.eventbridge.samples import sample_event
from sfdebug.eventbridge.wording import pattern_in_words
from tests.examples import examples

NAMES = st.sampled_from(["source", "detail-type", "detail", "a", "b", "a.b", "id", "é"])
TEXTS = st.sampled_from(["", "x", "aws.s3", "Sample", "10.0.0.1", "::1", "a b", "ß", "sample", "*"])
NUMBERS = st.integers(-50, 50) | st.floats(-5, 5, allow_nan=False)
WILDCARDS = st.lists(st.sampled_from(["a", "*", r"\*", r"\\", "é"]), max_size=6).map("".join)
EITHER = ("prefix", "suffix", "equals-ignore-case")


def ranges() -> st.SearchStrategy[Any]:
    one = st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), NUMBERS).map(list)
    two = st.tuples(st.sampled_from([">", ">="]), NUMBERS, st.sampled_from(["<", "<="]), NUMBERS).map(list)
    return st.fixed_dictionaries({"numeric": one | two})


def excluding() -> st.SearchStrategy[Any]:
    lists = st.lists(TEXTS, min_size=1, max_size=3) | st.lists(NUMBERS, min_size=1, max_size=3)
    nested = st.one_of(*(st.fixed_dictionaries({name: TEXTS | st.lists(TEXTS, max_size=2)}) for name in EITHER))
    wildcards = st.fixed_dictionaries({"wildcard": WILDCARDS})
    return st.fixed_dictionaries({"anything-but": TEXTS | NUMBERS | lists | nested | wildcards})


MATCHERS = st.one_of(
    TEXTS,
    NUMBERS,
    st.booleans(),
    st.none(),
    *(st.fixed_dictionaries({name: TEXTS}) for name in EITHER),
    st.fixed_dictionaries({"prefix": st.fixed_dictionaries({"equals-ignore-case": TEXTS})}),
    st.fixed_dictionaries({"wildcard": WILDCARDS}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"cidr": st.sampled_from(["10.0.0.0/8", "10.0.0.7/24", "2001:db8::/32"])}),
    ranges(),
    excluding(),
)
PATTERNS: st.SearchStrategy[Any] = st.recursive(
    st.lists(MATCHERS, min_size=1, max_size=3),
    lambda inner: (
        st.dictionaries(NAMES, inner, min_size=1, max_size=3)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=2).flatmap(
            lambda named: st.lists(st.dictionaries(NAMES, inner, min_size=1, max_size=2), min_size=2, max_size=3).map(
                lambda several: {**named, "$or": several}
            )
        )
    ),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@settings(max_examples=examples(80), deadline=None)
@given(PATTERNS)
def test_a_sample_fits_its_pattern(value: Any) -> None:
    try:
        pattern = pattern_of(value)
    except EventPatternError:
        return
    event = sample_event(pattern, "us-east-1", "123456789012", "2026-01-02T03:04:05Z")
    assert event is not None
    assert pattern.matches(event)
    assert read_pattern(json.dumps(value)).matches(event)
    assert pattern.matches({**event, "more": {"than": ["it", "names"]}})
    assert pattern_in_words(pattern)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | TEXTS | NUMBERS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    )
)
def test_no_value_is_more_than_a_refusal(value: Any) -> None:
    try:
        pattern_of(value).matches(value)
    except EventPatternError as refused:
        assert refused.reason


@settings(max_examples=examples(60), deadline=None)
@given(
    PATTERNS,
    st.recursive(
        TEXTS | NUMBERS | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=12,
    ),
)
def test_around_an_array_of_one_nothing_changes(value: Any, event: Any) -> None:
    try:
        pattern = pattern_of(value)
    except EventPatternError:
        return
    assert pattern.matches(event) == pattern.matches([event]) == pattern.matches([[event]])
