"""Variables, JSONata and distributed Maps through the keys, on a screen that is not there."""

from __future__ import annotations

from pathlib import Path

from sfdebug.tui.dialogs.answer_map_run import AnswerMapRunDialog
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.json.editor import JsonEditor
from tests.map_run_machines import INPUT, ORDERS, Workers, reading
from tests.tui_runs import SMALL, Session, opened

PLAIN = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


async def steps(session: Session, count: int) -> None:
    await session.press(*["s"] * count)


async def test_variables_stand_above_the_data_and_dollar_shows_them_whole() -> None:
    async with opened(ORDERS, INPUT, tasks=Workers()) as session:
        assert not session.screen.data.variables.display
        await session.press("dollar_sign")
        assert session.message == "no variables here: Assign makes them"
        await steps(session, 2)
        assert "$ + count 1  + limit 10" in session.text
        await session.press("n", "dollar_sign")
        assert session.screen.data.mode == "variables"
        assert session.screen.data.json.value == {"count": 1, "limit": 10}
        await session.press("3", "j")
        assert session.screen.data.json.path == "$count"
        await session.press("dollar_sign")
        assert session.screen.data.mode == "after"
        assert session.screen.data.variables.display


async def test_on_a_small_screen_dollar_opens_the_data() -> None:
    async with opened(ORDERS, INPUT, tasks=Workers(), size=SMALL) as session:
        await session.press("n", "dollar_sign")
        assert session.screen.open_pane == "data"
        assert "variables" in session.text
        assert "$ count 1  limit 10" in session.text


async def test_stepping_into_a_child_execution_shows_its_own_history() -> None:
    async with opened(ORDERS, INPUT, tasks=Workers()) as session:
        await session.press("n")
        await session.press_until(lambda: session.state == "Work", "s")
        child = session.debugger.view().child
        assert child is not None
        assert f"Timeline of child execution 1 of 3 · {child.name}" in session.text
        assert "child 1 of 3 of Each" in session.text
        await session.press("o", "o", "v")
        assert "failed with Boom" in session.text
        await session.press("up", "enter")
        failed = session.debugger.view().child
        assert failed is not None
        assert failed.status == "FAILED"
        assert "child execution 2 of 3" in session.text
        await session.press("left_curly_bracket")
        assert session.debugger.view().event_index == 1
        assert session.debugger.view().child_label == "child execution 2 of 3"


async def test_the_items_of_a_map_run_are_given_in_its_dialog() -> None:
    async with opened(reading(), {}, tasks=Workers()) as session:
        await session.press("c")
        dialog = session.app.screen
        assert isinstance(dialog, AnswerMapRunDialog)
        assert "its ItemReader calls" in session.text
        assert "offered: guessed from what Work reads of each item" in session.text
        dialog.query_one("#items", JsonEditor).set_text('{"no": "array"}')
        await session.press("ctrl+s")
        assert "the items are not an array" in session.text
        dialog.query_one("#items", JsonEditor).set_text('[{"total": 5}]')
        await session.press("ctrl+s")
        await session.until_idle()
        assert session.debugger.execution.output == [{"n": 5}]


async def test_a_file_stands_for_the_dataset(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("id,total\n1,5\n2,7\n")
    async with opened(reading(), {}, tasks=Workers()) as session:
        await session.press("c", "ctrl+t", "x", "enter")
        assert "there is no such file" in session.text
        await session.press("backspace", *str(path), "escape")
        assert session.message == "Read still waits: your draft is kept: a"
        await session.press("a", "enter", "c")
        await session.until_idle()
        assert session.debugger.execution.output == [{"n": "5"}, {"n": "7"}]
        source = next(stage for stage in session.debugger.execution.visits[-1].stages if stage.name == "ItemReader")
        assert source.provenance == "user"


async def test_the_whole_result_answers_a_map_run_too() -> None:
    async with opened(reading(), {}, tasks=Workers()) as session:
        await session.press("c", "ctrl+t", "ctrl+t")
        assert "what the whole Map Run gives on; no child execution runs" in session.text
        await session.press("ctrl+s")
        await session.until_idle()
        assert session.debugger.execution.output == []
        assert not session.debugger.execution.ended_children


async def test_what_is_odd_about_a_definition_is_said_once_and_listed() -> None:
    definition = {
        "StartAt": "A",
        "States": {"A": {"Type": "Succeed"}, "Nowhere": {"Type": "Pass", "Next": "A"}},
    }
    async with opened(definition, {}) as session:
        assert session.message == "1 warning about the definition: W lists it"
        await session.press("W")
        assert isinstance(session.app.screen, TextDialog)
        assert "Nowhere" in session.text
        await session.press("enter", "n")
        assert session.message == ""


async def test_a_definition_without_warnings_says_nothing() -> None:
    async with opened(ORDERS, INPUT, tasks=Workers()) as session:
        assert session.message == ""
    async with opened(PLAIN, {}) as session:
        assert session.message == ""
        await session.press("W")
        assert session.message.startswith("no warnings about")
