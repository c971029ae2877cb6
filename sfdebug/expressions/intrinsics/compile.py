"""Intrinsic functions: `States.Format('Order {}', $.id)` and its 17 siblings, compiled to closures.

Source: States Language specification, Appendix B. The calls are read by `intrinsic_parser`, the functions
themselves stand in `intrinsic_functions`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sfdebug.expressions.errors import IntrinsicError, Miss, PathNotFoundError
from sfdebug.expressions.intrinsics.functions import FUNCTIONS, Refusal
from sfdebug.expressions.intrinsics.parser import IntrinsicCall, Literal, PathArgument, Term, parse_call
from sfdebug.expressions.java.text import json_text
from sfdebug.expressions.jsonpath.fast_paths import PathReader
from sfdebug.expressions.jsonpath.path import Path
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy, Environment

__all__ = ["Intrinsic", "IntrinsicError", "compile_intrinsic"]

_MISCOUNTED: Final = {
    "States.JsonToString": "Invalid arguments in States.JsonToString: only a single argument is allowed."
}
"""What AWS says of a wrong number of arguments, where it says more than of any other (measured)."""

_TOO_DEEP: Final = "an argument is nested too deep"


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A compiled call. `evaluate(environment)` gives its value, or raises IntrinsicError; `call` is what it says."""

    text: str
    call: IntrinsicCall
    evaluate: PathReader = field(repr=False, compare=False)


@lru_cache(maxsize=4096)
def compile_intrinsic(text: str) -> Intrinsic:
    """Compile a call, once per text. Raises IntrinsicSyntaxError."""
    call = parse_call(text)
    return Intrinsic(text, call, _whole(text, _call(call)))


def _whole(text: str, inner: PathReader) -> PathReader:
    """The whole expression, which AWS names in the cause of any failure within it."""

    def evaluate(environment: Environment) -> Json:
        try:
            return inner(environment)
        except _Failure as failure:
            cause = f"{_lead(text, is_refusal=failure.is_refusal)} {failure}"
            raise IntrinsicError(cause, why=failure.why, path=failure.path) from None
        except RecursionError:
            raise IntrinsicError(f"{_lead(text, is_refusal=True)} {_TOO_DEEP}") from None

    return evaluate


def _lead(text: str, *, is_refusal: bool) -> str:
    """AWS's words before what is wrong (measured): when a function refuses its arguments, and when one is not there."""
    if is_refusal:
        return f"There was an error while evaluating the intrinsic function: {text}."
    return f"The function '{text}' had the following error:"


class _Failure(Exception):
    """What is wrong inside the expression, on its way out; `path` is the one that leads nowhere, if that is it."""

    def __init__(self, message: str, *, why: str = "", path: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.path = path

    @property
    def is_refusal(self) -> bool:
        return not self.path


def _compiled(term: Term) -> PathReader:
    if isinstance(term, Literal):
        value = term.value
        return lambda environment: value
    if isinstance(term, PathArgument):
        return _argument(term.path)
    return _call(term)


def _call(call: IntrinsicCall) -> PathReader:
    function, takes_all = FUNCTIONS[call.name].apply, FUNCTIONS[call.name].takes(len(call.arguments))
    if call.name != "States.MathAdd" and any(
        isinstance(each, Literal) and _is_infinite(each.value) for each in call.arguments
    ):
        function = _refused
    arguments = tuple(map(_compiled, call.arguments))
    if call.name == "States.Format":
        arguments = tuple(map(_printed, call.arguments, arguments))

    def evaluate(environment: Environment) -> Json:
        values = [argument(environment) for argument in arguments]
        try:
            if not takes_all:
                raise Refusal("it has another number of arguments", cause=_MISCOUNTED.get(call.name, ""))
            return function(values, environment.entropy)
        except Refusal as refusal:
            raise _Failure(refusal.cause or f"Invalid arguments in {call.name}", why=refusal.why) from None

    return evaluate


def _is_infinite(value: Json) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _refused(arguments: Sequence[Json], entropy: Entropy | None) -> Json:
    raise Refusal("a number is larger than JSON can hold")


def _printed(term: Term, argument: PathReader) -> PathReader:
    # Measured: States.Format does not print what States.StringToJson gives it bare, as it prints what a path gives.
    if isinstance(term, IntrinsicCall) and term.name == "States.StringToJson":
        return lambda environment: json_text(argument(environment))
    return argument


def _argument(path: Path) -> PathReader:
    read = path.into
    # AWS prints a context path as "$.…", and the state's input rather than the Context object (measured).
    shown = path.text[1:] if path.root == "$$" else path.text

    def evaluate(environment: Environment) -> Json:
        try:
            return read(environment)
        except PathNotFoundError as error:
            message = error.detail
            if error.miss is not Miss.KIND:
                message = (
                    f"The JsonPath argument for the field '{shown}' could not be found in the input "
                    f"'{compact(environment.input)}'"
                )
            raise _Failure(message, why=error.detail, path=path.text) from None

    return evaluate
