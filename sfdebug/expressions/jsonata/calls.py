"""Calls in JSONata: of built-in functions, lambdas, partial application, and the chaining operator `~>`.

Source: the JSONata documentation, "Functional programming"; the reference implementation decides where it is silent.
"""

from __future__ import annotations

from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import Compiler, Evaluator, Frame, Thunk, apply, apply_nested
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS, Builtin
from sfdebug.expressions.jsonata.functions.signatures import signature_from_syntax
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.sorting import sorter
from sfdebug.expressions.jsonata.values import Comparator, JsonataFunction, Sequence, is_function, settle
from sfdebug.values import MISSING

_HOLE: Final = object()


def _name_of(procedure: Any) -> str:
    return str(procedure.steps[0].value if procedure.type == "path" else procedure.value)


def call(node: Any, compiler: Compiler, piped: Evaluator | None = None) -> Evaluator:
    """A function call; `piped` is what `~>` puts in the place of the first argument."""
    arguments = [compiler(argument) for argument in node.arguments]
    if piped is not None:
        arguments.insert(0, piped)
    name, keep = _name_of(node.procedure), bool(node.keep_array)
    general = _general_call(node, compiler, arguments)
    builtin = FUNCTIONS.get(name)
    simple = node.procedure.type == "variable" and name not in compiler.bound
    if builtin is None or not simple or node.procedure.predicate is not None or node.procedure.group is not None:
        return general
    return _builtin_call(builtin, arguments, general, name, int(node.position), compiler.depth, keep)


def _builtin_call(
    builtin: Builtin, arguments: list[Evaluator], general: Evaluator, name: str, offset: int, depth: int, keep: bool
) -> Evaluator:
    """A call of a built-in function, unless a variable of its name is in the way."""
    if len(arguments) == 1 and not builtin.nests:
        return _unary_call(builtin, arguments[0], general, name, offset, keep)
    invoke = builtin.invoke_nested if builtin.nests else builtin.invoke

    def evaluate(input: Any, frame: Frame) -> Any:
        run = frame.run
        if name in run.variables:
            return general(input, frame)
        values = [argument(input, frame) for argument in arguments]
        try:
            result = invoke(run, values, input, depth)
        except JsonataFault as fault:
            raise _placed(fault, offset, name) from None
        return settle(result, keep) if type(result) is Sequence else result

    return evaluate


def _unary_call(
    builtin: Builtin, argument: Evaluator, general: Evaluator, name: str, offset: int, keep: bool
) -> Evaluator:
    invoke = builtin.invoke_one

    def evaluate(input: Any, frame: Frame) -> Any:
        run = frame.run
        if name in run.variables:
            return general(input, frame)
        value = argument(input, frame)
        try:
            result = invoke(run, value, input)
        except JsonataFault as fault:
            raise _placed(fault, offset, name) from None
        return settle(result, keep) if type(result) is Sequence else result

    return evaluate


def _placed(fault: JsonataFault, offset: int, name: str) -> JsonataFault:
    """The fault, which says where it happened and in which function."""
    if fault.offset < 0:
        fault.offset = offset
    if not fault.named.get("token"):
        fault.named["token"] = name
    return fault


def _general_call(node: Any, compiler: Compiler, arguments: list[Evaluator]) -> Evaluator:
    procedure = compiler(node.procedure)
    name, offset, keep = _name_of(node.procedure), int(node.position), bool(node.keep_array)
    bare, depth = node.procedure.type == "path", compiler.depth
    builtin = FUNCTIONS.get(name, MISSING)

    def evaluate(input: Any, frame: Frame) -> Any:
        values = [argument(input, frame) for argument in arguments]
        function = procedure(input, frame)
        if function is MISSING and bare and frame.lookup(name, builtin) is not MISSING:
            raise JsonataFault("T1005", offset, token=name)
        try:
            result = apply_nested(frame.run, function, values, input, depth)
        except JsonataFault as fault:
            raise _placed(fault, offset, name) from None
        return settle(result, keep) if type(result) is Sequence else result

    return evaluate


def lambda_(node: Any, compiler: Compiler) -> Evaluator:
    """A function that the expression defines."""
    if node.thunk:
        inner = compiler.function()
        procedure = inner(node.body.procedure)
        arguments = [inner(argument) for argument in node.body.arguments]
        return lambda input, frame: Thunk(procedure, arguments, input, frame)
    names = [str(argument.value) for argument in node.arguments]
    count = len(names)
    inner = compiler.function()
    body, deepest = inner(node.body), inner.deepest
    near_the_bound = _watched_body(node.body, compiler)
    validate = None if node.signature is None else signature_from_syntax(node.signature, "").validate
    sort = sorter(node, compiler)

    def evaluate(input: Any, frame: Frame) -> JsonataFunction:
        def run_body(run: JsonataRun, arguments: list[Any], context: Any) -> Any:
            given = len(arguments)
            if given < count:
                arguments = arguments + [MISSING] * (count - given)
            if count == 1:
                values = {names[0]: arguments[0]}
            elif count == 2:
                values = {names[0]: arguments[0], names[1]: arguments[1]}
            else:
                values = dict(zip(names, arguments, strict=False))
            # Far from the bound on depth it is not watched.
            if run.base + deepest <= run.limits.depth:
                return body(input, Frame(run, values, frame))
            return near_the_bound(input, Frame(run, values, frame))

        if sort is not None:
            return Comparator(run_body, lambda run, items: sort(run, items, input, frame))
        return JsonataFunction("lambda", count, run_body, validate)

    return evaluate


def _watched_body(node: Any, compiler: Compiler) -> Evaluator:
    """The body of a function, watching its depth; compiled when it is needed."""
    compiled: list[Evaluator] = []

    def evaluate(input: Any, frame: Frame) -> Any:
        if not compiled:
            compiled.append(compiler.function(guarded=True)(node))
        return compiled[0](input, frame)

    return evaluate


def partial(node: Any, compiler: Compiler) -> Evaluator:
    """Partial application: `$f(1, ?)`."""
    procedure = compiler(node.procedure)
    bare, name, offset = node.procedure.type == "path", _name_of(node.procedure), int(node.position)
    builtin = FUNCTIONS.get(name, MISSING)
    arguments = [None if each.type == "operator" and each.value == "?" else compiler(each) for each in node.arguments]

    def evaluate(input: Any, frame: Frame) -> JsonataFunction:
        given = [_HOLE if argument is None else argument(input, frame) for argument in arguments]
        function = procedure(input, frame)
        if not is_function(function):
            code = "T1007" if bare and frame.lookup(name, builtin) is not MISSING else "T1008"
            raise JsonataFault(code, offset, token=name)

        def run_whole(run: JsonataRun, rest: list[Any], context: Any) -> Any:
            fill = iter(rest)
            return apply(run, function, [next(fill, MISSING) if each is _HOLE else each for each in given], context)

        return JsonataFunction(function.name, sum(each is _HOLE for each in given), run_whole)

    return evaluate


def chain(node: Any, compiler: Compiler) -> Evaluator:
    """The chaining operator `~>`: calls the function on its right, or makes one function of two."""
    left = compiler(node.lhs)
    keep = bool(node.keep_array)
    if node.rhs.type == "function":
        piped = call(node.rhs, compiler, left)
        return lambda input, frame: settle(piped(input, frame), keep)
    right, offset, depth = compiler(node.rhs), int(node.position), compiler.depth

    def evaluate(input: Any, frame: Frame) -> Any:
        value, function = left(input, frame), right(input, frame)
        if not is_function(function):
            raise JsonataFault("T2006", offset, value=function)
        if not is_function(value):
            return settle(apply_nested(frame.run, function, [value], MISSING, depth), keep)

        def run_both(run: JsonataRun, arguments: list[Any], context: Any) -> Any:
            return apply(run, function, [apply(run, value, arguments, context)], context)

        return JsonataFunction("chain", 1, run_both)

    return evaluate
