"""The strip that shows, inside a Parallel or Map, which branch or iteration is stepped, and how the others do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.text import clean
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import BranchLine, View


_LEAST_STATE: Final = 24


class BranchStrip(FittedLine):
    """`Each order ▸ iteration 3 of 12 │ iteration 4 of 12 │ …   v chooses`. A click on one steps that one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._branches: tuple[BranchLine, ...] = ()

    def show(self, view: View) -> None:
        """Show the live branches of this view; hide when there is only the top level."""
        self._branches = view.branches
        self.display = len(view.branches) > 1
        self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """The branch in focus, then the others as far as they fit."""
        glyphs, room = glyphs_of(self), width - 12
        failed = sum(bool(branch.child_arn) for branch in self._branches)
        over: LinePiece = (f" {glyphs.failed} {failed:,} failed ", "failed", "more") if failed else ("", "")
        room -= pieces_length([over[:2]])
        pieces: list[LinePiece] = [(" ", "")]
        most = max(_LEAST_STATE, width // 3)
        live = [at for at, branch in enumerate(self._branches) if not branch.child_arn]
        ordered = sorted(live, key=lambda at: not self._branches[at].is_focused)
        for place, at in enumerate(ordered):
            branch = self._branches[at]
            where = f"{branch.id[-1][0]} " if branch.is_focused and branch.id else ""
            sign = glyphs.current if branch.is_focused else " "
            text = f" {sign} {clean(where)}{branch.label}: {fit(branch.state, most)} "
            room -= pieces_length([(text, "")]) + 1
            rest = f" {len(ordered) - place} more "
            if place and room < (len(rest) if place < len(ordered) - 1 else 0):
                pieces.append((rest, "faint", "more"))
                break
            pieces.append((text, "chosen" if branch.is_focused else "muted", str(at)))
            pieces.append((glyphs.bar if place < len(ordered) - 1 else "", "faint"))
        return [*pieces, over, ("  v", "key", "more"), (" choose", "muted", "more")]

    def branch_of(self, target: str) -> BranchLine | None:
        """The branch that a picked target stands for; None for "more"."""
        return self._branches[int(target)] if target.isdigit() else None
