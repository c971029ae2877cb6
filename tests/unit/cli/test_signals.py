"""Waiting that no signal is lost to."""

from __future__ import annotations

import signal
import threading

import pytest

from sfdebug.cli.signals import SignalWait

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="there are no such signals here")


def test_a_signal_that_came_before_the_wait_ends_it() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
    try:
        with SignalWait() as wait:
            for _ in range(3):
                signal.raise_signal(signal.SIGUSR1)
                wait.wait()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert seen == [signal.SIGUSR1] * 3
    assert signal.set_wakeup_fd(-1) == -1, "what was there before is there again"


def test_another_thread_ends_the_wait_or_finds_it_over() -> None:
    with SignalWait() as wait:
        other = threading.Thread(target=wait.end)
        other.start()
        wait.wait()
        other.join()
    wait.end()
