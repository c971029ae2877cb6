"""The variables on one line above the data: names, values in short, and what Assign makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.text import clean
from sfdebug.tui.painting.describe import short
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Piece, fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece
from sfdebug.values import Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.view.variables import Variable
    from sfdebug.tui.painting.glyphs import Glyphs

_WIDEST_VALUE: Final = 24
_WHOLE: Final = 200
_PAINTS: Final = {"+": "added", "~": "changed"}
TARGET: Final = "variables"


class VariablesLine(FittedLine):
    """`$ count 2 → 3  + total 42.5  order {"id":7,…}`. Not there without variables; a click shows them whole."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._variables: Sequence[Variable] = ()

    def show(self, variables: Sequence[Variable]) -> None:
        """Show these, those that Assign changes first."""
        self._variables = sorted(variables, key=lambda variable: not variable.mark)
        self.display = bool(variables)
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """As many as fit, and how many more there are; whole values where all of them have room."""
        glyphs = glyphs_of(self)
        whole: list[Piece] = [(" $ ", "key")]
        for variable in self._variables:
            whole += [*variable_pieces(variable, glyphs, _WHOLE), ("  ", "")]
        if pieces_length(whole) <= width:
            return [(text, paint, TARGET) for text, paint in whole]
        pieces: list[Piece] = [(" $ ", "key")]
        count = len(self._variables)
        for place, variable in enumerate(self._variables):
            own = variable_pieces(variable, glyphs)
            rest = f" and {count - place} more" if place < count - 1 else ""
            room = width - pieces_length(pieces) - len(rest)
            if pieces_length(own) > room and place:
                pieces.append((f"and {count - place} more", "faint"))
                break
            pieces += [*own, ("  ", "")]
        return [(text, paint, TARGET) for text, paint in pieces]


def variable_pieces(variable: Variable, glyphs: Glyphs, widest: int = _WIDEST_VALUE) -> list[Piece]:
    """One variable: its name, its value, and after an arrow the one that it gets; each of `widest` cells at most."""
    signs = {"+": glyphs.added, "~": glyphs.changed}
    mark = variable.mark
    pieces: list[Piece] = [(f"{signs[mark]} ", _PAINTS[mark])] if mark else []
    pieces += [(clean(variable.name), "json-key"), (" ", "")]
    if mark != "+":
        pieces.append((_brief(variable.value, widest), "removed" if mark else ""))
    if mark == "~":
        pieces.append((f" {glyphs.arrow} ", "json-sign"))
    if mark:
        pieces.append((_brief(variable.assigned, widest), "added"))
    return pieces


def _brief(value: Value, widest: int) -> str:
    return fit(clean(short(value)), widest) if is_present(value) else ""
