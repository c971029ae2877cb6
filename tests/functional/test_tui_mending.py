"""Would the mend have held, on the screen: executions of a list under a definition, grouped as it is found out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from sfdebug.aws.session import Access
from sfdebug.cli.archives import folder_screen
from sfdebug.executions import verifying
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser import mending
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.groups import GroupsScreen
from sfdebug.tui.browser.mending import MendReportScreen
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.dialogs.messages import DefinitionDialog, TextDialog
from sfdebug.tui.screens.debug import DebugScreen
from tests.aws_fleet import DEFINITION, Fleet, machine_arn
from tests.aws_stub import REGION, START, ApiError, serving
from tests.history_runs import recorded
from tests.tui_runs import MEDIUM, SMALL, OpenProgram, opened_home
from tests.unit.history.verification.test_mending import CATCH, DONE, answers, changed

BROKEN = changed(DONE)
MEND = changed({**DONE, "Put/Catch": CATCH})

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four recordings, of which three failed, and the definitions where one works."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mend.asl.json").write_text(json.dumps(MEND), encoding="utf-8")
    runs = tmp_path / "runs"
    runs.mkdir()
    for number, x in enumerate(("bad", "good", "bad", "bad")):
        events = recorded(BROKEN, {"x": x}, answers, name=f"run-{number}", start_time=1_735_689_600_000 + number)
        (runs / f"run-{number}.json").write_text(json.dumps({"events": events}), encoding="utf-8")
    return runs


def proposed(browser: OpenProgram) -> Input:
    """The path in the dialog that asks for a definition."""
    assert isinstance(browser.screen, DefinitionDialog), browser.text
    return browser.screen.query_one(Input)


async def under_way(browser: OpenProgram) -> MendReportScreen:
    """The screen with the outcomes, once it is there."""
    await browser.until(lambda: isinstance(browser.screen, MendReportScreen))
    screen = browser.screen
    assert isinstance(screen, MendReportScreen)
    return screen


async def verified(browser: OpenProgram) -> MendReportScreen:
    """Ask for it from the list that is open, under the definition that is proposed."""
    await browser.press("w")
    proposed(browser)
    await browser.press("enter")
    return await under_way(browser)


async def ended(browser: OpenProgram, screen: MendReportScreen) -> None:
    await browser.until(lambda: not screen.is_under_way)
    await browser.pilot.pause()


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_from_a_folder_to_the_place_where_one_goes_another_way(folder: Path, size: tuple[int, int]) -> None:
    async with opened_home(lambda: folder_screen(folder), size) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        below = browser.screen
        await browser.press("w")
        assert "mend.asl.json" in browser.text, "the only definition here is proposed"
        assert "4 executions (those shown)" in " ".join(browser.text.split())
        await browser.press("enter")
        screen = await under_way(browser)
        await ended(browser, screen)
        rows = [line.split() for line in browser.text.splitlines()[3:5]]
        assert [row[:4] for row in rows] == [["✓", "3", "now", "succeeds"], ["✓", "1", "succeeds", "as"]]
        assert "all 4 verified" in browser.text
        assert "4 of 4 proved to succeed" in browser.text
        assert "it goes another way from 'Put' on" in browser.text
        await browser.press("enter")
        shown = browser.screen
        assert isinstance(shown, ExecutionsScreen)
        await browser.until(lambda: len(shown.list.entries) == 3)
        assert not any("run-1" in one.place for one in shown.list.entries)
        await browser.press("enter")
        await browser.until(lambda: isinstance(browser.screen, DebugScreen))
        opened = browser.screen
        assert isinstance(opened, DebugScreen)
        await browser.until(lambda: "now succeeds: it goes another way" in " ".join(browser.text.split()))
        assert opened.debugger.machine.name == "mend.asl.json"
        assert opened.view.state is not None
        assert opened.view.state.name == "Put"
        await browser.press("q", "q", "q")
        assert browser.screen is below


async def test_what_was_taken_and_the_outcome_as_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(SfdebugApp, "copy_to_clipboard", lambda _, text: copied.append(text))
    async with opened_home(lambda: folder_screen(folder)) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        screen = await verified(browser)
        await ended(browser, screen)
        await browser.press("o")
        assert isinstance(browser.screen, TextDialog)
        assert "taken by 4 executions: " in browser.text
        await browser.press("escape", "O")
        assert "taken by 3 executions: " in browser.text
        assert "those that: now succeeds" in browser.text
        await browser.press("escape", "y")
        assert copied[0].splitlines()[0].startswith("now succeeds")
        assert (
            copied[0].splitlines()[-1]
            == "4 of 4 executions proved to succeed (now succeeds: 3, succeeds as recorded: 1)"
        )
        await browser.press("slash", *"recorded", "enter")
        assert [group.outcome for group in screen.list.entries] == ["succeeds as recorded"]
        await browser.press("escape")
        assert len(screen.list.entries) == 2


async def test_the_file_is_read_again_and_another_one_can_be_taken(folder: Path) -> None:
    file = folder.parent / "mend.asl.json"
    async with opened_home(lambda: folder_screen(folder)) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        screen = await verified(browser)
        await ended(browser, screen)
        file.write_text(json.dumps(BROKEN), encoding="utf-8")
        await browser.press("R")
        await ended(browser, screen)
        assert {str(group.outcome): len(group.executions) for group in screen.report.groups} == {
            "succeeds as recorded": 1,
            "same failure again": 3,
        }
        file.write_text("{", encoding="utf-8")
        await browser.press("R")
        assert isinstance(browser.screen, TextDialog)
        assert "mend.asl.json:" in browser.text
        await browser.press("escape")
        other = folder.parent / "other.asl.json"
        other.write_text(json.dumps(MEND), encoding="utf-8")
        await browser.press("d")
        proposed(browser).value = str(other)
        await browser.press("enter")
        await ended(browser, screen)
        assert "other.asl.json" in browser.text
        assert "now succeeds" in browser.text
        await browser.press("q", "w")
        assert proposed(browser).value == str(other), "it is remembered"


async def test_only_those_that_are_marked(folder: Path) -> None:
    async with opened_home(lambda: folder_screen(folder)) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        await browser.press("space", "down", "space", "w")
        assert "2 executions (those marked)" in " ".join(browser.text.split())
        await browser.press("enter")
        screen = await under_way(browser)
        await ended(browser, screen)
        assert screen.report.of == 2


async def test_it_stops_at_once_claims_nothing_of_the_rest_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def held_up(*args: Any, **given: Any) -> Iterator[verifying.Verified]:
        for number, one in enumerate(verifying.verify_executions(*args, **given)):
            if number == 1 and not goes_on.is_set():
                goes_on.wait(30)
            yield one

    monkeypatch.setattr(mending, "verify_executions", held_up)
    async with opened_home(lambda: folder_screen(folder)) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        screen = await verified(browser)
        await browser.until(lambda: len(screen.report.verified) == 1)
        assert "verifying: 1 of 4. Esc stops" in browser.text
        assert "1 of 4 verified" in browser.text
        await browser.press("escape")
        assert "nothing is said of 3 that were not verified; R goes on" in browser.text
        goes_on.set()
        await browser.press("R")
        await ended(browser, screen)
        assert "all 4 verified" in browser.text
        assert len(screen.report.verified) == 4
        await browser.press("escape")
        assert isinstance(browser.screen, ExecutionsScreen)


@pytest.fixture(scope="module")
def served_fleet() -> Iterator[tuple[Fleet, str]]:
    stub = Fleet(200)
    with serving(stub) as address:
        yield stub, address


async def test_from_the_groups_of_an_account_and_after_credentials_expired(
    served_fleet: tuple[Fleet, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.asl.json").write_text(DEFINITION, encoding="utf-8")
    fleet, address = served_fleet
    fleet.reset()
    place = AccountPlace(Access(region=REGION, endpoint_url=address))
    orders = ExecutionsScreen(place, machine_arn("Orders"), "Orders", now=lambda: int(START * 1000) + 100)
    async with opened_home(lambda: orders) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4))
        await browser.press("v")
        assert isinstance(browser.screen, GroupsScreen)

        def before(operation: str) -> None:
            raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

        fleet.before = before
        await browser.press("w")
        assert "The definition that one ran: sfdebug fetch ARN" in " ".join(browser.text.replace("│", " ").split())
        await browser.press("escape")
        screen = await verified(browser)
        await browser.until(lambda: bool(screen.trouble))
        assert "those of the group" in browser.text
        assert "R goes on" in browser.text
        fleet.before = lambda operation: None
        await browser.press("R")
        await ended(browser, screen)
        assert not screen.trouble
        assert screen.report.judged == screen.report.of > 0
        await browser.press("escape")
        assert isinstance(browser.screen, GroupsScreen)


async def test_a_definition_that_cannot_be_run_is_told(folder: Path) -> None:
    bad = folder.parent / "bad.asl.json"
    bad.write_text('{"StartAt": "A", "States": {}}', encoding="utf-8")
    async with opened_home(lambda: folder_screen(folder)) as browser:
        await browser.until(lambda: "4 executions" in browser.text)
        await browser.press("w")
        proposed(browser).value = str(bad)
        await browser.press("enter")
        assert isinstance(browser.screen, TextDialog)
        assert "It cannot be verified under this" in browser.text
