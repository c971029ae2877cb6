"""What a JSONata field makes its value of, by the syntax tree of each expression and the data that it saw.

Followed are paths of names and literal indices (also over arrays, as JSONata maps and flattens them), variables, names
that a block binds, and the constructors of objects and arrays around them, `$merge` of these included. All else counts
as computed, from the places that it reads.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from sfdebug.debugger.data_origins.parts import (
    DataRef,
    DataRoot,
    DataShape,
    PartKind,
    ValuePart,
    ValueParts,
    computed,
    joined,
    literal,
    shape_of,
    value_in,
)
from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import compile_jsonata, is_jsonata_string, jsonata_text
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
from sfdebug.expressions.jsonata.names import bound_by, nodes_of
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.debugger.data_origins.model import Keys
    from sfdebug.debugger.data_origins.parts import Conditions, Documents, Shape

_STATES: Final = {
    "input": DataRoot.STATE_INPUT,
    "result": DataRoot.STATE_RESULT,
    "errorOutput": DataRoot.ERROR_OUTPUT,
    "context": DataRoot.CONTEXT,
}
_LITERALS: Final = ("string", "number", "value")


def jsonata_template_parts(template: Json, documents: Documents, field: Keys = ()) -> ValueParts:
    """The parts of what a field gives that is JSON with `{% … %}` in it."""
    if isinstance(template, str) and is_jsonata_string(template):
        return jsonata_parts(jsonata_text(template), documents).under((), field)
    inside: list[ValueParts] = []
    if isinstance(template, dict):
        for key, value in template.items():
            inside.append(jsonata_template_parts(value, documents, (*field, key)).under((key,), ()))
    elif isinstance(template, list):
        for index, item in enumerate(template):
            inside.append(jsonata_template_parts(item, documents, (*field, index)).under((index,), ()))
    parts = joined(inside)
    return literal(field) if all(part.kind is PartKind.LITERAL for part in parts.parts) else parts


def jsonata_parts(text: str, documents: Documents) -> ValueParts:
    """The parts of what one expression gives."""
    try:
        tree = compile_jsonata(text).tree
    except JsonataSyntaxError:
        return computed((), text, None)
    finding = _Finding(text, documents, tree)
    try:
        found = finding.of(tree, {})
    except RecursionError:
        found = None
    if found is None:
        return computed((), text, None)
    return ValueParts(found.parts, tuple(finding.reads(tree, {})), finding.conditions)


def jsonata_reads(text: str) -> tuple[DataRef, ...]:
    """The places that an expression reads."""
    try:
        tree = compile_jsonata(text).tree
        return tuple(_Finding(text, lambda root, name: MISSING, tree).reads(tree, {}))
    except (JsonataSyntaxError, RecursionError):
        return ()


class _Found(Struct, frozen=True):
    """What a node gives: its parts, and what is known of the value itself.

    `value` is MISSING where it is not known; `count` is how many items it has if it is an array that is spread where
    arrays are put together.
    """

    parts: tuple[ValuePart, ...]
    value: Value = MISSING
    count: int | None = None


class _Finding:
    """One walk through the tree of an expression."""

    def __init__(self, text: str, documents: Documents, tree: Any) -> None:
        binds = Counter(name for node in nodes_of(tree) for name in bound_by(node))
        self._text = text
        self._documents = documents
        self._bound = frozenset(binds)
        self._binds = binds
        self._shapes: dict[DataRef, Shape] = {}
        self._is_told = True

    @property
    def conditions(self) -> Conditions:
        """Under which all that was found holds for other data."""
        return tuple(DataShape(ref, shape) for ref, shape in self._shapes.items()) if self._is_told else None

    # what a node gives: None where it gives nothing (undefined)

    def of(self, node: Any, names: Mapping[str, Any]) -> _Found | None:
        """The parts of a node's value; `names` are the nodes that names of a block stand for."""
        is_refined = node.predicate or node.group is not None or node.keep_array
        if node.type == "variable" and not node.group and not node.keep_array and _indices(node) is not None:
            return self._variable(node, names)
        if node.type != "path" and is_refined:
            return self._computed(node, names)
        if node.type in _LITERALS:
            return _Found((ValuePart(PartKind.LITERAL, (), (), (), self._text),))
        if node.type == "path" and node.group is None:
            return self._path(node, names)
        if node.type == "block":
            return self._block(node, names)
        if node.type == "unary" and str(node.value) == "{":
            return self._object(node, names)
        if node.type == "unary" and str(node.value) == "[":
            return self._array(node, names)
        if node.type == "function" and _is_merge(node):
            return self._merged(node, names)
        return self._computed(node, names)

    def _computed(self, node: Any, names: Mapping[str, Any]) -> _Found:
        refs = tuple(dict.fromkeys(self.reads(node, names)))
        return _Found((ValuePart(PartKind.COMPUTED, (), refs, (), self._text),))

    def _variable(self, node: Any, names: Mapping[str, Any]) -> _Found | None:
        name, indices = str(node.value), _indices(node) or ()
        if name in names and not indices:
            return self.of(names[name], {key: value for key, value in names.items() if key != name})
        if name in names or name in self._bound or name in ("", "$", "states"):
            return self._computed(node, names)
        self._is_told = self._is_told and not indices
        found = _picked([(self._documents(DataRoot.VARIABLE, name), ())], indices)
        return self._at(DataRef(DataRoot.VARIABLE, found[0][1], name, self._text)) if found else None

    def _at(self, ref: DataRef) -> _Found | None:
        value = value_in(self._documents(ref.root, ref.name), ref.keys)
        self._shapes[ref] = shape_of(value)
        if value is MISSING:
            return None
        count = len(value) if isinstance(value, list) else None
        return _Found((ValuePart(PartKind.TAKEN, (), (ref,), (), self._text),), value, count)

    def _path(self, node: Any, names: Mapping[str, Any]) -> _Found | None:
        start = self._start(node.steps, names)
        if start is None or any(step.tuple for step in node.steps):
            return self._computed(node, names)
        root, name, first, steps, indices = start
        if root is DataRoot.CONTEXT:
            return self._of_context(node, names, first, steps) if not indices else self._computed(node, names)
        document = self._documents(root, name)
        walked = _walk(_picked([(value_in(document, first), first)], indices), steps)
        if walked is None:
            return self._computed(node, names)
        found, is_list = walked
        is_plain = not is_list and bool(found) and not any(isinstance(key, int) for key in found[0][1])
        self._is_told = self._is_told and is_plain
        refs = [DataRef(root, keys, name, self._text) for _, keys in found]
        if not refs:
            return None
        keeps = bool(node.keep_singleton_array or node.keep_array)
        if len(refs) == 1 and not is_list and (not keeps or isinstance(found[0][0], list)):
            return self._at(refs[0])
        if len(refs) == 1 and not keeps:
            return self._at(refs[0])
        parts = tuple(ValuePart(PartKind.TAKEN, (index,), (ref,), (), self._text) for index, ref in enumerate(refs))
        return _Found(parts, MISSING, len(refs))

    def _of_context(self, node: Any, names: Mapping[str, Any], keys: Keys, steps: list[Any]) -> _Found:
        """A path into the Context object, whose value is not kept: followed where it is nothing but names."""
        if any(step.type != "name" or step.stages or step.predicate or step.group is not None for step in steps):
            return self._computed(node, names)
        ref = DataRef(DataRoot.CONTEXT, (*keys, *(str(step.value) for step in steps)), "", self._text)
        return _Found((ValuePart(PartKind.TAKEN, (), (ref,), (), self._text),))

    def _start(self, steps: list[Any], names: Mapping[str, Any]) -> _Start | None:
        """Where a path starts; None where it does not start from data."""
        first = steps[0]
        indices = _indices(first)
        if first.type != "variable" or indices is None or first.group is not None:
            return None
        name = str(first.value)
        if name in names:
            bound = self.of(names[name], {key: value for key, value in names.items() if key != name})
            if bound is None or len(bound.parts) != 1 or bound.parts[0].kind is not PartKind.TAKEN:
                return None
            (ref,), target = bound.parts[0].refs, bound.parts[0].target
            return (ref.root, ref.name, ref.keys, steps[1:], indices) if not target else None
        if name in self._bound or name in ("", "$"):
            return None
        if name != "states":
            return DataRoot.VARIABLE, name, (), steps[1:], indices
        inner = _indices(steps[1]) if len(steps) > 1 and steps[1].type == "name" else None
        root = _STATES.get(str(steps[1].value)) if inner is not None and not indices else None
        return (root, "", (), steps[2:], inner or ()) if root is not None else None

    def _block(self, node: Any, names: Mapping[str, Any]) -> _Found | None:
        inner = dict(names)
        for part in node.expressions[:-1]:
            name = str(part.lhs.value) if part.type == "bind" else ""
            if self._binds[name] != 1 or part.rhs.type == "lambda":  # else it would matter which binding is meant
                return self._computed(node, names)
            inner[name] = part.rhs
        return self.of(node.expressions[-1], inner) if node.expressions else None

    def _object(self, node: Any, names: Mapping[str, Any]) -> _Found:
        parts: list[ValuePart] = []
        keys = [key.value if key.type == "string" else None for key, _ in node.lhs_object]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
            return self._computed(node, names)
        for key, (_, value) in zip(keys, node.lhs_object, strict=True):
            found = self.of(value, names)
            parts += _under(found, (str(key),)) if found is not None else ()
        return _Found(tuple(parts))

    def _array(self, node: Any, names: Mapping[str, Any]) -> _Found:
        parts: list[ValuePart] = []
        count = 0
        for item in node.expressions:
            found = self.of(item, names)
            if found is None:
                continue
            is_nested = item.type == "unary" and str(item.value) == "["
            if any(not part.target and _is_open(part, found) for part in found.parts):
                return self._computed(node, names)  # it may be an array of any length, or nothing
            if is_nested or found.count is None:
                parts += _under(found, (count,))
                count += 1
            else:
                parts += _spread(found, count)
                count += found.count
        return _Found(tuple(parts), MISSING, count)

    def _merged(self, node: Any, names: Mapping[str, Any]) -> _Found:
        """`$merge([…])`: the keys of each object, where a later one has them instead of an earlier one."""
        merged: dict[str | int, list[ValuePart]] = {}
        for item in node.arguments[0].expressions:
            found = self.of(item, names)
            fields = self._fields(found) if found is not None else {}
            if fields is None:
                return self._computed(node, names)
            for key, parts in fields.items():
                before = merged.get(key, [])
                if before and any(part.kind is PartKind.COMPUTED for part in parts):  # which may have been undefined
                    refs = tuple(dict.fromkeys(ref for part in (*before, *parts) for ref in part.refs))
                    parts = [ValuePart(PartKind.COMPUTED, (key,), refs, (), self._text)]
                merged[key] = parts
        return _Found(tuple(part for parts in merged.values() for part in parts))

    def _fields(self, found: _Found) -> dict[str | int, list[ValuePart]] | None:
        """The parts of an object by its keys; None where these are not known."""
        fields: dict[str | int, list[ValuePart]] = {}
        for part in found.parts:
            if part.target:
                fields.setdefault(part.target[0], []).append(part)
            elif part.kind is PartKind.TAKEN and isinstance(found.value, dict):
                (ref,) = part.refs
                for key in found.value:
                    inside = DataRef(ref.root, (*ref.keys, key), ref.name, ref.text)
                    fields[key] = [ValuePart(PartKind.TAKEN, (key,), (inside,), (), self._text)]
            else:
                return None
        return None if found.count is not None else fields

    # what a node reads

    def reads(self, node: Any, names: Mapping[str, Any]) -> Iterator[DataRef]:
        """The places that the expressions in a node name."""
        nodes = list(nodes_of(node))
        firsts = {id(each.steps[0]) for each in nodes if each.type == "path"}
        called = {id(each.procedure) for each in nodes if each.type in ("function", "partial")}
        bound = {id(each.lhs) for each in nodes if each.type == "bind"}
        for each in nodes:
            if each.type == "path":
                yield from self._path_reads(each, names)
            elif each.type == "variable" and id(each) not in firsts | called | bound:
                yield from self._name_reads(str(each.value), names)

    def _path_reads(self, node: Any, names: Mapping[str, Any]) -> Iterator[DataRef]:
        first, *rest = node.steps
        if first.type != "variable":
            return
        name, root = str(first.value), DataRoot.VARIABLE
        if name == "states":
            if not rest or rest[0].type != "name" or str(rest[0].value) not in _STATES:
                return
            root, name = _STATES[str(rest[0].value)], ""
            is_open = bool(rest[0].stages or rest[0].predicate)
            rest = [] if is_open else rest[1:]
        elif name in names or name in self._bound or name in ("", "$"):
            yield from self._name_reads(name, names)
            return
        keys: list[str | int] = []
        for step in rest:
            if step.type != "name":
                break
            keys.append(str(step.value))
            if step.stages or step.predicate:
                break
        document = self._documents(root, name)
        found = _in_data(document, tuple(keys))
        if found != tuple(keys):
            self._is_told = False
        yield DataRef(root, found, name, self._text)

    def _name_reads(self, name: str, names: Mapping[str, Any]) -> Iterator[DataRef]:
        if name in names:
            yield from self.reads(names[name], {key: value for key, value in names.items() if key != name})
        elif name not in self._bound and name not in ("", "$", "states") and name not in FUNCTIONS:
            yield DataRef(DataRoot.VARIABLE, (), name, self._text)


_Start: TypeAlias = "tuple[DataRoot, str, Keys, list[Any], tuple[int, ...]]"
"""Where a path starts: the root, the name of a variable, the keys that a block's name stands for; then the steps that
follow, and the indices right behind the root."""


def _walk(start: list[tuple[Value, Keys]], steps: list[Any]) -> tuple[list[tuple[Value, Keys]], bool] | None:
    """What the steps of a path find, each with its keys, and whether it was mapped over an array; None where they are
    more than names and literal indices."""
    here: list[tuple[Value, Keys]] = [(value, keys) for value, keys in start if value is not MISSING]
    is_mapped = False
    for step in steps:
        indices = _indices(step)
        if step.type != "name" or indices is None or step.group is not None or step.focus or step.index:
            return None
        if is_mapped and indices:
            return None
        if not is_mapped and here and isinstance(here[0][0], list):
            if indices:
                return None
            is_mapped = True
        here = _picked([found for each in here for found in _named(*each, str(step.value), is_mapped)], indices)
    return here, is_mapped


def _picked(here: list[tuple[Value, Keys]], indices: tuple[int, ...]) -> list[tuple[Value, Keys]]:
    """What indices pick, one after the other."""
    for index in indices:
        here = [found for each in here for found in _indexed(*each, index)]
    return here


def _indices(node: Any) -> tuple[int, ...] | None:
    """The literal indices behind a node; None where another filter is there."""
    found = [_literal_index(stage) for stage in (*(node.stages or ()), *(node.predicate or ()))]
    return None if None in found else tuple(index for index in found if index is not None)


def _named(value: Value, keys: Keys, name: str, is_mapped: bool) -> Iterator[tuple[Value, Keys]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named(item, (*keys, index), name, is_mapped)
    elif isinstance(value, dict) and name in value:
        inside = value[name]
        if is_mapped and isinstance(inside, list):
            yield from ((item, (*keys, name, index)) for index, item in enumerate(inside))
        else:
            yield inside, (*keys, name)


def _indexed(value: Value, keys: Keys, index: int) -> Iterator[tuple[Value, Keys]]:
    if not isinstance(value, list):
        if index in (0, -1):
            yield value, keys
        return
    at = index + len(value) if index < 0 else index
    if 0 <= at < len(value):
        yield value[at], (*keys, at)


def _literal_index(stage: Any) -> int | None:
    """The index of `[0]`; None for any other filter. The library folds the sign of `[-1]` into the number."""
    if stage.type == "filter" and stage.expr.type == "number":
        index: int = math.floor(stage.expr.value)
        return index
    return None


def _in_data(document: Value, keys: Keys) -> Keys:
    """The beginning of `keys` that names one place in the data: up to the first array."""
    value = document
    for position, key in enumerate(keys):
        if isinstance(value, list):
            return keys[:position]
        value = value.get(str(key), MISSING) if isinstance(value, dict) else MISSING
    return keys


def _is_open(part: ValuePart, found: _Found) -> bool:
    """Whether nobody knows if a part is an array, or there at all."""
    return part.kind is PartKind.COMPUTED or (part.kind is PartKind.TAKEN and found.value is MISSING)


def _is_merge(node: Any) -> bool:
    if node.procedure.type != "variable" or str(node.procedure.value) != "merge" or len(node.arguments) != 1:
        return False
    argument = node.arguments[0]
    is_array = argument.type == "unary" and str(argument.value) == "["
    return is_array and not argument.predicate and argument.group is None


def _under(found: _Found, target: Keys) -> list[ValuePart]:
    return [ValuePart(part.kind, target + part.target, part.refs, part.field, part.text) for part in found.parts]


def _spread(found: _Found, start: int) -> list[ValuePart]:
    """The items of an array as items of the array that it is spread into."""
    parts: list[ValuePart] = []
    for part in found.parts:
        if part.target:
            index, *rest = part.target
            assert isinstance(index, int)
            parts.append(ValuePart(part.kind, (start + index, *rest), part.refs, part.field, part.text))
            continue
        (ref,) = part.refs
        for index in range(found.count or 0):
            inside = DataRef(ref.root, (*ref.keys, index), ref.name, ref.text)
            parts.append(ValuePart(PartKind.TAKEN, (start + index,), (inside,), (), part.text))
    return parts
