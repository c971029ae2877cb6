"""Who computes on a thread waits while a key is on its way to the screen, and not for longer than for a moment."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from sfdebug.tui.terminal import precedence
from sfdebug.tui.terminal.precedence import Precedence


def test_others_wait_until_what_a_key_does_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_LONGEST", 30)
    keys, is_waiting, goes_on = Precedence(), Event(), Event()
    keys.wait()  # nothing was typed
    keys.take()

    def work() -> None:
        is_waiting.set()
        keys.wait()
        goes_on.set()

    thread = Thread(target=work, daemon=True)
    thread.start()
    assert is_waiting.wait(30)
    assert not goes_on.is_set()
    keys.give()
    thread.join(30)
    assert goes_on.is_set()


def test_a_key_that_changes_nothing_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_LONGEST", 0)
    keys = Precedence()
    keys.take()
    keys.wait()
    monkeypatch.setattr(precedence, "_LONGEST", 1e9)
    keys.wait()
