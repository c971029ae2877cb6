"""An execution for a ticket on the screen: from the list, from groups, from the debugger; copied, written, redacted."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from sfdebug.aws.session import Access
from sfdebug.cli.archives import folder_screen
from sfdebug.debugger import Debugger
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.groups import GroupsScreen
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.recordings.ticket_dialog import TicketDialog
from sfdebug.tui.screens.debug import DebugScreen
from tests.aws_fleet import PREFIX, Fleet, machine_arn
from tests.aws_stub import REGION, START, ApiError, serving
from tests.command_line import ROOT
from tests.tui_runs import MEDIUM, SMALL, OpenProgram, opened, opened_home

SAMPLE = ROOT / "samples" / "recorded-order"

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture(scope="module")
def served_fleet() -> Iterator[tuple[Fleet, str]]:
    stub = Fleet(200)
    with serving(stub) as address:
        yield stub, address


@pytest.fixture
def fleet(served_fleet: tuple[Fleet, str]) -> Fleet:
    served_fleet[0].reset()
    return served_fleet[0]


@pytest.fixture
def orders(served_fleet: tuple[Fleet, str], fleet: Fleet) -> ExecutionsScreen:
    place = AccountPlace(Access(region=REGION, endpoint_url=served_fleet[1]))
    return ExecutionsScreen(place, machine_arn("Orders"), "Orders", now=lambda: int(START * 1000) + 100)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(SfdebugApp, "copy_to_clipboard", lambda _, text: found.append(text))
    return found


def dialog(browser: OpenProgram) -> TicketDialog:
    screen = browser.screen
    assert isinstance(screen, TicketDialog), browser.text
    return screen


async def shown(browser: OpenProgram, *keys: str) -> None:
    await browser.press(*keys)
    await browser.until(lambda: isinstance(browser.screen, TicketDialog))
    await browser.pilot.pause()


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_from_the_list_copied_redacted_and_its_links(
    orders: ExecutionsScreen, copied: list[str], size: tuple[int, int]
) -> None:
    async with opened_home(lambda: orders, size) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4))
        await shown(browser, "c")
        assert "For a ticket: run-00165" in browser.text
        assert "among 4 failures" in " ".join(browser.text.split())
        for key in ("y copy", "w write", "r redact", "l links"):
            assert key in browser.text
        await browser.press("y", "r")
        assert "only the shape is left" in " ".join(browser.text.split())
        assert "r with values" in browser.text
        await browser.press("y", "r", "y")
        plain, redacted, again = copied
        assert plain == again
        assert plain.startswith("## `Orders`: `")
        assert '"order": 4876' in plain
        assert "4876" not in redacted
        await browser.press("l")
        await browser.press("down", "down", "enter")
        assert copied[-1].startswith("https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/")
        await browser.press("l", "enter")
        assert copied[-1] == f"{PREFIX}:execution:Orders:run-00165"
        await browser.press("escape")
        assert browser.screen is orders


async def test_from_the_groups_it_is_of_the_newest(orders: ExecutionsScreen) -> None:
    async with opened_home(lambda: orders) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4))
        await shown(browser, "v", "c")
        statistics = dialog(browser).ticket.statistics
        assert statistics is not None
        assert statistics.group.members[0] == dialog(browser).ticket.outcome.key
        assert (statistics.looked_into, statistics.failed) == (4, 4)
        await browser.press("escape")
        assert isinstance(browser.screen, GroupsScreen)


async def test_what_is_denied_is_said_and_what_the_list_knows_is_there(orders: ExecutionsScreen, fleet: Fleet) -> None:
    def before(operation: str) -> None:
        if operation == "GetExecutionHistory":
            raise ApiError("AccessDeniedException", "is not authorized to perform: states:GetExecutionHistory on x")

    fleet.before = before
    async with opened_home(lambda: orders) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4))
        await shown(browser, "c")
        ticket = dialog(browser).ticket
        assert (ticket.run, ticket.failure is not None) == (None, True)
        assert "history could not be read" in " ".join(browser.text.split())


async def test_with_another_one_marked_it_tells_what_is_different(orders: ExecutionsScreen) -> None:
    async with opened_home(lambda: orders) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4) and orders.feed.is_whole)
        last = orders.list.entries[-1]
        assert last.status == "SUCCEEDED"
        await browser.press("G", "space", "g")
        await shown(browser, "c")
        contrast = dialog(browser).ticket.contrast
        assert contrast is not None
        assert contrast.right.recording.facts.arn == last.arn


async def test_in_the_debugger_with_what_the_list_below_knows(orders: ExecutionsScreen) -> None:
    async with opened_home(lambda: orders) as browser:
        await browser.until(lambda: orders.feed.looked == (4, 4))
        await browser.press("enter")
        await browser.until(lambda: "Failed in" in browser.text)
        assert isinstance(browser.app.screen_stack[-2], DebugScreen)
        assert "# ticket" in browser.text
        await shown(browser, "number_sign")
        statistics = dialog(browser).ticket.statistics
        assert statistics is not None
        assert statistics.failed == 4
        await shown(browser, "q", "number_sign")  # a key of the screen as well


async def test_written_for_nobody_else_and_over_a_file_only_when_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened_home(lambda: folder_screen(SAMPLE.parent / "recorded-order")) as browser:
        await browser.until(lambda: "A-1044" in browser.text)
        await shown(browser, "c")
        await browser.press("w")
        assert "Enter write it" in browser.text
        await browser.press("escape")
        assert "y copy" in browser.text, "Esc goes back to the text"
        await browser.press("w", "enter")
        (file,) = tmp_path.glob("ticket-*.md")
        assert "written to" in browser.text
        assert file.read_text(encoding="utf-8").startswith("## `Order`: `AddressIncomplete` in `Ship order`")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.write_text("mine", encoding="utf-8")
        await browser.press("r", "w", "enter")
        assert "Enter again writes over it" in browser.text
        assert file.read_text(encoding="utf-8") == "mine"
        await browser.press("enter")
        assert "Ada Ferrand" not in file.read_text(encoding="utf-8")
        await browser.press("w")
        field = dialog(browser).query_one(Input)
        field.value = str(file / "below")
        await browser.press("enter")
        assert "cannot be written" in " ".join(browser.text.split())
        field.value = " "
        await browser.press("enter")
        assert "type the path of a file" in browser.text


async def test_a_simulation_has_nothing_to_report() -> None:
    debugger = Debugger({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    async with opened(debugger) as session:
        await session.press("number_sign")
        assert "nothing to report" in session.text
