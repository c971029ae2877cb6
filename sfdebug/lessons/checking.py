"""Checks a course: its texts, its files, and that each step can be passed, and does not pass by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import load_definition
from sfdebug.errors import Problem, SfdebugError
from sfdebug.files import is_file
from sfdebug.lessons.model import COURSE, LESSON, DoStep, LessonSetup, LitPane, MendStep, SayStep, TaskKind
from sfdebug.lessons.step_checks import step_problems
from sfdebug.lessons.text_checks import text_problems
from sfdebug.tasks.mock_config import MockConfig

if TYPE_CHECKING:
    from sfdebug.lessons.model import Chapter, Course, Lesson

_OF_NO_LESSON: Final = ("README.md", "LICENSE", "LICENSE.md")
"""What may lie beside the files of a course: and whatever begins with a dot."""

_IN_GRAPH: Final = (TaskKind.RUN_TO, TaskKind.BREAKPOINT)

MOST_FILES: Final = 1_000
"""So many files and folders of a lesson are looked at: a lesson has some dozens, and a folder may hold a disk."""


def check_course(course: Course) -> list[Problem]:
    """All that is wrong with a course that can be read: a learner could not pass it, or it would teach nothing.

    Args:
        course: As `read_course` gives it, which tells what is wrong with the form of its files.

    Returns:
        The problems, lesson by lesson, each with its place and what mends it.
    """
    found = list(_course_problems(course))
    for lesson in course.all_lessons():
        found += check_lesson(lesson)
    return found


def check_lesson(lesson: Lesson) -> list[Problem]:
    """All that is wrong with one lesson."""
    told = [*text_problems(lesson), *_form_problems(lesson), *step_problems(lesson)]
    found = [Problem(str(lesson.file), line, 1, what, fix) for line, what, fix in sorted(told, key=lambda one: one[0])]
    found += _mock_problems(lesson)
    return [*found, *_unused_problems(lesson)]


def _course_problems(course: Course) -> Iterator[Problem]:
    before: list[str] = []
    names = {lesson.name for lesson in course.all_lessons()}
    is_alone = course.file.name == LESSON
    for chapter in course.chapters:
        for lesson in chapter.lessons:
            for needed in () if is_alone else lesson.needs:
                if needed not in before:
                    what = f"needs names '{needed}', which " + ("comes later" if needed in names else "is no lesson")
                    yield Problem(str(lesson.file), 1, 1, what, "Name lessons that come before this one.")
            before.append(lesson.name)
        yield from _track_problems(chapter)
    if is_alone:
        return
    for folder in sorted(course.folder.iterdir()):
        if folder.is_dir() and folder.name not in names and is_file(folder / LESSON):
            what, fix = "the lesson is in no chapter of the course", f"Name it in {COURSE}, or delete it."
            yield Problem(str(folder / LESSON), 1, 1, what, fix)


def _track_problems(chapter: Chapter) -> Iterator[Problem]:
    track = chapter.fast_track
    if track is not None and not any(isinstance(step, MendStep) for step in track.steps):
        what = "the lesson of a fast track has nothing to mend: it shows nothing"
        yield Problem(str(track.file), 1, 1, what, 'Add a step: mend = "broken.asl.json"')


def _form_problems(lesson: Lesson) -> Iterator[tuple[int, str, str]]:
    if all(isinstance(step, SayStep) for step in lesson.steps):
        yield 1, "the lesson asks nothing: whoever only reads learns little", "Add a step that predicts, does or mends."
    for step in lesson.steps:
        is_in_graph = isinstance(step, DoStep) and step.task in _IN_GRAPH
        if isinstance(step, DoStep) and is_in_graph and step.look not in (LitPane.ALL, LitPane.GRAPH):
            what = f"{step.task} is done in the graph, where the state is selected, and another pane is lit"
            yield step.line_of("look"), what, 'Write: look = "graph"'


# files


def _setups(lesson: Lesson) -> Iterator[LessonSetup]:
    """What its runs start with, but for those of definitions that are to be mended."""
    yield lesson.setup
    yield from (step.setup for step in lesson.steps if step.setup is not None)


def _mock_problems(lesson: Lesson) -> Iterator[Problem]:
    """Answers for states that none of the machines has which run with them."""
    checked: set[tuple[Path, str, Path]] = set()
    for setup in _setups(lesson):
        if setup.mocks is None or not setup.case or (setup.mocks, setup.case, setup.definition) in checked:
            continue
        checked.add((setup.mocks, setup.case, setup.definition))
        try:
            config = MockConfig.load(setup.mocks)
            files = (setup.definition, *setup.nested.values())
            told = [config.check(load_definition(file), None, setup.case) for file in files]
        except SfdebugError:
            continue  # told where the run begins
        places = [{problem.location for problem in problems} for problems in told]
        yield from (problem for problem in told[0] if all(problem.location in place for place in places))


def _unused_problems(lesson: Lesson) -> Iterator[Problem]:
    """The files of a lesson's folder that nothing in it names."""
    used, folders = _used(lesson)
    files = list(islice(_below(lesson.folder, folders), MOST_FILES + 1))
    if len(files) > MOST_FILES:
        what = f"it holds more than {MOST_FILES:,} files and folders: whether each is used was not looked at"
        yield Problem(str(lesson.folder), 0, 0, what, "Keep only what belongs to the lesson in its folder.")
        return
    for file in sorted(files):
        if is_file(file) and file.name not in _OF_NO_LESSON and file.resolve() not in used:
            what, fix = "no step of the lesson uses this file", "Name it in lesson.toml, or delete it."
            yield Problem(str(file), 0, 0, what, fix)


def _below(folder: Path, left_out: set[Path]) -> Iterator[Path]:
    """What is in a folder and in those within; not what is hidden or cannot be looked into, nor what is left out."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    path = Path(entry.path)
                    if entry.name.startswith(".") or path.resolve() in left_out:
                        continue
                    waiting += [path] if entry.is_dir(follow_symlinks=False) else []
                    yield path
        except OSError:
            continue


def _used(lesson: Lesson) -> tuple[set[Path], set[Path]]:
    """The files that a lesson names, and the folders whose files are all its own."""
    used: set[Path] = {lesson.file.resolve()}
    folders: set[Path] = set()
    mends = [step for step in lesson.steps if isinstance(step, MendStep)]
    for setup in (*_setups(lesson), *(setup for step in mends for setup in step.cases)):
        named = (setup.definition, setup.input, setup.mocks, setup.recording, *setup.nested.values())
        used |= {file.resolve() for file in named if file is not None}
        folders |= {setup.s3.resolve()} if setup.s3 is not None else set()
    used |= {file.resolve() for step in mends for file in (step.broken, step.goal)}
    return used, folders
