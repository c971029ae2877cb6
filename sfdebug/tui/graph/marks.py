"""What the graph writes on a box: its status as a sign and a word, how often it was visited, its breakpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from sfdebug.asl.findings import WARNING
from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.debugger.view.model import MarkStatus, StateMark
from sfdebug.tui.painting.glyphs import breakpoint_sign

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.asl.findings import Finding
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_LOOKS: Final = {
    MarkStatus.CURRENT: ("current", "here", "current"),
    MarkStatus.WAITING: ("waiting", "waits", "waiting"),
    MarkStatus.FAILED: ("failed", "failed", "failed"),
    MarkStatus.CAUGHT: ("caught", "caught", "caught"),
    MarkStatus.DONE: ("done", "done", "done"),
    MarkStatus.ABORTED: ("skipped", "cut off", "muted"),
    MarkStatus.UNVISITED: ("unvisited", "", "unvisited"),
}
"""The name of a status's sign, its word, and its paint."""

_CURRENT: Final = str.maketrans("╭╮╰╯─│┬┴├┤╌╎┄┆", "╔╗╚╝═║╤╧╟╢═║═║")
"""The frame of the state at hand is double: it is told by its form, not by colour alone."""

_CURRENT_ASCII: Final = str.maketrans("-|.:", "=#=#")

_TAKEN: Final = str.maketrans("│─╭╮╰╯├┤┴┬┼╎╌", "┃━┏┓┗┛┣┫┻┳╋╏╍")
"""A transition that the run took is drawn with a heavy line: it is told by its form as well."""

_TAKEN_ASCII: Final = str.maketrans("-|~:", "=#=#")


Said: TypeAlias = "tuple[str, ...]"
"""What a Parallel or Map says about its branches: the same in full, then shorter and shorter."""


class Overlay(Struct, frozen=True):
    """What the run has put over the drawing: a mark for each state, the taken edges and how often each was taken, what
    branches do."""

    marks: Mapping[StatePath, StateMark]
    taken: frozenset[int]
    branches: Mapping[StatePath, Said]
    times: Mapping[int, int] = {}


NOTHING_DRAWN: Final = Overlay({}, frozenset(), {})


_BREAK_WORDS: Final = {
    BreakpointSign.PLAIN: "break",
    BreakpointSign.CONDITIONAL: "break if",
    BreakpointSign.PART: "break in",
    BreakpointSign.LOG: "logs",
    BreakpointSign.OFF: "break off",
    BreakpointSign.NONE: "",
}
_BREAKPOINT_WORDS: Final = {
    BreakpointSign.PLAIN: "breakpoint",
    BreakpointSign.CONDITIONAL: "breakpoint with a condition",
    BreakpointSign.PART: "breakpoint on a stage or a way out",
    BreakpointSign.LOG: "breakpoint that says something",
    BreakpointSign.OFF: "breakpoint switched off",
}


def breakpoint_paint(sign: BreakpointSign) -> str:
    """The paint of a breakpoint's sign."""
    return "faint" if sign is BreakpointSign.OFF else "breakpoint"


def paint_of(mark: StateMark) -> str:
    """The paint of a box's frame and name."""
    return _LOOKS[mark.status][2]


def sign_of(mark: StateMark, glyphs: Glyphs) -> str:
    """The sign of a status."""
    sign: str = getattr(glyphs, _LOOKS[mark.status][0])
    return sign


def _word(mark: StateMark) -> str:
    return _LOOKS[mark.status][1]


def status_text(mark: StateMark, glyphs: Glyphs, width: int) -> Piece | None:
    """The status in at most `width` cells: `✓ done`, `✓ done×3`, `✗ ×12`; None for a state that was not visited."""
    if mark.status is MarkStatus.UNVISITED:
        if mark.forced:
            return f"{glyphs.forced} forced"[:width], "current"
        return (f"{glyphs.injected} fails"[:width], "failed") if mark.injected else None
    sign, word = sign_of(mark, glyphs), _word(mark)
    times = f"{glyphs.times}{mark.visits}" if mark.visits > 1 else ""
    options = (f"{sign} {word}{times}", f"{sign}{word}{times}", f"{sign} {times or word}", f"{sign}{times}", sign)
    text = next((option for option in options if len(option) <= width), sign)
    return text, "current-mark" if mark.status is MarkStatus.CURRENT else paint_of(mark)


def inside_text(glyphs: Glyphs, width: int) -> Piece:
    """The status of a folded Parallel or Map that the run stands in."""
    text = f"{glyphs.current} inside"
    return text if len(text) <= width else glyphs.current, "current-mark"


def beside_text(mark: StateMark, glyphs: Glyphs, *, is_inside: bool) -> Piece | None:
    """What stands beside a state that is drawn on one line, where only its sign has room: `here`, `failed ×3 break`."""
    word, paint = _word(mark), paint_of(mark)
    if is_inside:
        word, paint = "inside", "current"
    elif mark.status is MarkStatus.DONE:
        word = ""
    elif mark.status is MarkStatus.UNVISITED:
        paint = "failed" if mark.injected else "current" if mark.forced else "breakpoint"
    times = f"{glyphs.times}{mark.visits}" if mark.visits > 1 and not is_inside else ""
    text = " ".join(filter(None, (word, times, *imposed_words(mark))))
    return (text, paint) if text else None


def imposed_words(mark: StateMark) -> list[str]:
    """What the user has put on a state, each in a word."""
    words = (
        (_BREAK_WORDS[mark.breakpoint], bool(mark.breakpoint)),
        ("forced", mark.forced),
        ("injected", mark.injected),
    )
    return [word for word, is_so in words if is_so]


def imposed_text(mark: StateMark, width: int) -> Piece | None:
    """What the user has put on a state, in at most `width` cells; what its status says already is left out."""
    words = [
        word for word in imposed_words(mark) if mark.status is not MarkStatus.UNVISITED or word in _BREAK_WORDS.values()
    ]
    while words and len(" ".join(words)) > width:
        words.pop()
    return (" ".join(words), "muted") if words else None


def status_words(mark: StateMark) -> list[str]:
    """All that a mark says, in words: `done`, `visited 3 times`, `breakpoint`, `forced`, `made to fail`."""
    words = [_word(mark) or "not visited"]
    if mark.visits > 1:
        words.append(f"visited {mark.visits:,} times")
    if mark.breakpoint:
        words.append(_BREAKPOINT_WORDS[mark.breakpoint])
    if mark.forced:
        words.append("choice forced" if mark.visits else "forced ahead")
    if mark.injected:
        words.append("made to fail" if mark.visits else "to fail")
    return words


def gutter_text(mark: StateMark, glyphs: Glyphs) -> Piece | None:
    """The sign at the left edge: a breakpoint, or else what was imposed."""
    if mark.breakpoint:
        return breakpoint_sign(mark.breakpoint, glyphs), breakpoint_paint(mark.breakpoint)
    if mark.injected:
        return glyphs.injected, "failed"
    if mark.forced:
        return glyphs.forced, "current"
    return None


def advice_paint(finding: Finding) -> str:
    """The paint of the sign for advice: that of a warning is to be seen, the other is quiet."""
    is_warning = finding.verdict is not None and finding.verdict.severity == WARNING
    return "caught" if is_warning else "muted"


def current_frame(text: str, *, is_ascii: bool) -> str:
    """A piece of a frame, drawn as that of the state at hand."""
    return text.translate(_CURRENT_ASCII if is_ascii else _CURRENT)


def taken_line(text: str, *, is_ascii: bool) -> str:
    """A piece of a line, drawn as one that the run took."""
    return text.translate(_TAKEN_ASCII if is_ascii else _TAKEN)
