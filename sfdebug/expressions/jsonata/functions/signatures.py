"""Function signatures such as `<s-n?:s>`: which arguments a function takes, and where the context fills one in.

Source: the JSONata documentation, "Function signature syntax".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.values import Array, JsonataFunction, Object, is_number
from sfdebug.values import MISSING

_ANY: Final = "[asnblfom]"
_CLASSES: Final = {"a": _ANY, "x": _ANY, "j": "[asnblom]", "f": "f"}
_NAMES: Final = {"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"}
_INFINITE: Final = frozenset({"abs", "ceil", "floor"})
"""Functions that give infinity for infinity. Measured in AWS (iwamot/sfnx) for $floor."""
_STRICT: Final = frozenset({"hash"})
"""Functions whose optional argument may be left out but not be undefined. Measured in AWS (iwamot/sfnx)."""
_PIECE: Final = re.compile(r"(\([^)]*\)|[sbnloafjx])(?:<((?:[^<>]|<[^<>]*>)*)>)?([-?+]*)")


class Parameter(Struct, frozen=True, gc=False):
    """One parameter: its `kind` as written, the `pattern` of the symbols it takes, `items` of an array's items."""

    kind: str
    pattern: str
    context: str
    items: str


class Plan(Struct, frozen=True, gc=False):
    """How arguments of certain types pass a signature: as they are, with `padding` after them, provided that the types
    of the items of the argument at `index` are among `items` (None: there is none to look into), and that the numbers
    at `finite` are; `is_conditional` says whether there is a proviso."""

    padding: tuple[Any, ...]
    is_conditional: bool = False
    index: int = 0
    items: frozenset[type] | None = None
    finite: tuple[int, ...] = ()

    def fits(self, arguments: list[Any]) -> bool:
        """Whether arguments of these types pass as they are."""
        if self.items is not None and not self.items.issuperset(map(type, arguments[self.index])):
            return False
        return not self.finite or all(math.isfinite(arguments[index]) for index in self.finite)


UNPLANNED: Final = Plan((), index=-1)
"""Stands for types that have not been met yet."""

_OBJECTS: Final[frozenset[type]] = frozenset((dict, Object))
_ITEM_TYPES: Final[dict[str, frozenset[type]]] = {
    "n": frozenset({int, float}),
    "s": frozenset({str}),
    "o": _OBJECTS,
}


class Signature:
    """A compiled signature. `validate(arguments, context)` gives the arguments as the function wants them.

    Raises JsonataFault: T0410 for an argument of the wrong kind, T0411 for a context that cannot stand in for one,
    T0412 for an array with items of the wrong kind.
    """

    __slots__ = ("_pattern", "name", "parameters")

    def __init__(self, parameters: Sequence[Parameter], name: str) -> None:
        self.parameters = parameters
        self.name = name
        self._pattern: re.Pattern[str] | None = None

    def _match(self, supplied: str) -> re.Match[str] | None:
        if self._pattern is None:  # compiled when it is needed: of all functions, an expression calls few
            self._pattern = re.compile("".join(f"({parameter.pattern})" for parameter in self.parameters))
        return self._pattern.fullmatch(supplied)

    def validate(self, arguments: list[Any], context: Any) -> list[Any]:
        """The arguments, with the context in the place of what was left out, and single values made arrays."""
        supplied = "".join(map(symbol, arguments))
        match = self._match(supplied)
        if self.name in _STRICT and "m" in supplied[1:]:
            raise JsonataFault("T0410", token=self.name, value=MISSING, index=supplied.index("m", 1) + 1)
        if match is None:
            raise self._refused(arguments, supplied)
        validated: list[Any] = []
        index = 0
        for parameter, symbols in zip(self.parameters, match.groups(), strict=True):
            argument = arguments[index] if index < len(arguments) else MISSING
            if symbols:
                for each in symbols:
                    argument = arguments[index]
                    if each == "a" or parameter.kind == "a":
                        argument = self._array(parameter, argument, each, index)
                    elif (
                        each == "n" and parameter.kind == "n" and self.name not in _INFINITE and not is_number(argument)
                    ):
                        raise JsonataFault("D1001", value="NaN")
                    validated.append(argument)
                    index += 1
            elif parameter.context:
                if not re.fullmatch(parameter.context, symbol(context)):
                    raise JsonataFault("T0411", token=self.name, value=context, index=index + 1)
                validated.append(context)
            else:
                validated.append(argument)
                index += 1
        return validated

    def plan(self, arguments: list[Any]) -> Plan | None:
        """How arguments of the types of these pass; None when that depends on more than their types."""
        supplied = "".join(map(symbol, arguments))
        match = self._match(supplied)
        if match is None or self.name in _STRICT:
            return None
        index, items = 0, None
        finite: list[int] = []
        for position, (parameter, symbols) in enumerate(zip(self.parameters, match.groups(), strict=True)):
            if not symbols:
                if parameter.context or position < len(arguments):
                    return None
            elif len(symbols) > 1 or (parameter.kind == "a") != (symbols == "a" and parameter.kind == "a"):
                return None
            elif parameter.kind == "a" and parameter.items:
                if items is not None:
                    return None
                index, items = position, _ITEM_TYPES.get(parameter.items[:1], frozenset())
            elif parameter.kind == "n" and isinstance(arguments[position], float) and self.name not in _INFINITE:
                finite.append(position)
        padding = (MISSING,) * (len(self.parameters) - len(arguments))
        return Plan(padding, items is not None or bool(finite), index, items, tuple(finite))

    def _array(self, parameter: Parameter, argument: Any, given: str, index: int) -> Any:
        if parameter.kind != "a" or given == "m":
            return argument
        wanted = parameter.items[:1]
        items = argument if given == "a" else [argument]
        if wanted and not (all(symbol(item) == wanted for item in items)):
            kind = _NAMES.get(wanted, wanted)
            raise JsonataFault("T0412", token=self.name, value=argument, index=index + 1, type=kind)
        return Array(items) if given != "a" else argument

    def _refused(self, arguments: list[Any], supplied: str) -> JsonataFault:
        good = 0
        pattern = ""
        for parameter in self.parameters:
            pattern += parameter.pattern
            match = re.match(pattern, supplied)
            if match is None:
                break
            good = match.end()
        value = arguments[good] if good < len(arguments) else MISSING
        return JsonataFault("T0410", token=self.name, value=value, index=good + 1)


def symbol(value: Any) -> str:
    """The letter of a value's kind; "m" for undefined."""
    if value is MISSING:
        return "m"
    if isinstance(value, str):
        return "s"
    if isinstance(value, bool):
        return "b"
    if isinstance(value, (int, float)):
        return "n"
    if isinstance(value, list):
        return "a"
    if isinstance(value, dict):
        return "o"
    return "f" if isinstance(value, JsonataFunction) else "l"


def _inputs(text: str) -> str:
    """What stands before the colon of the signature itself, not of one inside it."""
    depth = 0
    for index, char in enumerate(text):
        depth += {"<": 1, ">": -1}.get(char, 0)
        if char == ":" and depth == 1:
            return text[1:index]
    return text[1:-1]


@lru_cache(maxsize=256)
def signature_of(text: str, name: str) -> Signature:
    """The signature that `text` ("<s-n?:s>") writes."""
    parameters = []
    for kind, items, marks in _PIECE.findall(_inputs(text)):
        pattern = f"[{kind[1:-1]}m]" if kind[0] == "(" else _CLASSES.get(kind, f"[{kind}m]")
        context = pattern if "-" in marks else ""
        marks = marks.replace("-", "?")
        parameters.append(Parameter(kind, pattern + marks[:1], context, items))
    return Signature(tuple(parameters), name)


def signature_from_syntax(parsed: Any, name: str) -> Signature:
    """The signature of a lambda, from the library's syntax tree."""
    parameters = []
    for parameter in parsed._params:
        pattern: str = parameter.regex
        context = pattern[:-1] if parameter.context else ""
        parameters.append(Parameter(parameter.type, pattern, context, parameter.subtype or ""))
    return Signature(tuple(parameters), name)
