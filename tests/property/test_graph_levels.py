"""Levels: every wire goes down as far as it must, and all together are as short as they can be."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.drawing.layout.layers import assign_layers
from sfdebug.drawing.layout.network_simplex import Link, shorten
from sfdebug.drawing.model import scope_model
from tests.examples import examples
from tests.graph_machines import generated, machine


def links(random: Random, count: int) -> list[Link]:
    """Links between `count` items, all of which hang together, and all of which go from a lower to a higher number."""
    found = [Link(random.randrange(item), item, random.randint(1, 2), random.randint(0, 3)) for item in range(1, count)]
    for _ in range(random.randint(0, count)):
        tail, head = sorted(random.sample(range(count), 2))
        found.append(Link(tail, head, 1, random.randint(0, 3)))
    return found


def highest(count: int, given: list[Link]) -> list[int]:
    level = [0] * count
    for link in sorted(given, key=lambda link: link.tail):
        level[link.head] = max(level[link.head], level[link.tail] + link.least)
    return level


def cost(level: list[int], given: list[Link]) -> int:
    return sum(link.weight * (level[link.head] - level[link.tail]) for link in given)


def is_kept(level: list[int] | tuple[int, ...], given: list[Link]) -> bool:
    return all(level[link.head] - level[link.tail] >= link.least for link in given)


@given(st.integers(0, 10_000))
@settings(max_examples=examples(60))
def test_no_levels_are_cheaper(seed: int) -> None:
    random = Random(seed)
    count = random.randint(2, 5)
    found = links(random, count)
    level = highest(count, found)
    reach = max(level) + 1
    shorten(level, found)
    assert is_kept(level, found)
    best = min(cost(list(each), found) for each in product(range(reach), repeat=count) if is_kept(each, found))
    assert cost(level, found) == best


@pytest.mark.parametrize("seed", range(10))
def test_large_graphs_get_no_dearer(seed: int) -> None:
    random = Random(seed)
    found = links(random, 120)
    level = highest(120, found)
    before = cost(level, found)
    shorten(level, found)
    assert is_kept(level, found)
    assert cost(level, found) <= before


@pytest.mark.parametrize("seed", range(6))
def test_a_scope_goes_down_but_where_it_leads_back(seed: int) -> None:
    scope = scope_model(machine(generated(seed, 80, 0.3)), frozenset())
    layers = assign_layers(scope)
    for wire, is_back in zip(scope.wires, layers.is_back, strict=True):
        assert (layers.level[wire.target] <= layers.level[wire.source]) == is_back
    assert sorted(set(layers.level)) == list(range(max(layers.level) + 1))
