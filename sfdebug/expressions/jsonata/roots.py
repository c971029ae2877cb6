"""What an expression reads at its roots: names of a document, which AWS does not give it, and fields of `$states`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, Final

from sfdebug.expressions.jsonata.library import STACK_ROOM

_AT_THE_TOP: Final = ("lhs", "rhs", "expression", "condition", "then", "_else", "body", "procedure")
_LISTS: Final = ("arguments", "expressions")
_LEAVES: Final = (type(None), str, int, float, bool)
_MAX_DEPTH: Final = 200
_CHILDREN: Final = (
    "lhs", "rhs", "expression", "condition", "then", "_else", "body", "procedure", "pattern", "expr", "update",
    "delete", "arguments", "expressions", "terms", "steps", "predicate", "stages", "lhs_object", "group",
)  # fmt: skip


def document_names(tree: Any) -> dict[str, int]:
    """The names that an expression reads from a document at its top, each with the offset where it is read first."""
    return _first(_document_names(tree))


def states_fields(tree: Any) -> dict[str, int]:
    """The fields of `$states` that an expression reads, each with the offset of the first such `$states`."""
    return _first(_states_fields(tree))


def context_paths(tree: Any) -> dict[tuple[str, ...], int]:
    """The paths into `$states.context` that an expression reads, each with the offset of the first such `$states`."""
    paths: dict[tuple[str, ...], int] = {}
    with STACK_ROOM:
        for path, offset in _states_paths(tree, 0):
            if path[0] == "context":
                paths.setdefault(path[1:], max(0, offset))
    return paths


def _first(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    offsets: dict[str, int] = {}
    with STACK_ROOM:
        for name, offset in found:
            offsets.setdefault(name, max(0, offset))
    return offsets


def _document_names(node: Any) -> Iterator[tuple[str, int]]:
    if isinstance(node, _LEAVES) or node.type == "transform":
        return
    if node.type == "path":
        yield from _document_names(node.steps[0])
        return
    if node.type == "name":
        yield str(node.value), int(node.position) - len(str(node.value))
    for field in _AT_THE_TOP:
        yield from _document_names(getattr(node, field, None))
    for field in _LISTS:
        for item in getattr(node, field, None) or () if node.type != "lambda" else ():
            yield from _document_names(item)
    if node.type == "unary":
        for key, value in getattr(node, "lhs_object", None) or ():
            yield from _document_names(key)
            yield from _document_names(value)


def _states_fields(tree: Any) -> Iterator[tuple[str, int]]:
    return ((path[0], offset) for path, offset in _states_paths(tree, 0))


def _states_paths(node: Any, depth: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The names that follow each `$states`, as far as they are written out."""
    if isinstance(node, _LEAVES) or depth > _MAX_DEPTH:
        return
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _states_paths(item, depth + 1)
        return
    if getattr(node, "type", None) == "path":
        first, *rest = node.steps
        names = tuple(str(step.value) for step in takewhile(lambda step: step.type == "name", rest))
        if first.type == "variable" and first.value == "states" and names:
            yield names, int(first.position) - len("$states")
    for field in _CHILDREN:
        yield from _states_paths(getattr(node, field, None), depth + 1)
