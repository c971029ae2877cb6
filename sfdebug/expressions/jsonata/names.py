"""What an expression names: variables, functions, fields of `$states`, and the `$`, `$$` and names that AWS refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Final

from msgspec import Struct

from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
from sfdebug.expressions.jsonata.library import STACK_ROOM

_ORDINARY: Final = ("lhs", "rhs", "expression", "condition", "then", "_else", "procedure", "pattern", "expr")
_LISTS: Final = ("arguments", "expressions", "terms")
_AT_THE_TOP: Final = ("lhs", "rhs", "expression", "condition", "then", "_else", "body", "procedure")
_VALUE_LISTS: Final = ("arguments", "expressions")
_BARE_DOLLAR: Final = re.compile(r"\$(?:\$|[\s.\[\](){},@#;:?+\-*/%|=<>^!~&]|$)")
"""A dollar without a name: what the library's lexer ends a name at comes after it, or another dollar."""

_LEAVES: Final = frozenset({type(None), bool, int, float, str})


class Name(Struct, frozen=True, gc=False):
    """A variable as an expression uses it: its name without the dollar, the offset of the dollar.

    `called` says that it is called as a function, `top` that `$` here would mean the document, which AWS does not have.
    """

    name: str
    offset: int
    called: bool
    top: bool


def names_in(tree: Any) -> list[Name]:
    """The variables that the expression uses and does not define itself, and every `$` and `$$`."""
    with STACK_ROOM:
        return list(_names(tree, True, frozenset()))


def _names(node: Any, top: bool, bound: frozenset[str]) -> Iterator[Name]:
    if node is None:
        return
    if node.type == "variable":
        name = str(node.value)
        if name not in bound:
            yield Name(name, max(node.position - len(name) - 1, 0), False, top)
    elif node.type == "path":
        yield from _path(node, top, bound)
    elif node.type == "block":
        yield from _block(node, top, bound)
    elif node.type == "bind":
        yield from _names(node.rhs, top, bound | {str(node.lhs.value)})
    elif node.type == "lambda":
        inner = bound | {str(argument.value) for argument in node.arguments}
        yield from _names(node.body, top, inner)
    elif node.type in ("function", "partial") and node.procedure.type == "variable":
        for each in _names(node.procedure, top, bound):
            yield Name(each.name, each.offset, True, top)
        for argument in node.arguments:
            yield from _names(argument, top, bound)
    else:
        yield from _inside(node, top, bound)
    yield from _refinements(node, bound)


def _inside(node: Any, top: bool, bound: frozenset[str]) -> Iterator[Name]:
    inner = top and node.type != "transform"
    for field in _ORDINARY:
        yield from _names(getattr(node, field, None), inner, bound)
    for field in ("update", "delete"):
        yield from _names(getattr(node, field, None), False, bound)
    for field in _LISTS:
        for item in getattr(node, field, None) or ():
            yield from _names(item, inner, bound)
    for key, value in getattr(node, "lhs_object", None) or ():
        yield from _names(key, inner, bound)
        yield from _names(value, inner, bound)


def _path(node: Any, top: bool, bound: frozenset[str]) -> Iterator[Name]:
    for index, step in enumerate(node.steps):
        if step.type == "sort":
            for term in step.terms:
                yield from _names(term.expression, False, bound)
            yield from _refinements(step, bound)
        else:
            yield from _names(step, top and index == 0, bound)
        bound = bound | {str(name) for name in (step.focus, step.index) if isinstance(name, str)}
        bound = bound | {str(stage.value) for stage in step.stages or () if stage.type == "index"}


def _block(node: Any, top: bool, bound: frozenset[str]) -> Iterator[Name]:
    # A function of a block may call one that the block defines only later, so all of its names count from the start.
    inner = bound | {name for part in node.expressions for name in _bindings(part)}
    for part in node.expressions:
        yield from _names(part, top, inner)


def _bindings(node: Any) -> Iterator[str]:
    """The names that an expression of a block binds in it: `$a := 1`, `$a := $b := 1`, or in the arm of a condition."""
    if node is None or node.type in ("block", "lambda"):
        return
    if node.type == "bind":
        yield str(node.lhs.value)
    for field in _ORDINARY:
        yield from _bindings(getattr(node, field, None))
    for field in _LISTS:
        for item in getattr(node, field, None) or ():
            yield from _bindings(item)


def _refinements(node: Any, bound: frozenset[str]) -> Iterator[Name]:
    for field in ("predicate", "stages"):
        for each in getattr(node, field, None) or ():
            if each.type == "filter":
                yield from _names(each.expr, False, bound)
    group = getattr(node, "group", None)
    if group is not None:
        for key, value in group.lhs_object:
            yield from _names(key, False, bound)
            yield from _names(value, False, bound)


def refuse_top_level(text: str, tree: Any) -> None:
    """Raise JsonataSyntaxError for a `$` or `$$` that would mean the document: AWS has none, only `$states`.

    Source: AWS docs, "Transforming data with JSONata in Step Functions".
    """
    if not _BARE_DOLLAR.search(text):
        return
    for each in names_in(tree):
        if each.name == "$" or (each.name == "" and each.top):
            shown = "$" + each.name
            raise JsonataSyntaxError(
                text,
                each.offset,
                f"{shown} has no meaning at the top of an expression in AWS",
                fix="Write $states.input for the state's input, $states.context for the Context object.",
            )


def document_names(tree: Any) -> dict[str, int]:
    """The names that an expression reads from a document at its top, each with the offset where it is read first."""
    offsets: dict[str, int] = {}
    with STACK_ROOM:
        for name, offset in _document_names(tree):
            offsets.setdefault(name, max(0, offset))
    return offsets


def _document_names(node: Any) -> Iterator[tuple[str, int]]:
    if type(node) in _LEAVES or node.type == "transform":
        return
    if node.type == "path":
        yield from _document_names(node.steps[0])
        return
    if node.type == "name":
        yield str(node.value), int(node.position) - len(str(node.value))
    for field in _AT_THE_TOP:
        yield from _document_names(getattr(node, field, None))
    for field in _VALUE_LISTS:
        for item in getattr(node, field, None) or () if node.type != "lambda" else ():
            yield from _document_names(item)
    if node.type == "unary":
        for key, value in getattr(node, "lhs_object", None) or ():
            yield from _document_names(key)
            yield from _document_names(value)


def states_paths(tree: Any) -> dict[tuple[str, ...], int]:
    """The names that follow each `$states`, as far as they are written out, with the offset of the first of them."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for node in nodes_of(tree):
        first, *rest = node.steps if node.type == "path" else (node,)
        names = tuple(str(step.value) for step in takewhile(lambda step: step.type == "name", rest))
        if names and first.type == "variable" and first.value == "states":
            found.append((max(0, int(first.position) - len("$states")), names))
    paths: dict[tuple[str, ...], int] = {}
    for offset, names in sorted(found):
        paths.setdefault(names, offset)
    return paths


def bound_names(tree: Any) -> frozenset[str]:
    """The names that the expression binds anywhere: by `:=`, as parameters, by `@` and `#`, and for `%`."""
    return frozenset(name for node in nodes_of(tree) for name in bound_by(node))


def nodes_of(tree: Any) -> Iterator[Any]:
    """Every node of the syntax tree, once each."""
    kind = _symbol_class(tree)
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend(node)
        elif isinstance(node, kind) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [value for value in vars(node).values() if type(value) not in _LEAVES]


def _symbol_class(tree: Any) -> type:
    """The library's class of nodes: the classes of all others are derived from it."""
    return next(each for each in reversed(type(tree).__mro__) if each is not object)


def bound_by(node: Any) -> Iterator[str]:
    """The names that a node binds itself."""
    if node.type == "bind":
        yield str(node.lhs.value)
    elif node.type == "lambda":
        yield from (str(argument.value) for argument in node.arguments)
    elif node.type == "index":
        yield str(node.value)
    for name in (node.focus, node.index):
        if isinstance(name, str):
            yield name
