"""Sifting: whole runs of elements moved at once to where they cross least.

Sweeps move one element at a time, and so cannot carry a line past another. A run is a line through neighbouring ranks
(a bundle, a lane, a label and the box under it). All positions for all its elements are weighed together, by dynamic
programming from its first rank to its last.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add, mul
from typing import Final

from sfdebug.drawing.layout.order import Link, Ordering, Segments

_SIFTING: Final = 350_000
_LEAST_SIFTING: Final = 60_000
_SIFTING_EACH: Final = 40
"""How many pairs of positions sifting may weigh in one scope: at most, at least, and for each element in it."""

_ROUNDS: Final = 4
"""How often sifting goes through all runs."""

_NOWHERE: Final = 1 << 40


def sift(ordering: Ordering, chains: list[list[int]]) -> None:
    """Move whole runs, `chains` of elements in neighbouring ranks among them, to where they cross least."""
    if ordering.total():
        rank_of = ordering.rank_of
        runs = [sorted(chain, key=rank_of.__getitem__) for chain in chains]
        runs = [run for run in runs if rank_of[run[-1]] - rank_of[run[0]] == len(run) - 1]
        budget = min(_SIFTING, _LEAST_SIFTING + _SIFTING_EACH * len(ordering.pos))
        _move_all(ordering, [*runs, *ordering.loops, *_threads(ordering)], budget)


def follow(ordering: Ordering, other: Ordering, real: int) -> None:
    """Take over how the first `real` nodes stand in another order of theirs; points where they cross least."""
    for rank in ordering.ranks:
        rank.sort(key=lambda node: (node >= real, other.pos[node] if node < real else node))
    for number in range(len(ordering.ranks)):
        ordering.renumber(number)
    _move_all(ordering, [[node] for node in range(real, len(ordering.above))], _LEAST_SIFTING)


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


def _move_all(ordering: Ordering, runs: list[list[int]], budget: int) -> None:
    """Move each of `runs` to where it crosses least. `budget` bounds the work."""
    work = _work(ordering, runs)
    runs, work = _worst_first(ordering, runs, work, budget)
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
            if not _is_tangled(ordering, run):
                continue
            sifted = _Run(ordering, run)
            crossed = sifted.crossed()
            if not crossed:
                continue
            budget -= work[index]
            if budget < 0:
                return
            positions = sifted.best_positions(crossed)
            if positions:
                sifted.move(positions)
                changes[first : last + 1] = [times + 1 for times in changes[first : last + 1]]
                looked[index] = sum(changes[max(first - 1, 0) : last + 2])
        if sum(changes) == before:
            break


def _is_tangled(ordering: Ordering, run: list[int]) -> bool:
    """Whether some segment of a run crosses anything."""
    first = ordering.rank_of[run[0]]
    return any(
        node in ordering.tangled(rank) or (rank and node in ordering.tangled(rank - 1))
        for rank, node in enumerate(run, first)
    )


def _worst_first(
    ordering: Ordering, runs: list[list[int]], work: list[int], budget: int
) -> tuple[list[list[int]], list[int]]:
    """The runs and their work, in the order in which they cross most if there is not enough time for all of them."""
    if sum(work) <= budget:
        return runs, work
    costs = [_Run(ordering, run).crossed() if _is_tangled(ordering, run) else 0 for run in runs]
    if sum([each for each, cost in zip(work, costs, strict=True) if cost]) <= budget:
        return runs, work
    order = sorted(range(len(runs)), key=lambda index: (-costs[index], index))
    return [runs[index] for index in order], [work[index] for index in order]


def _work(ordering: Ordering, runs: list[list[int]]) -> list[int]:
    """How many pairs of positions there are to weigh for each run."""
    sizes = [len(rank) for rank in ordering.ranks]
    pairs = list(accumulate(map(mul, sizes, sizes[1:]), initial=0))
    ends = [(ordering.rank_of[run[0]], ordering.rank_of[run[-1]]) for run in runs]
    return [pairs[min(last + 1, len(sizes) - 1)] - pairs[max(first - 1, 0)] for first, last in ends]


class _Run:
    """One run, and where everything around it stands."""

    def __init__(self, ordering: Ordering, run: list[int]) -> None:
        self.ordering = ordering
        self.run = run
        self.first = ordering.rank_of[run[0]]
        self.home = [ordering.pos[node] for node in run]
        above = [self._ends(index, ordering.above, -1) for index in range(len(run))]
        below = [self._ends(index, ordering.below, 1) for index in range(len(run))]
        self.ends = [each for both in zip(above, below, strict=True) for each in both]
        """For each element: the segments that lead out of the run, upwards and downwards."""

    def _home(self, rank: int) -> int:
        """Where the run stands in a rank; beyond all positions where it does not."""
        index = rank - self.first
        return self.home[index] if 0 <= index < len(self.home) else _NOWHERE

    def _ends(self, index: int, links: list[list[Link]], step: int) -> list[Link]:
        """The segments of an element that lead out of the run: the position of the other end, and the weight."""
        home, pos = self._home(self.first + index + step), self.ordering.pos
        return [(far, weight) for other, weight in links[self.run[index]] if (far := pos[other]) != home]

    def _times(self, index: int) -> int:
        """The weight of the segment from an element of the run to the next."""
        return next(weight for lower, weight in self.ordering.below[self.run[index]] if lower == self.run[index + 1])

    def crossed(self) -> int:
        """The weight of what the run crosses where it stands, but for its own segments."""
        found = 0
        for index, here in enumerate(self.home):
            gap, placed = self.first + index, self.ordering.placed
            if index + 1 < len(self.home) and self.ordering.crossings(gap):
                there = self.home[index + 1]
                found += self._times(index) * sum(
                    [
                        weight
                        for upper, lower, weight in placed(gap)
                        if (upper < here) != (lower < there) and upper != here and lower != there
                    ]
                )
            for far, times in self.ends[2 * index]:
                home = self._home(gap - 1)
                found += times * sum(
                    [weight for end, near, weight in placed(gap - 1) if end != home and _cross(near, here, end, far)]
                )
            for far, times in self.ends[2 * index + 1]:
                home = self._home(gap + 1)
                found += times * sum(
                    [weight for near, end, weight in placed(gap) if end != home and _cross(near, here, end, far)]
                )
        return found

    def _links(self, gap: int) -> Segments:
        """The segments of a gap that do not touch the run, placed as if it were not there."""
        upper_home, lower_home = self._home(gap), self._home(gap + 1)
        return [
            (upper - (upper > upper_home), lower - (lower > lower_home), weight)
            for upper, lower, weight in self.ordering.placed(gap)
            if upper != upper_home and lower != lower_home
        ]

    def best_positions(self, crossed: int) -> list[int]:
        """The position of each element at which the run crosses least; [] if that is no less than `crossed`."""
        outside = [self._outside(index) for index in range(len(self.run))]
        most = crossed - sum([min(costs) for costs in outside[1:] if costs])
        costs = outside[0] or [0] * len(self.ordering.ranks[self.first])
        choices: list[list[int]] = []
        for index in range(1, len(self.run)):
            if min(costs) >= most:
                return []
            costs, chosen = self._step(index, costs, most)
            choices.append(chosen)
            if outside[index]:
                most += min(outside[index])
                costs = list(map(add, costs, outside[index]))
        home = self.home[-1]
        at = min(range(len(costs)), key=lambda position: (costs[position], abs(position - home), position))
        if costs[at] >= crossed:
            return []
        positions = [at]
        for chosen in reversed(choices):
            positions.append(chosen[positions[-1]])
        return positions[::-1]

    def _outside(self, index: int) -> list[int]:
        """For each position of an element: what its segments out of the run cross; [] if there are none."""
        above, below = self.ends[2 * index : 2 * index + 2]
        if above and below:
            return list(map(add, self._end_costs(index, upwards=True), self._end_costs(index, upwards=False)))
        return self._end_costs(index, upwards=bool(above)) if above or below else []

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
        first, change = 0, [0] * (size + 1)  # the cost in the first position, and what each next position adds
        home = self._home(number + (-1 if upwards else 1))
        links = self._links(number - 1 if upwards else number)
        for raw, times in ends:
            far = raw - (raw > home)
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
        for upper, lower, weight in self._links(number):
            cost = weight * times * scale
            leaving[upper + 1].append((lower + 1, cost))
            change[lower + 1] += cost
        limit = most * scale
        best = [limit] * len(change)
        first, least = 0, limit
        for at, so_far in enumerate(costs):
            if leaving[at]:
                # From here on other segments are on the left: what came before is weighed with those that were.
                if least < limit:
                    best = _lesser(best, first + least, change)
                    least = limit
                for end, cost in leaving[at]:
                    first += cost
                    change[end] -= 2 * cost
            if so_far < most:
                least = min(least, so_far * scale + 2 * abs(at - home) + (at < home))
        if least < limit:
            best = _lesser(best, first + least, change)
        ties = [each % scale for each in best]
        return [each // scale for each in best], [home + (-(tie >> 1) if tie & 1 else tie >> 1) for tie in ties]


def _lesser(best: list[int], first: int, change: list[int]) -> list[int]:
    """The lesser of what is in `best` and of what begins with `first` and changes so from one position to the next."""
    change[0] = first
    return [one if one < other else other for one, other in zip(best, accumulate(change), strict=True)]


def _cross(near: int, here: int, end: int, far: int) -> bool:
    """Whether a segment from `near` to `end` crosses one from `here` to `far`."""
    return end > far if near < here else near > here and end < far
