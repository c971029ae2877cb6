"""What a span of time came to: by status and error, the slowest, the retried."""

from __future__ import annotations

from sfdebug.executions.outcome import ExecutionOutcome, FailedState
from sfdebug.executions.overview import MOST_SLOW, OverviewEntry, OverviewKind, overview, tries_again

STATUSES = ("FAILED", "TIMED_OUT", "SUCCEEDED")


def outcome(number: int, status: str, error: str | None = None, retries: int | None = None) -> ExecutionOutcome:
    return ExecutionOutcome(
        arn=f"arn:{number}", name=f"run-{number}", status=status, started_at=number, stopped_at=number + 1, error=error,
        retries=retries,
    )  # fmt: skip


def entries(outcomes: list[ExecutionOutcome], durations: dict[str, int | None]) -> dict[str, OverviewEntry]:
    return {one.key.replace("\n", " ").strip(): one for one in overview(outcomes, durations, STATUSES)}


def test_statuses_come_first_in_their_order_then_errors_by_number() -> None:
    outcomes = [
        outcome(1, "SUCCEEDED"),
        outcome(2, "FAILED", "Rare"),
        outcome(3, "FAILED", "Often"),
        outcome(4, "TIMED_OUT", "Often"),
        outcome(5, "FAILED"),
    ]
    found = entries(outcomes, {})
    assert list(found) == ["status FAILED", "status TIMED_OUT", "status SUCCEEDED", "error Often", "error Rare"]
    assert found["status FAILED"].members == ("arn:5", "arn:3", "arn:2"), "the newest first"
    assert (found["error Often"].count, found["error Often"].first) == (2, "run-4")
    assert overview([], {}, STATUSES) == ()


def test_the_slowest_are_those_that_took_longest_against_the_median_of_all() -> None:
    outcomes = [outcome(number, "SUCCEEDED") for number in range(1, 15)]
    durations: dict[str, int | None] = {one.key: (one.started_at or 0) * 100 for one in outcomes}
    durations["arn:14"] = None
    slowest = entries(outcomes, durations)["slowest"]
    assert slowest.kind is OverviewKind.SLOWEST
    assert (slowest.count, slowest.first, slowest.most, slowest.usual) == (MOST_SLOW, "run-13", 1_300, 700)
    assert "slowest" not in entries(outcomes, {})


def test_the_retried_are_known_of_those_that_were_looked_into() -> None:
    tried = ExecutionOutcome(
        arn="arn:7", name="run-7", status="FAILED", started_at=7, failed_state=FailedState("Charge", attempts=4)
    )
    redriven = ExecutionOutcome(arn="arn:8", name="run-8", status="SUCCEEDED", started_at=8, redrive_count=1)
    found = entries([outcome(1, "SUCCEEDED", retries=2), outcome(2, "SUCCEEDED"), tried, redriven], {})
    assert found["retried"].members == ("arn:7", "arn:1", "arn:8")
    assert (found["retried"].first, found["retried"].most) == ("run-7", 3)
    assert [tries_again(one) for one in (tried, redriven, outcome(2, "FAILED"))] == [3, 1, 0]
