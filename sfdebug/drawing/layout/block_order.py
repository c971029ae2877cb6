"""The elements of a grid in blocks, which have one order, and what each block would cross at every place of it.

A block is all that should stand in one column: a lane from its first rank to its last, or a box with what leads but to
it. The order of a rank follows from that of the blocks, which is that of their keys. So lines cross only where a block
begins or ends, or another joins it, and what a block would cross at every place is found at once from what happens in
the gaps that it passes. Each wire that runs down begins with a lane of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeAlias

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.grid import DOWN, LINE, Grid
from sfdebug.drawing.layout.order import WHOLE, Ordering

Link: TypeAlias = "tuple[int, int, int]"
"""Upper block, lower block and weight; or of one block: the gap, the other block and the weight."""


class _Lane(NamedTuple):
    """Where one wire passes: from a rank to another, from a node above it to the box that it leads to."""

    wire: int
    first: int
    last: int
    source: int
    target: int


class BlockOrder:
    """The blocks of a grid in one order, with the links between them in every gap."""

    def __init__(self, grid: Grid, ordering: Ordering) -> None:
        self.ordering = ordering
        self.first: list[int] = []
        self.times: list[list[int]] = []
        """The first rank of each block, and the weight of its line in each gap from there."""

        self.key: list[float] = []
        self.is_gone: list[bool] = []
        self.looked: list[int] = []
        self.changed = [0] * (len(ordering.ranks) + 1)
        self.sorted_at = [-1] * len(ordering.ranks)
        self.standing: list[list[float]] = [[] for _ in ordering.ranks]
        self.moves = 0
        """When, counted in moves, something beside a gap has changed, and each block was looked at."""

        self.ups: list[list[Link]] = []
        self.downs: list[list[Link]] = []
        """By block: what joins it from above, and what leaves it below."""

        self.across: list[list[Link]] = [[] for _ in ordering.ranks]
        self.upwards: list[list[Link]] = [[] for _ in ordering.ranks]
        self.through: list[dict[int, int]] = [{} for _ in ordering.ranks]
        """By gap: the links between two blocks, also the other way round, and what passes, with its weight."""

        self.pieces: dict[int, list[int]] = {}
        self.lane_of: dict[int, int] = {}
        self.joined: dict[int, int] = {}
        """The lanes of wires, and those in which others run."""

        self.keys: list[float] = []
        nets = _nets(grid, ordering)
        self.block = [-1] * len(ordering.above)
        self._gather(grid, {node for chain in nets for node in grid.chains[chain]})
        self.bundles = [self._lanes(grid.chains[chain], lanes) for chain, lanes in nets.items()]
        self.renumber()

    def _gather(self, grid: Grid, parted: set[int]) -> None:
        """Make blocks of all elements and points but those that are `parted`, each wire of which has a lane."""
        ordering = self.ordering
        after = _following(grid, ordering, parted)
        begun = set(after.values())
        for number, rank in enumerate(ordering.ranks):
            for node in rank:
                if node in parted or node in begun:
                    continue
                run = [node]
                while run[-1] in after:
                    run.append(after[run[-1]])
                block = self.add(number, [0] * (len(run) - 1), self._middle(run))
                for each in run:
                    self.block[each] = block
        for gap, segments in enumerate(ordering.segments):
            for upper, lower, weight in segments:
                one, other = self.block[upper], self.block[lower]
                if one < 0 or other < 0:
                    continue
                if one == other:
                    self.times[one][gap - self.first[one]] = self.through[gap][one] = weight
                else:
                    self.link(gap, one, other, weight)

    def _lanes(self, chain: list[int], lanes: list[_Lane]) -> list[int]:
        """Give each wire of a bundle a lane, the longest first."""
        key, made = self._middle(chain), []
        for number, lane in enumerate(sorted(lanes, key=lambda lane: (lane.first, lane.wire)), 1):
            block = self.add(lane.first, [WHOLE] * (lane.last - lane.first), key + number * 1e-6)
            for gap in range(lane.first, lane.last):
                self.through[gap][block] = WHOLE
            self.link(lane.first - 1, self.block[lane.source], block, WHOLE)
            self.link(lane.last, block, self.block[lane.target], WHOLE)
            self.lane_of[lane.wire] = block
            made.append(block)
        return made

    def _middle(self, nodes: list[int]) -> float:
        """About how far from the left some nodes stand."""
        ordering = self.ordering
        shares = [ordering.pos[node] / len(ordering.ranks[ordering.rank_of[node]]) for node in nodes]
        return sum(shares) / len(shares)

    def add(self, first: int, times: list[int], key: float) -> int:
        """Add a block, as yet without links."""
        self.first.append(first)
        self.times.append(times)
        self.key.append(key)
        self.is_gone.append(False)
        self.looked.append(-1)
        self.ups.append([])
        self.downs.append([])
        return len(self.key) - 1

    def link(self, gap: int, upper: int, lower: int, weight: int) -> None:
        """Link two blocks in a gap."""
        self.across[gap].append((upper, lower, weight))
        self.upwards[gap].append((lower, upper, weight))
        self.downs[upper].append((gap, lower, weight))
        self.ups[lower].append((gap, upper, weight))

    def unlink(self, gap: int, upper: int, lower: int, weight: int) -> None:
        """Take a link out."""
        self.across[gap].remove((upper, lower, weight))
        self.upwards[gap].remove((lower, upper, weight))
        self.downs[upper].remove((gap, lower, weight))
        self.ups[lower].remove((gap, upper, weight))

    def drop(self, block: int) -> tuple[list[Link], list[Link]]:
        """Take a block out; what joined it from above, and what left it below."""
        ups, downs = list(self.ups[block]), list(self.downs[block])
        for gap, upper, weight in ups:
            self.unlink(gap, upper, block, weight)
        for gap, lower, weight in downs:
            self.unlink(gap, block, lower, weight)
        for gap in range(self.first[block], self.first[block] + len(self.times[block])):
            del self.through[gap][block]
        self.is_gone[block] = True
        del self.keys[bisect_left(self.keys, self.key[block])]
        return ups, downs

    def renumber(self) -> None:
        """Give all blocks whole numbers for keys, in the same order."""
        order = sorted([block for block, gone in enumerate(self.is_gone) if not gone], key=self.key.__getitem__)
        for number, block in enumerate(order):
            self.key[block] = float(number)
        self.sorted_at = [-1] * len(self.standing)
        self.keys = [float(number) for number in range(len(order))]

    # What a block crosses

    def costs(self, block: int) -> tuple[list[float], list[int]]:
        """What a block crosses to the left of the first of some keys, between it and the next, and so on."""
        give_way()
        key, change = self.key, defaultdict[float, int](int)
        for times, across in zip(self.times[block], self.across[self.first[block] :], strict=False):
            for upper, lower, weight in across:
                if upper != block != lower:
                    one, other = key[upper], key[lower]
                    if one < other:
                        change[one] += weight * times
                        change[other] -= weight * times
                    else:
                        change[one] -= weight * times
                        change[other] += weight * times
        first = 0
        for gap, far, times in self.ups[block]:
            first += self.end_costs(change, self.upwards[gap], gap, block, far, times)
        for gap, far, times in self.downs[block]:
            first += self.end_costs(change, self.across[gap], gap, block, far, times)
        keys = sorted(change)
        return keys, list(accumulate(map(change.__getitem__, keys), initial=first))

    def end_costs(
        self, change: defaultdict[float, int], across: list[Link], gap: int, block: int, far: int, times: int
    ) -> int:
        """Add what a link from `block` to `far` crosses to the `change` of its costs; what it is left of all."""
        key = self.key
        goal, first = key[far], 0
        for near, other, weight in across:
            if near != block and other != far:
                if key[other] < goal:
                    first += weight
                    change[key[near]] -= weight * times
                else:
                    change[key[near]] += weight * times
        for near, weight in self.through[gap].items():
            at = key[near]
            if at < goal:
                if near != block:
                    first += weight
                    change[at] -= weight * times
            elif near != far and near != block:
                change[at] += weight * times
        return first * times

    def is_clear(self, block: int) -> bool:
        """Whether a block crosses nothing where it stands."""
        key = self.key
        here = key[block]
        for across in self.across[self.first[block] : self.first[block] + len(self.times[block])]:
            for upper, lower, _ in across:
                if (key[upper] < here) != (key[lower] < here) and upper != block != lower:
                    return False
        ends = [(gap, far, self.upwards[gap]) for gap, far, _ in self.ups[block]]
        ends += [(gap, far, self.across[gap]) for gap, far, _ in self.downs[block]]
        for gap, far, across in ends:
            goal, standing = key[far], self._standing(gap)
            low, high = (here, goal) if here < goal else (goal, here)
            if bisect_right(standing, low) < bisect_left(standing, high):
                return False
            for near, other, _ in across:
                if (key[near] < here) != (key[other] < goal) and near != block and other != far:
                    return False
        self.looked[block] = self.moves
        return True

    def _standing(self, gap: int) -> list[float]:
        """The keys of what passes a gap, in order."""
        if self.sorted_at[gap] != self.changed[gap]:
            self.sorted_at[gap] = self.changed[gap]
            self.standing[gap] = sorted(map(self.key.__getitem__, self.through[gap]))
        return self.standing[gap]

    # Moving blocks

    def move(self, block: int) -> tuple[int, int]:
        """Move a block to the nearest place at which it crosses least; what it crossed before, and now."""
        keys, costs = self.costs(block)
        at = bisect_left(keys, self.key[block])
        before, least = costs[at], min(costs)
        self.looked[block] = self.moves
        if least < before:
            key = self.key_between(keys, nearest(costs, least, at), at)
            if key is None:
                self.renumber()
                return self.move(block)
            del self.keys[bisect_left(self.keys, self.key[block])]
            self.key[block] = key
            insort(self.keys, key)
            self.note(block)
            self.looked[block] = self.moves
        return before, least

    def note(self, block: int) -> None:
        """Note that there is something new about a block, for those beside it to be looked at again."""
        self.moves += 1
        start, stop = max(self.first[block] - 1, 0), self.first[block] + len(self.times[block]) + 1
        self.changed[start:stop] = [self.moves] * (stop - start)

    def key_between(self, keys: list[float], place: int, at: int) -> float | None:
        """A key that no block has, at a place among `keys`, as near as may be to the place `at`; None when there is
        none between numbers so near to one another."""
        taken = self.keys
        if place < at:
            number = bisect_left(taken, keys[place])
            low, high = (taken[number - 1] if number else taken[0] - 2), keys[place]
        else:
            number = bisect_right(taken, keys[place - 1])
            low, high = keys[place - 1], (taken[number] if number < len(taken) else taken[-1] + 2)
        key = (low + high) / 2
        return key if low < key < high else None

    def piece(self, block: int, rank: int) -> int:
        """What of a block stands in a rank."""
        while block in self.pieces:
            block = next(each for each in reversed(self.pieces[block]) if self.first[each] <= rank)
        return block

    # What was found

    def lanes(self, grid: Grid) -> dict[tuple[int, int], int]:
        """The lanes that wires of `grid` run in, by wire and rank."""
        found = {}
        for wire, lane in self.lane_of.items():
            for hop in grid.routes[wire]:
                element = grid.elements[grid.hops[hop].target]
                if element.kind is LINE:
                    found[wire, element.rank] = self.joined.get(lane, lane) + 1
        return found

    def arrange(self, grid: Grid, like: Grid) -> None:
        """Put the ranks of `grid` in this order; it has the wires of `like`, which the order was made of."""
        keys = [0.0] * len(grid.elements)
        items = {element.item: node for node, element in enumerate(like.elements) if element.is_box}
        for node, element in enumerate(grid.elements):
            if element.is_box:
                keys[node] = self.key[self.piece(self.block[items[element.item]], element.rank)]
        for wire, (hops, others) in enumerate(zip(grid.routes, like.routes, strict=True)):
            for hop, other in zip(hops, others, strict=True):
                node = grid.hops[hop].target
                element = grid.elements[node]
                if element.is_box or keys[node]:
                    continue
                lane = self.block[like.hops[other].target]
                if lane < 0:
                    lane = self.joined.get(self.lane_of[wire], self.lane_of[wire])
                keys[node] = self.key[self.piece(lane, element.rank)]
        for rank in grid.ranks:
            rank.sort(key=keys.__getitem__)


def _following(grid: Grid, ordering: Ordering, parted: set[int]) -> dict[int, int]:
    """Which node stands in one block with the one above it: the next of its chain, or what alone it leads to."""
    rank_of, above, below = ordering.rank_of, ordering.above, ordering.below
    after: dict[int, int] = {}
    lines = set(parted)
    for chain in grid.chains:
        if grid.elements[chain[0]].kind is LINE and chain[0] not in parted:
            nodes = sorted(chain, key=rank_of.__getitem__)
            after.update((one, other) for one, other in pairwise(nodes) if rank_of[other] == rank_of[one] + 1)
            lines.update(nodes)
    for node, links in enumerate(below):
        if len(links) == 1 and node not in lines:
            other = links[0][0]
            if len(above[other]) == 1 and other not in lines:
                after[node] = other
    return after


def _nets(grid: Grid, ordering: Ordering) -> dict[int, list[_Lane]]:
    """The lanes of the wires that run in bundles down to a box, by the chain of the bundle."""
    rank_of = ordering.rank_of
    chain_of = {node: number for number, chain in enumerate(grid.chains) for node in chain}
    nets: dict[int, list[_Lane]] = {}
    for wire, route in enumerate(grid.routes):
        hops = [grid.hops[index] for index in route]
        lines = [hop for hop in hops if grid.elements[hop.target].kind is LINE]
        if lines and all(hop.kind is DOWN and hop.rail < 0 for hop in hops):
            first, last = rank_of[lines[0].target], rank_of[lines[-1].target]
            lane = _Lane(wire, first, last, lines[0].source, hops[-1].target)
            nets.setdefault(chain_of[lines[0].target], []).append(lane)
    return {chain: lanes for chain, lanes in nets.items() if len(lanes) > 1}


def nearest(costs: list[int], least: int, at: int) -> int:
    """The place that costs least; of those that do, the nearest to where it is."""
    return min([place for place, cost in enumerate(costs) if cost == least], key=lambda place: abs(place - at))
