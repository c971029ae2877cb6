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
from itertools import combinations, permutations, product
from typing import Final

from msgspec import Struct, field

from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.layout.layers import Layers
from sfdebug.drawing.layout.spine import Spines, find_spines
from sfdebug.drawing.model import ItemKind, ScopeModel
from sfdebug.text import cell_width

PORT_GAP: Final = 2
PORT_MARGIN: Final = 2
"""The least distance between two ports of one box, and of a port from the box's corner."""

_MIDDLE: Final = 64.0
"""How much a port in the middle of a border counts against another."""

LABEL_INDENT: Final = 2
"""Where a label's text begins, counted from the column of its line."""


class ElementKind(Enum):
    """What an element stands for."""

    BOX = auto()
    START = auto()
    LINE = auto()
    LABEL = auto()


BOX: Final = ElementKind.BOX
START: Final = ElementKind.START
LINE: Final = ElementKind.LINE
LABEL: Final = ElementKind.LABEL
"""An Enum takes ten times as long to give a member as a module does, and these are asked for ten thousand times."""


class HopKind(Enum):
    """How a hop gets from its element to the next: through the gap below or above the rank, or around in it."""

    DOWN = auto()
    UP = auto()
    TURN = auto()
    HOOK = auto()


DOWN: Final = HopKind.DOWN
UP: Final = HopKind.UP
TURN: Final = HopKind.TURN
HOOK: Final = HopKind.HOOK


class Element(Struct, gc=False):
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


FLOW: Final = NetKind.FLOW
CATCH: Final = NetKind.CATCH
RAIL: Final = NetKind.RAIL


class Pull(IntEnum):
    """How much a hop should be straight for the sake of the wires that run in it."""

    NONE = auto()
    BALANCED = auto()
    MAIN = auto()
    SPINE = auto()
    FIRST_SPINE = auto()


class Hop(Struct, gc=False):
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
        return self.net is CATCH

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
    is none. `spines` do not hang on the lanes of wires. `movable` are the lines and labels that only lead to a box
    which they enter alone, each with that box.
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
    spines: Spines | None = None
    movable: dict[int, int] = field(default_factory=dict)

    def positions(self) -> dict[int, int]:
        """Where each element stands in its rank, counted from the left."""
        return {node: index for rank in self.ranks for index, node in enumerate(rank)}

    def texts(self) -> list[str]:
        """What stands beside lines, in the order of `labelled`."""
        return [self.elements[node].label for node in self.labelled]

    def gap(self, hop: Hop) -> int:
        """The gap that `hop` runs through: gap g is the space below rank g."""
        rank = self.elements[hop.source].rank
        return rank if hop.kind in (DOWN, TURN) else rank - 1


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

    exit_weights: list[float]
    entry_weights: list[float]
    """How much each counts where all cannot stand where they should."""


def build_grid(
    scope: ScopeModel,
    layers: Layers,
    sizes: Sequence[tuple[int, int]],
    labels: Sequence[str],
    lanes: Mapping[tuple[int, int], int] | None = None,
    spines: Spines | None = None,
    *,
    is_parted: bool = False,
) -> Grid:
    """The grid of `scope`, each rank in the order of the walk that layered it.

    `sizes` are those of the items' boxes, `labels` the texts of the wires. `lanes` gives the number of the bundle
    that a wire runs in by (wire, rank): without it, wires to one target share one, but in a grid that `is_parted` each
    has its own. `spines` are those of another grid of these layers, if there is one.
    """
    spines = spines or find_spines(scope, layers)
    return _GridBuilder(scope, layers, sizes, labels, lanes or {}, spines, is_parted=is_parted).build()


class _GridBuilder:
    def __init__(
        self,
        scope: ScopeModel,
        layers: Layers,
        sizes: Sequence[tuple[int, int]],
        labels: Sequence[str],
        lanes: Mapping[tuple[int, int], int],
        spines: Spines,
        *,
        is_parted: bool,
    ) -> None:
        self.scope = scope
        self.layers = layers
        self.sizes = sizes
        self.labels = labels
        self.lanes = lanes
        self.is_parted = is_parted
        self.grid = Grid(spines=spines)
        self.hops = self.grid.hops
        self.boxes: list[int] = [-1] * len(scope.items)
        self.shared: dict[tuple[int, NetKind, int, int], int] = {}
        self.hop_at: dict[tuple[int, int, NetKind], int] = {}
        self.chain_of: dict[tuple[int, NetKind, int, bool], list[int]] = {}
        self.rank_of = self._make_ranks()
        self.spines = spines

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
        elements = self.grid.elements
        node = len(elements)
        elements.append(element)
        self.grid.ranks[element.rank].append(node)
        return node

    def _box(self, item: int) -> int:
        node = self.boxes[item]
        if node < 0:
            width, height = self.sizes[item]
            start = self.scope.items[item].kind is ItemKind.START
            kind = START if start else BOX
            rank = self.rank_of[self.layers.level[item]]
            left = width // 2
            node = self._add(Element(kind, rank, left, width - 1 - left, height, item, "", 0, True))
            self.boxes[item] = node
        return node

    def _route(self, index: int) -> list[int]:
        give_way()
        wire, is_back = self.scope.wires[index], self.layers.is_back[index]
        here, end = self._box(wire.source), self._box(wire.target)
        if self._in_rail(index):
            return self._rail_route(index, here, end)
        rank, last = self.grid.elements[here].rank, self.grid.elements[end].rank
        hops: list[int] = []
        pull, label, target = self._pull(index), self.labels[index], wire.target
        net = CATCH if wire.is_catch else FLOW
        if is_back:
            kind, ranks, step = TURN, range(rank, last - 1, -1), UP
        else:
            kind, ranks, step = DOWN, range(rank + 1, last), DOWN
        lanes, shared, lane = self.lanes, self.shared, index if self.is_parted else 0
        for passed in ranks:
            if label:
                following, label = self._private(index, passed), ""
            else:
                if lanes:
                    lane = lanes.get((index, passed), 0)
                known = shared.get((target, net, passed, lane))
                following = self._shared((target, net, passed, lane), is_back) if known is None else known
            hops.append(self._hop(here, following, kind, net, pull))
            here, kind = following, step
        hops.append(self._hop(here, end, HOOK if is_back else DOWN, net, pull))
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
            hops.append(self._hop(here, following, DOWN, RAIL, Pull.NONE, box))
            here = following
        if label:
            following = self._private(index, last)
            hops.append(self._hop(here, following, DOWN, RAIL, Pull.NONE, box))
            return [*hops, self._hop(following, end, DOWN, RAIL, Pull.NONE)]
        return [*hops, self._hop(here, end, DOWN, RAIL, Pull.NONE, box)]

    def _trunk(self, box: int, rank: int) -> int:
        """The element of a rail in a rank."""
        return self._shared((-1 - box, RAIL, rank, 0), False)

    def _pull(self, index: int) -> Pull:
        if self.layers.rails.parts and self._leaves_shelf(index):
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
        node = self._add(Element(LABEL, rank))
        set_label(self.grid.elements[node], self.labels[index])
        self.grid.labelled[node] = index
        self.grid.chains.append([node])
        return node

    def _shared(self, bundle: tuple[int, NetKind, int, int], climbs: bool) -> int:
        """The element of a bundle: that of what it leads to, its net, the rank, and its lane."""
        node = self.shared.get(bundle)
        if node is None:
            target, net, rank, lane = bundle
            node = self.shared[bundle] = self._add(Element(LINE, rank))
            self.chain_of.setdefault((target, net, lane, climbs), []).append(node)
        return node

    def _hop(self, source: int, target: int, kind: HopKind, net: NetKind, pull: Pull, rail: int = -1) -> int:
        hops = self.hops
        new = len(hops)
        index = self.hop_at.setdefault((source, target, net), new)
        if index == new:
            hops.append(Hop(source, target, kind, net, pull, rail))
        elif hops[index].pull < pull:
            hops[index].pull = pull
        return index


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
    entries = {node: _entries(list(nets[node].values()), grid, pos, node) for node in boxes}
    entry = {index: number for own in entries.values() for number, hops in enumerate(own) for index in hops}
    found = {}
    for node in boxes:
        leaving = sorted(exits[node], key=lambda index: (*_exit_key(grid.hops[index], pos, node), entry.get(index, 0)))
        mains = [grid.hops[index].is_main_flow for index in leaving]
        main = _main([grid.hops[hops[0]].net for hops in entries[node]])
        weights = [_MIDDLE if is_main else 1.0 for is_main in mains]
        entering = [_MIDDLE if number == main else 1.0 for number in range(len(entries[node]))]
        found[node] = Ports(leaving, mains, entries[node], main, forks[node], weights, entering)
    return found


def _entries(nets: list[list[int]], grid: Grid, pos: Mapping[int, int], box: int) -> list[list[int]]:
    """The nets that enter a box, in the order in which they cross least; of such orders that in which they come."""
    give_way()
    if len(nets) < 2:
        return nets
    keys = [_entry_key([grid.hops[index] for index in hops], grid, pos, box) for hops in nets]
    usual = sorted(range(len(nets)), key=keys.__getitem__)
    order = min(permutations(usual), key=lambda order: _met([nets[number] for number in order], grid, pos, box))
    return [nets[number] for number in order]


def entry_crossings(grid: Grid, pos: Mapping[int, int], box: int) -> int:
    """How often what enters a box must cross, that enters by another way in."""
    nets: dict[NetKind, list[int]] = {}
    for index, hop in enumerate(grid.hops):
        if hop.target == box:
            nets.setdefault(hop.net, []).append(index)
    return min(_met(list(order), grid, pos, box) for order in permutations(nets.values()))


def _met(nets: list[list[int]], grid: Grid, pos: Mapping[int, int], box: int) -> int:
    """How often nets cross that enter a box in this order."""
    hops, found = grid.hops, 0
    for left, right in combinations(nets, 2):
        found += sum(_meets(hops[one], hops[other], pos, box) for one, other in product(left, right))
    return found


def _meets(left: Hop, right: Hop, pos: Mapping[int, int], box: int) -> bool:
    """Whether a hop crosses another that enters a box on its right: of two that hook over, the outer goes further."""
    side, other = (0 if hop.kind is DOWN else 1 if pos[hop.source] > pos[box] else -1 for hop in (left, right))
    if side != other:
        return side > other
    return (pos[left.source] - pos[right.source]) * (1 if side else -1) < 0


def _main(nets: Sequence[NetKind]) -> int:
    """Which of the nets that enter a box does so in the middle."""
    return min(range(len(nets)), key=lambda number: (nets[number] is CATCH, nets[number]), default=0)


def turn_labels(grid: Grid) -> None:
    """Have labels stand before their lines that leave a box on the left of others, and go on beside it.

    So neither their line nor the box is pushed aside by the text.
    """
    if not grid.labelled:
        return
    pos = grid.positions()
    leaving: dict[int, list[Hop]] = {}
    for hop in grid.hops:
        leaving.setdefault(hop.source, []).append(hop)
    entering = {hop.target: hop for hop in grid.hops}
    for node in grid.labelled:
        element, source = grid.elements[node], entering[node]
        siblings = [hop for hop in leaving[source.source] if hop.target != node]
        if source.kind is TURN:
            element.is_before = pos[node] < pos[source.source]
        elif source.kind is DOWN and source.rail < 0:
            following = leaving[node][0].target
            beside = [hop for hop in siblings if hop.kind is DOWN]
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
        if len(following) == 1 and following[0].source == node and following[0].kind is DOWN:
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
    turns = [grid.hops[index].target for index in own.exits if grid.hops[index].kind is TURN]
    rank = grid.ranks[grid.elements[node].rank] if turns else []
    return sum(rank.index(lane) < rank.index(node) for lane in turns)


def _exit_key(hop: Hop, pos: dict[int, int], box: int) -> tuple[int, int]:
    """Turns to the left, then hops down, then turns to the right; of the turns, the nearest lane outermost.

    A near lane inside a far one makes two nested turns; the other way round they would cross.
    """
    if hop.kind is DOWN:
        return (1, pos[hop.target])
    return (0 if pos[hop.target] < pos[box] else 2, -pos[hop.target])


def _entry_key(hops: list[Hop], grid: Grid, pos: Mapping[int, int], box: int) -> tuple[int, int, NetKind]:
    """About where a net comes from, on a scale on which the box's own rank goes from 0 to 1000.

    Of lanes that hook over from one side, the outer one goes on further.
    """
    outermost = max([-pos[hop.source] for hop in hops if hop.kind is HOOK], default=0)
    total = 0
    for hop in hops:
        if hop.kind is HOOK:
            total += -1000 if pos[hop.source] < pos[box] else 2000
        else:
            rank = grid.ranks[grid.elements[hop.source].rank]
            total += (2 * pos[hop.source] + 1) * 500 // len(rank)
    return (total // len(hops), outermost, hops[0].net)
