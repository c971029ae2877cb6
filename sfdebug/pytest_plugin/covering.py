"""What tests took of state machines, all together: in one process, or gathered from those of xdist."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfdebug import __version__
from sfdebug.errors import SfdebugError
from sfdebug.files import replaced
from sfdebug.history.coverage.items import merged
from sfdebug.history.coverage.taking import taken_in
from sfdebug.reports.coverage.data import coverage_dict, coverage_from
from sfdebug.reports.coverage.places import CoveredDefinition
from sfdebug.reports.coverage.text import missing_lines, shortfalls, table_lines, unseen_texts, untested_texts
from sfdebug.testing.running import machine_at
from sfdebug.testing.together import without_cases
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.coverage.model import Coverage
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.pytest_plugin.runs import CaseRun

_OUTPUT = "sfdebug_coverage"


class CoverageLog:
    """Counts what runs took. With xdist each worker counts its own, and sends that when it is through."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: dict[tuple[str, str, str], tuple[StateMachine, Coverage]] = {}
        self._unwritten: list[str] = []
        self._uncounted: set[str] = set()

    def add(self, run: CaseRun) -> None:
        """Count what a run took of its machine."""
        machine = run.execution.machine
        self._add(run.case.machine, machine, merged(machine, [taken_in(run.execution)]))

    def _add(self, address: DefinitionAddress, machine: StateMachine, coverage: Coverage) -> None:
        """A test can write a definition anew: each of its texts is a machine of its own."""
        key = str(Path(address.path).resolve()), address.name, _digest(machine)
        known = self._found.get(key)
        self._found[key] = machine, coverage if known is None else known[1] + coverage

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker hands over what it counted; who reports writes the files, and fails below what is asked for."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = [[*key, coverage_dict(found)] for key, (_, found) in self._found.items()]
            return
        self._write(self._covered())
        if session.exitstatus == pytest.ExitCode.OK and (self._shortfalls() or self._unwritten):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of xdist is through: take in what it counted."""
        from sfdebug.projects.addresses import DefinitionAddress

        for path, name, digest, told in getattr(node, "workeroutput", {}).get(_OUTPUT, ()):
            try:
                machine = machine_at(path, name)[1].machine
            except SfdebugError:
                self._uncounted.add(path)
                continue
            if _digest(machine) == digest:
                self._add(DefinitionAddress(path, name), machine, coverage_from(told, machine, path))
            else:
                self._uncounted.add(path)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was taken, and what never."""
        covered = self._covered()
        terminalreporter.section("coverage of state machines")
        if not covered:
            terminalreporter.write_line("sfdebug: no test has run a state machine")
        for one in covered:
            terminalreporter.write_line(f"{escaped(one.title)}: {counted(one.coverage.executions, 'run')}")
            missing = missing_lines(one)
            lines = [*table_lines(one.coverage), *(["never taken:", *missing] if missing else [])]
            for line in (*lines, *unseen_texts(one.coverage)):
                terminalreporter.write_line(line)
        for text in untested_texts(self._without_tests()):
            terminalreporter.write_line(f"sfdebug: {text}")
        for path in sorted(self._uncounted):
            terminalreporter.write_line(
                f"sfdebug: {escaped(path)} is not what tests ran any more: not all of it is counted"
            )
        for text in (*self._shortfalls(), *self._unwritten):
            terminalreporter.write_line(text, red=True)

    def _covered(self) -> list[CoveredDefinition]:
        found = []
        for (path, name, _), (machine, coverage) in sorted(self._found.items(), key=lambda item: item[0]):
            title = self._near(path)
            found.append(CoveredDefinition(f"{title}#{name}" if name else title, machine, coverage))
        return found

    def _near(self, path: str) -> str:
        root = self._config.rootpath
        return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path

    def _without_tests(self) -> list[str]:
        """The other machines of the projects that were tested, where no test was left out."""
        from sfdebug.projects.addresses import DefinitionAddress

        option = self._config.option
        if any(getattr(option, name, None) for name in ("keyword", "markexpr", "lf")):
            return []
        left = without_cases(DefinitionAddress(path, name) for path, name, _ in sorted(self._found))
        return [self._near(text) for text in left]

    def _shortfalls(self) -> list[str]:
        option = self._config.option
        least, least_of_errors = option.sfn_cov_fail_under, option.sfn_cov_fail_under_errors
        if not self._found and (least is not None or least_of_errors is not None):
            return ["sfdebug: no test has run a state machine, and a share of it is asked for"]
        coverages = [coverage for _, coverage in self._found.values()]
        return ["sfdebug: " + text for text in shortfalls(coverages, least, least_of_errors)]

    def _write(self, covered: Sequence[CoveredDefinition]) -> None:
        """Write the files that were asked for; of one that cannot be, say so in the end."""
        option = self._config.option
        if option.sfn_cov_lcov:
            from sfdebug.reports.coverage.lcov import lcov

            self._save(option.sfn_cov_lcov, lcov(covered).encode("utf-8", "replace"))
        if option.sfn_cov_cobertura:
            from sfdebug.reports.coverage.cobertura import cobertura

            self._save(option.sfn_cov_cobertura, cobertura(covered, int(time.time() * 1000), __version__))
        if option.sfn_cov_html:
            from sfdebug.reports.coverage.html import coverage_page

            self._save(option.sfn_cov_html, coverage_page(covered).encode("utf-8", "replace"))
        if option.sfn_cov_markdown:
            from sfdebug.reports.coverage.markdown import coverage_markdown

            self._save(option.sfn_cov_markdown, coverage_markdown(covered).encode("utf-8", "replace"))

    def _save(self, name: str, data: bytes) -> None:
        try:
            with replaced(self._config.invocation_params.dir / name) as stream:
                stream.write(data)
        except OSError as error:
            self._unwritten.append(f"sfdebug: {escaped(name)} cannot be written: {error.strerror or error}")


def _digest(machine: StateMachine) -> str:
    return sha256(machine.document.source.text.encode("utf-8", "surrogatepass")).hexdigest()
