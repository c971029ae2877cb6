"""The variables that a state reads and the functions that it calls, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage
from sfdebug.asl.reader import is_jsonata
from sfdebug.asl.rules.jsonata import ExpressionPlace, compile_place, expression_start, places
from sfdebug.expressions.errors import ExpressionSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import State
    from sfdebug.asl.text.source import Pointer
    from sfdebug.expressions.intrinsics.calls import IntrinsicCall
    from sfdebug.values import Json

PATH_FIELDS: Final = ("Variable", "InputPath", "OutputPath", "ItemsPath", "ErrorPath", "CausePath")
_TEMPLATES: Final = ("Parameters", "ItemSelector", "ResultSelector", "Assign", "Credentials", "BatchInput")
_HOLDERS: Final = ("ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter", "Not")
_LISTS: Final = ("Choices", "Catch", "And", "Or")
SCOPES: Final = ("Branches", "ItemProcessor", "Iterator")


@dataclass(frozen=True, slots=True)
class VariableRead:
    """A variable that is read, or a function that is `called`; `offset` is the place of its $ in the string."""

    name: str
    pointer: Pointer
    offset: int
    called: bool = False
    is_known_function: bool = False


def reads(state: State) -> Iterator[VariableRead]:
    """Everything that the state's own expressions name. What cannot be compiled is left out: it has a finding."""
    if state.query_language is QueryLanguage.JSONATA:
        for place in places(state.pointer, state.fields, state.type):
            if is_jsonata(place.text):
                yield from _named(place)
        return
    for pointer, text in path_texts(state.pointer, dict(state.fields)):
        yield from _roots(pointer, text)


def _named(place: ExpressionPlace) -> Iterator[VariableRead]:
    from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
    from sfdebug.expressions.jsonata.names import names_in

    try:
        compiled = compile_place(place)
    except ExpressionSyntaxError:
        return
    start = expression_start(place.text)
    for name in names_in(compiled.tree):
        yield VariableRead(name.name, place.pointer, start + name.offset, name.called, name.name in FUNCTIONS)


def path_texts(pointer: Pointer, value: Json) -> Iterator[tuple[Pointer, str]]:
    """Every path and intrinsic call in a JSONPath state's own fields: those of the states inside it are not its own."""
    for key, item in value.items() if isinstance(value, dict) else ():
        here = (*pointer, key)
        if isinstance(item, str):
            if key.endswith(("Path", ".$")) or key in PATH_FIELDS:
                yield here, item
        elif key in _TEMPLATES:
            yield from _computed(here, item)
        elif key in _HOLDERS:
            yield from path_texts(here, item)
        elif key in _LISTS and isinstance(item, list):
            for index, entry in enumerate(item):
                yield from path_texts((*here, index), entry)


def _computed(pointer: Pointer, value: Json) -> Iterator[tuple[Pointer, str]]:
    """What a payload template computes: the members whose keys end in .$."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                if key.endswith(".$"):
                    yield (*pointer, key), item
            else:
                yield from _computed((*pointer, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _computed((*pointer, index), item)


def _roots(pointer: Pointer, text: str) -> Iterator[VariableRead]:
    from sfdebug.expressions.intrinsics.calls import compile_intrinsic
    from sfdebug.expressions.jsonpath.path import compile_path

    try:
        if text.startswith("$"):
            roots = [compile_path(text).root]
        elif text.lstrip().startswith("States."):
            roots = list(_call_roots(compile_intrinsic(text).call))
        else:
            return
    except ExpressionSyntaxError:
        return
    for root in roots:
        if root not in ("$", "$$"):
            yield VariableRead(root[1:], pointer, max(0, text.find(root)))


def _call_roots(call: IntrinsicCall) -> Iterator[str]:
    from sfdebug.expressions.intrinsics.calls import IntrinsicCall, PathArgument

    for argument in call.arguments:
        if isinstance(argument, PathArgument):
            yield argument.path.root
        elif isinstance(argument, IntrinsicCall):
            yield from _call_roots(argument)
