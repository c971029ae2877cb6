"""Asking what the engine would make of an answer, while it is filled in."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from textual.app import App

    from sfdebug.debugger.stepping.outcome_forecast import OutcomeForecast
    from sfdebug.engine.execution.decisions import Answer

Foretell: TypeAlias = "Callable[[Answer], OutcomeForecast | None]"
"""What the engine would make of an answer; None where that is not known."""


def nothing_foretold(answer: Answer) -> None:
    """Where nobody can say what the engine would do, the state's fields alone are judged."""


class Foretelling:
    """Asks what the engine would make of a result, on a thread of its own: the expressions that a result goes through
    may take seconds. Of the results typed meanwhile the last one is asked about next."""

    def __init__(self, foretell: Foretell, tell: Callable[[OutcomeForecast | None], None]) -> None:
        """`tell` is called on the program's own thread."""
        self._foretell = foretell
        self._tell = tell
        self._lock = threading.Lock()
        self._next: list[Answer | None] = []
        self._is_at_work = False

    def ask(self, app: App[Any], answer: Answer | None) -> None:
        """Ask about this one; None when there is none to ask about."""
        with self._lock:
            self._next = [answer]
            if self._is_at_work:
                return
            self._is_at_work = True
        threading.Thread(target=self._work, args=(app,), name="sfdebug-foretell", daemon=True).start()

    @property
    def is_at_work(self) -> bool:
        """Whether an answer is still to come."""
        return self._is_at_work

    def _work(self, app: App[Any]) -> None:
        while True:
            with self._lock:
                if not self._next:
                    self._is_at_work = False
                    return
                (answer,) = self._next
                self._next = []
            try:
                foretold = self._foretell(answer) if answer is not None else None
            except Exception:  # a forecast that cannot be made is none: the answer itself will say what is wrong
                foretold = None
            with contextlib.suppress(RuntimeError, CancelledError):  # the program is being left
                app.call_from_thread(self._tell, foretold)
