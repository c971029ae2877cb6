"""The order of elements within their ranks, chosen for few crossings.

A turn below a rank is seen as two segments that meet in a point of the rank below, and a hook as two that meet
above, so that every crossing is one of two segments in a gap. The order begins as the walk of the layers met the
elements; sweeps of barycentres and swaps of neighbours improve it, and a change is kept only if it takes
crossings away, so that a drawing without crossings keeps the order of the definition.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Final

from sfdebug.graph.grid import Grid, HopKind
from sfdebug.graph.sifting import sift, threads

_SWEEPS: Final = 12
_PATIENCE: Final = 4
_SIFTING: Final = 300_000
"""How many pairs of places sifting may weigh in one scope."""

_SCALE: Final = 5040
"""Barycentres are counted in this fraction of a place, so that they stay whole numbers."""


def order_ranks(grid: Grid) -> None:
    """Put each rank of `grid` in an order with few crossings."""
    ordering = Ordering(grid)
    if ordering.total():
        ordering.improve()
        chains = [sorted(chain, key=lambda place: grid.elements[place].rank) for chain in grid.chains]
        sift(ordering, [*chains, *threads(ordering)], _SIFTING)
    real = len(grid.elements)
    grid.ranks = [[place for place in rank if place < real] for rank in ordering.ranks]


class Ordering:
    """Ranks of elements and of turning points, with the segments between neighbouring ranks."""

    def __init__(self, grid: Grid) -> None:
        self.ranks = [list(rank) for rank in grid.ranks]
        count = len(grid.elements)
        self.above: list[list[int]] = [[] for _ in range(count)]
        self.below: list[list[int]] = [[] for _ in range(count)]
        self.rank_of = [element.rank for element in grid.elements]
        keys = [2 * place for place in range(count)]
        for hop in grid.hops:
            source, target = hop.source, hop.target
            if hop.kind is HopKind.DOWN:
                self._join(source, target)
            elif hop.kind is HopKind.UP:
                self._join(target, source)
            else:
                point = len(self.above)
                turns = hop.kind is HopKind.TURN
                rank = grid.elements[source].rank + (1 if turns else -1)
                self.above.append([])
                self.below.append([])
                self.rank_of.append(rank)
                self.ranks[rank].append(point)
                keys.append(2 * max(source, target) + 1)
                for end in (source, target):
                    self._join(*((end, point) if turns else (point, end)))
        for rank_order in self.ranks:
            rank_order.sort(key=keys.__getitem__)
        self.pos = [0] * len(self.above)
        self._crossings: list[int | None] = [None] * len(self.ranks)
        for number in range(len(self.ranks)):
            self.renumber(number)

    def _join(self, upper: int, lower: int) -> None:
        self.below[upper].append(lower)
        self.above[lower].append(upper)

    def renumber(self, number: int) -> None:
        """Take over the order of a rank into `pos`."""
        for index, place in enumerate(self.ranks[number]):
            self.pos[place] = index
        self._crossings[number] = None
        self._crossings[number - 1] = None

    def crossings(self, gap: int) -> int:
        """How many pairs of segments cross between rank `gap` and the next."""
        known = self._crossings[gap]
        if known is None:
            known = self._crossings[gap] = self._count(gap)
        return known

    def _count(self, gap: int) -> int:
        pos, found = self.pos, 0
        seen: list[int] = []
        for upper in self.ranks[gap]:
            below = self.below[upper]
            if len(below) == 1:
                end = pos[below[0]]
                found += len(seen) - bisect_right(seen, end)
                insort(seen, end)
                continue
            ends = sorted([pos[lower] for lower in below])
            for end in ends:
                found += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
        return found

    def total(self) -> int:
        """How many pairs of segments cross in all."""
        return sum([self.crossings(gap) for gap in range(len(self.ranks) - 1)])

    def improve(self) -> None:
        """Search for an order with fewer crossings; deterministic, and bounded in its number of sweeps."""
        best = self.total()
        kept = [list(rank) for rank in self.ranks]
        patience = _PATIENCE
        for sweep in range(_SWEEPS):
            if not best or not patience:
                break
            self._sweep(downwards=sweep % 2 == 0)
            self._swap_neighbours()
            now = self.total()
            patience -= 1
            if now < best:
                best, patience = now, _PATIENCE
                kept = [list(rank) for rank in self.ranks]
        self.ranks = kept
        for number in range(len(kept)):
            self.renumber(number)

    def _sweep(self, *, downwards: bool) -> None:
        numbers = range(1, len(self.ranks)) if downwards else range(len(self.ranks) - 2, -1, -1)
        near = self.above if downwards else self.below
        for number in numbers:
            self._sort_by_barycentre(number, near)

    def _sort_by_barycentre(self, number: int, near: list[list[int]]) -> None:
        pos, rank = self.pos, self.ranks[number]
        held = [(index, place) for index, place in enumerate(rank) if not near[place]]
        free = [place for place in rank if near[place]]
        free.sort(key=lambda place: sum([pos[end] for end in near[place]]) * _SCALE // len(near[place]))
        for index, place in held:
            free.insert(index, place)
        self.ranks[number] = free
        self.renumber(number)

    def _swap_neighbours(self) -> None:
        for _ in range(4):
            swapped = False
            for number in range(len(self.ranks)):
                if self.crossings(number) or (number and self.crossings(number - 1)):
                    swapped = self._swap_in(number) or swapped
            if not swapped:
                return

    def _swap_in(self, number: int) -> bool:
        rank, swapped = self.ranks[number], False
        for index in range(len(rank) - 1):
            left, right = rank[index], rank[index + 1]
            gain = self._gain(self.above, left, right) + self._gain(self.below, left, right)
            if gain > 0:
                rank[index], rank[index + 1] = right, left
                self.pos[left], self.pos[right] = index + 1, index
                swapped = True
        if swapped:
            self.renumber(number)
        return swapped

    def _gain(self, near: list[list[int]], left: int, right: int) -> int:
        """How many crossings go away when two neighbours of a rank change places."""
        pos, gain = self.pos, 0
        for other in near[right]:
            end = pos[other]
            for one in near[left]:
                here = pos[one]
                if here > end:
                    gain += 1
                elif here < end:
                    gain -= 1
        return gain
