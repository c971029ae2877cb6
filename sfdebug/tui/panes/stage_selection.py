"""What the stages and data panes look at: the visit at the cursor, an earlier visit, or a state not visited yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.debugger.view.model import PENDING, StageLine
from sfdebug.debugger.view.variables import variables_of
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import TaskSilence
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName, VisitStatus
from sfdebug.engine.execution.work import PreparedWork, TaskWork
from sfdebug.engine.plan import planned_stages
from sfdebug.tui.painting.describe import WAITS
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.view.model import View
    from sfdebug.debugger.view.variables import Variable
    from sfdebug.engine.execution.visit import Visit


CUT_OFF = "cut off before a result"


@dataclass(frozen=True, slots=True)
class StageSelection:
    """The stages on the screen. `index` is the stage at hand (-1: none yet); `is_here` means it is the cursor's."""

    state: State | None
    visit: Visit | None
    lines: tuple[StageLine, ...]
    index: int
    note: str
    is_here: bool
    input: Value = MISSING
    variables: tuple[Variable, ...] = ()
    waiting: str = WAITS
    """What is said of a stage whose result is not there."""

    def before(self, line: StageLine) -> Value:
        """What a stage is compared with: the value before it; for ResultPath, which puts a result into it, the
        state's input; for Output, what the last stage before it gave."""
        if line.name is StageName.RESULT_PATH and is_present(self.input):
            return self.input
        if line.name is StageName.OUTPUT and line.stage is not None and not is_present(line.before):
            given = (other.after for other in reversed(self.lines[: self.lines.index(line)]))
            return next(filter(is_present, given), MISSING)
        return line.before

    @property
    def title(self) -> str:
        """The heading of the pane."""
        name = named(self.state.name) if self.state else "the execution"
        return f"Stages of {name}" + (f" · {self.note}" if self.note else "")


def look_here(view: View) -> StageSelection:
    """The stages at the cursor."""
    if view.is_about_to_run:
        note = "about to run"
    elif view.is_finished:
        note = "the last"
    elif view.max_attempts and view.attempt > 1:
        note = f"attempt {view.attempt} of {view.max_attempts}"
    else:
        note = ""
    if view.branch:
        note = f"{view.branch_label}, {note}" if note else view.branch_label
    return StageSelection(
        view.state,
        view.visit,
        view.visit_stages,
        view.stage_index,
        note,
        is_here=True,
        input=view.input,
        variables=view.variables,
        waiting=_waiting(view, view.visit),
    )


def _waiting(view: View, visit: Visit | None) -> str:
    """Who waits, if anybody does, for the result of the visit at hand."""
    branch = view.execution.branches.get(visit.branch) if visit is not None else None
    if visit is None or branch is None or branch.visit is None or branch.visit.number != visit.number:
        return CUT_OFF
    if branch.phase is Phase.CHILDREN:
        return "runs"
    work = branch.work
    answer = work.answer if isinstance(work, (TaskWork, PreparedWork)) else None
    if isinstance(answer, TaskSilence):
        return "no answer comes"
    if answer is not None:
        return "its answer is on its way"
    if branch.phase is Phase.ASKING and view.question is None:
        return "called; its answer comes next"
    return WAITS


def look_at_visit(visit: Visit, number: int, count: int, marked: tuple[StageLine, ...] = ()) -> StageSelection:
    """The stages of a visit as it was left: the `number`-th of `count` to its state. `marked` are its stages with
    where their values come from."""
    done = tuple(line for line in marked if not line.is_pending)
    lines = done or tuple(
        StageLine(stage.name, stage.expression, stage.status, stage, stage.index) for stage in visit.stages
    )
    which = f"visit {number} of {count}" if count > 1 else "visited before"
    note = f"{which}, {visit.status}"
    is_over = visit.status is not VisitStatus.RUNNING
    return StageSelection(
        visit.state,
        visit,
        lines,
        len(lines) - 1,
        note,
        is_here=False,
        input=visit.input,
        variables=variables_of(visit),
        waiting=CUT_OFF if is_over else WAITS,
    )


def look_at_state(state: State) -> StageSelection:
    """The stages that a visit to `state` would go through."""
    lines: list[StageLine] = []
    rules = 0
    for name, expression in planned_stages(state):
        index = rules if name is StageName.RULE else None
        rules += name is StageName.RULE
        lines.append(StageLine(name, expression, PENDING, None, index))
    return StageSelection(state, None, tuple(lines), -1, "not visited", is_here=False)


def fields_of(state: State) -> Json:
    """A state as it is written in its definition."""
    return dict(state.fields)
