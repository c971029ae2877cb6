"""The calls of a handler that are under way: several at once where many executions ask it, and all can be ended."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sfdebug.tasks.outside import CallCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class Cancellable(Protocol):
    """What another thread can end."""

    def cancel(self) -> None:
        """End it."""


CallT = TypeVar("CallT", bound=Cancellable)


class CallsUnderWay(Generic[CallT]):
    """The calls that are under way now."""

    def __init__(self) -> None:
        self._calls: list[CallT] = []

    @contextmanager
    def during(self, call: CallT) -> Iterator[CallT]:
        """Have this be one of them as long as the block runs."""
        self._calls.append(call)
        try:
            yield call
        finally:
            self._calls.remove(call)

    def __iter__(self) -> Iterator[CallT]:
        """Those of this moment."""
        return iter(tuple(self._calls))

    def cancel(self) -> None:
        """End them all, from another thread."""
        for call in self:
            call.cancel()


class AwaitedCall:
    """A call that cannot be ended itself, in one step or in several: who waits for it can be told to leave it."""

    def __init__(self) -> None:
        self._is_cancelled = threading.Event()
        self._waiting: SimpleQueue[Any] | None = None
        """What the step under way will give; None in it ends the waiting."""

    def cancel(self) -> None:
        """Have nobody wait for it any more, from another thread."""
        self._is_cancelled.set()
        waiting = self._waiting
        if waiting is not None:
            waiting.put(None)

    def check(self, cancelled: str) -> None:
        """Raise CallCancelledError, in these words, after `cancel`."""
        if self._is_cancelled.is_set():
            raise CallCancelledError(cancelled)

    def rest(self, seconds: float, cancelled: str) -> None:
        """Wait before the next step. Raises CallCancelledError, in these words, after `cancel`."""
        self._is_cancelled.wait(seconds)
        self.check(cancelled)

    def given(
        self,
        run: Callable[[], T],
        cancelled: str,
        seconds: float | None = None,
        slow: tuple[float, Callable[[], None]] | None = None,
    ) -> T:
        """What `run` gives on a thread of its own, which is left when this is cancelled or takes too many `seconds`.
        With `slow`, somebody is told after so many seconds that it is still waited for.

        Raises CallCancelledError in the words of `cancelled`, TimeoutError, and what `run` raises.
        """
        answers: SimpleQueue[Callable[[], T] | None] = SimpleQueue()

        def answer() -> None:
            try:
                found = run()
            except Exception as error:  # whatever it is, it is raised where it is waited for
                answers.put(partial(_raised, error))
            else:
                answers.put(lambda: found)

        self._waiting = answers
        try:
            self.check(cancelled)
            threading.Thread(target=answer, name="sfdebug-service-call", daemon=True).start()
            given = _taken(answers, seconds, slow)
        except Empty:
            raise TimeoutError(f"no answer within {seconds:g} s") from None
        finally:
            self._waiting = None
        if given is None:
            raise CallCancelledError(cancelled)
        return given()


def _taken(answers: SimpleQueue[T], seconds: float | None, slow: tuple[float, Callable[[], None]] | None) -> T:
    """What comes first. Raises Empty."""
    if slow is not None:
        patience, tell = slow
        try:
            return answers.get(timeout=patience)
        except Empty:
            tell()
    return answers.get(timeout=seconds)


def _raised(error: Exception) -> Any:
    """Raise what another thread has raised."""
    raise error
