"""Esc is known at once where the rest of a key would be there already."""

from __future__ import annotations

import os
import pty
import termios
import threading
import tty
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.message import Message

from sfdebug.tui.terminal.escape import EscapeWatch, TerminalInput, escape_delay


@pytest.fixture
def keys() -> list[str]:
    return []


@pytest.fixture
def watch(keys: list[str]) -> EscapeWatch:
    def tell(message: Message) -> None:
        assert isinstance(message, Key)
        keys.append(message.key)

    return EscapeWatch(XTermParser(False).feed, tell)


def test_an_escape_is_one_when_nothing_follows(watch: EscapeWatch, keys: list[str]) -> None:
    watch.take("\x1b")
    assert (keys, watch.is_waiting) == ([], True)
    watch.nothing_follows()
    watch.nothing_follows()
    assert (keys, watch.is_waiting) == (["escape"], False)


@pytest.mark.parametrize("parts", [["\x1b[A"], ["\x1b", "[A"], ["\x1b", "O", "A"]])
def test_an_arrow_is_an_arrow_however_it_comes(parts: list[str], watch: EscapeWatch, keys: list[str]) -> None:
    for part in parts:
        watch.take(part)
    watch.nothing_follows()
    assert keys == ["up"]


def test_what_is_typed_before_an_escape_does_not_wait_for_it(watch: EscapeWatch, keys: list[str]) -> None:
    watch.take("ab\x1b")
    assert keys == ["a", "b"]
    watch.nothing_follows()
    watch.take("c")
    assert keys == ["a", "b", "escape", "c"]


@pytest.mark.parametrize(
    ("environment", "delay"),
    [
        ({}, 0.025),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, 0.1),
        ({"SSH_TTY": "/dev/pts/1"}, 0.1),
        ({"ESCDELAY": "60", "SSH_TTY": "/dev/pts/1"}, 0.06),
        ({"ESCDELAY": "0"}, 0.025),
        ({"ESCDELAY": "soon"}, 0.025),
    ],
)
def test_how_long_the_rest_of_a_key_may_take(environment: dict[str, str], delay: float) -> None:
    assert escape_delay(environment) == delay


class Typed(TerminalInput):
    """What is read from one end of a pipe; no terminal is set up."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self.exit_event = threading.Event()
        self._debug = False
        self.came: list[Message] = []

    def process_message(self, message: Message) -> None:
        self.came.append(message)


class Stopped(TerminalInput):
    """One that was stopped while it had the terminal; it notes what it does about that."""

    def __init__(self, fileno: int, *, is_told: bool = False) -> None:
        self.fileno = fileno
        self.done: list[str] = []
        self._auto_restart, self._has_terminal, self._must_signal_resume = True, not is_told, is_told
        app: Any = SimpleNamespace(post_message=lambda message: self.done.append(type(message).__name__))
        loop: Any = SimpleNamespace(call_soon_threadsafe=lambda call: call())
        self._app, self._loop = app, loop

    def suspend_application_mode(self) -> None:
        self.done.append("suspended")

    def resume_application_mode(self) -> None:
        self.done.append("begun")


def test_one_that_was_stopped_from_outside_begins_no_second_time() -> None:
    terminal, shell = pty.openpty()
    tty.setraw(shell)
    stopped = Stopped(shell)
    stopped._sigcont_application()
    assert stopped.done == ["SignalResume"], "it paints anew"
    flags = termios.tcgetattr(shell)
    flags[tty.LFLAG] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(shell, termios.TCSANOW, flags)
    had_by_shell = Stopped(shell)
    had_by_shell._sigcont_application()
    assert had_by_shell.done == ["suspended", "begun"]
    for descriptor in (shell, terminal):
        os.close(descriptor)


def test_one_that_has_left_the_terminal_takes_it_again_only_where_it_was_told_to() -> None:
    suspended = Stopped(0, is_told=True)
    suspended._sigcont_application()
    assert suspended.done == ["begun"]
    left = Stopped(0, is_told=True)
    left._must_signal_resume = False
    left._sigcont_application()
    assert left.done == []


def test_a_program_that_is_kept_from_its_work_tears_nothing_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However late it reads the second half: what ends a paste lies across the end of what is read at once."""
    monkeypatch.setattr("textual._parser.get_time", count(0.0, 10.0).__next__)
    begin, end, text = "\x1b[200~", "\x1b[201~", "x" * (4096 - 6 - 3)
    ours, theirs = os.pipe()
    os.write(theirs, f"{begin}{text}{end}a".encode())
    os.close(theirs)
    typed = Typed(ours)
    typed.run_input_thread()
    os.close(ours)
    assert [one.text if isinstance(one, Paste) else one for one in typed.came[:1]] == [text]
    assert [one.key for one in typed.came[1:] if isinstance(one, Key)] == ["a"]
