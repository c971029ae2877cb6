"""Global sifting: an order of blocks in which few lines cross.

After Bachmaier, Brandenburg, Brunner and Hübner, Global k-level crossing reduction (2011): each block in turn is moved
to where it crosses least. Then lanes to one target are made one where that costs little.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from sfdebug.drawing.layout.block_order import BlockOrder
from sfdebug.drawing.layout.order import WHOLE

_ROUNDS: Final = 8
_LITTLE: Final = 10
"""So many rounds, until one takes away less than this part of what is crossed: the next brings far less."""

_PRICE: Final = 0.05
"""How many crossings a lane of its own must spare for each rank that it passes beside another to the same target."""


def sift(order: BlockOrder) -> None:
    """Move each block, the longest first, to where it crosses least, as long as that brings something."""
    for _ in range(_ROUNDS):
        gained = crossed = 0
        blocks = [block for block, gone in enumerate(order.is_gone) if not gone]
        for block in sorted(blocks, key=lambda block: -len(order.times[block])):
            first = order.first[block]
            if max(order.changed[max(first - 1, 0) : first + len(order.times[block]) + 1]) > order.looked[block]:
                before, after = (0, 0) if order.is_clear(block) else order.move(block)
                gained += before - after
                crossed += after
        order.renumber()
        if gained * _LITTLE <= crossed:
            break


def join(order: BlockOrder) -> None:
    """Make lanes to one target one lane where they cross about as little so as by themselves."""
    for lanes in sorted(order.bundles, key=len, reverse=True):
        kept = lanes[:1]
        for lane in lanes[1:]:
            keys, costs = order.costs(lane)
            own = costs[bisect_left(keys, order.key[lane])]
            cost, into = min([(costs[bisect_left(keys, order.key[each])], each) for each in kept])
            if cost <= own + _PRICE * WHOLE * WHOLE * (len(order.times[lane]) + 1):
                _join(order, lane, into)
            else:
                kept.append(lane)
        for lane in kept:
            order.move(lane)
    order.renumber()


def _join(order: BlockOrder, lane: int, into: int) -> None:
    """Have a lane run in another, which is no shorter."""
    ups, downs = order.drop(lane)
    for gap, times in enumerate(order.times[lane], order.first[lane]):
        order.times[into][gap - order.first[into]] += times
        order.through[gap][into] += times
    for gap, upper, weight in ups:
        order.link(gap, upper, into, weight)
    for gap, lower, weight in downs:
        for known in [known for known in order.downs[into] if known[:2] == (gap, lower)]:
            order.unlink(gap, into, lower, known[2])
            weight += known[2]
        order.link(gap, into, lower, weight)
    order.joined[lane] = into
    order.note(lane)
