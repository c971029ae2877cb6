"""The run of a lesson does not show what a prediction is about, though a step before went beyond it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.lessons.reading import read_lesson
from sfdebug.lessons.stage import LessonRun
from tests.lesson_files import HEAD, write_lesson

STATUS = 'mocks = "mocks.json"\ncase = "Busy"\n[[steps]]\nsay = "A."\nat = "start"\npredict = "status"\nhints = ["a"]\n'
INJECT = '[[steps]]\nsay = "B."\nat = "Charge"\ndo = "inject"\nerror = "Busy"\nhints = ["b"]\n'
DELAY = '[[steps]]\nsay = "C."\nat = "{}"\npredict = "delay"\nhints = ["c"]\n'


def run_behind(folder: Path, steps: str) -> LessonRun:
    """A run that has come to the last step of a lesson, with all before it done."""
    lesson = read_lesson(write_lesson(folder, HEAD + steps))
    run = LessonRun(lesson)
    for step in lesson.steps[:-1]:
        run.enter(step)
        run.leave(step)
    run.enter(lesson.steps[-1])
    return run


@pytest.mark.parametrize(("place", "known"), [("start", 0), ("Charge", 0), ("Charge/Retry", 1)])
def test_what_comes_is_not_known_where_it_is_asked_for(tmp_path: Path, place: str, known: int) -> None:
    run = run_behind(tmp_path, STATUS + DELAY.format(place))
    timeline = run.debugger.timeline
    assert len(timeline.nodes) - 1 - timeline.cursor.node.index == known, "a stage is made by the step behind it"


def test_what_was_decided_stays(tmp_path: Path) -> None:
    debugger = run_behind(tmp_path, STATUS + INJECT + DELAY.format("Charge/Retry")).debugger
    assert debugger.timeline.decided_count == 1
