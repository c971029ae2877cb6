"""Pictures of lessons for the README: the list, what came of a wrong prediction, a definition to mend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bench.screenshot import local, press
from sfdebug.configuration import Configuration, Theme
from sfdebug.lessons.model import Course, Lesson, MendStep
from sfdebug.lessons.progress import ProgressFile, StepState
from sfdebug.lessons.questions.model import AnswerChoice
from sfdebug.lessons.reading import shipped_course
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.lessons.guide import LessonGuide
from sfdebug.tui.lessons.screen import ChaptersScreen
from sfdebug.tui.lessons.tutor import Turn
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings

_DONE: Final = 4
"""So many lessons are over in the list, and the next one is begun."""


class _Moment(NamedTuple):
    name: str
    lesson: str
    step: int
    """From 1; 0 for the list."""
    size: tuple[int, int] = (120, 40)


_MOMENTS: Final = (
    _Moment("lesson-list", "", 0, (100, 32)),
    _Moment("lesson-predict", "result-path", 2),
    _Moment("lesson-mend", "choice", 0),
)


def take_lessons(folder: Path, steady: Callable[[str, str], str]) -> None:
    """Write the pictures into `folder`, `steady` making each the same every time."""
    for moment in _MOMENTS:
        with TemporaryDirectory() as state:
            svg = local(asyncio.run(_take(moment, shipped_course(), Path(state))))
        (folder / f"{moment.name}.svg").write_text(steady(svg, moment.name), encoding="utf-8")
        print(folder / f"{moment.name}.svg")


async def _take(moment: _Moment, course: Course, state: Path) -> str:
    progress = ProgressFile(course, state)
    lesson = course.find(moment.lesson) if moment.lesson else None
    if lesson is None:
        _go_through(progress, course)
    else:
        progress.stand(lesson, (moment.step or _mending(lesson)) - 1)
    screen = ChaptersScreen(course, progress, opens=lesson)
    app = SfdebugApp(None, home=lambda: screen, settings=ScreenSettings(False, Configuration(theme=Theme("dark"))))
    async with app.run_test(size=moment.size) as pilot:
        await pilot.pause()
        while lesson is not None and not _has_begun(app):
            await pilot.pause(0.02)
        if lesson is not None and moment.step:
            await press(pilot, _wrong_answer(app))
        elif lesson is not None:
            await press(pilot, ("enter", "ctrl+s"))
            while app.workers and any(worker.is_running for worker in app.workers):
                await pilot.pause(0.02)
        await pilot.pause()
        return app.export_screenshot(title="sfdebug learn")


def _go_through(progress: ProgressFile, course: Course) -> None:
    for lesson in course.lessons[:_DONE]:
        for index in range(len(lesson.steps)):
            progress.mark(lesson, index, StepState.PASSED)
    begun = course.lessons[_DONE]
    progress.mark(begun, 0, StepState.PASSED)
    progress.stand(begun, 3)


def _mending(lesson: Lesson) -> int:
    """The number of the step of a lesson that has something to mend, from 1."""
    return next(number for number, step in enumerate(lesson.steps, start=1) if isinstance(step, MendStep))


def _has_begun(app: SfdebugApp) -> bool:
    """Whether the lesson stands at its step."""
    guide = app.screen.guide if isinstance(app.screen, DebugScreen) else None
    return isinstance(guide, LessonGuide) and guide.tutor.turn is not Turn.READ


def _wrong_answer(app: SfdebugApp) -> tuple[str, ...]:
    """The keys of the first wrong choice."""
    screen = app.screen
    assert isinstance(screen, DebugScreen)
    assert isinstance(screen.guide, LessonGuide)
    question = screen.guide.tutor.question
    assert question is not None
    wrong = next(number for number, choice in enumerate(question.choices, start=1) if _is_wrong(choice))
    return (str(wrong), "enter")


def _is_wrong(choice: AnswerChoice) -> bool:
    return choice.mistake is not None
