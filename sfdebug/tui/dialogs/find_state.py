"""All states of the machine, or all visits to one of them, to find one by typing and go there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.view.model import MarkStatus, StateMark
from sfdebug.debugger.wording.positions import branch_label
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import Visit, VisitStatus
from sfdebug.times import clock_text
from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
from sfdebug.tui.graph.marks import paint_of, sign_of, status_words

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine, StatePath
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.tui.painting.glyphs import Glyphs

_UNMARKED: Final = StateMark()
_MARKS: Final = {
    VisitStatus.RUNNING: MarkStatus.WAITING,
    VisitStatus.SUCCEEDED: MarkStatus.DONE,
    VisitStatus.CAUGHT: MarkStatus.CAUGHT,
    VisitStatus.FAILED: MarkStatus.FAILED,
    VisitStatus.ABORTED: MarkStatus.ABORTED,
}
_FAILED: Final = (VisitStatus.FAILED, VisitStatus.CAUGHT)


def find_state_dialog(
    machine: StateMachine, marks: Mapping[StatePath, StateMark], selected: StatePath, glyphs: Glyphs
) -> ListDialog[StatePath]:
    """The states as they stand in the definition, content indented; the answer is a state's path."""
    items = [_state_item(state, marks.get(state.path, _UNMARKED), selected, glyphs) for state in machine.walk()]
    return ListDialog("Go to which state?", items, "Part of a name, a type, or how it stands: failed.", verb="go there")


def _state_item(state: State, mark: StateMark, selected: StatePath, glyphs: Glyphs) -> ListItem[StatePath]:
    depth = sum(isinstance(step, str) for step in state.path) - 1
    is_blank = mark.status is MarkStatus.UNVISITED and not (mark.breakpoint or mark.forced or mark.injected)
    detail = f"{state.type}, {', '.join(status_words(mark))}"
    return ListItem(
        state.path,
        "  " * depth + state.name,
        detail,
        glyphs.unvisited if is_blank else sign_of(mark, glyphs),
        paint_of(mark),
        state.path == selected,
    )


def find_visit_dialog(
    state: State, visits: Iterable[Visit], execution: Execution, looked_at: int, glyphs: Glyphs
) -> ListDialog[int]:
    """The visits to `state`, those that failed first; the answer is the visit's number in the order of entry, from 1.

    `looked_at` is that of the visit whose stages are on the screen.
    """
    numbered = list(enumerate(visits, start=1))
    items = [
        ListItem(
            number,
            f"visit {number:,}" + (f", {branch_label(execution, visit.branch)}" if visit.branch else ""),
            _visit_text(visit, execution),
            sign_of(StateMark(_MARKS[visit.status]), glyphs),
            paint_of(StateMark(_MARKS[visit.status])),
            number == looked_at,
        )
        for number, visit in sorted(numbered, key=lambda pair: pair[1].status not in _FAILED)
    ]
    return ListDialog(
        f"Which visit to {named(state.name)}?", items, "Those that failed stand first.", verb="look at it",
        nothing="it has not been visited yet",
    )  # fmt: skip


def _visit_text(visit: Visit, execution: Execution) -> str:
    """`at 00:00:07, caught PaymentDeclined, attempt 3`."""
    parts = [f"at {clock_text(visit.entered_at - execution.settings.start_time)}"]
    fault = visit.fault
    error = f" {fault.error}" if fault is not None and fault.error and visit.status in _FAILED else ""
    parts.append(f"{visit.status}{error}")
    if visit.attempt > visit.redriven_after + 1:
        parts.append(f"attempt {visit.attempt - visit.redriven_after}")
    return ", ".join(parts)
