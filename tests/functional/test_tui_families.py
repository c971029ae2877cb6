"""Down and up on the screen: into what a Task started, into the children of a Map Run, back up, all on one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.screen import Screen

from sfdebug.aws.session import Access
from sfdebug.cli.archives import folder_screen
from sfdebug.executions.folder import FolderSource
from sfdebug.tui.browser.around import Around
from sfdebug.tui.browser.executions import ExecutionsScreen, children_screen
from sfdebug.tui.browser.family import FamilyScreen
from sfdebug.tui.browser.places import AccountPlace, KeptPlace, SourcePlace
from sfdebug.tui.screens.debug import DebugScreen
from tests.aws_stub import REGION, ApiError, StubAws
from tests.families import CHILD, MAIL, PARENT, in_folder, made_family, on_stub
from tests.tui_runs import LARGE, MEDIUM, SMALL, OpenProgram, opened_home

pytestmark = pytest.mark.usefixtures("isolated")
FAMILY = made_family()
FAILED_CHILD = next(one.arn for one in FAMILY.members if "/Each" in one.arn and one.description["status"] == "FAILED")


def folder_place(tmp_path: Path) -> KeptPlace:
    folder = in_folder(FAMILY, tmp_path)
    return KeptPlace(str(folder), FolderSource(folder))


def account_place(served: tuple[StubAws, str]) -> AccountPlace:
    stub, address = served
    stub.reset()
    on_stub(FAMILY, stub)
    return AccountPlace(Access(region=REGION, endpoint_url=address))


def on(place: SourcePlace, arn: str) -> Callable[[], Screen[None]]:
    """The debugger on one of the family, with what is around it."""
    from sfdebug.aws.concurrency import Cancellation

    source = place.source(Cancellation(), lambda seconds, throttled: None)
    outcome = source.find(arn)
    ready = place.ready(source, outcome, lambda what: lambda done, of: None)
    return lambda: ready.screen(is_nested=False, relatives=lambda: Around(place, outcome, children_screen))


def summed_up(program: OpenProgram) -> Callable[[], bool]:
    """Whether an execution has been opened, with its summary over it."""
    return lambda: "to the failure" in program.flat


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder", "AWS"])
async def test_down_into_what_was_started_and_up_again(
    is_folder: bool, tmp_path: Path, served: tuple[StubAws, str]
) -> None:
    place = folder_place(tmp_path) if is_folder else account_place(served)
    async with opened_home(on(place, PARENT)) as program:
        await program.press("enter")
        program.at("Sub")
        await program.press("ctrl+n")  # into what Sub started
        await program.until(summed_up(program))
        await program.press("enter")
        program.at("Each")
        await program.press("ctrl+n")  # its Map Run: the children, failed ones first
        await program.until(lambda: isinstance(program.app.screen, ExecutionsScreen) and "SUCCEEDED" in program.text)
        rows = [line for line in program.text.splitlines() if "FAILED" in line or "SUCCEEDED" in line]
        assert rows[0].split()[1] == "FAILED"
        await program.press("enter")
        await program.until(summed_up(program))
        await program.press("enter")
        program.at("Work")
        await program.press("ctrl+k")  # up from the child, at the Map that started it
        await program.until(lambda: "Each started it" in program.flat)
        program.at("Each")
        await program.press("ctrl+k")
        await program.until(lambda: "Sub started it" in program.flat)
        program.at("Sub")
        await program.press("ctrl+k")
        await program.until(lambda: "does not say what started it" in program.flat)
        await program.press("escape", "q", "q", "q", "q", "q")
        program.at("Sub")
        assert len(program.app.screen_stack) == 1, "each q went back one level"


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_the_whole_tree_of_a_failure_on_one_page(size: tuple[int, int], tmp_path: Path) -> None:
    async with opened_home(on(folder_place(tmp_path), CHILD), size) as program:
        await program.press("escape", "ctrl+t")
        await program.until(lambda: isinstance(program.app.screen, FamilyScreen) and "BadRow" in program.text)
        assert "FAILED Orders run-1" in program.flat
        assert "Notify: ✓ SUCCEEDED Mail m-1" in program.flat
        assert "8 executions, 1 Map Run" in program.flat
        assert "in Work: BadRow no number" in program.flat, "the cursor begins on what failed first"
        await program.press("less_than_sign", "less_than_sign")
        assert "started by Sub, at event " in program.flat
        await program.press("less_than_sign", "less_than_sign")
        assert "its input does not say what started it" in program.flat
        await program.press("exclamation_mark", "enter")
        await program.until(summed_up(program))
        await program.press("enter")
        program.at("Work")
        await program.press("q", "less_than_sign", "enter")
        await program.until(lambda: isinstance(program.app.screen, ExecutionsScreen))
        await program.press("q", "question_mark")
        await program.until(lambda: "From the highest execution" in program.flat)
        await program.press("escape", "w", "y")
        assert f"copied: {CHILD}" in program.flat.replace(" ", "").replace("copied:", "copied: ")
        await program.press("exclamation_mark", "equals_sign")  # with the last child that succeeded
        await program.until(lambda: "Work failed in A with BadRow" in program.flat)
        await program.press("q", "R")
        await program.until(lambda: isinstance(program.app.screen, FamilyScreen) and "BadRow" in program.text)


async def test_from_the_list_the_page_opens_and_comes_back(tmp_path: Path) -> None:
    folder = in_folder(FAMILY, tmp_path)
    async with opened_home(lambda: folder_screen(folder)) as program:
        await program.until(lambda: "Rows" in program.text)
        await program.press("slash", *"Orders", "enter", "enter")
        await program.until(lambda: isinstance(program.app.screen, ExecutionsScreen) and "run-1" in program.text)
        await program.press("u")
        await program.until(lambda: isinstance(program.app.screen, FamilyScreen) and "BadRow" in program.text)
        await program.press("q")
        assert isinstance(program.app.screen, ExecutionsScreen)


async def test_what_is_denied_deleted_or_expired_is_said_and_gone_on_from(served: tuple[StubAws, str]) -> None:
    stub = served[0]
    place = account_place(served)
    async with opened_home(on(place, PARENT)) as program:
        await program.press("enter")
        gone = stub.descriptions.pop(CHILD)
        await program.press("ctrl+n")
        await program.until(lambda: "R tries again" in program.flat and "c-1" in program.flat)
        stub.descriptions[CHILD] = gone
        stub.troubles.append(ApiError("AccessDeniedException", "User: me is not authorized"))
        await program.press("R")
        await program.until(lambda: "states:DescribeExecution" in program.flat)
        await program.press("R")
        await program.until(summed_up(program))
        await program.press("q", "q")
        del stub.descriptions[MAIL]
        denied = {FAILED_CHILD}

        def before(operation: str) -> None:
            asked = stub.requests[-1][1]
            if operation == "GetExecutionHistory" and asked["executionArn"] in denied:
                raise ApiError("AccessDeniedException", "User: me is not authorized")

        stub.before = before
        await program.press("ctrl+t")
        await program.until(lambda: isinstance(program.app.screen, FamilyScreen) and "Rows c-1" in program.flat)
        assert program.flat.count("not readable") == 3, "the deleted one; the denied one, also at hand below"
        assert "states:GetExecutionHistory" in program.flat
        denied.clear()
        await program.press("R")
        await program.until(lambda: isinstance(program.app.screen, FamilyScreen) and "BadRow" in program.flat)
        assert program.flat.count("not readable") == 1, "what is deleted stays so"
    assert stub.refused == []


async def test_a_simulation_and_an_execution_that_started_nothing_say_so(tmp_path: Path) -> None:
    place = folder_place(tmp_path)
    async with opened_home(on(place, MAIL)) as program:
        await program.press("escape", "ctrl+n")
        assert "this execution started no other" in program.flat
        screen = program.app.screen
        assert isinstance(screen, DebugScreen)
        screen.relatives = None
        await program.press("ctrl+t")
        assert "nothing is known of what is around" in program.flat
