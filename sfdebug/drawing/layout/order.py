"""The order of elements within their ranks, chosen for few crossings.

A turn below a rank is seen as two segments that meet in a point of the rank below, and a hook as two that meet
above, so that every crossing is one of two segments in a gap. All turns of a box share their point, and all its hooks:
they nest. A box that they pass has a mark there, which they cross, but cheaply. The order begins as the walk of the
layers met the elements; sweeps of barycentres and swaps of neighbours improve it, and a change is kept only if it takes
crossings away, so that a drawing without crossings keeps the order of the definition.

Sweeps move one element at a time, and so cannot carry a line past another. Sifting moves a whole run at once: a line
through neighbouring ranks (a bundle, a lane, a label and the box under it). All positions for all its elements are
weighed together, by dynamic programming from its first rank to its last.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import Final, TypeAlias

from sfdebug.drawing.layout.grid import ElementKind, Grid, HopKind

_SWEEPS: Final = 8
_PATIENCE: Final = 2
_SIFTING: Final = 350_000
_LEAST_SIFTING: Final = 60_000
_SIFTING_EACH: Final = 40
"""How many pairs of positions sifting may weigh in one scope: at most, at least, and for each element in it."""

WHOLE: Final = 4
"""What a wire counts; to a label it counts a little more, so that it is rather the bundle below that crosses others."""

_FEW_LOOPS: Final = 8
"""Up to so many loops are moved as a whole to the side where they cross least; more would nest, ever wider."""

_SCALE: Final = 5040
"""Barycentres are counted in this fraction of a position, so that they stay whole numbers."""

_ROUNDS: Final = 4
"""How often sifting goes through all runs."""

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
        shared: dict[tuple[int, bool], int] = {}
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
                point = shared.get((box, turns), -1)
                if point < 0:
                    rank = self.rank_of[box] + (1 if turns else -1)
                    point = shared[box, turns] = self._add_point(rank, keys, 2 * lane + 1)
                    self._join(*((box, point) if turns else (point, box)), weight)
                self._join(*((lane, point) if turns else (point, lane)), weight)
                points[index] = point
        self._mark_boxes(grid, keys)
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
                mark = self._add_point(beyond, keys, 2 * node + 1)
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

    def sift(self, chains: list[list[int]]) -> None:
        """Move whole runs, `chains` of elements in neighbouring ranks among them, to where they cross least."""
        if self.total():
            rank_of = self.rank_of
            runs = [sorted(chain, key=rank_of.__getitem__) for chain in chains]
            runs = [run for run in runs if rank_of[run[-1]] - rank_of[run[0]] == len(run) - 1]
            budget = min(_SIFTING, _LEAST_SIFTING + _SIFTING_EACH * len(self.pos))
            _sift(self, [*runs, *self.loops, *_threads(self)], budget)

    def follow(self, other: Ordering, real: int) -> None:
        """Take over how the first `real` nodes stand in another order of theirs; points where they cross least."""
        for rank in self.ranks:
            rank.sort(key=lambda node: (node >= real, other.pos[node] if node < real else node))
        for number in range(len(self.ranks)):
            self.renumber(number)
        _sift(self, [[node] for node in range(real, len(self.above))], _LEAST_SIFTING)

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


def _threads(ordering: Ordering) -> list[list[int]]:
    """The longest runs of elements that have but each other above and below."""
    above, below = ordering.above, ordering.below
    found = []
    for rank in ordering.ranks:
        for node in rank:
            if len(above[node]) == 1 and len(below[above[node][0][0]]) == 1:
                continue  # not the first of its run
            run = [node]
            while len(below[run[-1]]) == 1 and len(above[below[run[-1]][0][0]]) == 1:
                run.append(below[run[-1]][0][0])
            found.append(run)
    return found


def _sift(ordering: Ordering, runs: list[list[int]], budget: int) -> None:
    """Move each of `runs` to where it crosses least. `budget` bounds the work."""
    runs = _worst_first(ordering, runs, budget)
    changes = [0] * len(ordering.ranks)  # how often each rank has changed
    looked = [-1] * len(runs)
    for _ in range(_ROUNDS):
        before = sum(changes)
        for index, run in enumerate(runs):
            first, last = ordering.rank_of[run[0]], ordering.rank_of[run[-1]]
            state = sum(changes[max(first - 1, 0) : last + 2])
            if state == looked[index]:
                continue  # nothing beside it has moved since it was looked at
            looked[index] = state
            if not any(ordering.crossings(gap) for gap in range(max(first - 1, 0), last + 1)):
                continue
            sifted = _Run(ordering, run)
            crossed = sifted.crossed()
            if not crossed:
                continue
            budget -= _work(ordering, run)
            if budget < 0:
                return
            positions = sifted.best_positions(crossed)
            if positions:
                sifted.move(positions)
                changes[first : last + 1] = [times + 1 for times in changes[first : last + 1]]
                looked[index] = sum(changes[max(first - 1, 0) : last + 2])
        if sum(changes) == before:
            break


def _worst_first(ordering: Ordering, runs: list[list[int]], budget: int) -> list[list[int]]:
    """The runs in the order in which they cross most, if there is not enough time for all of them."""
    if sum(_work(ordering, run) for run in runs) <= budget:
        return runs
    work, costs = 0, [0] * len(runs)
    for index, run in enumerate(runs):
        first, last = ordering.rank_of[run[0]], ordering.rank_of[run[-1]]
        if any(ordering.crossings(gap) for gap in range(max(first - 1, 0), last + 1)):
            sifted = _Run(ordering, run)
            costs[index] = sifted.crossed()
            work += _work(ordering, run) if costs[index] else 0
    if work <= budget:
        return runs
    return [runs[index] for index in sorted(range(len(runs)), key=lambda index: (-costs[index], index))]


def _work(ordering: Ordering, run: list[int]) -> int:
    """How many pairs of positions there are to weigh for a run."""
    first, last = ordering.rank_of[run[0]], ordering.rank_of[run[-1]]
    sizes = [len(rank) for rank in ordering.ranks[max(first - 1, 0) : last + 2]]
    return sum(map(int.__mul__, sizes, sizes[1:]))


class _Run:
    """One run, and the positions of everything around it, counted as if it were not there."""

    def __init__(self, ordering: Ordering, run: list[int]) -> None:
        self.ordering = ordering
        self.run = run
        self.first = ordering.rank_of[run[0]]
        self.last = ordering.rank_of[run[-1]]
        self.home = [ordering.pos[node] for node in run]
        self.links = {gap: self._links(gap) for gap in range(max(self.first - 1, 0), self.last + 1)}
        self.ends = [self._ends(index, upwards=way) for index in range(len(run)) for way in (True, False)]

    def _home(self, rank: int) -> int:
        """Where the run stands in a rank; beyond all positions where it does not."""
        return self.home[rank - self.first] if self.first <= rank <= self.last else _NOWHERE

    def _links(self, gap: int) -> Segments:
        """The positions of the ends of all segments of a gap that do not touch the run."""
        pos, upper_home, lower_home = self.ordering.pos, self._home(gap), self._home(gap + 1)
        return [
            (upper - (upper > upper_home), lower - (lower > lower_home), weight)
            for one, other, weight in self.ordering.segments[gap]
            if (upper := pos[one]) != upper_home and (lower := pos[other]) != lower_home
        ]

    def _ends(self, index: int, *, upwards: bool) -> list[Link]:
        """The segments of an element that lead out of the run: the position of the other end, and the weight."""
        number = self.first + index + (-1 if upwards else 1)
        home = self._home(number)
        links = (self.ordering.above if upwards else self.ordering.below)[self.run[index]]
        found = [(self.ordering.pos[other], weight) for other, weight in links]
        return [(far - (far > home), weight) for far, weight in found if far != home]

    def _times(self, index: int) -> int:
        """The weight of the segment from an element of the run to the next."""
        return next(weight for lower, weight in self.ordering.below[self.run[index]] if lower == self.run[index + 1])

    def crossed(self) -> int:
        """The weight of what the run crosses where it stands."""
        found = 0
        for index, here in enumerate(self.home):
            gap = self.first + index
            if index + 1 < len(self.home):
                there = self.home[index + 1]
                found += self._times(index) * sum(
                    [weight for upper, lower, weight in self.links[gap] if (upper < here) != (lower < there)]
                )
            for far, times in self.ends[2 * index]:
                found += times * sum(
                    [weight for far_end, near, weight in self.links[gap - 1] if _cross(near < here, far_end, far)]
                )
            for far, times in self.ends[2 * index + 1]:
                found += times * sum(
                    [weight for near, far_end, weight in self.links[gap] if _cross(near < here, far_end, far)]
                )
        return found

    def best_positions(self, crossed: int) -> list[int]:
        """The position of each element at which the run crosses least; [] if that is no less than `crossed`."""
        costs = list(map(add, self._end_costs(0, upwards=True), self._end_costs(0, upwards=False)))
        choices: list[list[int]] = []
        for index in range(1, len(self.run)):
            costs, chosen = self._step(index, costs, crossed)
            choices.append(chosen)
            for upwards in (True, False):
                if self.ends[2 * index + (not upwards)]:
                    costs = list(map(add, costs, self._end_costs(index, upwards=upwards)))
        home = self.home[-1]
        at = min(range(len(costs)), key=lambda position: (costs[position], abs(position - home), position))
        if costs[at] >= crossed:
            return []
        positions = [at]
        for chosen in reversed(choices):
            positions.append(chosen[positions[-1]])
        return positions[::-1]

    def move(self, positions: list[int]) -> None:
        """Put each element at its new position."""
        ordering = self.ordering
        for number, (element, old, new) in enumerate(zip(self.run, self.home, positions, strict=True), self.first):
            if old != new:
                rank = ordering.ranks[number]
                del rank[old]
                rank.insert(new, element)
                ordering.renumber(number)

    def _end_costs(self, index: int, *, upwards: bool) -> list[int]:
        """For each position of an element in its rank: what its segments out of the run cross."""
        number = self.first + index
        size = len(self.ordering.ranks[number]) - 1
        ends = self.ends[2 * index + (not upwards)]
        if not ends:
            return [0] * (size + 1)
        first, change = 0, [0] * (size + 1)  # the cost in the first position, and what each next position adds
        links = self.links[number - 1 if upwards else number]
        for far, times in ends:
            for upper, lower, weight in links:
                near, other = (lower, upper) if upwards else (upper, lower)
                if other < far:
                    first += weight * times
                    change[near + 1] -= weight * times
                elif other > far:
                    change[near + 1] += weight * times
        change[0] = first
        return list(accumulate(change))

    def _step(self, index: int, costs: list[int], most: int) -> tuple[list[int], list[int]]:
        """Costs by position of element `index`, and the position of the element before it that each comes from.

        Ways that cost `most` already are not followed: they do not get cheaper.
        """
        number, times, home = self.first + index - 1, self._times(index - 1), self.home[index - 1]
        leaving: list[list[tuple[int, int]]] = [[] for _ in costs]
        change = [0] * len(self.ordering.ranks[number + 1])
        # Cost and position in one number, so that the least of many is found at once; of equals, the nearest to home.
        scale = 2 * (len(costs) + home + 1)
        for upper, lower, weight in self.links[number]:
            cost = weight * times * scale
            leaving[upper].append((lower + 1, cost))
            change[lower + 1] += cost
        best = [most * scale] * len(change)
        first = 0
        for at, so_far in enumerate(costs):
            if at:
                for end, cost in leaving[at - 1]:
                    first += cost
                    change[end] -= 2 * cost
            if so_far < most:
                change[0] = first + so_far * scale + 2 * abs(at - home) + (at < home)
                best = [one if one < other else other for one, other in zip(best, accumulate(change), strict=True)]
        ties = [each % scale for each in best]
        return [each // scale for each in best], [home + (-(tie >> 1) if tie & 1 else tie >> 1) for tie in ties]


def _cross(is_left: bool, far_end: int, far: int) -> bool:
    """Whether a segment that begins left of another, or not, ends on its other side."""
    return far_end > far if is_left else far_end < far
