"""Handlers that really run, on the screen: what they wrote, calling again, what stays done, cancelling."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.function import function_from
from tests.tui_runs import MEDIUM, Session, opened

HANDLERS = Path(__file__).parents[1] / "unit" / "tasks" / "lambdas" / "handlers.py"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function"
MACHINE = {
    "StartAt": "Charge card",
    "States": {
        "Charge card": {"Type": "Task", "Resource": f"{ARN}:charge", "ResultPath": "$.paid", "Next": "Ship"},
        "Ship": {"Type": "Task", "Resource": f"{ARN}:ship", "ResultPath": None, "End": True},
    },
}


@asynccontextmanager
async def calling(size: tuple[int, int] = MEDIUM, **handlers: str) -> AsyncIterator[Session]:
    functions = [
        replace(function_from(f"{name}={HANDLERS}:{handler}"), interpreter=sys.executable, timeout=30)
        for name, handler in handlers.items()
    ]
    tasks = LambdaTasks(functions)
    try:
        async with opened(MACHINE, {"n": 1}, tasks=tasks, size=size) as session:
            yield session
    finally:
        tasks.close()


async def test_who_ran_and_what_it_wrote_stand_beside_the_data() -> None:
    async with calling(charge="echo", ship="echo") as session:
        await session.press("n")
        await session.until_idle()
        await session.press("P")  # Ship has not called yet: what Charge card wrote
        assert "The last call before here" in session.text
        assert "! to stderr" in session.text
        await session.press("escape", "N", "s", "s")
        assert "charge ran" not in session.text  # the Task waits
        await session.press("s")
        assert "charge ran for " in session.text
        assert "got {'n': 1}" in session.text
        assert "to stderr" in session.text
        await session.press("P")
        assert "What Charge card called" in session.text
        assert "! to stderr" in session.text


async def test_all_that_was_written_is_a_key_away() -> None:
    async with calling(charge="chatty", ship="echo") as session:
        await session.press("s", "s", "s")
        await session.until_idle()
        assert "P shows all 5,004 lines" in session.text
        await session.press("P")
        assert "3,004 lines before these are not kept" in session.text


async def test_going_back_over_a_call_says_once_that_it_stays_done(tmp_path: Path) -> None:
    async with calling(charge="echo", ship="echo") as session:
        await session.press("n")
        await session.until_idle()
        await session.press("N")
        assert "charge is not called again when you step on: what it did stays done, I calls again" in session.message
        await session.press("n", "N")
        assert session.message == ""


async def test_a_key_calls_again_on_a_fork() -> None:
    async with calling(charge="echo", ship="echo") as session:
        await session.press("I")
        assert session.message == "nothing outside of the program was called here"
        await session.press("s", "s", "s")
        await session.until_idle()
        await session.press("I")
        await session.until_idle()
        assert session.screen.view.fork_name == "fork 1"
        assert "'Charge card' returned a result" in session.message or "returned a result" in session.message


async def test_escape_cancels_the_call_that_is_under_way() -> None:
    async with calling(charge="never", ship="echo") as session:
        await session.press("n")
        while "running, Esc interrupts" not in session.text:
            await session.pilot.pause(0.01)
        await session.press("escape")
        await session.until_idle()
        assert session.message == "the call of charge was cancelled"
        await session.press("P")
        assert session.message == "nothing outside was called here yet"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
async def test_a_call_that_waits_for_a_debugger_says_so_and_is_cancelled(tmp_path: Path) -> None:
    (tmp_path / "app.mjs").write_text("export const handler = async () => 1;\n")
    tasks = LambdaTasks([function_from(f"charge={tmp_path / 'app.mjs'}:handler")])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tasks.debug_ports = {"charge": port}
    try:
        async with opened(MACHINE, {"n": 1}, tasks=tasks, size=MEDIUM) as session:
            await session.press("n")
            while f"charge waits for a debugger at 127.0.0.1:{port}; Esc cancels" not in session.text:
                await session.pilot.pause(0.01)
            await session.press("escape")
            await session.until_idle()
            assert session.message == "the call of charge was cancelled"
            assert "running, Esc interrupts" not in session.text
    finally:
        tasks.close()


async def test_what_runs_is_no_longer_said_to_where_it_was_refused(tmp_path: Path) -> None:
    async with calling(charge="nan", ship="echo") as session:
        await session.press("n")
        await session.until_idle()
        assert "what the function gave is not JSON: NaN" in session.text
        assert "running, Esc interrupts" not in session.text


async def test_the_log_of_a_call_before_the_session_was_left_is_said_not_to_be_kept() -> None:
    async with calling(charge="echo", ship="echo") as session:
        await session.press("n")
        await session.until_idle()
        assert session.state == "Ship"
        assert isinstance(session.debugger.tasks, LambdaTasks)
        session.debugger.tasks.forget_all()  # what handlers know of a session that is opened again
        await session.press("P")
        lost = "was not kept: the call was made before the session was left"
        assert session.message == f"the log of the last call before here {lost}"
        await session.press("N", "s", "s", "s", "P")
        assert session.message == f"its log {lost}"
    async with calling() as session:
        await session.press("n", "escape")
        session.debugger.answer_task(TaskResult({"by": "hand"}))
        session.screen.refresh_view()
        await session.press("P")
        assert session.message == "nothing outside was called here yet"


async def test_without_handlers_the_keys_say_why_not() -> None:
    async with opened(MACHINE, {"n": 1}, size=MEDIUM) as session:
        await session.press("P")
        assert session.message == "nothing outside is called by this session"
        await session.press("I")
        assert session.message == "no Task of this session calls anything outside of the program"


async def test_a_question_says_why_no_handler_is_called() -> None:
    tasks = LambdaTasks(())
    tasks.left_out = {"charge": "Charge has no app.py [/x]"}
    async with opened(MACHINE, {"n": 1}, tasks=tasks, size=MEDIUM) as session:
        await session.press("n")
        assert "not called: Charge has no app.py [/x]; offered: " in session.text
