"""Stepping on the screen: the keys call the Debugger, and every pane shows where it stands."""

from __future__ import annotations

import pytest

from sfdebug.debugger import Debugger
from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from tests import settling
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, PARALLEL, Handler, machine, passing, task
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

ENDLESS = machine(
    Round=passing("Again?"),
    **{
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "Stop"}],
            "Default": "Round",
        },
        "Stop": {"Type": "Succeed"},
    },
)
SIZES = pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])


@SIZES
async def test_the_start_is_shown(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        text = session.text
        assert "order.asl.json ▸ Reserve" in text
        assert "about to run Reserve" in text
        assert "▸ here" in text
        assert session.screen.graph.selected == ("Reserve",)
        assert "n over" in text
        assert "? help" in text


@SIZES
async def test_letters_step_forward_and_back(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        await session.press("n")
        assert session.state == "Paid?"
        await session.press("s", "s")
        assert [str(line.name) for line in session.debugger.view().visit_stages if not line.is_pending] == [
            "Input",
            "Rule",
        ]
        await session.press("S")
        assert session.debugger.view().stage_index == 0
        await session.press("N", "N")
        assert session.state == "Reserve"
        assert session.debugger.view().node_id == 0


@pytest.mark.parametrize(
    ("keys", "state"),
    [(("f10",), "Paid?"), (("f5",), "Ship"), (("f10", "f10", "shift+f10"), "Paid?"), (("f10", "R"), "Reserve")],
)
async def test_function_keys_do_the_same(keys: tuple[str, ...], state: str) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press(*keys)
        assert session.state == state


@pytest.mark.parametrize("pane", ["graph", "stages", "data", "timeline"])
async def test_verbs_work_in_every_pane(pane: str) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        session.screen.open(pane)
        await session.pilot.pause()
        assert session.screen.open_pane == pane
        await session.press("n")
        assert session.state == "Paid?"
        await session.press("N")
        assert session.state == "Reserve"
        await session.press("c")
        assert session.debugger.view().is_finished
        await session.press("C")
        assert session.debugger.view().node_id == 0


async def test_the_end_is_told_by_word_and_the_footer_goes_back() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("c")
        assert "✓ SUCCEEDED: the execution succeeded" in session.text
        assert "N back over" in session.text
        await session.press("n")
        assert session.message == "the execution is over: step back, or restart (S, R)"
        assert session.debugger.view().is_finished


async def test_a_failed_execution_names_its_error() -> None:
    refuse = Handler({"Charge": lambda request: TaskFailure("Declined", "no money")})
    async with opened(ORDER, ORDER_INPUT, tasks=refuse, size=LARGE) as session:
        await session.press("c")
        assert "✗ FAILED: the execution failed with NoPayment: the card was refused" in session.text
        assert "! caught" in session.text
        assert "✗ failed" in session.text


async def test_a_refused_verb_says_calmly_why() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("N")
        assert session.message == "this is the start"
        assert "! this is the start" in session.text
        await session.press("escape")
        assert session.message == ""
        await session.press("f")
        assert session.message == "Reserve is a Task, not a Choice"


async def test_breakpoints_from_the_keyboard() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press_until(lambda: session.screen.graph.selected == ("Charge",), "j")
        await session.press("b")
        assert session.debugger.breakpoints.states == {("Charge",)}
        assert session.message == "breakpoint on Charge"
        await session.press("c")
        assert session.state == "Charge"
        assert "breakpoint: about to run Charge" in session.text
        await session.press("b")
        assert session.message == "no breakpoint on Charge any more"
        assert session.debugger.breakpoints.states == frozenset()


async def test_pausing_at_faults() -> None:
    flaky = Handler({"Charge": lambda request: TaskFailure("Lambda.TooManyRequestsException", "slow down")})
    async with opened(ORDER, ORDER_INPUT, tasks=flaky) as session:
        await session.press("B")
        assert "● faults" in session.text
        await session.press("c")
        assert session.debugger.stop.reason == "fault"
        assert "Charge failed with Lambda.TooManyRequestsException: slow down" in session.text


async def test_attempts_are_counted_in_the_status_line() -> None:
    def charge(request: TaskRequest) -> Answer:
        return TaskFailure("Lambda.TooManyRequestsException") if request.attempt == 1 else TaskResult({"paid": True})

    flaky = Handler({"Charge": charge})
    async with opened(ORDER, ORDER_INPUT, tasks=flaky, size=LARGE) as session:
        await session.press("n", "n")
        await session.press_until(lambda: session.debugger.view().clock_ms > 0, "s")
        assert "attempt 2 of 4" in session.text
        assert "t+00:00:02" in session.text


async def test_scrubbing_and_jumping_along_the_timeline() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("c")
        last = session.debugger.view().event_index
        await session.press("left_square_bracket")
        assert session.debugger.view().event_index < last
        await session.press("left_curly_bracket")
        assert session.debugger.view().event_index == 1
        await session.press("right_square_bracket")
        assert 1 < session.debugger.view().event_index < last
        await session.press("right_curly_bracket")
        assert session.debugger.view().event_index == last


async def test_inside_a_map_the_strip_shows_the_iterations_and_v_chooses() -> None:
    async with opened(EACH, {"items": [1, 2, 3]}, tasks=Handler()) as session:
        await session.press_until(lambda: len(session.debugger.branches()) >= 3, "s")
        assert "iteration 1 of 3" in session.text
        await session.press("v")
        assert "Step which branch?" in session.text
        await session.press(*"iteration", "space", "2", "enter")
        assert session.debugger.view().branch == (("Each", 1),)
        assert "▸ Each iteration 2 of 3" in session.text


async def test_out_of_a_branch() -> None:
    async with opened(PARALLEL, {}, tasks=Handler()) as session:
        await session.press_until(lambda: bool(session.debugger.view().branch), "s")
        branch = session.debugger.view().branch
        await session.press("o")
        assert branch not in session.debugger.execution.branches


def endless() -> Debugger:
    """Express, so that no quota on the history ends it."""
    return Debugger(ENDLESS, {}, settings=Settings(execution_type="EXPRESS"), most_steps=10**9)


def is_running(session: Session) -> bool:
    return session.screen.commands.is_running


async def test_a_long_run_leaves_the_screen_alive_and_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(endless()) as session:
        session.screen.commands.long_verb.patience = 0.0
        monkeypatch.setattr(settling, "VERB_SECONDS", 0.0)
        await session.press("c")
        assert is_running(session)
        await session.press("n")
        assert session.message == "still running: Esc interrupts"
        await session.press("escape")
        await session.until_idle()
        monkeypatch.undo()
        assert not is_running(session)
        assert session.debugger.stop.reason == "interrupted"
        assert session.message.startswith("interrupted")
        await session.press("N")
        assert session.debugger.stop.reason != "refused"


async def test_leaving_while_a_verb_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(endless()) as session:
        session.screen.commands.long_verb.patience = 0.0
        monkeypatch.setattr(settling, "VERB_SECONDS", 0.0)
        await session.press("c", "q")
        assert session.app.return_value == 0


async def test_what_runs_ends_with_the_screen_however_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(endless()) as session:
        session.screen.commands.long_verb.patience = 0.0
        monkeypatch.setattr(settling, "VERB_SECONDS", 0.0)
        await session.press("c")
        running = session.screen.commands.long_verb._running
        assert running is not None
        session.app.exit(143)
    assert running.wait(30)
    assert not session.screen.commands.is_running


async def test_a_task_that_nobody_answers_is_asked_and_the_verb_goes_on() -> None:
    two = machine(First=task("Second"), Second=task())
    async with opened(two, {"a": 1}) as session:
        await session.press("n")
        assert "First asks" in session.text
        await session.press("escape")
        assert session.message == "First still waits: a answers it"
        assert "First waits for an answer" in session.text
        assert session.state == "First"
        await session.press("n")
        assert "First asks" in session.text
        await session.press("ctrl+s")
        assert session.state == "Second"
        assert session.debugger.view().is_about_to_run


async def test_continue_asks_one_task_after_the_other() -> None:
    two = machine(First=task("Second"), Second=task())
    async with opened(two, {"a": 1}) as session:
        await session.press("c", "ctrl+s")
        assert "Second asks" in session.text
        await session.press("ctrl+s")
        assert session.debugger.view().is_finished
