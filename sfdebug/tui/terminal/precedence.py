"""Keys come before what is computed on a thread: it waits while a key is on its way to the screen."""

from __future__ import annotations

from threading import Event
from typing import Final

_LONGEST: Final = 0.1
"""So many seconds after a key what waits for it goes on: it may have changed nothing that is seen."""


class Precedence:
    """Whether something has been typed or clicked of which nothing is on the screen yet."""

    def __init__(self) -> None:
        self._is_free = Event()
        self._is_free.set()

    def take(self) -> None:
        """Something has been typed: the others wait."""
        self._is_free.clear()

    def give(self) -> None:
        """What it does is on the screen: the others go on."""
        self._is_free.set()

    def wait(self) -> None:
        """Wait, on another thread, while the screen has precedence; not for long."""
        if not (self._is_free.is_set() or self._is_free.wait(_LONGEST)):
            self._is_free.set()


PRECEDENCE: Final = Precedence()
"""That of the screen: a process has one."""
