"""Transitions: every target exists in the state's own scope, every scope can end, every state can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.asl.findings import EMPTY, MISSING_END, MISSING_TARGET, NOWHERE, AwsVerdict, our_verdict
from sfdebug.asl.reader import has_placeholder
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import Scope, State
    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_ENDS: Final = (StateType.SUCCEED, StateType.FAIL)
_UNREACHED: Final = "UNREACHABLE_STATE"
_NO_END: Final = AwsVerdict("Workflow has no terminal state", MISSING_END, at=NOWHERE)


def check_transitions(reader: DefinitionReader, scope: Scope) -> None:
    """Note wrong targets, a scope without an end, and (as warnings) unreachable states, here and inside.

    Source: States Language specification, "Transitions"; AWS API ValidateStateMachineDefinition, the codes
    MISSING_TRANSITION_TARGET and MISSING_END_STATE. Reported: AWS wants an end at the top only, and looks for
    unreachable states, which it rejects, in spite of targets that are missing. Recorded: it does so in spite of what
    is wrong with the states, too, of which one without a Type ends nothing, and not at all without a StartAt.
    """
    known = scope.fields.get("States")
    if not isinstance(known, dict):
        return
    if not known:
        _reject_empty(reader, scope)
        return
    if scope.start_at:
        _check_target(reader, (*scope.pointer, "StartAt"), scope.start_at, known)
    _check_empty(reader, scope.pointer, scope.fields, "StartAt")
    for state in scope.states.values():
        _check_empty_targets(reader, state)
        for pointer, target in targets(state):
            _check_target(reader, pointer, target, known)
        for branch in state.branches:
            check_transitions(reader, branch)
    if len(known) != len(scope.states):
        return
    if not any(_ends(state) for state in scope.states.values()):
        what = 'no state here ends: there is no "End": true, Succeed or Fail'
        fix = 'give the last state "End": true'
        here = (*scope.pointer, "States")
        if scope.pointer:
            reader.warn(here, what, fix, key=True, aws=our_verdict(what, "NO_END_STATE"))
        else:
            reader.error(here, what, fix, key=True, aws=_NO_END)
    elif not scope.pointer and not any(_ends_for_aws(state) for state in scope.states.values()):
        reader.reject((*scope.pointer, "States"), _NO_END)
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


def _ends(state: State) -> bool:
    return state.end or state.type in _ENDS


def _ends_for_aws(state: State) -> bool:
    return _ends(state) and "Type" in state.fields


def _reject_empty(reader: DefinitionReader, scope: Scope) -> None:
    """What AWS says besides of a scope without states, of which its reader hears once. Recorded."""
    if scope.start_at:
        reader.reject((*scope.pointer, "StartAt"), _no_target(scope.start_at))
    if not scope.pointer:
        reader.reject((*scope.pointer, "States"), _NO_END)


def _no_target(target: str) -> AwsVerdict:
    return AwsVerdict(f"Missing 'Next' target: {target}", MISSING_TARGET)  # reported, for every kind of target


def _check_empty_targets(reader: DefinitionReader, state: State) -> None:
    for field in ("Choices", "Catch"):
        entries = state.fields.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            _check_empty(reader, (*state.pointer, field, index), entry, "Next")


def _check_empty(reader: DefinitionReader, pointer: Pointer, fields: object, name: str) -> None:
    """A transition without a target. Recorded for the Next of a state; read so for the others."""
    if isinstance(fields, Mapping) and fields.get(name) == "":
        reader.error((*pointer, name), f"'{name}' is empty", "write the name of a state", aws=EMPTY)


def _check_target(reader: DefinitionReader, pointer: Pointer, target: str, known: Mapping[str, Json]) -> None:
    if target in known:
        return
    aws = _no_target(target)
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


def _check_reachable(reader: DefinitionReader, scope: Scope) -> None:
    """Note states that no other state leads to, which AWS rejects, and those that only such states lead to.

    Reported (cfn-lint issue 4074): of `StartAt` to nowhere, a state that leads to a second one, and that second one,
    AWS names the first alone; so it counts what is led to, and does not walk from the start.
    """
    leads = {name: {target for _, target in targets(state)} for name, state in scope.states.items()}
    for name, state in scope.states.items():
        stray = state.fields.get("Next")  # recorded: it leads on, even of a Succeed, which may not have it
        if state.next is None and isinstance(stray, str):
            leads[name].add(stray)
    led_to = {target for name, found in leads.items() for target in found if target != name}
    reached = {scope.start_at}
    waiting = [scope.start_at]
    while waiting:
        new = leads.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    starts = scope.start_at in scope.states
    for name, state in scope.states.items():
        if name != scope.start_at and name not in led_to:
            what = f"nothing leads to the state {quote(name)}"
            fix = "it never runs: lead to it with a Next, or take it out"
            aws = AwsVerdict(f'State "{name}" is not reachable.', MISSING_TARGET)
            reader.warn(state.pointer, what, fix, key=True, aws=aws)
        elif starts and name not in reached:
            what = f"no way leads from {quote(scope.start_at)} to the state {quote(name)}"
            fix = "it never runs: what leads to it is never reached either"
            reader.warn(state.pointer, what, fix, key=True, aws=our_verdict(what, _UNREACHED))
