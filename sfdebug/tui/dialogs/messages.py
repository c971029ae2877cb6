"""Plain dialogs: a text to read, a question to answer with yes or no, a value, the file of a definition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input

from sfdebug.files import is_file, is_folder, path_typed
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, clean_lines, text_input

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_FRAME = 5
"""Columns of a dialog that are not its text's: border, padding, scroll bar."""


class ReadingPane(VerticalScroll):
    """A text that scrolls with the keys of every pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("ctrl+d", "page_down", "Page down", show=False),
        Binding("ctrl+u", "page_up", "Page up", show=False),
        Binding("g", "scroll_home", "To the start", show=False),
        Binding("G", "scroll_end", "To the end", show=False),
    ]
    DEFAULT_CSS = """
    ReadingPane { height: auto; scrollbar-size-vertical: 1; & > DialogNote { height: auto; } }
    """


def flowing(text: str) -> str:
    """Paragraphs that are as wide as there is room: their lines are broken where they are shown."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


class TextDialog(Dialog[None]):
    """Shows a text. There is nothing to answer."""

    OTHER_ROWS: ClassVar[int] = 6
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q", "cancel", "Close", id="dialog.close", show=False)]

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self._text = text

    def body(self) -> ComposeResult:
        """The text."""
        with ReadingPane(classes="tall"):
            yield DialogNote(self._text)

    def needed_width(self) -> int:
        """So that no line is broken."""
        return max(map(cell_len, clean_lines(self._text).splitlines()), default=0) + _FRAME

    def action_scroll(self) -> None:
        """A page further."""
        self.query_one(ReadingPane).scroll_page_down(animate=False)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """How to scroll, and how to leave."""
        return (("j k", "scroll", "scroll"), ("Enter", "close", "cancel"))


class ConfirmDialog(Dialog[bool]):
    """Asks a question that yes or no answers. Escape is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "confirm", "Yes", id="dialog.confirm", show=False),
        Binding("n", "cancel", "No", id="dialog.refuse", show=False),
    ]

    def __init__(self, title: str, question: str, *, yes: str = "yes", no: str = "no") -> None:
        """`yes` and `no` are the words that stand beside the keys ("leave", "stay")."""
        super().__init__(title)
        self._question = question
        self._yes = yes
        self._no = no

    def body(self) -> ComposeResult:
        """The question."""
        yield DialogNote(self._question)

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The two answers."""
        return (("Enter", self._yes, "confirm"), ("Esc", self._no, "cancel"))

    def cancelled(self) -> bool:
        """Not answering is no."""
        return False

    def action_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)


class ValueDialog(Dialog[str]):
    """Its answer is the text of a value; nothing typed stands for the one that it has by itself."""

    HINTS: ClassVar = (("Enter", "set it", "use"),)

    def __init__(self, name: str, note: str, value: str) -> None:
        super().__init__(name)
        self._note = note
        self._value = value

    def body(self) -> ComposeResult:
        """What there is to say of it, and the value."""
        if self._note:
            yield DialogNote(self._note, classes="explanation")
        yield text_input(self._value, placeholder="empty: as the project has it")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_use()

    def action_use(self) -> None:
        """Take the value."""
        self.dismiss(self.query_one(Input).value.strip())


class DefinitionDialog(Dialog[str]):
    """Its answer is the path of a file that is there."""

    HINTS: ClassVar = (("Enter", "open it", "use"),)

    def __init__(
        self,
        path: str,
        title: str = "Run it under which definition?",
        explanation: str = "A definition, edited perhaps, or PATH#NAME of a project: the recording is followed under "
        "it as far as it goes, and from any place on it can be left.",
    ) -> None:
        super().__init__(title)
        self._path = path
        self._explanation = explanation

    def body(self) -> ComposeResult:
        """The path."""
        yield DialogNote(self._explanation, classes="explanation")
        yield text_input(self._path, placeholder="path of a definition in JSON or YAML")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_use()

    def action_use(self) -> None:
        """Take the path, when there is such a file."""
        path = self.query_one(Input).value.strip()
        if not path:
            self.complain("type the path of a definition")
            return
        address = DefinitionAddress.read(str(path_typed(path)))
        full = Path(address.path)
        if is_file(full) or is_folder(full):
            self.dismiss(address.text)
        else:
            self.complain(f"there is no file {full}")
