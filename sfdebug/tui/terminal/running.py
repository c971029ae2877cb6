"""A verb of the debugger on a thread of its own, so that a long run leaves the screen alive and can be interrupted.

Short verbs, nearly all, end while the screen waits for them, and then nothing is shown of this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sfdebug.debugger.verbs import Stop

Interrupt: TypeAlias = Callable[[], bool]
Verb: TypeAlias = "Callable[[Interrupt], Stop]"


class Running:
    """One call of a verb under way. The debugger must not be touched until `is_over`."""

    def __init__(self, verb: Verb) -> None:
        self._verb = verb
        self._stop: Stop | None = None
        self._error: Exception | None = None
        self._wanted_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sfdebug-verb", daemon=True)

    def start(self, wait: float) -> bool:
        """Begin, and wait so many seconds at most; return whether it is over."""
        self._thread.start()
        self._thread.join(wait)
        return self.is_over

    @property
    def is_over(self) -> bool:
        """Whether the verb has returned."""
        return not self._thread.is_alive()

    def interrupt(self) -> None:
        """Ask the verb to stop at the next step."""
        self._wanted_over.set()

    def wait(self, seconds: float) -> bool:
        """Wait for it to return, so many seconds at most; return whether it has."""
        self._thread.join(seconds)
        return self.is_over

    def result(self) -> Stop:
        """What the verb returned. Raises what it raised."""
        assert self.is_over
        if self._error is not None:
            raise self._error
        assert self._stop is not None
        return self._stop

    def _run(self) -> None:
        try:
            self._stop = self._verb(self._wanted_over.is_set)
        except Exception as error:  # handed on to whoever asks for the result
            self._error = error
