r"""Calls of intrinsic functions, `States.Format('Order {}', $.id)`: read into a tree, and compiled to closures.

Source: States Language specification, Appendix B: arguments are strings in single quotes (with the escapes \',
\{, \} and \\), numbers, null, paths and calls. Recorded: `States.JsonMerge($.a, $.b, false)`, so booleans too.
What the functions compute stands in `functions`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec import Struct

from sfdebug.expressions.errors import IntrinsicError, IntrinsicSyntaxError, Miss, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.intrinsics.functions import FUNCTIONS, Refusal
from sfdebug.expressions.java import json_text
from sfdebug.expressions.jsonpath.fast_paths import PathReader
from sfdebug.expressions.jsonpath.path import Path, compile_path
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Entropy, Environment


MAX_DEPTH: Final = 64
"""Deepest nesting of calls that is read; AWS documents 10 ("Intrinsics for JSONPath workflows")."""

_SPACE: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"[A-Za-z_][\w.]*")
_NUMBER: Final = re.compile(r"-?[0-9]{1,300}(?P<real>(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?)", re.ASCII)
_STRING: Final = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_UNKNOWN_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*(\\[A-Za-z0-9])")
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
Term: TypeAlias = "Literal | PathArgument | IntrinsicCall"

_MISCOUNTED: Final = {
    "States.JsonToString": "Invalid arguments in States.JsonToString: only a single argument is allowed."
}
"""What AWS says of a wrong number of arguments, where it says more than of any other (measured)."""

_TOO_DEEP: Final = "an argument is nested too deep"


class Literal(Struct, frozen=True, gc=False):
    """A value written out in the call; a States.Format template keeps its escapes, which tell its braces apart."""

    value: Json


class PathArgument(Struct, frozen=True, gc=False):
    """A path, read when the call is evaluated."""

    path: Path


class Misuse(NamedTuple):
    """A call that fails whenever it is evaluated: where it stands, why, and how to fix it."""

    offset: int
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class IntrinsicCall:
    """A call of an intrinsic function, and where it stands in its text.

    It may have too few or too many arguments: AWS takes the definition and fails when the call is evaluated (measured,
    tiny-asl-machine); `misuses` has them.
    """

    name: str
    arguments: tuple[Term, ...]
    offset: int = field(default=0, compare=False)

    def misuses(self) -> Iterator[Misuse]:
        """The calls of this one, and in its arguments, whose number of arguments is not the function's."""
        function, count = FUNCTIONS[self.name], len(self.arguments)
        if not function.takes(count):
            yield Misuse(self.offset, f"{self.name} takes {function.arity}, not {count}", f"Write {function.usage}.")
        for argument in self.arguments:
            if isinstance(argument, IntrinsicCall):
                yield from argument.misuses()


def _parse_call(text: str) -> IntrinsicCall:
    """Read a whole call. Raises IntrinsicSyntaxError saying what is wrong, and where in `text`."""
    parser = _CallParser(text)
    parser.skip_space()
    call = parser.call(0)
    parser.skip_space()
    if parser.position < len(text):
        raise parser.error("there is more after the call", fix="An intrinsic function call must be the whole value.")
    return call


class _CallParser:
    """A position in the text of a call."""

    __slots__ = ("position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def error(self, message: str, *, at: int | None = None, fix: str = "") -> IntrinsicSyntaxError:
        return IntrinsicSyntaxError(self.text, self.position if at is None else at, message, fix=fix)

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        assert match is not None
        self.position = match.end()

    def take(self, character: str) -> bool:
        """Whether `character` comes next, after blanks; if so it is passed over."""
        self.skip_space()
        if self.text.startswith(character, self.position):
            self.position += len(character)
            return True
        return False

    def call(self, depth: int) -> IntrinsicCall:
        if depth >= MAX_DEPTH:
            raise self.error(f"calls are nested more than {MAX_DEPTH} deep", fix="Split the work over several states.")
        start = self.position
        name = self.function_name()
        if not self.take("("):
            raise self.error(f"( expected after {name}", fix=f"Write {name}(…).")
        arguments: list[Term] = []
        if not self.take(")"):
            while True:
                arguments.append(self.term(depth, template=name == "States.Format" and not arguments))
                if self.take(")"):
                    break
                if not self.take(","):
                    what = "the call is not closed" if self.position >= len(self.text) else "expected , or )"
                    raise self.error(what, fix="Separate arguments with , and end the call with ).")
        return IntrinsicCall(name, tuple(arguments), start)

    def function_name(self) -> str:
        match = _NAME.match(self.text, self.position)
        name = match.group() if match else ""
        if name in FUNCTIONS:
            self.position += len(name)
            return name
        close = get_close_matches(name, FUNCTIONS, 1, 0.6) or get_close_matches(f"States.{name}", FUNCTIONS, 1, 0.8)
        fix = f"Did you mean {close[0]}?" if close else f"The functions are: {', '.join(FUNCTIONS)}."
        raise self.error(
            f"there is no intrinsic function {name}" if name else "an intrinsic function call is expected here", fix=fix
        )

    def term(self, depth: int, *, template: bool) -> Term:
        self.skip_space()
        text, start = self.text, self.position
        following = text[start : start + 1]
        if following == "'":
            return self.string(template=template)
        if following == "$":
            return self.path()
        number = _NUMBER.match(text, start)
        if number:
            return self.number(number)
        name = _NAME.match(text, start)
        word = name.group() if name else ""
        if word in _WORDS:
            self.position += len(word)
            return Literal(_WORDS[word])
        if word.startswith("States."):
            return self.call(depth + 1)
        if following == '"':
            raise self.error("a string must stand in single quotes", fix="Write 'text' instead of \"text\".")
        raise self.error(
            "an argument is expected here" if not word else f"{word} is not an argument",
            fix="Arguments are paths ($.a), strings ('text'), numbers, true, false, null and States.… calls.",
        )

    def number(self, match: re.Match[str]) -> Literal:
        # Measured: AWS takes a definition with 1e309; what the functions make of an infinite number is their matter.
        value = float(match.group()) if match["real"] else int(match.group())
        self.position = match.end()
        return Literal(value)

    def string(self, *, template: bool) -> Literal:
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise self.error("the string is not closed", fix=r"End it with '; a ' inside it is written \'.")
        unknown = _UNKNOWN_ESCAPE.search(match.group())
        if unknown:
            # Seen in public reports of AWS: a definition with the two characters \n in a call is refused.
            at = self.position + unknown.end() - 2
            fix = r"Escape only ', {, } and \; a line break is written \n in the JSON of the definition, not \\n."
            raise self.error(f"there is no escape {unknown.group(1)}", at=at, fix=fix)
        self.position = match.end()
        return Literal(match[1] if template else _ESCAPE.sub(r"\1", match[1]))

    def path(self) -> PathArgument:
        start = self.position
        end = _path_end(self.text, start)
        written = self.text[start:end].rstrip()
        try:
            path = compile_path(written)
        except PathSyntaxError as error:
            raise self.error(error.message, at=start + error.offset, fix=error.fix) from None
        self.position = end
        return PathArgument(path)


def _path_end(text: str, start: int) -> int:
    """Where a path that is an argument ends: at the , or ) that is not inside its brackets or quotes."""
    depth, quote, position = 0, "", start
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"" and depth:
            quote = character
        elif character in "[(":
            depth += 1
        elif depth and character in "])":
            depth -= 1
        elif character in ",)":
            break
        position += 1
    return min(position, len(text))


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A compiled call. `evaluate(environment)` gives its value, or raises IntrinsicError; `call` is what it says."""

    text: str
    call: IntrinsicCall
    evaluate: PathReader = field(repr=False, compare=False)


@lru_cache(maxsize=4096)
def compile_intrinsic(text: str) -> Intrinsic:
    """Compile a call, once per text. Raises IntrinsicSyntaxError."""
    call = _parse_call(text)
    return Intrinsic(text, call, _whole(text, _call(call)))


def _whole(text: str, inner: PathReader) -> PathReader:
    """The whole expression, which AWS names in the cause of any failure within it."""

    def evaluate(environment: Environment) -> Json:
        try:
            return inner(environment)
        except _Failure as failure:
            cause = f"{_lead(text, is_refusal=True)} {failure}"
            raise IntrinsicError(cause, why=failure.why) from None
        except PathNotFoundError as error:
            cause = f"{_lead(text, is_refusal=False)} {_missed(error, environment)}"
            raise IntrinsicError(cause, why=error.detail, path=error.path) from None
        except RecursionError:
            raise IntrinsicError(f"{_lead(text, is_refusal=True)} {_TOO_DEEP}") from None

    return evaluate


def _lead(text: str, *, is_refusal: bool) -> str:
    """AWS's words before what is wrong (measured): when a function refuses its arguments, and when one is not there."""
    if is_refusal:
        return f"There was an error while evaluating the intrinsic function: {text}."
    return f"The function '{text}' had the following error:"


def _missed(error: PathNotFoundError, environment: Environment) -> str:
    """What AWS says of an argument that is a path which leads nowhere."""
    if error.miss is Miss.KIND:
        return error.detail
    # AWS prints a context path as "$.…", and the state's input rather than the Context object (measured).
    shown = error.path[1:] if error.path.startswith("$$") else error.path
    return (
        f"The JsonPath argument for the field '{shown}' could not be found in the input '{compact(environment.input)}'"
    )


class _Failure(Exception):
    """A function in the expression refuses its arguments, in AWS's words; `why` in ours."""

    def __init__(self, message: str, *, why: str = "") -> None:
        super().__init__(message)
        self.why = why


def _compiled(term: Term) -> PathReader:
    if isinstance(term, Literal):
        value = term.value
        return lambda environment: value
    if isinstance(term, PathArgument):
        return term.path.into
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
