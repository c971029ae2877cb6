"""What there is to say about the selected state or transition: in words, whole, and with the signs of the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.view.model import StateMark
from sfdebug.drawing.elements import MISSING_TYPE, Badge, EdgeKind, Zoom, legend_sign
from sfdebug.text import clean, counted
from sfdebug.tui.graph.marks import advice_paint, paint_of, sign_of, status_words
from sfdebug.tui.graph.trail import steps_to, trail
from sfdebug.tui.keys import key_of
from sfdebug.tui.painting.paint import pieces_length

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.asl.findings import Finding
    from sfdebug.drawing.elements import Edge, Layout
    from sfdebug.tui.graph.marks import Overlay
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_UNMARKED: Final = StateMark()
_BADGES: Final = {Badge.RETRY: "has Retry", Badge.UNREACHABLE: "nothing leads here"}


def state_facts(
    layout: Layout,
    path: StatePath,
    overlay: Overlay,
    glyphs: Glyphs,
    width: int = 0,
    calls: str = "",
    answered: str = "",
) -> list[list[Piece]]:
    """The state on one line, behind the containers around it as far as `width` columns have room for them; what it
    `calls`, and by whom it is `answered`, if that is known; then where it leads, a line each. Of one that a recording
    entered under another name, that it is not drawn."""
    box = layout.box(path)
    if box is None:
        return [[(f" {clean(str(path[-1]))}", "strong"), ("  is not in this drawing", "muted")]] if path else []
    numbers = _numbers(layout)
    edges = [index for index in layout.edges_from(path) if layout.edges[index].kind is not EdgeKind.START]
    first: list[Piece] = [(f" {clean(str(path[-1]))}", "strong"), (f"  {_type_text(layout, path)}", "muted")]
    if box.type != MISSING_TYPE:
        mark = overlay.marks.get(path, _UNMARKED)
        first.append((f"   {sign_of(mark, glyphs)} {', '.join(status_words(mark))}", paint_of(mark)))
    branches = overlay.branches.get(path)
    if branches:
        first.append((f"   {branches[0]}", "waiting"))
    badges = [text for badge, text in _BADGES.items() if badge in box.badges]
    if badges:
        first.append((f"   {', '.join(badges)}", "faint"))
    around = trail(steps_to(layout, path), glyphs.within, width - 1 - pieces_length(first))
    if around:
        first = [(f" {around}", "muted"), (first[0][0].lstrip(), "strong"), *first[1:]]
    called: list[list[Piece]] = [[(f"   calls {clean(calls)}", "key")]] if calls else []
    if answered and calls:
        called[0].append((f" {glyphs.dot} {clean(answered)}", "muted"))
    elif answered:
        called.append([(f"   {clean(answered)}", "muted")])
    lines = [first, *called, *(_edge_line(layout, index, overlay, glyphs, numbers) for index in edges)]
    if Badge.END in box.badges:
        lines.append(
            [(f"   {glyphs.arrow} ", "muted"), (f"the end of {'its branch' if box.parent else 'the run'}", "")]
        )
    return lines


def advice_facts(findings: Sequence[Finding], glyphs: Glyphs) -> list[Piece]:
    """What is advised on a state, on one line: the worst of it, and how much more there is."""
    from sfdebug.advice.registry import rule_id

    worst = findings[0]
    what = worst.problem.what if worst.problem is not None else ""
    pieces: list[Piece] = [
        (f"   {glyphs.advice} ", advice_paint(worst)),
        (clean(what), ""),
        (f"  {rule_id(worst)}", "faint"),
    ]
    if len(findings) > 1:
        pieces.append((f"  and {len(findings) - 1} more: {key_of('look.warnings')}", "muted"))
    return pieces


def edge_facts(layout: Layout, edges: Iterable[int], overlay: Overlay, glyphs: Glyphs) -> list[list[Piece]]:
    """The transitions that share a stretch of line, a line each."""
    numbers = _numbers(layout)
    return [_edge_line(layout, index, overlay, glyphs, numbers, has_source=True) for index in edges]


def _type_text(layout: Layout, path: StatePath) -> str:
    box = layout.box(path)
    assert box is not None
    if box.type == MISSING_TYPE:
        return "missing: no state has this name"
    return f"{box.type} of {counted(box.content, 'state')}" if box.is_container else box.type


def _edge_line(
    layout: Layout,
    index: int,
    overlay: Overlay,
    glyphs: Glyphs,
    numbers: Mapping[int, int],
    *,
    has_source: bool = False,
) -> list[Piece]:
    """`  → Ship order  if missingCount = 0  ✓ taken`."""
    edge = layout.edges[index]
    is_taken = index in overlay.taken
    if edge.kind is EdgeKind.CATCH:
        paint = "caught" if is_taken else "catch"
    else:
        paint = "taken" if is_taken else ""
    source = (clean(str(edge.source[-1])) if edge.source else "start") if has_source else ""
    pieces: list[Piece] = [
        (f" {source} {glyphs.arrow} " if source else f"   {glyphs.arrow} ", "muted"),
        (clean(str(edge.target[-1])), paint),
    ]
    if is_taken:
        count = overlay.times.get(index, 1)
        times = f" {glyphs.times}{count:,}" if count > 1 else ""
        pieces.append((f" {glyphs.done} taken{times}", "taken"))
    why = _why(edge)
    if why:
        number = f"{legend_sign(numbers[index])} " if index in numbers else ""
        pieces += [(f"  {number}", "key"), (clean(why), "muted")]
    return pieces


def _why(edge: Edge) -> str:
    text = " or else ".join(label for label in edge.labels if label) or edge.label
    if edge.kind is EdgeKind.CHOICE:
        return f"if {text}"
    if edge.kind is EdgeKind.CATCH:
        return f"on {text.replace('!', '')}"
    return {EdgeKind.DEFAULT: "Default", EdgeKind.START: "first"}.get(edge.kind, "")


def _numbers(layout: Layout) -> dict[int, int]:
    """The number in the legend of each edge whose label is cut; among dots labels have none."""
    if layout.zoom is Zoom.DOTS:
        return {}
    return {index: entry.number for entry in layout.legend for index in entry.edges}
