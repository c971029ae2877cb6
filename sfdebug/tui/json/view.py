"""The JSON pane: a value before and after a stage, what differs, and its expression; it folds, searches and copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Self

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Vertical

from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.modes import Mode, ModesLine, Shown, Variables, variable_path
from sfdebug.tui.json.nodes import pointer_of, split_path, where_text
from sfdebug.tui.json.search import ValueSearch
from sfdebug.tui.json.text import path_text, pretty
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.line import Line, WidgetMessage
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.tui.widgets.search import SearchBar
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from typing import Self

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.asl.text.source import Pointer
    from sfdebug.tui.json.nodes import NodePath

_COPY_HINT: Final = "copy:  y value   p path   k key   Esc"


class JsonView(Vertical):
    """One JSON value at a time, of those that belong to a stage.

    Its keys are in `BINDINGS` here and in `JsonLines`; none of them is a verb of the debugger. The search is the
    one of every pane (see `search.py`); `,` goes to the previous match, `.` and Enter to the next.
    """

    DEFAULT_CSS = """
    JsonView {
        height: 1fr;
        & > SearchBar { height: 1; display: none; }
        & > SearchBar > .sign { width: auto; padding: 0 1; color: $sf-key; }
        & > SearchBar > Input { width: 1fr; }
        & > SearchBar > Input:nocolor > .input--cursor { text-style: reverse; }
        & > SearchBar > .count { width: auto; padding: 0 1; color: $sf-muted; }
        & > Line { background: $sf-bar; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="json.search", show=False),
        Binding("full_stop", "find(1)", "Next match", id="json.next_match", show=False),
        Binding("comma", "find(-1)", "Previous match", id="json.previous_match", show=False),
        Binding("y", "copy", "Copy: then y value, p path, k key", id="json.copy", show=False),
        Binding("escape", "leave_search", "Leave the search", id="json.leave_search", show=False),
    ]

    class Copied(WidgetMessage["JsonView"]):
        """`text` went to the clipboard; `what` says in a few words what it is ("the path $.order.id")."""

        def __init__(self, view: JsonView, text: str, what: str) -> None:
            super().__init__(view)
            self.text = text
            self.what = what

    class ModePicked(WidgetMessage["JsonView"]):
        """Another mode was picked with the mouse."""

        def __init__(self, view: JsonView, mode: Mode) -> None:
            super().__init__(view)
            self.mode = mode

    def __init__(self, *, has_header: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = JsonLines()
        self._header = ModesLine(id="json-header")
        self._footer = Line(id="json-footer")
        self._search_bar = SearchBar()
        self._search = ValueSearch()
        self._header.display = has_header
        self._shown = Shown()
        self._mode = Mode.AFTER
        self._title = ""
        self._modes: tuple[Mode, ...] = tuple(Mode)
        self._path_before: NodePath = ()
        self._is_copying = False
        self._note = ""

    def compose(self) -> ComposeResult:
        """The title with the modes, the lines, and a line that says where the cursor is."""
        yield self._header
        yield self._lines
        yield self._search_bar
        yield self._footer

    def on_mount(self) -> None:
        """Show what was set before."""
        self._show()

    def focus(self, scroll_visible: bool = True, from_app_focus: bool = False) -> Self:
        """Give the focus to the lines."""
        self._lines.focus(scroll_visible)
        return self

    # Content

    def set_values(
        self,
        before: Value,
        after: Value,
        mode: Mode | Literal["before", "after", "difference", "expression", "variables"] = Mode.AFTER,
        title: str = "",
        *,
        expression: Value = MISSING,
        provenance: Mapping[Pointer, str] | str = "",
        empty: str = "(no value yet)",
        notes: Mapping[Pointer, str] | None = None,
        variables: Variables | None = None,
    ) -> None:
        """Show the values of a stage; the folds and the reader's place stay as they are.

        `provenance` says where the value after came from: a word for the whole of it, or one for each place.
        `empty` is what stands where there is no value after; a missing value before is "(nothing)". `notes` stand
        beside places of the expression; `variables` are what its fifth mode shows, which is there when they are.
        """
        whole: Mapping[Pointer, str] = {(): provenance} if isinstance(provenance, str) and provenance else {}
        origins = whole if isinstance(provenance, str) else provenance
        self._shown = Shown(before, after, expression, variables or Variables(), origins, notes or {}, empty)
        self._title = title
        self._mode = Mode(mode)
        self._modes = self._shown.modes(self._mode)
        self._show()

    def show_value(self, value: Value, title: str = "", *, provenance: Mapping[Pointer, str] | str = "") -> None:
        """Show a single value, without a choice of modes."""
        self.set_values(MISSING, value, Mode.AFTER, title, provenance=provenance, empty="(nothing)")
        self._modes = ()
        self._show_header()

    @property
    def mode(self) -> Mode:
        """Which of the values is on the screen."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._show()

    @property
    def value(self) -> Value:
        """The value on the screen (in the difference, the one after)."""
        return self._shown.value(self._mode)

    @property
    def path(self) -> str:
        """The JSONPath of what is under the cursor; of the string, when the cursor is in the JSON that it holds."""
        node = self._lines.node
        if node is None:
            return "$"
        pointer = split_path(node)[0]
        return variable_path(pointer) if self._mode is Mode.VARIABLES else path_text(pointer)

    @property
    def pointer(self) -> Pointer:
        """The keys that lead to what is under the cursor in the value on the screen, () for the whole of it."""
        node = self._lines.node
        return split_path(node)[0] if node is not None else ()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        value = self.value
        self._search.look_in(value, self._before, is_difference=self._is_difference)
        if self._is_difference and is_present(value):
            self._lines.show_difference(self._before, value)
        else:
            self._lines.show(
                value,
                beside=self._shown.beside(self._mode),
                empty=self._shown.empty_text(self._mode),
                is_expression=self._mode is Mode.EXPRESSION,
            )
        self._show_header()
        self._show_footer()

    @property
    def _is_difference(self) -> bool:
        return self._shown.is_difference(self._mode)

    @property
    def _before(self) -> Value:
        return self._shown.compared_with(self._mode)

    # The two lines around the value

    def _show_header(self) -> None:
        self._header.show(self._title, self._modes, self._mode)

    def _show_footer(self) -> None:
        if self._is_copying:
            self._footer.put([(" ", ""), (_COPY_HINT, "key")])
            return
        node = self._lines.node
        left = self._note or ("" if node is None else where_text(node, self.path))
        right = self._state()
        width = max(8, self.size.width - len(right) - 4)
        left = fit(left, width)
        gap = " " * (width - cell_len(left) + 2)
        self._footer.put([(" ", ""), (left, "muted"), (gap, ""), (right, "faint")])

    def _state(self) -> str:
        """What stands on the right: how the search goes, or how much differs."""
        if self._search.query:
            return self._search.text
        if self._is_difference and is_present(self.value):
            return self._lines.tree_of_lines.counts.text(glyphs_of(self))
        return ""

    # Search

    def action_search(self) -> None:
        """Open the line to type a search into."""
        self._path_before = self._lines.wanted
        self._footer.display = False
        self._search_bar.open(self._search.query)

    @on(SearchBar.Typed)
    def _typed(self, event: SearchBar.Typed) -> None:
        event.stop()
        self._search.find(event.query)
        self._lines.set_highlight(event.query)
        self._go_to(self._search.first_from(self._path_before) if self._search.matches else self._path_before)
        self._search_bar.count(self._search.count_text if event.query else "")

    @on(SearchBar.Kept)
    def _kept(self, event: SearchBar.Kept) -> None:
        event.stop()
        self._close_search()

    @on(SearchBar.Dropped)
    def _dropped(self, event: SearchBar.Dropped) -> None:
        event.stop()
        self._lines.go_to(self._path_before)
        self._forget_search()
        self._close_search()

    def _close_search(self) -> None:
        self._search_bar.close()
        self._footer.display = True
        self._lines.focus()
        self._show_footer()

    def _forget_search(self) -> None:
        self._search.find("")
        self._lines.set_highlight("")

    def action_leave_search(self) -> None:
        """Take the marks of the search away."""
        self._forget_search()
        self._show_footer()

    def action_find(self, direction: int) -> None:
        """Go to the next match, or the previous one, round and round."""
        if not self._search.query:
            self._say("nothing is searched for: / searches")
        elif not self._search.matches:
            self._say(f"nothing matches {self._search.query}")
        else:
            self._go_to(self._search.next(direction))

    def _go_to(self, path: NodePath) -> None:
        self._lines.go_to(path)
        self._show_footer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the pane only while there is a search to leave."""
        if action == "leave_search":
            return bool(self._search.query)
        return True

    # Copying

    def action_copy(self) -> None:
        """Ask what to copy: the next key says."""
        if self._lines.node is None:
            self._say("there is nothing to copy")
            return
        self._is_copying = True
        self._show_footer()

    def on_key(self, event: events.Key) -> None:
        """After `y`: y, v, p or k says what to copy; any other key calls it off."""
        self._note = ""
        if not self._is_copying:
            return
        self._is_copying = False
        self._show_footer()
        copies = {"p": self.copy_path, "v": self.copy_value, "y": self.copy_value, "k": self.copy_key}
        if event.key in copies or event.key == "escape":
            event.stop()
            event.prevent_default()
            copies.get(event.key, lambda: None)()

    def copy_path(self) -> None:
        """Copy the JSONPath under the cursor."""
        self._copy(self.path, f"the path {self.path}")

    def copy_key(self) -> None:
        """Copy the key, or the index, under the cursor."""
        path = pointer_of(self._lines.node.path) if self._lines.node is not None else ()
        if path:
            self._copy(str(path[-1]), f"the {'key' if isinstance(path[-1], str) else 'index'} {path[-1]}")
        else:
            self._say("the whole value has no key")

    def copy_value(self) -> None:
        """Copy the value under the cursor, as JSON; a string in a text that is unfolded, as JSON too."""
        node = self._lines.node
        value = node.owner.value if node is not None else MISSING
        if is_present(value):
            text = pretty(value)
            self._copy(text, f"the value of {self.path}, {len(text.encode()):,} bytes")

    def _copy(self, text: str, what: str) -> None:
        text = text.encode("utf-8", "backslashreplace").decode()
        self.app.copy_to_clipboard(text)
        self.post_message(self.Copied(self, text, what))
        self._say(f"copied {what}")

    # Messages

    def _say(self, note: str) -> None:
        self._note = note
        self._show_footer()

    @on(JsonLines.Refused)
    def _refused(self, event: JsonLines.Refused) -> None:
        event.stop()
        self._say(event.why)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self._show_footer()

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        """Enter goes on searching while there is a search, else it folds and unfolds."""
        event.stop()
        if self._search.matches:
            self.action_find(1)
        else:
            self._lines.action_toggle_fold()

    @on(Line.Picked)
    def _picked(self, event: Line.Picked) -> None:
        event.stop()
        if event.target in self._modes:
            self.mode = Mode(event.target)
            self.post_message(self.ModePicked(self, self.mode))

    def on_resize(self) -> None:
        """Fit the lines around the value."""
        self._show_footer()
