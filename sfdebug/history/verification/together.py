"""Verifying many files, by several processes where that is worth their start: the same verdicts, in the same order.

A process is given a few files at a time and gives their verdicts back, so that no more than those is held at once.
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
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.engine import Program
from sfdebug.errors import SfdebugError
from sfdebug.history.reading.read import DefinitionsBeside
from sfdebug.history.verification.verify import FolderFile, found_in, verify_found

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.history.verification.verdict import Verification

File: TypeAlias = tuple[Path, bool]
"""A file, and whether it was named itself, not found in a folder or by a glob."""
Verdicts: TypeAlias = "list[Verification | FolderFile]"
"""What is said of one file."""

_MOST_JOBS: Final = 8
_MOST_AT_ONCE: Final = 61
"""Windows can wait for no more. Source: Python's documentation of ProcessPoolExecutor."""
_WORTH_A_FORK: Final = 2_000_000
"""Bytes of histories that take longer than a second process, where that is forked: a few tenths of a second."""
_WORTH_A_START: Final = 12_000_000
"""The same where a process starts from nothing, and loads the package first."""
_FEW: Final = 16
"""Files that a process is given at a time, at most: progress is told after each lot."""


class WorkerError(SfdebugError):
    """A process that verified ended before its time: killed, or out of memory."""


class Question(Struct, frozen=True):
    """What is asked of every file. `recorded_definition` is the one that all of them ran, where it was given."""

    machine: StateMachine
    rules: Rules
    recorded_definition: StateMachine | None = None
    same_effects: bool = False
    outcomes: bool = False


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def jobs_for(files: Sequence[File]) -> int:
    """How many processes are worth their start for these files: one, where they are few or small."""
    jobs = min(usable_cores(), _MOST_JOBS, len(files) // _FEW)
    if jobs < 2:
        return 1
    worth = _WORTH_A_FORK if _can_fork() else _WORTH_A_START
    total = 0
    for path, _ in files:
        with suppress(OSError, ValueError):
            total += path.stat().st_size
        if total >= worth:
            return jobs
    return 1


def verify_files(
    question: Question,
    files: Sequence[File],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Generator[Verification | FolderFile, None, None]:
    """The verdicts on all executions in files, in their order, as they come.

    Close the iterator to give up early: then no process is left. Without that, none outlives this one either.

    Args:
        question: What is asked of each.
        files: The files.
        jobs: How many processes; by default as many as are worth their start.
        progress: Is told how many of the files are done, of how many.

    Raises UnsupportedError when the definition cannot be run, WorkerError when a process ended before its time.
    """
    verifier = _Verifier(question)
    jobs = min(jobs_for(files) if jobs is None else jobs, len(files), _MOST_AT_ONCE)
    found = _one_by_one(verifier, files) if jobs < 2 else _together(question, verifier, files, jobs)
    with closing(found):
        for number, verdicts in enumerate(found, 1):
            yield from verdicts
            if progress is not None:
                progress(number, len(files))


class _Verifier:
    """Answers the question for one file after the other; the definition is made a program once."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._program = Program(question.machine)
        self._beside = DefinitionsBeside()

    def verdicts(self, file: File) -> Verdicts:
        question = self._question
        return list(
            verify_found(
                self._program,
                found_in(*file),
                question.rules,
                recorded_definition=question.recorded_definition,
                same_effects=question.same_effects,
                outcomes=question.outcomes,
                beside=self._beside,
            )
        )


def _one_by_one(verifier: _Verifier, files: Sequence[File]) -> Generator[Verdicts, None, None]:
    for file in files:
        yield verifier.verdicts(file)


# several processes


def _together(
    question: Question, verifier: _Verifier, files: Sequence[File], jobs: int
) -> Generator[Verdicts, None, None]:
    """The verdicts of each file, by so many processes; by this one where there can be no others."""
    size = max(1, min(_FEW, len(files) // (2 * jobs)))
    lots = iter([files[start : start + size] for start in range(0, len(files), size)])
    others = set(multiprocessing.active_children())
    try:
        pool = _pool(question, jobs)
    except (ImportError, NotImplementedError, OSError):  # a system without what processes share
        yield from _one_by_one(verifier, files)
        return
    try:
        yield from _in_order(pool, lots, jobs)
        pool.shutdown()
    except BaseException:
        # Whoever stops this has not to wait for verdicts that nobody wants: also not at the end of the program.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        raise


def _in_order(pool: ProcessPoolExecutor, lots: Iterator[Sequence[File]], jobs: int) -> Iterator[Verdicts]:
    """The verdicts of lot after lot; no more of them are under way than keep all processes busy."""
    from concurrent.futures.process import BrokenProcessPool

    under_way: deque[Future[list[Verdicts]]] = deque()
    try:
        under_way.extend(pool.submit(_verdicts_of, lot) for lot in islice(lots, 2 * jobs))
        while under_way:
            verdicts = under_way.popleft().result()
            under_way.extend(pool.submit(_verdicts_of, lot) for lot in islice(lots, 1))
            yield from verdicts
    except BrokenProcessPool as error:
        what = (
            "a process that verifies recorded executions has ended before its time: it was killed, perhaps for memory"
        )
        raise WorkerError(what, fix="Verify them one after the other: --jobs 1") from error


def _pool(question: Question, jobs: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if _can_fork() else "spawn")
    _begin_tracker()
    given = (question, sys.getrecursionlimit(), gc.get_threshold())
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


def _can_fork() -> bool:
    """Whether a copy of this process can be trusted to work: on Linux, where no thread holds a lock meanwhile."""
    return sys.platform == "linux" and threading.active_count() == 1


_VERIFIERS: Final[list[_Verifier]] = []
"""In a process that verifies: its one verifier."""


def _begin(question: Question, stack: int, collect_after: tuple[int, int, int]) -> None:
    """What a process does first: it is set up as its parent is, and leaves signals and its own end to that."""
    sys.setrecursionlimit(stack)
    gc.set_threshold(*collect_after)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is sent to all of them; the parent ends the others
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, name="sfdebug-parent", daemon=True).start()
    _VERIFIERS[:] = [_Verifier(question)]


def _end_with_parent() -> None:
    """Wait for the parent's end, however that comes, and end too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _verdicts_of(files: Sequence[File]) -> list[Verdicts]:
    """The verdicts of each of some files, in a process that has begun."""
    (verifier,) = _VERIFIERS
    return [verifier.verdicts(file) for file in files]
