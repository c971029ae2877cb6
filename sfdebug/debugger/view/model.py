"""The view: a frozen picture of the debugger at its cursor, for any face to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath
from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.timeline.forks import ForkInfo
    from sfdebug.debugger.timeline.index import TakenEdges
    from sfdebug.debugger.verbs import Stop
    from sfdebug.debugger.wording.positions import Pending
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.status import ExecutionStatus
    from sfdebug.engine.execution.visit import Stage, TaskRequest, Visit

PENDING = "pending"
"""The status of a stage line that is still to come; the others are `StageStatus`'s."""


class MarkStatus(StrEnum):
    """How a state stands, for the graph. When several of its visits differ, the first in this order counts."""

    CURRENT = "current"
    WAITING = "waiting"
    """Another branch is in this state, and has not left it."""
    FAILED = "failed"
    CAUGHT = "caught"
    DONE = "done"
    ABORTED = "aborted"
    """Its last visit was cut short because another branch failed."""
    UNVISITED = "unvisited"


class StateMark(Struct, frozen=True, gc=False):
    """What the graph shows on a state. `visits` counts entries up to the cursor; `breakpoint` says how the breakpoints
    that it has are shown ("", which is false, for none)."""

    status: MarkStatus = MarkStatus.UNVISITED
    visits: int = 0
    breakpoint: BreakpointSign = BreakpointSign.NONE
    forced: bool = False
    injected: bool = False


class StageLine(Struct, frozen=True, gc=False):
    """One line of the list of stages: done up to the cursor, then those that are planned.

    `status` is a `StageStatus` value, or "pending" for a planned one, which has no `stage` yet. `index` tells
    rules, Retriers and Catchers apart, from 0.
    """

    name: StageName
    expression: Value
    status: str
    stage: Stage | None = None
    index: int | None = None
    origin: str = ""
    """Where the value comes from, in a debugged recording: `Origin`'s words; "" elsewhere."""
    recorded: Value = MISSING
    """What was recorded in place of the value, where that differs."""
    explanations: tuple[str, ...] = ()
    """Why it differs, in sentences."""
    places: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)
    """What was recorded at each place that differs, in a few words."""

    @property
    def is_pending(self) -> bool:
        """Whether this stage is still to come."""
        return self.stage is None

    @property
    def before(self) -> Value:
        """The value that the stage was given."""
        return self.stage.before if self.stage else MISSING

    @property
    def after(self) -> Value:
        """The value that the stage gave."""
        return self.stage.after if self.stage else MISSING


class BranchLine(Struct, frozen=True, gc=False):
    """One live branch, for choosing which to step; or a child execution that has failed, for looking at how.
    `depth` is 0 for the top level.

    `label` is "top level", "branch 2 of 3" or "iteration 4 of 12"; `doing` says in a few words where it stands
    ("about to run", "waits for an answer", "waits until +00:00:37", "waits for its branches").
    """

    id: BranchId
    label: str
    state: str
    doing: str
    depth: int = 0
    is_focused: bool = False
    child_arn: str = ""
    """The ARN of a child execution that is over; "" for a live branch."""


class Variable(Struct, frozen=True, gc=False):
    """One variable. `value` is what the state sees (MISSING: it is not there yet), `assigned` what the state's Assign
    has given it for the states after it (MISSING: nothing so far)."""

    name: str
    value: Value
    assigned: Value = MISSING

    @property
    def mark(self) -> str:
        """ "+" for a new one, "~" for one that gets another value, "" for one that stays as it is."""
        if not is_present(self.assigned):
            return ""
        if not is_present(self.value):
            return "+"
        return "" if same(self.value, self.assigned) else "~"


class View(Struct, frozen=True, gc=False):
    """Everything that a face shows, at the cursor. Equal cursors give equal views, whatever way led there.

    `state` is the state of the branch in focus: of its visit, or the one that it is about to run (`visit` is
    None then and `is_about_to_run` true); when the execution is over, the last one. `visit_stages` are the
    revealed stages of that visit, then the planned ones; `stage_index` points to the last revealed (-1: none).
    `marks` has an entry for every state of the definition. `events` are those of the whole fork, the explored
    future included, in the history of the execution or of the `child` in focus; `event_index` of them have happened.
    `max_attempts` is None when the state has no Retry, or several Retriers, which count each for itself.
    """

    execution: Execution
    status: ExecutionStatus
    state: State | None
    state_path: StatePath
    visit: Visit | None
    is_about_to_run: bool
    input: Value
    branch: BranchId
    branch_label: str
    variables: tuple[Variable, ...]
    """The variables that the state sees, with what its Assign has made of them so far."""
    child: ChildExecution | None
    """The child execution of a Map Run that the branch in focus belongs to; None for the execution itself."""
    child_label: str
    """`child execution 3 of 25`; "" for the execution itself."""
    visit_stages: tuple[StageLine, ...]
    stage_index: int
    marks: Mapping[StatePath, StateMark]
    taken: TakenEdges
    events: Sequence[Event]
    event_index: int
    stop: Stop
    clock_ms: int
    attempt: int
    max_attempts: int | None
    branches: tuple[BranchLine, ...]
    fork_name: str
    fork_id: int
    mode: str
    """What kind of run it is: "simulation", "recording", "live", "fork of a recording"; "followed" for an execution
    that somebody else runs, and "fork of followed"."""
    forks: tuple[ForkInfo, ...]
    sentence: str
    pending: Pending | None
    """What the user decided right ahead of the cursor, so that going on follows it; its text is part of `sentence`."""
    question: TaskRequest | None
    node_id: int
    is_at_tip: bool
    """Whether nothing is explored beyond the cursor on this fork."""
    is_finished: bool
    """Whether the execution is over at the cursor."""

    @property
    def stage(self) -> Stage | None:
        """The stage at the cursor."""
        return self.visit_stages[self.stage_index].stage if self.stage_index >= 0 else None
