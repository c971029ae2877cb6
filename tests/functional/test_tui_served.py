"""`sfdebug serve --watch`: the executions of clients in a live list, and each of them opened, followed, left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tui.keys import key_of
from sfdebug.tui.served import list as served_list
from sfdebug.tui.served import rows
from sfdebug.tui.served.client import ServedClient
from sfdebug.tui.served.earlier import EarlierExecutions
from sfdebug.tui.served.executions import ServedPage
from sfdebug.tui.served.rows import row_of
from tests.hosted_runs import token_of
from tests.served_runs import BAD_ORDER, LARGE_ORDER, SMALL_ORDER, WatchedProgram, watched
from tests.tui_runs import LARGE, SMALL


def succeed(program: WatchedProgram, arn: str, value: Any = None) -> None:
    """The client answers the token that an execution gave away."""
    program.host.tokens.succeed(token_of(program.host, arn), json.dumps({"by": "ann"} if value is None else value))


async def test_executions_appear_as_clients_start_them_the_newest_first() -> None:
    async with watched() as program:
        assert "no executions yet: e shows the lines that bring clients here" in program.flat
        assert "0 running · 0 over" in program.flat
        await program.start(SMALL_ORDER, "run-1")
        large = await program.start(LARGE_ORDER, "run-2")
        await program.start(BAD_ORDER, "run-3")
        assert program.rows() == ["run-3", "run-2", "run-1"]
        assert "http://127.0.0.1:8083 run virtual time 1 running · 2 over" in program.flat
        assert "✗ FAILED Orders run-3 Refused OrderRefused" in program.flat
        assert "▸ RUNNING Orders run-2 Approve" in program.flat
        assert "OrderRefused: we do not ship [/that" in program.flat  # of the one at hand, which nobody reads as markup
        succeed(program, large)
        await program.look()
        assert "0 running · 3 over" in program.flat
        assert "✓ SUCCEEDED Orders run-2" in program.flat


async def test_who_is_at_the_top_stays_there_and_who_is_not_stays_with_an_execution() -> None:
    async with watched() as program:
        await program.start(SMALL_ORDER, "run-1")
        await program.start(SMALL_ORDER, "run-2")
        assert program.listed.list.cursor == 0
        await program.press("j")
        await program.start(SMALL_ORDER, "run-3")
        entry = program.listed.list.entry
        assert entry is not None
        assert (program.listed.list.cursor, row_of(entry).name) == (2, "run-1")


async def test_the_list_is_filtered_by_status_and_by_text() -> None:
    async with watched() as program:
        for order, name in ((SMALL_ORDER, "run-1"), (LARGE_ORDER, "run-2"), (BAD_ORDER, "run-3")):
            await program.start(order, name)
        await program.press(*"ff")
        assert (program.listed.status, program.rows()) == ("RUNNING", ["run-2"])
        await program.press("f")
        assert program.rows() == ["run-3"]
        assert "1 shown" in program.flat
        await program.press("escape")
        assert len(program.rows()) == 3
        await program.press("slash", *"orderrefused", "enter")
        assert program.rows() == ["run-3"]
        await program.start(BAD_ORDER, "run-4")
        assert program.rows() == ["run-4", "run-3"]
        await program.press("escape", "slash", *"!run-3", "enter")
        assert "run-3" not in program.rows()
        await program.press("escape", "slash", *"nowhere", "enter")
        assert "nothing fits: Esc takes the filter away" in program.flat


async def test_the_test_case_of_an_execution_is_shown_and_found() -> None:
    cases = {"StateMachines": {"Orders": {"TestCases": {"Approved": {"Approve": "By"}}}}}
    answers = {"MockedResponses": {"By": {"0": {"Return": {"by": "ann"}}}}}
    mocks = MockConfig.parse(json.dumps({**cases, **answers}))
    async with watched(mocks=mocks) as program:
        await program.start(LARGE_ORDER, "run-1")
        assert "TEST CASE" not in program.text
        program.host.run(f"{program.machine}#Approved", LARGE_ORDER, "run-2")
        await program.look()
        assert "✓ SUCCEEDED Orders run-2 Approved" in program.flat
        assert "SUCCEEDED Orders test case Approved" in program.flat
        await program.press("slash", *"approved", "enter")
        assert program.rows() == ["run-2"]


async def test_what_ended_in_an_earlier_process_is_listed_read_page_by_page_and_opens(tmp_path: Path) -> None:
    async with watched(store=tmp_path / "kept") as program:
        waits = await program.start(LARGE_ORDER, "waits")
        for number in range(5):
            await program.start(BAD_ORDER, f"run-{number}")
        await program.start(SMALL_ORDER, "good")
    async with watched(store=tmp_path / "kept") as program:
        assert program.rows() == ["waits", "good", "run-4", "run-3", "run-2", "run-1", "run-0"]
        assert "1 running · 0 over · 6 before" in program.flat
        assert "✗ FAILED Orders run-4 OrderRefused" in program.flat
        await program.press("j", "j", "x")
        assert "it does not run" in program.flat
        await program.press("enter")
        program.at("Price")
        assert "client's run-4 · Orders ✗ FAILED" in program.flat
        assert "in its history" not in program.flat  # it was run again by its decisions
        await program.press("q", "r")  # redriven, it is in memory
        await program.look()
        assert program.rows()[:2] == ["run-4", "waits"]
        await program.press("slash", *"run-1|good", "enter")
        assert program.rows() == ["good", "run-1"]
        succeed(program, waits)
        await program.look()
    async with watched(store=tmp_path / "kept", keep=1) as program:
        earlier = EarlierExecutions(program.host.keeping, page=2)
        earlier.begin()
        assert (earlier.count, len(earlier.rows), earlier.unread) == (7, 2, 5)
        while earlier.more():
            assert len(earlier.rows) + earlier.unread == 7
        for name in ("new-1", "new-2"):
            await program.start(SMALL_ORDER, name)
        assert program.rows()[:4] == ["new-2", "new-1", "good", "run-4"]  # new-1 has left memory
        assert len(program.rows()) == 9


async def test_the_palette_has_the_commands_of_the_list() -> None:
    async with watched() as program:
        await program.start(LARGE_ORDER, "run-1")
        await program.press("ctrl+p")
        await program.until(lambda: "Hold mode (H)" in program.flat)
        program.app.screen.query_one(Input).value = "how clients come"
        await program.until(lambda: "Hold mode" not in program.flat and "Clients (e)" in program.flat)
        await program.press("enter")
        await program.until(lambda: "In the client's shell" in program.text)


async def test_only_rows_in_view_are_made_and_nothing_is_painted_again_that_has_not_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def noted(hosted: rows.ServedEntry) -> rows.ServedRow:
        made.append(row_of(hosted).name)
        return row_of(hosted)

    monkeypatch.setattr(served_list, "row_of", noted)
    async with watched(keep=5_000) as program:
        for number in range(2_000):
            program.host.start_execution(program.machine, json.dumps(SMALL_ORDER), f"run-{number}")
        await program.look()
        assert len(program.rows()) == 2_000
        assert 0 < len(set(made)) <= 40
        made.clear()
        await program.look()
        await program.look()
        assert made == []


async def test_how_clients_come_is_one_key_away_and_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched() as program:
        copied: list[str] = []
        monkeypatch.setattr(program.app, "copy_to_clipboard", copied.append)
        await program.press("e")
        assert "export B='two words'" in program.text
        assert program.machine in program.text
        await program.press("y")
        await program.press("a", "enter")
        assert copied == ["export A=1\nexport B='two words'\n", program.machine]
        await program.press("escape")
        arn = await program.start(SMALL_ORDER, "run-1")
        await program.press("y")
        assert copied[-1] == arn


async def test_what_the_server_prints_does_not_stand_on_the_screen() -> None:
    async with watched() as program:
        print("sfdebug: the first is forgotten")  # noqa: T201 (what this is about)
        await program.pilot.pause()
        assert program.text.splitlines()[0].lstrip().startswith("http://127.0.0.1:8083")
        assert "sfdebug: the first is forgotten" in program.flat
        assert "1 message: m" in program.flat
        await program.press("m")
        assert "What the server has said" in program.text
        await program.press("escape")
        assert "1 message: m" not in program.flat


async def test_leaving_asks_when_something_runs() -> None:
    async with watched() as program:
        await program.start(LARGE_ORDER, "run-1")
        await program.press("q")
        assert "1 execution will be stopped" in program.flat
        await program.press("escape")
        program.server.is_kept = True
        await program.press("q")
        assert "1 execution goes on the next time, from the store" in program.flat
        await program.press("escape")
        assert program.app.is_running
        await program.press("ctrl+c", "enter")
        assert program.app.return_code == 0
    async with watched() as program:
        await program.start(SMALL_ORDER, "run-1")
        await program.press("q")
        assert program.app.return_value == 0


async def test_another_page_is_a_key_away() -> None:
    def opened() -> Any:
        from sfdebug.tui.dialogs.messages import TextDialog

        return TextDialog("Triggers", "what starts executions")

    async with watched(pages=[ServedPage("Triggers", opened)]) as program:
        await program.press("tab")
        assert "what starts executions" in program.text
    async with watched() as program:
        await program.press("tab")
        assert "there is no other page" in program.flat


async def test_an_execution_that_runs_opens_where_it_is_and_is_followed() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        await program.press("enter")
        program.at("Approve")
        assert "client's run-1 · Orders ▸ LIVE Approve" in program.flat
        assert "you: at its head" in program.flat
        succeed(program, arn)
        await program.look()
        assert "✓ SUCCEEDED" in program.text.splitlines()[0]
        assert program.debugged.view.is_finished
        assert program.debugged.debugger.execution.output == program.host.hosted(arn).execution.output


async def test_who_has_stepped_back_stays_there_while_the_execution_goes_on() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        await program.press("enter", "N", "N")
        program.at("Large?")
        assert "behind" in program.text.splitlines()[0]
        succeed(program, arn)
        await program.look()
        program.at("Large?")
        count = len(program.host.history(arn))
        assert f"of {count}" in program.flat  # the timeline has all of it
        await program.press(key_of("time.last").replace("}", "right_curly_bracket"))
        assert "you: at its head" in program.flat


async def test_nothing_that_is_tried_on_a_fork_reaches_the_client() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        before = list(program.host.history(arn))
        await program.press("enter", "N", "N", "f", "enter")  # the Choice is forced to go past Approve
        assert "on fork 1, your own" in program.text.splitlines()[0]
        await program.press("c")
        assert program.debugged.view.status == "SUCCEEDED"
        assert list(program.host.history(arn)) == before
        assert program.host.execution(arn).status == "RUNNING"
        succeed(program, arn)
        await program.look()
        assert program.debugged.view.status == "SUCCEEDED"
        assert "on fork 1, your own" in program.text.splitlines()[0]
        await program.press("semicolon", "w")
        assert "you: at its head" in program.flat
        assert program.host.execution(arn).status == "SUCCEEDED"
        await program.press("q")
        assert "Go back to the screen before?" in program.text  # the fork ends with it
        await program.press("enter")
        assert program.app.screen is program.listed


async def test_one_that_is_over_opens_at_its_start_with_the_way_to_what_failed() -> None:
    async with watched() as program:
        await program.start(BAD_ORDER, "run-1")
        await program.press("enter")
        program.at("Price")
        assert "✗ FAILED" in program.text.splitlines()[0]
        await program.press("escape", "escape")
        assert "nothing to go back from; q goes back to the screen before" in program.flat
        await program.press("exclamation_mark")
        program.at("Refused")
        await program.press("q")
        assert program.app.screen is program.listed


async def test_it_is_stopped_and_redriven_from_the_menu() -> None:
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        await program.press("enter", "semicolon", "x")
        assert "Stop the client's execution?" in program.text
        await program.press("enter")
        await program.look()
        assert program.host.execution(arn).status == "ABORTED"
        assert "ABORTED" in program.text.splitlines()[0]
        await program.press("semicolon", "r")
        await program.look()
        record = program.host.execution(arn)
        assert (record.status, record.redrive_count) == ("RUNNING", 1)
        assert "▸ LIVE Approve" in program.flat
        await program.press("semicolon", "r")
        assert "only what failed can be redriven" in program.flat


async def test_what_is_no_clients_execution_has_no_such_menu() -> None:
    from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
    from tests.tui_runs import opened

    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("semicolon")
        assert session.message == "this is no client's execution: sfdebug serve --watch shows those"


async def test_as_long_as_not_all_is_taken_in_nobody_is_said_to_be_at_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched() as program:
        await program.start(LARGE_ORDER, "run-1")
        await program.press("enter")
        assert "you: at its head" in program.flat
        monkeypatch.setattr(ServedClient, "is_whole", False)
        await program.look()
        assert "you: catching up" in program.flat


async def test_where_not_all_decisions_are_kept_it_opens_from_its_history() -> None:
    async with watched(most=9) as program:
        first = await program.start(LARGE_ORDER, "run-1")
        for number in range(2, 5):
            await program.start(SMALL_ORDER, f"run-{number}")
        assert program.server.log.decisions(first) is not None  # what runs stays longest
        await program.press("j", "enter")
        assert "this is its history, as a recording" in program.flat
        assert "in its history" in program.text.splitlines()[0]
        assert program.debugged.debugger.recorded is not None


async def test_a_long_one_that_runs_is_followed_by_its_history() -> None:
    async with watched(most=2) as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        assert program.server.log.decisions(arn) is None
        await program.press("enter")
        program.at("Approve")
        succeed(program, arn)
        program.host.hands.work()
        await program.until(lambda: program.debugged.view.is_finished)
        assert program.debugged.view.status == "SUCCEEDED"


async def test_it_can_be_saved_as_a_session_and_made_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfdebug.debugger.sessions.restoring import read_session, restored

    monkeypatch.chdir(tmp_path)
    async with watched() as program:
        arn = await program.start(LARGE_ORDER, "run-1")
        succeed(program, arn)
        await program.look()
        await program.press("enter", "ctrl+s", "enter")
        [file] = list(tmp_path.glob("*.sfdebug*"))
        again = restored(read_session(file)).debugger
        assert list(again.timeline.tip.execution.events) == list(program.host.history(arn))
        await program.press("M", "enter")
        await program.pilot.pause()
        assert "the same, event for event" in program.flat


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_fits_into_small_and_large_terminals(size: tuple[int, int]) -> None:
    async with watched(size=size) as program:
        await program.start(LARGE_ORDER, "an-execution-with-a-very-long-name-0123456789")
        assert all(len(line) <= size[0] for line in program.text.splitlines())
        assert "RUNNING" in program.text
        await program.press("enter")
        top = program.text.splitlines()[0]
        assert "LIVE" in top
        assert top.rstrip().endswith("at its head")
