"""The status line: where the run stands, and why it stopped there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from sfdebug.debugger.verbs import StopReason
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.text import clean
from sfdebug.times import clock_text
from sfdebug.tui.keys import with_keys
from sfdebug.tui.painting.describe import attempt_text
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Piece, fit, pieces_length
from sfdebug.tui.widgets.line import FittedLine, LinePiece

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import View
    from sfdebug.tui.painting.glyphs import Glyphs

_ATTENTION: Final = (
    StopReason.BREAKPOINT,
    StopReason.FAULT,
    StopReason.QUESTION,
    StopReason.INTERRUPTED,
    StopReason.LIMIT,
)
_LEAST_WHY: Final = 40
"""The reason of the stop is cut to this, rather than that something on its left goes."""

_NARROW: Final = 100
"""Below this width the outcome is told in short, and the kind of run goes."""

_LEAST_WHY_NARROW: Final = 24
_SERVED: Final = {"followed": "client's ", "fork of followed": "yours "}
"""What the kind of run is called where a client has started it."""
_LEAST_NAME: Final = 16
_LEAST_FILE: Final = 12
_TIME: Final = "t+"
_MOST: Final = (31, 42, 99, 99, 99)
"""Cells of the file, the state, the time, the attempt and the branch where not all of them fit."""


class StatusLine(FittedLine):
    """`order.asl.json ▸ ChargeCard   attempt 2 of 4   t+00:00:07   ‖ why it stopped        main  simulation`."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = title
        self._view: View | None = None
        self._progress = ""
        self._watches_faults = self._is_real = False

    def show(self, view: View, *, watches_faults: bool = False, is_real: bool = False) -> None:
        """Show where this view stands; `watches_faults` says that every fault pauses the run, `is_real` that there are
        functions, services or APIs that Tasks really call."""
        self._view, self._progress = view, ""
        self._watches_faults, self._is_real = watches_faults, is_real
        self.changed()

    def show_running(self, text: str) -> None:
        """Say that a long run is under way; "" when it is no longer."""
        if text != self._progress:
            self._progress = text
            self.changed()

    def pieces(self, width: int) -> Sequence[LinePiece]:
        """Where it stands on the left, what kind of run it is on the right; what matters least gives way first."""
        if self._view is None:
            return ()
        glyphs = glyphs_of(self)
        right = _right_pieces(self._view, glyphs, self._watches_faults, self._is_real) if width >= _NARROW else []
        room = width - pieces_length(right) - 1
        why = why_pieces(self._view, glyphs, is_short=width < _NARROW)
        if self._progress:
            why = (f"{glyphs.current} {self._progress}", "current")
        enough = min(cell_len(why[0]), _LEAST_WHY if width >= _NARROW else _LEAST_WHY_NARROW)
        title = self._title if width >= _NARROW else _innermost(self._title, glyphs)
        left = _fitted(where_pieces(self._view, title, glyphs), self._view, room - enough)
        if not self._progress:
            left = _giving_way(left, where_pieces(self._view, title, glyphs)[0], room - cell_len(why[0]) - 1)
        left.append((fit(why[0], max(0, room - pieces_length(left) - 1)), why[1]))
        return [*left, (" " * max(1, room - pieces_length(left)), ""), *right]


def _innermost(title: str, glyphs: Glyphs) -> str:
    """Of an execution inside others its own name alone: `› refund`."""
    sign = f" {glyphs.within} "
    return f"{glyphs.within} {title.rpartition(sign)[2]}" if sign in title else title


def _fitted(pieces: list[Piece], view: View, room: int) -> list[Piece]:
    """What matters least gives way: the branch, the file, the end of the name. The time and the attempt stay."""
    if pieces_length(pieces) > room:  # very long names of the file and the state before anything else
        pieces = [(_shortened(text, most), paint) for (text, paint), most in zip(pieces, _MOST, strict=False)]
    if view.branch and pieces_length(pieces) > room:
        pieces = pieces[:-1]
    excess = pieces_length(pieces) - room
    if excess > 0:
        excess -= cell_len(pieces[0][0])
        pieces = pieces[1:]
    if excess > 0:
        text, paint = pieces[0]
        width = cell_len(text.rstrip())
        pieces = [(f"{fit(text.rstrip(), max(min(width, _LEAST_NAME), width - excess))}   ", paint), *pieces[1:]]
    return pieces


def _giving_way(pieces: list[Piece], title: Piece, room: int) -> list[Piece]:
    """The same with less of the file, without it, or without the time too, where that gives the reason of the stop all
    the room that it needs: the file is what one knows already, and the timeline has the time."""
    excess = pieces_length(pieces) - room
    if excess <= 0:
        return pieces
    has_file = pieces[0] == title
    width = cell_len(title[0])
    if has_file and width - excess >= _LEAST_FILE:
        return [(f" {fit(title[0].strip(), width - excess - 2)} ", title[1]), *pieces[1:]]
    less = pieces[1:] if has_file else pieces
    for fewer in (less, [piece for piece in less if not piece[0].startswith(_TIME)]):
        if pieces_length(fewer) <= room:
            return fewer
    return pieces


def _shortened(text: str, most: int) -> str:
    """A text of at most so many cells, and what stands behind it."""
    shown = text.rstrip()
    return fit(shown, most) + text[len(shown) :]


def where_pieces(view: View, title: str, glyphs: Glyphs) -> list[Piece]:
    """File, state, time, attempt, branch; the most important first."""
    name = clean(view.state.name) if view.state else str(view.status)
    pieces: list[Piece] = [(f" {clean(title)} ", "muted"), (f"{glyphs.current} {name}   ", "strong")]
    pieces.append((f"{_TIME}{clock_text(view.clock_ms)}   ", "muted"))
    if view.visit is not None and view.attempt > 1:
        pieces.append((f"{attempt_text(view)}   ", "waiting"))
    if view.branch:
        label = view.child_label if view.child and view.branch == view.child.id else view.branch_label
        pieces.append((f"{clean(view.branch[-1][0])}, {label}   ", "muted"))
    return pieces


def why_pieces(view: View, glyphs: Glyphs, *, is_short: bool = False) -> Piece:
    """Why it stopped, with a sign and a colour for how; in short, the end is `✗ FAILED Declined`."""
    text = clean(with_keys(view.stop.text, view.stop.hints))
    if view.is_finished:
        good = view.status is ExecutionStatus.SUCCEEDED
        sign = glyphs.done if good else glyphs.failed
        if is_short:
            text = f"{view.status} {clean(view.execution.error or '')}".rstrip()
        else:
            text = f"{view.status}: {text}"
        return f"{sign} {text}", "done" if good else "failed"
    if view.question is not None:
        return f"{glyphs.waiting} {text}", "waiting"
    paint = "failed" if view.stop.reason is StopReason.FAULT else "current"
    return f"{glyphs.paused} {text}", paint if view.stop.reason in _ATTENTION else "muted"


def _right_pieces(view: View, glyphs: Glyphs, watches_faults: bool, is_real: bool) -> list[Piece]:
    """What kind of run it is; what is switched on stands before it."""
    faults: Piece = (f"{glyphs.breakpoint} faults   ", "breakpoint") if watches_faults else ("", "")
    gap = " " if view.mode == "fork of a recording" else "   "
    fork: Piece = (f"{view.fork_name}{gap}", "caught") if view.fork_id else ("", "")
    if view.mode == "fork of a recording":
        return [faults, fork, ("of a recording ", "faint")]
    if view.mode in _SERVED:
        return [faults, fork, (_SERVED[view.mode], "current" if view.mode == "followed" else "caught")]
    if view.mode == "live":
        return [faults, fork, (f"{glyphs.current} live ", "current")]
    if view.mode == "simulation" and is_real:
        return [faults, fork, ("real calls ", "waiting")]
    return [faults, fork, (f"{view.mode} ", "waiting" if view.mode == "recording" else "faint")]
