"""What a list is narrowed to: a group within an entry of the overview, and back one level at a time."""

from __future__ import annotations

from sfdebug.executions.groups import group_failures
from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.tui.browser.filters import RowFilter, SortKey, SortOrder
from sfdebug.tui.browser.narrowing import Narrowing

FAILED = ExecutionOutcome(arn="arn:1", name="run-1", status="FAILED", error="Oops", started_at=1)


def test_parts_are_left_one_at_a_time_and_what_was_filtered_goes_first() -> None:
    (group,) = group_failures([FAILED])
    whole = Narrowing(RowFilter(hours=3))
    entry = whole.of_entry("error\nOops", RowFilter(error="Oops", hours=3), SortOrder(SortKey.DURATION))
    inner = entry.of_group(group)
    assert entry.group == ""
    assert inner.group == inner.parts[-1].at != ""
    filtered = inner.next_status(1).of_text("late")
    assert filtered != filtered.least == inner
    assert inner.of_group(group).parts == inner.parts, "another group takes the place of the first"
    grown = inner.with_members(["arn:1", "arn:2"])
    assert grown.least == grown, "the group that has grown is no filter to take away"
    assert grown.without_part == entry
    assert entry.without_part.shown == RowFilter(hours=3), "the span of time stays"
    assert entry.without_part.least.shown == RowFilter(), "until it is taken away"
    assert entry.without_part.order.key is SortKey.DURATION


def test_groups_are_made_of_the_entry_that_is_open() -> None:
    (group,) = group_failures([FAILED])
    whole = Narrowing(RowFilter(hours=3, text="late"))
    assert whole.entry == RowFilter(hours=3), "what is typed hides no group"
    entry = whole.of_entry("error\nOops", RowFilter(error="Oops", hours=3), SortOrder())
    assert entry.entry == entry.of_group(group).entry == RowFilter(error="Oops", hours=3)
    assert entry.next_hours(1).entry == RowFilter(error="Oops", hours=24)
    assert entry.of_group(group).whole == Narrowing(RowFilter(hours=3))


def test_the_span_of_time_stays_when_a_part_is_left_and_a_log_always_has_one() -> None:
    part = Narrowing(RowFilter()).of_entry("status\nFAILED", RowFilter(status="FAILED"), SortOrder())
    assert part.next_hours(1).least.shown == RowFilter(status="FAILED", hours=1)
    log = Narrowing(RowFilter(hours=24 * 30), is_log=True)
    assert log.next_hours(1).shown.hours == 1, "never since ever"
    assert log.of_text("x").least == log
