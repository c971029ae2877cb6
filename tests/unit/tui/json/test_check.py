"""Checking JSON as it is typed: size, place and words of the first mistake."""

from __future__ import annotations

import pytest

from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.tui.json.editor import check_json
from sfdebug.values import MISSING


def test_a_valid_text_says_what_it_holds_and_its_size() -> None:
    check = check_json('{"a": 1, "b": [1, 2],\n "c": "ü"}')
    assert check.is_valid
    assert check.value == {"a": 1, "b": [1, 2], "c": "ü"}
    assert check.size == len('{"a":1,"b":[1,2],"c":"ü"}'.encode())
    assert check.text == f"valid JSON, 3 keys, {check.size} of 262,144 bytes"


def test_null_is_a_value() -> None:
    check = check_json("null")
    assert check.is_valid
    assert check.value is None


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1\n "b": 2}', 1, 8),
        ('{"a": 1,}', 1, 9),
        ('{\n  "a": tru\n}', 2, 8),
        ('{"a": 1} x', 1, 10),
        ('{"a": [1, 2', 1, 7),
    ],
)
def test_a_mistake_has_a_place(text: str, line: int, column: int) -> None:
    check = check_json(text)
    assert check.value is MISSING
    assert check.line == line
    assert abs(check.column - column) <= 1
    assert check.what
    assert check.text.startswith(f"line {line}, column {check.column}: ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "NaN",
        '{"a": Infinity}',
        '{"a": 1e999}',
        '{"a": 1, "a": 2}',
        "1" * 5000,
        "[" * 100_000,
        '"\x01"',
        "\ud800",
    ],
)
def test_what_python_takes_and_aws_does_not_is_refused(text: str) -> None:
    check = check_json(text)
    assert not check.is_valid
    assert check.text


def test_too_large_a_value_is_valid_and_said_to_be_too_large() -> None:
    check = check_json('"' + "x" * MAX_PAYLOAD_BYTES + '"')
    assert check.is_valid
    assert check.is_too_large
    assert "States.DataLimitExceeded" in check.text


def test_lone_surrogates_have_a_size() -> None:
    assert check_json('"\\ud800"').is_valid
