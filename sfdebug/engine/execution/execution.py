"""An execution: one run of a definition at one instant, as an immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateMachine, StatePath
from sfdebug.engine.execution.decisions import BranchId, Decision, ForceChoice, InjectFailure, Provenance
from sfdebug.engine.execution.events import Event
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, TaskRequest, Visit
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.work import Work
    from sfdebug.engine.program import Program


class ObjectItems(StrEnum):
    """Which Maps take a JSON object for their items, and iterate over its pairs; in the others it is no array.

    The guide has it for every Map, its example is an inline one ("ItemsPath (Map, JSONPath only)"). Measured on AWS in
    2026 it is for distributed ones (iwamot/sfnx); a TestState recorded after that day has an inline one that fails.
    """

    NOWHERE = "nowhere"
    """As in the executions recorded before September 2025 (AWS docs, document history)."""
    DISTRIBUTED = "distributed"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run takes from outside before it starts. Equal settings and decisions give equal executions.

    `context` takes the place of the Context object, but for its Map and Task; `jsonata_limits` bounds what an
    expression may take; `object_items` says which Maps iterate over the pairs of a JSON object;
    `checks_arguments` whether the arguments of an AWS SDK integration are held against its API when the Task starts,
    which takes botocore: without it, or with one that is older than a field, say no. Random numbers are drawn from
    `draws_from` to `draws_below`, a part of [0, 1): from both of its ends, they show what hangs on them.
    """

    execution_type: str = "STANDARD"
    name: str = "execution"
    state_machine_name: str = "StateMachine"
    start_time: int = 1_735_689_600_000
    seed: int = 0
    draws_from: float = 0.0
    draws_below: float = 1.0
    region: str = "us-east-1"
    account: str = "123456789012"
    role_arn: str = "arn:aws:iam::123456789012:role/sfdebug"
    max_payload_bytes: int = MAX_PAYLOAD_BYTES
    max_history_events: int = MAX_HISTORY_EVENTS
    context: Mapping[str, Json] | None = None
    jsonata_limits: JsonataLimits = DEFAULT_LIMITS
    object_items: ObjectItems = ObjectItems.EVERYWHERE
    checks_arguments: bool = True


@dataclass(frozen=True, slots=True)
class MapItem:
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


@dataclass(frozen=True, slots=True)
class Branch:
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
    variables: Mapping[str, Json] = field(default_factory=dict, repr=False)
    child_id: BranchId = ()
    work: Work | None = field(default=None, repr=False)
    halted: Work | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Execution:
    """One instant of a run. `branches` holds the live ones, `visits` the visits that are over, in that order.

    `children` are the child executions of distributed Maps that run now, `ended_children` those that are over.
    `unfinished` are the branches that failed or were cut short, as they were, the newest of each id last: a redrive
    goes on with them. `redriven_at` is when the last of `redrive_count` redrives was, on the clock.
    """

    program: Program = field(repr=False)
    settings: Settings
    input: Json
    status: ExecutionStatus
    clock: int
    branches: Mapping[BranchId, Branch]
    events: Log[Event] = field(repr=False)
    visits: Log[Visit] = field(repr=False)
    decisions: Log[Decision] = field(repr=False)
    visit_count: int = 0
    turn: int = 0
    draws: int = 0
    invocations: Mapping[StatePath, int] = field(default_factory=dict)
    injections: tuple[InjectFailure, ...] = ()
    children: Mapping[BranchId, ChildExecution] = field(default_factory=dict, repr=False)
    ended_children: Log[ChildExecution] = field(default_factory=Log, repr=False)
    output: Value = MISSING
    fault: Fault | None = None
    moved: BranchId = ()
    unfinished: Log[Branch] = field(default_factory=Log, repr=False)
    redrive_count: int = 0
    redriven_at: int | None = None

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

    @property
    def history(self) -> list[dict[str, Json]]:
        """All events so far in the shape of GetExecutionHistory's `events`."""
        return [event.as_dict() for event in self.events]
