"""From elements in columns to rows: the height of every rank and gap, and the corners of every hop.

A piece is all that runs together in one gap: from its ends on the two sides to the element that it leads to. It
needs one row, its track, unless its ends share a column. Where the end above of one piece and the end below of
another share a column, the first must run above the second; should such demands form a cycle, one of the pieces
gets two tracks and a dogleg between them, in a column of its own.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from sfdebug.drawing.elements import Point
from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.grid import DOWN, FLOW, LABEL, LABEL_INDENT, RAIL, TURN, UP, Grid, Hop, NetKind
from sfdebug.drawing.layout.ports import PortColumns
from sfdebug.text import cells

_LINES: Final = frozenset("│╎▲▼|:^v'+")
"""Signs that a line may go on with below a box."""


_TRACK_BLANK: Final = 2
"""Blank cells between two pieces that share a row."""


class Routes(Struct, frozen=True, gc=False):
    """The first row of every rank, and the corners of every hop, in the coordinates of the scope."""

    rank_row: list[int]
    height: int
    corners: list[tuple[Point, ...]]


class ChannelPiece(Struct):
    """The ends of one piece: columns at the upper side (`tops`) and the lower side (`bottoms`) of the gap.

    `arrows` are the columns in which it ends in a box below, with an arrow in the gap's last row. Routing sets
    `upper_track`
    and `lower_track`, rows of the gap from 0: equal but for a piece with a `dogleg`; -1 when it runs straight.
    """

    tops: list[int] = field(default_factory=list)
    bottoms: list[int] = field(default_factory=list)
    arrows: list[int] = field(default_factory=list)
    upper_track: int = -1
    lower_track: int = -1
    dogleg: int = 0

    @property
    def is_straight(self) -> bool:
        """Whether all its ends share one column."""
        tops, bottoms = self.tops, self.bottoms
        if len(tops) == len(bottoms) == 1:
            return tops[0] == bottoms[0]
        columns = tops + bottoms
        return columns.count(columns[0]) == len(columns)


class _Bar(Struct):
    """One horizontal run: a piece's, or one of the two of a piece with a dogleg."""

    piece: ChannelPiece
    tops: list[int]
    bottoms: list[int]
    low: int
    high: int
    is_half: bool = False
    above: set[int] = field(default_factory=set)  # the bars that must run above this one; never iterated over
    track: int = 0


class _Gap:
    """The pieces of one gap, by what they lead to: a line, or the entry of a box.

    It has at least so many rows that a Catch shows a dashed cell, to differ from a Next: one above a label, two above a
    box, of which one is for the arrow.
    """

    def __init__(self) -> None:
        self.pieces: dict[tuple[int, NetKind], ChannelPiece] = {}
        self.least = 0
        self.first = 0


def route(grid: Grid, ports: PortColumns) -> Routes:
    """Route every wire of `grid`, whose columns are set."""
    gaps = [_Gap() for _ in grid.ranks]
    ends = [_end(grid, ports, gaps, index) for index in range(len(grid.hops))]
    _show_dashes(grid, ends)
    rank_row, row = [], 0
    for number, rank in enumerate(grid.ranks):
        rank_row.append(row)
        row += max((grid.elements[node].height for node in rank), default=1 if number == grid.rule else 0)
        gaps[number].first = row
        rows = _rows(grid, number, list(gaps[number].pieces.values()))
        row += max(rows, gaps[number].least)
    corners = [_corners(grid, end, rank_row, hop) for end, hop in zip(ends, grid.hops, strict=True)]
    return Routes(rank_row, row, corners)


class _HopEnds(Struct, frozen=True, gc=False):
    """The piece of its gap that a hop runs in, the columns of its ends, and whether each is on the upper side."""

    gap: _Gap
    piece: ChannelPiece
    start: int
    end: int
    starts_above: bool
    ends_above: bool


def _end(grid: Grid, ports: PortColumns, gaps: list[_Gap], index: int) -> _HopEnds:
    """Add a hop to its gap."""
    hop = grid.hops[index]
    source, target, kind = grid.elements[hop.source], grid.elements[hop.target], hop.kind
    starts_above = kind is DOWN or kind is TURN
    ends_above = kind is UP or kind is TURN
    gap = gaps[source.rank if starts_above else source.rank - 1]
    if hop.rail >= 0:
        key = (hop.rail, RAIL)
    else:
        key = (hop.target, hop.net if target.is_box else FLOW)
    piece = gap.pieces.get(key)
    if piece is None:
        piece = gap.pieces[key] = ChannelPiece()
    start = ports.exits.get(index, source.x)
    end = target.x
    if target.is_box:
        end = ports.entries[hop.target, hop.net]
        piece.arrows.append(end)
        if source.is_box and hop.is_catch:
            gap.least = 2
    side = piece.tops if starts_above else piece.bottoms
    if start not in side:
        side.append(start)
    side = piece.tops if ends_above else piece.bottoms
    if end not in side:
        side.append(end)
    return _HopEnds(gap, piece, start, end, starts_above, ends_above)


def _show_dashes(grid: Grid, ends: list[_HopEnds]) -> None:
    """Give a row to each Catch that would run from its box through its label into a box without one."""
    into = {hop.source: end for hop, end in zip(grid.hops, ends, strict=True) if grid.elements[hop.target].is_box}
    for hop, end in zip(grid.hops, ends, strict=True):
        onward = into.get(hop.target) if hop.is_catch and grid.elements[hop.source].is_box else None
        is_labelled = grid.elements[hop.target].kind is LABEL
        if onward is not None and is_labelled and end.start == end.end and onward.start == onward.end:
            end.gap.least = max(end.gap.least, 1)


def join(stretches: list[tuple[Point, ...]]) -> tuple[Point, ...]:
    """One line of stretches, each of which begins where the last ended, without corners that do not turn."""
    found = list(stretches[0][:1])
    for stretch in stretches:
        for point in stretch[1:]:
            if len(found) > 1 and _is_straight(found[-2], found[-1], point):
                found[-1] = point
            else:
                found.append(point)
    return tuple(found)


def _is_straight(one: Point, middle: Point, other: Point) -> bool:
    return one[0] == middle[0] == other[0] or one[1] == middle[1] == other[1]


def _rows(grid: Grid, number: int, pieces: list[ChannelPiece]) -> int:
    """Route a gap; its rows: the tracks, then one for the arrows into the rank below, which may share the last."""
    give_way()
    tracks = route_gap(pieces)
    is_last = number + 1 >= len(grid.ranks) - 1
    if not tracks and not is_last and grid.is_label_rank[number + 1] and _is_hidden(grid, number):
        return 1
    if is_last or grid.is_label_rank[number + 1]:
        return tracks
    arrows = [arrow for piece in pieces for arrow in piece.arrows]
    if not tracks:
        beside_labels = grid.is_label_rank[number]
        return 0 if beside_labels or (number == 0 and not arrows) else 1
    for piece in pieces:
        if piece.is_straight or tracks - 1 not in (piece.upper_track, piece.lower_track):
            continue
        columns = [*piece.tops, *piece.bottoms, *([piece.dogleg] if piece.upper_track != piece.lower_track else [])]
        if piece.arrows or any(min(columns) - 1 <= arrow <= max(columns) + 1 for arrow in arrows):
            return tracks + 1
    return tracks


def _is_hidden(grid: Grid, number: int) -> bool:
    """Whether a label would stand right below a box of one row, where some of its signs read as lines from the box."""
    boxes = [box for box in map(grid.elements.__getitem__, grid.ranks[number]) if box.is_box and box.height == 1]
    labels = [label for label in map(grid.elements.__getitem__, grid.ranks[number + 1]) if label.label] if boxes else []
    return any(
        char in _LINES and any(box.first <= column <= box.last for box in boxes)
        for label in labels
        for column, char in enumerate(cells(label.label), label.first if label.is_before else label.x + LABEL_INDENT)
    )


def _corners(grid: Grid, ends: _HopEnds, rank_row: list[int], hop: Hop) -> tuple[Point, ...]:
    """From the first row of the source's rank, or its lower border, to the first row of the target's rank."""
    source, target = grid.elements[hop.source], grid.elements[hop.target]
    gap, piece, start, end = ends.gap, ends.piece, ends.start, ends.end
    top = (start, rank_row[source.rank] + (source.height - 1 if source.is_box else 0))
    bottom = (end, rank_row[target.rank])
    if piece.upper_track < 0:
        return (top, bottom)
    first = gap.first + (piece.upper_track if ends.starts_above else piece.lower_track)
    last = gap.first + (piece.upper_track if ends.ends_above else piece.lower_track)
    dogleg = [(piece.dogleg, first), (piece.dogleg, last)] if first != last else []
    return join([(top, (start, first), *dogleg, (end, last), bottom)])


# The gap between two ranks


def route_gap(pieces: list[ChannelPiece]) -> int:
    """Give every piece its tracks; how many rows they take."""
    bars = [_bar(piece, piece.tops, piece.bottoms) for piece in pieces if not piece.is_straight]
    if not bars:
        return 0
    if len(bars) == 1:
        bars[0].piece.upper_track = bars[0].piece.lower_track = 0
        return 1
    bars = _without_cycles(bars, pieces)
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


def _without_cycles(bars: list[_Bar], pieces: list[ChannelPiece]) -> list[_Bar]:
    """The bars with their demands, with as many of them split as have to be."""
    _demand(bars)
    while True:
        cycle = _cycle(bars)
        if not cycle:
            return bars
        split = min(cycle, key=lambda index: (bars[index].high - bars[index].low, index))
        piece = bars[split].piece
        piece.dogleg = _free_column(bars[split], pieces)
        halves = [
            _bar(piece, piece.tops, [piece.dogleg], is_half=True),
            _bar(piece, [piece.dogleg], piece.bottoms, is_half=True),
        ]
        bars = [*bars[:split], *halves, *bars[split + 1 :]]
        _demand(bars)


def _cycle(bars: list[_Bar]) -> list[int]:
    """The indices of bars whose demands form a cycle, [] when there is none."""
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
    """A column for a dogleg, with no end in it and none beside it, as near to the bar's middle as there is."""
    used = {column for piece in pieces for column in (*piece.tops, *piece.bottoms, piece.dogleg)}
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
