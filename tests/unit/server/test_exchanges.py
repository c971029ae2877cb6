"""The script that holds answers against recorded ones: what it calls alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bench.exchanges import difference, table

OLD, NEW = date(2023, 1, 1), date(2026, 1, 1)
ARN = "arn:aws:states:us-east-1:111111111111:execution:m:e"


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {"a": True}, "/a: recorded '1', 'True'"),
        ({"a": 1}, {}, "/a: missing"),
        ({}, {"a": 1}, "/a: not recorded, 1"),
        ({}, {"redriveCount": 0}, None),
        ([1], [], ": 1 recorded, 0 answered"),
        ([{"a": "x"}], [{"a": "y"}], "/0/a: recorded 'x', 'y'"),
        ("arn:<partition>:states:<region>:111111111111:execution:<resource:1>", ARN, None),
        ("arn:<partition>:states:<region>:111111111111:express:<resource:1>", ARN, f": recorded '{'arn:<partition>'}"),
        ("made up here", "any here", None),
        ('{"b": 2}', {"b": 2}, None),
        ("date", "2026-01-01T00:00:00.000Z", None),
        ("date", "soon", ": recorded 'date', 'soon'"),
    ],
)
def test_a_difference_is_told_with_its_place(wanted: Any, found: Any, told: str | None) -> None:
    said = difference(wanted, found, OLD, frozenset({"made up"}))
    assert (said is None) if told is None else (said is not None and said.startswith(told[:-1]))


def test_what_aws_has_added_since_is_a_difference_in_a_new_recording() -> None:
    assert difference({}, {"redriveCount": 0}, NEW, frozenset()) == "/redriveCount: not recorded, 0"


def test_the_table_counts_by_operation() -> None:
    rows: list[dict[str, Any]] = [{"rows": [["B", "k", None], ["A", "k", "/x: missing"]]}, {"rows": [["B", "l", "no"]]}]
    assert table(rows)[2:] == ["| A | 1 | 0 |", "| B | 2 | 1 |", "| together | 3 | 1 |"]
