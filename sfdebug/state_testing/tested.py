"""The state under test: found in its definition, checked in AWS's words, and put into a machine of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from sfdebug.asl.definition import State, StateMachine
from sfdebug.asl.load import MAX_FILE_BYTES, definition_from
from sfdebug.asl.text.decoding import decode
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.files import read_file
from sfdebug.limits import ExecutionType
from sfdebug.state_testing.context import DEFAULT_NAME
from sfdebug.state_testing.request import INVALID_DEFINITION, TestStateError, refused
from sfdebug.text import with_article
from sfdebug.validation import definition_error
from sfdebug.values import Json


class Tested(Struct, frozen=True, eq=False):
    """The state under test, and the query language of its machine, "" when the machine names none."""

    state: State
    machine_language: str

    @property
    def fields(self) -> dict[str, Json]:
        """The state as written."""
        return dict(self.state.fields)

    @property
    def inner_names(self) -> frozenset[str]:
        """The names of all states inside a Parallel or a Map."""
        return frozenset(_names(self.state))

    def machine(self, fields: Mapping[str, Json]) -> StateMachine:
        """A machine in which the state, with `fields`, comes first, and whatever it leads to ends the execution."""
        states: dict[str, Json] = {name: {"Type": "Succeed"} for name in _targets(fields)}
        states[self.state.name] = dict(fields)
        whole: dict[str, Json] = {"StartAt": self.state.name, "States": states}
        if self.machine_language:
            whole["QueryLanguage"] = self.machine_language
        return definition_from(whole)


def find_tested(definition: Any, state_name: str | None) -> Tested:
    """The state that a request is about. Raises TestStateError when AWS would refuse the definition or the name."""
    text = _text(definition)
    if state_name is None:
        text = _wrapped(text)
    message = _definition_message(text)
    if message is not None:
        raise TestStateError(INVALID_DEFINITION, message)
    machine = definition_from(text)
    name = DEFAULT_NAME if state_name is None else state_name
    state = next((state for state in machine.walk() if state.name == name), None)
    if state is None:
        raise refused("State not found in definition")  # recorded
    value = machine.document.value
    language = value.get("QueryLanguage", "") if isinstance(value, dict) else ""
    return Tested(state, str(language))


def _definition_message(text: str) -> str | None:
    """The message of AWS's InvalidDefinition for a machine's definition; None when AWS takes it."""
    return definition_error(text, ExecutionType.STANDARD)


def _text(definition: Any) -> str:
    """The definition as text: written out when it is a Python value, read when it is a path."""
    if isinstance(definition, StateMachine):
        return json.dumps(definition.document.value)
    if isinstance(definition, Mapping):
        try:
            return json.dumps(definition, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"this cannot be written as JSON: {error}", where="definition") from error
    if isinstance(definition, str) and ("\n" in definition or definition.lstrip("\ufeff \t\r").startswith("{")):
        return definition
    if not isinstance(definition, str | os.PathLike):
        raise UsageError(f"a definition is a text or a dict, not {with_article(definition)}", where="definition")
    return _read(os.fspath(definition))


def _read(path: str) -> str:
    """The text of a file, as JSON: a lone state need not be a machine, so that `load_definition` is not for it."""
    try:
        source = decode(read_file(path, MAX_FILE_BYTES), path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"the definition cannot be read: {reason}", where=path) from error
    if not path.lower().endswith((".yaml", ".yml")):
        return source.text
    from sfdebug.asl.text.yaml import scan_yaml

    scan = scan_yaml(source)
    if scan.document is None or scan.errors:
        raise DefinitionError(scan.errors)
    return json.dumps(scan.document.value)


def _wrapped(text: str) -> str:
    """A lone state's text as a machine; a text that is no JSON object stays as it is, for its error."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(state, dict):
        return text
    # Recorded: a lone state may lead to states that are nowhere defined.
    states: dict[str, Json] = {DEFAULT_NAME: state}
    states |= {name: {"Type": "Succeed"} for name in _targets(state) if name != DEFAULT_NAME}
    try:
        return json.dumps({"StartAt": DEFAULT_NAME, "States": states})
    except RecursionError:
        return text


def _targets(fields: Mapping[str, Json]) -> Iterator[str]:
    """The names of the states that a state leads to, each once."""
    seen: set[str] = set()
    holders: list[Json] = [dict(fields)]
    for name in ("Choices", "Catch"):
        entries = fields.get(name)
        holders += entries if isinstance(entries, list) else []
    for holder in holders:
        for field in ("Next", "Default"):
            target = holder.get(field) if isinstance(holder, dict) else None
            if isinstance(target, str) and target and target not in seen:
                seen.add(target)
                yield target


def _names(state: State) -> Iterator[str]:
    for branch in state.branches:
        for inner in branch.states.values():
            yield inner.name
            yield from _names(inner)
