"""Compiles JSONata's syntax tree, as the library parses it, to nested closures: once per expression.

Source: the JSONata documentation; the reference implementation decides where it is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.calls import call, chain, lambda_, partial
from sfdebug.expressions.jsonata.errors import JsonataFault, too_deep
from sfdebug.expressions.jsonata.frames import Compiler, Evaluator, Frame
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
from sfdebug.expressions.jsonata.functions.signatures import signature_of
from sfdebug.expressions.jsonata.library import STACK_ROOM
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.names import bound_by, nodes_of
from sfdebug.expressions.jsonata.objects import array, grouping, transformed
from sfdebug.expressions.jsonata.operators import binary, negated
from sfdebug.expressions.jsonata.paths import descendants, name_step, path, predicate, wildcard
from sfdebug.expressions.jsonata.regex import matcher
from sfdebug.expressions.jsonata.values import JsonataFunction, Sequence, is_function, number, settle, truth
from sfdebug.values import MISSING

_BINDS: Final = re.compile(r":=|[@#%\u03bb]|function")
"""What stands in the text of every expression that gives a name a value: most hold none of it."""

_ALWAYS_TAKEN: Final = 10
"""Nesting that no setting of the bounds refuses: simple expressions need not look at them."""


class NodeCompiler:
    """Compiles the nodes of one expression, or of one function in it; see `Compiler`."""

    __slots__ = ("_guarded", "bound", "deepest", "depth")

    def __init__(self, bound: frozenset[str], guarded: bool) -> None:
        self.bound = bound
        self.depth = 0
        self.deepest = 0
        self._guarded = guarded

    def __call__(self, node: Any) -> Evaluator:
        """The evaluator of a node."""
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        evaluate = self._compiled(node)
        if self._guarded:
            evaluate = _watched(evaluate, self.depth)
        self.depth -= 1
        return evaluate

    def function(self, *, guarded: bool = False) -> NodeCompiler:
        """A compiler for the body of a function."""
        return NodeCompiler(self.bound, guarded or self._guarded)

    def _compiled(self, node: Any) -> Evaluator:
        if node.type == "path":
            group = None if node.group is None else grouping(node.group, self)
            return path(node, self, group)
        evaluate = _COMPILERS[node.type](node, self)
        if not node.predicate and node.group is None:
            return evaluate
        return self._refined(node, evaluate)

    def _refined(self, node: Any, evaluate: Evaluator) -> Evaluator:
        """With the predicates and the grouping that follow the node."""
        filters = [predicate(each.expr, self) for each in node.predicate or ()]
        group = None if node.group is None else grouping(node.group, self)
        keep = bool(node.keep_array)

        def refined(input: Any, frame: Frame) -> Any:
            result = evaluate(input, frame)
            for each in filters:
                result = each(result, frame)
            if group is not None:
                result = group(result, frame)
            return settle(result, keep)

        return refined


def _watched(evaluate: Evaluator, depth: int) -> Evaluator:
    def watch(input: Any, frame: Frame) -> Any:
        reached = frame.run.base + depth
        if reached > frame.run.limits.depth:
            raise too_deep(f"{frame.run.limits.depth:,} levels")
        return evaluate(input, frame)

    return watch


def compile_tree(text: str, tree: Any) -> Evaluator:
    """The evaluator of a whole expression. Nested within the bounds, it does not watch its depth.

    Only functions that have names can call themselves, and so nest deeper than the expression does.
    """
    nodes = [*nodes_of(tree)] if _BINDS.search(text) else []
    bound = frozenset(name for node in nodes for name in bound_by(node))
    compiler = NodeCompiler(bound, False)
    plain = compiler(tree)
    deepest = compiler.deepest
    if deepest <= _ALWAYS_TAKEN:
        return _with_room(plain) if bound and any(node.type == "lambda" for node in nodes) else plain
    watched = NodeCompiler(bound, True)(tree)
    return _with_room(
        lambda input, frame: plain(input, frame) if deepest <= frame.run.limits.depth else watched(input, frame)
    )


def _with_room(evaluate: Evaluator) -> Evaluator:
    """`evaluate` with room on Python's stack for all that the bounds let nest."""

    def evaluate_with_room(input: Any, frame: Frame) -> Any:
        with STACK_ROOM:
            return evaluate(input, frame)

    return evaluate_with_room


def _settled(evaluate: Evaluator, keep: bool) -> Evaluator:
    return lambda input, frame: settle(evaluate(input, frame), keep)


def _literal_value(node: Any) -> Any:
    """The value of a literal."""
    value = node.value
    if isinstance(value, str) and not value.isascii():
        # The library reads an escaped surrogate pair as two characters: they are one.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return number(value) if type(value) is int else value


def _literal(node: Any, compiler: Compiler) -> Evaluator:
    value = _literal_value(node)
    return lambda input, frame: value


def _variable(node: Any, compiler: Compiler) -> Evaluator:
    name, keep = str(node.value), bool(node.keep_array)
    return _context_reader(keep) if name == "" else _variable_reader(name, compiler.bound, keep)


def _context_reader(keep: bool) -> Evaluator:
    """`$`: what the expression is being evaluated on."""

    def read(input: Any, frame: Frame) -> Any:
        return settle(input[0] if isinstance(input, Sequence) and input.outer and input else input, keep)

    return read


def _variable_reader(name: str, bound: frozenset[str], keep: bool = False) -> Evaluator:
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


def _parent(node: Any, compiler: Compiler) -> Evaluator:
    slot = node.slot
    return lambda input, frame: settle(frame.lookup(slot.label))


def _regex(node: Any, compiler: Compiler) -> Evaluator:
    value = matcher(node.value)
    return lambda input, frame: value


def _binary(node: Any, compiler: Compiler) -> Evaluator:
    constant = _literal_value(node.rhs) if _is_constant(node.rhs) else MISSING
    return binary(str(node.value), compiler(node.lhs), compiler(node.rhs), int(node.position), constant)


def _is_constant(node: Any) -> bool:
    return node.type in ("string", "number", "value") and not node.predicate and node.group is None


def _unary(node: Any, compiler: Compiler) -> Evaluator:
    sign = str(node.value)
    if sign == "[":
        return array(node, compiler)
    if sign == "{":
        return grouping(node, compiler)
    value, offset = compiler(node.expression), int(node.position)
    return lambda input, frame: negated(value(input, frame), offset)


def _condition(node: Any, compiler: Compiler) -> Evaluator:
    test, then = compiler(node.condition), compiler(node.then)
    otherwise = None if node._else is None else compiler(node._else)

    def evaluate(input: Any, frame: Frame) -> Any:
        verdict = test(input, frame)
        if verdict is True or (verdict is not False and truth(verdict, frame.run)):
            return then(input, frame)
        return MISSING if otherwise is None else otherwise(input, frame)

    return evaluate


def _block(node: Any, compiler: Compiler) -> Evaluator:
    parts = [compiler(part) for part in node.expressions]
    if len(parts) == 1 and not compiler.bound:
        return parts[0]

    def evaluate(input: Any, frame: Frame) -> Any:
        inner = frame.inner()
        result: Any = MISSING
        for part in parts:
            result = part(input, inner)
        return result

    return evaluate


def _bind(node: Any, compiler: Compiler) -> Evaluator:
    name, value = str(node.lhs.value), compiler(node.rhs)

    def evaluate(input: Any, frame: Frame) -> Any:
        bound = value(input, frame)
        frame.bind(name, bound)
        return bound

    return evaluate


def _transform(node: Any, compiler: Compiler) -> Evaluator:
    pattern, update = compiler(node.pattern), compiler(node.update)
    delete = None if node.delete is None else compiler(node.delete)
    offsets = int(node.update.position), 0 if node.delete is None else int(node.delete.position)
    validate = signature_of("<(oa):o>", "transform").validate
    clone = _variable_reader("clone", compiler.bound)

    def evaluate(input: Any, frame: Frame) -> JsonataFunction:
        def run_transform(run: JsonataRun, arguments: list[Any], context: Any) -> Any:
            if arguments[0] is not MISSING and not is_function(clone(input, frame)):
                raise JsonataFault("T2013", offsets[0])
            return transformed(arguments[0], pattern, update, delete, offsets, frame)

        return JsonataFunction("transform", 1, run_transform, validate)

    return evaluate


_COMPILERS: Final[dict[str, Callable[[Any, Compiler], Evaluator]]] = {
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "variable": _variable,
    "name": lambda node, compiler: name_step(node),
    "wildcard": lambda node, compiler: _settled(wildcard, bool(node.keep_array)),
    "descendant": lambda node, compiler: _settled(descendants, bool(node.keep_array)),
    "parent": _parent,
    "regex": _regex,
    "binary": _binary,
    "unary": _unary,
    "condition": _condition,
    "block": _block,
    "bind": _bind,
    "function": call,
    "lambda": lambda_,
    "partial": partial,
    "apply": chain,
    "transform": _transform,
}
