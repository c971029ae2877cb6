"""Runs of elements are moved only to where they cross less, and what crosses nothing is known beforehand."""

from __future__ import annotations

from itertools import combinations

import pytest

from sfdebug.drawing.layout.grid import build_grid
from sfdebug.drawing.layout.layers import assign_layers
from sfdebug.drawing.layout.order import Ordering
from sfdebug.drawing.layout.sifting import sift
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
