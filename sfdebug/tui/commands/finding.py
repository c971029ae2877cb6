"""Two ways to find a command, both made of the table: the palette, and the help screen with every key."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider, SearchIcon

from sfdebug.tui.graph.marks import current_frame, taken_line
from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import COMMANDS, Group, KeyCommand, KeyScope, key_label
from sfdebug.tui.painting.glyphs import ASCII, LEGEND
from sfdebug.tui.painting.paint import column
from sfdebug.tui.terminal.guard import ClosesOnce

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from textual.command import Hits

    from sfdebug.debugger import Stop
    from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
    from sfdebug.tui.painting.glyphs import Glyphs


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
_LEAST_DETAIL: Final = 24
_NOT_ITS_DETAIL: Final = 14
"""Columns of a row that are not its label and its detail: the frame, the pointer, the space between."""

_PLACES: Final = {"graph": "the graph", "stages": "the list", "timeline": "the list", "data": "the data"}
"""What the panes are called in headings, by their names."""


class HelpRow(Struct, frozen=True):
    """One row: the id of the command that it runs, its keys, its title, and what it does. A heading has a title alone,
    a sign of the legend a sign and what it says."""

    title: str
    keys: str = ""
    detail: str = ""
    id: str = ""
    sign: str = ""
    paint: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether rows below belong to it."""
        return not self.keys and not self.sign

    @property
    def label(self) -> str:
        """What stands in front of the detail."""
        if self.sign:
            return self.title
        return self.title if self.is_heading else f"  {column(self.keys, _KEYS_WIDTH)} {self.title}"


def help_dialog(why_not: Callable[[str], Stop | None], pane: str, glyphs: Glyphs, width: int) -> ListDialog[str]:
    """The dialog; its answer is the id of the command to run, "" for a key that only works in its pane.

    `why_not` tells of a command by its id why it is not possible now. The keys of the open `pane` stand first, and what
    is longer than a row of `width` cells goes on below."""
    from sfdebug.tui.dialogs.list_dialog import ListDialog

    rows = list(help_rows(why_not, pane, glyphs))
    room = max(_LEAST_DETAIL, width - _NOT_ITS_DETAIL - max(cell_len(row.label) for row in rows))
    items = [item for row in rows for item in _items(row, room)]
    dialog = ListDialog("Keys and signs", items, "Lowercase goes forward, uppercase the same way back.", verb="run it")
    dialog.add_class("-wide")
    return dialog


_LEGEND_WORDS: Final = ": the legend of every glyph"


def _items(row: HelpRow, room: int) -> Iterator[ListItem[str]]:
    """A row as lines of at most so many cells beside the label."""
    from sfdebug.tui.dialogs.list_dialog import ListItem

    first, *others = textwrap.wrap(row.detail, room) or [""]
    searched = f"{row.label} {row.detail}{_LEGEND_WORDS if row.sign else ''}"
    yield ListItem(row.id, row.label, first, row.sign, row.paint, is_current=row.is_heading, searched=searched)
    for line in others:
        yield ListItem(row.id, "", line, searched=searched)


def help_rows(why_not: Callable[[str], Stop | None], pane: str, glyphs: Glyphs) -> Iterator[HelpRow]:
    """All rows of the help, in their order."""
    lists, graph = _scope_rows(KeyScope.LISTS), _scope_rows(KeyScope.GRAPH)
    places = {"the list": lists, "the graph": graph, "the data": _data_rows()}
    lesson = _scope_rows(KeyScope.LESSON)
    here = _PLACES.get(pane, "")
    if here:
        yield HelpRow(f"Here, in {here}")
        yield from places.pop(here)
    for group in Group:
        if group not in (Group.MOVE, Group.LEARN):
            yield HelpRow(group)
            yield from _group_rows(group, why_not)
    for place, rows in places.items():
        yield HelpRow(f"In {place}")
        yield from rows
    yield HelpRow("At the foot of a lesson")
    yield from lesson
    yield HelpRow(f"Signs{_LEGEND_WORDS}")
    for sign in LEGEND:
        yield HelpRow("", "", sign.meaning, sign=getattr(glyphs, sign.glyph), paint=sign.paint)
    yield HelpRow("What the graph is drawn with")
    yield from _drawing_rows(glyphs)


def _drawing_rows(glyphs: Glyphs) -> Iterator[HelpRow]:
    """What boxes and lines mean, as in `sfdebug graph --legend`, and what the run makes of them."""
    from sfdebug.reports.graphs.key import KeySign, drawing_signs

    is_ascii = glyphs == ASCII
    of_the_run = (
        KeySign(current_frame("╭─" if not is_ascii else "+-", is_ascii=is_ascii), "where the run stands"),
        KeySign(taken_line("│─" if not is_ascii else "|-", is_ascii=is_ascii), "a transition that the run took"),
        KeySign(f"{glyphs.times}3", "beside a line: so often taken; in a box: so often visited"),
    )
    for each in (*drawing_signs(ascii=is_ascii), *of_the_run):
        yield HelpRow(each.sign, "", each.meaning, sign=" ")


def _group_rows(group: Group, why_not: Callable[[str], Stop | None]) -> Iterator[HelpRow]:
    for command in COMMANDS:
        if command.group is group and command.scope is KeyScope.EVERYWHERE:
            why = why_not(command.id)
            detail = command.help if why is None else f"{command.help} (not now: {why.text})"
            yield HelpRow(command.title, command.all_keys or _NO_KEY, detail, command.id)


_NO_KEY: Final = "no key"


def _scope_rows(scope: KeyScope) -> list[HelpRow]:
    """The keys of a pane. What moves in it cannot be run from elsewhere."""
    return [
        HelpRow(
            command.title,
            command.all_keys or _NO_KEY,
            command.help,
            "" if command.group is Group.MOVE else command.id,
        )
        for command in COMMANDS
        if command.scope is scope
    ]


def _data_rows() -> list[HelpRow]:
    rows = []
    for binding in (*JsonLines.BINDINGS, *JsonView.BINDINGS):
        if isinstance(binding, Binding):
            title, _, detail = binding.description.partition(": ")
            rows.append(HelpRow(title, "  ".join(key_label(key) for key in binding.key.split(",")), detail))
    return rows
