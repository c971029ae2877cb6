"""Routing in the gap between two ranks: which nets run across it, and in which of its rows.

A piece is all that runs together in one gap: from its pins on the two sides to the element that it leads to. It
needs one row, its track, unless its pins share a column. Where the pin above of one piece and the pin below of
another share a column, the first must run above the second; should such demands form a circle, one of the pieces
gets two tracks and a knee between them, in a column of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_TRACK_BLANK: Final = 2
"""Blank cells between two pieces that share a row."""


@dataclass(slots=True)
class ChannelPiece:
    """The pins of one piece: columns at the upper side (`tops`) and the lower side (`bottoms`) of the gap.

    `enters` tells that it ends in a box below, with an arrow in the gap's last row. Routing sets `upper_track`
    and `lower_track`, rows of the gap from 0: equal but for a piece with a `knee`; -1 when it runs straight.
    """

    tops: list[int] = field(default_factory=list)
    bottoms: list[int] = field(default_factory=list)
    enters: bool = False
    arrow: int = 0
    upper_track: int = -1
    lower_track: int = -1
    knee: int = 0

    @property
    def is_straight(self) -> bool:
        """Whether all its pins share one column."""
        columns = self.tops + self.bottoms
        return min(columns) == max(columns)


@dataclass(slots=True)
class _Bar:
    """One horizontal run: a piece's, or one of the two of a piece with a knee."""

    piece: ChannelPiece
    tops: list[int]
    bottoms: list[int]
    low: int
    high: int
    is_half: bool = False
    above: set[int] = field(default_factory=set)  # the bars that must run above this one; never iterated over
    track: int = 0


def route_gap(pieces: list[ChannelPiece]) -> int:
    """Give every piece its tracks; how many rows they take."""
    bars = [_bar(piece, piece.tops, piece.bottoms) for piece in pieces if not piece.is_straight]
    if not bars:
        return 0
    bars = _without_circles(bars, pieces)
    rows = 0
    for bar in _pack(bars, _sequence(bars)):
        rows = max(rows, bar.track + 1)
        if bar.tops == bar.piece.tops or not bar.is_half:
            bar.piece.upper_track = bar.track
        if bar.bottoms == bar.piece.bottoms or not bar.is_half:
            bar.piece.lower_track = bar.track
    return rows


def _bar(piece: ChannelPiece, tops: list[int], bottoms: list[int], *, is_half: bool = False) -> _Bar:
    columns = tops + bottoms
    return _Bar(piece, tops, bottoms, min(columns), max(columns), is_half)


def _demand(bars: list[_Bar]) -> None:
    """Find for each bar those that must run above it."""
    top_at: dict[int, list[int]] = {}
    for index, bar in enumerate(bars):
        for column in bar.tops:
            top_at.setdefault(column, []).append(index)
    for index, bar in enumerate(bars):
        bar.above = {
            other for column in bar.bottoms for other in top_at.get(column, ()) if bars[other].piece is not bar.piece
        }
        if bar.is_half and bar.bottoms == bar.piece.bottoms:
            bar.above.add(index - 1)  # its upper half, which stands just before it


def _without_circles(bars: list[_Bar], pieces: list[ChannelPiece]) -> list[_Bar]:
    """The bars with their demands, with as many of them split as have to be."""
    _demand(bars)
    while True:
        circle = _circle(bars)
        if not circle:
            return bars
        split = min(circle, key=lambda index: (bars[index].high - bars[index].low, index))
        piece = bars[split].piece
        piece.knee = _free_column(bars[split], pieces)
        halves = [
            _bar(piece, piece.tops, [piece.knee], is_half=True),
            _bar(piece, [piece.knee], piece.bottoms, is_half=True),
        ]
        bars = [*bars[:split], *halves, *bars[split + 1 :]]
        _demand(bars)


def _circle(bars: list[_Bar]) -> list[int]:
    """The indices of bars whose demands form a circle, [] when there is none."""
    left = dict.fromkeys(range(len(bars)))
    while True:
        free = [index for index in left if not any(other in left for other in bars[index].above)]
        if not free:
            break
        for index in free:
            del left[index]
    if not left:
        return []
    trail = [next(iter(left))]
    while True:
        following = min(other for other in bars[trail[-1]].above if other in left)
        if following in trail:
            return trail[trail.index(following) :]
        trail.append(following)


def _free_column(bar: _Bar, pieces: list[ChannelPiece]) -> int:
    """A column for a knee, with no pin in it and none beside it, as near to the bar's middle as there is."""
    used = {column for piece in pieces for column in (*piece.tops, *piece.bottoms, piece.knee)}
    middle = (bar.low + bar.high) // 2
    distance = 0
    while True:
        for column in (middle - distance, middle + distance):
            if used.isdisjoint((column - 1, column, column + 1)):
                return column
        distance += 1


def _cost(upper: _Bar, lower: _Bar) -> int:
    """How often two bars cross if the one runs above the other."""
    found = sum(lower.low < column < lower.high for column in upper.bottoms)
    return found + sum(upper.low < column < upper.high for column in lower.tops)


def _sequence(bars: list[_Bar]) -> list[int]:
    """The bars from top to bottom: demands kept, and of those that may come next the one that costs least."""
    count = len(bars)
    burden = [0] * count  # what it costs to put a bar above all that are left, against below them
    costs = [[0] * count for _ in range(count)]
    for one in range(count):
        for other in range(one + 1, count):
            if bars[one].low <= bars[other].high and bars[other].low <= bars[one].high:
                cost = _cost(bars[one], bars[other]) - _cost(bars[other], bars[one])
                costs[one][other], costs[other][one] = cost, -cost
    for one in range(count):
        burden[one] = sum(max(cost, 0) for cost in costs[one])
    left = list(range(count))
    placed: set[int] = set()
    found = []
    while left:
        free = [index for index in left if bars[index].above <= placed]
        chosen = min(free, key=lambda index: (burden[index], index))
        left.remove(chosen)
        placed.add(chosen)
        found.append(chosen)
        for index in left:
            burden[index] -= max(costs[index][chosen], 0)
    return found


def _pack(bars: list[_Bar], sequence: list[int]) -> list[_Bar]:
    """Give each bar, in sequence, the first row below all that it must stay below."""
    done: list[_Bar] = []
    for index in sequence:
        bar = bars[index]
        for other in done:
            if bar.low - other.high <= _TRACK_BLANK and other.low - bar.high <= _TRACK_BLANK:
                bar.track = max(bar.track, other.track + 1)
        for demanded in bar.above:
            bar.track = max(bar.track, bars[demanded].track + 1)
        done.append(bar)
    return done
