"""Courses as text: the list of lessons, and what is wrong with them. Pages to hand out: `lesson_pages`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.lessons.progress import LessonState
from sfdebug.text import cell_width, counted

if TYPE_CHECKING:
    from sfdebug.errors import Problem
    from sfdebug.lessons.model import Chapter, Course, Lesson
    from sfdebug.lessons.progress import CourseProgress
    from sfdebug.values import Json

_SIGNS: Final = {
    LessonState.NEW: " ",
    LessonState.BEGUN: "•",
    LessonState.PASSED: "✓",
    LessonState.SKIPPED: "–",
}


# the list


def course_lines(course: Course, progress: CourseProgress) -> list[str]:
    """The chapters with their lessons: what became of each, its number, name, title and how long it takes."""
    numbers = {lesson.name: number for number, lesson in enumerate(course.lessons, start=1)}
    width = max((cell_width(lesson.name) for lesson in course.all_lessons()), default=0)
    lines = [course.title]
    for chapter in course.chapters:
        lines += ["", f"{chapter.title} ({progress.done(chapter)} of {len(chapter.lessons)})"]
        for lesson in chapter.lessons:
            lines.append(_row(lesson, f"{numbers[lesson.name]:>3}", width, progress))
        if chapter.fast_track is not None:
            lines.append(_row(chapter.fast_track, " »", width, progress))
    return lines


def _row(lesson: Lesson, number: str, width: int, progress: CourseProgress) -> str:
    name = lesson.name + " " * (width - cell_width(lesson.name))
    return f"{_SIGNS[progress.state_of(lesson)]} {number:>3}  {name}  {lesson.title} ({lesson.minutes} min)"


def course_dict(course: Course, progress: CourseProgress) -> dict[str, Json]:
    """The same as JSON."""
    return {"title": course.title, "chapters": [_chapter_dict(chapter, progress) for chapter in course.chapters]}


def _chapter_dict(chapter: Chapter, progress: CourseProgress) -> dict[str, Json]:
    track = chapter.fast_track
    return {
        "title": chapter.title,
        "lessons": [_lesson_dict(lesson, progress) for lesson in chapter.lessons],
        "fastTrack": _lesson_dict(track, progress) if track is not None else None,
    }


def _lesson_dict(lesson: Lesson, progress: CourseProgress) -> dict[str, Json]:
    return {
        "name": lesson.name,
        "title": lesson.title,
        "cures": lesson.cures,
        "minutes": lesson.minutes,
        "needs": list(lesson.needs),
        "steps": len(lesson.steps),
        "state": str(progress.state_of(lesson)),
    }


# what is wrong


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Each problem with its place, and below it how it is mended."""
    lines = []
    for problem in problems:
        lines.append(str(problem))
        if problem.fix:
            lines.append(f"  {problem.fix}")
    return lines


def check_summary(lessons: Sequence[Lesson], problems: Sequence[Problem]) -> str:
    """What was checked, in a line; no lessons where their files could not be read."""
    what = ""
    if lessons:
        steps = sum(len(lesson.steps) for lesson in lessons)
        what = f"{counted(len(lessons), 'lesson')} with {counted(steps, 'step')}: "
    return f"{what}{counted(len(problems), 'problem') if problems else 'no problems'}"


def check_dict(lessons: Sequence[Lesson], problems: Sequence[Problem]) -> dict[str, Json]:
    """The same as JSON."""
    return {
        "lessons": len(lessons),
        "steps": sum(len(lesson.steps) for lesson in lessons),
        "problems": [
            {"file": one.file, "line": one.line, "column": one.column, "what": one.what, "fix": one.fix}
            for one in problems
        ],
    }
