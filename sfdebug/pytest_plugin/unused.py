"""Snapshots that no test holds a run against any more: told, and deleted where snapshots are written anew.

Only a run that was whole says so: one that was told to leave out tests, or was stopped, knows nothing of the others.
Of a test that did not pass it is not known which snapshots it would have come to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.pytest_plugin.noted import LOST_WORKER, SNAPSHOTS, SNAPSHOTS_OUTPUT, name_of
from sfdebug.pytest_plugin.snapshot_files import SUFFIX, can_be_of, folder_of
from sfdebug.text import counted, escaped

_MOST: Final = 20
"""So many are named."""
_LEAVES_OUT: Final = ("keyword", "markexpr", "lf", "stepwise", "collectonly", "pyargs")
"""Options with which less than all that is named is run."""


class SnapshotLog:
    """Notes which tests there are, how they ended, and what they used. With xdist each worker does, and sends it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tests: dict[str, tuple[str, str]] = {}
        """By their node ids: the file of the test, its name in it."""
        self._passed: set[str] = set()
        self._others: set[str] = set()
        self._used: set[str] = set()
        self._unused: list[Path] = []
        self._kept: list[str] = []

    def begin(self, items: Iterable[pytest.Item]) -> None:
        """These are all tests, those among them that will not be run."""
        for item in items:
            self._tests[item.nodeid] = str(item.path), name_of(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passes when its call does, and nothing else of it fails."""
        if report.failed or report.skipped:
            self._others.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self._passed.add(report.nodeid)

    def take_in(self, told: dict[str, Any]) -> None:
        """What a worker of xdist says in the end."""
        self._tests.update({test: (path, name) for test, path, name in told["tests"]})
        self._passed.update(told["passed"])
        self._others.update(told["others"])
        self._used.update(told["used"])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker hands over what it noted; who reports finds what is unused, and deletes it with --sfn-update."""
        used: set[str] = self._config.stash.get(SNAPSHOTS, set())
        self._used |= used
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[SNAPSHOTS_OUTPUT] = {
                "tests": [[test, *place] for test, place in self._tests.items()],
                "passed": sorted(self._passed & self._tests.keys()),
                "others": sorted(self._others & self._tests.keys()),
                "used": sorted(self._used),
            }
            return
        if self._is_whole(session):
            self._unused = sorted(self._found())
        if self._config.option.sfn_update:
            self._delete()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many there are, and which."""
        if not self._unused:
            return
        many = counted(len(self._unused), "snapshot")
        is_update = self._config.option.sfn_update
        what = f"{many} unused and deleted" if is_update else f"{many} unused; --sfn-update deletes them"
        terminalreporter.write_line(f"sfdebug: {what}")
        for path in self._unused[:_MOST]:
            root = self._config.invocation_params.dir
            near = path.relative_to(root) if path.is_relative_to(root) else path
            terminalreporter.write_line(f"  {escaped(str(near))}")
        if len(self._unused) > _MOST:
            terminalreporter.write_line(f"  ... {len(self._unused) - _MOST:,} more")
        for text in self._kept:
            terminalreporter.write_line(f"sfdebug: {escaped(text)}", red=True)

    def _is_whole(self, session: pytest.Session) -> bool:
        option = self._config.option
        if any(getattr(option, name, None) for name in _LEAVES_OUT) or any("::" in arg for arg in self._config.args):
            return False
        is_over = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if self._config.stash.get(LOST_WORKER, False) or not is_over or session.shouldstop or session.shouldfail:
            return False
        return self._tests.keys() <= self._passed | self._others

    def _found(self) -> Iterator[Path]:
        unsure: dict[Path, list[str]] = {}
        for test, (file, name) in self._tests.items():
            names = unsure.setdefault(folder_of(Path(file)), [])
            if test in self._others:
                names.append(name)
        for parent in {folder.parent for folder in unsure}:
            unsure.update({folder: [] for folder in self._left_behind(parent, unsure)})
        for folder, names in unsure.items():
            for path in folder.glob(f"*{SUFFIX}"):
                if str(path) not in self._used and not any(can_be_of(path.name, name) for name in names):
                    yield path

    def _left_behind(self, parent: Path, known: Iterable[Path]) -> list[Path]:
        """The folders of files of tests that are gone, where all tests beside them were asked for."""
        places = [(self._config.invocation_params.dir / arg).resolve() for arg in self._config.args]
        if not any(place.is_dir() and parent.resolve().is_relative_to(place) for place in places):
            return []
        there = {path.stem for path in parent.parent.iterdir() if path.is_file()}
        return [one for one in parent.iterdir() if one.is_dir() and one.name not in there and one not in known]

    def _delete(self) -> None:
        for path in self._unused:
            try:
                path.unlink()
                for folder in (path.parent, path.parent.parent):
                    if not any(folder.iterdir()):
                        folder.rmdir()
            except OSError as error:
                self._kept.append(f"{path} cannot be deleted: {error.strerror or error}")


def log_of(config: pytest.Config) -> SnapshotLog:
    """The one that notes, which is made when it is first needed."""
    name = "sfdebug-snapshots"
    log = config.pluginmanager.get_plugin(name)
    if log is None:
        config.pluginmanager.register(log := SnapshotLog(config), name)
    assert isinstance(log, SnapshotLog)
    return log
