"""Asking no faster than AWS's quotas allow: buckets on a clock of the test."""

from __future__ import annotations

import pytest

from sfdebug.aws.pacing import Pace, Slowdown, least_seconds
from sfdebug.rates import request_quota


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _asks(pace: Pace, clock: Clock, operation: str, count: int) -> list[float]:
    """When so many requests, one after the other, are made."""
    made = []
    for _ in range(count):
        clock.now += pace.take(operation)
        made.append(clock.now)
    return made


@pytest.mark.parametrize(("region", "size", "refill"), [("eu-west-1", 300, 15), ("eu-central-1", 250, 10)])
def test_no_second_has_more_than_the_quota(region: str, size: int, refill: float) -> None:
    clock = Clock()
    made = _asks(Pace(region, clock), clock, "DescribeExecution", 2_000)
    for index, moment in enumerate(made):
        assert index + 1 <= 0.8 * (size + refill * moment) + 1e-6
    assert made[-1] == pytest.approx((2_000 - 0.8 * size) / (0.8 * refill))


def test_throttling_halves_the_pace_which_comes_back() -> None:
    clock = Clock()
    pace = Pace("eu-west-1", clock)
    assert not _slowdown(pace)
    pace.throttle("GetExecutionHistory")
    slow = _slowdown(pace)
    assert slow
    assert (slow.operation, slow.per_second, slow.is_throttled) == ("GetExecutionHistory", 8.0, True)
    pace.throttle("GetExecutionHistory")
    assert pace.take("GetExecutionHistory") == 0.25
    assert pace.take("DescribeExecution") == 0.0
    clock.now += 60
    assert not _slowdown(pace)


def _slowdown(pace: Pace) -> Slowdown | None:
    return pace.slowdown


def test_other_endpoints_and_operations_have_no_quota() -> None:
    pace = Pace("")
    pace.throttle("DescribeExecution")
    assert pace.take("DescribeExecution") == 0.0
    assert pace.slowdown is None
    assert request_quota("Unheard", "eu-west-1") is None


def test_how_long_many_take_is_known_before() -> None:
    clock = Clock()
    made = _asks(Pace("eu-west-1", clock), clock, "DescribeExecution", 10_000)
    both = {"DescribeExecution": 10_000, "GetExecutionHistory": 10_000}
    assert least_seconds(both, "eu-west-1") == pytest.approx(made[-1])
    assert least_seconds({"DescribeExecution": 100}, "eu-west-1") == 0
    assert least_seconds({"Anything": 100}, "eu-west-1") == 0
