"""Handlers that really run, on the screen: what they wrote, calling again, what stays done, cancelling."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.tasks.handler import FirstAnswer, TaskHandler
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.mock_config import MockConfig
from tests.programs import free_port
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

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
async def calling(
    size: tuple[int, int] = MEDIUM, mocks: TaskHandler | None = None, **handlers: str
) -> AsyncIterator[Session]:
    functions = [
        replace(function_from(f"{name}={HANDLERS}:{handler}"), interpreter=sys.executable, timeout=30)
        for name, handler in handlers.items()
    ]
    tasks = LambdaTasks(functions)
    handler: TaskHandler = FirstAnswer(mocks, tasks) if mocks is not None else tasks
    try:
        async with opened(MACHINE, {"n": 1}, tasks=handler, size=size) as session:
            yield session
    finally:
        tasks.close()


async def until(session: Session, text: str) -> None:
    """Wait until that stands on the screen."""
    for _ in range(2_000):
        if text in session.text:
            return
        await session.pilot.pause(0.01)
    raise AssertionError(f"{text!r} does not come:\n{session.text}")


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
        inspector = session.screen.graph_body.inspector
        assert "answered already, by its handler" in inspector.text
        await session.press("s", "s", "2")
        assert "answered already, by the function charge (python " in session.text
        assert "calls the function charge" not in session.text
        await session.press("N", "1")
        await session.press("n", "N")
        assert session.message == ""


async def test_nobody_will_answer_after_the_end_of_a_run() -> None:
    async with calling(charge="refuse", ship="echo") as session:
        inspector = session.screen.graph_body.inspector
        session.screen.graph.select(("Ship",))
        await session.pilot.pause()
        assert "will be answered by its handler" in inspector.text
        await session.press("c")
        await session.until_idle()
        assert "was answered by its handler" in inspector.text
        session.screen.graph.select(("Ship",))
        await session.pilot.pause()
        assert "Ship" in inspector.text
        assert "answered" not in inspector.text
        await session.press("N")
        session.screen.graph.select(("Charge card",))
        await session.pilot.pause()
        assert "answered already, by its handler" in inspector.text


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
        await session.press("n")
        await session.press("I")
        assert session.message == "charge was called, but not here: go back to that Task first (N)"
        await session.press("N")
        assert "I calls again" in session.message
        await session.press("I")
        await session.until_idle()
        assert session.screen.view.fork_name == "fork 2"


async def test_escape_cancels_the_call_that_is_under_way() -> None:
    async with calling(charge="never", ship="echo") as session:
        before = session.screen.sentence.sentence
        await session.press("n")
        await until(session, "calling charge")
        assert "Esc cancels, P shows what was sent" in session.text
        assert "Calling the function charge (python " in session.text
        await session.press("P")
        assert "The call that is under way" in session.text
        assert '"n": 1' in session.text
        await session.press("escape", "escape")
        await session.until_idle()
        assert session.message == "the call of charge was cancelled"
        assert session.screen.sentence.sentence == before
        await session.press("P")
        assert session.message == "nothing outside was called here yet"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
async def test_a_call_that_waits_for_a_debugger_says_so_and_is_cancelled(tmp_path: Path) -> None:
    (tmp_path / "app.mjs").write_text("export const handler = async () => 1;\n")
    tasks = LambdaTasks([function_from(f"charge={tmp_path / 'app.mjs'}:handler")])
    with free_port() as port, closing(tasks):
        tasks.debug_ports = {"charge": port}
        async with opened(MACHINE, {"n": 1}, tasks=tasks, size=MEDIUM) as session:
            await session.press("n")
            await session.until(lambda: f"charge waits for a debugger at 127.0.0.1:{port}; Esc cancels" in session.text)
            await session.press("escape")
            await session.until_idle()
            assert session.message == "the call of charge was cancelled"
            assert "running, Esc interrupts" not in session.text


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
        assert "simulation" in session.text, "no function is given that would be called"
        assert "not called: Charge has no app.py [/x]; offered: " in session.text


MOCKS = MockConfig.parse(
    '{"StateMachines": {"M": {"TestCases": {"Good": {"Charge card": "Yes"}}}},'
    ' "MockedResponses": {"Yes": {"0-9": {"Return": {"by": "mock"}}}}}'
)


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_who_answers_is_said_before_and_after_and_a_key_has_another_one(size: tuple[int, int]) -> None:
    async with calling(size, MOCKS.handler("M", "Good"), charge="echo") as session:
        inspector = session.screen.graph_body.inspector
        assert "will be answered by the mock, case Good" in inspector.text
        assert ("real calls" in session.text) == (size != SMALL), "where there is room for the kind of run"
        await session.press("Z")
        assert "Who answers Charge card?" in session.text
        assert "charge (python " in session.text
        await session.press(*"function", "enter")
        assert session.message.startswith("Charge card is answered by the function charge (python ")
        assert "will be answered by its handler" in inspector.text
        await session.press("s", "s", "2")
        assert session.screen.view.sentence.startswith("The next step calls the function charge (python ")
        assert session.screen.view.sentence.endswith("; until then nothing is called.")
        assert "its answer comes next" in session.text
        assert "called;" not in session.text, "nothing else on the screen says that it was"
        await session.press("s")
        await session.until_idle()
        assert "was answered by its handler" in inspector.text
        await session.press("Z", *"mock", "=")
        await session.until_idle()
        assert session.screen.view.fork_name == "fork 1"
        assert "is answered by the mock, case Good (MockConfigFile.json), in this attempt" in session.message
        assert "charge is not called again when you step on" in session.message
        said = session.screen.data._explain
        assert "answered by" in str(said.lines)
        session.screen.preview({"a": "choice"}, "choice 1")
        assert said.lines == [], "that is said of the stage, and this is of none"
        session.screen.refresh_view()
        assert "answered by" in str(said.lines)
        await session.press("n", "t")
        assert "1 call made" in session.text


async def test_who_cannot_answer_is_listed_with_the_reason() -> None:
    async with calling(MEDIUM, MOCKS.handler("M", "Good"), charge="echo") as session:
        await session.press("n", "Z")
        assert "not here: case Good does not mention it" in session.text
        assert "not here: no handler is given for ship" in session.text
        await session.press(*"mock", "enter")
        assert session.message == "Ship cannot be answered so: case Good does not mention it"
    async with opened(MACHINE, {"n": 1}, size=MEDIUM) as session:
        assert "answered by" not in session.text
        await session.press("Z")
        assert "not here: no mock file is given: --mocks FILE --case NAME" in session.text
        assert "not here: nothing is called: sfdebug dev, --function" in session.text


async def test_what_is_no_task_is_answered_by_nobody() -> None:
    async with opened({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, size=MEDIUM) as session:
        await session.press("Z")
        assert session.message == "P is a Pass, not a Task"
