"""Pictures of lessons: the list, a question and what came of it, the screen to mend on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfdebug.lessons.progress import ProgressFile, StepState
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.lessons.screen import ChaptersScreen
from tests.lesson_screens import small_course
from tests.snapshot.test_tui_pictures import pressing
from tests.tui_runs import MEDIUM, SMALL

SnapCompare = Callable[..., bool]


@pytest.fixture
def lessons(tmp_path: Path) -> SfdebugApp:
    """The list of the small course, with one lesson over and the first one begun."""
    course = small_course(tmp_path / "course")
    progress = ProgressFile(course, tmp_path / "state")
    progress.mark(course.find("second"), 0, StepState.PASSED)
    progress.mark(course.find("way"), 0, StepState.PASSED)
    progress.stand(course.find("way"), 1)
    return SfdebugApp(None, home=lambda: ChaptersScreen(course, progress))


def test_the_list_of_lessons(snap_compare: SnapCompare, lessons: SfdebugApp) -> None:
    assert snap_compare(lessons, terminal_size=SMALL)


def test_a_question_with_its_choices(snap_compare: SnapCompare, lessons: SfdebugApp) -> None:
    assert snap_compare(lessons, terminal_size=SMALL, run_before=pressing("enter", "enter"))


def test_what_came_of_a_wrong_prediction(snap_compare: SnapCompare, lessons: SfdebugApp) -> None:
    assert snap_compare(lessons, terminal_size=MEDIUM, run_before=pressing("enter", "1", "enter"))


def test_a_definition_to_mend(snap_compare: SnapCompare, lessons: SfdebugApp) -> None:
    assert snap_compare(lessons, terminal_size=MEDIUM, run_before=pressing("f", "enter", "ctrl+s"))
