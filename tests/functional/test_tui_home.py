"""The home screen, the test cases that are switched inside, and the tour."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sfdebug.cli.home import Home
from sfdebug.cli.new_sessions import tour_screen
from sfdebug.cli.recents import read_memory, recent_of, remember, remember_tour
from sfdebug.cli.samples import find_sample
from sfdebug.files import samples_folder
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.home.items import HomeSection
from sfdebug.tui.home.screen import HomeScreen
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.sessions.dialogs import ContinueDialog
from sfdebug.tui.settings import ScreenSettings
from sfdebug.tui.tour.guide import TourGuide
from sfdebug.tui.tour.tour import TourStep
from tests.good_and_bad import good_and_bad

DEFINITION = json.dumps({"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:x", "End": True}}})
MOCKS = good_and_bad("Ask")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "ask.asl.json").write_text(DEFINITION)
    (folder / "MockConfigFile.json").write_text(MOCKS)
    return folder


@asynccontextmanager
async def home(folder: Path) -> AsyncIterator[tuple[Pilot[int], HomeScreen]]:
    app = SfdebugApp(None, home=lambda: HomeScreen(Home(folder, ScreenSettings()), "sfdebug"))
    async with app.run_test(size=(100, 30)) as pilot:
        screen = app.screen
        assert isinstance(screen, HomeScreen)
        await until(pilot, lambda: any(row.section is HomeSection.HERE for row in screen.items.rows))
        yield pilot, screen


async def until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    for _ in range(6_000):
        if is_so():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came to that")


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def labels(screen: HomeScreen, section: HomeSection) -> list[str]:
    return [row.label for row in screen.items.rows if row.section is section]


def shown(screen: DebugScreen) -> str:
    state = screen.view.state
    return state.name if state is not None else ""


def at(screen: DebugScreen) -> int:
    """The step of the tour."""
    assert isinstance(screen.guide, TourGuide)
    return int(screen.guide.tour.step)


def said(screen: DebugScreen) -> str:
    """What the tour says; "" where it is over."""
    assert isinstance(screen.guide, TourGuide)
    return screen.guide.bar.text


# Home


async def test_it_lists_samples_and_what_lies_in_the_folder(folder: Path) -> None:
    async with home(folder) as (_, screen):
        assert labels(screen, HomeSection.HERE) == ["ask.asl.json"]
        assert "order" in labels(screen, HomeSection.SAMPLES)
        assert labels(screen, HomeSection.AWS) == ["AWS"]
        assert labels(screen, HomeSection.BEGIN) == ["Tour", "Lessons"]


async def test_typing_filters_and_enter_opens_and_q_comes_back(folder: Path) -> None:
    async with home(folder) as (pilot, screen):
        await press(pilot, *"ask", "enter")
        opened = pilot.app.screen
        assert isinstance(opened, DebugScreen)
        assert shown(opened) == "Ask"
        await press(pilot, "q")
        assert pilot.app.screen is screen
        await until(pilot, lambda: labels(screen, HomeSection.RECENT) == ["ask.asl.json"])
        await press(pilot, "escape")
        assert "order" in labels(screen, HomeSection.SAMPLES)


async def test_test_cases_unfold_and_one_opens(folder: Path) -> None:
    async with home(folder) as (pilot, screen):
        for _ in screen.items.rows:
            if screen.items.item is not None and screen.items.item.label == "ask.asl.json":
                break
            await press(pilot, "down")
        await press(pilot, "right")
        assert labels(screen, HomeSection.HERE) == ["ask.asl.json", "Good", "Bad"]
        await press(pilot, "down", "down", "enter")
        opened = pilot.app.screen
        assert isinstance(opened, DebugScreen)
        assert opened.cases.current == "Bad"
        await press(pilot, "n")
        assert opened.view.status == "FAILED"
        await press(pilot, "q")
        await until(pilot, lambda: labels(screen, HomeSection.HERE) == ["ask.asl.json", "Good", "Bad"])
        await press(pilot, "left")
        assert labels(screen, HomeSection.HERE) == ["ask.asl.json"]


async def test_what_was_done_can_be_gone_on_with(folder: Path) -> None:
    async with home(folder) as (pilot, screen):
        await press(pilot, *"ask", "enter", "s", "q")
        await until(pilot, lambda: labels(screen, HomeSection.CONTINUE) == ["ask.asl.json"])
        await press(pilot, "escape", *"continue", "enter")
        opened = pilot.app.screen
        assert isinstance(opened, DebugScreen)
        assert opened.view.visit is not None


async def test_a_recorded_execution_can_be_gone_on_with(folder: Path) -> None:
    (folder / "run").mkdir()
    for file in (samples_folder() / "recorded-order").iterdir():
        shutil.copy(file, folder / "run")
    async with home(folder) as (pilot, screen):
        await until(pilot, lambda: "history.json" in labels(screen, HomeSection.RECORDED))
        await press(pilot, *"history", "enter", "escape", "n", "n")
        opened = pilot.app.screen
        assert isinstance(opened, DebugScreen)
        place = opened.debugger.cursor.node.index
        await press(pilot, "q", "escape")
        await until(pilot, lambda: labels(screen, HomeSection.CONTINUE) == ["history.json"])
        for way in (["enter"], ["down", "enter"]):  # what can be gone on with, and the file itself, which asks
            await press(pilot, *"history", *way)
            if way != ["enter"]:
                await until(pilot, lambda: isinstance(pilot.app.screen, ContinueDialog))
                await press(pilot, "enter")
            again = pilot.app.screen
            assert isinstance(again, DebugScreen)
            assert again.debugger.cursor.node.index == place
            assert shown(again)
            await press(pilot, "q", "escape")
            await until(pilot, lambda: labels(screen, HomeSection.CONTINUE) == ["history.json"])


async def test_what_is_known_of_an_item_is_told(folder: Path) -> None:
    async with home(folder) as (pilot, screen):
        await press(pilot, *"ask.asl")
        about = screen.query_one("#about")
        await until(pilot, lambda: "Test cases: Good, Bad" in str(about.render()))
        assert "1 state (1 Task)" in str(about.render())


async def test_a_sample_says_what_to_watch_until_a_key_and_again_when_asked(folder: Path) -> None:
    async with home(folder) as (pilot, screen):
        await press(pilot, *"approval")
        about = screen.query_one("#about")
        await until(pilot, lambda: "Watch: Ask the manager hands out" in str(about.render()))
        await press(pilot, "enter")
        opened = pilot.app.screen
        assert isinstance(opened, DebugScreen)
        first = opened.notice.message
        assert first.splitlines()[0] == "What to watch (A shows it again):"
        assert first.splitlines()[1:] == list(find_sample("approval").to_watch)
        await press(pilot, "x")
        assert not opened.notice.message
        await press(pilot, "A")  # nothing has run: there is no summary yet
        assert opened.notice.message == first
        await press(pilot, "n", "A")
        facts = str(pilot.app.screen.query_one("#facts").render())
        assert facts.startswith("To watch    \u00b7 Ask the manager hands out")
        await press(pilot, "escape", "q")
        assert pilot.app.screen is screen


async def test_a_recorded_sample_says_it_in_its_summary(folder: Path) -> None:
    async with home(folder) as (pilot, _):
        await press(pilot, *"recorded-order", "enter")
        assert str(pilot.app.screen.query_one("#facts").render()).startswith("To watch    \u00b7 Ship order failed")


async def test_a_file_that_is_gone_is_said_to_be(folder: Path) -> None:
    remember(recent_of(str(folder / "gone.asl.json")))
    async with home(folder) as (pilot, screen):
        item = next(row for row in screen.items.rows if row.section is HomeSection.RECENT)
        assert item.is_missing
        assert "is not there any more" in item.detail
        await press(pilot, *"gone", "enter")
        assert type(pilot.app.screen).__name__ == "TextDialog"


async def test_a_definition_with_mistakes_says_so(folder: Path) -> None:
    (folder / "bad.asl.json").write_text('{"StartAt": "X", "States": {}}')
    async with home(folder) as (pilot, screen):
        await press(pilot, *"bad.asl", "enter")
        assert type(pilot.app.screen).__name__ == "TextDialog"
        await press(pilot, "escape")
        assert pilot.app.screen is screen


async def test_hostile_names_are_no_markup(folder: Path) -> None:
    (folder / "[red]x[bold].asl.json").write_text(DEFINITION)
    async with home(folder) as (pilot, screen):
        assert "[red]x[bold].asl.json" in labels(screen, HomeSection.HERE)
        await press(pilot, *"red")
        await pilot.pause(0.2)
        assert screen.items.item is not None


# Test cases inside


async def test_cases_are_switched_from_a_list_and_those_begun_stay(folder: Path) -> None:
    async with home(folder) as (pilot, _):
        await press(pilot, *"ask", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, DebugScreen)
        await press(pilot, "Y", *"Bad", "enter")
        assert screen.cases.current == "Bad"
        assert "a new session" in screen.notice.message
        await press(pilot, "n")
        assert screen.view.status == "FAILED"
        await press(pilot, "Y", *"Good", "enter", "n")
        assert screen.view.status == "SUCCEEDED"
        await press(pilot, "Y", *"Bad", "enter")
        assert screen.view.status == "FAILED"
        assert "where you left it" in screen.notice.message


async def test_without_a_mock_file_it_is_said(folder: Path) -> None:
    (folder / "MockConfigFile.json").unlink()
    async with home(folder) as (pilot, _):
        await press(pilot, *"ask", "enter", "Y")
        screen = pilot.app.screen
        assert isinstance(screen, DebugScreen)
        assert "no test cases" in screen.notice.message


# The tour


@asynccontextmanager
async def touring() -> AsyncIterator[tuple[Pilot[int], DebugScreen]]:
    app = SfdebugApp(None, home=lambda: tour_screen(ScreenSettings()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DebugScreen)
        yield pilot, screen


async def test_the_tour_goes_on_when_things_have_happened() -> None:
    async with touring() as (pilot, screen):
        assert "Tour 1 of 5" in said(screen)
        assert not screen.notice.message  # the tour says what to look at
        await press(pilot, "x", "x")  # no step: it waits
        assert at(screen) == TourStep.STEP
        await press(pilot, "n")
        assert at(screen) == TourStep.BACK
        await press(pilot, "N")
        assert at(screen) == TourStep.LOOK
        await press(pilot, "s", "s", "s", "2", "up")
        assert at(screen) == TourStep.FORCE
        await press(pilot, "n", "n", "n", "n")
        assert shown(screen) == "All in stock?"
        assert " f " in said(screen)
        await press(pilot, "f", "2", "enter")
        assert at(screen) == TourStep.FORK
        await press(pilot, "n", "N", "f", "3", "enter")
        assert len(screen.view.forks) > 1
        assert at(screen) == TourStep.OVER
        await press(pilot, "escape")
        assert not said(screen)
        assert read_memory().has_seen_tour


async def test_escape_ends_the_tour_at_any_time() -> None:
    async with touring() as (pilot, screen):
        await press(pilot, "n", "escape")
        assert not said(screen)
        assert read_memory().has_seen_tour
        await press(pilot, "N")
        assert not said(screen)


async def test_who_goes_too_far_is_led_back_to_the_choice() -> None:
    async with touring() as (pilot, screen):
        await press(pilot, "n", "N", "s", "s", "s", "2", "up", "n", "n", "n", "n", "n")
        assert said(screen).count("before")
        await press(pilot, "N")
        assert " f " in said(screen)


async def test_the_help_begins_the_tour_again(folder: Path) -> None:
    remember_tour()
    settings = ScreenSettings()
    app = SfdebugApp(
        None,
        home=lambda: HomeScreen(Home(folder, settings), "sfdebug"),
        settings=ScreenSettings(open_tour=lambda: tour_screen(settings)),
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await press(pilot, *"saga", "enter")
        below = app.screen
        assert isinstance(below, DebugScreen)
        below.action_command("program.tour")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DebugScreen)
        assert screen is not below
        assert "Tour 1 of 5" in said(screen)
