"""What a question is about: a visit, the one at hand or one to come, and how far it has been revealed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.lessons.questions.model import CannotAskError

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger import Debugger
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.lessons.model import Asked
    from sfdebug.lessons.questions.ahead import Ahead


class Subject(Struct, frozen=True):
    """The visit that is asked about: the first of `branch` with the number `since` or a later one; with a `name`, the
    first of the state called so, in whatever branch.

    `stage` is the stage that is asked about, of which `past` with that name are revealed already. `is_at_hand` says
    that the visit has begun.
    """

    branch: BranchId
    since: int
    name: str = ""
    stage: StageName | None = None
    past: int = 0
    is_at_hand: bool = False


def subject_of(debugger: Debugger, asked: Asked) -> Subject:
    """What a question is about where a debugger stands."""
    position = position_at(debugger.cursor)
    execution, visit = position.execution, position.visit
    is_other = asked.state not in ("", position.state.name if position.state is not None else "")
    if visit is None or (visit.status is not VisitStatus.RUNNING and position.branch is None) or is_other:
        branch = position.focus if position.branch is not None else debugger.cursor.node.focus
        return Subject(branch, execution.visit_count + 1, asked.state if is_other else "", asked.stage)
    revealed = visit.stages[: position.revealed]
    past = sum(stage.name is asked.stage and stage.status is not StageStatus.WAITING for stage in revealed)
    return Subject(visit.branch, visit.number, "", asked.stage, past, is_at_hand=True)


def stage_asked(debugger: Debugger, asked: Asked) -> StageName | None:
    """The stage that is asked about. A field that the state does not have passes on what it is given, and has no stage:
    then it is the whole state."""
    state = state_at(debugger, asked) if asked.stage is not None else None
    is_left_out = state is not None and asked.stage in _FIELDS and str(asked.stage) not in state.fields
    return None if is_left_out else asked.stage


_FIELDS: Final = frozenset(
    {StageName.RESULT_SELECTOR, StageName.RESULT_PATH, StageName.OUTPUT_PATH, StageName.ASSIGN, StageName.RESULT}
)
"""Stages of fields that come after the work of a state."""


def sightings(ahead: Ahead, subject: Subject) -> Iterator[tuple[Execution, Visit]]:
    """The visit that is asked about, as it stands in one execution after the other. It is entered at the first."""
    found: Visit | None = None
    for execution in ahead:
        if found is None:
            found = _first(execution, subject)
        else:
            found = visit_in(execution, found.branch, found.number) or found
        if found is not None:
            yield execution, found
            if found.status is not VisitStatus.RUNNING:
                return


def _first(execution: Execution, subject: Subject) -> Visit | None:
    if execution.visit_count < subject.since:
        return None
    branch = execution.branches.get(subject.branch)
    if not subject.name:
        if branch is not None and branch.visit is not None and branch.visit.number >= subject.since:
            return branch.visit
        return _ended(execution, subject)
    moved = execution.branches.get(execution.moved)
    visit = moved.visit if moved is not None else None
    if visit is not None and visit.number >= subject.since and visit.state.name == subject.name:
        return visit
    return _ended(execution, subject)


def _ended(execution: Execution, subject: Subject) -> Visit | None:
    """One that was entered and left in the same step."""
    for visit in reversed(execution.visits):
        if visit.number < subject.since:
            return None
        if visit.state.name == subject.name if subject.name else visit.branch == subject.branch:
            return visit
    return None


def visit_in(execution: Execution, branch: BranchId, number: int) -> Visit | None:
    """A visit by its number, as it stands in an execution."""
    at = execution.branches.get(branch)
    if at is not None and at.visit is not None and at.visit.number == number:
        return at.visit
    return next((visit for visit in reversed(execution.visits) if visit.number == number), None)


def state_at(debugger: Debugger, asked: Asked) -> State:
    """The state that a question is about. Raises CannotAskError where there is none of that name."""
    position = position_at(debugger.cursor)
    if asked.state and (position.state is None or position.state.name != asked.state):
        found = next((state for state in debugger.machine.walk() if state.name == asked.state), None)
        if found is None:
            names = [state.name for state in debugger.machine.walk()]
            near = get_close_matches(asked.state, names, 1)
            fix = f"Did you mean '{near[0]}'?" if near else f"Its states: {', '.join(names)}."
            raise CannotAskError(f"the definition has no state '{asked.state}'", fix=fix)
        return found
    if position.state is None or position.execution.status is not ExecutionStatus.RUNNING:
        raise CannotAskError("no state is at hand: the execution is over", fix="Name a state, or go back.")
    return position.state


def ended_visit(ahead: Ahead, subject: Subject, name: str) -> tuple[Execution, Visit]:
    """The visit when it is over. Raises CannotAskError where it is not entered, or its end is not known."""
    seen = deque(sightings(ahead, subject), maxlen=1)
    if not seen:
        raise CannotAskError(f"'{name}' is not entered any more")
    last = seen[0]
    if last[1].status is VisitStatus.RUNNING:
        raise CannotAskError(f"how '{name}' ends is not known")
    return last


def found_stage(ahead: Ahead, subject: Subject, name: str) -> tuple[Execution, Visit, Stage]:
    """The stage that is asked about when it has its result. Raises CannotAskError where it does not come about."""
    is_entered = False
    for execution, visit in sightings(ahead, subject):
        is_entered = True
        same = [stage for stage in visit.stages if stage.name is subject.stage]
        if len(same) > subject.past and same[subject.past].status is not StageStatus.WAITING:
            return execution, visit, same[subject.past]
    if not is_entered:
        raise CannotAskError(f"'{name}' is not entered any more")
    raise CannotAskError(f"'{name}' does not come to its {subject.stage} here")
