"""`sfdebug learn`: the lessons, on the screen, as a list, as pages; and the check of somebody's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.screen import add_screen_options, check_terminal, keyboard_on_stdin, screen_settings
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.lessons.model import Course, Lesson


_WRITABLE = "Set XDG_STATE_HOME to a folder that can be written to."


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug learn`."""
    parser.add_argument(
        "names",
        metavar="LESSON",
        nargs="*",
        help="a lesson: its name, the beginning of it, or its number; before it, or alone, the folder of a course or "
        "of a lesson of your own",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("-l", "--list", action="store_true", help="list the lessons, and how far you have come")
    ways.add_argument(
        "--check", action="store_true", help="go through the lessons without a screen: what cannot be passed"
    )
    ways.add_argument("--print", action="store_true", help="write the lesson as a page to hand out, in Markdown")
    ways.add_argument("--reset", action="store_true", help="forget how far you have come, in the lesson or the course")
    parser.add_argument("--json", action="store_true", help="with --list and --check: as JSON")
    add_screen_options(parser)


def run(args: Namespace) -> ExitCode:
    """Open the list or a lesson, or do what the options say.

    EXECUTION_FAILED when --check finds a problem.
    """
    if args.json and not (args.list or args.check):
        raise UsageError("--json is for --list and --check", fix="sfdebug learn --list --json")
    if args.check:
        return _check(args)
    course, lesson = _named(args.names)
    if args.print:
        return _print(course, lesson)
    if args.list:
        return _list(course, args)
    if args.reset:
        return _reset(course, lesson)
    return _open(course, lesson, args)


def _named(names: list[str]) -> tuple[Course, Lesson | None]:
    """The course and the lesson that arguments name. Raises UsageError."""
    from sfdebug.lessons.reading import read_course, shipped_course

    if names and _is_course(names[0]):
        course, rest = read_course(Path(names[0])), names[1:]
        if not rest and course.file.name == "lesson.toml":
            return course, course.lessons[0]
    else:
        course, rest = shipped_course(), names
    if len(rest) > 1:
        raise UsageError("one lesson at a time", fix="Name a folder first, then a lesson of it.")
    return course, course.find(rest[0]) if rest else None


def _is_course(name: str) -> bool:
    """Whether an argument is meant as a folder: what is none, and looks like one, is told so when it is read."""
    from sfdebug.files import is_file
    from sfdebug.lessons.model import COURSE, LESSON

    path = Path(name)
    return "/" in name or name in (".", "..") or any(is_file(path / file) for file in (COURSE, LESSON))


def _check(args: Namespace) -> ExitCode:
    from sfdebug.lessons.checking import check_course, check_lesson
    from sfdebug.lessons.model import LessonError
    from sfdebug.reports.lessons import check_dict, check_summary, problem_lines

    lessons: list[Lesson] = []
    try:
        course, lesson = _named(args.names)
        is_one = lesson is not None and len(list(course.all_lessons())) > 1
        lessons = [lesson] if is_one and lesson is not None else list(course.all_lessons())
        problems = check_lesson(lessons[0]) if is_one else check_course(course)
    except LessonError as error:
        problems = list(error.problems)
    if args.json:
        write_data(json.dumps(check_dict(lessons, problems), indent=2, ensure_ascii=False))
    elif problems:
        write_data("\n".join(problem_lines(problems)))
    if not args.json:
        say(check_summary(lessons, problems))
    return ExitCode.EXECUTION_FAILED if problems else ExitCode.SUCCEEDED


def _list(course: Course, args: Namespace) -> ExitCode:
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.reports.lessons import course_dict, course_lines

    file = ProgressFile(course)
    if file.note:
        say(f"sfdebug: {file.note}")
    if args.json:
        write_data(json.dumps(course_dict(course, file.progress), indent=2, ensure_ascii=False))
    else:
        write_data("\n".join(course_lines(course, file.progress)))
    return ExitCode.SUCCEEDED


def _print(course: Course, lesson: Lesson | None) -> ExitCode:
    from sfdebug.reports.lesson_pages import lesson_markdown

    for one in course.all_lessons() if lesson is None else (lesson,):
        write_data(lesson_markdown(one))
    return ExitCode.SUCCEEDED


def _reset(course: Course, lesson: Lesson | None) -> ExitCode:
    from sfdebug.lessons.progress import ProgressFile

    file = ProgressFile(course)
    is_forgotten = file.reset(lesson)
    if not is_forgotten:
        raise UsageError(
            "nothing could be forgotten: the progress cannot be written", where=str(file.path), fix=_WRITABLE
        )
    if file.note:
        say(f"sfdebug: {file.note}")
    say(f"{lesson.title if lesson else course.title}: begins from the start.")
    return ExitCode.SUCCEEDED


def _open(course: Course, lesson: Lesson | None, args: Namespace) -> ExitCode:
    check_terminal("sfdebug learn --list, or --print")
    settings = screen_settings(args)
    keyboard_on_stdin()
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.tui import run_home
    from sfdebug.tui.lessons.screen import ChaptersScreen

    progress = ProgressFile(course)
    return ExitCode(run_home(lambda: ChaptersScreen(course, progress, opens=lesson), settings=settings))


COMMAND = Command(
    name="learn",
    summary="learn Step Functions: lessons in which you predict, then see",
    usage="sfdebug learn [LESSON] [options]\n       sfdebug learn DIR [LESSON] [options]",
    description="""\
Lessons of three to six minutes in the debugger itself: they say something, ask what comes next, have you do
it and mend what is broken. Without a LESSON the list of them opens; you go on where you were. DIR is the
folder of a course, or of a single lesson, of your own: docs/lessons.md says how one is written.""",
    epilog="""\
examples:
  sfdebug learn
      the list of lessons; Enter opens one
  sfdebug learn retry
      the lesson whose name begins so; its number does too
  sfdebug learn --print 4 > page.md
      a lesson as a page to hand out, with the answers on a last page
  sfdebug learn ~/course
      a course of somebody else: a folder with course.toml, from a git repository for example
  sfdebug learn --check ~/course
      what in it cannot be passed, is missing or is too long; the exit code is 1 if anything is""",
    configure=configure,
    run=run,
)
