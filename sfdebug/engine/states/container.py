"""What Parallel and Map share: starting branches, gathering outputs, failing when one of them fails."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.execution import Branch, Phase
from sfdebug.engine.execution.visit import Fault, StageName, StageStatus
from sfdebug.engine.execution.work import PreparedWork
from sfdebug.engine.payload import check_size
from sfdebug.engine.states.base import StateProgram
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope
    from sfdebug.engine.execution.events import EventType
    from sfdebug.engine.execution.execution import MapItem
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class ContainerProgram(StateProgram):
    """A state that runs branches. Phases: WORK (about to start them), CHILDREN (they run), then EXIT."""

    branches_stage: StageName
    failed_event: EventType

    @abstractmethod
    def prepare(self, draft: StepDraft) -> PreparedWork:
        """The stages before the branches, and what these are started with."""

    @abstractmethod
    def announce(self, draft: StepDraft, work: PreparedWork) -> int:
        """Emit the event that says the state has started; its id."""

    @abstractmethod
    def start(self, draft: StepDraft, work: PreparedWork, started: int) -> None:
        """Set `draft.work` to running branches, and start those that may run now."""

    @abstractmethod
    def progress(self, draft: StepDraft) -> None:
        """A branch has ended: start the next one, or gather the outputs."""

    def enter(self, draft: StepDraft) -> None:
        """Run the stages before the branches."""
        mark = len(draft.visit.stages)
        work = self.prepare(draft)
        draft.visit.drop_repeated_stages(mark, self.branches_stage, work.input)
        check_size(work.input, draft.settings.max_payload_bytes, self.state.name)
        draft.work = work
        draft.phase = Phase.WORK

    def proceed(self, draft: StepDraft) -> None:
        """Start the branches, or take note of those that have ended or failed."""
        if draft.phase is Phase.SLEEPING or draft.work is None:  # to be tried again, or redriven
            self.enter(draft)
        elif isinstance(draft.work, PreparedWork):
            self._start(draft, draft.work)
        elif draft.child_fault is not None:
            self.fail_children(draft, draft.child_fault)
        else:
            self.progress(draft)

    def start_branch(
        self, draft: StepDraft, index: int, scope: Scope, given: Json, follows: int, map_item: MapItem | None
    ) -> None:
        """Start a branch, whose first event follows that one."""
        branch_id = (*draft.id, (self.state.name, index))
        draft.branches[branch_id] = Branch(
            id=branch_id,
            scope_path=scope.path,
            phase=Phase.READY,
            state_name=scope.start_at,
            input=given,
            previous_event_id=follows,
            turn=draft.execution.turn,
            map_item=map_item,
            variables=draft.variables,
            child_id=draft.child_id,
        )

    def _start(self, draft: StepDraft, work: PreparedWork) -> None:
        started = self.announce(draft, work)
        draft.visit.stage(self.branches_stage, work.input, MISSING, status=StageStatus.WAITING)
        injection = draft.take_injection(self.state.path)
        if injection is not None:
            fault = Fault(injection.error, injection.cause)
            self.announce_injected(draft, work, fault)
            self.fail(draft, fault, StageStatus.INJECTED, Provenance.USER)
            return
        draft.phase = Phase.CHILDREN
        self.start(draft, work, started)

    def announce_injected(self, draft: StepDraft, work: PreparedWork, fault: Fault) -> None:
        """The events that an injected failure leaves before the state's own."""

    def fail_children(self, draft: StepDraft, fault: Fault) -> None:
        """A branch has failed, and with it the state."""
        self.fail(draft, fault, StageStatus.FAILED)

    def gather(
        self,
        draft: StepDraft,
        value: Json,
        result: Json,
        event: EventType,
        provenance: Provenance = Provenance.COMPUTED,
        *,
        follows: int | None = None,
    ) -> None:
        """The branches' outputs become the result; `event` says so, after the branch's last event or `follows`."""
        draft.forget_unfinished()
        succeeded = draft.emit(event, previous=follows, advance=False)
        draft.visit.end_stage(self.branches_stage, value, result, provenance=provenance)
        draft.work = None
        last = draft.previous_event_id
        # Measured on AWS by others: what fails from here on follows the state's Succeeded, its Exited does not.
        draft.previous_event_id = succeeded
        check_size(result, draft.settings.max_payload_bytes, self.state.name)
        draft.ready_to_exit(self.flow.state_output(draft, result), self.state.next)
        draft.previous_event_id = last

    def fail(
        self, draft: StepDraft, fault: Fault, status: StageStatus, provenance: Provenance = Provenance.COMPUTED
    ) -> None:
        """The state fails with `fault`; its Retriers and Catchers are next."""
        waiting = draft.visit.last_stage(self.branches_stage)
        assert waiting is not None
        draft.visit.end_stage(
            self.branches_stage, waiting.before, MISSING, status=status, provenance=provenance, fault=fault
        )
        draft.halted = draft.work
        draft.work = None
        draft.child_fault = None
        draft.raise_fault(fault)
