"""What Parallel and Map share: starting branches, gathering outputs, failing when one of them fails."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import Fault, Stage, StageName, StageStatus
from sfdebug.engine.execution.work import PreparedWork
from sfdebug.engine.payload import check_size
from sfdebug.engine.states.base import StateProgram
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


class ContainerProgram(StateProgram):
    """A state that runs branches. Phases: WORK (about to start them), CHILDREN (they run), then EXIT."""

    branches_stage: StageName

    @abstractmethod
    def prepare(self, move: StepDraft) -> PreparedWork:
        """The stages before the branches, and what these are started with."""

    @abstractmethod
    def announce(self, move: StepDraft, work: PreparedWork) -> int:
        """Emit the event that says the state has started; its id."""

    @abstractmethod
    def start(self, move: StepDraft, work: PreparedWork, started: int) -> None:
        """Set `move.work` to running branches, and start those that may run now."""

    @abstractmethod
    def progress(self, move: StepDraft) -> None:
        """A branch has ended: start the next one, or gather the outputs."""

    def enter(self, move: StepDraft) -> None:
        """Run the stages before the branches."""
        mark = len(move.stages)
        work = self.prepare(move)
        move.drop_repeated_stages(mark, self.branches_stage, work.input)
        check_size(work.input, move.settings.max_payload_bytes, self.state.name)
        move.work = work
        move.phase = Phase.WORK

    def proceed(self, move: StepDraft) -> None:
        """Start the branches, or take note of those that have ended or failed."""
        if move.phase is Phase.SLEEPING or move.work is None:  # to be tried again, or redriven
            self.enter(move)
        elif isinstance(move.work, PreparedWork):
            self._start(move, move.work)
        elif move.child_fault is not None:
            self.fail_children(move, move.child_fault)
        else:
            self.progress(move)

    def _start(self, move: StepDraft, work: PreparedWork) -> None:
        started = self.announce(move, work)
        move.stage(self.branches_stage, work.input, MISSING, status=StageStatus.WAITING)
        injection = move.take_injection(self.state.path)
        if injection is not None:
            fault = Fault(injection.error, injection.cause)
            self.announce_injected(move, work, fault)
            self.fail(move, fault, StageStatus.INJECTED, Provenance.USER)
            return
        move.phase = Phase.CHILDREN
        self.start(move, work, started)

    def announce_injected(self, move: StepDraft, work: PreparedWork, fault: Fault) -> None:
        """The events that an injected failure leaves before the state's own."""

    def fail_children(self, move: StepDraft, fault: Fault) -> None:
        """A branch has failed, and with it the state."""
        self.fail(move, fault, StageStatus.FAILED)

    def gather(
        self,
        move: StepDraft,
        value: Json,
        result: Json,
        event: str,
        provenance: Provenance = Provenance.COMPUTED,
        *,
        follows: int | None = None,
    ) -> None:
        """The branches' outputs become the result; `event` says so, after the branch's last event or `follows`."""
        move.forget_unfinished()
        succeeded = move.emit(event, previous=follows, advance=False)
        move.replace_stage(Stage(self.branches_stage, value, result, attempt=move.tries, provenance=provenance))
        move.work = None
        last = move.previous_event_id
        # Measured on AWS by others: what fails from here on follows the state's Succeeded, its Exited does not.
        move.previous_event_id = succeeded
        check_size(result, move.settings.max_payload_bytes, self.state.name)
        move.ready_to_exit(self.flow.state_output(move, result), self.state.next)
        move.previous_event_id = last

    def fail(
        self, move: StepDraft, fault: Fault, status: StageStatus, provenance: Provenance = Provenance.COMPUTED
    ) -> None:
        """The state fails with `fault`; its Retriers and Catchers are next."""
        waiting = move.last_stage(self.branches_stage)
        assert waiting is not None
        move.replace_stage(
            Stage(
                self.branches_stage,
                waiting.before,
                MISSING,
                status=status,
                attempt=move.tries,
                provenance=provenance,
                fault=fault,
            )
        )
        move.halted = move.work
        move.work = None
        move.child_fault = None
        move.raise_fault(fault)
