"""Esc without a tenth of a second's wait.

A terminal sends Esc as the character that every other special key begins with, so Esc is known only when nothing
follows it. A terminal on this machine writes a sequence in one go: if the rest is not there, it is not coming. Over a
network the rest may come later. (Terminals with Kitty's keyboard protocol tell Esc apart: then nothing is waited for.)

What counts is how long nothing was there to be read, not what a clock shows: a program that did not have the processor
for a second has been slow itself, and the rest of a key, or of what ends a paste, is there.
"""

from __future__ import annotations

import os
import select
import termios
import tty
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from sfdebug.tui.terminal.output import LastingOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.message import Message

_ESCAPE: Final = "\x1b"
_HERE: Final = 0.025
_FAR: Final = 0.1
"""Seconds after which an Esc is one, on this machine and over a network."""

_TICK: Final = 0.1
"""Seconds between two looks at whether the program ends, and whether a sequence was left unfinished."""

_MOST: Final = 4_096


def escape_delay(environment: Mapping[str, str]) -> float:
    """How many seconds the rest of a key may take to come: ESCDELAY, in milliseconds as for other programs, if set."""
    wanted = environment.get("ESCDELAY", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted) / 1000
    return _FAR if "SSH_CONNECTION" in environment or "SSH_TTY" in environment else _HERE


class EscapeWatch:
    """Hands on what is typed, but keeps an Esc at the end back until it is known whether something follows it."""

    def __init__(self, feed: Callable[[str], Iterable[Message]], tell: Callable[[Message], None]) -> None:
        """`feed` makes messages of characters, `tell` gets them."""
        self._feed = feed
        self._tell = tell
        self.is_waiting = False
        """Whether there is an Esc that may be the beginning of something."""

    def take(self, text: str) -> None:
        """These characters have come."""
        text = _ESCAPE * self.is_waiting + text
        self.is_waiting = text.endswith(_ESCAPE)
        if self.is_waiting:
            text = text[:-1]
        for message in self._feed(text) if text else ():
            self._tell(message)

    def nothing_follows(self) -> None:
        """Nothing has come for as long as the rest of a key may take."""
        if self.is_waiting:
            self.is_waiting = False
            self._tell(events.Key("escape", _ESCAPE))


class TerminalInput(LinuxDriver):
    """Textual's driver, but that it knows an Esc sooner, and is kept by no terminal that has gone.

    Nor does it begin once more where it goes on after it was stopped without being told (SIGSTOP): two threads would
    read what is typed, one of them for good.
    """

    _has_terminal = False
    """Whether the terminal is set up for the screen, and read."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._file: Any = LastingOutput(self._file)

    def start_application_mode(self) -> None:
        """Set the terminal up; in the background of a shell it is not to be had."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = self._key_thread is not None and self._key_thread.is_alive()

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was."""
        self._has_terminal = False
        super().stop_application_mode()

    def _sigcont_application(self, *_: Any) -> None:
        """The program goes on: where Ctrl+Z had suspended it, as Textual does."""
        if self._has_terminal:
            with suppress(RuntimeError):  # the program is being left
                self._loop.call_soon_threadsafe(self._gone_on)
        elif self._must_signal_resume:
            super()._sigcont_application()

    def _gone_on(self) -> None:
        """Paint anew, on a terminal that a shell may have had meanwhile, and set up as it likes."""
        if not self._has_terminal or not self._auto_restart:
            return
        if self._is_set_up():
            self._app.post_message(self.SignalResume())
            return
        self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()

    def _is_set_up(self) -> bool:
        """Whether keys still come one by one, and are not echoed."""
        try:
            flags: int = termios.tcgetattr(self.fileno)[tty.LFLAG]
        except termios.error:  # it has gone
            return True
        return not flags & (termios.ICANON | termios.ECHO)

    def run_input_thread(self) -> None:
        """Read what is typed until the program ends."""
        parser = XTermParser(self._debug)
        watch = EscapeWatch(parser.feed, self.process_message)
        decode = getincrementaldecoder("utf-8")("replace").decode
        delay, quiet = escape_delay(os.environ), 0.0
        while not self.exit_event.is_set():
            seconds = delay if watch.is_waiting else _TICK
            ready, _, _ = select.select([self.fileno], [], [], seconds)
            if ready:
                content, quiet = os.read(self.fileno, _MOST), 0.0
                if not content:
                    return  # the terminal is gone, or stdin is at its end
                watch.take(decode(content))
                continue
            watch.nothing_follows()
            quiet += seconds
            for message in parser.tick() if quiet >= constants.ESCAPE_DELAY else ():
                self.process_message(message)
