"""Times in words, the same everywhere.

`duration_text` says how long something took, `seconds_text` what a definition gives in seconds; `clock_text` where a
run stands on its clock, `elapsed_text` the same where there are ten cells for it; `moment_text` is a time of the world,
`wall_text` one on the user's own clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def duration_text(milliseconds: int | None) -> str:
    """`250 ms`, `4.2 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`; "" for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = milliseconds // 1000
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


def seconds_text(count: float) -> str:
    """`2 s`, `0.5 s`, `3,600 s`: as a definition gives them."""
    return f"{count:,g} s" if count < 1e6 else f"{count:,.0f} s"


def clock_text(milliseconds: int) -> str:
    """Virtual time since the start: `00:00:07`, `00:00:07.250`, with days in front when there are any."""
    seconds, millis = divmod(max(0, milliseconds), 1000)
    days, seconds = divmod(seconds, 86_400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{millis:03}" if millis else "")
    return f"{days}d {text}" if days else text


def elapsed_text(milliseconds: int) -> str:
    """`+0.05 s`, `+12 s`, `+3:20`, `+1d 02:00`, `+1,157d`: at most ten cells."""
    milliseconds = max(0, milliseconds)
    if milliseconds < 60_000:
        return f"+{milliseconds / 1000:.3f}".rstrip("0").rstrip(".") + " s"
    seconds = milliseconds // 1000
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    if days > 99:
        return f"+{days:,}d"
    if days:
        return f"+{days}d {hours:02}:{seconds // 60:02}"
    minutes, seconds = divmod(seconds, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}" if hours else f"+{minutes}:{seconds:02}"


def moment_text(milliseconds: int | None, zone: tzinfo | None = UTC) -> str:
    """`2025-01-01 00:00:00`, in UTC or another time zone (None: that of this machine); "" for None."""
    if milliseconds is None:
        return ""
    return f"{(_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def zone_text(milliseconds: int, zone: tzinfo | None) -> str:
    """How a time zone is written beside a time in it: `UTC`, or for that of this machine `local, UTC+02:00`."""
    if zone is UTC:
        return "UTC"
    offset = f"{(_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone):%z}"
    return f"local, UTC{offset[:3]}:{offset[3:5]}"


def wall_text(seconds: float, now: float) -> str:
    """When something was, on the clock of the user's wall: `14:02`, `yesterday 14:02`, else `2026-11-03 14:02`;
    `an unknown time` for what no calendar has."""
    try:
        then = (_EPOCH + timedelta(seconds=seconds)).astimezone()
    except (OverflowError, ValueError):
        return "an unknown time"
    days = ((_EPOCH + timedelta(seconds=now)).astimezone().date() - then.date()).days
    day = "" if days == 0 else "yesterday " if days == 1 else f"{then:%Y-%m-%d} "
    return f"{day}{then:%H:%M}"
