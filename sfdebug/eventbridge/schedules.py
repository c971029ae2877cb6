"""Schedule expressions: `rate`, `cron` and `at`, read, and when each is due next: a pure function of numbers.

Source: EventBridge User Guide, "Setting a schedule pattern for scheduled rules"; EventBridge Scheduler User Guide,
"Schedule types". A cron expression has six fields, is due once a minute at most, and one of its two days is `?`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

_FORM: Final = re.compile(r"\s*(rate|cron|at)\(\s*(.*?)\s*\)\s*", re.DOTALL)
_RATE: Final = re.compile(r"(\d{1,9})\s+(minute|hour|day)(s?)", re.ASCII)
_AT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)
_UNITS: Final = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_NUMBER: Final = re.compile(r"\d{1,4}", re.ASCII)
_MONTHS: Final = {"JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9} | {
    "OCT": 10,
    "NOV": 11,
    "DEC": 12,
}
_WEEKDAYS: Final = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_SATURDAY: Final = 7
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199
_NEVER: Final = round(datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp() * 1000)
_ANY: Final = "?"
_FIELDS: Final = 6


class ScheduleExpressionError(ValueError):
    """Why an expression is none that AWS takes, in words."""


class Rate(Struct, frozen=True):
    """Due again and again after so many milliseconds."""

    period: int


class OneTime(Struct, frozen=True):
    """Due at one time of the clock in its zone."""

    at: datetime


class MonthDays(Struct, frozen=True):
    """Days by their numbers: those, the last one, the weekdays nearest to those and to the last one."""

    days: frozenset[int] = frozenset()
    is_last: bool = False
    near: frozenset[int] = frozenset()
    is_last_weekday: bool = False

    def of(self, year: int, month: int) -> set[int]:
        """Those of a month, as numbers."""
        last = calendar.monthrange(year, month)[1]
        found = {day for day in self.days if day <= last}
        found |= {last} if self.is_last else set()
        found |= {_nearest_weekday(year, month, day, last) for day in self.near if day <= last}
        found |= {_nearest_weekday(year, month, last, last)} if self.is_last_weekday else set()
        return found


class WeekDays(Struct, frozen=True):
    """Days by those of the week, 1 for Sunday: each, the last of the month, the second of the month."""

    days: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    nth: tuple[tuple[int, int], ...] = ()
    """A day of the week, and its number in the month."""

    def of(self, year: int, month: int) -> set[int]:
        """Those of a month, as numbers."""
        last = calendar.monthrange(year, month)[1]
        by_weekday = {day: _weekday(year, month, day) for day in range(1, last + 1)}
        found = {day for day, weekday in by_weekday.items() if weekday in self.days}
        found |= {day for day, weekday in by_weekday.items() if weekday in self.last and day + 7 > last}
        found |= {day for day, weekday in by_weekday.items() if (weekday, (day + 6) // 7) in self.nth}
        return found


class Cron(Struct, frozen=True):
    """Due at these minutes of these hours of these days, by the clock of its zone."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: MonthDays | WeekDays
    months: tuple[int, ...]
    years: frozenset[int]

    def days_from(self, first: date) -> Iterator[date]:
        """The days of it, from one on."""
        for year in range(first.year, _LAST_YEAR + 1):
            for month in self.months if year in self.years else ():
                if (year, month) >= (first.year, first.month):
                    for day in sorted(self.days.of(year, month)):
                        yield date(year, month, day)


ScheduleExpression = Rate | OneTime | Cron


class Schedule(Struct, frozen=True):
    """When a rule or a schedule is due.

    `zone` is that of its clock, `start` and `end` bound it, in milliseconds since 1970; a rate that `is_due_at_once` is
    due when it begins, and not a period later: those of EventBridge Scheduler are, those of rules are not.
    """

    expression: ScheduleExpression
    zone: tzinfo = UTC
    start: int | None = None
    end: int | None = None
    is_due_at_once: bool = False

    def next_after(self, after: int, began: int) -> int | None:
        """When it is due next, later than `after`; None for never again. `began` is when it was made. In milliseconds
        since 1970."""
        first = max(after + 1, self.start if self.start is not None else after + 1)
        found = _next(self, first, began) if first < _NEVER else None
        last = _NEVER - 1 if self.end is None else min(self.end, _NEVER - 1)
        return found if found is not None and found <= last else None


def _next(schedule: Schedule, first: int, began: int) -> int | None:
    """When it is due, from `first` on."""
    expression = schedule.expression
    if isinstance(expression, Rate):
        origin = began if schedule.start is None else schedule.start
        if not schedule.is_due_at_once and schedule.start is None:
            origin += expression.period
        return origin + max(0, -(-(first - origin) // expression.period)) * expression.period
    if isinstance(expression, OneTime):
        is_near = _FIRST_YEAR < expression.at.year <= _LAST_YEAR
        due = _on_the_wall(expression.at, schedule.zone) if is_near else None
        return due if due is not None and due >= first else None
    here = datetime.fromtimestamp(first / 1000, schedule.zone).replace(tzinfo=None)
    earliest = here - timedelta(days=1)  # a clock that is put back shows earlier times once more
    for day in expression.days_from(earliest.date()):
        for hour in expression.hours:
            for minute in expression.minutes:
                shown = datetime.combine(day, time(hour, minute))
                due = _on_the_wall(shown, schedule.zone) if shown >= earliest else None
                if due is not None and due >= first:
                    return due
    return None


def _on_the_wall(shown: datetime, zone: tzinfo) -> int | None:
    """When the clock of a zone shows that, the first time; None where it is put forward over it. Source: EventBridge
    Scheduler User Guide, "Daylight savings time": what does not exist is skipped, what comes twice runs once."""
    moment = shown.replace(tzinfo=zone, fold=0)
    seconds = moment.timestamp()
    back = datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, fold=0)
    return round(seconds * 1000) if back == shown else None


# Reading


def read_schedule(settings: Mapping[str, object], *, is_scheduler: bool) -> Schedule:
    """The schedule that settings say, in AWS's words (ScheduleExpression, ScheduleExpressionTimezone, StartDate,
    EndDate): of EventBridge Scheduler, or of a rule. Raises ScheduleExpressionError."""
    expression = read_expression(str(settings.get("ScheduleExpression") or ""), is_scheduler=is_scheduler)
    if not is_scheduler:
        return Schedule(expression)
    start, end = (_moment(settings.get(name), name) for name in ("StartDate", "EndDate"))
    return Schedule(expression, _zone(settings.get("ScheduleExpressionTimezone")), start, end, is_due_at_once=True)


def read_expression(text: str, *, is_scheduler: bool) -> ScheduleExpression:
    """A schedule expression, as EventBridge Scheduler takes it, or a rule. Raises ScheduleExpressionError."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ScheduleExpressionError("it is neither rate(…) nor cron(…) nor at(…)")
    kind, inside = form.groups()
    if kind == "cron":
        return _cron(inside)
    if kind == "rate":
        return _rate(inside, is_scheduler=is_scheduler)
    if not is_scheduler:
        raise ScheduleExpressionError("at(…) is for schedules of EventBridge Scheduler, and not for rules")
    if not _AT.fullmatch(inside):
        raise ScheduleExpressionError("at(…) takes one time without a zone: at(2026-11-20T13:00:00)")
    try:
        return OneTime(datetime.fromisoformat(inside))
    except ValueError as error:
        raise ScheduleExpressionError(f"at({inside}) is no time: {error}") from None


def _rate(inside: str, *, is_scheduler: bool) -> Rate:
    found = _RATE.fullmatch(inside)
    if found is None or not int(found[1]):
        raise ScheduleExpressionError("rate(…) takes a number from 1 on, and minutes, hours or days")
    count, unit, plural = int(found[1]), found[2], found[3]
    if not is_scheduler and (count == 1) is bool(plural):
        right = unit if count == 1 else f"{unit}s"
        raise ScheduleExpressionError(f"a rule takes rate({count} {right}), and refuses rate({inside})")
    return Rate(count * _UNITS[unit])


def _cron(inside: str) -> Cron:
    fields = inside.upper().split()
    if len(fields) != _FIELDS:
        what = f"cron(…) has six fields (minutes hours day-of-month month day-of-week year), and not {len(fields)}"
        raise ScheduleExpressionError(what)
    minutes, hours, day, month, weekday, year = fields
    if (day == _ANY) is (weekday == _ANY):
        raise ScheduleExpressionError("either day-of-month or day-of-week has to be ?, and only one of them")
    return Cron(
        tuple(sorted(_CronField("minutes", 0, 59).values(minutes))),
        tuple(sorted(_CronField("hours", 0, 23).values(hours))),
        _month_days(day) if weekday == _ANY else _week_days(weekday),
        tuple(sorted(_CronField("month", 1, 12, _MONTHS).values(month))),
        frozenset(_CronField("year", _FIRST_YEAR, _LAST_YEAR, wraps=False).values(year)),
    )


class _CronField:
    """A field of a cron expression: what it is called, and between what its numbers are."""

    def __init__(
        self, name: str, least: int, most: int, names: Mapping[str, int] | None = None, *, wraps: bool = True
    ) -> None:
        self.name, self.least, self.most, self.names, self.wraps = name, least, most, names or {}, wraps

    @property
    def named(self) -> str:
        """Its names, from the first to the last."""
        in_order = sorted(self.names, key=self.names.__getitem__)
        return f"{in_order[0]}-{in_order[-1]}"

    def values(self, text: str) -> set[int]:
        """What a list of numbers, ranges and steps says."""
        return {value for part in text.split(",") for value in self._part(part)}

    def _part(self, part: str) -> list[int]:
        span, slash, step_text = part.partition("/")
        step = self._step(step_text, part) if slash else 1
        if span == "*":
            return list(range(self.least, self.most + 1, step))
        first_text, dash, last_text = span.partition("-")
        first = self.number(first_text, part)
        last = self.number(last_text, part) if dash else self.most if slash else first
        if last >= first:
            return list(range(first, last + 1, step))
        if not self.wraps:
            raise self.refusal(part, "the first year comes before the last")
        size = self.most - self.least + 1  # FRI-MON goes over the end of the week
        return [self.least + (value - self.least) % size for value in range(first, last + size + 1, step)]

    def _step(self, text: str, part: str) -> int:
        if not _NUMBER.fullmatch(text) or not int(text):
            raise self.refusal(part, "a step is a number from 1 on")
        return int(text)

    def number(self, text: str, part: str) -> int:
        """A number, or a name of one. Raises ScheduleExpressionError."""
        if text in self.names:
            return self.names[text]
        if not _NUMBER.fullmatch(text) or not self.least <= int(text) <= self.most:
            named = f" or {self.named}" if self.names else ""
            raise self.refusal(part, f"it takes {self.least}-{self.most}{named}")
        return int(text)

    def refusal(self, part: str, why: str) -> ScheduleExpressionError:
        """What is wrong with a part."""
        return ScheduleExpressionError(f"{part or 'nothing'} is no {self.name}: {why}")


def _month_days(text: str) -> MonthDays:
    field = _CronField("day-of-month", 1, 31)
    days: set[int] = set()
    near: set[int] = set()
    marks: set[str] = set()
    for part in text.split(","):
        if part in ("L", "LW"):
            marks.add(part)
        elif part.endswith("W"):
            near.add(field.number(part[:-1], part))
        else:
            days |= field.values(part)
    return MonthDays(frozenset(days), "L" in marks, frozenset(near), "LW" in marks)


def _week_days(text: str) -> WeekDays:
    field = _CronField("day-of-week", 1, 7, _WEEKDAYS)
    days: set[int] = set()
    last: set[int] = set()
    nth: list[tuple[int, int]] = []
    parts = text.split(",")
    for part in parts:
        weekday, sharp, number = part.partition("#")
        if sharp:
            if number not in ("1", "2", "3", "4", "5"):
                raise field.refusal(part, "behind # stands which one of the month, 1 to 5")
            nth.append((field.number(weekday, part), int(number)))
        elif part == "L":
            days.add(_SATURDAY)  # the last day of the week
        elif part.endswith("L"):
            last.add(field.number(part[:-1], part))
        else:
            days |= field.values(part)
    if nth and len(parts) > 1:
        raise field.refusal(text, "with # it is one expression, and not a list")
    return WeekDays(frozenset(days), frozenset(last), tuple(nth))


def _weekday(year: int, month: int, day: int) -> int:
    """The day of the week, 1 for Sunday."""
    return (calendar.weekday(year, month, day) + 1) % 7 + 1


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """The weekday that is closest to a day, within its month."""
    weekday = _weekday(year, month, day)
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == 1:
        return day + 1 if day < last else day - 2
    return day


def _zone(given: object) -> tzinfo:
    name = str(given or "UTC")
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ScheduleExpressionError(f"the time zone {name} is not known on this machine") from None


def _moment(given: object, name: str) -> int | None:
    """A StartDate or an EndDate, in milliseconds since 1970; UTC where it has no zone."""
    if given in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        raise ScheduleExpressionError(f"{name} is no date: {given}") from None
    return round((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp() * 1000)
