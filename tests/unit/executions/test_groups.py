"""Failures that are alike: the shape of causes, groups of outcomes."""

from __future__ import annotations

import json

import pytest

from sfdebug.executions.groups import folded, group_failures
from sfdebug.executions.outcome import ExecutionOutcome, FailedState, Known


@pytest.mark.parametrize(
    ("one", "other", "shape"),
    [
        ("Order 4711 not found", "Order 12 not found", "Order ‹n› not found"),
        ("no ORD-4711 since 2026-11-29T03:00:00.5Z", "no A-1b2c since 2025-01-01", "no ‹id› since ‹time›"),
        (
            "request 0b7c1d2e-1111-4222-8333-abcdefabcdef: bucket S3 'a-1' denied",
            "request 11111111-2222-4333-8444-555555555555:  bucket S3 'other' denied",
            "request ‹id›: bucket S3 ‹value› denied",
        ),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:charge is throttled",
            "arn:aws:lambda:us-east-1:210987654321:function:charge is throttled",
            "arn:…:lambda:function:charge is throttled",
        ),
        (
            json.dumps({"errorMessage": "bad item 3", "errorType": "ValueError", "stackTrace": ["line 7"]}),
            json.dumps({"errorType": "ValueError", "errorMessage": "bad item 44", "requestId": "x"}),
            "ValueError: bad item ‹n›",
        ),
        ("xxxxxxxxx", "xxxxxx4b", "‹id›"),
        ('{"code": 429, "ok": false}', '{"code": 500, "ok": false}', "{code: ‹n›, ok: false}"),
        ("{not JSON 1", "{not JSON 22", "{not JSON ‹n›"),
    ],
)
def test_what_is_of_one_execution_is_folded(one: str, other: str, shape: str) -> None:
    assert folded(one) == folded(other) == shape


def test_groups_count_their_members_and_say_since_when() -> None:
    def failed(number: int, error: str, state: str, **more: object) -> ExecutionOutcome:
        return ExecutionOutcome(
            arn=f"arn:{number}",
            status="FAILED",
            stopped_at=number * 1000,
            known=Known.WHOLE,
            error=error,
            cause=f"item {number} is bad",
            failed_state=FailedState(state, (("Each", number),)),
            **more,  # type: ignore[arg-type]
        )

    outcomes = [
        failed(3, "Bad", "Charge", version_arn="v:3"),
        failed(1, "Bad", "Charge", version_arn="v:2"),
        failed(2, "Other", "Charge"),
        ExecutionOutcome(arn="arn:4", status="FAILED", stopped_at=4_000),
        ExecutionOutcome(arn="arn:5", status="SUCCEEDED", stopped_at=5_000),
    ]
    first, *others = group_failures(outcomes)
    assert (first.error, first.state, first.members) == ("Bad", "Each/Charge", ("arn:3", "arn:1"))
    assert (first.first_seen, first.last_seen, first.first_version) == (1_000, 3_000, "v:2")
    assert first.versions == ("v:2", "v:3")
    assert [(group.error, group.is_state_known) for group in others] == [("", False), ("Other", True)]
