"""Progress is kept from one run to the next, and nothing that is there is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.lessons.model import Course
from sfdebug.lessons.progress import LessonState, ProgressFile, StepState
from sfdebug.lessons.reading import read_course
from tests.lesson_files import HEAD, write_lesson

STEPS = '[[steps]]\nsay = "A."\n[[steps]]\nsay = "B."\npredict = "rule"\n[[steps]]\nsay = "C."\ndo = "run"\n'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for name in ("first", "second", "fast"):
        write_lesson(tmp_path / "course" / name, HEAD + STEPS)
    chapters = '[[chapters]]\ntitle = "One"\nlessons = ["first", "second"]\nfast_track = "fast"\n'
    (tmp_path / "course" / "course.toml").write_text(f'title = "C & D"\n{chapters}', encoding="utf-8")
    return read_course(tmp_path / "course")


def test_what_became_of_steps_and_lessons(course: Course, tmp_path: Path) -> None:
    file = ProgressFile(course, tmp_path / "state")
    first, second = course.lessons
    assert file.progress.state_of(first) is LessonState.NEW
    assert file.next_place() == (first, 0)
    file.stand(first, 0)
    file.mark(first, 0, StepState.PASSED)
    file.stand(first, 1)
    assert file.progress.state_of(first) is LessonState.BEGUN
    assert ProgressFile(course, tmp_path / "state").next_place() == (first, 1)
    file.mark(first, 1, StepState.SEEN)
    file.mark(first, 1, StepState.PASSED)
    file.mark(first, 1, StepState.SKIPPED)
    file.mark(first, 2, StepState.SKIPPED)
    again = ProgressFile(course, tmp_path / "state")
    assert again.progress.of(first).steps == {0: StepState.PASSED, 1: StepState.PASSED, 2: StepState.SKIPPED}
    assert again.progress.state_of(first) is LessonState.PASSED
    assert (again.next_place(), again.note) == ((second, 0), "")
    for index, state in enumerate((StepState.PASSED, StepState.SKIPPED, StepState.SKIPPED)):
        again.mark(second, index, state)
    assert again.progress.state_of(second) is LessonState.SKIPPED
    assert again.next_place() is None
    assert again.progress.done(course.chapters[0]) == 2
    again.reset(first)
    assert again.next_place() == (first, 0)
    again.reset()
    assert ProgressFile(course, tmp_path / "state").progress.lessons == {}


def test_a_fast_track_stands_for_its_chapter(course: Course, tmp_path: Path) -> None:
    file = ProgressFile(course, tmp_path / "state")
    file.know(course.chapters[0].lessons)
    assert [file.progress.state_of(lesson) for lesson in course.lessons] == [LessonState.SKIPPED] * 2
    assert file.next_place() is None


def test_each_course_has_a_file_of_its_own(course: Course, tmp_path: Path) -> None:
    mine = ProgressFile(course, tmp_path / "state").path
    assert mine is not None
    assert mine.name.startswith("c-d-")
    lesson = read_course(tmp_path / "course" / "first")
    assert ProgressFile(lesson, tmp_path / "state").path != mine


def test_two_programs_lose_nothing_of_one_another(course: Course, tmp_path: Path) -> None:
    first, second = course.lessons
    one, other = ProgressFile(course, tmp_path), ProgressFile(course, tmp_path)
    one.mark(first, 0, StepState.PASSED)
    other.mark(second, 0, StepState.PASSED)
    assert set(ProgressFile(course, tmp_path).progress.lessons) == {"first", "second"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "it is damaged"),
        (b'{"version": 1, "lessons": {"first": {"steps": {"0": "won"}}}}', "it is damaged"),
        (b"[" * 100_000, "it is damaged"),
        (b'{"version": 1, "lessons": {"first": {"at": -7}}}', "it is damaged"),
        (b'{"version": 1, "lessons": {"first": {"steps": {"-1": "passed"}}}}', "it is damaged"),
        (b'{"version": 2, "lessons": {"first": {"steps": {"0": "passed"}}}}', "a newer sfdebug has written it"),
    ],
)
def test_what_cannot_be_used_is_kept_and_said(course: Course, tmp_path: Path, content: bytes, why: str) -> None:
    path = ProgressFile(course, tmp_path).path
    assert path is not None
    path.write_bytes(content)
    file = ProgressFile(course, tmp_path)
    aside = path.with_name(f"{path.name}.aside-1")
    assert file.note == f"The progress so far cannot be used: {why}. It is kept in {aside}."
    assert aside.read_bytes() == content
    file.mark(course.lessons[0], 0, StepState.PASSED)
    assert json.loads(path.read_bytes())["lessons"] == {"first": {"steps": {"0": "passed"}}}
    path.write_bytes(content)
    file.mark(course.lessons[0], 1, StepState.PASSED)
    assert file.progress.of(course.lessons[0]).steps == {0: StepState.PASSED, 1: StepState.PASSED}
    assert path.with_name(f"{path.name}.aside-2").exists()


def test_a_file_that_cannot_be_read_or_written(course: Course, tmp_path: Path) -> None:
    path = ProgressFile(course, tmp_path).path
    assert path is not None
    path.mkdir()
    file = ProgressFile(course, tmp_path)
    assert "cannot be read (Is a directory): it is not kept" in file.note
    file.mark(course.lessons[0], 0, StepState.PASSED)
    assert file.progress.of(course.lessons[0]).steps == {0: StepState.PASSED}
    (tmp_path / "blocked").write_text("a file")
    file = ProgressFile(course, tmp_path / "blocked")
    file.mark(course.lessons[0], 0, StepState.PASSED)
    assert file.progress.of(course.lessons[0]).steps == {0: StepState.PASSED}
    assert file.note


def test_without_a_home_directory(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.lessons.progress.progress_folder", lambda: None)
    file = ProgressFile(course)
    file.stand(course.lessons[0], 1)
    assert (file.path, file.progress.last, file.note[:26]) == (None, "first", "There is no home directory")
