"""Browsing AWS on the screen, against servers on loopback: machines, executions failed first, pages, refusals, live."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.screen import Screen

from sfdebug.aws.listing import Wanted
from sfdebug.aws.opening import child_definition
from sfdebug.aws.session import Access
from sfdebug.cli.archives import folder_screen
from sfdebug.errors import UsageError
from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.groups import GroupsScreen
from sfdebug.tui.browser.machines import MachinesScreen
from sfdebug.tui.browser.places import AccountPlace, KeptPlace
from sfdebug.tui.screens.debug import DebugScreen
from tests import moto_server
from tests.aws_fleet import PREFIX, Fleet, machine_arn
from tests.aws_stub import (
    EXECUTION,
    EXPRESS,
    MACHINE,
    MAP_RUN,
    REGION,
    START,
    ApiError,
    Silence,
    StubAws,
    child_arn,
    event,
    history,
    serving,
)
from tests.command_line import ROOT
from tests.execution_rows import ARN, DAY, RowsSource
from tests.tui_runs import MEDIUM, SMALL, opened_home

SAMPLE = ROOT / "samples" / "recorded-order"
EVENTS: list[dict[str, Any]] = json.loads((SAMPLE / "history.json").read_text(encoding="utf-8"))["events"]
DEFINITION = (SAMPLE / "definition.asl.json").read_text(encoding="utf-8")


pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture
def served() -> Iterator[tuple[StubAws, str]]:
    """A stub of its own for each test: what the test before asks late, from a thread that ends, does not reach it."""
    stub = StubAws()
    with serving(stub) as address:
        yield stub, address


@pytest.fixture
def stub(served: tuple[StubAws, str]) -> StubAws:
    return served[0]


@pytest.fixture
def access(served: tuple[StubAws, str], stub: StubAws) -> Access:
    return Access(region=REGION, endpoint_url=served[1])


def timed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as the API gives them: their times are numbers."""
    return [{**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()} for event in events]


def executions(access: Access) -> Callable[[], Screen[None]]:
    return lambda: ExecutionsScreen(AccountPlace(access), MACHINE, "Orders", now=lambda: int(START * 1000) + 100)


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_from_the_machine_to_the_failure(stub: StubAws, access: Access, size: tuple[int, int]) -> None:
    stub.machines = [
        {"stateMachineArn": MACHINE, "name": "Orders", "type": "STANDARD", "creationDate": START},
        {"stateMachineArn": f"{MACHINE}2", "name": "Returns", "type": "EXPRESS", "creationDate": START},
    ]
    stub.add_execution(f"{EXECUTION}-ok", timed(EVENTS[:-1]), DEFINITION)
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED", error="AddressIncomplete")
    async with opened_home(lambda: MachinesScreen(AccountPlace(access), lambda: int(START * 1000)), size) as browser:
        await browser.until(lambda: "1 failed in the last 24 h" in browser.text and "in its log" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "SUCCEEDED" in browser.text and "AddressIncompl" in browser.text)
        rows = browser.text.splitlines()
        assert next(at for at, row in enumerate(rows) if " FAILED" in row) < next(
            at for at, row in enumerate(rows) if "SUCCEEDED" in row
        )
        assert "in Ship order" in browser.text, "the state at hand is told at every width"
        await browser.press("enter")
        await browser.until(lambda: "the address has no postalCode" in browser.text and "Enter to the" in browser.text)
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
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: screen.entries.count_rows() >= 100)
        assert screen.entries.count_rows() < 450, "what is not looked at is not read"
        assert "so far" in browser.text
        while screen.entries.count_rows() < 450:
            before = screen.entries.count_rows()
            await browser.press("G")
            await browser.until(lambda: screen.entries.count_rows() > before)  # noqa: B023
        await browser.press("G")
        assert "run-1-449" in browser.text


async def test_filters_and_orders(stub: StubAws, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [*history(1, ""), event(2, "ExecutionFailed", executionFailedEventDetails={"error": "Boom", "cause": "x"})]
    stub.add_execution(f"{EXECUTION}-a", [], startDate=START - 7200, stopDate=START - 7100)
    stub.add_execution(f"{EXECUTION}-b", events, status="FAILED", startDate=START - 60)
    stub.add_execution(f"{EXECUTION}-c", [], status="TIMED_OUT", startDate=START - 30, stopDate=START)
    stub.add_execution(f"{EXECUTION}-d", [], startDate=START - 9000, stopDate=START)
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)

        def names() -> str:
            return "".join(one.name[-1] for one in screen.list.entries)

        await browser.until(lambda: names() == "cbad"[1] + "cad" and "Boom" in browser.text)
        assert "all statuses" in browser.text
        await browser.press("f")
        await browser.until(lambda: names() == "b")
        assert "1 shown" in browser.text
        await browser.until(lambda: "Orders   1 FAILED " in browser.text)
        await browser.press("F", "t")
        await browser.until(lambda: names() == "bc" and "2 executions in that time" in browser.text)
        assert "last 1 h" in browser.text
        await browser.press("T", "slash", *"-a", "enter")
        await browser.until(lambda: names() == "a")
        await browser.press("escape")
        await browser.until(lambda: len(names()) == 4)
        await browser.press("g", "e")
        await browser.until(lambda: names() == "b")
        assert "error Boom" in browser.text
        await browser.press("e", "s")
        await browser.until(lambda: names() == "cbad")
        assert "STARTED \N{BLACK DOWN-POINTING SMALL TRIANGLE}" in browser.text
        await browser.press("S")
        await browser.until(lambda: names() == "dabc")
        await browser.press("S", "s")
        await browser.until(lambda: names() == "dabc"[:2] + "bc" or names() == "dabc")
        assert "longest first" in browser.text
        await browser.press("s", "s")
        assert names()[0] == "b", "by error: those without come last"
        monkeypatch.setenv("TZ", "EST+5")
        time.tzset()
        try:
            assert " UTC " in browser.text
            await browser.press("z")
            assert "local, UTC-05:00" in browser.text
            assert "2024-12-31 18:59:00" in browser.text
        finally:
            monkeypatch.undo()
            time.tzset()


async def test_what_is_denied_stays_said_and_one_key_goes_on(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED", error="AddressIncomplete")
    stub.add_execution(f"{EXECUTION}-later", [], status="RUNNING")
    async with opened_home(executions(access), SMALL) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: "AddressIncompl" in browser.text and screen.feed.is_whole)
        denied = "User is not authorized to perform: states:ListExecutions"
        stub.troubles.append(ApiError("AccessDeniedException", denied))
        screen.ask_news()
        await browser.until(lambda: "states:ListExecutions" in browser.text)
        assert "AddressIncompl" in browser.text, "what was there is there"
        assert "stopped" in browser.text
        await browser.press("slash", *"zzz", "enter")
        assert "nothing fits: Esc takes the filter away" in browser.text, "not that nothing was read"
        await browser.press("escape", "j", "k")
        assert "R goes on" in " ".join(browser.text.split())
        stub.add_execution(f"{EXECUTION}-new", [], status="FAILED")
        await browser.press("R")
        await browser.until(lambda: "run-1-new" in browser.text and not screen.trouble)


EXPIRED = ApiError("ExpiredTokenException", "The security token included in the request is expired")
SKEWED = ApiError(
    "InvalidSignatureException", "Signature expired: 20250101T000000Z is now earlier than 20250101T001000Z"
)


@pytest.mark.parametrize(("fault", "words"), [(EXPIRED, "have expired"), (SKEWED, "clock")])
async def test_after_a_fault_between_two_pages_one_key_goes_on_and_nothing_is_lost(
    stub: StubAws, access: Access, fault: ApiError, words: str
) -> None:
    stub.page = 100
    for number in range(250):
        stub.add_execution(f"{EXECUTION}-{number:03}", [], startDate=START - number)
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: len(screen.list.entries) == 100)

        def fails(operation: str) -> None:
            raise fault

        stub.before = fails
        await browser.press("G")
        await browser.until(lambda: words in " ".join(browser.text.split()) and "R goes on" in browser.text)
        assert "stopped" in browser.text
        assert len(screen.list.entries) == 100, "what was there is there"
        assert screen.list.cursor == 99
        asked = len(stub.requests)
        await browser.press("k", "j", "G")
        assert len(stub.requests) == asked, "it is said once, and not tried again by itself"
        stub.before = lambda operation: None
        await browser.press("R")
        await browser.until(lambda: len(screen.list.entries) >= 200 and not screen.trouble)
        assert screen.list.entry is not None
        assert screen.list.entry.name == "run-1-099", "the cursor is where it was"
        await browser.press("G")
        await browser.until(lambda: len(screen.list.entries) == 250)
        assert len({one.key for one in screen.list.entries}) == 250


async def test_rows_causes_and_looks_are_bounded(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tui.browser.feed.MOST_ROWS", 300)
    monkeypatch.setattr("sfdebug.tui.browser.feed.LOOKS_AT_ONCE", 20)
    monkeypatch.setattr("sfdebug.tui.browser.feed._MOST_CAUSE", 10)
    fleet = Fleet(4_000, machines=("Orders",))
    fleet.page = 200
    with serving(fleet) as address:
        place = AccountPlace(Access(region=REGION, endpoint_url=address))
        home = ExecutionsScreen(place, machine_arn("Orders"), "Orders", now=lambda: int(START * 1000))
        async with opened_home(lambda: home, SMALL) as browser:
            await browser.until(lambda: len(home.feed.listed) >= 300)
            await browser.press("G", "g", "G")
            await browser.pilot.pause(0.02)
            assert len(home.feed.listed) == 400, "whole pages"
            await browser.until(lambda: "400 executions, no more are read" in browser.text)

            def looked() -> int:
                return sum(one.key in home.feed._asked for one in home.feed.rows.values())

            await browser.press("g")
            await browser.until(lambda: home.feed.looked[0] >= 20)
            await browser.pilot.pause(0.05)
            before = looked()
            assert before <= 80, "the newest, and what was in view"
            await browser.press("v")
            assert "not looked into yet" in browser.text.splitlines()[6], "of others it is not known"
            await browser.press("plus")
            await browser.until(lambda: looked() == before + 20)
            assert max(len(one.cause or "") for one in home.feed.rows.values()) == 11
            bound = home.feed.bound
            home.feed._new([replace(home.feed.shown[-1], arn=f"{EXECUTION}-news", stopped_at=int(START * 1000) + 9)])
            assert home.feed.bound == bound + 1, "a new failure is looked into in any case"


async def test_a_page_that_comes_again_ends_the_reading_and_is_shown_once(
    stub: StubAws, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.page = 100
    for number in range(250):
        stub.add_execution(f"{EXECUTION}-{number:03}", [], startDate=START - number)
    again = stub._paged
    monkeypatch.setattr(
        stub, "_paged", lambda field, entries, asked: again(field, entries, asked | {"nextToken": "from-0"})
    )
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: len(screen.list.entries) == 100)
        await browser.press("G")
        await browser.until(lambda: "the same page comes again" in " ".join(browser.text.split()))
        assert len(screen.list.entries) == 100


async def test_the_most_useful_keys_are_seen_on_a_small_terminal(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED")
    async with opened_home(executions(access), size=SMALL) as browser:
        line = browser.text.splitlines()[-1]
        for key in ("Enter open", "v groups", "= compare", "c ticket", "/ filter", "Esc back", "? keys"):
            assert key in line


async def test_one_that_is_deleted_while_it_is_read_does_not_hide_the_others(access: Access) -> None:
    fleet = Fleet(2_000)
    gone = f"{PREFIX}:execution:Orders:run-01965"
    fleet.deleted.add(gone)
    with serving(fleet) as address:
        place = AccountPlace(Access(region=REGION, endpoint_url=address))
        home = ExecutionsScreen(place, machine_arn("Orders"), "Orders", now=lambda: int(START * 1000))
        async with opened_home(lambda: home) as browser:
            await browser.until(lambda: "40 failed" in browser.text and "looked into" not in browser.text)
            assert home.list.entry is not None
            assert home.list.entry.arn == gone
            assert "not readable" in browser.text
            assert "it was deleted since it was listed" in browser.text
            assert sum(bool(one.error) for one in home.list.entries) == 39
            await browser.press("enter")
            await browser.until(lambda: "This execution cannot be opened" in browser.text)
            said = " ".join(browser.text.split())
            assert "deletes an execution with its state machine" in said
            assert "Check the account" not in said, "they are right: it was listed"
            await browser.press("escape", "j", "enter")
            await browser.until(lambda: "Enter to the" in browser.text)


async def test_a_new_failure_rings_and_the_cursor_stays(
    served: tuple[StubAws, str], stub: StubAws, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[int] = []
    monkeypatch.setattr(SfdebugApp, "bell", lambda app: rings.append(1))
    for name in ("1", "2", "3"):
        stub.add_execution(f"{EXECUTION}-{name}", [], status="RUNNING", startDate=START - int(name))
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: screen.feed.is_whole)
        await browser.press("j")
        before = len(stub.requests)
        screen.ask_news()
        await browser.until(lambda: len(stub.requests) == before + 1)
        await browser.pilot.pause(0.02)
        assert rings == []
        stub.listed[MACHINE][2] |= {"status": "FAILED", "stopDate": START + 5}
        stub.add_execution(f"{EXECUTION}-4", [], status="FAILED", startDate=START + 20, stopDate=START + 30)
        screen.ask_news()
        await browser.until(lambda: "2 new" in browser.text)
        assert [one.name[-1] for one in screen.list.entries] == ["4", "3", "1", "2"]
        assert screen.list.entry is not None
        assert screen.list.entry.name == "run-1-2", "the cursor is on the same one"
        assert rings == [1]
        await browser.press("b", "exclamation_mark")
        assert "does not ring" in browser.text
        assert "1 new" in browser.text
        stub.listed[MACHINE][0] |= {"status": "FAILED", "stopDate": START + 9}
        screen.ask_news()
        await browser.until(lambda: "2 new" in browser.text)
        assert rings == [1]


async def test_when_aws_asks_for_fewer_requests_it_slows_down(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, [], status="RUNNING")
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: screen.feed.is_whole)
        assert "every 5 s" in browser.text
        stub.troubles.append(ApiError("ThrottlingException", "Rate exceeded"))
        screen.ask_news()
        await browser.until(lambda: "slowed by AWS's limits" in browser.text)
        assert "every 10 s" in browser.text
        await browser.press("l")
        assert "not live" in browser.text


async def test_those_that_run_are_followed_at_once_from_where_their_histories_ended(
    stub: StubAws, access: Access
) -> None:
    def entered(number: int, name: str) -> dict[str, Any]:
        return event(number, "TaskStateEntered", stateEnteredEventDetails={"name": name, "input": "{}"})

    events = {
        name: [*history(1, ""), entered(2, name), event(3, "TaskScheduled"), event(4, "TaskStarted")]
        for name in ("Charge", "Ship")
    }
    for name, found in events.items():
        stub.add_execution(f"{EXECUTION}-{name}", found, status="RUNNING")
    now = [int(START * 1000)]
    home = ExecutionsScreen(AccountPlace(access), MACHINE, "Orders", now=lambda: now[0])
    async with opened_home(lambda: home) as browser:
        await browser.until(lambda: home.feed.is_whole)
        home.follow_running()
        await browser.until(lambda: "2 running followed every 2 s" in browser.text)
        assert [where.states for where in home.list.whereabouts.values()] == ["Charge", "Ship"]
        assert "RUNNING in Charge, for 0 ms" in browser.text
        home.follow_running()
        assert stub.asked.count("GetExecutionHistory") == 2, "not before it is time to"
        events["Charge"] += [event(5, "TaskFailed"), event(6, "TaskScheduled")]
        now[0] += 5_000
        home.follow_running()
        await browser.until(lambda: "RUNNING in Charge, try 2, for" in browser.text)
        looks = [asked for operation, asked in stub.requests if operation == "GetExecutionHistory"]
        assert [one["maxResults"] for one in looks] == [500, 500, 100, 100]
        assert not any(one.get("includeExecutionData", True) or not one["reverseOrder"] for one in looks)
        events["Ship"].append(event(5, "ExecutionFailed"))
        stub.listed[MACHINE][1] |= {"status": "FAILED", "stopDate": START + 5}
        now[0] += 5_000
        home.follow_running()
        await browser.until(lambda: "1 new" in browser.text and "1 running followed" in browser.text)
        assert [one.status for one in home.list.entries] == ["FAILED", "RUNNING"], "asked for at once"

        def denied(operation: str) -> None:
            if operation == "GetExecutionHistory":
                raise ApiError("AccessDeniedException", "not authorized to perform: states:GetExecutionHistory")

        stub.before = denied
        now[0] += 5_000
        home.follow_running()
        await browser.press("j")
        await browser.until(lambda: "these credentials may not states:GetExecutionHistory" in browser.text)
        assert not home.trouble, "the list goes on"


async def test_failures_that_are_alike_and_back(access: Access) -> None:
    fleet = Fleet(2_000)
    with serving(fleet) as address:
        place = AccountPlace(Access(region=REGION, endpoint_url=address))
        machine = machine_arn("Orders")
        async with opened_home(
            lambda: ExecutionsScreen(place, machine, "Orders", now=lambda: int(START * 1000))
        ) as browser:
            screen = browser.screen
            assert isinstance(screen, ExecutionsScreen)
            await browser.until(lambda: "40 failed" in browser.text)
            await browser.press("v")
            await browser.until(lambda: "3 kinds of failure" in browser.text and "40 failed" in browser.text)
            await browser.until(lambda: "the first ran the definition of 2024-12-20 10:13:20, " in browser.text)
            assert "old by then (hash " in browser.text
            assert "so far" not in browser.text, "all that failed were read"
            assert "3 kinds of failure" in browser.text
            groups = browser.screen
            assert isinstance(groups, GroupsScreen)
            assert sorted((one.error, one.count) for one in groups.groups.entries) == [
                ("CardDeclined", 14),
                ("States.Runtime", 13),
                ("Throttled", 13),
            ]
            await browser.press("slash", *"Card", "enter", "enter")
            assert "CardDeclined in Charge" in browser.text
            assert "14 shown" in browser.text
            await browser.press("j", "escape")
            groups = browser.screen
            assert isinstance(groups, GroupsScreen), "Esc comes back to the groups, at the same one"
            assert groups.groups.entry is not None
            assert groups.groups.entry.error == "CardDeclined"
            await browser.press("n")
            await browser.until(lambda: "was declined" in browser.text and "Enter to the" in browser.text)
            await browser.press("escape", "q", "escape")
            assert browser.app.screen is screen
            assert "40 failed" in browser.text
        looked = [asked["executionArn"] for operation, asked in fleet.requests if operation == "GetExecutionHistory"]
        assert len(looked) <= 42, "nothing is asked twice, but for the one that was opened"
        assert fleet.refused == []


async def test_what_was_found_out_is_kept_for_the_next_look(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION, status="FAILED", error="AddressIncomplete")
    stub.add_execution(f"{EXECUTION}-other", [], status="SUCCEEDED")
    async with opened_home(executions(access)) as browser:
        await browser.until(lambda: "1 failed" in browser.text and "AddressIncomplete" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "Enter to the failure" in browser.text)
    stub.requests.clear()
    async with opened_home(executions(access)) as browser:
        await browser.until(lambda: "1 failed" in browser.text and "in Ship order" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "Enter to the failure" in browser.text)
    assert {operation for operation, _ in stub.requests} == {"ListExecutions"}, "the list alone is asked for again"
    stub.listed[MACHINE][0] |= {"startDate": START + 1000, "stopDate": START + 1001}
    stub.requests.clear()
    async with opened_home(executions(access)) as browser:
        await browser.until(lambda: "1 failed" in browser.text and "in Ship order" in browser.text)
    assert "GetExecutionHistory" in stub.asked, "its name was given to another one since"


async def test_marks_stay_with_their_executions(stub: StubAws, access: Access) -> None:
    for name in "abc":
        stub.add_execution(f"{EXECUTION}-{name}", [], startDate=START - ord(name))
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: screen.feed.is_whole)
        await browser.press("space", "j", "j", "space", "s", "S")
        assert "2 marked" in browser.text
        rows = browser.text.splitlines()
        assert all(("\N{BLACK DIAMOND}" in row) == ("run-1-b" not in row) for row in rows if " run-1-" in row)
        chosen = screen.chosen()
        assert [one.name for one in chosen.subjects] == ["run-1-a", "run-1-c"]
        await browser.press("G", "space")
        assert [one.name for one in screen.chosen().marked] == ["run-1-c"]
        await browser.press("escape")
        assert "marked" not in browser.text
        assert [one.name for one in screen.chosen().subjects] == ["run-1-c", "run-1-b", "run-1-a"]


async def test_a_folder_is_listed_like_an_account(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two", "three")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "history.json").write_text(json.dumps({"events": EVENTS[: 40 - number]}))
        (folder / "definition.asl.json").write_text(DEFINITION)
        arn = f"{EXECUTION}-{name}"
        status = "SUCCEEDED" if number else "FAILED"
        about = {"executionArn": arn, "stateMachineArn": MACHINE, "name": name, "status": status}
        (folder / "execution.json").write_text(json.dumps(about))
    async with opened_home(lambda: folder_screen(tmp_path), SMALL) as browser:
        await browser.until(lambda: "3 executions" in browser.text and "AddressIncompl" in browser.text)
        assert "every" not in browser.text
        await browser.press("v")
        await browser.until(lambda: "1 kind of failure" in browser.text)
        await browser.press("enter", "enter")
        await browser.until(lambda: "the address has no postalCode" in browser.text and "Enter to the" in browser.text)
        assert "Esc from the start" in browser.text, "the way out is never cut"
        await browser.press("escape", "q", "p")
        assert "no other region" in browser.text
    async with opened_home(lambda: folder_screen(tmp_path, wanted="Orders"), SMALL) as browser:
        await browser.until(lambda: "3 executions" in browser.text)
    (tmp_path / "one" / "execution.json").unlink()
    (tmp_path / "cut.json").write_text('{"events": [')
    async with opened_home(lambda: folder_screen(tmp_path), SMALL) as browser:
        await browser.until(lambda: "none that is recorded" in browser.text and "1 failed" in browser.text)
        assert "24 h" not in browser.text, "what is kept is old: all of it counts"
        await browser.press("enter")
        await browser.until(lambda: "2 executions" in browser.text and "not readable" in browser.text)
    with pytest.raises(UsageError, match="there is no state machine 'Refunds'"):
        folder_screen(tmp_path, wanted="Refunds")


async def test_another_profile_and_region_are_taken_inside(
    served: tuple[StubAws, str], stub: StubAws, access: Access, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile production]\nregion = eu-central-1\n[profile staging]\n")
    (tmp_path / "credentials").write_text("[production]\naws_access_key_id = a\naws_secret_access_key = b\n")
    stub.machines = [{"stateMachineArn": MACHINE, "name": "Orders", "type": "STANDARD", "creationDate": START}]
    async with opened_home(lambda: MachinesScreen(AccountPlace(access))) as browser:
        await browser.until(lambda: "Orders" in browser.text)
        await browser.press("enter")
        assert type(browser.screen) is ExecutionsScreen
        await browser.press("p", *"production")
        assert "staging" not in browser.text
        await browser.press("enter")
        assert len(browser.app.screen_stack) == 1, "back at the machines"
        await browser.until(lambda: "eu-central-1, profile production" in browser.text and "Orders" in browser.text)
        await browser.press("p", *"us-east-2", "enter")
        await browser.until(lambda: "us-east-2, profile production" in browser.text)


async def test_machines_the_worst_first_and_counted_again() -> None:
    fleet = Fleet(2_000)
    for number, status in ((1_998, "FAILED"), (1_999, "ABORTED")):  # they have run
        machine = fleet.names[number % 5]
        fleet.stop(f"{PREFIX}:execution:{machine}:run-{number:05}", status)
    with serving(fleet) as address:
        place = AccountPlace(Access(region=REGION, endpoint_url=address))
        home = MachinesScreen(place, lambda: int(START * 1000))
        async with opened_home(lambda: home) as browser:

            def names() -> list[str]:
                return [one.name for one in home.list.entries]

            await browser.until(lambda: len(home.list.counts) == 5 and "202 failed in the last 24 h" in browser.text)
            assert names() == sorted(fleet.names)
            await browser.press("s")
            assert set(names()[:2]) == {"Shipping", "Reports"}
            assert "most failed first" in browser.text
            await browser.press("s")
            assert names()[0] == "Invoices", "the only one of which one runs"
            fleet.stop(f"{PREFIX}:execution:Invoices:run-01997")
            asked = len(fleet.requests)
            home.recount()
            await browser.until(lambda: len(fleet.requests) == asked + 10)  # two requests for each in view
            await browser.until(lambda: "203 failed in the last 24 h" in browser.text)
            await browser.press("s")
            assert names() == sorted(fleet.names)


async def test_of_an_express_machine_the_log_is_searched_as_far_back_as_asked(stub: StubAws, access: Access) -> None:
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:123456789012:log-group:/quick:*"}}
    arn = MACHINE.replace("Orders", "Quick")
    logging = {"level": "ALL", "destinations": [group]}
    described = {"definition": DEFINITION, "roleArn": "r", "loggingConfiguration": logging}
    stub.machines = [
        {"stateMachineArn": arn, "name": "Quick", "type": "EXPRESS", "creationDate": START, **described},
    ]
    stub.log_groups["/quick"] = [
        logged(1, "ExecutionStarted", {"input": "{}"}),
        logged(2, "ExecutionFailed", {"error": "Boom", "cause": "it broke"}),
    ]
    async with opened_home(lambda: MachinesScreen(AccountPlace(access), lambda: int(START * 1000) + 9_000)) as browser:
        await browser.until(lambda: "in its log" in browser.text)
        await browser.press("enter")
        await browser.until(lambda: "from how far back?" in browser.text)
        assert "FilterLogEvents" not in stub.asked, "nothing is searched before it is said"
        assert "/quick" in browser.text
        await browser.press("down", "enter")
        await browser.until(lambda: "Boom" in browser.text)
        assert "last 3 h" in browser.text
        searched = next(asked for operation, asked in stub.requests if operation == "FilterLogEvents")
        assert searched["startTime"] == int(START * 1000) + 9_000 - 3 * 3_600_000


def logged(number: int, type: str, details: dict[str, Any]) -> dict[str, Any]:
    """An event as an Express machine logs it."""
    time = str(int(START * 1000) + number)
    message = {"id": str(number), "type": type, "details": details, "event_timestamp": time, "execution_arn": EXPRESS}
    return {"timestamp": int(time), "message": json.dumps({"previous_event_id": str(number - 1), **message})}


async def test_a_log_that_an_arn_names_is_asked_about_too(stub: StubAws, access: Access) -> None:
    arn = MACHINE.replace("Orders", "Quick")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:123456789012:log-group:/quick:*"}}
    described = {"definition": DEFINITION, "roleArn": "r", "loggingConfiguration": {"level": "ALL"}}
    described["loggingConfiguration"]["destinations"] = [group]  # type: ignore[index]
    stub.machines = [{"stateMachineArn": arn, "name": "Quick", "type": "EXPRESS", **described}]
    stub.log_groups["/quick"] = [
        logged(1, "ExecutionStarted", {"input": "{}"}),
        logged(2, "ExecutionFailed", {"error": "Boom", "cause": "it broke"}),
    ]

    def refused(operation: str) -> None:
        if operation == "ListExecutions":
            raise ApiError("StateMachineTypeNotSupported", "not supported for EXPRESS")

    stub.before = refused

    def home() -> Screen[None]:
        return ExecutionsScreen(AccountPlace(access), arn, "Quick", now=lambda: int(START * 1000) + 100)

    async with opened_home(home) as browser:
        await browser.until(lambda: "from how far back?" in browser.text)
        assert "FilterLogEvents" not in stub.asked, "nothing is searched before it is said"
        await browser.press("enter")
        await browser.until(lambda: "Boom" in browser.text)
        assert "last 1 h" in browser.text
        searched = [asked for operation, asked in stub.requests if operation == "FilterLogEvents"]
        assert all("endTime" in one for one in searched[1:]), "of one execution no more is searched than has to be"


async def test_what_may_not_be_looked_into_is_said_once_and_the_list_goes_on(stub: StubAws, access: Access) -> None:
    for number in range(40):
        stub.add_execution(f"{EXECUTION}-{number:02}", [], status="FAILED", startDate=START - number)

    def denied(operation: str) -> None:
        if operation in ("GetExecutionHistory", "DescribeExecution"):
            raise ApiError("AccessDeniedException", f"User is not authorized to perform: states:{operation}")

    stub.before = denied
    async with opened_home(executions(access)) as browser:
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        await browser.until(lambda: "40 failed, may not states:DescribeExecution" in browser.text)
        assert not screen.trouble
        assert "every 5 s" in browser.text
        asked = len(stub.requests)
        assert stub.asked.count("GetExecutionHistory") <= 12, "not each is tried"
        await browser.press(*"jjjjG")
        await browser.pilot.pause(0.02)
        assert len(stub.requests) <= asked + 12, "but for those that were under way"
        await browser.press("v")
        assert "40 failed, may not states:DescribeExecution" in browser.text
        await browser.press("escape")
        stub.before = lambda operation: None
        await browser.press("R")
        await browser.until(lambda: "40 failed" in browser.text and "may not" not in browser.text)


async def test_opening_can_be_given_up(stub: StubAws, access: Access) -> None:
    stub.add_execution(EXECUTION, timed(EVENTS), DEFINITION)
    async with opened_home(executions(access)) as browser:
        await browser.until(lambda: "run-1" in browser.text)
        stub.troubles.append(Silence())
        await browser.press("enter")
        await browser.until(lambda: "reading" in browser.text)
        await browser.press("escape")
        screen = browser.screen
        assert isinstance(screen, ExecutionsScreen)
        assert not screen.is_working
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
        return ExecutionsScreen(AccountPlace(access), MAP_RUN, "Child executions of Orders/Lines", is_map_run=True)

    async with opened_home(home) as browser:
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
        async with opened_home(lambda: ExecutionsScreen(AccountPlace(access), arn, "Approval")) as browser:
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


class _InPages(RowsSource):
    """What was given, a few at a time."""

    def executions(self, of: str = "", wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        for page in super().executions(of, wanted):
            for at in range(0, len(page), 20):
                yield page[at : at + 20]


async def test_all_of_a_folder_are_counted_though_nobody_moves() -> None:
    rows = [
        ExecutionOutcome(f"{ARN}:execution:Orders:{n}", f"{n}", "", "SUCCEEDED", DAY + n, DAY + n) for n in range(600)
    ]
    place = KeptPlace("here", _InPages(rows))
    async with opened_home(lambda: ExecutionsScreen(place, "", "here", now=lambda: DAY), SMALL) as browser:
        await browser.until(lambda: "600 executions" in browser.text)
        assert "so far" not in browser.text


async def test_a_folder_without_a_history_says_what_one_is() -> None:
    place = KeptPlace("here", RowsSource(()))
    async with opened_home(lambda: ExecutionsScreen(place, "", "here", now=lambda: DAY), SMALL) as browser:
        await browser.until(lambda: "no file here has a list of events" in browser.text)
