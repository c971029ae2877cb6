"""The execution to compare another one with: the last that went well; of an Express one the nearest in its log."""

from __future__ import annotations

from collections.abc import Iterator

from sfdebug.aws.listing import Wanted
from sfdebug.executions.lately import last_succeeded, succeeded_around
from sfdebug.executions.outcome import ExecutionOutcome

HOUR = 3_600_000


class Listed:
    """A source that lists these, page by page, and notes what it was asked."""

    def __init__(self, *pages: list[ExecutionOutcome]) -> None:
        self.pages = pages
        self.wanted: list[Wanted] = []

    def executions(self, of: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        assert wanted is not None
        self.wanted.append(wanted)
        yield from self.pages


def one(arn: str, at: int = 0, status: str = "SUCCEEDED", machine: str = "m") -> ExecutionOutcome:
    return ExecutionOutcome(arn=arn, status=status, started_at=at, state_machine_arn=machine)


def test_the_last_that_succeeded_is_the_first_of_the_list_that_is_another_one() -> None:
    source = Listed([one("a")], [one("b"), one("c")])
    found = last_succeeded(source, "m", besides="a")  # type: ignore[arg-type]
    assert found is not None
    assert found.arn == "b"
    assert source.wanted == [Wanted(statuses=("SUCCEEDED",))]
    assert last_succeeded(Listed([one("a")]), "m", besides="a") is None  # type: ignore[arg-type]
    unnamed = Listed([one("a"), one("b", machine="")])
    found = last_succeeded(unnamed, "")  # type: ignore[arg-type]
    assert found is not None
    assert found.arn == "b", "one of another machine is none to compare with"


def test_of_an_express_one_the_nearest_of_two_hours_of_log() -> None:
    at = 10 * HOUR
    pages = (
        [one("x", at, "RUNNING"), one("old", at - 9 * HOUR // 10)],
        [one("near", at + 5), one("x", at), one("far", at + 9)],
    )
    source = Listed(*pages)
    found = succeeded_around(source, "m", at, besides="x")  # type: ignore[arg-type]
    assert found is not None
    assert found.arn == "near"
    (wanted,) = source.wanted
    assert (wanted.since, wanted.until) == (at - HOUR, at + HOUR), "what a scan costs is bounded"
