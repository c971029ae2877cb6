"""Asking for an explanation: of where the cursor stands, of a stage there, of one of another visit or state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.explaining.explain import bounded, explain
from sfdebug.debugger.explaining.faults import asked_next, without_preamble
from sfdebug.debugger.explaining.model import StageExplanation, StageFacts
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.view.lines import stage_lines
from sfdebug.debugger.view.model import StageLine
from sfdebug.debugger.wording.positions import container_of, end, progress_of
from sfdebug.debugger.wording.values import fault_name, listed, named
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import RUNTIME
from sfdebug.engine.plan import planned_stages
from sfdebug.errors import UsageError
from sfdebug.values import is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.debugger.view.build import ViewBuilder
    from sfdebug.debugger.wording.positions import Progress
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit


def explained(
    execution: Execution,
    state: State,
    visit: Visit | None,
    row: int,
    revealed: int,
    *,
    branch: BranchId = (),
    progress: Progress | None = None,
    about_to_call: str = "",
    is_made_up: bool = False,
) -> StageExplanation:
    """Stage `row` of a visit of which `revealed` stages are shown, or of a visit to `state` that has not begun.

    Raises UsageError when there is none.
    """
    if visit is not None and 0 <= row < revealed:  # one of thousands, perhaps: the others are not looked at
        stage = visit.stages[row]
        line = StageLine(stage.name, stage.expression, stage.status, stage, stage.index)
    else:
        lines = stage_lines(state, visit, revealed)
        if not 0 <= row < len(lines):
            raise UsageError(f"there is no stage {row} here", fix=f"There are {len(lines)}, counted from 0.")
        line = lines[row]
    inside = visit.branch if visit is not None else branch
    return explain(
        StageFacts(
            state=state,
            name=line.name,
            expression=line.expression,
            index=line.index,
            row=min(row, revealed),
            stage=line.stage,
            visit=visit,
            execution=execution,
            container=container_of(execution, inside) or _around(execution, state),
            progress=progress,
            about_to_call=about_to_call,
            is_made_up=is_made_up,
        )
    )


class StageExplainer:
    """Explains what stands on a timeline."""

    def __init__(self, timeline: Timeline, views: ViewBuilder, recorded: RecordedSession | None) -> None:
        self._timeline = timeline
        self._views = views
        self._is_made_up = recorded is not None and recorded.is_reconstructed

    def asked(self, row: int | None, visit: Visit | None, path: StatePath | None) -> StageExplanation:
        """A stage of a visit, of a state as if it were entered, or where the cursor stands. Raises UsageError."""
        if visit is not None:
            return self._visit(visit, len(visit.stages) - 1 if row is None else row)
        return self._here(row) if path is None else self._state(path, row or 0)

    def _here(self, row: int | None) -> StageExplanation:
        here = position_at(self._timeline.cursor)
        is_end = here.is_over and here.node.visit is None
        if row is None and (here.state is None or here.visit is None or here.stage is None or is_end):
            return self._place(here)
        last = here.revealed - 1
        row = last if row is None else row
        if here.state is None:
            raise UsageError("there is no stage here", fix="The execution has entered no state.")
        is_last = row == last
        return explained(
            here.execution,
            here.state,
            here.visit,
            row,
            here.revealed,
            branch=here.focus,
            progress=progress_of(here.branch) if is_last else None,
            about_to_call=self._views.called_next(here) if is_last else "",
            is_made_up=self._is_made_up,
        )

    def _visit(self, visit: Visit, row: int) -> StageExplanation:
        execution = self._timeline.cursor.node.execution
        return explained(execution, visit.state, visit, row, len(visit.stages), is_made_up=self._is_made_up)

    def _state(self, path: StatePath, row: int) -> StageExplanation:
        execution = self._timeline.cursor.node.execution
        try:
            state = execution.machine.state(path)
        except KeyError:
            raise UsageError(f"there is no state {path!r}", fix="Name it by its path, as State.path has it.") from None
        return explained(execution, state, None, row, 0, is_made_up=self._is_made_up)

    # Between the stages

    def _place(self, here: Position) -> StageExplanation:
        """Before a state is entered, and at the end of all."""
        happened = bounded(without_preamble(self._views.sentence_at(here)))
        if here.is_over or here.state is None:
            return StageExplanation(happened or bounded(end(here.execution)), bounded(_why_over(here)))
        if self._is_made_up:
            return StageExplanation(happened, _NOT_KNOWN)
        return StageExplanation(happened, bounded(_stages_of(here.state)))


_NOT_KNOWN: Final = "The definition is not known, and a history does not say what fields the state has."


def _around(execution: Execution, state: State) -> State | None:
    """The Parallel or Map that a state is written in."""
    return execution.machine.state(state.path[:-2]) if len(state.path) > 2 else None


def _stages_of(state: State) -> str:
    """Which stages a visit goes through, as far as the state has fields for them; and who is asked about errors."""
    if state.type is StateType.CHOICE:
        return "Its rules are tried in their order, and the first that matches decides."
    names = [
        str(name)
        for name, expression in planned_stages(state)
        if name is not StageName.INPUT and (name is not StageName.OUTPUT or is_present(expression))
    ]
    order = f"Its data go through {listed(names, most=len(names))}, in this order."
    if len(names) < 2:
        order = "It has no field that shapes its data."
    return f"{order} {_asked_on_error(state)}".rstrip()


def _asked_on_error(state: State) -> str:
    """Who would be asked about an error of the state, as a sentence; "" where nobody is."""
    if state.retriers and state.catchers:
        return "Its Retriers, then its Catchers, are asked about an error."
    if state.retriers:
        return "Its Retriers are asked about an error."
    return "Its Catchers are asked about an error." if state.catchers else ""


def _why_over(here: Position) -> str:
    """Why an execution is over."""
    execution, state = here.execution, here.state
    if execution.status is ExecutionStatus.SUCCEEDED:
        name = named(state.name) if state is not None else "the last state"
        return f"No state comes after {name}: its output is the output of the execution."
    if execution.status is ExecutionStatus.TIMED_OUT:
        return "The time for a whole execution is its own limit: no Retry and no Catch of a state is asked about it."
    if execution.status is ExecutionStatus.ABORTED:
        return "Somebody stopped it from outside: no Retry and no Catch of a state is asked about it."
    if state is None or here.visit is None or here.visit.fault is None:
        return "Nothing in the execution took the error."
    if state.type is StateType.FAIL:
        return "A Fail ends the execution: it has no Retry and no Catch."
    error = here.visit.fault.error
    if error == RUNTIME:
        return "States.Runtime can be neither retried nor caught, so it ends the execution."
    if state.retriers or state.catchers:
        return f"Neither Retry nor Catch of {named(state.name)} takes {fault_name(here.visit.fault)} any more."
    return f"{asked_next(state)} An error that nobody takes ends the execution."
