"""JSONata's constructors of arrays and objects, the grouping that ends a path, and the transform operator.

Source: the JSONata documentation, "Result structures"; the reference implementation decides where it is silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import HERE, Compiler, Evaluator, Frame
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import Array, Constructed, Gathered, JsonataFunction, Object, Sequence
from sfdebug.values import MISSING

_SINGLE: Final = frozenset({dict, Object, str, int, float, bool, type(None)})
"""Types of items that are neither arrays nor undefined."""

_KEPT: Final = frozenset({str, int, float, bool, type(None)})
_SCALARS: Final = frozenset({str, bool, type(None)})
_LONGEST: Final = 2**63
"""Whole numbers below this are exact: `exact` says so too, one call for each number slower."""


def array(node: Any, compiler: Compiler) -> Evaluator:
    """An array constructor."""
    items = [(compiler(item), item.type == "unary" and str(item.value) == "[") for item in node.expressions]
    constructs = bool(node.consarray)

    def evaluate(input: Any, frame: Frame) -> Any:
        result: list[Any] = Constructed() if constructs else Array()
        for read, nested in items:
            value = read(input, frame)
            if value is MISSING:
                continue
            if isinstance(value, list) and not nested:
                result.extend(value)
            else:
                result.append(value)
        run = frame.run
        if len(result) > 15:
            run.check_items(result)
            run.made(result)
        run.steps += 1
        if run.steps >= run.next_look:
            run.look()
        return result

    return evaluate


def grouping(node: Any, compiler: Compiler) -> Callable[[Any, Frame], Any]:
    """An object constructor: items with the same key are gathered, then each key's value is computed."""
    pairs = [(compiler(key), compiler(value)) for key, value in node.lhs_object]
    general = _general(pairs, int(node.position))
    names = [key.value if key.type == "string" else None for key, _ in node.lhs_object]
    if any(not isinstance(name, str) or not name.isascii() for name in names) or len(set(names)) < len(names):
        return general
    fields = [(str(name), value) for name, (_, value) in zip(names, pairs, strict=True)]
    weight = 1 + (len(fields) >> 1)

    def evaluate(input: Any, frame: Frame) -> dict[str, Any]:
        if isinstance(input, list):
            return _of_all(fields, input, frame) if _is_simple(input, frame) else general(input, frame)
        result: dict[str, Any] = {}
        simple = True
        for name, read in fields:
            value = read(input, frame)
            if type(value) is int:
                result[name] = value if -_LONGEST <= value < _LONGEST else float(value)
            elif type(value) in _SCALARS or (type(value) is float and math.isfinite(value)):
                result[name] = value
            elif value is not MISSING:
                result[name] = value
                simple = False
        run = frame.run
        run.steps += weight
        if run.steps >= run.next_look:
            run.look()
        # What holds nothing but scalars is plain JSON already.
        return result if simple else Object(result)

    return evaluate


def _is_simple(items: list[Any], frame: Frame) -> bool:
    """Whether gathering items is no more than listing them: there are some, and none is an array itself."""
    return 0 < len(items) <= frame.run.limits.items and _SINGLE.issuperset(map(type, items)) and not _are_tuples(items)


def _are_tuples(items: Any) -> bool:
    return isinstance(items, Sequence) and items.tuples and bool(items)


def _listed(items: list[Any]) -> Any:
    """What `Gathered` makes of items that are no arrays."""
    return items[0] if len(items) == 1 else Sequence(items) if len(items) == 2 else Array(items)


def _of_all(fields: list[tuple[str, Evaluator]], items: list[Any], frame: Frame) -> dict[str, Any]:
    """An object of an array under names that are written out: each of its values is computed of all items."""
    frame.run.tick(len(items))
    result = Object()
    for name, read in fields:
        value = read(_listed(items), frame)
        if value is not MISSING:
            result[name] = value
    return result


def _grouped(key: Evaluator, items: list[Any], frame: Frame, offset: int) -> dict[str, tuple[int, Any]]:
    """`_groups` of simple items by one key."""
    groups: dict[str, list[Any]] = {}
    frame.run.tick(len(items))
    for item in items:
        name = key(item, frame)
        if name is MISSING:
            continue
        if not isinstance(name, str):
            raise JsonataFault("T1003", offset, value=name)
        group = groups.get(name)
        if group is None:
            groups[name] = [item]
        else:
            group.append(item)
    return {name: (0, _listed(group)) for name, group in groups.items()}


def _general(pairs: list[tuple[Evaluator, Evaluator]], offset: int) -> Callable[[Any, Frame], dict[str, Any]]:
    def evaluate(input: Any, frame: Frame) -> dict[str, Any]:
        tuples = _are_tuples(input)
        if len(pairs) == 1 and isinstance(input, list) and _is_simple(input, frame):
            groups = _grouped(pairs[0][0], input, frame, offset)
        else:
            groups = _groups(pairs, input, tuples, frame, offset)
        result = Object()
        for name, (index, data) in groups.items():
            inner = frame
            if tuples:
                bindings = _reduced(frame.run, data)
                data = bindings.pop(HERE)
                inner = frame.inner(bindings)
            value = pairs[index][1](data, inner)
            if value is not MISSING:
                result[name] = value
        return result

    return evaluate


def _groups(
    pairs: list[tuple[Evaluator, Evaluator]], input: Any, tuples: bool, frame: Frame, offset: int
) -> dict[str, tuple[int, Any]]:
    """For each key, which of the pairs it came from and the items that gave it."""
    items = input if isinstance(input, list) else [input]
    groups: dict[str, tuple[int, Any]] = {}
    gathered = Gathered(frame.run)
    frame.run.tick(len(items))
    for item in items or [MISSING]:
        inner = frame.inner(item) if tuples else frame
        for index, (key, _) in enumerate(pairs):
            name = key(item[HERE] if tuples else item, inner)
            if name is MISSING:
                continue
            if not isinstance(name, str):
                raise JsonataFault("T1003", offset, value=name)
            if name not in groups:
                groups[name] = (index, item)
            elif groups[name][0] != index:
                raise JsonataFault("D1009", offset, value=name)
            else:
                groups[name] = (index, gathered.append(groups[name][1], item))
    return groups


def _reduced(run: JsonataRun, data: Any) -> dict[str, Any]:
    """Tuples as one: each name bound to all its values."""
    if not isinstance(data, list):
        return dict(data)
    result = dict(data[0])
    gathered = Gathered(run)
    for bindings in data[1:]:
        for name, value in bindings.items():
            result[name] = gathered.append(result.get(name, MISSING), value)
    return result


def cloned(value: Any, run: JsonataRun) -> Any:
    """A deep copy as plain JSON; functions become empty strings, as $string shows them."""
    if isinstance(value, dict):
        run.tick(len(value))
        return Object({key: item if type(item) in _KEPT else cloned(item, run) for key, item in value.items()})
    if isinstance(value, list):
        run.tick(len(value))
        return Array([item if type(item) in _KEPT else cloned(item, run) for item in value])
    return "" if isinstance(value, JsonataFunction) else value


def transformed(
    value: Any, pattern: Evaluator, update: Evaluator, delete: Evaluator | None, offsets: tuple[int, int], frame: Frame
) -> Any:
    """A copy of `value` in which what `pattern` finds is updated, and fields deleted.

    Raises JsonataFault: T2011 for an update that is no object, T2012 for a delete that names no fields.
    """
    if value is MISSING:
        return MISSING
    result = cloned(value, frame.run)
    matches = pattern(result, frame)
    if matches is MISSING:
        return result
    for match in matches if isinstance(matches, list) else [matches]:
        frame.run.tick()
        changes = update(match, frame)
        if changes is not MISSING:
            if not isinstance(changes, dict):
                raise JsonataFault("T2011", offsets[0], value=changes)
            if isinstance(match, dict):
                # A copy, so that a change which holds the whole value cannot make it contain itself.
                match.update(cloned(changes, frame.run))
        _delete(match, delete, offsets[1], frame)
    return result


def _delete(match: Any, delete: Evaluator | None, offset: int, frame: Frame) -> None:
    if delete is None:
        return
    names = delete(match, frame)
    if names is MISSING:
        return
    listed = names if isinstance(names, list) else [names]
    if not all(isinstance(name, str) for name in listed):
        raise JsonataFault("T2012", offset, value=names)
    if isinstance(match, dict):
        for name in listed:
            match.pop(name, None)
