"""Ten thousand executions of five machines: what is asked, how often, and within AWS's quotas by a virtual clock."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from sfdebug.aws import session as session_module
from sfdebug.aws.concurrency import Cancellation
from sfdebug.aws.pacing import Pace
from sfdebug.rates import request_quota
from tests.aws_fleet import DEFINITION, Fleet, machine_arn
from tests.aws_stub import REGION, serving
from tests.command_line import sfdebug

READ = {
    "DescribeExecution",
    "DescribeStateMachineForExecution",
    "GetExecutionHistory",
    "ListExecutions",
    "ListStateMachines",
}


class Clock:
    """A clock that goes on when somebody waits: the longest wait of those at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = Lock()

    def __call__(self) -> float:
        return self.now

    def wait(self, cancellation: Cancellation, seconds: float) -> None:
        with self._lock:
            self.now += seconds


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Fleet, str]]:
    fleet = Fleet(count=10_000)
    with serving(fleet) as address:
        yield fleet, address


@pytest.fixture
def account(served: tuple[Fleet, str], isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fleet:
    monkeypatch.chdir(tmp_path)
    for name, value in (("XDG_CACHE_HOME", str(tmp_path)), ("AWS_REGION", REGION), ("AWS_ENDPOINT_URL", served[1])):
        monkeypatch.setenv(name, value)
    served[0].reset()
    return served[0]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    pace = Pace(REGION, clock)
    monkeypatch.setattr(session_module, "pace_of", lambda profile, region: pace)
    monkeypatch.setattr(Cancellation, "wait", lambda cancellation, seconds: clock.wait(cancellation, seconds))
    return clock


def within_quotas(fleet: Fleet, clock: Clock) -> bool:
    """Whether no operation was asked more often than AWS takes in the time that has passed."""
    for operation, count in Counter(fleet.asked).items():
        quota = request_quota(operation, REGION)
        assert quota is not None
        assert count <= quota.size + quota.refill * clock.now, operation
    return True


def test_the_list_of_all(account: Fleet, clock: Clock) -> None:
    listed = sfdebug("executions", "--last", "10000", "--status", "SUCCEEDED,RUNNING", "--json")
    assert listed.code == 0
    assert len(json.loads(listed.out)["executions"]) == 9_000
    assert Counter(account.asked) == {"ListStateMachines": 1, "ListExecutions": 15}
    assert within_quotas(account, clock)
    assert clock.now == 0, "nothing waits"


def test_the_groups_of_many_keep_to_the_quota_and_say_so(account: Fleet, clock: Clock) -> None:
    grouped = sfdebug("executions", "--groups", "--last", "500")
    assert grouped.code == 0
    assert "500 executions: 500 FAILED in 15 groups" in grouped.err
    assert Counter(account.asked) == {
        "ListStateMachines": 1, "ListExecutions": 15, "GetExecutionHistory": 500, "DescribeStateMachineForExecution": 15
    }  # fmt: skip
    assert within_quotas(account, clock)
    assert clock.now >= (500 - 400) / 20, "what is beyond the first burst had to wait"
    said = "GetExecutionHistory waits for its turn, to stay within AWS's quota, 16 a second"
    assert grouped.err.count(said) == 1, grouped.err
    account.requests.clear()
    assert sfdebug("executions", "--groups", "--last", "500").out == grouped.out
    assert Counter(account.asked) == {"ListStateMachines": 1, "ListExecutions": 15}


def test_all_that_is_asked_only_reads(account: Fleet, clock: Clock) -> None:
    Path("definition.asl.json").write_text(DEFINITION)
    of = ("--machine", "Orders", "--status", "FAILED", "--last", "30")
    assert sfdebug("executions", *of, "--groups").code == 0
    assert sfdebug("fetch", *of, "-o", "kept").code == 0
    sfdebug("verify", "definition.asl.json", "--machine", machine_arn("Orders"), *of[2:], "--outcomes")
    assert set(account.asked) == READ
    assert account.refused == []
    assert within_quotas(account, clock)
