"""JSON Pointers (RFC 6901): `/orders/0/a~1b`, as text and as the names on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from collections.abc import Iterable


def escape(name: str) -> str:
    """A name as it stands in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def parse(pointer: str) -> list[str]:
    """The names of a pointer, none for the whole document; array indices are digits."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def format_pointer(steps: Iterable[str | int]) -> str:
    """The pointer of these names and indices."""
    return "".join(f"/{escape(str(step))}" for step in steps)


def keys_in(value: Value, pointer: str) -> tuple[str | int, ...]:
    """The names and indices of a pointer into `value`, which alone tells a name of digits from an index."""
    keys: list[str | int] = []
    for name in parse(pointer):
        keys.append(int(name) if isinstance(value, list) and name.isdecimal() else name)
        value = _member(value, name)
    return tuple(keys)


def value_at(value: Value, pointer: str) -> Value:
    """The value that a pointer leads to; MISSING where there is none."""
    for name in parse(pointer):
        value = _member(value, name)
    return value


def _member(value: Value, name: str) -> Value:
    if isinstance(value, dict):
        return value.get(name, MISSING)
    is_item = isinstance(value, list) and name.isdecimal() and int(name) < len(value)
    return value[int(name)] if is_item else MISSING  # type: ignore[index]
