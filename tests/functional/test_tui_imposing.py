"""Forcing, injecting, answering and editing on the screen, and the timelines that come of it."""

from __future__ import annotations

from sfdebug.debugger import Verb
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.tui.dialogs.inject_failure import InjectFailureDialog
from sfdebug.tui.json.editor import JsonEditor
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, passing, task
from tests.tui_runs import SMALL, Session, opened


async def replace_text(session: Session, text: str) -> None:
    """Put other JSON into the editor of the open dialog."""
    session.app.screen.query_one(JsonEditor).set_text(text)
    await session.pilot.pause()


async def test_forcing_the_other_branch_of_a_choice() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "f")
        assert 'Force "Paid?"' in session.text
        assert "42.5 > 100 is false" in session.text
        await session.press("1", "enter")
        await session.press("n")
        assert session.state == "Hold"
        assert session.debugger.timeline.current.name == "main"


async def test_forcing_in_the_past_makes_a_fork_and_u_goes_back() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "n", "N", "N")
        assert session.state == "Paid?"
        await session.press("f", "1", "enter")
        assert session.message.startswith('fork 1: "Paid?" is forced to rule 1: it goes on to Hold')
        assert "fork 1" in session.text
        await session.press("n", "n")
        assert session.state == "Charge"
        await session.press("u")
        assert session.debugger.timeline.current.name == "main"
        await session.press("u")
        assert (
            session.message
            == "there is no fork to leave, and no decision right ahead: step back to before one, and decide anew (S)"
        )


async def test_a_choice_inside_its_visit_still_shows_all_verdicts() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "s", "s", "s", "f")
        assert "42.5 > 100 is false" in session.text
        await session.press("escape")
        assert len(session.debugger.timeline.forks) == 1


async def test_the_timelines_are_listed_and_switched() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "N", "f", "1", "enter", "t")
        text = session.text
        assert "Timelines" in text
        assert "forced Choice 'Paid?' to rule 1" in text
        await session.press(*"main", "enter")
        assert session.debugger.timeline.current.name == "main"


async def test_only_one_timeline_is_said_so() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("t")
        assert "makes another one" in session.text


async def test_injecting_twice_into_a_retried_task() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "i")
        assert isinstance(session.app.screen, InjectFailureDialog)
        assert "Retrier 1 tries again" in session.text
        await session.press("tab", "tab", "2", "enter")
        assert session.message == "Charge: the next 2 attempts fail with Lambda.TooManyRequestsException"
        await session.press("n")
        assert session.state == "Ship"
        failed = [event for event in session.debugger.execution.events if event.type == "LambdaFunctionFailed"]
        assert len(failed) == 2


async def test_injecting_past_max_attempts_is_caught() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "i", "tab", "tab", "9", "enter", "n")
        assert session.state == "Sorry"
        assert "caught" in session.text


async def test_the_selected_state_is_offered_for_a_failure() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press_until(lambda: session.screen.graph.selected == ("Charge",), "j")
        await session.press("i")
        assert "Charge  (Task)" in session.text
        await session.press("enter")
        assert session.debugger.execution.injections[0].state == ("Charge",)


async def test_nothing_that_can_fail_is_said_so() -> None:
    async with opened(machine(Only=passing())) as session:
        await session.press("i")
        assert session.message == "no state here can fail: only Task, Parallel and Map do"


async def test_editing_the_input_of_the_state_about_to_run() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "e")
        assert 'Input of "Paid?"' in session.text
        await replace_text(session, '{"order": {"total": 500}}')
        await session.press("ctrl+s", "n")
        assert session.state == "Hold"


async def test_null_can_be_given_as_an_input() -> None:
    async with opened(machine(Only=passing()), {"a": 1}) as session:
        await session.press("e")
        await replace_text(session, "null")
        await session.press("ctrl+s", "n")
        assert session.debugger.execution.output is None
        assert session.debugger.execution.status == "SUCCEEDED"


async def test_leaving_the_editor_changes_nothing() -> None:
    async with opened(machine(Only=passing()), {"a": 1}) as session:
        await session.press("e", "escape", "n")
        assert session.debugger.execution.output == {"a": 1}


async def test_editing_a_result_asks_which_and_forks() -> None:
    async with opened(machine(Call=task("Then"), Then=passing()), {"a": 1}, tasks=Handler()) as session:

        def has_output() -> bool:
            return any(str(line.name) == "Output" and line.stage for line in session.debugger.view().visit_stages)

        await session.press_until(has_output, "s")
        await session.press("e")
        assert "Edit what of Call?" in session.text
        await session.press("enter")
        assert "Result of Call" in session.text
        await replace_text(session, '{"edited": true}')
        await session.press("ctrl+s", "c")
        assert session.debugger.execution.output == {"edited": True}


async def test_a_failure_is_given_as_an_answer() -> None:
    async with opened(ORDER, ORDER_INPUT, size=SMALL) as session:
        await session.press("n", "ctrl+t")
        assert "fail with an error" in session.text
        await session.press("ctrl+s")
        assert session.debugger.view().is_finished
        assert session.debugger.execution.error is not None


async def test_an_unfinished_json_text_is_not_taken() -> None:
    async with opened(ORDER, ORDER_INPUT) as session:
        await session.press("n")
        await replace_text(session, '{"a": ')
        await session.press("ctrl+s")
        assert "not JSON yet" in session.text
        assert session.debugger.question is not None


async def test_answers_at_an_earlier_moment_fork() -> None:
    answers = Handler({"Charge": lambda request: TaskResult({"paid": True})})
    async with opened(ORDER, ORDER_INPUT, tasks=answers) as session:
        await session.press("c")
        await session.press_until(lambda: session.state == "Charge", "S")
        await session.press_until(lambda: session.debugger.can(Verb.ANSWER_TASK), "S")
        session.debugger.answer_task(TaskFailure("Declined"))
        session.screen.refresh_view()
        await session.pilot.pause()
        assert "fork 1" in session.text
