"""Browsing AWS on the screen, against servers on loopback: machines, executions failed first, pages, refusals, live."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from sfdebug.aws.opening import child_definition
from sfdebug.aws.session import Access
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.screens import BrowserScreen, ExecutionsScreen, MachinesScreen
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.screens.debug import DebugScreen
from tests import moto_server
from tests.aws_stub import (
    EXECUTION,
    MACHINE,
    MAP_RUN,
    REGION,
    START,
    ApiError,
    Silence,
    StubAws,
    child_arn,
)
from tests.command_line import ROOT
from tests.tui_runs import MEDIUM, SMALL

SAMPLE = ROOT / "samples" / "recorded-order"
EVENTS: list[dict[str, Any]] = json.loads((SAMPLE / "history.json").read_text(encoding="utf-8"))["events"]
DEFINITION = (SAMPLE / "definition.asl.json").read_text(encoding="utf-8")


pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture
def stub(served: tuple[StubAws, str]) -> StubAws:
    served[0].reset()
    return served[0]


@pytest.fixture
def access(served: tuple[StubAws, str], stub: StubAws) -> Access:
    return Access(region=REGION, endpoint_url=served[1])


def timed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as the API gives them: their times are numbers."""
    return [{**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()} for event in events]


class Browsing:
    """The open browser."""

    def __init__(self, pilot: Pilot[int], app: SfdebugApp) -> None:
        self.pilot = pilot
        self.app = app

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(600):
            await self.pilot.pause(0.005)
            if condition():
                return
        raise AssertionError(f"it does not come to that:\n{self.text}")

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())


@asynccontextmanager
async def browsing(home: Callable[[], Screen[None]], size: tuple[int, int] = MEDIUM) -> AsyncIterator[Browsing]:
    app = SfdebugApp(None, home=home)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Browsing(pilot, app)


def executions(access: Access) -> Callable[[], Screen[None]]:
    return lambda: ExecutionsScreen(access, MACHINE, "Executions of Orders", now=lambda: START + 100)


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_from_the_machine_to_the_failure(stub: StubAws, access: Access, size: tuple[int, int]) -> None:
    stub.machines = [
        {"stateMachineArn": MACHINE, "name": "Orders", "type": "STANDARD", "creationDate": START},
        {"stateMachineArn": f"{MACHINE}2", "name": "Returns", "type": "EXPRESS", "creationDate": START},
    ]
    stub.add_execution(f"{EXECUTION}-ok", timed(EVENTS[:-1]), DEFINITION)
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED", error="AddressIncomplete")
    async with browsing(lambda: MachinesScreen(access), size) as browser:
        await browser.until(lambda: "Orders" in browser.text and "Returns" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "SUCCEEDED" in browser.text)
        rows = browser.text.splitlines()
        assert next(at for at, row in enumerate(rows) if "FAILED" in row) < next(
            at for at, row in enumerate(rows) if "SUCCEEDED" in row
        )
        await browser.press("enter")
        await browser.until(lambda: "the address has no postalCode" in browser.text)
        await browser.press("enter")
        assert isinstance(browser.screen, DebugScreen)
        assert browser.screen.view.state is not None
        assert browser.screen.view.state.name == "Ship order"
        assert [type(screen) for screen in browser.app.screen_stack] == [MachinesScreen, ExecutionsScreen, DebugScreen]
        await browser.press("q", "q")
        assert [type(screen) for screen in browser.app.screen_stack] == [MachinesScreen]
    assert stub.refused == []


async def test_pages_are_read_as_the_cursor_comes_near(stub: StubAws, access: Access) -> None:
    stub.page = 100
    for number in range(450):
        stub.add_execution(f"{EXECUTION}-{number:03}", [])
    async with browsing(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, BrowserScreen)
        await browser.until(lambda: screen.entries.count_rows() >= 100)
        assert screen.entries.count_rows() < 450, "what is not looked at is not read"
        while screen.entries.count_rows() < 450:
            before = screen.entries.count_rows()
            await browser.press("G")
            await browser.until(lambda: screen.entries.count_rows() > before)  # noqa: B023
        await browser.press("G")
        assert "run-1-449" in browser.text


async def test_filters_by_status_name_and_time(stub: StubAws, access: Access) -> None:
    stub.add_execution(f"{EXECUTION}-a", [], startDate=START - 7200, stopDate=START - 7100)
    stub.add_execution(f"{EXECUTION}-b", [], status="FAILED")
    stub.add_execution(f"{EXECUTION}-c", [], status="TIMED_OUT")
    async with browsing(executions(access)) as browser:
        await browser.until(lambda: "run-1-a" in browser.text)
        await browser.press("f")
        await browser.until(lambda: "run-1-b" in browser.text and "run-1-c" not in browser.text)
        await browser.press("F", "t")
        await browser.until(lambda: "run-1-c" in browser.text and "run-1-a" not in browser.text)
        assert "the last 1 h" in browser.text
        await browser.press("T", "slash", *"-a", "enter")
        await browser.until(lambda: "run-1-a" in browser.text and "run-1-b" not in browser.text)
        await browser.press("escape")
        await browser.until(lambda: "run-1-b" in browser.text)


async def test_what_is_denied_is_said_with_what_to_do(stub: StubAws, access: Access) -> None:
    stub.troubles.append(
        ApiError("AccessDeniedException", "User is not authorized to perform: states:ListStateMachines")
    )
    async with browsing(lambda: MachinesScreen(access)) as browser:
        await browser.until(
            lambda: isinstance(browser.screen, TextDialog) and "states:ListStateMachines" in browser.text
        )
        await browser.press("enter", "R")
        await browser.until(lambda: "nothing fits" in browser.text)


async def test_opening_can_be_given_up(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION)
    async with browsing(executions(access)) as browser:
        await browser.until(lambda: "run-1" in browser.text)
        stub.troubles.append(Silence())
        await browser.press("enter")
        await browser.until(lambda: "reading" in browser.text)
        await browser.press("escape")
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        assert screen.opening is None
        stub.released.set()
        await browser.pilot.pause(0.05)
        assert isinstance(browser.screen, ExecutionsScreen), "what comes too late is dropped"
    stub.released.clear()


async def test_children_of_a_map_run_failed_first_with_their_part_of_the_definition(
    stub: StubAws, access: Access
) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, **json.loads(DEFINITION)}
    lines = {"Type": "Map", "Label": "Lines", "ItemProcessor": processor, "End": True}
    whole = {"StartAt": "All", "States": {"All": lines}}
    stub.add_execution(child_arn("good"), timed(EVENTS[:-1]), json.dumps(whole), mapRunArn=MAP_RUN)
    stub.add_execution(child_arn("bad"), timed(EVENTS), json.dumps(whole), status="FAILED", mapRunArn=MAP_RUN)

    def home() -> Screen[None]:
        return ExecutionsScreen(access, MAP_RUN, "Child executions of Orders/Lines", is_map_run=True)

    async with browsing(home) as browser:
        await browser.until(lambda: "good" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "every recorded value is computed alike" in browser.text)


def test_the_definition_of_a_child() -> None:
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    branch = {"StartAt": "Each line", "States": {"Each line": {"Type": "Map", "ItemProcessor": inner}}}
    parallel = {"Type": "Parallel", "Branches": [branch]}
    whole = {"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": parallel}}
    found = json.loads(child_definition(json.dumps(whole), "Eachline"))
    assert found == {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert child_definition(json.dumps(whole), "Other") == ""
    assert child_definition("{", "Other") == ""


async def test_a_running_execution_is_followed_live_from_moto() -> None:
    missing = moto_server.missing()
    if missing:
        pytest.skip(f"moto's server mode is not installed here, it lacks: {', '.join(missing)}")
    with moto_server.running() as moto:
        queue = moto.queues.create_queue(QueueName="approvals")["QueueUrl"]
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
            "Next": "Approved",
        }
        arn = moto.machine("Approval", {"Ask": ask, "Approved": {"Type": "Succeed"}})
        moto.start(arn, "live")
        access = Access(region=moto_server.REGION, endpoint_url=moto.address)
        message = moto.until(lambda: moto.queues.receive_message(QueueUrl=queue).get("Messages"))[0]
        token = json.loads(message["Body"])["token"]
        async with browsing(lambda: ExecutionsScreen(access, arn, "Executions of Approval")) as browser:
            await browser.until(lambda: "RUNNING" in browser.text)
            await browser.press("enter")
            await browser.until(lambda: isinstance(browser.screen, DebugScreen))
            screen = browser.screen
            assert isinstance(screen, DebugScreen)
            assert screen.view.mode == "live"
            screen.debugger.goto_event(10**6)
            moto.states.send_task_success(taskToken=token, output='{"by":"Ada"}')
            await browser.until(lambda: screen.view.is_finished)
            assert screen.view.state is not None
            assert screen.view.state.name == "Approved"
