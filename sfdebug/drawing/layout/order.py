"""The order of elements within their ranks, chosen for few crossings.

A turn below a rank is seen as two segments that meet in a point of the rank below, and a hook as two that meet
above, so that every crossing is one of two segments in a gap. All turns of a box share their point, and all its hooks:
they nest. A box that they pass has a mark there, which they cross, but cheaply. The order begins as the walk of the
layers met the elements; sweeps of barycentres and swaps of neighbours improve it, and a change is kept only if it takes
crossings away, so that a drawing without crossings keeps the order of the definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, combinations
from typing import Final, TypeAlias

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.grid import DOWN, TURN, UP, Grid, HopKind
from sfdebug.drawing.layout.packed import ones

_SWEEPS: Final = 8
_PATIENCE: Final = 2
_SWAPS: Final = 4
"""How often neighbours are swapped in all ranks after a sweep."""

WHOLE: Final = 4
"""What a wire counts; to a label it counts a little more, so that it is rather the bundle below that crosses others."""

_FEW_LOOPS: Final = 8
"""Up to so many loops are moved as a whole to the side where they cross least; more would nest, ever wider."""

_SCALE: Final = 5040
"""Barycentres are counted in this fraction of a position, so that they stay whole numbers."""

_STIRRING: Final = 2654435761
_STIRRED: Final = 1 << 32
"""Multiples of one, cut to the other, come in no order that can be seen."""

_NOWHERE: Final = 1 << 40
_UNKNOWN: Final = -1
_NO_ENDS: Final[set[int]] = set()

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
        wires = Counter(chain.from_iterable(grid.routes))
        points: dict[int, int] = {}
        self.points: dict[tuple[int, bool, bool], int] = {}
        """By box: the point below it in which its lines turn, or above it where they hook over; so for its marks."""
        turning = self._join_hops(grid, wires, points, keys)
        if turning:
            self._mark_boxes(grid, turning, keys)
        self.loops = _few_loops(grid, points) if turning else []
        rank_of = self.rank_of
        self.segments: list[Segments] = [[] for _ in self.ranks]
        for upper, links in enumerate(self.below):
            if links:
                self.segments[rank_of[upper]] += [(upper, lower, weight) for lower, weight in links]
        self.pos = pos = [0] * len(self.above)
        for rank_order in self.ranks:
            if len(rank_order) > 1:
                rank_order.sort(key=keys.__getitem__)
                for index, node in enumerate(rank_order):
                    pos[node] = index
        self._crossings = [_UNKNOWN] * len(self.ranks)
        self._placed: list[Segments | None] = [None] * len(self.ranks)
        self._splits: list[list[int] | None] = [None] * len(self.ranks)
        self._tangled: list[set[int] | None] = [None] * len(self.ranks)
        self._all_tangled: set[int] | None = None

    def _join_hops(
        self, grid: Grid, wires: Mapping[int, int], points: dict[int, int], keys: list[int]
    ) -> set[tuple[int, HopKind]]:
        """Have a segment for each hop; the ranks in which lines turn or hook over."""
        down, up, turn, labelled = DOWN, UP, TURN, grid.labelled
        rank_of, above, below = self.rank_of, self.above, self.below
        turning: set[tuple[int, HopKind]] = set()
        for index, hop in enumerate(grid.hops):
            source, target, kind = hop.source, hop.target, hop.kind
            weight = WHOLE * wires[index] + (target in labelled)
            if kind is down or kind is up:
                upper, lower = (source, target) if kind is down else (target, source)
                if rank_of[lower] > rank_of[upper] + 1:
                    points[index] = upper = self._pass(upper, lower, weight, keys)
                below[upper].append((lower, weight))
                above[lower].append((upper, weight))
                continue
            turns = kind is turn
            box, lane = (source, target) if turns else (target, source)
            turning.add((grid.elements[box].rank, kind))
            point = self.points.get((box, turns, False), -1)
            if point < 0:
                rank = rank_of[box] + (1 if turns else -1)
                point = self.points[box, turns, False] = self._add_point(rank, keys, 2 * lane + 1)
                self._join(*((box, point) if turns else (point, box)), weight)
            self._join(*((lane, point) if turns else (point, lane)), weight)
            points[index] = point
        return turning

    def _mark_boxes(self, grid: Grid, turning: set[tuple[int, HopKind]], keys: list[int]) -> None:
        """Have boxes beside which lines turn or hook over count as something to pass, if only a little."""
        for rank, kind in sorted(turning, key=lambda each: (each[0], each[1].value)):
            boxes = [node for node in grid.ranks[rank] if grid.elements[node].is_box]
            beyond = self.place[rank] + (1 if kind is TURN else -1)
            for node in boxes if len(boxes) > 1 else ():
                mark = self.points[node, kind is TURN, True] = self._add_point(beyond, keys, 2 * node + 1)
                self._join(*((node, mark) if kind is TURN else (mark, node)), 1)

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
        give_way()
        pos = self.pos
        for index, node in enumerate(self.ranks[number]):
            pos[node] = index
        self._crossings[number] = self._crossings[number - 1] = _UNKNOWN
        self._placed[number] = self._placed[number - 1] = None
        self._splits[number] = self._splits[number - 1] = None
        self._tangled[number] = self._tangled[number - 1] = None
        self._all_tangled = None

    def _reorder(self, number: int, rank: list[int]) -> None:
        """Put a rank in another order, if it is another."""
        if rank != self.ranks[number]:
            self.ranks[number] = rank
            self.renumber(number)

    def crossings(self, gap: int) -> int:
        """How many pairs of segments cross between rank `gap` and the next."""
        known = self._crossings[gap]
        if known < 0:
            known = self._crossings[gap] = self._count(gap)
        return known

    def gaps(self) -> list[int]:
        """The crossings below each rank."""
        known = self._crossings
        if _UNKNOWN in known:
            for gap, crossings in enumerate(known):
                if crossings < 0:
                    known[gap] = self._count(gap)
        return known

    def _is_crossed(self, number: int) -> bool:
        """Whether anything crosses below a rank, or above it."""
        below = self._crossings[number]
        if below > 0 or (below < 0 and self.crossings(number)):
            return True
        return number > 0 and self.crossings(number - 1) > 0

    def _count(self, gap: int) -> int:
        if gap + 1 >= len(self.ranks):
            return 0
        pos, below, found, last = self.pos, self.below, 0, -1
        seen = [0] * len(self.ranks[gap + 1])  # by node below: the weight of the segments seen so far
        for upper in self.ranks[gap]:
            links = below[upper]
            if len(links) == 1:
                ((lower, weight),) = links
                end = pos[lower]
                if end < last:
                    found += weight * sum(seen[end + 1 :])
                else:
                    last = end
                seen[end] += weight
                continue
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

    def splits(self, gap: int) -> list[int]:
        """What a line would cross between rank `gap` and the next: for each position above before which it begins, a
        row of numbers (`packed.py`) for the positions below before which it ends."""
        known = self._splits[gap]
        if known is None:
            pos, below, rank = self.pos, self.below, self.ranks[gap]
            every = ones(len(self.ranks[gap + 1]) + 1)
            first, changes = 0, []
            for upper in rank:
                change = 0
                for lower, weight in below[upper]:
                    left = ones(pos[lower] + 1)
                    first += weight * (every - left)
                    change += weight * (2 * left - every)
                changes.append(change)
            known = self._splits[gap] = list(accumulate(changes, initial=first))
        return known

    def tangled(self) -> set[int]:
        """The ends of all segments that cross others."""
        if self._all_tangled is None:
            known = self._tangled
            for gap, ends in enumerate(known):
                if ends is None:
                    known[gap] = self._tangled_in(gap) if self.crossings(gap) else _NO_ENDS
            self._all_tangled = set[int]().union(*[ends for ends in known if ends])
        return self._all_tangled

    def _tangled_in(self, gap: int) -> set[int]:
        pos, below, found = self.pos, self.below, set[int]()
        furthest, nearest = -1, _NOWHERE
        for upper in self.ranks[gap]:  # what ends left of what begins on its left
            reached = furthest
            for lower, _ in below[upper]:
                end = pos[lower]
                if end < furthest:
                    found.add(upper)
                    found.add(lower)
                elif end > reached:
                    reached = end
            furthest = reached
        for upper in reversed(self.ranks[gap]):  # and the other way round
            reached = nearest
            for lower, _ in below[upper]:
                end = pos[lower]
                if end > nearest:
                    found.add(upper)
                    found.add(lower)
                elif end < reached:
                    reached = end
            nearest = reached
        return found

    def total(self) -> int:
        """How many pairs of segments cross in all."""
        return sum(self.gaps())

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
        for number, rank in enumerate(kept):
            self._reorder(number, rank)

    def begin_anew(self, number: int) -> None:
        """Put all ranks in an order that hangs on nothing but `number`."""
        for at, rank in enumerate(self.ranks):
            rank.sort(key=lambda node: (node + 1) * (2 * number + 1) * _STIRRING % _STIRRED)
            self.renumber(at)

    def face(self, real: int) -> None:
        """Turn all over, left to right, if more of its `real` elements stand then as the walk met them."""
        pairs = [pair for rank in self.ranks for pair in combinations([node for node in rank if node < real], 2)]
        if 2 * sum(left > right for left, right in pairs) > len(pairs):
            for number, rank in enumerate(self.ranks):
                rank.reverse()
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
            if len(self.ranks[number]) > 1 and self._is_crossed(number):
                self._sort_by_barycentre(number, near)

    def _sort_by_barycentre(self, number: int, near: list[list[Link]]) -> None:
        pos, rank = self.pos, self.ranks[number]
        held = []
        centres = {}
        for index, node in enumerate(rank):
            links = near[node]
            if len(links) == 1:
                centres[node] = pos[links[0][0]] * _SCALE
            elif links:
                total = weights = 0
                for end, weight in links:
                    total += pos[end] * weight
                    weights += weight
                centres[node] = total * _SCALE // weights
            else:
                held.append((index, node))
        free = sorted(centres, key=centres.__getitem__)
        for index, node in held:
            free.insert(index, node)
        self._reorder(number, free)

    def _swap_neighbours(self) -> None:
        is_due = [len(rank) > 1 for rank in self.ranks]  # others have been looked at since anything beside them moved
        for _ in range(_SWAPS):
            swapped = False
            for number in range(len(is_due)):
                if is_due[number] and self._is_crossed(number):
                    is_due[number] = False
                    if self._swap_in(number):
                        swapped = True
                        for beside in range(max(number - 1, 0), min(number + 2, len(is_due))):
                            is_due[beside] = len(self.ranks[beside]) > 1
            if not swapped:
                return

    def _swap_in(self, number: int) -> bool:
        rank, pos, above, below = self.ranks[number], self.pos, self.above, self.below
        crossed_below = self.crossings(number)
        crossed_above = self.crossings(number - 1) if number else 0
        gained_below = gained_above = 0
        for index in range(len(rank) - 1):
            left, right = rank[index], rank[index + 1]
            # Where nothing crosses, a swap cannot gain; what it would cost there is asked when it gains on the other
            # side.
            gain_below = _gain(pos, below[left], below[right]) if crossed_below else 0
            gain_above = _gain(pos, above[left], above[right]) if crossed_above else 0
            if gain_below + gain_above <= 0:
                continue
            if not crossed_below:
                gain_below = _gain(pos, below[left], below[right])
            if not crossed_above:
                gain_above = _gain(pos, above[left], above[right])
            if gain_below + gain_above > 0:
                rank[index], rank[index + 1] = right, left
                pos[left], pos[right] = index + 1, index
                gained_below += gain_below
                gained_above += gain_above
        if not gained_below + gained_above:
            return False
        self.renumber(number)
        self._crossings[number] = crossed_below - gained_below
        self._crossings[number - 1] = crossed_above - gained_above
        return True


def _gain(pos: list[int], left: list[Link], right: list[Link]) -> int:
    """The weight of the crossings that go away when two neighbours of a rank, of these links, change positions."""
    gain = 0
    for other, weight in right:
        end = pos[other]
        for one, share in left:
            here = pos[one]
            if here > end:
                gain += weight * share
            elif here < end:
                gain -= weight * share
    return gain


def _places(grid: Grid, *, has_turn_ranks: bool) -> list[int]:
    """The numbers of the grid's ranks, with one left free below each in which lines turn, if turns have ranks."""
    if not has_turn_ranks:
        return list(range(len(grid.ranks)))
    turning = {grid.elements[hop.source].rank for hop in grid.hops if hop.kind is TURN}
    places, more = [], 0
    for number in range(len(grid.ranks)):
        places.append(number + more)
        more += number in turning
    return places


def _few_loops(grid: Grid, points: dict[int, int]) -> list[list[int]]:
    """The lanes of all wires that lead back, with their points; none where there are many."""
    loops = [_loop(grid, route, points) for route in grid.routes]
    loops = [loop for loop in loops if loop]
    return loops if len(loops) <= _FEW_LOOPS else []


def _loop(grid: Grid, route: list[int], points: dict[int, int]) -> list[int]:
    """The lane of a wire that leads back, with the points where it hooks over and turns, from above; [] for others."""
    if not route or grid.hops[route[0]].kind is not TURN:
        return []
    passed = [points[route[0]]]
    for index in route[:-1]:
        if grid.hops[index].kind is UP and index in points:
            passed.append(points[index])
        passed.append(grid.hops[index].target)
    return [points[route[-1]], *reversed(passed)]
