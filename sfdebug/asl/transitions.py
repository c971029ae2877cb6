"""Transitions: every target exists in the state's own scope, every scope can end, every state can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.asl.findings import MISSING_END, MISSING_TARGET, NOWHERE, WARNING, Verdict
from sfdebug.asl.problems import quote
from sfdebug.asl.reader import has_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import Scope, State
    from sfdebug.asl.reader import Reader
    from sfdebug.asl.source import Pointer
    from sfdebug.values import Json

_ENDS: Final = (StateType.SUCCEED, StateType.FAIL)


def check_transitions(reader: Reader, scope: Scope) -> None:
    """Note wrong targets, a scope without an end, and (as warnings) unreachable states, here and inside.

    Source: States Language specification, "Transitions"; AWS API ValidateStateMachineDefinition, the codes
    MISSING_TRANSITION_TARGET and MISSING_END_STATE. Reported: AWS wants an end at the top only, and looks for
    unreachable states, which it rejects, in spite of targets that are missing.
    """
    known = scope.fields.get("States")
    if not isinstance(known, dict) or not known:
        return
    if scope.start_at:
        _check_target(reader, (*scope.pointer, "StartAt"), scope.start_at, known)
    _check_empty(reader, scope.pointer, scope.fields, "StartAt")
    for state in scope.states.values():
        for field in ("Choices", "Catch"):
            entries = state.fields.get(field)
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                _check_empty(reader, (*state.pointer, field, index), entry, "Next")
        for pointer, target in targets(state):
            _check_target(reader, pointer, target, known)
        for branch in state.branches:
            check_transitions(reader, branch)
    if len(known) != len(scope.states):
        return
    if not any(state.end or state.type in _ENDS for state in scope.states.values()):
        what = 'no state here ends: there is no "End": true, Succeed or Fail'
        fix = 'give the last state "End": true'
        here = (*scope.pointer, "States")
        if scope.pointer:
            reader.warn(here, what, fix, key=True, aws=Verdict(what, "NO_END_STATE", own=True, severity=WARNING))
        else:
            aws = Verdict("Workflow has no terminal state", MISSING_END, at=NOWHERE)
            reader.error(here, what, fix, key=True, aws=aws)
    if scope.start_at:
        _check_reachable(reader, scope)


def targets(state: State) -> Iterator[tuple[Pointer, str]]:
    """Every transition of a state: the pointer of the field and the name it holds."""
    if state.next is not None:
        yield (*state.pointer, "Next"), state.next
    for rule in state.choices:
        if rule.next:
            yield (*rule.pointer, "Next"), rule.next
    if state.default is not None:
        yield (*state.pointer, "Default"), state.default
    for catcher in state.catchers:
        if catcher.next:
            yield (*catcher.pointer, "Next"), catcher.next


def _check_empty(reader: Reader, pointer: Pointer, fields: object, name: str) -> None:
    """A transition without a target. Recorded for the Next of a state; read so for the others."""
    if isinstance(fields, Mapping) and fields.get(name) == "":
        aws = Verdict("Value cannot be empty")
        reader.error((*pointer, name), f"'{name}' is empty", "write the name of a state", aws=aws)


def _check_target(reader: Reader, pointer: Pointer, target: str, known: Mapping[str, Json]) -> None:
    if target in known:
        return
    aws = Verdict(f"Missing 'Next' target: {target}", MISSING_TARGET)  # reported, for every kind of target
    elsewhere = reader.state_names.get(target)
    if elsewhere is not None:
        line = reader.document.key_span(elsewhere).line
        what = f"{quote(target)} is in another scope (line {line}): a transition cannot enter or leave a branch"
        fix = "lead to a state of the same branch; what follows the branches is the Next of their Parallel or Map"
        reader.error(pointer, what, fix, aws=aws)
        return
    fix = "write the name itself: a target cannot be filled in later" if has_placeholder(target) else ""
    names = ", ".join(quote(name) for name in list(known)[:8])
    more = ", …" if len(known) > 8 else ""
    otherwise = f"the states here are {names}{more}"
    fix = fix or reader.suggest(target, known, otherwise)
    reader.error(pointer, f"there is no state {quote(target)}", fix, aws=aws)


def _check_reachable(reader: Reader, scope: Scope) -> None:
    reached = {scope.start_at}
    waiting = [scope.start_at]
    while waiting:
        state = scope.states.get(waiting.pop())
        for _, target in targets(state) if state else ():
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    for name, state in scope.states.items():
        if name not in reached:
            what = f"nothing leads to the state {quote(name)}"
            fix = "it never runs: lead to it with a Next, or take it out"
            aws = Verdict(f'State "{name}" is not reachable.', MISSING_TARGET)
            reader.warn(state.pointer, what, fix, key=True, aws=aws)
