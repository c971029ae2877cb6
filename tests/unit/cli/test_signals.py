"""Waiting that no signal is lost to."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest

from sfdebug.cli.commands.exec import _SignalRelay
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


class Command:
    """What a relay knows of a process."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def send_signal(self, number: int) -> None:
        self.heard.append(number)

    def kill(self) -> None:
        self.heard.append(signal.SIGKILL)


def test_a_signal_that_comes_while_a_thread_is_started_waits_for_nothing() -> None:
    """Its handler runs in the middle of that, on the same thread: a thread of its own could not be started."""
    command: Any = Command()
    with _SignalRelay() as relay:
        relay.lead_to(command)
        relay.see_to_the_end(command)
        with threading._active_limbo_lock:  # type: ignore[attr-defined]
            signal.raise_signal(signal.SIGTERM)
        assert command.heard == [signal.SIGTERM]
        relay.see_to_the_end(command)
        killer: Any = relay._killer
        killer.function()
    assert command.heard == [signal.SIGTERM, signal.SIGKILL]
    assert killer.finished.is_set(), "nobody is killed later"
