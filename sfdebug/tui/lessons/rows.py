"""The rows of the list of lessons: chapter by chapter, with how far one has come, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.lessons.progress import LessonState
from sfdebug.text import clean, counted
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from sfdebug.lessons.model import Chapter, Course, Lesson
    from sfdebug.lessons.progress import CourseProgress

FAST_TRACK: Final = "f"
"""The key of the fast track, in the list."""

_FAST: Final = "fast track: "
_OVER: Final = (LessonState.PASSED, LessonState.SKIPPED)
_WORDS: Final = {
    LessonState.NEW: "not begun",
    LessonState.PASSED: "passed",
    LessonState.SKIPPED: "left out, or known",
}


class LessonRow(Struct, frozen=True):
    """A lesson in the list, with its chapter. `number` counts the lessons from 1; the fast track of a chapter has 0."""

    chapter: Chapter
    lesson: Lesson
    number: int
    state: LessonState
    at: int = 0

    @property
    def is_fast_track(self) -> bool:
        """Whether it stands for the other lessons of its chapter."""
        return not self.number

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to do."""
        return self.state in _OVER

    @property
    def title(self) -> str:
        """What the row says."""
        title = self.lesson.title
        if not self.is_fast_track:
            return title
        rest = title[len(_FAST) :] if title.casefold().startswith(_FAST) else title
        return f"{_FAST}{rest}"

    @property
    def standing(self) -> str:
        """How far one has come, in words."""
        if self.state is LessonState.BEGUN:
            return f"step {min(self.at + 1, len(self.lesson.steps))} of {len(self.lesson.steps)}"
        return _WORDS[self.state]


def lesson_rows(course: Course, progress: CourseProgress) -> list[LessonRow]:
    """All rows, in the order of the course."""
    return list(_rows(course, progress))


def _rows(course: Course, progress: CourseProgress) -> Iterator[LessonRow]:
    number = 0
    for chapter in course.chapters:
        for lesson in chapter.lessons:
            number += 1
            yield LessonRow(chapter, lesson, number, progress.state_of(lesson), progress.of(lesson).at)
        fast = chapter.fast_track
        if fast is not None:
            yield LessonRow(chapter, fast, 0, progress.state_of(fast), progress.of(fast).at)


def how_much(rows: list[LessonRow]) -> str:
    """How much of the course is done: `5 of 20 lessons done, 61 minutes to go`."""
    lessons = [row for row in rows if not row.is_fast_track]
    left = [row for row in lessons if not row.is_over]
    done = f"{len(lessons) - len(left)} of {counted(len(lessons), 'lesson')} done"
    minutes = sum(row.lesson.minutes for row in left)
    return f"{done}, {counted(minutes, 'minute')} to go" if left else f"{done}: that is all of it"


def about(row: LessonRow, titles: dict[str, str]) -> list[str]:
    """What is known of a lesson; `titles` are those of the lessons, by their names."""
    lesson, chapter = row.lesson, row.chapter
    if row.is_fast_track:
        known = ", ".join(clean(one.title) for one in chapter.lessons)
        head = f"For who knows it already: one machine to mend. It stands for {known}."
        return [head, f"Cures: {clean(lesson.cures)}", f"{row.standing}   {counted(len(lesson.steps), 'step')}"]
    needs = ", ".join(clean(titles.get(name, name)) for name in lesson.needs)
    opens = key_of("move.choose")
    steps = "" if row.state is LessonState.BEGUN else f", {counted(len(lesson.steps), 'step')}"
    goes_on = f"{opens} goes on there" if row.state is LessonState.BEGUN else f"{opens} opens it"
    return [
        f"Cures: {clean(lesson.cures)}",
        *([f"After: {needs}"] if needs else []),
        f"{row.standing}{steps}, {counted(lesson.minutes, 'minute')}: {goes_on}",
    ]


def first_to_do(rows: list[LessonRow], last: str) -> int:
    """The row to begin with: the lesson that was open last, if it is not over; else the first that is not."""
    for index, row in enumerate(rows):
        if row.lesson.name == last and not row.is_over:
            return index
    return next((index for index, row in enumerate(rows) if not row.is_over and not row.is_fast_track), 0)
