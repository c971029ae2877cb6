"""Mistakes about variables: when Assign is seen, and in which scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named, noun
from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong, stage_of
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Visit

VARIABLE: Final = frozenset({PredictKind.VARIABLE})
DATA_AND_VARIABLES: Final = frozenset({PredictKind.VARIABLE, PredictKind.OUTPUT, PredictKind.INPUT})


def _given(visit: Visit, name: str) -> Value:
    """What a visit's Assign gives a variable."""
    stage = stage_of(visit, StageName.ASSIGN)
    return stage.after.get(name, MISSING) if stage is not None and isinstance(stage.after, dict) else MISSING


def _value(case: Case) -> str:
    return noun(case.found.value) if is_present(case.found.value) else "not there"


def _leaks(case: Case) -> Iterator[Wrong]:
    """A value that an inner scope gives its own variable taken for one outside."""
    visit, name = case.visit, case.asked.name
    if visit is None or not visit.state.is_container or case.asked.when == "inside":
        return
    what = "branch" if visit.state.type is StateType.PARALLEL else "iteration"
    for inner in case.visits:
        is_inside = inner.branch[: len(visit.branch)] == visit.branch and len(inner.branch) > len(visit.branch)
        given = _given(inner, name)
        if is_inside and is_present(given):
            say = (
                f"What {named(inner.state.name)} assigns stays in its {what}: nothing outside of "
                f"{named(visit.state.name)} "
                f"sees it, and ${name} is {_value(case)} here."
            )
            yield Wrong(given, say)
            return


def _at_once(case: Case) -> Iterator[Wrong]:
    """A variable seen inside of the state that assigns it."""
    visit, name = case.visit, case.asked.name
    if visit is None or case.asked.kind is not PredictKind.VARIABLE or case.asked.when != "inside":
        return
    later = case.foresight.ahead(case.foresight.focus)
    for execution in later:
        branch = execution.branches.get(visit.branch)
        at = branch.visit if branch is not None and branch.visit is not None else None
        if at is None or at.number != visit.number:
            if execution.visit_count > visit.number or branch is None:
                break
            continue
        given = _given(at, name)
        if is_present(given):
            say = (
                f"Assign takes effect when {named(visit.state.name)} is left: inside of it, "
                f"${name} is still {_value(case)}."
            )
            yield Wrong(given, say)
            return


def _seen_in_output(case: Case) -> Iterator[Wrong]:
    """What comes of a state whose own expressions see what its Assign gives."""
    visit = case.visit
    if visit is None or case.asked.kind is PredictKind.VARIABLE or case.is_about_input or case.asked.is_of_execution:
        return
    stage = stage_of(visit, StageName.ASSIGN)
    assigned = stage.after if stage is not None else None
    if not isinstance(assigned, dict) or not assigned or case.asked.stage is StageName.ASSIGN:
        return
    found = case.altered(replace(visit.state), {**visit.variables, **assigned})
    if found is not None:
        names = ", ".join(f"${name}" for name in assigned)
        say = f"Assign takes effect when {named(visit.state.name)} is left: its own fields see {names} as before."
        yield Wrong(found.value, say, found.error)


def _counted_twice(case: Case) -> Iterator[Wrong]:
    """An expression of Assign that sees what another one of the same Assign gives."""
    visit, name = case.visit, case.asked.name
    stage = stage_of(visit, StageName.ASSIGN) if visit is not None else None
    assigned = stage.after if stage is not None else None
    if visit is None or not isinstance(assigned, dict) or case.asked.when == "inside" or len(assigned) < 2:
        return
    others = {key: value for key, value in assigned.items() if key != name}
    found = case.altered(replace(visit.state), {**visit.variables, **others})
    if found is not None and not found.error:
        say = f"All expressions of one Assign see the values from before: ${name} is {_value(case)}."
        yield Wrong(found.value, say)


def _not_assigned(case: Case) -> Iterator[Wrong]:
    """The value from before, although Assign gives another one."""
    visit, name = case.visit, case.asked.name
    if visit is None or case.asked.when == "inside" or not is_present(_given(visit, name)):
        return
    say = f"Assign of {named(visit.state.name)} gives ${name} a new value, {_value(case)}: what comes after sees it."
    yield Wrong(visit.variables.get(name, MISSING), say)


def _output_for_variable(case: Case) -> Iterator[Wrong]:
    visit, name = case.visit, case.asked.name
    is_there = visit is not None and case.asked.when != "inside" and is_present(case.found.value)
    if visit is not None and is_there and is_present(visit.output):
        say = f"A variable is not the output: ${name} has what Assign gives it, and keeps it, whatever states pass on."
        yield Wrong(visit.output, say)


def _rule_and_state(case: Case) -> Iterator[Wrong]:
    """Assign of a Choice taken for one that holds for its rules too."""
    visit = case.visit
    if visit is None or visit.state.type is not StateType.CHOICE or "Assign" not in visit.state.fields:
        return
    if any(stage.name is StageName.DEFAULT for stage in visit.stages):
        return

    def change(state: State, _: Visit) -> State | None:
        rules = tuple(replace(rule, fields={"Assign": state.fields["Assign"], **rule.fields}) for rule in state.choices)
        return replace(state, choices=rules) if state.type is StateType.CHOICE else None

    def say(state: State, _: Visit) -> str:
        return f"Assign of {named(state.name)} itself is for its Default: a rule that matches has an Assign of its own."

    yield from case.altering(change, say)


def _no_variable(case: Case) -> Iterator[Wrong]:
    if is_present(case.found.value):
        yield Wrong(MISSING, f"${case.asked.name} is there: it is {_value(case)}.")
    else:
        yield Wrong(
            None, "A variable that nobody has assigned is not there: it is not null, and reading it is an error."
        )


VARIABLE_MISTAKES: Final = (
    KnownMistake("scope-leaks", VARIABLE, "what is assigned in a branch is seen outside", _leaks),
    KnownMistake("assign-at-once", VARIABLE, "the state that assigns a variable sees it at once", _at_once),
    KnownMistake(
        "assign-seen-in-state",
        frozenset({PredictKind.OUTPUT}),
        "Output of a state sees what its own Assign gives",
        _seen_in_output,
        (StageName.OUTPUT,),
    ),
    KnownMistake(
        "assign-sees-itself", VARIABLE, "an expression of Assign sees what another one of it gives", _counted_twice
    ),
    KnownMistake("assign-of-choice-for-all", VARIABLE, "Assign of a Choice is for its rules too", _rule_and_state),
    KnownMistake("assign-forgotten", VARIABLE, "a variable keeps its value, whatever Assign says", _not_assigned),
    KnownMistake("variable-is-output", VARIABLE, "a variable holds what a state gives on", _output_for_variable),
    KnownMistake(
        "variable-not-there", VARIABLE, "a variable is not there, or is null where it is not there", _no_variable
    ),
)
