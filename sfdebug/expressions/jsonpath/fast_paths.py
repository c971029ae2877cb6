"""Plain paths, read and compiled to direct look-ups; and what every path has, its root and the words of its errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfdebug.expressions.errors import Miss, NullInputError, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.java import class_name, java_text
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Environment

Location: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a document: object keys and array indices (never negative) from its root."""

PathReader: TypeAlias = "Callable[[Environment], Json]"

_ROOT: Final = re.compile(r"\$(\$|[^\W\d]\w*)?")
_STEP: Final = re.compile(
    r"\.(?P<name>\w++(?:-++\w++)*+)(?=[.\[]|$)"
    r"|\[(?P<index>-?[0-9]{1,9})\]"
    r"|\['(?P<single>(?:[^'\\]|\\.)*+)'\]"
    r'|\["(?P<double>(?:[^"\\]|\\.)*+)"\]',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def split_root(text: str) -> tuple[str, int]:
    """The root of a path ("$" the input, "$$" the Context object, "$name" a variable) and where its steps begin.

    Raises PathSyntaxError when `text` does not begin with a root.
    """
    match = _ROOT.match(text)
    if match is None:
        what = "a path must begin with $" if text.strip() else "a path must not be empty"
        fix = f"Write $.{text} for a field of the input." if text.isidentifier() else "Begin it with $, $$ or $name."
        raise PathSyntaxError(text, 0, what, fix=fix)
    return match.group(), match.end()


def read_plain_steps(text: str, start: int) -> Location | None:
    """The names and indices of `text` from `start`, or None when anything else is there."""
    keys: list[str | int] = []
    position = start
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        kind = match.lastgroup or ""
        keys.append(int(match[kind]) if kind == "index" else unescaped_name(match[kind], is_single=kind == "single"))
        position = match.end()
    return tuple(keys)


def unescaped(text: str) -> str:
    """A quoted text with its escapes undone, as Jayway undoes them: `it\\'s`, `a \\"name\\"`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2]), text)


def unescaped_name(text: str, *, is_single: bool) -> str:
    """A name in single or in double quotes, or in none, with its escapes undone.

    Recorded: of a quote that is not the one around the name, the backslash is part of the name: `$['a\\"b']`.
    """
    other = '"' if is_single else "'"
    if f"\\{other}" not in text:
        return unescaped(text)
    return _ESCAPE.sub(lambda match: match[0] if match[2] == other else unescaped(match[0]), text)


def bracketed(keys: Sequence[str | int]) -> str:
    """A location as AWS prints it: `$['a'][0]`."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f"['{key}']" for key in keys)


def root_reader(text: str, root: str) -> PathReader:
    """What gets the document that the root of the path `text` stands for."""
    if root == "$":
        return attrgetter("input")
    if root == "$$":
        return attrgetter("context")
    name = root[1:]

    def variable(environment: Environment) -> Json:
        try:
            return environment.variables[name]
        except KeyError:
            raise PathNotFoundError(text, f"No variable named '{name}' is in scope") from None

    return variable


def follow(text: str, document: Json, keys: Location) -> Json:
    """The value at `keys` in `document`. Raises PathNotFoundError if there is none."""
    # A string takes an index in Python but not in JSONPath, hence the look at each value's type.
    value: Any = document
    steps: tuple[Any, ...] = keys
    for key in steps:
        if type(value) is not (list if isinstance(key, int) else dict):
            raise not_found(text, document, keys)
        try:
            value = value[key]
        except (KeyError, IndexError):
            raise not_found(text, document, keys) from None
    return value  # type: ignore[no-any-return]


def plain_reader(text: str, root: str, keys: Location) -> PathReader:
    """What reads the value at `keys`. It raises PathNotFoundError, when called, if there is none."""
    get = root_reader(text, root)
    if not keys:
        return get
    if any(isinstance(key, int) for key in keys):
        return _index_reader(text, get, keys)
    if root == "$" and len(keys) <= 2:
        return _input_reader(text, keys)
    return _name_reader(text, get, keys)


def _input_reader(text: str, keys: Location) -> PathReader:
    # One or two names into the input are most of all paths, hence these forms without a loop.
    first, last = keys[0], keys[-1]

    def read_one(environment: Any) -> Json:
        try:
            return environment.input[first]  # type: ignore[no-any-return]
        except (KeyError, TypeError):
            raise not_found(text, environment.input, keys) from None

    def read_two(environment: Any) -> Json:
        try:
            return environment.input[first][last]  # type: ignore[no-any-return]
        except (KeyError, TypeError):
            raise not_found(text, environment.input, keys) from None

    return read_one if len(keys) == 1 else read_two


def _name_reader(text: str, get: PathReader, keys: Location) -> PathReader:
    names: tuple[Any, ...] = keys

    def read(environment: Environment) -> Json:
        document = get(environment)
        value: Any = document
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            raise not_found(text, document, keys) from None
        return value  # type: ignore[no-any-return]

    return read


def _index_reader(text: str, get: PathReader, keys: Location) -> PathReader:
    return lambda environment: follow(text, get(environment), keys)


def not_found(text: str, document: Json, keys: Location) -> PathNotFoundError:
    """Why `keys` lead nowhere in `document`."""
    if document is None:
        return NullInputError(text)
    value: Json = document
    for depth, key in enumerate(keys):
        here = bracketed(keys[:depth])
        if isinstance(key, int):
            if not isinstance(value, list):
                rest = bracketed(keys[depth:])[1:]
                return PathNotFoundError(text, not_an_array(rest, here, value), Miss.KIND)
            if not -len(value) <= key < len(value):
                return PathNotFoundError(text, f"No results for path: {bracketed(keys)}", Miss.INDEX)
            value = value[key]
        elif not isinstance(value, dict):
            return PathNotFoundError(text, not_an_object(f"['{key}']", here, value), Miss.KIND)
        elif key in value:
            value = value[key]
        elif depth < len(keys) - 1:
            return PathNotFoundError(text, f"Missing property in path {bracketed(keys[: depth + 1])}")
    return PathNotFoundError(text, f"No results for path: {bracketed(keys)}")


def not_an_array(rest: str, here: str, value: Json) -> str:
    """Jayway's words for an index or slice in something else than an array; it prints the `rest` of the path."""
    if value is None:
        return f"The path {here} is null"
    return f"Filter: {rest} can only be applied to arrays. Current context is: {java_text(value)}"


def not_an_object(step: str, here: str, value: Json) -> str:
    """Jayway's words for a name looked up in something else than an object."""
    return (
        f"Expected to find an object with property {step} in path {here} but found '{class_name(value)}'. "
        "This is not a json object according to the JsonProvider: "
        "'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'."
    )
