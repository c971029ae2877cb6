"""The short ways of reading a history give what the long ones give: a value, an event, whether a text says a value."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sfdebug.history.fast_json import fast_value
from sfdebug.history.reading.event_shapes import SharedTexts, event_of, plain_event
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import RecordingError, parse_payload
from sfdebug.history.replay.event_comparison import is_written_as
from sfdebug.values import MISSING, compact
from tests.examples import STEADY, examples

bounded = settings(max_examples=examples(200), derandomize=STEADY, deadline=None, database=None)
texts = st.text(st.characters(codec=None), max_size=6)  # halves of characters among them
numbers = st.one_of(
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from([2**63, 2**64 - 1, -(2**63) - 1, 0.1, 1e16, 1e22, 5e-324, -0.0, 1.7976931348623157e308]),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
ODD = (
    '{"a":1,"a":2}', "[1,]", "01", "1.", "-", "-0", "1e400", "1E+2", "0.1e-400", "NaN", "[Infinity]", "nul", " [ 1 ] ",
    '"\\ud800"', '"\\ud83d\\ude00"', '"\\x"', '"\t"', '"\x7f"', "\ufeff[]", "[1]\x0b", "9007199254740993.0",
    "2.2250738585072011e-308", "123456789012345678901234567890", '{"a":1}{"b":2}', "1" * 400 + ".5", "1" * 5_000,
    "[" * 5_000, "[" * 800 + "]" * 800,
)  # fmt: skip
fragments = st.sampled_from(ODD)


def is_the_same(left: Any, right: Any) -> bool:
    """Whether two values are the same to the last bit and in the same order, NaN among them."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(is_the_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(is_the_same, left, right))
    if isinstance(left, float):
        if left != left:  # a text says NaN, without the sign that a float can have with it
            return bool(right != right)
        return bool(left == right and math.copysign(1, left) == math.copysign(1, right))
    return bool(left == right)


def read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING


@bounded
@given(st.one_of(values.map(json.dumps), values.map(compact), fragments, st.text(max_size=12)))
def test_what_is_read_fast_is_what_python_reads(text: str) -> None:
    found = fast_value(text)
    assert found is MISSING or is_the_same(found, read(text))
    slow = read(text)
    assert is_the_same(parse_payload(text), slow)


@bounded
@given(values.filter(lambda value: "surrogate" not in repr(value)))
def test_nearly_everything_is_read_fast(value: Any) -> None:
    text = json.dumps(value)
    is_odd = "NaN" in text or "Infinity" in text or "\\ud" in text
    assert is_odd or fast_value(text) is not MISSING


@bounded
@given(values, values)
@example(math.nan, None)
@example(-math.nan, None)
@example(None, math.nan)
@example([math.inf], [None])
@example({"a": "\ud800"}, {"a": "\ud800"})
@example(1e16, 10**16)
@example(True, 1)
def test_a_text_that_is_how_a_value_is_written_says_that_value(value: Any, other: Any) -> None:
    for text in (compact(value), json.dumps(value), compact(other)):
        if is_written_as(value, text):
            assert is_the_same(value, read(text))
    assert is_written_as(value, compact(value))
    assert not is_written_as(MISSING, compact(value))


odd = st.one_of(st.none(), st.booleans(), st.integers(-2, 5), st.floats(allow_nan=False), st.text(max_size=3))
moments = st.one_of(
    st.sampled_from(
        ["2025-01-01T00:00:00+00:00", "2025-01-01 00:00:00.5 UTC", "/Date(1735689600000)/", "1735689600", "no"]
    ),
    st.integers(0, 2 * 10**12),
    odd,
)
types = st.one_of(
    st.sampled_from(["PassStateEntered", "TaskSucceeded", "ExecutionStarted", "PASS_STATE_EXITED", ""]), odd
)
details = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "name": odd,
            "input": st.sampled_from(["{}", '{"a":1}', None]),
            "inputDetails": st.sampled_from([{"truncated": False}, {"truncated": True}, {"truncated": 0}, {}]),
            "output_details": odd,
            "Output": odd,
            "resource": odd,
        },
    ),
    odd,
    st.just('{"name": "written"}'),
)
entries = st.fixed_dictionaries(
    {"id": st.one_of(st.integers(-1, 9), odd), "type": types},
    optional={
        "previousEventId": st.one_of(st.integers(-1, 9), odd),
        "timestamp": moments,
        "stateEnteredEventDetails": details,
        "taskSucceededEventDetails": details,
        "details": details,
        "executionArn": odd,
        "extra": odd,
    },
)


@settings(bounded, max_examples=examples(700))
@given(entries)
def test_a_plain_event_is_the_event(entry: dict[str, Any]) -> None:
    reports: list[str] = []
    slow = event_of(json.loads(json.dumps(entry)), 1, lambda what, line: reports.append(what))
    found = plain_event(entry, 1, SharedTexts())
    if found is not None:
        assert is_the_same(found._asdict(), slow._asdict() if slow is not None else None)
        assert not reports


@bounded
@given(st.lists(entries, max_size=5))
def test_a_file_in_one_piece_is_read_as_one_in_several(given: list[dict[str, Any]]) -> None:
    """One document takes the short way; with an empty one behind it, the long one."""

    def outcome(text: str) -> Any:
        try:
            return parse_recordings(text, "history.json")
        except RecordingError as error:
            return str(error)

    text = json.dumps({"events": given})
    assert outcome(text) == outcome(f'{text} {{"events": []}}')


def test_equal_texts_of_a_history_are_kept_once() -> None:
    payload = json.dumps({"order": "x" * 50})
    entry = {"type": "PassStateEntered", "previousEventId": 0, "timestamp": "2025-01-01T00:00:00+00:00"}
    events = [
        {**entry, "id": number, "stateEnteredEventDetails": {"name": "A", "input": payload}} for number in range(1, 4)
    ]
    (found,) = parse_recordings(json.dumps({"events": events}))
    assert len({id(event.details["input"]) for event in found.events}) == 1
    assert len({id(event.type) for event in found.events}) == 1
