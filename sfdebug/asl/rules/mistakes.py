"""Likely mistakes: what AWS takes and most likely is not meant. `sfdebug lint` reports it; loading does not.

AWS itself warns of three of these (NO_DOLLAR, NO_PATH, PASS_RESULT_IS_STATIC: AWS API
ValidateStateMachineDefinitionDiagnostic). Its words for them are not known: ours follow that page's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.findings import WARNING, AwsVerdict, Finding, our_verdict
from sfdebug.asl.reader import DefinitionReader, is_jsonata, members
from sfdebug.asl.rules.jsonata import UNMARKED, as_expression, expression_strings
from sfdebug.asl.rules.variables import SCOPES, check_variables
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, Retrier, State, StateMachine
    from sfdebug.asl.rules.jsonata import ExpressionString
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_PATH: Final = re.compile(r"\$(?:$|\.|\[|\$)")
_CALL: Final = re.compile(r"\s*States\.\w+\(")
_TEMPLATES: Final = ("Parameters", "ItemSelector", "ResultSelector")
_PATHED: Final = ("Error", "Cause")
_NO_DOLLAR: Final = AwsVerdict(
    "No '.$' on a field that appears to be a JSONPath or Intrinsic Function", "NO_DOLLAR", severity=WARNING
)
_NO_PATH: Final = AwsVerdict(
    "Field value looks like a path, but field name does not end with 'Path'", "NO_PATH", severity=WARNING
)
_STATIC: Final = AwsVerdict(
    "Attempt to use a path in the result of a pass state", "PASS_RESULT_IS_STATIC", severity=WARNING
)


def likely_mistakes(machine: StateMachine) -> tuple[Finding, ...]:
    """Everything in `machine` that loads and most likely is not meant."""
    reader = DefinitionReader(machine.document)
    check_variables(reader, machine)
    for state in machine.walk():
        if state.query_language is QueryLanguage.JSONATA:
            _check_jsonata(reader, state)
        else:
            _check_jsonpath(reader, state)
        if state.type is StateType.CHOICE:
            _check_default(reader, state)
        _check_never_reached(reader, state.retriers, "Retry")
        _check_never_reached(reader, state.catchers, "Catch")
    return tuple(reader.findings)


def _check_jsonata(reader: DefinitionReader, state: State) -> None:
    for string in expression_strings(state.pointer, state.fields, state.type):
        meant = None if _is_reported(string) else as_expression(string.text)
        if meant is not None:
            what = f"{quote(string.text)} is plain text: JSONata stands between {{% and %}}"
            reader.warn(string.pointer, what, f'write "{{% {meant} %}}"', aws=our_verdict(what, UNMARKED))
    for pointer, key, _ in members(state.pointer, dict(state.fields), SCOPES):
        if key.endswith(".$"):
            what = f"{quote(key)} is a plain key: only JSONPath states compute keys that end in .$"
            fix = f'write "{key[:-2]}": "{{% … %}}"'
            reader.warn(pointer, what, fix, key=True, aws=our_verdict(what, "DOLLAR_KEY"))


def _is_reported(string: ExpressionString) -> bool:
    """Whether loading itself says what a string was meant for."""
    text = string.text
    return string.field == "Condition" or text.startswith("{%") or text.endswith("%}") or "${" in text


def _check_jsonpath(reader: DefinitionReader, state: State) -> None:
    fields = state.fields
    for name in _TEMPLATES:
        for pointer, key, value in members((*state.pointer, name), fields.get(name), SCOPES):
            if not key.endswith(".$") and isinstance(value, str) and _computes(value):
                what = f"{quote(value)} is plain text here: its key does not end in .$"
                reader.warn(pointer, what, f'to compute it, write "{key}.$"', aws=_NO_DOLLAR)
    for name in _PATHED if state.type is StateType.FAIL else ():
        _check_no_path(reader, (*state.pointer, name), fields.get(name))
    for rule in state.choices:
        for pointer, key, value in members(rule.pointer, dict(rule.fields), SCOPES):
            if key.startswith("String") and not key.endswith("Path"):
                _check_no_path(reader, pointer, value)
    if state.type is StateType.PASS:
        _check_static(reader, (*state.pointer, "Result"), fields.get("Result"))
    for pointer, _, value in members(state.pointer, dict(fields), SCOPES):
        if (
            is_jsonata(value)
            and not str(pointer[-1]).endswith((".$", "Path"))
            and pointer[-1] not in ("Comment", "Resource")
        ):
            what = "a JSONata expression in a JSONPath state is plain text"
            fix = 'give the state "QueryLanguage": "JSONata", or write a path under a key that ends in .$'
            reader.warn(pointer, what, fix, aws=our_verdict(what, "JSONATA_IN_JSONPATH"))


def _check_no_path(reader: DefinitionReader, pointer: Pointer, value: Json) -> None:
    if isinstance(value, str) and _computes(value):
        what = f"{quote(value)} is plain text here"
        reader.warn(pointer, what, f'to compute it, write "{pointer[-1]}Path"', aws=_NO_PATH)


def _check_static(reader: DefinitionReader, pointer: Pointer, value: Json) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_static(reader, (*pointer, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_static(reader, (*pointer, index), item)
    elif isinstance(value, str) and (_computes(value) or (str(pointer[-1]).endswith(".$") and value.startswith("$"))):
        what = f"{quote(value)} is plain text: the Result of a Pass state is never computed"
        reader.warn(pointer, what, "to compute it, use 'Parameters' with a key that ends in .$", aws=_STATIC)


def _computes(text: str) -> bool:
    """Whether a text looks like a path or a call of an intrinsic function."""
    return _PATH.match(text) is not None or _CALL.match(text) is not None


def _check_default(reader: DefinitionReader, state: State) -> None:
    if state.default is not None or not state.choices:
        return
    if any(rule.fields.get("Condition") in (True, "{% true %}") for rule in state.choices):
        return
    if _covers_both(state):
        return
    what = f"the Choice {quote(state.name)} has no 'Default': when no rule matches, the execution fails"
    reader.warn(state.pointer, what, 'add "Default": "…"', key=True, aws=our_verdict(what, "NO_DEFAULT"))


def _covers_both(state: State) -> bool:
    """Whether two rules take a boolean test both ways, so that one of them always matches."""
    seen: set[tuple[str, str, bool]] = set()
    for rule in state.choices:
        plain = {key: value for key, value in rule.fields.items() if key not in ("Next", "Comment", "Assign")}
        path = plain.pop("Variable", None)
        if len(plain) == 1 and isinstance(path, str):
            operator, value = next(iter(plain.items()))
            if isinstance(value, bool):
                if (path, operator, not value) in seen:
                    return True
                seen.add((path, operator, value))
    return False


def _check_never_reached(
    reader: DefinitionReader, entries: tuple[Retrier, ...] | tuple[Catcher, ...], field: str
) -> None:
    taken: set[str] = set()
    for entry in entries:
        names = set(entry.error_equals)
        if names and names <= taken:
            what = f"the entries before this one take {'its error' if len(names) == 1 else 'all of its errors'} already"
            fix = f"put it first, or take it out of {quote(field)}"
            reader.warn((*entry.pointer, "ErrorEquals"), what, fix, aws=our_verdict(what, "NEVER_REACHED"))
        taken |= names
