"""What changed between two JSON values: additions, removals and changes, by JSON Pointer."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug import json_pointer
from sfdebug.debugger.wording.values import simple_path
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Json, Value, compact, same

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sfdebug.engine.execution.visit import Stage, Visit

_DEEPEST: Final = 60
"""Values nested deeper than this are compared whole: the differences below are one change."""

_SIGNS: Final = {"-": "−", "+": "+", "~": "~"}


class Change(Struct, frozen=True, gc=False):
    """One difference. `kind` is "+" (added), "-" (removed) or "~" (changed); `pointer` a JSON Pointer, "" the root.

    `before` is MISSING for an addition, `after` for a removal. Array indices in the pointer are those of the new
    value; only the last one of a removal is that of the old array.
    """

    kind: str
    pointer: str
    before: Value
    after: Value


def diff(before: Value, after: Value) -> tuple[Change, ...]:
    """The differences that lead from `before` to `after`; () when they are equal.

    Objects are compared key by key, removals and changes in the old order, then additions in the new. Arrays are
    aligned on items that occur once on each side, so that an insertion is one addition. Parts that both values
    share (the same objects) are not looked into.
    """
    return tuple(_diff(before, after, "", 0))


def stage_changes(stage: Stage, visit: Visit | None = None) -> tuple[Change, ...]:
    """What a stage changed in the data, as a person sees it.

    A path that keeps a part removes the rest: the part itself has not changed by moving to the top. ResultPath
    changes the state's raw input (known with its `visit`). A task's result, or that of branches, is a new value,
    not a change of the input: (). So are Input and Output, which change nothing.
    """
    before, after = stage.before, stage.after
    if stage.name in (StageName.INPUT_PATH, StageName.OUTPUT_PATH) and after is not MISSING:
        return _narrowed(before, after, stage.expression)
    if stage.name is StageName.RESULT_PATH and visit is not None and after is not MISSING:
        return diff(visit.input, after)
    if stage.name in (StageName.PARAMETERS, StageName.RESULT_SELECTOR, StageName.RESULT):
        return diff(before, after) if after is not MISSING else ()
    return ()


def summarise(changes: Sequence[Change]) -> str:
    """The differences in a few words: "− customer", "+ payment", "~ 2 keys", "" when there are none."""
    parts = []
    for kind in ("-", "~", "+"):
        pointers = [change.pointer for change in changes if change.kind == kind]
        if pointers:
            parts.append(f"{_SIGNS[kind]} {_named(pointers)}")
    return ", ".join(parts)


def _named(pointers: Sequence[str]) -> str:
    if len(pointers) == 1:
        return ".".join(json_pointer.parse(pointers[0])) or "everything"
    are_items = all(pointer.rpartition("/")[2].isdigit() for pointer in pointers)
    return f"{len(pointers):,} {'items' if are_items else 'keys'}"


def _narrowed(before: Value, after: Value, path: Value) -> tuple[Change, ...]:
    keys = simple_path(path) if isinstance(path, str) and not path.startswith("$$") else None
    if keys is None:
        return diff(before, after)
    changes, pointer = [], ""
    for key in keys:
        if not isinstance(before, dict) or key not in before:
            break
        changes += [Change("-", _under(pointer, other), before[other], MISSING) for other in before if other != key]
        pointer, before = _under(pointer, key), before[key]
    return tuple(changes)


# the comparison


def _diff(before: Value, after: Value, pointer: str, depth: int) -> Iterator[Change]:
    if before is after:
        return
    if before is MISSING:
        yield Change("+", pointer, before, after)
    elif after is MISSING:
        yield Change("-", pointer, before, after)
    elif depth >= _DEEPEST:
        if not _same_at_any_depth(before, after):
            yield Change("~", pointer, before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _diff_objects(before, after, pointer, depth)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _diff_arrays(before, after, pointer, depth)
    elif isinstance(before, (dict, list)) or isinstance(after, (dict, list)) or not same(before, after):
        yield Change("~", pointer, before, after)


def _diff_objects(before: dict[str, Json], after: dict[str, Json], pointer: str, depth: int) -> Iterator[Change]:
    for key, value in before.items():
        new = after.get(key, MISSING)
        if new is not value:
            yield from _diff(value, new, _under(pointer, key), depth + 1)
    for key, value in after.items():
        if key not in before:
            yield Change("+", _under(pointer, key), MISSING, value)


def _diff_arrays(before: list[Json], after: list[Json], pointer: str, depth: int) -> Iterator[Change]:
    old, new = _keys(before), _keys(after)
    start, stop = 0, 0
    shortest = min(len(old), len(new))
    while start < shortest and old[start] == new[start]:
        start += 1
    while stop < shortest - start and old[-1 - stop] == new[-1 - stop]:
        stop += 1
    old_end, new_end = len(old) - stop, len(new) - stop
    i, j = start, start
    for old_anchor, new_anchor in (*_anchors(old, new, start, old_end, new_end), (old_end, new_end)):
        paired = min(old_anchor - i, new_anchor - j)
        for step in range(paired):
            yield from _diff(before[i + step], after[j + step], f"{pointer}/{j + step}", depth + 1)
        for index in range(i + paired, old_anchor):
            yield Change("-", f"{pointer}/{index}", before[index], MISSING)
        for index in range(j + paired, new_anchor):
            yield Change("+", f"{pointer}/{index}", MISSING, after[index])
        i, j = old_anchor + 1, new_anchor + 1


def _anchors(old: list[Hashable], new: list[Hashable], start: int, old_end: int, new_end: int) -> list[tuple[int, int]]:
    """Pairs of indices of equal items that occur once on each side, as many as keep their order (patience diff)."""
    counts_old, counts_new = Counter(old[start:old_end]), Counter(new[start:new_end])
    places = {key: index for index, key in enumerate(new[start:new_end], start) if counts_new[key] == 1}
    pairs = [
        (index, places[key])
        for index, key in enumerate(old[start:old_end], start)
        if counts_old[key] == 1 and key in places
    ]
    return _longest_rising(pairs)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tops: list[int] = []
    top_pairs: list[int] = []
    previous: list[int | None] = []
    for position, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        previous.append(top_pairs[pile - 1] if pile else None)
        if pile == len(tops):
            tops.append(place)
            top_pairs.append(position)
        else:
            tops[pile], top_pairs[pile] = place, position
    rising: list[tuple[int, int]] = []
    at: int | None = top_pairs[-1] if top_pairs else None
    while at is not None:
        rising.append(pairs[at])
        at = previous[at]
    return rising[::-1]


def _keys(items: list[Json]) -> list[Hashable]:
    """For each item a value that is equal for equal items, and can be counted."""
    return [_key(item) for item in items]


def _key(item: Json) -> Hashable:
    if isinstance(item, (dict, list)):
        try:
            return ("json", compact(_sorted(item)))
        except RecursionError:
            return ("object", id(item))
    return ("truth", item) if isinstance(item, bool) else ("scalar", item)


def _sorted(value: Json) -> Json:
    """`value` with the keys of its objects in order, so that equal values have equal text."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _same_at_any_depth(left: Json, right: Json) -> bool:
    try:
        return same(left, right)
    except RecursionError:
        return False


def _under(pointer: str, key: str) -> str:
    return f"{pointer}/{json_pointer.escape(key)}"
