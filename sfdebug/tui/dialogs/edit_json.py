"""Editing a JSON value: a state's input, or a task's result."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical

from sfdebug.tui.dialogs.frame import Dialog, DialogNote
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.terminal.editor_program import has_editor
from sfdebug.values import MISSING, Value, compact, is_present

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


_LARGE: Final = 64_000
"""The editor of a larger value takes a moment: the dialog says so before it begins."""


class EditJsonDialog(Dialog[Value]):
    """Edits a value; MISSING when it is left without one (null is a value)."""

    HINTS: ClassVar = (
        ("Ctrl+S", "use it", "use"),
        ("F4", "editor", "own_editor"),
        ("Ctrl+L", "lay out", "lay_out"),
        ("Ctrl+R", "reset", "reset"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "use", "Use it", id="dialog.use", show=False)]
    DEFAULT_CSS = """
    EditJsonDialog {
        & > .frame { height: 90%; }
    }
    """

    def __init__(
        self,
        title: str,
        value: Value,
        explanation: str = "",
        *,
        draft: str | None = None,
        most: int | None = None,
        why_not: Callable[[Value], str] = lambda value: "",
    ) -> None:
        """`draft` is the text that was typed before, if there is one; it stands in place of the value's. A value of
        more than `most` bytes is refused, and one of which `why_not` says why."""
        super().__init__(title)
        self._why_not = why_not
        self._most = most
        self._old_draft = draft
        self._untouched = ""
        self.draft: str | None = None
        """The text when the dialog was left without a value; None when it is the one of the value."""
        self._value = value
        self._explanation = explanation
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The explanation above the editor; before a large one is there, that it is coming."""
        if self._explanation:
            yield DialogNote(self._explanation, classes="explanation")
        size = len(compact(self._value)) if is_present(self._value) else 0
        if size > _LARGE:
            yield DialogNote(f"laying out {size:,} characters of JSON ...", id="coming")
        else:
            yield JsonEditor(self._value)

    def on_mount(self) -> None:
        """Start in the text."""
        if self._editor is not None:
            self._begin(self._editor)
        else:
            self.call_after_refresh(self._bring_editor)

    async def _bring_editor(self) -> None:
        """Put the editor of a large value in the place that is kept for it."""
        coming = self.query_one("#coming", DialogNote)
        editor = JsonEditor(self._value)
        await self.query_one(".frame", Vertical).mount(editor, after=coming)
        await coming.remove()
        self._begin(editor)
        if has_editor(os.environ) and not self.app.is_headless:  # made for texts of this size
            self.call_after_refresh(editor.action_own_editor)

    @property
    def _editor(self) -> JsonEditor | None:
        """The editor; None while it is still to come."""
        return next(iter(self.query(JsonEditor)), None)

    def _begin(self, editor: JsonEditor) -> None:
        self._untouched = editor.text
        if self._old_draft is not None:
            editor.set_text(self._old_draft)
        editor.focus()

    def action_cancel(self) -> None:
        """Leave without a value, and keep what was typed."""
        editor = self._editor
        text = editor.text if editor is not None else self._untouched
        self.draft = text if text != self._untouched else self._old_draft if editor is None else None
        super().action_cancel()

    def cancelled(self) -> Value:
        """No value: the one that is there stays."""
        return MISSING

    def on_json_editor_checked(self, event: JsonEditor.Checked) -> None:
        """What was complained about may be mended."""
        self.complain("")

    def action_use(self) -> None:
        """Give the value back, if the text holds one."""
        editor = self._editor
        if editor is None:
            return
        value = editor.value
        if not is_present(value):
            self.complain("this is not JSON yet: Ctrl+G goes to the mistake")
        elif self._most is not None and editor.check.size > self._most:
            self.complain(f"an input has {self._most:,} bytes at most")
        elif why_not := self._why_not(value):
            self.complain(why_not)
        else:
            self.dismiss(value)

    def action_lay_out(self) -> None:
        """Indent the JSON anew."""
        if self._editor is not None:
            self._editor.action_lay_out()

    def action_own_editor(self) -> None:
        """Edit the text in the user's own editor."""
        if self._editor is not None:
            self._editor.action_own_editor()

    def action_reset(self) -> None:
        """Put the first value back."""
        if self._editor is not None:
            self._editor.action_reset()
