"""Two ways to find a command, both made of the table: the palette, and the help screen with every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider, SearchIcon

from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import COMMANDS, Group, KeyCommand, KeyScope, key_label
from sfdebug.tui.painting.paint import column
from sfdebug.tui.terminal.guard import ClosesOnce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.command import Hits

    from sfdebug.debugger import Stop
    from sfdebug.tui.dialogs.list_dialog import ListDialog


@runtime_checkable
class HasCommands(Protocol):
    """A screen that runs commands by their ids."""

    def action_command(self, id: str) -> None:
        """Run one."""


class Palette(ClosesOnce, CommandPalette):
    """Textual's palette, which a second click beside it would close twice; its sign is no emoji."""

    def on_mount(self) -> None:
        """Show the sign of searching in this program."""
        self.query_one(SearchIcon).icon = "/"


class CommandEntries(Provider):
    """Finds commands by name, group or what they do."""

    async def discover(self) -> Hits:
        """All commands, in the order of the table."""
        for command in _listed():
            yield DiscoveryHit(_name(command), self._runner(command), help=command.help)

    async def search(self, query: str) -> Hits:
        """The commands that fit what was typed."""
        matcher = self.matcher(query)
        for command in _listed():
            name = _name(command)
            score = max(matcher.match(name), 0.9 * matcher.match(command.help))
            if score > 0:
                yield Hit(score, matcher.highlight(name), self._runner(command), help=command.help)

    def _runner(self, command: KeyCommand) -> Callable[[], None]:
        screen = self.screen

        def run() -> None:
            if isinstance(screen, HasCommands):
                screen.action_command(command.id)

        return run


def _listed() -> list[KeyCommand]:
    return [command for command in COMMANDS if command.group is not Group.MOVE and command.id != "program.palette"]


def _name(command: KeyCommand) -> str:
    return f"{command.title}  ({command.all_keys.replace('  ', ', ')})"


_KEYS_WIDTH: Final = 16


class HelpRow(NamedTuple):
    """A key in the help screen, or without `keys` a heading. Choosing it runs the command with that id, if any."""

    id: str
    keys: str
    title: str
    detail: str = ""


def help_dialog(why_not: Callable[[str], Stop | None]) -> ListDialog[str]:
    """The dialog; its answer is the id of the command to run, "" for a key that only works in its pane.

    `why_not` tells of a command by its id why it is not possible now."""
    from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

    items = [
        ListItem(row.id, f"  {column(row.keys, _KEYS_WIDTH)} {row.title}" if row.keys else row.title, row.detail,
                 is_current=not row.keys)
        for row in _help_rows(why_not)
    ]  # fmt: skip
    dialog = ListDialog("Keys", items, "Lowercase goes forward, uppercase the same way back.", verb="run it")
    dialog.add_class("-wide")
    return dialog


def _help_rows(why_not: Callable[[str], Stop | None]) -> Iterator[HelpRow]:
    for group in Group:
        if group is Group.MOVE:
            continue
        yield HelpRow("", "", group)
        for command in COMMANDS:
            if command.group is group and command.scope is KeyScope.EVERYWHERE:
                why = why_not(command.id)
                detail = command.help if why is None else f"{command.help} (not now: {why.text})"
                yield HelpRow(command.id, command.all_keys, command.title, detail)
    for title, scope in (("In a list", KeyScope.LISTS), ("In the graph", KeyScope.GRAPH)):
        yield HelpRow("", "", title)
        for command in COMMANDS:
            if command.scope is scope:  # what moves in a pane cannot be run from elsewhere
                id = "" if command.group is Group.MOVE else command.id
                yield HelpRow(id, command.all_keys, command.title, command.help)
    yield HelpRow("", "", "In the data")
    for binding in (*JsonLines.BINDINGS, *JsonView.BINDINGS):
        if isinstance(binding, Binding):
            keys = "  ".join(key_label(key) for key in binding.key.split(","))
            yield HelpRow("", keys, binding.description)
