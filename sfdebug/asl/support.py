"""What a valid definition may hold that today's engine does not run: told before it starts, never guessed at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.fields import DISTRIBUTED
from sfdebug.asl.problems import ordered, quote
from sfdebug.asl.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.source import Pointer
    from sfdebug.errors import Problem
    from sfdebug.values import Json

_DRAWN: Final = "sfdebug draws it, and does not run it yet"
_TOLERATED: Final = "ToleratedFailure"
_NOT_RUN: Final = {
    "ItemReader": "reading items from a data source",
    "ItemBatcher": "batching items",
    "ResultWriter": "writing results to a bucket",
    "Label": "the Label of a Distributed Map",
}
_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*+'?|\"(?:[^\"\\]|\\.)*+\"?")
_VARIABLE: Final = re.compile(r"\$[A-Za-z_]\w*")
_PATH_FIELDS: Final = ("Variable", "InputPath", "OutputPath", "ItemsPath", "ErrorPath", "CausePath")
_SCOPES: Final = ("Branches", "ItemProcessor", "Iterator")


def unsupported(machine: StateMachine) -> tuple[Problem, ...]:
    """Everything in `machine` that the engine does not run, each with its place; empty when it runs the machine.

    That is JSONata, variables, Distributed Map with its fields, and `${Placeholders}` where a value is needed.
    """
    reader = Reader(machine.document)
    if machine.query_language is QueryLanguage.JSONATA:
        reader.error(("QueryLanguage",), "the query language is JSONata", _DRAWN)
    for state in machine.walk():
        _check_state(reader, machine, state)
    return ordered((*reader.problems.items, *machine.unresolved))


def _check_state(reader: Reader, machine: StateMachine, state: State) -> None:
    name = quote(state.name)
    if state.query_language is QueryLanguage.JSONATA:
        if machine.query_language is not QueryLanguage.JSONATA:
            here = (*state.pointer, "QueryLanguage")
            reader.error(here, f"the query language of the state {name} is JSONata", _DRAWN)
        return
    if state.type is StateType.MAP:
        _check_map(reader, state)
    for holder, fields in _holders(state):
        if "Assign" in fields:
            reader.error((*holder, "Assign"), f"'Assign' in the state {name} sets variables", _DRAWN, key=True)
    for pointer, path in _paths(state.pointer, dict(state.fields)):
        variable = _VARIABLE.search(_TEXT.sub("", path))
        if variable:
            reader.error(pointer, f"{quote(path)} in the state {name} reads the variable {variable[0]}", _DRAWN)


def _check_map(reader: Reader, state: State) -> None:
    name = quote(state.name)
    for scope in state.branches:
        config = scope.fields.get("ProcessorConfig")
        if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
            here = (*scope.pointer, "ProcessorConfig", "Mode")
            reader.error(here, f"the state {name} is a Distributed Map", _DRAWN)
    for field in state.fields:
        if field in DISTRIBUTED:
            reader.error((*state.pointer, field), f"{_NOT_RUN[field]}, in the state {name}", _DRAWN, key=True)
        elif field.startswith(_TOLERATED):
            what = f"'{field}' in the state {name} lets iterations fail"
            reader.error((*state.pointer, field), what, _DRAWN, key=True)


def _holders(state: State) -> Iterator[tuple[Pointer, dict[str, Json]]]:
    """The objects of a state that may have an Assign."""
    yield state.pointer, dict(state.fields)
    for catcher in state.catchers:
        yield catcher.pointer, dict(catcher.fields)
    for rule in state.choices:
        yield rule.pointer, dict(rule.fields)


def _paths(pointer: Pointer, value: Json) -> Iterator[tuple[Pointer, str]]:
    """Every path and intrinsic call in a state's own fields: those of the states inside it are not its own."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = (*pointer, key)
            if isinstance(item, str):
                if key.endswith((".$", "Path")) or key in _PATH_FIELDS:
                    yield here, item
            elif key not in _SCOPES or len(here) != len(pointer) + 1:
                yield from _paths(here, item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths((*pointer, index), item)
