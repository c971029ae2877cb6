"""A drawing that is made on a thread gives way to the thread that must not wait: the one that answers keys.

Python runs one thread at a time, and gives each as long as the other: what has work of ten milliseconds takes twenty
beside one that computes. So a drawing asks again and again whether it should wait, at places that it passes every few
milliseconds, however large it is. There it ends, too, when nobody wants it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_WAIT: ContextVar[Callable[[], None] | None] = ContextVar("wait", default=None)


class DrawingGivenUp(Exception):
    """Raised by what a drawing waits with, when it is not wanted any more."""


def give_way() -> None:
    """Wait, on a thread that gives way, for as long as it should; on others go on."""
    wait = _WAIT.get()
    if wait is not None:
        wait()


@contextmanager
def giving_way(wait: Callable[[], None]) -> Iterator[None]:
    """What is drawn on this thread calls `wait` every few milliseconds, which returns when the drawing may go on, or
    raises what ends it."""
    token = _WAIT.set(wait)
    try:
        yield
    finally:
        _WAIT.reset(token)
