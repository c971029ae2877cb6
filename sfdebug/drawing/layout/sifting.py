"""Sifting: whole runs of elements moved at once to where they cross least.

Sweeps move one element at a time, and so cannot carry a line past another. A run is a line through neighbouring ranks
(a bundle, a lane, a label and the box under it). All positions for all its elements are weighed together, by dynamic
programming from its first rank to its last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from operator import add, mul
from typing import Final

from sfdebug.drawing.layout.order import Link, Ordering
from sfdebug.drawing.layout.packed import least, ones, value_at, values, without

_SIFTING: Final = 350_000
_LEAST_SIFTING: Final = 60_000
_SIFTING_EACH: Final = 80
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
        each = {tuple(run): run for run in [*runs, *ordering.loops, *_threads(ordering)]}
        _move_all(ordering, list(each.values()), budget)


def follow(ordering: Ordering, pos: Sequence[int] | Mapping[int, int], real: int) -> None:
    """Take over how the first `real` nodes stand in another order of theirs; points where they cross least."""
    for rank in ordering.ranks:
        rank.sort(key=lambda node: (node >= real, pos[node] if node < real else node))
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
    rank_of = ordering.rank_of
    beside = [slice(max(rank_of[run[0]] - 1, 0), rank_of[run[-1]] + 2) for run in runs]
    tangled = ordering.tangled()
    for _ in range(_ROUNDS):
        before = sum(changes)
        for index, run in enumerate(runs):
            if tangled.isdisjoint(run):
                continue
            state = sum(changes[beside[index]])
            if state == looked[index]:
                continue  # nothing beside it has moved since it was looked at
            looked[index] = state
            sifted = Run(ordering, run)
            crossed = sifted.crossed()
            if not crossed:
                continue
            budget -= work[index]
            if budget < 0:
                return
            positions = sifted.best_positions(crossed)
            if positions:
                sifted.move(positions)
                tangled = ordering.tangled()
                for rank in range(rank_of[run[0]], rank_of[run[-1]] + 1):
                    changes[rank] += 1
                looked[index] = sum(changes[beside[index]])
        if sum(changes) == before:
            break


def _worst_first(
    ordering: Ordering, runs: list[list[int]], work: list[int], budget: int
) -> tuple[list[list[int]], list[int]]:
    """The runs and their work, in the order in which they cross most if there is not enough time for all of them."""
    if sum(work) <= budget:
        return runs, work
    tangled = ordering.tangled()
    costs = [0 if tangled.isdisjoint(run) else Run(ordering, run).crossed() for run in runs]
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


class Run:
    """One run, and where everything around it stands."""

    def __init__(self, ordering: Ordering, run: list[int]) -> None:
        self.ordering = ordering
        self.run = run
        self.first = ordering.rank_of[run[0]]
        self.home = [ordering.pos[node] for node in run]
        self.times: list[int] = []
        """The weights of the segments from each element to the next."""

        self.ends: list[tuple[list[Link], list[Link]]] = []
        """The segments of each element that lead out of the run, upwards and downwards: where to, and their weights."""

        pos, over, above_of, below_of = ordering.pos, _NOWHERE, ordering.above, ordering.below
        for node, here, under in zip(run, self.home, [*self.home[1:], _NOWHERE], strict=True):
            above, below = [], []
            for other, weight in above_of[node]:
                far = pos[other]
                if far != over:
                    above.append((far, weight))
            for other, weight in below_of[node]:
                far = pos[other]
                if far == under:
                    self.times.append(weight)
                else:
                    below.append((far, weight))
            self.ends.append((above, below))
            over = here

    def _home(self, rank: int) -> int:
        """Where the run stands in a rank; beyond all positions where it does not."""
        index = rank - self.first
        return self.home[index] if 0 <= index < len(self.home) else _NOWHERE

    @cached_property
    def _outside(self) -> list[list[int]]:
        """For each element and each of its positions: what its segments out of the run cross; [] where it has none."""
        found = []
        for index, (above, below) in enumerate(self.ends):
            if above and below:
                found.append(list(map(add, self._end_costs(index, above, -1), self._end_costs(index, below, 1))))
            elif above or below:
                found.append(self._end_costs(index, above or below, -1 if above else 1))
            else:
                found.append([])
        return found

    def crossed(self) -> int:
        """The weight of what the run crosses where it stands, but for its own segments."""
        found = sum([costs[here] for costs, here in zip(self._outside, self.home, strict=True) if costs])
        gaps, splits = self.ordering.gaps(), self.ordering.splits
        for index, times in enumerate(self.times):
            gap, here, there = self.first + index, self.home[index], self.home[index + 1]
            if gaps[gap]:
                crossed = value_at(splits(gap)[here], there)
                for far, weight in self.ends[index][1]:
                    if far < there:
                        crossed -= weight
                for far, weight in self.ends[index + 1][0]:
                    if far < here:
                        crossed -= weight
                found += times * crossed
        return found

    def best_positions(self, crossed: int) -> list[int]:
        """The position of each element at which the run crosses least; [] if that is no less than `crossed`."""
        outside = self._outside
        most = crossed - sum([min(costs) for costs in outside[1:] if costs])
        costs = outside[0] or [0] * len(self.ordering.ranks[self.first])
        choices: list[tuple[int, int, tuple[int, ...]]] = []
        for index in range(1, len(self.run)):
            if min(costs) >= most:
                return []
            _, bits, best = choice = self._step(index, costs, most)
            choices.append(choice)
            costs = [each >> bits for each in best]
            if outside[index]:
                most += min(outside[index])
                costs = list(map(add, costs, outside[index]))
        home = self.home[-1]
        at = min(range(len(costs)), key=lambda position: (costs[position], abs(position - home), position))
        if costs[at] >= crossed:
            return []
        positions = [at]
        for home, bits, best in reversed(choices):
            tie = best[positions[-1]] & ((1 << bits) - 1)
            positions.append(home + (-(tie >> 1) if tie & 1 else tie >> 1))
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

    def _end_costs(self, index: int, ends: list[Link], step: int) -> list[int]:
        """For each position of an element in its rank: what its segments to the rank above, or below, cross."""
        number = self.first + index
        first, change = 0, [0] * len(self.ordering.ranks[number])  # the first cost, and what each next position adds
        here, home = self.home[index], self._home(number + step)
        for upper, lower, weight in self.ordering.placed(number - 1 if step < 0 else number):
            near, other = (lower, upper) if step < 0 else (upper, lower)
            if near == here or other == home:
                continue
            behind = near + 1 if near < here else near
            for far, times in ends:
                if other < far:
                    first += weight * times
                    change[behind] -= weight * times
                elif other > far:
                    change[behind] += weight * times
        change[0] = first
        return list(accumulate(change))

    def _step(self, index: int, costs: Sequence[int], most: int) -> tuple[int, int, tuple[int, ...]]:
        """The costs by position of element `index`, with the position of the element before it that each comes from.

        Both are in one number, so that the least of many is found at once: the cost above so many bits, and the
        distance from home, which is given, twice, and one more to the left: of equals, the nearest is the least.
        Ways that cost `most` already are not followed, for they do not get cheaper; there are others.
        """
        ordering, rank = self.ordering, self.first + index
        home, there, times = self.home[index - 1], self.home[index], self.times[index - 1]
        splits, count = ordering.splits(rank - 1), len(ordering.ranks[rank])
        every, left = ones(count + 1), ones(there + 1)
        bits = (2 * (len(costs) + home)).bit_length()
        unit = times << bits
        # The segments of the run itself are not crossed.
        on_left, on_right = (every - left) * times, left * times
        for far, weight in self.ends[index - 1][1]:
            near = ones(far + 1)
            on_left, on_right = on_left + weight * (every - near), on_right + weight * near
        entering = self.ends[index][0]
        best = -1
        for at, so_far in enumerate(costs):
            if so_far >= most:
                continue
            if at <= home:
                row, tie = splits[at] - on_left, 2 * (home - at) + (at < home)
            else:
                row, tie = splits[at + 1] - on_right, 2 * (at - home)
            for far, weight in entering:
                row -= weight * (left if far < at + (at > home) else every - left)
            found = row * unit + ((so_far << bits) + tie) * every
            best = found if best < 0 else least(best, found, every)
        return home, bits, values(without(best, there + 1), count)
