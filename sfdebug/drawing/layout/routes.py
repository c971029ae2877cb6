"""From elements in columns to rows: the height of every rank and gap, and the corners of every hop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sfdebug.drawing.elements import Point
from sfdebug.drawing.layout.channels import ChannelPiece, route_gap
from sfdebug.drawing.layout.grid import LABEL_INDENT, Grid, Hop, HopKind
from sfdebug.drawing.layout.ports import Pins
from sfdebug.drawing.width import cells

_LINES: Final = frozenset("│╎▲▼|:^v'+")
"""Signs that a line may go on with below a box."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The first row of every rank, and the corners of every hop, in the coordinates of the scope."""

    rank_row: list[int]
    height: int
    corners: list[tuple[Point, ...]]


class _Gap:
    """The pieces of one gap, by what they lead to: a line, or the entry of a box.

    A Catch that goes from box to box without a label `shows_dashes` in a row of its own, to be told from a Next.
    """

    def __init__(self) -> None:
        self.pieces: dict[tuple[int, bool], ChannelPiece] = {}
        self.shows_dashes = False
        self.first = 0


def route(grid: Grid, pins: Pins) -> Routes:
    """Route every wire of `grid`, whose columns are set."""
    gaps = [_Gap() for _ in grid.ranks]
    for index, hop in enumerate(grid.hops):
        gap = gaps[grid.gap(hop)]
        piece = gap.pieces.setdefault(_piece_key(grid, hop), ChannelPiece())
        for column, is_top in _ends(grid, pins, index):
            side = piece.tops if is_top else piece.bottoms
            if column not in side:
                side.append(column)
        if grid.elements[hop.target].is_box:
            piece.enters = True
            gap.shows_dashes = gap.shows_dashes or (hop.is_catch and grid.elements[hop.source].is_box)
            piece.arrow = pins.entries[hop.target, hop.is_catch]
    rank_row, row = [], 0
    for number, rank in enumerate(grid.ranks):
        rank_row.append(row)
        row += max((grid.elements[place].height for place in rank), default=0)
        gaps[number].first = row
        rows = _rows(grid, number, list(gaps[number].pieces.values()))
        row += max(rows, 2) if gaps[number].shows_dashes else rows
    corners = [_corners(grid, pins, gaps, rank_row, index) for index in range(len(grid.hops))]
    return Routes(rank_row, row, corners)


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


def _piece_key(grid: Grid, hop: Hop) -> tuple[int, bool]:
    return (hop.target, hop.is_catch and grid.elements[hop.target].is_box)


def _ends(grid: Grid, pins: Pins, index: int) -> tuple[tuple[int, bool], tuple[int, bool]]:
    """The columns of a hop's two ends in its gap, each with whether it is on the upper side."""
    hop = grid.hops[index]
    source = pins.exits.get(index, grid.elements[hop.source].x)
    target = pins.entries.get((hop.target, hop.is_catch), grid.elements[hop.target].x)
    return (
        (source, hop.kind in (HopKind.DOWN, HopKind.TURN)),
        (target, hop.kind in (HopKind.UP, HopKind.TURN)),
    )


def _rows(grid: Grid, number: int, pieces: list[ChannelPiece]) -> int:
    """Route a gap; its rows: the tracks, then one for the arrows into the rank below, which may share the last."""
    tracks = route_gap(pieces)
    if not tracks and _is_hidden(grid, number):
        return 1
    is_last = number + 1 >= len(grid.ranks) - 1
    if is_last or grid.is_label_rank[number + 1]:
        return tracks
    arrows = [piece.arrow for piece in pieces if piece.enters]
    if not tracks:
        beside_labels = grid.is_label_rank[number]
        return 0 if beside_labels or (number == 0 and not arrows) else 1
    for piece in pieces:
        if piece.is_straight or tracks - 1 not in (piece.upper_track, piece.lower_track):
            continue
        columns = [*piece.tops, *piece.bottoms, *([piece.knee] if piece.upper_track != piece.lower_track else [])]
        if piece.enters or any(min(columns) - 1 <= arrow <= max(columns) + 1 for arrow in arrows):
            return tracks + 1
    return tracks


def _is_hidden(grid: Grid, number: int) -> bool:
    """Whether a label would stand right below a box of one row, where some of its signs read as lines from the box."""
    if number + 1 >= len(grid.ranks) or not grid.is_label_rank[number + 1]:
        return False
    boxes = [box for box in map(grid.elements.__getitem__, grid.ranks[number]) if box.is_box and box.height == 1]
    labels = [label for label in map(grid.elements.__getitem__, grid.ranks[number + 1]) if label.label] if boxes else []
    return any(
        char in _LINES and any(box.first <= column <= box.last for box in boxes)
        for label in labels
        for column, char in enumerate(cells(label.label), label.x + LABEL_INDENT)
    )


def _corners(grid: Grid, pins: Pins, gaps: list[_Gap], rank_row: list[int], index: int) -> tuple[Point, ...]:
    """From the first row of the source's rank, or its lower border, to the first row of the target's rank."""
    hop = grid.hops[index]
    source, target = grid.elements[hop.source], grid.elements[hop.target]
    gap = gaps[grid.gap(hop)]
    piece = gap.pieces[_piece_key(grid, hop)]
    (start, start_top), (end, end_top) = _ends(grid, pins, index)
    points = [(start, rank_row[source.rank] + (source.height - 1 if source.is_box else 0))]
    if not piece.is_straight:
        first = gap.first + (piece.upper_track if start_top else piece.lower_track)
        last = gap.first + (piece.upper_track if end_top else piece.lower_track)
        points.append((start, first))
        if first != last:
            points += [(piece.knee, first), (piece.knee, last)]
        points.append((end, last))
    points.append((end, rank_row[target.rank]))
    return join([tuple(points)])
