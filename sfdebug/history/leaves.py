"""Where two JSON values differ: the leaves, by their JSON Pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sfdebug import json_pointer
from sfdebug.values import MISSING, Json, Value, same

Equal = Callable[[Json, Json], bool]
"""Whether a computed value counts as the recorded one. Its first argument is the recorded value."""

MOST_LEAVES = 50


class Leaf(NamedTuple):
    """One place where two values differ. MISSING stands for a value that one of them does not have."""

    pointer: str
    recorded: Value
    computed: Value


def leaves(recorded: Value, computed: Value, equal: Equal = same, most: int | None = MOST_LEAVES) -> list[Leaf]:
    """The places where the two differ, at most `most`, or all of them; empty when they are equal."""
    return list(islice(_walk(recorded, computed, equal), most))


def _walk(recorded: Value, computed: Value, equal: Equal) -> Iterator[Leaf]:
    """In order of the recorded value. Not recursive: payloads may be nested more deeply than Python's stack."""
    stack = [Leaf("", recorded, computed)]
    while stack:
        leaf = stack.pop()
        pointer, left, right = leaf
        if left is right:
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            keys = [*left, *(key for key in right if key not in left)]
            stack.extend(
                Leaf(f"{pointer}/{json_pointer.escape(key)}", left.get(key, MISSING), right.get(key, MISSING))
                for key in reversed(keys)
            )
        elif isinstance(left, list) and isinstance(right, list):
            for index in range(max(len(left), len(right)) - 1, -1, -1):
                mine: Value = left[index] if index < len(left) else MISSING
                theirs: Value = right[index] if index < len(right) else MISSING
                stack.append(Leaf(f"{pointer}/{index}", mine, theirs))
        elif left is MISSING or right is MISSING or not equal(left, right):
            yield leaf


def is_same(left: Value, right: Value) -> bool:
    """Whether two values are the same; MISSING is the same as MISSING alone."""
    return left is right or (left is not MISSING and right is not MISSING and same(left, right))


def is_same_leaf(left: Leaf, right: Leaf) -> bool:
    """Whether the same values stand at the same place."""
    return left.pointer == right.pointer and all(map(is_same, left[1:], right[1:]))


def is_moved(gone: Leaf, new: Leaf) -> bool:
    """Whether a recorded value that is gone from its place is the one that is new in another."""
    if gone.computed is not MISSING or gone.recorded is MISSING or new.computed is MISSING:
        return False
    return same(gone.recorded, new.computed)


def replaced(value: Json, leaves: Iterable[Leaf]) -> Json:
    """`value` with the recorded value at the place of each leaf: a copy, which shares what is unchanged."""
    for leaf in leaves:
        value = _replaced_at(value, json_pointer.parse(leaf.pointer), leaf.recorded)
    return value


def _replaced_at(value: Json, path: list[str], given: Value) -> Json:
    if not path:
        return value if given is MISSING else given
    key, *rest = path
    if isinstance(value, dict):
        if not rest and given is MISSING:
            return {name: kept for name, kept in value.items() if name != key}
        return {**value, key: _replaced_at(value.get(key), rest, given)}
    if isinstance(value, list) and key.isdecimal():
        index = int(key)
        if not rest and given is MISSING:
            return value[:index] if index < len(value) else value  # what an array has too much stands at its end
        if index == len(value):
            return [*value, _replaced_at(None, rest, given)]
        return [_replaced_at(one, rest, given) if number == index else one for number, one in enumerate(value)]
    return value


def depth(value: Value) -> int:
    """How deeply arrays and objects are nested in a value: 0 for one that is neither."""
    level, deepest = [value], 0
    while level:
        inside: list[Value] = []
        for one in level:
            if isinstance(one, dict):
                inside.extend(one.values())
            elif isinstance(one, list):
                inside.extend(one)
        if any(isinstance(one, dict | list) for one in level):
            deepest += 1
        level = inside
    return deepest
