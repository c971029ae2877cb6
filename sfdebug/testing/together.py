"""Many test cases: gathered from files and folders, and run by several processes where that is worth their start."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError, UsageError
from sfdebug.processes import MOST_JOBS, shared_out, usable_cores
from sfdebug.testing.model import CaseOutcome, MachineCase
from sfdebug.testing.reading import CaseFileError, is_case_file, read_cases
from sfdebug.testing.running import machine_at, run_case

if TYPE_CHECKING:
    from sfdebug.projects.addresses import DefinitionAddress

_WORTH: Final = 150
"""So many cases take longer than a second process does to begin."""
_FEW: Final = 32
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "cdk.out"})


class FoundCases(Struct, frozen=True):
    """The cases that were found, and the files that could not be read."""

    cases: tuple[MachineCase, ...]
    errors: tuple[CaseFileError, ...]


def find_cases(paths: Iterable[str]) -> FoundCases:
    """The cases in files and folders, in the order of their names; those of a file once, however often it is named.

    Raises UsageError for a place that there is not, or that has no file of cases.
    """
    cases: list[MachineCase] = []
    errors: list[CaseFileError] = []
    files: dict[str, Path] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found = _files_below(path)
        elif path.exists():
            found = [path]
        else:
            raise UsageError("there is no such file or folder", where=given, fix="Check the path.")
        if not found:
            fix = "They are called *.sfn.yaml: docs/testing.md shows one."
            raise UsageError("there is no file of test cases", where=given, fix=fix)
        for one in found:
            files.setdefault(os.path.abspath(one), one)
    for file in files.values():
        try:
            cases += read_cases(file)
        except CaseFileError as error:
            errors.append(error)
    return FoundCases(tuple(cases), tuple(errors))


def _files_below(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        found += [Path(root, name) for name in sorted(names) if is_case_file(name)]
    return found


def without_cases(machines: Iterable[DefinitionAddress]) -> list[str]:
    """The other machines of the projects of these, by their addresses: nothing is counted of them, taken or not."""
    left: dict[tuple[str, str], str] = {}
    tested = set()
    for address in {one.text: one for one in machines}.values():
        try:
            opened = machine_at(address.path, address.name)[0]
        except SfdebugError:  # its cases say so
            continue
        if opened.project is None or opened.machine is None:
            continue
        where = os.path.abspath(address.path)
        tested.add((where, opened.machine.name))
        for one in opened.project.machines:
            left.setdefault((where, one.name), f"{address.path}#{one.name}")
    return [text for key, text in left.items() if key not in tested]


def run_cases(
    cases: Sequence[MachineCase], jobs: int | None = None, *, keeps_runs: bool = False
) -> Generator[CaseOutcome, None, None]:
    """What comes of each case, in their order, as it comes. Close it to give up early: then no process is left.

    Args:
        cases: The cases.
        jobs: How many processes; by default as many as are worth their start.
        keeps_runs: Whether runs that are not as expected are kept whole.

    Raises WorkerError when a process ended before its time.
    """
    jobs = jobs_for(len(cases)) if jobs is None else jobs
    with closing(shared_out(partial(_runner, keeps_runs), cases, jobs, most=_FEW, doing="runs test cases")) as found:
        yield from found


def jobs_for(count: int) -> int:
    """How many processes are worth their start for so many cases."""
    return min(usable_cores(), MOST_JOBS) if count >= _WORTH else 1


def _runner(keeps_runs: bool) -> Callable[[MachineCase], CaseOutcome]:
    return partial(run_case, keeps_run=keeps_runs)
