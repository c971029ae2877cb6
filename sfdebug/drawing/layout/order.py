"""The order of elements within their ranks, chosen for few crossings.

A turn below a rank is seen as two segments that meet in a point of the rank below, and a hook as two that meet
above, so that every crossing is one of two segments in a gap. All turns of a box share their point, and all its hooks:
they nest. A box that they pass has a mark there, which they cross, but cheaply. The order begins as the walk of the
layers met the elements; sweeps of barycentres and swaps of neighbours improve it, and a change is kept only if it takes
crossings away, so that a drawing without crossings keeps the order of the definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from sfdebug.drawing.layout.grid import ElementKind, Grid, HopKind

_SWEEPS: Final = 8
_PATIENCE: Final = 2
WHOLE: Final = 4
"""What a wire counts; to a label it counts a little more, so that it is rather the bundle below that crosses others."""

_FEW_LOOPS: Final = 8
"""Up to so many loops are moved as a whole to the side where they cross least; more would nest, ever wider."""

_SCALE: Final = 5040
"""Barycentres are counted in this fraction of a position, so that they stay whole numbers."""

_NOWHERE: Final = 1 << 40

Link: TypeAlias = "tuple[int, int]"
"""The other end of a segment, and its weight: how many wires run in it."""

Segments: TypeAlias = "list[tuple[int, int, int]]"
"""Upper end, lower end, weight: as nodes, or as their positions."""


class Ordering:
    """Ranks of elements and of turning points, with the segments between neighbouring ranks."""

    def __init__(self, grid: Grid, *, has_turn_ranks: bool = False) -> None:
        self.place = _places(grid, has_turn_ranks=has_turn_ranks)
        """Which of `ranks` is each of the grid's; between those there may be ranks in which but points stand."""
        self.ranks: list[list[int]] = [[] for _ in range(self.place[-1] + 1)]
        for number, nodes in zip(self.place, grid.ranks, strict=True):
            self.ranks[number] = list(nodes)
        count = len(grid.elements)
        self.above: list[list[Link]] = [[] for _ in range(count)]
        self.below: list[list[Link]] = [[] for _ in range(count)]
        self.rank_of = [self.place[element.rank] for element in grid.elements]
        keys = [2 * node for node in range(count)]
        wires = [0] * len(grid.hops)
        points: dict[int, int] = {}
        self.points: dict[tuple[int, bool, bool], int] = {}
        """By box: the point below it in which its lines turn, or above it where they hook over; so for its marks."""
        for route in grid.routes:
            for index in route:
                wires[index] += 1
        for index, (hop, count_of) in enumerate(zip(grid.hops, wires, strict=True)):
            source, target = hop.source, hop.target
            weight = WHOLE * count_of + (grid.elements[target].kind is ElementKind.LABEL)
            if hop.kind in (HopKind.DOWN, HopKind.UP):
                upper, lower = (source, target) if hop.kind is HopKind.DOWN else (target, source)
                if self.rank_of[lower] > self.rank_of[upper] + 1:
                    points[index] = upper = self._pass(upper, lower, weight, keys)
                self._join(upper, lower, weight)
            else:
                turns = hop.kind is HopKind.TURN
                box, lane = (source, target) if turns else (target, source)
                point = self.points.get((box, turns, False), -1)
                if point < 0:
                    rank = self.rank_of[box] + (1 if turns else -1)
                    point = self.points[box, turns, False] = self._add_point(rank, keys, 2 * lane + 1)
                    self._join(*((box, point) if turns else (point, box)), weight)
                self._join(*((lane, point) if turns else (point, lane)), weight)
                points[index] = point
        self._mark_boxes(grid, keys)
        self.loops = _few_loops(grid, points)
        self.segments: list[Segments] = [[] for _ in self.ranks]
        for upper, links in enumerate(self.below):
            self.segments[self.rank_of[upper]].extend((upper, lower, weight) for lower, weight in links)
        for rank_order in self.ranks:
            rank_order.sort(key=keys.__getitem__)
        self.pos = [0] * len(self.above)
        self._crossings: list[int | None] = [None] * len(self.ranks)
        self._placed: list[Segments | None] = [None] * len(self.ranks)
        self._tangled: list[set[int] | None] = [None] * len(self.ranks)
        self._all_tangled: set[int] | None = None
        for number in range(len(self.ranks)):
            self.renumber(number)

    def _mark_boxes(self, grid: Grid, keys: list[int]) -> None:
        """Have boxes beside which lines turn or hook over count as something to pass, if only a little."""
        turning = {
            (grid.elements[hop.source if hop.kind is HopKind.TURN else hop.target].rank, hop.kind)
            for hop in grid.hops
            if hop.kind in (HopKind.TURN, HopKind.HOOK)
        }
        for rank, kind in sorted(turning, key=lambda each: (each[0], each[1].value)):
            boxes = [node for node in grid.ranks[rank] if grid.elements[node].is_box]
            beyond = self.place[rank] + (1 if kind is HopKind.TURN else -1)
            for node in boxes if len(boxes) > 1 else ():
                mark = self.points[node, kind is HopKind.TURN, True] = self._add_point(beyond, keys, 2 * node + 1)
                self._join(*((node, mark) if kind is HopKind.TURN else (mark, node)), 1)

    def _add_point(self, rank: int, keys: list[int], key: int) -> int:
        """A point of a rank that is no element."""
        self.above.append([])
        self.below.append([])
        self.rank_of.append(rank)
        self.ranks[rank].append(len(self.above) - 1)
        keys.append(key)
        return len(self.above) - 1

    def _pass(self, upper: int, lower: int, weight: int, keys: list[int]) -> int:
        """The point at which a segment passes the rank between its ends, joined to the upper one."""
        point = self._add_point(self.rank_of[upper] + 1, keys, 2 * lower)
        self._join(upper, point, weight)
        return point

    def _join(self, upper: int, lower: int, weight: int) -> None:
        self.below[upper].append((lower, weight))
        self.above[lower].append((upper, weight))

    def renumber(self, number: int) -> None:
        """Take over the order of a rank into `pos`."""
        for index, node in enumerate(self.ranks[number]):
            self.pos[node] = index
        self._crossings[number] = self._crossings[number - 1] = None
        self._placed[number] = self._placed[number - 1] = None
        self._tangled[number] = self._tangled[number - 1] = None
        self._all_tangled = None

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
        seen = [0] * len(self.ranks[gap + 1])  # by node below: the weight of the segments seen so far
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

    def placed(self, gap: int) -> Segments:
        """The segments between rank `gap` and the next, by the positions of their ends."""
        known = self._placed[gap]
        if known is None:
            pos = self.pos
            known = self._placed[gap] = [
                (pos[upper], pos[lower], weight) for upper, lower, weight in self.segments[gap]
            ]
        return known

    def tangled(self) -> set[int]:
        """The ends of all segments that cross others."""
        if self._all_tangled is None:
            known = self._tangled
            for gap, ends in enumerate(known):
                if ends is None:
                    known[gap] = self._tangled_in(gap) if self.crossings(gap) else set()
            self._all_tangled = set[int]().union(*[ends for ends in known if ends])
        return self._all_tangled

    def _tangled_in(self, gap: int) -> set[int]:
        pos, found = self.pos, set[int]()
        furthest, nearest = -1, _NOWHERE
        for upper in self.ranks[gap]:  # what ends left of what begins on its left
            for lower, _ in self.below[upper]:
                if pos[lower] < furthest:
                    found |= {upper, lower}
            furthest = max([furthest, *[pos[lower] for lower, _ in self.below[upper]]])
        for upper in reversed(self.ranks[gap]):  # and the other way round
            for lower, _ in self.below[upper]:
                if pos[lower] > nearest:
                    found |= {upper, lower}
            nearest = min([nearest, *[pos[lower] for lower, _ in self.below[upper]]])
        return found

    def total(self) -> int:
        """How many pairs of segments cross in all."""
        return sum([self.crossings(gap) for gap in range(len(self.ranks) - 1)])

    def crosses(self) -> bool:
        """Whether two wires may cross, rather than but pass boxes."""
        return self.total() >= WHOLE * WHOLE

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

    def put_aside(self, sides: Sequence[bool]) -> None:
        """Have the lane of each loop stand on the left of all, or on the right where that is asked for."""
        for loop, is_right in zip(self.loops, sides, strict=True):
            for node in loop:
                rank = self.ranks[self.rank_of[node]]
                rank.remove(node)
                rank.insert(len(rank) if is_right else 0, node)
        for number in range(len(self.ranks)):
            self.renumber(number)

    def take_over(self, grid: Grid) -> None:
        """Put the ranks of `grid` in this order."""
        real = len(grid.elements)
        grid.ranks = [[node for node in self.ranks[at] if node < real] for at in self.place]

    def _sweep(self, *, downwards: bool) -> None:
        numbers = range(1, len(self.ranks)) if downwards else range(len(self.ranks) - 2, -1, -1)
        near = self.above if downwards else self.below
        for number in numbers:
            if self.crossings(number) or (number and self.crossings(number - 1)):
                self._sort_by_barycentre(number, near)

    def _sort_by_barycentre(self, number: int, near: list[list[Link]]) -> None:
        pos, rank = self.pos, self.ranks[number]
        held = [(index, node) for index, node in enumerate(rank) if not near[node]]
        centres = {}
        for node in rank:
            if near[node]:
                total = weights = 0
                for end, weight in near[node]:
                    total += pos[end] * weight
                    weights += weight
                centres[node] = total * _SCALE // weights
        free = sorted(centres, key=centres.__getitem__)
        for index, node in held:
            free.insert(index, node)
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
        """The weight of the crossings that go away when two neighbours of a rank change positions."""
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


def _places(grid: Grid, *, has_turn_ranks: bool) -> list[int]:
    """The numbers of the grid's ranks, with one left free below each in which lines turn, if turns have ranks."""
    turning = {grid.elements[hop.source].rank for hop in grid.hops if hop.kind is HopKind.TURN}
    places, more = [], 0
    for number in range(len(grid.ranks)):
        places.append(number + more)
        more += has_turn_ranks and number in turning
    return places


def _few_loops(grid: Grid, points: dict[int, int]) -> list[list[int]]:
    """The lanes of all wires that lead back, with their points; none where there are many."""
    loops = [_loop(grid, route, points) for route in grid.routes]
    loops = [loop for loop in loops if loop]
    return loops if len(loops) <= _FEW_LOOPS else []


def _loop(grid: Grid, route: list[int], points: dict[int, int]) -> list[int]:
    """The lane of a wire that leads back, with the points where it hooks over and turns, from above; [] for others."""
    if not route or grid.hops[route[0]].kind is not HopKind.TURN:
        return []
    passed = [points[route[0]]]
    for index in route[:-1]:
        if grid.hops[index].kind is HopKind.UP and index in points:
            passed.append(points[index])
        passed.append(grid.hops[index].target)
    return [points[route[-1]], *reversed(passed)]
