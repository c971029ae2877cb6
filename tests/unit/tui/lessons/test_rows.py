"""The rows of the list of lessons, and what is said of one."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from sfdebug.lessons.progress import ProgressFile, StepState
from sfdebug.tui.lessons.rows import about, first_to_do, how_much, lesson_rows
from tests.lesson_screens import small_course


def test_one_begins_with_what_is_open_or_else_with_the_first_that_is_not_over(tmp_path: Path) -> None:
    course = small_course(tmp_path / "course")
    progress = ProgressFile(course, tmp_path / "state")
    way, second = course.lessons
    rows = lesson_rows(course, progress.progress)
    assert [row.title for row in rows] == ["The way of an order", "Another one", "fast track: Mend it at once"]
    assert first_to_do(rows, "") == 0
    assert first_to_do(rows, "second") == 1
    progress.mark(second, 0, StepState.PASSED)
    progress.stand(way, 2)
    rows = lesson_rows(course, progress.progress)
    assert first_to_do(rows, "second") == 0
    assert rows[0].standing == "step 3 of 7"
    assert how_much(rows) == "1 of 2 lessons done, 4 minutes to go"
    titles = {lesson.name: lesson.title for lesson in course.all_lessons()}
    assert "After: The way of an order" in about(rows[1], titles)
    assert "It stands for The way of an order, Another one." in about(rows[2], titles)[0]
    assert about(rows[0], titles)[-1] == "step 3 of 7, 4 minutes: Enter goes on there"


def test_a_fast_track_is_called_so_once(tmp_path: Path) -> None:
    course = small_course(tmp_path / "course")
    row = lesson_rows(course, ProgressFile(course, tmp_path / "state").progress)[2]
    named = replace(row, lesson=replace(row.lesson, title="Fast track: when it fails"))
    assert named.title == "fast track: when it fails"
