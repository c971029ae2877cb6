"""An execution: one run of a definition at one instant, as an immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.asl.definition import State, StateMachine, StatePath
from sfdebug.engine.execution.decisions import BranchId, Decision, ForceChoice, InjectFailure, Provenance
from sfdebug.engine.execution.events import Event
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import Settings
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, TaskRequest, Visit
from sfdebug.values import MISSING, Json, shown_without

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.work import Work


class MapItem(Struct, frozen=True, gc=False):
    """What `$$.Map.Item` says of an iteration: its index and item; in a distributed Map also where the item was read,
    and its key when it is a value of a JSON object. Source: AWS docs, "Context object data for Map states"."""

    index: int
    value: Json
    source: str | None = None
    key: str | None = None

    @property
    def context(self) -> dict[str, Json]:
        """The object in the Context object."""
        item: dict[str, Json] = {"Index": self.index, "Value": self.value}
        if self.key is not None:
            item["Key"] = self.key
        if self.source is not None:
            item["Source"] = self.source
        return item


class Phase(StrEnum):
    """Where a branch stands between two steps of the engine."""

    READY = "ready"
    """About to enter a state; its input is known and can still be edited."""
    WORK = "work"
    """Entered, input computed; about to schedule its task, start its branches, or try again after a Retry."""
    ASKING = "asking"
    """A task is scheduled and waits for its answer."""
    SLEEPING = "sleeping"
    """A Wait, a Retry's delay, or a task's answer that takes time: goes on at `wake_at`."""
    CHILDREN = "children"
    """A Parallel or Map waits for its branches."""
    FAULT = "fault"
    """A fault was raised; about to look for a Retrier or a Catcher."""
    EXIT = "exit"
    """All stages are done; about to leave the state."""
    ENDED = "ended"
    """The execution is over; a branch that ends is gone at once."""


class Branch(Struct, frozen=True, gc=False):
    """One run of a scope: where it stands, in which state, and what that state has under way.

    `visit` is the stay in the current state (None in READY); `input` the raw input of that state, and `edited` says
    who gave it, if not the state before, or, at its exit, who gives its output, if not the state itself. `forced` is a
    decision that waits for the next Choice. `map_item` is the nearest Map iteration around it, for `$$.Map.Item`.
    `child_fault` is what one of its own branches failed with.
    `turn` is when it last moved, by which the engine takes turns. `variables` are those that the branch sees now.
    `child_id` is the child execution that it belongs to, `()` for the execution itself: where its events go.
    `halted` is the work of a Parallel or Map that failed, as it was then: what a redrive goes on with.
    """

    id: BranchId
    scope_path: StatePath
    phase: Phase
    state_name: str
    input: Json
    previous_event_id: int
    visit: Visit | None = None
    wake_at: int | None = None
    request: TaskRequest | None = None
    child_fault: Fault | None = None
    turn: int = 0
    edited: Provenance | None = None
    forced: ForceChoice | None = None
    map_item: MapItem | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)
    child_id: BranchId = ()
    work: Work | None = field(default=None)
    halted: Work | None = field(default=None)

    __repr__ = shown_without("variables", "work", "halted")


class CompiledMachine(Protocol):
    """What an execution runs: a definition with its states compiled. It is made above, by `engine.program`."""

    @property
    def machine(self) -> StateMachine:
        """The definition."""

    @property
    def scopes(self) -> Mapping[StatePath, Mapping[str, Any]]:
        """By scope and name, the states' programs, which only those know who take steps with them."""

    def state(self, scope_path: StatePath, name: str) -> State:
        """The state called `name` in a scope."""


class Execution(Struct, frozen=True, eq=False, gc=False):
    """One instant of a run. `branches` holds the live ones, `visits` the visits that are over, in that order.

    `output` is a JSON value; MISSING until the execution has succeeded. It is typed as Any, for who indexes into it.
    `children` are the child executions of distributed Maps that run now, `ended_children` those that are over.
    `unfinished` are the branches that failed or were cut short, as they were, the newest of each id last: a redrive
    goes on with them. `redriven_at` is when the last of `redrive_count` redrives was, on the clock.
    """

    program: CompiledMachine
    settings: Settings
    input: Json
    status: ExecutionStatus
    clock: int
    branches: Mapping[BranchId, Branch]
    events: Log[Event]
    visits: Log[Visit]
    decisions: Log[Decision]
    visit_count: int = 0
    turn: int = 0
    draws: int = 0
    invocations: Mapping[StatePath, int] = field(default_factory=dict)
    injections: tuple[InjectFailure, ...] = ()
    children: Mapping[BranchId, ChildExecution] = field(default_factory=dict)
    ended_children: Log[ChildExecution] = field(default_factory=Log)
    output: Any = MISSING
    fault: Fault | None = None
    moved: BranchId = ()
    unfinished: Log[Branch] = field(default_factory=Log)
    redrive_count: int = 0
    redriven_at: int | None = None

    __repr__ = shown_without("program", "events", "visits", "decisions", "children", "ended_children", "unfinished")

    @property
    def machine(self) -> StateMachine:
        """The definition that runs."""
        return self.program.machine

    def moment(self, at: int | None) -> int:
        """When a decision happens that says `at`: time never goes back."""
        return self.clock if at is None else max(at, self.clock)

    @property
    def error(self) -> str | None:
        """The error name of a failed execution."""
        return self.fault.error if self.fault else None

    @property
    def cause(self) -> str | None:
        """The cause of a failed execution."""
        return self.fault.cause if self.fault else None

    def forgetting(self, kept: int) -> Execution:
        """The execution without what has happened in it, but for the last `kept` events, visits and decisions."""
        return replace(
            self,
            events=self.events.forgetting(kept),
            visits=self.visits.forgetting(kept),
            decisions=self.decisions.forgetting(kept),
        )

    def forgetting_visits(self, kept: int) -> Execution:
        """The execution with all of its events, but without what led to them: only the last `kept` visits, with their
        stages, and decisions."""
        return replace(self, visits=self.visits.forgetting(kept), decisions=self.decisions.forgetting(kept))

    @property
    def history(self) -> list[dict[str, Any]]:
        """All events so far in the shape of GetExecutionHistory's `events`."""
        return [event.as_dict() for event in self.events]
