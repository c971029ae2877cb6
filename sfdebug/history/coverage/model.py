"""What is counted of a definition, and how often executions took it.

What was never taken is as much a fact as how often another thing was. What could not be seen is neither: a history does
not hold the child executions of a distributed Map, so that nothing is known of the states in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Final

from msgspec import Struct

from sfdebug.asl.definition import StatePath


class CoverageKind(StrEnum):
    """What of a definition is counted."""

    STATE = "state"
    TRANSITION = "transition"
    RULE = "rule"
    RETRIER = "retrier"
    """A Retrier that had a state tried again."""
    EXHAUSTED = "exhausted retrier"
    """A Retrier that an error matched when it had no attempts left."""
    CATCHER = "catcher"
    TIMEOUT = "timeout"
    """A Task, or the machine itself, that says how long it may take, and took longer."""
    HEARTBEAT = "missed heartbeat"
    ITEMS = "items"
    """How many items a Map had: none, one, many."""
    FAILED_ITEM = "failed item"
    FAILED_BRANCH = "failed branch"


ERROR_PATHS: Final = frozenset(
    {
        CoverageKind.RETRIER,
        CoverageKind.EXHAUSTED,
        CoverageKind.CATCHER,
        CoverageKind.TIMEOUT,
        CoverageKind.HEARTBEAT,
        CoverageKind.FAILED_ITEM,
        CoverageKind.FAILED_BRANCH,
    }
)
"""What executions take only when something goes wrong."""


class ItemCount(StrEnum):
    """How many items a Map had."""

    NONE = "none"
    ONE = "one"
    MANY = "many"

    @classmethod
    def of(cls, count: int) -> ItemCount:
        """That of so many items."""
        return cls.NONE if count == 0 else cls.ONE if count == 1 else cls.MANY


class CoverageItem(Struct, frozen=True, gc=False):
    """One thing in a definition that an execution can take.

    `state` is the state that it belongs to, () of the machine's own timeout; of a transition that begins a branch the
    Parallel or Map around, () at the top. `index` is that of a rule (None for Default), a Retrier or a Catcher, from 0.
    `target` is where a transition leads, and `way` by what: "start", "next", "choice", "default" or "catch", as in the
    graph; of a Map's items it is how many.
    """

    kind: CoverageKind
    state: StatePath
    index: int | None = None
    target: StatePath = ()
    way: str = ""

    @property
    def counts_by_itself(self) -> bool:
        """Whether it is part of a sum: a transition that a rule, a Catcher or a start says already is not."""
        return self.kind is not CoverageKind.TRANSITION or self.way == "next"


class CoverageShare(Struct, frozen=True):
    """So many of all were taken."""

    taken: int
    total: int

    @property
    def percent(self) -> float:
        """The share in percent; 100 of nothing, for nothing of it was left out."""
        return 100.0 * self.taken / self.total if self.total else 100.0


class TakenItems(Struct, frozen=True):
    """What one execution took: how often each item, and the Maps whose Map Runs nobody saw the inside of."""

    counts: Mapping[CoverageItem, int]
    unseen: frozenset[StatePath] = frozenset()


class Coverage(Struct, frozen=True, dict=True):
    """How often each item of a definition was taken, by so many executions. `counts` has every item, also with 0.

    `unseen` are the Maps whose child executions some execution had, but did not tell of; `uncounted` is what was not
    looked at in some of them.
    """

    executions: int
    counts: Mapping[CoverageItem, int]
    unseen: frozenset[StatePath] = frozenset()
    uncounted: frozenset[CoverageItem] = frozenset()

    def __add__(self, other: Coverage) -> Coverage:
        """What the executions of both took, of the same definition."""
        counts = dict(self.counts)
        for item, count in other.counts.items():
            counts[item] = counts.get(item, 0) + count
        unseen, uncounted = self.unseen | other.unseen, self.uncounted | other.uncounted
        return Coverage(self.executions + other.executions, counts, unseen, uncounted)

    def of(self, kind: CoverageKind) -> Mapping[CoverageItem, int]:
        """The items of one kind, in the order of the definition."""
        return {item: count for item, count in self.counts.items() if item.kind is kind}

    @cached_property
    def unknown(self) -> frozenset[CoverageItem]:
        """What was not seen to be taken and may have been: in child executions that nobody told of, or not counted."""
        return frozenset(item for item, count in self.counts.items() if not count and self._is_out_of_sight(item))

    def _is_out_of_sight(self, item: CoverageItem) -> bool:
        if item in self.uncounted:
            return True
        place = item.target if item.kind is CoverageKind.TRANSITION else item.state
        if item.kind is CoverageKind.FAILED_ITEM and item.state in self.unseen:
            return True
        return any(len(place) > len(path) and place[: len(path)] == path for path in self.unseen)

    def never(self, kind: CoverageKind | None = None) -> tuple[CoverageItem, ...]:
        """The items, of one kind or all, that are known to be taken by no execution, in the order of the definition."""
        return tuple(
            item
            for item, count in self.counts.items()
            if not count and item not in self.unknown and kind in (None, item.kind)
        )

    def share(self, kinds: Collection[CoverageKind] | None = None) -> CoverageShare:
        """How many of the items, of these kinds or all, were taken. What is not known is left out of both numbers, and
        so is a transition that another item says already."""
        known = [
            count
            for item, count in self.counts.items()
            if (kinds is None or item.kind in kinds) and item.counts_by_itself and item not in self.unknown
        ]
        return CoverageShare(sum(count > 0 for count in known), len(known))


def summed(items: Iterable[CoverageItem], taken: Iterable[TakenItems]) -> Coverage:
    """The coverage of a definition that has these items, by what each of several executions took."""
    counts = dict.fromkeys(items, 0)
    executions, unseen = 0, frozenset[StatePath]()
    for one in taken:
        executions += 1
        unseen |= one.unseen
        for item, count in one.counts.items():
            counts[item] = counts.get(item, 0) + count
    return Coverage(executions, counts, unseen)


def share_of_all(coverages: Sequence[Coverage], kinds: Collection[CoverageKind] | None = None) -> CoverageShare | None:
    """How many of the items of several definitions together were taken; None where there are such items, and of none it
    is known whether it was."""
    shares = [one.share(kinds) for one in coverages]
    share = CoverageShare(sum(one.taken for one in shares), sum(one.total for one in shares))
    is_hidden = any(kinds is None or item.kind in kinds for one in coverages for item in one.unknown)
    return None if is_hidden and not share.total else share


def by_kind(counts: Mapping[CoverageItem, int]) -> Iterator[tuple[CoverageKind, Mapping[CoverageItem, int]]]:
    """The items of each kind that there are any of."""
    for kind in CoverageKind:
        found = {item: count for item, count in counts.items() if item.kind is kind}
        if found:
            yield kind, found
