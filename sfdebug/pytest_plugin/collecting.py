"""Files of test cases as pytest has them: a test for each case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.pytest_plugin.noted import note_run
from sfdebug.pytest_plugin.runs import CaseRun
from sfdebug.reports.testing import explanation
from sfdebug.testing.reading import CaseFileError, read_cases
from sfdebug.testing.running import finish_case, judged, told
from sfdebug.text import escaped

if TYPE_CHECKING:
    from sfdebug.testing.model import CaseOutcome, MachineCase


_READ_BY_PYTEST: Final = str.maketrans("[]", "()")


class CaseFile(pytest.File):
    """A `*.sfn.yaml` file."""

    def collect(self) -> Iterator[CaseItem]:
        """Its cases. Raises what is wrong with it."""
        names: set[str] = set()
        for case in read_cases(self.path):
            name = plain = _plain(case.name)
            while name in names:
                name = f"{plain} ({case.place.line})"
                plain = name
            names.add(name)
            yield CaseItem.from_parent(self, name=name, case=case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *rest: Any) -> Any:
        """What is wrong with the file, without a traceback."""
        if isinstance(excinfo.value, CaseFileError):
            return "\n".join(f"{escaped(str(one))}\n  {escaped(one.fix)}" for one in excinfo.value.problems)
        return super().repr_failure(excinfo, *rest)


def _plain(name: str) -> str:
    """The name of a case as the last part of a node id, by which pytest and xdist find it again: they take `::` for the
    end of a part, and what is behind a bracket for parameters."""
    return escaped(name).translate(_READ_BY_PYTEST).replace("::", ": :")


class CaseMismatchError(Exception):
    """A run that is not as its case expects."""

    def __init__(self, outcome: CaseOutcome) -> None:
        super().__init__("\n".join(explanation(outcome)))


class CaseItem(pytest.Item):
    """One test case."""

    def __init__(self, *, case: MachineCase, **given: Any) -> None:
        super().__init__(**given)
        self.case = case

    def runtest(self) -> None:
        """Run it, and hold it against what is expected."""
        finished = finish_case(self.case, stopped=lambda far: note_run(self, CaseRun(self.case, far)))
        run = CaseRun(self.case, finished.execution)
        note_run(self, run)
        outcome = judged(self.case, finished)
        run.found = outcome.mismatches
        if not outcome.is_good:
            raise CaseMismatchError(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *rest: Any) -> Any:
        """What differs, or why it could not be run, without a traceback."""
        if isinstance(excinfo.value, CaseMismatchError):
            return str(excinfo.value)
        if isinstance(excinfo.value, SfdebugError):
            return "\n".join(map(escaped, told(excinfo.value, self.case.place).split("\n")))
        return super().repr_failure(excinfo, *rest)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it stands."""
        return self.path, max(0, self.case.place.line - 1), self.name
