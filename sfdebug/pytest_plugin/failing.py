"""What is said of a test that failed: where its runs went, and the command that opens them; or the debugger itself."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sfdebug import __version__
from sfdebug.errors import SfdebugError
from sfdebug.pytest_plugin.noted import name_of
from sfdebug.reports.testing import path_lines
from sfdebug.testing.keeping import FOLDER, forget_run, keep_run
from sfdebug.testing.model import CasePlace
from sfdebug.testing.running import FinishedCase, judged
from sfdebug.text import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.pytest_plugin.runs import CaseRun
    from sfdebug.testing.model import MachineCase

_MOST: int = 3
"""So many runs of one test are kept: the last ones."""


def kept_sections(item: pytest.Item, runs: Sequence[CaseRun]) -> list[tuple[str, str]]:
    """Each of the last runs of a test that failed, as a section of its report."""
    sections = []
    first = max(0, len(runs) - _MOST)
    for number, run in enumerate(runs[first:], first + 1):
        error = f" ({escaped(run.error)})" if run.error else ""
        ended = f"ended {run.status}{error}" if run.is_over else "came to no end"
        lines = [
            f"{escaped(str(_near(item, run.case.machine.path)))} {ended}",
            *(
                [] if run.found else path_lines(judged(run.case, FinishedCase(run.execution)))
            ),  # told with what was expected
        ]
        try:
            lines.append(f"open this run: sfdebug --session {escaped(str(_kept(item, run, number)))}")
        except (OSError, SfdebugError) as failure:
            lines.append(f"it could not be kept: {escaped(str(failure))}")
        sections.append(
            (f"sfdebug: run {number} of the test" if len(runs) > 1 else "sfdebug: the run", "\n".join(lines))
        )
    return sections


def forget_kept(item: pytest.Item, runs: Sequence[CaseRun]) -> None:
    """The test passes now: nothing of it is kept."""
    folder = item.config.rootpath / FOLDER
    if folder.is_dir():
        for number, run in enumerate(runs, 1):
            try:
                forget_run(_named(item, run.case, number), folder)
            except OSError:  # it is not in the way of a test that passes
                return


def _kept(item: pytest.Item, run: CaseRun, number: int) -> Path:
    case = _named(item, run.case, number)
    path = keep_run(run.kept, case, __version__, time.time(), item.config.rootpath / FOLDER)
    return _near(item, path)


def _named(item: pytest.Item, case: MachineCase, number: int) -> MachineCase:
    """A case with a place of its own for each run of each test: that of the test, and its number among them."""
    name = name_of(item) if number == 1 else f"{name_of(item)} {number}"
    root = item.config.rootpath
    place = item.path.relative_to(root) if item.path.is_relative_to(root) else item.path
    return replace(case, name=name, place=CasePlace(place.as_posix()))


def _near(item: pytest.Item, place: str | Path) -> Path:
    """A place as seen from the folder that pytest was called in."""
    path, folder = Path(place), item.config.invocation_params.dir
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def open_debugger(item: pytest.Item, report: pytest.TestReport, runs: Sequence[CaseRun]) -> None:
    """Say what failed, as --pdb does, and open the last run of it in the debugger, on the terminal that pytest runs in.

    When that is left, the tests go on, or end, as is said then.
    """
    reporter = item.config.pluginmanager.getplugin("terminalreporter")
    capture = item.config.pluginmanager.getplugin("capturemanager")
    if reporter is None:
        return
    if capture is not None:
        capture.suspend(in_=True)
    try:
        writer = item.config.get_terminal_writer()
        writer.line()
        writer.sep(">", escaped(item.nodeid))
        report.toterminal(writer)
        why_not = _why_not(runs)
        if why_not:
            reporter.write_line(f"sfdebug: no debugger is opened: {why_not}")
            return
        try:
            path = _kept(item, runs[-1], len(runs))
        except (OSError, SfdebugError) as failure:
            reporter.write_line(f"sfdebug: the run could not be kept: {escaped(str(failure))}")
            return
        # A process of its own: the screen takes the terminal, and gives it back whatever happens in it.
        command = [sys.executable, "-m", "sfdebug", "--session", str(path)]
        subprocess.run(command, check=False, cwd=item.config.invocation_params.dir)
        if item.session.items and item is not item.session.items[-1]:
            _ask_whether_to_go_on()
    finally:
        if capture is not None:
            capture.resume()


def _why_not(runs: Sequence[CaseRun]) -> str:
    if not runs:
        return "the test has run no state machine"
    return "" if is_terminal() else "this is no terminal"


def is_terminal() -> bool:
    """Whether somebody sits at what pytest reads and writes."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask_whether_to_go_on() -> None:
    """Raises pytest.exit.Exception when the tests are to end, as they do when --pdb is left by q."""
    try:
        answer = input("sfdebug: Enter goes on with the tests, q and Enter ends them: ")
    except (EOFError, KeyboardInterrupt):
        answer = "q"
    if answer.strip().casefold().startswith("q"):
        pytest.exit("the tests were ended after the debugger")
