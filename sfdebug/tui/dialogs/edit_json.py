"""Editing a JSON value: a state's input, or a task's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from sfdebug.tui.dialogs.frame import Dialog, Note
from sfdebug.tui.widgets.json_editor import JsonEditor
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class EditJsonDialog(Dialog[Value]):
    """Edits a value; MISSING when it is left without one (null is a value)."""

    HINTS: ClassVar = (("Ctrl+S", "use it", "use"), ("Ctrl+L", "lay out", "lay_out"), ("Ctrl+R", "reset", "reset"))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "use", "Use it", id="dialog.use", show=False)]
    DEFAULT_CSS = """
    EditJsonDialog {
        & > .frame { height: 90%; }
    }
    """

    def __init__(self, title: str, value: Value, explanation: str = "", *, draft: str | None = None) -> None:
        """`draft` is the text that was typed before, if there is one; it stands in place of the value's."""
        super().__init__(title)
        self._old_draft = draft
        self._untouched = ""
        self.draft: str | None = None
        """The text when the dialog was left without a value; None when it is the one of the value."""
        self._value = value
        self._explanation = explanation
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The explanation above the editor."""
        if self._explanation:
            yield Note(self._explanation, classes="explanation")
        yield JsonEditor(self._value)

    def on_mount(self) -> None:
        """Start in the text."""
        editor = self.query_one(JsonEditor)
        self._untouched = editor.text
        if self._old_draft is not None:
            editor.set_text(self._old_draft)
        editor.focus()

    def action_cancel(self) -> None:
        """Leave without a value, and keep what was typed."""
        text = self.query_one(JsonEditor).text
        self.draft = text if text != self._untouched else None
        super().action_cancel()

    def cancelled(self) -> Value:
        """No value: the one that is there stays."""
        return MISSING

    def on_json_editor_checked(self, event: JsonEditor.Checked) -> None:
        """What was complained about may be mended."""
        self.complain("")

    def action_use(self) -> None:
        """Give the value back, if the text holds one."""
        editor = self.query_one(JsonEditor)
        value = editor.value
        if is_present(value):
            self.dismiss(value)
        else:
            self.complain("this is not JSON yet: Ctrl+G goes to the mistake")

    def action_lay_out(self) -> None:
        """Indent the JSON anew."""
        self.query_one(JsonEditor).action_lay_out()

    def action_reset(self) -> None:
        """Put the first value back."""
        self.query_one(JsonEditor).action_reset()
