"""Which of its values the JSON pane shows, and the line above it to switch to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from rich.cells import cell_len

from sfdebug.tui.json.text import path_text
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit
from sfdebug.tui.widgets.line import FittedLine
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.debugger.view.model import Variable
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.widgets.line import LinePiece


class Mode(StrEnum):
    """Which of its values the pane shows."""

    BEFORE = "before"
    AFTER = "after"
    DIFFERENCE = "difference"
    EXPRESSION = "expression"
    VARIABLES = "variables"


class Variables(Struct, frozen=True):
    """The variables as two values that can be compared: what the state sees, and what the next one will see."""

    seen: Value = MISSING
    now: Value = MISSING

    @property
    def is_changed(self) -> bool:
        """Whether Assign changes one of them."""
        return is_present(self.seen) and is_present(self.now) and not same(self.seen, self.now)


_NOTHING: Final = {
    Mode.BEFORE: "(nothing)",
    Mode.EXPRESSION: "(not set: the default applies)",
    Mode.VARIABLES: "(no variables here)",
}


class Shown(Struct, frozen=True):
    """What the pane has for its modes. `origins` say by place where the value after came from, `notes` stand beside
    the expression, `empty` where there is no value after."""

    before: Value = MISSING
    after: Value = MISSING
    expression: Value = MISSING
    variables: Variables = field(default_factory=Variables)
    origins: Mapping[Pointer, str] = field(default_factory=dict)
    notes: Mapping[Pointer, str] = field(default_factory=dict)
    empty: str = "(no value yet)"

    def modes(self, chosen: Mode) -> tuple[Mode, ...]:
        """The modes to choose from: the variables are one where there are any, and where they are chosen."""
        has_variables = is_present(self.variables.now) or chosen is Mode.VARIABLES
        return tuple(mode for mode in Mode if has_variables or mode is not Mode.VARIABLES)

    def value(self, mode: Mode) -> Value:
        """What a mode shows; of two values that are compared, the later."""
        return {
            Mode.BEFORE: self.before,
            Mode.AFTER: self.after,
            Mode.DIFFERENCE: self.after if is_present(self.before) else MISSING,
            Mode.EXPRESSION: self.expression,
            Mode.VARIABLES: self.variables.now,
        }[mode]

    def is_difference(self, mode: Mode) -> bool:
        """Whether two values are compared: always in the difference, and where Assign changes a variable."""
        return mode is Mode.DIFFERENCE or (mode is Mode.VARIABLES and self.variables.is_changed)

    def compared_with(self, mode: Mode) -> Value:
        """The earlier of the values that are compared."""
        return self.variables.seen if mode is Mode.VARIABLES else self.before

    def beside(self, mode: Mode) -> Mapping[Pointer, str]:
        """What stands beside places of the value."""
        return {Mode.AFTER: self.origins, Mode.EXPRESSION: self.notes}.get(mode, {})

    def empty_text(self, mode: Mode) -> str:
        """What stands where there is no value."""
        if mode is Mode.DIFFERENCE and is_present(self.after):
            return "(nothing to compare with)"
        return _NOTHING.get(mode, self.empty)


def variables_value(variables: Sequence[Variable]) -> Variables:
    """These variables as objects by name; MISSING when there are none."""
    if not variables:
        return Variables()
    seen: dict[str, Json] = {}
    now: dict[str, Json] = {}
    for variable in variables:
        if is_present(variable.value):
            seen[variable.name] = now[variable.name] = variable.value
        if is_present(variable.assigned):
            now[variable.name] = variable.assigned
    return Variables(seen, now)


def variable_path(pointer: Pointer) -> str:
    """A place in the variables as an expression names it: `$order.total`."""
    return f"${pointer[0]}{path_text(pointer[1:])[1:]}" if pointer else "$"


_WHOLE: Final = {mode: mode.value for mode in Mode}
_SHORT: Final = _WHOLE | {Mode.DIFFERENCE: "diff", Mode.EXPRESSION: "expr", Mode.VARIABLES: "vars"}
_LEAST_TITLE: Final = 8
_SHORT_TITLE: Final = 16
_AFTER_TITLE: Final = "   "


class ModesLine(FittedLine):
    """A click on a mode posts `Picked` with its name."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._modes: Sequence[Mode] = ()
        self._mode = Mode.AFTER

    def show(self, title: str, modes: Sequence[Mode], mode: Mode) -> None:
        """Offer these modes, `mode` as the one that is chosen."""
        self._title, self._modes, self._mode = title, modes, mode
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The modes, fitted."""
        return header_pieces(self._title, self._modes, self._mode, glyphs_of(self), width)


def header_pieces(title: str, modes: Sequence[Mode], mode: Mode, glyphs: Glyphs, width: int) -> list[LinePiece]:
    """The title, and the modes of which one is chosen: closer together, then in short words, until they fit `width`."""
    start: list[LinePiece] = [(" ", "")]
    reserved = min(cell_len(title), _SHORT_TITLE) + len(_AFTER_TITLE) if title else 0
    pieces: list[LinePiece] = []
    room = 0
    for gap, words in ((2, _WHOLE), (1, _WHOLE), (1, _SHORT)):
        pieces = _mode_pieces(modes, mode, glyphs, " " * gap, words)
        room = width - 1 - sum(cell_len(piece[0]) for piece in pieces)
        if room >= reserved:
            break
    if title and room >= _LEAST_TITLE + len(_AFTER_TITLE):
        start += [(fit(title, room - len(_AFTER_TITLE)), "strong"), (_AFTER_TITLE, "")]
    return start + pieces


def _mode_pieces(
    modes: Sequence[Mode], mode: Mode, glyphs: Glyphs, gap: str, words: Mapping[Mode, str]
) -> list[LinePiece]:
    pieces: list[LinePiece] = []
    for other in modes:
        if other is mode:
            pieces += [(f"{glyphs.current} {words[other]}", "chosen", other.value), (gap, "")]
        else:
            pieces += [(gap, ""), (words[other], "muted", other.value), (gap, "")]
    return pieces[:-1]
