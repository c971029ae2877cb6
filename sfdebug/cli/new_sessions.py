"""New sessions: all that one begins with, also those on bundled samples and the tour."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.cli.cases import case_list
from sfdebug.cli.console import STDIN
from sfdebug.cli.inputs import NOW, read_input, read_start_time, read_tasks
from sfdebug.cli.sessions import SessionPlan, new_path_of, screen_session, sources_of, tasks_again
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.cli.samples import Sample
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.debugger.sessions.records import Beginning
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.screens.debug import DebugScreen
    from sfdebug.tui.sessions.session import CaseList, ScreenSession
    from sfdebug.tui.settings import ScreenSettings
    from sfdebug.tui.tour.tour import Tour
    from sfdebug.values import Value

TOUR_SAMPLE: Final = "order"


class NewSession(NamedTuple):
    """All that a session on a definition begins with. `inputs` are the files of the inputs of test cases, where each
    has its own."""

    machine: StateMachine
    input: Value
    tasks: TaskHandler | None
    start_time: int
    args: Namespace
    definition: str
    inputs: Mapping[str, Path]
    breakpoints: tuple[Breakpoint, ...] = ()

    def debugger(self) -> Debugger:
        """A debugger at the start."""
        from sfdebug.debugger import Debugger
        from sfdebug.engine import Settings

        given = self.input if is_present(self.input) else {}
        debugger = Debugger(self.machine, given, tasks=self.tasks, settings=Settings(start_time=self.start_time))
        for point in self.breakpoints:
            debugger.breakpoints.add(point)
        return debugger

    def plan(self, debugger: Debugger, settings: ScreenSettings) -> SessionPlan:
        """What the session is kept as."""
        args, definition = self.args, self.definition

        def resume(path: Path) -> Continued:
            found = resumed(path, self.machine, args, settings)
            for point in self.breakpoints:
                found.debugger.breakpoints.add(point)
            return found

        return SessionPlan(
            definition,
            lambda: sources_of(args),
            lambda: None,
            lambda one: is_alike(one, args, debugger, definition),
            resume,
        )

    def cases(self, settings: ScreenSettings) -> CaseList | None:
        """The test cases that it can be switched to."""
        return case_list(self.args, self.definition, lambda args: self._other(args).begun(settings, asks=False))

    def _other(self, args: Namespace) -> NewSession:
        from sfdebug.cli.definitions import load_runnable

        machine = load_runnable(self.definition)  # as its file is now
        file = self.inputs.get(args.case or "")
        given = read_input(f"@{file}") if file is not None else self.input
        tasks = read_tasks(args, machine, self.start_time)
        return self._replace(machine=machine, input=given, tasks=tasks, args=args)

    def begun(self, settings: ScreenSettings, *, asks: bool) -> tuple[Debugger, ScreenSession]:
        """A debugger, and what keeps it."""
        debugger = self.debugger()
        new_path = new_path_of(self.args, settings)
        plan, cases = self.plan(debugger, settings), self.cases(settings)
        return debugger, screen_session(debugger, self.args, plan, new_path, asks=asks, cases=cases)

    def remember(self) -> None:
        """Have the home screen list it."""
        from sfdebug.cli.recents import recent_of, remember

        sources, given = sources_of(self.args), self.args.input or ""
        file = str(Path(given[1:]).resolve()) if given.startswith("@") else ""
        remember(recent_of(self.definition, mocks=sources.mocks, case=sources.case, input=file))


def is_alike(one: Beginning, args: Namespace, debugger: Debugger, definition: str) -> bool:
    """Whether a session is one of this definition, with what the command line says of input, answers and time."""
    if one.recording is not None or one.definition != definition:
        return False
    if args.input is not None:
        from sfdebug.debugger.sessions.session import input_checksum

        if one.given != input_checksum(debugger.timeline.main_nodes[0].execution.input):
            return False
    sources = sources_of(args)
    is_answered_so = not sources or sources == one.sources
    return is_answered_so and (args.start_time == NOW or one.settings.get("start_time") == _start(debugger))


def _start(debugger: Debugger) -> int:
    return debugger.timeline.main_nodes[0].execution.settings.start_time


def resumed(path: Path, machine: StateMachine | None, args: Namespace, settings: ScreenSettings) -> Continued:
    """Go on with the session in a file. Raises SfdebugError."""
    from sfdebug.debugger.sessions.opening import continued

    file = getattr(args, "file", None)
    return continued(
        path,
        new_path_of(args, settings),
        machine,
        lambda session, definition: tasks_again(args, session, definition),
        definition=str(Path(file).resolve()) if file not in (None, STDIN) else "",
    )


def plain_args(mocks: str = "", case: str = "", *, is_kept: bool = True) -> Namespace:
    """The command line of a session that is opened from a screen."""
    return Namespace(
        input=None,
        mocks=mocks or None,
        case=case or None,
        s3=None,
        nested=[],
        start_time=NOW,
        fresh=False,
        goes_on=False,
        no_autosave=not is_kept,
    )


def definition_screen(
    path: Path,
    given: str | None,
    args: Namespace,
    settings: ScreenSettings,
    inputs: Mapping[str, Path] | None = None,
    tour: Tour | None = None,
) -> DebugScreen:
    """A screen over another one, on a definition; without `inputs` of its cases, it offers to go on with its last
    session. Raises SfdebugError when it cannot be run."""
    from sfdebug.asl.load import load_definition
    from sfdebug.cli.definitions import obstacles
    from sfdebug.errors import DefinitionError
    from sfdebug.tui.screens.debug import DebugScreen

    machine = load_definition(str(path))
    problems = obstacles(machine)
    if problems:
        raise DefinitionError(problems)
    start = read_start_time(NOW)
    tasks = read_tasks(args, machine, start)
    new = NewSession(machine, read_input(given), tasks, start, args, str(path.resolve()), inputs or {})
    debugger, session = new.begun(settings, asks=inputs is None)
    return DebugScreen(debugger, path.name, is_nested=True, session=session, tour=tour)


def sample_screen(
    sample: Sample, case: str, settings: ScreenSettings, *, is_kept: bool = True, tour: Tour | None = None
) -> DebugScreen:
    """A screen over another one, on a test case of a bundled sample."""
    from sfdebug.cli.samples import case_inputs

    args = plain_args(str(sample.mocks), case, is_kept=is_kept)
    datasets = sample.folder / "s3"
    if datasets.is_dir():
        args.s3 = str(datasets)
    inputs = case_inputs(sample)
    given = f"@{inputs.get(case, sample.input)}"
    return definition_screen(sample.definition, given, args, settings, inputs, tour)


def tour_screen(settings: ScreenSettings) -> DebugScreen:
    """The tour, on its sample."""
    from sfdebug.cli.samples import find_sample

    sample = find_sample(TOUR_SAMPLE)
    return sample_screen(sample, sample.case, settings, is_kept=False, tour=new_tour())


def first_tour(sample: Sample) -> Tour | None:
    """The tour, for somebody who opens its sample and has not seen it."""
    from sfdebug.cli.recents import read_memory

    return new_tour() if sample.name == TOUR_SAMPLE and not read_memory().has_seen_tour else None


def new_tour() -> Tour:
    """The tour, from its beginning; that it was seen is remembered."""
    from sfdebug.cli.recents import remember_tour
    from sfdebug.tui.tour.tour import Tour

    return Tour(remember_tour)
