"""Who changed this, on the screen: the list, asking on, and going there."""

from __future__ import annotations

import pytest

from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.values import Json
from tests.debugger_runs import Handler, machine, passing, task
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened

SUM = {"total.$": "States.MathAdd($.price, $.tax)", "id.$": "$.order.id"}
DEFINITION = machine(
    Sum=passing("Charge", Parameters=SUM, ResultPath="$.sum"),
    Charge=task("Done", ResultPath="$.paid"),
    Done={"Type": "Succeed"},
)  # fmt: skip
INPUT: Json = {"order": {"id": "o-[/7]"}, "price": 40, "tax": 2}


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_the_value_at_the_cursor_is_asked_about(size: tuple[int, int]) -> None:
    tasks = Handler({"Charge": lambda request: TaskResult({"ok": True})})
    async with opened(DEFINITION, INPUT, tasks=tasks, size=size) as session:
        await session.press("c")
        await session.until_idle()
        await session.press("3", "slash", *"total", "enter", "at")
        text = session.text
        assert "Who changed this?" in text
        assert "ResultPath puts the result at $.sum" in text
        assert "Sum" in text
        await session.press("j", "j", "j", "at")  # the price that the total was computed from
        assert "the input of the execution" in session.text
        await session.press("escape", "enter")
        view = session.debugger.view()
        assert view.state is not None
        assert view.state.name == "Sum"


async def test_data_are_never_read_as_markup() -> None:
    async with opened(DEFINITION, INPUT, size=MEDIUM) as session:
        await session.press("s", "s", "3", "slash", *"o-", "enter", "at")
        assert "o-[/7]" in session.text
        await session.press("escape")
        assert "Who changed this?" not in session.text


async def test_what_has_no_value_is_said() -> None:
    async with opened(DEFINITION, INPUT, size=MEDIUM) as session:
        await session.press("s", "3", "d", "d", "at")
        assert "written in the definition" in session.text
