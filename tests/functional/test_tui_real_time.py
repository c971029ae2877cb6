"""Waits that take their time, on the screen: a countdown, a key that skips it, one that interrupts."""

from __future__ import annotations

from typing import Any

from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.real_time import RealTime
from sfdebug.tasks.services.calls import ServiceTasks
from tests.tui_runs import SMALL, Session, opened
from tests.unit.tasks.services.test_calls import QUEUE, SEND, Caller

MACHINE: dict[str, Any] = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "Next": "Done"}, "Done": {"Type": "Pass", "End": True}},
}


async def waiting(session: Session) -> None:
    """Until the countdown is shown."""
    await session.until(lambda: "waiting" in session.text)


async def test_a_wait_is_counted_down_and_skipped_by_a_key_that_goes_on() -> None:
    async with opened(MACHINE, {}, tasks=RealTime(None)) as session:
        await session.press("c")
        await waiting(session)
        assert " of 1 h 00 min (n skips it, Esc interrupts)" in session.text
        await session.press("b")
        assert session.message == "still running: Esc interrupts"
        await session.press("n")
        await session.until_idle()
        assert session.debugger.stop.text == "the execution succeeded"
        assert session.message == "", "it is not still running"
        assert session.debugger.execution.clock == 3_600_000


async def test_a_wait_is_interrupted_and_goes_on_later() -> None:
    async with opened(MACHINE, {}, tasks=RealTime(None), size=SMALL) as session:
        await session.press("n")
        await waiting(session)
        await session.press("escape")
        await session.until_idle()
        assert session.debugger.execution.clock == 0
        assert session.message == "interrupted in Wait, at Wait"
        await session.press("s")
        await waiting(session)
        await session.press("s")
        await session.until_idle()
        assert session.debugger.execution.clock == 3_600_000


async def test_a_task_token_that_is_answered_meanwhile_answers_the_question() -> None:
    callbacks = Callbacks()
    parameters = {"QueueUrl": QUEUE, "MessageBody": {"token.$": "$$.Task.Token"}}
    ask = {"Type": "Task", "Resource": f"{SEND}.waitForTaskToken", "Parameters": parameters, "End": True}
    tasks = ServiceTasks(Caller(), callbacks, "at a test")
    async with opened({"StartAt": "Ask", "States": {"Ask": ask}}, {}, tasks=tasks) as session:
        await session.press("c")
        assert "Ask asks" in session.text
        assert "its task token is not answered yet" in " ".join(session.text.split())
        question = session.debugger.question
        assert question is not None
        callbacks.take("SendTaskSuccess", {"taskToken": question.task_token, "output": '"yes"'})
        await session.until(lambda: session.app.screen is session.screen)
        await session.until_idle()
        assert session.debugger.execution.output == "yes"
