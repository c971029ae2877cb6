"""The clock of a hosted execution beside the wall's: its rate, its jumps, and how it goes while something is called."""

from __future__ import annotations

import pytest

from sfdebug.errors import UsageError
from sfdebug.hosting.clock import REAL, VIRTUAL, ExecutionClock, SystemClock, TimePace


def test_a_scaled_clock_is_faster_but_not_while_something_is_called() -> None:
    clock = ExecutionClock(TimePace(0.1), 1000.0)
    assert (clock.now(1000.0), clock.now(1010.0), clock.due(100)) == (0, 100, 1010.0)
    clock.call(1010.0, is_calling=True)
    assert (clock.now(1020.0), clock.due(110)) == (110, 1020.0)
    clock.call(1020.0, is_calling=True)
    clock.call(1020.0, is_calling=False)
    assert clock.now(1030.0) == 210
    slow = ExecutionClock(TimePace(2), 0.0)
    slow.call(0.0, is_calling=True)
    assert slow.now(10.0) == 5, "one that is slower stays so"


def test_a_virtual_clock_jumps_and_goes_on_from_there() -> None:
    clock = ExecutionClock(VIRTUAL, 0.0)
    clock.jump(5_000, 1.0)
    assert (clock.now(1.0), clock.now(11.0)) == (5_000, 5_010)
    clock.jump(100, 11.0)
    assert clock.now(11.0) == 5_010, "it never goes back"


def test_a_pace_is_a_time_that_can_pass() -> None:
    assert (VIRTUAL.is_virtual, REAL.is_virtual) == (True, False)
    for scale in (-1, float("nan"), float("inf"), 1e9):
        with pytest.raises(UsageError):
            TimePace(scale)


def test_the_wall_never_goes_back() -> None:
    clock = SystemClock()
    times = [clock.now() for _ in range(100)]
    assert times == sorted(times)
    assert times[0] > 1_700_000_000_000
