"""The draft of a step: what one step of the engine changes, until it is committed.

`step` takes an immutable execution and gives the next one. Between the two, a `StepDraft` gathers what changes: the
moving branch, its visit and stages, other branches that this touches, and the events. Nothing of it outlives
the step; `commit` freezes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.branches import drafted, frozen
from sfdebug.engine.execution.children import ChildExecution, Identity, root_identity
from sfdebug.engine.execution.decisions import BranchId, Decision, InjectFailure, Provenance
from sfdebug.engine.execution.events import NOT_TRUNCATED, Event, EventType
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import SeededEntropy
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RequestKind, StageName, TaskRequest, Visit, VisitStatus
from sfdebug.engine.faults import QUERY_EVALUATION_ERROR, StateError
from sfdebug.engine.visit_draft import VisitDraft
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State, StatePath
    from sfdebug.engine.execution.decisions import ForceChoice
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.engine.execution.work import Work


_NO_EVENTS: Final[Log[Event]] = Log()


class StepDraft:
    """The changes that one step makes to one execution, as plain attributes that the states' code sets.

    `visit` is the one in hand, while `is_visiting`: between two states there is none. `branches` are all branches as
    they stand within this step, but for the moving one, which is in the draft itself. `ended_visits` are those that the
    step ends, `unfinished` the branches that it cuts short.
    """

    __slots__ = (
        "_ended_children",
        "_entropy",
        "_events_before",
        "_log",
        "_other_logs",
        "_step_follows",
        "_was_unfinished",
        "branches",
        "child_fault",
        "child_id",
        "children",
        "clock",
        "edited",
        "ended_visits",
        "execution",
        "fault",
        "forced",
        "halted",
        "id",
        "injections",
        "input",
        "invocations",
        "is_visiting",
        "map_item",
        "output",
        "phase",
        "previous_event_id",
        "request",
        "scope_path",
        "settings",
        "state_name",
        "status",
        "task_token",
        "unfinished",
        "variables",
        "visit",
        "visit_count",
        "wake_at",
        "work",
    )  # a step is too short to look all of these up in a dict

    visit: VisitDraft

    def __init__(self, execution: Execution, branch: Branch) -> None:
        self.is_visiting = branch.visit is not None
        if branch.visit is not None:
            self.visit = VisitDraft.of(branch.visit)
        self.execution = execution
        self.settings = execution.settings
        self.id: BranchId = branch.id
        self.scope_path = branch.scope_path
        self.phase: Phase = branch.phase
        self.state_name: str = branch.state_name
        self.input: Json = branch.input
        self.previous_event_id: int = branch.previous_event_id
        self.wake_at: int | None = branch.wake_at
        self.request: TaskRequest | None = branch.request
        self.work: Work | None = branch.work
        self.forced: ForceChoice | None = branch.forced
        self.map_item = branch.map_item
        self.edited = branch.edited
        self.child_fault: Fault | None = branch.child_fault
        self.halted: Work | None = branch.halted
        self.variables = branch.variables
        self.child_id = branch.child_id
        self.task_token: str | None = None
        self.clock = execution.clock
        self.status = execution.status
        self.output: Value = execution.output
        self.fault: Fault | None = execution.fault
        self.invocations = execution.invocations
        self.injections = execution.injections
        self._entropy: SeededEntropy | None = None
        self.visit_count = execution.visit_count
        self.children = execution.children
        self._ended_children: list[ChildExecution] = []
        self._step_follows: int | None = None
        self._events_before = len(self.events_before(branch.child_id))
        self._log: list[Event] = []
        self._other_logs: dict[BranchId, list[Event]] = {}
        self.branches = drafted(execution.branches)
        self.ended_visits: list[Visit] = []
        self.unfinished: list[Branch] = []
        self._was_unfinished = execution.unfinished

    @property
    def identity(self) -> Identity:
        """What the Context object calls the execution that the moving branch is in."""
        child = self.children.get(self.child_id) if self.child_id else None
        if child is not None:
            return child.identity
        execution = self.execution
        return root_identity(self.settings, execution.input, execution.redrive_count, execution.redriven_at)

    # events

    def emit(
        self,
        event_type: EventType,
        details: dict[str, Json] | None = None,
        *,
        previous: int | None = None,
        advance: bool = True,
        branch: BranchId | None = None,
        state: str | None = None,
        child_id: BranchId | None = None,
    ) -> int:
        """Add an event and return its id. It follows the branch's last event, and becomes it unless not `advance`.

        `child_id` is the child execution whose history it goes to, by default that of the moving branch.
        """
        if child_id is None or child_id == self.child_id:
            log, before = self._log, self._events_before
        else:
            log, before = self._other_logs.setdefault(child_id, []), len(self.events_before(child_id))
        event_id = before + len(log) + 1
        log.append(
            Event(
                event_id,
                self.previous_event_id if previous is None else previous,
                event_type,
                self.settings.start_time + self.clock,
                self.id if branch is None else branch,
                self.state_name if state is None else state,
                details,
            )
        )
        if advance:
            self.previous_event_id = event_id
        return event_id

    @property
    def is_near_the_limit(self) -> bool:
        """Whether the moving branch's history has come to where AWS would take no more than one event."""
        return self._events_before + len(self._log) >= self.settings.max_history_events - 1

    def events_before(self, child_id: BranchId) -> Log[Event]:
        """The history that a child execution, or the execution itself, had before this step."""
        if not child_id:
            return self.execution.events
        child = self.execution.children.get(child_id)
        return child.events if child else _NO_EVENTS

    @property
    def entropy(self) -> SeededEntropy:
        """Where this step's random numbers come from."""
        if self._entropy is None:
            before, of = self.execution.draws, self.settings
            self._entropy = SeededEntropy(of.seed, before, of.draws_from, of.draws_below)
        return self._entropy

    def emit_evaluation_failed(self, failure: StateError) -> Fault:
        """The fault that `failure` becomes; one of a JSONata expression leaves an EvaluationFailed event.

        Recorded: it follows the event that the step began with, as if those of the same step were not there: the one
        before the state was entered, or the one before a container's own Failed. But for a Wait.
        """
        fault = self.visit.fault_of(failure)
        if failure.error == QUERY_EVALUATION_ERROR:
            details: dict[str, Json] = {**fault.details, "state": self.state_name}
            if failure.location is not None:
                details["location"] = failure.location
            self.emit(EventType.EVALUATION_FAILED, details, previous=self._step_follows)
        return fault

    def begin_handling(self) -> None:
        """A fault is about to be handled: what goes wrong on the way follows the event that stands last now."""
        self._step_follows = self.previous_event_id

    # the visit and its stages

    def begin_visit(self, state: State, event_type: EventType) -> None:
        """Open the visit of `state`, with its StateEntered event, of that type, and its Input stage."""
        self.visit_count += 1
        if state.type is not StateType.WAIT:
            self._step_follows = self.previous_event_id
        event_id = self.emit(
            event_type,
            {"name": state.name, "input": self.input, "inputDetails": NOT_TRUNCATED},
        )
        self.is_visiting = True
        self.visit = visit = VisitDraft(
            self.visit_count,
            self.id,
            state,
            self.input,
            event_id,
            self.settings.start_time + self.clock,
            self.variables,
            edited=self.edited is not None,
        )
        visit.stage(StageName.INPUT, MISSING, self.input, provenance=self.edited or Provenance.COMPUTED)
        self.edited = None
        self.halted = None

    # where the branch goes

    def raise_fault(self, fault: Fault) -> None:
        """The state failed: the next step looks for a Retrier or a Catcher."""
        self.visit.fault = fault
        self.phase = Phase.FAULT
        self.wake_at = None
        self.request = None

    def ready_to_exit(self, output: Json, next_state: str | None) -> None:
        """All stages are done: the next step leaves the state."""
        visit = self.visit
        if visit.stages[-1].name is not StageName.OUTPUT:  # JSONata's Output is a stage already
            visit.stage(StageName.OUTPUT, MISSING, output)
        visit.output = output
        visit.next = next_state
        self.phase = Phase.EXIT
        self.work = None
        self.wake_at = None

    def sleep(self, milliseconds: float) -> None:
        """Go on after so much virtual time."""
        self.phase = Phase.SLEEPING
        self.wake_at = self.clock + max(0, round(milliseconds))

    def ask(
        self,
        input: Json,
        scheduled_event_id: int,
        *,
        timeout_seconds: int | None = None,
        heartbeat_seconds: int | None = None,
        task_token: str | None = None,
        kind: RequestKind = RequestKind.TASK,
        is_optional: bool = False,
    ) -> None:
        """Ask the outside, and wait for its answer."""
        visit, identity = self.visit, self.identity
        self.phase = Phase.ASKING
        self.request = TaskRequest(
            self.id,
            visit.state,
            input,
            visit.attempt,
            self._count_invocation(visit.state.path),
            scheduled_event_id,
            timeout_seconds,
            heartbeat_seconds,
            task_token,
            kind,
            is_optional,
            self.settings.nested_in,
            identity.arn,
            identity.state_machine_arn,
            self.settings.started_by,
        )

    def end_visit(self, status: VisitStatus) -> None:
        """Close the visit in hand; it goes to the execution's list of ended visits."""
        self.visit.status = status
        self.ended_visits.append(self.visit.frozen())
        self.is_visiting = False

    def take_injection(self, path: StatePath) -> InjectFailure | None:
        """The failure injected into the state at `path`, if any; uses up one of its attempts."""
        for position, injection in enumerate(self.injections):
            if injection.state == path:
                rest: tuple[InjectFailure, ...] = ()
                if injection.attempts > 1:
                    rest = (InjectFailure(path, injection.error, injection.cause, injection.attempts - 1),)
                self.injections = (*self.injections[:position], *rest, *self.injections[position + 1 :])
                return injection
        return None

    def _count_invocation(self, path: StatePath) -> int:
        """How many times the Task at `path` was called before in this execution; counts this call."""
        before = self.invocations.get(path, 0)
        self.invocations = {**self.invocations, path: before + 1}
        return before

    # what a redrive goes on with

    def keep_unfinished(self) -> None:
        """Keep the moved branch, which fails or is cut short, as it stands now."""
        self.unfinished.append(self._frozen_branch(self.execution.turn))

    def forget_unfinished(self) -> None:
        """The Parallel or Map of the moving branch has got over the failure of its branches: nobody goes on there."""
        if len(self._was_unfinished):
            depth = len(self.id)
            kept = [branch for branch in self._was_unfinished if branch.id[:depth] != self.id]
            if len(kept) < len(self._was_unfinished):
                self._was_unfinished = Log(kept)

    # child executions

    def start_child(self, child: ChildExecution, branch: Branch) -> None:
        """Add a child execution, and the branch that runs it."""
        self.children = {**self.children, child.id: child}
        self.branches[branch.id] = branch

    def end_child(
        self, child_id: BranchId, status: ExecutionStatus, output: Value = MISSING, fault: Fault | None = None
    ) -> None:
        """A child execution is over; its last event has been emitted."""
        child = replace(
            self.children[child_id],
            status=status,
            output=output,
            fault=fault,
            ended_at=self.settings.start_time + self.clock,
            events=self._with_new_events(child_id, self.children[child_id].events),
        )
        if child_id == self.child_id:
            self._log = []
        else:
            self._other_logs.pop(child_id, None)
        self.children = {key: kept for key, kept in self.children.items() if key != child_id}
        self._ended_children.append(child)

    def _with_new_events(self, child_id: BranchId, events: Log[Event]) -> Log[Event]:
        new = self._log if child_id == self.child_id else self._other_logs.get(child_id)
        return events.append(*new) if new else events

    # the end of the step

    def end_execution(self, status: ExecutionStatus, output: Value, fault: Fault | None) -> None:
        """The whole execution is over."""
        self.status = status
        self.output = output
        self.fault = fault
        self.phase = Phase.ENDED

    def commit(self, decision: Decision) -> Execution:
        """The next execution."""
        before = self.execution
        turn = before.turn + 1
        branches = self.branches
        if self.phase is Phase.ENDED and self.id:
            branches.pop(self.id, None)
        else:
            branches[self.id] = self._frozen_branch(turn)
        unfinished = self._was_unfinished
        return Execution(
            before.program,
            before.settings,
            before.input,
            self.status,
            self.clock,
            frozen(branches),
            self._with_new_events((), before.events),
            before.visits.append(*self.ended_visits) if self.ended_visits else before.visits,
            before.decisions.append(decision),
            self.visit_count,
            turn,
            before.draws if self._entropy is None else self._entropy.drawn,
            self.invocations,
            self.injections,
            self._grown_children() if self.children else self.children,
            before.ended_children.append(*self._ended_children) if self._ended_children else before.ended_children,
            self.output,
            self.fault,
            self.id,
            unfinished.append(*self.unfinished) if self.unfinished else unfinished,
            before.redrive_count,
            before.redriven_at,
        )

    def _grown_children(self) -> Mapping[BranchId, ChildExecution]:
        """The child executions with the events of this step."""
        grown = {
            child_id: replace(child, events=self._with_new_events(child_id, child.events))
            for child_id in (self.child_id, *self._other_logs)
            if (child := self.children.get(child_id)) is not None
        }
        return {**self.children, **grown} if grown else self.children

    def _frozen_branch(self, turn: int) -> Branch:
        return Branch(
            self.id,
            self.scope_path,
            self.phase,
            self.state_name,
            self.input,
            self.previous_event_id,
            self.visit.frozen() if self.is_visiting else None,
            self.wake_at,
            self.request,
            self.child_fault,
            turn,
            self.edited,
            self.forced,
            self.map_item,
            self.variables,
            self.child_id,
            self.work,
            self.halted,
        )
