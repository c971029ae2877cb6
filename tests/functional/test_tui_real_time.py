"""Waits that take their time, on the screen: a countdown, a key that skips it, one that interrupts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.real_time import RealTime
from sfdebug.tasks.services.calls import ServiceTasks
from tests import settling
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


async def test_a_wait_that_was_about_to_begin_is_interrupted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    is_there, goes_on = threading.Event(), threading.Event()
    ticks = RealTime._ticks

    def late(self: RealTime, what: str, seconds: float | None) -> Iterator[None]:
        is_there.set()
        assert goes_on.wait(30)
        return ticks(self, what, seconds)

    monkeypatch.setattr(RealTime, "_ticks", late)
    async with opened(MACHINE, {}, tasks=RealTime(None)) as session:
        session.screen.commands.long_verb.patience = 0.0
        monkeypatch.setattr(settling, "VERB_SECONDS", 0.0)
        await session.press("c")
        assert await asyncio.to_thread(is_there.wait, 30)
        await session.press("escape")
        goes_on.set()
        await session.until_idle()
        assert session.message == "interrupted in Wait, at Wait"


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
