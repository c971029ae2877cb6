"""The test cases that a session can be switched to: those of its mock file, or of the one beside its definition."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import STDIN
from sfdebug.projects.addresses import DefinitionAddress

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger import Debugger
    from sfdebug.tui.sessions.session import CaseList, ScreenSession

MOCK_FILE: Final = "MockConfigFile.json"


def mock_file_of(mocks: str | None, definition: str) -> str:
    """The mock file in use, else the one beside the definition; "" where there is none."""
    if mocks == STDIN:
        return ""
    if mocks:
        return str(Path(mocks).resolve())
    if not definition:
        return ""
    path = Path(DefinitionAddress.read(definition).path)
    beside = (path if path.is_dir() else path.parent) / MOCK_FILE
    return str(beside) if beside.is_file() else ""


def cases_in(file: str, machine: str = "") -> tuple[str, ...]:
    """The test cases of a mock file, as `--case` takes them: those of a `machine` of a project where the file has it.

    Raises MockConfigError when it cannot be read.
    """
    from sfdebug.tasks.mock_config import MockConfig

    return MockConfig.load(file).choices(machine)


def case_list(
    args: Namespace, definition: str, begin: Callable[[Namespace], tuple[Debugger, ScreenSession]]
) -> CaseList | None:
    """What a session on `definition` can be switched to; None without a mock file. `begin` gives a new session, by
    the arguments of the command line."""
    file = mock_file_of(args.mocks, definition)
    if not file:
        return None
    from sfdebug.tui.sessions.session import CaseList

    machine = DefinitionAddress.read(definition).name if definition else ""

    def begin_case(case: str) -> tuple[Debugger, ScreenSession]:
        changed = {"mocks": file if case else None, "case": case or None, "goes_on": False, "fresh": True}
        return begin(Namespace(**{**vars(args), **changed}))

    current = args.case or ""
    if args.mocks and not current:
        names = cases_in(file, machine)
        current = names[0] if len(names) == 1 else ""
    return CaseList(file, current, lambda: cases_in(file, machine), begin_case)
