"""Lessons on the screen: the list, a lesson with steps of every kind, the screen to mend on, and the ways out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sfdebug.debugger import Debugger
from sfdebug.lessons.model import PredictStep
from sfdebug.lessons.progress import LessonState, ProgressFile
from sfdebug.lessons.reading import shipped_course
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.lessons.guide import LessonGuide
from sfdebug.tui.lessons.mend import MendScreen
from sfdebug.tui.lessons.quiz_guide import QuizGuide
from sfdebug.tui.lessons.screen import ChaptersScreen
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, passing
from tests.lesson_screens import FIXED, small_course
from tests.tui_runs import MEDIUM, SMALL, OpenProgram, opened, opened_home


class Learning(OpenProgram):
    """The program on the list of a course."""

    progress: ProgressFile

    @property
    def lesson(self) -> DebugScreen:
        screen = self.app.screen
        assert isinstance(screen, DebugScreen), self.text
        return screen

    @property
    def guide(self) -> LessonGuide:
        guide = self.lesson.guide
        assert isinstance(guide, LessonGuide)
        return guide

    @property
    def is_in_list(self) -> bool:
        return isinstance(self.app.screen, ChaptersScreen)

    @property
    def mending(self) -> MendScreen:
        screen = self.app.screen
        assert isinstance(screen, MendScreen)
        return screen

    def has_focus(self, id: str) -> bool:
        focused = self.app.focused
        return focused is not None and focused.id == id

    @property
    def foot(self) -> str:
        """The rows of the foot and the footer below it."""
        lines = self.text.splitlines()
        return "\n".join(lines[-6 if len(lines) < 30 else -9 :])

    @property
    def lit(self) -> str:
        """The pane that stands out; "" for none."""
        found = [pane.id or "" for pane in self.lesson.query("Pane.-lit")]
        return "".join(found).removesuffix("-pane")


@asynccontextmanager
async def learning(folder: Path, size: tuple[int, int] = SMALL) -> AsyncIterator[Learning]:
    course = small_course(folder / "course")
    progress = ProgressFile(course, folder / "state")
    async with opened_home(lambda: ChaptersScreen(course, progress), size) as program:
        open_course = Learning(program.pilot, program.app)
        open_course.progress = progress
        yield open_course


async def test_a_lesson_from_the_list_to_its_end(tmp_path: Path) -> None:
    async with learning(tmp_path) as on:
        assert "0 of 2 lessons done, 7 minutes to go" in on.text
        assert "Cures: The result of a Task is taken for its output." in on.text
        await on.press("enter")
        assert "1 of 7" in on.foot
        assert "Enter next" in on.foot
        assert on.lit == "graph"
        await on.press("1")
        assert "5 to the lesson" in on.foot
        await on.press("5")
        await on.press("enter")  # predict by choosing: the text, then the choices
        assert "… Enter goes on   predict · 2 of 7" in on.foot
        await on.press("2")  # a digit answers, also where the choices stand on the next part
        assert "Enter answer" in on.foot
        question = on.guide.tutor.question
        assert question is not None
        right = question.choices.index(question.question.right)
        await on.press("down", "up", str(right + 1))
        assert question.chosen == right
        for number in (0, right):
            await on.pilot.click("SaidLines", offset=(8, 1 + number))
            assert question.chosen == number
        await on.press("h")
        assert "Hint 1 of 2" in on.foot
        await on.press("enter")
        assert on.lit == "stages"
        await on.press("enter", "enter")
        assert "So it is:" in on.foot
        assert "difference" in on.text  # the stage's difference
        assert "+" in on.text
        assert on.lit == "data"
        await on.press("enter")  # a state in the graph
        assert on.has_focus("graph")
        assert "Enter answer  5 to the question  N back over" in on.foot  # there, the keys are the debugger's
        await on.press("n")  # but none that runs past what is asked
        assert "predict first (5 goes to it): this goes past what is asked" in on.lesson.notice.message
        await on.press("N", "c")
        assert "predict first: u at the question (5 goes to it)" in on.lesson.notice.message
        await on.press("5", "u", "5", "h", "enter", "k", "enter")
        assert "≠ It is Ship, not Charge." in on.foot
        await on.press("u")
        on.lesson.graph.select(("Ship",))
        await on.press("enter")
        assert "So it is: Ship" in on.foot
        await on.press("enter")  # a number
        await on.press("2", "backspace", "1")
        assert " > 1" in on.foot
        await on.press("enter", "enter")
        assert on.has_focus("answer")  # JSON
        assert "Ship is about to run" in on.foot  # the line to type into leaves room for text and question together
        assert "What is the input of Ship?" in on.foot
        assert "Enter goes on" not in on.foot
        await on.press(*"{}", "enter")
        assert "not {}" in on.foot
        assert "from your prediction" in on.text
        await on.press("enter")  # a deed
        assert "do · 6 of 7" in on.foot
        await on.press("f", "enter")
        assert "That is it." in on.foot
        assert on.guide.is_asking
        await on.press("enter")  # a definition to mend
        assert "mend · 7 of 7" in on.foot
        await on.press("enter", "ctrl+s")
        await on.until(lambda: "It comes to the goal." in on.text or "≠" in on.text)
        assert "begins in Charge, with ResultPath" in on.flat
        assert on.text.splitlines()[-2].strip()
        await on.press("f1", "f1")
        assert "Hint 2 of 2: ResultPath it is." in on.text
        assert "F2 solution" in on.text
        on.mending._set_text(FIXED)
        await on.until(lambda: "The text has changed since: Ctrl+S runs it." in on.flat)
        assert "Hint 2 of 2: ResultPath it is." in on.text
        await on.press("f3")
        assert "Yours" in on.text
        await on.press("f3")
        assert "The goal" in on.text
        await on.press("f3", "ctrl+s")
        await on.until(lambda: "It comes to the goal." in on.text)
        on.mending._set_text("{")
        await on.until(lambda: "It came to the goal. The text has changed since" in on.flat)
        await on.press("ctrl+z")
        await on.until(lambda: "It comes to the goal." in on.text)
        await on.press("escape")
        assert "Mended" in on.foot
        await on.press("enter")
        assert "The next one: Another one" in on.foot
        assert on.progress.progress.state_of(on.guide.tutor.lesson) is LessonState.PASSED
        await on.press("enter")
        assert "Another one" in on.foot
        await on.press("enter", "enter")
        assert "2 of 2 lessons done: that is all of it" in on.text


async def test_a_lesson_is_left_and_gone_on_with_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with learning(tmp_path, MEDIUM) as on:
        await on.press("enter", "enter", "1", "tab", "escape")  # from a pane
        assert on.is_in_list
        assert "step 2 of 7" in on.text
        await on.press("enter")
        assert "predict · 2 of 7" in on.foot
        assert on.lesson.session is None
        for id in ("program.source", "program.save"):
            on.lesson.action_command(id)
            assert "lesson" in on.lesson.notice.message
        on.lesson.commands.run("lesson.skip")  # from the palette, or by a click
        await on.press("5", "l")
        assert on.is_in_list
        await on.press("f", "enter", "f2", "ctrl+s")
        await on.until(lambda: "It comes to the goal." in on.text)
        await on.press("escape", "enter", "l")
        assert "0 of 2" in on.text  # the goal was shown: that is no proof that one knows
        await on.press("f", "u", "enter", "ctrl+r")
        on.mending.attempt.has_seen_goal = False
        on.mending._set_text(FIXED)
        await on.press("ctrl+s")
        await on.until(lambda: "It comes to the goal." in on.text)
        await on.press("escape", "q")
        assert "2 of 2 lessons done" in on.text


async def test_what_is_no_json_and_a_broken_text_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with learning(tmp_path, MEDIUM) as on:
        on.progress.stand(on.progress._course.find("way"), 4)
        await on.press("enter", "enter")
        assert "type the answer first" in on.lesson.notice.message
        await on.press(*"{x", "enter")
        assert "this is not JSON yet" in on.lesson.notice.message
        await on.press("f4", *"}", "escape", "escape", "s")
        assert "It is " in on.foot
        await on.press("enter", "5", "s", "enter", "enter", "delete", "ctrl+s")
        await on.until(lambda: "line 2, column 12" in on.text)
        await on.press("ctrl+g")
        assert on.mending.area.cursor_location == (1, 11)
        monkeypatch.setenv("VISUAL", "no-such-editor")
        await on.press("ctrl+e", "ctrl+r", "escape")
        assert "mend · 7 of 7" in on.foot


async def test_a_quiz_along_a_run() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    app = SfdebugApp(debugger, title="order", guide=QuizGuide())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        on = Learning(pilot, app)
        guide = on.lesson.guide
        assert isinstance(guide, QuizGuide)
        await on.press_until(lambda: "ResultPath" in on.foot, "k")
        question = guide.quiz.question
        assert question is not None
        await on.press("h", str(question.choices.index(question.question.right) + 1), "enter")
        assert "1 of 1 foretold" in on.foot
        assert "+   ▾ reserved" in on.text
        await on.press("1", "n")  # by hand: it asks where one has gone
        assert "Which rule" in on.foot
        await on.press("5", "s")
        assert "It is " in on.foot
        await on.press("escape")
        assert "the quiz is over: one foretold, and right" in on.lesson.notice.message
        assert on.lesson.guide is None
        await on.press("n")
        assert not on.lesson.has_foot


async def test_a_key_before_the_first_question_of_a_quiz_leaves_the_focus_at_it() -> None:
    app = SfdebugApp(Debugger(ORDER, ORDER_INPUT, tasks=Handler()), title="order", guide=QuizGuide())
    async with app.run_test(size=SMALL) as pilot:
        for key in ("2", "n"):  # nothing was waited for
            app.simulate_key(key)
        await pilot.pause()
        on = Learning(pilot, app)
        await on.until(lambda: isinstance(on.lesson.guide, QuizGuide) and on.lesson.guide.is_asking)


async def test_the_name_of_the_file_gives_way_to_what_comes() -> None:
    async with opened(machine(**{"Weigh the parcel": passing("Ship"), "Ship": passing()}), {}, size=SMALL) as session:
        assert "at the start: about to run Weigh the parcel" in session.text.splitlines()[0]
        await session.press("n")
        assert "about to run Ship" in session.text.splitlines()[0]
        assert "t+00:00:00" in session.text.splitlines()[0]


async def test_a_choice_that_was_shortened_stands_whole_in_the_data(tmp_path: Path) -> None:
    note = "n" * 90
    states = machine(A=passing(Result={"paid": 2}, ResultPath="$.payment"))
    app = SfdebugApp(Debugger(states, {"note": note, "total": 20}), title="order", guide=QuizGuide())
    async with app.run_test(size=MEDIUM) as pilot:
        await pilot.pause()
        on = Learning(pilot, app)
        await on.until(lambda: "What" in on.foot)
        guide = on.lesson.guide
        assert isinstance(guide, QuizGuide)
        question = guide.quiz.question
        assert question is not None
        assert question.is_shortened
        await on.press("1")
        assert "choice 1" in on.text


async def test_what_a_recording_holds_is_not_shown_while_it_is_asked_for(tmp_path: Path) -> None:
    course = shipped_course()
    progress = ProgressFile(course, tmp_path)
    recorded = course.find("reading-a-failed-run")
    asked = next(at for at, step in enumerate(recorded.steps) if isinstance(step, PredictStep))
    progress.stand(recorded, asked)
    async with opened_home(lambda: ChaptersScreen(course, progress, opens=recorded), SMALL) as program:
        on = Learning(program.pilot, program.app)
        await on.until(lambda: isinstance(program.app.screen, DebugScreen) and on.lesson.has_foot)
        await on.until(lambda: on.guide.tutor.turn == "answer")
        happened, events = on.lesson.view.event_index, on.lesson.view.events
        assert on.lesson.timeline.count_rows() == happened < len(events)
        await on.press("s")
        assert on.lesson.timeline.count_rows() == len(events)


async def test_lessons_are_at_hand_everywhere(tmp_path: Path) -> None:
    course = small_course(tmp_path / "course")
    progress = ProgressFile(course, tmp_path / "state")
    settings = ScreenSettings(open_lessons=lambda: ChaptersScreen(course, progress, is_nested=True))
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), settings=settings) as session:
        await session.press("5")
        assert "F6 lists the lessons" in session.message
        session.screen.commands.run("lesson.hint")
        assert "F6 lists the lessons" in session.message
        await session.press("f6")
        assert "A course" in session.text
        await session.press("q", "n")
        assert session.state != "Reserve"
