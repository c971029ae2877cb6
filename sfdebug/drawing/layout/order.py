"""The order of elements within their ranks, chosen for few crossings.

A turn below a rank is seen as two segments that meet in a point of the rank below, and a hook as two that meet
above, so that every crossing is one of two segments in a gap. The order begins as the walk of the layers met the
elements; sweeps of barycentres and swaps of neighbours improve it, and a change is kept only if it takes
crossings away, so that a drawing without crossings keeps the order of the definition.
"""

from __future__ import annotations

from typing import Final

from sfdebug.drawing.layout.grid import Grid, HopKind
from sfdebug.drawing.layout.sifting import Link, Segments, sift, threads

_SWEEPS: Final = 8
_PATIENCE: Final = 2
_SIFTING: Final = 350_000
_LEAST_SIFTING: Final = 60_000
_SIFTING_EACH: Final = 40
"""How many pairs of places sifting may weigh in one scope: at most, at least, and for each element in it."""

_FEW_LOOPS: Final = 2
"""Up to so many loops are moved as a whole to the side where they cross least; more would nest, ever wider."""

_SCALE: Final = 5040
"""Barycentres are counted in this fraction of a place, so that they stay whole numbers."""


class Ordering:
    """Ranks of elements and of turning points, with the segments between neighbouring ranks."""

    def __init__(self, grid: Grid) -> None:
        self.ranks = [list(rank) for rank in grid.ranks]
        count = len(grid.elements)
        self.above: list[list[Link]] = [[] for _ in range(count)]
        self.below: list[list[Link]] = [[] for _ in range(count)]
        self.rank_of = [element.rank for element in grid.elements]
        keys = [2 * place for place in range(count)]
        wires = [0] * len(grid.hops)
        points: dict[int, int] = {}
        for route in grid.routes:
            for index in route:
                wires[index] += 1
        for index, (hop, weight) in enumerate(zip(grid.hops, wires, strict=True)):
            source, target = hop.source, hop.target
            if hop.kind is HopKind.DOWN:
                self._join(source, target, weight)
            elif hop.kind is HopKind.UP:
                self._join(target, source, weight)
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
                    self._join(*((end, point) if turns else (point, end)), weight)
                points[index] = point
        loops = [_loop(grid, route, points) for route in grid.routes]
        self.loops = [loop for loop in loops if loop]
        if len(self.loops) > _FEW_LOOPS:
            self.loops = []
        self.segments: list[Segments] = [[] for _ in self.ranks]
        for upper, links in enumerate(self.below):
            self.segments[self.rank_of[upper]].extend((upper, lower, weight) for lower, weight in links)
        for rank_order in self.ranks:
            rank_order.sort(key=keys.__getitem__)
        self.pos = [0] * len(self.above)
        self._crossings: list[int | None] = [None] * len(self.ranks)
        for number in range(len(self.ranks)):
            self.renumber(number)

    def _join(self, upper: int, lower: int, weight: int) -> None:
        self.below[upper].append((lower, weight))
        self.above[lower].append((upper, weight))

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
        if gap + 1 >= len(self.ranks):
            return 0
        pos, found, last = self.pos, 0, -1
        seen = [0] * len(self.ranks[gap + 1])  # by place below: the weight of the segments seen so far
        for upper in self.ranks[gap]:
            links = self.below[upper]
            for lower, weight in links:
                end = pos[lower]
                if end < last:
                    found += weight * sum(seen[end + 1 :])
            for lower, weight in links:
                end = pos[lower]
                seen[end] += weight
                if end > last:
                    last = end
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

    def sift(self, chains: list[list[int]]) -> None:
        """Move whole runs, `chains` of elements in neighbouring ranks among them, to where they cross least."""
        if self.total():
            rank_of = self.rank_of
            runs = [sorted(chain, key=rank_of.__getitem__) for chain in chains]
            sift(
                self,
                [*runs, *self.loops, *threads(self)],
                min(_SIFTING, _LEAST_SIFTING + _SIFTING_EACH * len(self.pos)),
            )

    def take_over(self, grid: Grid) -> None:
        """Put the ranks of `grid` in this order."""
        real = len(grid.elements)
        grid.ranks = [[place for place in rank if place < real] for rank in self.ranks]

    def _sweep(self, *, downwards: bool) -> None:
        numbers = range(1, len(self.ranks)) if downwards else range(len(self.ranks) - 2, -1, -1)
        near = self.above if downwards else self.below
        for number in numbers:
            if self.crossings(number) or (number and self.crossings(number - 1)):
                self._sort_by_barycentre(number, near)

    def _sort_by_barycentre(self, number: int, near: list[list[Link]]) -> None:
        pos, rank = self.pos, self.ranks[number]
        held = [(index, place) for index, place in enumerate(rank) if not near[place]]
        centres = {}
        for place in rank:
            if near[place]:
                total = weights = 0
                for end, weight in near[place]:
                    total += pos[end] * weight
                    weights += weight
                centres[place] = total * _SCALE // weights
        free = sorted(centres, key=centres.__getitem__)
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
        # Where nothing crosses, a swap cannot gain; what it would cost there is asked when it gains on the other side.
        sides = [(self.crossings(number), self.below), (self.crossings(number - 1) if number else 0, self.above)]
        crossed = [near for crossings, near in sides if crossings]
        clear = [near for crossings, near in sides if not crossings]
        for index in range(len(rank) - 1):
            left, right = rank[index], rank[index + 1]
            gain = 0
            for near in crossed:
                gain += self._gain(near, left, right)
            if gain > 0:
                for near in clear:
                    gain += self._gain(near, left, right)
            if gain > 0:
                rank[index], rank[index + 1] = right, left
                self.pos[left], self.pos[right] = index + 1, index
                swapped = True
        if swapped:
            self.renumber(number)
        return swapped

    def _gain(self, near: list[list[Link]], left: int, right: int) -> int:
        """The weight of the crossings that go away when two neighbours of a rank change places."""
        pos, gain = self.pos, 0
        for other, weight in near[right]:
            end = pos[other]
            for one, share in near[left]:
                here = pos[one]
                if here > end:
                    gain += weight * share
                elif here < end:
                    gain -= weight * share
        return gain


def _loop(grid: Grid, route: list[int], points: dict[int, int]) -> list[int]:
    """The lane of a wire that leads back, with the points where it hooks over and turns, from above; [] for others."""
    if not route or grid.hops[route[0]].kind is not HopKind.TURN:
        return []
    lane = [grid.hops[index].target for index in route[:-1]]
    return [points[route[-1]], *reversed(lane), points[route[0]]]
