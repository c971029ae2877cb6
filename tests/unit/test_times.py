"""Times in words."""

from __future__ import annotations

import time

import pytest

from sfdebug.times import clock_text, duration_text, elapsed_text, moment_text, seconds_text, wall_text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "00:00:00"),
        (7_000, "00:00:07"),
        (7_250, "00:00:07.250"),
        (3_661_000, "01:01:01"),
        (90_061_000, "1d 01:01:01"),
        (-5, "00:00:00"),
    ],
)
def test_clock(milliseconds: int, text: str) -> None:
    assert clock_text(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "+0 s"),
        (50, "+0.05 s"),
        (5_000, "+5 s"),
        (59_999, "+59.999 s"),
        (200_000, "+3:20"),
        (7_200_000, "+2:00:00"),
        (93_600_000, "+1d 02:00"),
        (8_639_940_000, "+99d 23:59"),
        (99_999_999_000, "+1,157d"),
    ],
)
def test_elapsed(milliseconds: int, text: str) -> None:
    assert elapsed_text(milliseconds) == text
    assert len(text) <= 10


@pytest.mark.parametrize(
    ("seconds", "text"), [(2, "2 s"), (0.5, "0.5 s"), (3_600, "3,600 s"), (99_999_999, "99,999,999 s")]
)
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_a_moment_is_told_in_utc() -> None:
    assert moment_text(1_735_689_600_999) == "2025-01-01 00:00:00"
    assert moment_text(None) == ""


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (4200, "4.2 s"),
        (60_000, "1 min 00 s"),
        (7_500_000, "2 h 05 min"),
        (10**8, "1 d 3 h"),
    ],
)
def test_durations(milliseconds: int, text: str) -> None:
    assert duration_text(milliseconds) == text


def test_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    noon = 1_795_953_600.0 - 1_795_953_600.0 % 86_400 + 43_200
    assert wall_text(noon, noon + 60) == "12:00"
    assert wall_text(noon, noon + 86_400) == "yesterday 12:00"
    assert wall_text(noon, noon + 2 * 86_400).endswith(" 12:00")
    assert wall_text(noon, noon + 2 * 86_400).startswith("2026-11-")
    assert wall_text(noon, noon - 86_400).startswith("2026-11-"), "a clock that was put back"


@pytest.mark.parametrize("seconds", [1e308, -1e308, 1e12, float("nan"), float("inf")])
def test_a_time_that_no_calendar_has(seconds: float) -> None:
    assert wall_text(seconds, 0) == "an unknown time"
