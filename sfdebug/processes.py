"""Work shared out to several processes: the same results, in the same order, as they come.

A process is given a few things at a time and gives their results back, so that no more than those is held at once. None
outlives the one that began it, however that ends.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

_T = TypeVar("_T")
_R = TypeVar("_R")

Work: TypeAlias = Callable[[_T], _R]
Begin: TypeAlias = Callable[[], Work[_T, _R]]
"""Makes what does the work, once in each process: a function of a module, or a `partial` of one."""

MOST_JOBS: Final = 8
_MOST_AT_ONCE: Final = 61
"""Windows can wait for no more. Source: Python's documentation of ProcessPoolExecutor."""
_MOMENT: Final = 0.5
"""Seconds after which Ctrl+C is heard in any case."""
_FEW: Final = 16
"""Things that a process is given at a time, at most: progress is told after each lot."""


class WorkerError(SfdebugError):
    """A process that worked for this one ended before its time: killed, or out of memory."""


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def can_fork() -> bool:
    """Whether a copy of this process can be trusted to work: on Linux, where no thread holds a lock meanwhile."""
    return sys.platform == "linux" and threading.active_count() == 1


def shared_out(
    begin: Begin[_T, _R],
    things: Sequence[_T],
    jobs: int,
    *,
    most: int = _FEW,
    doing: str = "works for this one",
    meanwhile: Callable[[], None] | None = None,
) -> Generator[_R, None, None]:
    """The results of each thing, in their order, as they come. Close it to give up early: then no process is left.

    Args:
        begin: Makes what does the work.
        things: What there is to do; each can be sent to another process, and its result back.
        jobs: How many processes; 1 does all of it here.
        most: So many things at most a process is given at a time.
        doing: What a process does, for the error where one ends before its time.
        meanwhile: What this process does while the first results are on their way; nothing where it works itself.

    Raises what `begin` and the work raise, and WorkerError when a process ended before its time.
    """
    jobs = min(jobs, len(things), _MOST_AT_ONCE)
    if jobs < 2:
        yield from _here(begin, things)
        return
    lots = _lots(things, jobs, most)
    others = set(multiprocessing.active_children())
    try:
        pool = _pool(begin, jobs)
    except (ImportError, NotImplementedError, OSError):  # a system without what processes share
        yield from _here(begin, things)
        return
    try:
        yield from _in_order(pool, lots, jobs, doing, meanwhile)
        pool.shutdown()
    except BaseException:
        # Whoever stops this has not to wait for results that nobody wants: also not at the end of the program.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        raise


def _lots(things: Sequence[_T], jobs: int, most: int) -> Iterator[Sequence[_T]]:
    """The things in lots, smaller ones towards the end: no process works alone for long at last."""
    start = 0
    while start < len(things):
        end = start + max(1, min(most, (len(things) - start) // (2 * jobs)))
        yield things[start:end]
        start = end


def _here(begin: Begin[_T, _R], things: Sequence[_T]) -> Iterator[_R]:
    work = begin()
    for thing in things:
        yield work(thing)


def _in_order(
    pool: ProcessPoolExecutor,
    lots: Iterator[Sequence[_T]],
    jobs: int,
    doing: str,
    meanwhile: Callable[[], None] | None,
) -> Iterator[Any]:
    """The results of lot after lot; no more of them are under way than keep all processes busy."""
    from concurrent.futures.process import BrokenProcessPool

    under_way: deque[Future[list[Any]]] = deque()
    try:
        under_way.extend(pool.submit(_work, lot) for lot in islice(lots, 2 * jobs))
        if meanwhile is not None:
            meanwhile()
        while under_way:
            results = _awaited(under_way.popleft())
            under_way.extend(pool.submit(_work, lot) for lot in islice(lots, 1))
            yield from results
    except BrokenProcessPool as error:
        what = f"a process that {doing} has ended before its time: it was killed, perhaps for memory"
        raise WorkerError(what, fix="Do it one after the other: --jobs 1") from error


def _awaited(future: Future[list[Any]]) -> list[Any]:
    """What a future comes to, waited for a moment at a time: Python runs the handler of a signal that came right before
    a wait only when that ends, and what works for this process may take for ever."""
    from concurrent.futures import wait

    while not wait((future,), _MOMENT).done:
        pass
    return future.result()


def _pool(begin: Begin[Any, Any], jobs: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if can_fork() else "spawn")
    _begin_tracker()
    given = (begin, sys.getrecursionlimit(), gc.get_threshold())
    return ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=given)


def _begin_tracker() -> None:
    """Begin the process that looks after what processes share, which is given stderr: a screen's stand-in for that says
    that it is the file -1, with which no process begins (ValueError: bad value(s) in fds_to_keep)."""
    if sys.platform == "win32":
        return
    from multiprocessing import resource_tracker

    shown = sys.stderr
    try:
        is_a_file = shown.fileno() >= 0
    except (AttributeError, OSError, ValueError):  # then it is left out
        is_a_file = True
    if is_a_file:
        return
    sys.stderr = sys.__stderr__
    try:
        resource_tracker.ensure_running()
    finally:
        sys.stderr = shown


_WORK: Final[list[Work[Any, Any]]] = []
"""In a process that works for another one: what does the work."""


def _begin(begin: Begin[Any, Any], stack: int, collect_after: tuple[int, int, int]) -> None:
    """What a process does first: it is set up as its parent is, and leaves signals and its own end to that."""
    sys.setrecursionlimit(stack)
    gc.set_threshold(*collect_after)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is sent to all of them; the parent ends the others
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    threading.Thread(name="sfdebug-parent", target=_end_with_parent, daemon=True).start()
    _WORK[:] = [begin()]


def _end_with_parent() -> None:
    """Wait for the parent's end, however that comes, and end too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(lot: Sequence[Any]) -> list[Any]:
    """The results of some things, in a process that has begun."""
    (work,) = _WORK
    return [work(thing) for thing in lot]
