"""The live branches of an execution as a value: a dict, or once there are many, blocks of a few that are shared.

Each step of the engine changes one branch, or two, and makes the whole anew. With 500 branches side by side, copying
all of them makes a run quadratic, and a debugger that keeps every step keeps all of them each time. In blocks, a step
costs the block of what it changed; and what was worked out of a block (which branch moves first) is kept with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, ValuesView
from itertools import chain, takewhile
from typing import Any, Final

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.execution import Branch

MOST_IN_DICT: Final = 64
"""With so many branches a dict is faster: those of an inline Map, of which 40 run at once, are in one."""

_BLOCK: Final = 16
_SPARSE: Final = 4
"""When so many times the room that is needed is there, the blocks are filled anew."""


class Block:
    """A few branches that stay as they are. `memo` is what readers have worked out of them, None before."""

    __slots__ = ("branches", "memo")

    def __init__(self, branches: dict[BranchId, Branch]) -> None:
        self.branches = branches
        self.memo: Any = None


class _BranchValues(ValuesView[Branch]):
    """The branches of blocks, without looking up each."""

    def __init__(self, branches: ManyBranches) -> None:
        super().__init__(branches)
        self._blocks = branches.blocks

    def __iter__(self) -> Iterator[Branch]:
        return chain.from_iterable(block.branches.values() for block in self._blocks)


class ManyBranches(Mapping[BranchId, Branch]):
    """Branches in the order in which they were started, never changed.

    `_places` says in which block an id was started last, in this mapping or in a later one of the same line: it is
    shared, as the list of a Log is, and a place that is not true here is made up for by looking everywhere.
    """

    __slots__ = ("_places", "_size", "blocks")

    def __init__(self, branches: Mapping[BranchId, Branch]) -> None:
        items = list(branches.items())
        self.blocks = tuple(Block(dict(items[at : at + _BLOCK])) for at in range(0, len(items), _BLOCK))
        self._places = {id: number for number, block in enumerate(self.blocks) for id in block.branches}
        self._size = len(items)

    def __getitem__(self, id: BranchId) -> Branch:
        number = self._number_of(id)
        if number is None:
            raise KeyError(id)
        return self.blocks[number].branches[id]

    def get(self, id: BranchId, default: Any = None) -> Any:
        """The branch with that id; None, or `default`, when there is none."""
        number = self._number_of(id)
        return default if number is None else self.blocks[number].branches[id]

    def values(self) -> ValuesView[Branch]:
        """The branches, in the order in which they were started."""
        return _BranchValues(self)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[BranchId]:
        return chain.from_iterable(block.branches for block in self.blocks)

    def __reversed__(self) -> Iterator[BranchId]:
        return chain.from_iterable(reversed(block.branches) for block in reversed(self.blocks))

    def __contains__(self, id: object) -> bool:
        return isinstance(id, tuple) and self._number_of(id) is not None

    def __reduce__(self) -> tuple[Any, ...]:
        return ManyBranches, (dict(self),)

    def __repr__(self) -> str:
        return f"ManyBranches({dict(self)!r})"

    def changed(self, changes: Mapping[BranchId, Branch | None]) -> ManyBranches:
        """These branches with others in their place, without those that are None, and with new ones after them."""
        blocks, places, size = list(self.blocks), self._places, self._size
        opened: dict[int, dict[BranchId, Branch]] = {}
        added: list[tuple[BranchId, Branch]] = []
        for id, branch in changes.items():
            number = self._number_of(id)
            if number is None:
                if branch is not None:
                    added.append((id, branch))
                continue
            held = opened.get(number)
            if held is None:
                held = opened[number] = dict(blocks[number].branches)
            if branch is None:
                del held[id]
                size -= 1
            else:
                held[id] = branch
        for number, held in opened.items():
            blocks[number] = Block(held)
        if added:
            last = len(blocks) - 1
            for id, branch in added:
                if last < 0 or len(blocks[last].branches) >= _BLOCK:
                    blocks.append(Block({}))
                    last += 1
                elif last not in opened:
                    blocks[last] = Block(dict(blocks[last].branches))
                opened[last] = blocks[last].branches
                opened[last][id] = branch
                places[id] = last
            size += len(added)
        if len(blocks) * _BLOCK > _SPARSE * (size + _BLOCK):
            return ManyBranches({id: branch for block in blocks for id, branch in block.branches.items()})
        after: ManyBranches = ManyBranches.__new__(ManyBranches)
        after.blocks, after._places, after._size = tuple(blocks), places, size
        return after

    def _number_of(self, id: BranchId) -> int | None:
        """The block that an id is in; None when it is in none."""
        place = self._places.get(id)
        if place is None:
            return None
        blocks = self.blocks
        if place < len(blocks) and id in blocks[place].branches:
            return place
        return next((number for number, block in enumerate(blocks) if id in block.branches), None)


class BranchesDraft(MutableMapping[BranchId, Branch]):
    """Many branches while a step changes some of them."""

    __slots__ = ("_before", "_changes")

    def __init__(self, before: ManyBranches) -> None:
        self._before = before
        self._changes: dict[BranchId, Branch | None] = {}

    def __getitem__(self, id: BranchId) -> Branch:
        branch = self.get(id)
        if branch is None:
            raise KeyError(id)
        return branch  # type: ignore[no-any-return]

    def get(self, id: BranchId, default: Any = None) -> Any:
        """The branch with that id; None, or `default`, when there is none."""
        if id in self._changes:
            branch = self._changes[id]
            return default if branch is None else branch
        return self._before.get(id, default)

    def __setitem__(self, id: BranchId, branch: Branch) -> None:
        self._changes[id] = branch

    def __delitem__(self, id: BranchId) -> None:
        if id not in self:
            raise KeyError(id)
        self._changes[id] = None

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[BranchId]:
        before, changes = self._before, self._changes
        yield from (id for id in before if id not in changes or changes[id] is not None)
        yield from (id for id, branch in changes.items() if branch is not None and id not in before)

    def frozen(self) -> Mapping[BranchId, Branch]:
        """The branches as they stand."""
        after = self._before.changed(self._changes)
        return after if len(after) > MOST_IN_DICT // 2 else dict(after)


def drafted(branches: Mapping[BranchId, Branch]) -> MutableMapping[BranchId, Branch]:
    """The branches of an execution, for a step to change."""
    return BranchesDraft(branches) if type(branches) is ManyBranches else dict(branches)


def frozen(branches: MutableMapping[BranchId, Branch]) -> Mapping[BranchId, Branch]:
    """The branches as they stand after a step."""
    if type(branches) is BranchesDraft:
        return branches.frozen()
    return branches if len(branches) <= MOST_IN_DICT else ManyBranches(branches)


def started(before: Mapping[BranchId, Branch], after: Mapping[BranchId, Branch]) -> list[BranchId]:
    """The branches that a step has started, in that order."""
    if type(after) is not ManyBranches:
        return [id for id in after if id not in before]
    new = list(takewhile(lambda id: id not in before, reversed(after)))  # they stand last
    new.reverse()
    return new


def changed(before: Mapping[BranchId, Branch], after: Mapping[BranchId, Branch]) -> set[BranchId]:
    """The branches that a step has started, changed or ended. Blocks that both have are not looked into."""
    shared: set[Block] = set()
    if type(before) is ManyBranches and type(after) is ManyBranches:
        shared = {*before.blocks} & {*after.blocks}
    was, now = _beside(shared, before), _beside(shared, after)
    return {id for id, branch in was.items() if now.get(id) is not branch} | (now.keys() - was.keys())


def _beside(shared: set[Block], branches: Mapping[BranchId, Branch]) -> Mapping[BranchId, Branch]:
    if not shared or type(branches) is not ManyBranches:
        return branches
    return {id: branch for block in branches.blocks if block not in shared for id, branch in block.branches.items()}
