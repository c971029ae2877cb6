"""Python's collector of cycles kept out of work that makes many values and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Final, ParamSpec, TypeVar

_COLLECT_AFTER: Final = 50_000
_STEADILY: Final = (2_000, 5, 4)
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def without_collection(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """`function`, during which no garbage is collected: drawing a graph takes a third less time so.

    It is only put off, for some milliseconds; whoever has turned it off finds it off.
    """

    @wraps(function)
    def paused(*args: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        if not gc.isenabled():
            return function(*args, **options)
        gc.disable()
        try:
            return function(*args, **options)
        finally:
            gc.enable()

    return paused


def begin_without_collection() -> Callable[[], None]:
    """No garbage is collected until what is returned is called: what a program loads and makes to begin with stays,
    and looking through it is a twentieth of the time to the first picture, and a pause with every step later.

    Returns:
        Begins to collect, and leaves out what there is by then. Whoever had turned it off finds it off.
    """
    was_enabled = gc.isenabled()
    gc.disable()

    def begun() -> None:
        if was_enabled and not gc.isenabled():
            gc.freeze()
            gc.enable()

    return begun


def keep_for_good() -> None:
    """Never look again through what there is by now: a recording of many thousand events, which would stop a screen for
    a quarter of a second each time."""
    if gc.isenabled():
        gc.freeze()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Has Python's collector of cycles look seldom: an execution grows by thousands of values that form none, and
    looking through them again and again takes a fifth of the time of a run."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _COLLECT_AFTER) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def steadily_collected() -> Iterator[None]:
    """Has Python's collector of cycles look at everything that came since now again and again: who runs for days and
    lets go of what is old, as a server does, would hold it until the collector comes by, and seldom is never."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*(_STEADILY if before[0] else before))
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
