"""The foot of the screen on which a lesson or a quiz speaks: a line that says where one is, and the lines below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from textual import on
from textual.containers import Vertical
from textual.widgets import Input

from sfdebug.text import clean
from sfdebug.tui.dialogs.frame import text_input
from sfdebug.tui.keys import KeyScope, bindings_for, key_of
from sfdebug.tui.lessons.said import Said, SaidPart
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Painted, fit, fitted, pieces_length, strip_of
from sfdebug.tui.terminal.guard import guarded

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

_NOTHING: Final = Said("")
_BLANK: Final = SaidPart("", [])


class BarSpeaker(Protocol):
    """Who speaks on the bar, and is told what the user does there."""

    def go_on(self) -> None:
        """Enter, on the last part of what was said."""

    def go_back(self) -> None:
        """Back, on the first part of it."""

    def hint(self) -> None:
        """A hint is asked for."""

    def show_solution(self) -> None:
        """The solution is asked for."""

    def skip(self) -> None:
        """The step is to be left out."""

    def show_list(self) -> None:
        """The list of lessons is asked for."""

    def write(self) -> None:
        """The larger editor is asked for."""

    def chosen(self, number: int) -> None:
        """The choice at hand is another one."""

    def typed(self, key: str) -> bool:
        """A character, or "backspace", was typed; whether it belongs to an answer."""

    def answered(self, text: str) -> None:
        """A text was given as the answer."""

    def turned(self) -> None:
        """Another part is shown."""

    def shown(self) -> None:
        """Who has the focus has changed."""


class SaidLines(Painted):
    """Paints what is said, and which part of it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "SaidLines { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._said = _NOTHING
        self._part = 0
        self._parts: list[SaidPart] = [_BLANK]
        self._made_for = (0, 0)

    @property
    def said(self) -> Said:
        """What is said now."""
        return self._said

    def say(self, said: Said, *, stays: bool) -> None:
        """Say this; `stays` on the part at hand."""
        self._said = said
        self._made_for = (0, 0)
        self._make()
        self._part = min(self._part, len(self._parts) - 1) if stays else 0
        self.repaint()

    def turn(self, by: int) -> bool:
        """Show a part before or after this one; whether there is one."""
        self._make()
        if not 0 <= self._part + by < len(self._parts):
            return False
        self._part += by
        self.repaint()
        return True

    @property
    def is_last(self) -> bool:
        """Whether nothing comes behind the part that is shown: here is answered."""
        self._make()
        return self._part >= len(self._parts) - 1

    def choice_at(self, y: int) -> int:
        """The number of the choice in a row, from 0; -1 for none."""
        number = y - 1 - self._parts[self._part].first_answer
        return number if self.is_last and 0 <= number < len(self._said.choices) else -1

    def _make(self) -> None:
        width, rows = self.size.width, self._height - 1
        if (width, rows) != self._made_for and width > 0 and rows > 0:
            self._made_for = (width, rows)
            self._parts = self._said.parts(width, rows, glyphs_of(self)) or [_BLANK]
            self._part = min(self._part, len(self._parts) - 1)

    @property
    def _height(self) -> int:
        """The rows of the whole foot: the line to type into stands in the last of them, and is said to be a line."""
        return self.parent.content_size.height if isinstance(self.parent, LessonBar) else self.size.height

    def paint_line(self, y: int) -> Strip:
        """The head, or one of the lines."""
        self._make()
        width = self.size.width
        if y == 0:
            return self._head(width)
        lines = self._parts[self._part].lines
        pieces = lines[y - 1] if y <= len(lines) else []
        return strip_of(self, fitted(pieces, width), width)

    def _head(self, width: int) -> Strip:
        """`▸ Where did my field go?                                       predict · step 3 of 9`."""
        said, glyphs = self._said, glyphs_of(self)
        is_here = self.parent is not None and getattr(self.parent, "is_here", False)
        more = "" if self.is_last else f"{glyphs.ellipsis} {key_of('lesson.next')} goes on   "
        aside = f"{more}{clean(said.aside)} "
        room = max(0, width - 3 - len(aside) - 1)
        title = fit(self._parts[self._part].heading, room)
        pieces = [(f" {glyphs.current if is_here else ' '} ", "current"), (title, "strong")]
        pieces += [(" " * max(1, width - pieces_length(pieces) - len(aside)), ""), (aside, "muted")]
        return strip_of(self, fitted(pieces, width), width, "cursor" if is_here else "cursor-blurred")

    @property
    def text(self) -> str:
        """What stands there."""
        self._make()
        return "\n".join("".join(text for text, _ in line) for line in self._parts[self._part].lines)

    def on_resize(self) -> None:
        """Break anew."""
        self._make()
        self.repaint()


class AnswerInput(Input):
    """The line that an answer is typed into."""


class LessonBar(Vertical, can_focus=True):
    """Has the keys of a lesson while it has the focus; all others are the screen's."""

    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = list(bindings_for(KeyScope.LESSON))
    DEFAULT_CSS = """
    LessonBar { height: 5; }
    LessonBar > Input { display: none; height: 1; margin: 0 1; background: $panel; }
    """

    def __init__(self, speaker: BarSpeaker, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._speaker = speaker
        self.lines = SaidLines()
        self.field = text_input(placeholder="the answer as JSON", id="answer")

    def compose(self) -> ComposeResult:
        """The lines, and the line to type into."""
        yield self.lines
        yield self.field

    def say(self, said: Said, *, stays: bool = False) -> None:
        """Say this; `stays` on the part at hand."""
        self.lines.say(said, stays=stays)
        self._show_field()

    @property
    def said(self) -> Said:
        """What is said now."""
        return self.lines.said

    @property
    def is_here(self) -> bool:
        """Whether it has the focus, itself or its line to type into."""
        return bool(self.is_attached and self.screen.focused in (self, self.field))

    @property
    def is_typing(self) -> bool:
        """Whether its line to type into has the focus."""
        return bool(self.is_attached and self.screen.focused is self.field)

    @property
    def is_answering(self) -> bool:
        """Whether the part is shown on which is answered."""
        return self.lines.is_last

    @property
    def text(self) -> str:
        """What stands there, without the head."""
        return self.lines.text

    def _show_field(self) -> None:
        has_field = self.said.has_field and self.lines.is_last
        if has_field != self.field.display:
            self.field.display = has_field
            if not has_field and self.screen.focused is self.field:
                self.focus()

    def _turn(self, by: int) -> bool:
        is_turned = self.lines.turn(by)
        if is_turned:
            self._show_field()
            self._speaker.turned()
        return is_turned

    # What the user does

    def action_next(self) -> None:
        """The next part, or on."""
        if not self._turn(1):
            self._speaker.go_on()

    def action_back(self) -> None:
        """The part before, or back."""
        if not self._turn(-1):
            self._speaker.go_back()

    def action_hint(self) -> None:
        """A hint."""
        self._speaker.hint()

    def action_solution(self) -> None:
        """How it is done."""
        self._speaker.show_solution()

    def action_skip(self) -> None:
        """Leave the step out."""
        self._speaker.skip()

    def action_list(self) -> None:
        """To the list."""
        self._speaker.show_list()

    def action_write(self) -> None:
        """The larger editor."""
        self._speaker.write()

    def action_choose(self, by: int) -> None:
        """Another choice, so many further on."""
        count = len(self.said.choices)
        if count and self.lines.is_last:
            self._speaker.chosen((self.said.chosen + by) % count)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses, or is typed where a number is asked for."""
        if self.screen.focused is not self or not (self.lines.is_last or self.said.choices):
            return
        key = event.character if event.is_printable and event.character else event.key
        if self.said.entry is not None and self._speaker.typed(key):
            event.stop()
            event.prevent_default()
        elif event.character is not None and event.character.isdecimal():
            number = int(event.character)
            if 1 <= number <= len(self.said.choices):
                while self._turn(1):  # to where the choices stand
                    pass
                event.stop()
                event.prevent_default()
                self._speaker.chosen(number - 1)

    def on_click(self, event: events.Click) -> None:
        """A click on a choice has it at hand, one on the first line goes on."""
        if event.widget is not self.lines:
            return
        event.stop()
        number = self.lines.choice_at(event.y)
        if number >= 0:
            self._speaker.chosen(number)
        elif event.y == 0:
            self.action_next()

    @on(Input.Submitted)
    @guarded
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._speaker.answered(event.value)

    def on_descendant_focus(self) -> None:
        """Show that it has the keys."""
        self._focus_changed()

    def on_descendant_blur(self) -> None:
        """Show that it has not."""
        self._focus_changed()

    def on_focus(self) -> None:
        """Show that it has the keys."""
        self._focus_changed()

    def on_blur(self) -> None:
        """Show that it has not."""
        self._focus_changed()

    def _focus_changed(self) -> None:
        self.lines.repaint()
        self._speaker.shown()
