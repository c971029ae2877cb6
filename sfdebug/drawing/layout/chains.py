"""Straight runs of elements, tied into blocks that move as one, in whole columns.

Hops that should be straight are tied in order of weight, as long as no two ties of a gap cross: then the blocks
can be ordered from left to right, and can always be set apart.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import pairwise
from typing import Final, NamedTuple

from sfdebug.drawing.layout.grid import Element, ElementKind, Grid

BOX_GAP: Final = 3
LINE_GAP: Final = 2
"""Blank columns between two boxes, and between a line or a label and whatever is next to it."""

_NEAR: Final = 3
"""A label stands straight over its lane if it is no further from it than this."""

_PASSES: Final = 6
_MARGIN: Final = 2
"""How far from a box's corner its ports stay."""


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


def settle(grid: Grid, segments: list[Segment], sides: list[Side], wanted: list[float]) -> list[int]:
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
        self.pos = {place: index for rank in grid.ranks for index, place in enumerate(rank)}
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
            if upper in under or lower in over or (self._may_bend(segment) and bend(segment) > _NEAR):
                continue
            ties = taken.setdefault(self.elements[upper].rank, [])
            pair = (self.pos[upper], self.pos[lower])
            at = bisect_left(ties, pair)
            if (at and ties[at - 1][1] > pair[1]) or (at < len(ties) and ties[at][1] < pair[1]):
                continue
            insort(ties, pair)
            under[upper] = over[lower] = segment
        for rank in self.grid.ranks:
            for place in rank:
                if place in over:
                    segment = over[place]
                    self.block[place] = self.block[segment.upper]
                    self.shift[place] = self.shift[segment.upper] + segment.upper_at - segment.lower_at
                else:
                    self.block[place] = len(self.members)
                    self.members.append([])
                self.members[self.block[place]].append(place)

    def _may_bend(self, segment: Segment) -> bool:
        """Whether it goes from a label into a lane: bent only if the lane is some way off, to save columns."""
        return self.elements[segment.upper].kind is ElementKind.LABEL and not self.elements[segment.lower].is_box

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
            total = sum(wanted[place] - self.shift[place] for place in members)
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
        left, right = min(0, _MARGIN - upper.left), max(0, upper.right - _MARGIN)
        return [centred, (left, segment.lower_at, weight), (right, segment.lower_at, weight)]
