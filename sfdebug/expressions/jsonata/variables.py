"""Variables in JSONata: which names an expression gives values to itself, and how a name is read.

A name that the expression never binds can only be one of what the evaluation sees or a built-in function, so reading it
needs no walk through the frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sfdebug.expressions.jsonata.frames import Evaluator, Frame
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
from sfdebug.expressions.jsonata.values import Sequence, settle
from sfdebug.values import MISSING

_LEAVES: Final = frozenset({type(None), bool, int, float, str})


def bound_names(tree: Any) -> frozenset[str]:
    """The names that the expression binds anywhere: by `:=`, as parameters, by `@` and `#`, and for `%`."""
    return frozenset(name for node in nodes_of(tree) for name in _bound_by(node))


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


def _bound_by(node: Any) -> Iterator[str]:
    if node.type == "bind":
        yield str(node.lhs.value)
    elif node.type == "lambda":
        yield from (str(argument.value) for argument in node.arguments)
    elif node.type == "index":
        yield str(node.value)
    for name in (node.focus, node.index):
        if isinstance(name, str):
            yield name


def context_reader(keep: bool) -> Evaluator:
    """`$`: what the expression is being evaluated on."""

    def read(input: Any, frame: Frame) -> Any:
        return settle(input[0] if isinstance(input, Sequence) and input.outer and input else input, keep)

    return read


def variable_reader(name: str, bound: frozenset[str], keep: bool = False) -> Evaluator:
    """What reads `$name`."""
    otherwise = FUNCTIONS.get(name, MISSING)
    if name in bound:

        def read_bound(input: Any, frame: Frame) -> Any:
            values = frame.values
            value = values[name] if values is not None and name in values else frame.lookup(name, otherwise)
            return settle(value, keep) if type(value) is Sequence else value

        return read_bound
    if name == "$":
        return lambda input, frame: frame.run.input
    if name == "states":

        def read_states(input: Any, frame: Frame) -> Any:
            states = frame.run.states
            return states if states is not MISSING else frame.run.variables.get(name, MISSING)

        return read_states
    return lambda input, frame: frame.run.variables.get(name, otherwise)
