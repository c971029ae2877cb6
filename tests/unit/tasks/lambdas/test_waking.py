"""What passes while the program is kept from looking on is not taken from anybody's time."""

from __future__ import annotations

import pytest

from sfdebug.tasks.lambdas.waking import WakingClock


def test_what_lies_between_two_looks_counts_up_to_twice_the_time_between_them() -> None:
    times = iter((100.0, 100.0, 100.2, 100.5, 160.5, 160.6))
    clock = WakingClock(0.2, lambda: next(times))
    assert [clock() for _ in range(5)] == pytest.approx([0, 0.2, 0.5, 0.9, 1.0])
