"""The column of every element: lines straight, boxes over what they lead to, nothing closer than it may be.

First each rank in turn is fitted to its neighbours by weighted least squares under the separations (isotonic
regression by pooling adjacent violators). Then runs of elements that should stand in one column are tied into
blocks, the blocks are set apart in whole columns, and each is moved to its weighted median where there is room.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import add
from typing import Final, TypeAlias

from sfdebug.drawing.layout.chains import LINE_GAP, Segment, Side, separation, settle
from sfdebug.drawing.layout.grid import Element, ElementKind, Grid, Hop, HopKind, Pull
from sfdebug.drawing.layout.port_order import Ports

_SWEEPS: Final = 8
_LAST_SWEEPS: Final = 3
"""Sweeps down and up in turn, looking back; in the last ones each rank looks both ways."""

_LOOSE: Final = 0.05
"""The weight of an element that nothing pulls."""

_LINE_WEIGHT: Final = 8
_SPINE_WEIGHT: Final = 9
_JOIN_WEIGHT: Final = 3
_MAIN_WEIGHT: Final = 4
_LABEL_WEIGHT: Final = 3
_TRUNK_WEIGHT: Final = 2
_SIDE_WEIGHT: Final = 1


def place_columns(grid: Grid, ports: dict[int, Ports]) -> None:
    """Set `x` of every element of `grid`; the leftmost column taken is 0."""
    segments, sides = _segments(grid, ports)
    wanted = _relax(grid, segments, sides)
    columns = settle(grid, segments, sides, wanted)
    first = min((columns[place] - element.left for place, element in enumerate(grid.elements)), default=0)
    for place, element in enumerate(grid.elements):
        element.x = columns[place] - first


def exit_offsets(element: Element, mains: list[bool]) -> list[int]:
    """About where the exits of a box leave it, from its column: that of Next in the middle, the others spread."""
    count = len(mains)
    if True not in mains and element.is_dot:
        return [2 * index - (count - 1) for index in range(count)]
    if True not in mains:
        width = element.left + element.right + 1
        return [(2 * index + 1) * width // (2 * count) - element.left for index in range(count)]
    middle = mains.index(True)
    offsets = []
    for index in range(count):
        away = abs(index - middle)
        reach = (element.left if index < middle else element.right) - 2
        others = middle if index < middle else count - 1 - middle
        shift = max(2 * away, reach - 2 * (others - away)) if away else 0
        offsets.append(-shift if index < middle else shift)
    return offsets


def _segments(grid: Grid, ports: dict[int, Ports]) -> tuple[list[Segment], list[Side]]:
    exit_at, entry_at = _offsets(grid, ports)
    passing = _passing_labels(grid, ports)
    segments, sides = [], []
    for index, hop in enumerate(grid.hops):
        if hop.kind is HopKind.DOWN:
            weight = _weight(grid, hop, goes_on=hop.source in passing or hop.target in passing)
            ends = (exit_at.get(index, 0), entry_at.get(index, 0))
            is_tie = weight > 1 and hop.pull is not Pull.BALANCED
            segments.append(Segment(hop.source, hop.target, *ends, weight, is_tie))
        elif hop.kind is HopKind.UP:
            segments.append(Segment(hop.target, hop.source, 0, 0, _LINE_WEIGHT, True))
        else:
            lane, place = (hop.target, hop.source) if hop.kind is HopKind.TURN else (hop.source, hop.target)
            rank, box = grid.ranks[grid.elements[place].rank], grid.elements[place]
            is_left = rank.index(lane) < rank.index(place)
            away = (box.left if is_left else box.right) + 1 + LINE_GAP
            sides.append(Side(lane, place, -away if is_left else away))
    segments.extend(Segment(upper, lower, 0, 0, _JOIN_WEIGHT, False) for upper, lower in grid.joins)
    return segments, sides


def _offsets(grid: Grid, ports: dict[int, Ports]) -> tuple[dict[int, int], dict[int, int]]:
    """About where each hop leaves or enters its box, from the box's column."""
    exit_at: dict[int, int] = {}
    entry_at: dict[int, int] = {}
    for place, own in ports.items():
        element = grid.elements[place]
        mains = [grid.hops[index].is_main_flow for index in own.exits]
        exit_at.update(zip(own.exits, exit_offsets(element, mains), strict=True))
        for number, hops in enumerate(own.entries):
            beside = len(own.entries) > 1 and grid.hops[hops[0]].is_catch
            offset = (-element.left + 2 if number == 0 else element.right - 2) if beside else 0
            entry_at.update((index, offset) for index in hops)
    return exit_at, entry_at


def _passing_labels(grid: Grid, ports: dict[int, Ports]) -> set[int]:
    """The labels whose line goes on past the next rank, or joins other lines into its box."""
    joining = {index for own in ports.values() for hops in own.entries if len(hops) > 1 for index in hops}
    return {
        hop.source
        for index, hop in enumerate(grid.hops)
        if grid.elements[hop.source].kind is ElementKind.LABEL
        and (index in joining or not grid.elements[hop.target].is_box)
    }


def _weight(grid: Grid, hop: Hop, *, goes_on: bool) -> int:
    """How much a hop should be straight.

    A label stands over its box; under its source when its line `goes_on` from there, or joins others.
    """
    upper, lower = grid.elements[hop.source], grid.elements[hop.target]
    if hop.pull >= Pull.SPINE:
        return _SPINE_WEIGHT + (hop.pull is Pull.FIRST_SPINE)
    if upper.kind is ElementKind.LINE and lower.kind is ElementKind.LINE:
        return _LINE_WEIGHT
    if hop.is_main:
        return _MAIN_WEIGHT
    if lower.kind is ElementKind.LABEL:
        return _LABEL_WEIGHT if goes_on else 1
    if lower.is_box and upper.kind is ElementKind.LABEL:
        return 1 if goes_on else _LABEL_WEIGHT
    return 1 if upper.is_box else _TRUNK_WEIGHT


def spread(wanted: list[float], weights: Sequence[float], apart: list[int]) -> list[float]:
    """The columns nearest to `wanted` by weighted least squares with `apart[i]` between i and i + 1."""
    if len(wanted) < 2:
        return list(wanted)
    offsets = list(accumulate(apart, initial=0))
    # The columns less their offsets must not fall from left to right: where they do, they are pooled at their mean.
    means: list[float] = []
    masses: list[float] = []
    counts: list[int] = []
    for column, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, mass, count = column - offset, weight, 1
        while means and means[-1] > mean:
            other = masses.pop()
            mean = (mean * mass + means.pop() * other) / (mass + other)
            mass += other
            count += counts.pop()
        means.append(mean)
        masses.append(mass)
        counts.append(count)
    if len(means) == len(wanted):
        return list(wanted)
    levelled = [mean for mean, count in zip(means, counts, strict=True) for _ in range(count)]
    return list(map(add, levelled, offsets))


Pulls: TypeAlias = "list[list[tuple[int, int, int]]]"
"""Where each element's neighbours would have it, as (element, offset, weight)."""


def _pulls(count: int, segments: list[Segment], sides: list[Side]) -> tuple[Pulls, Pulls]:
    """What pulls on each element: from above, from below; from the side in both."""
    above: Pulls = [[] for _ in range(count)]
    below: Pulls = [[] for _ in range(count)]
    for upper, lower, upper_at, lower_at, weight, _ in segments:
        above[lower].append((upper, upper_at - lower_at, weight))
        below[upper].append((lower, lower_at - upper_at, weight))
    for lane, box, offset in sides:
        for pulls in (above, below):
            pulls[lane].append((box, offset, _SIDE_WEIGHT))
    return above, below


def _relax(grid: Grid, segments: list[Segment], sides: list[Side]) -> list[float]:
    elements = grid.elements
    columns = [0.0] * len(elements)
    apart = []
    for rank in grid.ranks:
        gaps = [separation(elements[left], elements[right]) for left, right in pairwise(rank)]
        apart.append(gaps)
        for place, column in zip(rank, accumulate(gaps, initial=0), strict=False):
            columns[place] = float(column)
    above, below = _pulls(len(elements), segments, sides)
    both = [[*one, *other] for one, other in zip(above, below, strict=True)]
    ways = [_weighed(grid.ranks, pulls) for pulls in (above, below, both)]
    numbers = range(len(grid.ranks))
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        way = ways[2] if sweep >= _SWEEPS - _LAST_SWEEPS else ways[0] if downwards else ways[1]
        for number in numbers if downwards else reversed(numbers):
            _fit(way[number], apart[number], columns)
    return columns


Weighed: TypeAlias = "list[tuple[int, list[tuple[int, int, int]], float]]"
"""The elements of a rank, each with its pulls and their weight in all."""


def _weighed(ranks: list[list[int]], pulls: Pulls) -> list[Weighed]:
    return [[(place, pulls[place], float(sum([pull[2] for pull in pulls[place]]))) for place in rank] for rank in ranks]


def _fit(rank: Weighed, apart: list[int], columns: list[float]) -> None:
    """Put the elements of a rank as near as may be to where they are pulled."""
    wanted = []
    for place, pulls, weight in rank:
        if len(pulls) == 1:
            near, offset, _ = pulls[0]
            wanted.append(columns[near] + offset)
        elif pulls:
            total = 0.0
            for near, offset, share in pulls:
                total += (columns[near] + offset) * share
            wanted.append(total / weight)
        else:
            wanted.append(columns[place])
    if len(rank) > 1:
        wanted = spread(wanted, [weight or _LOOSE for _, _, weight in rank], apart)
    for (place, _, _), column in zip(rank, wanted, strict=True):
        columns[place] = column
