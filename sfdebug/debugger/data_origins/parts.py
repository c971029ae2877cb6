"""What an expression makes its value of: parts that it takes as they are, writes out, or computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from sfdebug.debugger.data_origins.model import Keys
from sfdebug.values import MISSING, Json, Value


class DataRoot(StrEnum):
    """What a path in an expression starts from."""

    DOLLAR = "$"
    """What `$` means in a JSONPath field."""
    STATE_INPUT = "$states.input"
    STATE_RESULT = "$states.result"
    ERROR_OUTPUT = "$states.errorOutput"
    CONTEXT = "$$"
    VARIABLE = "variable"


class DataRef(Struct, frozen=True, gc=False):
    """A place that an expression names: a root, and what leads on from it. `name` is that of a variable."""

    root: DataRoot
    keys: Keys = ()
    name: str = ""
    text: str = ""


class PartKind(StrEnum):
    """How a part of a value came into it."""

    TAKEN = "taken"
    LITERAL = "literal"
    COMPUTED = "computed"


class ValuePart(Struct, frozen=True, gc=False):
    """A part of the value that an expression gives, at `target` in it.

    `refs` are the place that it was taken from, or those that it was computed from. `field` is where the expression,
    or the literal, stands in its field, `text` what is written there.
    """

    kind: PartKind
    target: Keys
    refs: tuple[DataRef, ...] = ()
    field: Keys = ()
    text: str = ""


class DataShape(Struct, frozen=True, gc=False):
    """What the parts of a value hang on: that a place in the data has this shape (see `shape_of`)."""

    ref: DataRef
    shape: Shape


Conditions: TypeAlias = "tuple[DataShape, ...] | None"
"""Under which the parts of a value are the same for other data: (), they always are; None, that cannot be told."""


class ValueParts(Struct, frozen=True, gc=False):
    """All parts of a value, which are the same wherever `conditions` hold. `reads` are the places that its expressions
    read, whether or not a part is taken from there."""

    parts: tuple[ValuePart, ...]
    reads: tuple[DataRef, ...] = ()
    conditions: Conditions = ()

    def under(self, target: Keys, field: Keys) -> ValueParts:
        """The same parts inside a larger value."""
        if not target and not field:
            return self
        moved = tuple(
            ValuePart(part.kind, target + part.target, part.refs, field + part.field, part.text) for part in self.parts
        )
        return ValueParts(moved, self.reads, self.conditions)


Documents: TypeAlias = Callable[[DataRoot, str], Value]
"""Gives the document that a root, or the variable of that name, stands for; MISSING where it is not known."""


def joined(found: list[ValueParts]) -> ValueParts:
    """The parts of one value that was put together of others."""
    parts = tuple(part for each in found for part in each.parts)
    reads = tuple(ref for each in found for ref in each.reads)
    return ValueParts(parts, reads, all_of(each.conditions for each in found))


def literal(field: Keys, text: str = "") -> ValueParts:
    """What is written out."""
    return ValueParts((ValuePart(PartKind.LITERAL, (), (), field, text),))


def taken(ref: DataRef, conditions: Conditions = ()) -> ValueParts:
    """What a path takes as it is."""
    return ValueParts((ValuePart(PartKind.TAKEN, (), (ref,), (), ref.text),), (ref,), conditions)


def computed(refs: tuple[DataRef, ...], text: str, conditions: Conditions = ()) -> ValueParts:
    """What an expression computes."""
    return ValueParts((ValuePart(PartKind.COMPUTED, (), refs, (), text),), refs, conditions)


def all_of(conditions: Iterable[Conditions]) -> Conditions:
    """What holds where all of these do."""
    found: list[DataShape] = []
    for each in conditions:
        if each is None:
            return None
        found += each
    return tuple(found)


Shape: TypeAlias = "tuple[str, ...] | int | bool | None"
"""What a value is like: the keys of an object, the length of an array, True for any other; None where there is none."""


def shape_of(value: Value) -> Shape:
    """The shape of a value."""
    if value is MISSING:
        return None
    if isinstance(value, dict):
        return tuple(value)
    return len(value) if isinstance(value, list) else True


def value_in(document: Value, keys: Keys) -> Value:
    """The value that keys lead to; MISSING where there is none."""
    found: Value = document
    for key in keys:
        if isinstance(key, int):
            if not isinstance(found, list) or not -len(found) <= key < len(found):
                return MISSING
            found = found[key]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            return MISSING
    return found


def starts_with(keys: Keys, start: Keys) -> bool:
    """Whether keys lead to `start`, or into what stands there."""
    return keys[: len(start)] == start


def is_plain(value: Json) -> bool:
    """Whether a value has nothing inside."""
    return not isinstance(value, dict | list) or not value
