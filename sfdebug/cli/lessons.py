"""The lessons on the screen: their list, and the quiz along any definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.tui.lessons.quiz_guide import QuizGuide
    from sfdebug.tui.lessons.screen import ChaptersScreen


def lessons_screen() -> ChaptersScreen:
    """The list of the lessons that come with the program, over another screen. Raises LessonError."""
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.lessons.reading import shipped_course
    from sfdebug.tui.lessons.screen import ChaptersScreen

    course = shipped_course()
    return ChaptersScreen(course, ProgressFile(course), is_nested=True)


def lessons_in_short() -> Sequence[str]:
    """What the course is, and how far one has come. Raises LessonError."""
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.lessons.reading import shipped_course
    from sfdebug.tui.lessons.rows import how_much, lesson_rows

    course = shipped_course()
    titles = ", ".join(chapter.title for chapter in course.chapters)
    return (course.title, titles, f"{how_much(lesson_rows(course, ProgressFile(course).progress))}.")


def add_quiz_option(parser: ArgumentParser) -> None:
    """`--quiz`, for the commands that open the debugger on a definition."""
    parser.add_argument(
        "--quiz", action="store_true", help="foretell what comes before each stage, then see; Esc ends the quiz"
    )


def quiz_of(args: Namespace) -> QuizGuide | None:
    """The quiz, if it is wanted: a run for it is begun anew, and not kept as a session.

    Raises UsageError with options that it cannot do with.
    """
    if not args.quiz:
        return None
    for option, is_given in (
        ("--continue", args.goes_on),
        ("--real", getattr(args, "real", False)),
        ("--services", getattr(args, "services", None) is not None),
    ):
        if is_given:
            why = "begins anew" if option == "--continue" else "calls nothing, since it looks ahead"
            raise UsageError(f"the quiz {why}: --quiz and {option} do not go together", fix=f"Leave {option} out.")
    from sfdebug.tui.lessons.quiz_guide import QuizGuide

    args.no_autosave = args.fresh = True
    return QuizGuide()
