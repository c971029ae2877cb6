"""Recordings without their values: what is replaced, what stays, and that Choice rules decide as they did."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.aws.redacting import Ranks, Redactor, Texts, change_payloads, open_texts, seconds_in, timestamp_like
from sfdebug.values import Json

DEFINITION = json.dumps(
    {
        "StartAt": "Paid?",
        "States": {
            "Paid?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.status", "StringEquals": "PAID", "Next": "Ship"},
                    {"Variable": "$.total", "NumericGreaterThan": 100.5, "Next": "Check"},
                    {"Variable": "$.due", "TimestampLessThan": "2025-06-01T00:00:00Z", "Next": "Late"},
                ],
            }
        },
    }
)


def redacted(value: Json, *, definition: str = DEFINITION, known: tuple[str, ...] = ()) -> Any:
    """`value` without its values, all of it learnt before."""
    redactor = Redactor(definition, known)
    text = json.dumps(value)
    assert redactor.learn(text) == text
    return json.loads(redactor.redacted(text))


def test_shapes_and_lengths_stay_and_values_go() -> None:
    value: Json = {"name": "Ada Lovelace", "mail": "ada@example.com", "ok": True, "none": None, "tags": ["a", "bc", ""]}
    assert redacted(value) == {
        "name": "x" * 12,
        "mail": "x" * 15,
        "ok": True,
        "none": None,
        "tags": ["x", "xx", ""],
    }


def test_equal_texts_stay_equal_and_different_ones_different() -> None:
    first, second, third, longer = redacted(["Anna", "Otto", "Anna", "Maria"])
    assert first == third == "xxxx"
    assert second == "xxx0"
    assert longer == "xxxxx"


def test_what_the_definition_names_stays() -> None:
    assert redacted({"status": "PAID", "other": "OPEN", "total": 100.5, "next": "Ship"}) == {
        "status": "PAID",
        "other": "xxxx",
        "total": 100.5,
        "next": "Ship",
    }


@pytest.mark.parametrize(
    "expression",
    ["{% $states.input.kind = 'Private' and $states.input.age >= 20 %}", '$.all[?(@.kind == "Private" && @.age > 20)]'],
)
def test_what_an_expression_of_the_definition_names_stays(expression: str) -> None:
    found = redacted(["Private", "Public!", 20, 33, 19], definition=json.dumps({"Condition": expression}))
    assert found == ["Private", "xxxxxxx", 20, 21, 1]


def test_names_that_are_shown_anyway_stay() -> None:
    assert redacted({"id": "run-1", "error": "Lambda.Unknown"}, known=("run-1",)) == {"id": "run-1", "error": "x" * 14}


def test_numbers_keep_their_side_of_the_numbers_in_the_definition() -> None:
    numbers = redacted([4711, 99, 100, 101, 100.25, 100.75, -3, 0, 4711])
    assert numbers == [102, 1, 100, 101, 100.25, 100.75, -1, 0, 102]
    assert redacted([4711, 815.5, -2]) == [102, 101.5, -1]
    assert [type(one) for one in redacted([4711, 4711.0])] == [int, float]


def test_timestamps_stay_timestamps_on_their_side() -> None:
    early, late, again, plain = redacted(
        ["1985-02-03T04:05:06Z", "2031-07-08T09:10:11.25+02:00", "1985-02-03T04:05:06Z", "1985-02-03"]
    )
    assert (early, late) == ("2025-05-31T23:59:59Z", "2025-06-01T02:00:01.50+02:00")
    assert early == again
    assert plain == "xxxxxxxxxx"


def test_json_in_a_text_is_gone_into() -> None:
    body = redacted({"Body": '{"card": "4000123412341234", "n": 7}'})["Body"]
    assert json.loads(body) == {"card": "x" * 16, "n": 1}


@pytest.mark.parametrize("text", ["not JSON", '{"cut off', "[" * 100_000, "\ud800", "NaN x", '"', "1e999x"])
def test_a_payload_that_is_no_json_is_one_value(text: str) -> None:
    redactor = Redactor(DEFINITION)
    redactor.learn(text)
    assert redactor.redacted(text) == "x" * len(text)


@pytest.mark.parametrize("definition", ["", "{", "null", "[1, 2]", DEFINITION])
@pytest.mark.parametrize("payload", ["1e999", "-1e999", "NaN", "null", "true", '""', "1e308", "123456789" * 20])
def test_odd_payloads_are_survived(definition: str, payload: str) -> None:
    redactor = Redactor(definition)
    redactor.learn(payload)
    json.loads(redactor.redacted(payload))


EVENT: dict[str, Json] = {
    "timestamp": "2025-01-01T00:00:00.050+00:00",
    "type": "TaskStateExited",
    "id": 7,
    "stateExitedEventDetails": {
        "name": "Charge",
        "output": '{"name":"Ada"}',
        "outputDetails": {"truncated": False},
        "assignedVariables": {"who": '"Ada"', "count": "7"},
    },
}
FAILURE: dict[str, Json] = {
    "type": "LambdaFunctionFailed",
    "lambdaFunctionFailedEventDetails": {"error": "CardError", "cause": "card of Ada"},
}


def test_only_data_in_an_event_is_replaced() -> None:
    redactor = Redactor("")
    for event in (EVENT, FAILURE):
        assert change_payloads(event, redactor.learn) == event
    exited = change_payloads(EVENT, redactor.redacted)
    assert exited == EVENT | {
        "stateExitedEventDetails": {
            "name": "Charge",
            "output": '{"name":"xxx"}',
            "outputDetails": {"truncated": False},
            "assignedVariables": {"who": '"xxx"', "count": "1"},
        }
    }
    assert change_payloads(FAILURE, redactor.redacted)["lambdaFunctionFailedEventDetails"] == {
        "error": "CardError",
        "cause": "xxxxxxxxxxx",
    }
    assert sorted(open_texts(EVENT)) == ["Charge", "TaskStateExited"]
    assert "CardError" in set(open_texts(FAILURE))


def test_account_numbers_go_everywhere() -> None:
    redactor = Redactor("")
    text = "arn:aws:sqs:eu-west-1:123456789012:q https://sqs.example/123456789012/q 1234567890123 999999999999"
    redactor.learn_accounts(text)
    redactor.learn_accounts("arn:aws:iam::210987654321:role/r")
    assert redactor.without_accounts(text) == (
        "arn:aws:sqs:eu-west-1:000000000000:q https://sqs.example/000000000000/q 1234567890123 999999999999"
    )
    assert redactor.without_accounts("arn:aws:iam::210987654321:role/r") == "arn:aws:iam::000000000001:role/r"


# What holds for all values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=5),
    max_leaves=20,
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


def shape(value: Json) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return (type(value), len(value)) if isinstance(value, str) else type(value)


@given(JSON)
def test_the_shape_is_always_kept(value: Json) -> None:
    found = redacted(value, definition="{}")
    assert type(found) is type(value)
    if not any(text.lstrip()[:1] in ("{", "[") for text in texts_in(value)):
        assert shape(found) == shape(value)


def texts_in(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_in(inner)]
    return [value] if isinstance(value, str) else []


@given(st.lists(NUMBERS, max_size=12), st.lists(NUMBERS, max_size=5))
def test_numbers_always_keep_their_order_and_their_place_between_anchors(data: list[float], fixed: list[float]) -> None:
    anchors = [Fraction(0), *map(Fraction, fixed)]
    ranks = Ranks(anchors)
    numbers = sorted({Fraction(one) for one in data})
    for number in numbers:
        ranks.learn(number)
    places = [ranks.of(number) for number in numbers]
    assert places == sorted(set(places))
    for number, place in zip(numbers, places, strict=True):
        assert [number < anchor for anchor in anchors] == [place < anchor for anchor in anchors]
        assert [number == anchor for anchor in anchors] == [place == anchor for anchor in anchors]
        assert (number.denominator == 1) == (place.denominator == 1)


@given(st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=30), st.frozensets(st.sampled_from("x012ab")))
def test_texts_always_keep_length_and_difference(texts: list[str], kept: frozenset[str]) -> None:
    given_out = Texts(kept)
    found = [given_out.of(text) for text in texts]
    assert [len(one) for one in found] == [len(text) for text in texts]
    assert len(set(found)) == len(found)
    assert not kept & set(found)
    assert found == [given_out.of(text) for text in texts]


def test_more_texts_of_one_character_than_there_are_placeholders() -> None:
    given_out = Texts(frozenset("x0"))
    found = [given_out.of(chr(200 + number)) for number in range(100)]
    assert {len(one) for one in found} == {1}
    assert len(set(found)) == 34


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", Fraction(1)),
        ("1970-01-01T01:00:00.5+01:00", Fraction(1, 2)),
        ("1969-12-31T23:59:59Z", Fraction(-1)),
        ("1970-01-01", None),
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01T00:00:00", None),
        ("٢٠٢٥-01-01T00:00:00Z", None),
    ],
)
def test_timestamps_are_read(text: str, expected: Fraction | None) -> None:
    assert seconds_in(text) == expected


def test_a_timestamp_beyond_the_calendar_is_none() -> None:
    assert timestamp_like("9999-12-31T23:59:59Z", Fraction(10**12)) is None
    assert timestamp_like("0001-01-01T00:00:00.123Z", Fraction(-62135596800)) == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
        "https://my-bucket-123456789012.s3.amazonaws.com/k?owner=1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/image:1",
        "s3://logs-123456789012/x",
        '{"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"}',
    ],
)
def test_account_numbers_in_addresses_go_without_an_arn(text: str) -> None:
    redactor = Redactor("")
    redactor.learn_accounts(text)
    assert redactor.without_accounts(text) == text.replace("123456789012", "000000000000")


def test_trace_headers_go() -> None:
    redactor, header = Redactor("{}"), "Root=1-67891233-abcdef012345678912345678;Sampled=1"
    learnt = change_payloads({"traceHeader": header, "name": "run"}, redactor.learn)
    assert learnt == {"traceHeader": header, "name": "run"}
    changed = change_payloads(learnt, redactor.redacted)
    assert changed["name"] == "run"
    assert "67891233" not in str(changed["traceHeader"])
    assert header not in set(open_texts(learnt))
