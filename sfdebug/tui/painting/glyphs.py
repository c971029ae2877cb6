"""The signs that the screen is drawn with: single-cell characters, and an ASCII set with the same meanings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign

if TYPE_CHECKING:
    from textual.dom import DOMNode


class Glyphs(Struct, frozen=True):
    """One character for each thing that is told by a sign. No emoji: terminals disagree about their widths."""

    current: str = "▸"
    done: str = "✓"
    failed: str = "✗"
    caught: str = "!"
    waiting: str = "?"
    unvisited: str = "·"
    retry: str = "↻"
    skipped: str = "∘"
    forced: str = "»"
    injected: str = "↯"
    breakpoint: str = "●"
    conditional: str = "◐"
    logs: str = "◇"
    switched_off: str = "○"
    added: str = "+"
    removed: str = "−"
    changed: str = "~"
    times: str = "×"
    paused: str = "‖"
    rule: str = "─"
    dash: str = "╌"
    knot: str = "●"
    cursor: str = "◆"
    fork: str = "┬"
    bar: str = "│"
    ellipsis: str = "…"
    arrow: str = "→"
    dot: str = "·"
    alike: str = "="
    differs: str = "≠"
    recorded: str = "r"
    block: str = "█"


UNICODE: Final = Glyphs()

ASCII: Final = Glyphs(
    current=">",
    done="v",
    failed="x",
    unvisited=".",
    retry="@",
    skipped="o",
    forced="=",
    injected="%",
    breakpoint="*",
    conditional="&",
    logs='"',
    switched_off="0",
    removed="-",
    times="x",
    paused="||",
    rule="-",
    dash=".",
    knot="o",
    cursor="#",
    fork="Y",
    bar="|",
    ellipsis="...",
    arrow="->",
    dot=".",
    differs="#",
    block="#",
)


def breakpoint_sign(sign: BreakpointSign, glyphs: Glyphs) -> str:
    """The sign of a breakpoint; "" for none."""
    signs = {
        BreakpointSign.PLAIN: glyphs.breakpoint,
        BreakpointSign.CONDITIONAL: glyphs.conditional,
        BreakpointSign.PART: glyphs.conditional,
        BreakpointSign.LOG: glyphs.logs,
        BreakpointSign.OFF: glyphs.switched_off,
    }
    return signs.get(sign, "")


def glyphs_of(node: DOMNode) -> Glyphs:
    """The set that the application of `node` uses."""
    return ASCII if node.app.has_class("ascii") else UNICODE
