"""Blocks cross what is said of them, and moving, joining and bending them only takes crossings away."""

from __future__ import annotations

from bisect import bisect_left
from itertools import combinations, pairwise

import pytest

from sfdebug.drawing.layout.block_order import BlockOrder
from sfdebug.drawing.layout.global_sifting import join, sift
from sfdebug.drawing.layout.grid import ElementKind, Grid, Hop, build_grid
from sfdebug.drawing.layout.lane_bends import bend
from sfdebug.drawing.layout.layers import Layers, assign_layers
from sfdebug.drawing.layout.order import WHOLE, Ordering
from sfdebug.drawing.model import ScopeModel, scope_model
from tests.graph_machines import generated, machine


class Begun:
    """A machine of one scope, before anything is moved."""

    def __init__(self, seed: int, states: int = 60) -> None:
        self.scope: ScopeModel = scope_model(machine(generated(seed, states, 0.2, containers=False)), frozenset())
        self.labels = ["is so" if wire.captions else "" for wire in self.scope.wires]
        self.layers: Layers = assign_layers(self.scope)
        self.grid = self.laid_out()
        self.blocks = BlockOrder(self.grid, Ordering(self.grid))

    def laid_out(self, lanes: dict[tuple[int, int], int] | None = None) -> Grid:
        return build_grid(self.scope, self.layers, [(1, 1)] * len(self.scope.items), self.labels, lanes)


def crossed(blocks: BlockOrder) -> int:
    """The weight of all pairs of links that cross."""
    key, found = blocks.key, 0
    for across, through in zip(blocks.across, blocks.through, strict=True):
        links = [(key[upper], key[lower], weight) for upper, lower, weight in across]
        links += [(key[block], key[block], weight) for block, weight in through.items()]
        for (upper, lower, weight), (other, end, share) in combinations(links, 2):
            found += weight * share if (upper - other) * (lower - end) < 0 else 0
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_block_crosses_what_is_said_at_every_place(seed: int) -> None:
    blocks = Begun(seed, 30).blocks
    for block, here in enumerate(list(blocks.key)):
        keys, costs = blocks.costs(block)
        least = crossed(blocks) - costs[bisect_left(keys, here)]
        for (low, high), cost in zip(pairwise([-1.0, *keys, keys[-1] + 1] if keys else []), costs, strict=bool(keys)):
            blocks.key[block] = (low + high) / 2
            assert crossed(blocks) - cost == least, "what is crossed elsewhere does not hang on the block"
        blocks.key[block] = here


@pytest.mark.parametrize("seed", range(1, 5))
def test_every_step_takes_crossings_away_or_lanes(seed: int) -> None:
    begun = Begun(seed)
    blocks = begun.blocks
    first = crossed(blocks)
    sift(blocks)
    assert crossed(blocks) < first
    apart = len(blocks.keys)
    join(blocks)
    assert len(blocks.keys) == apart - len(blocks.joined)
    sift(blocks)
    joined = crossed(blocks)
    bend(blocks)
    assert crossed(blocks) <= joined
    assert joined < first


def test_a_lane_bends_where_that_spares_crossings() -> None:
    cut = 0
    for seed in range(6):
        blocks = Begun(seed, 90).blocks
        sift(blocks)
        before = crossed(blocks)
        bend(blocks)
        if blocks.pieces:
            cut += 1
            assert crossed(blocks) < before
        for block, pieces in blocks.pieces.items():
            assert all(blocks.key[one] != blocks.key[other] for one, other in pairwise(pieces))
            assert sum(len(blocks.times[piece]) + 1 for piece in pieces) == len(blocks.times[block]) + 1
    assert cut


@pytest.mark.parametrize("seed", range(4))
def test_what_is_drawn_crosses_as_often_as_the_blocks_do(seed: int) -> None:
    begun = Begun(seed)
    blocks, like = begun.blocks, begun.grid
    sift(blocks)
    join(blocks)
    bend(blocks)
    grid = begun.laid_out(blocks.lanes(like))
    blocks.arrange(grid, like)
    assert sorted(node for rank in grid.ranks for node in rank) == list(range(len(grid.elements)))
    lines = [element.kind for element in grid.elements].count(ElementKind.LINE)
    assert lines >= [element.kind for element in like.elements].count(ElementKind.LINE)
    pos = grid.positions()
    weight = [sum(index in route for route in grid.routes) for index in range(len(grid.hops))]
    down = [
        [
            (pos[hop.source], pos[hop.target], weight[index])
            for index, hop in enumerate(grid.hops)
            if _falls(grid, hop, gap)
        ]
        for gap in range(len(grid.ranks))
    ]
    drawn = sum(
        share * times
        for links in down
        for (one, end, share), (other, far, times) in combinations(links, 2)
        if (one - other) * (end - far) < 0
    )
    assert drawn * WHOLE * WHOLE <= crossed(blocks), "which counts lines that turn, and labels a little more"


def _falls(grid: Grid, hop: Hop, gap: int) -> bool:
    source, target = grid.elements[hop.source], grid.elements[hop.target]
    return source.rank == gap and target.rank == gap + 1
