"""The threads of a host: jobs, timers in their order, and nothing that is begun after the end."""

from __future__ import annotations

import threading

from sfdebug.hosting.scheduling import ThreadScheduler
from tests.hosted_runs import HandClock

LONG = 30.0
"""Seconds that nothing here takes."""


def test_timers_are_kept_in_their_order_and_can_be_cancelled() -> None:
    clock, done, over = HandClock(), [], threading.Event()
    scheduler = ThreadScheduler(clock, steppers=1)
    hold = threading.Event()

    def held() -> None:
        hold.wait(LONG)

    scheduler.step(held)
    for wall in (3.0, 1.0, 2.0):
        scheduler.later(wall, lambda wall=wall: done.append(wall))  # type: ignore[misc]
    scheduler.later(2.5, lambda: done.append(2.5)).cancel()
    scheduler.later(4.0, over.set)
    never = scheduler.later(clock.wall + 1e12, over.clear)
    hold.set()
    assert over.wait(LONG)
    scheduler.close(lambda: None)
    assert sorted(done) == [1.0, 2.0, 3.0]
    assert not never.is_cancelled
    assert not [one for one in threading.enumerate() if one.name.startswith("sfdebug-hosts")]


def test_a_job_that_breaks_costs_no_thread_and_calls_are_ended_before_they_are_waited_for() -> None:
    scheduler = ThreadScheduler(HandClock(), steppers=1, callers=1)
    called, ended, done = threading.Event(), threading.Event(), threading.Event()

    def call() -> None:
        called.set()
        ended.wait(LONG)

    def breaks() -> None:
        raise ZeroDivisionError

    scheduler.step(breaks)
    scheduler.step(done.set)
    assert done.wait(LONG)
    scheduler.call(call)
    assert called.wait(LONG)
    late: list[int] = []
    scheduler.call(lambda: late.append(1))
    scheduler.close(ended.set)
    scheduler.step(lambda: late.append(2))
    scheduler.later(0.0, lambda: late.append(3))
    assert late == []
    assert not [one for one in threading.enumerate() if one.name.startswith("sfdebug-hosts")]


def test_a_call_is_done_by_an_idle_thread_also_while_somebody_watches_for_calls_that_wait() -> None:
    scheduler = ThreadScheduler(HandClock(), callers=1, stalled=LONG)
    free, done = threading.Event(), [threading.Event() for _ in range(20)]

    def waits() -> None:
        free.wait(LONG)

    scheduler.call(waits)
    scheduler.call(done[0].set)  # which has to wait: from now on it is watched
    free.set()
    for one in done:
        scheduler.call(one.set)
        assert one.wait(LONG / 2)
    scheduler.close(lambda: None)
    assert not [one for one in threading.enumerate() if one.name.startswith("sfdebug-hosts")]
