"""Waiting and importing that no signal is lost to."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from typing import Any

import pytest

from sfdebug import reports
from sfdebug.cli.commands.exec import _SignalRelay
from sfdebug.cli.signals import SignalWait, held_signals
from sfdebug.cli.verified import load_reports
from sfdebug.reports import verification

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


def test_a_signal_is_heard_at_the_end_of_what_holds_it() -> None:
    seen: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append("heard"))
    try:
        with held_signals():
            signal.raise_signal(signal.SIGTERM)
            seen.append("inside")
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == ["inside", "heard", "heard"]


def test_one_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with held_signals():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_import_that_swallows_ctrl_c_does_not_make_verify_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    class Swallowing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == verification.__name__:
                with suppress(KeyboardInterrupt):
                    signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(reports, "verification", verification)  # it is as before, in the end
    monkeypatch.delattr(reports, "verification")
    monkeypatch.delitem(sys.modules, verification.__name__)
    monkeypatch.setattr(sys, "meta_path", [Swallowing(), *sys.meta_path])
    with pytest.raises(KeyboardInterrupt):
        load_reports()
