"""When schedules are due. The cases are rules and examples of AWS's guides; the days were counted on a calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from sfdebug.eventbridge.schedules import Schedule, ScheduleExpressionError, read_schedule


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def due(schedule: Schedule, after: str, count: int = 3, began: str = "2026-03-03T12:34:56") -> list[str]:
    found, now = list[str](), at(after)
    for _ in range(count):
        next_due = schedule.next_after(now, at(began))
        if next_due is None:
            break
        found.append(datetime.fromtimestamp(next_due / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        now = next_due
    return found


def of_rule(expression: str) -> Schedule:
    return read_schedule({"ScheduleExpression": expression}, is_scheduler=False)


def of_scheduler(expression: str, zone: str = "UTC", **more: Any) -> Schedule:
    settings = {"ScheduleExpression": expression, "ScheduleExpressionTimezone": zone, **more}
    return read_schedule(settings, is_scheduler=True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The examples of the EventBridge User Guide.
        ("cron(0 10 * * ? *)", ["03-04T10:00", "03-05T10:00", "03-06T10:00"]),
        ("cron(15 12 * * ? *)", ["03-04T12:15", "03-05T12:15", "03-06T12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["03-03T18:00", "03-04T18:00", "03-05T18:00"]),
        ("cron(0 8 1 * ? *)", ["04-01T08:00", "05-01T08:00", "06-01T08:00"]),
        ("cron(0/15 * * * ? *)", ["03-03T12:45", "03-03T13:00", "03-03T13:15"]),
        ("cron(0/10 * ? * MON-FRI *)", ["03-03T12:40", "03-03T12:50", "03-03T13:00"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["03-03T12:35", "03-03T12:40", "03-03T12:45"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", ["03-03T20:00", "03-03T20:30", "03-03T21:00"]),
        ("cron(1/10 12 * * ? *)", ["03-03T12:41", "03-03T12:51", "03-04T12:01"]),
        # L: the last day of the month, of the week, the last such day of the month.
        ("cron(0 0 L * ? *)", ["03-31T00:00", "04-30T00:00", "05-31T00:00"]),
        ("cron(0 0 L 2 ? *)", ["2027-02-28T00:00", "2028-02-29T00:00", "2029-02-28T00:00"]),
        ("cron(0 0 ? * L *)", ["03-07T00:00", "03-14T00:00", "03-21T00:00"]),
        ("cron(0 0 ? * 6L *)", ["03-27T00:00", "04-24T00:00", "05-29T00:00"]),
        ("cron(0 0 ? * FRIL *)", ["03-27T00:00", "04-24T00:00", "05-29T00:00"]),
        # W: the weekday closest to a day, within its month.
        ("cron(0 0 7W * ? *)", ["03-06T00:00", "04-07T00:00", "05-07T00:00"]),
        ("cron(0 0 1W 8 ? *)", ["08-03T00:00", "2027-08-02T00:00", "2028-08-01T00:00"]),
        ("cron(0 0 31W 5 ? *)", ["05-29T00:00", "2027-05-31T00:00", "2028-05-31T00:00"]),
        ("cron(0 0 LW 5 ? *)", ["05-29T00:00", "2027-05-31T00:00", "2028-05-31T00:00"]),
        # #: 3#2 is the second Tuesday; a fifth one is not in every month.
        ("cron(0 0 ? * 3#2 *)", ["03-10T00:00", "04-14T00:00", "05-12T00:00"]),
        ("cron(0 0 ? * MON#5 *)", ["03-30T00:00", "06-29T00:00", "08-31T00:00"]),
        # Months and years; a day that few months have, a year that is over.
        ("cron(0 0 29 FEB ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("cron(30 6 1 JAN,JUL ? 2026-2027)", ["07-01T06:30", "2027-01-01T06:30", "2027-07-01T06:30"]),
        ("cron(0 0 ? * SAT-MON *)", ["03-07T00:00", "03-08T00:00", "03-09T00:00"]),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 0 1 1 ? 2025)", []),
    ],
)
def test_a_cron_expression_is_due_when_aws_says(expression: str, expected: list[str]) -> None:
    whole = [f"{one if one.startswith('20') else f'2026-{one}'}:00" for one in expected]
    assert due(of_rule(expression), "2026-03-03T12:34:56") == whole
    assert due(of_scheduler(expression), "2026-03-03T12:34:56") == whole


def test_rates_count_from_their_beginning_and_those_of_the_scheduler_are_due_at_once() -> None:
    rule, scheduler = of_rule("rate(5 minutes)"), of_scheduler("rate(5 minutes)")
    assert due(rule, "2026-03-03T12:34:55") == ["2026-03-03T12:39:56", "2026-03-03T12:44:56", "2026-03-03T12:49:56"]
    assert due(scheduler, "2026-03-03T12:34:55", 2) == ["2026-03-03T12:34:56", "2026-03-03T12:39:56"]
    assert due(rule, "2026-03-03T12:44:56", 1) == ["2026-03-03T12:49:56"]  # later than, and not at
    begun = of_scheduler("rate(1 days)", StartDate="2026-03-05T08:00:00Z", EndDate="2026-03-06T08:00:00+00:00")
    assert due(begun, "2026-03-03T12:34:55", 5) == ["2026-03-05T08:00:00", "2026-03-06T08:00:00"]
    bounded = of_scheduler("cron(0 8 * * ? *)", StartDate="2026-03-05T08:00:00Z", EndDate="2026-03-06T07:59:59")
    assert due(bounded, "2026-03-03T12:34:55", 5) == ["2026-03-05T08:00:00"]


def test_what_the_clock_of_a_zone_leaves_out_is_skipped_and_what_comes_twice_runs_once() -> None:
    """Source: EventBridge Scheduler User Guide, "Daylight savings time": in New York clocks go forward on 8 March 2026
    at 2:00, back on 1 November at 2:00; days of a rate have 24 hours."""
    morning = of_scheduler("cron(30 2 * * ? *)", "America/New_York")
    assert due(morning, "2026-03-07T00:00:00") == ["2026-03-07T07:30:00", "2026-03-09T06:30:00", "2026-03-10T06:30:00"]
    twice = of_scheduler("cron(30 1 * * ? *)", "America/New_York")
    assert due(twice, "2026-10-31T12:00:00") == ["2026-11-01T05:30:00", "2026-11-02T06:30:00", "2026-11-03T06:30:00"]
    daily = of_scheduler("rate(1 day)", "America/New_York")
    times = [at(one) for one in due(daily, "2026-03-06T12:34:56", 5)]
    assert {after - before for before, after in pairwise(times)} == {86_400_000}
    once = of_scheduler("at(2026-11-20T13:00:00)", "Europe/Rome")
    assert due(once, "2026-03-03T12:34:56") == ["2026-11-20T12:00:00"]
    assert due(of_scheduler("at(2026-03-08T02:30:00)", "America/New_York"), "2026-03-03T12:34:56") == []


@pytest.mark.parametrize("expression", ["rate(999999999 days)", "at(0001-01-01T00:00:00)", "at(9999-12-31T23:59:59)"])
def test_what_no_clock_comes_to_is_never_due(expression: str) -> None:
    schedule = of_scheduler(expression, "Pacific/Kiritimati", StartDate="2026-03-04")
    assert due(schedule, "2026-03-04T00:00:00") == []
    assert due(of_scheduler(expression, "Asia/Tokyo", StartDate="9999-12-31"), "2026-03-03T12:34:56") == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "neither rate"),
        ("every day", "neither rate"),
        ("rate(0 minutes)", "a number from 1 on"),
        ("rate(1 week)", "minutes, hours or days"),
        ("rate(1 minutes)", "a rule takes rate(1 minute)"),
        ("rate(5 minute)", "a rule takes rate(5 minutes)"),
        ("at(2026-11-20T13:00:00)", "not for rules"),
        ("cron(0 10 * * *)", "six fields"),
        ("cron(0 10 * * * *)", "has to be ?"),
        ("cron(0 10 ? * ? *)", "has to be ?"),
        ("cron(60 10 * * ? *)", "60 is no minutes: it takes 0-59"),
        ("cron(0 24 * * ? *)", "24 is no hours: it takes 0-23"),
        ("cron(0 10 0 * ? *)", "0 is no day-of-month: it takes 1-31"),
        ("cron(0 10 * 13 ? *)", "13 is no month: it takes 1-12 or JAN-DEC"),
        ("cron(0 10 ? * 0 *)", "0 is no day-of-week: it takes 1-7 or SUN-SAT"),
        ("cron(0 10 ? * 3#6 *)", "1 to 5"),
        ("cron(0 10 ? * 3#1,6#3 *)", "not a list"),
        ("cron(0 10 * * ? 2200)", "2200 is no year"),
        ("cron(0 10 * * ? 2030-2026)", "the first year comes before the last"),
        ("cron(0/0 10 * * ? *)", "a step is a number from 1 on"),
        ("cron(0, 10 * * ? *)", "nothing is no minutes"),
        ("cron(０ 10 * * ? *)", "０ is no minutes"),
    ],
)
def test_what_aws_takes_for_no_schedule_is_refused_with_why(expression: str, words: str) -> None:
    with pytest.raises(ScheduleExpressionError) as caught:
        of_rule(expression)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ScheduleExpression": "at(2026-13-20T13:00:00)"}, "is no time"),
        ({"ScheduleExpression": "at(tomorrow)"}, "one time without a zone"),
        ({"ScheduleExpressionTimezone": "Europe/Nowhere"}, "Europe/Nowhere is not known"),
        ({"ScheduleExpressionTimezone": "../etc/passwd"}, "is not known"),
        ({"StartDate": "soon"}, "StartDate is no date"),
    ],
)
def test_what_is_wrong_around_an_expression_is_refused_too(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ScheduleExpressionError) as caught:
        read_schedule({"ScheduleExpression": "rate(1 day)", **settings}, is_scheduler=True)
    assert words in str(caught.value)
