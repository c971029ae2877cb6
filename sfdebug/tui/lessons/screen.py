"""The list of lessons: chapters, how far one has come, and what the lesson at hand is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.screen import Screen

from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import MendStep
from sfdebug.lessons.progress import LessonState, StepState
from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import DialogNote
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.lessons.guide import LessonGuide
from sfdebug.tui.lessons.rows import FAST_TRACK, LessonRow, about, first_to_do, how_much, lesson_rows
from sfdebug.tui.lessons.tutor import Tutor
from sfdebug.tui.lessons.walk import CourseWalk
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.key_hints import KeyHints
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.lessons.model import Course, Lesson
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.tui.painting.paint import Piece

_CHAPTER: Final = 24
_NARROW_CHAPTER: Final = 23
_NARROW: Final = 100
_LEAST_WIDE: Final = 11
"""Columns beside the chapter and the title: the pointer, the sign, the minutes."""

_PAINTS: Final = {
    LessonState.NEW: ("unvisited", "unvisited"),
    LessonState.BEGUN: ("breakpoint", "current"),
    LessonState.PASSED: ("done", "done"),
    LessonState.SKIPPED: ("forced", "muted"),
}
"""The glyph of each state, and its paint."""


class LessonList(LineList):
    """The lessons by chapter."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[LessonRow] = []

    def put(self, rows: list[LessonRow], cursor: int | None = None) -> None:
        """Show these."""
        self.rows = rows
        self.rows_changed(cursor)

    @property
    def row(self) -> LessonRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def count_rows(self) -> int:
        """One for each lesson and each fast track."""
        return len(self.rows)

    def row_text(self, row: int) -> str:
        """All that a filter looks at."""
        one = self.rows[row]
        return f"{one.chapter.title} {one.title} {one.lesson.cures}"

    @property
    def empty_text(self) -> str:
        """What stands there in a course without lessons."""
        return "there are no lessons"

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`When things fail     ▸ ✓  7 Retry: how often, how long                 4 min`."""
        one, glyphs = self.rows[row], glyphs_of(self)
        begins = row == 0 or self.rows[row - 1].chapter is not one.chapter
        chapter = _CHAPTER if width >= _NARROW else _NARROW_CHAPTER
        glyph, paint = _PAINTS[one.state]
        number = f"{one.number:>2} " if one.number else "   "
        aside = one.standing if one.state is LessonState.BEGUN else f"{one.lesson.minutes} min"
        room = max(1, width - chapter - _LEAST_WIDE - cell_len(aside))
        title = "muted" if one.is_fast_track else "faint" if one.is_over else "strong"
        return [
            (f" {column(clean(one.chapter.title) if begins else '', chapter - 2)} ", "muted"),
            (f"{glyphs.current if row == self.cursor else ' '} ", "current"),
            (f"{getattr(glyphs, glyph)} ", paint),
            (number, "faint"),
            (column(clean(one.title), room), title),
            (f" {fit(aside, len(aside))} ", "muted"),
        ]


class ChaptersScreen(ClosesOnce, Screen[None]):
    """The lessons of a course; a lesson lies over it, and comes back here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(FAST_TRACK, "fast_track", "Fast track", id="chapters.fast_track", show=False),
        Binding("escape,q,ctrl+c", "back", "Back", id="chapters.back", show=False),
        Binding("ctrl+q", "leave", "Leave", id="chapters.leave", show=False),
    ]
    AUTO_FOCUS = "LessonList"

    def __init__(
        self, course: Course, progress: ProgressFile, *, opens: Lesson | None = None, is_nested: bool = False
    ) -> None:
        """`opens` is a lesson to begin with; `is_nested`: there is a screen to go back to."""
        super().__init__()
        self._course = course
        self._progress = progress
        self._opens = opens
        self._is_nested = is_nested
        self.lessons = LessonList()
        self._titles = {lesson.name: lesson.title for lesson in course.all_lessons()}

    def compose(self) -> ComposeResult:
        """The title, how much is done, the list, what the lesson is for, the keys."""
        yield DialogNote(f" {clean(self._course.title)}", classes="title")
        yield DialogNote("", id="done")
        yield self.lessons
        yield DialogNote("", id="about")
        back = "back" if self._is_nested else "leave"
        ways = (
            ("Enter", "open", "open"),
            (FAST_TRACK, "fast track of the chapter", "fast_track"),
            ("Esc", back, "back"),
        )
        yield KeyHints(ways)

    def on_mount(self) -> None:
        """Stand where one was."""
        rows = lesson_rows(self._course, self._progress.progress)
        self.lessons.put(rows, first_to_do(rows, self._progress.progress.last))
        self._tell()
        if self._opens is not None:
            self.call_after_refresh(self._open, self._opens)

    def on_screen_resume(self) -> None:
        """A lesson was left: say how far one has come."""
        if self.lessons.rows:
            self._show()

    def _show(self) -> None:
        self.lessons.put(lesson_rows(self._course, self._progress.progress))
        self._tell()

    def _tell(self) -> None:
        row, note = self.lessons.row, self._progress.note
        self.query_one("#done", DialogNote).say(f" {how_much(self.lessons.rows)}{f'   {note}' if note else ''}")
        self.query_one("#about", DialogNote).say("\n".join(about(row, self._titles)) if row is not None else "")

    # What the user does

    @on(LineList.Moved)
    @guarded
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._tell()

    @on(LineList.Chosen)
    @guarded
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the lesson under the cursor."""
        row = self.lessons.row
        if row is not None:
            self._open(row.lesson)

    def action_fast_track(self) -> None:
        """Open the fast track of the chapter under the cursor."""
        row = self.lessons.row
        if row is not None and row.chapter.fast_track is not None:
            self._open(row.chapter.fast_track)
        elif row is not None:
            self.notify(f"{clean(row.chapter.title)} has no fast track", markup=False)

    def _open(self, lesson: Lesson) -> None:
        follows = self._after(lesson)
        try:
            walk = CourseWalk(lesson, self._progress)
        except (SfdebugError, OSError) as error:
            self.app.push_screen(TextDialog(f"{clean(lesson.title)} cannot be opened", str(error)))
            return
        guide = LessonGuide(Tutor(walk, follows.title if follows is not None else ""))
        screen = DebugScreen(walk.debugger, lesson.title, is_nested=True, guide=guide)

        def left(_: None) -> None:
            self._left(lesson)
            self._show()
            if guide.goes_on and follows is not None:
                self._open(follows)

        self.app.push_screen(screen, left)
        self._stand_on(lesson)

    def _stand_on(self, lesson: Lesson) -> None:
        for index, row in enumerate(self.lessons.rows):
            if row.lesson.name == lesson.name:
                self.lessons.move_to(index)

    def _left(self, lesson: Lesson) -> None:
        """Who has mended the machine of a fast track knows its chapter."""
        steps = self._progress.progress.of(lesson).steps
        mends = [index for index, step in enumerate(lesson.steps) if isinstance(step, MendStep)]
        for chapter in self._course.chapters:
            is_mended = bool(mends) and all(steps.get(index) is StepState.PASSED for index in mends)
            if chapter.fast_track is not None and chapter.fast_track.name == lesson.name and is_mended:
                self._progress.know(chapter.lessons)

    def _after(self, lesson: Lesson) -> Lesson | None:
        """The lesson that comes next; after a fast track, the first of the next chapter."""
        lessons = self._course.lessons
        names = [one.name for one in lessons]
        if lesson.name in names:
            at = names.index(lesson.name) + 1
            return lessons[at] if at < len(lessons) else None
        for number, chapter in enumerate(self._course.chapters):
            if chapter.fast_track is not None and chapter.fast_track.name == lesson.name:
                later = [one for other in self._course.chapters[number + 1 :] for one in other.lessons]
                return later[0] if later else None
        return None

    def action_back(self) -> None:
        """Leave the list."""
        if self._is_nested:
            self.dismiss()
        else:
            self.app.exit(0)

    def action_leave(self) -> None:
        """Leave the program, or go back to the screen below."""
        self.action_back()
