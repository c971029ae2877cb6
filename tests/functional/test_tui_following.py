"""What AWS does not go on giving, on the screen: a token that expires, a definition that is denied; and choosing one of
several executions of a file."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from sfdebug.asl.load import load_definition
from sfdebug.aws.arns import read_arn
from sfdebug.aws.errors import CredentialsError
from sfdebug.aws.fetching import silent
from sfdebug.aws.opening import later_events
from sfdebug.aws.session import Access, AwsReader
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.history.reading.read import read_recording
from sfdebug.history.recording import ExecutionInfo, Recording
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.kept import RecordingsSource
from sfdebug.tui.browser.loading import read_ready
from sfdebug.tui.browser.places import KeptPlace
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.recordings.live import Follower
from sfdebug.tui.screens.debug import DebugScreen
from tests.aws_stub import EXECUTION, REGION, ApiError, StubAws
from tests.functional.test_tui_browser import DEFINITION, EVENTS, SAMPLE, timed
from tests.tui_runs import MEDIUM, SMALL, opened_home

FOUND = read_recording(SAMPLE / "history.json")
MACHINE = load_definition(SAMPLE / "definition.asl.json")


@pytest.fixture(autouse=True)
def environment(isolated: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tui.browser.loading.later_events", functools.partial(later_events, interval=0.001))


@pytest.fixture
def stub(served: tuple[StubAws, str]) -> StubAws:
    served[0].reset()
    return served[0]


@pytest.fixture
def reader(served: tuple[StubAws, str], stub: StubAws) -> AwsReader:
    return AwsReader(Access(region=REGION, endpoint_url=served[1]))


async def test_a_token_that_expires_and_one_key_goes_on(stub: StubAws, reader: AwsReader) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS[:14]), DEFINITION, status="RUNNING")
    expired = True

    def before(operation: str) -> None:
        if operation == "GetExecutionHistory" and expired and stub.asked.count(operation) > 3:
            raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

    stub.before = before
    ready = read_ready(reader, read_arn(EXECUTION), silent)
    async with opened_home(lambda: ready.screen(is_nested=False), SMALL) as browser:
        screen = browser.screen
        assert isinstance(screen, DebugScreen)
        await browser.until(lambda: "following ended" in screen.notice.message)
        assert screen.view.mode == "recording", "live no more"
        for word in ("have expired", "Log in again", "Ctrl+R follows again"):
            assert word in browser.text
        await browser.press("ctrl+r")
        await browser.until(lambda: "following ended" in screen.notice.message)
        await browser.press("escape")
        assert "Ctrl+R follow" in browser.text, "the footer offers it"
        expired = False
        await browser.press("ctrl+r")
        assert (screen.view.mode, screen.notice.message) == ("live", "following again")
        stub.histories[EXECUTION] = timed(EVENTS)
        await browser.until(lambda: screen.view.is_finished)
        assert len(screen.view.events) == 40, "it stood at the end, and moved along"
        await browser.until(lambda: screen.follower is None or screen.follower.is_over)
        await browser.press("ctrl+r")
        assert "the execution is over" in screen.notice.message


class Breaking:
    """A source that gives a little more each time that it is asked, and breaks off."""

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts

    def recordings(self) -> Iterable[Recording]:
        yield replace(FOUND, events=FOUND.events[: self.counts.pop(0)])
        if self.counts:
            raise CredentialsError("the token has expired", "Log in again.")

    def cancel(self) -> None:
        pass


async def test_who_stands_elsewhere_stays_there_when_following_ends_and_begins_again() -> None:
    begun = replace(FOUND, events=FOUND.events[:9])
    debugger = Debugger.on_recording(open_recording(begun, MACHINE, is_live=True))
    debugger.goto_event(3)
    follower = Follower(Breaking([12, 20, 30]), MACHINE)
    async with opened_home(lambda: DebugScreen(debugger, "live", follower=follower)) as browser:
        screen = browser.screen
        assert isinstance(screen, DebugScreen)
        where = screen.view.event_index
        for count in (12, 20):
            await browser.until(lambda: "following ended: the token has expired" in screen.notice.message)
            assert (len(screen.view.events), screen.view.event_index) == (count, where)
            assert follower.why_ended == "the token has expired\nLog in again."
            await browser.press("ctrl+r")
        await browser.until(lambda: "AWS gives no more events" in screen.notice.message)
        assert (len(screen.view.events), screen.view.event_index, screen.view.mode) == (30, where, "recording")


async def test_nothing_to_follow() -> None:
    debugger = Debugger.on_recording(open_recording(FOUND, MACHINE))
    async with opened_home(lambda: DebugScreen(debugger, "file", greeting="hello")) as browser:
        await browser.press("ctrl+r")
        assert isinstance(browser.screen, DebugScreen)
        assert "this is not followed" in browser.screen.notice.message


@pytest.mark.parametrize(
    ("size", "denied"),
    [
        (SMALL, ("DescribeStateMachineForExecution",)),
        (SMALL, ("DescribeStateMachineForExecution", "DescribeExecution")),
        (MEDIUM, ("DescribeStateMachineForExecution",)),
    ],
    ids=["80x24", "both", "120x40"],
)
async def test_a_denied_definition_shows_what_was_recorded(
    stub: StubAws, reader: AwsReader, size: tuple[int, int], denied: tuple[str, ...]
) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED")

    def before(operation: str) -> None:
        if operation in denied:
            raise ApiError("AccessDeniedException", f"User: x is not authorized to perform: states:{operation} " * 3)

    stub.before = before
    ready = read_ready(reader, read_arn(EXECUTION), silent)
    assert ready.debugger.recorded is not None
    assert ready.debugger.recorded.is_reconstructed
    async with opened_home(lambda: ready.screen(is_nested=False), size) as browser:
        assert "only what was recorded is shown" in browser.text
        assert "states:DescribeStateMachineForExecution" in browser.text
        assert "E takes the definition from a file" in browser.text
        await browser.press("E")
        assert "Run it under which definition?" in browser.text
        browser.screen.query_one(Input).value = str(SAMPLE / "definition.asl.json")
        await browser.press("enter")
        await browser.until(lambda: isinstance(browser.screen, DebugScreen) and browser.screen.is_nested)
        assert isinstance(browser.screen, DebugScreen)
        assert browser.screen.notice.message.startswith("under this definition: every recorded value")


def test_a_given_definition_is_not_asked_for(stub: StubAws, reader: AwsReader) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), "{}", status="FAILED")
    ready = read_ready(reader, read_arn(EXECUTION), silent, machine=MACHINE)
    assert ready.debugger.recorded is not None
    assert ready.debugger.recorded.replay is not None
    assert ready.greeting == ""
    assert "DescribeStateMachineForExecution" not in stub.asked


# Several in one file


def executions() -> list[Recording]:
    good = replace(FOUND, events=FOUND.events[:-1], facts=ExecutionInfo(name="[/good]"), label="[/good]")
    return [good, replace(FOUND, label="bad"), replace(FOUND, events=FOUND.events[:1], label="early")]


async def test_one_of_several_executions_is_opened_from_a_list() -> None:
    place = KeptPlace("logs", RecordingsSource(executions(), "[/log].json"))
    async with opened_home(lambda: ExecutionsScreen(place, "", "[/log].json"), SMALL) as browser:
        await browser.until(lambda: "3 executions" in browser.text)
        rows = browser.text.splitlines()
        assert rows[0].startswith(" [/log].json   3 executions ")
        assert [row.split()[1:3] for row in rows[3:6]] == [
            ["FAILED", "A-1044-9c1e5d0a"],
            ["RUNNING", "[/good]"],
            ["RUNNING", "A-1044-9c1e5d0a"],
        ]
        assert "11-20 02:52:07" in rows[3]
        await browser.until(lambda: "40 events" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: len(browser.app.screen_stack) == 3)  # with the summary over it
        await browser.press("escape", "q")
        await browser.until(lambda: isinstance(browser.screen, ExecutionsScreen))
        await browser.press("slash", *"RUNNING", "enter")
        await browser.until(lambda: "2 shown" in browser.text)
        await browser.press("down", "enter")
        await browser.until(lambda: isinstance(browser.screen, TextDialog))
        await browser.until(lambda: "no state" in browser.text)  # none was entered: it is said, and the list stays
        await browser.press("escape", "escape")
        await browser.until(lambda: "2 shown" not in browser.text)
        await browser.press("escape")
        assert not browser.app.is_running or browser.app.return_value == 0
