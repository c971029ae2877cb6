"""Lanes that bend where that spares crossings.

A lane that crosses less on one side of others above, and on the other side below, is cut in pieces, each a block of its
own. Where it should bend is found on a sweep down the gaps that it passes: what it costs to have come to each place
between the blocks that stand there is kept from gap to gap, and changed by what happens there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from itertools import accumulate
from math import inf
from operator import add
from typing import Final, NamedTuple

from sfdebug.drawing.layout.block_order import BlockOrder, Link
from sfdebug.drawing.layout.order import WHOLE

_BEND: Final = WHOLE * WHOLE // 4
"""What a bend costs beside crossings."""

_LONG: Final = 8
"""Shorter lanes are straight."""


def bend(order: BlockOrder) -> None:
    """Have long lanes bend where that spares crossings."""
    blocks = [block for block, gone in enumerate(order.is_gone) if not gone and len(order.times[block]) > _LONG]
    ends = _Ends(order)
    for block in sorted(blocks, key=lambda block: -len(order.times[block])):
        keys, costs = order.costs(block)
        straight = costs[bisect_left(keys, order.key[block])]
        if straight >= _BEND:
            ways = _Ways(order, ends, block).best(straight)
            if ways:
                ends.cut(block, ways)
    order.renumber()


class _Ends:
    """The blocks that begin in each rank, and those that end there."""

    def __init__(self, order: BlockOrder) -> None:
        self.order = order
        self.begun: list[list[int]] = [[] for _ in order.through]
        self.ended: list[list[int]] = [[] for _ in order.through]
        for block, gone in enumerate(order.is_gone):
            if not gone:
                self.begun[order.first[block]].append(block)
                self.ended[order.first[block] + len(order.times[block])].append(block)

    def cut(self, block: int, ways: list[tuple[int, float]]) -> None:
        """Make pieces of a block: each begins at a rank, and has a key."""
        order = self.order
        first, times = order.first[block], order.times[block]
        last = first + len(times)
        ups, downs = order.drop(block)
        order.note(block)
        self.begun[first].remove(block)
        self.ended[last].remove(block)
        stops = [rank for rank, _ in ways[1:]] + [last + 1]
        pieces = order.pieces[block] = []
        for (rank, key), stop in zip(ways, stops, strict=True):
            piece = order.add(rank, times[rank - first : stop - 1 - first], key)
            insort(order.keys, key)
            for gap in range(rank, stop - 1):
                order.through[gap][piece] = times[gap - first]
            if pieces:
                order.link(rank - 1, pieces[-1], piece, times[rank - 1 - first])
            self.begun[rank].append(piece)
            self.ended[stop - 1].append(piece)
            pieces.append(piece)
        for gap, upper, weight in ups:
            order.link(gap, upper, order.piece(block, gap + 1), weight)
        for gap, lower, weight in downs:
            order.link(gap, order.piece(block, gap), lower, weight)


class _Piece(NamedTuple):
    """From which rank on a way runs upright between two keys, and what it did before."""

    begun: int
    low: float
    high: float
    before: _Piece | None


class _Ways:
    """The cheapest way of one block to each place between others, from rank to rank.

    Of each way, `lows` and `highs` give between which keys it runs upright, `begun` the rank from which on it does, and
    `before` what it did above: the same of the piece before, and so on.
    """

    def __init__(self, order: BlockOrder, ends: _Ends, block: int) -> None:
        self.order = order
        self.ends = ends
        self.block = block
        rank = order.first[block]
        beside = {*order.through[rank - 1], *order.through[rank], *ends.begun[rank], *ends.ended[rank]}
        self.keys = sorted([order.key[each] for each in beside if each != block])
        self.weights = [0] * len(self.keys)
        for each in beside - {block}:
            self.weights[bisect_left(self.keys, order.key[each])] = order.through[rank].get(each, 0)
        count = len(self.keys) + 1
        self.costs = [0] * count
        self.lows = [-inf, *self.keys]
        self.highs = [*self.keys, inf]
        self.begun = [rank] * count
        self.before: list[_Piece | None] = [None] * count
        self.links: dict[int, list[tuple[list[Link], int, int, int]]] = {}
        for gap, far, times in order.ups[block]:
            self.links.setdefault(gap + 1, []).append((order.upwards[gap], gap, far, times))
        for gap, far, times in order.downs[block]:
            self.links.setdefault(gap, []).append((order.across[gap], gap, far, times))

    def best(self, straight: int) -> list[tuple[int, float]]:
        """The pieces of the cheapest way, each with its first rank and its key; [] if that is not one that bends, and
        crosses less than the block does where it stands."""
        order, block = self.order, self.block
        first = order.first[block]
        self._add_ends(first)
        for gap, times in enumerate(order.times[block], first):
            for each in self.ends.begun[gap + 1]:
                if each != block:
                    self._split(order.key[each], gap + 1)
            self._pass(gap, times)
            self._go_sideways(gap + 1, times)
            for each in self.ends.ended[gap]:
                if each != block:
                    self._merge(order.key[each])
            self._add_ends(gap + 1)
        least = min(self.costs)
        if least >= straight:
            return []
        at = self.costs.index(least)
        piece: _Piece | None = _Piece(self.begun[at], self.lows[at], self.highs[at], self.before[at])
        found = []
        while piece is not None:
            found.append((piece.begun, self._key(piece.low, piece.high)))
            piece = piece.before
        return found[::-1] if len(found) > 1 else []

    def _key(self, low: float, high: float) -> float:
        """A key between two others, that of the block or as near to it as may be."""
        here, taken = self.order.key[self.block], self.order.keys
        if low < here < high:
            return here
        if low >= here:
            return (low + min(high, taken[bisect_right(taken, low)] if low < taken[-1] else low + 2)) / 2
        return (max(low, taken[bisect_left(taken, high) - 1] if high > taken[0] else high - 2) + high) / 2

    def _add_ends(self, rank: int) -> None:
        """Add what the links of the block in a rank cross."""
        for across, gap, far, times in self.links.get(rank, ()):
            change = defaultdict[float, int](int)
            first = self.order.end_costs(change, across, gap, self.block, far, times)
            get = change.get
            added = accumulate([get(key, 0) for key in self.keys], initial=first)
            self.costs = list(map(add, self.costs, added))

    def _split(self, key: float, rank: int) -> None:
        """Have a place become two, on either side of what begins."""
        at = bisect_left(self.keys, key)
        low, high, cost, piece = self.lows[at], self.highs[at], self.costs[at], None
        if not low < key < high:
            piece = self._piece(at)
        self.keys.insert(at, key)
        self.weights.insert(at, 0)
        self.costs.insert(at, cost)
        self.begun.insert(at, self.begun[at])
        self.before.insert(at, self.before[at])
        self.lows.insert(at + 1, max(low, key))
        self.highs.insert(at, min(high, key))
        if piece is not None:
            # The way runs on one side only: to get to the other it bends above.
            to = at if key <= low else at + 1
            self.before[to] = piece
            self._begin(to, cost + _BEND, rank)

    def _piece(self, at: int) -> _Piece:
        return _Piece(self.begun[at], self.lows[at], self.highs[at], self.before[at])

    def _merge(self, key: float) -> None:
        """Have the places on either side of what ended become one."""
        at = bisect_left(self.keys, key)
        worse = at if self.costs[at] > self.costs[at + 1] else at + 1
        del self.keys[at], self.weights[at]
        for column in (self.costs, self.lows, self.highs, self.begun, self.before):
            del column[worse]

    def _pass(self, gap: int, times: int) -> None:
        """Add what is crossed by running upright through a gap, and note the weights of what stands there."""
        order, keys, costs, weights = self.order, self.keys, self.costs, self.weights
        into: dict[int, int] = {}
        for upper, lower, weight in order.across[gap]:
            if self.block in (upper, lower):
                continue
            one, other = bisect_left(keys, order.key[upper]), bisect_left(keys, order.key[lower])
            into[lower] = into.get(lower, 0) + weight
            weights[other] = order.through[gap].get(lower, 0) + into[lower]
            if one > other:
                one, other = other, one
            weight *= times
            for at in range(one + 1, other + 1):
                costs[at] += weight

    def _go_sideways(self, rank: int, times: int) -> None:
        """Let each way go on beside, past what stands there, where that is cheaper than to come from above."""
        costs, weights, last = self.costs, self.weights, len(self.weights)
        here = costs[0]
        for at, weight in enumerate(weights):
            here += weight * times
            if here < costs[at + 1]:
                self._bend(at, at + 1, here, rank)
            here = costs[at + 1]
        for at in range(last - 1, -1, -1):
            here += weights[at] * times
            if here < costs[at]:
                self._bend(at + 1, at, here, rank)
            here = costs[at]

    def _bend(self, at: int, to: int, cost: int, rank: int) -> None:
        """Have the way to one place go on to another, if a bend is not too dear."""
        is_bent = self.begun[at] == rank
        cost += 0 if is_bent else _BEND
        if cost < self.costs[to]:
            self.before[to] = self.before[at] if is_bent else self._piece(at)
            self._begin(to, cost, rank)

    def _begin(self, at: int, cost: int, rank: int) -> None:
        self.costs[at], self.begun[at] = cost, rank
        self.lows[at] = self.keys[at - 1] if at else -inf
        self.highs[at] = self.keys[at] if at < len(self.keys) else inf
