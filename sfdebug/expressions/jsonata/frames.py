"""Where JSONata names live while an expression runs, and how functions are applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias

from msgspec import Struct

from sfdebug.expressions.jsonata.errors import JsonataFault, too_deep
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import JsonataFunction
from sfdebug.values import MISSING

HERE: Final = "@"
"""The name under which a tuple of a path binds its own item."""

_NOWHERE: Final = object()


class Frame(Struct):
    """Names and their values, which the expression itself gave them; a name that is not here is looked for in `parent`,
    and last among what the evaluation sees. `values` is None as long as the frame holds no name."""

    run: JsonataRun
    values: dict[str, Any] | None
    parent: Frame | None

    def inner(self, values: dict[str, Any] | None = None) -> Frame:
        """A frame inside this one."""
        return Frame(self.run, values, self)

    def lookup(self, name: str, otherwise: Any = MISSING) -> Any:
        """The value of `name`; `otherwise` (its built-in function, if there is one) when nothing else has it."""
        frame: Frame | None = self
        while frame is not None:
            if frame.values is not None:
                value = frame.values.get(name, _NOWHERE)
                if value is not _NOWHERE:
                    return value
            frame = frame.parent
        if name == "$":
            return self.run.input
        if name == "states" and self.run.states is not MISSING:
            return self.run.states
        return self.run.variables.get(name, otherwise)

    def bind(self, name: str, value: Any) -> None:
        """Give `name` a value here."""
        if self.values is None:
            self.values = {name: value}
        else:
            self.values[name] = value


Evaluator: TypeAlias = Callable[[Any, Frame], Any]
"""A compiled expression: takes what `$` means and the frame, gives a value, MISSING for undefined."""


class Compiler(Protocol):
    """What compiles the nodes of one expression, or of one function that it defines.

    `bound` are the names to which the expression gives values itself; `depth` is how deep the node in hand is nested
    and `deepest` how deep any was.
    """

    bound: frozenset[str]
    depth: int
    deepest: int

    def __call__(self, node: Any) -> Evaluator:
        """The evaluator of a node."""

    def function(self, *, guarded: bool = False) -> Compiler:
        """A compiler for the body of a function; what it compiles watches the depth if `guarded`."""


class Thunk:
    """A call in the last place of a function's body, which `apply` makes once that function is over.

    So a function that ends in a call of itself runs as a loop, without nesting.
    """

    __slots__ = ("arguments", "frame", "input", "procedure")

    def __init__(self, procedure: Evaluator, arguments: Sequence[Evaluator], input: Any, frame: Frame) -> None:
        self.procedure = procedure
        self.arguments = arguments
        self.input = input
        self.frame = frame


def apply(run: JsonataRun, function: Any, arguments: list[Any], input: Any = MISSING) -> Any:
    """Call `function`. Raises JsonataFault T1006 when it is none, U1001 when calls nest too deep."""
    depth = run.depth
    if depth >= run.limits.calls:
        raise too_deep(f"{run.limits.calls:,} calls")
    # A fault ends the whole evaluation, so the count matters only after calls that end well.
    run.depth = depth + 1
    while True:
        run.steps += 1
        if run.steps >= run.next_look:
            run.look()
        if not isinstance(function, JsonataFunction):
            raise JsonataFault("T1006")
        if function.validate is not None:
            arguments = function.validate(arguments, input)
        result = function.call(run, arguments, input)
        if type(result) is not Thunk:
            run.depth = depth
            return result
        function = result.procedure(result.input, result.frame)
        arguments = [argument(result.input, result.frame) for argument in result.arguments]


def apply_nested(run: JsonataRun, function: Any, arguments: list[Any], input: Any, depth: int) -> Any:
    """`apply` for a call that stands `depth` deep in the function that makes it."""
    base = run.base
    run.base = base + depth
    result = apply(run, function, arguments, input)
    run.base = base
    return result
