"""The executions of an account: over HTTP, from a stub on loopback with several machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdebug.aws.concurrency import Backoff
from sfdebug.aws.errors import CredentialsError
from sfdebug.aws.listing import MachineEntry, Wanted
from sfdebug.aws.session import Access, AwsReader
from sfdebug.executions.account import AccountSource
from sfdebug.executions.groups import group_failures
from sfdebug.executions.kept import KeptExecutions
from sfdebug.executions.outcome import ExecutionOutcome, Known
from sfdebug.executions.source import Count
from tests.aws_fleet import Fleet, machine_arn
from tests.aws_stub import READING, REGION, ApiError, serving

ORDERS = machine_arn("Orders")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Fleet, str]]:
    fleet = Fleet(count=2_000)
    with serving(fleet) as address:
        yield fleet, address


@pytest.fixture
def fleet(server: tuple[Fleet, str]) -> Fleet:
    server[0].reset()
    return server[0]


@pytest.fixture
def source(server: tuple[Fleet, str], isolated: None) -> AccountSource:
    backoff = Backoff(first=0.0, longest=0.0)
    return AccountSource(AwsReader(Access(region=REGION, endpoint_url=server[1]), backoff=backoff))


def test_machines_and_their_counts(fleet: Fleet, source: AccountSource) -> None:
    (machines,) = source.machines()
    assert [machine.name for machine in machines] == list(fleet.names)
    counts = source.counts(machines[0])
    assert counts is not None
    assert (counts.running, counts.failed) == (Count(0), Count(40))
    assert fleet.asked == ["ListStateMachines", "ListExecutions", "ListExecutions"]
    fleet.page = 100
    counts = source.counts(machines[4])
    assert counts is not None
    assert (counts.running, counts.failed) == (Count(1), Count(10, is_exact=False))
    assert source.counts(MachineEntry("arn", "Quick", "EXPRESS", None)) is None


def test_failures_are_completed_with_one_request_each_and_grouped(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    assert {one.known for one in failed} == {Known.LISTED}
    done = list(source.outcomes(failed))
    assert [one.key for one in done] == [one.key for one in failed]
    assert fleet.asked.count("GetExecutionHistory") == len(failed) == 40
    assert set(fleet.asked) == {"ListExecutions", "GetExecutionHistory"}
    groups = group_failures(done)
    assert {(group.error, group.state, group.shape) for group in groups} == {
        ("CardDeclined", "Charge", "the card of order ‹n› was declined (‹id›)"),
        ("Throttled", "Charge", "rate exceeded, request ‹id›"),
        ("States.Runtime", "Check", "the path ‹value› of order ‹n› was not found"),
    }
    assert sum(group.count for group in groups) == 40
    assert {one.retries for one in done if one.error == "Throttled"} == {1}


def test_one_that_is_gone_or_denied_does_not_hide_the_others(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    fleet.deleted.add(failed[1].arn)
    done = list(source.outcomes(failed[:3]))
    assert [bool(one.refusal) for one in done] == [False, True, False]
    assert done[1].refusal == "it was deleted since it was listed"

    def denied(operation: str) -> None:
        if operation == "GetExecutionHistory":
            raise ApiError("AccessDeniedException", "not authorized to perform: states:GetExecutionHistory")

    fleet.before = denied
    one = source.outcome(failed[5])
    assert (one.known, one.error) == (Known.DESCRIBED, "Throttled")
    assert "may not states:GetExecutionHistory" in one.refusal


def test_expired_in_the_middle_nothing_is_lost(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    left = 5

    def expires(operation: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

    fleet.before = expires
    done: list[ExecutionOutcome] = []
    with pytest.raises(CredentialsError, match="have expired"):
        done.extend(source.outcomes(failed))
    assert len(done) == 5
    fleet.before = lambda operation: None
    known = {one.key for one in done}
    rest = list(source.outcomes([one for one in failed if one.key not in known]))
    assert sorted(one.key for one in [*done, *rest]) == sorted(one.key for one in failed)


def test_news_cost_a_request_and_find_what_has_ended(fleet: Fleet, source: AccountSource) -> None:
    reports = machine_arn("Reports")
    known = {one.key: one for page in source.executions(reports) for one in page}
    running = [one for one in known.values() if one.is_running]
    fleet.requests.clear()
    assert source.news(reports, known) == []
    assert fleet.asked == ["ListExecutions"]
    fleet.stop(running[0].arn)
    (changed,) = source.news(reports, known)
    assert (changed.key, changed.status) == (running[0].key, "FAILED")
    assert not fleet.refused
    assert all(operation.startswith(READING) for operation in fleet.asked)


def test_a_second_look_asks_only_for_the_list(
    fleet: Fleet, source: AccountSource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wanted = Wanted(("FAILED",))

    def look() -> list[ExecutionOutcome]:
        kept = AccountSource(source.reader, KeptExecutions(source.reader.endpoint_url or ""))
        (failed,) = kept.executions(ORDERS, wanted)
        done = list(kept.outcomes(failed))
        assert len(kept.recording(done[0]).events) > 4
        assert kept.definition(done[0])
        return done

    first = look()
    fleet.requests.clear()
    assert look() == first
    assert fleet.asked == ["ListExecutions"]
