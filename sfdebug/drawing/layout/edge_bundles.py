"""Which wires to one target run together.

Usually all do, in one bundle. Where lines cross in the best order found for that, each wire is given a lane of its own,
and an order with fewer crossings is sought from there; then lanes that stand side by side all the way to the target are
made one again. In large grids whole blocks are put in order, and bundles are parted on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from itertools import product
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.drawing.layout import global_sifting
from sfdebug.drawing.layout.block_order import BlockOrder
from sfdebug.drawing.layout.grid import (
    DOWN,
    LINE,
    TURN,
    UP,
    Grid,
    Ports,
    build_grid,
    entry_crossings,
    find_ports,
    set_label,
    set_size,
    turn_labels,
)
from sfdebug.drawing.layout.lane_bends import bend
from sfdebug.drawing.layout.layers import Layers, assign_layers
from sfdebug.drawing.layout.order import WHOLE, Ordering
from sfdebug.drawing.layout.ports import movable
from sfdebug.drawing.layout.pulls import Pulls, find_pulls
from sfdebug.drawing.layout.sifting import follow, sift
from sfdebug.drawing.model import ScopeModel

_LARGE: Final = 1000
"""A grid of more elements is put in order by whole blocks, in time that grows with its size."""

_MOST: Final = 700
"""The most elements for lines of their own: looking for an order takes time."""

_MOST_WORK: Final = 2_000_000
"""A machine of 100 Choices with 10 rules each has 1,500,000, and takes 2 seconds; one of 500 common states 100,000."""

_PAIR: Final = 2

_TURNED: Final = 3
_SMALL: Final = 60
"""So many loops, and elements, are few enough to try the loops on either side where lines cross."""

_FEW_CROSSINGS: Final = 6
_MEDIUM: Final = 80
_STARTS: Final = 8
_PATIENCE: Final = 3
"""So few crossings, of so many elements, may be fewer from another beginning; so many beginnings are tried, so many of
them in vain."""

_LOWERED: Final = 3
"""So many items, of those that several lines end in, are tried a level lower."""

Lanes = dict[tuple[int, int], int]
"""The number of a lane by wire and rank."""


class TooDenseError(Exception):
    """A machine whose wires are too many to be put in order in a few seconds."""


class Planner:
    """Makes the grids of the scopes of one machine. The order of a scope does not depend on how wide its boxes are.

    So it is looked for but once, however often a scope is drawn.
    """

    def __init__(self) -> None:
        self._plans: dict[int, _BundlePlan] = {}
        self._work = 0

    def plan(self, scope: ScopeModel, widths: Sequence[int], labels: Sequence[str], row: int) -> None:
        """Find layers and order for `scope`: few crossings, in as few bundles as that takes.

        `widths` are those that its items have where there is room, `row` that of a shelf of a Choice of many targets.
        Raises TooDenseError when looking for the order would take too long.
        """
        layers = assign_layers(scope, widths, row)
        sizes = [(1, 1)] * len(scope.items)
        grid = build_grid(scope, layers, sizes, labels)
        self._work += _work(grid)
        if self._work > _MOST_WORK:
            raise TooDenseError
        grid, crosses = _ordered(scope, layers, sizes, labels, grid)
        if crosses:
            if len(grid.elements) <= _MEDIUM:
                grid = _begun_otherwise(scope, layers, sizes, labels, grid)
            if len(grid.elements) <= _SMALL:
                layers, grid = _with_lower_item(scope, layers, sizes, labels, grid)
        turn_labels(grid)
        ports = find_ports(grid)
        grid.movable = movable(grid, ports)
        self._plans[id(scope)] = _BundlePlan(scope, layers, grid, ports, find_pulls(grid, ports))

    def grid(
        self, scope: ScopeModel, sizes: Sequence[tuple[int, int]], labels: Sequence[str]
    ) -> tuple[Grid, dict[int, Ports], Pulls]:
        """The grid of a scope that is planned, the ports of its boxes, and what pulls on them: what hangs on no size
        is shared by all.

        `labels` are texts for the wires that had one when the scope was planned, and for no others.
        """
        plan = self._plans[id(scope)]
        elements = list(map(copy, plan.grid.elements))
        for element in elements:
            if element.is_box:
                set_size(element, sizes[element.item])
        for node, wire in plan.grid.labelled.items():
            set_label(elements[node], labels[wire])
        return replace(plan.grid, elements=elements), plan.ports, plan.pulls

    def layers(self, scope: ScopeModel) -> Layers:
        """The layers of a scope that a grid was made of."""
        return self._plans[id(scope)].layers


def _work(grid: Grid) -> int:
    """How long it takes to order a grid: each wire that leaves a rank is held against all that stands in it."""
    leaving = [0] * len(grid.ranks)
    for hop in grid.hops:
        leaving[grid.elements[hop.source].rank] += 1
    return sum(count * len(rank) for count, rank in zip(leaving, grid.ranks, strict=True))


class _BundlePlan(Struct, frozen=True, gc=False):
    """What is known of a scope, which is kept so that its id stays its own."""

    scope: ScopeModel
    layers: Layers
    grid: Grid
    ports: dict[int, Ports]
    pulls: Pulls


def _ordered(
    scope: ScopeModel, layers: Layers, sizes: Sequence[tuple[int, int]], labels: Sequence[str], grid: Grid
) -> tuple[Grid, bool]:
    """`grid`, or one whose bundles are parted where that spares crossings, in order; and whether lines may cross."""
    together = Ordering(grid)
    if len(grid.elements) > _LARGE and together.crosses():
        return _in_blocks(scope, layers, sizes, labels, grid, together), True
    together.improve()
    sift(together, grid.chains)
    if not _has_bundles(grid):
        together = _turned_over(grid, together)  # what is counted is what is drawn
    elif together.crosses():
        found = _parted(scope, layers, sizes, labels, grid, together)
        if found is not None and found[1].total() // (WHOLE * WHOLE) < together.total() // (WHOLE * WHOLE):
            return _together(scope, layers, sizes, labels, *found), found[1].crosses()
    together.take_over(grid)
    _nest(grid)
    return grid, together.crosses()


def _in_blocks(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    grid: Grid,
    ordering: Ordering,
) -> Grid:
    """A large grid in an order that is found for whole blocks, with lanes of their own for wires that spare by them."""
    blocks = BlockOrder(grid, ordering)
    global_sifting.sift(blocks)
    global_sifting.join(blocks)
    global_sifting.sift(blocks)
    bend(blocks)
    parted = build_grid(scope, layers, sizes, labels, blocks.lanes(grid), grid.spines)
    blocks.arrange(parted, grid)
    _nest(parted)
    return parted


def _parted(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    grid: Grid,
    together: Ordering,
) -> tuple[Grid, Ordering] | None:
    """The grid with a lane for every wire, and an order that crosses no more than that of `grid` and is sought from
    there; None when that is too much."""
    apart = _with_lanes(scope, layers, sizes, labels, grid)
    if apart is None:
        return None
    ordering = Ordering(apart)
    _stand_like(ordering, apart, together, grid)
    sift(ordering, apart.chains)
    return apart, ordering


def _stand_like(ordering: Ordering, apart: Grid, held: Ordering, grid: Grid) -> None:
    """Put all where it is held in `grid`: the lanes of one bundle side by side, in the order in which they join it."""
    pos, like = ordering.pos, [0] * len(ordering.pos)
    items = {element.item: node for node, element in enumerate(grid.elements) if element.is_box}
    box_of = {node: items[element.item] for node, element in enumerate(apart.elements) if element.is_box}
    for node, box in box_of.items():
        like[node] = held.pos[box]
    for (box, is_below, is_mark), point in ordering.points.items():
        like[point] = held.pos[held.points[box_of[box], is_below, is_mark]]
    falling: dict[int, int] = {}
    rising: dict[int, tuple[int, int]] = {}  # lanes that climb: on which side of the others they join, and from where
    for hops, others in zip(apart.routes, grid.routes, strict=True):
        for hop, other in zip(map(apart.hops.__getitem__, hops), others, strict=True):
            if hop.target in box_of:
                continue
            like[hop.target] = held.pos[grid.hops[other].target]
            if hop.kind is TURN:
                rising[hop.target] = (1 if like[hop.source] > like[hop.target] else -1, hop.source)
            elif hop.kind is UP:
                rising[hop.target] = (0, hop.source)
            else:
                falling[hop.target] = hop.source
    for number, rank in enumerate(ordering.ranks):
        rank.sort(key=lambda node: (like[node], pos[falling[node]] if node in falling else 0))
        ordering.renumber(number)

    def joined(node: int) -> tuple[int, int, int]:
        side, source = rising.get(node, (0, node))
        return like[node], side, pos[source]

    for number in range(len(ordering.ranks) - 1, -1, -1):
        if not rising.keys().isdisjoint(ordering.ranks[number]):
            ordering.ranks[number].sort(key=joined)
            ordering.renumber(number)


def _together(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    apart: Grid,
    ordering: Ordering,
) -> Grid:
    """The grid in the order of one with a lane for every wire, with those made one that may be."""
    ordering.take_over(apart)
    joined = build_grid(scope, layers, sizes, labels, _joined(scope, layers, apart), apart.spines)
    _arrange(joined, apart)
    _nest(joined)
    return joined


def _with_lower_item(
    scope: ScopeModel, layers: Layers, sizes: Sequence[tuple[int, int]], labels: Sequence[str], grid: Grid
) -> tuple[Layers, Grid]:
    """Layers and grid with one item that nothing leaves a level lower, if that spares a crossing: lines to it pass
    below the turn of a loop beside it."""
    if layers.loose >= 0 or layers.rails.of:
        return layers, grid
    onward = {wire.source for wire, is_back in zip(scope.wires, layers.is_back, strict=True) if not is_back}
    ends = [wire.target for wire in scope.wires if wire.target not in onward]
    beside = [
        item for item in dict.fromkeys(ends) if ends.count(item) > 1 and layers.level.count(layers.level[item]) > 1
    ]
    best, least = (layers, grid), _exact_crossings(grid)
    for item in (-1, *beside[:_LOWERED]):
        if not least:
            break
        tried = replace(layers, level=[depth + (index == item) for index, depth in enumerate(layers.level)])
        plain = build_grid(scope, tried, sizes, labels)
        found = _apart(scope, tried, sizes, labels, plain)
        if found is not None and found[1].total() // (WHOLE * WHOLE) < least:
            least = found[1].total() // (WHOLE * WHOLE)
            best = tried, _together(scope, tried, sizes, labels, *found)
    return best


def _begun_otherwise(
    scope: ScopeModel, layers: Layers, sizes: Sequence[tuple[int, int]], labels: Sequence[str], grid: Grid
) -> Grid:
    """`grid`, or one that crosses less, which is looked for from other beginnings.

    The search moves one thing at a time, and stops where each of two that would have to move together crosses more by
    itself.
    """
    least = _exact_crossings(grid)
    apart = _with_lanes(scope, layers, sizes, labels, grid) if 0 < least <= _FEW_CROSSINGS else None
    if apart is None:
        return grid
    best, patience = None, _PATIENCE
    for number in range(1, _STARTS + 1):
        ordering = Ordering(apart, has_turn_ranks=True)
        ordering.begin_anew(number)
        ordering.improve()
        sift(ordering, apart.chains)
        crossings = ordering.total() // (WHOLE * WHOLE)
        patience -= 1
        if crossings < least:
            best, least, patience = ordering, crossings, _PATIENCE
        if not least or not patience:
            break
    if best is None:
        return grid
    best.face(len(apart.elements))
    return _together(scope, layers, sizes, labels, apart, best)


def _exact_crossings(grid: Grid) -> int:
    """How often lines cross in a grid in order, with turns in ranks of their own."""
    exact = Ordering(grid, has_turn_ranks=True)
    follow(exact, grid.positions(), len(grid.elements))
    return exact.total() // (WHOLE * WHOLE)


def _has_bundles(grid: Grid) -> bool:
    """Whether wires run together anywhere but in rails: if not, they are apart as they are."""
    lines: set[int] = set()
    for route in grid.routes:
        for index in route[:-1]:  # the last leads into a box
            hop = grid.hops[index]
            if hop.rail < 0 and grid.elements[hop.target].kind is LINE:
                if hop.target in lines:
                    return True
                lines.add(hop.target)
    return False


def _nest(grid: Grid) -> None:
    """Where Next and Catch of one state lead back to one state, put the lane of Catch, which enters beside, inside."""
    lanes: dict[tuple[int, int], list[list[int]]] = {}
    for route in grid.routes:
        if route and grid.hops[route[0]].kind is TURN:
            ends = grid.hops[route[0]].source, grid.hops[route[-1]].target
            lanes.setdefault(ends, []).append(route)
    for (source, _), routes in lanes.items():
        if len(routes) != _PAIR:
            continue
        flow, catch = sorted(routes, key=lambda route: grid.hops[route[0]].is_catch)
        hops = [(grid.hops[one], grid.hops[other]) for one, other in zip(flow[:-1], catch[:-1], strict=True)]
        pairs = [(one.target, other.target) for one, other in hops]
        first = grid.ranks[grid.elements[source].rank]
        here, there, box = (first.index(node) for node in (*pairs[0], source))
        if (here < box) is not (there < box) or abs(here - box) > abs(there - box):
            continue
        _swap(grid, pairs)
    _uncross(grid)


def _uncross(grid: Grid) -> None:
    """Where Next and Catch of one state lead down to one state, beside each other and nothing else, let Catch run on
    the side on which it crosses fewer of the lines that enter there."""
    ways: dict[tuple[int, int], list[list[int]]] = {}
    for route in grid.routes:
        if len(route) > 1:
            hops = [grid.hops[index] for index in route]
            if all(hop.kind is DOWN for hop in hops):
                ways.setdefault((hops[0].source, hops[-1].target), []).append([hop.target for hop in hops[:-1]])
    ways = {ends: nodes for ends, nodes in ways.items() if len(nodes) == _PAIR}
    if not ways:
        return
    wires = Counter(index for route in grid.routes for index in route)
    shared = {hop.target for index, hop in enumerate(grid.hops) if wires[index] > 1}
    shared |= {node for node, count in Counter(hop.target for hop in grid.hops).items() if count > 1}
    pos = grid.positions()
    for (_, box), nodes in ways.items():
        if len(nodes[0]) != len(nodes[1]) or not shared.isdisjoint((*nodes[0], *nodes[1])):
            continue
        pairs = list(zip(*nodes, strict=True))
        if {pos[one] - pos[other] for one, other in pairs} not in ({1}, {-1}):
            continue
        before = entry_crossings(grid, pos, box)
        swapped = pos | {one: pos[other] for one, other in pairs} | {other: pos[one] for one, other in pairs}
        if entry_crossings(grid, swapped, box) < before:
            _swap(grid, pairs)
            pos = swapped


def _swap(grid: Grid, pairs: Sequence[tuple[int, int]]) -> None:
    """Have two elements of each rank change their places."""
    for one, other in pairs:
        rank = grid.ranks[grid.elements[one].rank]
        at, to = rank.index(one), rank.index(other)
        rank[at], rank[to] = other, one


def _apart(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    grid: Grid,
) -> tuple[Grid, Ordering] | None:
    """The grid with a lane for every wire, and an order for it, with turns in ranks of their own; None when that is
    too much."""
    apart = _with_lanes(scope, layers, sizes, labels, grid)
    if apart is None:
        return None
    ordering = Ordering(apart, has_turn_ranks=True)
    ordering.improve()
    sift(ordering, apart.chains)
    return apart, ordering


def _with_lanes(
    scope: ScopeModel, layers: Layers, sizes: Sequence[tuple[int, int]], labels: Sequence[str], grid: Grid
) -> Grid | None:
    """The grid with a lane for every wire; None when that is too much."""
    passed = sum(grid.elements[grid.hops[index].target].kind is LINE for route in grid.routes for index in route)
    if passed > _MOST:
        return None
    return build_grid(scope, layers, sizes, labels, spines=grid.spines, is_parted=True)


def _turned_over(grid: Grid, held: Ordering) -> Ordering:
    """An order that crosses less than the one that is held, with the lanes of a few loops on either side; or that one.

    Turns are given ranks of their own, so that a line that passes below one is not taken to cross it.
    """
    loops = len(held.loops)
    if not (held.crosses() and 0 < loops <= _TURNED and len(grid.elements) <= _SMALL):
        return held
    exact = Ordering(grid, has_turn_ranks=True)
    follow(exact, held.pos, len(grid.elements))
    best = held
    for sides in product((False, True), repeat=loops):
        if not exact.crosses():
            break
        ordering = Ordering(grid, has_turn_ranks=True)
        ordering.put_aside(sides)
        ordering.improve()
        sift(ordering, grid.chains)
        if ordering.total() // (WHOLE * WHOLE) < exact.total() // (WHOLE * WHOLE):
            best = exact = ordering
    return best


def _lane(grid: Grid, wire: int) -> list[tuple[int, int]]:
    """The elements that hold a column for a wire only, each with its rank, from source to target."""
    passed = [grid.hops[hop].target for hop in grid.routes[wire]]
    return [(node, grid.elements[node].rank) for node in passed if grid.elements[node].kind is LINE]


def _joined(scope: ScopeModel, layers: Layers, grid: Grid) -> Lanes:
    """The lanes of `grid` made one where they stand side by side from there to the target."""
    pos = grid.positions()
    nets: dict[tuple[int, bool, bool], list[int]] = {}
    for wire, (each, is_back) in enumerate(zip(scope.wires, layers.is_back, strict=True)):
        nets.setdefault((each.target, each.is_catch, is_back), []).append(wire)
    found: Lanes = {}
    for wires in nets.values():
        ahead = {wire: list(reversed(_lane(grid, wire))) for wire in wires}
        groups = [[wire for wire in wires if ahead[wire]]]
        step = 0
        while groups:
            following = []
            for group in groups:
                for run in _side_by_side(group, ahead, step, pos):
                    found.update(((wire, ahead[wire][step][1]), run[0]) for wire in run)
                    following.append([wire for wire in run if len(ahead[wire]) > step + 1])
            groups = [group for group in following if group]
            step += 1
    return found


def _side_by_side(
    group: list[int], ahead: Mapping[int, list[tuple[int, int]]], step: int, pos: Mapping[int, int]
) -> list[list[int]]:
    """The wires of `group` in runs whose positions follow one another."""
    runs: list[list[int]] = []
    last = None
    for wire in sorted(group, key=lambda wire: pos[ahead[wire][step][0]]):
        at = pos[ahead[wire][step][0]]
        if last is not None and at == last + 1:
            runs[-1].append(wire)
        else:
            runs.append([wire])
        last = at
    return runs


def _arrange(grid: Grid, like: Grid) -> None:
    """Put the ranks of `grid` in the order that `like`, which has the same wires, has its."""
    pos, position_of = like.positions(), [0] * len(grid.elements)
    items = {element.item: node for node, element in enumerate(like.elements) if element.is_box}
    for node, element in enumerate(grid.elements):
        if element.is_box:
            position_of[node] = pos[items[element.item]]
    for hops, like_hops in zip(grid.routes, like.routes, strict=True):
        for hop, like_hop in zip(hops, like_hops, strict=True):
            position_of[grid.hops[hop].target] = pos[like.hops[like_hop].target]
    for rank in grid.ranks:
        rank.sort(key=position_of.__getitem__)
