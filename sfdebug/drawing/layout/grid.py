"""The grid of a scope: elements in ranks, and the hops between them that its wires are made of.

A rank is a row of boxes, or a row of labels between two rows of boxes. Where a wire passes a rank, an element
holds a column for it. Wires to one target share their elements, so that they run together as one bundle, and those
of one rail do; only the element with a wire's label is its own. A wire that leads back leaves its source below, turns
into a lane that climbs beside the boxes, and hooks over into its target from above: each box is left below and entered
above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, IntEnum, auto
from typing import Final

from msgspec import Struct, field

from sfdebug.drawing.layout.layers import Layers
from sfdebug.drawing.layout.spine import find_spines
from sfdebug.drawing.model import ItemKind, ScopeModel
from sfdebug.text import cell_width

PORT_GAP: Final = 2
PORT_MARGIN: Final = 2
"""The least distance between two ports of one box, and of a port from the box's corner."""

LABEL_INDENT: Final = 2
"""Where a label's text begins, counted from the column of its line."""


class ElementKind(Enum):
    """What an element stands for."""

    BOX = auto()
    START = auto()
    LINE = auto()
    LABEL = auto()


class HopKind(Enum):
    """How a hop gets from its element to the next: through the gap below or above the rank, or around in it."""

    DOWN = auto()
    UP = auto()
    TURN = auto()
    HOOK = auto()


class Element(Struct):
    """What stands in a rank. A node is the index of an element in its grid.

    `x` is its column of reference; it takes `left` cells before and `right` after it. One that `is_box` is a box, or
    the start marker: wires end at it. The column of a box is its middle;
    that of one that `is_dot` is the dot, with the name behind it; that of a label is its line, with the text behind it,
    or before it where it `is_before`.
    """

    kind: ElementKind
    rank: int
    left: int = 0
    right: int = 0
    height: int = 1
    item: int = -1
    label: str = ""
    x: int = 0
    is_box: bool = False
    is_dot: bool = False
    is_before: bool = False

    @property
    def first(self) -> int:
        """Its leftmost column."""
        return self.x - self.left

    @property
    def last(self) -> int:
        """Its rightmost column."""
        return self.x + self.right


def set_size(element: Element, size: tuple[int, int]) -> None:
    """Make a box so wide and high, about its column."""
    width, element.height = size
    element.left = width // 2
    element.right = width - 1 - element.left


def set_label(element: Element, text: str) -> None:
    """Have a label say `text`."""
    element.label = text
    taken = LABEL_INDENT - 1 + cell_width(text)
    element.left, element.right = (taken, 0) if element.is_before else (0, taken)


class NetKind(IntEnum):
    """What runs together into a box, by a way in of its own: usual wires, those of Catch, those of a rail."""

    FLOW = 0
    CATCH = 1
    RAIL = 2


class Pull(IntEnum):
    """How much a hop should be straight for the sake of the wires that run in it."""

    NONE = auto()
    BALANCED = auto()
    MAIN = auto()
    SPINE = auto()
    FIRST_SPINE = auto()


class Hop(Struct):
    """One step of one or more wires, from element `source` to element `target` (indices).

    `rail` is the element of the box that a rail leaves, in whose trunk or at whose fork this is; -1 elsewhere.
    """

    source: int
    target: int
    kind: HopKind
    net: NetKind
    pull: Pull = Pull.NONE
    rail: int = -1

    @property
    def is_catch(self) -> bool:
        """Whether Catch wires run in it."""
        return self.net is NetKind.CATCH

    @property
    def is_main(self) -> bool:
        """Whether a wire runs in it that leaves its box in the middle."""
        return self.pull is not Pull.NONE

    @property
    def is_main_flow(self) -> bool:
        """Whether it leaves its box in the middle itself: a Catch does not."""
        return self.pull is not Pull.NONE and not self.is_catch


class Grid(Struct):
    """Elements by rank, in order from the left. `routes` gives the hops of each wire, as indices.

    `joins` are pairs of elements that should stand in one column, though not in neighbouring ranks; `labelled` are the
    elements with labels, each with its wire. `rule` is the rank of the line above what nothing leads to, -1 where there
    is none.
    """

    elements: list[Element] = field(default_factory=list)
    ranks: list[list[int]] = field(default_factory=list)
    is_label_rank: list[bool] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    routes: list[list[int]] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)
    joins: list[tuple[int, int]] = field(default_factory=list)
    labelled: dict[int, int] = field(default_factory=dict)
    rule: int = -1

    def positions(self) -> dict[int, int]:
        """Where each element stands in its rank, counted from the left."""
        return {node: index for rank in self.ranks for index, node in enumerate(rank)}

    def texts(self) -> list[str]:
        """What stands beside lines, in the order of `labelled`."""
        return [self.elements[node].label for node in self.labelled]

    def gap(self, hop: Hop) -> int:
        """The gap that `hop` runs through: gap g is the space below rank g."""
        rank = self.elements[hop.source].rank
        return rank if hop.kind in (HopKind.DOWN, HopKind.TURN) else rank - 1


class Ports(Struct, frozen=True):
    """The hops of one box: `exits` in order from the left, each with a port of its own; `entries` by net.

    `entries` holds one list of hops for each net that enters, in order from the left, of which the one numbered `main`
    enters in the middle; `mains` says for each exit whether it leaves in the middle. `forks` are the hops that leave by
    the port of the first hop of a rail.
    """

    exits: list[int]
    mains: list[bool]
    entries: list[list[int]]
    main: int
    forks: dict[int, list[int]]


def build_grid(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    lanes: Mapping[tuple[int, int], int] | None = None,
) -> Grid:
    """The grid of `scope`, each rank in the order of the walk that layered it.

    `sizes` are those of the items' boxes, `labels` the texts of the wires. `lanes` gives the number of the bundle
    that a wire runs in by (wire, rank): without it, wires to one target share one.
    """
    return _GridBuilder(scope, layers, sizes, labels, lanes or {}).build()


class _GridBuilder:
    def __init__(
        self,
        scope: ScopeModel,
        layers: Layers,
        sizes: Sequence[tuple[int, int]],
        labels: Sequence[str],
        lanes: Mapping[tuple[int, int], int],
    ) -> None:
        self.scope = scope
        self.layers = layers
        self.sizes = sizes
        self.labels = labels
        self.lanes = lanes
        self.grid = Grid()
        self.boxes: list[int] = [-1] * len(scope.items)
        self.shared: dict[tuple[int, NetKind, int, int], int] = {}
        self.hop_at: dict[tuple[int, int, NetKind], int] = {}
        self.chain_of: dict[tuple[int, NetKind, int, HopKind], list[int]] = {}
        self.rank_of = self._make_ranks()
        self.spines = find_spines(scope, layers)

    def build(self) -> Grid:
        grid = self.grid
        grid.routes = [[] for _ in self.scope.wires]
        for index in self.layers.wire_order:
            grid.routes[index] = self._route(index)
        for item in self.layers.item_order:
            self._box(item)  # what no wire leads to or from
        grid.chains.extend(self.chain_of.values())
        grid.joins = [(self.boxes[upper], self.boxes[lower]) for upper, lower in self.spines.joins]
        return grid

    def _make_ranks(self) -> list[int]:
        """Make the ranks; the rank of each layer. An empty rank above and below gives hooks and turns a gap."""
        labelled = set()
        level_of = self.layers.level
        for index, (wire, label) in enumerate(zip(self.scope.wires, self.labels, strict=True)):
            if label and not self.layers.is_back[index]:
                labelled.add(level_of[wire.target] - 1 if self._in_rail(index) else level_of[wire.source])
        rank_of, kinds = [], [False]
        for level in range(max(level_of, default=-1) + 1):
            if level == self.layers.loose:
                self.grid.rule = len(kinds)
                kinds.append(True)
            rank_of.append(len(kinds))
            kinds.append(False)
            if level in labelled:
                kinds.append(True)
        kinds.append(False)
        self.grid.is_label_rank = kinds
        self.grid.ranks = [[] for _ in kinds]
        return rank_of

    def _add(self, element: Element) -> int:
        self.grid.elements.append(element)
        self.grid.ranks[element.rank].append(len(self.grid.elements) - 1)
        return len(self.grid.elements) - 1

    def _box(self, item: int) -> int:
        if self.boxes[item] < 0:
            width, height = self.sizes[item]
            start = self.scope.items[item].kind is ItemKind.START
            kind = ElementKind.START if start else ElementKind.BOX
            rank = self.rank_of[self.layers.level[item]]
            left = width // 2
            self.boxes[item] = self._add(Element(kind, rank, left, width - 1 - left, height, item, is_box=True))
        return self.boxes[item]

    def _route(self, index: int) -> list[int]:
        wire = self.scope.wires[index]
        here, end = self._box(wire.source), self._box(wire.target)
        rank, last = self.grid.elements[here].rank, self.grid.elements[end].rank
        hops: list[int] = []
        pull = self._pull(index)
        if self._in_rail(index):
            return self._rail_route(index, here, end)
        net = NetKind.CATCH if wire.is_catch else NetKind.FLOW
        if self.layers.is_back[index]:
            kind, ranks, step = HopKind.TURN, range(rank, last - 1, -1), HopKind.UP
        else:
            kind, ranks, step = HopKind.DOWN, range(rank + 1, last), HopKind.DOWN
        for number, passed in enumerate(ranks):
            label = self.labels[index] if number == 0 else ""
            following = self._private(index, passed) if label else self._shared(index, passed, step)
            hops.append(self._hop(here, following, kind, net, pull))
            here, kind = following, step
        kind = HopKind.HOOK if self.layers.is_back[index] else HopKind.DOWN
        hops.append(self._hop(here, end, kind, net, pull))
        return hops

    def _in_rail(self, index: int) -> bool:
        return index in self.layers.rails.of

    def _rail_route(self, index: int, here: int, end: int) -> list[int]:
        """Down the rail as far as the rank above the target, where the label is."""
        box, label = here, self.labels[index]
        last = self.grid.elements[end].rank - (1 if label else 0)
        hops = []
        for passed in range(self.grid.elements[here].rank + 1, last):
            following = self._trunk(box, passed)
            hops.append(self._hop(here, following, HopKind.DOWN, NetKind.RAIL, Pull.NONE, box))
            here = following
        if label:
            following = self._private(index, last)
            hops.append(self._hop(here, following, HopKind.DOWN, NetKind.RAIL, Pull.NONE, box))
            return [*hops, self._hop(following, end, HopKind.DOWN, NetKind.RAIL, Pull.NONE)]
        return [*hops, self._hop(here, end, HopKind.DOWN, NetKind.RAIL, Pull.NONE, box)]

    def _trunk(self, box: int, rank: int) -> int:
        """The element of a rail in a rank."""
        key = (-1 - box, NetKind.RAIL, rank, 0)
        if key not in self.shared:
            self.shared[key] = self._add(Element(ElementKind.LINE, rank))
            self.chain_of.setdefault((-1 - box, NetKind.RAIL, 0, HopKind.DOWN), []).append(self.shared[key])
        return self.shared[key]

    def _pull(self, index: int) -> Pull:
        if self._leaves_shelf(index):
            return Pull.BALANCED
        if index in self.spines.first:
            return Pull.FIRST_SPINE
        if index in self.spines.others:
            return Pull.SPINE
        if index in self.spines.balanced:
            return Pull.BALANCED
        return Pull.MAIN if self.scope.wires[index].is_main else Pull.NONE

    def _leaves_shelf(self, index: int) -> bool:
        """Whether a wire leads from a part that stands on a shelf to what does not: all of these come together."""
        parts, wire = self.layers.rails.parts, self.scope.wires[index]
        return wire.source in parts and parts.get(wire.target) != parts[wire.source]

    def _private(self, index: int, rank: int) -> int:
        node = self._add(Element(ElementKind.LABEL, rank))
        set_label(self.grid.elements[node], self.labels[index])
        self.grid.labelled[node] = index
        self.grid.chains.append([node])
        return node

    def _shared(self, index: int, rank: int, step: HopKind) -> int:
        wire, lane = self.scope.wires[index], self.lanes.get((index, rank), 0)
        net = NetKind.CATCH if wire.is_catch else NetKind.FLOW
        key = (wire.target, net, rank, lane)
        if key not in self.shared:
            self.shared[key] = self._add(Element(ElementKind.LINE, rank))
            self.chain_of.setdefault((wire.target, net, lane, step), []).append(self.shared[key])
        return self.shared[key]

    def _hop(self, source: int, target: int, kind: HopKind, net: NetKind, pull: Pull, rail: int = -1) -> int:
        key = (source, target, net)
        if key not in self.hop_at:
            self.hop_at[key] = len(self.grid.hops)
            self.grid.hops.append(Hop(source, target, kind, net, rail=rail))
        hop = self.grid.hops[self.hop_at[key]]
        hop.pull = max(hop.pull, pull)
        return self.hop_at[key]


# Ports, from left to right: the wires that leave a box below, and the kinds of net that can enter it above


def find_ports(grid: Grid) -> dict[int, Ports]:
    """The ports of every box of `grid`, by element."""
    pos = grid.positions()
    boxes = [node for rank in grid.ranks for node in rank if grid.elements[node].is_box]
    exits: dict[int, list[int]] = {node: [] for node in boxes}
    forks: dict[int, dict[int, list[int]]] = {node: {} for node in boxes}
    nets: dict[int, dict[NetKind, list[int]]] = {node: {} for node in boxes}
    trunk: dict[int, int] = {}
    for index, hop in enumerate(grid.hops):
        if hop.source in exits:
            first = trunk.setdefault(hop.source, index) if hop.rail >= 0 else index
            if first == index:
                exits[hop.source].append(index)
            else:
                forks[hop.source].setdefault(first, []).append(index)
        if hop.target in nets:
            nets[hop.target].setdefault(hop.net, []).append(index)
    found = {}
    for node in boxes:
        leaving = sorted(exits[node], key=lambda index: _exit_key(grid.hops[index], pos, node))
        mains = [grid.hops[index].is_main_flow for index in leaving]
        into = [[grid.hops[index] for index in hops] for hops in nets[node].values()]
        order = sorted(range(len(into)), key=lambda number: _entry_key(into[number], grid, pos, node))
        entries = [list(nets[node].values())[number] for number in order]
        found[node] = Ports(leaving, mains, entries, _main([grid.hops[hops[0]].net for hops in entries]), forks[node])
    return found


def _main(nets: Sequence[NetKind]) -> int:
    """Which of the nets that enter a box does so in the middle."""
    return min(range(len(nets)), key=lambda number: (nets[number] is NetKind.CATCH, nets[number]), default=0)


def turn_labels(grid: Grid) -> None:
    """Have labels stand before their lines that leave a box on the left of others, and go on beside it.

    So neither their line nor the box is pushed aside by the text.
    """
    pos = grid.positions()
    leaving: dict[int, list[Hop]] = {}
    for hop in grid.hops:
        leaving.setdefault(hop.source, []).append(hop)
    entering = {hop.target: hop for hop in grid.hops}
    for node in grid.labelled:
        element, source = grid.elements[node], entering[node]
        siblings = [hop for hop in leaving[source.source] if hop.target != node]
        if source.kind is HopKind.TURN:
            element.is_before = pos[node] < pos[source.source]
        elif source.kind is HopKind.DOWN and source.rail < 0:
            following = leaving[node][0].target
            beside = [hop for hop in siblings if hop.kind is HopKind.DOWN]
            is_first = bool(beside) and all(pos[node] < pos[hop.target] for hop in beside)
            goes_on = not grid.elements[following].is_box
            element.is_before = is_first and (goes_on or _also_leads_to(following, beside, leaving))
        set_label(element, element.label)


def _also_leads_to(box: int, hops: list[Hop], leaving: Mapping[int, list[Hop]]) -> bool:
    """Whether one of `hops` leads, by way of lines and labels, to `box` as well."""
    ahead = [hop.target for hop in hops]
    while ahead:
        node = ahead.pop()
        if node == box:
            return True
        following = leaving.get(node, [])
        if len(following) == 1 and following[0].source == node and following[0].kind is HopKind.DOWN:
            ahead.append(following[0].target)
    return False


def make_dots(grid: Grid, ports: dict[int, Ports], names: Mapping[int, int]) -> None:
    """Make dots of the boxes at `names`, each with a name of so many cells behind it; room on either side for ports."""
    for node, name in names.items():
        element, own = grid.elements[node], ports[node]
        count = len(own.exits)
        before = PORT_GAP * own.mains.index(True) if True in own.mains else count - 1
        after = PORT_GAP * (count - 1) - before
        left, right = _left_turns(grid, node, own) + own.main, max(0, len(own.entries) - 1 - own.main)
        before, after = max(before, PORT_GAP * left), max(after, PORT_GAP * right)
        element.is_dot = True
        element.left, element.right = max(1, before + 1), max(name, after + 1)


def _left_turns(grid: Grid, node: int, own: Ports) -> int:
    """How many lines leave a box for lanes on its left."""
    turns = [grid.hops[index].target for index in own.exits if grid.hops[index].kind is HopKind.TURN]
    rank = grid.ranks[grid.elements[node].rank] if turns else []
    return sum(rank.index(lane) < rank.index(node) for lane in turns)


def _exit_key(hop: Hop, pos: dict[int, int], box: int) -> tuple[int, int]:
    """Turns to the left, then hops down, then turns to the right; of the turns, the nearest lane outermost.

    A near lane inside a far one makes two nested turns; the other way round they would cross.
    """
    if hop.kind is HopKind.DOWN:
        return (1, pos[hop.target])
    return (0 if pos[hop.target] < pos[box] else 2, -pos[hop.target])


def _entry_key(hops: list[Hop], grid: Grid, pos: dict[int, int], box: int) -> tuple[int, int, NetKind]:
    """About where a net comes from, on a scale on which the box's own rank goes from 0 to 1000.

    Of lanes that hook over from one side, the outer one goes on further.
    """
    outermost = max([-pos[hop.source] for hop in hops if hop.kind is HopKind.HOOK], default=0)
    total = 0
    for hop in hops:
        if hop.kind is HopKind.HOOK:
            total += -1000 if pos[hop.source] < pos[box] else 2000
        else:
            rank = grid.ranks[grid.elements[hop.source].rank]
            total += (2 * pos[hop.source] + 1) * 500 // len(rank)
    return (total // len(hops), outermost, hops[0].net)
