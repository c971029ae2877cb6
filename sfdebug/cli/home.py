"""`sfdebug` alone: the home screen, with all that can be opened from it."""

from __future__ import annotations

import time
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.cases import cases_in, mock_file_of
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.lessons import lessons_in_short, lessons_screen
from sfdebug.cli.machine_list import ProjectMachineList, about_machine
from sfdebug.cli.new_sessions import (
    NewSession,
    definition_screen,
    first_tour,
    plain_args,
    sample_screen,
    title_of,
    tour_screen,
)
from sfdebug.cli.project_files import FoundFile, files_below
from sfdebug.cli.recents import HomeMemory, Recent, read_memory, recent_of, remember
from sfdebug.cli.samples import RecordedSample, Sample, all_samples, recorded_samples
from sfdebug.cli.screen import check_terminal, keyboard_on_stdin, screen_settings
from sfdebug.cli.sessions import new_path_of, place_text, recorded_again, screen_session, tasks_again, watched_in
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.projects.in_use import DefinitionInUse
from sfdebug.reports.projects import project_lines
from sfdebug.text import counted
from sfdebug.tui.home.items import HomeItem, HomeSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sfdebug.debugger.sessions.folder import SessionEntry
    from sfdebug.tui.home.items import OpenedScreen
    from sfdebug.tui.screens.debug import DebugScreen
    from sfdebug.tui.settings import ScreenSettings

_MOST_SESSIONS: Final = 8
_MOST_LINES: Final = 8
_AT_ONCE: Final = 12
"""So many files are shown at once."""

_DEFINITION: Final = "definition.asl.json"
_INPUT: Final = "input.json"


def show_home(args: Namespace) -> ExitCode:
    """Show the home screen until the user leaves. Raises UsageError when there is no terminal."""
    check_terminal()
    settings = screen_settings(args)
    keyboard_on_stdin()
    from sfdebug.tui import run_home
    from sfdebug.tui.home.screen import HomeScreen

    home = Home(Path.cwd(), settings, is_kept=new_path_of(args, settings) is not None)
    return ExitCode(run_home(lambda: HomeScreen(home, "sfdebug: what do you want to look at?"), settings=settings))


class Home:
    """The items of the home screen. Without `is_kept`, neither sessions nor recents are written."""

    def __init__(self, folder: Path, settings: ScreenSettings, *, is_kept: bool = True) -> None:
        self.folder = folder
        self._settings = settings
        self._is_kept = is_kept

    # What there is

    def first(self) -> Sequence[HomeItem]:
        """The recents, the samples, the way to AWS."""
        memory = read_memory()
        return [
            *self._beginning(memory),
            *map(self._recent, memory.recents),
            *map(self._sample, all_samples()),
            *self._recorded_samples(),
            self._aws(),
        ]

    def later(self, is_stopped: Callable[[], bool]) -> Iterator[Sequence[HomeItem]]:
        """The sessions, then what lies below the folder."""
        yield self._sessions()
        found: list[HomeItem] = []
        count = _AT_ONCE
        for file in files_below(self.folder, is_stopped):
            found.append(self._found(file))
            if len(found) == count:
                yield found
                found, count = [], 2 * count
        yield found

    def _beginning(self, memory: HomeMemory) -> list[HomeItem]:
        section = HomeSection.SAMPLES if memory.has_seen_tour else HomeSection.BEGIN
        about = ("Step, back, look at a stage, force a Choice, fork: each by its real key, on an online shop's order.",)
        detail = "five keys in two minutes; Esc ends it at any time"
        lessons = "Step Functions, from the first state on: predict what comes, then see"
        return [
            HomeItem(section, "tour", "Tour", detail, lambda: tour_screen(self._settings), lambda: about),
            HomeItem(section, "lessons", "Lessons", lessons, lessons_screen, lessons_in_short),
        ]

    def _recent(self, recent: Recent) -> HomeItem:
        path = Path(recent.path if recent.is_recording else recent.address.path)
        is_missing = not path.exists()
        from sfdebug.times import wall_text

        case = f", case {recent.case}" if recent.case else ""
        gone = "is not there any more: " if is_missing else ""
        detail = f"{wall_text(recent.time, time.time())}{case}   {gone}{self._shown(path.parent)}"
        section, key = HomeSection.RECENT, f"recent {recent.path}"
        if recent.is_recording:
            opened = partial(self._open_recording, path)
            return HomeItem(section, key, path.name, detail, opened, partial(self._about_file, path), None, is_missing)
        item = self._definition(section, key, path, detail, recent)
        if recent.address.name:
            item = replace(item, label=title_of(recent.address), about=partial(about_machine, recent.address))
        return replace(item, is_missing=is_missing)

    def _sessions(self) -> list[HomeItem]:
        from sfdebug.debugger.sessions.errors import SessionError
        from sfdebug.debugger.sessions.folder import sessions_folder

        items: list[HomeItem] = []
        try:
            for entry in sessions_folder().entries():
                if not entry.is_open and (entry.summary.state or entry.summary.is_over):
                    items.append(self._session(entry))
                if len(items) == _MOST_SESSIONS:
                    break
        except (SessionError, OSError):
            pass
        return items

    def _session(self, entry: SessionEntry) -> HomeItem:
        from sfdebug.times import wall_text

        beginning = entry.beginning
        source = beginning.recording.path if beginning.recording is not None else beginning.definition
        name = Path(source or beginning.name).name
        forks = f", {counted(entry.summary.forks, 'fork')}" if entry.summary.forks else ""
        case = f", case {beginning.sources.case}" if beginning.sources.case else ""
        detail = f"{wall_text(entry.time, time.time())}   {place_text(entry)}{forks}{case}"
        about = (source or "from no file", f"Begun {wall_text(beginning.began, time.time())}; session {entry.id}")
        return HomeItem(
            HomeSection.CONTINUE, f"session {entry.id}", name, detail, partial(self._continue, entry), lambda: about
        )

    def _sample(self, sample: Sample) -> HomeItem:
        def opened(case: str = sample.case) -> DebugScreen:
            return self._open_sample(sample, case)

        def cases() -> Sequence[HomeItem]:
            return [
                HomeItem(HomeSection.SAMPLES, f"{key} {name}", name, "", partial(opened, name), about, is_case=True)
                for name in cases_in(str(sample.mocks), sample.machine)
            ]

        def about() -> Sequence[str]:
            cases = cases_in(str(sample.mocks), sample.machine)
            return [f"Test cases: {', '.join(cases)}", *_watched(sample.to_watch)]

        key = f"sample {sample.name}"
        return HomeItem(HomeSection.SAMPLES, key, sample.name, sample.title, opened, about, cases)

    def _recorded_samples(self) -> list[HomeItem]:
        def item(sample: RecordedSample) -> HomeItem:
            def about() -> Sequence[str]:
                return [*_watched(sample.to_watch), *self._about_file(sample.history)]

            opened = partial(self._open_recording, sample.history)
            return HomeItem(HomeSection.SAMPLES, f"recorded {sample.name}", sample.name, sample.title, opened, about)

        return list(map(item, recorded_samples().values()))

    def _found(self, file: FoundFile) -> HomeItem:
        path, key = file.path, f"file {file.path}"
        label, detail = path.name, self._shown(path.parent)
        if file.is_recording:
            opened, about = partial(self._open_recording, path), partial(self._about_file, path)
            return HomeItem(HomeSection.RECORDED, key, label, detail, opened, about)
        if file.is_project:
            return self._project(HomeSection.HERE, key, path, label, detail)
        given = path.parent / _INPUT
        recent = recent_of(str(path), input=str(given) if given.is_file() else "")
        return self._definition(HomeSection.HERE, key, path, detail, recent)

    def _project(self, section: HomeSection, key: str, path: Path, label: str, detail: str) -> HomeItem:
        """A project: its only machine, or the list of them."""
        address = DefinitionAddress(str(path))

        def machines() -> ProjectMachineList:
            return ProjectMachineList(address, address.project(), plain_args(is_kept=self._is_kept), self._settings)

        def opened() -> OpenedScreen:
            found = machines()
            items = found.first()
            return items[0].open() if len(items) == 1 else found.screen(is_nested=True)

        def unfolded() -> Sequence[HomeItem]:
            return [replace(item, cases=None, is_case=True) for item in machines().items(section)]

        def about() -> Sequence[str]:
            return [line for line in project_lines(address.project()) if line][:_MOST_LINES]

        return HomeItem(section, key, label, detail, opened, about, unfolded)

    def _definition(self, section: HomeSection, key: str, path: Path, detail: str, recent: Recent) -> HomeItem:
        def opened(case: str | None = None) -> DebugScreen:
            mocks = mock_file_of(recent.mocks or None, str(path)) if case else recent.mocks
            return self._open_definition(replace(recent, mocks=mocks, case=recent.case if case is None else case))

        def cases() -> Sequence[HomeItem]:
            file = mock_file_of(recent.mocks or None, str(path))
            about = partial(self._about_file, path)
            return [
                HomeItem(section, f"{key} {name}", name, "", partial(opened, name), about, is_case=True)
                for name in (cases_in(file) if file else ())
            ]

        has_cases = bool(mock_file_of(recent.mocks or None, str(path)))
        about = partial(self._about_file, path)
        return HomeItem(section, key, path.name, detail, opened, about, cases if has_cases else None)

    def _aws(self) -> HomeItem:
        def opened() -> OpenedScreen:
            from sfdebug.aws.session import Access
            from sfdebug.tui.browser.machines import MachinesScreen
            from sfdebug.tui.browser.places import AccountPlace

            return MachinesScreen(AccountPlace(Access()))

        about = (
            "The state machines of your AWS account, their executions, failed ones first, and failures that are "
            "alike: with the credentials and the region of your AWS configuration (p takes others). AWS is only read.",
        )
        title = "a real execution: choose a state machine, then an execution"
        return HomeItem(HomeSection.AWS, "aws", "AWS", title, opened, lambda: about)

    def _shown(self, folder: Path) -> str:
        """A folder as people write it: from here, or from home."""
        for base, sign in ((self.folder, "."), (Path.home(), "~")):
            if folder.is_relative_to(base):
                return str(Path(sign) / folder.relative_to(base))
        return str(folder)

    def _about_file(self, path: Path) -> Sequence[str]:
        """What a file holds. Raises SfdebugError when it cannot be read."""
        from collections import Counter

        from sfdebug.asl.load import load_definition

        definition = path
        lines = [str(path)]
        if (path.parent / _DEFINITION).is_file() and path.name != _DEFINITION and not _may_be_definition(path):
            definition = path.parent / _DEFINITION
            lines.append(f"A recorded execution, with the definition that it ran beside it: {_DEFINITION}")
        elif not _may_be_definition(path):
            return [*lines, "A recorded execution, without its definition: only what was recorded is shown"]
        machine = load_definition(str(definition))
        kinds = Counter(str(state.type) for state in machine.walk())
        count = sum(kinds.values())
        of = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
        lines.append(f"{counted(count, 'state')} ({of}), {machine.query_language}")
        if machine.comment:
            lines.append(machine.comment)
        file = mock_file_of(None, str(definition))
        if definition == path:
            given = path.parent / _INPUT
            lines.append(f"Input: {_INPUT} beside it" if given.is_file() else "Input: {}")
        if file and definition == path:
            lines.append(f"Test cases: {', '.join(cases_in(file))}")
        return lines

    # Opening

    def _open_sample(self, sample: Sample, case: str) -> DebugScreen:
        tour = first_tour(sample) if case == sample.case else None
        return sample_screen(sample, case, self._settings, is_kept=self._is_kept, guide=tour)

    def _open_definition(self, recent: Recent) -> DebugScreen:
        args = plain_args(recent.mocks, recent.case, is_kept=self._is_kept)
        address = recent.address.absolute()
        screen = definition_screen(address, f"@{recent.input}" if recent.input else None, args, self._settings)
        if self._is_kept:
            remember(replace(recent, path=address.text, time=time.time()))
        return screen

    def _continue(self, entry: SessionEntry) -> DebugScreen:
        from sfdebug.cli.around import around_file
        from sfdebug.debugger.sessions.opening import continued
        from sfdebug.debugger.sessions.restoring import read_session
        from sfdebug.tui.screens.debug import DebugScreen
        from sfdebug.tui.sessions.session import session_continued

        sources = entry.beginning.sources
        args = plain_args(sources.mocks, sources.case, is_kept=self._is_kept)
        args.s3 = sources.s3 or None
        args.nested = [f"{name}={file}" for name, file in sources.nested]
        args.functions, args.lambda_endpoint = list(sources.functions), sources.lambda_endpoint or None
        args.real, args.services, args.seed_data = sources.real, sources.services or None, sources.seed or None
        new_path = new_path_of(args, self._settings)
        address = entry.beginning.address
        in_use = DefinitionInUse(address) if address is not None else None
        if entry.beginning.recording is not None:
            run = recorded_again(read_session(entry.path))
            found = continued(entry.path, new_path, run.machine, run=run)
            cases = None
            around = around_file(run.recording.source, run.recording, None, None)
        else:
            around = None
            # Under the definition as it was when it was left; a changed file is offered where that is opened.
            found = continued(
                entry.path, new_path, None, lambda session, under: tasks_again(plain_args(), session, under, in_use)
            )
            first = found.debugger.timeline.main_nodes[0].execution
            new = NewSession(found.debugger.machine, first.input, None, first.settings, args, in_use, {})
            cases = new.cases(self._settings)
        name = title_of(address) if address is not None else Path(entry.beginning.name).name
        session = session_continued(found, cases, in_use, watched_in(address.path if address is not None else ""))
        return DebugScreen(found.debugger, name, is_nested=True, session=session, relatives=around)

    def _open_recording(self, path: Path) -> OpenedScreen:
        from sfdebug.asl.load import load_definition
        from sfdebug.cli.around import around_file
        from sfdebug.cli.recorded_sessions import NewRecordedSession
        from sfdebug.history.reading.read import DefinitionsBeside, read_recordings
        from sfdebug.tui.browser.executions import ExecutionsScreen
        from sfdebug.tui.browser.kept import RecordingsSource
        from sfdebug.tui.browser.places import KeptPlace
        from sfdebug.tui.screens.debug import DebugScreen

        recordings = read_recordings(path)
        beside = (path if path.is_dir() else path.parent) / _DEFINITION
        machine = load_definition(str(beside)) if beside.is_file() else None
        if self._is_kept:
            remember(recent_of(str(path.resolve()), is_recording=True))
        if len(recordings) > 1:
            place = KeptPlace(str(path), RecordingsSource(recordings, path.name), machine)
            return ExecutionsScreen(place, "", path.name)
        args, recording = plain_args(is_kept=self._is_kept), recordings[0]
        recorded = machine if recording.facts.arn and DefinitionsBeside().is_saved(path) else None
        definition = str(beside) if machine is not None else ""
        new = NewRecordedSession(recording, machine, recorded, args, str(path), definition=definition)
        debugger = new.debugger(new.followed())
        plan = new.plan(debugger, self._settings)
        session = screen_session(debugger, args, plan, new_path_of(args, self._settings))
        name, around = recording.facts.name or path.name, around_file(str(path), recording, None, None)
        return DebugScreen(debugger, name, is_nested=True, session=session, relatives=around)


def _watched(to_watch: Sequence[str]) -> list[str]:
    return [f"Watch: {one}" for one in to_watch]


def _may_be_definition(path: Path) -> bool:
    from sfdebug.cli.project_files import found_file

    file = found_file(path)
    return file is not None and not file.is_recording
