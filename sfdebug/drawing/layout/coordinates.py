"""The column of every element: lines straight, boxes over what they lead to, nothing closer than it may be.

First each rank in turn is fitted to its neighbours by weighted least squares under the separations (isotonic
regression by pooling adjacent violators). Then runs of elements that should stand in one column are tied into
blocks (Brandes and Köpf's word), in order of weight, as long as no two ties of a gap cross: then the blocks can be
ordered from left to right, and can always be set apart. They are set apart in whole columns, and each is moved to its
weighted median where there is room.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import add, sub
from typing import Final, TypeAlias

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.grid import PORT_MARGIN, Element, Grid
from sfdebug.drawing.layout.pulls import PulledRank, Pulling, Pulls, Segment

_SWEEPS: Final = 8
_LAST_SWEEPS: Final = 3
"""Sweeps down and up in turn, looking back; in the last ones each rank looks both ways."""

BOX_GAP: Final = 3
LINE_GAP: Final = 2
"""Blank columns between two boxes, and between a line or a label and whatever is next to it."""

_PASSES: Final = 6
_TWO: Final = 2


def separation(left: Element, right: Element) -> int:
    """The least distance between the columns of two neighbours in a rank."""
    blank = BOX_GAP if left.is_box and right.is_box and not (left.is_dot or right.is_dot) else LINE_GAP
    return left.right + blank + 1 + right.left


def set_columns(grid: Grid, pulls: Pulls) -> None:
    """Set `x` of every element of `grid`, on which `pulls` pull; the leftmost column taken is 0."""
    elements = grid.elements
    ports = PortShifts(elements, pulls)
    apart = [
        [separation(left, right) for left, right in pairwise([elements[node] for node in rank])]
        if len(rank) > 1
        else []
        for rank in pulls.ranks
    ]
    wanted = _relax(pulls, ports.shifts(), apart)
    columns = _settle(elements, pulls, ports, wanted, apart)
    first = min([column - element.left for column, element in zip(columns, elements, strict=True)], default=0)
    for column, element in zip(columns, elements, strict=True):
        element.x = column - first


def exit_offsets(element: Element, mains: list[bool]) -> list[int]:
    """About where the exits of a box leave it, from its column: that of Next in the middle, the others spread."""
    count = len(mains)
    if mains == [True]:
        return [0]
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


class PortShifts:
    """About where each hop leaves or enters its box, and each lane stands beside one, from the box's column."""

    def __init__(self, elements: Sequence[Element], pulls: Pulls) -> None:
        exits: dict[int, int] = {}
        entries: dict[int, int] = {}
        for node in pulls.spread_out:
            element, own = elements[node], pulls.ports[node]
            exits.update(zip(own.exits, exit_offsets(element, own.mains), strict=True))
            for first, others in own.forks.items():
                exits.update(dict.fromkeys(others, exits[first]))
            for number, hops in enumerate(own.entries):
                if number != own.main:
                    entries.update(dict.fromkeys(hops, 2 - element.left if number < own.main else element.right - 2))
        self.starts = [exits.get(hop, 0) for hop in pulls.exits]
        self.ends = [entries.get(hop, 0) for hop in pulls.entries]
        """Where each segment begins and ends, from the columns of its elements."""

        self.sides = []
        for _, node, is_left in pulls.sides:
            away = (elements[node].left if is_left else elements[node].right) + 1 + LINE_GAP
            self.sides.append(-away if is_left else away)

    def shifts(self) -> list[int]:
        """The shifts by which the elements would stand from one another, by their numbers."""
        return [0, *map(sub, self.starts, self.ends), *map(sub, self.ends, self.starts), *self.sides]


def spread(wanted: list[float], weights: Sequence[float], apart: list[int]) -> list[float]:
    """The columns nearest to `wanted` by weighted least squares with `apart[i]` between i and i + 1."""
    return _set_apart(wanted, weights, list(accumulate(apart, initial=0)))


def _set_apart(wanted: list[float], weights: Sequence[float], offsets: list[int]) -> list[float]:
    """As `spread` does, with how far each stands from the first when all are as near as they may be."""
    levels = list(map(sub, wanted, offsets))
    # The columns less their offsets must not fall from left to right: where they do, they are pooled at their mean.
    pools: list[tuple[float, float, int]] = []
    last = levels[0]
    for mean, mass in zip(levels, weights, strict=True):
        count = 1
        while last > mean:
            other_mean, other_mass, other_count = pools.pop()
            mean = (mean * mass + other_mean * other_mass) / (mass + other_mass)
            mass += other_mass
            count += other_count
            last = pools[-1][0] if pools else mean
        pools.append((mean, mass, count))
        last = mean
    if len(pools) == len(levels):
        return wanted
    levelled: list[float] = []
    for mean, _, count in pools:
        if count == 1:
            levelled.append(mean)
        else:
            levelled += [mean] * count
    return list(map(add, levelled, offsets))


def _relax(pulls: Pulls, shifts: list[int], apart: list[list[int]]) -> list[float]:
    """The columns that the elements would have, by their slots, were they not whole."""
    offsets = [list(accumulate(gaps, initial=0)) for gaps in apart]
    columns = [float(offset) for row in offsets for offset in row]
    above, below, both = (
        _shifted(pulling, shifts, offsets) for pulling in (pulls.from_above, pulls.from_below, pulls.from_both)
    )
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        last = sweep >= _SWEEPS - _LAST_SWEEPS
        ranks = both if last else above if is_down else below
        _fit(ranks if is_down else ranks[::-1], columns, shifts)
    return columns


_ShiftedRank: TypeAlias = "tuple[PulledRank, list[int], list[int]]"
"""What pulls on a rank, the shifts of its elements from their first pulls, and how far each stands from the first one
when all are as near as they may be."""


def _shifted(pulling: Pulling, shifts: list[int], offsets: list[list[int]]) -> list[_ShiftedRank]:
    own = [shifts[number] for number in pulling.shifts]
    return [(rank, own[rank.start : rank.stop], apart) for rank, apart in zip(pulling.ranks, offsets, strict=True)]


def _fit(ranks: list[_ShiftedRank], columns: list[float], shifts: list[int]) -> None:
    """Put the elements of each rank in turn as near as may be to where they are pulled."""
    give_way()
    for (start, stop, near, first, pairs, torn, weights), shifted, offsets in ranks:
        if near is not None:
            wanted = list(map(add, near(columns), shifted))
        elif pairs or torn:
            wanted = [0.0]
        else:
            columns[start] = columns[first] + shifted[0]
            continue
        for at, mass, slot, shift, weight, other, other_shift, other_weight in pairs:
            wanted[at] = (
                (columns[slot] + shifts[shift]) * weight + (columns[other] + shifts[other_shift]) * other_weight
            ) / mass
        for at, mass, towards in torn:
            total = 0.0
            for slot, shift, weight in towards:
                total += (columns[slot] + shifts[shift]) * weight
            wanted[at] = total / mass
        if near is None:
            columns[start] = wanted[0]
        elif stop - start == _TWO and wanted[0] <= wanted[1] - offsets[1]:
            columns[start:stop] = wanted
        else:
            columns[start:stop] = _set_apart(wanted, weights, offsets)


def _settle(
    elements: Sequence[Element], pulls: Pulls, ports: PortShifts, wanted: list[float], apart: list[list[int]]
) -> list[int]:
    """Whole columns for every element, near those that are `wanted`, by slot: ties straight, separations kept."""
    by_node = [wanted[slot] for slot in pulls.slots]
    blocks = _Blocks(elements, pulls, ports, by_node)
    blocks.keep_apart(apart)
    blocks.set_apart(by_node)
    blocks.refine()
    return [blocks.column[block] + shift for block, shift in zip(blocks.block, blocks.shift, strict=True)]


class _Blocks:
    """Elements that are tied to one another, each block with one column; the others are blocks of their own."""

    def __init__(self, elements: Sequence[Element], pulls: Pulls, ports: PortShifts, wanted: Sequence[float]) -> None:
        self.elements = elements
        self.pulls = pulls
        self.ports = ports
        self.shifts = list(map(sub, ports.starts, ports.ends))
        self.block = [-1] * len(elements)
        self.shift = [0] * len(elements)
        self.members: list[list[int]] = []
        self._gather(self._chosen_ties(wanted))
        self.column = [0] * len(self.members)
        self.after: list[list[tuple[int, int]]] = [[] for _ in self.members]
        self.before: list[list[tuple[int, int]]] = [[] for _ in self.members]
        self.order: list[int] = []

    def _chosen_ties(self, wanted: Sequence[float]) -> dict[int, int]:
        """The ties that are kept, by their lower elements: of those that count alike, the straightest first."""
        under: set[int] = set()
        over: dict[int, int] = {}
        taken: dict[int, list[tuple[int, int]]] = {}
        starts, ends = self.ports.starts, self.ports.ends
        for alike in self.pulls.ties:
            bends = [
                (abs(wanted[tie[1]] + starts[tie[0]] - wanted[tie[2]] - ends[tie[0]]), tie)
                for tie in alike
                if tie[1] not in under and tie[2] not in over
            ]
            bends.sort()
            for _, (number, upper, lower, rank, pair) in bends:
                if upper in under or lower in over:
                    continue
                ties = taken.setdefault(rank, [])
                at = bisect_left(ties, pair)
                if (at and ties[at - 1][1] > pair[1]) or (at < len(ties) and ties[at][1] < pair[1]):
                    continue
                ties.insert(at, pair)
                under.add(upper)
                over[lower] = number
        return over

    def _gather(self, over: dict[int, int]) -> None:
        """Gather the blocks, with every member's shift from its block's column."""
        block, shift, members, segments = self.block, self.shift, self.members, self.pulls.segments
        for rank in self.pulls.ranks:
            for node in rank:
                number = over.get(node)
                if number is None:
                    block[node] = len(members)
                    members.append([node])
                    continue
                upper = segments[number].upper
                block[node] = block[upper]
                shift[node] = shift[upper] + self.shifts[number]
                members[block[node]].append(node)

    def keep_apart(self, apart: list[list[int]]) -> None:
        """Have neighbours in a rank stand so far apart as `apart` says, or further."""
        block, shift = self.block, self.shift
        for rank, gaps in zip(self.pulls.ranks, apart, strict=True):
            for (left, right), gap in zip(pairwise(rank), gaps, strict=True):
                least = gap + shift[left] - shift[right]
                self.after[block[left]].append((block[right], least))
                self.before[block[right]].append((block[left], least))
        waiting = [len(before) for before in self.before]
        self.order = [each for each, count in enumerate(waiting) if not count]
        for each in self.order:
            for right, _ in self.after[each]:
                waiting[right] -= 1
                if not waiting[right]:
                    self.order.append(right)

    def set_apart(self, wanted: Sequence[float]) -> None:
        """Columns near the mean of what the members want: midway between pushing all right and pushing all left."""
        goals = []
        for members in self.members:
            total = sum([wanted[node] - self.shift[node] for node in members])
            goals.append(int(total / len(members) + 0.5) if total >= 0 else -int(-total / len(members) + 0.5))
        rightmost, leftmost = list(goals), list(goals)
        for block in self.order:
            best = rightmost[block]
            for left, apart in self.before[block]:
                least = rightmost[left] + apart
                if least > best:
                    best = least
            rightmost[block] = best
        for block in reversed(self.order):
            best = leftmost[block]
            for right, apart in self.after[block]:
                most = leftmost[right] - apart
                if most < best:
                    best = most
            leftmost[block] = best
        self.column = [(one + other) // 2 for one, other in zip(rightmost, leftmost, strict=True)]

    def refine(self) -> None:
        """Move blocks, one at a time, to where their bends are least, as far as their neighbours leave room."""
        pulls = self._pulls()
        for number in range(_PASSES):
            give_way()
            moved = False
            for block in self.order if number % 2 else reversed(self.order):
                if pulls[block]:
                    best = self._best_column(block, pulls[block])
                    moved = moved or best != self.column[block]
                    self.column[block] = best
            if not moved:
                return

    def _best_column(self, block: int, pulls: list[tuple[int, int, int]]) -> int:
        column = self.column
        points = sorted([(column[other] + offset, weight) for other, offset, weight in pulls])
        # The weighted median; between two equally good columns the block stays as near as it can.
        half, low, high, weight = sum([weight for _, weight in points]), points[-1][0], points[-1][0], 0
        for index, (point, share) in enumerate(points):
            weight += 2 * share
            if weight >= half:
                low = point
                high = points[index + 1][0] if weight == half else point
                break
        best = min(max(column[block], low), high)
        for left, apart in self.before[block]:
            least = column[left] + apart
            if least > best:
                best = least
        for right, apart in self.after[block]:
            most = column[right] - apart
            if most < best:
                best = most
        return best

    def _pulls(self) -> list[list[tuple[int, int, int]]]:
        """For each block: (other block, offset, weight) of every column that would spare a bend."""
        pulls: list[list[tuple[int, int, int]]] = [[] for _ in self.members]
        block, shift = self.block, self.shift
        for segment, upper_at, lower_at in zip(self.pulls.segments, self.ports.starts, self.ports.ends, strict=True):
            above, below = block[segment.upper], block[segment.lower]
            if above == below:
                continue
            away = shift[segment.upper] - shift[segment.lower] - lower_at
            for at, weight in self._exits(segment, upper_at):
                pulls[below].append((above, away + at, weight))
                pulls[above].append((below, -away - at, weight))
        for (lane, box, _), at in zip(self.pulls.sides, self.ports.sides, strict=True):
            if block[lane] != block[box]:
                pulls[block[lane]].append((block[box], shift[box] + at - shift[lane], 1))
        return pulls

    def _exits(self, segment: Segment, upper_at: int) -> Sequence[tuple[int, int]]:
        """Where a segment may begin, and how much that counts: a box that a line leaves anywhere, also at both ends."""
        upper = self.elements[segment.upper]
        if segment.weight > 1 or not upper.is_box:
            return ((upper_at, segment.weight),)
        weight = 2 * segment.weight
        left, right = min(0, PORT_MARGIN - upper.left), max(0, upper.right - PORT_MARGIN)
        return ((upper_at, segment.weight), (left, weight), (right, weight))
