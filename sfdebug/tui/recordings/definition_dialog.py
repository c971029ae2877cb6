"""Asking for a definition file, to run a recording again under it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Input

from sfdebug.tui.dialogs.frame import Dialog, DialogNote, text_input

if TYPE_CHECKING:
    from textual.app import ComposeResult


class DefinitionDialog(Dialog[str]):
    """Its answer is the path of a file that is there."""

    HINTS: ClassVar = (("Enter", "open it", "use"),)

    def __init__(self, path: str) -> None:
        super().__init__("Run it under which definition?")
        self._path = path

    def body(self) -> ComposeResult:
        """The path."""
        yield DialogNote(
            "A definition file, edited perhaps: the recording is followed under it as far as it goes, and from any "
            "place on it can be left.",
            classes="explanation",
        )
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
        full = Path(path).expanduser()
        if full.is_file():
            self.dismiss(str(full))
        else:
            self.complain(f"there is no file {full}")
