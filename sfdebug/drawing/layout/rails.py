"""Choices of many targets: which wires run in one rail, and on which shelves stands what they lead to.

A row of many boxes is wider than any screen. So the exits of such a Choice leave it as one line, the rail, from which
each target has a branch; and the targets, with what only they lead to, stand on as many shelves as it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from sfdebug.drawing.layout.network_simplex import Link
from sfdebug.drawing.layout.shelves import on_shelves
from sfdebug.drawing.model import ScopeModel

MOST: Final = 5
"""A Choice of no more exits has a line for each."""

_GAP: Final = 3
_LANES: Final = 8
"""Columns between two branches of a shelf, and those that the rail and the lines beside the shelf take."""


class Rails(Struct, frozen=True, gc=False):
    """`of` gives, for each wire that runs in a rail, the item that the rail leaves.

    `parts` are the items that stand on shelves, each with the target that leads to it.
    """

    of: dict[int, int]
    parts: dict[int, int]

    def links(
        self, scope: ScopeModel, is_back: Sequence[bool], highest: Sequence[int], widths: Sequence[int], row: int
    ) -> tuple[list[Link], int]:
        """The links that keep each shelf below the one before, and how many items that are not drawn they need.

        Such items have the numbers behind those of `scope`. `highest` are the levels of its items without shelves: what
        also hangs on other targets stands behind them.
        """
        ahead, _ = _neighbours(scope, is_back)
        members: dict[int, list[int]] = {}
        for item, target in self.parts.items():
            members.setdefault(target, []).append(item)
        links: list[Link] = []
        virtual = 0
        for source in sorted(set(self.of.values())):
            targets = [scope.wires[index].target for index, rail in self.of.items() if rail == source]
            targets.sort(key=highest.__getitem__)
            shelves = _shelves([members.get(target, [target]) for target in targets], ahead, widths, row)
            for upper, lower in pairwise(shelves):
                between = len(scope.items) + virtual
                virtual += 1
                links += [Link(item, between, 1, 0) for part in upper for item in part]
                links += [Link(between, part[0], 0, 0) for part in lower]
        return links, virtual


def find_rails(scope: ScopeModel, is_back: Sequence[bool]) -> Rails:
    """The rails of `scope`."""
    exits: dict[int, list[int]] = {}
    for index, wire in enumerate(scope.wires):
        if not is_back[index] and not wire.is_catch:
            exits.setdefault(wire.source, []).append(index)
    of = {index: source for source, wires in exits.items() if len(wires) > MOST for index in wires}
    parts: dict[int, int] = {}
    if of:
        ahead, behind = _neighbours(scope, is_back)
        for index, source in of.items():
            target = scope.wires[index].target
            parts.update((item, target) for item in _part(target, source, ahead, behind) if item not in parts)
    return Rails(of, parts)


def _neighbours(scope: ScopeModel, is_back: Sequence[bool]) -> tuple[list[list[int]], list[list[int]]]:
    """What each item leads to, and is led to from, by wires that do not lead back."""
    ahead: list[list[int]] = [[] for _ in scope.items]
    behind: list[list[int]] = [[] for _ in scope.items]
    for index, wire in enumerate(scope.wires):
        if not is_back[index]:
            ahead[wire.source].append(wire.target)
            behind[wire.target].append(wire.source)
    return ahead, behind


def exit_counts(scope: ScopeModel, rails: Rails) -> list[int]:
    """How many lines leave each item."""
    found = [0] * len(scope.items)
    for index, wire in enumerate(scope.wires):
        if index not in rails.of:
            found[wire.source] += 1
    for source in set(rails.of.values()):
        found[source] += 1
    return found


def _part(target: int, source: int, ahead: list[list[int]], behind: list[list[int]]) -> list[int]:
    """`target` and what can only be reached through it; [] when it can be reached in other ways as well."""
    if any(item != source for item in behind[target]):
        return []
    part, inside = [target], {target}
    for item in part:
        for following in ahead[item]:
            if following not in inside and all(before in inside for before in behind[following]):
                inside.add(following)
                part.append(following)
    return part


def _shelves(parts: list[list[int]], ahead: list[list[int]], widths: Sequence[int], row: int) -> list[list[list[int]]]:
    """The parts in their order on as few shelves as keep each within `row` columns, and those about as long."""
    sizes = [_across(part, ahead, widths) for part in parts]
    return [[parts[number] for number in shelf] for shelf in on_shelves(sizes, row - _LANES, _GAP)]


def _across(part: list[int], ahead: list[list[int]], widths: Sequence[int]) -> int:
    """About how many columns a part takes: its widest level."""
    inside, level = set(part), dict.fromkeys(part, 0)
    across: dict[int, int] = {}
    for item in part:
        for following in ahead[item]:
            if following in inside:
                level[following] = max(level[following], level[item] + 1)
    for item in part:
        across[level[item]] = across.get(level[item], -_GAP) + _GAP + widths[item]
    return max(across.values())
