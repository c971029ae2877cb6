"""The machines of a project as a list to choose from, on a screen of its own and from the home screen."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.cases import cases_in, mock_file_of
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.new_sessions import definition_screen
from sfdebug.cli.recents import read_memory, recent_of, remember
from sfdebug.cli.screen import check_terminal, keyboard_on_stdin, screen_settings
from sfdebug.cli.sessions import new_path_of, sources_of
from sfdebug.reports.projects import assumed_line, machine_rows, triggers_text
from sfdebug.text import counted
from sfdebug.tui.home.items import HomeItem, HomeSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.projects.model import ProjectMachine
    from sfdebug.projects.project import Project
    from sfdebug.tui.home.screen import HomeScreen
    from sfdebug.tui.screens.debug import DebugScreen
    from sfdebug.tui.settings import ScreenSettings

_MOST_PROBLEMS: Final = 4
_WIDEST_TRIGGERS: Final = 24


def show_machines(address: DefinitionAddress, project: Project, args: Namespace) -> ExitCode:
    """Let the user choose a machine of a project, and debug it; leaving it comes back to the list."""
    check_terminal()
    settings = screen_settings(args)
    keyboard_on_stdin()
    from sfdebug.tui import run_home

    machines = ProjectMachineList(address, project, args, settings)
    return ExitCode(run_home(machines.screen, settings=settings))


class ProjectMachineList:
    """The machines of a project, the one that was opened last first."""

    def __init__(self, address: DefinitionAddress, project: Project, args: Namespace, settings: ScreenSettings) -> None:
        self._address = address
        self._project = project
        self._args = args
        self._settings = settings
        self._is_kept = new_path_of(args, settings) is not None

    def screen(self, *, is_nested: bool = False) -> HomeScreen:
        """The list on a screen."""
        from sfdebug.tui.home.screen import HomeScreen

        count = counted(len(self._project.machines), "state machine")
        heading = f"{Path(self._address.path).resolve().name}: {self._project.format}, {count}"
        return HomeScreen(self, heading, is_nested=is_nested)

    def first(self) -> Sequence[HomeItem]:
        """The machines."""
        return self.items(HomeSection.MACHINES)

    def later(self, is_stopped: Callable[[], bool]) -> Iterator[Sequence[HomeItem]]:
        """There is nothing more to find."""
        return iter(())

    def items(self, section: HomeSection) -> list[HomeItem]:
        """An item for each machine, with columns that stand below each other."""
        machines = self._project.machines
        rows = machine_rows(machines, _WIDEST_TRIGGERS)
        found = [self._item(section, machine, "  ".join(row[1:])) for machine, row in zip(machines, rows, strict=True)]
        opened = self._opened_before()
        return sorted(found, key=lambda item: opened.get(item.key, len(opened)))

    def _opened_before(self) -> dict[str, int]:
        """The keys of machines that were opened, and how many others since."""
        return {f"machine {one.path}": index for index, one in enumerate(read_memory().recents)}

    def _item(self, section: HomeSection, machine: ProjectMachine, detail: str) -> HomeItem:
        address = replace(self._address, name=machine.name)
        path, key = address.path, f"machine {address.absolute().text}"

        def opened(case: str = "") -> DebugScreen:
            args = self._args
            if case:
                args = Namespace(**{**vars(args), "mocks": mock_file_of(args.mocks, path), "case": case})
            screen = definition_screen(address, args.input, args, self._settings)
            if self._is_kept:
                _remember(address, args)
            return screen

        def cases() -> Sequence[HomeItem]:
            return [
                HomeItem(section, f"{key} {name}", name, "", partial(opened, name), about, is_case=True)
                for name in cases_in(mock_file_of(self._args.mocks, path), machine.name)
            ]

        about = partial(_about, machine)
        has_cases = bool(mock_file_of(self._args.mocks, path)) and machine.definition is not None
        is_broken = machine.definition is None
        return HomeItem(section, key, machine.name, detail, opened, about, cases if has_cases else None, is_broken)


def _remember(address: DefinitionAddress, args: Namespace) -> None:
    sources, given = sources_of(args), args.input or ""
    file = str(Path(given[1:]).resolve()) if given.startswith("@") else ""
    whole = address.absolute()
    remember(recent_of(whole.text, mocks=sources.mocks, case=sources.case, input=file, values=whole.values))


def about_machine(address: DefinitionAddress) -> Sequence[str]:
    """What is known of the machine at an address. Raises SfdebugError when there is none."""
    return [address.path, *_about(address.project().machine(address.name))]


def _about(machine: ProjectMachine) -> Sequence[str]:
    """What is known of a machine: why it cannot be opened, or what it is made of."""
    if machine.definition is None:
        return [str(problem) for problem in machine.problems[:_MOST_PROBLEMS]]
    triggers = f"; started by {triggers_text(machine.triggers)}" if machine.triggers else ""
    lines = [f"{machine.file}:{machine.line}, {machine.definition.query_language}{triggers}"]
    if machine.definition.comment:
        lines.append(machine.definition.comment)
    line = assumed_line(machine)
    return [*lines, line] if line else lines
