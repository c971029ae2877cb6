"""The keys of the lists of executions, in one table: bindings, the line of keys and the help are made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from textual.binding import Binding

from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
from sfdebug.tui.keys import COMMANDS, KeyScope, key_label
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line import FittedLine

if TYPE_CHECKING:
    from sfdebug.tui.widgets.line import LinePiece

_KEYS_WIDTH: Final = 14


class ListKey(Struct, frozen=True):
    """A key of a list. `word` stands in the line of keys; of those with the least `rank` first, as many as fit."""

    id: str
    keys: str
    word: str
    help: str
    action: str
    rank: int = 9

    @property
    def label(self) -> str:
        """The keys as people write them: `f F`."""
        return "  ".join(key_label(key) for key in self.keys.split(","))


OPEN: Final = ListKey("list.open", "enter", "open", "Open it", "open", 0)
"""Bound by the list itself."""
HELP: Final = ListKey("list.help", "question_mark,f1", "keys", "All keys of this list", "help", 1)
PALETTE: Final = ListKey("list.palette", "ctrl+p", "commands", "Find a command of this list by name", "palette")
"""Bound by every list."""
BACK: Final = ListKey("list.back", "escape", "back", "Back: typing, filter, marks, then the list", "back", 2)
LEAVE: Final = ListKey("list.leave", "q", "leave", "Leave this list", "leave", 8)

NOTHING_FITS: Final = f"nothing fits: {BACK.label} takes the filter away"
"""What an empty list says where there would be something without the filter."""

FILTER: Final = ListKey("list.filter", "slash", "filter", "Only what has a text: a pattern, ! inverts it", "filter", 3)
ZONE: Final = ListKey("list.zone", "z", "UTC/local", "Times in UTC, or in the time zone of this machine", "zone", 9)
COPY: Final = ListKey("list.copy", "y", "copy ARN", "Copy the ARN, or where it is", "copy", 9)

COMMON: Final = (
    FILTER,
    ZONE,
    ListKey("list.reload", "R,f5", "read", "Read now; after trouble, go on where it stopped", "reload", 7),
    COPY,
    BACK,
    LEAVE,
    HELP,
)

PLACE: Final = ListKey(
    "list.place", "p", "profile, region", "Read with another profile, or from another region", "place", 6
)


def bindings(keys: Sequence[ListKey]) -> list[Binding]:
    """What Textual needs of them. Enter is the list's own."""
    return [Binding(one.keys, one.action, one.help, id=one.id, show=False) for one in keys if one is not OPEN]


class KeyLine(FittedLine):
    """The line of keys: as many as fit, the most useful ones."""

    def __init__(self, keys: Sequence[ListKey]) -> None:
        super().__init__(id="hints")
        self._keys = keys

    def put_keys(self, keys: Sequence[ListKey]) -> None:
        """Show others."""
        self._keys = keys
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """`Enter open   / filter   ? keys`."""
        chosen: list[ListKey] = []
        room = width - 1
        for one in sorted(self._keys, key=lambda one: one.rank):
            needed = len(one.label.split("  ")[0]) + len(one.word) + 4
            if needed <= room:
                chosen.append(one)
                room -= needed
        pieces: list[LinePiece] = [(" ", "")]
        for one in (one for one in self._keys if one in chosen):
            pieces += [
                (one.label.split("  ")[0], "key", one.action),
                (f" {one.word}", "muted", one.action),
                ("   ", ""),
            ]
        return pieces


def keys_dialog(title: str, keys: Sequence[ListKey], width: int) -> ListDialog[str]:
    """All keys of a list; its answer is the action to run, "" for a key that moves."""
    room = max(30, width - _KEYS_WIDTH - 11)

    def items() -> Iterator[ListItem[str]]:
        for one in keys:
            label = column(one.label, _KEYS_WIDTH)
            yield ListItem(one.action, f"{label}{fit(one.help, room)}", searched=f"{one.label} {one.word} {one.help}")
        for command in COMMANDS:
            if command.scope is KeyScope.LISTS and command.keys and command.id != "move.choose":
                yield ListItem("", f"{column(command.all_keys, _KEYS_WIDTH)}{command.help}")

    dialog = ListDialog(title, list(items()), verb="do it")
    dialog.add_class("-wide")
    return dialog
