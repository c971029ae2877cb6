"""Two ways to find a command, both made of the table: the palette, and the help screen with every key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider, SearchIcon

from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import COMMANDS, Group, KeyCommand, KeyScope, key_label
from sfdebug.tui.painting.paint import column
from sfdebug.tui.terminal.guard import ClosesOnce

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from textual.command import Hits

    from sfdebug.debugger import Stop
    from sfdebug.tui.dialogs.list_dialog import ListDialog


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

    def _runner(self, command: KeyCommand) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, f"command('{command.id}')", self.screen)


def _listed() -> list[KeyCommand]:
    return [command for command in COMMANDS if command.group is not Group.MOVE and command.id != "program.palette"]


def _name(command: KeyCommand) -> str:
    return f"{command.title}  ({command.all_keys.replace('  ', ', ')})"


_KEYS_WIDTH: Final = 16


def help_dialog(why_not: Callable[[str], Stop | None]) -> ListDialog[str]:
    """The dialog; its answer is the id of the command to run, "" for a key that only works in its pane.

    `why_not` tells of a command by its id why it is not possible now."""
    from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

    items = [
        ListItem(id, f"  {column(keys, _KEYS_WIDTH)} {title}" if keys else title, detail, is_current=not keys)
        for id, keys, title, detail in _help_rows(why_not)
    ]
    dialog = ListDialog("Keys", items, "Lowercase goes forward, uppercase the same way back.", verb="run it")
    dialog.add_class("-wide")
    return dialog


def _help_rows(why_not: Callable[[str], Stop | None]) -> Iterator[tuple[str, str, str, str]]:
    """The id of the command that a row runs, its keys ("" for a heading), its title, and what it does."""
    for group in Group:
        if group is Group.MOVE:
            continue
        yield "", "", group, ""
        for command in COMMANDS:
            if command.group is group and command.scope is KeyScope.EVERYWHERE:
                why = why_not(command.id)
                detail = command.help if why is None else f"{command.help} (not now: {why.text})"
                yield command.id, command.all_keys, command.title, detail
    for title, scope in (("In a list", KeyScope.LISTS), ("In the graph", KeyScope.GRAPH)):
        yield "", "", title, ""
        for command in COMMANDS:
            if command.scope is scope:  # what moves in a pane cannot be run from elsewhere
                id = "" if command.group is Group.MOVE else command.id
                yield id, command.all_keys, command.title, command.help
    yield "", "", "In the data", ""
    for binding in (*JsonLines.BINDINGS, *JsonView.BINDINGS):
        if isinstance(binding, Binding):
            keys = "  ".join(key_label(key) for key in binding.key.split(","))
            yield "", keys, binding.description, ""
