"""What would have which elements of a grid in one column, and how much.

It hangs on no size: it is found once for a grid, however often that is laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

from sfdebug.drawing.layout.grid import ElementKind, Grid, Hop, HopKind, Ports, Pull

_LOOSE: Final = 0.05
"""The weight of an element that nothing pulls."""

_LINE_WEIGHT: Final = 8
_SPINE_WEIGHT: Final = 9
_JOIN_WEIGHT: Final = 3
_MAIN_WEIGHT: Final = 4
_LABEL_WEIGHT: Final = 3
_BUNDLE_WEIGHT: Final = 2
_SIDE_WEIGHT: Final = 1

_MANY: Final = 3
"""From so many boxes beside one another a lane is not led down in their middle."""

NO_PORT: Final = -1
"""Where a segment begins or ends in the column of its element."""


class Segment(NamedTuple):
    """A hop between two ranks: the elements, how much it counts, and the hops whose ports are its ends.

    One that `is_tie` should be straight; another may bend at its box: what leaves a Choice, or enters as a Catch.
    """

    upper: int
    lower: int
    exit: int
    entry: int
    weight: int
    is_tie: bool


class Side(NamedTuple):
    """A lane that should stand near a box of its rank."""

    lane: int
    box: int
    is_left: bool


Towards: TypeAlias = "tuple[int, int, int]"
"""What one pull is: the slot of the element that pulls, the number of the shift from there, and its weight."""


class PulledRank(NamedTuple):
    """What pulls on the elements in the slots from `start` to `stop`, from above, from below, or from both.

    `near` gives the columns that the first pull of each is from, `shifts` how far from there it should stand; what
    nothing pulls is its own. `torn` are those with more pulls: the position in the rank, the weight in all, the pulls.
    """

    start: int
    stop: int
    near: Callable[[Sequence[float]], tuple[float, ...]]
    shifts: Callable[[Sequence[int]], tuple[int, ...]]
    torn: list[tuple[int, float, list[Towards]]]
    weights: list[float]


class Pulls(Struct, frozen=True, gc=False):
    """All that pulls on the elements of a grid.

    Elements have slots, by rank and from the left: `slots` gives that of each. Shifts are numbered: 0 is none, then
    come those of the lower ends of the segments from their upper ends, the same the other way, and those of the sides.
    """

    ports: dict[int, Ports]
    segments: list[Segment]
    ties: list[list[int]]
    """The segments that are ties, the heaviest first; those of one weight together."""

    sides: list[Side]
    ranks: list[list[int]]
    slots: list[int]
    positions: list[int]
    from_above: list[PulledRank]
    from_below: list[PulledRank]
    from_both: list[PulledRank]


def find_pulls(grid: Grid, ports: dict[int, Ports]) -> Pulls:
    """What pulls on the elements of `grid`, whose ranks are in order."""
    ranks = [rank for rank in grid.ranks if rank]
    slots, positions = [0] * len(grid.elements), [0] * len(grid.elements)
    taken = 0
    for rank in ranks:
        for at, node in enumerate(rank):
            slots[node], positions[node] = taken + at, at
        taken += len(rank)
    segments, sides = _segments(grid, ports, positions)
    above: list[list[Towards]] = [[] for _ in grid.elements]
    below: list[list[Towards]] = [[] for _ in grid.elements]
    for number, (upper, lower, _, _, weight, _) in enumerate(segments, 1):
        above[lower].append((slots[upper], number, weight))
        below[upper].append((slots[lower], number + len(segments), weight))
    for number, (lane, box, _) in enumerate(sides, 1 + 2 * len(segments)):
        for towards in (above, below):
            towards[lane].append((slots[box], number, _SIDE_WEIGHT))
    both = [[*one, *other] for one, other in zip(above, below, strict=True)]
    ties: dict[int, list[int]] = {}
    for number, segment in enumerate(segments):
        if segment.is_tie:
            ties.setdefault(segment.weight, []).append(number)
    return Pulls(
        ports,
        segments,
        [ties[weight] for weight in sorted(ties, reverse=True)],
        sides,
        ranks,
        slots,
        positions,
        *([_pulled(rank, slots, towards) for rank in ranks] for towards in (above, below, both)),
    )


def _pulled(rank: list[int], slots: list[int], towards: list[list[Towards]]) -> PulledRank:
    first = [towards[node][0] if towards[node] else (slots[node], 0, 0) for node in rank]
    weights = [float(sum([weight for _, _, weight in towards[node]])) or _LOOSE for node in rank]
    torn = [(at, weights[at], towards[node]) for at, node in enumerate(rank) if len(towards[node]) > 1]
    near, shifts = [slot for slot, _, _ in first], [shift for _, shift, _ in first]
    return PulledRank(slots[rank[0]], slots[rank[-1]] + 1, _gotten(near), _gotten(shifts), torn, weights)


def _gotten(indices: list[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A function that takes the things at `indices` out of a list, as quickly as may be."""
    if len(indices) == 1:
        (index,) = indices
        return lambda things: (things[index],)
    return itemgetter(*indices)


def _segments(grid: Grid, ports: dict[int, Ports], positions: list[int]) -> tuple[list[Segment], list[Side]]:
    passing = _passing_labels(grid, ports)
    segments, sides = [], []
    slack = _slack(grid, positions)
    for index, hop in enumerate(grid.hops):
        if index in slack:
            continue
        if hop.rail >= 0 and grid.elements[hop.target].kind is not ElementKind.LINE:
            segments.append(Segment(hop.rail, hop.target, NO_PORT, index, 1, False))  # below the Choice
            continue
        if hop.kind is HopKind.DOWN:
            weight = _weight(grid, hop, goes_on=hop.source in passing or hop.target in passing)
            is_lane = not (grid.elements[hop.source].is_box or grid.elements[hop.target].is_box)
            is_tie = weight > 1 and (is_lane or hop.pull is not Pull.BALANCED)
            segments.append(Segment(hop.source, hop.target, index, index, weight, is_tie))
        elif hop.kind is HopKind.UP:
            segments.append(Segment(hop.target, hop.source, NO_PORT, NO_PORT, _LINE_WEIGHT, True))
        else:
            lane, box = (hop.target, hop.source) if hop.kind is HopKind.TURN else (hop.source, hop.target)
            sides.append(Side(lane, box, positions[lane] < positions[box]))
    segments.extend(Segment(upper, lower, NO_PORT, NO_PORT, _JOIN_WEIGHT, False) for upper, lower in grid.joins)
    return segments, sides


def _slack(grid: Grid, positions: list[int]) -> set[int]:
    """The hops from many boxes into one lane that do not pull on it: all but the one on the side that it passes on."""
    into: dict[int, list[int]] = {}
    onward: dict[int, int] = {}
    for index, hop in enumerate(grid.hops):
        if hop.kind is HopKind.DOWN and grid.elements[hop.target].kind is ElementKind.LINE:
            if grid.elements[hop.source].is_box:
                into.setdefault(hop.target, []).append(index)
            elif grid.elements[hop.source].kind is ElementKind.LINE:
                onward[hop.source] = hop.target
    found: set[int] = set()
    for lane, hops in into.items():
        if len(hops) < _MANY:
            continue
        while grid.is_label_rank[grid.elements[lane].rank] and lane in onward:
            lane = onward[lane]
        rank = grid.ranks[grid.elements[lane].rank]
        hops.sort(key=lambda index: positions[grid.hops[index].source])
        found.update(hops[1:] if 2 * positions[lane] < len(rank) else hops[:-1])
    return found


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
    if lower.kind is ElementKind.LINE and not upper.is_box:
        return _LINE_WEIGHT
    if hop.is_main:
        return _MAIN_WEIGHT
    if lower.kind is ElementKind.LABEL:
        return _LABEL_WEIGHT if goes_on else 1
    if lower.is_box and upper.kind is ElementKind.LABEL:
        return 1 if goes_on else _LABEL_WEIGHT
    return 1 if upper.is_box else _BUNDLE_WEIGHT
