"""The dialogs about sessions: go on with the last one, or begin afresh; save this one under a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from textual import on
from textual.binding import Binding
from textual.widgets import Input

from sfdebug.files import is_folder, is_there, path_typed
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, text_input

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

SUFFIX: Final = ".sfdebug-session"


class ContinueDialog(Dialog[bool]):
    """Asks whether to go on with an earlier session. Escape begins afresh."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,c,y", "go_on", "Continue", id="dialog.continue", show=False),
        Binding("f,n,q", "cancel", "Begin afresh", id="dialog.fresh", show=False),
    ]

    def __init__(self, text: str, note: str) -> None:
        super().__init__("Continue?")
        self._text = text
        self._note = note

    def body(self) -> ComposeResult:
        """Where it stood, and what is to be known of it."""
        yield DialogNote(self._text)
        if self._note:
            yield DialogNote(self._note, classes="explanation")

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """The two answers."""
        return (("Enter", "continue", "go_on"), ("f Esc", "fresh", "cancel"))

    def cancelled(self) -> bool:
        """Not answering begins afresh: the earlier session stays as it is."""
        return False

    def action_go_on(self) -> None:
        """Go on with it."""
        self.dismiss(True)


class SaveRequest(Struct, frozen=True):
    """Where a session is to be saved, and whether without its data."""

    path: Path
    is_redacted: bool


class SaveSessionDialog(Dialog[SaveRequest]):
    """Asks for the name of a file, and whether the data go with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "redact", "With its data, or without", id="dialog.redact", show=False),
        Binding("ctrl+s", "use", "Save", id="dialog.use", show=False),
    ]
    DEFAULT_CSS = "SaveSessionDialog .with-data { height: auto; margin-top: 1; }"

    def __init__(self, path: str, *, is_redacted: bool = False) -> None:
        super().__init__("Save the session under a name")
        self._path = path
        self._is_redacted = is_redacted
        self._replaces: Path | None = None

    def body(self) -> ComposeResult:
        """The name of the file, and what of the data is in it."""
        yield DialogNote(
            "Whoever opens the file with sfdebug --session stands where you stand, with all that was decided.",
            classes="explanation",
        )
        yield text_input(self._path, placeholder="name of a file")
        yield DialogNote(self._data_text(), classes="with-data")

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """Save, choose whether with the data, leave."""
        other = "with its data" if self._is_redacted else "without its data"
        return (("Enter", "save", "use"), ("Ctrl+R", other, "redact"), ("Esc", "cancel", "cancel"))

    def _data_text(self) -> str:
        if self._is_redacted:
            return "without its data: texts, numbers and times of inputs, answers and edits are replaced"
        return "with its data: the input, and all answers and edits"

    def action_redact(self) -> None:
        """With the data, or without."""
        self._is_redacted = not self._is_redacted
        self.query_one(".with-data", DialogNote).say(self._data_text())
        self.show_hints()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._replaces = None
        self.complain("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_use()

    def action_use(self) -> None:
        """Take the name; one that is taken is asked for twice."""
        name = self.query_one(Input).value.strip()
        if not name:
            self.complain("type the name of a file")
            return
        path = path_typed(name)
        if is_folder(path):
            self.complain(f"{path} is a folder")
            return
        path = path if path.suffix else path.with_name(f"{path.name}{SUFFIX}")
        if is_there(path) and str(path) != self._path and self._replaces != path:
            self._replaces = path
            self.complain(f"there is a file {path} already: once more replaces it")
            return
        if not is_folder(path.parent):
            self.complain(f"there is no folder {path.parent}")
            return
        self.dismiss(SaveRequest(path, self._is_redacted))
