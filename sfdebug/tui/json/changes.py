"""The changes between two values as a tree, so that the lines of a difference can be made one level at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sfdebug.debugger.view.json_diff import diff
from sfdebug.json_pointer import keys_in
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.debugger.view.json_diff import Change
    from sfdebug.tui.painting.glyphs import Glyphs


class Changes(Struct):
    """What changed in one object or array: members gone, new, different, and those with changes further inside.

    Members of `gone` are named by their place before; all others by their place after.
    """

    gone: set[str | int] = field(default_factory=set)
    new: set[str | int] = field(default_factory=set)
    different: set[str | int] = field(default_factory=set)
    inside: dict[str | int, Changes] = field(default_factory=dict)


class Counts(Struct, frozen=True):
    """How many values were added, removed and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def text(self, glyphs: Glyphs) -> str:
        """`+ 2  ~ 1`."""
        if not self:
            return "no difference"
        parts = ((glyphs.added, self.added), (glyphs.removed, self.removed), (glyphs.changed, self.changed))
        return "  ".join(f"{sign} {count:,}" for sign, count in parts if count)


class Comparison(Struct, frozen=True):
    """Two values compared. `is_whole`: the one was replaced by the other, there is nothing to look into."""

    changes: Changes
    counts: Counts
    is_whole: bool = False


def compare(before: Json, after: Json) -> Comparison:
    """The changes that lead from `before` to `after`."""
    return arrange(diff(before, after), after)


def arrange(changes: Sequence[Change], after: Json) -> Comparison:
    """Changes by JSON Pointer as a tree. `after` tells whether a "0" in a pointer is a key or an index."""
    root = Changes()
    tally = Counter(change.kind for change in changes)
    counts = Counts(tally["+"], tally["-"], tally["~"])
    for change in changes:
        steps = keys_in(after, change.pointer)
        if not steps:
            return Comparison(root, counts, is_whole=True)
        at = root
        for step in steps[:-1]:
            at = at.inside.setdefault(step, Changes())
        last = steps[-1]
        if change.kind == "+":
            at.new.add(last)
        elif change.kind == "-":
            at.gone.add(last)
        else:
            at.different.add(last)
    return Comparison(root, counts)


class Member(Struct, frozen=True):
    """One member of an object or array in the merged view.

    `differs` says that it is another value after; `changes` is what changed inside an object or array that stayed.
    """

    step: str | int
    before: Value
    after: Value
    differs: bool = False
    changes: Changes | None = None


def members(value: Json) -> Iterator[Member]:
    """The members of one value that is compared with nothing."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield Member(key, item, item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield Member(index, item, item)


def merged(before: Json, after: Json, changes: Changes) -> Iterator[Member]:
    """The members of two objects, or two arrays, side by side; what is gone stands where it stood before."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _merged_objects(before, after, changes)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _merged_arrays(before, after, changes)


def _merged_objects(before: dict[str, Json], after: dict[str, Json], changes: Changes) -> Iterator[Member]:
    waiting: dict[str | None, list[str]] = {}
    previous: str | None = None
    for key in before:
        if key in after:
            previous = key
        else:
            waiting.setdefault(previous, []).append(key)
    for key in waiting.get(None, ()):
        yield Member(key, before[key], MISSING)
    for key, item in after.items():
        yield Member(key, before.get(key, MISSING), item, key in changes.different, changes.inside.get(key))
        for gone in waiting.get(key, ()) if key in before else ():
            yield Member(gone, before[gone], MISSING)


def _merged_arrays(before: list[Json], after: list[Json], changes: Changes) -> Iterator[Member]:
    old = 0
    for index, item in enumerate(after):
        while old in changes.gone and old < len(before):
            yield Member(old, before[old], MISSING)
            old += 1
        if index in changes.new:
            yield Member(index, MISSING, item)
            continue
        was = before[old] if old < len(before) else MISSING
        yield Member(index, was, item, index in changes.different, changes.inside.get(index))
        old += 1
    for index in range(old, len(before)):
        yield Member(index, before[index], MISSING)
