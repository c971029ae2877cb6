"""The command palette's entries: every command of the table of keys, with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.command import CommandPalette, DiscoveryHit, Hit, Provider, SearchIcon

from sfdebug.tui.keys import COMMANDS, Group, KeyCommand
from sfdebug.tui.terminal.guard import ClosesOnce

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Hits


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
