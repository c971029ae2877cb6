"""Where JSONata names live while an expression runs, and how functions are applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sfdebug.expressions.jsonata_errors import JsonataFault
from sfdebug.expressions.jsonata_limits import Run
from sfdebug.expressions.jsonata_values import Function
from sfdebug.values import MISSING

_NOWHERE: Final = object()


class Frame:
    """Names and their values; a name that is not here is looked for in `parent`, last in the built-in functions."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, run: Run, values: Mapping[str, Any], parent: Frame | None) -> None:
        self.run = run
        self.values = values
        self.parent = parent

    def inner(self, values: dict[str, Any] | None = None) -> Frame:
        """A frame inside this one."""
        return Frame(self.run, {} if values is None else values, self)

    def lookup(self, name: str) -> Any:
        """The value of `name`, MISSING when it has none."""
        frame: Frame | None = self
        while frame is not None:
            value = frame.values.get(name, _NOWHERE)
            if value is not _NOWHERE:
                return value
            frame = frame.parent
        return MISSING

    def bind(self, name: str, value: Any) -> None:
        """Give `name` a value here."""
        assert isinstance(self.values, dict)
        self.values[name] = value


Evaluator: TypeAlias = Callable[[Any, Frame], Any]
"""A compiled expression: takes what `$` means and the frame, gives a value, MISSING for undefined."""


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


def apply(run: Run, function: Any, arguments: list[Any], input: Any = MISSING) -> Any:
    """Call `function`. Raises JsonataFault T1006 when it is none, D1011 when calls nest too deep."""
    run.enter()
    try:
        result = _apply_once(run, function, arguments, input)
        while type(result) is Thunk:
            run.tick()
            function = result.procedure(result.input, result.frame)
            arguments = [argument(result.input, result.frame) for argument in result.arguments]
            result = _apply_once(run, function, arguments, input)
        return result
    finally:
        run.depth -= 1


def _apply_once(run: Run, function: Any, arguments: list[Any], input: Any) -> Any:
    if not isinstance(function, Function):
        raise JsonataFault("T1006")
    if function.validate is not None:
        arguments = function.validate(arguments, input)
    return function.call(run, arguments, input)
