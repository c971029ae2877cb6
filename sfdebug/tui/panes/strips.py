"""The strips of one line: the panes, where only one fits; the live branches; and at the foot the most useful verbs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.text import clean
from sfdebug.tui.keys import BY_ID
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.view.model import BranchLine, View
    from sfdebug.tui.keys import KeyCommand
    from sfdebug.tui.widgets.search import FilterNote

PANES: Final = (("graph", "Graph"), ("stages", "Stages"), ("data", "Data"), ("timeline", "Timeline"))
"""The panes: what the program calls them and what the strip says, in the order of the strip and of Tab."""

LED: Final = "lesson"
"""The pane of a lesson or a quiz, at the foot of the screen: what the program calls it."""

_NO_NOTES: Final[Mapping[str, FilterNote | None]] = {}


class PaneStrip(FittedLine):
    """Shows which pane is open; a click opens another."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._open = ""
        self._hint = ""
        self._notes = _NO_NOTES
        self._shown: Collection[str] = ()

    def show(
        self,
        active: str,
        hint: str = "",
        notes: Mapping[str, FilterNote | None] = _NO_NOTES,
        shown: Collection[str] = (),
    ) -> None:
        """Mark `active` as the open pane; `hint` stands at the end ("z shows all panes"). `notes` are the filters in
        force, by pane: that of the open one in words, since it has no frame that would say it. `shown` are all that
        are in view."""
        self._open, self._hint, self._notes, self._shown = active, hint, notes, shown
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The panes, and behind them the filter of the open one, cut to what room there is."""
        glyphs = glyphs_of(self)
        pieces: list[LinePiece] = [(" ", "")]
        for number, (name, title) in enumerate(PANES, start=1):
            if number > 1:
                pieces.append((f" {glyphs.bar} ", "faint"))
            if name == self._open:
                pieces.append((f" {glyphs.current} {title} ", "chosen", name))
            else:
                filtered = "/ " if self._notes.get(name) is not None else ""
                pieces.append((f" {number} {title} {filtered}", "" if name in self._shown else "muted", name))
        room = width - pieces_length([piece[:2] for piece in pieces]) - 2
        note = self._notes.get(self._open)
        if note is not None:
            pieces.append((f"  {note.fitted(room)}", "waiting"))
        elif self._hint:
            pieces.append((f"   {self._hint}", "faint"))
        return pieces


_LEAST_STATE: Final = 24


class BranchStrip(FittedLine):
    """`Each order ▸ iteration 3 of 12 │ iteration 4 of 12 │ …   v chooses`. A click on one steps that one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._branches: tuple[BranchLine, ...] = ()
        self._machine: StateMachine | None = None

    def show(self, view: View) -> None:
        """Show the live branches of this view; hide in a definition that never has any, so that the panes below keep
        their places while one steps."""
        self._branches = view.branches
        if view.execution.machine is not self._machine:
            self._machine = view.execution.machine
            self.display = any(state.branches for state in self._machine.scope.states.values())
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The branch in focus, then the others as far as they fit."""
        if len(self._branches) <= 1:
            return [("  no branches run here", "faint")]
        glyphs, room = glyphs_of(self), width - 12
        failed = sum(bool(branch.child_arn) for branch in self._branches)
        over: LinePiece = (f" {glyphs.failed} {failed:,} failed ", "failed", "more") if failed else ("", "")
        room -= pieces_length([over[:2]])
        pieces: list[LinePiece] = [(" ", "")]
        most = max(_LEAST_STATE, width // 3)
        live = [at for at, branch in enumerate(self._branches) if not branch.child_arn]
        ordered = sorted(live, key=lambda at: not self._branches[at].is_focused)
        for position, at in enumerate(ordered):
            branch = self._branches[at]
            where = f"{branch.id[-1][0]} " if branch.is_focused and branch.id else ""
            sign = glyphs.current if branch.is_focused else " "
            text = f" {sign} {clean(where)}{branch.label}: {fit(branch.state, most)} "
            room -= pieces_length([(text, "")]) + 1
            rest = f" {len(ordered) - position} more "
            if position and room < (len(rest) if position < len(ordered) - 1 else 0):
                pieces.append((rest, "faint", "more"))
                break
            pieces.append((text, "chosen" if branch.is_focused else "muted", str(at)))
            pieces.append((glyphs.bar if position < len(ordered) - 1 else "", "faint"))
        return [*pieces, over, ("  v", "key", "more"), (" choose", "muted", "more")]

    def branch_of(self, target: str) -> BranchLine | None:
        """The branch that a picked target stands for; None for "more"."""
        return self._branches[int(target)] if target.isdigit() else None


class FooterItem(NamedTuple):
    """A verb in the footer, whether it is possible now, and another word for it than the table's."""

    command: KeyCommand
    is_possible: bool
    word: str = ""


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
    command, is_possible, word = offer
    return [
        (f" {command.key}", "key" if is_possible else "faint", command.id),
        (f" {word or command.label} ", "" if is_possible else "faint", command.id),
    ]
