"""Mistakes about where a state leads: Next, the order of the file, the end, and what a Catcher is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import fault_name, named
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State
    from sfdebug.engine.execution.visit import Stage, Visit

NEXT: Final = frozenset({PredictKind.NEXT})


def _scope(case: Case, state: State) -> Scope:
    """The states among which a state stands."""
    scope, at = case.debugger.machine.scope, None
    for step in state.path[:-1]:
        if isinstance(step, int) and at is not None:
            scope = at.branches[step]
        elif isinstance(step, str):
            at = scope.states[step]
    return scope


def _caught(visit: Visit) -> Stage | None:
    taken = (stage for stage in visit.stages if stage.name is StageName.CATCH)
    return next((stage for stage in taken if stage.status is StageStatus.MATCHED), None)


def _how(visit: Visit) -> str:
    """How a visit is left, as a sentence without its full stop."""
    name = named(visit.state.name)
    if visit.status is VisitStatus.CAUGHT and visit.next is not None:
        caught = _caught(visit)
        error = f" {fault_name(caught.fault)}" if caught is not None else " the error"
        return f"a Catcher takes{error}, and its Next leads to {named(visit.next)}"
    if visit.status is VisitStatus.FAILED:
        return f"{name} fails with {fault_name(visit.fault)}, and no Catcher takes that"
    if visit.next is None:
        return f"{name} is the end of its states"
    if visit.state.type is StateType.CHOICE:
        return f"{name} goes on to {named(visit.next)}"
    return f"Next of {name} is {named(visit.next)}"


def _sentence(visit: Visit) -> str:
    """How a visit is left, as a sentence: the name of a state stays as it is written."""
    how = _how(visit)
    return f"{how[:1].upper()}{how[1:]}." if visit.status is VisitStatus.CAUGHT else f"{how}."


def _next_though_failed(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is not None and visit.status in (VisitStatus.CAUGHT, VisitStatus.FAILED) and visit.state.next is not None:
        yield Wrong(visit.state.next, f"Next is for a state that has succeeded; here {_how(visit)}.")


def _catcher_though_well(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None:
        return
    for catcher in visit.state.catchers:
        if visit.status is VisitStatus.SUCCEEDED:
            name = named(visit.state.name)
            say = f"A Catcher is asked only for an error, and {name} succeeds: {_how(visit)}."
        elif visit.status is VisitStatus.CAUGHT:
            say = f"Catcher {catcher.index + 1} does not get it: {_how(visit)}."
        else:
            say = f"Catcher {catcher.index + 1} does not take that error: {_how(visit)}."
        yield Wrong(catcher.next, say)


def _file_order(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is None:
        return
    names = list(_scope(case, visit.state).states)
    at = names.index(visit.state.name) if visit.state.name in names else len(names)
    if at + 1 < len(names):
        say = f"The order in the file says nothing: {_how(visit)}."
        yield Wrong(names[at + 1], say)


def _ends(case: Case) -> Iterator[Wrong]:
    visit = case.visit
    if visit is not None and visit.next is not None:
        yield Wrong(None, f"It does not end here: {_how(visit)}.")


def _fails(case: Case) -> Iterator[Wrong]:
    """A fault that is caught taken for the end."""
    visit = case.visit
    caught = _caught(visit) if visit is not None else None
    if visit is not None and caught is not None:
        yield Wrong(MISSING, _sentence(visit), caught.fault.error or "" if caught.fault is not None else "")


def _goes_on(case: Case) -> Iterator[Wrong]:
    """A state that fails taken for one that ends."""
    visit = case.visit
    if visit is not None and visit.status is VisitStatus.FAILED:
        yield Wrong(None, _sentence(visit))


def _no_way(case: Case) -> Iterator[Wrong]:
    """Any other state of the same scope."""
    visit = case.visit
    if visit is None:
        return
    for name, other in _scope(case, visit.state).states.items():
        if other.path != visit.state.path and visit.state.type is not StateType.CHOICE:
            yield Wrong(name, f"Nothing leads from {named(visit.state.name)} to {named(name)} here: {_how(visit)}.")


WAY_MISTAKES: Final = (
    KnownMistake("next-though-failed", NEXT, "Next is where a state leads that has failed", _next_though_failed),
    KnownMistake("fault-not-caught", NEXT, "an error ends it, although a Catcher takes it", _fails),
    KnownMistake("failure-ends-well", NEXT, "a state that fails is the end, and nothing more", _goes_on),
    KnownMistake(
        "catcher-though-well",
        NEXT,
        "a Catcher's Next is where a state leads that has succeeded, or another Catcher's",
        _catcher_though_well,
    ),
    KnownMistake("file-order", NEXT, "states follow one another in the order of the file", _file_order),
    KnownMistake("ends-here", NEXT, "it ends here", _ends),
    KnownMistake("no-such-way", NEXT, "any other state comes next", _no_way),
)
