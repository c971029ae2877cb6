"""Timestamps: RFC 3339 with a capital T and Z, as the States Language profiles it."""

from __future__ import annotations

import pytest

from sfdebug.expressions.timestamps import parse_nanoseconds, parse_offset_date_time, parse_timestamp


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2016-12-05T21:29:29Z", 1_480_973_369_000),
        ("2016-12-05T21:29:29.5Z", 1_480_973_369_500),
        ("2016-12-05T21:29:29.123456789Z", 1_480_973_369_123),
        ("2016-12-05T22:29:29+01:00", 1_480_973_369_000),
        ("2016-12-05T13:29:29-08:00", 1_480_973_369_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("0001-01-01T00:00:00+18:00", -62_135_661_600_000),
    ],
)
def test_moments(text: str, milliseconds: int) -> None:
    assert parse_timestamp(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "2016-12-05 21:29:29Z",  # recorded: refused
        "2016-12-05T21:29:29",  # recorded: refused
        "2016-13-05T21:29:29Z",  # recorded: refused
        "2016-12-05T25:29:29Z",  # recorded: refused
        "2016-12-05t21:29:29Z",
        "2016-12-05T21:29:29z",
        "2016-12-05T21:29Z",
        "2016-12-05",
        "2016-12-05T21:29:60Z",
        "2023-02-29T00:00:00Z",
        "2016-12-05T21:29:29.Z",
        "2016-12-05T21:29:29.0123456789Z",
        "2016-12-05T21:29:29+0100",
        "2016-12-05T21:29:29+19:00",
        "2016-12-05T21:29:29+01:60",
        " 2016-12-05T21:29:29Z",
        "2016-12-05T21:29:29Z\n",
        "２０１６-12-05T21:29:29Z",
        "0000-01-01T00:00:00Z",
        "",
        "now",
    ],
)
def test_what_is_not_a_timestamp(text: str) -> None:
    assert parse_timestamp(text) is None


def test_nanoseconds_tell_close_moments_apart() -> None:
    earlier, later = parse_nanoseconds("2024-01-01T00:00:00.1Z"), parse_nanoseconds("2024-01-01T00:00:00.100000001Z")
    assert earlier is not None
    assert later == earlier + 1


@pytest.mark.parametrize("text", ["2016-12-05T21:29Z", "2016-12-05t21:29:00z", "2016-12-05T21:29:00.000000000Z"])
def test_a_wait_takes_more_forms(text: str) -> None:
    assert parse_offset_date_time(text) == parse_timestamp("2016-12-05T21:29:00Z")


@pytest.mark.parametrize("text", ["2016-12-05 21:29:29Z", "2016-12-05T21:29:29", "2016-13-05T21:29:29Z"])
def test_a_wait_refuses_what_is_recorded(text: str) -> None:
    assert parse_offset_date_time(text) is None
