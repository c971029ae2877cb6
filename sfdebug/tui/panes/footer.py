"""The footer: the few verbs that are the most useful now, greyed when they are not possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sfdebug.tui.keys import BY_ID
from sfdebug.tui.painting.paint import pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.tui.keys import KeyCommand


class FooterItem(NamedTuple):
    """A verb in the footer, and whether it is possible now."""

    command: KeyCommand
    is_possible: bool


class FooterBar(FittedLine):
    """Shows offers as far as they fit; help always does. A click on one runs it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._offers: Sequence[FooterItem] = ()

    def show(self, offers: Sequence[FooterItem]) -> None:
        """Show these verbs, the most useful first."""
        self._offers = offers
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """As many offers as there is room for, and help."""
        last = _pieces(FooterItem(BY_ID["program.help"], True))
        room = width - 1 - _length(last)
        shown: list[LinePiece] = [(" ", "")]
        for offer in self._offers:
            pieces = _pieces(offer)
            room -= _length(pieces)
            if room < 0:
                break
            shown += pieces
        return [*shown, *last]


def _length(pieces: Sequence[tuple[str, str, str]]) -> int:
    return pieces_length([(text, paint) for text, paint, _ in pieces])


def _pieces(offer: FooterItem) -> list[tuple[str, str, str]]:
    command, is_possible = offer
    return [
        (f" {command.key}", "key" if is_possible else "faint", command.id),
        (f" {command.label} ", "" if is_possible else "faint", command.id),
    ]
