"""Reference Paths: paths that identify a single node (`$.a.b[0]['c']`), where ResultPath writes.

Source: States Language specification, "Reference Paths" and "ResultPath".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.errors import (
    REFERENCE_PATH_CONFLICT,
    PathSyntaxError,
    ReferencePathError,
)
from sfdebug.expressions.jsonpath.fast_paths import Location, read_plain_steps, split_root
from sfdebug.values import MISSING, Json, Value

_Container: TypeAlias = "dict[str, Json] | list[Json]"
_OPERATORS: Final = ("..", "*", "?", ":", ",", "@", "(")
_FIX: Final = "Name one place: $ followed by .name, ['name'] or [0]."


class ReferencePath(Struct, frozen=True, gc=False):
    """A path to one node in the input; `keys` are its names and indices."""

    text: str
    keys: Location

    def read(self, document: Json) -> Json:
        """The value at this node.

        Raises ReferencePathError, as States.ReferencePathConflict, when there is none (seen in public reports of
        AWS: `Unable to apply step "items" to input {…}`).
        """
        value = document
        for key in self.keys:
            found = _get(value, key)
            if found is MISSING:
                raise self._error(key, document, f"there is no {key!r} to read")
            value = found
        return value

    def write(self, document: Json, value: Json) -> Json:
        """`document` with `value` at this node: a new document that shares all that is not on the way there.

        Objects that are missing on the way are made; an array item must exist to be replaced. Raises
        ReferencePathError when the way leads through anything else: as States.ReferencePathConflict, the name in public
        reports of AWS, where AWS's table of errors has States.ResultPathMatchFailure.
        """
        if not self.keys:
            return value
        trail: list[_Container] = []
        node: Json = document
        for key in self.keys:
            copy = self._opened(document, node, key)
            trail.append(copy)
            found = _get(copy, key)
            node = {} if found is MISSING else found
        written: Json = value
        for copy, key in zip(reversed(trail), reversed(self.keys), strict=True):
            copy[key] = written  # type: ignore[index]
            written = copy
        return written

    def _opened(self, document: Json, node: Json, key: str | int) -> _Container:
        """A shallow copy of `node`, into which `key` can be written."""
        if isinstance(key, str) and isinstance(node, dict):
            return dict(node)
        if isinstance(key, int) and isinstance(node, list) and 0 <= key < len(node):
            return list(node)
        if isinstance(key, str):
            why = f"there is no object to put '{key}' in"
        elif isinstance(node, list):
            why = f"the array has {len(node)} items, so there is no [{key}] to replace"
        else:
            why = f"there is no array to put [{key}] in"
        raise self._error(key, document, why)

    def _error(self, key: str | int, document: Json, why: str) -> ReferencePathError:
        return ReferencePathError(self.text, key, document, why, error=REFERENCE_PATH_CONFLICT)


def _get(value: Json, key: str | int) -> Value:
    if isinstance(key, str):
        return value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value[key] if isinstance(value, list) and 0 <= key < len(value) else MISSING


@lru_cache(maxsize=4096)
def compile_reference_path(text: str) -> ReferencePath:
    """Read a Reference Path. Raises PathSyntaxError for anything that could name several nodes, or none."""
    root, start = split_root(text)
    if root != "$":
        raise PathSyntaxError(text, 0, f"a Reference Path must begin with $, not with {root}", fix=_FIX)
    keys = read_plain_steps(text, start)
    if keys is None:
        found = [(text.find(operator, start), operator) for operator in _OPERATORS if operator in text[start:]]
        offset, operator = min(found, default=(start, ""))
        what = f"a Reference Path cannot hold {operator}" if operator else "this is not a Reference Path"
        raise PathSyntaxError(text, offset, what, fix=_FIX)
    negative = next((key for key in keys if isinstance(key, int) and key < 0), None)
    if negative is not None:
        offset = text.index(f"[{negative}]")
        raise PathSyntaxError(
            text, offset, f"a Reference Path cannot count from the end, as [{negative}] does", fix=_FIX
        )
    return ReferencePath(text, keys)
