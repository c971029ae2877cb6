"""An editor for a JSON value: checked as it is typed, measured against AWS's limit, laid out on a key."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.document._document_navigator import DocumentNavigator
from textual.widgets import Static, TextArea

from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.text import clean
from sfdebug.tui.json.large_text import LargeDocument, UnwrappedDocument
from sfdebug.tui.json.text import count_text, editable
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.editor_program import edit_file, edit_text
from sfdebug.tui.terminal.timers import RingsLate
from sfdebug.tui.widgets.line import WidgetMessage
from sfdebug.values import MISSING, Json, Value, compact, is_present

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.document._document import Location
    from textual.timer import Timer


class Check(Struct, frozen=True):
    """What became of a text: the value that it holds, or the place (from 1) and the words of its first mistake."""

    value: Value
    size: int = 0
    line: int = 0
    column: int = 0
    what: str = ""
    fix: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the text is JSON."""
        return is_present(self.value)

    @property
    def is_too_large(self) -> bool:
        """Whether AWS would refuse the value for its size."""
        return self.size > MAX_PAYLOAD_BYTES

    @property
    def text(self) -> str:
        """The check in one line."""
        if not is_present(self.value):
            place = f"line {self.line}, column {self.column}: " if self.line else ""
            return f"{place}{self.what}"
        count = count_text(self.value)
        size = f"{self.size:,} of {MAX_PAYLOAD_BYTES:,} bytes"
        if self.is_too_large:
            return f"valid JSON, but {size}: AWS fails the state with States.DataLimitExceeded"
        return f"valid JSON, {count}, {size}" if count else f"valid JSON, {size}"


class _Refused(ValueError):
    """JSON that Python would take and AWS would not."""


def check_json(text: str) -> Check:
    """Check a text. Never raises."""
    if not text.strip():
        return Check(
            MISSING, line=1, column=1, what="there is nothing here", fix="an empty object is {}, no value is null"
        )
    try:
        value = _load(text)
        size = len(compact(value).encode("utf-8", "surrogatepass"))
    except json.JSONDecodeError as error:
        return _explained(text, Check(MISSING, line=error.lineno, column=error.colno, what=_plain(error.msg)))
    except _Refused as error:
        return _explained(text, Check(MISSING, what=str(error)))
    except RecursionError:
        return Check(MISSING, what="this is nested too deep")
    except ValueError:
        return _explained(text, Check(MISSING, what="a number has too many digits"))
    return Check(value, size)


def _load(text: str) -> Json:
    value: Json = json.loads(
        text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_duplicates
    )
    return value


def _no_constant(name: str) -> Json:
    raise _Refused(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"the number {text[:20]} is too large")
    return number


def _without_duplicates(pairs: list[tuple[str, Json]]) -> Json:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f'the key "{key}" stands here twice')
            seen.add(key)
    return made


def _explained(text: str, check: Check) -> Check:
    """The mistake in the words of sfdebug's own JSON reader, which knows the usual ones, if it finds one too."""
    try:
        parse_json(Source("", text))
    except DefinitionError as error:
        first = error.problems[0]
        return Check(MISSING, line=first.line, column=first.column, what=first.what, fix=first.fix)
    return check


_PLAIN: Final = {
    "Expecting value": "a value is missing here",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Extra data": "there is more after the end of the value",
    "Illegal trailing comma before end of object": "a comma stands before the closing }",
    "Illegal trailing comma before end of array": "a comma stands before the closing ]",
    "Invalid control character at": "a line break or another control character stands inside a string",
    "Invalid \\escape": "a backslash is followed by something that it cannot escape",
    "Unterminated string starting at": "the string that begins here has no closing quote",
}


def _plain(message: str) -> str:
    return _PLAIN.get(message.removesuffix(": "), message)


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


class JsonEditor(RingsLate, Vertical):
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
        Binding("f4", "own_editor", "Own editor", id="json_editor.own", tooltip="Edit it in $VISUAL or $EDITOR"),
        Binding("ctrl+g", "go_to_mistake", "To the mistake", id="json_editor.mistake", show=False),
    ]

    class Checked(WidgetMessage["JsonEditor"]):
        """The text was checked, after a change."""

        def __init__(self, editor: JsonEditor, check: Check) -> None:
            super().__init__(editor)
            self.check = check

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

    def action_own_editor(self) -> None:
        """Edit the text in the user's own editor; a mistake in it is where that opens."""
        line = self.check.line
        try:
            text = edit_text(self.text, ".json", lambda path: edit_file(self.app, path, line))
        except UsageError as error:
            self.app.notify(str(error), severity="warning", markup=False)
            return
        text = text.removesuffix("\n")  # which editors add
        if text != self.text:
            self.set_text(text)

    def action_go_to_mistake(self) -> None:
        """Put the cursor where the mistake is."""
        check = self.check
        if check.line:
            self._area.move_cursor((check.line - 1, max(0, check.column - 1)))
            self._area.focus()
