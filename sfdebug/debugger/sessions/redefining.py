"""A run under a definition that was edited: the same decisions again, and where it first comes out otherwise."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.debugger import Debugger
from sfdebug.debugger.sessions.carrying import Carried, carry_over
from sfdebug.debugger.sessions.playing import put_stops
from sfdebug.debugger.sessions.records import Stops
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.wording.values import named
from sfdebug.engine import readiness
from sfdebug.engine.execution.decisions import Proceed
from sfdebug.engine.execution.visit import StageStatus
from sfdebug.values import is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.values import Value


_PROCEED: Final = Proceed()


class FirstDifference(Struct, frozen=True):
    """Where two runs part: what is otherwise, in words, and the visit of the later one, with its stage, from 0.

    `visit` is None where the later run ends before the other."""

    text: str
    visit: Visit | None = None
    stage: int = 0


class Redefined(Struct, frozen=True):
    """A debugger under the edited definition, what became of the decisions, and where the run first differs; `left_out`
    says which breakpoints and watches cannot be set any more."""

    debugger: Debugger
    carried: Carried
    difference: FirstDifference | None
    left_out: tuple[str, ...] = ()


def redefined(before: Debugger, machine: StateMachine) -> Redefined:
    """Make the decisions of a simulation again under another definition, and stand at the first difference.

    Raises SfdebugError when the definition cannot be run, or cannot begin with the input.
    """
    begun = before.timeline.main_nodes[0].execution
    after = Debugger(machine, begun.input, tasks=before.tasks, settings=begun.settings)
    after.answering.take_over(before.answering.choices)
    carried = carry_over(before, after)
    _go_on(after, before.timeline.tip.index)
    difference = first_difference(before.timeline.tip.execution, after.timeline.tip.execution)
    if difference is not None and difference.visit is not None:
        _stand_at(after, difference.visit, difference.stage)
    stops = Stops(list(before.breakpoints.to_texts()), list(before.watches.texts))
    return Redefined(after, carried, difference, put_stops(after, stops))


def _go_on(debugger: Debugger, count: int) -> None:
    """Let the current line go on as far as the other came, and no Task has to be answered: nothing is called again."""
    timeline = debugger.timeline
    while timeline.tip.index < count and not timeline.tip.is_over:
        possible = readiness(timeline.tip.execution)
        if possible.requests and not possible.ready:
            break
        timeline.regrow(timeline.fork.id, _PROCEED, "", None)
    debugger.resume()


def first_difference(before: Execution, after: Execution) -> FirstDifference | None:
    """The first visit, in order of entry, in which the data or the way differ; None where none does."""
    for old, new in zip_longest(_visits(before), _visits(after)):
        if new is None:
            return FirstDifference(f"it does not come to {named(old.state.name)} any more")
        if old is None:
            return FirstDifference(f"it goes on to {named(new.state.name)}", new)
        if old.state.path != new.state.path or old.branch != new.branch:
            return FirstDifference(f"{named(new.state.name)} comes in place of {named(old.state.name)}", new)
        if not same(old.input, new.input):
            return FirstDifference(f"{named(new.state.name)} is given another input", new)
        at = _stage(old, new)
        if at is not None:
            name = new.stages[at].name if at < len(new.stages) else old.stages[at].name
            return FirstDifference(f"{name} of {named(new.state.name)} comes out otherwise", new, at)
    return None


def _visits(execution: Execution) -> list[Visit]:
    """All visits, those that go on too, in order of entry."""
    running = [branch.visit for branch in execution.branches.values() if branch.visit is not None]
    return sorted((*execution.visits, *running), key=lambda visit: visit.number)


def _stage(old: Visit, new: Visit) -> int | None:
    """The first stage that differs, by what it gives, not by how it is written; None where none does."""
    for at, (left, right) in enumerate(zip_longest(old.stages, new.stages)):
        if left is None or right is None or not _is_alike(left, right):
            return at
    return None


def _is_alike(left: Stage, right: Stage) -> bool:
    return (
        left.name is right.name
        and left.status is right.status
        and (left.index, left.attempt, left.fault) == (right.index, right.attempt, right.fault)
        and _is_same(left.before, right.before)
        and _is_same(left.after, right.after)
    )


def _is_same(left: Value, right: Value) -> bool:
    if not is_present(left) or not is_present(right):
        return left is right
    return same(left, right)


def _stand_at(debugger: Debugger, visit: Visit, stage: int) -> None:
    """Put the cursor where a stage of a visit has just come out."""
    debugger.goto_event(visit.entered_event_id)
    for _ in range(2 * len(visit.stages)):  # a Task has two places: where it asks, and where it is answered
        position = position_at(debugger.cursor)
        if position.visit is None or position.visit.number != visit.number:
            return
        is_ended = position.stage is not None and position.stage.status is not StageStatus.WAITING
        if position.revealed > stage and is_ended:
            return
        if debugger.step_into().is_refused:
            return
