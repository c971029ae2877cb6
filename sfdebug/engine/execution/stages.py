"""The stages of one visit as a value: a tuple, or once a state was tried again and again, blocks that are shared.

A visit of 8,000 attempts has tens of thousands of stages. Each step of the engine makes the visit anew, and the
debugger keeps all of them: what earlier steps have noted is not copied, but shared in whole blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias, overload

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import Stage, StageName

BLOCK: Final = 64
"""How many stages a block has. A visit with fewer than two blocks holds its stages in a tuple."""

Block: TypeAlias = "tuple[frozenset[StageName], tuple[Stage, ...]]"
"""Stages that stay as they are, after the names that they have."""


class ManyStages(Sequence["Stage"]):
    """The stages of a long visit, never changed: full blocks, and the rest."""

    __slots__ = ("blocks", "rest")

    def __init__(self, blocks: tuple[Block, ...], rest: tuple[Stage, ...]) -> None:
        self.blocks = blocks
        self.rest = rest

    def __len__(self) -> int:
        return len(self.blocks) * BLOCK + len(self.rest)

    @overload
    def __getitem__(self, index: int) -> Stage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Stage, ...]: ...
    def __getitem__(self, index: int | slice) -> Stage | tuple[Stage, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        return _at(self.blocks, self.rest, index)

    def __iter__(self) -> Iterator[Stage]:
        for _, stages in self.blocks:
            yield from stages
        yield from self.rest

    def __reversed__(self) -> Iterator[Stage]:
        yield from reversed(self.rest)
        for _, stages in reversed(self.blocks):
            yield from reversed(stages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


class StagesDraft(MutableSequence["Stage"]):
    """The stages of a long visit while a step adds to them; `last` finds one without looking at all of them."""

    __slots__ = ("_blocks", "_rest")

    def __init__(self, stages: ManyStages) -> None:
        self._blocks = stages.blocks
        self._rest = list(stages.rest)

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK + len(self._rest)

    @overload
    def __getitem__(self, index: int) -> Stage: ...
    @overload
    def __getitem__(self, index: slice) -> list[Stage]: ...
    def __getitem__(self, index: int | slice) -> Stage | list[Stage]:
        if isinstance(index, slice):
            return list(self)[index]
        return _at(self._blocks, self._rest, index)

    def __setitem__(self, index: int | slice, stage: Stage) -> None:  # type: ignore[override]
        assert isinstance(index, int), "stages are replaced one by one"
        self._rest[self._reach(index)] = stage

    def __delitem__(self, index: int | slice) -> None:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            assert stop == len(self), "stages are taken off at the end"
            del self._rest[self._reach(start) :]
        else:
            del self._rest[self._reach(index)]

    def insert(self, index: int, stage: Stage) -> None:
        """Put `stage` before the one at `index`."""
        self._rest.insert(self._reach(index), stage)

    def __reversed__(self) -> Iterator[Stage]:
        return reversed(self.frozen())

    def last(self, name: StageName) -> Stage | None:
        """The latest stage with that name."""
        for stage in reversed(self._rest):
            if stage.name is name:
                return stage
        for names, stages in reversed(self._blocks):
            if name in names:
                return next(stage for stage in reversed(stages) if stage.name is name)
        return None

    def frozen(self) -> ManyStages:
        """The stages as they stand."""
        return _frozen(self._blocks, self._rest)

    def _reach(self, index: int) -> int:
        """Where a stage is among those that can be changed; blocks from it on are opened."""
        index = index + len(self) if index < 0 else index
        while index < len(self._blocks) * BLOCK:
            self._rest[:0] = self._blocks[-1][1]
            self._blocks = self._blocks[:-1]
        return index - len(self._blocks) * BLOCK


def drafted(stages: Sequence[Stage]) -> MutableSequence[Stage]:
    """The stages of a visit, to be added to."""
    return StagesDraft(stages) if isinstance(stages, ManyStages) else list(stages)


def frozen(stages: MutableSequence[Stage]) -> Sequence[Stage]:
    """The stages of a visit as they stand."""
    if isinstance(stages, StagesDraft):
        return stages.frozen()
    return tuple(stages) if len(stages) < 2 * BLOCK else _frozen((), stages)


def added(stages: Sequence[Stage], *more: Stage, instead: int = 0) -> Sequence[Stage]:
    """`stages` with `more` after them, in the place of the last `instead`."""
    draft = drafted(stages)
    if instead:
        del draft[len(draft) - instead :]
    draft.extend(more)
    return frozen(draft)


def in_common(old: Sequence[Stage], new: Sequence[Stage]) -> int:
    """How many stages at the start are the same objects: a waiting stage is replaced when its result is there."""
    shared = 0
    mine: Iterable[Stage] = old
    other: Iterable[Stage] = new
    if type(old) is not tuple or type(new) is not tuple:
        shared = _blocks_in_common(old, new)
        mine, other = _after(old, shared), _after(new, shared)
    count = shared * BLOCK
    for left, right in zip(mine, other, strict=False):
        if left is not right:
            break
        count += 1
    return count


def _blocks_in_common(old: Sequence[Stage], new: Sequence[Stage]) -> int:
    """How many blocks at the start are the same objects."""
    if not isinstance(old, ManyStages) or not isinstance(new, ManyStages):
        return 0
    pairs = zip(old.blocks, new.blocks, strict=False)
    return next(
        (number for number, (left, right) in enumerate(pairs) if left is not right),
        min(len(old.blocks), len(new.blocks)),
    )


def _after(stages: Sequence[Stage], shared: int) -> Iterator[Stage]:
    """The stages after so many blocks."""
    if not isinstance(stages, ManyStages):
        return iter(stages)
    return chain(chain.from_iterable(each for _, each in stages.blocks[shared:]), stages.rest)


def _frozen(blocks: tuple[Block, ...], rest: Sequence[Stage]) -> ManyStages:
    """In blocks, but for the last stages: what comes next may still replace them."""
    full = max(len(rest) // BLOCK - 1, 0)
    if full:
        cut = [tuple(rest[number * BLOCK : (number + 1) * BLOCK]) for number in range(full)]
        blocks = (*blocks, *((frozenset(stage.name for stage in stages), stages) for stages in cut))
    return ManyStages(blocks, tuple(rest[full * BLOCK :]))


def _at(blocks: tuple[Block, ...], rest: Sequence[Stage], index: int) -> Stage:
    size = len(blocks) * BLOCK
    index = index + size + len(rest) if index < 0 else index
    if index < 0:
        raise IndexError(index)
    return blocks[index // BLOCK][1][index % BLOCK] if index < size else rest[index - size]
