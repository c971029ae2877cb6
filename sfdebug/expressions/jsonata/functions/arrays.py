"""JSONata's functions on arrays, and the higher-order ones. Source: its documentation, "Array functions"."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import count as count_up
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import apply
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.text import utf16
from sfdebug.expressions.jsonata.values import (
    Array,
    Comparator,
    JsonataFunction,
    Object,
    Sequence,
    appended,
    identity,
    is_number,
    looked_up,
    number,
    truth,
)
from sfdebug.values import MISSING

_OWN_KEYS: Final[frozenset[type]] = frozenset({int, str})
"""Types of which two values are the same exactly when Python's dicts say so."""


def total(run: JsonataRun, numbers: Any) -> Any:
    """$sum."""
    run.tick(len(numbers))
    return _finite(sum(numbers), "sum")


def _finite(value: float, name: str) -> int | float:
    if not math.isfinite(value):
        raise JsonataFault("D1001", value=name)
    return number(value)


def count(run: JsonataRun, items: Any) -> Any:
    """$count: undefined counts none."""
    return 0 if items is MISSING else len(items)


def largest(run: JsonataRun, numbers: Any) -> Any:
    """$max."""
    if not numbers:
        return MISSING
    run.tick(len(numbers) >> 4)
    return max(numbers)


def smallest(run: JsonataRun, numbers: Any) -> Any:
    """$min."""
    if not numbers:
        return MISSING
    run.tick(len(numbers) >> 4)
    return min(numbers)


def average(run: JsonataRun, numbers: Any) -> Any:
    """$average."""
    if not numbers:
        return MISSING
    run.tick(len(numbers) >> 4)
    return _finite(float(sum(numbers)) / len(numbers), "average")


def append(run: JsonataRun, first: Any, second: Any) -> Any:
    """$append."""
    return appended(run, first, second)


def reverse(run: JsonataRun, items: Any) -> Any:
    """$reverse."""
    return items if len(items) <= 1 else Array(reversed(items))


def shuffle(run: JsonataRun, items: Any) -> Any:
    """$shuffle, with the execution's own randomness."""
    if len(items) <= 1:
        return items
    shuffled = Array()
    for index, item in enumerate(items):
        chosen = math.floor(uniform(run) * (index + 1))
        shuffled.append(item)
        shuffled[index], shuffled[chosen] = shuffled[chosen], item
    return shuffled


def uniform(run: JsonataRun) -> float:
    """The next number in [0, 1). Raises JsonataFault when there is no source of randomness."""
    if run.entropy is None:
        raise JsonataFault("D3137", message="there is no source of randomness here")
    return run.entropy.uniform()


def distinct(run: JsonataRun, items: Any) -> Any:
    """$distinct: the first of each that are equal; true is not 1."""
    if not isinstance(items, list) or len(items) <= 1:
        return items
    run.tick(len(items))
    found: dict[Any, Any] = {}
    if len(kinds := set(map(type, items))) == 1 and kinds <= _OWN_KEYS:
        found = dict.fromkeys(items)
        return Sequence(found) if type(items) is Sequence else Array(found)
    for item in items:
        found.setdefault(identity(item, run), item)
    return Sequence(found.values()) if type(items) is Sequence else Array(found.values())


def sort(run: JsonataRun, items: Any, comparator: Any) -> Any:
    """$sort: stable; the comparator says whether its first argument comes after its second."""
    if len(items) <= 1:
        return items
    if isinstance(comparator, JsonataFunction):
        known = comparator.sort(run, items) if isinstance(comparator, Comparator) else None
        return Array(_merged(run, items, comparator) if known is None else known)
    run.tick(len(items) >> 3)
    if not (all(map(is_number, items)) or all(isinstance(item, str) for item in items)):
        raise JsonataFault("D3070", index=1)
    if isinstance(items[0], str) and not all(map(str.isascii, items)):
        return sorted(items, key=utf16)
    return sorted(items)


def _merged(run: JsonataRun, items: list[Any], function: JsonataFunction) -> list[Any]:
    if len(items) <= 1:
        return list(items)
    middle = len(items) // 2
    left, right = _merged(run, items[:middle], function), _merged(run, items[middle:], function)
    merged: list[Any] = []
    taken = other = 0
    while taken < len(left) and other < len(right):
        verdict = apply(run, function, [left[taken], right[other]])
        if verdict is True or (verdict is not False and truth(verdict, run)):
            merged.append(right[other])
            other += 1
        else:
            merged.append(left[taken])
            taken += 1
    return merged + left[taken:] + right[other:]


def zipped(run: JsonataRun, *arrays: Any) -> Any:
    """$zip: undefined counts as an empty array."""
    if any(array is MISSING for array in arrays):
        return []
    run.tick(min(map(len, arrays)) * len(arrays) >> 1)
    return Array([Array(items) for items in zip(*arrays, strict=False)])


def _called(
    run: JsonataRun, function: JsonataFunction, firsts: Iterable[Any], seconds: Iterable[Any], whole: Any
) -> list[Any]:
    """What a function gives for each first value, its index or key, and all of them: as many of these as it takes."""
    arity = function.arity
    if arity <= 1:
        return [apply(run, function, [first]) for first in firsts]
    pairs = zip(firsts, seconds, strict=False)
    if arity == 2:
        return [apply(run, function, [first, second]) for first, second in pairs]
    return [apply(run, function, [first, second, whole]) for first, second in pairs]


def _chosen(run: JsonataRun, items: Iterable[Any], verdicts: Iterable[Any]) -> list[Any]:
    """The items of which the verdict is true."""
    return [
        item
        for item, verdict in zip(items, verdicts, strict=True)
        if verdict is True or (verdict is not False and truth(verdict, run))
    ]


def mapped(run: JsonataRun, items: Any, function: Any) -> Any:
    """$map."""
    results = _called(run, function, items, count_up(), items)
    return Sequence([result for result in results if result is not MISSING])


def filtered(run: JsonataRun, items: Any, function: Any) -> Any:
    """$filter."""
    return Sequence(_chosen(run, items, _called(run, function, items, count_up(), items)))


def single(run: JsonataRun, items: Any, function: Any) -> Any:
    """$single: the one item that the function is true for."""
    found: Any = MISSING
    for index, item in enumerate(items):
        if function is MISSING or truth(apply(run, function, [item, index, items][: max(function.arity, 1)]), run):
            if found is not MISSING:
                raise JsonataFault("D3138", index=index)
            found = item
    if found is MISSING:
        raise JsonataFault("D3139")
    return found


def reduced(run: JsonataRun, items: Any, function: Any, initial: Any) -> Any:
    """$reduce."""
    if function.arity < 2:
        raise JsonataFault("D3050", index=1)
    result, rest = initial, 0
    if initial is MISSING and items:
        result, rest = items[0], 1
    for index in range(rest, len(items)):
        result = apply(run, function, [result, items[index], index, items][: function.arity])
    return result


def keys(run: JsonataRun, value: Any) -> Any:
    """$keys: of an object, or of all objects of an array."""
    found: dict[str, None] = {}
    run.tick(1 + (len(value) >> 4 if isinstance(value, (list, dict)) else 0))
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            found.update(dict.fromkeys(keys(run, item)))
        elif isinstance(item, dict):
            run.tick(len(item) >> 4)
            if not item.keys() <= found.keys():
                found.update(dict.fromkeys(item))
    return Sequence(found)


def lookup(run: JsonataRun, value: Any, key: Any) -> Any:
    """$lookup."""
    return MISSING if key is MISSING else looked_up(run, value, key)


def spread(run: JsonataRun, value: Any) -> Any:
    """$spread: an object of its own for each field."""
    if isinstance(value, dict):
        run.tick(len(value))
        return Sequence(Object({key: item}) for key, item in value.items())
    if not isinstance(value, list):
        return value
    results: Any = Sequence()
    run.tick(len(value))
    for item in value:
        each = spread(run, item)
        if isinstance(each, list):
            results.extend(each)
        elif each is not MISSING:
            results.append(each)
    return results


def merge(run: JsonataRun, objects: Any) -> Any:
    """$merge: later fields win."""
    result = Object()
    run.tick(len(objects))
    for each in objects:
        run.tick(len(each) >> 4)
        result.update(each)
    return result


def each(run: JsonataRun, value: Any, function: Any) -> Any:
    """$each: of the value, the key and the object."""
    results = _called(run, function, value.values(), value, value)
    return Sequence([result for result in results if result is not MISSING])


def sift(run: JsonataRun, value: Any, function: Any) -> Any:
    """$sift: the fields that the function is true for; undefined when there is none."""
    if function is MISSING:
        raise JsonataFault("T0410", token="sift", value=function, index=2)
    kept = _chosen(run, value, _called(run, function, value.values(), value, value))
    return Object({key: value[key] for key in kept}) if kept else MISSING
