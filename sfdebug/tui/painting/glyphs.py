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
    falling: str = "▾"
    rising: str = "▴"
    marked: str = "◆"
    within: str = "›"
    selected: str = "→"
    advice: str = "†"


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
    falling="v",
    rising="^",
    marked="#",
    within=">",
    selected=">",
    advice="i",
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


class Sign(Struct, frozen=True):
    """A row of the legend: the glyph, by its name, its paint, and what it says."""

    glyph: str
    paint: str
    meaning: str


LEGEND: Final = (
    Sign("current", "current", "where the run stands"),
    Sign("done", "done", "done: a state, a stage; a rule or Retrier that matched; a transition that was taken"),
    Sign("failed", "failed", "failed"),
    Sign("caught", "caught", "a fault that a Catcher took; in the graph also: nothing leads to this state"),
    Sign("waiting", "waiting", "a Task that waits for its answer"),
    Sign("unvisited", "unvisited", "not come to yet"),
    Sign("retry", "waiting", "tried again; in the graph: the state has Retry; among executions: redriven"),
    Sign("skipped", "muted", "a rule, Retrier or Catcher that did not match"),
    Sign("forced", "current", "a Choice that you have forced, or will"),
    Sign("injected", "failed", "a failure that you have injected, or will"),
    Sign("breakpoint", "breakpoint", "a breakpoint; at the top of a graph: the start"),
    Sign("conditional", "breakpoint", "a breakpoint with a condition, or on a part of the state"),
    Sign("logs", "breakpoint", "a breakpoint that says something, and does not stop"),
    Sign("switched_off", "faint", "a breakpoint that is switched off"),
    Sign("advice", "caught", "there is advice on this state: it stands below the graph when the state is selected"),
    Sign("times", "strong", "so many visits or attempts; beside a line of the graph: so often taken"),
    Sign("added", "added", "added by this stage"),
    Sign("removed", "removed", "removed by this stage"),
    Sign("changed", "changed", "changed by this stage"),
    Sign("alike", "done", "in a recording: recorded and computed are the same"),
    Sign("differs", "failed", "in a recording: recorded and computed differ"),
    Sign("recorded", "muted", "in a recording: recorded, not computed"),
    Sign("selected", "key", "in the map: the row of the selected state"),
    Sign("cursor", "current", "in the timeline: here"),
    Sign("fork", "caught", "in the timeline: another one parts here"),
)
"""What the signs say that have a meaning of their own; the others are lines and the ends of cut texts."""


def glyphs_of(node: DOMNode) -> Glyphs:
    """The set that the application of `node` uses."""
    return ASCII if node.app.has_class("ascii") else UNICODE
