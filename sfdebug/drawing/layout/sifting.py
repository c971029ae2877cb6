"""Moving a whole run of elements at once: sweeps move one element at a time, and so cannot carry a line past another.

A run is a line through neighbouring ranks (a trunk, a lane, a label and the box under it). All places for all its
elements are weighed together, by dynamic programming from its first rank to its last.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add
from typing import Final, Protocol, TypeAlias

_ROUNDS: Final = 4
_NOWHERE: Final = 1 << 40

Link: TypeAlias = "tuple[int, int]"
"""The other end of a segment, and its weight: how many wires run in it."""

Segments: TypeAlias = "list[tuple[int, int, int]]"
"""Upper end, lower end, weight: as elements, or as their places."""


class Ranked(Protocol):
    """What sifting works on: `order.Ordering`."""

    ranks: list[list[int]]
    rank_of: list[int]
    pos: list[int]
    above: list[list[Link]]
    below: list[list[Link]]
    segments: list[Segments]

    def crossings(self, gap: int) -> int:
        """The weight of the crossings in a gap."""

    def renumber(self, number: int) -> None:
        """Take over a changed order of a rank."""


def threads(ranked: Ranked) -> list[list[int]]:
    """The longest runs of elements that have but each other above and below."""
    above, below = ranked.above, ranked.below
    found = []
    for rank in ranked.ranks:
        for place in rank:
            if len(above[place]) == 1 and len(below[above[place][0][0]]) == 1:
                continue  # not the first of its run
            run = [place]
            while len(below[run[-1]]) == 1 and len(above[below[run[-1]][0][0]]) == 1:
                run.append(below[run[-1]][0][0])
            found.append(run)
    return found


def sift(ranked: Ranked, runs: list[list[int]], budget: int) -> None:
    """Move each of `runs` to where it crosses least. `budget` bounds the work."""
    runs = _worst_first(ranked, runs, budget)
    changes = [0] * len(ranked.ranks)  # how often each rank has changed
    looked = [-1] * len(runs)
    for _ in range(_ROUNDS):
        before = sum(changes)
        for index, run in enumerate(runs):
            first, last = ranked.rank_of[run[0]], ranked.rank_of[run[-1]]
            state = sum(changes[max(first - 1, 0) : last + 2])
            if state == looked[index]:
                continue  # nothing beside it has moved since it was looked at
            looked[index] = state
            if not any(ranked.crossings(gap) for gap in range(max(first - 1, 0), last + 1)):
                continue
            sifted = _Run(ranked, run)
            crossed = sifted.crossed()
            if not crossed:
                continue
            budget -= sifted.work()
            if budget < 0:
                return
            places = sifted.best_places(crossed)
            if places:
                sifted.move(places)
                changes[first : last + 1] = [times + 1 for times in changes[first : last + 1]]
                looked[index] = sum(changes[max(first - 1, 0) : last + 2])
        if sum(changes) == before:
            break


def _worst_first(ranked: Ranked, runs: list[list[int]], budget: int) -> list[list[int]]:
    """The runs in the order in which they cross most, if there is not enough time for all of them."""
    work, costs = 0, [0] * len(runs)
    for index, run in enumerate(runs):
        first, last = ranked.rank_of[run[0]], ranked.rank_of[run[-1]]
        if any(ranked.crossings(gap) for gap in range(max(first - 1, 0), last + 1)):
            sifted = _Run(ranked, run)
            costs[index] = sifted.crossed()
            work += sifted.work() if costs[index] else 0
    if work <= budget:
        return runs
    return [runs[index] for index in sorted(range(len(runs)), key=lambda index: (-costs[index], index))]


class _Run:
    """One run, and the places of everything around it, counted as if it were not there."""

    def __init__(self, ranked: Ranked, run: list[int]) -> None:
        self.ranked = ranked
        self.run = run
        self.first = ranked.rank_of[run[0]]
        self.last = ranked.rank_of[run[-1]]
        self.home = [ranked.pos[place] for place in run]
        self.links = {gap: self._links(gap) for gap in range(max(self.first - 1, 0), self.last + 1)}
        self.ends = [self._ends(index, upwards=way) for index in range(len(run)) for way in (True, False)]

    def _home(self, rank: int) -> int:
        """Where the run stands in a rank; beyond all places where it does not."""
        return self.home[rank - self.first] if self.first <= rank <= self.last else _NOWHERE

    def _links(self, gap: int) -> Segments:
        """The places of the ends of all segments of a gap that do not touch the run."""
        pos, upper_home, lower_home = self.ranked.pos, self._home(gap), self._home(gap + 1)
        return [
            (upper - (upper > upper_home), lower - (lower > lower_home), weight)
            for one, other, weight in self.ranked.segments[gap]
            if (upper := pos[one]) != upper_home and (lower := pos[other]) != lower_home
        ]

    def _ends(self, index: int, *, upwards: bool) -> list[Link]:
        """The segments of an element that lead out of the run: the place of the other end, and the weight."""
        number = self.first + index + (-1 if upwards else 1)
        home = self._home(number)
        links = (self.ranked.above if upwards else self.ranked.below)[self.run[index]]
        found = [(self.ranked.pos[other], weight) for other, weight in links]
        return [(far - (far > home), weight) for far, weight in found if far != home]

    def _times(self, index: int) -> int:
        """The weight of the segment from an element of the run to the next."""
        return next(weight for lower, weight in self.ranked.below[self.run[index]] if lower == self.run[index + 1])

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

    def work(self) -> int:
        """How many pairs of places there are to weigh."""
        sizes = [len(rank) for rank in self.ranked.ranks[max(self.first - 1, 0) : self.last + 2]]
        return sum(map(int.__mul__, sizes, sizes[1:]))

    def best_places(self, crossed: int) -> list[int]:
        """The place of each element at which the run crosses least; [] if that is no less than `crossed`."""
        costs = list(map(add, self._end_costs(0, upwards=True), self._end_costs(0, upwards=False)))
        choices: list[list[int]] = []
        for index in range(1, len(self.run)):
            costs, chosen = self._step(index, costs)
            choices.append(chosen)
            for upwards in (True, False):
                if self.ends[2 * index + (not upwards)]:
                    costs = list(map(add, costs, self._end_costs(index, upwards=upwards)))
        home = self.home[-1]
        at = min(range(len(costs)), key=lambda place: (costs[place], abs(place - home), place))
        if costs[at] >= crossed:
            return []
        places = [at]
        for chosen in reversed(choices):
            places.append(chosen[places[-1]])
        return places[::-1]

    def move(self, places: list[int]) -> None:
        """Put each element at its new place."""
        ranked = self.ranked
        for number, (element, old, new) in enumerate(zip(self.run, self.home, places, strict=True), self.first):
            if old != new:
                rank = ranked.ranks[number]
                del rank[old]
                rank.insert(new, element)
                ranked.renumber(number)

    def _end_costs(self, index: int, *, upwards: bool) -> list[int]:
        """For each place of an element in its rank: what its segments out of the run cross."""
        number = self.first + index
        size = len(self.ranked.ranks[number]) - 1
        ends = self.ends[2 * index + (not upwards)]
        if not ends:
            return [0] * (size + 1)
        first, change = 0, [0] * (size + 1)  # the cost in the first place, and what each next place adds
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

    def _step(self, index: int, costs: list[int]) -> tuple[list[int], list[int]]:
        """Costs by place of element `index`, and the place of the element before it that each comes from."""
        number, times, home = self.first + index - 1, self._times(index - 1), self.home[index - 1]
        leaving: list[list[tuple[int, int]]] = [[] for _ in costs]
        change = [0] * len(self.ranked.ranks[number + 1])
        for upper, lower, weight in self.links[number]:
            leaving[upper].append((lower + 1, weight * times))
            change[lower + 1] += weight * times
        # Cost and place in one number, so that the least of many is found at once; of equals, the nearest to home.
        scale = 2 * (len(costs) + home + 1)
        best: list[int] = []
        for at, so_far in enumerate(costs):
            if at:
                for end, weight in leaving[at - 1]:
                    change[0] += weight
                    change[end] -= 2 * weight
            base = so_far * scale + 2 * abs(at - home) + (at < home)
            row = [cost * scale + base for cost in accumulate(change)]
            best = list(map(min, best, row)) if best else row
        ties = [each % scale for each in best]
        return [each // scale for each in best], [home + (-(tie >> 1) if tie & 1 else tie >> 1) for tie in ties]


def _cross(is_left: bool, far_end: int, far: int) -> bool:
    """Whether a segment that begins left of another, or not, ends on its other side."""
    return far_end > far if is_left else far_end < far
