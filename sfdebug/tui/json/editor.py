"""An editor for a JSON value: checked as it is typed, measured against AWS's limit, laid out on a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.document._document_navigator import DocumentNavigator
from textual.message import Message
from textual.widgets import Static, TextArea

from sfdebug.text import clean
from sfdebug.tui.json.check import Check, check_json
from sfdebug.tui.json.large_text import LargeDocument, UnwrappedDocument
from sfdebug.tui.json.text import editable
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.document._document import Location
    from textual.timer import Timer

_AT_ONCE: Final = 20_000
"""Texts up to this many characters are checked on every key; longer ones when the typing pauses."""

_PAUSE_SECONDS: Final = 0.2
_LARGE: Final = 32_000
"""Longer texts are not wrapped."""


class JsonArea(TextArea):
    """A text area that keeps the indentation on Enter, two blanks more after an opening bracket."""

    def __init__(self, text: str = "") -> None:
        # No language: the highlighter that Textual would load for it can crash the interpreter.
        is_large = len(text) > _LARGE
        super().__init__(text, show_line_numbers=True, tab_behavior="focus", compact=True, soft_wrap=not is_large)
        self.indent_width = 2

    @property
    def is_large(self) -> bool:
        """Whether the text is of a size for which its lines are not wrapped."""
        return isinstance(self.document, LargeDocument)

    def _set_document(self, text: str, language: str | None) -> None:
        if len(text) <= _LARGE:
            super()._set_document(text, language)
            self.soft_wrap = True
            return
        super()._set_document("", language)
        self._take_large(text)

    def _take_large(self, text: str) -> None:
        """Hold a text that is large, or has become so; the history of its edits stays."""
        self.document = LargeDocument(text)
        self.wrapped_document = UnwrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self.soft_wrap = False
        self._rewrap_and_refresh_virtual_size()

    def grown(self) -> None:
        """Hold the text as a large one, if it has become that by an edit."""
        if not self.is_large and len(self.text) > _LARGE:
            self._take_large(self.text)

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """The matching bracket; in a large text it is not looked for, which would read all of it."""
        return None if self.is_large else super().find_matching_bracket(bracket, search_from)

    def on_key(self, event: events.Key) -> None:
        """Break the line with the indentation that its content asks for."""
        if event.key != "enter" or self.read_only:
            return
        event.stop()
        event.prevent_default()
        row, column = self.selection.start if self.selection.start <= self.selection.end else self.selection.end
        before = self.document.get_line(row)[:column]
        indent = " " * (len(before) - len(before.lstrip(" ")))
        after = self.document.get_line(row)[column:].lstrip()
        if before.rstrip()[-1:] in ("{", "["):
            if after[:1] in ("}", "]"):
                self.replace(f"\n{indent}  \n{indent}", *self.selection)
                self.move_cursor((row + 1, len(indent) + 2))
                return
            indent += "  "
        self.replace(f"\n{indent}", *self.selection, maintain_selection_offset=False)
        self.move_cursor((row + 1, len(indent)))


class JsonEditor(Vertical):
    """Edits one JSON value. `value` is what stands in it, MISSING while that is no JSON."""

    DEFAULT_CSS = """
    JsonEditor {
        height: 1fr;
        & > JsonArea { height: 1fr; padding: 0; background: $background; }
        & > .check { height: auto; max-height: 2; padding: 0 1; background: $panel; color: $sf-muted; }
        & > .check.-valid { color: $sf-added; }
        & > .check.-wrong { color: $sf-failed; }
        & > .check.-large { color: $sf-waiting; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "lay_out", "Lay out", id="json_editor.lay_out", tooltip="Indent the JSON anew"),
        Binding("ctrl+r", "reset", "Reset", id="json_editor.reset", tooltip="Back to the value that was there first"),
        Binding("ctrl+g", "go_to_mistake", "To the mistake", id="json_editor.mistake", show=False),
    ]

    class Checked(Message):
        """The text was checked, after a change."""

        def __init__(self, editor: JsonEditor, check: Check) -> None:
            super().__init__()
            self.editor = editor
            self.check = check

        @property
        def control(self) -> JsonEditor:
            """The editor whose text it is."""
            return self.editor

    def __init__(self, value: Value = MISSING, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._start = editable(value) if is_present(value) else ""
        self._area = JsonArea(self._start)
        self._line = Static("", classes="check", markup=False)
        self._check = check_json(self._start)
        self._checked = self._start
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The text, and the line that says what the check found."""
        yield self._area
        yield self._line

    def on_mount(self) -> None:
        """Say how the text stands."""
        self._show_check()

    def focus(self, scroll_visible: bool = True, from_app_focus: bool = False) -> JsonEditor:
        """Give the focus to the text."""
        self._area.focus(scroll_visible)
        return self

    @property
    def check(self) -> Check:
        """How the text stands at this instant."""
        if self._checked != self._area.text:
            self._checked = self._area.text
            self._check = check_json(self._checked)
        return self._check

    @property
    def value(self) -> Value:
        """The value in the editor; MISSING while its text is no JSON."""
        return self.check.value

    @property
    def text(self) -> str:
        """The text in the editor."""
        return self._area.text

    def load(self, value: Json) -> None:
        """Start over with another value."""
        self._start = editable(value)
        self.action_reset()

    def set_text(self, text: str) -> None:
        """Put a text in place of what stands there; undo brings that back."""
        self._area.replace(text, self._area.document.start, self._area.document.end)
        self._area.grown()
        self._area.move_cursor((0, 0))

    # The check

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._area.grown()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if len(self._area.text) <= _AT_ONCE:
            self._check_now()
        else:
            self._timer = self.set_timer(_PAUSE_SECONDS, self._check_now)

    def _check_now(self) -> None:
        self._timer = None
        self._show_check()
        self.post_message(self.Checked(self, self.check))

    def _show_check(self) -> None:
        check, glyphs = self.check, glyphs_of(self)
        sign = glyphs.failed if not check.is_valid else glyphs.caught if check.is_too_large else glyphs.done
        fix = f": {check.fix}" if check.fix else ""
        self._line.update(Content(clean(f"{sign} {check.text}{fix}")))
        self._line.set_class(check.is_valid and not check.is_too_large, "-valid")
        self._line.set_class(not check.is_valid, "-wrong")
        self._line.set_class(check.is_too_large, "-large")

    # Actions

    def action_lay_out(self) -> None:
        """Indent the JSON anew; without effect while it is none."""
        value = self.value
        if is_present(value) and self._area.text != editable(value):
            self.set_text(editable(value))

    def action_reset(self) -> None:
        """Put the value back that was there first."""
        self.set_text(self._start)

    def action_go_to_mistake(self) -> None:
        """Put the cursor where the mistake is."""
        check = self.check
        if check.line:
            self._area.move_cursor((check.line - 1, max(0, check.column - 1)))
            self._area.focus()
