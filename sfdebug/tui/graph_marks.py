"""What the graph writes on a box: its status as a sign and a word, how often it was visited, its breakpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.view import Mark, MarkStatus

if TYPE_CHECKING:
    from sfdebug.tui.glyphs import Glyphs
    from sfdebug.tui.paint import Piece

_WORDS: Final = {
    MarkStatus.CURRENT: "here",
    MarkStatus.WAITING: "waits",
    MarkStatus.FAILED: "failed",
    MarkStatus.CAUGHT: "caught",
    MarkStatus.DONE: "done",
    MarkStatus.ABORTED: "cut off",
    MarkStatus.UNVISITED: "",
}
_PAINTS: Final = {
    MarkStatus.CURRENT: "current",
    MarkStatus.WAITING: "waiting",
    MarkStatus.FAILED: "failed",
    MarkStatus.CAUGHT: "caught",
    MarkStatus.DONE: "done",
    MarkStatus.ABORTED: "muted",
    MarkStatus.UNVISITED: "unvisited",
}

_HEAVY: Final = str.maketrans("╭╮╰╯─│┬┴├┤╌╎┄┆", "╔╗╚╝═║╤╧╟╢═║═║")
"""The frame of the state at hand is double: it is told by its form, not by colour alone."""

_HEAVY_ASCII: Final = str.maketrans("-|.:", "=#=#")


def paint_of(mark: Mark) -> str:
    """The paint of a box's frame and name."""
    return _PAINTS[mark.status]


def sign_of(mark: Mark, glyphs: Glyphs) -> str:
    """The sign of a status."""
    return {
        MarkStatus.CURRENT: glyphs.current,
        MarkStatus.WAITING: glyphs.waiting,
        MarkStatus.FAILED: glyphs.failed,
        MarkStatus.CAUGHT: glyphs.caught,
        MarkStatus.DONE: glyphs.done,
        MarkStatus.ABORTED: glyphs.skipped,
        MarkStatus.UNVISITED: glyphs.unvisited,
    }[mark.status]


def status_text(mark: Mark, glyphs: Glyphs, width: int) -> Piece | None:
    """The status in at most `width` cells: `✓ done`, `✓ done×3`, `✗ ×12`; None for a state that was not visited."""
    if mark.status is MarkStatus.UNVISITED:
        if mark.forced:
            return f"{glyphs.forced} forced"[:width], "current"
        return (f"{glyphs.injected} to fail"[:width], "failed") if mark.injected else None
    sign, word = sign_of(mark, glyphs), _WORDS[mark.status]
    times = f"{glyphs.times}{mark.visits}" if mark.visits > 1 else ""
    options = (f"{sign} {word}{times}", f"{sign}{word}{times}", f"{sign} {times or word}", f"{sign}{times}", sign)
    text = next((option for option in options if len(option) <= width), sign)
    return text, "current-mark" if mark.status is MarkStatus.CURRENT else paint_of(mark)


def gutter_text(mark: Mark, glyphs: Glyphs) -> Piece | None:
    """The sign at the left edge: a breakpoint, or else what was imposed."""
    if mark.breakpoint:
        return glyphs.breakpoint, "breakpoint"
    if mark.injected:
        return glyphs.injected, "failed"
    if mark.forced:
        return glyphs.forced, "current"
    return None


def heavy(text: str, *, is_ascii: bool) -> str:
    """A piece of a frame, drawn as that of the state at hand."""
    return text.translate(_HEAVY_ASCII if is_ascii else _HEAVY)
