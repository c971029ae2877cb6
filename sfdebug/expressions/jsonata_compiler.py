"""Compiles JSONata's syntax tree, as the library parses it, to nested closures: once per expression.

Source: the JSONata documentation; the reference implementation decides where it is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata_errors import JsonataFault
from sfdebug.expressions.jsonata_frames import Evaluator, Frame, Thunk, apply
from sfdebug.expressions.jsonata_limits import Run
from sfdebug.expressions.jsonata_operators import OPERATIONS, negated
from sfdebug.expressions.jsonata_paths import HERE, descendants, name_step, path, predicate, wildcard
from sfdebug.expressions.jsonata_regex import matcher
from sfdebug.expressions.jsonata_signatures import signature_from_syntax, signature_of
from sfdebug.expressions.jsonata_transform import transformed
from sfdebug.expressions.jsonata_values import (
    Constructed,
    Function,
    Sequence,
    appended,
    is_function,
    number,
    settle,
    truth,
)
from sfdebug.values import MISSING

_HOLE: Final = object()


def compile_node(node: Any) -> Evaluator:
    """The evaluator of one node of the syntax tree."""
    if node.type == "path":
        group = None if node.group is None else _grouping(node.group)
        return path(node, compile_node, group)
    evaluate = _COMPILERS[node.type](node)
    filters = [predicate(each.expr, compile_node) for each in node.predicate or ()]
    group = None if node.group is None else _grouping(node.group)
    if not filters and group is None:
        return evaluate
    keep = bool(node.keep_array)

    def refined(input: Any, frame: Frame) -> Any:
        result = evaluate(input, frame)
        for each in filters:
            result = each(result, frame)
        if group is not None:
            result = group(result, frame)
        return settle(result, keep)

    return refined


def _settled(evaluate: Evaluator, keep: bool) -> Evaluator:
    return lambda input, frame: settle(evaluate(input, frame), keep)


def _literal(node: Any) -> Evaluator:
    value = node.value
    if isinstance(value, str) and not value.isascii():
        # The library reads an escaped surrogate pair as two characters: they are one.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    elif type(value) is int:
        value = number(value)
    return lambda input, frame: value


def _variable(node: Any) -> Evaluator:
    name = str(node.value)
    keep = bool(node.keep_array)
    if name == "":

        def context(input: Any, frame: Frame) -> Any:
            return settle(input[0] if isinstance(input, Sequence) and input.outer and input else input, keep)

        return context

    def read(input: Any, frame: Frame) -> Any:
        return settle(frame.lookup(name), keep)

    return read


def _parent(node: Any) -> Evaluator:
    slot = node.slot
    return lambda input, frame: settle(frame.lookup(slot.label))


def _regex(node: Any) -> Evaluator:
    value = matcher(node.value)
    return lambda input, frame: value


def _binary(node: Any) -> Evaluator:
    left, right, sign, offset = compile_node(node.lhs), compile_node(node.rhs), str(node.value), int(node.position)
    if sign == "and":
        return lambda input, frame: truth(left(input, frame)) and truth(right(input, frame))
    if sign == "or":
        return lambda input, frame: truth(left(input, frame)) or truth(right(input, frame))
    operation = OPERATIONS[sign]

    def evaluate(input: Any, frame: Frame) -> Any:
        return operation(left(input, frame), right(input, frame), frame.run, offset)

    if sign == "..":
        return lambda input, frame: settle(evaluate(input, frame))
    return evaluate


def _unary(node: Any) -> Evaluator:
    sign = str(node.value)
    if sign == "[":
        return _array(node)
    if sign == "{":
        return _grouping(node)
    value, offset = compile_node(node.expression), int(node.position)
    return lambda input, frame: negated(value(input, frame), offset)


def _array(node: Any) -> Evaluator:
    items = [(compile_node(item), item.type == "unary" and str(item.value) == "[") for item in node.expressions]
    constructs = bool(node.consarray)

    def evaluate(input: Any, frame: Frame) -> Any:
        result: list[Any] = Constructed() if constructs else []
        for read, nested in items:
            value = read(input, frame)
            if value is MISSING:
                continue
            if isinstance(value, list) and not nested:
                result.extend(value)
            else:
                result.append(value)
        frame.run.check_items(result)
        frame.run.made(result)
        return result

    return evaluate


def _grouping(node: Any) -> Callable[[Any, Frame], Any]:
    """An object constructor: items with the same key are gathered, then each key's value is computed."""
    pairs = [(compile_node(key), compile_node(value)) for key, value in node.lhs_object]
    offset = int(node.position)

    def evaluate(input: Any, frame: Frame) -> dict[str, Any]:
        items = input if isinstance(input, list) else [input]
        tuples = isinstance(input, Sequence) and input.tuples and bool(items)
        groups: dict[str, tuple[int, Any]] = {}
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
                    groups[name] = (index, appended(frame.run, groups[name][1], item))
        result: dict[str, Any] = {}
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


def _reduced(run: Run, data: Any) -> dict[str, Any]:
    """Tuples as one: each name bound to all its values."""
    if not isinstance(data, list):
        return dict(data)
    result = dict(data[0])
    for bindings in data[1:]:
        for name, value in bindings.items():
            result[name] = appended(run, result.get(name, MISSING), value)
    return result


def _condition(node: Any) -> Evaluator:
    test, then = compile_node(node.condition), compile_node(node.then)
    otherwise = None if node._else is None else compile_node(node._else)

    def evaluate(input: Any, frame: Frame) -> Any:
        if truth(test(input, frame)):
            return then(input, frame)
        return MISSING if otherwise is None else otherwise(input, frame)

    return evaluate


def _block(node: Any) -> Evaluator:
    parts = [compile_node(part) for part in node.expressions]

    def evaluate(input: Any, frame: Frame) -> Any:
        inner = frame.inner()
        result: Any = MISSING
        for part in parts:
            result = part(input, inner)
        return result

    return evaluate


def _bind(node: Any) -> Evaluator:
    name, value = str(node.lhs.value), compile_node(node.rhs)

    def evaluate(input: Any, frame: Frame) -> Any:
        bound = value(input, frame)
        frame.bind(name, bound)
        return bound

    return evaluate


def _name_of(procedure: Any) -> str:
    return str(procedure.steps[0].value if procedure.type == "path" else procedure.value)


def _call(node: Any, piped: Evaluator | None = None) -> Evaluator:
    """A function call; `piped` is what `~>` puts in the place of the first argument."""
    procedure = compile_node(node.procedure)
    arguments = [compile_node(argument) for argument in node.arguments]
    if piped is not None:
        arguments.insert(0, piped)
    name, offset, keep = _name_of(node.procedure), int(node.position), bool(node.keep_array)
    bare = node.procedure.type == "path"

    def evaluate(input: Any, frame: Frame) -> Any:
        values = [argument(input, frame) for argument in arguments]
        function = procedure(input, frame)
        if function is MISSING and bare and frame.lookup(name) is not MISSING:
            raise JsonataFault("T1005", offset, token=name)
        try:
            return settle(apply(frame.run, function, values, input), keep)
        except JsonataFault as fault:
            if fault.offset < 0:
                fault.offset = offset
            if not fault.named.get("token"):
                fault.named["token"] = name
            raise

    return evaluate


def _lambda(node: Any) -> Evaluator:
    if node.thunk:
        procedure = compile_node(node.body.procedure)
        arguments = [compile_node(argument) for argument in node.body.arguments]
        return lambda input, frame: Thunk(procedure, arguments, input, frame)
    names = [str(argument.value) for argument in node.arguments]
    body = compile_node(node.body)
    validate = None if node.signature is None else signature_from_syntax(node.signature, "").validate

    def evaluate(input: Any, frame: Frame) -> Function:
        def call(run: Run, arguments: list[Any], context: Any) -> Any:
            missing = len(names) - len(arguments)
            if missing > 0:
                arguments = arguments + [MISSING] * missing
            return body(input, frame.inner(dict(zip(names, arguments, strict=False))))

        return Function("lambda", len(names), call, validate)

    return evaluate


def _partial(node: Any) -> Evaluator:
    procedure = compile_node(node.procedure)
    bare, name, offset = node.procedure.type == "path", _name_of(node.procedure), int(node.position)
    arguments = [
        None if each.type == "operator" and each.value == "?" else compile_node(each) for each in node.arguments
    ]

    def evaluate(input: Any, frame: Frame) -> Function:
        given = [_HOLE if argument is None else argument(input, frame) for argument in arguments]
        function = procedure(input, frame)
        if not is_function(function):
            code = "T1007" if bare and frame.lookup(name) is not MISSING else "T1008"
            raise JsonataFault(code, offset, token=name)

        def call(run: Run, rest: list[Any], context: Any) -> Any:
            fill = iter(rest)
            return apply(run, function, [next(fill, MISSING) if each is _HOLE else each for each in given], context)

        return Function(function.name, sum(each is _HOLE for each in given), call)

    return evaluate


def _apply(node: Any) -> Evaluator:
    left = compile_node(node.lhs)
    keep = bool(node.keep_array)
    if node.rhs.type == "function":
        call = _call(node.rhs, left)
        return lambda input, frame: settle(call(input, frame), keep)
    right, offset = compile_node(node.rhs), int(node.position)

    def evaluate(input: Any, frame: Frame) -> Any:
        value, function = left(input, frame), right(input, frame)
        if not is_function(function):
            raise JsonataFault("T2006", offset, value=function)
        if not is_function(value):
            return settle(apply(frame.run, function, [value]), keep)

        def chained(run: Run, arguments: list[Any], context: Any) -> Any:
            return apply(run, function, [apply(run, value, arguments, context)], context)

        return Function("chain", 1, chained)

    return evaluate


def _transform(node: Any) -> Evaluator:
    pattern, update = compile_node(node.pattern), compile_node(node.update)
    delete = None if node.delete is None else compile_node(node.delete)
    offsets = int(node.update.position), 0 if node.delete is None else int(node.delete.position)
    validate = signature_of("<(oa):o>", "transform").validate

    def evaluate(input: Any, frame: Frame) -> Function:
        def call(run: Run, arguments: list[Any], context: Any) -> Any:
            return transformed(arguments[0], pattern, update, delete, offsets, frame)

        return Function("transform", 1, call, validate)

    return evaluate


_COMPILERS: Final[dict[str, Callable[[Any], Evaluator]]] = {
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "variable": _variable,
    "name": name_step,
    "wildcard": lambda node: _settled(wildcard, bool(node.keep_array)),
    "descendant": lambda node: _settled(descendants, bool(node.keep_array)),
    "parent": _parent,
    "regex": _regex,
    "binary": _binary,
    "unary": _unary,
    "condition": _condition,
    "block": _block,
    "bind": _bind,
    "function": _call,
    "lambda": _lambda,
    "partial": _partial,
    "apply": _apply,
    "transform": _transform,
}
