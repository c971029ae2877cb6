"""The help screen: every key with what it does, to search by typing and to run with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding

from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import COMMANDS, Group, KeyCommand, KeyScope, key_label
from sfdebug.tui.painting.paint import column

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger import Stop

_KEYS_WIDTH: Final = 16
_GRAPH_HEADING: Final = "In the graph"
_JSON_HEADING: Final = "In the data"


def help_dialog(why_not: Callable[[str], Stop | None]) -> ListDialog[str]:
    """The dialog; its answer is the id of the command to run, "" for a key that only works in its pane.

    `why_not` tells of a command by its id why it is not possible now."""
    items: list[ListItem[str]] = []
    for group in Group:
        if group is Group.MOVE:
            continue
        items.append(_heading(group))
        for command in COMMANDS:
            if command.group is group and command.scope is KeyScope.EVERYWHERE:
                why = why_not(command.id)
                detail = command.help if why is None else f"{command.help} (not now: {why.text})"
                items.append(_item(command.id, command.all_keys, command.title, detail))
    items += _pane_items("In a list", KeyScope.LISTS)
    items += _pane_items(_GRAPH_HEADING, KeyScope.GRAPH)
    items += _json_items()
    dialog = ListDialog("Keys", items, "Lowercase goes forward, uppercase the same way back.", verb="run it")
    dialog.add_class("-wide")
    return dialog


def _heading(text: str) -> ListItem[str]:
    """A line between the groups. Choosing it does nothing."""
    return ListItem("", text, is_current=True)


def _item(id: str, keys: str, title: str, detail: str) -> ListItem[str]:
    """One key."""
    return ListItem(id, f"  {column(keys, _KEYS_WIDTH)} {title}", detail)


def _pane_items(title: str, scope: KeyScope) -> list[ListItem[str]]:
    rows = [command for command in COMMANDS if command.scope is scope]
    return [
        _heading(title),
        *(_item(_runnable(command), command.all_keys, command.title, command.help) for command in rows),
    ]


def _runnable(command: KeyCommand) -> str:
    """The id of a command that can be run from anywhere; "" for one that moves in its pane."""
    return "" if command.group is Group.MOVE else command.id


def _json_items() -> list[ListItem[str]]:
    """The keys of the JSON view, from its own table."""
    rows = [binding for binding in (*JsonLines.BINDINGS, *JsonView.BINDINGS) if isinstance(binding, Binding)]
    items = [_heading(_JSON_HEADING)]
    for binding in rows:
        keys = "  ".join(key_label(key) for key in binding.key.split(","))
        items.append(_item("", keys, binding.description, ""))
    return items
