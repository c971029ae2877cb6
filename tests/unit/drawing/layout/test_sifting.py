"""Runs of elements are moved only to where they cross less, and what crosses nothing is known beforehand."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from sfdebug.drawing.layout.grid import build_grid
from sfdebug.drawing.layout.layers import assign_layers
from sfdebug.drawing.layout.order import Ordering
from sfdebug.drawing.layout.sifting import Run, sift
from sfdebug.drawing.model import scope_model
from tests.graph_machines import generated, machine


def ordering(seed: int) -> tuple[Ordering, list[list[int]]]:
    """The order of a machine of one scope before anything is moved, with the chains of its elements."""
    scope = scope_model(machine(generated(seed, 40, 0.2, containers=False)), frozenset())
    labels = ["is so" if wire.captions else "" for wire in scope.wires]
    grid = build_grid(scope, assign_layers(scope), [(1, 1)] * len(scope.items), labels)
    return Ordering(grid), grid.chains


def crossing(found: Ordering) -> list[tuple[int, set[int]]]:
    """The weight of each pair of segments that cross, with their ends."""
    pairs = [pair for segments in found.segments for pair in combinations(segments, 2)]
    return [
        (weight * share, {upper, lower, other, end})
        for (upper, lower, weight), (other, end, share) in pairs
        if (found.pos[upper] - found.pos[other]) * (found.pos[lower] - found.pos[end]) < 0
    ]


@pytest.mark.parametrize("seed", range(4))
def test_sifting_takes_crossings_away(seed: int) -> None:
    found, chains = ordering(seed)
    before = found.total()
    sift(found, chains)
    crossed = crossing(found)
    assert found.total() == sum(weight for weight, _ in crossed) < before
    assert found.tangled() == set[int]().union(*[ends for _, ends in crossed])
    assert all(rank[found.pos[node]] == node for rank in found.ranks for node in rank)


@pytest.mark.parametrize("seed", range(4))
def test_what_crosses_something_is_known_from_the_order(seed: int) -> None:
    found, _ = ordering(seed)
    assert found.tangled() == set[int]().union(*[ends for _, ends in crossing(found)])
    for number, rank in enumerate(found.ranks):
        rank.reverse()
        found.renumber(number)
    assert found.tangled() == set[int]().union(*[ends for _, ends in crossing(found)])


@pytest.mark.parametrize("seed", range(4))
def test_no_place_of_a_run_crosses_less_than_the_one_it_is_moved_to(seed: int) -> None:
    found, _ = ordering(seed)
    tangled = found.tangled()
    above, below = found.above, found.below
    runs = [[upper, lower] for upper in sorted(tangled) for lower, _ in below[upper] if lower in tangled]
    # What else the two lead to may cross itself, which is not weighed.
    runs = [[upper, lower] for upper, lower in runs if len(below[upper]) == 1 or len(above[lower]) == 1]
    moved = 0
    for run in runs[:12]:
        before = found.total()
        least = min(
            total_at(found, run, places) for places in product(*(range(len(rank)) for rank in ranks_of(found, run)))
        )
        sifted = Run(found, run)
        places = sifted.best_positions(sifted.crossed())
        assert bool(places) is (least < before)
        sifted.move(places or sifted.home)
        assert found.total() == least
        moved += bool(places)
    assert moved


def ranks_of(found: Ordering, run: list[int]) -> list[list[int]]:
    """The ranks that the elements of a run stand in."""
    return [found.ranks[found.rank_of[node]] for node in run]


def total_at(found: Ordering, run: list[int], places: tuple[int, ...]) -> int:
    """What crosses in all with the elements of a run at these places."""
    kept = [(found.rank_of[node], list(found.ranks[found.rank_of[node]])) for node in run]
    for node, place in zip(run, places, strict=True):
        rank = found.ranks[found.rank_of[node]]
        rank.remove(node)
        rank.insert(place, node)
        found.renumber(found.rank_of[node])
    total = found.total()
    for number, rank in kept:
        found.ranks[number] = rank
        found.renumber(number)
    return total
