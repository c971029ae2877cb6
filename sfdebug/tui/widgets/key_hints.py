"""The line of keys of a screen that is not the debug screen: as many as fit, and the ways out in any case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.tui.widgets.line import FittedLine

if TYPE_CHECKING:
    from sfdebug.tui.widgets.line import LinePiece

_GAP: Final = 3


class KeyHints(FittedLine):
    """Of each key what it does, and the action that a click runs. The last two lead out, and always stand there."""

    def __init__(self, ways: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.add_class("hints")
        self._ways = ways

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """`a open A here   b open B here   ? keys   q leave`."""
        kept = [*self._ways[-2:]]
        room = width - 1 + _GAP - sum(map(_needed, kept))  # behind the last one nothing has to be free
        for at, way in enumerate(self._ways[:-2]):
            room -= _needed(way)
            if room < 0:
                break
            kept.insert(at, way)
        pieces: list[LinePiece] = [(" ", "")]
        for key, what, action in kept:
            pieces += [(key, "key", action), (f" {what}", "muted", action), (" " * _GAP, "")]
        return pieces


def _needed(way: tuple[str, str, str]) -> int:
    return cell_len(way[0]) + 1 + cell_len(way[1]) + _GAP
