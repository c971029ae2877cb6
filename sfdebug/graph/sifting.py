"""Moving a whole run of elements at once: sweeps move one element at a time, and so cannot carry a line past another.

A run is a line through neighbouring ranks (a trunk, a lane, a label and the box under it). All places for all its
elements are weighed together, by dynamic programming from its first rank to its last.
"""

from __future__ import annotations

from typing import Final, Protocol, TypeAlias

_ROUNDS: Final = 4

Links: TypeAlias = "list[tuple[int, int]]"


class Ranked(Protocol):
    """What sifting works on: `order.Ordering`."""

    ranks: list[list[int]]
    rank_of: list[int]
    pos: list[int]
    above: list[list[int]]
    below: list[list[int]]

    def crossings(self, gap: int) -> int:
        """How many pairs of segments cross in a gap."""

    def renumber(self, number: int) -> None:
        """Take over a changed order of a rank."""


def threads(ranked: Ranked) -> list[list[int]]:
    """The longest runs of elements that have but each other above and below."""
    found = []
    for rank in ranked.ranks:
        for place in rank:
            above = ranked.above[place]
            if len(above) == 1 and len(ranked.below[above[0]]) == 1:
                continue  # not the first of its run
            run = [place]
            while len(ranked.below[run[-1]]) == 1 and len(ranked.above[ranked.below[run[-1]][0]]) == 1:
                run.append(ranked.below[run[-1]][0])
            found.append(run)
    return found


def sift(ranked: Ranked, runs: list[list[int]], budget: int) -> int:
    """Move each of `runs` to where it crosses least; the crossings taken away. `budget` bounds the work."""
    gained = 0
    for _ in range(_ROUNDS):
        before = gained
        for run in runs:
            first, last = ranked.rank_of[run[0]], ranked.rank_of[run[-1]]
            gaps = range(max(first - 1, 0), min(last + 1, len(ranked.ranks) - 1))
            crossed = sum(ranked.crossings(gap) for gap in gaps)
            if not crossed:
                continue
            budget -= sum(len(ranked.ranks[gap]) * len(ranked.ranks[gap + 1]) for gap in gaps)
            if budget < 0:
                return gained
            kept = [list(ranked.ranks[ranked.rank_of[place]]) for place in run]
            _move(ranked, run)
            now = sum(ranked.crossings(gap) for gap in gaps)
            if now < crossed:
                gained += crossed - now
                continue
            for place, order in zip(run, kept, strict=True):
                ranked.ranks[ranked.rank_of[place]] = order
                ranked.renumber(ranked.rank_of[place])
        if gained == before:
            break
    return gained


def _move(ranked: Ranked, run: list[int]) -> None:
    """Take `run` out of its ranks and put it back where its crossings are fewest."""
    home = [ranked.pos[place] for place in run]
    for place in run:
        number = ranked.rank_of[place]
        ranked.ranks[number] = [other for other in ranked.ranks[number] if other != place]
        ranked.renumber(number)
    inside = frozenset(run)
    costs = _end_costs(ranked, run[0], inside, upwards=True)
    choices: list[list[int]] = []
    for index, place in enumerate(run):
        if index:
            costs, chosen = _step(ranked, run[index - 1], costs, inside, home[index - 1])
            choices.append(chosen)
            extra = _end_costs(ranked, place, inside, upwards=True)
            costs = [cost + more for cost, more in zip(costs, extra, strict=True)]
        extra = _end_costs(ranked, place, inside, upwards=False)
        costs = [cost + more for cost, more in zip(costs, extra, strict=True)]
    at = _nearest(costs, home[-1])
    for index in range(len(run) - 1, -1, -1):
        number = ranked.rank_of[run[index]]
        ranked.ranks[number].insert(at, run[index])
        ranked.renumber(number)
        if index:
            at = choices[index - 1][at]


def _nearest(costs: list[int], home: int) -> int:
    """The cheapest place; of several, the one nearest to where the element was."""
    return min(range(len(costs)), key=lambda at: (costs[at], abs(at - home), at))


def _links(ranked: Ranked, gap: int, inside: frozenset[int]) -> Links:
    """The places of the ends of all segments of a gap that do not touch the run."""
    pos = ranked.pos
    return [
        (pos[upper], pos[lower]) for upper in ranked.ranks[gap] for lower in ranked.below[upper] if lower not in inside
    ]


def _end_costs(ranked: Ranked, place: int, inside: frozenset[int], *, upwards: bool) -> list[int]:
    """For each place of an element in its rank: how often its segments out of the run cross others."""
    number = ranked.rank_of[place]
    size = len(ranked.ranks[number])
    costs = [0] * (size + 1)
    ends = [end for end in (ranked.above if upwards else ranked.below)[place] if end not in inside]
    if not ends:
        return costs
    links = _links(ranked, number - 1 if upwards else number, inside)
    pairs = [(lower, upper) for upper, lower in links] if upwards else links
    for end in ends:
        far = ranked.pos[end]
        left, right = [0] * size, [0] * size  # by near end: segments whose far end is left or right of this one's
        for near, other in pairs:
            if other < far:
                left[near] += 1
            elif other > far:
                right[near] += 1
        cost = sum(left)
        for at in range(size + 1):
            costs[at] += cost
            if at < size:
                cost += right[at] - left[at]
    return costs


def _step(
    ranked: Ranked, upper: int, costs: list[int], inside: frozenset[int], home: int
) -> tuple[list[int], list[int]]:
    """Costs by place in the next rank, and the place in this one that each comes from."""
    number = ranked.rank_of[upper]
    links = _links(ranked, number, inside)
    size = len(ranked.ranks[number + 1])
    leaving: list[list[int]] = [[] for _ in ranked.ranks[number]]
    right = [0] * size
    for start, end in links:
        leaving[start].append(end)
        right[end] += 1
    left = [0] * size
    best: list[tuple[int, int]] = []
    chosen = [0] * (size + 1)
    for at, so_far in enumerate(costs):
        if at:
            for end in leaving[at - 1]:
                left[end] += 1
                right[end] -= 1
        cost = so_far + sum(left)
        for below in range(size + 1):
            rank = (cost, abs(at - home))
            if at == 0:
                best.append(rank)
            elif rank < best[below]:
                best[below] = rank
                chosen[below] = at
            if below < size:
                cost += right[below] - left[below]
    return [cost for cost, _ in best], chosen
