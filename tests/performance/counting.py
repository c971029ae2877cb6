"""Counting what a piece of work costs: calls of Python functions, and blocks and bytes that stay allocated.

What is counted is the same on every machine and, nearly, on every Python: comprehensions, which are functions of their
own only before 3.12, do not count, nor do the standard library and what is written in C.
"""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any, Final

import sfdebug

_OURS: Final = str(Path(sfdebug.__file__).parent)
_SCREEN: Final = tuple(f"/site-packages/{package}/" for package in ("textual", "rich"))
_COMPREHENSIONS: Final = ("<listcomp>", "<dictcomp>", "<setcomp>")


@dataclass
class Calls:
    """How many calls there were of sfdebug's functions, and of Textual's and Rich's."""

    ours: int = 0
    screen: int = 0


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """The calls inside, of this thread and of those that begin there."""
    calls = Calls()

    def saw(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_name not in _COMPREHENSIONS:
            whose = _whose(frame.f_code.co_filename)
            if whose == "ours":
                calls.ours += 1
            elif whose == "screen":
                calls.screen += 1

    threading.setprofile(saw)
    sys.setprofile(saw)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def calls_of(work: Callable[[], object]) -> int:
    """How many functions of sfdebug's a piece of work calls."""
    with counted_calls() as calls:
        work()
    return calls.ours


def blocks_kept_by(work: Callable[[], object]) -> int:
    """How many blocks of memory are allocated for as long as what `work` returns is held."""
    with _no_garbage():
        before = sys.getallocatedblocks()
        held: Any = work()
        gc.collect()
        kept = sys.getallocatedblocks() - before
        del held
    return kept


def bytes_kept_by(work: Callable[[], object]) -> int:
    """How many bytes are allocated for as long as what `work` returns is held."""
    with _no_garbage():
        tracemalloc.start(1)
        try:
            held: Any = work()
            gc.collect()
            kept, _ = tracemalloc.get_traced_memory()
            del held
        finally:
            tracemalloc.stop()
    return kept


def peak_bytes_of(work: Callable[[], object]) -> int:
    """How many bytes a piece of work has allocated at once, at most."""
    tracemalloc.start(1)
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def each(measure: Callable[[Callable[[], object]], int], work: Callable[[int], object], few: int, many: int) -> float:
    """What one more of them costs: the difference between `few` and `many`, so that what is done once does not count.

    Once before, uncounted: what is made at the first use stays.
    """
    work(few)
    return (measure(lambda: work(many)) - measure(lambda: work(few))) / (many - few)


def each_kept(
    measure: Callable[[Callable[[], object]], int], work: Callable[[int], object], few: int, many: int
) -> float:
    """What is kept of one more of them: the middle one of three counts.

    Python counts the memory of all threads, and one that others have left (a client's, the one that takes what a
    process of tests is told) may allocate just then. In two counts of three it does not.
    """
    return median(each(measure, work, few, many) for _ in range(3))


@contextmanager
def _no_garbage() -> Iterator[None]:
    is_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


@cache
def _whose(file: str) -> str:
    if file.startswith(_OURS):
        return "ours"
    return "screen" if any(package in file.replace("\\", "/") for package in _SCREEN) else ""
