"""How often a list of executions asks what is new, and what it says of it."""

from __future__ import annotations

from sfdebug.aws.pacing import Pace, Slowdown
from sfdebug.tui.browser.pacing import NewsPace


def seconds(pace: NewsPace) -> tuple[int, int]:
    return pace.seconds(is_looked_at=True), pace.seconds(is_looked_at=False)


def test_less_often_while_nothing_is_new() -> None:
    pace = NewsPace()
    assert seconds(pace) == (5, 30)
    for _ in range(6):
        pace.asked(changed=False)
    assert seconds(pace) == (30, 30), "not slower than that by itself"
    pace.asked(changed=True)
    assert seconds(pace) == (5, 30)
    assert pace.words(None) == "every 5 s"


def test_slower_while_aws_asks_for_fewer_requests() -> None:
    pace = NewsPace()
    for _ in range(5):
        pace.throttled()
    assert seconds(pace) == (60, 60)
    assert pace.words(None) == "every 60 s, slowed by AWS's limits"
    pace.asked(changed=True)
    assert pace.words(None) == "every 60 s, slowed by AWS's limits", "it was throttled meanwhile"
    pace.asked(changed=True)
    assert pace.words(None) == "every 5 s"


def test_what_the_quota_allows_is_said_where_one_waits_for_it() -> None:
    now = [0.0]
    quota = Pace("eu-west-1", clock=lambda: now[0])
    pace = NewsPace()
    for _ in range(320):
        assert quota.take("GetExecutionHistory") == 0.0
    assert pace.words(quota.slowdown) == "every 5 s"
    for _ in range(16):
        quota.take("GetExecutionHistory")
    assert pace.words(quota.slowdown) == "every 5 s, slowed by AWS's limits: GetExecutionHistory 16 a second"
    now[0] += 2.0
    assert pace.words(quota.slowdown) == "every 5 s"
    slow = Slowdown("DescribeExecution", 0.4, 3.0, is_throttled=True)
    assert pace.words(slow) == "every 5 s, slowed by AWS's limits", "less than one a second is no number to show"
