"""The column of every element: lines straight, boxes over what they lead to, nothing closer than it may be.

First each rank in turn is fitted to its neighbours by weighted least squares under the separations (isotonic
regression by pooling adjacent violators). Then runs of elements that should stand in one column are tied into
blocks (Brandes and Köpf's word), in order of weight, as long as no two ties of a gap cross: then the blocks can be
ordered from left to right, and can always be set apart. They are set apart in whole columns, and each is moved to its
weighted median where there is room.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import add
from typing import Final, NamedTuple, TypeAlias

from sfdebug.drawing.layout.grid import (
    PORT_MARGIN,
    Element,
    ElementKind,
    Grid,
    Hop,
    HopKind,
    Ports,
    Pull,
    main_entry,
)

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
_BUNDLE_WEIGHT: Final = 2
_SIDE_WEIGHT: Final = 1

BOX_GAP: Final = 3
LINE_GAP: Final = 2
"""Blank columns between two boxes, and between a line or a label and whatever is next to it."""

_PASSES: Final = 6
_MANY: Final = 3
"""From so many boxes beside one another a lane is not led down in their middle."""


class Segment(NamedTuple):
    """A hop between two ranks: the elements, the columns of its ends relative to theirs, how much it counts.

    One that `is_tie` should be straight; another may bend at its box: what leaves a Choice, or enters as a Catch.
    """

    upper: int
    lower: int
    upper_at: int
    lower_at: int
    weight: int
    is_tie: bool


class Side(NamedTuple):
    """A lane that should stand near a box of its rank, `offset` columns from the box's column."""

    lane: int
    box: int
    offset: int


def separation(left: Element, right: Element) -> int:
    """The least distance between the columns of two neighbours in a rank."""
    blank = BOX_GAP if left.is_box and right.is_box and not (left.is_dot or right.is_dot) else LINE_GAP
    return left.right + blank + 1 + right.left


def set_columns(grid: Grid, ports: dict[int, Ports]) -> None:
    """Set `x` of every element of `grid`; the leftmost column taken is 0."""
    segments, sides = _segments(grid, ports)
    wanted = _relax(grid, segments, sides)
    columns = _settle(grid, segments, sides, wanted)
    first = min((columns[node] - element.left for node, element in enumerate(grid.elements)), default=0)
    for node, element in enumerate(grid.elements):
        element.x = columns[node] - first


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
    slack = _slack(grid)
    for index, hop in enumerate(grid.hops):
        if index in slack:
            continue
        if hop.rail >= 0 and grid.elements[hop.target].kind is not ElementKind.LINE:
            segments.append(Segment(hop.rail, hop.target, 0, entry_at.get(index, 0), 1, False))  # below the Choice
            continue
        if hop.kind is HopKind.DOWN:
            weight = _weight(grid, hop, goes_on=hop.source in passing or hop.target in passing)
            ends = (exit_at.get(index, 0), entry_at.get(index, 0))
            is_lane = not (grid.elements[hop.source].is_box or grid.elements[hop.target].is_box)
            is_tie = weight > 1 and (is_lane or hop.pull is not Pull.BALANCED)
            segments.append(Segment(hop.source, hop.target, *ends, weight, is_tie))
        elif hop.kind is HopKind.UP:
            segments.append(Segment(hop.target, hop.source, 0, 0, _LINE_WEIGHT, True))
        else:
            lane, node = (hop.target, hop.source) if hop.kind is HopKind.TURN else (hop.source, hop.target)
            rank, box = grid.ranks[grid.elements[node].rank], grid.elements[node]
            is_left = rank.index(lane) < rank.index(node)
            away = (box.left if is_left else box.right) + 1 + LINE_GAP
            sides.append(Side(lane, node, -away if is_left else away))
    segments.extend(Segment(upper, lower, 0, 0, _JOIN_WEIGHT, False) for upper, lower in grid.joins)
    return segments, sides


def _slack(grid: Grid) -> set[int]:
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
        above = grid.ranks[grid.elements[grid.hops[hops[0]].source].rank]
        hops.sort(key=lambda index: above.index(grid.hops[index].source))
        found.update(hops[1:] if 2 * rank.index(lane) < len(rank) else hops[:-1])
    return found


def _offsets(grid: Grid, ports: dict[int, Ports]) -> tuple[dict[int, int], dict[int, int]]:
    """About where each hop leaves or enters its box, from the box's column."""
    exit_at: dict[int, int] = {}
    entry_at: dict[int, int] = {}
    for node, own in ports.items():
        element = grid.elements[node]
        mains = [grid.hops[index].is_main_flow for index in own.exits]
        exit_at.update(zip(own.exits, exit_offsets(element, mains), strict=True))
        for first, others in own.forks.items():
            exit_at.update((index, exit_at[first]) for index in others)
        main = main_entry(grid, own)
        for number, hops in enumerate(own.entries):
            offset = 0 if number == main else -element.left + 2 if number < main else element.right - 2
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
    if lower.kind is ElementKind.LINE and not upper.is_box:
        return _LINE_WEIGHT
    if hop.is_main:
        return _MAIN_WEIGHT
    if lower.kind is ElementKind.LABEL:
        return _LABEL_WEIGHT if goes_on else 1
    if lower.is_box and upper.kind is ElementKind.LABEL:
        return 1 if goes_on else _LABEL_WEIGHT
    return 1 if upper.is_box else _BUNDLE_WEIGHT


def spread(wanted: list[float], weights: Sequence[float], apart: list[int]) -> list[float]:
    """The columns nearest to `wanted` by weighted least squares with `apart[i]` between i and i + 1."""
    if len(wanted) < 2:
        return list(wanted)
    return _set_apart(wanted, weights, list(accumulate(apart, initial=0)))


def _set_apart(wanted: list[float], weights: Sequence[float], offsets: list[int]) -> list[float]:
    """As `spread` does, with how far each stands from the first when all are as near as they may be."""
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
        for node, column in zip(rank, accumulate(gaps, initial=0), strict=False):
            columns[node] = float(column)
    above, below = _pulls(len(elements), segments, sides)
    both = [[*one, *other] for one, other in zip(above, below, strict=True)]
    ways = [_weighed(grid.ranks, apart, pulls) for pulls in (above, below, both)]
    numbers = range(len(grid.ranks))
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        way = ways[2] if sweep >= _SWEEPS - _LAST_SWEEPS else ways[0] if downwards else ways[1]
        for number in numbers if downwards else reversed(numbers):
            _fit(way[number], columns)
    return columns


class Weighed(NamedTuple):
    """The elements of a rank, the pulls of each and their weight in all, and how far each stands from the first."""

    nodes: list[int]
    pulls: list[list[tuple[int, int, int]]]
    weights: list[float]
    offsets: list[int]


def _weighed(ranks: list[list[int]], apart: list[list[int]], pulls: Pulls) -> list[Weighed]:
    return [
        Weighed(
            rank,
            [pulls[node] for node in rank],
            [float(sum([pull[2] for pull in pulls[node]])) or _LOOSE for node in rank],
            list(accumulate(gaps, initial=0)),
        )
        for rank, gaps in zip(ranks, apart, strict=True)
    ]


def _fit(rank: Weighed, columns: list[float]) -> None:
    """Put the elements of a rank as near as may be to where they are pulled."""
    nodes, pulls_of, weights, offsets = rank
    wanted = []
    for node, pulls, weight in zip(nodes, pulls_of, weights, strict=True):
        if len(pulls) == 1:
            near, offset, _ = pulls[0]
            wanted.append(columns[near] + offset)
        elif pulls:
            total = 0.0
            for near, offset, share in pulls:
                total += (columns[near] + offset) * share
            wanted.append(total / weight)
        else:
            wanted.append(columns[node])
    if len(wanted) > 1:
        wanted = _set_apart(wanted, weights, offsets)
    for node, column in zip(nodes, wanted, strict=True):
        columns[node] = column


def _settle(grid: Grid, segments: list[Segment], sides: list[Side], wanted: list[float]) -> list[int]:
    """Whole columns for every element, near `wanted`: ties straight, separations kept."""
    blocks = _Blocks(grid, segments, wanted)
    blocks.set_apart(wanted)
    blocks.refine(segments, sides)
    return [blocks.column[block] + shift for block, shift in zip(blocks.block, blocks.shift, strict=True)]


class _Blocks:
    def __init__(self, grid: Grid, segments: list[Segment], wanted: list[float]) -> None:
        self.grid = grid
        self.elements = grid.elements
        self.block = [-1] * len(self.elements)
        self.shift = [0] * len(self.elements)
        self.members: list[list[int]] = []
        self.pos = grid.positions()
        self._tie(segments, wanted)
        self.after: list[list[tuple[int, int]]] = [[] for _ in self.members]
        self.before: list[list[tuple[int, int]]] = [[] for _ in self.members]
        self._constrain()
        self.order = self._left_to_right()
        self.column = [0] * len(self.members)

    def _tie(self, segments: list[Segment], wanted: list[float]) -> None:
        """Choose the ties and gather the blocks, with every member's shift from its block's column."""
        under: dict[int, Segment] = {}
        over: dict[int, Segment] = {}
        taken: dict[int, list[tuple[int, int]]] = {}

        def bend(segment: Segment) -> float:
            return abs(wanted[segment.upper] + segment.upper_at - wanted[segment.lower] - segment.lower_at)

        for segment in sorted([each for each in segments if each.is_tie], key=lambda each: (-each.weight, bend(each))):
            upper, lower = segment.upper, segment.lower
            if upper in under or lower in over:
                continue
            ties = taken.setdefault(self.elements[upper].rank, [])
            pair = (self.pos[upper], self.pos[lower])
            at = bisect_left(ties, pair)
            if (at and ties[at - 1][1] > pair[1]) or (at < len(ties) and ties[at][1] < pair[1]):
                continue
            insort(ties, pair)
            under[upper] = over[lower] = segment
        for rank in self.grid.ranks:
            for node in rank:
                if node in over:
                    segment = over[node]
                    self.block[node] = self.block[segment.upper]
                    self.shift[node] = self.shift[segment.upper] + segment.upper_at - segment.lower_at
                else:
                    self.block[node] = len(self.members)
                    self.members.append([])
                self.members[self.block[node]].append(node)

    def _constrain(self) -> None:
        for rank in self.grid.ranks:
            for left, right in pairwise(rank):
                apart = separation(self.elements[left], self.elements[right]) + self.shift[left] - self.shift[right]
                self.after[self.block[left]].append((self.block[right], apart))
                self.before[self.block[right]].append((self.block[left], apart))

    def _left_to_right(self) -> list[int]:
        waiting = [len(before) for before in self.before]
        ready = [block for block, count in enumerate(waiting) if not count]
        for block in ready:
            for right, _ in self.after[block]:
                waiting[right] -= 1
                if not waiting[right]:
                    ready.append(right)
        return ready

    def set_apart(self, wanted: list[float]) -> None:
        """Columns near the mean of what the members want: midway between pushing all right and pushing all left."""
        goals = []
        for members in self.members:
            total = sum(wanted[node] - self.shift[node] for node in members)
            goals.append(int(total / len(members) + 0.5) if total >= 0 else -int(-total / len(members) + 0.5))
        rightmost, leftmost = list(goals), list(goals)
        for block in self.order:
            for left, apart in self.before[block]:
                rightmost[block] = max(rightmost[block], rightmost[left] + apart)
        for block in reversed(self.order):
            for right, apart in self.after[block]:
                leftmost[block] = min(leftmost[block], leftmost[right] - apart)
        self.column = [(one + other) // 2 for one, other in zip(rightmost, leftmost, strict=True)]

    def refine(self, segments: list[Segment], sides: list[Side]) -> None:
        """Move blocks, one at a time, to where their bends are least, as far as their neighbours leave room."""
        pulls = self._pulls(segments, sides)
        for number in range(_PASSES):
            moved = False
            for block in self.order if number % 2 else reversed(self.order):
                best = self._best_column(block, pulls[block])
                moved = moved or best != self.column[block]
                self.column[block] = best
            if not moved:
                return

    def _best_column(self, block: int, pulls: list[tuple[int, int, int]]) -> int:
        column = self.column
        points = sorted((column[other] + offset, weight) for other, offset, weight in pulls)
        if not points:
            return column[block]
        # The weighted median; between two equally good columns the block stays as near as it can.
        half, low, high, weight = sum(weight for _, weight in points), points[-1][0], points[-1][0], 0
        for index, (point, share) in enumerate(points):
            weight += 2 * share
            if weight >= half:
                low = point
                high = points[index + 1][0] if weight == half else point
                break
        best = min(max(column[block], low), high)
        for left, apart in self.before[block]:
            best = max(best, column[left] + apart)
        for right, apart in self.after[block]:
            best = min(best, column[right] - apart)
        return best

    def _pulls(self, segments: list[Segment], sides: list[Side]) -> list[list[tuple[int, int, int]]]:
        """For each block: (other block, offset, weight) of every column that would spare a bend."""
        pulls: list[list[tuple[int, int, int]]] = [[] for _ in self.members]
        for segment in segments:
            upper, lower = segment.upper, segment.lower
            if self.block[upper] == self.block[lower]:
                continue
            for upper_at, lower_at, weight in self._ends(segment):
                offset = self.shift[upper] + upper_at - self.shift[lower] - lower_at
                pulls[self.block[lower]].append((self.block[upper], offset, weight))
                pulls[self.block[upper]].append((self.block[lower], -offset, weight))
        for lane, box, at in sides:
            if self.block[lane] != self.block[box]:
                pulls[self.block[lane]].append((self.block[box], self.shift[box] + at - self.shift[lane], 1))
        return pulls

    def _ends(self, segment: Segment) -> list[tuple[int, int, int]]:
        """The columns to bring together. A box that a line leaves anywhere counts with both ends of its border."""
        upper = self.elements[segment.upper]
        centred = (segment.upper_at, segment.lower_at, segment.weight)
        if not upper.is_box or segment.weight > 1:
            return [centred]
        weight = 2 * segment.weight
        left, right = min(0, PORT_MARGIN - upper.left), max(0, upper.right - PORT_MARGIN)
        return [centred, (left, segment.lower_at, weight), (right, segment.lower_at, weight)]
