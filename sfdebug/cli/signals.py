"""Waiting and importing that no signal is lost to.

Python runs the handler of a signal between two of its own steps. One that comes behind the last of them, and before the
system call that blocks, is seen only when that call ends: a program that waits for another one, or for ever, would have
it wait, too. The byte that each signal writes here ends the call in any case (signal.set_wakeup_fd).

What a handler raises comes out of whatever runs then. An import may hold that for a module that is not there, and go on
without it: that of `xml.etree.ElementTree` does, and Ctrl+C was never pressed.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def held_signals() -> Iterator[None]:
    """The signals that end a program are heard at the end of what is inside: it takes a moment, and imports."""
    came: list[int] = []
    before: dict[int, Any] = {}
    with suppress(ValueError):  # not on the main thread, on which no handler runs
        for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
            if callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


class SignalWait:
    """A wait that ends whenever a signal has come, so that its handler runs, and when another thread ends it."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._before: int | None = None

    def __enter__(self) -> SignalWait:
        self._theirs.setblocking(False)
        with suppress(ValueError):  # not on the main thread, on which no handler runs
            self._before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.set_wakeup_fd(self._before)
        self._ours.close()
        self._theirs.close()

    def wait(self) -> None:
        """Wait for the next signal, or the end. What a handler raises comes out here."""
        self._ours.recv(4096)

    def end(self) -> None:
        """End the wait. May be called by any thread."""
        with suppress(OSError):  # it is full, and so not waited for; or it is over
            self._theirs.send(b"\0")
