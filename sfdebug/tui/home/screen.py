"""The home screen: one list of all that can be opened, a line to filter it by, and what is known of the one at hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from sfdebug.errors import SfdebugError
from sfdebug.tui.dialogs.frame import DialogNote
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.home.items import HomeItem, HomeSource
from sfdebug.tui.home.list import HomeList
from sfdebug.tui.terminal.guard import ClosesOnce, guarded, trouble_text
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_KEYS: Final = "Enter open   Right its test cases   type to filter   Esc leave"
_PAUSE: Final = 0.06
"""Seconds that the cursor rests on an item before it is looked into."""


class HomeInput(Input):
    """The line to type into. While it is empty, Left and Right are the list's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "screen.unfold", "Show test cases", id="home.unfold", show=False),
        Binding("left", "screen.fold", "Hide test cases", id="home.fold", show=False),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Left and Right move in what was typed, once something was."""
        if action in ("screen.unfold", "screen.fold"):
            return not self.value
        return super().check_action(action, parameters)


class HomeScreen(ClosesOnce, Screen[None]):
    """The list; what is opened lies over it, and q there comes back."""

    class Found(Message):
        """More items were found."""

        def __init__(self, items: Sequence[HomeItem]) -> None:
            super().__init__()
            self.items = items

    class Known(Message):
        """It is known what there is to say about an item."""

        def __init__(self, key: str, lines: Sequence[str]) -> None:
            super().__init__()
            self.key = key
            self.lines = lines

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "Down", id="home.down", show=False),
        Binding("up", "move('up')", "Up", id="home.up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", id="home.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="home.page_up", show=False),
        Binding("escape,ctrl+c", "back", "Back", id="home.back", show=False),
        Binding("ctrl+q", "leave", "Leave", id="home.leave", show=False),
    ]
    AUTO_FOCUS = "HomeInput"

    def __init__(self, source: HomeSource, heading: str, *, is_nested: bool = False) -> None:
        """`is_nested`: there is a screen to go back to."""
        super().__init__()
        self._is_nested = is_nested
        self._source = source
        self._heading = heading
        self.items = HomeList()
        self._stop = threading.Event()
        self._told: dict[str, Sequence[str]] = {}
        self._asked = ""

    def compose(self) -> ComposeResult:
        """Title, filter, list, what is known of the item, keys."""
        yield DialogNote(f" {self._heading}", classes="title")
        yield HomeInput(placeholder="type to filter", compact=True)
        yield self.items
        yield DialogNote("", id="about")
        yield DialogNote(f" {_KEYS}", classes="hints")

    def on_mount(self) -> None:
        """Show what is known at once, and look for the rest."""
        self.items.can_focus = False
        self.items.put(self._source.first())
        self._look_into()
        self.call_after_refresh(self._search)

    @on(Found)
    @guarded
    def _found(self, event: HomeScreen.Found) -> None:
        event.stop()
        self.items.put(event.items)
        self._look_into()

    def _search(self) -> None:
        stop = self._stop = threading.Event()

        def search() -> None:
            for items in self._source.later(stop.is_set):
                if stop.is_set():
                    return
                self.post_message(self.Found(items))

        threading.Thread(target=search, name="home", daemon=True).start()

    def on_screen_resume(self) -> None:
        """After something was opened, it is a recent one, and its session can be gone on with."""
        if self._told:
            self._stop.set()
            self._told.clear()
            self._asked = ""
            self.items.put(self._source.first(), is_anew=True)
            self._look_into()
            self._search()

    def on_unmount(self) -> None:
        """Nothing is looked for any more."""
        self._stop.set()

    # The item at hand

    @on(LineList.Moved)
    @guarded
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.items.want()
        self._look_into()

    def _look_into(self) -> None:
        """Say what is known of the item under the cursor, as soon as it is."""
        item = self.items.item
        if item is None:
            self.query_one("#about", DialogNote).say("")
            return
        self._asked = item.key
        if item.key in self._told:
            self._say(self._told[item.key])
        else:
            self.set_timer(_PAUSE, lambda: self._ask(item))

    def _ask(self, item: HomeItem) -> None:
        if self._asked != item.key or item.key in self._told:
            return

        def ask() -> None:
            try:
                lines = item.about()
            except SfdebugError as error:
                lines = str(error).splitlines()
            except Exception as error:
                lines = trouble_text(error).splitlines()
            self.post_message(self.Known(item.key, lines))

        threading.Thread(target=ask, name="about", daemon=True).start()

    @on(Known)
    @guarded
    def _known(self, event: HomeScreen.Known) -> None:
        event.stop()
        self._told[event.key] = event.lines
        if event.key == self._asked:
            self._say(event.lines)

    def _say(self, lines: Sequence[str]) -> None:
        self.query_one("#about", DialogNote).say("\n".join(lines))

    # What the user does

    @on(Input.Changed)
    @guarded
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.items.filter_by(event.value.strip())
        self._look_into()

    @on(Input.Submitted)
    @guarded
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._open()

    @on(LineList.Chosen)
    @guarded
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self._open()

    def _open(self) -> None:
        item = self.items.item
        if item is None:
            return
        try:
            screen = item.open()
        except (SfdebugError, OSError) as error:
            self.app.push_screen(TextDialog(f"{item.label} cannot be opened", str(error)))
        else:
            self._told.setdefault(item.key, ())
            self.app.push_screen(screen)

    def action_move(self, where: str) -> None:
        """Move the cursor of the list."""
        getattr(self.items, f"action_{where}")()

    @guarded
    def action_unfold(self) -> None:
        """Show the test cases of the item."""
        self.items.unfold()

    @guarded
    def action_fold(self) -> None:
        """Hide them."""
        self.items.fold()

    def action_back(self) -> None:
        """Take back what was typed, or leave."""
        field = self.query_one(HomeInput)
        if field.value:
            field.value = ""
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave the program, or go back to the screen below."""
        if self._is_nested:
            self.dismiss()
        else:
            self.app.exit(0)
