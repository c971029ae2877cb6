"""Stepping into what a Task starts, on the screen: there, back with its result, breakpoints in it, questions in it."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import TaskHandler
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.tui.screens.debug import DebugScreen
from tests import nested_calls
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

CHILD: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Pass", "Next": "Pay"},
        "Pay": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:pay", "End": True},
    },
}
PARENT: dict[str, Any] = {
    "StartAt": "Refund",
    "States": {
        "Refund": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "refund", "Input": {"n": 7}},
            "ResultSelector": {"out.$": "$.Output"},
            "Next": "Ship",
        },
        "Ship": {"Type": "Pass", "End": True},
    },
}


def machines(*, is_answered: bool = True) -> TaskHandler:
    return StateMachines({"refund": CHILD}, FunctionTasks({"Pay": lambda input: "paid"}) if is_answered else None)


def top(session: Session) -> DebugScreen:
    screen = session.app.screen
    assert isinstance(screen, DebugScreen)
    return screen


async def into_refund(session: Session) -> None:
    await session.press("s", "s", "s")
    assert "s steps into refund." in " ".join(session.text.split())
    await session.press("s")
    assert top(session) is not session.screen


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_into_it_and_back_with_its_result(size: tuple[int, int]) -> None:
    async with opened(PARENT, {}, tasks=machines(), size=size, title="a-name-that-takes-room.asl.json") as session:
        await into_refund(session)
        assert "› refund ▸ Check" in session.text  # of the one outside as much as there is room for
        assert (
            "started by Refund: o runs it to its end and goes back, q leaves it for now" in top(session).notice.message
        )
        await session.press("n", "n")
        assert top(session).notice.message == "o goes back with it"
        await session.press("n")
        assert top(session) is session.screen
        assert session.debugger.stop.text == "Refund returned a result"
        await session.press("c")
        assert session.debugger.execution.output == {"out": "paid"}


async def test_out_runs_it_to_its_end_and_continue_goes_on_behind_the_task() -> None:
    async with opened(PARENT, {}, tasks=machines()) as session:
        await into_refund(session)
        await session.press("o")
        assert top(session) is session.screen
        assert session.debugger.stop.text == "Refund returned a result"
        await session.press("N", "s", "s", "s", "s")
        assert top(session) is not session.screen  # the same execution, at its end
        assert "SUCCEEDED" in session.text
        await session.press("c")
        assert top(session) is session.screen
        assert session.debugger.execution.output == {"out": "paid"}
        assert len(session.debugger.timeline.forks) == 1


async def test_left_before_its_end_it_waits() -> None:
    async with opened(PARENT, {}, tasks=machines()) as session:
        await into_refund(session)
        await session.press("n", "q")
        assert top(session) is session.screen
        assert session.message == "refund waits: s goes on in it, n runs it on"
        await session.press("s")
        assert "› refund ▸ Pay" in session.text
        await session.press("q", "n")
        assert session.debugger.stop.text.endswith("about to run Ship")


async def test_a_breakpoint_in_it_leads_there() -> None:
    async with opened(PARENT, {}, tasks=machines()) as session:
        await into_refund(session)
        inner = top(session).debugger
        inner.breakpoints.add(inner.breakpoints.read("Pay"))
        await session.press("q", "c")
        assert top(session) is not session.screen
        assert "› refund ▸ Pay" in session.text
        await session.press("c", "c")
        assert top(session) is session.screen
        assert session.debugger.execution.output == {"out": "paid"}


async def test_what_asks_inside_can_be_stepped_into_from_the_refusal() -> None:
    async with opened(PARENT, {}, tasks=machines(is_answered=False)) as session:
        await session.press("n")
        assert "'Pay' of a nested execution asks for a result" in session.message
        assert session.message.endswith("; s steps into refund")
        await session.press("s", "n", "n")
        assert "Pay asks" in session.text
        await session.press("enter")
        assert "› refund" in session.text


async def test_calls_in_what_was_stepped_over_are_told_on_the_way_back_counted_and_shown() -> None:
    debugger = Debugger(nested_calls.EDITED, {}, tasks=nested_calls.Queue().tasks())
    async with opened(debugger, size=MEDIUM) as session:
        await session.press("n")
        await session.until_idle()
        await session.press("P")
        assert "The last calls before here" in session.text
        for name in ("Ask", "Pay", "Tell"):
            assert f"Refund › {name}" in session.text
        assert session.text.count("sqs:sendMessage ran for ") == 3
        await session.press("escape", "S", "P")
        assert "What Refund called" in session.text
        await session.press("escape", "N")
        said = "3 calls (sqs:sendMessage) in what Refund started are not made again when you step on: what they did"
        assert session.message == f"{said} stays done, I inside calls again"
        await session.press("t")
        assert "3 calls made" in session.text
        await session.press("escape", "n", "N")
        assert session.message == ""
