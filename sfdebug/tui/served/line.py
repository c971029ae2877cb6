"""The line at the top of the debug screen on a client's execution: whose it is, how it stands, where one is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.text import clean
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.tui.painting.paint import Piece

_LEAST_NAME: Final = 10


class ServedStanding(Struct, frozen=True):
    """What the line says. `how` is how the client's execution stands, with its sign and paint; `you` where one is;
    `way` what helps; `alarm` what runs out."""

    name: str
    machine: str
    how: Piece
    you: Piece
    way: str = ""
    alarm: str = ""


class ServedLine(FittedLine):
    """`client's run-17 · Orders   ‖ HELD 12 s: before Charge     you: at its head     c lets it go on`."""

    DEFAULT_CSS = "ServedLine { background: $sf-bar; }"

    def __init__(self) -> None:
        super().__init__(id="served")
        self._standing: ServedStanding | None = None

    def show(self, standing: ServedStanding) -> None:
        """Show this."""
        if standing != self._standing:
            self._standing = standing
            self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """What matters least gives way first: the way, the machine, the end of the name, the end of how it stands."""
        standing = self._standing
        if standing is None:
            return ()
        glyphs = glyphs_of(self)
        alarm: list[Piece] = [(f" {standing.alarm} ", "current-mark"), ("  ", "")] if standing.alarm else []
        you: list[Piece] = [("you: ", "muted"), standing.you, (" ", "")]
        how: list[Piece] = [standing.how, ("   ", "")]
        name = clean(standing.name)
        whose: list[Piece] = [(" client's ", "muted"), (name, "strong")]
        machine: list[Piece] = [(f" {glyphs.dot} {clean(standing.machine)}", "muted")]
        way: list[Piece] = [(f"{clean(standing.way)}   ", "key")] if standing.way else []
        room = width - pieces_length([*whose, *how, *alarm, *you]) - 3
        if pieces_length([*machine, *way]) > room:
            machine = [] if pieces_length(way) <= room else machine
            way = [] if pieces_length([*machine, *way]) > room else way
        if pieces_length(machine) > room:
            machine = []
        if room < 0:
            most = max(_LEAST_NAME, len(name) + room)
            room += len(name) - most
            whose[1] = (fit(name, most), "strong")
        if room < 0:
            how[0] = (fit(standing.how[0], max(8, len(standing.how[0]) + room)), standing.how[1])
        left = [*whose, *machine, ("   ", ""), *how, *alarm]
        right = [*way, *you]
        blanks = width - pieces_length(left) - pieces_length(right)
        return [*left, (" " * max(1, blanks), ""), *right]
