"""Work on threads of its own, so that the screen stays alive: a verb of the debugger, and a forecast for a dialog."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from textual.app import App

    from sfdebug.debugger.stepping.forecasts import OutcomeForecast
    from sfdebug.debugger.verbs import Stop
    from sfdebug.engine.execution.decisions import Answer

Interrupt: TypeAlias = Callable[[], bool]
Interruptible: TypeAlias = "Callable[[Interrupt], Stop]"


class Running:
    """One call of a verb under way. The debugger must not be touched until `is_over`."""

    def __init__(self, verb: Interruptible) -> None:
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

    @property
    def is_interrupted(self) -> bool:
        """Whether the verb was asked to stop."""
        return self._wanted_over.is_set()

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


AnswerForecaster: TypeAlias = "Callable[[Answer], OutcomeForecast | None]"
"""What the engine would make of an answer; None where that is not known."""


def no_forecast(answer: Answer) -> None:
    """Where nobody can say what the engine would do, the state's fields alone are judged."""


class ForecastThread:
    """Asks what the engine would make of a result, on a thread of its own: the expressions that a result goes through
    may take seconds. Of the results typed meanwhile the last one is asked about next."""

    def __init__(self, forecast_of: AnswerForecaster, tell: Callable[[OutcomeForecast | None], None]) -> None:
        """`tell` is called on the program's own thread."""
        self._forecast_of = forecast_of
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
        threading.Thread(target=self._work, args=(app,), name="sfdebug-forecast", daemon=True).start()

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
                outcome = self._forecast_of(answer) if answer is not None else None
            except Exception:  # a forecast that cannot be made is none: the answer itself will say what is wrong
                outcome = None
            with contextlib.suppress(RuntimeError, CancelledError):  # the program is being left
                app.call_from_thread(self._tell, outcome)
