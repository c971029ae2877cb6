"""New sessions: all that one begins with, also those on bundled samples and the tour."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.cli.cases import case_list
from sfdebug.cli.console import STDIN
from sfdebug.cli.definitions import obstacles_of, open_definition, runnable
from sfdebug.cli.inputs import NOW, read_asks, read_breaks, read_input, read_start_time, read_tasks
from sfdebug.cli.sessions import SessionPlan, new_path_of, screen_session, sources_of, tasks_again
from sfdebug.projects.addresses import ProjectValues
from sfdebug.projects.in_use import DefinitionInUse
from sfdebug.tasks.answerers import AnswererKind
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.cli.samples import Sample
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.debugger.sessions.records import Beginning
    from sfdebug.engine import Settings
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.commands.host import Guide
    from sfdebug.tui.screens.debug import DebugScreen
    from sfdebug.tui.sessions.session import CaseList, ScreenSession
    from sfdebug.tui.settings import ScreenSettings
    from sfdebug.tui.tour.guide import TourGuide
    from sfdebug.values import Value

TOUR_SAMPLE: Final = "order"


class NewSession(NamedTuple):
    """All that a session on a definition begins with. `in_use` says where it is from, None for one that is in no file;
    `inputs` are the files of the inputs of test cases, where each has its own."""

    machine: StateMachine
    input: Value
    tasks: TaskHandler | None
    settings: Settings
    args: Namespace
    in_use: DefinitionInUse | None
    inputs: Mapping[str, Path]
    breakpoints: tuple[Breakpoint, ...] = ()

    @classmethod
    def of(
        cls,
        in_use: DefinitionInUse,
        execution_input: Value,
        tasks: TaskHandler | None,
        start_time: int,
        args: Namespace,
        inputs: Mapping[str, Path],
        breakpoints: tuple[Breakpoint, ...] = (),
    ) -> NewSession:
        """One on a definition that was opened."""
        from sfdebug.simulation import run_settings

        opened = in_use.opened
        assert opened is not None, "it was read"
        settings, place = run_settings(opened, start_time), in_use if in_use.address.path != STDIN else None
        return cls(opened.definition, execution_input, tasks, settings, args, place, inputs, breakpoints)

    @property
    def definition(self) -> str:
        """What the address is called, "" where there is none."""
        return self.in_use.address.text if self.in_use is not None else ""

    @property
    def title(self) -> str:
        """What a screen on it is called."""
        return title_of(self.in_use.address) if self.in_use is not None else ""

    def debugger(self) -> Debugger:
        """A debugger at the start."""
        from sfdebug.debugger import Debugger

        given = self.input if is_present(self.input) else {}
        debugger = Debugger(self.machine, given, tasks=self.tasks, settings=self.settings)
        for point in self.breakpoints:
            debugger.breakpoints.add(point)
        for path in read_asks(self.args, debugger.machine):
            debugger.choose_answerer(AnswererKind.USER, path)
        return debugger

    def plan(self, debugger: Debugger, settings: ScreenSettings) -> SessionPlan:
        """What the session is kept as."""
        args, definition = self.args, self.definition

        def resume(path: Path) -> Continued:
            found = resumed(path, self.machine, args, settings, self.in_use)
            for point in self.breakpoints:
                found.debugger.breakpoints.add(point)
            return found

        return SessionPlan(
            self.in_use,
            lambda: sources_of(args),
            lambda: None,
            lambda one: is_alike(one, args, debugger, definition),
            resume,
        )

    def cases(self, settings: ScreenSettings) -> CaseList | None:
        """The test cases that it can be switched to."""
        return case_list(self.args, self.definition, lambda args: self._other(args).begun(settings, asks=False))

    def _other(self, args: Namespace) -> NewSession:
        from sfdebug.simulation import run_settings

        assert self.in_use is not None, "cases stand beside a file"
        opened = open_definition(self.in_use.address)  # as it is now
        in_use = DefinitionInUse.of(opened)
        file = self.inputs.get(args.case or "")
        given = read_input(f"@{file}") if file is not None else self.input
        machine, start_time = runnable(opened), self.settings.start_time
        tasks = read_tasks(args, machine, start_time, in_use)
        settings = run_settings(opened, start_time)
        return self._replace(machine=machine, input=given, tasks=tasks, settings=settings, args=args, in_use=in_use)

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
        values = self.in_use.address.values if self.in_use is not None else ProjectValues()
        remember(recent_of(self.definition, mocks=sources.mocks, case=sources.case, input=file, values=values))


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


def resumed(
    path: Path,
    machine: StateMachine | None,
    args: Namespace,
    settings: ScreenSettings,
    in_use: DefinitionInUse | None = None,
) -> Continued:
    """Go on with the session in a file, `in_use` being where its definition is now. Raises SfdebugError."""
    from sfdebug.debugger.sessions.opening import continued

    return continued(
        path,
        new_path_of(args, settings),
        machine,
        lambda session, definition: tasks_again(args, session, definition, in_use),
        address=in_use.address if in_use is not None else None,
    )


def plain_args(mocks: str = "", case: str = "", *, is_kept: bool = True) -> Namespace:
    """The command line of a session that is opened from a screen."""
    return Namespace(
        input=None,
        mocks=mocks or None,
        case=case or None,
        s3=None,
        nested=[],
        breaks=[],
        functions=[],
        lambda_endpoint=None,
        real=False,
        services=None,
        seed_data=None,
        start_time=NOW,
        fresh=False,
        goes_on=False,
        no_autosave=not is_kept,
    )


def title_of(address: DefinitionAddress) -> str:
    """What a screen on a definition is called: its file, or the file or folder of its project with its name."""
    name = Path(address.path).name
    return f"{name}#{address.name}" if address.name else name


def definition_screen(
    address: DefinitionAddress,
    given: str | None,
    args: Namespace,
    settings: ScreenSettings,
    inputs: Mapping[str, Path] | None = None,
    guide: Guide | None = None,
) -> DebugScreen:
    """A screen over another one, on a definition; without `inputs` of its cases, it offers to go on with its last
    session. Raises SfdebugError when it cannot be run."""
    from sfdebug.errors import DefinitionError
    from sfdebug.tui.screens.debug import DebugScreen

    opened = open_definition(address)
    in_use = DefinitionInUse.of(opened)
    machine = opened.definition
    problems = obstacles_of(opened)
    if problems:
        raise DefinitionError(problems)
    start = read_start_time(args.start_time)
    tasks = read_tasks(args, machine, start, in_use)
    points = tuple(read_breaks(args, machine))
    new = NewSession.of(in_use, read_input(given), tasks, start, args, inputs or {}, points)
    debugger, session = new.begun(settings, asks=inputs is None)
    return DebugScreen(debugger, new.title, is_nested=True, session=session, guide=guide)


def sample_screen(
    sample: Sample, case: str, settings: ScreenSettings, *, is_kept: bool = True, guide: Guide | None = None
) -> DebugScreen:
    """A screen over another one, on a test case of a bundled sample."""
    from sfdebug.cli.samples import case_inputs

    args = plain_args(str(sample.mocks), case, is_kept=is_kept)
    datasets = sample.folder / "s3"
    if datasets.is_dir():
        args.s3 = str(datasets)
    inputs = case_inputs(sample)
    given = f"@{inputs.get(case, sample.input)}"
    return definition_screen(sample.address, given, args, settings, inputs, guide)


def tour_screen(settings: ScreenSettings) -> DebugScreen:
    """The tour, on its sample."""
    from sfdebug.cli.samples import find_sample

    sample = find_sample(TOUR_SAMPLE)
    return sample_screen(sample, sample.case, settings, is_kept=False, guide=new_tour())


def first_tour(sample: Sample) -> TourGuide | None:
    """The tour, for somebody who opens its sample and has not seen it."""
    from sfdebug.cli.recents import read_memory

    return new_tour() if sample.name == TOUR_SAMPLE and not read_memory().has_seen_tour else None


def new_tour() -> TourGuide:
    """The tour, from its beginning; that it was seen is remembered."""
    from sfdebug.cli.recents import remember_tour
    from sfdebug.tui.tour.guide import TourGuide
    from sfdebug.tui.tour.tour import Tour

    return TourGuide(Tour(remember_tour))
