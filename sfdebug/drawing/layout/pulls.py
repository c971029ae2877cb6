"""What would have which elements of a grid in one column, and how much.

It hangs on no size: it is found once for a grid, however often that is laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.grid import DOWN, LABEL, LINE, TURN, UP, Grid, Hop, Ports, Pull

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

_TWO: Final = 2

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


Tie: TypeAlias = "tuple[int, int, int, int, tuple[int, int]]"
"""A segment that is one: its number, its ends, the rank of the upper one, and the positions of both."""

Towards: TypeAlias = "tuple[int, int, int]"
"""What one pull is: the slot of the element that pulls, the number of the shift from there, and its weight."""


Pair: TypeAlias = "tuple[int, float, int, int, int, int, int, int]"
"""An element on which two pull: its position in the rank, the weight of both, then one pull and the other."""


class PulledRank(NamedTuple):
    """What pulls on the elements in the slots from `start` to `stop`.

    `near` gives the columns that the first pull of each is from; what nothing pulls is its own. None is where one
    element stands alone, whose pull is from the slot `first`. `pairs` are those with two pulls, `torn` those with more:
    the position in the rank, the weight in all, the pulls.
    """

    start: int
    stop: int
    near: Callable[[Sequence[float]], tuple[float, ...]] | None
    first: int
    pairs: list[Pair]
    torn: list[tuple[int, float, list[Towards]]]
    weights: list[float]


class Pulling(NamedTuple):
    """What pulls on the ranks from above, from below, or from both; and, by slots, the number of the shift by which an
    element would stand from where its first pull is from."""

    ranks: list[PulledRank]
    shifts: list[int]


class Pulls(Struct, frozen=True, gc=False):
    """All that pulls on the elements of a grid.

    Elements have slots, by rank and from the left: `slots` gives that of each. Shifts are numbered: 0 is none, then
    come those of the lower ends of the segments from their upper ends, the same the other way, and those of the sides.
    """

    ports: dict[int, Ports]
    segments: list[Segment]
    exits: list[int]
    entries: list[int]
    """The hops by whose ports each segment begins and ends."""

    ties: list[list[Tie]]
    """The segments that are ties, the heaviest first; those of one weight together."""

    spread_out: list[int]
    """The boxes that more than one hop leaves, or net enters: the others are left and entered in their columns."""

    sides: list[Side]
    ranks: list[list[int]]
    slots: list[int]
    positions: list[int]
    from_above: Pulling
    from_below: Pulling
    from_both: Pulling


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
    ties: dict[int, list[Tie]] = {}
    for number, (upper, lower, _, _, weight, is_tie) in enumerate(segments):
        if is_tie:
            pair = (positions[upper], positions[lower])
            ties.setdefault(weight, []).append((number, upper, lower, grid.elements[upper].rank, pair))
    return Pulls(
        ports,
        segments,
        [each.exit for each in segments],
        [each.entry for each in segments],
        [ties[weight] for weight in sorted(ties, reverse=True)],
        [node for node, own in ports.items() if len(own.exits) > 1 or len(own.entries) > 1 or own.forks],
        sides,
        ranks,
        slots,
        positions,
        *[_pulling(ranks, towards) for towards in (above, below, both)],
    )


def _pulling(ranks: list[list[int]], towards: list[list[Towards]]) -> Pulling:
    give_way()
    found = []
    near: list[int] = []
    shifts: list[int] = []
    weights: list[float] = []
    start = 0
    for rank in ranks:
        pairs: list[Pair] = []
        torn: list[tuple[int, float, list[Towards]]] = []
        for at, node in enumerate(rank):
            pulling = towards[node]
            if not pulling:
                slot, shift, mass = start + at, 0, _LOOSE
            elif len(pulling) == 1:
                ((slot, shift, mass),) = pulling
            else:
                slot, shift, mass = pulling[0]
                for _, _, weight in pulling[1:]:
                    mass += weight
                if len(pulling) == _TWO:
                    pairs.append((at, mass, *pulling[0], *pulling[1]))
                else:
                    torn.append((at, mass, pulling))
            near.append(slot)
            shifts.append(shift)
            weights.append(mass)
        stop = start + len(rank)
        if len(rank) > 1:
            found.append(PulledRank(start, stop, itemgetter(*near[start:stop]), 0, pairs, torn, weights[start:stop]))
        else:
            found.append(PulledRank(start, stop, None, near[start], pairs, torn, []))
        start = stop
    return Pulling(found, shifts)


def _segments(grid: Grid, ports: dict[int, Ports], positions: list[int]) -> tuple[list[Segment], list[Side]]:
    passing = _passing_labels(grid, ports)
    segments, sides = [], []
    slack = _slack(grid, positions)
    for index, hop in enumerate(grid.hops):
        if index in slack:
            continue
        if hop.rail >= 0 and grid.elements[hop.target].kind is not LINE:
            segments.append(Segment(hop.rail, hop.target, NO_PORT, index, 1, False))  # below the Choice
            continue
        if hop.kind is DOWN:
            weight = _weight(grid, hop, goes_on=hop.source in passing or hop.target in passing)
            is_lane = not (grid.elements[hop.source].is_box or grid.elements[hop.target].is_box)
            is_tie = weight > 1 and (is_lane or hop.pull is not Pull.BALANCED)
            segments.append(Segment(hop.source, hop.target, index, index, weight, is_tie))
        elif hop.kind is UP:
            segments.append(Segment(hop.target, hop.source, NO_PORT, NO_PORT, _LINE_WEIGHT, True))
        else:
            lane, box = (hop.target, hop.source) if hop.kind is TURN else (hop.source, hop.target)
            sides.append(Side(lane, box, positions[lane] < positions[box]))
    segments.extend(Segment(upper, lower, NO_PORT, NO_PORT, _JOIN_WEIGHT, False) for upper, lower in grid.joins)
    return segments, sides


def _slack(grid: Grid, positions: list[int]) -> set[int]:
    """The hops from many boxes into one lane that do not pull on it: all but the one on the side that it passes on."""
    into: dict[int, list[int]] = {}
    onward: dict[int, int] = {}
    for index, hop in enumerate(grid.hops):
        if hop.kind is DOWN and grid.elements[hop.target].kind is LINE:
            if grid.elements[hop.source].is_box:
                into.setdefault(hop.target, []).append(index)
            elif grid.elements[hop.source].kind is LINE:
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
        if grid.elements[hop.source].kind is LABEL and (index in joining or not grid.elements[hop.target].is_box)
    }


def _weight(grid: Grid, hop: Hop, *, goes_on: bool) -> int:
    """How much a hop should be straight.

    A label stands over its box; under its source when its line `goes_on` from there, or joins others.
    """
    upper, lower = grid.elements[hop.source], grid.elements[hop.target]
    if hop.pull >= Pull.SPINE:
        return _SPINE_WEIGHT + (hop.pull is Pull.FIRST_SPINE)
    if lower.kind is LINE and not upper.is_box:
        return _LINE_WEIGHT
    if hop.is_main:
        return _MAIN_WEIGHT
    if lower.kind is LABEL:
        return _LABEL_WEIGHT if goes_on else 1
    if lower.is_box and upper.kind is LABEL:
        return 1 if goes_on else _LABEL_WEIGHT
    return 1 if upper.is_box else _BUNDLE_WEIGHT
