"""Labels: rules as infix conditions, error names, and what remains of them in little room."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.drawing.labels import Caption, common_parts, fitted_captions, fitted_condition, short_condition
from sfdebug.text import cell_width

SHORT: list[tuple[dict[str, Any], str]] = [
    ({"Variable": "$.total", "NumericGreaterThan": 100}, "total > 100"),
    ({"Variable": "$.total", "NumericLessThanEqualsPath": "$.limits.high"}, "total <= limits.high"),
    ({"Variable": "$.kind", "StringEquals": "photo"}, 'kind = "photo"'),
    ({"Variable": "$.key", "StringMatches": "*.jpg"}, 'key matches "*.jpg"'),
    ({"Variable": "$.due", "TimestampGreaterThanEquals": "2026-01-01T00:00:00Z"}, 'due >= "2026-01-01T00:00:00Z"'),
    ({"Variable": "$.paid", "BooleanEquals": True}, "paid = true"),
    ({"Variable": "$.paid", "IsPresent": True}, "paid is present"),
    ({"Variable": "$.paid", "IsPresent": False}, "paid is not present"),
    ({"Variable": "$.paid", "IsNumeric": True}, "paid is a number"),
    ({"Variable": "$", "IsNull": True}, "$ is null"),
    ({"Variable": "$.items[0]", "IsString": True}, "items[0] is a string"),
    ({"Variable": "$$.Execution.Name", "StringEquals": "x"}, '$$.Execution.Name = "x"'),
    ({"Not": {"Variable": "$.n", "NumericEquals": 0}}, "n != 0"),
    ({"Not": {"Variable": "$.n", "IsPresent": True}}, "n is not present"),
    ({"Not": {"Variable": "$.n", "IsPresent": False}}, "n is present"),
    ({"Not": {"Or": [{"Variable": "$.a", "IsNull": True}]}}, "not (a is null)"),
    (
        {"And": [{"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.b", "NumericEquals": 2}]},
        "a = 1 and b = 2",
    ),
    (
        {
            "Or": [
                {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b", "IsNull": True}]},
                {"Variable": "$.c", "IsNull": True},
            ]
        },
        "(a is null and b is null) or c is null",
    ),
    ({"Condition": "{% $states.input.total > 100 %}"}, "$states.input.total > 100"),
]


@pytest.mark.parametrize(("rule", "text"), SHORT, ids=[text for _, text in SHORT])
def test_a_rule_reads_as_a_condition(rule: dict[str, Any], text: str) -> None:
    assert short_condition({**rule, "Next": "X", "Comment": "not part of it"}) == text


@pytest.mark.parametrize(
    "rule",
    [{}, {"And": []}, {"And": [1, None]}, {"Not": 3}, {"Variable": 5, "IsNull": True}, {"Variable": "$.x"}],
)
def test_a_malformed_rule_still_reads(rule: dict[str, Any]) -> None:
    assert short_condition(rule)


def test_paths_lose_their_start_before_the_value_is_cut() -> None:
    rule = {"Variable": "$.result.job.State", "StringEquals": "RUNNING"}
    assert fitted_condition(rule, 40) == 'result.job.State = "RUNNING"'
    assert fitted_condition(rule, 20) == 'State = "RUNNING"'
    assert fitted_condition(rule, 15) == "State = RUNNING"
    assert fitted_condition(rule, 14) == "Sta… = RUNNING"


def test_quoted_steps_and_indices_keep_their_name() -> None:
    long = "$.some.thing.rather.long"
    assert fitted_condition({"Variable": f"{long}['a.b']", "IsNull": True}, 12) == "a.b is null"
    assert fitted_condition({"Variable": f"{long}.list[3]", "IsNull": True}, 16) == "list[3] is null"


def test_jsonata_loses_the_way_to_its_input() -> None:
    rule = {"Condition": "{% $states.input.order.status = 'PAID' %}"}
    assert fitted_condition(rule, 20) == "status = 'PAID'"


def test_parts_that_siblings_share_go_first() -> None:
    rules: list[dict[str, Any]] = [
        {"And": [{"Variable": "$.trigger", "StringEquals": "approved"}, {"Variable": "$.do", "StringEquals": word}]}
        for word in ("buy", "sell")
    ]
    common = common_parts(rules)
    assert common == {'trigger = "approved"'}
    assert [fitted_condition(rule, 20, common) for rule in rules] == ['… do = "buy"', '… do = "sell"']
    assert fitted_condition(rules[0], 60, common) == 'trigger = "approved" and do = "buy"'


def test_errors_are_marked_and_shortened() -> None:
    assert Caption(errors=("States.ALL",)).fitted(20) == "!States.ALL"
    assert Caption(errors=("Lambda.TooManyRequestsException",)).fitted(30) == "!TooManyRequestsException"
    assert Caption(errors=("States.Timeout", "Lambda.TooManyRequestsException")).fitted(20) == "!Timeout +1"
    assert Caption(errors=("A.B", "C.D")).full == "!A.B, C.D"


def test_several_edges_on_one_line_are_counted() -> None:
    captions = [Caption(rule={"Variable": "$.status", "StringEquals": word}) for word in ("NEW", "OLD")]
    assert fitted_captions([*captions, Caption(word="Default")], 60) == 'status = "NEW", status = "OLD", Default'
    assert fitted_captions([*captions, Caption(word="Default")], 20) == 'status = "NEW" +2'
    assert fitted_captions([], 20) == ""


@pytest.mark.parametrize("width", range(1, 40))
def test_nothing_is_wider_than_its_room(width: int) -> None:
    captions = [Caption(rule=rule) for rule, _ in SHORT] + [Caption(errors=("States.ALL", "写真.エラー"))]
    assert all(cell_width(caption.fitted(width)) <= width for caption in captions)
