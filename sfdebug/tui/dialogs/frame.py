"""What all dialogs share: the frame with its title, the line of keys, the way out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from sfdebug.text import clean
from sfdebug.tui.painting.dimmed import Dimmed
from sfdebug.tui.terminal.guard import ClosesOnce
from sfdebug.tui.terminal.key_order import TypedAhead
from sfdebug.tui.widgets.line import Line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.widgets.search import FilterNote

T = TypeVar("T")

_STYLES: Final = {
    "": "",
    "strong": "bold",
    "muted": "$sf-muted",
    "faint": "$sf-faint",
    "key": "$sf-key bold",
    "done": "$sf-done",
    "failed": "$sf-failed bold",
    "caught": "$sf-caught",
    "waiting": "$sf-waiting",
    "current": "$sf-current bold",
    "warn": "$sf-waiting bold",
}
"""What the paints of `paint.py` are inside a Static or an OptionList."""


def painted(pieces: Iterable[Piece]) -> Content:
    """Pieces of text with their paints, as Textual's own widgets take them. The text is never read as markup."""
    return Content.assemble(*((text, _STYLES.get(paint, "")) for text, paint in pieces))


def painted_lines(lines: Iterable[Iterable[Piece]]) -> Content:
    """Several lines of pieces."""
    return Content("\n").join([painted(pieces) for pieces in lines])


class DialogNote(Static):
    """A text of the dialog's own, wrapped; what is put into it is never read as markup."""

    ALLOW_SELECT = False

    def __init__(self, text: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(Content(clean_lines(text)) if isinstance(text, str) else text, id=id, classes=classes)

    def say(self, text: str | Content) -> None:
        """Show another text."""
        self.update(Content(clean_lines(text)) if isinstance(text, str) else text)


def clean_lines(text: str) -> str:
    """Data on several lines, safe to print."""
    return "\n".join(clean(line) for line in text.splitlines())


_LEAST_WIDTH: Final = 76


class DialogField(Horizontal):
    """A label and what is to be filled in beside it."""

    DEFAULT_CSS = """
    DialogField {
        height: 1;
        margin: 0 0 0 0;
        & > .label { width: 11; color: $sf-muted; }
        & > Input { width: 1fr; background: $panel; padding: 0 1; }
        & > Input:focus { background: $sf-cursor-blurred; }
        & > .aside { width: auto; padding: 0 0 0 2; color: $sf-muted; }
    }
    """

    def __init__(self, label: str, content: Widget, aside: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._content = content
        self._aside = aside

    def compose(self) -> ComposeResult:
        """The label, the content, and a remark after it."""
        yield Static(self._label, classes="label", markup=False)
        yield self._content
        if self._aside:
            yield Static(self._aside, classes="aside", markup=False)


def text_input(value: str = "", *, placeholder: str = "", id: str | None = None) -> Input:
    """An input of one row, without a frame of its own."""
    return Input(value, placeholder=placeholder, id=id, compact=True, select_on_focus=True)


class Dialog(TypedAhead, ClosesOnce, ModalScreen[T]):
    """A question over the screen. Subclasses say what is in it and what its keys are."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 65%;
        & > .frame {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $background;
            border: round $sf-done;
            border-title-color: $foreground;
            border-title-style: bold;
        }
        &.-ascii > .frame { border: ascii $sf-done; }
        &:nocolor > .frame { border: heavy $foreground; }
        &.-ascii:nocolor > .frame { border: ascii $foreground; }
        & .explanation { height: auto; max-height: 4; color: $sf-muted; margin-bottom: 1; }
        & .heading { height: 1; color: $sf-muted; margin-top: 1; }
        & .hints { height: 1; margin-top: 1; }
        & .problem { height: auto; color: $sf-waiting; display: none; }
        & .problem.-shown { display: block; }
        & Input:nocolor { text-style: underline; }
        & Input:nocolor > .input--cursor { text-style: reverse; }
        & Input:nocolor > .input--selection { text-style: underline bold; }
    }
    Dialog.-wide > .frame { width: 100; max-width: 96%; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", id="dialog.cancel", show=False)]

    HINTS: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    """What the line of keys says: the key, what it does, and the action that a click on it runs."""

    OTHER_ROWS: ClassVar[int] = 8
    """How many rows the dialog needs beside its part of class `tall`, which gets what is left of the screen."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._dialog_title = clean(title)

    @abstractmethod
    def body(self) -> ComposeResult:
        """What is in the frame, above the line of keys."""

    def show_note(self, note: FilterNote | None) -> None:
        """Say beside the title which filter is in force."""
        text = f"{self._dialog_title} \N{MIDDLE DOT} {note.fitted()}" if note is not None else self._dialog_title
        self.query_one(".frame").border_title = Content(text)

    def needed_width(self) -> int:
        """The columns that all of its content takes, the frame included; 0 for a dialog of the usual width."""
        return 0

    def cancelled(self) -> T | None:
        """The answer when the dialog is left without one."""
        return None

    def hints(self) -> Iterable[tuple[str, str, str]]:
        """The keys that the dialog shows: the key, what it does, the action for a click."""
        return (*self.HINTS, ("Esc", "cancel", "cancel"))

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        self.set_class(self.app.has_class("ascii"), "-ascii")
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(self._dialog_title)
            yield from self.body()
            yield Static("", classes="problem", markup=False)
            yield Line(id="dialog-hints")

    def render(self) -> RenderableType:
        """What is behind the frame."""
        behind = super().render()
        return Dimmed(behind.screen, behind.color) if isinstance(behind, BackgroundScreen) else behind

    def on_mount(self) -> None:
        """Write the line of keys."""
        self.show_hints()
        if self.listens_from:
            self.call_after_refresh(self.listen)

    def on_resize(self) -> None:
        """Give the tall part the rows that are left. (Textual does not count `vh` in a frame of automatic height.)"""
        needed = self.needed_width()
        if needed:
            self.query_one(".frame").styles.width = max(_LEAST_WIDTH, min(needed, self.app.size.width * 96 // 100))
        for widget in self.query(".tall"):
            widget.styles.max_height = max(3, self.app.size.height - self.OTHER_ROWS)

    def show_hints(self) -> None:
        """Write the line of keys again, after they changed."""
        pieces: list[tuple[str, str] | tuple[str, str, str]] = []
        for key, what, action in self.hints():
            pieces += [(key, "key", action), (" ", "", action), (what, "muted", action), ("   ", "")]
        line = self.query_one("#dialog-hints", Line)
        line.add_class("hints")
        line.put(pieces)

    def complain(self, text: str) -> None:
        """Say why the answer cannot be taken; "" takes that back."""
        problem = self.query_one(".problem", Static)
        problem.update(Content(clean_lines(text)))
        problem.set_class(bool(text), "-shown")

    @on(Line.Picked)
    async def _hint_picked(self, event: Line.Picked) -> None:
        if event.control.id == "dialog-hints":
            event.stop()
            await self.run_action(event.target)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(self.cancelled())
