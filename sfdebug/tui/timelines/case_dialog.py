"""Where a test case of a session is written to: the file, the case's name, and what a run with it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.widgets import Input

from sfdebug.errors import SfdebugError
from sfdebug.tui.dialogs.frame import Dialog, DialogField, DialogNote, text_input

if TYPE_CHECKING:
    from textual.app import ComposeResult


class WrittenCase(NamedTuple):
    """What is to be written: the file, and the name of the case ("" for a history)."""

    file: str
    case: str


class CaseDialog(Dialog[WrittenCase]):
    """Its answer has been written: `write` does it, and what is wrong with it is said in the dialog."""

    HINTS: ClassVar = (("Enter", "write it", "write"),)

    def __init__(
        self,
        title: str,
        told: Sequence[str],
        file: str,
        case: str | None,
        write: Callable[[WrittenCase], None],
    ) -> None:
        """`told` says what it comes to; a history has no `case` (None)."""
        super().__init__(title)
        self._told = told
        self._file = file
        self._case = case
        self._write = write

    def body(self) -> ComposeResult:
        """What it comes to, and the fields."""
        yield DialogNote("\n".join(self._told), classes="explanation")
        yield DialogField("File", text_input(self._file, id="file"))
        if self._case is not None:
            yield DialogField("Case", text_input(self._case, id="case"))

    def on_mount(self) -> None:
        """The name of the case is what is asked for first."""
        super().on_mount()
        self.query_one("#case" if self._case is not None else "#file", Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_write()

    def action_write(self) -> None:
        """Write it; say why where that cannot be done."""
        case = self.query_one("#case", Input).value.strip() if self._case is not None else ""
        wanted = WrittenCase(self.query_one("#file", Input).value.strip(), case)
        if not wanted.file:
            self.complain("type the path of a file")
            return
        try:
            self._write(wanted)
        except SfdebugError as error:
            self.complain(str(error))
        else:
            self.dismiss(wanted)
