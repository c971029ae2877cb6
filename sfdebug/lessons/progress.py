"""How far somebody has come in a course: a file for each course, among the platform's files of state.

It is written whole or not at all. What is there and cannot be read, because it is damaged or a newer sfdebug has
written it, is kept beside the new file, and said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from sfdebug.executions.disk import write_whole
from sfdebug.files import read_file
from sfdebug.lessons.model import SayStep

if TYPE_CHECKING:
    from sfdebug.lessons.model import Chapter, Course, Lesson

VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20
_MOST_ASIDE: Final = 20


class StepState(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    SEEN = "seen"
    """Its solution was shown."""
    SKIPPED = "skipped"


class LessonState(StrEnum):
    """What became of a lesson."""

    NEW = "new"
    BEGUN = "begun"
    PASSED = "passed"
    SKIPPED = "skipped"
    """All that it asks was skipped, or the fast track of its chapter was passed."""


_Index: TypeAlias = Annotated[int, Meta(ge=0)]


class LessonProgress(Struct, frozen=True, omit_defaults=True):
    """How far a lesson was gone through: what became of its steps, by their indices from 0, and where one stands.

    `is_known` says that the fast track of its chapter was passed.
    """

    steps: Mapping[_Index, StepState] = field(default_factory=dict)
    at: _Index = 0
    is_known: bool = False


class CourseProgress(Struct, frozen=True, omit_defaults=True):
    """How far a course was gone through. `last` is the name of the lesson that was open last, "" for none."""

    version: int
    title: str = ""
    folder: str = ""
    last: str = ""
    lessons: Mapping[str, LessonProgress] = field(default_factory=dict)

    def of(self, lesson: Lesson) -> LessonProgress:
        """How far a lesson was gone through."""
        return self.lessons.get(lesson.name, LessonProgress())

    def state_of(self, lesson: Lesson) -> LessonState:
        """What became of a lesson."""
        if lesson.name not in self.lessons:
            return LessonState.NEW
        progress = self.of(lesson)
        steps = [(step, progress.steps.get(index)) for index, step in enumerate(lesson.steps)]
        asked = [state for step, state in steps if not isinstance(step, SayStep)]
        if all(state is not None for _, state in steps):
            is_skipped = asked and all(state is StepState.SKIPPED for state in asked)
            return LessonState.SKIPPED if is_skipped else LessonState.PASSED
        if progress.is_known:
            return LessonState.SKIPPED
        return LessonState.BEGUN if progress.steps or progress.at else LessonState.NEW

    def done(self, chapter: Chapter) -> int:
        """How many lessons of a chapter are behind one."""
        over = (LessonState.PASSED, LessonState.SKIPPED)
        return sum(self.state_of(lesson) in over for lesson in chapter.lessons)


class ProgressFile:
    """The progress of a course, kept in a file. Without one that can be written it is kept until the program ends.

    `note` says in a sentence what is not as it should be, "" for nothing.
    """

    def __init__(self, course: Course, folder: Path | None = None) -> None:
        """Read what is there.

        Args:
            course: What it is the progress of: a course is known by its title and its folder.
            folder: Where progress is kept, by default among the files of state.
        """
        self._course = course
        self._folder = folder if folder is not None else progress_folder()
        self.note = "" if self._folder is not None else "There is no home directory to keep the progress in."
        self._is_readable = True
        self.progress = self._read()

    @property
    def path(self) -> Path | None:
        """Where it is kept; None without a home directory."""
        if self._folder is None:
            return None
        where = str(self._course.folder.resolve())
        key = hashlib.sha256(f"{self._course.title}\0{where}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
        slug = re.sub(r"[^a-z0-9]+", "-", self._course.title.casefold()).strip("-")[:40]
        return self._folder / f"{slug or 'course'}-{key}.json"

    def mark(self, lesson: Lesson, index: int, state: StepState) -> None:
        """What became of a step. A step that was passed stays so."""

        def changed(one: LessonProgress) -> LessonProgress:
            kept = one.steps.get(index) is StepState.PASSED
            return replace(one, steps={**one.steps, index: StepState.PASSED if kept else state})

        self._change(lesson, changed)

    def stand(self, lesson: Lesson, index: int) -> None:
        """A lesson is open, at a step."""
        self._change(lesson, lambda one: replace(one, at=index), is_open=True)

    def know(self, lessons: Iterable[Lesson]) -> None:
        """The fast track that stands for these lessons was passed."""
        for lesson in lessons:
            self._change(lesson, lambda one: replace(one, is_known=True))

    def reset(self, lesson: Lesson | None = None) -> bool:
        """Forget how far a lesson was gone through, or the whole course; whether the file has forgotten it."""
        now = self._read()
        if lesson is None:
            return self._write(self._fresh())
        others = {name: one for name, one in now.lessons.items() if name != lesson.name}
        return self._write(replace(now, lessons=others, last="" if now.last == lesson.name else now.last))

    def next_place(self) -> tuple[Lesson, int] | None:
        """The lesson and the index of the step to go on with: the one that was open last, or else the first that is not
        behind one; None when all are."""
        last = next((one for one in self._course.all_lessons() if one.name == self.progress.last), None)
        if last is not None and self.progress.state_of(last) in (LessonState.NEW, LessonState.BEGUN):
            return last, min(self.progress.of(last).at, len(last.steps) - 1)
        for lesson in self._course.lessons:
            if self.progress.state_of(lesson) in (LessonState.NEW, LessonState.BEGUN):
                return lesson, min(self.progress.of(lesson).at, len(lesson.steps) - 1)
        return None

    def _fresh(self) -> CourseProgress:
        return CourseProgress(VERSION, self._course.title, str(self._course.folder.resolve()))

    def _change(
        self, lesson: Lesson, change: Callable[[LessonProgress], LessonProgress], *, is_open: bool = False
    ) -> None:
        """What another program has written in the meantime stays."""
        now = self._read()
        lessons = {**now.lessons, lesson.name: change(now.lessons.get(lesson.name, LessonProgress()))}
        self._write(replace(now, lessons=lessons, last=lesson.name if is_open else now.last))

    def _read(self) -> CourseProgress:
        path = self.path
        known = getattr(self, "progress", None) or self._fresh()
        if path is None or not self._is_readable:
            return known
        try:
            data = read_file(path, _MAX_BYTES)
        except FileNotFoundError:
            return known
        except OSError as error:
            self._is_readable = False
            self.note = f"The progress in {path} cannot be read ({error.strerror}): it is not kept."
            return known
        try:
            read = msgspec.json.decode(data, type=CourseProgress)
            if read.version <= VERSION:
                return read
            self._put_aside(path, "a newer sfdebug has written it")
        except (ValueError, msgspec.MsgspecError, RecursionError):
            self._put_aside(path, "it is damaged")
        return known

    def _put_aside(self, path: Path, why: str) -> None:
        names = (path.with_name(f"{path.name}.aside-{number}") for number in range(1, _MOST_ASIDE + 1))
        beside = next((name for name in names if not name.exists()), None)
        try:
            if beside is None:
                raise OSError
            path.rename(beside)
        except OSError:
            self._is_readable = False
            self.note = f"The progress in {path} cannot be used: {why}. It stays as it is, and nothing is kept."
        else:
            self.note = f"The progress so far cannot be used: {why}. It is kept in {beside}."

    def _write(self, progress: CourseProgress) -> bool:
        """Keep it; whether it is in its file."""
        self.progress = progress
        path = self.path
        if path is None or not self._is_readable:
            return False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_written = write_whole(path, msgspec.json.encode(progress))
        except OSError:
            is_written = False
        if not is_written:
            self.note = f"The progress cannot be written to {path}: it is kept until the program ends."
        return is_written


def progress_folder() -> Path | None:
    """Where progress is kept: among the platform's files of state, `$XDG_STATE_HOME` where it is set; None without a
    home directory."""
    from platformdirs import user_state_path

    folder = user_state_path("sfdebug", appauthor=False)
    return folder / "courses" if folder.is_absolute() else None
