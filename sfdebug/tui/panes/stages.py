"""The stages of a visit, one line each with its expression and what it changed.

What is looked at is the visit at the cursor, an earlier visit, or a state not visited yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.debugger.view.lines import variables_of
from sfdebug.debugger.view.model import PENDING, StageLine
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import TaskSilence
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.engine.execution.work import PreparedWork, TaskWork
from sfdebug.engine.plan import planned_stages
from sfdebug.text import clean
from sfdebug.tui.keys import key_of
from sfdebug.tui.painting.describe import WAITS, attempt_text, expression_text, outcome, stage_title
from sfdebug.tui.painting.glyphs import breakpoint_sign, glyphs_of
from sfdebug.tui.painting.paint import column, fit
from sfdebug.tui.widgets.line_list import LineList
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.view.model import Variable, View
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

CUT_OFF = "cut off before a result"


class StageSelection(Struct, frozen=True):
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


def selection_here(view: View) -> StageSelection:
    """The stages at the cursor."""
    if view.is_about_to_run:
        note = "about to run"
    elif view.is_finished:
        note = "the last"
    elif view.attempt > 1:
        note = attempt_text(view)
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
        return "its answer comes next"
    return WAITS


def selection_of_visit(visit: Visit, number: int, count: int, marked: tuple[StageLine, ...] = ()) -> StageSelection:
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


def selection_of_state(state: State) -> StageSelection:
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


_NAME_WIDTH: Final = 14
_MARK_WIDTH: Final = 5
_LEAST_EXPRESSION: Final = 12
"""An expression keeps so many columns; what it came to has the others, if it needs them."""


class StagesPanel(LineList):
    """Shows a `StageSelection`; the row with the cursor is the stage whose data the data pane shows."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look: StageSelection | None = None
        self._longest_title = _NAME_WIDTH
        self.breakpoints: Breakpoints | None = None
        """Those of which the stages have marks."""

    @property
    def look(self) -> StageSelection | None:
        """What is shown."""
        return self._look

    def show(self, look: StageSelection) -> None:
        """Show these stages, with the cursor on the one at hand."""
        self._look = look
        self._longest_title = max((len(stage_title(line)) for line in look.lines), default=0)
        self.rows_changed(cursor=max(0, look.index))

    @property
    def empty_text(self) -> str:
        """What stands there when a state has no stages."""
        return f"no stages here: {key_of('step.into')} takes one step"

    @property
    def standing_row(self) -> int | None:
        """The stage at hand."""
        return self._look.index if self._look is not None and self._look.is_here and self._look.index >= 0 else None

    def count_rows(self) -> int:
        """One row for each stage."""
        return len(self._look.lines) if self._look else 0

    def row_text(self, row: int) -> str:
        """Name, expression and outcome."""
        line = self._line(row)
        return f"{stage_title(line)} {expression_text(line)} {self._outcome(line)}"

    def _outcome(self, line: StageLine) -> str:
        assert self._look is not None
        return clean(outcome(line, self._look.before(line), self._look.waiting))

    def _line(self, row: int) -> StageLine:
        assert self._look is not None
        return self._look.lines[row]

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`▸✓ InputPath     $.order          − customer`."""
        assert self._look is not None
        line, glyphs = self._line(row), glyphs_of(self)
        is_at_hand = row == self._look.index
        mark, paint = stage_mark(line, glyphs)
        plain = "faint" if line.is_pending else ""
        name_width = min(self._longest_title, _NAME_WIDTH if width >= 40 else max(6, width // 4))
        room = width - _MARK_WIDTH - name_width - 2
        result = self._outcome(line)
        least = max(room * 2 // 3, room - cell_len(clean(expression_text(line))) - 2, room - _LEAST_EXPRESSION - 2)
        result_width = min(cell_len(result), least)
        expression_width = max(0, room - result_width - (2 if result else 0))
        pieces: list[Piece] = [
            *self._pointer(line, glyphs, "current" if is_at_hand else ""),
            (mark, paint),
            origin_mark(line, glyphs),
            (" ", ""),
            (column(stage_title(line), name_width), "strong" if is_at_hand else plain),
            (" ", ""),
            (column(expression_text(line), expression_width), "faint" if line.is_pending else "muted"),
        ]
        if result:
            pieces += [("  ", ""), (fit(result, result_width), outcome_paint(line, result, glyphs))]
        return pieces

    def _pointer(self, line: StageLine, glyphs: Glyphs, paint: str) -> list[Piece]:
        """The sign of a breakpoint on the stage, and whether it is the one at hand."""
        pointer = glyphs.current if paint else " "
        state = self._look.state if self._look is not None else None
        if state is None or self.breakpoints is None or not self.breakpoints.all:
            return [(f" {pointer}", paint)]
        sign = self.breakpoints.stage_sign(state.name, line.name, line.index)
        mark = "faint" if sign is BreakpointSign.OFF else "breakpoint"
        return [(breakpoint_sign(sign, glyphs) or " ", mark), (pointer, paint)]


def origin_mark(line: StageLine, glyphs: Glyphs) -> Piece:
    """In a recording: whether the value was recorded, and recorded and computed agree."""
    if not line.origin:
        return (" ", "")
    from sfdebug.debugger.recorded.origins import Origin  # here: a simulation does without what replays

    signs: dict[str, Piece] = {
        Origin.BOTH: (glyphs.alike, "done"),
        Origin.DIFFERS: (glyphs.differs, "failed"),
        Origin.RECORDED: (glyphs.recorded, "muted"),
    }
    return signs.get(line.origin, (" ", ""))


def stage_mark(line: StageLine, glyphs: Glyphs) -> Piece:
    """The sign of a stage's status, and its paint."""
    if line.name is StageName.REDRIVE or (line.name is StageName.RETRY and line.status == StageStatus.MATCHED):
        return glyphs.retry, "waiting"
    if line.name is StageName.CATCH and line.status == StageStatus.MATCHED:
        return glyphs.caught, "caught"
    if line.is_pending:
        return glyphs.unvisited, "unvisited"
    return {
        StageStatus.DONE: (glyphs.done, "done"),
        StageStatus.MATCHED: (glyphs.done, "done"),
        StageStatus.FAILED: (glyphs.failed, "failed"),
        StageStatus.WAITING: (glyphs.waiting, "waiting"),
        StageStatus.NOT_MATCHED: (glyphs.skipped, "muted"),
        StageStatus.FORCED: (glyphs.forced, "current"),
        StageStatus.INJECTED: (glyphs.injected, "failed"),
    }[StageStatus(line.status)]


def outcome_paint(line: StageLine, text: str, glyphs: Glyphs) -> str:
    """Failures, additions, removals and changes each have their colour, next to their sign."""
    stage = line.stage
    if stage is not None and stage.fault is not None and stage.detail is None:
        return "failed"
    signs = {"+": "added", "−": "removed", "-": "removed", "~": "changed", glyphs.removed: "removed"}
    return signs.get(text[:1], "muted")
