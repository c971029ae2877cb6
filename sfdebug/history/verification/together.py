"""Verifying many files, by several processes where that is worth their start: the same verdicts, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.engine import Program
from sfdebug.history.reading.read import DefinitionsBeside
from sfdebug.history.verification.verify import FolderFile, found_in, verify_found
from sfdebug.processes import MOST_JOBS, can_fork, shared_out, usable_cores

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.history.verification.verdict import Verification

File: TypeAlias = tuple[Path, bool]
"""A file, and whether it was named itself, not found in a folder or by a glob."""
Verdicts: TypeAlias = "list[Verification | FolderFile]"
"""What is said of one file."""

_WORTH_A_FORK: Final = 2_000_000
"""Bytes of histories that take longer than a second process, where that is forked: a few tenths of a second."""
_WORTH_A_START: Final = 12_000_000
"""The same where a process starts from nothing, and loads the package first."""
_FEW: Final = 16
"""Files for each process, at least."""


class Question(Struct, frozen=True):
    """What is asked of every file. `recorded_definition` is the one that all of them ran, where it was given."""

    machine: StateMachine
    rules: Rules
    recorded_definition: StateMachine | None = None
    same_effects: bool = False
    outcomes: bool = False
    coverage: bool = False


def jobs_for(files: Sequence[File]) -> int:
    """How many processes are worth their start for these files: one, where they are few or small."""
    jobs = min(usable_cores(), MOST_JOBS, len(files) // _FEW)
    if jobs < 2:
        return 1
    worth = _WORTH_A_FORK if can_fork() else _WORTH_A_START
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
    meanwhile: Callable[[], None] | None = None,
) -> Generator[Verification | FolderFile, None, None]:
    """The verdicts on all executions in files, in their order, as they come.

    Close the iterator to give up early: then no process is left. Without that, none outlives this one either.

    Args:
        question: What is asked of each.
        files: The files.
        jobs: How many processes; by default as many as are worth their start.
        progress: Is told how many of the files are done, of how many.
        meanwhile: What this process does while others verify the first files; nothing where it does that itself.

    Raises UnsupportedError when the definition cannot be run, WorkerError when a process ended before its time.
    """
    jobs = jobs_for(files) if jobs is None else jobs
    Program(question.machine)  # what cannot be run is told here, not by a process that ends
    doing = "verifies recorded executions"
    found = shared_out(partial(_verifier, question), files, jobs, most=_FEW, doing=doing, meanwhile=meanwhile)
    with closing(found):
        for number, verdicts in enumerate(found, 1):
            yield from verdicts
            if progress is not None:
                progress(number, len(files))


def _verifier(question: Question) -> Callable[[File], Verdicts]:
    """What answers the question for one file after the other."""
    return _Verifier(question).verdicts


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
                coverage=question.coverage,
                beside=self._beside,
            )
        )
