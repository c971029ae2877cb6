"""What a Task called outside of the program, in lines: who it was, how long it took, the last that it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.stepping.outside_calls import Effect
    from sfdebug.tasks.outside import OutsideCall
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

_MOST: Final = 3
"""So many of its lines are shown beside the data."""
_MOST_CALLS: Final = 100
"""So many calls are shown with what they wrote."""


def call_lines(call: OutsideCall, glyphs: Glyphs) -> list[list[Piece]]:
    """The lines of the explanation above the data."""
    lines: list[list[Piece]] = [[(f" {glyphs.arrow} ", "strong"), (clean(who_ran(call)), "strong")]]
    if call.note:
        lines.append([("   ", ""), (clean(call.note), "waiting")])
    shown = call.lines[-_MOST:]
    lines += [
        [(f" {glyphs.bar} ", "faint"), (clean(line.text), "failed" if line.is_error else "muted")] for line in shown
    ]
    hidden = len(call.lines) - len(shown) + call.lost
    if hidden:
        lines.append([(f"   {key_of('look.log')} shows all {len(call.lines) + call.lost:,} lines", "faint")])
    return lines


def who_ran(call: OutsideCall) -> str:
    """`charge ran for 12 ms: src/charge/app.py:handler`."""
    place = f": {call.place}" if call.place else ""
    return f"{call.callee} ran for {duration_text(round(call.milliseconds))}{place}"


def log_text(call: OutsideCall) -> str:
    """All that it wrote, with who it was."""
    lost = [f"({counted(call.lost, 'line')} before these are not kept)"] if call.lost else []
    written = [f"{'! ' if line.is_error else '  '}{line.text}" for line in call.lines]
    if not written:
        written = ["  (it wrote nothing)"]
    signs = ["", "! is what it wrote on stderr."] if any(line.is_error for line in call.lines) else []
    return "\n".join([who_ran(call), *([call.note] if call.note else []), "", *lost, *written, *signs])


def logs_text(effects: Sequence[Effect], glyphs: Glyphs, lost: str) -> str:
    """All that several calls wrote, the last ones where there are many; over each that was made in an execution that a
    Task started, the states that led to it. `lost` says of a log why it is not there."""
    before = len(effects) - _MOST_CALLS
    parts = [f"({counted(before, 'call')} before these)"] if before > 0 else []
    for effect in effects[-_MOST_CALLS:]:
        way = f" {glyphs.within} ".join(effect.states)
        text = log_text(effect.call) if effect.call is not None else f"{effect.callee}: its log {lost}"
        parts.append(f"{way}\n{text}" if way else text)
    return "\n\n".join(parts)
