"""What the signs of a drawn graph mean: for the text, in its characters, and for SVG in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.drawing.painting.lines import EAST, HORIZONTAL, SOUTH, VERTICAL
from sfdebug.drawing.painting.paint import ASCII, UNICODE
from sfdebug.reports.graphs.signs import CHANGE_SIGNS, STATUS_SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.drawing.painting.paint import DrawingGlyphs
    from sfdebug.reports.graphs.signs import StatusSign


class KeySign(Struct, frozen=True):
    """A sign as it is drawn, and what it says."""

    sign: str
    meaning: str


STATUS_MEANINGS: Final = {
    "current": "a run under way stands here",
    "waiting": "waits for an answer",
    "failed": "failed, and nothing caught it",
    "caught": "failed, and a Catcher took it",
    "done": "done",
    "aborted": "cut off by a failure elsewhere, or stopped",
    "unvisited": "not visited",
}
CHANGE_MEANINGS: Final = {
    "added": "only the second definition has it; its line is heavy",
    "removed": "only the first definition has it",
    "changed": "both have it, and the fields that are named differ; in front of `was`, it has but another name",
}


def drawing_signs(*, ascii: bool = False) -> list[KeySign]:
    """What boxes and lines are told by, whatever lies over them."""
    glyphs = ASCII if ascii else UNICODE
    return [*_state_signs(glyphs), *_line_signs(glyphs)]


def signs(*, ascii: bool = False) -> Iterator[tuple[str, tuple[KeySign, ...]]]:
    """Every sign that a drawing can have, in groups with a title each."""
    glyphs = ASCII if ascii else UNICODE
    yield "states", tuple(_state_signs(glyphs))
    yield "transitions", tuple(_line_signs(glyphs))
    times = "x" if ascii else "×"
    marks = [KeySign(_sign(STATUS_SIGNS[status], ascii), meaning) for status, meaning in STATUS_MEANINGS.items()]
    heavy = "*" if ascii else "┃━"
    marks += [
        KeySign(heavy, "a transition that was taken"),
        KeySign(f"{times}3", "so many visits, or so often taken; once where there is no number"),
    ]
    yield "with --history", tuple(marks)
    changes = [KeySign(_sign(CHANGE_SIGNS[kind], ascii), meaning) for kind, meaning in CHANGE_MEANINGS.items()]
    yield "with two definitions", tuple(changes)


def _sign(sign: StatusSign, ascii: bool) -> str:
    return sign.ascii if ascii else sign.sign


def _state_signs(glyphs: DrawingGlyphs) -> Iterator[KeySign]:
    box, frame = glyphs.box, glyphs.container
    yield KeySign(glyphs.start, "the start; in a box's left border, on the screen: a breakpoint")
    yield KeySign(f"{box.corners[0]}{box.horizontal}{box.corners[1]}", "a state, with its type in the border")
    yield KeySign(f"{frame.corners[0]}{frame.horizontal}{frame.horizontal}", "a Parallel or Map, around its states")
    between = f"{glyphs.divider_vertical} {glyphs.divider_horizontal}"
    yield KeySign(between, "between branches, in front of the one with the number")
    yield KeySign(glyphs.divider_horizontal * 4, "a rule: nothing leads from the start to what stands below it")
    yield KeySign(glyphs.retry, "has Retry")
    yield KeySign(glyphs.end, "End: its branch, or the run, ends here")
    yield KeySign(glyphs.succeed, "Succeed")
    yield KeySign(glyphs.fail, "Fail")
    yield KeySign(glyphs.unreachable, "nothing leads here from the start (a full box says so in a word)")
    yield KeySign("[ ] < > { }", "states of one row: any, a Choice, a closed Parallel or Map")
    yield KeySign(f"{glyphs.dot} {glyphs.dot_shut}", "states as dots: any, a closed Parallel or Map")
    yield KeySign(glyphs.dot_missing, "a target that is no state (a full box says Missing)")


def _line_signs(glyphs: DrawingGlyphs) -> Iterator[KeySign]:
    level, upright = glyphs.line[HORIZONTAL], glyphs.line[VERTICAL]
    solid, dashed = (shapes[VERTICAL] + shapes[HORIZONTAL] for shapes in (glyphs.line, glyphs.dashed))
    yield KeySign(f"{solid} {glyphs.down}{glyphs.up}", "Next, a rule of a Choice, Default")
    yield KeySign(f"{dashed} {glyphs.down_catch}{glyphs.up_catch}", "Catch: dashed, with another arrow")
    yield KeySign(f"{glyphs.line[VERTICAL | EAST]}{level}", "lines that join: all of them lead to one state")
    rail = glyphs.line[HORIZONTAL | SOUTH]
    yield KeySign(
        f"{rail}{level}{rail}", "the rail of a Choice with many targets: one line, from which each has its own"
    )
    yield KeySign(f"{level}{upright}{level}", "lines that cross and do not join")
    yield KeySign("!", "in front of the errors that a Catcher takes")
    yield KeySign("[a]", "this label is cut: all of it stands below")
    yield KeySign(glyphs.ellipsis, "something is cut here")


def key_lines(*, ascii: bool, width: int) -> list[str]:
    """The key as lines of text of at most `width` columns."""
    groups = list(signs(ascii=ascii))
    size = max(len(each.sign) for _, group in groups for each in group) + 2
    lines: list[str] = []
    for title, group in groups:
        lines.append(f"{title}:")
        for each in group:
            head = f"  {each.sign}".ljust(size + 2)
            lines += textwrap.wrap(each.meaning, max(width, 40), initial_indent=head, subsequent_indent=" " * len(head))
    return lines
