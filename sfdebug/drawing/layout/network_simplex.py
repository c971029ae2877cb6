"""Levels that make the wires of a scope as short as they can be in all: Gansner's network simplex, on small graphs.

Items with one wire in and one out are taken for part of that wire first: wherever they stand on it, it is as long.
What is left is solved by moving, again and again, a part of the graph that hangs on a spanning tree of wires of
their least lengths, in the direction that makes more of its wires shorter than longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_PATIENCE: Final = 30
"""How many exchanges in a row may bring nothing."""

_WORK: Final = 400_000
"""How many looks at items and links all exchanges together may take."""


class Link(NamedTuple):
    """From `tail` down to `head`, at least `least` levels; every level of its length costs `weight`."""

    tail: int
    head: int
    least: int
    weight: int


def shorten(level: list[int], links: Sequence[Link]) -> None:
    """Change `level`, which keeps every link at least as long as it must be, so that their lengths cost less.

    All items must hang together by `links`.
    """
    through, short = _contract(len(level), links)
    kept = sorted({end for link in short for end in link[:2]})
    if len(kept) > 2:
        number = {item: index for index, item in enumerate(kept)}
        inner = [Link(number[link.tail], number[link.head], link.least, link.weight) for link in short]
        solved = _Tree([level[item] for item in kept], inner).solve()
        for item, found in zip(kept, solved, strict=True):
            level[item] = found
    for item, (above, least) in through.items():
        level[item] = level[above] + least


def _contract(count: int, links: Sequence[Link]) -> tuple[dict[int, tuple[int, int]], list[Link]]:
    """Take items between two links into one link: where each then stands, below which item; and what is left."""
    into: list[list[int]] = [[] for _ in range(count)]
    out: list[list[int]] = [[] for _ in range(count)]
    for index, link in enumerate(links):
        out[link.tail].append(index)
        into[link.head].append(index)
    is_passed = [
        len(into[item]) == 1 and len(out[item]) == 1 and links[into[item][0]].weight >= links[out[item][0]].weight
        for item in range(count)
    ]
    through: dict[int, tuple[int, int]] = {}
    short = []
    for link in links:
        if is_passed[link.tail]:
            continue
        least, weight, head = link.least, link.weight, link.head
        while is_passed[head]:
            through[head] = (link.tail, least)
            onward = links[out[head][0]]
            least, weight, head = least + onward.least, onward.weight, onward.head
        short.append(Link(link.tail, head, least, weight))
    return through, short


class _Tree:
    """A spanning tree of links of their least lengths, and the exchanges that lead to the cheapest levels."""

    def __init__(self, level: list[int], links: list[Link]) -> None:
        self.level = level
        self.links = links
        self.touching: list[list[int]] = [[] for _ in level]
        self.pull = [0] * len(level)
        for index, (tail, head, _, weight) in enumerate(links):
            self.touching[tail].append(index)
            self.touching[head].append(index)
            self.pull[tail] += weight
            self.pull[head] -= weight
        self.in_tree = [False] * len(links)

    def solve(self) -> list[int]:
        """The cheapest levels, or the best that were found in time."""
        self._span()
        work, patience = _WORK, _PATIENCE
        while work > 0 and patience:
            work -= 2 * len(self.level) + len(self.links)
            order, parent, first, last = self._walk()
            leaving = self._dearest(order, parent)
            if leaving < 0:
                break
            patience = _PATIENCE if self._exchange(leaving, order, first, last, parent) else patience - 1
        return self.level

    def _slack(self, index: int) -> int:
        tail, head, least, _ = self.links[index]
        return self.level[head] - self.level[tail] - least

    def _span(self) -> None:
        """Grow the tree from item 0, moving what it has reached so that another link gets its least length."""
        level, links = self.level, self.links
        reached = [False] * len(level)
        reached[0] = True
        ahead, members = [0], [0]
        while True:
            while ahead:
                item = ahead.pop()
                for index in self.touching[item]:
                    tail, head, least, _ = links[index]
                    other = head if tail == item else tail
                    if not reached[other] and level[head] - level[tail] == least:
                        reached[other] = self.in_tree[index] = True
                        ahead.append(other)
                        members.append(other)
            if len(members) == len(level):
                return
            border = [index for index, link in enumerate(links) if reached[link.tail] != reached[link.head]]
            nearest = min(border, key=self._slack)
            shift = self._slack(nearest) if reached[links[nearest].tail] else -self._slack(nearest)
            for item in members:
                level[item] += shift
            ahead = list(members)

    def _walk(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """The items from the root on; for each the tree link to its parent, and from where to where its part is."""
        count = len(self.level)
        parent, first, last = [-1] * count, [-1] * count, [0] * count
        order: list[int] = []
        trail = [0]
        while trail:
            item = trail.pop()
            first[item] = len(order)
            order.append(item)
            for index in self.touching[item]:
                if self.in_tree[index] and index != parent[item]:
                    tail, head, _, _ = self.links[index]
                    other = head if tail == item else tail
                    parent[other] = index
                    trail.append(other)
        for item in reversed(order):
            last[item] = max(last[item], first[item])
            if parent[item] >= 0:
                tail, head, _, _ = self.links[parent[item]]
                above = tail if head == item else head
                last[above] = max(last[above], last[item])
        return order, parent, first, last

    def _dearest(self, order: list[int], parent: list[int]) -> int:
        """The item whose part, moved away from its parent, would save most by the level; -1 when none saves."""
        pull = list(self.pull)
        best, found = 0, -1
        for item in reversed(order):
            index = parent[item]
            if index < 0:
                continue
            tail, head, _, _ = self.links[index]
            cut = pull[item] if tail == item else -pull[item]
            if cut < best:
                best, found = cut, item
            pull[tail if head == item else head] += pull[item]
        return found

    def _exchange(self, item: int, order: list[int], first: list[int], last: list[int], parent: list[int]) -> bool:
        """Move the part under `item` away from its parent until another link has its least length; if it moved."""
        low, high = first[item], last[item]
        goes_up = self.links[parent[item]].tail == item
        entering, least = -1, 0
        for index, (tail, head, shortest, _) in enumerate(self.links):
            tail_in, head_in = low <= first[tail] <= high, low <= first[head] <= high
            if tail_in is head_in or tail_in is goes_up:
                continue  # not one that the part leads to, or is led to from, the way it goes
            slack = self.level[head] - self.level[tail] - shortest
            if entering < 0 or slack < least:
                entering, least = index, slack
        self.in_tree[parent[item]] = False
        self.in_tree[entering] = True
        for member in order[low : high + 1]:
            self.level[member] += -least if goes_up else least
        return least > 0
